#include "account_core.h"

#include <assert.h>
#include <string.h>

#define X(name, text) text,
const char *const account_status_names[ACCOUNT_STATUS_COUNT] = {ACCOUNT_STATUSES(X)};
const char *const account_command_names[ACCOUNT_COMMAND_COUNT] = {ACCOUNT_COMMANDS(X)};
const char *const account_action_names[ACCOUNT_ACTION_COUNT] = {ACCOUNT_ACTIONS(X)};
const char *const account_event_names[ACCOUNT_EVENT_COUNT] = {ACCOUNT_EVENTS(X)};
const char *const account_order_names[ACCOUNT_ORDER_COUNT] = {ACCOUNT_ORDERS(X)};
#undef X
#define X(name, code, text) code,
const char *const account_rule_names[ACCOUNT_RULE_COUNT] = {ACCOUNT_RULES(X)};
#undef X
#define X(name, code, text) text,
const char *const account_rule_texts[ACCOUNT_RULE_COUNT] = {ACCOUNT_RULES(X)};
#undef X

/* One decision in the making. */
struct turn {
    const struct policy *policy;
    const struct points_ledger *ledger; /* NULL: the policy gives the holder no account */
    const struct account_command *command;
    struct account_decision *decision;
    struct account_state *state; /* decision->after */
};

#define COPY(out, text)                                                                  \
    (void)str_copy((out), sizeof(out), str_of(text)) /* of its size                      \
                                                      */

/* ---- what counts ---- */

static bool stands(const struct account_entry *entry)
{
    return entry->status != ACCOUNT_UPHELD && entry->status != ACCOUNT_EXPIRED;
}

int64_t account_balance(
        const struct points_ledger *ledger, const struct account_state *state)
{
    int64_t balance = ledger->base;
    for (int i = 0; i < state->n_entries; i++)
        balance += stands(&state->entries[i]) ? state->entries[i].left : 0;
    for (int i = 0; i < state->n_folds; i++)
        balance += state->folds[i].points;
    return balance;
}

static bool vetoed(const struct account_state *state)
{
    for (int i = 0; i < state->n_entries; i++)
        if (state->entries[i].veto && stands(&state->entries[i]))
            return true;
    for (int i = 0; i < state->n_folds; i++)
        if (state->folds[i].veto)
            return true;
    return false;
}

const char *account_grade(
        const struct points_ledger *ledger, const struct account_state *state)
{
    if (!ledger->n_grades)
        return "";
    const struct points_grade *grade = ledger->grades;
    const struct points_grade *last = grade + ledger->n_grades - 1;
    if (vetoed(state))
        return last->name;
    int64_t balance = account_balance(ledger, state);
    while (grade < last && balance < grade->from)
        grade++;
    return grade->name;
}

/* ---- effects ---- */

static struct account_effect *effect_add(struct turn *turn, enum account_effect_kind kind,
        const struct account_entry *entry)
{
    struct account_decision *decision = turn->decision;
    assert(decision->n_effects < ACCOUNT_EFFECTS_MAX);
    struct account_effect *effect = &decision->effects[decision->n_effects++];
    *effect = (struct account_effect){.kind = kind, .seq = turn->state->seq};
    if (entry)
        effect->entry = *entry;
    if (turn->ledger) {
        effect->balance = account_balance(turn->ledger, turn->state);
        COPY(effect->grade, account_grade(turn->ledger, turn->state));
    }
    return effect;
}

static void event_add(
        struct turn *turn, enum account_event event, const struct account_entry *entry)
{
    turn->state->seq++;
    effect_add(turn, ACCOUNT_EFFECT_EVENT, entry)->event = event;
}

static void order_add(struct turn *turn, enum account_order order, const char *unit,
        const struct account_entry *entry)
{
    struct account_effect *effect = effect_add(turn, ACCOUNT_EFFECT_ORDER, entry);
    effect->order = order;
    COPY(effect->unit, unit);
}

