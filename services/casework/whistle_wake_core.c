/* The deadline, its rungs, and the one wake of a whistle. */
#include "whistle_parts.h"

#include <string.h>

enum { RUNG_EFFECTS = 4 }; /* the most that one rung makes */

instant whistle_due(const struct policy *policy, const struct whistle_state *state)
{
    return calendar_due(&policy->calendar, state->issued_at, state->check_in.amount,
            state->check_in.unit);
}

/* Waited for: not there yet, and its coming still asked for. */
static bool waits(const struct whistle_state *state, const struct whistle_unit *unit)
{
    return state->stage == WHISTLE_ISSUED && instant_is_never(unit->arrived_at) &&
           unit->dispute != WHISTLE_DISPUTE_RELEASED;
}

static instant rung_at(const struct policy *policy, const struct whistle_state *state,
        const struct sla_rung *rung)
{
    const struct calendar *calendar = &policy->calendar;
    instant at = calendar_share(calendar, state->issued_at, state->check_in.amount,
            state->check_in.unit, rung->percent);
    return rung->after.amount > 0
                   ? calendar_due(calendar, at, rung->after.amount, rung->after.unit)
                   : at;
}

struct next_rung {
    int unit; /* -1: none is left */
    int rung;
    instant at;
};

static struct next_rung next_rung(
        const struct policy *policy, const struct whistle_state *state)
{
    const struct sla_ladder *ladder = &policy->whistle.classes[state->type].ladder;
    struct next_rung next = {.unit = -1};
    for (int i = 0; i < state->n_units; i++) {
        const struct whistle_unit *unit = &state->units[i];
        int r = 0;
        while (r < ladder->n_rungs && sla_rung_key(ladder, r) <= unit->fired)
            r++;
        if (!waits(state, unit) || r == ladder->n_rungs)
            continue;
        instant at = rung_at(policy, state, &ladder->rungs[r]);
        if (next.unit < 0 || instant_before(at, next.at))
            next = (struct next_rung){i, r, at};
    }
    return next;
}

instant whistle_next_wake(const struct policy *policy, const struct whistle_state *state)
{
    return next_rung(policy, state).at;
}

const struct unit *whistle_superior(
        const struct policy *policy, const struct whistle_unit *unit)
{
    const struct unit *self = policy_unit(policy, str_of(unit->unit));
    return self && self->parent ? self->parent : policy->district;
}

/* Whose matter it is by that level of the ladder; the street is the one that whistled. */
static const char *level_code(const struct whistle_turn *turn,
        const struct whistle_unit *unit, enum sla_level level)
{
    switch (level) {
    case LEVEL_UNIT:
        return unit->unit;
    case LEVEL_SUPERIOR:
        return whistle_superior(turn->policy, unit)->code;
    case LEVEL_STREET:
        return turn->state->issuer;
    case LEVEL_DISTRICT:
    case LEVEL_COUNT:
        break;
    }
    return turn->policy->district->code;
}

static enum whistle_role role_above(const struct whistle_turn *turn, const char *unit)
{
    return strcmp(unit, turn->state->issuer) == 0 ? WHISTLE_ROLE_ISSUER
                                                  : WHISTLE_ROLE_SUPERVISOR;
}

static void describe(struct whistle_effect *effect, const struct whistle_turn *turn,
        const struct sla_rung *rung)
{
    effect->percent = rung->percent;
    effect->after = rung->after;
    effect->due = turn->state->due;
}

static void tell(struct whistle_turn *turn, enum whistle_order order,
        enum whistle_role role, const char *to, const struct whistle_unit *about,
        const struct sla_rung *rung)
{
    describe(whistle_order_add(
                     turn, order, role, to, whistle_number_of(turn->state, about)),
            turn, rung);
}

/* 缺席: the unit, who is above it and who whistled hear it in the same minute. */
static void tell_absence(
        struct whistle_turn *turn, struct whistle_unit *unit, const struct sla_rung *rung)
{
    const char *issuer = turn->state->issuer;
    const char *above = whistle_superior(turn->policy, unit)->code;
    unit->absent_at = turn->state->due;
    describe(whistle_event_add(turn, WHISTLE_EVENT_ABSENT, turn->state->stage, unit),
            turn, rung);
    tell(turn, WHISTLE_ORDER_ABSENT, whistle_role_of(unit), unit->unit, unit, rung);
    if (strcmp(above, issuer) != 0)
        tell(turn, WHISTLE_ORDER_ABSENT, WHISTLE_ROLE_SUPERVISOR, above, unit, rung);
    tell(turn, WHISTLE_ORDER_ABSENT, WHISTLE_ROLE_ISSUER, issuer, unit, rung);
}

