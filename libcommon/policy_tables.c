#include "policy_load.h"

#include <stdlib.h>

static bool unit_code_valid(const char *code)
{
    return policy_code_valid(code, POLICY_UNIT_CODE_MAX);
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

const struct sla_class *policy_cell_sla(const struct policy_at *at, const char *name)
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
        category->sla = policy_cell_sla(&at, rows.items[i].cells[SLA]);
        category->physical = policy_cell_yes(&at, PHYSICAL, "answer for physical");
        category->grass_roots = policy_cell_yes(
                &at, GRASS_ROOTS, "answer for grass_roots");
    }
}
