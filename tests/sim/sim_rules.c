/* Who may do what with which proof, written again after DOMAIN's table and
 * services/casework/README.md. It shares no code with the core. */
#include "sim.h"

#include <string.h>

enum { DAY_MS = 24 * 60 * MINUTE_MS };

struct asked {
    const struct case_state *state;
    const struct case_command *action;
    const struct unit *unit;
    const struct case_task *task; /* NULL: none */
    instant at;
    bool leads, assists, desk, district;
};

/* The only texts of a seed: one that says something, and set phrases. */
static bool says(const struct asked *a)
{
    return str_starts(a->action->words, str_of("清运"));
}

static const struct case_task *task_of(const struct case_state *state, const char *unit)
{
    if (state->lead.number > 0 && strcmp(state->lead.unit, unit) == 0)
        return &state->lead;
    for (int i = 0; i < state->n_assists; i++)
        if (state->assists[i].number > 0 && strcmp(state->assists[i].unit, unit) == 0)
            return &state->assists[i];
    return NULL;
}

static bool by_lead(const struct asked *a)
{
    return a->task == &a->state->lead;
}

static bool known_reason(const struct asked *a, const struct names *reasons)
{
    for (size_t i = 0; i < reasons->n; i++)
        if (strcmp(reasons->items[i], a->action->reason_code) == 0)
            return true;
    return false;
}

static bool may_ask(const struct asked *a, const struct names *reasons)
{
    return (a->leads || a->assists) && stage_in(a->state, WORKING) && says(a) &&
           a->state->request.kind == REQUEST_NONE && known_reason(a, reasons);
}

static const struct case_clock *clock_of(
        const struct asked *a, enum case_clock_kind kind, int32_t task)
{
    for (int i = 0; i < a->state->n_clocks; i++)
        if (a->state->clocks[i].kind == kind && a->state->clocks[i].task == task)
            return &a->state->clocks[i];
    return NULL;
}

static bool may_return(const struct asked *a)
{
    const struct case_clock *window = a->task ? clock_of(a, CASE_CLOCK_RETURN_WINDOW,
                                                        a->task->number)
                                              : NULL;
    return may_ask(a, &world.rules.policy.handling.return_reasons) &&
           a->action->has_evidence && !(by_lead(a) && a->state->no_return) &&
           (!window || a->at.ms < case_clock_due(&world.rules.policy, window).ms);
}

static bool may_extend(const struct asked *a)
{
    const struct handling *handling = &world.rules.policy.handling;
    const struct case_clock *clock = a->task ? clock_of(a, CASE_CLOCK_HANDLE,
                                                       a->task->number)
                                             : NULL;
    return may_ask(a, &handling->extension_reasons) &&
           a->state->extensions < handling->extensions_max && clock &&
           instant_is_never(clock->stopped) && a->at.ms < clock->due.ms &&
           a->action->amount >= 1 && a->action->amount <= clock->amount;
}

static bool date_allowed(const struct asked *a, instant until)
{
    int64_t ahead = until.ms - a->at.ms;
    return ahead >= MINUTE_MS &&
           ahead <= world.rules.policy.handling.suspension_days_max * (int64_t)DAY_MS;
}

/* Never who asked; the district decides about everything. */
static bool may_decide(const struct asked *a)
{
    const struct case_request *request = &a->state->request;
    return request->kind != REQUEST_NONE && strcmp(a->action->unit, request->unit) != 0 &&
           (a->district || strcmp(a->action->unit, request->approver) == 0);
}

static bool may_grant(const struct asked *a)
{
    const struct case_request *request = &a->state->request;
    return may_decide(a) && stage_in(a->state, WORKING | UNDECIDED) &&
           (request->kind == REQUEST_EXTENSION ||
                   (request->kind == REQUEST_SUSPENSION &&
                           date_allowed(a, request->until)) ||
                   (request->kind == REQUEST_TERMINATION && says(a)));
}

bool sim_under(const struct unit *unit, const char *accused)
{
    const struct unit *const ways[] = {unit, unit ? unit->queue : NULL};
    for (int i = 0; i < 2; i++)
        for (const struct unit *up = ways[i]; up; up = up->parent)
            if (strcmp(up->code, accused) == 0)
                return true;
    return false;
}

bool sim_kept_from(const struct unit *unit, const char *accused)
{
    if (strcmp(accused, world.rules.policy.district->code) != 0)
        return sim_under(unit, accused);
    return strcmp(accused, unit->code) == 0 || strcmp(accused, unit->queue->code) == 0;
}

