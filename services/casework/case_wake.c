/* Rungs, escalation and the one wake of a case. */
#include "case_parts.h"

enum { RUNG_EFFECTS = 8 }; /* the most that one rung makes */

static const struct sla_ladder no_ladder;
static const struct sla_ladder end_ladder = {.rungs = {{.percent = 100}}, .n_rungs = 1};
static const struct sla_ladder review_ladder = {
        .rungs = {{.percent = 80}, {.percent = 100}}, .n_rungs = 2};

const struct sla_ladder *case_ladder(const struct policy *policy,
        const struct case_state *state, const struct case_clock *clock)
{
    const struct sla_class *sla = policy_sla_class(policy, str_of(state->sla));
    switch (clock->kind) {
    case CASE_CLOCK_SIGN:
    case CASE_CLOCK_CONTACT:
    case CASE_CLOCK_ARRIVE:
    case CASE_CLOCK_HANDLE:
    case CASE_CLOCK_STEP:
        return sla ? &sla->ladder : &policy->handling.ladder;
    case CASE_CLOCK_DESK:
    case CASE_CLOCK_REVIEW:
    case CASE_CLOCK_FOLLOW_UP:
    case CASE_CLOCK_REQUEST:
    case CASE_CLOCK_ADJUDICATION:
    case CASE_CLOCK_MEETING:
        return &policy->handling.ladder;
    case CASE_CLOCK_SUSPENSION:
        return &review_ladder;
    case CASE_CLOCK_PROMISE:
    case CASE_CLOCK_TRANSFER_ACK:
        return &end_ladder;
    case CASE_CLOCK_RETURN_WINDOW:
    case CASE_CLOCK_COUNT:
        break;
    }
    return &no_ladder;
}

struct next_rung {
    struct case_clock *clock; /* NULL: none is left */
    const struct sla_ladder *ladder;
    int rung;
    instant at;
};

static struct next_rung next_rung(const struct policy *policy, struct case_state *state)
{
    struct next_rung next = {0};
    for (int i = 0; i < state->n_clocks; i++) {
        struct case_clock *clock = &state->clocks[i];
        if (!case_clock_runs(clock))
            continue;
        const struct sla_ladder *ladder = case_ladder(policy, state, clock);
        int r = 0;
        while (r < ladder->n_rungs && sla_rung_key(ladder, r) <= clock->fired)
            r++;
        if (r == ladder->n_rungs)
            continue;
        instant at = case_rung_at(policy, clock, &ladder->rungs[r]);
        if (!next.clock || instant_before(at, next.at))
            next = (struct next_rung){clock, ladder, r, at};
    }
    return next;
}

instant case_next_wake(const struct policy *policy, const struct case_state *state)
{
    return next_rung(policy, (struct case_state *)state).at; /* only looked at */
}

const struct unit *case_level_unit(const struct policy *policy,
        const struct case_state *state, const char *unit, enum sla_level level)
{
    const struct unit *self = policy_unit(policy, str_of(unit));
    const struct place *place = policy_place(policy, str_of(state->place));
    const struct unit *street = place ? place_governor(place, UNIT_TYPE_STREET) : NULL;
    switch (level) {
    case LEVEL_UNIT:
        return self;
    case LEVEL_SUPERIOR:
        return self && self->parent ? self->parent : policy->district;
    case LEVEL_STREET:
        return street ? street : policy->district;
    case LEVEL_DISTRICT:
    case LEVEL_COUNT:
        break;
    }
    return policy->district;
}

/* Who is late when this clock is. */
static const char *owner_of(const struct case_turn *turn, const struct case_clock *clock,
        enum case_role *role)
{
    const struct case_state *state = turn->state;
    const char *unit = turn->policy->desk->code;
    const struct case_task *task = case_task_find(state, clock->task);
    if (clock->task != CASE_DESK_TASK) {
        *role = task == &state->lead ? ROLE_LEAD : ROLE_ASSIST;
        return task ? task->unit : unit;
    }
    if (clock->kind == CASE_CLOCK_REQUEST || clock->kind == CASE_CLOCK_ADJUDICATION)
        unit = state->request.approver;
    else if (clock->kind == CASE_CLOCK_MEETING)
        unit = state->meeting.convener;
    *role = case_is_desk(turn, unit)            ? ROLE_DESK
            : clock->kind == CASE_CLOCK_MEETING ? ROLE_PARTY
                                                : ROLE_SUPERVISOR;
    return unit;
}

