/* The clocks, watched from outside: a ledger of runs and stops of our own, and what
 * follows from it. Only the calendar is the core's. */
#include "sim.h"

#include <string.h>

static const struct calendar *calendar(void)
{
    return &world.rules.policy.calendar;
}

static bool runs(const struct case_clock *clock)
{
    return instant_is_never(clock->stopped);
}

static bool is_over(const struct case_clock *clock)
{
    return !runs(clock) && clock->why == PAUSE_NONE;
}

static const struct case_clock *clock_in(
        const struct case_state *state, enum case_clock_kind kind, int32_t task)
{
    for (int i = 0; i < state->n_clocks; i++)
        if (state->clocks[i].kind == kind && state->clocks[i].task == task)
            return &state->clocks[i];
    return NULL;
}

static struct noted_clock *noted(
        struct watched *c, enum case_clock_kind kind, int32_t task)
{
    for (int i = 0; i < c->n_clocks; i++)
        if (c->clocks[i].kind == kind && c->clocks[i].task == task)
            return &c->clocks[i];
    return NULL;
}

/* ---- the ledger ---- */

/* Ms of its own time that it ran until `at`. */
static int64_t ran(const struct noted_clock *n, instant at)
{
    enum time_unit unit = n->seen.unit;
    int64_t ms = calendar_between(calendar(), n->start, at, unit);
    for (int i = 0; i < n->n_stops; i++) {
        instant from = n->stops[i].from, to = n->stops[i].to;
        if (instant_is_never(to) || instant_before(at, to))
            to = at;
        if (instant_before(from, at))
            ms -= calendar_between(calendar(), from, to, unit);
    }
    return ms;
}

static int32_t granted(const struct noted_clock *n)
{
    return n->seen.amount + n->seen.extra;
}

/* Without its stops. */
static instant straight(const struct noted_clock *n, int32_t percent)
{
    return calendar_share(calendar(), n->start, granted(n), n->seen.unit, percent);
}

static instant with_stops(const struct noted_clock *n, int32_t percent)
{
    instant at = straight(n, percent);
    for (int i = 0; i < n->n_stops && !instant_is_never(n->stops[i].to); i++) {
        instant from = n->stops[i].from, to = n->stops[i].to;
        int64_t stood = calendar_between(calendar(), from, to, n->seen.unit);
        if (instant_before(from, at) && stood > 0)
            at = calendar_later(calendar(), at, stood, n->seen.unit);
    }
    return at;
}

/* ---- rungs ---- */

