/* What has to hold whatever the seed does:
 *
 *   1  a reminder or a breach never comes before its rung's time, each rung of a clock at
 *      most once per task, in order; a wake that counts tells every rung missed
 *   2  a wake that counts moves wake_at or settles the case; a stale or early one does
 *      nothing; wake_at is always the earliest rung not told
 *   3  events are numbered 1, 2, 3… and their stages chain
 *   4  a dispatched case has exactly one lead order that did not end, any other none; the
 *      lead is never the accused and never assists itself
 *   5  an action has an effect if and only if the table of role, stage and proof allows
 *      it, on the present task; an action id has its effect once
 *   6  a clock starts at dispatch with the budget of the class, stops with its matter,
 *      and its used share never falls; time at the desk is not charged
 *   7  the desk has an order while it has to decide, and only then
 *   8  a closed case changes no more and has exactly one resolution, an open one none
 *   9  a case is not its own member, a result comes from the master; a member has exactly
 *      one master; each member of a closed master has its result
 *   10 nothing is left undone: no case waits for an answer, no rung for its time
 */
#include "sim.h"

#include <string.h>

#define IN(stage) (1u << STAGE_##stage)
enum {
    OWNED = IN(DISPATCHED) | IN(SIGNED) | IN(CONTACTED) | IN(HANDLING) | IN(SUBMITTED) |
            IN(RETURN_REQUESTED),
    WORKING = IN(DISPATCHED) | IN(SIGNED) | IN(CONTACTED) | IN(HANDLING),
    SETTLED = IN(CLOSED) | IN(TRANSFERRED_OUT),
    AT_THE_DESK = IN(NEEDS_HUMAN) | IN(SUBMITTED) | IN(RETURN_REQUESTED),
};

static bool stage_in(const struct case_state *state, unsigned stages)
{
    return (1u << state->stage & stages) != 0;
}

static bool clock_runs(const struct case_clock *clock)
{
    return clock->amount > 0 && instant_is_never(clock->stopped);
}

static instant rung_time(
        const struct world *world, const struct case_clock *clock, int32_t percent)
{
    instant at = calendar_share(
            &world->policy.calendar, clock->start, clock->amount, clock->unit, percent);
    return clock->stood ? calendar_later(
                                  &world->policy.calendar, at, clock->stood, clock->unit)
                        : at;
}

static const struct sla_ladder *ladder_of(
        const struct world *world, const struct case_state *state, int clock)
{
    static const struct sla_ladder usual = {.rungs = {{50}, {80}, {100}}, .n_rungs = 3};
    const struct sla_class *sla = policy_sla_class(&world->policy, str_of(state->sla));
    return sla && clock != CLOCK_DESK ? &sla->ladder : &usual;
}

/* How many rungs are not told and reached at `at`; the earliest not told goes to next. */
static int rungs_missed(const struct world *world, const struct case_state *state,
        instant at, instant *next)
{
    int missed = 0;
    *next = (instant){0};
    for (int i = 0; i < CASE_CLOCK_COUNT; i++) {
        const struct case_clock *clock = &state->clocks[i];
        if (!clock_runs(clock))
            continue;
        const struct sla_ladder *ladder = ladder_of(world, state, i);
        for (int r = 0; r < ladder->n_rungs; r++) {
            if (ladder->rungs[r].percent <= clock->fired)
                continue;
            instant time = rung_time(world, clock, ladder->rungs[r].percent);
            if (!instant_before(at, time))
                missed++;
            if (instant_is_never(*next) || instant_before(time, *next))
                *next = time;
        }
    }
    return missed;
}

#define HOLDS(condition, what)                                                           \
    do {                                                                                 \
        if (!(condition))                                                                \
            sim_broken(world, c, what);                                                  \
    } while (0)

/* ---- 1, 2 ---- */

static void check_wake(struct world *world, struct watched *c,
        const struct case_command *command, const struct case_decision *decision)
{
    const struct case_state *before = &c->kept;
    bool counts = !instant_is_never(before->wake_at) &&
                  before->wake_at.ms == command->due.ms &&
                  !instant_before(command->at, command->due);
    if (!counts) {
        HOLDS(!decision->changed && decision->n_effects == 0,
                "a stale or early wake did something");
        return;
    }
    instant next;
    int missed = rungs_missed(world, before, decision->at, &next);
    int told = 0;
    for (int i = 0; i < decision->n_effects; i++)
        told += decision->effects[i].kind == EFFECT_EVENT;
    HOLDS(told == missed, "a wake did not tell exactly the rungs that were missed");
    HOLDS(decision->n_effects == 2 * told, "a rung has one event and one order");
    HOLDS(decision->changed, "a wake that counts has to be kept");
    instant wake = decision->after.wake_at;
    HOLDS(instant_is_never(wake) || instant_before(decision->at, wake),
            "a processed wake neither moved wake_at nor settled the case");
}

