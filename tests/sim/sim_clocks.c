/* What has to hold of every clock after a decision. */
#include "sim_ledger.h"

#include <string.h>

/* ---- budget and ledger ---- */

static struct budget budget_of(
        const struct case_state *state, const struct case_clock *clock)
{
    const struct handling *handling = &world.rules.policy.handling;
    const struct sla_class *sla = policy_sla_class(
            &world.rules.policy, str_of(state->sla));
    switch (clock->kind) {
    case CASE_CLOCK_SIGN:
    case CASE_CLOCK_CONTACT:
    case CASE_CLOCK_ARRIVE:
        return sla->budgets[clock->kind];
    case CASE_CLOCK_HANDLE:
        return clock->of_class ? sla->budgets[CLOCK_HANDLE] : handling->redo;
    case CASE_CLOCK_STEP:
        return sla->steps[state->step].budget;
    case CASE_CLOCK_RETURN_WINDOW:
        return handling->return_window;
    case CASE_CLOCK_DESK:
        return handling->desk;
    case CASE_CLOCK_REVIEW:
        return handling->review;
    case CASE_CLOCK_FOLLOW_UP:
        return handling->follow_up;
    case CASE_CLOCK_REQUEST:
        return handling->request_review;
    case CASE_CLOCK_ADJUDICATION:
        return handling->adjudication;
    case CASE_CLOCK_TRANSFER_ACK:
        return handling->transfer_ack;
    case CASE_CLOCK_PROMISE:
    case CASE_CLOCK_MEETING:
    case CASE_CLOCK_SUSPENSION:
    case CASE_CLOCK_COUNT:
        break;
    }
    return (struct budget){clock->amount, UNIT_MINUTE};
}

static void check_begun(const struct seen *seen, const struct case_clock *clock)
{
    struct watched *c = seen->c;
    struct budget budget = budget_of(&seen->decision->after, clock);
    HOLDS(c,
            clock->start.ms == seen->decision->at.ms && sim_runs(clock) &&
                    clock->fired == 0 && clock->extra == 0 && clock->n_pauses == 0,
            "a clock did not start afresh");
    HOLDS(c, clock->amount == budget.amount && clock->unit == budget.unit,
            "a clock without the budget that it is due");
    bool date = clock->kind == CASE_CLOCK_SUSPENSION || clock->kind == CASE_CLOCK_PROMISE;
    int64_t short_of = (clock->kind == CASE_CLOCK_SUSPENSION ? c->suspended_until.ms
                                                             : seen->command->until.ms) -
                       clock->due.ms;
    HOLDS(c, !date || (short_of >= 0 && short_of < MINUTE_MS),
            "a date was not taken as it was given");
}

/* What it ran and what is left are the budget, also when its pauses are kept as a sum. */
static void check_ledger(const struct seen *seen, const struct noted_clock *n)
{
    struct watched *c = seen->c;
    const struct policy *policy = &world.rules.policy;
    const struct case_clock *clock = &n->seen;
    if (n->folded_under >= 0 && n->folded_under != world.rules.changes)
        return; /* the sum is of another calendar */
    instant at = sim_runs(clock) ? seen->decision->at : clock->stopped;
    HOLDS(c, case_clock_spent(policy, clock, at) == sim_ran(n, at),
            "a clock ran another time than its ledger says");
    if (!sim_runs(clock))
        return;
    if (clock->unit == UNIT_DAY) { /* its last day may be moved: art. 203 */
        bool late_sum = n->n_stops > CASE_PAUSES_MAX && clock->extra > 0;
        HOLDS(c, late_sum || clock->due.ms == sim_due_at(n, 100).ms,
                "natural days end on another day");
        return;
    }
    int64_t budget = calendar_between(
            sim_calendar(), n->start, sim_straight(n, 100), clock->unit);
    instant before = {clock->due.ms - 1};
    HOLDS(c, sim_ran(n, clock->due) == budget && sim_ran(n, before) < budget,
            "a due time at which the budget is not used up");
    struct case_clock folded = *clock;
    for (folded.n_pauses = 0; folded.n_pauses < clock->n_pauses; folded.n_pauses++)
        if (!instant_before(clock->pauses[folded.n_pauses].from, clock->due))
            return; /* late already: no sum */
    folded.n_pauses = 0;
    for (int i = 0; i < clock->n_pauses; i++)
        folded.stood += calendar_between(
                sim_calendar(), clock->pauses[i].from, clock->pauses[i].to, clock->unit);
    HOLDS(c,
            case_clock_due(policy, &folded).ms == clock->due.ms &&
                    case_clock_spent(policy, &folded, at) == sim_ran(n, at),
            "a ledger says something else when it is folded");
}

