/* What routers, other cases and whistles say. */
#include "sim.h"

#include <string.h>

void sim_check_open(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_command *command = seen->command;
    const struct policy *policy = &world.rules.policy;
    if (c->kept.stage != STAGE_NONE) {
        HOLDS(c, sim_own_events(seen->decision) == 0,
                "a repeated open is a repeat and nothing else");
        HOLDS(c,
                seen->decision->effects[seen->decision->n_effects - 1].kind ==
                        EFFECT_REPEAT,
                "a repeated open is not in the audit");
        return;
    }
    const struct unit *lead = policy_unit(policy, str_of(command->lead));
    bool dispatch = lead && !sim_kept_from(lead, command->accused) &&
                    (policy_sla_class(policy, str_of(command->sla)) ||
                            policy_category(policy, str_of(command->category)));
    bool asks = command->route == ROUTE_MERGE && command->other[0] && !command->report &&
                strcmp(command->other, command->case_id) != 0;
    enum case_stage stage = command->route == ROUTE_TRANSFER ? STAGE_TRANSFERRED_OUT
                            : asks                           ? STAGE_MERGE_REQUESTED
                            : command->route == ROUTE_NEEDS_HUMAN || !dispatch
                                    ? STAGE_NEEDS_HUMAN
                                    : STAGE_DISPATCHED;
    HOLDS(c, seen->decision->after.stage == stage,
            "a case opened on another way than its route");
}

static bool whistle_known(const struct case_state *state, const char *whistle)
{
    for (int i = 0; i < state->n_whistles; i++)
        if (strcmp(state->whistles[i], whistle) == 0)
            return true;
    return false;
}

static int answers(const struct case_decision *decision)
{
    int n = 0;
    for (int i = 0; i < decision->n_effects; i++)
        n += decision->effects[i].kind == EFFECT_COMMAND &&
             (decision->effects[i].command == COMMAND_MERGE_ACCEPTED ||
                     decision->effects[i].command == COMMAND_MERGE_REFUSED ||
                     decision->effects[i].command == COMMAND_MERGE_REQUEST);
    return n;
}

static bool is_member(const struct case_state *state, const char *id)
{
    for (int i = 0; i < state->n_members; i++)
        if (strcmp(state->members[i].id, id) == 0)
            return true;
    return false;
}

static bool may_be_reopened(const struct seen *seen)
{
    enum { DAY_MS = 24 * 60 * MINUTE_MS };
    const struct case_state *state = seen->before;
    const struct handling *handling = &world.rules.policy.handling;
    return handling->merge_reopens && state->outcome != OUTCOME_MERGED_RESOLVED &&
           seen->decision->at.ms - state->closed_at.ms <=
                   handling->reopen_days * (int64_t)DAY_MS;
}

static bool would_reach_the_accused(
        const struct case_state *state, const struct case_command *command)
{
    const struct policy *policy = &world.rules.policy;
    int n = sim_under(policy_unit(policy, str_of(state->lead.unit)), command->accused);
    for (int i = 0; i < state->n_assists; i++)
        n += sim_under(
                policy_unit(policy, str_of(state->assists[i].unit)), command->accused);
    return n > 0;
}

static void check_merge_request(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_state *before = seen->before;
    const char *asker = seen->command->other;
    bool closed = before->stage == STAGE_CLOSED;
    bool passes = stage_in(before, IN(MERGED) | IN(MERGE_REQUESTED)) ||
                  (closed && before->outcome == OUTCOME_MERGED_RESOLVED);
    bool takes = strcmp(asker, before->id) != 0 && !passes && !before->report &&
                 !would_reach_the_accused(before, seen->command) &&
                 !stage_in(before, IN(NONE) | IN(TRANSFERRED_OUT)) &&
                 (!closed || may_be_reopened(seen));
    HOLDS(c, answers(seen->decision) == 1, "a request has one answer, or is passed on");
    HOLDS(c,
            is_member(&seen->decision->after, asker) ==
                    (takes || is_member(before, asker)),
            "a member was not taken, or should not have been");
    HOLDS(c, !takes || sim_event_of(seen->decision, EVENT_REOPENED) || !closed,
            "a closed case took a member");
}

