#include "case_parts.h"

#include <assert.h>
#include <string.h>

#define X(name, text) text,
const char *const case_stage_names[STAGE_COUNT] = {CASE_STAGES(X)};
const char *const case_outcome_names[OUTCOME_COUNT] = {CASE_OUTCOMES(X)};
const char *const case_command_names[COMMAND_COUNT] = {CASE_COMMANDS(X)};
const char *const case_route_names[ROUTE_COUNT] = {CASE_ROUTES(X)};
const char *const case_action_names[ACTION_COUNT] = {CASE_ACTIONS(X)};
const char *const case_event_names[EVENT_COUNT] = {CASE_EVENTS(X)};
const char *const case_order_names[ORDER_COUNT] = {CASE_ORDERS(X)};
const char *const case_clock_names[CASE_CLOCK_COUNT] = {CLOCKS(X) "desk"};
#undef X
#define X(name, code, text) code,
const char *const case_rule_names[CASE_RULE_COUNT] = {CASE_RULES(X)};
#undef X
#define X(name, code, text) text,
const char *const case_rule_texts[CASE_RULE_COUNT] = {CASE_RULES(X)};
#undef X
const char *const case_role_names[CASE_ROLE_COUNT] = {"", "lead", "assist", "desk"};

/* Role × action × stage, after DOMAIN's table of who may do what. A unit may act out of
 * order: contact, handle and submit imply what comes before them, and while the desk
 * thinks about a return the first unit stays owner 首接负责. */
#define IN(stage) (1u << STAGE_##stage)
static const struct action_row {
    enum case_role role;
    unsigned stages;
    void (*act)(struct case_turn *turn);
} action_rows[ACTION_COUNT] = {
        [ACTION_SIGN] = {ROLE_LEAD, IN(DISPATCHED) | IN(RETURN_REQUESTED), case_sign},
        [ACTION_CONTACT] = {ROLE_LEAD,
                IN(DISPATCHED) | IN(SIGNED) | IN(HANDLING) | IN(RETURN_REQUESTED),
                case_contact},
        [ACTION_HANDLE] = {ROLE_LEAD,
                IN(DISPATCHED) | IN(SIGNED) | IN(CONTACTED) | IN(RETURN_REQUESTED),
                case_handle},
        [ACTION_SUBMIT] = {ROLE_LEAD,
                IN(DISPATCHED) | IN(SIGNED) | IN(CONTACTED) | IN(HANDLING), case_submit},
        [ACTION_REQUEST_RETURN] = {ROLE_LEAD,
                IN(DISPATCHED) | IN(SIGNED) | IN(CONTACTED) | IN(HANDLING),
                case_request_return},
        [ACTION_DISPATCH] = {ROLE_DESK, IN(NEEDS_HUMAN) | IN(RETURN_REQUESTED),
                case_desk_dispatch},
        [ACTION_REFUSE_RETURN] = {ROLE_DESK, IN(RETURN_REQUESTED),
                case_desk_refuse_return},
        [ACTION_REDO] = {ROLE_DESK, IN(SUBMITTED), case_desk_redo},
        [ACTION_CLOSE] = {ROLE_DESK, IN(NEEDS_HUMAN) | IN(SUBMITTED), case_desk_close},
};
#undef IN

void case_text_copy(char *out, size_t size, const char *text)
{
    size_t length = strlen(text);
    assert(length < size);
    memcpy(out, text, length + 1);
}

