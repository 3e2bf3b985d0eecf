/* boundaries.geojson, optional: where places lie (RFC 7946, FeatureCollection). */
#include "geo.h"
#include "policy_load.h"

#include <jansson.h>
#include <stdlib.h>

static const char file_name[] = "boundaries.geojson";

struct reading {
    struct policy_loader *loader;
    struct policy_source source; /* from the feature at hand on */
    int line;                    /* of the feature at hand */
    struct boundary *boundaries;
    size_t n;
};

/* Every feature has a "type": "Feature" of its own. */
static void go_to_next(struct reading *r)
{
    size_t before = r->source.from;
    r->source.from += before != 0;
    const struct str text = r->source.text;
    size_t at = r->source.from + str_find((struct str){text.ptr + r->source.from,
                                                  text.len - r->source.from},
                                         STR("\"Feature\""));
    for (size_t i = before; i < at; i++)
        r->line += text.ptr[i] == '\n';
    r->source.from = at;
}

/* GEOS reads two numbers a position; a height is of no use here. */
static void drop_heights(json_t *coordinates)
{
    size_t i;
    json_t *item;
    if (json_is_number(json_array_get(coordinates, 0))) {
        while (json_array_size(coordinates) > 2)
            (void)json_array_remove(coordinates, 2); /* it is there */
        return;
    }
    json_array_foreach(coordinates, i, item) drop_heights(item);
}

/* "" for what is not there; NULL, reported, for what is no text. */
static const char *text_of(
        const struct reading *r, const json_t *properties, const char *key)
{
    const json_t *value = json_object_get(properties, key);
    if (!value || json_is_null(value))
        return "";
    if (!json_is_string(value))
        policy_problem(r->loader, file_name, r->line, "'%s' must be text in quotes", key);
    return json_string_value(value);
}

static const struct place *place_of(const struct reading *r, const json_t *properties)
{
    const char *code = text_of(r, properties, "code");
    const struct place *place = policy_place(r->loader->policy, str_of(code));
    if (code && !code[0])
        policy_problem(r->loader, file_name, r->line,
                "the feature has no property 'code', the code of its place");
    else if (code && !place && r->loader->have_places)
        policy_problem(r->loader, file_name, r->line,
                "the place '%s' is not in places.csv", code);
    return place;
}

static bool add_shape(const struct reading *r, const struct place *place, json_t *shape)
{
    struct error err = {0};
    drop_heights(json_object_get(shape, "coordinates"));
    char *text = json_dumps(shape, JSON_COMPACT);
    bool done = geo_add(r->loader->policy->geo, text ? text : "", &err);
    free(text);
    if (!done)
        policy_problem(r->loader, file_name, r->line, "the boundary of '%s' %s",
                place->code, err.text);
    return done;
}

static void read_feature(struct reading *r, const json_t *feature)
{
    const json_t *properties = json_object_get(feature, "properties");
    struct boundary *boundary = &r->boundaries[r->n];
    const char *const dates[] = {
            text_of(r, properties, "valid_from"), text_of(r, properties, "valid_to")};
    *boundary = (struct boundary){.place = place_of(r, properties), .line = r->line};
    if (dates[0] && dates[1]) {
        const char *cells[] = {dates[0], dates[1]};
        const struct policy_row row = {r->line, cells};
        const struct policy_at at = {r->loader, file_name, &row};
        policy_cell_dates(&at, 0, 1, &boundary->valid_from, &boundary->valid_to);
    }
    if (boundary->place &&
            add_shape(r, boundary->place, json_object_get(feature, "geometry")))
        r->n++;
}

