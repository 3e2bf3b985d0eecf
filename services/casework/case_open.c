/* A case begins, and a unit gets it. */
#include "case_parts.h"

#include <string.h>

static void order_assists(struct case_turn *turn)
{
    for (int i = 0; i < turn->state->n_assists; i++)
        case_order_add(turn, ORDER_ASSIST, ROLE_ASSIST, turn->state->assists[i]);
}

void case_dispatch(
        struct case_turn *turn, const struct unit *lead, const struct sla_class *sla)
{
    struct case_state *state = turn->state;
    bool first = state->task == 0;
    state->task++;
    case_text_copy(state->lead, sizeof state->lead, lead->code);
    case_text_copy(state->sla, sizeof state->sla, sla->name);
    state->signed_at = state->contacted_at = state->handling_at = state->submitted_at =
            (instant){0};
    state->return_refused = false;
    /* Who leads does not assist. */
    int kept = 0;
    for (int i = 0; i < state->n_assists; i++)
        if (strcmp(state->assists[i], lead->code) != 0)
            memmove(state->assists[kept++], state->assists[i], CASE_UNIT_SIZE);
    bool assisted = kept < state->n_assists;
    state->n_assists = kept;
    case_clock_stop(state, CLOCK_DESK, turn->at);
    /* Handling starts at dispatch, not at signing: who does not sign gains no time. */
    static const int clocks[] = {CLOCK_SIGN, CLOCK_CONTACT, CLOCK_HANDLE};
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        const struct budget *budget = &sla->budgets[clocks[i]];
        case_clock_start(state, clocks[i], budget->amount, budget->unit, turn->at);
    }
    struct case_effect *event = case_event_add(turn, EVENT_DISPATCHED, STAGE_DISPATCHED);
    case_text_copy(event->unit, sizeof event->unit, lead->code);
    case_order_add(turn, ORDER_DISPATCH, ROLE_LEAD, lead->code);
    if (first)
        order_assists(turn);
    else if (assisted)
        case_order_add(turn, ORDER_WITHDRAW, ROLE_ASSIST, lead->code)
                ->task = CASE_FIRST_TASK;
}

static void open_needs_human(struct case_turn *turn, const char *reason)
{
    struct case_state *state = turn->state;
    const char *desk = turn->policy->desk->code;
    case_clock_start(state, CLOCK_DESK, turn->policy->handling.desk.amount,
            turn->policy->handling.desk.unit, turn->at);
    struct case_effect *event = case_event_add(
            turn, EVENT_NEEDS_HUMAN, STAGE_NEEDS_HUMAN);
    case_text_copy(event->unit, sizeof event->unit, desk);
    case_text_copy(event->reason, sizeof event->reason, reason);
    struct case_effect *order = case_order_add(turn, ORDER_NEEDS_HUMAN, ROLE_DESK, desk);
    case_text_copy(order->reason, sizeof order->reason, reason);
}

static const struct sla_class *route_sla(const struct case_turn *turn)
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
    const struct unit *lead = policy_unit(turn->policy, str_of(state->lead));
    const struct sla_class *sla = route_sla(turn);
    const char *reason = !state->lead[0]                           ? "no_owner"
                         : !lead || !unit_valid_at(lead, turn->at) ? "owner_not_valid"
                         : strcmp(lead->code, state->accused) == 0 ? "unit_accused"
                         : !sla                                    ? "no_category"
                                                                   : NULL;
    if (reason)
        open_needs_human(turn, reason);
    else
        case_dispatch(turn, lead, sla);
}

/* Assisting units that exist and are not accused; the router has left out the others
 * already. */
static void take_assists(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    for (int i = 0; i < turn->command->n_assists; i++) {
        const char *code = turn->command->assists[i];
        if (policy_unit(turn->policy, str_of(code)) && strcmp(code, state->accused) != 0)
            case_text_copy(state->assists[state->n_assists++], CASE_UNIT_SIZE, code);
    }
}

void case_open(struct case_turn *turn)
{
    const struct case_command *command = turn->command;
    struct case_state *state = turn->state;
    case_text_copy(state->id, sizeof state->id, command->case_id);
    state->opened = turn->at;
    case_text_copy(state->lead, sizeof state->lead, command->lead);
    case_text_copy(state->sla, sizeof state->sla, command->sla);
    case_text_copy(state->category, sizeof state->category, command->category);
    case_text_copy(state->accused, sizeof state->accused, command->accused);
    take_assists(turn);
    case_event_add(turn, EVENT_OPENED, STAGE_NONE);
    switch (command->route) {
    case ROUTE_DISPATCH:
        case_open_dispatch(turn);
        break;
    case ROUTE_NEEDS_HUMAN:
    case ROUTE_COUNT:
        open_needs_human(turn, command->reason);
        break;
    case ROUTE_TRANSFER:
        case_event_add(turn, EVENT_TRANSFERRED, STAGE_TRANSFERRED_OUT);
        case_resolution_add(turn, OUTCOME_TRANSFERRED, "");
        break;
    case ROUTE_MERGE:
        if (!command->other[0] || strcmp(command->other, state->id) == 0) {
            case_open_dispatch(turn);
            break;
        }
        case_text_copy(state->master, sizeof state->master, command->other);
        struct case_effect *event = case_event_add(
                turn, EVENT_MERGE_REQUESTED, STAGE_MERGE_REQUESTED);
        case_text_copy(event->other, sizeof event->other, state->master);
        case_command_add(turn, COMMAND_MERGE_REQUEST, state->master);
        break;
    }
}
