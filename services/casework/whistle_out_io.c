/* What a whistle tells: events to everybody, orders to the units, its cases, the audit.
 */
#include "whistle_io_parts.h"

/* ---- words that several messages share ---- */

void whistle_type_out(const struct whistle_io_turn *turn, struct json_out *json)
{
    json_text(json, "type", whistle_type_names[turn->record->core.type]);
}

void whistle_place_out(const struct whistle_io_turn *turn, struct json_out *json)
{
    const char *code = turn->record->core.place;
    const struct place *place = policy_place(turn->io->policy, str_of(code));
    if (!code[0])
        return;
    json_open_object(json, "place");
    json_text(json, "code", code);
    if (place) {
        json_text(json, "type", place_level_name(place));
        json_text(json, "name", place->name);
    }
    json_close_object(json);
}

void whistle_cases_out(const struct whistle_io_turn *turn, struct json_out *json)
{
    const struct whistle_state *state = &turn->record->core;
    if (!state->n_cases)
        return;
    json_open_array(json, "cases");
    for (int i = 0; i < state->n_cases; i++)
        json_text(json, NULL, state->cases[i]);
    json_close_array(json);
}

static bool waited_for(const struct whistle_unit *unit)
{
    return instant_is_never(unit->arrived_at) &&
           unit->dispute != WHISTLE_DISPUTE_RELEASED;
}

static bool anybody_waited_for(const struct whistle_state *state)
{
    for (int i = 0; i < state->n_units; i++)
        if (waited_for(&state->units[i]))
            return true;
    return false;
}

void whistle_clocks_out(const struct whistle_io_turn *turn, struct json_out *json,
        const struct whistle_unit *unit)
{
    const struct whistle_state *state = &turn->record->core;
    json_open_array(json, "clocks");
    if (state->stage == WHISTLE_ISSUED &&
            (unit ? waited_for(unit) : anybody_waited_for(state))) {
        json_open_object(json, NULL);
        json_text(json, "clock", "check_in");
        json_instant(json, "due", state->due);
        json_close_object(json);
    }
    json_close_array(json);
}

void whistle_rung_out(struct json_out *json, const struct whistle_effect *effect)
{
    json_text(json, "clock", "check_in");
    json_int(json, "percent", effect->percent);
    if (effect->after.amount > 0) {
        json_open_object(json, "after");
        json_int(json, "amount", effect->after.amount);
        json_text(json, "unit", time_unit_names[effect->after.unit]);
        json_close_object(json);
    }
    json_instant(json, "due", effect->due);
}

struct subject_actor whistle_actor(const struct whistle_io_turn *turn, bool by_time)
{
    const struct whistle_command *command = &turn->message->core;
    if (command->kind == WHISTLE_COMMAND_ACTION && !by_time)
        return (struct subject_actor){.unit = command->unit, .by = turn->message->by};
    return (struct subject_actor){
            .service = command->kind == WHISTLE_COMMAND_WAKE ? "sla" : "casework"};
}

struct str whistle_order_number(const struct whistle_io_turn *turn, int32_t number)
{
    return arena_printf(turn->arena, "%s.%d", turn->message->core.id, (int)number);
}

const char *whistle_record_number(const struct whistle_io_turn *turn)
{
    return arena_printf(turn->arena, "%d.%lld", (int)turn->msg->partition,
            (long long)turn->msg->offset)
            .ptr;
}

struct str whistle_message_id(const struct whistle_io_turn *turn, int64_t seq,
        const char *what, const char *more)
{
    return arena_printf(turn->arena, "%s.%lld.%s%s%s", turn->message->core.id,
            (long long)seq, what, more[0] ? "." : "", more);
}

void whistle_emit(const struct whistle_io_turn *turn, const char *topic, const char *type,
        struct str key, struct str id, struct json_out *json)
{
    subject_emit(turn->out, topic, type, key, str_of(turn->message->core.id), id, json);
}

/* ---- to its cases ---- */

void whistle_command_out(
        const struct whistle_io_turn *turn, const struct whistle_effect *effect)
{
    const struct whistle_state *state = &turn->record->core;
    const char *command = effect->kind == WHISTLE_EFFECT_LINKED ? "whistle_linked"
                                                                : "whistle_finished";
    struct str id = whistle_message_id(turn, effect->seq, command, effect->other);
    struct json_out json;
    json_begin(&json, turn->arena, 1024);
    json_open_object(&json, NULL);
    json_text(&json, "command", command);
    json_text(&json, "case", effect->other);
    json_str(&json, "id", id);
    json_instant(&json, "at", turn->decision->at);
    json_text(&json, "whistle", state->id);
    whistle_type_out(turn, &json);
    json_text(&json, "unit", state->issuer);
    json_open_array(&json, "units");
    for (int i = 0; i < state->n_units; i++)
        json_text(&json, NULL, state->units[i].unit);
    json_close_array(&json);
    json_close_object(&json);
    whistle_emit(turn, turn->io->topics.command, "case.command", str_of(effect->other),
            id, &json);
}

/* ---- to the audit ---- */

void whistle_audit_out(
        const struct whistle_io_turn *turn, const struct whistle_effect *effect)
{
    const char *kind = effect->rule == WHISTLE_RULE_WRONG_QUEUE ? "wrong_queue"
                                                                : "refused";
    subject_audit_out(turn->out, &(struct subject_audit){
                                         .topic = turn->io->topics.audit,
                                         .key = str_of(turn->message->core.id),
                                         .id = whistle_message_id(turn, effect->seq, kind,
                                                 whistle_record_number(turn)),
                                         .at = turn->decision->at,
                                         .kind = kind,
                                         .actor = whistle_actor(turn, false),
                                         .rule = whistle_rule_names[effect->rule],
                                         .text = whistle_rule_texts[effect->rule],
                                 });
}
