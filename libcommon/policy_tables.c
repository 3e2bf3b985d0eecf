#include "policy_load.h"

#include <stdlib.h>

enum { WEIGHT_MAX = 100, PRECEDENCE_MAX = 1000000 };

/* One row being read; the checks below report under its file and line. */
struct at {
    struct policy_loader *loader;
    const char *file;
    const struct policy_row *row;
};

#define COLUMNS(...)                                                                     \
    static const char *const columns[] = {__VA_ARGS__};                                  \
    enum { N_COLUMNS = sizeof columns / sizeof columns[0] }

static const char *text_of(
        const struct at *at, int column, const char *name, bool required)
{
    const char *cell = at->row->cells[column];
    if (required && !cell[0])
        policy_problem(
                at->loader, at->file, at->row->line, "the field '%s' is empty", name);
    if (strlen(cell) > POLICY_TEXT_MAX)
        policy_problem(at->loader, at->file, at->row->line,
                "the field '%s' is longer than %d bytes", name, POLICY_TEXT_MAX);
    return cell;
}

/* Reports and returns 0 for an unknown word. */
static int word_of(const struct at *at, int column, const char *name,
        const char *const *words, int n)
{
    const char *cell = at->row->cells[column];
    int i = policy_enum(str_of(cell), words, n);
    if (i >= 0)
        return i;
    char known[200];
    size_t len = 0;
    for (int k = 0; k < n && len < sizeof known; k++)
        len += (size_t)snprintf(
                known + len, sizeof known - len, "%s%s", k ? " " : "", words[k]);
    policy_problem(at->loader, at->file, at->row->line,
            "'%s' is no %s; choose one of: %s", cell, name, known);
    return 0;
}

static bool yes_of(const struct at *at, int column, const char *name)
{
    static const char *const words[] = {"no", "yes"};
    return word_of(at, column, name, words, 2) == 1;
}

static int32_t number_of(
        const struct at *at, int column, const char *name, long min, long max)
{
    const char *cell = at->row->cells[column];
    char *end;
    long value = strtol(cell, &end, 10);
    if (cell[0] && !*end && value >= min && value <= max)
        return (int32_t)value;
    policy_problem(at->loader, at->file, at->row->line,
            "'%s' is no %s; write a whole number from %ld to %ld", cell, name, min, max);
    return (int32_t)min;
}

static void dates_of(
        const struct at *at, int from_column, int to_column, instant *from, instant *to)
{
    const char *const cells[] = {at->row->cells[from_column], at->row->cells[to_column]};
    instant *const out[] = {from, to};
    for (int i = 0; i < 2; i++)
        if (cells[i][0] && !policy_date(str_of(cells[i]), out[i]))
            policy_problem(at->loader, at->file, at->row->line,
                    "'%s' is no date; write it like 2026-11-21", cells[i]);
    if (!instant_is_never(*from) && !instant_is_never(*to) && !instant_before(*from, *to))
        policy_problem(at->loader, at->file, at->row->line,
                "is valid to %s, which is not after %s, the day from which it is valid",
                cells[1], cells[0]);
}

