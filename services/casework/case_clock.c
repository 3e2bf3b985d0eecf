/* Budgets and the ledger of their runs and stops. */
#include "case_parts.h"

#include <assert.h>
#include <string.h>

bool case_clock_runs(const struct case_clock *clock)
{
    return instant_is_never(clock->stopped);
}

struct case_clock *case_clock_of(
        struct case_state *state, enum case_clock_kind kind, int32_t task)
{
    for (int i = 0; i < state->n_clocks; i++)
        if (state->clocks[i].kind == kind && state->clocks[i].task == task)
            return &state->clocks[i];
    return NULL;
}

const struct case_clock *case_clock_find(
        const struct case_state *state, enum case_clock_kind kind, int32_t task)
{
    for (int i = 0; i < state->n_clocks; i++)
        if (state->clocks[i].kind == kind && state->clocks[i].task == task)
            return &state->clocks[i];
    return NULL;
}

static void drop(struct case_state *state, int i)
{
    state->n_clocks--;
    memmove(&state->clocks[i], &state->clocks[i + 1],
            (size_t)(state->n_clocks - i) * sizeof state->clocks[0]);
}

void case_clocks_drop(struct case_state *state, int32_t task)
{
    for (int i = state->n_clocks - 1; i >= 0; i--)
        if (state->clocks[i].task == task)
            drop(state, i);
}

/* Room for one more: what is over goes first. There are never so many that run. */
static struct case_clock *new_clock(struct case_state *state)
{
    for (int i = 0; state->n_clocks == CASE_CLOCKS_MAX && i < state->n_clocks; i++)
        if (!case_clock_runs(&state->clocks[i]) && state->clocks[i].why == PAUSE_NONE)
            drop(state, i);
    assert(state->n_clocks < CASE_CLOCKS_MAX);
    return &state->clocks[state->n_clocks++];
}

void case_clock_start(struct case_turn *turn, enum case_clock_kind kind, int32_t task,
        struct budget budget, bool of_class)
{
    struct case_clock *clock = case_clock_of(turn->state, kind, task);
    if (budget.amount <= 0) {
        if (clock)
            drop(turn->state, (int)(clock - turn->state->clocks));
        return;
    }
    if (!clock)
        clock = new_clock(turn->state);
    *clock = (struct case_clock){
            .kind = kind,
            .task = task,
            .amount = budget.amount,
            .unit = budget.unit,
            .of_class = of_class,
            .start = turn->at,
            .why = PAUSE_NONE,
    };
    clock->due = case_clock_due(turn->policy, clock);
}

void case_clock_start_until(
        struct case_turn *turn, enum case_clock_kind kind, int32_t task, instant until)
{
    enum { MINUTE_MS = 60 * 1000 };
    int64_t minutes = (until.ms - turn->at.ms) / MINUTE_MS;
    struct budget budget = {
            minutes > INT32_MAX ? INT32_MAX : (int32_t)minutes, UNIT_MINUTE};
    case_clock_start(turn, kind, task, budget, false);
}

static void stop(const struct case_turn *turn, struct case_clock *clock)
{
    if (case_clock_runs(clock))
        clock->stopped = turn->at;
    clock->why = PAUSE_NONE;
}

void case_clock_stop(struct case_turn *turn, enum case_clock_kind kind, int32_t task)
{
    struct case_clock *clock = case_clock_of(turn->state, kind, task);
    if (clock)
        stop(turn, clock);
}

void case_clocks_stop(struct case_turn *turn)
{
    for (int i = 0; i < turn->state->n_clocks; i++)
        stop(turn, &turn->state->clocks[i]);
}

static void pause(const struct case_turn *turn, struct case_clock *clock,
        enum case_pause_reason why)
{
    if (!case_clock_runs(clock))
        return;
    clock->stopped = turn->at;
    clock->why = why;
}

void case_tasks_pause(struct case_turn *turn, enum case_pause_reason why)
{
    for (int i = 0; i < turn->state->n_clocks; i++)
        if (turn->state->clocks[i].task != CASE_DESK_TASK)
            pause(turn, &turn->state->clocks[i], why);
}