static void describe(struct case_effect *effect, const struct case_turn *turn,
        const struct next_rung *next)
{
    const struct sla_rung *rung = &next->ladder->rungs[next->rung];
    const struct sla_class *sla = policy_sla_class(
            turn->policy, str_of(turn->state->sla));
    effect->clock = (int32_t)next->clock->kind;
    effect->task = next->clock->task;
    effect->percent = rung->percent;
    effect->after = rung->after;
    effect->level = rung->level;
    effect->due = case_clock_due(turn->policy, next->clock);
    if (next->clock->kind == CASE_CLOCK_STEP && sla && turn->state->step < sla->n_steps)
        case_text_copy(
                effect->step, sizeof effect->step, sla->steps[turn->state->step].name);
}

/* The rung before it is reached at the same instant: who is late knows already. */
static bool with_the_one_before(const struct next_rung *next)
{
    const struct sla_rung *rung = &next->ladder->rungs[next->rung];
    return next->rung > 0 && rung[-1].percent == rung->percent &&
           rung[-1].after.amount == rung->after.amount &&
           rung[-1].after.unit == rung->after.unit;
}

/* One event; one order to who is late, one to the level that the rung climbs to. A clock
 * is broken once. */
static void tell_rung(struct case_turn *turn, const struct next_rung *next)
{
    const struct sla_rung *rung = &next->ladder->rungs[next->rung];
    enum case_role role;
    const char *owner = owner_of(turn, next->clock, &role);
    bool late = rung->percent >= 100;
    enum case_event event = !late                                ? EVENT_REMINDER
                            : next->clock->fired == SLA_RUNG_END ? EVENT_BREACH
                                                                 : EVENT_ESCALATED;
    describe(case_note_add(turn, event, owner), turn, next);
    if (!with_the_one_before(next))
        describe(case_order_add(turn, late ? ORDER_BREACH : ORDER_REMIND, role, owner),
                turn, next);
    const struct unit *above = case_level_unit(
            turn->policy, turn->state, owner, rung->level);
    if (rung->level == LEVEL_UNIT || !above || str_is(str_of(above->code), owner))
        return;
    describe(case_order_add(turn, ORDER_ESCALATE,
                     above == turn->policy->district ? ROLE_SUPERVISOR : ROLE_NOBODY,
                     above->code),
            turn, next);
}

static void alarm(struct case_turn *turn, const struct next_rung *next)
{
    const char *desk = turn->policy->desk->code, *district = turn->policy->district->code;
    describe(case_note_add(turn, EVENT_ALARM, desk), turn, next);
    describe(case_order_add(turn, ORDER_ALARM, ROLE_DESK, desk), turn, next);
    describe(case_order_add(turn, ORDER_ALARM, ROLE_SUPERVISOR, district), turn, next);
}

/* The end of some clocks is not a breach but a decision. */
static void reach_rung(struct case_turn *turn, const struct next_rung *next)
{
    next->clock->fired = sla_rung_key(next->ladder, next->rung);
    bool end = next->clock->fired == SLA_RUNG_END;
    if (end && next->clock->kind == CASE_CLOCK_REQUEST)
        case_request_expire(turn);
    else if (end && next->clock->kind == CASE_CLOCK_SUSPENSION)
        case_suspension_expire(turn);
    else if (end && next->clock->kind == CASE_CLOCK_TRANSFER_ACK)
        alarm(turn, next);
    else
        tell_rung(turn, next);
}

void case_catch_up(struct case_turn *turn)
{
    struct case_decision *decision = turn->decision;
    int first = decision->n_effects;
    if (instant_is_never(turn->state->wake_at) ||
            instant_before(turn->at, turn->state->wake_at))
        return;
    while (decision->n_effects - first + RUNG_EFFECTS <= CASE_TOLD_MAX) {
        struct next_rung next = next_rung(turn->policy, turn->state);
        if (!next.clock || instant_before(turn->at, next.at))
            break;
        reach_rung(turn, &next);
    }
    for (int i = first; i < decision->n_effects; i++)
        decision->effects[i].by_time = true;
    decision->changed = true; /* told or moved by a new policy: the due index must follow
                               */
}

/* sla only suggests: a wake for another due time than the state's is stale. */
void case_wake(struct case_turn *turn)
{
    instant wake_at = turn->state->wake_at;
    if (!instant_is_never(wake_at) && wake_at.ms == turn->command->due.ms)
        case_catch_up(turn);
}
