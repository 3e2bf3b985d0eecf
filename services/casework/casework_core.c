#include "case_parts.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define X(name, text) text,
const char *const case_stage_names[STAGE_COUNT] = {CASE_STAGES(X)};
const char *const case_outcome_names[OUTCOME_COUNT] = {CASE_OUTCOMES(X)};
const char *const case_command_names[COMMAND_COUNT] = {CASE_COMMANDS(X)};
const char *const case_route_names[ROUTE_COUNT] = {CASE_ROUTES(X)};
const char *const case_action_names[ACTION_COUNT] = {CASE_ACTIONS(X)};
const char *const case_event_names[EVENT_COUNT] = {CASE_EVENTS(X)};
const char *const case_order_names[ORDER_COUNT] = {CASE_ORDERS(X)};
const char *const case_clock_names[CASE_CLOCK_COUNT] = {CASE_CLOCKS(X)};
const char *const case_pause_names[PAUSE_COUNT] = {CASE_PAUSES(X)};
const char *const case_request_names[REQUEST_COUNT] = {CASE_REQUESTS(X)};
const char *const case_rating_names[RATING_COUNT] = {CASE_RATINGS(X)};
#undef X
#define X(name, code, text) code,
const char *const case_rule_names[CASE_RULE_COUNT] = {CASE_RULES(X)};
#undef X
#define X(name, code, text) text,
const char *const case_rule_texts[CASE_RULE_COUNT] = {CASE_RULES(X)};
#undef X
const char *const case_role_names[CASE_ROLE_COUNT] = {
        "", "lead", "assist", "desk", "supervisor", "party", "pool"};

/* Role × action × stage, after DOMAIN's table of who may do what. A unit may act out of
 * order: contact, handle and submit imply what comes before them, and while the desk
 * thinks about a return the first unit stays owner 首接负责. */
#define IN(stage) (1u << STAGE_##stage)
#define BY(role) (1u << ROLE_##role)
enum {
    AT_WORK = IN(DISPATCHED) | IN(SIGNED) | IN(CONTACTED) | IN(HANDLING),
    OWNED = AT_WORK | IN(RETURN_REQUESTED) | IN(DISPUTED),
    UNITS = BY(LEAD) | BY(ASSIST),
    APPROVERS = BY(DESK) | BY(SUPERVISOR),
};
static bool dispatched_there(
        const struct case_state *state, const struct case_task *task, const char *to)
{
    return task == &state->lead && state->request.kind != REQUEST_RETURN &&
           strcmp(to, state->lead.unit) == 0;
}

static bool is_suspended(
        const struct case_state *state, const struct case_task *task, const char *to)
{
    (void)task, (void)to;
    return state->stage == STAGE_SUSPENDED;
}

static bool is_approved(
        const struct case_state *state, const struct case_task *task, const char *to)
{
    (void)task, (void)to;
    return state->stage == STAGE_FOLLOWUP;
}

static bool is_being_redone(
        const struct case_state *state, const struct case_task *task, const char *to)
{
    (void)task, (void)to;
    return state->redos > 0 && state->stage == STAGE_HANDLING;
}

static bool is_closed(
        const struct case_state *state, const struct case_task *task, const char *to)
{
    (void)task, (void)to;
    return state->stage == STAGE_CLOSED;
}

static bool is_acknowledged(
        const struct case_state *state, const struct case_task *task, const char *to)
{
    (void)task, (void)to;
    const struct case_clock *clock = case_clock_find(
            state, CASE_CLOCK_TRANSFER_ACK, CASE_DESK_TASK);
    return clock && !case_clock_runs(clock);
}

static bool has_step(const struct case_state *state, const struct case_task *task)
{
    const struct case_clock *clock = task ? case_clock_find(
                                                    state, CASE_CLOCK_STEP, task->number)
                                          : NULL;
    return clock && case_clock_runs(clock);
}

/* While its return is decided the lead cannot; those who assist go on. */
static bool may_submit(const struct case_state *state, const struct case_task *task)
{
    return task != &state->lead || AT_WORK & 1u << state->stage;
}

