#include "whistle_parts.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define X(name, text) text,
const char *const whistle_stage_names[WHISTLE_STAGE_COUNT] = {WHISTLE_STAGES(X)};
const char *const whistle_dispute_names[WHISTLE_DISPUTE_COUNT] = {WHISTLE_DISPUTES(X)};
const char *const whistle_command_names[WHISTLE_COMMAND_COUNT] = {WHISTLE_COMMANDS(X)};
const char *const whistle_action_names[WHISTLE_ACTION_COUNT] = {WHISTLE_ACTIONS(X)};
const char *const whistle_event_names[WHISTLE_EVENT_COUNT] = {WHISTLE_EVENTS(X)};
const char *const whistle_order_names[WHISTLE_ORDER_COUNT] = {WHISTLE_ORDERS(X)};
const char *const whistle_role_names[WHISTLE_ROLE_COUNT] = {WHISTLE_ROLES(X)};
#undef X
#define X(name, code, text) code,
const char *const whistle_rule_names[WHISTLE_RULE_COUNT] = {WHISTLE_RULES(X)};
#undef X
#define X(name, code, text) text,
const char *const whistle_rule_texts[WHISTLE_RULE_COUNT] = {WHISTLE_RULES(X)};
#undef X

/* Role × action × stage. The last column is for who has none of the roles. */
enum { BY_ISSUER = 1, BY_SUMMONED = 2, BY_DISTRICT = 4 };
enum { IN_ISSUED = 1 << WHISTLE_ISSUED, IN_FINISHED = 1 << WHISTLE_FINISHED };
static const struct action_row {
    unsigned roles, stages;
    enum whistle_rule otherwise;
    void (*act)(struct whistle_turn *turn);
} action_rows[WHISTLE_ACTION_COUNT] = {
        /* A check-in may be overtaken by the end: times decide, not their order. */
        [WHISTLE_ACTION_CHECK_IN] = {BY_SUMMONED, IN_ISSUED | IN_FINISHED,
                WHISTLE_RULE_NOT_SUMMONED, whistle_check_in},
        [WHISTLE_ACTION_ABSENT_REASON] = {BY_SUMMONED, IN_ISSUED | IN_FINISHED,
                WHISTLE_RULE_NOT_SUMMONED, whistle_explain},
        [WHISTLE_ACTION_DISPUTE] = {BY_SUMMONED, IN_ISSUED, WHISTLE_RULE_NOT_SUMMONED,
                whistle_raise_dispute},
        [WHISTLE_ACTION_RELEASE] = {BY_ISSUER | BY_DISTRICT, IN_ISSUED,
                WHISTLE_RULE_NOT_THE_DECIDER, whistle_release},
        [WHISTLE_ACTION_KEEP] = {BY_ISSUER | BY_DISTRICT, IN_ISSUED,
                WHISTLE_RULE_NOT_THE_DECIDER, whistle_keep},
        [WHISTLE_ACTION_FINISH] = {BY_ISSUER, IN_ISSUED, WHISTLE_RULE_NOT_THE_ISSUER,
                whistle_finish},
        [WHISTLE_ACTION_SCORE] = {BY_ISSUER | BY_SUMMONED, IN_FINISHED,
                WHISTLE_RULE_NOT_A_PARTY, whistle_score},
};

void whistle_text_copy(char *out, size_t size, const char *text)
{
    bool fits = str_copy(out, size, str_of(text));
    assert(fits);
    (void)fits;
}

bool whistle_says(struct str words)
{
    static const struct str wide = {"　", 3};
    for (size_t i = 0; i < words.len;) {
        struct str rest = {words.ptr + i, words.len - i};
        if (str_starts(rest, wide))
            i += wide.len;
        else if ((unsigned char)words.ptr[i] <= ' ')
            i++;
        else
            return true;
    }
    return false;
}

/* ---- effects ---- */

