/* What has to hold whatever the seed does:
 *
 *   1  a rung is never told before its time, each once and in the order of their times;
 *      a wake that counts tells every rung missed
 *   2  a wake that counts moves wake_at or settles the case; a stale or early one does
 *      nothing; wake_at is the earliest rung not told, due what the ledger gives
 *   3  events are numbered 1, 2, 3… and their stages chain
 *   4  an owned case has one lead order that did not end, any other none; so do its
 *      assisting tasks; desk, approver, parties and pool have an order while they have
 *      something to decide, and only then
 *   5  an action has an effect if and only if the table of role, stage and proof allows
 *      it; the same message again has none; what took effect was offered
 *   6  a clock starts with its budget and stops with its matter; what it ran and what is
 *      left are the budget, however its pauses are kept; no pause is longer than allowed
 *   7  who decides is never who asked, and of the level that it takes; who was named by a
 *      ruling or a meeting is changed by another one only
 *   8  a case has one final resolution for each closing, an open one none; members hear
 *      of it
 *   9  a case is not its own member; a result comes from the master; a member has
 *      exactly one master
 *   10 nothing is lost: every command ends in an effect, a refusal or a known no-op, and
 *      when everybody has acted every case is settled (sim_end.c)
 *   11 the order in which talks arrive does not change how they end (sim_converge.c)
 */
#include "sim.h"

#include <stddef.h>
#include <string.h>

/* ---- 3 ---- */

static void check_events(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_decision *decision = seen->decision;
    int64_t seq = c->kept.seq;
    enum case_stage stage = c->kept.stage;
    for (int i = 0; i < decision->n_effects; i++) {
        const struct case_effect *event = &decision->effects[i];
        if (event->kind != EFFECT_EVENT) {
            HOLDS(c, event->seq == seq, "an effect names another event than the last");
            continue;
        }
        HOLDS(c, event->seq == ++seq, "a gap in the event numbers");
        HOLDS(c, event->from == stage, "an event does not begin where the last ended");
        stage = event->to;
    }
    HOLDS(c, seq == c->kept.seq || decision->changed, "events, and nothing to keep");
    if (!decision->changed)
        return;
    HOLDS(c, decision->after.seq == seq, "the state's number is not the last event's");
    HOLDS(c, decision->after.stage == stage, "the state's stage is not the last event's");
    HOLDS(c, strcmp(decision->after.policy, world.rules.version) == 0,
            "the state does not say under which policy it is");
    HOLDS(c, !instant_before(decision->after.changed, c->kept.changed),
            "a case went back in time");
    HOLDS(c, decision->n_effects <= CASE_EFFECTS_MAX, "too many effects");
}

static const struct case_effect *event_of(
        const struct case_decision *decision, enum case_event event)
{
    for (int i = 0; i < decision->n_effects; i++)
        if (decision->effects[i].kind == EFFECT_EVENT &&
                decision->effects[i].event == event)
            return &decision->effects[i];
    return NULL;
}

/* ---- 4 ---- */

static bool has_task(enum case_role role)
{
    return role != ROLE_PARTY && role != ROLE_POOL;
}

static int order_index(
        const struct watched *c, enum case_role role, const char *unit, int32_t task)
{
    for (int i = 0; i < c->n_orders; i++)
        if (c->orders[i].role == role && strcmp(c->orders[i].unit, unit) == 0 &&
                (!has_task(role) || c->orders[i].task == task))
            return i;
    return -1;
}

/* Where the desk leads, its part as the desk is no order of its own. */
static bool is_second_part(
        const struct case_state *state, const struct case_effect *order)
{
    return order->role == ROLE_DESK && order->task > 0 &&
           order->task == state->lead.number &&
           strcmp(order->unit, state->lead.unit) == 0;
}

static void begin_order(struct watched *c, const struct case_state *state,
        const struct case_effect *order)
{
    if (is_second_part(state, order))
        return;
    HOLDS(c, order_index(c, order->role, order->unit, order->task) < 0,
            "an order that had not ended began again");
    HOLDS(c, c->n_orders < OPEN_ORDERS_MAX, "orders without end");
    if (world.problem[0])
        return;
    struct open_order *open = &c->orders[c->n_orders++];
    open->role = order->role;
    open->task = order->task;
    memcpy(open->unit, order->unit, sizeof open->unit);
}