/* Of the end of natural days only: a share of them ends no period. */
static instant not_off(const struct calendar *calendar, const struct case_clock *clock,
        int32_t percent, instant at)
{
    return clock->unit == UNIT_DAY && percent >= 100 ? calendar_not_off(calendar, at)
                                                     : at;
}

/* When that share of `amount` is used, with the pauses before it. What a unit has left
 * when a pause begins it has when it ends, a last day that is off moved included. */
static instant share_at(const struct calendar *calendar, const struct case_clock *clock,
        int32_t amount, int32_t percent)
{
    instant at = calendar_share(calendar, clock->start, amount, clock->unit, percent);
    int64_t moved = percent >= 100 ? clock->moved : 0;
    if (clock->stood > 0)
        at = not_off(calendar, clock, percent,
                calendar_later(calendar, at, clock->stood + moved, clock->unit));
    for (int i = 0; i < clock->n_pauses; i++) {
        const struct case_pause *pause = &clock->pauses[i];
        if (!instant_before(pause->from, at))
            break;
        int64_t stood = calendar_between(calendar, pause->from, pause->to, clock->unit);
        if (stood > 0)
            at = not_off(calendar, clock, percent,
                    calendar_later(calendar, at, stood, clock->unit));
    }
    return at;
}

static int32_t granted(const struct case_clock *clock)
{
    return clock->amount + clock->extra;
}

/* By how much the end moved because its day was off, when only the first n pauses count.
 */
static int64_t moved_after(
        const struct calendar *calendar, const struct case_clock *clock, int n)
{
    struct case_clock part = *clock;
    part.n_pauses = n;
    int64_t moved = share_at(calendar, &part, granted(clock), 100).ms -
                    calendar_share(
                            calendar, clock->start, granted(clock), clock->unit, 100)
                            .ms -
                    clock->stood;
    for (int i = 0; i < n; i++)
        moved -= clock->pauses[i].to.ms - clock->pauses[i].from.ms;
    return moved;
}

/* Room for one more pause. The oldest becomes part of what was before; a pause that came
 * when the budget was used up already moves no due time, so two of these become one. */
static void fold_pauses(const struct calendar *calendar, struct case_clock *clock)
{
    struct case_pause *oldest = &clock->pauses[0], *next = &clock->pauses[1];
    instant due = share_at(calendar, clock, granted(clock), 100);
    int gone = 0;
    if (instant_before(oldest->from, due)) {
        if (clock->unit == UNIT_DAY)
            clock->moved = moved_after(calendar, clock, 1);
        clock->stood += calendar_between(calendar, oldest->from, oldest->to, clock->unit);
    } else {
        int64_t stood = calendar_between(calendar, next->from, next->to, clock->unit);
        if (stood > 0)
            oldest->to = calendar_later(calendar, oldest->to, stood, clock->unit);
        gone = 1;
    }
    clock->n_pauses--;
    memmove(&clock->pauses[gone], &clock->pauses[gone + 1],
            (size_t)(clock->n_pauses - gone) * sizeof clock->pauses[0]);
}

static void resume(const struct case_turn *turn, struct case_clock *clock, instant end)
{
    if (case_clock_runs(clock) || clock->why == PAUSE_NONE)
        return;
    if (clock->n_pauses == CASE_PAUSES_MAX)
        fold_pauses(&turn->policy->calendar, clock);
    clock->pauses[clock->n_pauses++] = (struct case_pause){
            clock->stopped, end, clock->why};
    clock->stopped = (instant){0};
    clock->why = PAUSE_NONE;
    clock->due = case_clock_due(turn->policy, clock);
}

void case_tasks_resume(struct case_turn *turn, enum case_pause_reason why)
{
    for (int i = 0; i < turn->state->n_clocks; i++)
        if (turn->state->clocks[i].why == why)
            resume(turn, &turn->state->clocks[i], turn->at);
}

static bool is_handling(const struct case_clock *clock)
{
    return clock->kind == CASE_CLOCK_HANDLE || clock->kind == CASE_CLOCK_STEP;
}