/* A pool has no queue: its entries are told by events only. */
static void tell_holder(
        struct turn *turn, enum account_order order, const struct account_entry *entry)
{
    if (policy_unit(turn->policy, str_of(turn->state->holder)))
        order_add(turn, order, turn->state->holder, entry);
}

static void remember(struct turn *turn)
{
    struct account_state *state = turn->state;
    if (turn->command->fingerprint)
        state->known[state->n_known++ % ACCOUNT_KNOWN] = turn->command->fingerprint;
}

static bool known(const struct account_state *state, uint64_t fingerprint)
{
    for (int i = 0; i < state->n_known && i < ACCOUNT_KNOWN; i++)
        if (state->known[i] == fingerprint)
            return fingerprint != 0;
    return false;
}

/* The end of every decision that changes something: the grade and the next wake follow
 * from the entries. */
static void settle(struct turn *turn)
{
    struct account_state *state = turn->state;
    const char *grade = account_grade(turn->ledger, state);
    state->wake_at = account_next_expiry(state);
    turn->decision->changed = true;
    if (strcmp(state->grade, grade) == 0)
        return;
    char old[ACCOUNT_CODE_SIZE];
    memcpy(old, state->grade, sizeof old);
    COPY(state->grade, grade);
    int32_t first = turn->decision->n_effects;
    event_add(turn, ACCOUNT_EVENT_GRADE_CHANGED, NULL);
    tell_holder(turn, ACCOUNT_ORDER_GRADE, NULL);
    for (int32_t i = first; i < turn->decision->n_effects; i++)
        memcpy(turn->decision->effects[i].old_grade, old, sizeof old);
}

/* An account begins with the base of its ledger and the grade of that. */
static void begin(struct turn *turn)
{
    struct account_state *state = turn->state;
    if (state->holder[0])
        return;
    memcpy(state->holder, turn->command->holder, sizeof state->holder);
    COPY(state->grade, account_grade(turn->ledger, state));
}

/* ---- points ---- */

static void give(struct turn *turn)
{
    const struct account_command *command = turn->command;
    struct account_state *state = turn->state;
    /* An account has one ledger; the policy may have moved the holder to another one
     * since.
     */
    if (!turn->ledger || strcmp(turn->ledger->name, command->ledger) != 0 ||
            known(state, command->fingerprint))
        return;
    begin(turn);
    struct account_entry entry = {
            .at = command->at,
            .points = account_capped(state,
                    points_rule_find(turn->policy->points, str_of(command->rule)),
                    command->points, command->at),
            .expires = command->expires,
            .veto = command->veto,
    };
    entry.left = entry.points;
    memcpy(entry.rule, command->rule, sizeof entry.rule);
    memcpy(entry.event, command->event, sizeof entry.event);
    if (entry.points || entry.veto) {
        const struct account_entry *added = account_entry_add(state, &entry);
        event_add(turn, ACCOUNT_EVENT_POINTS_GIVEN, added);
        tell_holder(turn, ACCOUNT_ORDER_POINTS, added);
    } else {
        event_add(turn, ACCOUNT_EVENT_POINTS_CAPPED, &entry);
    }
    remember(turn);
    settle(turn);
}

/* ---- expiry ---- */

static void expire(struct turn *turn)
{
    struct account_state *state = turn->state;
    instant at = turn->command->at;
    int32_t before = state->n_folds;
    bool any = false;
    if (!turn->ledger)
        return;
    for (struct account_entry *entry; (entry = account_expiring(state, at)); any = true) {
        entry->status = ACCOUNT_EXPIRED;
        struct account_entry told = *entry;
        entry->left = 0;
        event_add(turn, ACCOUNT_EVENT_POINTS_EXPIRED, &told);
    }
    for (struct account_fold *fold; (fold = account_fold_expiring(state, at));)
        account_fold_drop(state, fold);
    if (state->n_folds != before)
        event_add(turn, ACCOUNT_EVENT_POINTS_EXPIRED, NULL);
    if (any || state->n_folds != before)
        settle(turn);
}

/* ---- actions ---- */