static void end_order(struct watched *c, const struct case_effect *order)
{
    int i = order_index(c, order->role, order->unit, order->task);
    HOLDS(c, i >= 0, "an order ended that never began");
    if (i >= 0)
        c->orders[i] = c->orders[--c->n_orders];
}

static void follow_order(struct watched *c, const struct case_state *state,
        const struct case_effect *order)
{
    int offered = order_index(c, ROLE_POOL, order->unit, 0);
    switch ((int)order->order) {
    case ORDER_DISPATCH: /* what was offered is claimed */
        if (offered >= 0)
            c->orders[offered] = c->orders[--c->n_orders];
        begin_order(c, state, order);
        break;
    case ORDER_ASSIST:
    case ORDER_OFFER:
    case ORDER_REVIEW:
    case ORDER_NEEDS_HUMAN:
    case ORDER_TRANSFER:
    case ORDER_RETURN_REQUEST:
    case ORDER_EXTENSION_REQUEST:
    case ORDER_SUSPENSION_REQUEST:
    case ORDER_TERMINATION_REQUEST:
    case ORDER_ADJUDICATE:
    case ORDER_MEETING:
        begin_order(c, state, order);
        break;
    case ORDER_REDO: /* after the end it begins again */
        if (order_index(c, order->role, order->unit, order->task) < 0)
            begin_order(c, state, order);
        break;
    case ORDER_WITHDRAW:
    case ORDER_CLOSED:
    case ORDER_DECIDED:
        end_order(c, order);
        break;
    default: /* about an order, or for somebody's information */
        break;
    }
}

static bool has_order(
        const struct watched *c, enum case_role role, const char *unit, int32_t task)
{
    return order_index(c, role, unit, task) >= 0;
}

static int units_orders(const struct watched *c, const struct case_state *state)
{
    HOLDS(c, has_order(c, ROLE_LEAD, state->lead.unit, state->lead.number),
            "an owned case without one lead order");
    for (int i = 0; i < state->n_assists; i++)
        HOLDS(c,
                has_order(
                        c, ROLE_ASSIST, state->assists[i].unit, state->assists[i].number),
                "an assisting task without an order");
    return 1 + state->n_assists;
}

static int approvers_orders(const struct watched *c, const struct case_state *state)
{
    const struct policy *policy = &world.rules.policy;
    const struct case_request *request = &state->request;
    bool desk = strcmp(request->approver, policy->desk->code) == 0;
    if (request->kind == REQUEST_NONE)
        return 0;
    HOLDS(c,
            has_order(c, desk ? ROLE_DESK : ROLE_SUPERVISOR, request->approver,
                    request->task),
            "who has to decide has no order");
    return 1;
}

static int desks_orders(const struct watched *c, const struct case_state *state)
{
    const char *desk = world.rules.policy.desk->code;
    bool waits = stage_in(state, IN(NEEDS_HUMAN) | IN(OFFERED));
    bool reviews = stage_in(state, IN(SUBMITTED) | IN(FOLLOWUP)) &&
                   strcmp(state->lead.unit, desk) != 0;
    const struct case_clock *ack = case_clock_find(
            state, CASE_CLOCK_TRANSFER_ACK, CASE_DESK_TASK);
    bool transfers = state->stage == STAGE_TRANSFERRED_OUT && ack &&
                     instant_is_never(ack->stopped);
    if (!waits && !reviews && !transfers)
        return 0;
    HOLDS(c, has_order(c, ROLE_DESK, desk, reviews ? state->lead.number : 0),
            "the desk has to decide and has no order");
    return 1;
}

static int offers_and_parties(const struct watched *c, const struct case_state *state)
{
    int n = 0;
    for (int i = 0; state->stage == STAGE_OFFERED && i < 3; i++, n++)
        HOLDS(c, has_order(c, ROLE_POOL, world.rules.members[i]->code, 0),
                "a member of the pool has no offer");
    for (int i = 0; i < state->meeting.n_parties; i++, n++)
        HOLDS(c, has_order(c, ROLE_PARTY, state->meeting.parties[i], 0),
                "a party of a meeting was not told");
    return n;
}

