/* What the hotline desk 受理台 does. */
#include "case_parts.h"

#include <string.h>

/* 回避, as the router does it. But everybody answers to the district: who handles a
 * complaint about it is for the desk to say. */
static bool is_accused(
        const struct policy *policy, const char *code, const struct unit *unit)
{
    const struct unit *accused = policy_unit(policy, str_of(code));
    if (accused && accused == policy->district)
        return unit == accused || unit->queue == accused;
    return accused && unit_answers_to(unit, accused);
}

bool case_accuses(const struct case_turn *turn, const struct unit *unit)
{
    const struct case_state *state = turn->state;
    bool accused = is_accused(turn->policy, state->accused, unit);
    for (int i = 0; i < state->n_members; i++)
        accused |= is_accused(turn->policy, state->members[i].accused, unit);
    return accused;
}

enum case_rule case_handler_rule(const struct case_turn *turn, const struct unit *to)
{
    if (!to || !unit_valid_at(to, turn->at))
        return RULE_UNKNOWN_UNIT;
    if (to->type == UNIT_TYPE_DESK || to->type == UNIT_TYPE_DISTRICT)
        return RULE_NOT_A_HANDLER;
    if (case_accuses(turn, to))
        return RULE_UNIT_ACCUSED;
    return RULE_NONE;
}

/* 部门的事不下派: the grass roots lead what the duty list leaves to them. */
enum case_rule case_owner_rule(const struct case_turn *turn, const struct unit *to)
{
    enum case_rule rule = case_handler_rule(turn, to);
    if (rule != RULE_NONE)
        return rule;
    const char *corrected = turn->command->category;
    const struct category *category = policy_category(
            turn->policy, str_of(corrected[0] ? corrected : turn->state->category));
    return unit_grass_roots(to) && category && !category->grass_roots
                   ? RULE_NOT_GRASS_ROOTS
                   : RULE_NONE;
}

void case_end_of_desk(struct case_turn *turn, const char *lead, int32_t task)
{
    if (task == 0 || task != turn->state->lead.number || !case_is_desk(turn, lead))
        case_order_add(turn, ORDER_CLOSED, ROLE_DESK, turn->policy->desk->code)
                ->task = task;
}

/* ---- dispatch ---- */

static bool returned(const struct case_state *state)
{
    return state->request.kind == REQUEST_RETURN;
}

static enum case_rule dispatch_rule(
        const struct case_turn *turn, const struct unit *to, const struct sla_class *sla)
{
    const struct case_state *state = turn->state;
    enum case_rule rule = RULE_NONE;
    if (returned(state) && state->request.task == state->lead.number)
        rule = state->stage == STAGE_DISPUTED ? RULE_WRONG_STAGE
                                              : case_approver_rule(turn);
    else if (state->stage != STAGE_NEEDS_HUMAN && state->stage != STAGE_OFFERED)
        rule = RULE_WRONG_STAGE;
    if (rule == RULE_NONE)
        rule = case_owner_rule(turn, to);
    if (rule != RULE_NONE)
        return rule;
    if (returned(state) && strcmp(to->code, state->lead.unit) == 0)
        return RULE_SAME_UNIT;
    return sla ? RULE_NONE : RULE_NEEDS_CATEGORY;
}

/* A corrected category brings its own deadlines; else those of the route, else those of
 * the category it has. */
static const struct sla_class *dispatch_sla(const struct case_turn *turn)
{
    const char *code = turn->command->category;
    const struct category *category = policy_category(turn->policy, str_of(code));
    return category ? category->sla : code[0] ? NULL : case_sla(turn);
}

static void withdraw_offers(struct case_turn *turn)
{
    const struct pool *pool = policy_pool(turn->policy, str_of(turn->state->pool));
    for (size_t i = 0; pool && i < pool->n_members; i++) {
        struct case_effect *order = case_order_add(
                turn, ORDER_WITHDRAW, ROLE_POOL, pool->members[i]->code);
        case_text_copy(order->reason, sizeof order->reason, "dispatched_elsewhere");
    }
}

void case_desk_dispatch(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (turn->task && turn->task != &state->lead) {
        case_transfer_assist(turn);
        return;
    }
    const struct unit *to = policy_unit(turn->policy, str_of(turn->command->to));
    const struct sla_class *sla = dispatch_sla(turn);
    enum case_rule rule = dispatch_rule(turn, to, sla);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    if (turn->command->category[0])
        case_text_copy(state->category, sizeof state->category, turn->command->category);
    bool asked = state->request.kind != REQUEST_NONE;
    turn->because = asked ? "return_accepted" : "desk";
    char former[CASE_UNIT_SIZE];
    case_text_copy(former, sizeof former, state->lead.unit);
    case_request_lapse(turn);
    withdraw_offers(turn);
    case_dispatch(turn, to, sla);
    if (!asked)
        case_end_of_desk(turn, former, 0);
}