bool sim_accused(const struct case_state *state, const struct unit *unit)
{
    int n = sim_kept_from(unit, state->accused);
    for (int i = 0; i < state->n_members; i++)
        n += sim_kept_from(unit, state->members[i].accused);
    return n > 0;
}

static bool nobody_accuses(const struct case_state *state)
{
    int n = 0;
    for (int i = 0; i < state->n_members; i++)
        n += state->members[i].accused[0] != 0;
    return n == 0;
}

static bool may_work(const struct asked *a)
{
    const struct unit *to = policy_unit(&world.rules.policy, str_of(a->action->to));
    return to && to->type != UNIT_TYPE_DESK && to->type != UNIT_TYPE_DISTRICT &&
           !sim_accused(a->state, to);
}

/* A department's matter is not led by the grass roots. */
static bool may_lead(const struct asked *a, const struct unit *to)
{
    const char *code = a->action->category[0] ? a->action->category : a->state->category;
    const struct category *category = policy_category(&world.rules.policy, str_of(code));
    bool grass_roots = to && (to->type == UNIT_TYPE_COMMUNITY ||
                                     to->type == UNIT_TYPE_GRID_TEAM ||
                                     to->type == UNIT_TYPE_PROPERTY);
    return !grass_roots || !category || category->grass_roots;
}

static bool may_own(const struct asked *a)
{
    return may_work(a) &&
           may_lead(a, policy_unit(&world.rules.policy, str_of(a->action->to)));
}

static bool has_class(const struct asked *a)
{
    const struct policy *policy = &world.rules.policy;
    return policy_sla_class(policy, str_of(a->state->sla)) ||
           policy_category(policy, str_of(a->state->category));
}

static bool category_fits(const struct asked *a)
{
    const char *code = a->action->category;
    return !code[0] || policy_category(&world.rules.policy, str_of(code));
}

/* Who assists or leads already is not asked again. */
static bool may_assist(const struct asked *a)
{
    bool there = strcmp(a->action->to, a->state->lead.unit) == 0;
    for (int i = 0; i < a->state->n_assists; i++)
        there |= strcmp(a->action->to, a->state->assists[i].unit) == 0;
    return may_work(a) && !there;
}

static bool may_dispatch(const struct asked *a)
{
    const struct case_request *request = &a->state->request;
    bool returned = request->kind == REQUEST_RETURN && a->task &&
                    request->task == a->task->number;
    if (!a->desk && !a->district)
        return false;
    if (a->task && !by_lead(a))
        return stage_in(a->state, WORKING | UNDECIDED) && may_assist(a);
    if (!may_own(a) || !(a->action->category[0] ? category_fits(a) : has_class(a)))
        return false;
    if (stage_in(a->state, IN(NEEDS_HUMAN) | IN(OFFERED)))
        return true;
    return a->state->stage == STAGE_RETURN_REQUESTED && returned && may_decide(a) &&
           strcmp(a->action->to, a->state->lead.unit) != 0;
}

/* A ruling and a meeting name the owner. */
static bool names_owner(const struct asked *a)
{
    return may_own(a) && a->action->has_attendees && a->action->has_basis &&
           category_fits(a) && has_class(a);
}

static bool steps_left(const struct asked *a)
{
    const struct sla_class *sla = policy_sla_class(
            &world.rules.policy, str_of(a->state->sla));
    return sla && a->state->step < sla->n_steps;
}

static bool may_complete(const struct asked *a)
{
    if (!a->leads || !stage_in(a->state, WORKING) || !steps_left(a))
        return false;
    const struct sla_step *step = &policy_sla_class(
            &world.rules.policy, str_of(a->state->sla))
                                           ->steps[a->state->step];
    const struct case_command *action = a->action;
    const bool brought[STEP_NEED_COUNT] = {[STEP_NEEDS_RESULT] = says(a),
            [STEP_NEEDS_PHOTO] = action->has_photo,
            [STEP_NEEDS_PLAN] = action->has_plan,
            [STEP_NEEDS_DATE] = action->until.ms > a->at.ms,
            [STEP_NEEDS_ATTENDEES] = action->has_attendees,
            [STEP_NEEDS_FILING] = true};
    for (int i = 0; i < STEP_NEED_COUNT; i++)
        if (step->needs & (1u << i) && !brought[i])
            return false;
    return strcmp(step->name, action->step) == 0;
}

