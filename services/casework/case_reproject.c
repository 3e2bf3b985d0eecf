/* A changed calendar or SLA class: every open clock's due time is derived again. */
#include "case_parts.h"

#include <string.h>

/* The budget that the SLA class gives this clock now; amount 0: none of its own. */
static struct budget class_budget(
        const struct case_turn *turn, const struct case_clock *clock)
{
    const struct case_state *state = turn->state;
    const struct sla_class *sla = policy_sla_class(turn->policy, str_of(state->sla));
    if (!sla || !clock->of_class)
        return (struct budget){0};
    if (clock->kind == CASE_CLOCK_STEP)
        return state->step < sla->n_steps ? sla->steps[state->step].budget
                                          : (struct budget){0};
    return (int)clock->kind < (int)CLOCK_COUNT ? sla->budgets[clock->kind]
                                               : (struct budget){0};
}

/* What was extended was granted by somebody and stays as granted. */
static void take_budget(const struct case_turn *turn, struct case_clock *clock)
{
    struct budget budget = class_budget(turn, clock);
    if (budget.amount <= 0 || clock->extra != 0)
        return;
    clock->amount = budget.amount;
    clock->unit = budget.unit;
}

static void tell_due(
        struct case_turn *turn, const struct case_clock *clock, instant old_due)
{
    const struct case_task *task = case_task_find(turn->state, clock->task);
    struct case_effect *told[2] = {
            case_note_add(turn, EVENT_REPROJECTED, task ? task->unit : "")};
    if (task)
        told[1] = case_order_add(turn, ORDER_DUE_CHANGED,
                task == &turn->state->lead ? ROLE_LEAD : ROLE_ASSIST, task->unit);
    for (int i = 0; i < 2 && told[i]; i++) {
        told[i]->clock = (int32_t)clock->kind;
        told[i]->task = clock->task;
        told[i]->old_due = old_due;
        told[i]->due = clock->due;
    }
}

void case_reproject(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (state->stage == STAGE_NONE || strcmp(state->policy, turn->policy->version) == 0)
        return;
    for (int i = 0; i < state->n_clocks; i++) {
        struct case_clock *clock = &state->clocks[i];
        if (!case_clock_runs(clock) && clock->why == PAUSE_NONE)
            continue;
        take_budget(turn, clock);
        if (!case_clock_runs(clock))
            continue; /* its due time is derived when it runs on */
        instant old_due = clock->due;
        clock->due = case_clock_due(turn->policy, clock);
        if (clock->due.ms != old_due.ms)
            tell_due(turn, clock, old_due);
    }
    /* Another ladder may move a rung and no due time. */
    if (case_next_wake(turn->policy, state).ms != state->wake_at.ms)
        turn->decision->changed = true;
}