static void check_used(const struct seen *seen, struct noted_clock *n, bool extended)
{
    int32_t used = case_clock_used(&world.rules.policy, &n->seen, seen->decision->at);
    HOLDS(seen->c, extended || used >= n->used, "a clock's used share fell");
    n->used = used;
}

static struct noted_clock *note(const struct seen *seen, const struct case_clock *clock)
{
    struct watched *c = seen->c;
    const struct case_clock *was = sim_clock_in(&c->kept, clock->kind, clock->task);
    struct noted_clock *n = sim_noted(c, clock->kind, clock->task);
    bool anew = was && !sim_runs(was) && sim_runs(clock) && clock->n_pauses == 0;
    if (n && was && n->start.ms == clock->start.ms && !anew)
        return n;
    if (!n)
        n = &c->clocks[c->n_clocks++];
    *n = (struct noted_clock){.kind = clock->kind,
            .task = clock->task,
            .start = clock->start,
            .folded_under = -1};
    if (clock->of_class)
        memcpy(n->sla, seen->decision->after.sla, sizeof n->sla);
    check_begun(seen, clock);
    return n;
}

static bool was_extended(const struct seen *seen, const struct noted_clock *n)
{
    for (int i = 0; i < seen->decision->n_effects; i++) {
        const struct case_effect *event = &seen->decision->effects[i];
        if (event->kind == EFFECT_EVENT && event->event == EVENT_EXTENDED &&
                n->kind == CASE_CLOCK_HANDLE && n->task == event->task)
            return true;
    }
    return false;
}

static void follow_clock(const struct seen *seen, const struct case_clock *clock)
{
    struct watched *c = seen->c;
    bool known = sim_noted(c, clock->kind, clock->task);
    struct noted_clock *n = note(seen, clock);
    if (world.problem[0])
        return;
    bool same = known && memcmp(&n->seen, clock, sizeof *clock) == 0;
    bool extended = was_extended(seen, n);
    bool same_class = strcmp(c->kept.sla, seen->decision->after.sla) == 0;
    sim_note_stops(c, n, clock, seen->decision->at);
    n->seen = *clock;
    if (extended && n->told_percent == 100) /* a new date has a breach of its own */
        n->told_percent = 99;
    if (!same || !same_class) {
        sim_derive_next(n, &seen->decision->after);
        check_ledger(seen, n);
    }
    if (!same || sim_draw() % 8 == 0)
        check_used(seen, n, extended);
}

static void forget_dropped(struct watched *c, const struct case_state *after)
{
    for (int i = c->n_clocks - 1; i >= 0; i--)
        if (!sim_clock_in(after, c->clocks[i].kind, c->clocks[i].task))
            c->clocks[i] = c->clocks[--c->n_clocks];
}

/* ---- a clock stops with its matter, and not otherwise ---- */

static bool running(
        const struct case_state *state, enum case_clock_kind kind, int32_t task)
{
    const struct case_clock *clock = sim_clock_in(state, kind, task);
    return clock && sim_runs(clock);
}