static void check_orders(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_decision *decision = seen->decision;
    const struct case_state *after = decision->changed ? &decision->after : &c->kept;
    for (int i = 0; i < decision->n_effects; i++)
        if (decision->effects[i].kind == EFFECT_ORDER)
            follow_order(c, after, &decision->effects[i]);
    bool owned = stage_in(after, OWNED);
    int orders = approvers_orders(c, after) + desks_orders(c, after) +
                 offers_and_parties(c, after) + (owned ? units_orders(c, after) : 0);
    HOLDS(c, c->n_orders == orders, "an order that has no object goes on");
    HOLDS(c, !owned || (after->lead.number > 0 && after->lead.unit[0]),
            "an owned case without a lead");
    HOLDS(c, !owned || strcmp(after->lead.unit, after->accused) != 0,
            "the accused unit leads");
    for (int i = 0; owned && i < after->n_assists; i++) {
        HOLDS(c, strcmp(after->assists[i].unit, after->lead.unit) != 0,
                "the lead assists itself");
        HOLDS(c, strcmp(after->assists[i].unit, after->accused) != 0,
                "the accused unit assists");
    }
    HOLDS(c, after->request.kind == REQUEST_NONE || stage_in(after, WORKING | UNDECIDED),
            "a request waits where nobody can decide it");
}

/* ---- 8 ---- */

static void check_resolutions(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_decision *decision = seen->decision;
    const struct case_state *after = decision->changed ? &decision->after : &c->kept;
    int results = 0, notes = 0;
    if (event_of(decision, EVENT_REOPENED))
        c->resolutions = 0;
    for (int i = 0; i < decision->n_effects; i++) {
        const struct case_effect *effect = &decision->effects[i];
        bool note = effect->outcome == OUTCOME_EXTENDED ||
                    effect->outcome == OUTCOME_SUSPENDED;
        if (effect->kind == EFFECT_RESOLUTION && note)
            notes++;
        else if (effect->kind == EFFECT_RESOLUTION) {
            c->resolutions++;
            HOLDS(c, effect->outcome == after->outcome,
                    "the publisher is told another outcome");
        }
        results += effect->kind == EFFECT_COMMAND &&
                   effect->command == COMMAND_MEMBER_RESULT;
    }
    const struct case_effect *extended = event_of(decision, EVENT_EXTENDED);
    bool told = event_of(decision, EVENT_SUSPENDED) ||
                (extended && extended->task == after->lead.number);
    HOLDS(c, notes == told, "the resident is told of another date, once");
    HOLDS(c, c->resolutions == stage_in(after, SETTLED),
            "a settled case has one resolution, an open one none");
    HOLDS(c, (after->outcome != OUTCOME_NONE) == stage_in(after, SETTLED),
            "an outcome, and not settled");
    bool closes = after->stage == STAGE_CLOSED && c->kept.stage != STAGE_CLOSED;
    HOLDS(c, results == (closes ? after->n_members : 0),
            "not every member of a closed case gets a result");
    HOLDS(c, decision->keep_result || !closes || after->outcome == OUTCOME_RESOLVED,
            "a case is closed and its result is not kept");
}

/* ---- 5 ---- */

static bool was_done(const struct watched *c, uint64_t id)
{
    int first = c->n_done > CASE_ACTIONS_KEPT ? c->n_done - CASE_ACTIONS_KEPT : 0;
    for (int i = first; id && i < c->n_done; i++)
        if (c->done[i] == id)
            return true;
    return false;
}

static bool acted(const struct case_decision *decision)
{
    int refusals = 0;
    for (int i = 0; i < decision->n_effects; i++)
        refusals += decision->effects[i].kind == EFFECT_REFUSED;
    return refusals == 0;
}