static void check_rung(struct world *world, struct watched *c,
        const struct case_decision *decision, const struct case_effect *event)
{
    const struct case_clock *clock = &c->kept.clocks[event->clock];
    HOLDS(clock_runs(clock), "a rung of a clock that does not run");
    HOLDS(!instant_before(decision->at, rung_time(world, clock, event->percent)) &&
                    !instant_before(world->now, rung_time(world, clock, event->percent)),
            "a rung was told before its time");
    HOLDS(event->percent > c->told[event->clock],
            "a rung was told twice or out of order");
    HOLDS((event->event == EVENT_BREACH) == (event->percent == 100),
            "a breach is the rung at 100 and no other");
    HOLDS(event->due.ms == rung_time(world, clock, 100).ms,
            "a rung with a wrong due time");
    const char *whose = event->clock == CLOCK_DESK ? world->policy.desk->code
                                                   : c->kept.lead;
    HOLDS(strcmp(event->unit, whose) == 0, "a rung was told to another unit");
    c->told[event->clock] = event->percent;
}

/* ---- 3 ---- */

static void check_events(
        struct world *world, struct watched *c, const struct case_decision *decision)
{
    int64_t seq = c->kept.seq;
    enum case_stage stage = c->kept.stage;
    instant last = {0};
    for (int i = 0; i < decision->n_effects; i++) {
        const struct case_effect *event = &decision->effects[i];
        if (event->kind != EFFECT_EVENT) {
            HOLDS(event->seq == seq, "an effect names another event than the last");
            continue;
        }
        HOLDS(event->seq == ++seq, "a gap in the event numbers");
        HOLDS(event->from == stage, "an event does not begin where the last one ended");
        stage = event->to;
        if (event->event == EVENT_REMINDER || event->event == EVENT_BREACH) {
            check_rung(world, c, decision, event);
            instant time = rung_time(
                    world, &c->kept.clocks[event->clock], event->percent);
            HOLDS(!instant_before(time, last), "rungs not in the order of their times");
            last = time;
        }
    }
    HOLDS(seq == c->kept.seq || decision->changed, "events, and nothing to keep");
    if (!decision->changed)
        return;
    HOLDS(decision->after.seq == seq, "the state's number is not the last event's");
    HOLDS(decision->after.stage == stage, "the state's stage is not the last event's");
}

/* ---- 4, 7, 8 ---- */

static void count_order(
        struct world *world, struct watched *c, const struct case_effect *order)
{
    int *orders = order->role == ROLE_LEAD     ? &c->lead_orders
                  : order->role == ROLE_ASSIST ? &c->assist_orders
                                               : &c->desk_orders;
    switch (order->order) {
    case ORDER_DISPATCH:
    case ORDER_ASSIST:
    case ORDER_REVIEW:
    case ORDER_NEEDS_HUMAN:
    case ORDER_RETURN_REQUEST:
        ++*orders;
        break;
    case ORDER_WITHDRAW:
    case ORDER_CLOSED:
        --*orders;
        break;
    case ORDER_REMIND:
    case ORDER_BREACH:
    case ORDER_RETURN_REFUSED:
    case ORDER_REDO:
    case ORDER_ACCEPTED:
    case ORDER_REFUSED:
    case ORDER_COUNT:
        break;
    }
    HOLDS(*orders >= 0, "an order ended that never began");
}

