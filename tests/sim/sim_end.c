/* The end of a seed: everybody does what is left to do, every wake comes at its time, and
 * then nothing is left. */
#include "sim.h"

#include <stdio.h>
#include <string.h>

static const struct case_task *open_assist(const struct case_state *state)
{
    for (int i = 0; i < state->n_assists; i++)
        if (state->assists[i].mandatory &&
                instant_is_never(state->assists[i].submitted_at))
            return &state->assists[i];
    return NULL;
}

static bool steps_left(const struct case_state *state)
{
    const struct sla_class *sla = policy_sla_class(
            &world.rules.policy, str_of(state->sla));
    return sla && state->step < sla->n_steps;
}

static void do_it(const struct watched *c, enum case_action action, const char *unit,
        const char *to)
{
    struct case_command command = sim_action(c, action, unit);
    command.until.ms = world.now.ms + 24 * 60 * MINUTE_MS;
    COPY(command.to, to);
    sim_append(&command);
}

static const char *some_handler(const struct case_state *state)
{
    static const char *const handlers[] = {"zhujian", "chengguan", "gongdian", "kaifa"};
    size_t i = 0;
    while (i < 3 &&
            sim_accused(state, policy_unit(&world.rules.policy, str_of(handlers[i]))))
        i++;
    return handlers[i];
}

/* The next thing that brings a case nearer to its end; false: nobody has to do anything.
 */
static bool act_on(const struct watched *c)
{
    const struct case_state *state = &c->kept;
    const char *desk = world.rules.policy.desk->code, *lead = state->lead.unit;
    const struct case_task *assist = open_assist(state);
    switch (state->stage) {
    case STAGE_NEEDS_HUMAN:
        do_it(c, ACTION_CLOSE, desk, "");
        return true;
    case STAGE_OFFERED:
        do_it(c, ACTION_DISPATCH, desk, some_handler(state));
        return true;
    case STAGE_DISPATCHED:
    case STAGE_SIGNED:
    case STAGE_CONTACTED:
    case STAGE_HANDLING:
        do_it(c,
                assist              ? ACTION_SUBMIT
                : steps_left(state) ? ACTION_COMPLETE_STEP
                                    : ACTION_SUBMIT,
                assist ? assist->unit : lead, "");
        return true;
    case STAGE_SUSPENDED:
        do_it(c, ACTION_RESUME, lead, "");
        return true;
    case STAGE_RETURN_REQUESTED:
        do_it(c, ACTION_REFUSE, state->request.approver, "");
        return true;
    case STAGE_DISPUTED:
        do_it(c, ACTION_RULE, state->request.approver, some_handler(state));
        return true;
    case STAGE_SUBMITTED:
        do_it(c, ACTION_APPROVE, desk, "");
        return true;
    case STAGE_FOLLOWUP:
        do_it(c, ACTION_FOLLOW_UP, desk, "");
        return true;
    case STAGE_TRANSFERRED_OUT: {
        const struct case_clock *clock = case_clock_find(
                state, CASE_CLOCK_TRANSFER_ACK, CASE_DESK_TASK);
        if (!clock || !instant_is_never(clock->stopped))
            return false;
        do_it(c, ACTION_ACKNOWLEDGE, desk, "");
        return true;
    }
    case STAGE_NONE:
    case STAGE_MERGE_REQUESTED:
    case STAGE_CLOSED:
    case STAGE_MERGED:
    case STAGE_COUNT:
        break;
    }
    return false;
}

static struct watched *first_to_wake(void)
{
    struct watched *first = NULL;
    for (int i = 0; i < world.n_cases; i++) {
        struct watched *c = &world.cases[i];
        instant at = c->applied.wake_at;
        if (!instant_is_never(at) &&
                (!first || instant_before(at, first->applied.wake_at)))
            first = c;
    }
    return first;
}

/* Every wake that is left comes, at its time; half of the seeds end without waiting. */
static void run_out_of_time(void)
{
    for (int round = 0; round < 400 && !world.problem[0]; round++) {
        struct watched *c = first_to_wake();
        if (!c)
            return;
        instant due = c->applied.wake_at;
        if (instant_before(world.now, due))
            world.now = due;
        struct case_command command = {
                .kind = COMMAND_WAKE, .at = world.now, .due = due, .task = -1};
        COPY(command.case_id, c->id);
        sim_append(&command);
        sim_drain();
    }
    HOLDS(&world.cases[0], first_to_wake() == NULL, "wakes without end");
}

static void act_to_the_end(void)
{
    for (int round = 0; round < 60 && !world.problem[0]; round++) {
        bool acted = false;
        for (int i = 0; i < world.n_cases; i++)
            acted |= act_on(&world.cases[i]);
        if (!acted)
            return;
        world.now.ms += MINUTE_MS;
        sim_drain();
    }
    HOLDS(&world.cases[0], false, "everybody acts, and a case does not end");
}

static int masters_of(const char *member)
{
    int masters = 0;
    for (int i = 0; i < world.n_cases; i++)
        for (int j = 0; j < world.cases[i].kept.n_members; j++)
            masters += strcmp(world.cases[i].kept.members[j].id, member) == 0;
    return masters;
}

static void check_end(const struct watched *c)
{
    const struct case_state *state = &c->kept;
    HOLDS(c, stage_in(state, SETTLED), "a case is not settled at the end of all");
    HOLDS(c, instant_is_never(state->wake_at), "a wake was lost");
    HOLDS(c, c->n_orders == 0, "an order never ends");
    bool member = state->outcome == OUTCOME_MERGED_RESOLVED;
    HOLDS(c, masters_of(c->id) == member, "a member has exactly one master");
    const struct watched *master = member ? sim_case(state->master) : NULL;
    HOLDS(c, !member || (master && master->kept.stage == STAGE_CLOSED),
            "a member has a result and its master none");
}

void sim_run_out(void)
{
    for (int i = 0; i < world.n_logs; i++)
        sim_restore(&world.logs[i]);
    sim_drain();
    if (sim_chance(50))
        run_out_of_time();
    act_to_the_end();
    run_out_of_time();
    for (int i = 0; i < world.n_cases && !world.problem[0]; i++)
        check_end(&world.cases[i]);
}