static struct case_effect *effect_add(struct case_turn *turn, enum case_effect_kind kind)
{
    struct case_decision *decision = turn->decision;
    assert(decision->n_effects < CASE_EFFECTS_MAX);
    struct case_effect *effect = &decision->effects[decision->n_effects++];
    *effect = (struct case_effect){
            .kind = kind, .seq = turn->state->seq, .task = turn->state->task};
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

struct case_effect *case_order_add(struct case_turn *turn, enum case_order order,
        enum case_role role, const char *unit)
{
    struct case_effect *effect = effect_add(turn, EFFECT_ORDER);
    effect->order = order;
    effect->role = role;
    case_text_copy(effect->unit, sizeof effect->unit, unit);
    return effect;
}

void case_command_add(
        struct case_turn *turn, enum case_command_kind command, const char *other)
{
    struct case_effect *effect = effect_add(turn, EFFECT_COMMAND);
    effect->command = command;
    case_text_copy(effect->other, sizeof effect->other, other);
}

void case_resolution_add(
        struct case_turn *turn, enum case_outcome outcome, const char *unit)
{
    struct case_effect *effect = effect_add(turn, EFFECT_RESOLUTION);
    turn->state->outcome = outcome;
    case_text_copy(effect->unit, sizeof effect->unit, unit);
}

static enum case_role role_of(const struct case_turn *turn)
{
    const struct case_state *state = turn->state;
    const char *unit = turn->command->unit;
    if (state->task > 0 && strcmp(unit, state->lead) == 0)
        return ROLE_LEAD;
    if (strcmp(unit, turn->policy->desk->code) == 0)
        return ROLE_DESK;
    for (int i = 0; state->task > 0 && i < state->n_assists; i++)
        if (strcmp(unit, state->assists[i]) == 0)
            return ROLE_ASSIST;
    return ROLE_NOBODY;
}

void case_refuse(struct case_turn *turn, enum case_rule rule)
{
    /* A unit that the policy does not know has no queue to answer on. */
    if (rule != RULE_UNKNOWN_UNIT ||
            policy_unit(turn->policy, str_of(turn->command->unit))) {
        struct case_effect *order = case_order_add(
                turn, ORDER_REFUSED, role_of(turn), turn->command->unit);
        order->rule = rule;
    }
    effect_add(turn, EFFECT_REFUSED)->rule = rule;
}

enum case_stage case_progress(const struct case_state *state)
{
    if (!instant_is_never(state->handling_at))
        return STAGE_HANDLING;
    if (!instant_is_never(state->contacted_at))
        return STAGE_CONTACTED;
    if (!instant_is_never(state->signed_at))
        return STAGE_SIGNED;
    return STAGE_DISPATCHED;
}

static bool action_seen(const struct case_state *state, uint64_t fingerprint)
{
    for (int i = 0; i < state->n_actions && i < CASE_ACTIONS_KEPT; i++)
        if (state->actions[i] == fingerprint)
            return fingerprint != 0;
    return false;
}

/* What the action asks for is so already, whoever's message brought it about. */
static bool action_done(
        const struct case_state *state, const struct case_command *command)
{
    switch (command->action) {
    case ACTION_SIGN:
        return !instant_is_never(state->signed_at);
    case ACTION_CONTACT:
        return !instant_is_never(state->contacted_at);
    case ACTION_HANDLE:
        return !instant_is_never(state->handling_at);
    case ACTION_SUBMIT:
        return !instant_is_never(state->submitted_at);
    case ACTION_REQUEST_RETURN:
        return state->stage == STAGE_RETURN_REQUESTED;
    case ACTION_DISPATCH:
        return state->task > 0 && state->stage != STAGE_RETURN_REQUESTED &&
               strcmp(command->to, state->lead) == 0;
    case ACTION_REFUSE_RETURN:
        return state->return_refused;
    case ACTION_REDO:
        return state->redos > 0 && state->stage == STAGE_HANDLING;
    case ACTION_CLOSE:
        return state->stage == STAGE_CLOSED;
    case ACTION_UNKNOWN:
    case ACTION_COUNT:
        break;
    }
    return false;
}

/* The rules that hold for every action, in the order in which they are tried. */
static enum case_rule action_rule(const struct case_turn *turn)
{
    const struct case_state *state = turn->state;
    const struct case_command *command = turn->command;
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
    enum case_role role = role_of(turn);
    if (row->role == ROLE_DESK && strcmp(command->unit, turn->policy->desk->code) != 0)
        return RULE_NOT_THE_DESK;
    if (row->role == ROLE_LEAD && role == ROLE_ASSIST)
        return RULE_ASSIST_ONLY;
    if (row->role == ROLE_LEAD && role != ROLE_LEAD)
        return RULE_NOT_YOUR_CASE;
    /* Before the first dispatch the desk's order has the number of the task to come. */
    if (command->task >= 0 && command->task != (state->task > 0 ? state->task : 1))
        return RULE_OLD_ORDER;
    if (action_done(state, command))
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
    action_rows[turn->command->action].act(turn);
    if (!turn->decision->changed)
        return;
    struct case_state *state = turn->state;
    state->actions[state->n_actions % CASE_ACTIONS_KEPT] = turn->command->fingerprint;
    state->n_actions++;
}

unsigned case_actions_open(const struct case_state *state, enum case_role role)
{
    unsigned open = 0;
    for (int i = ACTION_SIGN; i < ACTION_COUNT; i++) {
        struct case_command command = {.action = (enum case_action)i};
        if (action_rows[i].role == role && action_rows[i].stages & (1u << state->stage) &&
                !action_done(state, &command) &&
                !(i == ACTION_REQUEST_RETURN && state->return_refused))
            open |= 1u << i;
    }
    return open;
}

void case_decide(const struct policy *policy, const struct case_state *before,
        const struct case_command *command, struct case_decision *decision)
{
    decision->after = *before;
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
    switch (command->kind) {
    case COMMAND_OPEN:
        if (before->stage == STAGE_NONE)
            case_open(&turn);
        else
            effect_add(&turn, EFFECT_REPEAT);
        break;
    case COMMAND_ACTION:
        case_act(&turn);
        break;
    case COMMAND_WAKE:
        case_wake(&turn);
        break;
    case COMMAND_MERGE_REQUEST:
        case_merge_request(&turn);
        break;
    case COMMAND_MERGE_ACCEPTED:
        case_merge_accepted(&turn);
        break;
    case COMMAND_MERGE_REFUSED:
        case_merge_refused(&turn);
        break;
    case COMMAND_MEMBER_RESULT:
        case_member_result(&turn);
        break;
    case COMMAND_COUNT:
        break;
    }
    if (!decision->changed)
        return;
    decision->after.changed = turn.at;
    decision->after.wake_at = case_next_wake(policy, &decision->after);
}