static bool may_return(const struct case_state *state, const struct case_task *task)
{
    return !(state->no_return && task == &state->lead);
}

static bool may_grant(const struct case_state *state, const struct case_task *task)
{
    (void)task;
    return state->request.kind != REQUEST_NONE && state->request.kind != REQUEST_RETURN;
}

static bool may_refuse(const struct case_state *state, const struct case_task *task)
{
    (void)task;
    return state->request.kind != REQUEST_NONE && state->stage != STAGE_DISPUTED;
}

static bool may_dispatch(const struct case_state *state, const struct case_task *task)
{
    bool assist = task && task != &state->lead;
    return assist || state->stage == STAGE_NEEDS_HUMAN || state->stage == STAGE_OFFERED ||
           (state->request.kind == REQUEST_RETURN && state->stage != STAGE_DISPUTED);
}

static bool may_convene(const struct case_state *state, const struct case_task *task)
{
    (void)task;
    return !state->meeting.convener[0];
}

static bool may_decide(const struct case_state *state, const struct case_task *task)
{
    (void)task;
    return state->meeting.convener[0];
}

#define MARK(field) offsetof(struct case_task, field)
static const struct action_row {
    unsigned roles, stages;
    enum case_rule otherwise; /* to who has none of the roles */
    void (*act)(struct case_turn *turn);
    size_t mark;                 /* the task's instant that says it is done; 0: none */
    enum case_request_kind asks; /* done while that waits for its decision */
    bool (*done)(const struct case_state *state, const struct case_task *task,
            const char *to); /* NULL: the stage says it, or it may be done again */
    bool (*open)(const struct case_state *state,
            const struct case_task *task); /* it has an object; NULL: always */
} action_rows[ACTION_COUNT] = {
        [ACTION_SIGN] = {UNITS, OWNED | IN(SUSPENDED), RULE_NOT_YOUR_CASE, case_sign,
                .mark = MARK(signed_at)},
        [ACTION_CONTACT] = {UNITS, OWNED | IN(SUSPENDED), RULE_NOT_YOUR_CASE,
                case_contact, .mark = MARK(contacted_at)},
        [ACTION_CHECK_IN] = {UNITS, OWNED | IN(SUSPENDED), RULE_NOT_YOUR_CASE,
                case_check_in, .mark = MARK(arrived_at)},
        [ACTION_HANDLE] = {UNITS, OWNED, RULE_NOT_YOUR_CASE, case_handle,
                .mark = MARK(handling_at)},
        [ACTION_COMPLETE_STEP] = {BY(LEAD), AT_WORK, RULE_NOT_YOUR_CASE,
                case_complete_step, .open = has_step},
        [ACTION_PROGRESS] = {UNITS, OWNED | IN(SUSPENDED), RULE_NOT_YOUR_CASE,
                case_make_progress},
        [ACTION_SUBMIT] = {UNITS, OWNED, RULE_NOT_YOUR_CASE, case_submit,
                .mark = MARK(submitted_at), .open = may_submit},
        [ACTION_REQUEST_RETURN] = {UNITS, AT_WORK, RULE_NOT_YOUR_CASE,
                case_request_return, .asks = REQUEST_RETURN, .open = may_return},
        [ACTION_REQUEST_EXTENSION] = {UNITS, AT_WORK, RULE_NOT_YOUR_CASE,
                case_request_extension, .asks = REQUEST_EXTENSION},
        [ACTION_REQUEST_SUSPENSION] = {BY(LEAD), AT_WORK, RULE_NOT_YOUR_CASE,
                case_request_suspension, .asks = REQUEST_SUSPENSION,
                .done = is_suspended},
        [ACTION_REQUEST_TERMINATION] = {BY(LEAD), AT_WORK, RULE_NOT_YOUR_CASE,
                case_request_termination, .asks = REQUEST_TERMINATION},
        [ACTION_CLAIM] = {BY(POOL), IN(OFFERED), RULE_NOT_IN_POOL, case_claim},
        [ACTION_DISPATCH] = {APPROVERS, IN(NEEDS_HUMAN) | IN(OFFERED) | OWNED,
                RULE_NOT_THE_DESK, case_desk_dispatch, .done = dispatched_there,
                .open = may_dispatch},
        [ACTION_ADD_ASSIST] = {BY(DESK), OWNED, RULE_NOT_THE_DESK, case_add_assist},
        [ACTION_OFFER] = {BY(DESK), IN(NEEDS_HUMAN), RULE_NOT_THE_DESK, case_desk_offer},
        [ACTION_MERGE] = {BY(DESK), IN(NEEDS_HUMAN), RULE_NOT_THE_DESK, case_desk_merge},
        [ACTION_UNMERGE] = {BY(DESK), IN(MERGED), RULE_NOT_THE_DESK, case_desk_unmerge},
        [ACTION_GRANT] = {APPROVERS, OWNED, RULE_NOT_THE_DESK, case_grant,
                .open = may_grant},
        [ACTION_REFUSE] = {APPROVERS, OWNED, RULE_NOT_THE_DESK, case_refuse_request,
                .open = may_refuse},
        [ACTION_RULE] = {APPROVERS, IN(DISPUTED), RULE_NOT_THE_DESK, case_rule},
        [ACTION_CONVENE] = {APPROVERS | BY(PARTY),
                IN(NEEDS_HUMAN) | OWNED | IN(SUSPENDED), RULE_MAY_NOT_CONVENE,
                case_convene, .open = may_convene},
        [ACTION_DECIDE] = {BY(PARTY), IN(NEEDS_HUMAN) | OWNED | IN(SUSPENDED),
                RULE_NOT_THE_CONVENER, case_decide_meeting, .open = may_decide},
        [ACTION_RESUME] = {BY(LEAD) | APPROVERS, IN(SUSPENDED), RULE_NOT_YOUR_CASE,
                case_resume},
        [ACTION_APPROVE] = {BY(DESK), IN(SUBMITTED), RULE_NOT_THE_DESK, case_desk_approve,
                .done = is_approved},
        [ACTION_REDO] = {BY(DESK), IN(SUBMITTED), RULE_NOT_THE_DESK, case_desk_redo,
                .done = is_being_redone},
        [ACTION_FOLLOW_UP] = {BY(DESK), IN(SUBMITTED) | IN(FOLLOWUP), RULE_NOT_THE_DESK,
                case_desk_follow_up, .done = is_closed},
        [ACTION_REOPEN] = {BY(DESK), IN(CLOSED), RULE_NOT_THE_DESK, case_desk_reopen},
        [ACTION_CLOSE] = {BY(DESK), IN(NEEDS_HUMAN), RULE_NOT_THE_DESK, case_desk_close,
                .done = is_closed},
        [ACTION_ACKNOWLEDGE] = {BY(DESK), IN(TRANSFERRED_OUT), RULE_NOT_THE_DESK,
                case_desk_acknowledge, .done = is_acknowledged},
};
#undef MARK
#undef IN