static void check_orders(
        struct world *world, struct watched *c, const struct case_decision *decision)
{
    int results = 0;
    for (int i = 0; i < decision->n_effects; i++) {
        const struct case_effect *effect = &decision->effects[i];
        if (effect->kind == EFFECT_ORDER)
            count_order(world, c, effect);
        c->resolutions += effect->kind == EFFECT_RESOLUTION;
        results += effect->kind == EFFECT_COMMAND &&
                   effect->command == COMMAND_MEMBER_RESULT;
    }
    const struct case_state *after = decision->changed ? &decision->after : &c->kept;
    bool owned = stage_in(after, OWNED), settled = stage_in(after, SETTLED);
    HOLDS(c->lead_orders == owned, "not exactly one owner");
    HOLDS(c->assist_orders == (owned ? after->n_assists : 0),
            "an assisting unit was not told, or not told of the end");
    HOLDS(c->resolutions == settled,
            "a settled case has one resolution, an open one none");
    HOLDS(!owned || (after->task > 0 && after->lead[0]), "an owned case without a lead");
    HOLDS(!owned || strcmp(after->lead, after->accused) != 0, "the accused unit leads");
    for (int i = 0; owned && i < after->n_assists; i++) {
        HOLDS(strcmp(after->assists[i], after->lead) != 0, "the lead assists itself");
        HOLDS(strcmp(after->assists[i], after->accused) != 0, "the accused unit assists");
    }
    HOLDS(c->desk_orders == stage_in(after, AT_THE_DESK),
            "the desk has an order while it has to decide, and only then");
    bool closes = decision->changed && after->stage == STAGE_CLOSED;
    HOLDS(results == (closes ? after->n_members : 0),
            "not every member of a closed case gets a result");
    HOLDS(!decision->changed || !stage_in(&c->kept, SETTLED), "a settled case changed");
}

/* ---- 5 ---- */

static bool seen(const struct watched *c, uint64_t id)
{
    int first = c->n_done > CASE_ACTIONS_KEPT ? c->n_done - CASE_ACTIONS_KEPT : 0;
    for (int i = first; id && i < c->n_done; i++)
        if (c->done[i] == id)
            return true;
    return false;
}

/* The only texts of a seed: one that says something, and set phrases. */
static bool says_something(const struct case_command *command)
{
    return str_starts(command->words, str_of("清运"));
}

static bool dispatch_allowed(const struct world *world, const struct case_state *state,
        const struct case_command *command)
{
    const struct unit *to = policy_unit(&world->policy, str_of(command->to));
    bool known = command->category[0]
                         ? policy_category(&world->policy, str_of(command->category)) !=
                                   NULL
                         : policy_sla_class(&world->policy, str_of(state->sla)) ||
                                   policy_category(
                                           &world->policy, str_of(state->category));
    return to && to->type != UNIT_TYPE_DESK && to->type != UNIT_TYPE_DISTRICT &&
           strcmp(to->code, state->accused) != 0 && known &&
           stage_in(state, IN(NEEDS_HUMAN) | IN(RETURN_REQUESTED)) &&
           !(state->task > 0 && strcmp(to->code, state->lead) == 0);
}

static bool submit_allowed(const struct world *world, const struct case_state *state,
        const struct case_command *command)
{
    const struct category *category = policy_category(
            &world->policy, str_of(state->category));
    return stage_in(state, WORKING) && says_something(command) &&
           command->has_contact_record &&
           (command->has_photo || !category || !category->physical);
}

static bool action_allowed(
        const struct world *world, const struct watched *c, const struct case_command *a)
{
    const struct case_state *state = &c->kept;
    const struct unit *unit = policy_unit(&world->policy, str_of(a->unit));
    if (!unit || (a->queue[0] && strcmp(a->queue, unit->queue->code) != 0) ||
            state->stage == STAGE_NONE || seen(c, a->fingerprint))
        return false;
    if (a->task >= 0 && a->task != (state->task ? state->task : 1))
        return false;
    bool lead = state->task > 0 && strcmp(a->unit, state->lead) == 0;
    bool desk = strcmp(a->unit, world->policy.desk->code) == 0;
    bool asked = state->stage == STAGE_RETURN_REQUESTED;
    switch (a->action) {
    case ACTION_SIGN:
        return lead && (state->stage == STAGE_DISPATCHED || asked) &&
               instant_is_never(state->signed_at);
    case ACTION_CONTACT:
        return lead && (stage_in(state, WORKING) || asked) &&
               instant_is_never(state->contacted_at);
    case ACTION_HANDLE:
        return lead && (stage_in(state, WORKING) || asked) &&
               instant_is_never(state->handling_at);
    case ACTION_SUBMIT:
        return lead && submit_allowed(world, state, a);
    case ACTION_REQUEST_RETURN:
        return lead && stage_in(state, WORKING) && !state->return_refused &&
               says_something(a);
    case ACTION_DISPATCH:
        return desk && dispatch_allowed(world, state, a);
    case ACTION_REFUSE_RETURN:
        return desk && asked;
    case ACTION_REDO:
        return desk && state->stage == STAGE_SUBMITTED;
    case ACTION_CLOSE:
        return desk && (state->stage == STAGE_SUBMITTED ||
                               (state->stage == STAGE_NEEDS_HUMAN && says_something(a)));
    case ACTION_UNKNOWN:
    case ACTION_COUNT:
        break;
    }
    return false;
}

