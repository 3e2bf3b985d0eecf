#include "schedule_core.h"

#include <string.h>

#define X(name, text) text,
const char *const schedule_command_names[SCHEDULE_COMMAND_COUNT] = {SCHEDULE_COMMANDS(X)};
const char *const schedule_event_names[SCHEDULE_EVENT_COUNT] = {SCHEDULE_EVENTS(X)};
#undef X

static struct schedule_effect *event_add(
        struct schedule_decision *decision, enum schedule_event event)
{
    struct schedule_effect *effect = &decision->effects[decision->n_effects++];
    decision->changed = true;
    *effect = (struct schedule_effect){
            .event = event,
            .seq = ++decision->after.seq,
            .next = decision->after.next,
    };
    return effect;
}

static void end(struct schedule_decision *decision)
{
    decision->after.next = (instant){0};
    (void)event_add(decision, SCHEDULE_EVENT_ENDED);
}

/* A time that has been opened already is not opened again, whatever the new rule says. */
static instant first_after(const struct policy *policy, const struct schedule *schedule,
        const struct schedule_state *state, instant at)
{
    instant after = instant_before(at, state->last) ? state->last : at;
    return schedule_next(&schedule->rule, &policy->calendar, after);
}

static void apply(const struct policy *policy, const struct schedule *schedule,
        const struct schedule_command *command, struct schedule_decision *decision)
{
    struct schedule_state *state = &decision->after;
    bool runs = !instant_is_never(state->next);
    /* What is due and not woken yet is opened first. */
    if (runs && !instant_before(command->at, state->next))
        return;
    instant next = schedule ? first_after(policy, schedule, state, command->at)
                            : (instant){0};
    if (next.ms == state->next.ms)
        return;
    memcpy(state->id, command->id, sizeof state->id);
    state->next = next;
    if (instant_is_never(next))
        end(decision);
    else
        (void)event_add(decision, runs ? SCHEDULE_EVENT_CHANGED : SCHEDULE_EVENT_STARTED);
}

static void open_at(const struct schedule *schedule, instant occurrence,
        struct schedule_decision *decision)
{
    struct schedule_effect *effect = event_add(decision, SCHEDULE_EVENT_OPENED);
    effect->occurrence = occurrence;
    effect->lead_valid = unit_valid_at(schedule->lead, occurrence);
    decision->after.last = occurrence;
}

/* Opens what fell due since; of many after an outage only the last ones. */
static void wake(const struct policy *policy, const struct schedule *schedule, instant at,
        struct schedule_decision *decision)
{
    struct schedule_state *state = &decision->after;
    instant kept[SCHEDULE_OPENINGS_MAX];
    int32_t most = schedule->catch_up < SCHEDULE_OPENINGS_MAX ? schedule->catch_up
                                                              : SCHEDULE_OPENINGS_MAX;
    int32_t n = 0;
    instant next = state->next;
    while (!instant_is_never(next) && !instant_before(at, next)) {
        kept[n++ % most] = next;
        next = schedule_next(&schedule->rule, &policy->calendar, next);
    }
    int32_t skipped = n > most ? n - most : 0;
    state->next = next;
    if (skipped)
        event_add(decision, SCHEDULE_EVENT_SKIPPED)->skipped = skipped;
    for (int32_t i = skipped; i < n; i++)
        open_at(schedule, kept[i % most], decision);
    if (instant_is_never(next))
        end(decision);
}

void schedule_decide(const struct policy *policy, const struct schedule_state *before,
        const struct schedule_command *command, struct schedule_decision *decision)
{
    const struct schedule *schedule = policy_schedule(policy, str_of(command->id));
    decision->after = *before;
    decision->at = command->at;
    decision->changed = false;
    decision->n_effects = 0;
    switch (command->kind) {
    case SCHEDULE_COMMAND_APPLY:
        apply(policy, schedule, command, decision);
        break;
    case SCHEDULE_COMMAND_WAKE:
        if (instant_is_never(before->next) || instant_before(command->at, before->next))
            break;
        if (schedule)
            wake(policy, schedule, command->at, decision);
        else
            end(decision);
        break;
    case SCHEDULE_COMMAND_COUNT:
        break;
    }
}