void case_text_copy(char *out, size_t size, const char *text)
{
    bool fits = str_copy(out, size, str_of(text));
    assert(fits);
    (void)fits;
}

static struct case_effect *effect_add(struct case_turn *turn, enum case_effect_kind kind)
{
    struct case_decision *decision = turn->decision;
    assert(decision->n_effects < CASE_EFFECTS_MAX);
    struct case_effect *effect = &decision->effects[decision->n_effects++];
    *effect = (struct case_effect){.kind = kind,
            .seq = turn->state->seq,
            .task = turn->state->lead.number,
            .clock = -1};
    return effect;
}

struct case_effect *case_event_add(
        struct case_turn *turn, enum case_event event, enum case_stage to)
{
    turn->state->seq++;
    struct case_effect *effect = effect_add(turn, EFFECT_EVENT);
    effect->event = event;
    effect->from = turn->state->stage;
    effect->to = to;
    turn->state->stage = to;
    turn->decision->changed = true;
    return effect;
}

struct case_effect *case_note_add(
        struct case_turn *turn, enum case_event event, const char *unit)
{
    struct case_effect *effect = case_event_add(turn, event, turn->state->stage);
    case_text_copy(effect->unit, sizeof effect->unit, unit);
    return effect;
}

struct case_effect *case_order_add(struct case_turn *turn, enum case_order order,
        enum case_role role, const char *unit)
{
    struct case_effect *effect = effect_add(turn, EFFECT_ORDER);
    effect->order = order;
    effect->role = role;
    case_text_copy(effect->unit, sizeof effect->unit, unit);
    return effect;
}

