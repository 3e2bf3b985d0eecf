/* The steps of an SLA class 阶段时限: one after the other, each with its own budget and
 * its own proof. */
#include "case_parts.h"

#include <string.h>

/* NULL: all are done, or the class has none. */
static const struct sla_step *current(const struct case_turn *turn)
{
    const struct sla_class *sla = policy_sla_class(
            turn->policy, str_of(turn->state->sla));
    return sla && turn->state->step < sla->n_steps ? &sla->steps[turn->state->step]
                                                   : NULL;
}

bool case_step_open(const struct case_turn *turn)
{
    return current(turn) != NULL;
}

void case_step_start(struct case_turn *turn)
{
    const struct sla_step *step = current(turn);
    if (step)
        case_clock_start(
                turn, CASE_CLOCK_STEP, turn->state->lead.number, step->budget, true);
}

static enum case_rule step_rule(const struct case_turn *turn, const struct sla_step *step)
{
    const struct case_command *command = turn->command;
    if (!step || strcmp(command->step, step->name) != 0)
        return RULE_NOT_THIS_STEP;
    if (step->needs & (1u << STEP_NEEDS_RESULT) &&
            !case_words_say_something(command->words))
        return RULE_NEEDS_RESULT;
    if (step->needs & (1u << STEP_NEEDS_PHOTO) && !command->has_photo)
        return RULE_NEEDS_PHOTO;
    if (step->needs & (1u << STEP_NEEDS_PLAN) && !command->has_plan)
        return RULE_NEEDS_PLAN;
    if (step->needs & (1u << STEP_NEEDS_ATTENDEES) && !command->has_attendees)
        return RULE_NEEDS_ATTENDEES;
    if (step->needs & (1u << STEP_NEEDS_DATE) &&
            !instant_before(turn->at, command->until))
        return RULE_BAD_DATE;
    return RULE_NONE;
}

/* 镇街备案: the street of the case keeps a record of it. */
static void file(struct case_turn *turn, const struct sla_step *step)
{
    const struct unit *street = case_level_unit(
            turn->policy, turn->state, turn->state->lead.unit, LEVEL_STREET);
    struct case_effect *told[2] = {case_note_add(turn, EVENT_FILED, street->code),
            case_order_add(turn, ORDER_FILED, ROLE_NOBODY, street->code)};
    for (int i = 0; i < 2; i++)
        case_text_copy(told[i]->step, sizeof told[i]->step, step->name);
}

void case_complete_step(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    const struct sla_step *step = current(turn);
    enum case_rule rule = step_rule(turn, step);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    case_mark_signed(turn);
    case_mark_handling(turn);
    struct case_effect *event = case_event_add(
            turn, EVENT_STEP_DONE, case_progress(state));
    case_text_copy(event->unit, sizeof event->unit, state->lead.unit);
    case_text_copy(event->step, sizeof event->step, step->name);
    if (step->needs & (1u << STEP_NEEDS_DATE)) {
        event->due = turn->command->until;
        case_clock_start_until(turn, CASE_CLOCK_PROMISE, state->lead.number, event->due);
    }
    if (step->needs & (1u << STEP_NEEDS_FILING))
        file(turn, step);
    case_clock_stop(turn, CASE_CLOCK_STEP, state->lead.number);
    state->step++;
    case_step_start(turn);
    case_accept(turn, ROLE_LEAD, state->lead.number);
}