void case_handling_pause(struct case_turn *turn, enum case_pause_reason why)
{
    for (int i = 0; i < turn->state->n_clocks; i++)
        if (is_handling(&turn->state->clocks[i]) &&
                (why != PAUSE_RETURN ||
                        turn->state->clocks[i].task == turn->state->lead.number))
            pause(turn, &turn->state->clocks[i], why);
}

/* What bounded the pause ends it, however late the wake comes. */
static instant end_of_pause(const struct case_turn *turn, enum case_pause_reason why)
{
    const struct case_state *state = turn->state;
    const struct case_clock *bound = why == PAUSE_RETURN
                                             ? case_clock_find(state, CASE_CLOCK_REQUEST,
                                                       CASE_DESK_TASK)
                                             : case_clock_find(state,
                                                       CASE_CLOCK_SUSPENSION,
                                                       state->lead.number);
    instant due = bound ? case_clock_due(turn->policy, bound) : turn->at;
    return instant_before(due, turn->at) ? due : turn->at;
}

/* How long the case as a whole stood is kept apart, in natural time, so that it is never
 * hidden. */
void case_handling_resume(struct case_turn *turn, enum case_pause_reason why)
{
    struct case_state *state = turn->state;
    instant end = end_of_pause(turn, why);
    int64_t longest = 0;
    for (int i = 0; i < state->n_clocks; i++) {
        struct case_clock *clock = &state->clocks[i];
        if (!is_handling(clock) || clock->why != why)
            continue;
        int64_t stood = end.ms - clock->stopped.ms;
        longest = stood > longest ? stood : longest;
        resume(turn, clock, end);
    }
    *(why == PAUSE_RETURN ? &state->returned_ms : &state->suspended_ms) += longest;
}

/* The breach of the old date, should it have been told, is not that of the new one. */
void case_clock_extend(struct case_turn *turn, struct case_clock *clock, int32_t extra)
{
    clock->extra += extra;
    if (clock->fired >= SLA_RUNG_END)
        clock->fired = SLA_RUNG_END - 1;
    clock->due = case_clock_due(turn->policy, clock);
}

instant case_clock_due(const struct policy *policy, const struct case_clock *clock)
{
    return share_at(&policy->calendar, clock, granted(clock), 100);
}

instant case_rung_at(const struct policy *policy, const struct case_clock *clock,
        const struct sla_rung *rung)
{
    instant at = share_at(&policy->calendar, clock, granted(clock), rung->percent);
    return rung->after.amount > 0 ? calendar_due(&policy->calendar, at,
                                            rung->after.amount, rung->after.unit)
                                  : at;
}

/* Of the unit's own time, without the pauses that began before. */
static int64_t ran_until(
        const struct calendar *calendar, const struct case_clock *clock, instant end)
{
    int64_t ran = calendar_between(calendar, clock->start, end, clock->unit) -
                  clock->stood;
    for (int i = 0; i < clock->n_pauses; i++)
        if (instant_before(clock->pauses[i].from, end))
            ran -= calendar_between(
                    calendar, clock->pauses[i].from, clock->pauses[i].to, clock->unit);
    return ran;
}

int64_t case_clock_spent(
        const struct policy *policy, const struct case_clock *clock, instant at)
{
    return ran_until(
            &policy->calendar, clock, case_clock_runs(clock) ? at : clock->stopped);
}

int32_t case_clock_used(
        const struct policy *policy, const struct case_clock *clock, instant at)
{
    enum { USED_MAX = 9999 };
    const struct calendar *calendar = &policy->calendar;
    int64_t whole = calendar_between(calendar, clock->start,
            calendar_due(calendar, clock->start, granted(clock), clock->unit),
            clock->unit);
    int64_t used = whole > 0 ? case_clock_spent(policy, clock, at) * 100 / whole : 0;
    instant until = case_clock_runs(clock) ? at : clock->stopped;
    if (used > 100 && !instant_before(case_clock_due(policy, clock), until))
        used = 100; /* the last day was moved: all is used, and it is not late */
    return used > USED_MAX ? USED_MAX : (int32_t)used;
}