static int by_code(const void *a, const void *b)
{
    const struct policy_row *x = a, *y = b;
    int order = strcmp(x->cells[0], y->cells[0]);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int by_line(const void *a, const void *b)
{
    const struct policy_row *x = a, *y = b;
    return (x->line > y->line) - (x->line < y->line);
}

/* Sorts by the first column; reports codes that are empty, malformed or there twice, and
 * leaves those rows out. */
static void sort_rows(struct policy_loader *loader, const char *file,
        struct policy_rows *rows, bool (*valid)(const char *code), const char *form)
{
    struct policy_rows bad = {
            arena_alloc(loader->arena, rows->n * sizeof *rows->items + 1), 0};
    size_t n = 0;
    if (rows->n)
        qsort(rows->items, rows->n, sizeof *rows->items, by_code);
    for (size_t i = 0; i < rows->n; i++) {
        const struct policy_row *row = &rows->items[i];
        bool twice = n && strcmp(rows->items[n - 1].cells[0], row->cells[0]) == 0;
        if (twice || !valid(row->cells[0]))
            bad.items[bad.n++] = *row;
        else
            rows->items[n++] = *row;
    }
    rows->n = n;
    if (bad.n)
        qsort(bad.items, bad.n, sizeof *bad.items, by_line);
    for (size_t i = 0; i < bad.n; i++) {
        const struct policy_row *row = &bad.items[i], *first = NULL;
        for (size_t k = 0; k < rows->n && !first; k++)
            if (strcmp(rows->items[k].cells[0], row->cells[0]) == 0)
                first = &rows->items[k];
        if (first)
            policy_problem(loader, file, row->line,
                    "the code '%s' stands already in line %d", row->cells[0],
                    first->line);
        else
            policy_problem(loader, file, row->line, "'%s' is no code; write %s",
                    row->cells[0], form);
    }
}

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

static bool id_valid(const char *id)
{
    return id[0] != 0 && strlen(id) <= 64;
}

static void *table(struct policy_loader *loader, size_t n, size_t size)
{
    void *items = arena_alloc(loader->arena, n * size + 1);
    memset(items, 0, n * size);
    return items;
}

/* The unit of that code; NULL, reported, when there is none. */
static const struct unit *unit_of(const struct at *at, const char *code, const char *what)
{
    const struct unit *unit = policy_unit(at->loader->policy, str_of(code));
    if (!unit && at->loader->have_units)
        policy_problem(at->loader, at->file, at->row->line,
                "the %s '%s' is not in units.csv", what, code);
    return unit;
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
    sort_rows(loader, "units.csv", &rows, unit_code_valid, "1 to 31 of a-z, 0-9 and -");
    policy->units = table(loader, rows.n, sizeof *policy->units);
    policy->n_units = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct at at = {loader, "units.csv", &rows.items[i]};
        struct unit *unit = &policy->units[i];
        unit->code = rows.items[i].cells[CODE];
        unit->line = rows.items[i].line;
        unit->name = text_of(&at, NAME, "name", true);
        unit->short_name = text_of(&at, SHORT_NAME, "short_name", false);
        unit->type = (enum unit_type)word_of(
                &at, TYPE, "type of unit", unit_type_names, UNIT_TYPE_COUNT);
        unit->aliases = policy_list(loader, rows.items[i].cells[ALIASES]);
        dates_of(&at, VALID_FROM, VALID_TO, &unit->valid_from, &unit->valid_to);
    }
    for (size_t i = 0; i < rows.n; i++) {
        struct at at = {loader, "units.csv", &rows.items[i]};
        struct unit *unit = &policy->units[i];
        const char *const *cells = rows.items[i].cells;
        if (cells[PARENT][0])
            unit->parent = unit_of(&at, cells[PARENT], "superior");
        unit->queue = cells[QUEUE][0]
                              ? unit_of(&at, cells[QUEUE], "unit whose queue it uses")
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
    sort_rows(loader, "places.csv", &rows, place_code_valid, "1 to 63 of a-z, 0-9 and -");
    policy->places = table(loader, rows.n, sizeof *policy->places);
    policy->n_places = rows.n;
    loader->estate_without_firm = table(
            loader, rows.n, sizeof *loader->estate_without_firm);
    for (size_t i = 0; i < rows.n; i++) {
        struct at at = {loader, "places.csv", &rows.items[i]};
        struct place *place = &policy->places[i];
        const char *const *cells = rows.items[i].cells;
        place->code = cells[CODE];
        place->line = rows.items[i].line;
        place->name = text_of(&at, NAME, "name", true);
        place->type = (enum place_type)word_of(
                &at, TYPE, "type of place", place_type_names, PLACE_TYPE_COUNT);
        if (cells[UNIT][0])
            place->unit = unit_of(&at, cells[UNIT], "governing unit");
        bool none = strcmp(cells[PROPERTY], "none") == 0;
        loader->estate_without_firm[i] = none;
        if (cells[PROPERTY][0] && !none)
            place->property = unit_of(&at, cells[PROPERTY], "property firm");
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
        place->estate_type = estate_types[word_of(
                &at, ESTATE_TYPE, "type of estate", estate_types, 4)];
        place->aliases = policy_list(loader, cells[ALIASES]);
        dates_of(&at, VALID_FROM, VALID_TO, &place->valid_from, &place->valid_to);
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

static const struct sla_class *sla_of(const struct at *at, const char *name)
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
    sort_rows(loader, "categories.csv", &rows, category_code_valid, "six digits");
    policy->categories = table(loader, rows.n, sizeof *policy->categories);
    policy->n_categories = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct at at = {loader, "categories.csv", &rows.items[i]};
        struct category *category = &policy->categories[i];
        category->code = rows.items[i].cells[CODE];
        category->line = rows.items[i].line;
        category->level1 = text_of(&at, LEVEL1, "level1", true);
        category->name = text_of(&at, NAME, "name", true);
        category->urgency = (enum urgency)word_of(
                &at, URGENCY, "urgency", urgency_names, URGENCY_COUNT);
        category->nature = (enum nature)word_of(
                &at, NATURE, "nature", nature_names, NATURE_COUNT);
        category->sla = sla_of(&at, rows.items[i].cells[SLA]);
        category->physical = yes_of(&at, PHYSICAL, "answer for physical");
        category->grass_roots = yes_of(&at, GRASS_ROOTS, "answer for grass_roots");
    }
}

/* Ids need not be sorted; each stands once. */
static void check_ids(
        struct policy_loader *loader, const char *file, const struct policy_rows *rows)
{
    struct policy_rows copy = {
            arena_alloc(loader->arena, rows->n * sizeof *rows->items + 1), rows->n};
    if (rows->n)
        memcpy(copy.items, rows->items, rows->n * sizeof *rows->items);
    sort_rows(loader, file, &copy, id_valid, "1 to 64 characters");
}

static int rule_target(const struct at *at, enum rule_kind kind, const char *cell)
{
    static const char *const lines[] = {"110", "119", "120", "122"};
    struct policy_loader *loader = at->loader;
    const struct category *category;
    int target = -1;
    switch (kind) {
    case RULE_CATEGORY:
        category = policy_category(loader->policy, str_of(cell));
        if (category)
            return (int)(category - loader->policy->categories);
        if (loader->have_categories)
            policy_problem(loader, at->file, at->row->line,
                    "the category '%s' is not in categories.csv", cell);
        return 0;
    case RULE_URGENCY:
        target = policy_enum(str_of(cell), urgency_names, URGENCY_N);
        break;
    case RULE_NATURE:
        target = policy_enum(str_of(cell), nature_names, NATURE_COUNT);
        break;
    case RULE_EXIT:
        target = policy_enum(str_of(cell), lines, 4);
        if (target >= 0)
            target = (int)strtol(cell, NULL, 10);
        break;
    case RULE_KIND_COUNT:
        break;
    }
    if (target < 0)
        policy_problem(loader, at->file, at->row->line,
                "'%s' is no target for a rule of kind %s", cell, rule_kind_names[kind]);
    return target < 0 ? 0 : target;
}

void policy_read_rules(struct policy_loader *loader)
{
    enum { ID, KIND, TARGET, ANY, ALL, NONE, WEIGHT };
    COLUMNS("id", "kind", "target", "any", "all", "none", "weight");
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    if (!policy_csv_read(loader, "rules.csv", columns, N_COLUMNS, &rows))
        return;
    check_ids(loader, "rules.csv", &rows);
    policy->rules = table(loader, rows.n, sizeof *policy->rules);
    policy->n_rules = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct at at = {loader, "rules.csv", &rows.items[i]};
        struct rule *rule = &policy->rules[i];
        const char *const *cells = rows.items[i].cells;
        rule->id = cells[ID];
        rule->line = rows.items[i].line;
        int kind = policy_enum(str_of(cells[KIND]), rule_kind_names, RULE_KIND_COUNT);
        rule->kind = (enum rule_kind)word_of(
                &at, KIND, "kind of rule", rule_kind_names, RULE_KIND_COUNT);
        if (kind >= 0)
            rule->target = rule_target(&at, rule->kind, cells[TARGET]);
        rule->any = policy_list(loader, cells[ANY]);
        rule->all = policy_list(loader, cells[ALL]);
        rule->none = policy_list(loader, cells[NONE]);
        rule->weight = number_of(&at, WEIGHT, "weight", 1, WEIGHT_MAX);
        if (rule->any.n == 0)
            policy_problem(loader, "rules.csv", rule->line,
                    "the rule '%s' has no words in 'any' and can never hold", rule->id);
    }
}

