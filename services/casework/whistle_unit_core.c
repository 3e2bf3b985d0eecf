/* What summoned units do, what is decided about them, and the end. */
#include "whistle_parts.h"

#include <string.h>

static bool arrived(const struct whistle_unit *unit)
{
    return !instant_is_never(unit->arrived_at);
}

static bool released(const struct whistle_unit *unit)
{
    return unit->dispute == WHISTLE_DISPUTE_RELEASED;
}

static enum whistle_rule check_in_rule(const struct whistle_turn *turn)
{
    const struct whistle_state *state = turn->state;
    if (released(turn->own))
        return WHISTLE_RULE_RELEASED;
    if (arrived(turn->own))
        return WHISTLE_RULE_ALREADY_DONE;
    if (state->stage == WHISTLE_FINISHED && instant_before(state->finished_at, turn->at))
        return WHISTLE_RULE_FINISHED;
    return turn->command->says_where ? WHISTLE_RULE_NONE : WHISTLE_RULE_NEEDS_WHERE;
}

/* Who came in time was never absent, though the wake may have been decided first. */
void whistle_check_in(struct whistle_turn *turn)
{
    struct whistle_state *state = turn->state;
    struct whistle_unit *unit = turn->own;
    enum whistle_rule rule = check_in_rule(turn);
    if (rule != WHISTLE_RULE_NONE) {
        whistle_refuse(turn, rule);
        return;
    }
    int32_t number = whistle_number_of(state, unit);
    bool missed = !instant_is_never(unit->absent_at);
    bool late = instant_before(whistle_due(turn->policy, state), turn->at);
    unit->arrived_at = turn->at;
    if (!late)
        unit->absent_at = (instant){0};
    whistle_event_add(turn, WHISTLE_EVENT_CHECKED_IN, state->stage, unit)->late = late;
    whistle_accept(turn);
    whistle_order_add(
            turn, WHISTLE_ORDER_CHECKED_IN, WHISTLE_ROLE_ISSUER, state->issuer, number)
            ->late = late;
    const struct unit *above = whistle_superior(turn->policy, unit);
    if (missed && strcmp(above->code, state->issuer) != 0)
        whistle_order_add(turn, WHISTLE_ORDER_CHECKED_IN, WHISTLE_ROLE_SUPERVISOR,
                above->code, number)
                ->late = late;
}

static bool is_reason(const struct policy *policy, const char *code)
{
    const struct names *reasons = &policy->whistle.absence_reasons;
    for (size_t i = 0; i < reasons->n; i++)
        if (strcmp(reasons->items[i], code) == 0)
            return true;
    return false;
}

/* Also before the deadline: who knows that it cannot come says so. */
void whistle_explain(struct whistle_turn *turn)
{
    struct whistle_unit *unit = turn->own;
    if (released(unit)) {
        whistle_refuse(turn, WHISTLE_RULE_RELEASED);
    } else if (unit->explained) {
        whistle_refuse(turn, WHISTLE_RULE_ALREADY_DONE);
    } else if (instant_is_never(unit->absent_at) &&
               (arrived(unit) || turn->state->stage == WHISTLE_FINISHED)) {
        whistle_refuse(turn, WHISTLE_RULE_NOT_ABSENT);
    } else if (!is_reason(turn->policy, turn->command->reason_code)) {
        whistle_refuse(turn, WHISTLE_RULE_UNKNOWN_REASON);
    } else {
        unit->explained = true;
        whistle_event_add(turn, WHISTLE_EVENT_EXPLAINED, turn->state->stage, unit);
        whistle_accept(turn);
    }
}

static enum whistle_rule dispute_rule(const struct whistle_turn *turn)
{
    const struct whistle_unit *unit = turn->own;
    if (unit->dispute == WHISTLE_DISPUTE_OPEN)
        return WHISTLE_RULE_ALREADY_DONE;
    if (unit->dispute != WHISTLE_DISPUTE_NONE)
        return released(unit) ? WHISTLE_RULE_RELEASED : WHISTLE_RULE_KEPT;
    if (turn->policy->whistle.classes[turn->state->type].dispute_needs_check_in &&
            !arrived(unit))
        return WHISTLE_RULE_CHECK_IN_FIRST;
    return whistle_says(turn->command->words) ? WHISTLE_RULE_NONE
                                              : WHISTLE_RULE_NEEDS_REASON;
}