static bool decides(const struct turn *turn)
{
    const char *unit = turn->command->unit;
    return strcmp(unit, turn->policy->desk->code) == 0 ||
           strcmp(unit, turn->policy->district->code) == 0;
}

static bool own(const struct turn *turn)
{
    return strcmp(turn->command->unit, turn->command->holder) == 0;
}

static enum account_rule check_unit(const struct turn *turn)
{
    const struct account_command *command = turn->command;
    const struct unit *unit = policy_unit(turn->policy, str_of(command->unit));
    if (!unit || !unit_valid_at(unit, command->at))
        return ACCOUNT_RULE_UNKNOWN_UNIT;
    if (command->queue[0] && strcmp(command->queue, unit->queue->code) != 0)
        return ACCOUNT_RULE_WRONG_QUEUE;
    return ACCOUNT_RULE_NONE;
}

static enum account_rule check_appeal(
        const struct turn *turn, const struct account_entry *entry)
{
    const struct account_command *command = turn->command;
    const struct budget *budget = &turn->policy->points->appeal;
    if (!own(turn))
        return ACCOUNT_RULE_NOT_YOUR_ACCOUNT;
    if (!entry)
        return ACCOUNT_RULE_NO_SUCH_ENTRY;
    if (strcmp(entry->rule, "redeem") == 0 || (entry->points >= 0 && !entry->veto))
        return ACCOUNT_RULE_NOT_A_DEDUCTION;
    if (entry->status != ACCOUNT_STANDING)
        return ACCOUNT_RULE_APPEALED_ALREADY;
    instant until = calendar_due(
            &turn->policy->calendar, entry->at, budget->amount, budget->unit);
    if (instant_before(until, command->at))
        return ACCOUNT_RULE_APPEAL_LATE;
    if (!command->has_reason)
        return ACCOUNT_RULE_NEEDS_REASON;
    return command->has_evidence ? ACCOUNT_RULE_NONE : ACCOUNT_RULE_NEEDS_EVIDENCE;
}

static void appeal(struct turn *turn, struct account_entry *entry)
{
    entry->status = ACCOUNT_APPEALED;
    event_add(turn, ACCOUNT_EVENT_POINTS_APPEALED, entry);
    order_add(turn, ACCOUNT_ORDER_APPEAL, turn->policy->desk->code, entry);
}

static enum account_rule check_ruling(
        const struct turn *turn, const struct account_entry *entry)
{
    if (own(turn))
        return ACCOUNT_RULE_OWN_ACCOUNT;
    if (!decides(turn))
        return ACCOUNT_RULE_NOT_THE_DECIDER;
    if (!entry)
        return ACCOUNT_RULE_NO_SUCH_ENTRY;
    if (entry->status != ACCOUNT_APPEALED)
        return ACCOUNT_RULE_NO_APPEAL;
    return turn->command->has_reason ? ACCOUNT_RULE_NONE : ACCOUNT_RULE_NEEDS_REASON;
}

static void rule_on(struct turn *turn, struct account_entry *entry)
{
    bool upheld = turn->command->action == ACCOUNT_ACTION_UPHOLD_APPEAL;
    entry->status = upheld ? ACCOUNT_UPHELD : ACCOUNT_CONFIRMED;
    entry->left = upheld ? 0 : entry->left;
    event_add(turn, upheld ? ACCOUNT_EVENT_APPEAL_UPHELD : ACCOUNT_EVENT_APPEAL_REJECTED,
            entry);
    tell_holder(turn, ACCOUNT_ORDER_APPEAL_DECIDED, entry);
    order_add(turn, ACCOUNT_ORDER_CLOSED, turn->policy->desk->code, entry);
}

