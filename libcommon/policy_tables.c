#include "policy_load.h"

#include <stdlib.h>

enum { PRECEDENCE_MAX = 1000000 };

static bool unit_code_valid(const char *code)
{
    return policy_code_valid(code, POLICY_UNIT_CODE_MAX);
}

static bool place_code_valid(const char *code)
{
    return policy_code_valid(code, POLICY_PLACE_CODE_MAX);
}

static bool category_code_valid(const char *code)
{
    return strlen(code) == 6 && strspn(code, "0123456789") == 6;
}

void policy_read_units(struct policy_loader *loader)
{
    enum { CODE, NAME, SHORT_NAME, TYPE, PARENT, QUEUE, ALIASES, VALID_FROM, VALID_TO };
    COLUMNS("code", "name", "short_name", "type", "parent", "queue", "aliases",
            "valid_from", "valid_to");
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    loader->have_units = policy_csv_read(loader, "units.csv", columns, N_COLUMNS, &rows);
    if (!loader->have_units)
        return;
    policy_sort_rows(
            loader, "units.csv", &rows, unit_code_valid, "1 to 31 of a-z, 0-9 and -");
    policy->units = policy_table(loader, rows.n, sizeof *policy->units);
    policy->n_units = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, "units.csv", &rows.items[i]};
        struct unit *unit = &policy->units[i];
        unit->code = rows.items[i].cells[CODE];
        unit->line = rows.items[i].line;
        unit->name = policy_cell_text(&at, NAME, "name", true);
        unit->short_name = policy_cell_text(&at, SHORT_NAME, "short_name", false);
        unit->type = (enum unit_type)policy_cell_word(
                &at, TYPE, "type of unit", unit_type_names, UNIT_TYPE_COUNT);
        unit->aliases = policy_list(loader, rows.items[i].cells[ALIASES]);
        policy_cell_dates(&at, VALID_FROM, VALID_TO, &unit->valid_from, &unit->valid_to);
    }
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, "units.csv", &rows.items[i]};
        struct unit *unit = &policy->units[i];
        const char *const *cells = rows.items[i].cells;
        if (cells[PARENT][0])
            unit->parent = policy_cell_unit(&at, cells[PARENT], "superior");
        unit->queue = cells[QUEUE][0] ? policy_cell_unit(&at, cells[QUEUE],
                                                "unit whose queue it uses")
                                      : unit;
    }
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
        VALID_TO
    };
    COLUMNS("code", "name", "type", "parent", "unit", "property", "estate_type",
            "aliases", "valid_from", "valid_to");
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
    loader->estate_without_firm = policy_table(
            loader, rows.n, sizeof *loader->estate_without_firm);
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, "places.csv", &rows.items[i]};
        struct place *place = &policy->places[i];
        const char *const *cells = rows.items[i].cells;
        place->code = cells[CODE];
        place->line = rows.items[i].line;
        place->name = policy_cell_text(&at, NAME, "name", true);
        place->type = (enum place_type)policy_cell_word(
                &at, TYPE, "type of place", place_type_names, PLACE_TYPE_COUNT);
        if (cells[UNIT][0])
            place->unit = policy_cell_unit(&at, cells[UNIT], "governing unit");
        bool none = strcmp(cells[PROPERTY], "none") == 0;
        loader->estate_without_firm[i] = none;
        if (cells[PROPERTY][0] && !none)
            place->property = policy_cell_unit(&at, cells[PROPERTY], "property firm");
        if (place->type == PLACE_TYPE_ESTATE && !cells[PROPERTY][0])
            policy_problem(loader, "places.csv", place->line,
                    "the estate '%s' names no property firm; write the firm's code, or "
                    "none",
                    place->code);
        if (place->type != PLACE_TYPE_ESTATE && cells[PROPERTY][0])
            policy_problem(loader, "places.csv", place->line,
                    "'%s' is no estate and cannot have a property firm; leave the field "
                    "empty",
                    place->code);
        if (place->property && place->property->type != UNIT_TYPE_PROPERTY)
            policy_problem(loader, "places.csv", place->line,
                    "the property firm '%s' is of the type %s in units.csv",
                    place->property->code, unit_type_names[place->property->type]);
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

static const struct sla_class *sla_of(const struct policy_at *at, const char *name)
{
    const struct sla_class *sla = policy_sla_class(at->loader->policy, str_of(name));
    if (!sla && at->loader->have_sla)
        policy_problem(at->loader, at->file, at->row->line,
                "the SLA class '%s' is not in sla.json", name);
    return sla;
}

