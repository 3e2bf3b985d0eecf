/* What came out, as the stories say it. */
#include "player.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct player_output *output(void)
{
    if (player.end == PLAYER_OUTPUTS_MAX) {
        memmove(player.outputs, player.outputs + player.first,
                (size_t)(player.end - player.first) * sizeof *player.outputs);
        player.end -= player.first;
        player.first = 0;
    }
    if (player.end == PLAYER_OUTPUTS_MAX)
        player_fail("too much came out", "");
    return &player.outputs[player.end++];
}

static void say(struct player_output *out, const char *format, ...)
{
    size_t used = strlen(out->text);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(out->text + used, sizeof out->text - used, format, args);
    va_end(args);
}

void player_time_text(char *out, size_t size, instant at)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(at, text); /* 2026-11-20T09:00:00.000+08:00 */
    if (at.ms % 60000 == 0)
        (void)snprintf(out, size, "%.10s %.5s", text, text + 11);
    else
        (void)snprintf(out, size, "%.10s %.8s", text, text + 11);
}

static void say_time(struct player_output *out, const char *what, instant at)
{
    char text[INSTANT_TEXT_SIZE];
    if (instant_is_never(at))
        return;
    player_time_text(text, sizeof text, at);
    say(out, " %s %s", what, text);
}

static const char *const effect_names[] = {
        [EFFECT_EVENT] = "event",
        [EFFECT_ORDER] = "order",
        [EFFECT_COMMAND] = "command",
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
static void say_who(
        struct player_output *out, const struct case_effect *effect, int32_t lead_task)
{
    if (effect->kind == EFFECT_COMMAND || !effect->unit[0])
        return;
    say(out, " %s", player_unit_name(effect->unit));
    bool of_task = effect->kind == EFFECT_EVENT || effect->kind == EFFECT_ORDER;
    if (of_task && effect->task != lead_task && effect->task != CASE_DESK_TASK)
        say(out, "#%d", (int)effect->task);
    if (effect->kind == EFFECT_ORDER && effect->role != ROLE_NOBODY)
        say(out, " %s", case_role_names[effect->role]);
}

static void say_clock(struct player_output *out, const struct case_effect *effect)
{
    if (effect->clock >= 0)
        say(out, " %s", case_clock_names[effect->clock]);
    if (effect->step[0])
        say(out, " %s", effect->step);
    if (effect->percent > 0)
        say(out, " %d", (int)effect->percent);
    if (effect->after.amount > 0)
        say(out, " +%d%s", (int)effect->after.amount,
                time_unit_names[effect->after.unit]);
    if (effect->level != LEVEL_UNIT)
        say(out, " %s", sla_level_names[effect->level]);
    if (effect->percent > 0)
        return; /* a rung comes when it is due */
    say_time(out, "was", effect->old_due);
    say_time(out, "until", effect->due);
}

void player_output_add(
        int index, const struct case_effect *effect, int32_t lead_task, instant at)
{
    struct player_output *out = output();
    out->at = at;
    out->text[0] = 0;
    say(out, "%s %s %s", player.names[index], effect_names[effect->kind],
            what_of(effect));
    say_who(out, effect, lead_task);
    if (effect->other[0])
        say(out, " %s", player_case_name(effect->other));
    bool decided = effect->kind == EFFECT_ORDER &&
                   (effect->order == ORDER_GRANTED ||
                           effect->order == ORDER_REQUEST_REFUSED);
    if (decided)
        say(out, " %s", case_request_names[effect->request]);
    say_clock(out, effect);
    if (effect->reason[0])
        say(out, " %s", effect->reason);
    if (effect->rule != RULE_NONE)
        say(out, " %s", case_rule_names[effect->rule]);
}
