/* What a unit may ask for and somebody else decides: return 退单, extension 延期,
 * suspension 挂账, termination 终止办理. */
#include "case_parts.h"

#include <string.h>

static const struct request_row {
    enum case_event requested, refused;
    enum case_order order;
} request_rows[REQUEST_COUNT] = {
        [REQUEST_RETURN] = {EVENT_RETURN_REQUESTED, EVENT_RETURN_REFUSED,
                ORDER_RETURN_REQUEST},
        [REQUEST_EXTENSION] = {EVENT_EXTENSION_REQUESTED, EVENT_EXTENSION_REFUSED,
                ORDER_EXTENSION_REQUEST},
        [REQUEST_SUSPENSION] = {EVENT_SUSPENSION_REQUESTED, EVENT_SUSPENSION_REFUSED,
                ORDER_SUSPENSION_REQUEST},
        [REQUEST_TERMINATION] = {EVENT_TERMINATION_REQUESTED, EVENT_TERMINATION_REFUSED,
                ORDER_TERMINATION_REQUEST},
};

static bool by_lead(const struct case_state *state)
{
    return state->request.task == state->lead.number;
}

static enum case_role approver_role(const struct case_turn *turn)
{
    return case_is_desk(turn, turn->state->request.approver) ? ROLE_DESK
                                                             : ROLE_SUPERVISOR;
}

/* What every request needs. */
static enum case_rule asking_rule(
        const struct case_turn *turn, const struct names *reasons)
{
    const struct case_command *command = turn->command;
    if (turn->state->request.kind != REQUEST_NONE)
        return RULE_REQUEST_PENDING;
    if (!case_words_say_something(command->words))
        return RULE_NEEDS_REASON;
    for (size_t i = 0; i < reasons->n; i++)
        if (strcmp(reasons->items[i], command->reason_code) == 0)
            return RULE_NONE;
    return reasons->n > 0 ? RULE_UNKNOWN_REASON : RULE_NONE;
}

/* The desk decides what others ask for; what it asks for itself, and what is too much for
 * it, the district, but never its own. */
static void ask(struct case_turn *turn, enum case_request_kind kind, bool too_much)
{
    struct case_request *request = &turn->state->request;
    const struct policy *policy = turn->policy;
    const char *asks = turn->task->unit;
    bool up = (too_much || case_is_desk(turn, asks)) &&
              strcmp(asks, policy->district->code) != 0;
    *request = (struct case_request){
            .kind = kind,
            .task = turn->task->number,
            .amount = kind == REQUEST_EXTENSION ? turn->command->amount : 0,
            .until = kind == REQUEST_SUSPENSION ? turn->command->until : (instant){0},
    };
    case_text_copy(request->unit, sizeof request->unit, asks);
    case_text_copy(request->approver, sizeof request->approver,
            up ? policy->district->code : policy->desk->code);
}

static struct case_effect *tell_request(struct case_turn *turn, enum case_event event,
        enum case_stage to, enum case_order order)
{
    const struct case_request *request = &turn->state->request;
    bool lead = by_lead(turn->state);
    struct case_effect *effect = case_event_add(turn, event, to);
    case_text_copy(effect->unit, sizeof effect->unit, request->unit);
    effect->task = request->task;
    effect->request = request->kind;
    case_accept(turn, lead ? ROLE_LEAD : ROLE_ASSIST, request->task);
    struct case_effect *asked = case_order_add(
            turn, order, approver_role(turn), request->approver);
    asked->request = request->kind;
    asked->task = request->task;
    effect->due = asked->due = request->until;
    return effect;
}

static void wait_for_decision(struct case_turn *turn, enum case_stage to)
{
    const struct request_row *row = &request_rows[turn->state->request.kind];
    case_clock_start(turn, CASE_CLOCK_REQUEST, CASE_DESK_TASK,
            turn->policy->handling.request_review, false);
    tell_request(turn, row->requested, to, row->order);
}

/* Returned once too often 退单拉锯: whoever is named now keeps it. */
static void dispute(struct case_turn *turn)
{
    case_clock_start(turn, CASE_CLOCK_ADJUDICATION, CASE_DESK_TASK,
            turn->policy->handling.adjudication, false);
    tell_request(turn, EVENT_DISPUTED, STAGE_DISPUTED, ORDER_ADJUDICATE);
}

static enum case_rule return_rule(const struct case_turn *turn)
{
    const struct case_state *state = turn->state;
    const struct case_clock *window = case_clock_find(
            state, CASE_CLOCK_RETURN_WINDOW, turn->task->number);
    if (state->no_return && turn->task == &state->lead)
        return RULE_NO_RETURN;
    enum case_rule rule = asking_rule(turn, &turn->policy->handling.return_reasons);
    if (rule != RULE_NONE)
        return rule;
    if (!turn->command->has_evidence)
        return RULE_NEEDS_EVIDENCE;
    if (window && !instant_before(turn->at, case_clock_due(turn->policy, window)))
        return RULE_RETURN_LATE;
    return RULE_NONE;
}

