/* Every order that began ends, and nobody has two of one kind. */
#include "sim.h"

#include <string.h>

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

/* A message's id is made of the case, the last event, the kind and the unit. */
static void check_ids(const struct seen *seen)
{
    const struct case_effect *effects = seen->decision->effects;
    for (int i = 0; i < seen->decision->n_effects; i++)
        for (int k = i + 1;
                k < seen->decision->n_effects && effects[k].seq == effects[i].seq; k++)
            HOLDS(seen->c,
                    effects[i].kind != EFFECT_ORDER || effects[k].kind != EFFECT_ORDER ||
                            effects[i].order != effects[k].order ||
                            strcmp(effects[i].unit, effects[k].unit) != 0,
                    "two orders with one id");
}

void sim_check_orders(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_decision *decision = seen->decision;
    const struct case_state *after = decision->changed ? &decision->after : &c->kept;
    for (int i = 0; i < decision->n_effects; i++)
        if (decision->effects[i].kind == EFFECT_ORDER)
            follow_order(c, after, &decision->effects[i]);
    check_ids(seen);
    bool owned = stage_in(after, OWNED);
    int orders = approvers_orders(c, after) + desks_orders(c, after) +
                 offers_and_parties(c, after) + (owned ? units_orders(c, after) : 0);
    HOLDS(c, c->n_orders == orders, "an order that has no object goes on");
    HOLDS(c, !owned || (after->lead.number > 0 && after->lead.unit[0]),
            "an owned case without a lead");
    const struct policy *policy = &world.rules.policy;
    const struct unit *lead = policy_unit(policy, str_of(after->lead.unit));
    HOLDS(c, !owned || !sim_accused(after, lead), "the accused unit leads");
    for (int i = 0; owned && i < after->n_assists; i++) {
        HOLDS(c, strcmp(after->assists[i].unit, after->lead.unit) != 0,
                "the lead assists itself");
        const struct unit *assist = policy_unit(policy, str_of(after->assists[i].unit));
        HOLDS(c, !sim_accused(after, assist), "the accused unit assists");
    }
    HOLDS(c,
            after->request.kind == REQUEST_NONE ||
                    case_task_find(after, after->request.task),
            "a request of a task that is gone");
    HOLDS(c, after->request.kind == REQUEST_NONE || stage_in(after, WORKING | UNDECIDED),
            "a request waits where nobody can decide it");
}