/* 群众点单、社区派单、党群接单 */
void case_desk_offer(struct case_turn *turn)
{
    const struct pool *pool = policy_pool(turn->policy, str_of(turn->command->to));
    enum case_rule rule = !pool             ? RULE_UNKNOWN_POOL
                          : !case_sla(turn) ? RULE_NEEDS_CATEGORY
                                            : RULE_NONE;
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    case_text_copy(turn->state->pool, sizeof turn->state->pool, pool->code);
    struct case_effect *event = case_event_add(turn, EVENT_OFFERED, STAGE_OFFERED);
    case_text_copy(event->unit, sizeof event->unit, pool->code);
    for (size_t i = 0; i < pool->n_members; i++)
        case_order_add(turn, ORDER_OFFER, ROLE_POOL, pool->members[i]->code);
}

/* ---- review and follow-up ---- */

static void approve(struct case_turn *turn)
{
    case_clock_stop(turn, CASE_CLOCK_REVIEW, CASE_DESK_TASK);
    struct case_effect *event = case_event_add(turn, EVENT_APPROVED, STAGE_FOLLOWUP);
    case_text_copy(event->unit, sizeof event->unit, turn->state->lead.unit);
}

void case_desk_approve(struct case_turn *turn)
{
    approve(turn);
    case_clock_start(turn, CASE_CLOCK_FOLLOW_UP, CASE_DESK_TASK,
            turn->policy->handling.follow_up, false);
    case_order_add(turn, ORDER_FOLLOW_UP, ROLE_DESK, turn->policy->desk->code);
}

static void supervise(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    const struct unit *above = case_level_unit(
            turn->policy, state, state->lead.unit, LEVEL_SUPERIOR);
    state->supervised = true;
    case_note_add(turn, EVENT_SUPERVISED, state->lead.unit);
    case_order_add(turn, ORDER_SUPERVISE, ROLE_LEAD, state->lead.unit);
    if (strcmp(above->code, state->lead.unit) != 0)
        case_order_add(turn, ORDER_SUPERVISE,
                above == turn->policy->district ? ROLE_SUPERVISOR : ROLE_NOBODY,
                above->code);
}

/* With a new budget, or on with what is left of the old one; never without any. */
static void handle_again(struct case_turn *turn, bool new_budget)
{
    const struct budget *budget = &turn->policy->handling.redo;
    int32_t task = turn->state->lead.number;
    if (new_budget && budget->amount > 0)
        case_clock_start(turn, CASE_CLOCK_HANDLE, task, *budget, false);
    case_tasks_resume(turn, PAUSE_SUBMITTED);
    const struct case_clock *clock = case_clock_find(
            turn->state, CASE_CLOCK_HANDLE, task);
    const struct sla_class *sla = case_sla(turn);
    if (sla && !(clock && case_clock_runs(clock)))
        case_clock_start(turn, CASE_CLOCK_HANDLE, task, sla->budgets[CLOCK_HANDLE], true);
}

/* 重办: the desk was not content, and the clock runs on; or the resident was not, and
 * there is a new budget. */
static void redo(struct case_turn *turn, enum case_event what, bool new_budget)
{
    struct case_state *state = turn->state;
    state->redos++;
    state->lead.submitted_at = (instant){0};
    case_clock_stop(turn, CASE_CLOCK_REVIEW, CASE_DESK_TASK);
    case_clock_stop(turn, CASE_CLOCK_FOLLOW_UP, CASE_DESK_TASK);
    handle_again(turn, new_budget);
    struct case_effect *event = case_event_add(turn, what, case_progress(state));
    case_text_copy(event->unit, sizeof event->unit, state->lead.unit);
    case_order_add(turn, ORDER_REDO, ROLE_LEAD, state->lead.unit);
    if (state->redos > turn->policy->handling.redos_max && !state->supervised)
        supervise(turn);
}

void case_desk_redo(struct case_turn *turn)
{
    redo(turn, EVENT_REDO, false);
    case_end_of_desk(turn, turn->state->lead.unit, turn->state->lead.number);
}

