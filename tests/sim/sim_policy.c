/* The policy of a seed. */
#include "sim.h"

#include <stdio.h>
#include <string.h>

static const struct sla_ladder ladders[] = {
        {.rungs = {{50}, {80}, {100}}, .n_rungs = 3},
        {.rungs = {{80}, {100}}, .n_rungs = 2},
        {.rungs = {{50}, {50, LEVEL_SUPERIOR, {0}}, {80}, {100},
                 {100, LEVEL_DISTRICT, {0}}},
                .n_rungs = 5},
        {.rungs = {{30}, {60, LEVEL_SUPERIOR, {0}}, {100}, {100, LEVEL_STREET, {0}},
                 {100, LEVEL_STREET, {15, UNIT_MINUTE}},
                 {100, LEVEL_DISTRICT, {1, UNIT_WORK_DAY}}},
                .n_rungs = 6},
};
enum { N_LADDERS = sizeof ladders / sizeof *ladders };

static struct budget some_budget(void)
{
    static const struct budget budgets[] = {{10, UNIT_MINUTE}, {2, UNIT_HOUR},
            {3, UNIT_DAY}, {4, UNIT_WORK_HOUR}, {8, UNIT_EMERGENCY_HOUR},
            {1, UNIT_WORK_DAY}, {5, UNIT_WORK_DAY}};
    return budgets[sim_below(sizeof budgets / sizeof *budgets)];
}

static void vary_handling(struct handling *handling)
{
    handling->return_pauses = sim_chance(50);
    handling->returns_max = sim_below(3);
    handling->extensions_max = sim_below(3);
    handling->extension_desk_percent = 25 * sim_below(5);
    handling->suspension_days_max = 1 + sim_below(30);
    handling->redo.amount = sim_below(4);
    handling->redos_max = sim_below(3);
    handling->reopen_days = sim_below(9);
    handling->merge_reopens = sim_chance(70);
    handling->cluster_reporters = sim_below(4);
    handling->request_review = sim_chance(50) ? (struct budget){4, UNIT_WORK_HOUR}
                                              : (struct budget){1, UNIT_HOUR};
    handling->ladder = ladders[sim_below(N_LADDERS)];
}

static void change_calendar(struct sim_policy *rules)
{
    int32_t day = calendar_day_of(world.now) - CALENDAR_FIRST_DAY;
    for (int i = 0; i < 3; i++)
        rules->policy.calendar.days[day + sim_below(10)] = (uint8_t)sim_below(3);
}

/* Other budgets for the clocks that a class has, another ladder, other steps. */
static void change_class(struct sla_class *class)
{
    for (int i = 0; i < CLOCK_COUNT; i++)
        if (class->budgets[i].amount > 0 && sim_chance(40))
            class->budgets[i] = some_budget();
    for (int i = 0; i < class->n_steps; i++)
        if (sim_chance(30))
            class->steps[i].budget = some_budget();
    if (class->n_steps > 0 && sim_chance(20))
        class->n_steps--;
    if (sim_chance(50))
        class->ladder = ladders[sim_below(N_LADDERS)];
}

void sim_policy_change(struct sim_policy *rules)
{
    int what = sim_below(3);
    if (what == 0)
        change_calendar(rules);
    else if (what == 1)
        vary_handling(&rules->policy.handling);
    else
        for (size_t i = 0; i < rules->policy.n_sla_classes; i++)
            change_class(&rules->classes[i]);
    rules->changes++;
    (void)snprintf(rules->version, sizeof rules->version, "sim@%d", rules->changes);
    sim_trace("%s changes; now it is %s",
            what == 0   ? "the calendar"
            : what == 1 ? "handling"
                        : "every class",
            rules->version);
}

void sim_policy_begin(struct sim_policy *rules)
{
    static const struct policy *stories;
    if (!stories)
        stories = case_policy();
    struct policy *policy = &rules->policy;
    *policy = *stories;
    rules->changes = 0;
    (void)snprintf(rules->version, sizeof rules->version, "sim@0");
    policy->version = rules->version;
    memcpy(rules->classes, stories->sla_classes,
            stories->n_sla_classes * sizeof rules->classes[0]);
    memcpy(rules->categories, stories->categories,
            stories->n_categories * sizeof rules->categories[0]);
    policy->sla_classes = rules->classes;
    policy->categories = rules->categories;
    for (size_t i = 0; i < stories->n_categories; i++)
        rules->categories[i].sla = rules->classes +
                                   (stories->categories[i].sla - stories->sla_classes);
    static const char *const members[] = {"heping", "lvyuan", "yunhe"};
    for (int i = 0; i < 3; i++)
        rules->members[i] = policy_unit(policy, str_of(members[i]));
    rules->pool = (struct pool){.code = "volunteers",
            .name = "志愿服务队",
            .members = rules->members,
            .n_members = 3};
    policy->pools = &rules->pool;
    policy->n_pools = 1;
    if (sim_chance(70))
        vary_handling(&policy->handling);
}
