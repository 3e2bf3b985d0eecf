/* Whistles 哨单 that speak of this case: its own story shows them. */
#include "case_parts.h"

#include <string.h>

static int whistle_index(const struct case_state *state, const char *whistle)
{
    for (int i = 0; i < state->n_whistles; i++)
        if (strcmp(state->whistles[i], whistle) == 0)
            return i;
    return -1;
}

static void tell_whistle(struct case_turn *turn, enum case_event event)
{
    struct case_effect *effect = case_note_add(turn, event, turn->state->lead.unit);
    case_text_copy(effect->other, sizeof effect->other, turn->command->other);
}

void case_whistle_linked(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (state->stage == STAGE_NONE || whistle_index(state, turn->command->other) >= 0 ||
            state->n_whistles == CASE_WHISTLES_MAX)
        return;
    case_text_copy(
            state->whistles[state->n_whistles++], CASE_ID_SIZE, turn->command->other);
    tell_whistle(turn, EVENT_WHISTLE_LINKED);
}

void case_whistle_finished(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    int i = whistle_index(state, turn->command->other);
    if (i < 0)
        return;
    state->n_whistles--;
    memmove(state->whistles[i], state->whistles[i + 1],
            (size_t)(state->n_whistles - i) * CASE_ID_SIZE);
    tell_whistle(turn, EVENT_WHISTLE_FINISHED);
}