static void check_action(struct world *world, struct watched *c,
        const struct case_command *command, const struct case_decision *decision)
{
    bool allowed = action_allowed(world, c, command);
    HOLDS(!decision->changed || allowed, "an action that is not allowed had an effect");
    HOLDS(decision->changed || !allowed, "an action that is allowed had no effect");
    int refusals = 0;
    for (int i = 0; i < decision->n_effects; i++)
        refusals += decision->effects[i].kind == EFFECT_REFUSED;
    HOLDS(refusals == !decision->changed, "an action without effect is refused, once");
    if (decision->changed && c->n_done < DONE_MAX)
        c->done[c->n_done++] = command->fingerprint;
}

/* ---- 6 ---- */

static void check_stop(struct world *world, struct watched *c,
        const struct case_state *state, int clock, instant matter)
{
    const struct case_clock *it = &state->clocks[clock];
    HOLDS(it->amount == 0 || it->stopped.ms == matter.ms,
            "a clock stops with its matter and not otherwise");
}

static void check_dispatch(
        struct world *world, struct watched *c, const struct case_decision *decision)
{
    const struct case_state *after = &decision->after;
    const struct sla_class *sla = policy_sla_class(&world->policy, str_of(after->sla));
    static const int clocks[] = {CLOCK_SIGN, CLOCK_CONTACT, CLOCK_HANDLE};
    for (int i = 0; i < 3; i++) {
        const struct case_clock *clock = &after->clocks[clocks[i]];
        c->told[clocks[i]] = c->used[clocks[i]] = 0;
        HOLDS(sla && clock->amount == sla->budgets[clocks[i]].amount,
                "a clock without the budget of its class");
        HOLDS(clock->amount == 0 ||
                        (clock->start.ms == decision->at.ms && clock->fired == 0 &&
                                clock->unit == sla->budgets[clocks[i]].unit),
                "a clock did not start at dispatch");
    }
    HOLDS(after->task == c->kept.task + 1, "a dispatch is a new task");
    HOLDS(instant_is_never(after->signed_at) && !after->return_refused,
            "a new task begins with what the old one did");
}

static void check_clocks(struct world *world, struct watched *c,
        const struct case_command *command, const struct case_decision *decision)
{
    const struct case_state *after = &decision->after;
    if (after->task != c->kept.task)
        check_dispatch(world, c, decision);
    if (stage_in(after, OWNED)) {
        check_stop(world, c, after, CLOCK_SIGN, after->signed_at);
        check_stop(world, c, after, CLOCK_CONTACT, after->contacted_at);
        check_stop(world, c, after, CLOCK_HANDLE, after->submitted_at);
    }
    HOLDS(!instant_is_never(after->signed_at) ||
                    (instant_is_never(after->contacted_at) &&
                            instant_is_never(after->handling_at)),
            "who called or works has not signed");
    HOLDS(clock_runs(&after->clocks[CLOCK_DESK]) == (after->stage == STAGE_NEEDS_HUMAN),
            "the desk's clock runs while the desk has to decide");
    for (int i = 0; i < CASE_CLOCK_COUNT; i++) {
        HOLDS(!clock_runs(&after->clocks[i]) || !stage_in(after, SETTLED),
                "a clock of a settled case runs");
        int32_t used = case_clock_used(&world->policy, &after->clocks[i], decision->at);
        HOLDS(world->policy_changed || used >= c->used[i], "a clock's used share fell");
        c->used[i] = used;
    }
    if (command->kind == COMMAND_ACTION && command->action == ACTION_REDO)
        HOLDS(world->policy_changed ||
                        c->used[CLOCK_HANDLE] == case_clock_used(&world->policy,
                                                         &c->kept.clocks[CLOCK_HANDLE],
                                                         decision->at),
                "the time at the desk was charged to the unit");
    instant next;
    (void)rungs_missed(world, after, decision->at, &next);
    HOLDS(after->wake_at.ms == next.ms, "wake_at is not the earliest rung not told");
    HOLDS(!instant_before(after->changed, c->kept.changed), "a case went back in time");
}