static bool talk_counts(const struct seen *seen)
{
    const struct case_state *before = seen->before;
    const struct case_command *command = seen->command;
    switch (command->kind) {
    case COMMAND_MERGE_ACCEPTED:
    case COMMAND_MERGE_REFUSED:
        return before->stage == STAGE_MERGE_REQUESTED;
    case COMMAND_MEMBER_RESULT:
        return before->stage == STAGE_MERGED &&
               strcmp(before->master, command->other) == 0;
    case COMMAND_MEMBER_LEFT:
        return is_member(before, command->other);
    case COMMAND_WHISTLE_LINKED:
        return before->stage != STAGE_NONE && !whistle_known(before, command->other) &&
               before->n_whistles < CASE_WHISTLES_MAX;
    case COMMAND_WHISTLE_FINISHED:
        return whistle_known(before, command->other);
    case COMMAND_OPEN:
    case COMMAND_ACTION:
    case COMMAND_WAKE:
    case COMMAND_REPROJECT:
    case COMMAND_MERGE_REQUEST:
    case COMMAND_COUNT:
        break;
    }
    return false;
}

/* A whistle that asks waits for the answer, whatever the case is. */
static void check_answer(const struct seen *seen)
{
    int answers = 0;
    for (int i = 0; i < seen->decision->n_effects; i++) {
        const struct case_effect *effect = &seen->decision->effects[i];
        answers += effect->kind == EFFECT_WHISTLE_ANSWER &&
                   strcmp(effect->other, seen->command->other) == 0;
    }
    HOLDS(seen->c, answers == (seen->command->kind == COMMAND_WHISTLE_LINKED),
            "a whistle that asked has no answer");
}

void sim_check_talk(const struct seen *seen)
{
    struct watched *c = seen->c;
    check_answer(seen);
    if (seen->command->kind == COMMAND_MERGE_REQUEST)
        check_merge_request(seen);
    else
        HOLDS(c, (sim_own_events(seen->decision) > 0) == talk_counts(seen),
                "what another case or a whistle said counted wrongly");
    HOLDS(c, !is_member(&seen->decision->after, c->id), "a case is its own member");
    if (seen->command->kind == COMMAND_WHISTLE_LINKED && talk_counts(seen))
        HOLDS(c, whistle_known(&seen->decision->after, seen->command->other),
                "a whistle was linked and forgotten");
    if (seen->command->kind == COMMAND_WHISTLE_FINISHED && talk_counts(seen))
        HOLDS(c,
                !whistle_known(&seen->decision->after, seen->command->other) &&
                        seen->decision->after.n_whistles == seen->before->n_whistles - 1,
                "a finished whistle is still linked");
}

/* How many known reporters complained within the window. */
static int reporters(const struct case_state *state, instant at)
{
    enum { HOUR_MS = 60 * MINUTE_MS };
    int64_t from = at.ms - world.rules.policy.handling.cluster_hours * (int64_t)HOUR_MS;
    unsigned who = 0; /* a seed has six of them, 0 is not known */
    if (state->opened.ms >= from)
        who |= 1u << state->reporter;
    for (int i = 0; i < state->n_members; i++)
        if (state->members[i].at.ms >= from)
            who |= 1u << state->members[i].reporter;
    return __builtin_popcount(who & ~1u);
}

void sim_check_cluster(const struct seen *seen)
{
    const struct case_state *after = &seen->decision->after;
    int many = world.rules.policy.handling.cluster_reporters;
    bool added = sim_event_of(seen->decision, EVENT_MEMBER_ADDED);
    bool told = sim_event_of(seen->decision, EVENT_CLUSTER_ALARM);
    HOLDS(seen->c,
            told == (added && !seen->before->cluster_told && many > 0 &&
                            reporters(after, seen->decision->at) >= many),
            "a cluster alarm that should not be, or none where one should");
}
