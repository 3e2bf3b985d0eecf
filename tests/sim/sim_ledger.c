/* A ledger of runs and stops of our own, and the rungs and due times that follow from it.
 * Only the calendar is the core's. */
#include "sim_ledger.h"

#include <string.h>

const struct calendar *sim_calendar(void)
{
    return &world.rules.policy.calendar;
}

bool sim_runs(const struct case_clock *clock)
{
    return instant_is_never(clock->stopped);
}

bool sim_is_over(const struct case_clock *clock)
{
    return !sim_runs(clock) && clock->why == PAUSE_NONE;
}

const struct case_clock *sim_clock_in(
        const struct case_state *state, enum case_clock_kind kind, int32_t task)
{
    for (int i = 0; i < state->n_clocks; i++)
        if (state->clocks[i].kind == kind && state->clocks[i].task == task)
            return &state->clocks[i];
    return NULL;
}

struct noted_clock *sim_noted(struct watched *c, enum case_clock_kind kind, int32_t task)
{
    for (int i = 0; i < c->n_clocks; i++)
        if (c->clocks[i].kind == kind && c->clocks[i].task == task)
            return &c->clocks[i];
    return NULL;
}

/* ---- the ledger ---- */

/* Ms of its own time that it ran until `at`. */
int64_t sim_ran(const struct noted_clock *n, instant at)
{
    enum time_unit unit = n->seen.unit;
    int64_t ms = calendar_between(sim_calendar(), n->start, at, unit);
    for (int i = 0; i < n->n_stops; i++) {
        instant from = n->stops[i].from, to = n->stops[i].to;
        if (instant_is_never(to) || instant_before(at, to))
            to = at;
        if (instant_before(from, at))
            ms -= calendar_between(sim_calendar(), from, to, unit);
    }
    return ms;
}

static int32_t granted(const struct noted_clock *n)
{
    return n->seen.amount + n->seen.extra;
}

/* Without its stops. */
instant sim_straight(const struct noted_clock *n, int32_t percent)
{
    return calendar_share(sim_calendar(), n->start, granted(n), n->seen.unit, percent);
}

/* Natural days end at midnight of a working day, or when a pause in them says. */
static instant day_that_ends(instant at)
{
    enum { DAY_MS = 24 * 60 * MINUTE_MS };
    int64_t last = at.ms - 1 + CHINA_OFFSET_MS, midnight = last / DAY_MS + 1;
    if (calendar_is_workday(sim_calendar(), (int32_t)(last / DAY_MS)))
        return at;
    while (!calendar_is_workday(sim_calendar(), (int32_t)midnight))
        midnight++;
    return (instant){(midnight + 1) * DAY_MS - CHINA_OFFSET_MS};
}

instant sim_due_at(const struct noted_clock *n, int32_t percent)
{
    instant at = sim_straight(n, percent);
    for (int i = 0; i < n->n_stops && !instant_is_never(n->stops[i].to); i++) {
        instant from = n->stops[i].from, to = n->stops[i].to;
        int64_t stood = calendar_between(sim_calendar(), from, to, n->seen.unit);
        if (instant_before(from, at) && stood > 0) {
            at = calendar_later(sim_calendar(), at, stood, n->seen.unit);
            if (n->seen.unit == UNIT_DAY && percent == 100)
                at = day_that_ends(at);
        }
    }
    return at;
}

/* ---- rungs ---- */

const struct sla_ladder *sim_ladder(
        const struct case_state *state, enum case_clock_kind kind)
{
    static const struct sla_ladder none = {.n_rungs = 0},
                                   end = {.rungs = {{100}}, .n_rungs = 1},
                                   review = {.rungs = {{80}, {100}}, .n_rungs = 2};
    const struct sla_class *sla = policy_sla_class(
            &world.rules.policy, str_of(state->sla));
    if (kind == CASE_CLOCK_RETURN_WINDOW)
        return &none;
    if (kind == CASE_CLOCK_PROMISE || kind == CASE_CLOCK_TRANSFER_ACK)
        return &end;
    if (kind == CASE_CLOCK_SUSPENSION)
        return &review;
    return kind <= CASE_CLOCK_STEP && sla ? &sla->ladder
                                          : &world.rules.policy.handling.ladder;
}

int sim_nth(const struct sla_ladder *ladder, int rung)
{
    int nth = 0;
    for (int i = 0; i < rung; i++)
        nth += ladder->rungs[i].percent == ladder->rungs[rung].percent;
    return nth;
}

/* The first rung above the last one told; n_rungs: none. */
int sim_rung_after(const struct noted_clock *n, const struct sla_ladder *ladder)
{
    int r = 0;
    while (r < ladder->n_rungs && (ladder->rungs[r].percent < n->told_percent ||
                                          (ladder->rungs[r].percent == n->told_percent &&
                                                  sim_nth(ladder, r) <= n->told_nth)))
        r++;
    return r;
}

static instant rung_time(const struct noted_clock *n, const struct sla_rung *rung)
{
    instant at = sim_due_at(n, rung->percent);
    return rung->after.amount > 0 ? calendar_due(sim_calendar(), at, rung->after.amount,
                                            rung->after.unit)
                                  : at;
}

void sim_derive_next(struct noted_clock *n, const struct case_state *state)
{
    const struct sla_ladder *ladder = sim_ladder(state, n->kind);
    int r = sim_rung_after(n, ladder);
    bool none = !sim_runs(&n->seen) || r == ladder->n_rungs;
    n->next = none ? (instant){0} : rung_time(n, &ladder->rungs[r]);
}

/* ---- stops ---- */

/* How long a stop may be at most. */
static instant bound_of(const struct watched *c, const struct case_pause *pause)
{
    if (pause->reason == PAUSE_SUSPENDED)
        return c->suspended_until;
    if (pause->reason == PAUSE_RETURN)
        return calendar_due(
                sim_calendar(), pause->from, c->review.amount, c->review.unit);
    return (instant){INT64_MAX};
}

static void note_resumed(struct watched *c, struct noted_clock *n,
        const struct case_clock *clock, instant at)
{
    const struct case_pause *pause = &clock->pauses[clock->n_pauses - 1];
    int last = n->n_stops - 1;
    if (last < 0 || !instant_is_never(n->stops[last].to))
        return;
    instant bound = bound_of(c, pause), end = instant_before(bound, at) ? bound : at;
    HOLDS(c, clock->n_pauses > 0 && pause->from.ms == n->stops[last].from.ms,
            "a pause that does not begin where the clock stopped");
    HOLDS(c, pause->to.ms <= end.ms, "a pause longer than was allowed");
    HOLDS(c, pause->to.ms > end.ms - MINUTE_MS, "a pause ended before its time");
    n->stops[last].to = pause->to;
    if (n->n_stops > CASE_PAUSES_MAX && n->folded_under < 0)
        n->folded_under = world.rules.changes;
}

void sim_note_stops(struct watched *c, struct noted_clock *n,
        const struct case_clock *clock, instant at)
{
    bool stood = n->n_stops > 0 && instant_is_never(n->stops[n->n_stops - 1].to);
    if (sim_runs(clock) && stood)
        note_resumed(c, n, clock, at);
    if (!sim_runs(clock) && !stood && n->n_stops < STOPS_MAX) {
        HOLDS(c, clock->stopped.ms == at.ms, "a clock stopped at another time than now");
        n->stops[n->n_stops].from = clock->stopped;
        n->stops[n->n_stops++].to = (instant){0};
    }
}
