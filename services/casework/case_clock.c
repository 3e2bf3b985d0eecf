/* Budgets, rungs and the one wake of a case. */
#include "case_parts.h"

/* When the SLA class is gone from the policy, and for the desk's own clock. */
static const struct sla_ladder usual_ladder = {
        .rungs = {{50}, {80}, {100}}, .n_rungs = 3};

static bool clock_runs(const struct case_clock *clock)
{
    return clock->amount > 0 && !instant_is_never(clock->start) &&
           instant_is_never(clock->stopped);
}

void case_clock_start(struct case_state *state, int clock, int32_t amount,
        enum time_unit unit, instant at)
{
    state->clocks[clock] = amount > 0 ? (struct case_clock){.amount = amount,
                                                .unit = unit,
                                                .start = at}
                                      : (struct case_clock){0};
}

void case_clock_stop(struct case_state *state, int clock, instant at)
{
    if (clock_runs(&state->clocks[clock]))
        state->clocks[clock].stopped = at;
}

void case_clocks_stop(struct case_state *state, instant at)
{
    for (int i = 0; i < CASE_CLOCK_COUNT; i++)
        case_clock_stop(state, i, at);
}

void case_clock_resume(
        const struct policy *policy, struct case_state *state, int clock, instant at)
{
    struct case_clock *c = &state->clocks[clock];
    if (instant_is_never(c->stopped))
        return;
    c->stood += calendar_between(&policy->calendar, c->stopped, at, c->unit);
    c->stopped = (instant){0};
}

/* When that share of `amount` is used, with the time that the clock stood still. */
static instant share_at(const struct calendar *calendar, const struct case_clock *clock,
        int32_t amount, int32_t percent)
{
    instant at = calendar_share(calendar, clock->start, amount, clock->unit, percent);
    return clock->stood > 0 ? calendar_later(calendar, at, clock->stood, clock->unit)
                            : at;
}

static instant rung_at(
        const struct policy *policy, const struct case_clock *clock, int32_t percent)
{
    return share_at(&policy->calendar, clock, clock->amount, percent);
}

instant case_clock_due(const struct policy *policy, const struct case_clock *clock)
{
    return clock->amount > 0 && !instant_is_never(clock->start)
                   ? rung_at(policy, clock, 100)
                   : (instant){0};
}

/* The greatest n in 1..100 with n percent of `amount` used by `at`; 0: less than one
 * percent. */
static int32_t percent_used(const struct calendar *calendar,
        const struct case_clock *clock, int32_t amount, instant at)
{
    int32_t low = 0, high = 100;
    while (low < high) {
        int32_t middle = (low + high + 1) / 2;
        instant used = share_at(calendar, clock, amount, middle);
        if (instant_before(at, used))
            high = middle - 1;
        else
            low = middle;
    }
    return low;
}

int32_t case_clock_used(
        const struct policy *policy, const struct case_clock *clock, instant at)
{
    if (clock->amount <= 0 || instant_is_never(clock->start))
        return 0;
    instant end = instant_is_never(clock->stopped) ? at : clock->stopped;
    int32_t used = percent_used(&policy->calendar, clock, clock->amount, end);
    if (used < 100)
        return used;
    /* Late: how many budgets of the same kind went by, in tenths, ten at most. */
    int32_t late = 10 * percent_used(&policy->calendar, clock, 10 * clock->amount, end);
    return late > 100 ? late : 100;
}

struct rung {
    int clock;
    int32_t percent;
    instant at; /* never: none is left */
};

static struct rung next_rung(const struct policy *policy, const struct case_state *state)
{
    const struct sla_class *sla = policy_sla_class(policy, str_of(state->sla));
    struct rung next = {0};
    for (int i = 0; i < CASE_CLOCK_COUNT; i++) {
        const struct case_clock *clock = &state->clocks[i];
        if (!clock_runs(clock))
            continue;
        const struct sla_ladder *ladder = sla && i != CLOCK_DESK ? &sla->ladder
                                                                 : &usual_ladder;
        int r = 0;
        while (r < ladder->n_rungs && ladder->rungs[r].percent <= clock->fired)
            r++;
        if (r == ladder->n_rungs)
            continue;
        instant at = rung_at(policy, clock, ladder->rungs[r].percent);
        if (instant_is_never(next.at) || instant_before(at, next.at))
            next = (struct rung){
                    .clock = i, .percent = ladder->rungs[r].percent, .at = at};
    }
    return next;
}

instant case_next_wake(const struct policy *policy, const struct case_state *state)
{
    return next_rung(policy, state).at;
}

static void tell_rung(struct case_turn *turn, const struct rung *rung)
{
    struct case_state *state = turn->state;
    bool breach = rung->percent >= 100;
    bool desk = rung->clock == CLOCK_DESK;
    const char *unit = desk ? turn->policy->desk->code : state->lead;
    instant due = case_clock_due(turn->policy, &state->clocks[rung->clock]);
    struct case_effect *told[] = {
            case_event_add(turn, breach ? EVENT_BREACH : EVENT_REMINDER, state->stage),
            case_order_add(turn, breach ? ORDER_BREACH : ORDER_REMIND,
                    desk ? ROLE_DESK : ROLE_LEAD, unit),
    };
    for (int i = 0; i < 2; i++) {
        told[i]->clock = rung->clock;
        told[i]->percent = rung->percent;
        told[i]->due = due;
    }
    case_text_copy(told[0]->unit, sizeof told[0]->unit, unit);
    state->clocks[rung->clock].fired = rung->percent;
}

/* sla only suggests: a wake for another due time than the state's is stale. One that
 * comes late tells every rung it missed, in the order of their times. */
void case_wake(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (instant_is_never(state->wake_at) || state->wake_at.ms != turn->command->due.ms)
        return;
    if (instant_before(turn->command->at, turn->command->due))
        return;
    for (;;) {
        struct rung rung = next_rung(turn->policy, state);
        if (instant_is_never(rung.at) || instant_before(turn->at, rung.at))
            break;
        tell_rung(turn, &rung);
    }
    turn->decision->changed = true; /* told or moved by a new policy: the due index must
                                       follow */
}
