/* levels.csv and places.csv: the tree of places. */
#include "policy_load.h"

#include <stdlib.h>

/* ---- levels.csv ---- */

static const char part[] = "part"; /* of the place it lies in */

static bool level_name_valid(const char *name)
{
    return name[0] && strlen(name) <= POLICY_LEVEL_NAME_MAX &&
           policy_enum(str_of(name), place_type_names, PLACE_TYPE_COUNT) < 0;
}

void policy_read_levels(struct policy_loader *loader)
{
    enum { NAME, LIKE };
    COLUMNS("name", "like");
    const char *words[PLACE_TYPE_COUNT + 1];
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    if (!policy_csv_read_some(loader, "levels.csv", columns, N_COLUMNS, &rows))
        return;
    for (int i = 0; i < PLACE_TYPE_COUNT; i++)
        words[i] = place_type_names[i];
    words[PLACE_TYPE_COUNT] = part;
    policy_sort_rows(loader, "levels.csv", &rows, level_name_valid,
            "a name of at most 40 bytes that is none of the seven kinds");
    policy->levels = policy_table(loader, rows.n, sizeof *policy->levels);
    policy->n_levels = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, "levels.csv", &rows.items[i]};
        int like = policy_cell_word(
                &at, LIKE, "kind of place", words, PLACE_TYPE_COUNT + 1);
        policy->levels[i] = (struct place_level){.name = rows.items[i].cells[NAME],
                .like = like == PLACE_TYPE_COUNT ? PLACE_TYPE_DISTRICT
                                                 : (enum place_type)like,
                .part = like == PLACE_TYPE_COUNT};
    }
}

/* ---- places.csv ---- */

static bool place_code_valid(const char *code)
{
    return policy_code_valid(code, POLICY_PLACE_CODE_MAX);
}

enum place_type policy_cell_place_type(
        const struct policy_at *at, int column, const struct place_level **level)
{
    *level = policy_level(at->loader->policy, str_of(at->row->cells[column]));
    if (*level)
        return (*level)->like;
    return (enum place_type)policy_cell_word(
            at, column, "type of place", place_type_names, PLACE_TYPE_COUNT);
}

/* The property firm and the owners' committee: estates have them. */
static void read_keepers(const struct policy_at *at, const char *firm,
        const char *committee, struct place *place)
{
    struct policy_loader *loader = at->loader;
    bool none = strcmp(firm, "none") == 0;
    bool estate = place->type == PLACE_TYPE_ESTATE;
    if (firm[0] && !none)
        place->property = policy_cell_unit(at, firm, "property firm");
    if (estate && !firm[0])
        policy_problem(loader, "places.csv", place->line,
                "the estate '%s' names no property firm; write the firm's code, or "
                "none",
                place->code);
    if (!estate && firm[0])
        policy_problem(loader, "places.csv", place->line,
                "'%s' is no estate and cannot have a property firm; leave the field "
                "empty",
                place->code);
    if (place->property && place->property->type != UNIT_TYPE_PROPERTY)
        policy_problem(loader, "places.csv", place->line,
                "the property firm '%s' is of the type %s in units.csv",
                place->property->code, unit_type_names[place->property->type]);
    if (committee[0])
        place->committee = policy_cell_unit(at, committee, "owners' committee");
    if (committee[0] && !estate)
        policy_problem(loader, "places.csv", place->line,
                "'%s' is no estate and cannot have an owners' committee", place->code);
}

/* Who built it answers for its defects until the warranty ends. */
static void read_warranty(
        const struct policy_at *at, int developer, int warranty_to, struct place *place)
{
    struct policy_loader *loader = at->loader;
    const char *code = at->row->cells[developer];
    policy_cell_date(at, warranty_to, &place->warranty_to);
    if (!code[0] && !instant_is_never(place->warranty_to))
        policy_problem(loader, "places.csv", place->line,
                "'%s' has a warranty and no developer", place->code);
    if (!code[0])
        return;
    place->developer = policy_cell_unit(at, code, "developer");
    if (place->type != PLACE_TYPE_ESTATE)
        policy_problem(loader, "places.csv", place->line,
                "'%s' is no estate and cannot have a developer", place->code);
    if (place->developer && place->developer->type != UNIT_TYPE_DEVELOPER)
        policy_problem(loader, "places.csv", place->line,
                "the developer '%s' is of the type %s in units.csv",
                place->developer->code, unit_type_names[place->developer->type]);
}