/* To both who may decide. */
static void tell_deciders(
        struct whistle_turn *turn, enum whistle_order order, int32_t number)
{
    whistle_order_add(turn, order, WHISTLE_ROLE_ISSUER, turn->state->issuer, number);
    whistle_order_add(
            turn, order, WHISTLE_ROLE_SUPERVISOR, turn->policy->district->code, number);
}

void whistle_raise_dispute(struct whistle_turn *turn)
{
    enum whistle_rule rule = dispute_rule(turn);
    if (rule != WHISTLE_RULE_NONE) {
        whistle_refuse(turn, rule);
        return;
    }
    turn->own->dispute = WHISTLE_DISPUTE_OPEN;
    whistle_event_add(turn, WHISTLE_EVENT_DISPUTED, turn->state->stage, turn->own);
    whistle_accept(turn);
    tell_deciders(turn, WHISTLE_ORDER_DISPUTE, whistle_number_of(turn->state, turn->own));
}

static void decide_dispute(struct whistle_turn *turn, enum whistle_dispute outcome)
{
    struct whistle_unit *unit = turn->target;
    if (!unit) {
        whistle_refuse(turn, WHISTLE_RULE_NEEDS_TARGET);
        return;
    }
    if (unit->dispute != WHISTLE_DISPUTE_OPEN) {
        whistle_refuse(turn, unit->dispute == outcome ? WHISTLE_RULE_ALREADY_DONE
                                                      : WHISTLE_RULE_NO_DISPUTE);
        return;
    }
    bool release = outcome == WHISTLE_DISPUTE_RELEASED;
    int32_t number = whistle_number_of(turn->state, unit);
    unit->dispute = outcome;
    whistle_event_add(turn, release ? WHISTLE_EVENT_RELEASED : WHISTLE_EVENT_KEPT,
            turn->state->stage, unit);
    whistle_order_add(turn, release ? WHISTLE_ORDER_WITHDRAW : WHISTLE_ORDER_KEPT,
            whistle_role_of(unit), unit->unit, number);
    whistle_accept(turn);
    tell_deciders(turn, WHISTLE_ORDER_CLOSED, number);
}

void whistle_release(struct whistle_turn *turn)
{
    decide_dispute(turn, WHISTLE_DISPUTE_RELEASED);
}

void whistle_keep(struct whistle_turn *turn)
{
    decide_dispute(turn, WHISTLE_DISPUTE_KEPT);
}

/* It hears of it only if it was summoned before the case answered. */
void whistle_recuse(struct whistle_turn *turn, struct whistle_unit *unit)
{
    const struct whistle_state *state = turn->state;
    int32_t number = whistle_number_of(state, unit);
    bool disputed = unit->dispute == WHISTLE_DISPUTE_OPEN;
    unit->dispute = WHISTLE_DISPUTE_RELEASED;
    whistle_event_add(turn, WHISTLE_EVENT_RELEASED, state->stage, unit)
            ->rule = WHISTLE_RULE_UNIT_ACCUSED;
    if (!state->held)
        whistle_order_add(
                turn, WHISTLE_ORDER_WITHDRAW, whistle_role_of(unit), unit->unit, number)
                ->rule = WHISTLE_RULE_UNIT_ACCUSED;
    whistle_order_add(
            turn, WHISTLE_ORDER_WITHDRAW, WHISTLE_ROLE_ISSUER, state->issuer, number)
            ->rule = WHISTLE_RULE_UNIT_ACCUSED;
    if (disputed)
        tell_deciders(turn, WHISTLE_ORDER_CLOSED, number);
}