static void check_task(
        struct watched *c, const struct case_state *state, const struct case_task *task)
{
    const struct case_clock *sign = sim_clock_in(state, CASE_CLOCK_SIGN, task->number);
    const struct case_clock *contact = sim_clock_in(
            state, CASE_CLOCK_CONTACT, task->number);
    const struct case_clock *arrive = sim_clock_in(
            state, CASE_CLOCK_ARRIVE, task->number);
    /* What was not done when it was terminated has no clock when it is reopened. */
    bool again = state->reopens > 0 && task == &state->lead;
    HOLDS(c, !sign || sim_is_over(sign) != instant_is_never(task->signed_at) || again,
            "the sign clock stops with signing and not otherwise");
    HOLDS(c,
            !contact || sim_is_over(contact) != instant_is_never(task->contacted_at) ||
                    again,
            "the contact clock stops with the call and not otherwise");
    HOLDS(c, !arrive || !sim_runs(arrive) || instant_is_never(task->arrived_at),
            "the arrival clock runs after the arrival");
    HOLDS(c,
            !instant_is_never(task->signed_at) ||
                    (instant_is_never(task->contacted_at) &&
                            instant_is_never(task->handling_at) &&
                            instant_is_never(task->submitted_at)),
            "who called or works has not signed");
    HOLDS(c,
            instant_is_never(task->submitted_at) ||
                    (!running(state, CASE_CLOCK_RETURN_WINDOW, task->number) &&
                            !running(state, CASE_CLOCK_PROMISE, task->number) &&
                            !running(state, CASE_CLOCK_STEP, task->number) &&
                            !running(state, CASE_CLOCK_ARRIVE, task->number)),
            "a clock of what was submitted runs");
}

static void check_handling(struct watched *c, const struct case_state *state)
{
    const struct case_clock *handle = sim_clock_in(
            state, CASE_CLOCK_HANDLE, state->lead.number);
    HOLDS(c, handle, "an owned case without a handling clock");
    if (!handle)
        return;
    enum case_pause_reason why = state->stage == STAGE_SUSPENDED ? PAUSE_SUSPENDED
                                 : stage_in(state, IN(SUBMITTED) | IN(FOLLOWUP))
                                         ? PAUSE_SUBMITTED
                                 : state->stage == STAGE_RETURN_REQUESTED &&
                                                 c->review_pauses
                                         ? PAUSE_RETURN
                                         : PAUSE_NONE;
    HOLDS(c, !sim_is_over(handle) && handle->why == why,
            "the handling clock stands where it should run, or runs on");
    for (int i = 0; i < state->n_assists; i++) {
        const struct case_task *task = &state->assists[i];
        const struct case_clock *clock = sim_clock_in(
                state, CASE_CLOCK_HANDLE, task->number);
        HOLDS(c, clock && sim_is_over(clock) != instant_is_never(task->submitted_at),
                "an assisting task's clock stops with its result and not otherwise");
        HOLDS(c,
                !clock || sim_is_over(clock) ||
                        clock->why == (why == PAUSE_RETURN ? PAUSE_NONE : why),
                "an assisting task's clock stands where it should run, or runs on");
        check_task(c, state, task);
    }
    check_task(c, state, &state->lead);
}

