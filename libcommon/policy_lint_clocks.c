/* Lint of what runs by time: working time without a calendar, steps that the handling
 * does not cover, a review longer than its window, levels where nobody is. */
#include "policy_load.h"

/* ---- working time ---- */

static bool works(struct budget budget)
{
    return budget.amount > 0 &&
           (budget.unit == UNIT_WORK_HOUR || budget.unit == UNIT_WORK_DAY);
}

static bool ladder_works(const struct sla_ladder *ladder)
{
    bool found = false;
    for (int i = 0; i < ladder->n_rungs; i++)
        found |= works(ladder->rungs[i].after);
    return found;
}

static bool class_works(const struct sla_class *class)
{
    bool found = ladder_works(&class->ladder);
    for (int clock = 0; clock < CLOCK_COUNT; clock++)
        found |= works(class->budgets[clock]);
    for (int i = 0; i < class->n_steps; i++)
        found |= works(class->steps[i].budget);
    return found;
}

static bool handling_works(const struct handling *handling)
{
    return works(handling->desk) || works(handling->review) ||
           works(handling->follow_up) || works(handling->adjudication) ||
           works(handling->transfer_ack) || works(handling->return_window) ||
           works(handling->request_review) || works(handling->redo) ||
           ladder_works(&handling->ladder);
}

static void needs_calendar(
        struct policy_loader *loader, const char *file, int line, const char *name)
{
    const struct calendar *calendar = &loader->policy->calendar;
    int year = instant_day(loader->now) / 10000;
    if (calendar->n_spans == 0)
        policy_problem(loader, file, line,
                "'%s' counts working time, but calendar/office.json gives no office "
                "hours",
                name);
    if (!calendar_knows(calendar, year))
        policy_problem(loader, file, line,
                "'%s' counts working time, but calendar/%d.json lists no days", name,
                year);
}

static void check_working_time(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    for (size_t i = 0; i < policy->n_sla_classes; i++)
        if (class_works(&policy->sla_classes[i]))
            needs_calendar(loader, "sla.json", policy->sla_classes[i].line,
                    policy->sla_classes[i].name);
    if (handling_works(&policy->handling))
        needs_calendar(loader, "handling.json", 1, "handling.json");
}

/* ---- which budget ends first ---- */

/* Every half hour of an ordinary week, without holidays: what is refused must not depend
 * on the day on which the policy is loaded. */
enum {
    WEEK_FIRST_DAY = CALENDAR_FIRST_DAY, /* a Monday */
    HALF_HOURS = 7 * 48
};

static instant half_hour(int i)
{
    return calendar_minute(WEEK_FIRST_DAY + i / 48, i % 48 * 30);
}

static void ordinary(const struct policy_loader *loader, struct calendar *calendar)
{
    *calendar = loader->policy->calendar;
    memset(calendar->days, DAY_BY_WEEKDAY, sizeof calendar->days);
}

static instant due_of(
        const struct calendar *calendar, instant from, const struct budget *budget)
{
    return calendar_due(calendar, from, budget->amount, budget->unit);
}

/* One step begins where the one before ended. */
static instant steps_due(
        const struct calendar *calendar, instant from, const struct sla_class *class)
{
    for (int i = 0; i < class->n_steps; i++)
        from = due_of(calendar, from, &class->steps[i].budget);
    return from;
}

static void check_steps(struct policy_loader *loader, const struct calendar *calendar)
{
    static const char *const days[] = {
            "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    const struct policy *policy = loader->policy;
    for (size_t c = 0; c < policy->n_sla_classes; c++) {
        const struct sla_class *class = &policy->sla_classes[c];
        const struct budget *handle = &class->budgets[CLOCK_HANDLE];
        for (int i = 0; class->n_steps > 0 && i < HALF_HOURS; i++) {
            instant from = half_hour(i);
            if (!instant_before(
                        due_of(calendar, from, handle), steps_due(calendar, from, class)))
                continue;
            policy_problem(loader, "sla.json", class->line,
                    "the steps of '%s' take longer than its clock 'handle', for a case "
                    "of %s %02d:%02d for one; give it more time",
                    class->name, days[i / 48], i % 48 / 2, i % 2 * 30);
            break;
        }
    }
}

static bool always_longer(
        const struct calendar *calendar, const struct budget *a, const struct budget *b)
{
    bool longer = true;
    for (int i = 0; i < HALF_HOURS; i++)
        longer &= instant_before(
                due_of(calendar, half_hour(i), b), due_of(calendar, half_hour(i), a));
    return longer;
}

static void check_handling(struct policy_loader *loader, const struct calendar *calendar)
{
    const struct handling *handling = &loader->policy->handling;
    const struct policy_source source = policy_json_again(loader, "handling.json");
    if (always_longer(calendar, &handling->request_review, &handling->return_window))
        policy_problem(loader, source.file, policy_json_line(&source, "request_review"),
                "'request_review' is longer than 'return_window': a return would be "
                "decided when nobody may ask for one any more");
    if (handling->redos_max > 0 && handling->redo.amount == 0)
        policy_warning(loader, source.file, policy_json_line(&source, "redo"),
                "'redo' has no budget, so a redo has what is left of the handling, and "
                "may be late when it begins");
}

/* ---- levels ---- */

static bool ladder_has(const struct sla_ladder *ladder, enum sla_level level)
{
    bool found = false;
    for (int i = 0; i < ladder->n_rungs; i++)
        found |= ladder->rungs[i].level == level;
    return found;
}

/* A single unit without a street is no fault, its reminders climb on. */
static void check_levels(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    bool street = !loader->have_units;
    for (size_t i = 0; i < policy->n_units; i++)
        street |= policy->units[i].type == UNIT_TYPE_STREET;
    for (size_t i = 0; !street && i < policy->n_sla_classes; i++)
        if (ladder_has(&policy->sla_classes[i].ladder, LEVEL_STREET))
            policy_problem(loader, "sla.json", policy->sla_classes[i].line,
                    "a rung of '%s' goes to the street, but units.csv has no unit of "
                    "the type street",
                    policy->sla_classes[i].name);
    if (!street && ladder_has(&policy->handling.ladder, LEVEL_STREET))
        policy_problem(loader, "handling.json", 1,
                "a rung goes to the street, but units.csv has no unit of the type "
                "street");
}

void policy_check_clocks(struct policy_loader *loader)
{
    check_working_time(loader);
    check_levels(loader);
    if (loader->policy->calendar.n_spans == 0)
        return; /* told already where it matters; nothing can be compared */
    struct calendar *calendar = arena_alloc(loader->arena, sizeof *calendar);
    ordinary(loader, calendar);
    check_steps(loader, calendar);
    if (loader->have_handling)
        check_handling(loader, calendar);
}
