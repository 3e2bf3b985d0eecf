/* Who does what: the router opens, units and desk act rightly and wrongly, sla wakes,
 * other cases and whistles talk. */
#include "sim.h"

#include <stdio.h>
#include <string.h>

static const char *some_unit(void)
{
    static const char *const units[] = {"chengguan", "desk", "district", "gongdian",
            "heping", "kaifa", "lvyuan", "yunhe", "zhujian"};
    return sim_chance(4) ? "nobody" : units[sim_below(9)];
}

static const char *some_case(void)
{
    return world.cases[sim_below(world.n_cases)].id;
}

/* Ours and theirs are never quite the same clock. */
static instant stamp(void)
{
    return (instant){world.now.ms - sim_below(2000)};
}

/* ---- the router ---- */

static void some_assists(struct case_command *command)
{
    static const char *const assists[] = {"heping", "lvyuan", "zhujian", "desk"};
    int first = sim_below(4);
    command->n_assists = sim_chance(50) ? 1 + sim_below(3) : 0;
    for (int i = 0; i < command->n_assists; i++)
        COPY(command->assists[i], assists[(first + i) % 4]);
    command->mandatory_assists = (unsigned)sim_below(8);
}

void sim_open(struct watched *c)
{
    static const char *const classes[] = {
            "E2", "N", "Q", "C-consult", "water-burst", "E1", "gone", "", "five-step"};
    static const char *const categories[] = {"010101", "020101", ""};
    static const char *const places[] = {"lvyuan", "yunhe", ""};
    struct case_command command = {.kind = COMMAND_OPEN, .at = stamp(), .task = -1};
    COPY(command.case_id, c->id);
    int route = sim_below(10);
    command.route = route < 5   ? ROUTE_DISPATCH
                    : route < 7 ? ROUTE_NEEDS_HUMAN
                    : route < 8 ? ROUTE_TRANSFER
                                : ROUTE_MERGE;
    COPY(command.reason, "low_confidence");
    if (!sim_chance(5)) /* the desk, too, when the route says so */
        COPY(command.lead, sim_chance(85) ? "chengguan" : some_unit());
    COPY(command.sla, classes[sim_below(9)]);
    COPY(command.category, categories[sim_below(3)]);
    COPY(command.place, places[sim_below(3)]);
    if (sim_chance(15))
        COPY(command.accused, some_unit());
    command.report = sim_chance(10);
    some_assists(&command);
    command.reporter = (uint64_t)sim_below(6);
    if (command.route == ROUTE_MERGE)
        COPY(command.other, some_case());
    sim_append(&command);
}

/* ---- units, desk, district ---- */

static const char *some_reason(enum case_action action)
{
    const struct handling *handling = &world.rules.policy.handling;
    const struct names *reasons = action == ACTION_REQUEST_RETURN
                                          ? &handling->return_reasons
                                  : action == ACTION_REQUEST_EXTENSION
                                          ? &handling->extension_reasons
                                  : action == ACTION_REQUEST_SUSPENSION
                                          ? &handling->suspension_reasons
                                          : &handling->termination_reasons;
    return reasons->items[sim_below((int)reasons->n)];
}

static const struct sla_step *current_step(const struct case_state *state)
{
    const struct sla_class *sla = policy_sla_class(
            &world.rules.policy, str_of(state->sla));
    return sla && state->step < sla->n_steps ? &sla->steps[state->step] : NULL;
}

static const char *some_target(const struct case_state *state, enum case_action action)
{
    if (action == ACTION_OFFER)
        return "volunteers";
    bool ruling = action == ACTION_RULE || action == ACTION_DECIDE;
    return ruling && sim_chance(40) ? state->lead.unit : some_unit();
}