void policy_read_boundaries(struct policy_loader *loader)
{
    struct policy *policy = loader->policy;
    struct reading r = {
            .loader = loader, .source = {.loader = loader, .file = file_name}, .line = 1};
    json_t *root = policy_json_open(&r.source, false);
    const json_t *features = json_object_get(root, "features");
    const char *type = json_string_value(json_object_get(root, "type"));
    if (root &&
            (!type || strcmp(type, "FeatureCollection") != 0 || !json_is_array(features)))
        policy_problem(loader, file_name, 1,
                "must be a FeatureCollection with a list of 'features' (RFC 7946)");
    else if (root) {
        size_t n = json_array_size(features);
        policy->geo = geo_open();
        policy->boundaries = r.boundaries = policy_table(
                loader, n, sizeof *policy->boundaries);
        for (size_t i = 0; i < n; i++) {
            go_to_next(&r);
            read_feature(&r, json_array_get(features, i));
        }
        policy->n_boundaries = r.n;
    }
    json_decref(root);
}

/* ---- lint ---- */

/* What two neighbours drawn by hand share is less. */
static const double SLIVER = 0.02;

static bool meet(const struct boundary *a, const struct boundary *b)
{
    return policy_periods_meet(a->valid_from, a->valid_to, b->valid_from, b->valid_to);
}

static void check_pair(struct policy_loader *loader, uint32_t first, uint32_t second)
{
    const struct boundary *a = &loader->policy->boundaries[first],
                          *b = &loader->policy->boundaries[second];
    if (!meet(a, b))
        return;
    if (a->place == b->place) {
        policy_problem(loader, file_name, b->line,
                "'%s' has another boundary at the same time in line %d; of several "
                "parts make one MultiPolygon",
                b->place->code, a->line);
        return;
    }
    if (a->place->type != b->place->type || place_within(a->place, b->place) ||
            place_within(b->place, a->place))
        return;
    double shared = geo_shared(loader->policy->geo, first, second);
    if (shared > SLIVER)
        policy_warning(loader, file_name, b->line,
                "'%s' and '%s' (line %d) overlap: a point in the %d percent of the "
                "smaller one that they share is in neither, but in what holds both",
                b->place->code, a->place->code, a->line, (int)(shared * 100));
}

/* Its boundaries have run out, but it has not. */
static void check_expired(struct policy_loader *loader, size_t last)
{
    const struct policy *policy = loader->policy;
    const struct boundary *expired = &policy->boundaries[last];
    if (instant_is_never(expired->valid_to) ||
            instant_before(loader->now, expired->valid_to) ||
            !place_valid_at(expired->place, loader->now))
        return;
    for (size_t i = 0; i < policy->n_boundaries; i++) {
        const struct boundary *other = &policy->boundaries[i];
        bool later = instant_is_never(other->valid_to) ||
                     instant_before(expired->valid_to, other->valid_to);
        if (other->place == expired->place &&
                (later || (i > last && meet(other, expired))))
            return;
    }
    policy_warning(loader, file_name, expired->line,
            "the boundary of '%s' is not valid any more and there is none after it",
            expired->place->code);
}

void policy_check_boundaries(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    size_t max = policy->n_boundaries;
    uint32_t *near = arena_alloc(loader->arena, (max + 1) * sizeof *near);
    for (uint32_t i = 0; i < max; i++) {
        size_t n = geo_near(policy->geo, i, near, max);
        for (size_t k = 0; k < n; k++)
            if (near[k] < i)
                check_pair(loader, near[k], i);
        check_expired(loader, i);
    }
}

/* ---- use ---- */

size_t policy_places_at(const struct policy *policy, double lon, double lat, instant at,
        const struct place **out, size_t max)
{
    enum { AREAS_MAX = 256 }; /* around one point, of all times */
    uint32_t areas[AREAS_MAX];
    size_t n = 0,
           n_areas = policy->geo ? geo_at(policy->geo, lon, lat, areas, AREAS_MAX) : 0;
    for (size_t i = 0; i < n_areas && n < max; i++) {
        const struct boundary *boundary = &policy->boundaries[areas[i]];
        if (boundary_valid_at(boundary, at))
            out[n++] = boundary->place;
    }
    return n;
}
