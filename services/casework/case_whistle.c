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

/* Every question is answered, also twice, and by a case that does not exist: the whistle
 * waits for it. */
static void answer(struct case_turn *turn)
{
    const struct case_command *command = turn->command;
    struct case_effect *effect = case_whistle_answer_add(turn, command->other);
    for (int i = 0; i < command->n_summoned; i++) {
        const struct unit *unit = policy_unit(turn->policy, str_of(command->summoned[i]));
        if (unit && case_accuses(turn, unit))
            effect->accused |= UINT32_C(1) << i;
    }
}

void case_whistle_linked(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    answer(turn);
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
