/* Two cases about one matter 并单: the member asks, the master decides; each in its own
 * partition. */
#include "case_parts.h"

#include <string.h>

static bool has_member(const struct case_state *state, const char *member)
{
    for (int i = 0; i < state->n_members; i++)
        if (strcmp(state->members[i], member) == 0)
            return true;
    return false;
}

static void answer_refused(struct case_turn *turn, const char *reason)
{
    case_command_add(turn, COMMAND_MERGE_REFUSED, turn->command->other);
    struct case_effect *answer = &turn->decision->effects[turn->decision->n_effects - 1];
    case_text_copy(answer->reason, sizeof answer->reason, reason);
}

/* A case that is a member itself, or asks to be, passes the request on; bounded, so that
 * two that ask each other end. */
static void pass_on(struct case_turn *turn)
{
    if (turn->command->hops >= CASE_HOPS_MAX) {
        answer_refused(turn, "too_many_hops");
        return;
    }
    case_command_add(turn, COMMAND_MERGE_REQUEST, turn->state->master);
    struct case_effect *request = &turn->decision->effects[turn->decision->n_effects - 1];
    request->hops = turn->command->hops + 1;
}

static void take_member(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    const char *member = turn->command->other;
    if (!has_member(state, member)) {
        if (state->n_members == CASE_MEMBERS_MAX) {
            answer_refused(turn, "master_full");
            return;
        }
        case_text_copy(state->members[state->n_members++], CASE_ID_SIZE, member);
        struct case_effect *event = case_event_add(
                turn, EVENT_MEMBER_ADDED, state->stage);
        case_text_copy(event->other, sizeof event->other, member);
    }
    case_command_add(turn, COMMAND_MERGE_ACCEPTED, member);
}

void case_merge_request(struct case_turn *turn)
{
    if (strcmp(turn->command->other, turn->command->case_id) == 0) {
        answer_refused(turn, "same_case");
        return;
    }
    switch (turn->state->stage) {
    case STAGE_NONE:
        answer_refused(turn, "no_such_case");
        break;
    case STAGE_MERGED:
    case STAGE_MERGE_REQUESTED:
        pass_on(turn);
        break;
    case STAGE_NEEDS_HUMAN:
    case STAGE_DISPATCHED:
    case STAGE_SIGNED:
    case STAGE_CONTACTED:
    case STAGE_HANDLING:
    case STAGE_SUBMITTED:
    case STAGE_RETURN_REQUESTED:
        take_member(turn);
        break;
    case STAGE_CLOSED:
    case STAGE_TRANSFERRED_OUT:
    case STAGE_COUNT:
        answer_refused(turn, "master_closed");
        break;
    }
}

void case_merge_accepted(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (state->stage != STAGE_MERGE_REQUESTED)
        return;
    /* Not always the case that was asked: it may have passed the request on. */
    case_text_copy(state->master, sizeof state->master, turn->command->other);
    struct case_effect *event = case_event_add(turn, EVENT_MERGED, STAGE_MERGED);
    case_text_copy(event->other, sizeof event->other, state->master);
}

void case_merge_refused(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (state->stage != STAGE_MERGE_REQUESTED)
        return;
    struct case_effect *event = case_event_add(
            turn, EVENT_MERGE_REFUSED, STAGE_MERGE_REQUESTED);
    case_text_copy(event->other, sizeof event->other, state->master);
    case_text_copy(event->reason, sizeof event->reason, turn->command->reason);
    memset(state->master, 0, sizeof state->master);
    case_open_dispatch(turn);
}

void case_member_result(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (state->stage != STAGE_MERGED || strcmp(state->master, turn->command->other) != 0)
        return;
    turn->decision->keep_result = true;
    state->outcome = OUTCOME_MERGED_RESOLVED;
    struct case_effect *event = case_event_add(turn, EVENT_CLOSED, STAGE_CLOSED);
    case_text_copy(event->unit, sizeof event->unit, turn->command->unit);
    case_text_copy(event->other, sizeof event->other, state->master);
    case_resolution_add(turn, OUTCOME_MERGED_RESOLVED, turn->command->unit);
}
