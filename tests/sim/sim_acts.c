/* Actions: who may, what it does, and that twice is once. */
#include "sim.h"

#include <stddef.h>
#include <string.h>

static bool was_done(const struct watched *c, uint64_t id)
{
    int first = c->n_done > CASE_ACTIONS_KEPT ? c->n_done - CASE_ACTIONS_KEPT : 0;
    for (int i = first; id && i < c->n_done; i++)
        if (c->done[i] == id)
            return true;
    return false;
}

static bool acted(const struct case_decision *decision)
{
    int refusals = 0;
    for (int i = 0; i < decision->n_effects; i++)
        refusals += decision->effects[i].kind == EFFECT_REFUSED;
    return refusals == 0;
}

/* What an order says the unit may do next is what it may do. */
static void check_offered(const struct seen *seen)
{
    const struct case_command *command = seen->command;
    enum case_role role = sim_acting_role(seen->before, command);
    bool transfers = command->action == ACTION_DISPATCH &&
                     command->task != seen->before->lead.number;
    bool convenes = command->action == ACTION_CONVENE;
    int32_t task = command->task;
    for (int i = 0; i < seen->before->n_assists && role == ROLE_ASSIST; i++)
        if (strcmp(seen->before->assists[i].unit, command->unit) == 0)
            task = seen->before->assists[i].number;
    if (task < 0 || role == ROLE_LEAD)
        task = seen->before->lead.number;
    if (transfers || convenes)
        return; /* offered by the kind of unit, not by an order */
    HOLDS(seen->c,
            case_actions_open(seen->before, role, task) &
                    (UINT64_C(1) << command->action),
            "an action took effect that was not offered");
}

/* ---- what an action brings with it ---- */

static int mandatory(const struct case_state *state)
{
    int n = 0;
    for (int i = 0; i < state->n_assists; i++)
        n += state->assists[i].mandatory;
    return n;
}

static bool ordered(const struct seen *seen, enum case_order order, const char *unit)
{
    for (int i = 0; i < seen->decision->n_effects; i++) {
        const struct case_effect *effect = &seen->decision->effects[i];
        if (effect->kind == EFFECT_ORDER && !effect->by_time &&
                (effect->order == order || order == ORDER_COUNT) &&
                strcmp(effect->unit, unit) == 0)
            return true;
    }
    return false;
}

static bool ordered_any(const struct seen *seen, enum case_order order)
{
    for (int i = 0; i < seen->decision->n_effects; i++)
        if (seen->decision->effects[i].kind == EFFECT_ORDER &&
                seen->decision->effects[i].order == order &&
                !seen->decision->effects[i].by_time)
            return true;
    return false;
}

static void check_step(const struct seen *seen)
{
    const struct case_state *after = &seen->decision->after;
    const struct sla_class *sla = policy_sla_class(
            &world.rules.policy, str_of(seen->before->sla));
    unsigned needs = sla->steps[seen->before->step].needs;
    const struct case_clock *promise = case_clock_find(
            after, CASE_CLOCK_PROMISE, after->lead.number);
    bool dated = needs & 1u << STEP_NEEDS_DATE &&
                 seen->command->until.ms - seen->decision->at.ms >= MINUTE_MS;
    HOLDS(seen->c, after->step == seen->before->step + 1, "a step done is not counted");
    HOLDS(seen->c, !dated || (promise && instant_is_never(promise->stopped)),
            "a date that was promised is not watched");
    HOLDS(seen->c,
            !sim_event_of(seen->decision, EVENT_FILED) ==
                    !(needs & 1u << STEP_NEEDS_FILING),
            "a step was not put on file, or should not have been");
}

/* The owner goes on where it was or another one begins; for good in both cases. */
static void check_ruling(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_state *before = seen->before, *after = &seen->decision->after;
    bool kept = before->lead.number > 0 &&
                strcmp(before->lead.unit, seen->command->to) == 0;
    bool others = before->request.kind != REQUEST_NONE &&
                  before->request.task != before->lead.number &&
                  strcmp(before->request.unit, seen->command->to) != 0;
    HOLDS(c, after->no_return && after->returns == 0,
            "a ruling is not final, or does not begin anew");
    HOLDS(c, strcmp(after->lead.unit, seen->command->to) == 0,
            "another owner than the one that was named");
    HOLDS(c, kept == (after->lead.number == before->lead.number),
            "who keeps a case begins it anew, or who does not goes on");
    HOLDS(c, !others || after->request.kind == before->request.kind,
            "a ruling ended a request that it is not about");
    c->returns = 0;
}

static void check_request(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_state *before = seen->before, *after = &seen->decision->after;
    const struct handling *handling = &world.rules.policy.handling;
    bool extends = sim_event_of(seen->decision, EVENT_EXTENDED);
    bool grants = seen->command->action == ACTION_GRANT &&
                  before->request.kind != REQUEST_TERMINATION;
    HOLDS(c, after->extensions == before->extensions + extends,
            "extensions are not counted");
    HOLDS(c, !grants || ordered(seen, ORDER_GRANTED, before->request.unit),
            "who asked is not told that it is granted");
    if (seen->command->action != ACTION_REQUEST_RETURN ||
            sim_acting_role(before, seen->command) != ROLE_LEAD)
        return;
    c->returns++;
    HOLDS(c, (after->stage == STAGE_DISPUTED) == (c->returns > handling->returns_max),
            "a return went to the desk that is for a ruling, or the other way round");
}

