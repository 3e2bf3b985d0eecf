/* The cases of a story, the talk between them, and time. */
#include "player.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

int player_case(const char *name)
{
    for (int i = 0; i < player.n_cases; i++)
        if (strcmp(player.names[i], name) == 0)
            return i;
    if (player.n_cases == PLAYER_CASES_MAX)
        story_fail("too many cases", name);
    (void)snprintf(player.names[player.n_cases], sizeof player.names[0], "%s", name);
    return player.n_cases++;
}

void player_case_id(char out[CASE_ID_SIZE], int index)
{
    (void)snprintf(out, CASE_ID_SIZE, "n20261120-%016d", index);
}

const char *player_case_name(const char *id)
{
    char known[CASE_ID_SIZE];
    for (int i = 0; i < player.n_cases; i++) {
        player_case_id(known, i);
        if (strcmp(known, id) == 0)
            return player.names[i];
    }
    return "?";
}

/* As casework's edge writes a command to another case. */
static void send(int from, const struct case_effect *effect,
        const struct case_command *cause, instant at)
{
    if (player.queue_end == PLAYER_QUEUE_MAX)
        story_fail("too many commands between cases", "");
    struct case_command *command = &player.queue[player.queue_end++];
    const struct case_state *state = &player.cases[from];
    bool passed_on = effect->command == COMMAND_MERGE_REQUEST &&
                     cause->kind == COMMAND_MERGE_REQUEST;
    *command = (struct case_command){.kind = effect->command,
            .at = at,
            .task = -1,
            .hops = effect->hops,
            .reporter = passed_on ? cause->reporter : state->reporter};
    memcpy(command->case_id, effect->other, sizeof command->case_id);
    memcpy(command->reason, effect->reason, sizeof command->reason);
    memcpy(command->unit, state->lead.unit, sizeof command->unit);
    memcpy(command->accused, passed_on ? cause->accused : state->accused,
            sizeof command->accused);
    if (passed_on)
        memcpy(command->other, cause->other, sizeof command->other);
    else
        player_case_id(command->other, from);
}

/* Message ids are case, number and kind, for orders the unit too: no two may be the same.
 */
static void check_ids(const struct case_decision *decision, const char *name)
{
    for (int i = 0; i < decision->n_effects; i++)
        for (int j = 0; j < i; j++) {
            const struct case_effect *a = &decision->effects[i],
                                     *b = &decision->effects[j];
            if (a->kind == b->kind && a->seq == b->seq &&
                    ((a->kind == EFFECT_ORDER && a->order == b->order &&
                             strcmp(a->unit, b->unit) == 0) ||
                            (a->kind == EFFECT_COMMAND && a->command == b->command &&
                                    strcmp(a->other, b->other) == 0)))
                story_fail("two messages with one id", name);
        }
}

static void decide_one(const struct case_command *command)
{
    static struct case_state before;
    static struct case_decision decision;
    int index = player_case(player_case_name(command->case_id));
    before = player.cases[index];
    memset(&decision, 0, sizeof decision);
    case_decide(&player.policy, &before, command, &decision);
    if (!decision.changed &&
            memcmp(&decision.after, &before,
                    offsetof(struct case_state, members) +
                            (size_t)before.n_members * sizeof before.members[0]) != 0)
        story_fail("the state changed without saying so", player.names[index]);
    player.cases[index] = decision.after;
    int64_t seq = before.seq;
    enum case_stage stage = before.stage;
    for (int i = 0; i < decision.n_effects; i++) {
        const struct case_effect *effect = &decision.effects[i];
        if (effect->kind == EFFECT_EVENT && effect->seq != ++seq)
            story_fail("a gap in the event numbers", player.names[index]);
        if (effect->kind == EFFECT_EVENT && effect->from != stage)
            story_fail("an event begins at another stage", player.names[index]);
        if (effect->kind == EFFECT_EVENT)
            stage = effect->to;
        player_output_add(index, effect, decision.after.lead.number, decision.at);
        if (effect->kind == EFFECT_COMMAND)
            send(index, effect, command, decision.at);
    }
    check_ids(&decision, player.names[index]);
    if (seq != decision.after.seq)
        story_fail("the state's number is not the last event's", player.names[index]);
    if (stage != decision.after.stage)
        story_fail("the stage is not the last event's", player.names[index]);
}

void player_deliver(void)
{
    while (player.queue_first < player.queue_end) {
        struct case_command next = player.queue[player.queue_first++];
        if (instant_before(next.at, story.now))
            next.at = story.now;
        decide_one(&next);
    }
    player.queue_first = player.queue_end = 0;
}

void player_decide(const struct case_command *command)
{
    decide_one(command);
    if (!player.held)
        player_deliver();
}

/* The case that wakes first, at `until` at the latest; -1: none. */
static int next_to_wake(instant until)
{
    int found = -1;
    for (int i = 0; i < player.n_cases; i++) {
        instant at = player.cases[i].wake_at;
        if (!instant_is_never(at) && !instant_before(until, at) &&
                (found < 0 || instant_before(at, player.cases[found].wake_at)))
            found = i;
    }
    return found;
}

void player_wake(int index, instant due, instant at)
{
    struct case_command command = {
            .kind = COMMAND_WAKE, .at = at, .due = due, .task = -1};
    player_case_id(command.case_id, index);
    player_decide(&command);
    if (!instant_is_never(player.cases[index].wake_at) &&
            player.cases[index].wake_at.ms == due.ms && !instant_before(at, due))
        story_fail("a wake neither moved the due time nor settled the case",
                player.names[index]);
}

void player_go_on(instant until, enum player_wakes wakes)
{
    for (int index; wakes != WAKES_LOST && (index = next_to_wake(until)) >= 0;) {
        instant due = player.cases[index].wake_at;
        story.now = wakes == WAKES_AT_THE_END || instant_before(due, story.now) ? until
                                                                                : due;
        player_wake(index, due, story.now);
    }
    story.now = until;
}
