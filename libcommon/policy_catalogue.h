/* Of the policy: who leads and who assists, by category, place and time; who owns what
 * stands in the street. */
#ifndef CHUISHAO_POLICY_CATALOGUE_H
#define CHUISHAO_POLICY_CATALOGUE_H

#include "policy_categories.h"
#include "policy_places.h"

/* catalogue.csv 派单目录: the first row by precedence (lower first) that fits leads. */
enum lead_role {
    LEAD_UNIT,
    LEAD_PROPERTY,
    LEAD_COMMITTEE, /* 业主委员会 of the estate */
    LEAD_DEVELOPER, /* 建设单位 of the estate, within the warranty */
    LEAD_GRID,      /* 网格服务队 of the nearest grid */
    LEAD_COMMUNITY,
    LEAD_STREET,
    LEAD_OWNER /* 产权单位 of the asset that the row names */
};

struct party {
    enum lead_role role;     /* "property", "committee", "grid", "community", "street" by
                                place, "owner" of the asset, or a unit's code */
    const struct unit *unit; /* of LEAD_UNIT */
    bool mandatory; /* of an assisting one: nothing is submitted before its part is done
                     */
};

enum { ASSISTS_MAX = 6 };

/* When a row holds: by the hour at which it happened, or by whether offices are open when
 * we receive it. */
enum row_hours { HOURS_ALWAYS, HOURS_WORK, HOURS_OFF, HOURS_SPAN };

struct catalogue_row {
    const char *id;
    const struct category *category; /* NULL: every category of category_prefix */
    const char *category_prefix;     /* "05", "0501", "" = all */
    int place_type; /* a place_type, or -1: any, with or without a place */
    const struct place_level *place_level; /* only places of this level; NULL: any of that
                                              type */
    bool needs_place;                      /* without a known place a human decides */
    unsigned urgencies;                    /* one bit for each enum urgency; 0: any */
    const char *estate_type;               /* of the estate; "": any, or no estate */
    enum row_hours hours; /* work: office hours 工作时 of the calendar; off: the others */
    int32_t from, to;     /* HOURS_SPAN: minutes of the day; from > to: over midnight */
    const char *asset;    /* a kind of assets.csv, whose owner leads; "": none */
    struct party lead;
    struct party assists[ASSISTS_MAX];
    int n_assists;
    const struct sla_class *sla; /* NULL: the category's */
    int32_t precedence;
    instant valid_from, valid_to;
    int line;
};

/* assets.csv 部件权属: who owns what stands in the street; in file order. */
struct asset {
    const char *id, *kind;     /* manhole 井盖, pole 杆线, hydrant 消火栓 … */
    const struct place *place; /* NULL: anywhere */
    struct names marks;        /* words on it that tell the owner; none: any */
    const struct unit *owner;
    instant valid_from, valid_to;
    int line;
};

struct policy;

/* What a row of the catalogue is held against. */
struct catalogue_query {
    const struct category *category;
    const struct place *place; /* NULL: not known */
    enum urgency urgency;
    instant at;       /* of the event: whose it was then */
    instant received; /* by us: whether an office is open to take it */
    struct str text;  /* the marks of an asset's owner are looked for in it */
};

/* The row is valid then and meant for that category, kind of place and time. Without a
 * known place (NULL) a row for one type of place fits only when it needs a place, because
 * then a human has to find it. */
bool catalogue_fits(const struct policy *policy, const struct catalogue_row *row,
        const struct catalogue_query *query);

/* The unit that a party means at place (NULL: not known), by the places that were valid
 * then; NULL when there is none. */
const struct unit *party_unit(
        const struct party *party, const struct place *place, instant at);

/* Who leads by this row: the same, or the owner of its asset. NULL when there is none. */
const struct unit *catalogue_lead(const struct policy *policy,
        const struct catalogue_row *row, const struct catalogue_query *query);

#endif