struct case_effect *case_command_add(
        struct case_turn *turn, enum case_command_kind command, const char *other)
{
    struct case_effect *effect = effect_add(turn, EFFECT_COMMAND);
    effect->command = command;
    case_text_copy(effect->other, sizeof effect->other, other);
    return effect;
}

struct case_effect *case_whistle_answer_add(struct case_turn *turn, const char *whistle)
{
    struct case_effect *effect = effect_add(turn, EFFECT_WHISTLE_ANSWER);
    case_text_copy(effect->other, sizeof effect->other, whistle);
    return effect;
}

struct case_effect *case_resolution_add(
        struct case_turn *turn, enum case_outcome outcome, const char *unit)
{
    struct case_effect *effect = effect_add(turn, EFFECT_RESOLUTION);
    effect->outcome = outcome;
    case_text_copy(effect->unit, sizeof effect->unit, unit);
    return effect;
}

bool case_is_desk(const struct case_turn *turn, const char *unit)
{
    return strcmp(unit, turn->policy->desk->code) == 0;
}

const struct case_task *case_task_find(const struct case_state *state, int32_t number)
{
    if (number <= 0)
        return NULL;
    if (state->lead.number == number)
        return &state->lead;
    for (int i = 0; i < state->n_assists; i++)
        if (state->assists[i].number == number)
            return &state->assists[i];
    return NULL;
}

static struct case_task *assist_of(struct case_state *state, const char *unit)
{
    for (int i = 0; i < state->n_assists; i++)
        if (state->assists[i].number > 0 && strcmp(unit, state->assists[i].unit) == 0)
            return &state->assists[i];
    return NULL;
}

static bool leads(const struct case_state *state, const char *unit)
{
    return state->lead.number > 0 && strcmp(unit, state->lead.unit) == 0;
}

/* The street of the case, or one that works on it, may call a meeting; who called it
 * decides. */
static bool is_party(const struct case_turn *turn, const struct unit *unit)
{
    struct case_state *state = turn->state;
    if (turn->command->action != ACTION_CONVENE)
        return strcmp(state->meeting.convener, unit->code) == 0;
    return unit->type == UNIT_TYPE_STREET &&
           (leads(state, unit->code) || assist_of(state, unit->code) ||
                   unit == case_level_unit(
                                   turn->policy, state, unit->code, LEVEL_STREET));
}

static bool in_pool(const struct case_turn *turn, const struct unit *unit)
{
    const struct pool *pool = policy_pool(turn->policy, str_of(turn->state->pool));
    return pool && pool_has(pool, unit);
}

/* One bit for each role that the unit has. */
static unsigned roles_of(const struct case_turn *turn, const struct unit *unit)
{
    struct case_state *state = turn->state;
    return (leads(state, unit->code) ? BY(LEAD) : 0) |
           (assist_of(state, unit->code) ? BY(ASSIST) : 0) |
           (unit == turn->policy->desk ? BY(DESK) : 0) |
           (unit == turn->policy->district ? BY(SUPERVISOR) : 0) |
           (is_party(turn, unit) ? BY(PARTY) : 0) | (in_pool(turn, unit) ? BY(POOL) : 0);
}

