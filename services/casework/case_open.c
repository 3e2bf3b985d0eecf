/* A case begins, and a unit gets it. */
#include "case_parts.h"

#include <string.h>

static void withdraw_former(struct case_turn *turn, const struct case_task *former)
{
    if (former->number == 0)
        return;
    struct case_effect *order = case_order_add(
            turn, ORDER_WITHDRAW, ROLE_LEAD, former->unit);
    order->task = former->number;
    case_text_copy(order->reason, sizeof order->reason, "dispatched_elsewhere");
    case_clocks_drop(turn->state, former->number);
}

/* Who leads does not assist. */
static void end_assist_of(struct case_turn *turn, const char *unit)
{
    for (int i = turn->state->n_assists - 1; i >= 0; i--)
        if (strcmp(turn->state->assists[i].unit, unit) == 0)
            case_assist_withdraw(turn, i, "leads_now");
}

/* Handling starts at dispatch, not at signing: who does not sign gains no time. */
static void start_clocks(struct case_turn *turn, const struct sla_class *sla)
{
    int32_t task = turn->state->lead.number;
    for (int i = 0; i < CLOCK_COUNT; i++)
        case_clock_start(turn, (enum case_clock_kind)i, task, sla->budgets[i], true);
    case_clock_start(turn, CASE_CLOCK_RETURN_WINDOW, task,
            turn->policy->handling.return_window, false);
    case_step_start(turn);
}

/* The steps of another class; what was granted under this one stays with who has it. */
static void leave_class(struct case_state *state)
{
    state->step = 0;
    for (int i = 0; i < state->n_clocks; i++)
        state->clocks[i].of_class = false;
}

void case_dispatch(
        struct case_turn *turn, const struct unit *lead, const struct sla_class *sla)
{
    struct case_state *state = turn->state;
    struct case_task former = state->lead;
    bool first = state->tasks_given == 0;
    if (strcmp(state->sla, sla->name) != 0)
        leave_class(state);
    case_text_copy(state->sla, sizeof state->sla, sla->name);
    state->lead = (struct case_task){.number = ++state->tasks_given};
    case_text_copy(state->lead.unit, sizeof state->lead.unit, lead->code);
    state->pool[0] = state->claimed_from[0] = 0;
    case_clock_stop(turn, CASE_CLOCK_DESK, CASE_DESK_TASK);
    struct case_effect *event = case_event_add(turn, EVENT_DISPATCHED, STAGE_DISPATCHED);
    struct case_effect *order = case_order_add(
            turn, ORDER_DISPATCH, ROLE_LEAD, lead->code);
    case_text_copy(event->unit, sizeof event->unit, lead->code);
    case_text_copy(
            event->reason, sizeof event->reason, turn->because ? turn->because : "");
    case_text_copy(order->reason, sizeof order->reason, event->reason);
    start_clocks(turn, sla);
    withdraw_former(turn, &former);
    end_assist_of(turn, lead->code);
    if (first)
        case_assists_dispatch(turn);
}

void case_open_needs_human(struct case_turn *turn, const char *reason)
{
    const char *desk = turn->policy->desk->code;
    case_clock_start(
            turn, CASE_CLOCK_DESK, CASE_DESK_TASK, turn->policy->handling.desk, false);
    struct case_effect *event = case_event_add(
            turn, EVENT_NEEDS_HUMAN, STAGE_NEEDS_HUMAN);
    case_text_copy(event->unit, sizeof event->unit, desk);
    case_text_copy(event->reason, sizeof event->reason, reason);
    struct case_effect *order = case_order_add(turn, ORDER_NEEDS_HUMAN, ROLE_DESK, desk);
    case_text_copy(order->reason, sizeof order->reason, reason);
}

const struct sla_class *case_sla(const struct case_turn *turn)
{
    const struct sla_class *sla = policy_sla_class(
            turn->policy, str_of(turn->state->sla));
    if (sla)
        return sla;
    const struct category *category = policy_category(
            turn->policy, str_of(turn->state->category));
    return category ? category->sla : NULL;
}

void case_open_dispatch(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    const struct unit *lead = policy_unit(turn->policy, str_of(state->lead.unit));
    const struct sla_class *sla = case_sla(turn);
    const char *reason = !state->lead.unit[0] && state->no_lead[0] ? state->no_lead
                         : !state->lead.unit[0]                    ? "no_owner"
                         : !lead || !unit_valid_at(lead, turn->at) ? "owner_not_valid"
                         : case_accuses(turn, lead)                ? "unit_accused"
                         : !sla                                    ? "no_category"
                                                                   : NULL;
    if (reason)
        case_open_needs_human(turn, reason);
    else
        case_dispatch(turn, lead, sla);
}

/* Assisting units that exist, handle cases and are not accused; the router has left out
 * the others already. */
static void take_assists(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    const struct case_command *command = turn->command;
    for (int i = 0; i < command->n_assists; i++) {
        const char *code = command->assists[i];
        const struct unit *unit = policy_unit(turn->policy, str_of(code));
        if (!unit || unit == turn->policy->desk || unit == turn->policy->district ||
                case_accuses(turn, unit))
            continue;
        struct case_task *task = &state->assists[state->n_assists++];
        *task = (struct case_task){.mandatory = command->mandatory_assists & (1u << i)};
        case_text_copy(task->unit, sizeof task->unit, code);
    }
}

/* To an emergency line: done for us, but somebody there has to say that they have it. */
static void transfer_out(struct case_turn *turn)
{
    case_event_add(turn, EVENT_TRANSFERRED, STAGE_TRANSFERRED_OUT);
    turn->state->outcome = OUTCOME_TRANSFERRED;
    case_clock_start(turn, CASE_CLOCK_TRANSFER_ACK, CASE_DESK_TASK,
            turn->policy->handling.transfer_ack, false);
    case_order_add(turn, ORDER_TRANSFER, ROLE_DESK, turn->policy->desk->code);
    case_resolution_add(turn, OUTCOME_TRANSFERRED, "");
}

void case_open(struct case_turn *turn)
{
    const struct case_command *command = turn->command;
    struct case_state *state = turn->state;
    case_text_copy(state->id, sizeof state->id, command->case_id);
    state->opened = turn->at;
    case_text_copy(state->lead.unit, sizeof state->lead.unit, command->lead);
    case_text_copy(state->sla, sizeof state->sla, command->sla);
    case_text_copy(state->category, sizeof state->category, command->category);
    case_text_copy(state->place, sizeof state->place, command->place);
    case_text_copy(state->accused, sizeof state->accused, command->accused);
    state->reporter = command->reporter;
    state->report = command->report;
    case_text_copy(state->no_lead, sizeof state->no_lead, command->reason);
    take_assists(turn);
    case_event_add(turn, EVENT_OPENED, STAGE_NONE);
    switch (command->route) {
    case ROUTE_DISPATCH:
        case_open_dispatch(turn);
        break;
    case ROUTE_NEEDS_HUMAN:
    case ROUTE_COUNT:
        case_open_needs_human(turn, command->reason);
        break;
    case ROUTE_TRANSFER:
        transfer_out(turn);
        break;
    case ROUTE_MERGE:
        if (command->other[0] && strcmp(command->other, state->id) != 0 && !state->report)
            case_merge_begin(turn, command->other);
        else
            case_open_dispatch(turn);
        break;
    }
}