static void check_desk_clocks(struct watched *c, const struct case_state *state)
{
    const struct {
        enum case_clock_kind kind;
        bool runs;
    } expected[] = {
            {CASE_CLOCK_DESK, stage_in(state, IN(NEEDS_HUMAN) | IN(OFFERED))},
            {CASE_CLOCK_REVIEW, state->stage == STAGE_SUBMITTED},
            {CASE_CLOCK_FOLLOW_UP, state->stage == STAGE_FOLLOWUP},
            {CASE_CLOCK_REQUEST, state->request.kind && state->stage != STAGE_DISPUTED},
            {CASE_CLOCK_ADJUDICATION, state->stage == STAGE_DISPUTED},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        HOLDS(c, running(state, expected[i].kind, CASE_DESK_TASK) == expected[i].runs,
                "a clock of the desk stops with its decision and not otherwise");
    HOLDS(c,
            running(state, CASE_CLOCK_SUSPENSION, state->lead.number) ==
                    (state->stage == STAGE_SUSPENDED),
            "the review date counts while it is suspended");
    HOLDS(c, !running(state, CASE_CLOCK_MEETING, 0) || state->meeting.convener[0],
            "the clock of a meeting that is over runs");
    for (int i = 0; i < state->n_clocks; i++)
        HOLDS(c,
                state->clocks[i].task == CASE_DESK_TASK ||
                        case_task_find(state, state->clocks[i].task),
                "a clock of a task that is gone");
    unsigned still = IN(CLOSED) | IN(MERGED) | IN(MERGE_REQUESTED);
    for (int i = 0; i < state->n_clocks; i++)
        HOLDS(c, !stage_in(state, still) || sim_is_over(&state->clocks[i]),
                "a clock of a settled case runs");
}

static void check_dispatched(const struct seen *seen)
{
    const struct case_state *after = &seen->decision->after;
    const struct sla_class *sla = policy_sla_class(
            &world.rules.policy, str_of(after->sla));
    for (int i = 0; i < CLOCK_COUNT; i++)
        HOLDS(seen->c,
                sla && (sla->budgets[i].amount > 0) == running(after,
                                                               (enum case_clock_kind)i,
                                                               after->lead.number),
                "a clock of the class does not run from dispatch on");
    HOLDS(seen->c,
            after->lead.number ==
                    after->tasks_given -
                            after->n_assists * (seen->c->kept.tasks_given == 0),
            "a dispatch is a new task");
    HOLDS(seen->c, running(after, CASE_CLOCK_RETURN_WINDOW, after->lead.number),
            "a task without a window for its return");
    bool same = strcmp(seen->before->sla, after->sla) == 0;
    HOLDS(seen->c, instant_is_never(after->lead.signed_at),
            "a new task begins with what the old one did");
    HOLDS(seen->c, after->step == (same ? seen->before->step : 0),
            "the steps of another class count");
}

/* ---- how long it stood, in natural time ---- */

static int64_t longest_stop(const struct case_state *from, const struct case_state *to,
        enum case_pause_reason reason)
{
    int64_t longest = 0;
    for (int i = 0; i < from->n_clocks; i++) {
        const struct case_clock *was = &from->clocks[i];
        const struct case_clock *is = sim_clock_in(to, was->kind, was->task);
        if (was->why != reason || !is || !sim_runs(is) || is->n_pauses == 0)
            continue;
        int64_t stood = is->pauses[is->n_pauses - 1].to.ms - was->stopped.ms;
        longest = stood > longest ? stood : longest;
    }
    return longest;
}

static void check_stood(const struct seen *seen)
{
    const struct case_state *was = seen->due, *then = seen->before,
                            *is = &seen->decision->after;
    if (was->lead.number != is->lead.number)
        return; /* its clocks are gone */
    int64_t suspended = longest_stop(was, then, PAUSE_SUSPENDED) +
                        longest_stop(then, is, PAUSE_SUSPENDED);
    int64_t returned = longest_stop(was, then, PAUSE_RETURN) +
                       longest_stop(then, is, PAUSE_RETURN);
    HOLDS(seen->c, is->suspended_ms - was->suspended_ms == suspended,
            "how long a case was suspended is not what it was");
    HOLDS(seen->c, is->returned_ms - was->returned_ms == returned,
            "how long a return took is not what it was");
}

static void note_bounds(const struct seen *seen)
{
    struct watched *c = seen->c;
    for (int i = 0; i < seen->decision->n_effects; i++) {
        const struct case_effect *event = &seen->decision->effects[i];
        int64_t days = world.rules.policy.handling.suspension_days_max;
        if (event->kind != EFFECT_EVENT)
            continue;
        if (event->event == EVENT_RETURN_REQUESTED &&
                event->task == seen->decision->after.lead.number) {
            c->review = world.rules.policy.handling.request_review;
            c->review_pauses = world.rules.policy.handling.return_pauses;
        }
        if (event->event != EVENT_SUSPENDED)
            continue;
        c->suspended_until = event->due;
        HOLDS(c, event->due.ms - seen->decision->at.ms <= days * 24 * 60 * MINUTE_MS,
                "a suspension longer than the policy allows");
    }
}

void sim_check_clocks(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_state *after = &seen->decision->after;
    instant next = {0};
    note_bounds(seen);
    forget_dropped(c, after);
    for (int i = 0; strcmp(seen->before->sla, after->sla) != 0 && i < c->n_clocks; i++)
        c->clocks[i].sla[0] = 0;
    for (int i = 0; i < after->n_clocks && !world.problem[0]; i++)
        follow_clock(seen, &after->clocks[i]);
    for (int i = 0; i < c->n_clocks; i++) {
        instant at = c->clocks[i].next;
        if (!instant_is_never(at) && (instant_is_never(next) || instant_before(at, next)))
            next = at;
    }
    HOLDS(c, after->wake_at.ms == next.ms, "wake_at is not the earliest rung not told");
    if (world.problem[0])
        return;
    check_desk_clocks(c, after);
    check_stood(seen);
    if (stage_in(after, OWNED))
        check_handling(c, after);
    if (after->lead.number != c->kept.lead.number)
        check_dispatched(seen);
}
