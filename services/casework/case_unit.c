/* What a unit does with its task. */
#include "case_parts.h"

#include <string.h>

static bool is_lead(const struct case_turn *turn)
{
    return turn->task == &turn->state->lead;
}

/* While a return is being decided the stage stays; what was done shows again when it is
 * refused. The stage says how far the lead is, whatever an assisting unit does. */
static enum case_stage next_stage(const struct case_turn *turn)
{
    const struct case_state *state = turn->state;
    bool waits = state->stage == STAGE_RETURN_REQUESTED ||
                 state->stage == STAGE_DISPUTED || state->stage == STAGE_SUSPENDED;
    return waits ? state->stage : case_progress(state);
}

void case_mark_signed(struct case_turn *turn)
{
    if (!instant_is_never(turn->task->signed_at))
        return;
    turn->task->signed_at = turn->at;
    case_clock_stop(turn, CASE_CLOCK_SIGN, turn->task->number);
}

static void mark_contacted(struct case_turn *turn)
{
    if (!instant_is_never(turn->task->contacted_at))
        return;
    turn->task->contacted_at = turn->at;
    case_clock_stop(turn, CASE_CLOCK_CONTACT, turn->task->number);
}

void case_mark_handling(struct case_turn *turn)
{
    if (instant_is_never(turn->task->handling_at))
        turn->task->handling_at = turn->at;
}

/* Told to the unit too, before the desk. */
static struct case_effect *event_of_unit(
        struct case_turn *turn, enum case_event event, enum case_stage to)
{
    struct case_effect *effect = case_event_add(turn, event, to);
    effect->task = turn->task->number;
    case_text_copy(effect->unit, sizeof effect->unit, turn->task->unit);
    case_accept(turn, is_lead(turn) ? ROLE_LEAD : ROLE_ASSIST, turn->task->number);
    return effect;
}

void case_sign(struct case_turn *turn)
{
    case_mark_signed(turn);
    event_of_unit(turn, EVENT_SIGNED, next_stage(turn));
}

void case_contact(struct case_turn *turn)
{
    case_mark_signed(turn);
    mark_contacted(turn);
    event_of_unit(turn, EVENT_CONTACTED, next_stage(turn));
}

void case_check_in(struct case_turn *turn)
{
    case_mark_signed(turn);
    turn->task->arrived_at = turn->at;
    case_clock_stop(turn, CASE_CLOCK_ARRIVE, turn->task->number);
    event_of_unit(turn, EVENT_CHECKED_IN, next_stage(turn));
}

void case_handle(struct case_turn *turn)
{
    case_mark_signed(turn);
    case_mark_handling(
            turn); /* the contact clock runs on: work is no substitute for the call */
    event_of_unit(turn, EVENT_HANDLING, next_stage(turn));
}

/* A promised date is kept by saying how it stands. */
void case_make_progress(struct case_turn *turn)
{
    if (!case_words_say_something(turn->command->words)) {
        case_refuse(turn, RULE_NEEDS_RESULT);
        return;
    }
    case_clock_stop(turn, CASE_CLOCK_PROMISE, turn->task->number);
    event_of_unit(turn, EVENT_PROGRESS, next_stage(turn));
}

static enum case_rule submit_rule(const struct case_turn *turn)
{
    const struct case_command *command = turn->command;
    const struct category *category = policy_category(
            turn->policy, str_of(turn->state->category));
    if (!case_words_say_something(command->words))
        return RULE_NEEDS_RESULT;
    if (!command->has_contact_record)
        return RULE_NEEDS_CONTACT_RECORD;
    if (category && category->physical && !command->has_photo)
        return RULE_NEEDS_PHOTO;
    if (turn->state->redos > 0 && !command->has_head)
        return RULE_NEEDS_HEAD;
    if (case_assist_open(turn->state))
        return RULE_ASSIST_OPEN;
    if (case_step_open(turn))
        return RULE_STEP_OPEN;
    return RULE_NONE;
}

void case_submit(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (!is_lead(turn)) {
        case_submit_assist(turn);
        return;
    }
    bool waits = state->stage == STAGE_RETURN_REQUESTED || state->stage == STAGE_DISPUTED;
    enum case_rule rule = waits ? RULE_WRONG_STAGE : submit_rule(turn);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    case_request_supersede(turn, "submitted");
    case_mark_signed(turn);
    mark_contacted(turn); /* the contact record is the proof */
    case_mark_handling(turn);
    state->lead.submitted_at = turn->at;
    case_clock_stop(turn, CASE_CLOCK_ARRIVE, state->lead.number);
    case_clock_stop(turn, CASE_CLOCK_RETURN_WINDOW, state->lead.number);
    case_clock_stop(turn, CASE_CLOCK_PROMISE, state->lead.number);
    case_clock_stop(turn, CASE_CLOCK_STEP, state->lead.number);
    case_tasks_pause(turn, PAUSE_SUBMITTED); /* nobody can do anything now */
    case_clock_start(turn, CASE_CLOCK_REVIEW, CASE_DESK_TASK,
            turn->policy->handling.review, false);
    turn->decision->keep_result = true;
    event_of_unit(turn, EVENT_SUBMITTED, STAGE_SUBMITTED);
    case_order_add(turn, ORDER_REVIEW, ROLE_DESK, turn->policy->desk->code);
}

/* 接单: the first valid claim owns it. */
void case_claim(struct case_turn *turn)
{
    char pool[CASE_UNIT_SIZE];
    const struct sla_class *sla = case_sla(turn);
    const struct unit *unit = policy_unit(turn->policy, str_of(turn->command->unit));
    enum case_rule rule = sla ? case_owner_rule(turn, unit) : RULE_NEEDS_CATEGORY;
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    case_text_copy(pool, sizeof pool, turn->state->pool);
    case_note_add(turn, EVENT_CLAIMED, unit->code);
    turn->because = "claimed";
    case_dispatch(turn, unit, sla);
    case_text_copy(turn->state->claimed_from, sizeof turn->state->claimed_from, pool);
    case_end_of_desk(turn, "", 0);
    const struct pool *offered = policy_pool(turn->policy, str_of(pool));
    for (size_t i = 0; offered && i < offered->n_members; i++)
        if (offered->members[i] != unit) {
            struct case_effect *order = case_order_add(
                    turn, ORDER_WITHDRAW, ROLE_POOL, offered->members[i]->code);
            case_text_copy(order->reason, sizeof order->reason, "claimed");
        }
}