static bool may_submit(const struct asked *a)
{
    const struct case_state *state = a->state;
    const struct category *category = policy_category(
            &world.rules.policy, str_of(state->category));
    if (!says(a) || !a->task || !instant_is_never(a->task->submitted_at))
        return false;
    if (a->assists)
        return stage_in(state, WORKING | UNDECIDED);
    for (int i = 0; i < state->n_assists; i++)
        if (state->assists[i].mandatory &&
                instant_is_never(state->assists[i].submitted_at))
            return false;
    return a->leads && stage_in(state, WORKING) && a->action->has_contact_record &&
           (a->action->has_photo || !category || !category->physical) &&
           (a->action->has_head || state->redos == 0) && !steps_left(a);
}

/* The street of the place, or one that works on it. */
static bool is_its_street(const struct asked *a)
{
    const struct place *place = policy_place(
            &world.rules.policy, str_of(a->state->place));
    bool of_place = false;
    for (; place && !of_place; place = place->parent)
        of_place = place->unit == a->unit;
    return a->unit->type == UNIT_TYPE_STREET && (of_place || a->leads || a->assists);
}

static bool may_convene(const struct asked *a)
{
    const struct case_command *action = a->action;
    for (int i = 0; i < action->n_parties; i++)
        if (!policy_unit(&world.rules.policy, str_of(action->parties[i])))
            return false;
    return (a->desk || a->district || is_its_street(a)) &&
           stage_in(a->state, IN(NEEDS_HUMAN) | WORKING | UNDECIDED | IN(SUSPENDED)) &&
           says(a) && action->n_parties > 0 && action->until.ms > a->at.ms &&
           !a->state->meeting.convener[0];
}

static bool may_claim(const struct asked *a)
{
    bool member = false;
    for (int i = 0; i < 3; i++)
        member |= world.rules.members[i] == a->unit;
    return member && a->state->stage == STAGE_OFFERED && has_class(a) &&
           may_lead(a, a->unit) && !sim_accused(a->state, a->unit);
}

static bool may_reopen(const struct asked *a)
{
    const struct case_state *state = a->state;
    return a->desk && state->stage == STAGE_CLOSED && says(a) &&
           state->outcome != OUTCOME_MERGED_RESOLVED &&
           a->at.ms - state->closed_at.ms <=
                   world.rules.policy.handling.reopen_days * (int64_t)DAY_MS;
}

static bool unacknowledged(const struct asked *a)
{
    const struct case_clock *clock = clock_of(a, CASE_CLOCK_TRANSFER_ACK, CASE_DESK_TASK);
    return clock && instant_is_never(clock->stopped);
}

static bool may(const struct asked *a)
{
    const struct case_state *state = a->state;
    bool unit = a->leads || a->assists;
    bool works = unit && stage_in(state, WORKING | UNDECIDED);
    bool waits = unit && state->stage == STAGE_SUSPENDED;
    switch (a->action->action) {
    case ACTION_SIGN:
        return (works || waits) && instant_is_never(a->task->signed_at);
    case ACTION_CONTACT:
        return (works || waits) && instant_is_never(a->task->contacted_at);
    case ACTION_CHECK_IN:
        return (works || waits) && instant_is_never(a->task->arrived_at);
    case ACTION_HANDLE:
        return works && instant_is_never(a->task->handling_at);
    case ACTION_COMPLETE_STEP:
        return may_complete(a);
    case ACTION_PROGRESS:
        return says(a) && (works || waits);
    case ACTION_SUBMIT:
        return may_submit(a);
    case ACTION_REQUEST_RETURN:
        return may_return(a);
    case ACTION_REQUEST_EXTENSION:
        return may_extend(a);
    case ACTION_REQUEST_SUSPENSION:
        return a->leads && may_ask(a, &world.rules.policy.handling.suspension_reasons) &&
               date_allowed(a, a->action->until);
    case ACTION_REQUEST_TERMINATION:
        return a->leads && may_ask(a, &world.rules.policy.handling.termination_reasons);
    case ACTION_CLAIM:
        return may_claim(a);
    case ACTION_DISPATCH:
        return may_dispatch(a);
    case ACTION_ADD_ASSIST:
        return a->desk && stage_in(state, WORKING | UNDECIDED) && may_assist(a) &&
               state->n_assists < ASSISTS_MAX;
    case ACTION_OFFER:
        return a->desk && state->stage == STAGE_NEEDS_HUMAN && has_class(a) &&
               strcmp(a->action->to, "volunteers") == 0;
    case ACTION_MERGE:
        return a->desk && state->stage == STAGE_NEEDS_HUMAN &&
               case_id_valid(str_of(a->action->other)) && !state->report &&
               nobody_accuses(state) && strcmp(a->action->other, state->id) != 0;
    case ACTION_UNMERGE:
        return a->desk && state->stage == STAGE_MERGED;
    case ACTION_GRANT:
        return may_grant(a);
    case ACTION_REFUSE:
        return may_decide(a) && stage_in(state, WORKING | IN(RETURN_REQUESTED));
    case ACTION_RULE:
        return may_decide(a) && state->stage == STAGE_DISPUTED && names_owner(a);
    case ACTION_CONVENE:
        return may_convene(a);
    case ACTION_DECIDE:
        return strcmp(a->action->unit, state->meeting.convener) == 0 &&
               stage_in(state, IN(NEEDS_HUMAN) | WORKING | UNDECIDED | IN(SUSPENDED)) &&
               names_owner(a) && says(a);
    case ACTION_RESUME:
        return (a->leads || a->desk || a->district) && state->stage == STAGE_SUSPENDED;
    case ACTION_APPROVE:
    case ACTION_REDO:
        return a->desk && state->stage == STAGE_SUBMITTED;
    case ACTION_FOLLOW_UP:
        return a->desk && stage_in(state, IN(SUBMITTED) | IN(FOLLOWUP)) &&
               (a->action->valid ? a->action->rating != RATING_NONE : says(a));
    case ACTION_REOPEN:
        return may_reopen(a);
    case ACTION_CLOSE:
        return a->desk && state->stage == STAGE_NEEDS_HUMAN && says(a);
    case ACTION_ACKNOWLEDGE:
        return a->desk && state->stage == STAGE_TRANSFERRED_OUT && unacknowledged(a);
    case ACTION_UNKNOWN:
    case ACTION_COUNT:
        break;
    }
    return false;
}