/* What is not solved is done again; too often, and it is supervised. */
static void check_again_handled(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_command *command = seen->command;
    const struct case_state *after = &seen->decision->after;
    bool content = !command->valid ||
                   (command->solved && command->rating != RATING_UNSATISFIED);
    bool reopened = sim_event_of(seen->decision, EVENT_REOPENED);
    bool redone = after->redos > seen->before->redos;
    HOLDS(c,
            command->action != ACTION_FOLLOW_UP ||
                    content == (after->stage == STAGE_CLOSED),
            "what is not solved was closed, or what is solved was not");
    HOLDS(c,
            !redone || after->supervised ||
                    after->redos <= world.rules.policy.handling.redos_max,
            "too many redos and nobody supervises");
    HOLDS(c, !reopened || !redone || ordered_any(seen, ORDER_ESCALATE),
            "a case was reopened and nobody above knows");
}

static void check_effect(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_state *before = seen->before, *after = &seen->decision->after;
    const struct case_command *command = seen->command;
    bool assists = sim_acting_role(before, command) == ROLE_ASSIST;
    HOLDS(c, !assists || after->stage == before->stage,
            "what an assisting unit did moved the case");
    HOLDS(c,
            !assists || command->action != ACTION_SUBMIT ||
                    ordered(seen, ORDER_ASSIST_DONE, after->lead.unit),
            "the lead was not told that an assisting task is done");
    HOLDS(c,
            !sim_event_of(seen->decision, EVENT_ASSIST_TRANSFERRED) ||
                    mandatory(after) == mandatory(before),
            "a mandatory task is none in other hands");
    bool gone = before->request.kind != REQUEST_NONE &&
                after->request.kind == REQUEST_NONE;
    HOLDS(c, !gone || ordered(seen, ORDER_COUNT, before->request.unit),
            "who asked does not hear what became of it");
    check_request(seen);
    check_again_handled(seen);
    if (command->action == ACTION_COMPLETE_STEP)
        check_step(seen);
    if (command->action == ACTION_RULE || command->action == ACTION_DECIDE)
        check_ruling(seen);
}

void sim_check_action(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_command *command = seen->command;
    bool done = acted(seen->decision);
    bool allowed = sim_allowed(
            seen->before, command, seen->decision->at, was_done(c, command->fingerprint));
    HOLDS(c, !done || allowed, "an action that is not allowed had an effect");
    HOLDS(c, done || !allowed, "an action that is allowed had no effect");
    if (!done) {
        HOLDS(c,
                memcmp(&seen->decision->after, seen->before,
                        offsetof(struct case_state, members)) == 0,
                "a refused action changed something");
        return;
    }
    HOLDS(c, seen->decision->changed, "an action was done and nothing is kept");
    check_offered(seen);
    check_effect(seen);
    if (c->n_done < DONE_MAX)
        c->done[c->n_done++] = command->fingerprint;
}

/* Twice the same message. */
void sim_check_again(const struct seen *seen)
{
    static struct case_decision again;
    const struct case_command *command = seen->command;
    bool action = command->kind == COMMAND_ACTION;
    instant wake = seen->decision->after.wake_at;
    bool more = !instant_is_never(wake) && !instant_before(seen->decision->at, wake);
    if (!seen->decision->changed || more || (action && command->fingerprint == 0))
        return;
    case_decide(&world.rules.policy, &seen->decision->after, command, &again);
    bool asks = command->kind == COMMAND_MERGE_REQUEST;
    HOLDS(seen->c, sim_own_events(&again) == 0 && (!again.changed || asks),
            "the same message again had a second effect");
    HOLDS(seen->c, !action || !acted(&again), "the same action again was not refused");
}

/* ---- who decides ---- */

void sim_check_approval(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_state *before = seen->before, *after = &seen->decision->after;
    const struct case_command *command = seen->command;
    static const enum case_action deciding[] = {
            ACTION_GRANT, ACTION_REFUSE, ACTION_RULE, ACTION_DISPATCH};
    bool decides = false;
    for (int i = 0; i < 4; i++)
        decides |= command->kind == COMMAND_ACTION && command->action == deciding[i] &&
                   acted(seen->decision);
    bool about = before->request.kind != REQUEST_NONE &&
                 after->request.kind == REQUEST_NONE && decides;
    bool transfers = command->action == ACTION_DISPATCH &&
                     before->request.kind != REQUEST_RETURN;
    bool district = strcmp(command->unit, world.rules.policy.district->code) == 0;
    bool by_district = strcmp(before->request.unit, world.rules.policy.district->code) ==
                       0;
    if (about && !transfers) {
        HOLDS(c, strcmp(command->unit, before->request.unit) != 0, "self-approval");
        HOLDS(c,
                !(c->too_much && sim_event_of(seen->decision, EVENT_EXTENDED)) ||
                        district || by_district,
                "an extension was granted below the level that it takes");
    }
    HOLDS(c,
            after->request.kind == REQUEST_NONE ||
                    strcmp(after->request.approver, after->request.unit) != 0,
            "who asked is to decide");
    if (sim_event_of(seen->decision, EVENT_EXTENSION_REQUESTED)) {
        const struct case_clock *clock = case_clock_find(
                after, CASE_CLOCK_HANDLE, after->request.task);
        c->too_much = clock &&
                      after->request.amount * 100 >
                              clock->amount *
                                      world.rules.policy.handling.extension_desk_percent;
    }
    HOLDS(c,
            !before->no_return || after->lead.number == before->lead.number ||
                    sim_event_of(seen->decision, EVENT_DECIDED),
            "who was named for good was changed");
    HOLDS(c,
            !before->no_return || after->no_return ||
                    after->lead.number != before->lead.number,
            "a ruling was forgotten");
}