static enum account_rule check_redeem(const struct turn *turn)
{
    const struct account_command *command = turn->command;
    const struct unit *unit = policy_unit(turn->policy, str_of(command->unit));
    if (own(turn))
        return ACCOUNT_RULE_OWN_ACCOUNT;
    if (!decides(turn) && unit->type != UNIT_TYPE_STREET)
        return ACCOUNT_RULE_NOT_THE_DECIDER;
    if (!turn->ledger->redeem)
        return ACCOUNT_RULE_NO_REDEEM;
    if (command->points <= 0)
        return ACCOUNT_RULE_BAD_POINTS;
    if (!command->has_reason)
        return ACCOUNT_RULE_NEEDS_REASON;
    return account_balance(turn->ledger, turn->state) < command->points
                   ? ACCOUNT_RULE_BALANCE_TOO_LOW
                   : ACCOUNT_RULE_NONE;
}

/* The points go from the gains that expire first, so an exchange never expires itself. */
static void redeem(struct turn *turn)
{
    struct account_entry entry = {
            .rule = "redeem", .at = turn->command->at, .points = -turn->command->points};
    memcpy(entry.event, turn->command->event, sizeof entry.event);
    account_take(turn->state, turn->command->points);
    const struct account_entry *added = account_entry_add(turn->state, &entry);
    event_add(turn, ACCOUNT_EVENT_POINTS_REDEEMED, added);
    tell_holder(turn, ACCOUNT_ORDER_POINTS, added);
}

static enum account_rule check(const struct turn *turn, const struct account_entry *entry)
{
    enum account_rule rule = check_unit(turn);
    if (rule != ACCOUNT_RULE_NONE)
        return rule;
    if (!turn->ledger || !turn->state->holder[0])
        return ACCOUNT_RULE_NO_ACCOUNT;
    if (known(turn->state, turn->command->fingerprint))
        return ACCOUNT_RULE_ALREADY_DONE;
    switch (turn->command->action) {
    case ACCOUNT_ACTION_APPEAL:
        return check_appeal(turn, entry);
    case ACCOUNT_ACTION_UPHOLD_APPEAL:
    case ACCOUNT_ACTION_REJECT_APPEAL:
        return check_ruling(turn, entry);
    case ACCOUNT_ACTION_REDEEM:
        return check_redeem(turn);
    case ACCOUNT_ACTION_UNKNOWN:
    case ACCOUNT_ACTION_COUNT:
        break;
    }
    return ACCOUNT_RULE_UNKNOWN_ACTION;
}

static void refuse(
        struct turn *turn, const struct account_entry *entry, enum account_rule rule)
{
    const char *unit = turn->command->unit;
    effect_add(turn, ACCOUNT_EFFECT_REFUSED, entry)->rule = rule;
    if (!policy_unit(turn->policy, str_of(unit)))
        return;
    order_add(turn, ACCOUNT_ORDER_REFUSED, unit, entry);
    turn->decision->effects[turn->decision->n_effects - 1].rule = rule;
}

static void act(struct turn *turn)
{
    struct account_entry *entry = account_entry_find(turn->state, turn->command->entry);
    enum account_rule rule = check(turn, entry);
    if (rule != ACCOUNT_RULE_NONE) {
        refuse(turn, entry, rule);
        return;
    }
    if (turn->command->action == ACCOUNT_ACTION_APPEAL)
        appeal(turn, entry);
    else if (turn->command->action == ACCOUNT_ACTION_REDEEM)
        redeem(turn);
    else
        rule_on(turn, entry);
    order_add(turn, ACCOUNT_ORDER_ACCEPTED, turn->command->unit, entry);
    remember(turn);
    settle(turn);
}

void account_decide(const struct policy *policy, const struct account_state *before,
        const struct account_command *command, struct account_decision *decision)
{
    struct turn turn = {
            .policy = policy,
            .ledger = points_ledger_of(policy, str_of(command->holder)),
            .command = command,
            .decision = decision,
            .state = &decision->after,
    };
    decision->after = *before;
    decision->at = command->at;
    decision->changed = false;
    decision->n_effects = 0;
    switch (command->kind) {
    case ACCOUNT_COMMAND_POINTS:
        give(&turn);
        break;
    case ACCOUNT_COMMAND_ACTION:
        act(&turn);
        break;
    case ACCOUNT_COMMAND_WAKE:
        expire(&turn);
        break;
    case ACCOUNT_COMMAND_COUNT:
        break;
    }
}