static void tell_reminder(struct whistle_turn *turn, const struct whistle_unit *unit,
        const struct sla_rung *rung)
{
    const char *above = level_code(turn, unit, rung->level);
    describe(whistle_event_add(turn, WHISTLE_EVENT_REMINDER, turn->state->stage, unit),
            turn, rung);
    tell(turn, WHISTLE_ORDER_REMIND, whistle_role_of(unit), unit->unit, unit, rung);
    if (strcmp(above, unit->unit) != 0)
        tell(turn, WHISTLE_ORDER_ESCALATE, role_above(turn, above), above, unit, rung);
}

/* Higher up goes only who has to come 必到. */
static void tell_escalation(struct whistle_turn *turn, const struct whistle_unit *unit,
        const struct sla_rung *rung)
{
    const char *above = level_code(turn, unit, rung->level);
    if (!unit->must)
        return;
    describe(whistle_event_add(turn, WHISTLE_EVENT_ESCALATED, turn->state->stage, unit),
            turn, rung);
    bool itself = strcmp(above, unit->unit) == 0;
    tell(turn, WHISTLE_ORDER_ESCALATE,
            itself ? WHISTLE_ROLE_MUST : role_above(turn, above), above, unit, rung);
}

static void reach_rung(struct whistle_turn *turn, const struct next_rung *next)
{
    const struct sla_ladder *ladder = &turn->policy->whistle.classes[turn->state->type]
                                               .ladder;
    const struct sla_rung *rung = &ladder->rungs[next->rung];
    struct whistle_unit *unit = &turn->state->units[next->unit];
    unit->fired = sla_rung_key(ladder, next->rung);
    if (unit->fired < SLA_RUNG_END)
        tell_reminder(turn, unit, rung);
    else if (unit->fired == SLA_RUNG_END)
        tell_absence(turn, unit, rung);
    else
        tell_escalation(turn, unit, rung);
}

static void catch_up(struct whistle_turn *turn, struct whistle_unit *unit)
{
    static const struct sla_rung end = {.percent = 100};
    if (!waits(turn->state, unit) || unit->fired >= SLA_RUNG_END ||
            !instant_before(whistle_due(turn->policy, turn->state), turn->at))
        return;
    unit->fired = SLA_RUNG_END;
    tell_absence(turn, unit, &end);
}

void whistle_catch_up(struct whistle_turn *turn)
{
    if (turn->state->stage == WHISTLE_ISSUED &&
            instant_before(whistle_due(turn->policy, turn->state), turn->at))
        whistle_summon(turn);
    for (int i = 0; i < turn->state->n_units; i++)
        catch_up(turn, &turn->state->units[i]);
}

/* Told before the rungs, so that they name the deadline that holds. */
static void derive_due(struct whistle_turn *turn)
{
    struct whistle_state *state = turn->state;
    instant due = whistle_due(turn->policy, state), told = state->due;
    if (state->stage != WHISTLE_ISSUED || due.ms == told.ms)
        return;
    state->due = due;
    struct whistle_effect *event = whistle_event_add(
            turn, WHISTLE_EVENT_REPROJECTED, state->stage, NULL);
    event->due = due;
    event->old_due = told;
}

void whistle_reproject(struct whistle_turn *turn)
{
    derive_due(turn);
}

/* sla only suggests: a wake for another due time than the state's is stale. One that
 * comes late tells every rung it missed, in the order of their times. */
void whistle_wake(struct whistle_turn *turn)
{
    struct whistle_state *state = turn->state;
    if (instant_is_never(state->wake_at) || state->wake_at.ms != turn->command->due.ms ||
            instant_before(turn->at, turn->command->due))
        return;
    derive_due(turn);
    whistle_summon(turn); /* a case that is silent by the first rung is not waited for */
    while (turn->decision->n_effects + RUNG_EFFECTS <= WHISTLE_EFFECTS_MAX) {
        struct next_rung next = next_rung(turn->policy, state);
        if (next.unit < 0 || instant_before(turn->at, next.at))
            break;
        reach_rung(turn, &next);
    }
    turn->decision->changed = true; /* told or moved: the due index must follow */
}