static struct party party_of(const struct at *at, const char *cell, const char *what)
{
    static const char *const roles[] = {"", "property", "community", "street"};
    struct party party = {0};
    int role = cell[0] ? policy_enum(str_of(cell), roles, 4) : -1;
    if (role > 0)
        party.role = (enum lead_role)role;
    else
        party.unit = unit_of(at, cell, what);
    return party;
}

static void read_catalogue_category(
        const struct at *at, const char *cell, struct catalogue_row *row)
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
    check_ids(loader, "catalogue.csv", &rows);
    policy->catalogue = table(loader, rows.n, sizeof *policy->catalogue);
    policy->n_catalogue = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct at at = {loader, "catalogue.csv", &rows.items[i]};
        struct catalogue_row *row = &policy->catalogue[i];
        const char *const *cells = rows.items[i].cells;
        row->id = cells[ID];
        row->line = rows.items[i].line;
        read_catalogue_category(&at, cells[CATEGORY], row);
        row->place_type = cells[PLACE_TYPE][0]
                                  ? word_of(&at, PLACE_TYPE, "type of place",
                                            place_type_names, PLACE_TYPE_COUNT)
                                  : -1;
        row->needs_place = yes_of(&at, NEEDS_PLACE, "answer for needs_place");
        row->lead = party_of(&at, cells[LEAD], "leading unit");
        struct names assists = policy_list(loader, cells[ASSISTS]);
        if (assists.n > ASSISTS_MAX)
            policy_problem(loader, "catalogue.csv", row->line,
                    "has %zu assisting units; at most %d can be", assists.n, ASSISTS_MAX);
        for (size_t k = 0; k < assists.n && k < ASSISTS_MAX; k++) {
            struct party party = party_of(&at, assists.items[k], "assisting unit");
            if (party.role != LEAD_UNIT || party.unit)
                row->assists[row->n_assists++] = party;
        }
        row->sla = cells[SLA][0] ? sla_of(&at, cells[SLA]) : NULL;
        row->precedence = number_of(&at, PRECEDENCE, "precedence", 0, PRECEDENCE_MAX);
        dates_of(&at, VALID_FROM, VALID_TO, &row->valid_from, &row->valid_to);
    }
    if (policy->n_catalogue)
        qsort(policy->catalogue, policy->n_catalogue, sizeof *policy->catalogue,
                by_precedence);
}