/* What an order says the unit may do next is what it may do. */
static void check_offered(const struct seen *seen)
{
    const struct case_command *command = seen->command;
    enum case_role role = sim_acting_role(seen->before, command);
    bool transfers = command->action == ACTION_DISPATCH &&
                     command->task != seen->before->lead.number;
    bool convenes = command->action == ACTION_CONVENE;
    int32_t task = command->task;
    for (int i = 0; i < seen->before->n_assists && role == ROLE_ASSIST; i++)
        if (strcmp(seen->before->assists[i].unit, command->unit) == 0)
            task = seen->before->assists[i].number;
    if (task < 0 || role == ROLE_LEAD)
        task = seen->before->lead.number;
    if (transfers || convenes)
        return; /* offered by the kind of unit, not by an order */
    HOLDS(seen->c,
            case_actions_open(seen->before, role, task) &
                    (UINT64_C(1) << command->action),
            "an action took effect that was not offered");
}

static void check_action(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_command *command = seen->command;
    bool done = acted(seen->decision);
    bool allowed = sim_allowed(
            seen->before, command, seen->decision->at, was_done(c, command->fingerprint));
    HOLDS(c, !done || allowed, "an action that is not allowed had an effect");
    HOLDS(c, done || !allowed, "an action that is allowed had no effect");
    if (!done) {
        HOLDS(c,
                memcmp(&seen->decision->after, seen->before,
                        offsetof(struct case_state, members)) == 0,
                "a refused action changed something");
        return;
    }
    HOLDS(c, seen->decision->changed, "an action was done and nothing is kept");
    check_offered(seen);
    if (c->n_done < DONE_MAX)
        c->done[c->n_done++] = command->fingerprint;
}

/* Neither those of a new policy nor those that time brought about. */
static int own_events(const struct case_decision *decision)
{
    int n = 0;
    for (int i = 0; i < decision->n_effects; i++)
        n += decision->effects[i].kind == EFFECT_EVENT &&
             decision->effects[i].event != EVENT_REPROJECTED &&
             !decision->effects[i].by_time;
    return n;
}

/* Twice the same message. */
static void check_again(const struct seen *seen)
{
    static struct case_decision again;
    const struct case_command *command = seen->command;
    bool action = command->kind == COMMAND_ACTION;
    instant wake = seen->decision->after.wake_at;
    bool more = !instant_is_never(wake) && !instant_before(seen->decision->at, wake);
    if (!seen->decision->changed || more || (action && command->fingerprint == 0))
        return;
    case_decide(&world.rules.policy, &seen->decision->after, command, &again);
    bool asks = command->kind == COMMAND_MERGE_REQUEST;
    HOLDS(seen->c, own_events(&again) == 0 && (!again.changed || asks),
            "the same message again had a second effect");
    HOLDS(seen->c, !action || !acted(&again), "the same action again was not refused");
}

/* ---- 7 ---- */

static void check_approval(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_state *before = seen->before, *after = &seen->decision->after;
    const struct case_command *command = seen->command;
    static const enum case_action deciding[] = {
            ACTION_GRANT, ACTION_REFUSE, ACTION_RULE, ACTION_DISPATCH};
    bool decides = false;
    for (int i = 0; i < 4; i++)
        decides |= command->kind == COMMAND_ACTION && command->action == deciding[i] &&
                   acted(seen->decision);
    bool about = before->request.kind != REQUEST_NONE &&
                 after->request.kind == REQUEST_NONE && decides;
    bool transfers = command->action == ACTION_DISPATCH &&
                     before->request.kind != REQUEST_RETURN;
    bool district = strcmp(command->unit, world.rules.policy.district->code) == 0;
    bool by_district = strcmp(before->request.unit, world.rules.policy.district->code) ==
                       0;
    if (about && !transfers) {
        HOLDS(c, strcmp(command->unit, before->request.unit) != 0, "self-approval");
        HOLDS(c,
                !(c->too_much && event_of(seen->decision, EVENT_EXTENDED)) || district ||
                        by_district,
                "an extension was granted below the level that it takes");
    }
    HOLDS(c,
            after->request.kind == REQUEST_NONE ||
                    strcmp(after->request.approver, after->request.unit) != 0,
            "who asked is to decide");
    if (event_of(seen->decision, EVENT_EXTENSION_REQUESTED)) {
        const struct case_clock *clock = case_clock_find(
                after, CASE_CLOCK_HANDLE, after->request.task);
        c->too_much = clock &&
                      after->request.amount * 100 >
                              clock->amount *
                                      world.rules.policy.handling.extension_desk_percent;
    }
    HOLDS(c,
            !before->no_return || after->lead.number == before->lead.number ||
                    event_of(seen->decision, EVENT_DECIDED),
            "who was named for good was changed");
    HOLDS(c,
            !before->no_return || after->no_return ||
                    after->lead.number != before->lead.number,
            "a ruling was forgotten");
}