static const struct sla_ladder *ladder_of(
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

static int nth_of(const struct sla_ladder *ladder, int rung)
{
    int nth = 0;
    for (int i = 0; i < rung; i++)
        nth += ladder->rungs[i].percent == ladder->rungs[rung].percent;
    return nth;
}

/* The first rung above the last one told; n_rungs: none. */
static int rung_after(const struct noted_clock *n, const struct sla_ladder *ladder)
{
    int r = 0;
    while (r < ladder->n_rungs && (ladder->rungs[r].percent < n->told_percent ||
                                          (ladder->rungs[r].percent == n->told_percent &&
                                                  nth_of(ladder, r) <= n->told_nth)))
        r++;
    return r;
}

static instant rung_time(const struct noted_clock *n, const struct sla_rung *rung)
{
    instant at = with_stops(n, rung->percent);
    return rung->after.amount > 0
                   ? calendar_due(calendar(), at, rung->after.amount, rung->after.unit)
                   : at;
}

static void derive_next(struct noted_clock *n, const struct case_state *state)
{
    const struct sla_ladder *ladder = ladder_of(state, n->kind);
    int r = rung_after(n, ladder);
    bool none = !runs(&n->seen) || r == ladder->n_rungs;
    n->next = none ? (instant){0} : rung_time(n, &ladder->rungs[r]);
}

/* ---- stops ---- */

/* How long a stop may be at most. */
static instant bound_of(const struct watched *c, const struct case_pause *pause)
{
    if (pause->reason == PAUSE_SUSPENDED)
        return c->suspended_until;
    if (pause->reason == PAUSE_RETURN)
        return calendar_due(calendar(), pause->from, c->review.amount, c->review.unit);
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

static void note_stops(struct watched *c, struct noted_clock *n,
        const struct case_clock *clock, instant at)
{
    bool stood = n->n_stops > 0 && instant_is_never(n->stops[n->n_stops - 1].to);
    if (runs(clock) && stood)
        note_resumed(c, n, clock, at);
    if (!runs(clock) && !stood && n->n_stops < STOPS_MAX) {
        HOLDS(c, clock->stopped.ms == at.ms, "a clock stopped at another time than now");
        n->stops[n->n_stops].from = clock->stopped;
        n->stops[n->n_stops++].to = (instant){0};
    }
}

/* ---- what is told at a wake ---- */

static const char *unit_of(
        const struct case_state *state, enum case_clock_kind kind, int32_t task)
{
    const struct case_task *of = NULL;
    if (task > 0 && state->lead.number == task)
        of = &state->lead;
    for (int i = 0; task > 0 && i < state->n_assists; i++)
        if (state->assists[i].number == task)
            of = &state->assists[i];
    return of                                ? of->unit
           : kind == CASE_CLOCK_REQUEST      ? state->request.approver
           : kind == CASE_CLOCK_ADJUDICATION ? state->request.approver
           : kind == CASE_CLOCK_MEETING      ? state->meeting.convener
                                             : world.rules.policy.desk->code;
}

static const char *level_of(
        const struct case_state *state, const char *owner, enum sla_level level)
{
    const struct policy *policy = &world.rules.policy;
    const struct unit *unit = policy_unit(policy, str_of(owner));
    const struct place *place = policy_place(policy, str_of(state->place));
    while (place && !(place->unit && place->unit->type == UNIT_TYPE_STREET))
        place = place->parent;
    if (level == LEVEL_UNIT)
        return owner;
    if (level == LEVEL_SUPERIOR && unit->parent)
        return unit->parent->code;
    if (level == LEVEL_STREET && place)
        return place->unit->code;
    return policy->district->code;
}

/* One order to who is late, but one at an instant, and one up when the rung says so. */
static void check_rung_orders(
        const struct seen *seen, int i, const struct sla_rung *rung, bool again)
{
    struct watched *c = seen->c;
    const struct case_effect *event = &seen->decision->effects[i];
    const char *above = level_of(seen->due, event->unit, rung->level);
    bool climbs = strcmp(above, event->unit) != 0;
    bool knows = again && rung[-1].percent == rung->percent &&
                 rung[-1].after.amount == rung->after.amount &&
                 rung[-1].after.unit == rung->after.unit;
    int own = 0, up = 0, n = 0;
    for (i++; i < seen->decision->n_effects; i++, n++) {
        const struct case_effect *order = &seen->decision->effects[i];
        if (order->kind != EFFECT_ORDER || !order->by_time)
            break;
        own += order->order == (rung->percent >= 100 ? ORDER_BREACH : ORDER_REMIND) &&
               strcmp(order->unit, event->unit) == 0;
        up += order->order == ORDER_ESCALATE && strcmp(order->unit, above) == 0;
    }
    HOLDS(c, own == !knows && up == climbs && n == own + up,
            "a rung was not told to who is late and to its level, or to others");
}

static bool is_rung(const struct case_effect *event)
{
    return event->event == EVENT_REMINDER || event->event == EVENT_BREACH ||
           event->event == EVENT_ESCALATED || event->event == EVENT_ALARM;
}

static bool expires(const struct case_effect *event, enum case_clock_kind *kind)
{
    if (event->event == EVENT_RESUMED && strcmp(event->reason, "review_date") == 0)
        *kind = CASE_CLOCK_SUSPENSION;
    else if (strcmp(event->reason, "no_decision") == 0)
        *kind = CASE_CLOCK_REQUEST;
    else
        return false;
    return true;
}

static void check_rung_event(const struct seen *seen, int i, const struct sla_rung *rung)
{
    struct watched *c = seen->c;
    const struct case_effect *event = &seen->decision->effects[i];
    const struct noted_clock *n = noted(
            c, (enum case_clock_kind)event->clock, event->task);
    enum case_event kind = n->kind == CASE_CLOCK_TRANSFER_ACK ? EVENT_ALARM
                           : rung->percent < 100              ? EVENT_REMINDER
                           : n->told_nth == 0                 ? EVENT_BREACH
                                                              : EVENT_ESCALATED;
    HOLDS(c, event->event == kind, "a rung was told as another kind of event");
    HOLDS(c,
            event->percent == rung->percent && event->level == rung->level &&
                    event->after.amount == rung->after.amount,
            "another rung was told than the next one");
    HOLDS(c, event->due.ms == with_stops(n, 100).ms, "a rung with a wrong due time");
    HOLDS(c, strcmp(event->unit, unit_of(seen->due, n->kind, event->task)) == 0,
            "a rung was told of another unit");
    if (kind != EVENT_ALARM)
        check_rung_orders(seen, i, rung, n->told_nth > 0);
}

/* The clocks that stood until then run on, from the date that bounded them. */
static void run_on(const struct seen *seen)
{
    struct watched *c = seen->c;
    for (int i = 0; i < c->n_clocks; i++) {
        struct noted_clock *n = &c->clocks[i];
        const struct case_clock *is = clock_in(seen->before, n->kind, n->task);
        if (!is || runs(&n->seen) || is_over(&n->seen) || !runs(is))
            continue;
        note_stops(c, n, is, seen->decision->at);
        n->seen = *is;
        derive_next(n, seen->due);
    }
}

static void told(const struct seen *seen, int i, instant *last)
{
    struct watched *c = seen->c;
    const struct case_effect *event = &seen->decision->effects[i];
    enum case_clock_kind kind = (enum case_clock_kind)event->clock;
    int32_t task = event->task;
    bool ends = !is_rung(event) && expires(event, &kind);
    if (ends)
        task = kind == CASE_CLOCK_REQUEST ? CASE_DESK_TASK : seen->due->lead.number;
    struct noted_clock *n = noted(c, kind, task);
    const struct sla_ladder *ladder = ladder_of(seen->due, kind);
    int r = n ? rung_after(n, ladder) : ladder->n_rungs;
    HOLDS(c, r < ladder->n_rungs && runs(&n->seen), "a rung that there is not was told");
    if (world.problem[0])
        return;
    const struct sla_rung *rung = &ladder->rungs[r];
    HOLDS(c,
            !instant_before(seen->decision->at, n->next) &&
                    !instant_before(world.now, n->next),
            "a rung was told before its time");
    HOLDS(c, !instant_before(n->next, *last), "rungs not in the order of their times");
    *last = n->next;
    n->told_percent = rung->percent;
    n->told_nth = nth_of(ladder, r);
    if (!ends)
        check_rung_event(seen, i, rung);
    else
        HOLDS(c, rung->percent == 100, "a date came before its time");
    HOLDS(c, event->by_time, "what time brought about is said to be somebody's");
    derive_next(n, seen->due);
    if (!ends)
        return;
    run_on(seen);
    *last = (instant){0}; /* what came while they stood is told now */
}

/* As the due times are under the present policy. */
static void follow_policy(struct watched *c, const struct case_state *before)
{
    if (c->clocks_under == world.rules.changes || before->stage == STAGE_NONE)
        return;
    for (int i = 0; i < c->n_clocks; i++) {
        struct noted_clock *n = &c->clocks[i];
        const struct case_clock *clock = clock_in(before, n->kind, n->task);
        if (!clock)
            continue;
        n->seen.amount = clock->amount;
        n->seen.unit = clock->unit;
        derive_next(n, before);
        n->used = 0;
    }
    c->clocks_under = world.rules.changes;
}

/* A wake for the time that is kept, or any command when that time has come. */
static bool is_time(const struct seen *seen)
{
    instant wake_at = seen->c->kept.wake_at;
    if (instant_is_never(wake_at))
        return false;
    return seen->command->kind == COMMAND_WAKE
                   ? wake_at.ms == seen->command->due.ms &&
                             !instant_before(seen->command->at, wake_at)
                   : !instant_before(seen->decision->at, wake_at);
}

/* So many that the rest follows with the next wake? */
static int told_by_time(const struct case_decision *decision)
{
    int n = 0;
    for (int i = 0; i < decision->n_effects; i++)
        n += decision->effects[i].by_time;
    return n;
}

void sim_check_rungs(const struct seen *seen)
{
    const struct case_decision *decision = seen->decision;
    bool counts = is_time(seen);
    instant last = {0}, wake = seen->before->wake_at;
    follow_policy(seen->c, seen->due);
    for (int i = 0; i < decision->n_effects && !world.problem[0]; i++) {
        const struct case_effect *event = &decision->effects[i];
        enum case_clock_kind kind;
        if (event->kind != EFFECT_EVENT || (!is_rung(event) && !expires(event, &kind)))
            continue;
        HOLDS(seen->c, counts, "a stale or early wake did something");
        told(seen, i, &last);
    }
    if (counts && told_by_time(decision) + 8 <= CASE_TOLD_MAX)
        HOLDS(seen->c,
                decision->changed &&
                        (instant_is_never(wake) || instant_before(decision->at, wake)),
                "a processed wake neither moved wake_at nor settled the case");
}

/* ---- what every clock has to be ---- */

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
            clock->start.ms == seen->decision->at.ms && runs(clock) &&
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
    instant at = runs(clock) ? seen->decision->at : clock->stopped;
    HOLDS(c, case_clock_spent(policy, clock, at) == ran(n, at),
            "a clock ran another time than its ledger says");
    if (!runs(clock))
        return;
    int64_t budget = calendar_between(
            calendar(), n->start, straight(n, 100), clock->unit);
    instant before = {clock->due.ms - 1};
    HOLDS(c, ran(n, clock->due) == budget && ran(n, before) < budget,
            "a due time at which the budget is not used up");
    struct case_clock folded = *clock;
    for (folded.n_pauses = 0; folded.n_pauses < clock->n_pauses; folded.n_pauses++)
        if (!instant_before(clock->pauses[folded.n_pauses].from, clock->due))
            return; /* late already: no sum */
    folded.n_pauses = 0;
    for (int i = 0; i < clock->n_pauses; i++)
        folded.stood += calendar_between(
                calendar(), clock->pauses[i].from, clock->pauses[i].to, clock->unit);
    HOLDS(c,
            case_clock_due(policy, &folded).ms == clock->due.ms &&
                    case_clock_spent(policy, &folded, at) == ran(n, at),
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
    const struct case_clock *was = clock_in(&c->kept, clock->kind, clock->task);
    struct noted_clock *n = noted(c, clock->kind, clock->task);
    bool anew = was && is_over(was) && runs(clock);
    if (n && was && n->start.ms == clock->start.ms && !anew)
        return n;
    if (!n)
        n = &c->clocks[c->n_clocks++];
    *n = (struct noted_clock){.kind = clock->kind,
            .task = clock->task,
            .start = clock->start,
            .folded_under = -1};
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
    bool known = noted(c, clock->kind, clock->task);
    struct noted_clock *n = note(seen, clock);
    if (world.problem[0])
        return;
    bool same = known && memcmp(&n->seen, clock, sizeof *clock) == 0;
    bool extended = was_extended(seen, n);
    bool same_class = strcmp(c->kept.sla, seen->decision->after.sla) == 0;
    note_stops(c, n, clock, seen->decision->at);
    n->seen = *clock;
    if (extended && n->told_percent == 100) /* a new date has a breach of its own */
        n->told_percent = 99;
    if (!same || !same_class) {
        derive_next(n, &seen->decision->after);
        check_ledger(seen, n);
    }
    if (!same || sim_draw() % 8 == 0)
        check_used(seen, n, extended);
}

static void forget_dropped(struct watched *c, const struct case_state *after)
{
    for (int i = c->n_clocks - 1; i >= 0; i--)
        if (!clock_in(after, c->clocks[i].kind, c->clocks[i].task))
            c->clocks[i] = c->clocks[--c->n_clocks];
}

/* ---- a clock stops with its matter, and not otherwise ---- */

static bool running(
        const struct case_state *state, enum case_clock_kind kind, int32_t task)
{
    const struct case_clock *clock = clock_in(state, kind, task);
    return clock && runs(clock);
}

static void check_task(
        struct watched *c, const struct case_state *state, const struct case_task *task)
{
    const struct case_clock *sign = clock_in(state, CASE_CLOCK_SIGN, task->number);
    const struct case_clock *contact = clock_in(state, CASE_CLOCK_CONTACT, task->number);
    const struct case_clock *arrive = clock_in(state, CASE_CLOCK_ARRIVE, task->number);
    /* What was not done when it was terminated has no clock when it is reopened. */
    bool again = state->reopens > 0 && task == &state->lead;
    HOLDS(c, !sign || is_over(sign) != instant_is_never(task->signed_at) || again,
            "the sign clock stops with signing and not otherwise");
    HOLDS(c,
            !contact || is_over(contact) != instant_is_never(task->contacted_at) || again,
            "the contact clock stops with the call and not otherwise");
    HOLDS(c, !arrive || !runs(arrive) || instant_is_never(task->arrived_at),
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
    const struct case_clock *handle = clock_in(
            state, CASE_CLOCK_HANDLE, state->lead.number);
    HOLDS(c, handle, "an owned case without a handling clock");
    if (!handle)
        return;
    enum case_pause_reason why = state->stage == STAGE_SUSPENDED ? PAUSE_SUSPENDED
                                 : stage_in(state, IN(SUBMITTED) | IN(FOLLOWUP))
                                         ? PAUSE_SUBMITTED
                                 : state->stage == STAGE_RETURN_REQUESTED && !runs(handle)
                                         ? PAUSE_RETURN
                                         : PAUSE_NONE;
    HOLDS(c, !is_over(handle) && handle->why == why,
            "the handling clock stands where it should run, or runs on");
    for (int i = 0; i < state->n_assists; i++) {
        const struct case_task *task = &state->assists[i];
        const struct case_clock *clock = clock_in(state, CASE_CLOCK_HANDLE, task->number);
        HOLDS(c, clock && is_over(clock) != instant_is_never(task->submitted_at),
                "an assisting task's clock stops with its result and not otherwise");
        HOLDS(c,
                !clock || is_over(clock) ||
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
    unsigned still = IN(CLOSED) | IN(MERGED) | IN(MERGE_REQUESTED);
    for (int i = 0; i < state->n_clocks; i++)
        HOLDS(c, !stage_in(state, still) || is_over(&state->clocks[i]),
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
    HOLDS(seen->c,
            instant_is_never(after->lead.signed_at) &&
                    (after->step == seen->c->kept.step || after->step == 0),
            "a new task begins with what the old one did");
}

/* ---- how long it stood, in natural time ---- */

static int64_t longest_stop(const struct case_state *from, const struct case_state *to,
        enum case_pause_reason reason)
{
    int64_t longest = 0;
    for (int i = 0; i < from->n_clocks; i++) {
        const struct case_clock *was = &from->clocks[i];
        const struct case_clock *is = clock_in(to, was->kind, was->task);
        if (was->why != reason || !is || !runs(is) || is->n_pauses == 0)
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
        if (event->event == EVENT_RETURN_REQUESTED)
            c->review = world.rules.policy.handling.request_review;
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