struct case_command sim_action(
        const struct watched *c, enum case_action action, const char *unit)
{
    const struct case_state *state = &c->kept;
    const struct sla_step *step = current_step(state);
    struct case_command command = {.kind = COMMAND_ACTION,
            .at = world.now,
            .action = action,
            .fingerprint = 1 + sim_draw() % UINT64_MAX,
            .task = -1,
            .words = STR("清运完毕"),
            .amount = 1,
            .until = {world.now.ms + (int64_t)MINUTE_MS * (2 + sim_below(20 * 60))},
            .n_parties = 2,
            .has_contact_record = true,
            .has_photo = true,
            .has_evidence = true,
            .has_plan = true,
            .has_attendees = true,
            .has_basis = true,
            .has_head = true,
            .valid = true,
            .solved = true,
            .rating = RATING_SATISFIED};
    COPY(command.case_id, c->id);
    COPY(command.unit, unit);
    COPY(command.to, some_target(state, action));
    COPY(command.reason_code, some_reason(action));
    COPY(command.step, step ? step->name : "");
    for (int i = 0; i < command.n_parties; i++)
        COPY(command.parties[i], some_unit());
    if (action == ACTION_MERGE)
        COPY(command.other, some_case());
    return command;
}

/* One thing is wrong, or not as usual. */
static void spoil(struct case_command *command)
{
    switch (sim_below(16)) {
    case 0:
        command->words = STR("已处理，谢谢");
        break;
    case 1:
        command->has_contact_record = false;
        break;
    case 2:
        command->has_photo = false;
        break;
    case 3:
        command->has_evidence = command->has_plan = false;
        break;
    case 4:
        command->has_attendees = false;
        break;
    case 5:
        command->has_basis = command->has_head = false;
        break;
    case 6:
        COPY(command->reason_code, "gone");
        break;
    case 7:
        COPY(command->step, "gone");
        break;
    case 8:
        command->amount = sim_below(9) - 1;
        break;
    case 9:
        command->until.ms = world.now.ms +
                            (int64_t)(sim_below(40 * 24 * 60) - 2 * 24 * 60) * MINUTE_MS;
        break;
    case 10:
        COPY(command->queue, some_unit());
        break;
    case 11:
        command->rating = (enum case_rating)sim_below(RATING_COUNT);
        command->solved = sim_chance(50);
        break;
    case 12:
        command->valid = false;
        break;
    case 13:
        COPY(command->category, sim_chance(80) ? "020101" : "999999");
        break;
    case 14:
        command->n_parties = sim_below(2);
        break;
    default:
        COPY(command->to, some_unit());
        break;
    }
}

static enum case_action some_bit(uint64_t open)
{
    int bits = __builtin_popcountll(open);
    for (int skip = sim_below(bits); skip > 0; skip--)
        open &= open - 1;
    return (enum case_action)__builtin_ctzll(open);
}

struct actor {
    const char *unit;
    enum case_role role;
    int32_t task;
};

/* Somebody who has to do with the case. */
static struct actor some_actor(const struct case_state *state)
{
    const struct policy *policy = &world.rules.policy;
    int who = sim_below(10);
    if (who < 4 && state->lead.number > 0)
        return (struct actor){state->lead.unit, ROLE_LEAD, state->lead.number};
    if (who < 5 && state->n_assists > 0) {
        const struct case_task *task = &state->assists[sim_below(state->n_assists)];
        return (struct actor){task->unit, ROLE_ASSIST, task->number};
    }
    if (state->meeting.convener[0] && who == 5)
        return (struct actor){state->meeting.convener, ROLE_PARTY, state->lead.number};
    if (state->stage == STAGE_OFFERED && who < 8)
        return (struct actor){
                world.rules.members[sim_below(3)]->code, ROLE_POOL, CASE_DESK_TASK};
    if (who == 6)
        return (struct actor){policy->district->code, ROLE_SUPERVISOR,
                state->request.kind ? state->request.task : state->lead.number};
    if (who == 7 && sim_chance(30))
        return (struct actor){"yunhe", ROLE_PARTY, state->lead.number};
    return (struct actor){policy->desk->code, ROLE_DESK,
            state->request.kind ? state->request.task : state->lead.number};
}