static enum case_role role_shown(const struct case_turn *turn, const struct unit *unit)
{
    unsigned roles = roles_of(turn, unit);
    for (int role = ROLE_LEAD; role < CASE_ROLE_COUNT; role++)
        if (roles & (1u << role))
            return (enum case_role)role;
    return ROLE_NOBODY;
}

void case_accept(struct case_turn *turn, enum case_role role, int32_t task)
{
    case_order_add(turn, ORDER_ACCEPTED, role, turn->command->unit)->task = task;
}

void case_refuse(struct case_turn *turn, enum case_rule rule)
{
    /* A unit that the policy does not know has no queue to answer on. */
    const struct unit *unit = policy_unit(turn->policy, str_of(turn->command->unit));
    if (unit) {
        struct case_effect *order = case_order_add(
                turn, ORDER_REFUSED, role_shown(turn, unit), unit->code);
        order->rule = rule;
        if (turn->task)
            order->task = turn->task->number;
    }
    effect_add(turn, EFFECT_REFUSED)->rule = rule;
}

enum case_stage case_progress(const struct case_state *state)
{
    const struct case_task *lead = &state->lead;
    return !instant_is_never(lead->handling_at)    ? STAGE_HANDLING
           : !instant_is_never(lead->contacted_at) ? STAGE_CONTACTED
           : !instant_is_never(lead->signed_at)    ? STAGE_SIGNED
                                                   : STAGE_DISPATCHED;
}

static bool action_seen(const struct case_state *state, uint64_t fingerprint)
{
    for (int i = 0; i < state->n_actions && i < CASE_ACTIONS_KEPT; i++)
        if (state->actions[i] == fingerprint)
            return fingerprint != 0;
    return false;
}

/* What the action asks for is so already, whoever's message brought it about. */
static bool action_done(const struct case_state *state, const struct case_task *task,
        enum case_action action, const char *to)
{
    const struct action_row *row = &action_rows[action];
    if (row->mark && task)
        return !instant_is_never(*(const instant *)((const char *)task + row->mark));
    if (row->asks && state->request.kind == row->asks)
        return state->request.task == (task ? task->number : 0);
    return row->done && row->done(state, task, to);
}

/* The task that an action is about: the unit's own, or the one that the order names. */
static enum case_rule find_task(struct case_turn *turn, unsigned roles)
{
    const struct case_command *command = turn->command;
    struct case_state *state = turn->state;
    struct case_task *named = (struct case_task *)case_task_find(
            state, command->task); /* within our own state */
    bool own = roles & UNITS;
    /* Before the first dispatch the desk's order has the number of the task to come. */
    bool first = state->tasks_given == 0 && command->task == 1;
    if (command->task >= 0 && !first &&
            (!named || (own && strcmp(named->unit, command->unit) != 0)))
        return RULE_OLD_ORDER;
    turn->task = named && command->task >= 0           ? named
                 : own && !leads(state, command->unit) ? assist_of(state, command->unit)
                 : state->lead.number > 0              ? &state->lead
                                                       : NULL;
    return RULE_NONE;
}

/* RULE_NONE: it may go on. */
static enum case_rule action_rule(struct case_turn *turn)
{
    const struct case_command *command = turn->command;
    const struct case_state *state = turn->state;
    const struct unit *unit = policy_unit(turn->policy, str_of(command->unit));
    if (!unit)
        return RULE_UNKNOWN_UNIT;
    if (command->queue[0] && strcmp(command->queue, unit->queue->code) != 0)
        return RULE_WRONG_QUEUE;
    if (state->stage == STAGE_NONE)
        return RULE_NO_SUCH_CASE;
    if (command->action == ACTION_UNKNOWN)
        return RULE_UNKNOWN_ACTION;
    if (action_seen(state, command->fingerprint))
        return RULE_ALREADY_DONE;
    const struct action_row *row = &action_rows[command->action];
    unsigned roles = roles_of(turn, unit);
    if (!(roles & row->roles))
        return row->roles == BY(LEAD) && (roles & BY(ASSIST)) ? RULE_ASSIST_ONLY
                                                              : row->otherwise;
    enum case_rule rule = find_task(turn, roles & row->roles);
    if (rule != RULE_NONE)
        return rule;
    if (action_done(state, turn->task, command->action, command->to))
        return RULE_ALREADY_DONE;
    if (!(row->stages & (1u << state->stage)))
        return RULE_WRONG_STAGE;
    return RULE_NONE;
}

