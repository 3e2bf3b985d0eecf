/* The policy: who owns what, by when. A directory of files, validated as a whole,
 * read-only once loaded, with a version that stands on every decision. File formats:
 * policy/README.md. What a row of each is: policy_units.h, policy_places.h and so on.
 * Everything in it lives until policy_free. */
#ifndef CHUISHAO_POLICY_H
#define CHUISHAO_POLICY_H

#include "calendar.h"
#include "error.h"
#include "instant.h"
#include "policy_catalogue.h"
#include "policy_categories.h"
#include "policy_contacts.h"
#include "policy_places.h"
#include "policy_pool.h"
#include "policy_rules.h"
#include "policy_schedule.h"
#include "policy_sla.h"
#include "policy_units.h"
#include "policy_whistle.h"
#include "str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { POLICY_MODEL_NO_CATEGORY = -1 };
#define POLICY_MODEL_RULE "model" /* as what it stands in evidence */

struct policy {
    const char *version; /* "<name>@<first 12 hex digits of SHA-256 over all files>" */
    const char *name;
    const struct unit *desk;     /* the hotline desk */
    const struct unit *district; /* the root */
    int32_t confidence_min;      /* percent: below it a human decides */
    int32_t merge_window_hours;  /* same place and category within it: perhaps the same
                                    matter */
    int32_t merge_similarity;    /* percent */
    int32_t merge_similarity_same_person; /* percent, when the same person says it again
                                           */
    struct handling handling;
    struct contact *contacts; /* units' by code, then places' by code; of one in file
                                 order */
    size_t n_contacts;
    struct absence *absences; /* sorted by staff */
    size_t n_absences;
    struct unit *units; /* sorted by code */
    size_t n_units;
    struct place_level *levels; /* sorted by name */
    size_t n_levels;
    struct place *places; /* sorted by code */
    size_t n_places;
    struct house_numbers *house_numbers; /* sorted by road, then from */
    size_t n_house_numbers;
    struct geo *geo;             /* geo.h; NULL: no boundaries.geojson */
    struct boundary *boundaries; /* in file order */
    size_t n_boundaries;
    struct category *categories; /* sorted by code */
    size_t n_categories;
    struct rule *rules; /* in file order */
    size_t n_rules;
    struct asset *assets; /* in file order */
    size_t n_assets;
    struct catalogue_row *catalogue; /* sorted by precedence, then line */
    size_t n_catalogue;
    struct sla_class *sla_classes; /* sorted by name */
    size_t n_sla_classes;
    struct calendar calendar;
    const char **holidays; /* by day as in the calendar: what its yearly file calls it, or
                              NULL */
    struct pool *pools;    /* sorted by code */
    size_t n_pools;
    struct schedule *schedules; /* sorted by id */
    size_t n_schedules;
    struct whistle_rules whistle;
    const struct points_book *points; /* points.h; NULL: no ledger.json */
    struct textmodel *model;          /* textmodel.h; NULL: no model.bin */
    const int32_t *model_category;    /* by label of the model: index into categories, or
                                         POLICY_MODEL_NO_CATEGORY */
    struct arena *arena;              /* owns all of the above */
};

/* Problems and warnings, one per line "file:line: sentence", in the order found. */
struct policy_report {
    size_t n_problems, n_warnings;
    FILE *out; /* where they are printed; NULL: only counted */
};

/* Loads and validates everything; false (ERR_FATAL bad_policy) when there was any
 * problem. `now` decides whether the coming year's calendar is missed. */
MUST_USE bool policy_load(struct policy **out, const char *dir, instant now,
        struct policy_report *report, struct error *err);
void policy_free(struct policy *policy);

/* NULL when there is none. */
const struct unit *policy_unit(const struct policy *policy, struct str code);
const struct place *policy_place(const struct policy *policy, struct str code);
const struct place_level *policy_level(const struct policy *policy, struct str name);
const struct category *policy_category(const struct policy *policy, struct str code);
const struct sla_class *policy_sla_class(const struct policy *policy, struct str name);
const struct pool *policy_pool(const struct policy *policy, struct str code);
const struct schedule *policy_schedule(const struct policy *policy, struct str id);

/* By its code, name, short name or an alias; NULL: none. */
const struct unit *policy_unit_named(const struct policy *policy, struct str name);

/* What the yearly files call a holiday, or a day worked instead of one; "" when they list
 * no such day. */
const char *policy_holiday(const struct policy *policy, int32_t day);

/* Whom to name at that instant: who is on duty for the unit, then for the nearest place
 * at or above `place` where anybody is; NULL: asks for none. Who is absent is replaced by
 * the cover, by the cover's cover when that one is away, too; nobody is named twice. How
 * many went to out, at most max. */
size_t policy_contacts(const struct policy *policy, const struct unit *unit,
        const struct place *place, instant at, struct contact_person *out, size_t max);

/* The rows of the road, NULL and *n = 0 when there are none. */
const struct house_numbers *policy_house_numbers(
        const struct policy *policy, const char *road, size_t *n);

/* The places whose boundaries of that instant hold the point, in no order; at most max go
 * to out, returns how many. Coordinates are WGS 84 degrees. One thread at a time; GEOS
 * allocates (geo.h). policy_boundaries.c */
size_t policy_places_at(const struct policy *policy, double lon, double lat, instant at,
        const struct place **out, size_t max);

#endif