static const char *owner_of(const struct case_state *state, int32_t task)
{
    const struct case_task *of = case_task_find(state, task);
    return of ? of->unit : "";
}

/* What is likely next, so that most seeds come far. */
static enum case_action likely_action(
        const struct case_state *state, const struct actor *actor)
{
    static const enum case_action onward[] = {ACTION_SIGN, ACTION_CONTACT, ACTION_HANDLE,
            ACTION_COMPLETE_STEP, ACTION_SUBMIT, ACTION_SUBMIT};
    uint64_t open = case_actions_open(state, actor->role, actor->task);
    enum case_action next = onward[sim_below(6)];
    if (open & (UINT64_C(1) << next) && sim_chance(50))
        return next;
    return open ? some_bit(open) : (enum case_action)sim_below(ACTION_COUNT);
}

void sim_act(const struct watched *c)
{
    const struct case_state *state = &c->kept;
    struct actor actor = some_actor(state);
    enum case_action action = sim_chance(85) ? likely_action(state, &actor)
                                             : (enum case_action)sim_below(ACTION_COUNT);
    struct case_command command = sim_action(
            c, action, sim_chance(5) ? some_unit() : actor.unit);
    command.at = stamp();
    if (sim_chance(20))
        command.fingerprint = (uint64_t)sim_below(7);
    if (sim_chance(40))
        command.task = actor.task > 0 ? actor.task : 1;
    else if (sim_chance(8))
        command.task = sim_below(6);
    if (sim_chance(30))
        spoil(&command);
    if (action == ACTION_DISPATCH && sim_chance(50)) /* one that asked */
        command.task = state->request.task;
    if (action == ACTION_DISPATCH && sim_chance(10))
        COPY(command.to, owner_of(state, command.task));
    sim_append(&command);
    if (sim_chance(12)) {
        sim_trace_command("twice", &command);
        sim_append(&command);
    }
}

/* ---- sla ---- */

/* It reads the index, which may be behind; it fires late, early, twice, or anything. */
void sim_wake(const struct watched *c)
{
    instant due = c->applied.wake_at;
    if (instant_is_never(due) && !sim_chance(10))
        return;
    if (instant_before(world.now, due) && !sim_chance(10))
        return;
    struct case_command command = {
            .kind = COMMAND_WAKE, .at = stamp(), .due = due, .task = -1};
    if (sim_chance(5))
        command.due.ms -= 1 + sim_below(100) * MINUTE_MS;
    COPY(command.case_id, c->id);
    sim_trace_command("wake", &command);
    sim_append(&command);
    if (sim_chance(10))
        sim_append(&command);
}

/* ---- other cases, whistles, administrators ---- */

void sim_tell(const struct watched *c)
{
    static const enum case_command_kind kinds[] = {COMMAND_WHISTLE_LINKED,
            COMMAND_WHISTLE_LINKED, COMMAND_WHISTLE_FINISHED, COMMAND_REPROJECT,
            COMMAND_MEMBER_RESULT, COMMAND_MEMBER_LEFT};
    struct case_command command = {
            .kind = kinds[sim_below(6)], .at = stamp(), .task = -1};
    COPY(command.case_id, c->id);
    if (command.kind == COMMAND_MEMBER_RESULT || command.kind == COMMAND_MEMBER_LEFT) {
        COPY(command.other, some_case());
        const struct watched *other = sim_case(command.other);
        /* A stranger's; one that counts is sent by the core itself. */
        if (command.kind == COMMAND_MEMBER_RESULT
                        ? c->kept.stage != STAGE_MERGED ||
                                  strcmp(command.other, c->kept.master) == 0
                        : other->kept.stage == STAGE_MERGED ||
                                  other->kept.stage == STAGE_MERGE_REQUESTED ||
                                  other->kept.stage == STAGE_CLOSED)
            return;
    } else {
        COPY(command.other, "w20260928-000000000000000a");
        command.other[CASE_ID_LEN - 1] = (char)('a' + sim_below(6));
    }
    sim_append(&command);
}