/* Actions that a unit does with its own task, and nobody else with any. */
static bool of_units(enum case_action action)
{
    return action >= ACTION_SIGN && action <= ACTION_REQUEST_TERMINATION;
}

static bool find_task(struct asked *a)
{
    int32_t number = a->action->task;
    const struct case_task *own = task_of(a->state, a->action->unit);
    bool unit = of_units(a->action->action) ||
                (a->action->action == ACTION_RESUME && a->leads);
    a->task = unit ? own : a->state->lead.number > 0 ? &a->state->lead : NULL;
    if (number < 0 || (a->state->tasks_given == 0 && number == 1))
        return true;
    const struct case_task *named = NULL;
    if (number > 0 && a->state->lead.number == number)
        named = &a->state->lead;
    for (int i = 0; number > 0 && i < a->state->n_assists; i++)
        if (a->state->assists[i].number == number)
            named = &a->state->assists[i];
    if (!named || (unit && named != own))
        return false;
    a->task = named;
    return true;
}

bool sim_allowed(const struct case_state *state, const struct case_command *action,
        instant at, bool was_done)
{
    const struct policy *policy = &world.rules.policy;
    const struct unit *unit = policy_unit(policy, str_of(action->unit));
    if (!unit || (action->queue[0] && strcmp(action->queue, unit->queue->code) != 0) ||
            state->stage == STAGE_NONE || was_done)
        return false;
    const struct case_task *own = task_of(state, unit->code);
    struct asked a = {.state = state,
            .action = action,
            .unit = unit,
            .at = at,
            .leads = own && own == &state->lead,
            .assists = own && own != &state->lead,
            .desk = unit == policy->desk,
            .district = unit == policy->district};
    if (!find_task(&a))
        return false;
    /* Who leads and is the desk, too, acts on its own task. */
    return may(&a);
}

/* As what an action that was allowed was done. */
enum case_role sim_acting_role(
        const struct case_state *state, const struct case_command *action)
{
    const struct case_task *own = task_of(state, action->unit);
    if (of_units(action->action))
        return own == &state->lead ? ROLE_LEAD : ROLE_ASSIST;
    if (action->action == ACTION_CLAIM)
        return ROLE_POOL;
    bool desk = strcmp(action->unit, world.rules.policy.desk->code) == 0;
    bool district = strcmp(action->unit, world.rules.policy.district->code) == 0;
    if (action->action == ACTION_DECIDE || (!desk && !district))
        return action->action == ACTION_RESUME ? ROLE_LEAD : ROLE_PARTY;
    return desk ? ROLE_DESK : ROLE_SUPERVISOR;
}