static void case_act(struct case_turn *turn)
{
    enum case_rule rule = action_rule(turn);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    int64_t seq = turn->state->seq;
    action_rows[turn->command->action].act(turn);
    struct case_state *state = turn->state;
    if (state->seq == seq)
        return; /* refused */
    state->actions[state->n_actions % CASE_ACTIONS_KEPT] = turn->command->fingerprint;
    state->n_actions++;
}

/* Beyond role and stage: what is done, and what has no object. */
static bool action_open(const struct case_state *state, const struct case_task *task,
        enum case_action action)
{
    const struct action_row *row = &action_rows[action];
    if (action_done(state, task, action, ""))
        return false;
    if (row->asks && state->request.kind != REQUEST_NONE)
        return false;
    return !row->open || row->open(state, task);
}

uint64_t case_actions_open(
        const struct case_state *state, enum case_role role, int32_t task)
{
    uint64_t open = 0;
    const struct case_task *own = case_task_find(state, task);
    if (!own && role == ROLE_LEAD)
        return 0;
    for (int i = ACTION_SIGN; i < ACTION_COUNT; i++)
        if (action_rows[i].roles & (1u << role) &&
                action_rows[i].stages & (1u << state->stage) &&
                action_open(state, own, (enum case_action)i))
            open |= UINT64_C(1) << i;
    return open;
}

void case_state_copy(struct case_state *to, const struct case_state *from)
{
    memcpy(to, from,
            offsetof(struct case_state, members) +
                    (size_t)from->n_members * sizeof from->members[0]);
}

typedef void decide_command(struct case_turn *turn);

static void decide_open(struct case_turn *turn)
{
    if (turn->state->stage == STAGE_NONE)
        case_open(turn);
    else
        effect_add(turn, EFFECT_REPEAT);
}

/* It has done its work before any command is looked at. */
static void decide_reproject(struct case_turn *turn)
{
    (void)turn;
}

static decide_command *const deciders[COMMAND_COUNT] = {
        [COMMAND_OPEN] = decide_open,
        [COMMAND_ACTION] = case_act,
        [COMMAND_WAKE] = case_wake,
        [COMMAND_REPROJECT] = decide_reproject,
        [COMMAND_MERGE_REQUEST] = case_merge_request,
        [COMMAND_MERGE_ACCEPTED] = case_merge_accepted,
        [COMMAND_MERGE_REFUSED] = case_merge_refused,
        [COMMAND_MEMBER_RESULT] = case_member_result,
        [COMMAND_MEMBER_LEFT] = case_member_left,
        [COMMAND_WHISTLE_LINKED] = case_whistle_linked,
        [COMMAND_WHISTLE_FINISHED] = case_whistle_finished,
};

void case_decide(const struct policy *policy, const struct case_state *before,
        const struct case_command *command, struct case_decision *decision)
{
    case_state_copy(&decision->after, before);
    decision->at = instant_before(command->at, before->changed) ? before->changed
                                                                : command->at;
    decision->changed = decision->keep_result = false;
    decision->n_effects = 0;
    struct case_turn turn = {
            .policy = policy,
            .command = command,
            .decision = decision,
            .state = &decision->after,
            .at = decision->at,
    };
    case_reproject(&turn);
    if (command->kind != COMMAND_WAKE)
        case_catch_up(&turn);
    deciders[command->kind](&turn);
    if (!decision->changed)
        return;
    decision->after.changed = turn.at;
    case_text_copy(
            decision->after.policy, sizeof decision->after.policy, policy->version);
    decision->after.wake_at = case_next_wake(policy, &decision->after);
}
