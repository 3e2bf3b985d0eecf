/* What is told because its time has come. */
#include "sim_ledger.h"

#include <string.h>

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
    const struct noted_clock *n = sim_noted(
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
    HOLDS(c, event->due.ms == sim_due_at(n, 100).ms, "a rung with a wrong due time");
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
        const struct case_clock *is = sim_clock_in(seen->before, n->kind, n->task);
        if (!is || sim_runs(&n->seen) || sim_is_over(&n->seen) || !sim_runs(is))
            continue;
        sim_note_stops(c, n, is, seen->decision->at);
        n->seen = *is;
        sim_derive_next(n, seen->due);
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
    struct noted_clock *n = sim_noted(c, kind, task);
    const struct sla_ladder *ladder = sim_ladder(seen->due, kind);
    int r = n ? sim_rung_after(n, ladder) : ladder->n_rungs;
    HOLDS(c, r < ladder->n_rungs && sim_runs(&n->seen),
            "a rung that there is not was told");
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
    n->told_nth = sim_nth(ladder, r);
    if (!ends)
        check_rung_event(seen, i, rung);
    else
        HOLDS(c, rung->percent == 100, "a date came before its time");
    HOLDS(c, event->by_time, "what time brought about is said to be somebody's");
    sim_derive_next(n, seen->due);
    if (!ends)
        return;
    run_on(seen);
    *last = (instant){0}; /* what came while they stood is told now */
}

/* A new budget of its class counts, unless somebody extended it; any other grant stays.
 */
static void check_granted(struct watched *c, const struct noted_clock *n,
        const struct case_state *state, const struct case_clock *clock)
{
    const struct sla_class *sla = policy_sla_class(&world.rules.policy, str_of(n->sla));
    struct budget budget = {n->seen.amount, n->seen.unit};
    if (sla && n->seen.extra == 0 && !sim_is_over(&n->seen)) {
        if (n->kind < CASE_CLOCK_STEP)
            budget = sla->budgets[n->kind];
        else if (state->step < sla->n_steps)
            budget = sla->steps[state->step].budget;
    }
    HOLDS(c, clock->amount == budget.amount && clock->unit == budget.unit,
            "under a new policy a clock has another budget than it is due");
}

/* As the due times are under the present policy. */
static void follow_policy(struct watched *c, const struct case_state *before)
{
    if (c->clocks_under == world.rules.changes || before->stage == STAGE_NONE)
        return;
    for (int i = 0; i < c->n_clocks; i++) {
        struct noted_clock *n = &c->clocks[i];
        const struct case_clock *clock = sim_clock_in(before, n->kind, n->task);
        if (!clock)
            continue;
        check_granted(c, n, before, clock);
        n->seen.amount = clock->amount;
        n->seen.unit = clock->unit;
        sim_derive_next(n, before);
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
    bool stale = seen->command->kind == COMMAND_WAKE &&
                 wake_at.ms != seen->command->due.ms;
    return !stale && !instant_before(seen->decision->at, wake_at);
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
    bool same = strcmp(seen->c->kept.policy, world.rules.version) == 0;
    if (seen->command->kind == COMMAND_WAKE && !counts && same)
        HOLDS(seen->c, !decision->changed && decision->n_effects == 0,
                "a stale or early wake did something");
    if (counts && told_by_time(decision) + 8 <= CASE_TOLD_MAX)
        HOLDS(seen->c,
                decision->changed &&
                        (instant_is_never(wake) || instant_before(decision->at, wake)),
                "a processed wake neither moved wake_at nor settled the case");
}