/* ---- 9, 10 ---- */

static void check_open(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_command *command = seen->command;
    const struct policy *policy = &world.rules.policy;
    if (c->kept.stage != STAGE_NONE) {
        HOLDS(c, own_events(seen->decision) == 0,
                "a repeated open is a repeat and nothing else");
        HOLDS(c,
                seen->decision->effects[seen->decision->n_effects - 1].kind ==
                        EFFECT_REPEAT,
                "a repeated open is not in the audit");
        return;
    }
    const struct unit *lead = policy_unit(policy, str_of(command->lead));
    bool dispatch = lead && strcmp(lead->code, command->accused) != 0 &&
                    (policy_sla_class(policy, str_of(command->sla)) ||
                            policy_category(policy, str_of(command->category)));
    bool asks = command->route == ROUTE_MERGE && command->other[0] &&
                strcmp(command->other, command->case_id) != 0;
    enum case_stage stage = command->route == ROUTE_TRANSFER ? STAGE_TRANSFERRED_OUT
                            : asks                           ? STAGE_MERGE_REQUESTED
                            : command->route == ROUTE_NEEDS_HUMAN || !dispatch
                                    ? STAGE_NEEDS_HUMAN
                                    : STAGE_DISPATCHED;
    HOLDS(c, seen->decision->after.stage == stage,
            "a case opened on another way than its route");
}

static bool whistle_known(const struct case_state *state, const char *whistle)
{
    for (int i = 0; i < state->n_whistles; i++)
        if (strcmp(state->whistles[i], whistle) == 0)
            return true;
    return false;
}

static int answers(const struct case_decision *decision)
{
    int n = 0;
    for (int i = 0; i < decision->n_effects; i++)
        n += decision->effects[i].kind == EFFECT_COMMAND &&
             (decision->effects[i].command == COMMAND_MERGE_ACCEPTED ||
                     decision->effects[i].command == COMMAND_MERGE_REFUSED ||
                     decision->effects[i].command == COMMAND_MERGE_REQUEST);
    return n;
}

static bool is_member(const struct case_state *state, const char *id)
{
    for (int i = 0; i < state->n_members; i++)
        if (strcmp(state->members[i].id, id) == 0)
            return true;
    return false;
}

static bool may_be_reopened(const struct seen *seen)
{
    enum { DAY_MS = 24 * 60 * MINUTE_MS };
    const struct case_state *state = seen->before;
    const struct handling *handling = &world.rules.policy.handling;
    return handling->merge_reopens && state->outcome != OUTCOME_MERGED_RESOLVED &&
           seen->decision->at.ms - state->closed_at.ms <=
                   handling->reopen_days * (int64_t)DAY_MS;
}

static void check_merge_request(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_state *before = seen->before;
    const char *asker = seen->command->other;
    bool closed = before->stage == STAGE_CLOSED;
    bool passes = stage_in(before, IN(MERGED) | IN(MERGE_REQUESTED)) ||
                  (closed && before->outcome == OUTCOME_MERGED_RESOLVED);
    bool takes = strcmp(asker, before->id) != 0 && !passes &&
                 !stage_in(before, IN(NONE) | IN(TRANSFERRED_OUT)) &&
                 (!closed || may_be_reopened(seen));
    HOLDS(c, answers(seen->decision) == 1, "a request has one answer, or is passed on");
    HOLDS(c,
            is_member(&seen->decision->after, asker) ==
                    (takes || is_member(before, asker)),
            "a member was not taken, or should not have been");
    HOLDS(c, !takes || event_of(seen->decision, EVENT_REOPENED) || !closed,
            "a closed case took a member");
}