static struct whistle_effect *effect_add(
        struct whistle_turn *turn, enum whistle_effect_kind kind)
{
    struct whistle_decision *decision = turn->decision;
    assert(decision->n_effects < WHISTLE_EFFECTS_MAX);
    struct whistle_effect *effect = &decision->effects[decision->n_effects++];
    *effect = (struct whistle_effect){.kind = kind, .seq = turn->state->seq};
    return effect;
}

struct whistle_effect *whistle_event_add(struct whistle_turn *turn,
        enum whistle_event event, enum whistle_stage to, const struct whistle_unit *unit)
{
    turn->state->seq++;
    struct whistle_effect *effect = effect_add(turn, WHISTLE_EFFECT_EVENT);
    effect->event = event;
    effect->from = turn->state->stage;
    effect->to = to;
    if (unit) {
        effect->number = whistle_number_of(turn->state, unit);
        effect->role = whistle_role_of(unit);
        whistle_text_copy(effect->unit, sizeof effect->unit, unit->unit);
    }
    turn->state->stage = to;
    turn->decision->changed = true;
    return effect;
}

struct whistle_effect *whistle_order_add(struct whistle_turn *turn,
        enum whistle_order order, enum whistle_role role, const char *unit,
        int32_t number)
{
    struct whistle_effect *effect = effect_add(turn, WHISTLE_EFFECT_ORDER);
    effect->order = order;
    effect->role = role;
    effect->number = number;
    effect->due = turn->state->due;
    whistle_text_copy(effect->unit, sizeof effect->unit, unit);
    return effect;
}

void whistle_command_add(
        struct whistle_turn *turn, enum whistle_effect_kind kind, const char *other)
{
    struct whistle_effect *effect = effect_add(turn, kind);
    whistle_text_copy(effect->other, sizeof effect->other, other);
}

/* ---- who is who ---- */

enum whistle_role whistle_role_of(const struct whistle_unit *unit)
{
    return unit->must ? WHISTLE_ROLE_MUST : WHISTLE_ROLE_ASSIST;
}

int32_t whistle_number_of(
        const struct whistle_state *state, const struct whistle_unit *unit)
{
    return (int32_t)(unit - state->units) + WHISTLE_ISSUER_NUMBER + 1;
}

const struct whistle_unit *whistle_unit_of(
        const struct whistle_state *state, int32_t number)
{
    int32_t i = number - WHISTLE_ISSUER_NUMBER - 1;
    return i >= 0 && i < state->n_units ? &state->units[i] : NULL;
}

static struct whistle_unit *summoned(struct whistle_state *state, const char *unit)
{
    for (int i = 0; i < state->n_units; i++)
        if (strcmp(state->units[i].unit, unit) == 0)
            return &state->units[i];
    return NULL;
}

static bool is_issuer(const struct whistle_state *state, const char *unit)
{
    return strcmp(state->issuer, unit) == 0;
}

static unsigned roles_of(const struct policy *policy, const struct whistle_state *state,
        const struct whistle_unit *own, const char *unit)
{
    return (is_issuer(state, unit) ? BY_ISSUER : 0u) | (own ? BY_SUMMONED : 0u) |
           (strcmp(policy->district->code, unit) == 0 ? BY_DISTRICT : 0u);
}

static enum whistle_role role_shown(const struct whistle_turn *turn)
{
    if (turn->own)
        return whistle_role_of(turn->own);
    if (is_issuer(turn->state, turn->command->unit))
        return WHISTLE_ROLE_ISSUER;
    return turn->actor == turn->policy->district ? WHISTLE_ROLE_SUPERVISOR
                                                 : WHISTLE_ROLE_NOBODY;
}

/* Under which number the actor hears of what it did. */
static int32_t number_shown(const struct whistle_turn *turn)
{
    const struct whistle_unit *about = turn->own ? turn->own : turn->target;
    bool decides = turn->command->action == WHISTLE_ACTION_RELEASE ||
                   turn->command->action == WHISTLE_ACTION_KEEP;
    return about && (turn->own || decides) ? whistle_number_of(turn->state, about)
                                           : WHISTLE_ISSUER_NUMBER;
}

void whistle_accept(struct whistle_turn *turn)
{
    whistle_order_add(turn, WHISTLE_ORDER_ACCEPTED, role_shown(turn), turn->command->unit,
            number_shown(turn));
}