void policy_read_categories(struct policy_loader *loader)
{
    enum { CODE, LEVEL1, NAME, URGENCY, NATURE, SLA, PHYSICAL, GRASS_ROOTS };
    COLUMNS("code", "level1", "name", "urgency", "nature", "sla", "physical",
            "grass_roots");
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    loader->have_categories = policy_csv_read(
            loader, "categories.csv", columns, N_COLUMNS, &rows);
    if (!loader->have_categories)
        return;
    policy_sort_rows(loader, "categories.csv", &rows, category_code_valid, "six digits");
    policy->categories = policy_table(loader, rows.n, sizeof *policy->categories);
    policy->n_categories = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, "categories.csv", &rows.items[i]};
        struct category *category = &policy->categories[i];
        category->code = rows.items[i].cells[CODE];
        category->line = rows.items[i].line;
        category->level1 = policy_cell_text(&at, LEVEL1, "level1", true);
        category->name = policy_cell_text(&at, NAME, "name", true);
        category->urgency = (enum urgency)policy_cell_word(
                &at, URGENCY, "urgency", urgency_names, URGENCY_COUNT);
        category->nature = (enum nature)policy_cell_word(
                &at, NATURE, "nature", nature_names, NATURE_COUNT);
        category->sla = sla_of(&at, rows.items[i].cells[SLA]);
        category->physical = policy_cell_yes(&at, PHYSICAL, "answer for physical");
        category->grass_roots = policy_cell_yes(
                &at, GRASS_ROOTS, "answer for grass_roots");
    }
}

static struct party party_of(
        const struct policy_at *at, const char *cell, const char *what)
{
    static const char *const roles[] = {"", "property", "community", "street"};
    struct party party = {0};
    int role = cell[0] ? policy_enum(str_of(cell), roles, 4) : -1;
    if (role > 0)
        party.role = (enum lead_role)role;
    else
        party.unit = policy_cell_unit(at, cell, what);
    return party;
}

/* "zhujian!": mandatory. */
static struct party assist_of(const struct policy_at *at, const char *cell)
{
    size_t length = strlen(cell);
    bool mandatory = length > 0 && cell[length - 1] == '!';
    const char *name = mandatory ? arena_copy(at->loader->arena,
                                           (struct str){cell, length - 1})
                                           .ptr
                                 : cell;
    struct party party = party_of(at, name, "assisting unit");
    party.mandatory = mandatory;
    return party;
}

static void read_catalogue_category(
        const struct policy_at *at, const char *cell, struct catalogue_row *row)
{
    const struct policy *policy = at->loader->policy;
    row->category_prefix = cell;
    row->category = strlen(cell) == 6 ? policy_category(policy, str_of(cell)) : NULL;
    if (row->category || !at->loader->have_categories)
        return;
    for (size_t i = 0; i < policy->n_categories; i++)
        if (str_starts(str_of(policy->categories[i].code), str_of(cell)))
            return;
    policy_problem(at->loader, at->file, at->row->line,
            "no category in categories.csv begins with '%s'", cell);
}

static int by_precedence(const void *a, const void *b)
{
    const struct catalogue_row *x = a, *y = b;
    if (x->precedence != y->precedence)
        return (x->precedence > y->precedence) - (x->precedence < y->precedence);
    return (x->line > y->line) - (x->line < y->line);
}

void policy_read_catalogue(struct policy_loader *loader)
{
    enum {
        ID,
        CATEGORY,
        PLACE_TYPE,
        NEEDS_PLACE,
        LEAD,
        ASSISTS,
        SLA,
        PRECEDENCE,
        VALID_FROM,
        VALID_TO
    };
    COLUMNS("id", "category", "place_type", "needs_place", "lead", "assists", "sla",
            "precedence", "valid_from", "valid_to");
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    loader->have_catalogue = policy_csv_read(
            loader, "catalogue.csv", columns, N_COLUMNS, &rows);
    if (!loader->have_catalogue)
        return;
    policy_check_ids(loader, "catalogue.csv", &rows);
    policy->catalogue = policy_table(loader, rows.n, sizeof *policy->catalogue);
    policy->n_catalogue = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, "catalogue.csv", &rows.items[i]};
        struct catalogue_row *row = &policy->catalogue[i];
        const char *const *cells = rows.items[i].cells;
        row->id = cells[ID];
        row->line = rows.items[i].line;
        read_catalogue_category(&at, cells[CATEGORY], row);
        row->place_type = cells[PLACE_TYPE][0]
                                  ? policy_cell_word(&at, PLACE_TYPE, "type of place",
                                            place_type_names, PLACE_TYPE_COUNT)
                                  : -1;
        row->needs_place = policy_cell_yes(&at, NEEDS_PLACE, "answer for needs_place");
        row->lead = party_of(&at, cells[LEAD], "leading unit");
        struct names assists = policy_list(loader, cells[ASSISTS]);
        if (assists.n > ASSISTS_MAX)
            policy_problem(loader, "catalogue.csv", row->line,
                    "has %zu assisting units; at most %d can be", assists.n, ASSISTS_MAX);
        for (size_t k = 0; k < assists.n && k < ASSISTS_MAX; k++) {
            struct party party = assist_of(&at, assists.items[k]);
            if (party.role != LEAD_UNIT || party.unit)
                row->assists[row->n_assists++] = party;
        }
        row->sla = cells[SLA][0] ? sla_of(&at, cells[SLA]) : NULL;
        row->precedence = policy_cell_number(
                &at, PRECEDENCE, "precedence", 0, PRECEDENCE_MAX);
        policy_cell_dates(&at, VALID_FROM, VALID_TO, &row->valid_from, &row->valid_to);
    }
    if (policy->n_catalogue)
        qsort(policy->catalogue, policy->n_catalogue, sizeof *policy->catalogue,
                by_precedence);
}
