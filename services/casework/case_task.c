/* Assisting tasks 协办: each with its own unit, order and clocks; lateness is the task's
 * own. */
#include "case_parts.h"

#include <string.h>

static void start(struct case_turn *turn, struct case_task *task)
{
    const struct sla_class *sla = case_sla(turn);
    task->number = ++turn->state->tasks_given;
    if (sla) {
        case_clock_start(
                turn, CASE_CLOCK_SIGN, task->number, sla->budgets[CLOCK_SIGN], true);
        case_clock_start(
                turn, CASE_CLOCK_HANDLE, task->number, sla->budgets[CLOCK_HANDLE], true);
    }
    case_clock_start(turn, CASE_CLOCK_RETURN_WINDOW, task->number,
            turn->policy->handling.return_window, false);
    case_order_add(turn, ORDER_ASSIST, ROLE_ASSIST, task->unit)->task = task->number;
}

void case_assists_dispatch(struct case_turn *turn)
{
    for (int i = 0; i < turn->state->n_assists; i++)
        start(turn, &turn->state->assists[i]);
}

bool case_assist_open(const struct case_state *state)
{
    for (int i = 0; i < state->n_assists; i++)
        if (state->assists[i].mandatory &&
                instant_is_never(state->assists[i].submitted_at))
            return true;
    return false;
}

void case_assist_withdraw(struct case_turn *turn, int assist, const char *reason)
{
    struct case_state *state = turn->state;
    struct case_task *task = &state->assists[assist];
    if (task->number > 0) {
        struct case_effect *order = case_order_add(
                turn, ORDER_WITHDRAW, ROLE_ASSIST, task->unit);
        order->task = task->number;
        case_text_copy(order->reason, sizeof order->reason, reason);
        if (state->request.kind != REQUEST_NONE && state->request.task == task->number)
            case_request_lapse(turn);
        case_clocks_drop(state, task->number);
    }
    state->n_assists--;
    memmove(task, task + 1, (size_t)(state->n_assists - assist) * sizeof *task);
}

/* Somebody who assists already, or leads, is not asked again. */
static enum case_rule assist_rule(const struct case_turn *turn, const struct unit *to)
{
    const struct case_state *state = turn->state;
    enum case_rule rule = case_handler_rule(turn, to);
    if (rule != RULE_NONE)
        return rule;
    if (strcmp(to->code, state->lead.unit) == 0)
        return RULE_ALREADY_DONE;
    for (int i = 0; i < state->n_assists; i++)
        if (strcmp(to->code, state->assists[i].unit) == 0)
            return RULE_ALREADY_DONE;
    return RULE_NONE;
}

void case_add_assist(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    const struct unit *to = policy_unit(turn->policy, str_of(turn->command->to));
    enum case_rule rule = assist_rule(turn, to);
    if (rule == RULE_NONE && state->n_assists == ASSISTS_MAX)
        rule = RULE_ASSISTS_FULL;
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    struct case_task *task = &state->assists[state->n_assists++];
    *task = (struct case_task){.mandatory = turn->command->mandatory};
    case_text_copy(task->unit, sizeof task->unit, to->code);
    case_note_add(turn, EVENT_ASSIST_ADDED, task->unit)->task = state->tasks_given + 1;
    start(turn, task);
}

/* One task changes hands; the others go on. */
void case_transfer_assist(struct case_turn *turn)
{
    const struct unit *to = policy_unit(turn->policy, str_of(turn->command->to));
    struct case_task *task = turn->task;
    enum case_rule rule = assist_rule(turn, to);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    struct case_task former = *task;
    if (turn->state->request.kind != REQUEST_NONE &&
            turn->state->request.task == former.number)
        case_request_lapse(turn);
    *task = (struct case_task){.mandatory = former.mandatory};
    case_text_copy(task->unit, sizeof task->unit, to->code);
    case_note_add(turn, EVENT_ASSIST_TRANSFERRED, task->unit)
            ->task = turn->state->tasks_given + 1;
    case_clocks_drop(turn->state, former.number);
    struct case_effect *order = case_order_add(
            turn, ORDER_WITHDRAW, ROLE_ASSIST, former.unit);
    order->task = former.number;
    case_text_copy(order->reason, sizeof order->reason, "dispatched_elsewhere");
    start(turn, task);
}

void case_submit_assist(struct case_turn *turn)
{
    struct case_task *task = turn->task;
    if (!case_words_say_something(turn->command->words)) {
        case_refuse(turn, RULE_NEEDS_RESULT);
        return;
    }
    case_mark_signed(turn);
    case_mark_handling(turn);
    task->submitted_at = turn->at;
    case_clock_stop(turn, CASE_CLOCK_HANDLE, task->number);
    case_clock_stop(turn, CASE_CLOCK_RETURN_WINDOW, task->number);
    if (turn->state->request.kind != REQUEST_NONE &&
            turn->state->request.task == task->number)
        case_request_lapse(turn);
    case_note_add(turn, EVENT_ASSIST_DONE, task->unit)->task = task->number;
    case_accept(turn, ROLE_ASSIST, task->number);
    case_order_add(turn, ORDER_ASSIST_DONE, ROLE_LEAD, turn->state->lead.unit);
}
