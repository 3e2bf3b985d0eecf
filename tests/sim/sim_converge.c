/* Cases that talk of one matter: a tree of merges, in two orders of arrival. What a case
 * gets stays in order, what different cases get does not; at the end, when the master has
 * its result, both worlds say the same of every case. */
#include "sim.h"

#include <stdio.h>
#include <string.h>

enum { TALKERS_MAX = 6, QUEUE_MAX = 64 };

struct talker {
    struct case_state state;
    struct case_command queue[QUEUE_MAX];
    int n, next;
    int resolutions;
};

struct talk {
    struct talker talkers[TALKERS_MAX];
    int n;
};

/* Whom each one asks, and how: by its route, or by the desk when it has looked at it. */
struct plan {
    int n;
    int asks[TALKERS_MAX];
    bool by_desk[TALKERS_MAX], leaves[TALKERS_MAX];
};

static void id_of(int i, char out[CASE_ID_SIZE])
{
    (void)snprintf(out, CASE_ID_SIZE, "n20260928-000000000000000a");
    out[CASE_ID_LEN - 1] = (char)('a' + i);
}

static struct talker *by_id(struct talk *talk, const char *id)
{
    return &talk->talkers[id[CASE_ID_LEN - 1] - 'a'];
}

static void put(struct talk *talk, const struct case_command *command)
{
    struct talker *to = by_id(talk, command->case_id);
    if (to->n == QUEUE_MAX)
        sim_broken(&world.cases[0], "a talk without end");
    else
        to->queue[to->n++] = *command;
}

static void take(struct talk *talk, struct talker *talker)
{
    static struct case_decision decision;
    struct case_command command = talker->queue[talker->next++];
    case_decide(&world.rules.policy, &talker->state, &command, &decision);
    if (decision.changed)
        case_state_copy(&talker->state, &decision.after);
    for (int i = 0; i < decision.n_effects; i++) {
        const struct case_effect *effect = &decision.effects[i];
        talker->resolutions += effect->kind == EFFECT_RESOLUTION;
        if (effect->kind != EFFECT_COMMAND)
            continue;
        struct case_command to = sim_command_to(
                &talker->state, &command, effect, decision.at);
        put(talk, &to);
    }
}

/* Until nobody has anything more to hear, whoever comes first. */
static void settle(struct talk *talk)
{
    for (;;) {
        int waiting[TALKERS_MAX], n = 0;
        for (int i = 0; i < talk->n; i++)
            if (talk->talkers[i].next < talk->talkers[i].n)
                waiting[n++] = i;
        if (n == 0 || world.problem[0])
            return;
        take(talk, &talk->talkers[waiting[sim_below(n)]]);
    }
}

static struct case_command desk_says(int i, enum case_action action, const char *unit)
{
    struct case_command command = {.kind = COMMAND_ACTION,
            .at = world.now,
            .action = action,
            .task = -1,
            .words = STR("清运完毕"),
            .has_contact_record = true,
            .has_photo = true,
            .valid = true,
            .solved = true,
            .rating = RATING_SATISFIED};
    id_of(i, command.case_id);
    COPY(command.unit, unit);
    return command;
}

static void open(struct talk *talk, const struct plan *plan, int i)
{
    struct case_command command = {.kind = COMMAND_OPEN,
            .at = world.now,
            .task = -1,
            .route = i == 0             ? ROUTE_DISPATCH
                     : plan->by_desk[i] ? ROUTE_NEEDS_HUMAN
                                        : ROUTE_MERGE};
    id_of(i, command.case_id);
    COPY(command.lead, "chengguan");
    COPY(command.sla, "N");
    id_of(plan->asks[i], command.other);
    take(talk, (put(talk, &command), by_id(talk, command.case_id)));
}

static void play(struct talk *talk, const struct plan *plan)
{
    talk->n = plan->n;
    for (int i = 0; i < talk->n; i++) {
        struct talker *talker = &talk->talkers[i];
        talker->state = (struct case_state){0};
        talker->n = talker->next = talker->resolutions = 0;
    }
    for (int i = 0; i < talk->n; i++)
        open(talk, plan, i);
    for (int i = 1; i < talk->n; i++)
        if (plan->by_desk[i]) {
            struct case_command merge = desk_says(i, ACTION_MERGE, "desk");
            id_of(plan->asks[i], merge.other);
            put(talk, &merge);
        }
    settle(talk);
    for (int i = 1; i < talk->n; i++)
        if (plan->leaves[i]) {
            struct case_command unmerge = desk_says(i, ACTION_UNMERGE, "desk");
            put(talk, &unmerge);
        }
    settle(talk);
    struct case_command submit = desk_says(0, ACTION_SUBMIT, "chengguan"),
                        follow_up = desk_says(0, ACTION_FOLLOW_UP, "desk");
    put(talk, &submit);
    put(talk, &follow_up);
    settle(talk);
}

static bool same_end(const struct talker *a, const struct talker *b)
{
    return a->state.stage == b->state.stage && a->state.outcome == b->state.outcome &&
           a->resolutions == b->resolutions &&
           strcmp(a->state.lead.unit, b->state.lead.unit) == 0;
}

void sim_converge(void)
{
    static struct talk one, other;
    struct plan plan = {.n = 2 + sim_below(TALKERS_MAX - 1)};
    for (int i = 1; i < plan.n; i++) {
        plan.asks[i] = sim_below(i); /* no circle */
        plan.by_desk[i] = sim_chance(40);
    }
    /* One that nobody asked may go its own way; with it go those that it took in. */
    plan.leaves[plan.n - 1] = sim_chance(30);
    play(&one, &plan);
    play(&other, &plan);
    for (int i = 0; i < plan.n; i++) {
        HOLDS(&world.cases[0], same_end(&one.talkers[i], &other.talkers[i]),
                "another order of arrival ended otherwise");
        bool own_way = plan.leaves[i];
        enum case_stage stage = own_way ? STAGE_DISPATCHED : STAGE_CLOSED;
        HOLDS(&world.cases[0],
                one.talkers[i].state.stage == stage &&
                        one.talkers[i].resolutions == !own_way,
                "a talk of cases did not end as it should");
    }
}