void whistle_refuse(struct whistle_turn *turn, enum whistle_rule rule)
{
    /* A unit that the policy does not know has no queue to answer on. */
    if (turn->actor)
        whistle_order_add(turn, WHISTLE_ORDER_REFUSED, role_shown(turn),
                turn->actor->code, number_shown(turn))
                ->rule = rule;
    effect_add(turn, WHISTLE_EFFECT_REFUSED)->rule = rule;
}

/* ---- actions ---- */

static bool action_seen(const struct whistle_state *state, uint64_t fingerprint)
{
    for (int i = 0; i < state->n_actions && i < WHISTLE_ACTIONS_KEPT; i++)
        if (state->actions[i] == fingerprint)
            return fingerprint != 0;
    return false;
}

/* The order names whose matter it is: a unit acts on its own, the issuer and the district
 * on anybody's. */
static enum whistle_rule find_target(struct whistle_turn *turn)
{
    const struct whistle_command *command = turn->command;
    struct whistle_unit *named = (struct whistle_unit *)whistle_unit_of(
            turn->state, command->number); /* within our own state */
    bool known = command->number < 0 || command->number == WHISTLE_ISSUER_NUMBER || named;
    if (turn->own && (command->number >= 0 && named != turn->own))
        return WHISTLE_RULE_OLD_ORDER;
    turn->target = command->to[0] ? summoned(turn->state, command->to) : named;
    if (!known || (!turn->own && named && turn->target != named))
        return WHISTLE_RULE_OLD_ORDER;
    return WHISTLE_RULE_NONE;
}

/* RULE_NONE: it may go on. */
static enum whistle_rule action_rule(struct whistle_turn *turn)
{
    const struct whistle_command *command = turn->command;
    const struct whistle_state *state = turn->state;
    const struct action_row *row = &action_rows[command->action];
    if (!turn->actor || !unit_valid_at(turn->actor, turn->at))
        return WHISTLE_RULE_UNKNOWN_UNIT;
    if (command->queue[0] && strcmp(turn->actor->queue->code, command->queue) != 0)
        return WHISTLE_RULE_WRONG_QUEUE;
    if (command->action == WHISTLE_ACTION_UNKNOWN)
        return WHISTLE_RULE_UNKNOWN_ACTION;
    if (command->action == WHISTLE_ACTION_ISSUE)
        return state->stage == WHISTLE_NONE ? WHISTLE_RULE_NONE
                                            : WHISTLE_RULE_ALREADY_DONE;
    if (state->stage == WHISTLE_NONE)
        return WHISTLE_RULE_NO_SUCH_WHISTLE;
    if (action_seen(state, command->fingerprint))
        return WHISTLE_RULE_ALREADY_DONE;
    if (!(roles_of(turn->policy, state, turn->own, command->unit) & row->roles))
        return row->otherwise;
    enum whistle_rule rule = find_target(turn);
    if (rule != WHISTLE_RULE_NONE)
        return rule;
    if (!(row->stages & (1u << state->stage)))
        return command->action == WHISTLE_ACTION_FINISH  ? WHISTLE_RULE_ALREADY_DONE
               : command->action == WHISTLE_ACTION_SCORE ? WHISTLE_RULE_NOT_FINISHED
                                                         : WHISTLE_RULE_FINISHED;
    return WHISTLE_RULE_NONE;
}

static void remember_action(struct whistle_state *state, uint64_t fingerprint)
{
    state->actions[state->n_actions % WHISTLE_ACTIONS_KEPT] = fingerprint;
    state->n_actions++;
}

static void act(struct whistle_turn *turn)
{
    const struct whistle_command *command = turn->command;
    turn->actor = policy_unit(turn->policy, str_of(command->unit));
    turn->own = summoned(turn->state, command->unit);
    whistle_catch_up(turn);
    int64_t seq = turn->state->seq;
    enum whistle_rule rule = action_rule(turn);
    if (rule != WHISTLE_RULE_NONE)
        whistle_refuse(turn, rule);
    else if (command->action == WHISTLE_ACTION_ISSUE)
        whistle_issue(turn);
    else
        action_rows[command->action].act(turn);
    if (turn->state->seq != seq)
        remember_action(turn->state, command->fingerprint);
}

