/* sla.json: classes of deadlines, each with clocks, a ladder and perhaps steps. */
#include "policy_load.h"

#include <jansson.h>
#include <stdlib.h>

enum { CLASS_NAME_MAX = 47 }; /* what the state of a case has room for */

/* ---- ladders ---- */

static int32_t natural_minutes(struct budget budget)
{
    return budget.unit == UNIT_MINUTE ? budget.amount : 60 * budget.amount;
}

static bool runs_round_the_clock(enum time_unit unit)
{
    return unit == UNIT_MINUTE || unit == UNIT_HOUR || unit == UNIT_EMERGENCY_HOUR;
}

/* The next rung is not above this one: earlier, or at the same time and no higher in the
 * tree. A work day and an hour do not compare; which comes first depends on the day. */
static bool out_of_order(const struct sla_rung *rung, const struct sla_rung *next)
{
    struct budget a = rung->after, b = next->after;
    int64_t apart = next->percent - rung->percent;
    if (apart == 0 && (a.amount == 0 || b.amount == 0 || a.unit == b.unit))
        apart = b.amount - a.amount;
    else if (apart == 0 && runs_round_the_clock(a.unit) && runs_round_the_clock(b.unit))
        apart = natural_minutes(b) - natural_minutes(a);
    else if (apart == 0)
        return false;
    return apart < 0 || (apart == 0 && next->level <= rung->level);
}

/* 80, {"percent": 80, "level": "unit"} or {"after": {…}, "level": "street"}. */
static bool read_rung(const struct policy_source *source, const json_t *value,
        const char *whose, struct sla_rung *rung)
{
    const json_t *percent = json_is_object(value) ? json_object_get(value, "percent")
                                                  : value;
    int level = LEVEL_UNIT;
    if (json_is_object(value)) {
        level = policy_enum(str_of(json_string_value(json_object_get(value, "level"))),
                sla_level_names, LEVEL_COUNT);
        if (level < 0 || json_object_size(value) != 2)
            return false;
    }
    *rung = (struct sla_rung){.level = (enum sla_level)level, .percent = PERCENT_MAX};
    if (json_is_object(value) && !percent) {
        rung->after = policy_json_budget(source, value, "after", whose, 1);
        return rung->after.amount > 0;
    }
    json_int_t share = json_integer_value(percent); /* 0 when it is no number */
    rung->percent = share >= 1 && share <= PERCENT_MAX ? (int32_t)share : 0;
    return rung->percent > 0;
}

static bool tells_the_end(const struct sla_ladder *ladder)
{
    for (int i = 0; i < ladder->n_rungs; i++)
        if (ladder->rungs[i].percent == PERCENT_MAX && ladder->rungs[i].after.amount == 0)
            return true;
    return false;
}

void policy_json_ladder(const struct policy_source *source, const json_t *object,
        const char *whose, struct sla_ladder *ladder)
{
    struct policy_loader *loader = source->loader;
    const json_t *rungs = json_object_get(object, "rungs");
    struct policy_source inside = policy_json_inside(source, "rungs");
    int line = policy_json_line(source, "rungs");
    size_t n = json_array_size(rungs), before = loader->report->n_problems;
    if (n == 0 || n > SLA_RUNGS_MAX) {
        policy_problem(loader, source->file, line,
                "%s needs 'rungs', a list of 1 to %d of them", whose, SLA_RUNGS_MAX);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct sla_rung *rung = &ladder->rungs[i];
        size_t told = loader->report->n_problems;
        if (!read_rung(&inside, json_array_get(rungs, i), whose, rung)) {
            if (loader->report->n_problems > told)
                return; /* of its "after" */
            policy_problem(loader, source->file, line,
                    "rung %zu of %s must be a percentage from 1 to 100, or like "
                    "{\"percent\": 80, \"level\": \"unit\"} or {\"after\": {\"amount\": "
                    "4, \"unit\": \"hour\"}, \"level\": \"street\"}; levels: unit "
                    "superior street district",
                    i + 1, whose);
            return;
        }
        ladder->n_rungs = (int)i + 1;
        for (size_t k = 0; k < i; k++)
            if (out_of_order(&ladder->rungs[k], rung))
                policy_problem(loader, source->file, line,
                        "rung %zu of %s must come after rung %zu, or at the same time "
                        "go to a higher level",
                        i + 1, whose, k + 1);
    }
    if (loader->report->n_problems == before && !tells_the_end(ladder))
        policy_problem(loader, source->file, line,
                "%s has no rung at 100 percent, so nobody hears of a breach", whose);
}

/* ---- steps ---- */

static unsigned read_needs(
        const struct policy_source *source, const json_t *needs, const char *whose)
{
    unsigned bits = 0;
    if (needs && !json_is_array(needs))
        policy_problem(source->loader, source->file, policy_json_line(source, "needs"),
                "'needs' of %s must be a list", whose);
    for (size_t i = 0; i < json_array_size(needs); i++) {
        const char *word = json_string_value(json_array_get(needs, i));
        int need = policy_enum(str_of(word), step_need_names, STEP_NEED_COUNT);
        if (need >= 0)
            bits |= 1U << need;
        else
            policy_problem(source->loader, source->file,
                    policy_json_line(source, word ? word : "needs"),
                    "'%s' is nothing that %s can need; choose of: result photo plan "
                    "follow_up_date attendees filing",
                    word ? word : "", whose);
    }
    return bits;
}