void case_desk_follow_up(struct case_turn *turn)
{
    const struct case_command *command = turn->command;
    enum case_rule rule = RULE_NONE;
    if (command->valid && command->rating == RATING_NONE)
        rule = RULE_NEEDS_RATING;
    else if (!command->valid && !case_words_say_something(command->words))
        rule = RULE_NEEDS_REASON;
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    if (turn->state->stage == STAGE_SUBMITTED)
        approve(turn); /* who follows up has looked at it */
    case_note_add(turn, EVENT_FOLLOWED_UP, turn->state->lead.unit);
    if (command->valid && (!command->solved || command->rating == RATING_UNSATISFIED)) {
        redo(turn, EVENT_REDO, true);
        case_end_of_desk(turn, turn->state->lead.unit, turn->state->lead.number);
    } else {
        case_finish(turn, OUTCOME_RESOLVED, turn->state->lead.unit);
    }
}

/* ---- the end, and after it ---- */

static void close_orders(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (state->lead.number > 0)
        case_order_add(turn, ORDER_CLOSED, ROLE_LEAD, state->lead.unit);
    for (int i = 0; i < state->n_assists; i++)
        if (state->assists[i].number > 0)
            case_order_add(turn, ORDER_CLOSED, ROLE_ASSIST, state->assists[i].unit)
                    ->task = state->assists[i].number;
}

void case_finish(struct case_turn *turn, enum case_outcome outcome, const char *unit)
{
    struct case_state *state = turn->state;
    bool with_desk = state->stage == STAGE_NEEDS_HUMAN ||
                     state->stage == STAGE_SUBMITTED || state->stage == STAGE_FOLLOWUP;
    case_clocks_stop(turn);
    state->outcome = outcome;
    state->closed_at = turn->at;
    struct case_effect *event = case_event_add(turn, EVENT_CLOSED, STAGE_CLOSED);
    case_text_copy(event->unit, sizeof event->unit, unit);
    close_orders(turn);
    if (with_desk)
        case_end_of_desk(turn, state->lead.unit, state->lead.number);
    if (state->meeting.convener[0])
        case_meeting_end(turn);
    case_resolution_add(turn, outcome, unit);
    for (int i = 0; i < state->n_members; i++)
        case_command_add(turn, COMMAND_MEMBER_RESULT, state->members[i].id);
}

void case_desk_close(struct case_turn *turn)
{
    /* What the desk answers itself needs an answer like any other. */
    if (!case_words_say_something(turn->command->words)) {
        case_refuse(turn, RULE_NEEDS_RESULT);
        return;
    }
    turn->decision->keep_result = true;
    case_finish(turn, OUTCOME_RESOLVED, turn->policy->desk->code);
}

enum case_rule case_reopen_rule(const struct case_turn *turn)
{
    enum { DAY_MS = 24 * 60 * 60 * 1000 };
    const struct case_state *state = turn->state;
    int64_t since = turn->at.ms - state->closed_at.ms;
    if (state->outcome != OUTCOME_RESOLVED && state->outcome != OUTCOME_TERMINATED)
        return RULE_WRONG_STAGE;
    return since <= (int64_t)turn->policy->handling.reopen_days * DAY_MS
                   ? RULE_NONE
                   : RULE_REOPEN_LATE;
}

/* Their orders ended with the case; the desk asks again for whom it needs. */
static void drop_assists(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    for (int i = 0; i < state->n_assists; i++)
        case_clocks_drop(state, state->assists[i].number);
    state->n_assists = 0;
}

/* Counted against the unit that closed it, and known one level up. */
void case_do_reopen(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    state->outcome = OUTCOME_NONE;
    state->reopens++;
    if (state->lead.number == 0) {
        case_note_add(turn, EVENT_REOPENED, turn->policy->desk->code);
        case_open_needs_human(turn, "reopened");
        return;
    }
    drop_assists(turn);
    redo(turn, EVENT_REOPENED, true);
    case_step_start(turn); /* what was terminated may have some left */
    const struct unit *above = case_level_unit(
            turn->policy, state, state->lead.unit, LEVEL_SUPERIOR);
    case_order_add(turn, ORDER_ESCALATE,
            above == turn->policy->district ? ROLE_SUPERVISOR : ROLE_NOBODY, above->code);
}

void case_desk_reopen(struct case_turn *turn)
{
    enum case_rule rule = case_reopen_rule(turn);
    if (rule == RULE_NONE && !case_words_say_something(turn->command->words))
        rule = RULE_NEEDS_REASON;
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    case_do_reopen(turn);
}

void case_desk_acknowledge(struct case_turn *turn)
{
    case_clock_stop(turn, CASE_CLOCK_TRANSFER_ACK, CASE_DESK_TASK);
    case_note_add(turn, EVENT_ACKNOWLEDGED, turn->policy->desk->code);
    case_order_add(turn, ORDER_CLOSED, ROLE_DESK, turn->policy->desk->code);
}