static bool dispute_open(const struct whistle_state *state)
{
    for (int i = 0; i < state->n_units; i++)
        if (state->units[i].dispute == WHISTLE_DISPUTE_OPEN)
            return true;
    return false;
}

/* An end before the deadline leaves nobody absent, though the wake may have been decided
 * first. */
static void forget_absences(struct whistle_turn *turn)
{
    for (int i = 0; i < turn->state->n_units; i++) {
        struct whistle_unit *unit = &turn->state->units[i];
        if (!arrived(unit) && instant_before(turn->at, unit->absent_at))
            unit->absent_at = (instant){0};
    }
}

void whistle_finish(struct whistle_turn *turn)
{
    struct whistle_state *state = turn->state;
    if (dispute_open(state)) {
        whistle_refuse(turn, WHISTLE_RULE_DISPUTE_OPEN);
        return;
    }
    forget_absences(turn);
    for (int i = 0; state->held && i < state->n_units; i++)
        state->units[i].dispute = WHISTLE_DISPUTE_RELEASED; /* it never heard of it */
    state->finished_at = turn->at;
    whistle_event_add(turn, WHISTLE_EVENT_FINISHED, WHISTLE_FINISHED, NULL);
    for (int i = 0; i < state->n_units; i++) {
        const struct whistle_unit *unit = &state->units[i];
        if (!released(unit))
            whistle_order_add(turn, WHISTLE_ORDER_CLOSED, whistle_role_of(unit),
                    unit->unit, whistle_number_of(state, unit));
    }
    for (int i = 0; i < state->n_cases; i++)
        whistle_command_add(turn, WHISTLE_EFFECT_UNLINKED, state->cases[i]);
    whistle_accept(turn);
    whistle_order_add(turn, WHISTLE_ORDER_CLOSED, WHISTLE_ROLE_ISSUER, state->issuer,
            WHISTLE_ISSUER_NUMBER);
}

static enum whistle_rule score_rule(const struct whistle_turn *turn)
{
    const struct whistle_command *command = turn->command;
    const struct whistle_unit *unit = turn->own ? turn->own : turn->target;
    if (turn->own && command->to[0] && strcmp(command->to, turn->state->issuer) != 0)
        return WHISTLE_RULE_BAD_TARGET;
    if (!unit)
        return WHISTLE_RULE_NEEDS_TARGET;
    if (released(unit))
        return WHISTLE_RULE_RELEASED;
    if (turn->own ? unit->score_of_issuer : unit->score)
        return WHISTLE_RULE_ALREADY_DONE;
    if (command->score < 1 || command->score > WHISTLE_SCORE_MAX)
        return WHISTLE_RULE_BAD_SCORE;
    return whistle_says(command->words) ? WHISTLE_RULE_NONE : WHISTLE_RULE_NEEDS_REASON;
}

/* 双考核: the issuer scores each unit, each unit the issuer. */
void whistle_score(struct whistle_turn *turn)
{
    struct whistle_state *state = turn->state;
    enum whistle_rule rule = score_rule(turn);
    if (rule != WHISTLE_RULE_NONE) {
        whistle_refuse(turn, rule);
        return;
    }
    bool by_unit = turn->own != NULL;
    struct whistle_unit *unit = by_unit ? turn->own : turn->target;
    const char *scored = by_unit ? state->issuer : unit->unit;
    *(by_unit ? &unit->score_of_issuer : &unit->score) = turn->command->score;
    struct whistle_effect *event = whistle_event_add(
            turn, WHISTLE_EVENT_SCORED, state->stage, unit);
    event->score = turn->command->score;
    whistle_text_copy(event->unit, sizeof event->unit, scored);
    if (by_unit)
        event->role = WHISTLE_ROLE_ISSUER;
    whistle_accept(turn);
    whistle_order_add(turn, WHISTLE_ORDER_SCORED,
            by_unit ? WHISTLE_ROLE_ISSUER : whistle_role_of(unit), scored,
            by_unit ? WHISTLE_ISSUER_NUMBER : whistle_number_of(state, unit))
            ->score = turn->command->score;
}
