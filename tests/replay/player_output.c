/* What came out, as the stories say it. */
#include "player.h"

static void say_time(const char *what, instant at)
{
    char text[INSTANT_TEXT_SIZE];
    if (instant_is_never(at))
        return;
    story_time_text(text, sizeof text, at);
    story_say(" %s %s", what, text);
}

static const char *const effect_names[] = {
        [EFFECT_EVENT] = "event",
        [EFFECT_ORDER] = "order",
        [EFFECT_COMMAND] = "command",
        [EFFECT_WHISTLE_ANSWER] = "command",
        [EFFECT_RESOLUTION] = "resolution",
        [EFFECT_REPEAT] = "audit",
        [EFFECT_REFUSED] = "audit",
};

static const char *what_of(const struct case_effect *effect)
{
    switch (effect->kind) {
    case EFFECT_EVENT:
        return case_event_names[effect->event];
    case EFFECT_ORDER:
        return case_order_names[effect->order];
    case EFFECT_COMMAND:
        return case_command_names[effect->command];
    case EFFECT_WHISTLE_ANSWER:
        return "answer";
    case EFFECT_RESOLUTION:
        return case_outcome_names[effect->outcome];
    case EFFECT_REPEAT:
        return "repeat";
    case EFFECT_REFUSED:
        break;
    }
    return "refused";
}

/* The unit, with the number of its task when it is not the lead's, and its role. */
static void say_who(const struct case_effect *effect, int32_t lead_task)
{
    if (effect->kind == EFFECT_COMMAND || !effect->unit[0])
        return;
    story_say(" %s", story_name(&player.policy, effect->unit));
    bool of_task = effect->kind == EFFECT_EVENT || effect->kind == EFFECT_ORDER;
    if (of_task && effect->task != lead_task && effect->task != CASE_DESK_TASK)
        story_say("#%d", (int)effect->task);
    if (effect->kind == EFFECT_ORDER && effect->role != ROLE_NOBODY)
        story_say(" %s", case_role_names[effect->role]);
}

static void say_clock(const struct case_effect *effect)
{
    if (effect->clock >= 0)
        story_say(" %s", case_clock_names[effect->clock]);
    if (effect->step[0])
        story_say(" %s", effect->step);
    if (effect->percent > 0)
        story_say(" %d", (int)effect->percent);
    if (effect->after.amount > 0)
        story_say(
                " +%d%s", (int)effect->after.amount, time_unit_names[effect->after.unit]);
    if (effect->level != LEVEL_UNIT)
        story_say(" %s", sla_level_names[effect->level]);
    if (effect->percent > 0)
        return; /* a rung comes when it is due */
    say_time("was", effect->old_due);
    say_time("until", effect->due);
}

void player_output_add(
        int index, const struct case_effect *effect, int32_t lead_task, instant at)
{
    story_put(at);
    story_say(
            "%s %s %s", player.names[index], effect_names[effect->kind], what_of(effect));
    say_who(effect, lead_task);
    if (effect->other[0])
        story_say(" %s", player_case_name(effect->other));
    bool decided = effect->kind == EFFECT_ORDER &&
                   (effect->order == ORDER_GRANTED ||
                           effect->order == ORDER_REQUEST_REFUSED);
    if (decided)
        story_say(" %s", case_request_names[effect->request]);
    say_clock(effect);
    if (effect->reason[0])
        story_say(" %s", effect->reason);
    if (effect->rule != RULE_NONE)
        story_say(" %s", case_rule_names[effect->rule]);
}
