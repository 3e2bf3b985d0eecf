/* What the hotline desk decides. */
#include "case_parts.h"

#include <string.h>

static enum case_rule dispatch_rule(const struct case_turn *turn, const struct unit *to,
        const struct category *category, const struct sla_class *sla)
{
    const struct case_state *state = turn->state;
    if (!to || !unit_valid_at(to, turn->at))
        return RULE_UNKNOWN_UNIT;
    if (to->type == UNIT_TYPE_DESK || to->type == UNIT_TYPE_DISTRICT)
        return RULE_NOT_A_HANDLER;
    if (strcmp(to->code, state->accused) == 0)
        return RULE_UNIT_ACCUSED;
    if (state->stage == STAGE_RETURN_REQUESTED && strcmp(to->code, state->lead) == 0)
        return RULE_SAME_UNIT;
    if ((turn->command->category[0] && !category) || !sla)
        return RULE_NEEDS_CATEGORY;
    return RULE_NONE;
}

/* The desk's part is done. As the lead of the case itself it has one order for both,
 * which goes on or ends as the lead's. */
static void end_of_desk(struct case_turn *turn, const char *lead, int32_t task)
{
    const char *desk = turn->policy->desk->code;
    if (task == 0 || strcmp(lead, desk) != 0)
        case_order_add(turn, ORDER_CLOSED, ROLE_DESK, desk)->task = task;
}

void case_desk_dispatch(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    const struct case_command *command = turn->command;
    const struct unit *to = policy_unit(turn->policy, str_of(command->to));
    const struct category *category = policy_category(
            turn->policy, str_of(command->category));
    /* A corrected category brings its own deadlines; else those of the route, else those
     * of the category it has. */
    const struct sla_class *sla = category ? category->sla
                                           : policy_sla_class(
                                                     turn->policy, str_of(state->sla));
    if (!sla && !category) {
        const struct category *known = policy_category(
                turn->policy, str_of(state->category));
        sla = known ? known->sla : NULL;
    }
    enum case_rule rule = dispatch_rule(turn, to, category, sla);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    if (category)
        case_text_copy(state->category, sizeof state->category, category->code);
    char former[CASE_UNIT_SIZE];
    memcpy(former, state->lead, sizeof former);
    int32_t former_task = state->task;
    case_dispatch(turn, to, sla);
    if (former_task > 0)
        case_order_add(turn, ORDER_WITHDRAW, ROLE_LEAD, former)->task = former_task;
    end_of_desk(turn, former, former_task);
}

void case_desk_refuse_return(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    state->return_refused = true;
    struct case_effect *event = case_event_add(
            turn, EVENT_RETURN_REFUSED, case_progress(state));
    case_text_copy(event->unit, sizeof event->unit, state->lead);
    case_order_add(turn, ORDER_RETURN_REFUSED, ROLE_LEAD, state->lead);
    end_of_desk(turn, state->lead, state->task);
}

void case_desk_redo(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    state->redos++;
    state->submitted_at = (instant){0};
    case_clock_resume(turn->policy, state, CLOCK_HANDLE, turn->at);
    struct case_effect *event = case_event_add(turn, EVENT_REDO, STAGE_HANDLING);
    case_text_copy(event->unit, sizeof event->unit, state->lead);
    case_order_add(turn, ORDER_REDO, ROLE_LEAD, state->lead);
    end_of_desk(turn, state->lead, state->task);
}

void case_desk_close(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    bool answered_by_desk = state->stage == STAGE_NEEDS_HUMAN;
    if (answered_by_desk) {
        /* What the desk answers itself needs an answer like any other. */
        if (!case_words_say_something(turn->command->words)) {
            case_refuse(turn, RULE_NEEDS_RESULT);
            return;
        }
        turn->decision->keep_result = true;
    }
    const char *unit = answered_by_desk ? turn->policy->desk->code : state->lead;
    case_clocks_stop(state, turn->at);
    state->outcome = OUTCOME_RESOLVED;
    struct case_effect *event = case_event_add(turn, EVENT_CLOSED, STAGE_CLOSED);
    case_text_copy(event->unit, sizeof event->unit, unit);
    if (!answered_by_desk) {
        case_order_add(turn, ORDER_CLOSED, ROLE_LEAD, state->lead);
        for (int i = 0; i < state->n_assists; i++)
            case_order_add(turn, ORDER_CLOSED, ROLE_ASSIST, state->assists[i])
                    ->task = CASE_FIRST_TASK;
    }
    end_of_desk(turn, state->lead, state->task);
    case_resolution_add(turn, OUTCOME_RESOLVED, unit);
    for (int i = 0; i < state->n_members; i++)
        case_command_add(turn, COMMAND_MEMBER_RESULT, state->members[i]);
}
