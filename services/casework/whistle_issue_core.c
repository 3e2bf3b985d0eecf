/* 吹哨: a whistle begins. */
#include "whistle_parts.h"

#include <string.h>

static bool stands_before(const struct whistle_command *command, int i)
{
    for (int k = 0; k < i; k++)
        if (strcmp(command->summon[k].unit, command->summon[i].unit) == 0)
            return true;
    return false;
}

static enum whistle_rule summons_rule(const struct whistle_turn *turn, int i)
{
    const struct whistle_command *command = turn->command;
    const struct unit *unit = policy_unit(turn->policy, str_of(command->summon[i].unit));
    if (!unit || !unit_valid_at(unit, turn->at))
        return WHISTLE_RULE_UNKNOWN_SUMMONED;
    if (unit == turn->actor)
        return WHISTLE_RULE_SELF_SUMMONED;
    if (unit == turn->policy->desk || unit == turn->policy->district)
        return WHISTLE_RULE_NOT_SUMMONABLE;
    return stands_before(command, i) ? WHISTLE_RULE_SUMMONED_TWICE : WHISTLE_RULE_NONE;
}

static enum whistle_rule place_rule(const struct whistle_turn *turn)
{
    if (!turn->command->place[0])
        return turn->command->n_cases ? WHISTLE_RULE_NONE : WHISTLE_RULE_NEEDS_SUBJECT;
    const struct place *place = policy_place(turn->policy, str_of(turn->command->place));
    if (!place || !place_valid_at(place, turn->at))
        return WHISTLE_RULE_UNKNOWN_PLACE;
    /* A road through several streets has no street of its own. */
    const struct unit *street = place_governor(place, UNIT_TYPE_STREET);
    return !street || street == turn->actor ? WHISTLE_RULE_NONE
                                            : WHISTLE_RULE_NOT_YOUR_STREET;
}

static enum whistle_rule issue_rule(const struct whistle_turn *turn)
{
    const struct whistle_command *command = turn->command;
    if (turn->actor->type != UNIT_TYPE_STREET)
        return WHISTLE_RULE_NOT_A_STREET;
    if (command->type < 0 || command->type >= WHISTLE_TYPE_COUNT ||
            turn->policy->whistle.classes[command->type].check_in.amount <= 0)
        return WHISTLE_RULE_TYPE_NOT_OFFERED;
    if (!whistle_says(command->words))
        return WHISTLE_RULE_NEEDS_TEXT;
    enum whistle_rule rule = place_rule(turn);
    if (rule == WHISTLE_RULE_NONE && !command->n_summon)
        rule = WHISTLE_RULE_NEEDS_UNITS;
    for (int i = 0; rule == WHISTLE_RULE_NONE && i < command->n_summon; i++)
        rule = summons_rule(turn, i);
    return rule;
}

static bool linked_before(const struct whistle_state *state, const char *id)
{
    for (int i = 0; i < state->n_cases; i++)
        if (strcmp(state->cases[i], id) == 0)
            return true;
    return false;
}

static void fill(const struct whistle_turn *turn)
{
    const struct whistle_command *command = turn->command;
    struct whistle_state *state = turn->state;
    *state = (struct whistle_state){
            .type = (enum whistle_type)command->type,
            .issued_at = turn->at,
            .check_in = turn->policy->whistle.classes[command->type].check_in,
    };
    whistle_text_copy(state->id, sizeof state->id, command->id);
    whistle_text_copy(state->issuer, sizeof state->issuer, turn->actor->code);
    whistle_text_copy(state->place, sizeof state->place, command->place);
    for (int i = 0; i < command->n_cases; i++)
        if (!linked_before(state, command->cases[i]))
            whistle_text_copy(
                    state->cases[state->n_cases++], CASE_ID_SIZE, command->cases[i]);
    for (int i = 0; i < command->n_summon; i++) {
        struct whistle_unit *unit = &state->units[state->n_units++];
        whistle_text_copy(unit->unit, sizeof unit->unit, command->summon[i].unit);
        unit->must = command->summon[i].must;
    }
    state->due = whistle_due(turn->policy, state);
}

void whistle_summon(struct whistle_turn *turn)
{
    struct whistle_state *state = turn->state;
    if (!state->held)
        return;
    state->held = false;
    turn->decision->changed = true;
    for (int i = 0; i < state->n_units; i++) {
        const struct whistle_unit *unit = &state->units[i];
        if (unit->dispute != WHISTLE_DISPUTE_RELEASED)
            whistle_order_add(turn, WHISTLE_ORDER_SUMMONS, whistle_role_of(unit),
                    unit->unit, whistle_number_of(state, unit));
    }
}

void whistle_issue(struct whistle_turn *turn)
{
    struct whistle_state *state = turn->state;
    enum whistle_rule rule = issue_rule(turn);
    if (rule != WHISTLE_RULE_NONE) {
        whistle_refuse(turn, rule);
        return;
    }
    fill(turn);
    whistle_event_add(turn, WHISTLE_EVENT_ISSUED, WHISTLE_ISSUED, NULL)->due = state->due;
    whistle_order_add(turn, WHISTLE_ORDER_SUMMONS, WHISTLE_ROLE_ISSUER, state->issuer,
            WHISTLE_ISSUER_NUMBER);
    state->held = true;
    state->unanswered = (UINT32_C(1) << state->n_cases) - 1;
    if (!state->unanswered)
        whistle_summon(turn);
    for (int i = 0; i < state->n_cases; i++)
        whistle_command_add(turn, WHISTLE_EFFECT_LINKED, state->cases[i]);
    whistle_accept(turn);
}

/* ---- 回避 ---- */

static bool is_accused(const struct whistle_command *answer, const char *unit)
{
    for (int i = 0; i < answer->n_accused; i++)
        if (strcmp(answer->accused[i], unit) == 0)
            return true;
    return false;
}

/* An answer that comes again, or after the end, changes nothing. */
void whistle_answer(struct whistle_turn *turn)
{
    const struct whistle_command *command = turn->command;
    struct whistle_state *state = turn->state;
    int i = 0;
    while (i < state->n_cases && strcmp(state->cases[i], command->linked) != 0)
        i++;
    if (state->stage != WHISTLE_ISSUED || !(state->unanswered & UINT32_C(1) << i))
        return;
    state->unanswered &= ~(UINT32_C(1) << i);
    turn->decision->changed = true;
    for (int u = 0; u < state->n_units; u++)
        if (state->units[u].dispute != WHISTLE_DISPUTE_RELEASED &&
                is_accused(command, state->units[u].unit))
            whistle_recuse(turn, &state->units[u]);
    if (!state->unanswered)
        whistle_summon(turn);
}