void case_request_return(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    enum case_rule rule = return_rule(turn);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    ask(turn, REQUEST_RETURN, false);
    if (turn->task != &state->lead) {
        wait_for_decision(turn, state->stage);
        return;
    }
    if (++state->returns > turn->policy->handling.returns_max) {
        dispute(turn); /* without an end of its own, so the clocks run on */
        return;
    }
    if (turn->policy->handling.return_pauses)
        case_handling_pause(turn, PAUSE_RETURN);
    wait_for_decision(turn, STAGE_RETURN_REQUESTED);
}

static enum case_rule extension_rule(
        const struct case_turn *turn, const struct case_clock *handle)
{
    const struct handling *handling = &turn->policy->handling;
    enum case_rule rule = asking_rule(turn, &handling->extension_reasons);
    if (rule != RULE_NONE)
        return rule;
    if (turn->state->extensions >= handling->extensions_max)
        return RULE_EXTENDED_ALREADY;
    if (!handle || !case_clock_runs(handle) ||
            !instant_before(turn->at, case_clock_due(turn->policy, handle)))
        return RULE_CLOCK_OVER;
    if (turn->command->amount <= 0 || turn->command->amount > handle->amount)
        return RULE_BAD_AMOUNT;
    return RULE_NONE;
}

void case_request_extension(struct case_turn *turn)
{
    const struct case_clock *handle = case_clock_find(
            turn->state, CASE_CLOCK_HANDLE, turn->task->number);
    enum case_rule rule = extension_rule(turn, handle);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    int64_t desk_percent = turn->policy->handling.extension_desk_percent;
    ask(turn, REQUEST_EXTENSION,
            (int64_t)turn->command->amount * 100 > desk_percent * handle->amount);
    wait_for_decision(turn, turn->state->stage);
}

static enum case_rule until_rule(const struct case_turn *turn, instant until)
{
    enum { DAY_MS = 24 * 60 * 60 * 1000, MINUTE_MS = 60 * 1000 };
    int64_t ahead = until.ms - turn->at.ms;
    return ahead < MINUTE_MS ||
                           ahead > (int64_t)turn->policy->handling.suspension_days_max *
                                           DAY_MS
                   ? RULE_BAD_DATE
                   : RULE_NONE;
}

void case_request_suspension(struct case_turn *turn)
{
    enum case_rule rule = asking_rule(turn, &turn->policy->handling.suspension_reasons);
    if (rule == RULE_NONE)
        rule = until_rule(turn, turn->command->until);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    ask(turn, REQUEST_SUSPENSION, false);
    wait_for_decision(turn, turn->state->stage);
}

void case_request_termination(struct case_turn *turn)
{
    enum case_rule rule = asking_rule(turn, &turn->policy->handling.termination_reasons);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    ask(turn, REQUEST_TERMINATION, false);
    wait_for_decision(turn, turn->state->stage);
}

enum case_rule case_approver_rule(const struct case_turn *turn)
{
    const struct case_request *request = &turn->state->request;
    const char *unit = turn->command->unit;
    if (request->kind == REQUEST_NONE)
        return RULE_NO_REQUEST;
    if (strcmp(unit, request->unit) == 0)
        return RULE_OWN_REQUEST;
    bool supervisor = strcmp(unit, turn->policy->district->code) == 0;
    return supervisor || strcmp(unit, request->approver) == 0 ? RULE_NONE
                                                              : RULE_NOT_THE_APPROVER;
}

/* Nobody waits any more; the approver's order ends unless it goes on as another one's. */
static struct case_request settle(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    struct case_request request = state->request;
    case_clock_stop(turn, CASE_CLOCK_REQUEST, CASE_DESK_TASK);
    case_clock_stop(turn, CASE_CLOCK_ADJUDICATION, CASE_DESK_TASK);
    if (by_lead(state) && request.kind == REQUEST_RETURN)
        case_handling_resume(turn, PAUSE_RETURN);
    state->request = (struct case_request){0};
    return request;
}

static void end_approver_order(struct case_turn *turn, const struct case_request *request)
{
    if (case_is_desk(turn, request->approver))
        case_end_of_desk(turn, turn->state->lead.unit, request->task);
    else
        case_order_add(turn, ORDER_CLOSED, ROLE_SUPERVISOR, request->approver)
                ->task = request->task;
}

void case_request_lapse(struct case_turn *turn)
{
    if (turn->state->request.kind == REQUEST_NONE)
        return;
    struct case_request request = settle(turn);
    end_approver_order(turn, &request);
}

static struct case_effect *tell_requester(
        struct case_turn *turn, const struct case_request *request, enum case_order order)
{
    bool lead = request->task == turn->state->lead.number;
    struct case_effect *effect = case_order_add(
            turn, order, lead ? ROLE_LEAD : ROLE_ASSIST, request->unit);
    effect->task = request->task;
    effect->request = request->kind;
    return effect;
}