static bool may(const struct policy *policy, const struct whistle_state *state,
        const struct whistle_unit *about, enum whistle_action action)
{
    bool released = about && about->dispute == WHISTLE_DISPUTE_RELEASED;
    bool arrived = about && !instant_is_never(about->arrived_at);
    bool absent = about && !instant_is_never(about->absent_at);
    switch (action) {
    case WHISTLE_ACTION_CHECK_IN:
        return !released && !arrived && state->stage == WHISTLE_ISSUED;
    case WHISTLE_ACTION_ABSENT_REASON:
        return !released && !about->explained &&
               (absent || (!arrived && state->stage == WHISTLE_ISSUED));
    case WHISTLE_ACTION_DISPUTE:
        return about->dispute == WHISTLE_DISPUTE_NONE &&
               (arrived || !policy->whistle.classes[state->type].dispute_needs_check_in);
    case WHISTLE_ACTION_RELEASE:
    case WHISTLE_ACTION_KEEP:
        return about && about->dispute == WHISTLE_DISPUTE_OPEN;
    case WHISTLE_ACTION_UNKNOWN:
    case WHISTLE_ACTION_ISSUE:
    case WHISTLE_ACTION_FINISH:
    case WHISTLE_ACTION_SCORE:
    case WHISTLE_ACTION_COUNT:
        break;
    }
    return true;
}

/* There is a unit that the issuer has not scored. */
static bool unscored(const struct whistle_state *state)
{
    for (int i = 0; i < state->n_units; i++)
        if (state->units[i].score == 0 &&
                state->units[i].dispute != WHISTLE_DISPUTE_RELEASED)
            return true;
    return false;
}

unsigned whistle_actions_open(const struct policy *policy,
        const struct whistle_state *state, const char *unit, int32_t number)
{
    const struct whistle_unit *about = whistle_unit_of(state, number);
    const struct whistle_unit *own = about && strcmp(about->unit, unit) == 0 ? about
                                                                             : NULL;
    unsigned roles = roles_of(policy, state, own, unit), open = 0;
    for (int i = WHISTLE_ACTION_CHECK_IN; i < WHISTLE_ACTION_COUNT; i++)
        if ((action_rows[i].roles & roles) &&
                (action_rows[i].stages & (1u << state->stage)) &&
                may(policy, state, about, (enum whistle_action)i))
            open |= 1u << i;
    bool scores = own ? own->score_of_issuer == 0 &&
                                  own->dispute != WHISTLE_DISPUTE_RELEASED
                      : number == WHISTLE_ISSUER_NUMBER && unscored(state);
    if (!scores)
        open &= ~(1u << WHISTLE_ACTION_SCORE);
    if (about) /* ending it stands on the issuer's own order */
        open &= ~(1u << WHISTLE_ACTION_FINISH);
    return open;
}

void whistle_decide(const struct policy *policy, const struct whistle_state *before,
        const struct whistle_command *command, struct whistle_decision *decision)
{
    decision->after = *before;
    decision->at = command->at;
    decision->changed = false;
    decision->n_effects = 0;
    struct whistle_turn turn = {
            .policy = policy,
            .command = command,
            .decision = decision,
            .state = &decision->after,
            .at = command->at,
    };
    switch (command->kind) {
    case WHISTLE_COMMAND_ACTION:
        act(&turn);
        break;
    case WHISTLE_COMMAND_WAKE:
        whistle_wake(&turn);
        break;
    case WHISTLE_COMMAND_ANSWER:
        whistle_answer(&turn);
        break;
    case WHISTLE_COMMAND_REPROJECT:
        whistle_reproject(&turn);
        break;
    case WHISTLE_COMMAND_COUNT:
        break;
    }
    if (decision->changed)
        decision->after.wake_at = whistle_next_wake(policy, &decision->after);
}