static void read_step(const struct policy_source *source, const json_t *object,
        const struct sla_class *class, struct sla_step *step)
{
    static const char *const members[] = {"name", "title", "amount", "unit", "needs"};
    struct policy_loader *loader = source->loader;
    const char *name = json_string_value(json_object_get(object, "name"));
    const char *title = json_string_value(json_object_get(object, "title"));
    if (!name || !policy_code_valid(name, POLICY_STEP_NAME_MAX)) {
        policy_problem(loader, source->file, policy_json_line(source, "steps"),
                "step %d of '%s' needs a 'name' of 1 to %d of a-z, 0-9 and -",
                class->n_steps, class->name, POLICY_STEP_NAME_MAX);
        name = "";
    }
    struct policy_source inside = policy_json_inside(source, name[0] ? name : "steps");
    char whose[POLICY_TEXT_MAX];
    (void)snprintf(whose, sizeof whose, "the step '%s' of '%.64s'", name, class->name);
    if (!title || !title[0] || strlen(title) > POLICY_STEP_TITLE_MAX)
        policy_problem(loader, source->file, policy_json_line(&inside, name),
                "%s needs a 'title' of 1 to %d bytes", whose, POLICY_STEP_TITLE_MAX);
    for (int i = 0; i + 1 < class->n_steps; i++)
        if (name[0] && strcmp(class->steps[i].name, name) == 0)
            policy_problem(loader, source->file, policy_json_line(&inside, name),
                    "%s stands there twice", whose);
    policy_json_known(&inside, object, whose, members, sizeof members / sizeof *members);
    step->name = policy_kept(loader, name);
    step->title = policy_kept(loader, title ? title : "");
    step->budget = policy_json_amount(&inside, object, whose, 1);
    step->needs = read_needs(&inside, json_object_get(object, "needs"), whose);
}

static void read_steps(
        const struct policy_source *source, const json_t *steps, struct sla_class *class)
{
    size_t n = json_array_size(steps);
    if (n == 0 || n > SLA_STEPS_MAX) {
        policy_problem(source->loader, source->file, policy_json_line(source, "steps"),
                "'steps' of '%s' must be a list of 1 to %d of them", class->name,
                SLA_STEPS_MAX);
        return;
    }
    struct policy_source inside = policy_json_inside(source, "steps");
    for (size_t i = 0; i < n; i++)
        read_step(&inside, json_array_get(steps, i), class,
                &class->steps[class->n_steps++]);
}

/* ---- classes ---- */

static void read_class(
        const struct policy_source *source, const json_t *object, struct sla_class *class)
{
    struct policy_loader *loader = source->loader;
    char whose[POLICY_TEXT_MAX];
    (void)snprintf(whose, sizeof whose, "'%.64s'", class->name);
    const char *key;
    json_t *value;
    policy_json_ladder(source, object, whose, &class->ladder);
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        int clock = policy_enum(str_of(key), clock_names, CLOCK_COUNT);
        if (clock >= 0)
            class->budgets[clock] = policy_json_budget(source, object, key, whose, 1);
        else if (strcmp(key, "steps") == 0)
            read_steps(source, value, class);
        else if (strcmp(key, "rungs") != 0)
            policy_problem(loader, source->file, policy_json_line(source, key),
                    "'%s' has no clock '%s'", class->name, key);
    }
    if (class->budgets[CLOCK_HANDLE].amount == 0)
        policy_problem(loader, source->file, class->line, "'%s' has no clock 'handle'",
                class->name);
}

static int by_name(const void *a, const void *b)
{
    const struct sla_class *x = a, *y = b;
    return strcmp(x->name, y->name);
}

void policy_read_sla(struct policy_loader *loader)
{
    struct policy_source source = {.loader = loader, .file = "sla.json"};
    struct policy *policy = loader->policy;
    json_t *root = policy_json_open(&source, true);
    json_t *classes = json_object_get(root, "classes");
    if (root && !json_is_object(classes))
        policy_problem(loader, source.file, 1, "must hold an object \"classes\"");
    if (json_is_object(classes)) {
        loader->have_sla = true;
        size_t n = json_object_size(classes);
        policy->sla_classes = policy_table(loader, n, sizeof *policy->sla_classes);
        const char *name;
        json_t *object;
        json_object_foreach(classes, name, object)
        {
            struct sla_class *class = &policy->sla_classes[policy->n_sla_classes++];
            struct policy_source inside = policy_json_inside(&source, name);
            class->name = policy_kept(loader, name);
            class->line = policy_json_line(&source, name);
            if (!name[0] || strlen(name) > CLASS_NAME_MAX)
                policy_problem(loader, source.file, class->line,
                        "'%s' is no name for an SLA class; write 1 to %d bytes", name,
                        CLASS_NAME_MAX);
            read_class(&inside, object, class);
        }
        if (n)
            qsort(policy->sla_classes, n, sizeof *policy->sla_classes, by_name);
    }
    json_decref(root);
}