static void refuse_pending(struct case_turn *turn, const char *reason)
{
    struct case_state *state = turn->state;
    bool returned = state->stage == STAGE_RETURN_REQUESTED && by_lead(state);
    struct case_request request = settle(turn);
    struct case_effect *event = case_event_add(turn, request_rows[request.kind].refused,
            returned ? case_progress(state) : state->stage);
    event->task = request.task;
    event->request = request.kind;
    case_text_copy(event->unit, sizeof event->unit, request.unit);
    case_text_copy(event->reason, sizeof event->reason, reason);
    struct case_effect *order = tell_requester(turn, &request, ORDER_REQUEST_REFUSED);
    case_text_copy(order->reason, sizeof order->reason, reason);
    end_approver_order(turn, &request);
}

void case_request_supersede(struct case_turn *turn, const char *reason)
{
    if (by_lead(turn->state))
        case_request_lapse(turn);
    else if (turn->state->request.kind != REQUEST_NONE)
        refuse_pending(turn, reason);
}

void case_refuse_request(struct case_turn *turn)
{
    enum case_rule rule = case_approver_rule(turn);
    if (rule == RULE_NONE && turn->state->stage == STAGE_DISPUTED && by_lead(turn->state))
        rule = RULE_WRONG_STAGE; /* a ruling names the owner, the same one or another */
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    refuse_pending(turn, "");
}

void case_request_expire(struct case_turn *turn)
{
    refuse_pending(turn, "no_decision");
}

static void extend(struct case_turn *turn, const struct case_request *request)
{
    struct case_clock *handle = case_clock_of(
            turn->state, CASE_CLOCK_HANDLE, request->task);
    struct case_effect *event = case_note_add(turn, EVENT_EXTENDED, request->unit);
    event->task = request->task;
    event->request = request->kind;
    event->clock = CASE_CLOCK_HANDLE;
    event->old_due = handle->due;
    case_clock_extend(turn, handle, request->amount);
    event->due = handle->due;
    turn->state->extensions++;
    tell_requester(turn, request, ORDER_GRANTED)->due = handle->due;
    if (request->task == turn->state->lead.number)
        case_resolution_add(turn, OUTCOME_EXTENDED, request->unit)->due = handle->due;
}

static void suspend(struct case_turn *turn, const struct case_request *request)
{
    struct case_effect *event = case_event_add(turn, EVENT_SUSPENDED, STAGE_SUSPENDED);
    case_text_copy(event->unit, sizeof event->unit, request->unit);
    event->request = request->kind;
    event->due = request->until;
    case_handling_pause(turn, PAUSE_SUSPENDED);
    case_clock_start_until(turn, CASE_CLOCK_SUSPENSION, request->task, request->until);
    tell_requester(turn, request, ORDER_GRANTED)->due = request->until;
    case_resolution_add(turn, OUTCOME_SUSPENDED, request->unit)->due = request->until;
}

static enum case_rule grant_rule(const struct case_turn *turn)
{
    const struct case_request *request = &turn->state->request;
    enum case_rule rule = case_approver_rule(turn);
    if (rule != RULE_NONE)
        return rule;
    switch (request->kind) {
    case REQUEST_RETURN:
        return RULE_RETURN_BY_DISPATCH;
    case REQUEST_SUSPENSION:
        return until_rule(turn, request->until);
    case REQUEST_TERMINATION: /* the resident is told why */
        return case_words_say_something(turn->command->words) ? RULE_NONE
                                                              : RULE_NEEDS_RESULT;
    case REQUEST_EXTENSION:
    case REQUEST_NONE:
    case REQUEST_COUNT:
        break;
    }
    return RULE_NONE;
}

void case_grant(struct case_turn *turn)
{
    enum case_rule rule = grant_rule(turn);
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    struct case_request request = settle(turn);
    if (request.kind == REQUEST_EXTENSION)
        extend(turn, &request);
    else if (request.kind == REQUEST_SUSPENSION)
        suspend(turn, &request);
    end_approver_order(turn, &request);
    if (request.kind == REQUEST_TERMINATION) {
        turn->decision->keep_result = true;
        case_finish(turn, OUTCOME_TERMINATED, request.unit);
    }
}

static void go_on(struct case_turn *turn, const char *reason)
{
    struct case_state *state = turn->state;
    case_clock_stop(turn, CASE_CLOCK_SUSPENSION, state->lead.number);
    case_handling_resume(turn, PAUSE_SUSPENDED);
    struct case_effect *event = case_event_add(turn, EVENT_RESUMED, case_progress(state));
    case_text_copy(event->unit, sizeof event->unit, state->lead.unit);
    case_text_copy(event->reason, sizeof event->reason, reason);
    struct case_effect *order = case_order_add(
            turn, ORDER_RESUMED, ROLE_LEAD, state->lead.unit);
    case_text_copy(order->reason, sizeof order->reason, reason);
}

void case_resume(struct case_turn *turn)
{
    go_on(turn, "resumed");
}

/* No silent expiry: at the review date it is worked on again, unless somebody asks and
 * grants anew. */
void case_suspension_expire(struct case_turn *turn)
{
    go_on(turn, "review_date");
}
