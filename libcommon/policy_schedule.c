/* schedules.csv: orders that recur. */
#include "policy_load.h"

enum { CATCH_UP_MAX = 31 };

static bool schedule_id_valid(const char *id)
{
    return policy_code_valid(id, POLICY_UNIT_CODE_MAX);
}

static const struct category *category_of(const struct policy_at *at, const char *cell)
{
    const struct category *category = policy_category(at->loader->policy, str_of(cell));
    if (!category && at->loader->have_categories)
        policy_problem(at->loader, at->file, at->row->line,
                "the category '%s' is not in categories.csv", cell);
    return category;
}

static const struct place *place_of(const struct policy_at *at, const char *cell)
{
    const struct place *place = policy_place(at->loader->policy, str_of(cell));
    if (cell[0] && !place && at->loader->have_places)
        policy_problem(at->loader, at->file, at->row->line,
                "the place '%s' is not in places.csv", cell);
    return place;
}

static const struct unit *handler_of(
        const struct policy_at *at, const char *code, const char *what)
{
    const struct unit *unit = policy_cell_unit(at, code, what);
    if (unit && (unit->type == UNIT_TYPE_DESK || unit->type == UNIT_TYPE_DISTRICT))
        policy_problem(at->loader, at->file, at->row->line,
                "the %s '%s' is of the type %s and handles no orders", what, code,
                unit_type_names[unit->type]);
    return unit;
}

static void read_assists(
        const struct policy_at *at, const char *cell, struct schedule *schedule)
{
    struct names codes = policy_list(at->loader, cell);
    if (codes.n > ASSISTS_MAX)
        policy_problem(at->loader, at->file, at->row->line,
                "has %zu assisting units, at most %d fit", codes.n, ASSISTS_MAX);
    for (size_t i = 0; i < codes.n && i < ASSISTS_MAX; i++) {
        const struct unit *unit = handler_of(at, codes.items[i], "assisting unit");
        if (unit && unit == schedule->lead)
            policy_problem(at->loader, at->file, at->row->line,
                    "'%s' leads and cannot assist itself", unit->code);
        else if (unit)
            schedule->assists[schedule->n_assists++] = unit;
    }
}

/* On the first day that is to come. What has ended by itself is no fault. */
static void check_valid(const struct policy_at *at, const struct schedule *schedule)
{
    const struct schedule_rule *rule = &schedule->rule;
    instant next = instant_before(at->loader->now, rule->valid_from) ? rule->valid_from
                                                                     : at->loader->now;
    if (!instant_is_never(rule->valid_to) && !instant_before(next, rule->valid_to))
        return;
    if (schedule->place && !place_valid_at(schedule->place, next))
        policy_problem(at->loader, at->file, at->row->line,
                "the place '%s' is not valid when the order comes next",
                schedule->place->code);
    if (schedule->lead && !unit_valid_at(schedule->lead, next))
        policy_problem(at->loader, at->file, at->row->line,
                "the lead '%s' is not valid when the order comes next",
                schedule->lead->code);
}

static void read_rule(
        const struct policy_at *at, const char *cell, struct schedule_rule *rule)
{
    if (!schedule_rule_parse(str_of(cell), rule))
        policy_problem(at->loader, at->file, at->row->line,
                "'%s' is no rule; write it like daily@20:00, weekly:1,4@08:30 (1 is "
                "Monday) or monthly:5,15,25@09:00",
                cell);
}

void policy_read_schedules(struct policy_loader *loader)
{
    enum {
        ID,
        TITLE,
        TEXT,
        CATEGORY,
        LEAD,
        ASSISTS,
        PLACE,
        RULE,
        WORKDAYS_ONLY,
        CATCH_UP,
        VALID_FROM,
        VALID_TO
    };
    COLUMNS("id", "title", "text", "category", "lead", "assists", "place", "rule",
            "workdays_only", "catch_up", "valid_from", "valid_to");
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    if (!policy_csv_read_some(loader, "schedules.csv", columns, N_COLUMNS, &rows))
        return;
    policy_sort_rows(loader, "schedules.csv", &rows, schedule_id_valid,
            "1 to 31 of a-z, 0-9 and -");
    policy->schedules = policy_table(loader, rows.n, sizeof *policy->schedules);
    policy->n_schedules = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, "schedules.csv", &rows.items[i]};
        struct schedule *schedule = &policy->schedules[i];
        struct schedule_rule *rule = &schedule->rule;
        const char *const *cells = rows.items[i].cells;
        schedule->id = cells[ID];
        schedule->line = rows.items[i].line;
        schedule->title = policy_cell_text(&at, TITLE, "title", true);
        schedule->text = policy_cell_text(&at, TEXT, "text", true);
        schedule->category = category_of(&at, cells[CATEGORY]);
        schedule->lead = handler_of(&at, cells[LEAD], "lead");
        schedule->place = place_of(&at, cells[PLACE]);
        schedule->catch_up = policy_cell_number(
                &at, CATCH_UP, "catch_up", 1, CATCH_UP_MAX);
        read_assists(&at, cells[ASSISTS], schedule);
        read_rule(&at, cells[RULE], rule);
        rule->workdays_only = policy_cell_yes(
                &at, WORKDAYS_ONLY, "answer for workdays_only");
        policy_cell_dates(&at, VALID_FROM, VALID_TO, &rule->valid_from, &rule->valid_to);
        check_valid(&at, schedule);
    }
}