static bool talk_counts(const struct seen *seen)
{
    const struct case_state *before = seen->before;
    const struct case_command *command = seen->command;
    switch (command->kind) {
    case COMMAND_MERGE_ACCEPTED:
    case COMMAND_MERGE_REFUSED:
        return before->stage == STAGE_MERGE_REQUESTED;
    case COMMAND_MEMBER_RESULT:
        return before->stage == STAGE_MERGED &&
               strcmp(before->master, command->other) == 0;
    case COMMAND_MEMBER_LEFT:
        return is_member(before, command->other);
    case COMMAND_WHISTLE_LINKED:
        return before->stage != STAGE_NONE && !whistle_known(before, command->other) &&
               before->n_whistles < CASE_WHISTLES_MAX;
    case COMMAND_WHISTLE_FINISHED:
        return whistle_known(before, command->other);
    case COMMAND_OPEN:
    case COMMAND_ACTION:
    case COMMAND_WAKE:
    case COMMAND_REPROJECT:
    case COMMAND_MERGE_REQUEST:
    case COMMAND_COUNT:
        break;
    }
    return false;
}

static void check_talk(const struct seen *seen)
{
    struct watched *c = seen->c;
    if (seen->command->kind == COMMAND_MERGE_REQUEST)
        check_merge_request(seen);
    else
        HOLDS(c, (own_events(seen->decision) > 0) == talk_counts(seen),
                "what another case or a whistle said counted wrongly");
    HOLDS(c, !is_member(&seen->decision->after, c->id), "a case is its own member");
    if (seen->command->kind == COMMAND_WHISTLE_LINKED && talk_counts(seen))
        HOLDS(c, whistle_known(&seen->decision->after, seen->command->other),
                "a whistle was linked and forgotten");
    if (seen->command->kind == COMMAND_WHISTLE_FINISHED)
        HOLDS(c, !whistle_known(&seen->decision->after, seen->command->other),
                "a finished whistle is still linked");
}

/* How many known reporters complained within the window. */
static int reporters(const struct case_state *state, instant at)
{
    enum { HOUR_MS = 60 * MINUTE_MS };
    int64_t from = at.ms - world.rules.policy.handling.cluster_hours * (int64_t)HOUR_MS;
    unsigned who = 0; /* a seed has six of them, 0 is not known */
    if (state->opened.ms >= from)
        who |= 1u << state->reporter;
    for (int i = 0; i < state->n_members; i++)
        if (state->members[i].at.ms >= from)
            who |= 1u << state->members[i].reporter;
    return __builtin_popcount(who & ~1u);
}

static void check_cluster(const struct seen *seen)
{
    const struct case_state *after = &seen->decision->after;
    int many = world.rules.policy.handling.cluster_reporters;
    bool added = event_of(seen->decision, EVENT_MEMBER_ADDED);
    bool told = event_of(seen->decision, EVENT_CLUSTER_ALARM);
    HOLDS(seen->c,
            told == (added && !seen->before->cluster_told && many > 0 &&
                            reporters(after, seen->decision->at) >= many),
            "a cluster alarm that should not be, or none where one should");
}

void sim_check(const struct seen *seen)
{
    check_events(seen);
    switch (seen->command->kind) {
    case COMMAND_OPEN:
        check_open(seen);
        break;
    case COMMAND_ACTION:
        check_action(seen);
        break;
    case COMMAND_WAKE:
    case COMMAND_REPROJECT:
        break;
    case COMMAND_MERGE_REQUEST:
    case COMMAND_MERGE_ACCEPTED:
    case COMMAND_MERGE_REFUSED:
    case COMMAND_MEMBER_RESULT:
    case COMMAND_MEMBER_LEFT:
    case COMMAND_WHISTLE_LINKED:
    case COMMAND_WHISTLE_FINISHED:
    case COMMAND_COUNT:
        check_talk(seen);
        check_cluster(seen);
        break;
    }
    if (world.problem[0])
        return;
    check_orders(seen);
    check_resolutions(seen);
    sim_check_rungs(seen);
    if (seen->decision->changed) {
        check_approval(seen);
        sim_check_clocks(seen);
    }
    check_again(seen);
}
