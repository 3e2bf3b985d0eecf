/* Who owns a case is decided for good: a ruling 裁定, or a joint meeting 联席会议. */
#include "case_parts.h"

#include <string.h>

static enum case_rule owner_rule(const struct case_turn *turn, const struct unit *to)
{
    const struct case_command *command = turn->command;
    enum case_rule rule = case_owner_rule(turn, to);
    if (rule != RULE_NONE)
        return rule;
    if (!command->has_attendees)
        return RULE_NEEDS_ATTENDEES;
    if (!command->has_basis)
        return RULE_NEEDS_BASIS;
    if ((command->category[0] &&
                !policy_category(turn->policy, str_of(command->category))) ||
            !case_sla(turn))
        return RULE_NEEDS_CATEGORY;
    return RULE_NONE;
}

static const struct sla_class *take_category(struct case_turn *turn)
{
    const struct category *category = policy_category(
            turn->policy, str_of(turn->command->category));
    if (!category)
        return case_sla(turn);
    case_text_copy(turn->state->category, sizeof turn->state->category, category->code);
    return category->sla;
}

/* The same owner goes on where it was; another one begins. Neither may return it. */
static void bind_owner(struct case_turn *turn, const struct unit *to)
{
    struct case_state *state = turn->state;
    const struct sla_class *sla = take_category(turn);
    bool kept = state->lead.number > 0 && strcmp(state->lead.unit, to->code) == 0;
    bool asked = state->request.kind != REQUEST_NONE &&
                 state->request.task == state->lead.number;
    bool returned = asked && state->request.kind == REQUEST_RETURN;
    if (returned || (asked && !kept))
        case_request_lapse(turn);
    if (kept && returned) {
        struct case_effect *order = case_order_add(
                turn, ORDER_REQUEST_REFUSED, ROLE_LEAD, to->code);
        order->request = REQUEST_RETURN;
        case_text_copy(order->reason, sizeof order->reason, "ruled");
    } else if (!kept) {
        case_dispatch(turn, to, sla);
    }
    state->no_return = true;
    state->returns = 0;
}

void case_rule(struct case_turn *turn)
{
    const struct unit *to = policy_unit(turn->policy, str_of(turn->command->to));
    enum case_rule rule = case_approver_rule(turn);
    if (rule == RULE_NONE)
        rule = owner_rule(turn, to);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    struct case_effect *event = case_event_add(
            turn, EVENT_RULED, case_progress(turn->state));
    case_text_copy(event->unit, sizeof event->unit, to->code);
    turn->because = "ruling";
    bind_owner(turn, to);
}

static enum case_rule convene_rule(const struct case_turn *turn)
{
    const struct case_command *command = turn->command;
    if (turn->state->meeting.convener[0])
        return RULE_MEETING_OPEN;
    if (!case_words_say_something(command->words))
        return RULE_NEEDS_AGENDA;
    if (command->n_parties == 0)
        return RULE_NEEDS_PARTIES;
    for (int i = 0; i < command->n_parties; i++)
        if (!policy_unit(turn->policy, str_of(command->parties[i])))
            return RULE_NEEDS_PARTIES;
    return instant_before(turn->at, command->until) ? RULE_NONE : RULE_BAD_DATE;
}

static bool is_invited(const struct case_meeting *meeting, const char *party)
{
    for (int i = 0; i < meeting->n_parties; i++)
        if (strcmp(meeting->parties[i], party) == 0)
            return true;
    return false;
}

void case_convene(struct case_turn *turn)
{
    const struct case_command *command = turn->command;
    struct case_meeting *meeting = &turn->state->meeting;
    enum case_rule rule = convene_rule(turn);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    case_text_copy(meeting->convener, sizeof meeting->convener, command->unit);
    case_clock_start_until(turn, CASE_CLOCK_MEETING, CASE_DESK_TASK, command->until);
    case_note_add(turn, EVENT_CONVENED, command->unit)->due = command->until;
    for (int i = 0; i < command->n_parties; i++) {
        const char *party = command->parties[i];
        if (is_invited(meeting, party))
            continue;
        case_text_copy(meeting->parties[meeting->n_parties++], CASE_UNIT_SIZE, party);
        case_order_add(turn, ORDER_MEETING, ROLE_PARTY, party)->due = command->until;
    }
    case_accept(turn, ROLE_PARTY, turn->state->lead.number);
}

void case_meeting_end(struct case_turn *turn)
{
    struct case_meeting *meeting = &turn->state->meeting;
    case_clock_stop(turn, CASE_CLOCK_MEETING, CASE_DESK_TASK);
    for (int i = 0; i < meeting->n_parties; i++)
        case_order_add(turn, ORDER_DECIDED, ROLE_PARTY, meeting->parties[i]);
    *meeting = (struct case_meeting){0};
}

void case_decide_meeting(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    const struct unit *to = policy_unit(turn->policy, str_of(turn->command->to));
    enum case_rule rule = owner_rule(turn, to);
    if (rule == RULE_NONE && !case_words_say_something(turn->command->words))
        rule = RULE_NEEDS_RESULT;
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    bool human = state->stage == STAGE_NEEDS_HUMAN;
    if (state->stage == STAGE_SUSPENDED)
        case_resume(turn); /* what was waited for is decided */
    case_event_add(turn, EVENT_DECIDED, human ? STAGE_NEEDS_HUMAN : case_progress(state));
    case_text_copy(turn->decision->effects[turn->decision->n_effects - 1].unit,
            CASE_UNIT_SIZE, to->code);
    case_meeting_end(turn);
    turn->because = "meeting";
    bind_owner(turn, to);
    if (human)
        case_end_of_desk(turn, to->code, 0);
}