void policy_read_places(struct policy_loader *loader)
{
    enum {
        CODE,
        NAME,
        TYPE,
        PARENT,
        UNIT,
        PROPERTY,
        ESTATE_TYPE,
        ALIASES,
        VALID_FROM,
        VALID_TO,
        COMMITTEE,
        DEVELOPER,
        WARRANTY_TO
    };
    COLUMNS("code", "name", "type", "parent", "unit", "property", "estate_type",
            "aliases", "valid_from", "valid_to", "?committee", "?developer",
            "?warranty_to");
    static const char *const estate_types[] = {
            "", "open_old", "commodity", "resettlement"};
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    loader->have_places = policy_csv_read(
            loader, "places.csv", columns, N_COLUMNS, &rows);
    if (!loader->have_places)
        return;
    policy_sort_rows(
            loader, "places.csv", &rows, place_code_valid, "1 to 63 of a-z, 0-9 and -");
    policy->places = policy_table(loader, rows.n, sizeof *policy->places);
    policy->n_places = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, "places.csv", &rows.items[i]};
        struct place *place = &policy->places[i];
        const char *const *cells = rows.items[i].cells;
        place->code = cells[CODE];
        place->line = rows.items[i].line;
        place->name = policy_cell_text(&at, NAME, "name", true);
        place->type = policy_cell_place_type(&at, TYPE, &place->level);
        if (cells[UNIT][0])
            place->unit = policy_cell_unit(&at, cells[UNIT], "governing unit");
        read_keepers(&at, cells[PROPERTY], cells[COMMITTEE], place);
        read_warranty(&at, DEVELOPER, WARRANTY_TO, place);
        place->estate_type = estate_types[policy_cell_word(
                &at, ESTATE_TYPE, "type of estate", estate_types, 4)];
        place->aliases = policy_list(loader, cells[ALIASES]);
        policy_cell_dates(
                &at, VALID_FROM, VALID_TO, &place->valid_from, &place->valid_to);
    }
    for (size_t i = 0; i < rows.n; i++) {
        const char *parent = rows.items[i].cells[PARENT];
        if (!parent[0])
            continue;
        policy->places[i].parent = policy_place(policy, str_of(parent));
        if (!policy->places[i].parent)
            policy_problem(loader, "places.csv", rows.items[i].line,
                    "the place above it, '%s', is not in places.csv", parent);
    }
}

/* ---- what only shows when the whole tree is seen ---- */

/* A part is of the kind of what it lies in, and its firm and committee are the same. */
static void settle_part(struct policy_loader *loader, struct place *place)
{
    const struct place *whole = place;
    while (whole && place_is_part(whole))
        whole = whole->parent;
    if (!whole) {
        policy_problem(loader, "places.csv", place->line,
                "'%s' is of the type '%s', a part, and lies in no place; write the one "
                "above it",
                place->code, place->level->name);
        return;
    }
    place->type = whole->type;
    place->property = whole->property;
    place->committee = whole->committee;
    place->developer = whole->developer;
    place->warranty_to = whole->warranty_to;
    place->estate_type = whole->estate_type;
}

void policy_check_places(struct policy_loader *loader)
{
    struct policy *policy = loader->policy;
    for (size_t i = 0; i < policy->n_places; i++) {
        struct place *place = &policy->places[i];
        int depth = 0;
        for (const struct place *at = place; at; at = at->parent)
            depth++;
        if (depth > PLACE_DEPTH_MAX)
            policy_problem(loader, "places.csv", place->line,
                    "'%s' lies %d places deep; a complaint's path holds %d", place->code,
                    depth, PLACE_DEPTH_MAX);
        if (place_is_part(place))
            settle_part(loader, place);
    }
}