static void check_open(struct world *world, struct watched *c,
        const struct case_command *command, const struct case_decision *decision)
{
    if (c->kept.stage != STAGE_NONE) {
        HOLDS(!decision->changed && decision->n_effects == 1 &&
                        decision->effects[0].kind == EFFECT_REPEAT,
                "a repeated open is a repeat and nothing else");
        return;
    }
    const struct unit *lead = policy_unit(&world->policy, str_of(command->lead));
    bool dispatch = lead && strcmp(lead->code, command->accused) != 0 &&
                    (policy_sla_class(&world->policy, str_of(command->sla)) ||
                            policy_category(&world->policy, str_of(command->category)));
    bool asks = command->route == ROUTE_MERGE && command->other[0] &&
                strcmp(command->other, command->case_id) != 0;
    enum case_stage stage = command->route == ROUTE_TRANSFER ? STAGE_TRANSFERRED_OUT
                            : asks                           ? STAGE_MERGE_REQUESTED
                            : command->route == ROUTE_NEEDS_HUMAN || !dispatch
                                    ? STAGE_NEEDS_HUMAN
                                    : STAGE_DISPATCHED;
    HOLDS(decision->after.stage == stage, "a case opened on another way than its route");
}

static void check_talk(struct world *world, struct watched *c,
        const struct case_command *command, const struct case_decision *decision)
{
    if (command->kind == COMMAND_MERGE_REQUEST &&
            strcmp(command->other, command->case_id) == 0)
        HOLDS(!decision->changed && decision->n_effects == 1 &&
                        decision->effects[0].command == COMMAND_MERGE_REFUSED,
                "a case that asks itself is refused at once");
    bool asked = c->kept.stage == STAGE_MERGE_REQUESTED;
    if (command->kind == COMMAND_MERGE_ACCEPTED || command->kind == COMMAND_MERGE_REFUSED)
        HOLDS(decision->changed == asked, "an answer counts while it is waited for");
    if (command->kind == COMMAND_MEMBER_RESULT)
        HOLDS(decision->changed == (c->kept.stage == STAGE_MERGED &&
                                           strcmp(c->kept.master, command->other) == 0),
                "a result comes from the master of a merged case");
}

void sim_check(struct world *world, struct watched *c, const struct case_command *command,
        const struct case_decision *decision)
{
    if (command->kind == COMMAND_OPEN)
        check_open(world, c, command, decision);
    check_talk(world, c, command, decision);
    if (command->kind == COMMAND_WAKE)
        check_wake(world, c, command, decision);
    if (command->kind == COMMAND_ACTION)
        check_action(world, c, command, decision);
    check_events(world, c, decision);
    check_orders(world, c, decision);
    if (decision->changed)
        check_clocks(world, c, command, decision);
}

/* ---- 9, 10 ---- */

static int masters_of(const struct world *world, const char *member)
{
    int masters = 0;
    for (int i = 0; i < world->n_cases; i++)
        for (int j = 0; j < world->cases[i].kept.n_members; j++)
            masters += strcmp(world->cases[i].kept.members[j], member) == 0;
    return masters;
}

void sim_check_end(struct world *world)
{
    for (int i = 0; i < world->n_cases; i++) {
        const struct watched *c = &world->cases[i];
        const struct case_state *state = &c->kept;
        HOLDS(state->stage != STAGE_MERGE_REQUESTED, "a case waits for ever");
        HOLDS(instant_is_never(state->wake_at), "a wake was lost");
        for (int k = 0; k < CASE_CLOCK_COUNT; k++)
            HOLDS(!clock_runs(&state->clocks[k]) || state->clocks[k].fired == 100,
                    "a clock ran out and nobody was told");
        bool member = state->stage == STAGE_MERGED ||
                      state->outcome == OUTCOME_MERGED_RESOLVED;
        HOLDS(masters_of(world, c->id) == member, "a member has exactly one master");
        if (!member)
            continue;
        const struct watched *master = sim_case(world, state->master);
        HOLDS(master && (master->kept.stage == STAGE_CLOSED) ==
                                (state->stage == STAGE_CLOSED),
                "a member of a closed case has no result");
    }
}
