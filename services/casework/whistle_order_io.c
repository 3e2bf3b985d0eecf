/* What the units get of a whistle. */
#include "whistle_io_parts.h"

static void matter_out(const struct whistle_io_turn *turn, struct json_out *json,
        const struct whistle_unit *about)
{
    whistle_type_out(turn, json);
    json_str(json, "text", turn->record->text);
    whistle_place_out(turn, json);
    whistle_cases_out(turn, json);
    whistle_clocks_out(turn, json, about);
}

static void why_out(const struct whistle_io_turn *turn, struct json_out *json,
        const struct whistle_effect *effect, const struct whistle_unit *about)
{
    const struct whistle_message *message = turn->message;
    json_open_object(json, "why");
    if (about && effect->order != WHISTLE_ORDER_SUMMONS)
        json_text(json, "unit", about->unit);
    switch (effect->order) {
    case WHISTLE_ORDER_SUMMONS:
        json_text(json, "unit", turn->record->core.issuer);
        json_text(json, "policy", turn->io->policy->version);
        break;
    case WHISTLE_ORDER_REMIND:
    case WHISTLE_ORDER_ABSENT:
    case WHISTLE_ORDER_ESCALATE:
        whistle_rung_out(json, effect);
        break;
    case WHISTLE_ORDER_CHECKED_IN:
        json_bool(json, "late", effect->late);
        json_str_some(json, "where", message->where);
        break;
    case WHISTLE_ORDER_DISPUTE:
        json_str(json, "reason", message->reason);
        break;
    case WHISTLE_ORDER_SCORED:
        json_int(json, "score", effect->score);
        json_str(json, "reason", message->reason);
        json_text(json, "by", message->core.unit);
        break;
    case WHISTLE_ORDER_WITHDRAW:
    case WHISTLE_ORDER_KEPT:
    case WHISTLE_ORDER_CLOSED:
        json_text_some(json, "reason", whistle_rule_names[effect->rule]);
        json_str_some(json, "note", message->note);
        break;
    case WHISTLE_ORDER_ACCEPTED:
    case WHISTLE_ORDER_REFUSED:
    case WHISTLE_ORDER_COUNT:
        break;
    }
    json_close_object(json);
}

static void actions_out(const struct whistle_io_turn *turn, struct json_out *json,
        const struct whistle_effect *effect)
{
    unsigned open = whistle_actions_open(
            turn->io->policy, &turn->record->core, effect->unit, effect->number);
    json_open_array(json, "actions");
    for (int i = WHISTLE_ACTION_CHECK_IN; i < WHISTLE_ACTION_COUNT; i++)
        if (open & (1u << i))
            json_text(json, NULL, whistle_action_names[i]);
    json_close_array(json);
}

/* The command's id is "<unit>:<the unit's own id>". */
static struct str unit_action_id(const struct whistle_io_turn *turn)
{
    struct str id = turn->message->id;
    struct str prefix = arena_printf(turn->arena, "%s:", turn->message->core.unit);
    return str_starts(id, prefix) ? (struct str){id.ptr + prefix.len, id.len - prefix.len}
                                  : id;
}

static void answer_out(const struct whistle_io_turn *turn, struct json_out *json,
        const struct whistle_effect *effect, const struct whistle_unit *about)
{
    json_str(json, "action", turn->message->action);
    json_str(json, "action_id", unit_action_id(turn));
    if (effect->order == WHISTLE_ORDER_ACCEPTED) {
        json_text(json, "stage", whistle_stage_names[turn->record->core.stage]);
        whistle_clocks_out(turn, json, about);
    } else {
        json_text(json, "rule", whistle_rule_names[effect->rule]);
        json_text(json, "text", whistle_rule_texts[effect->rule]);
    }
}

void whistle_order_out(
        const struct whistle_io_turn *turn, const struct whistle_effect *effect)
{
    const char *kind = whistle_order_names[effect->order];
    bool refused = effect->order == WHISTLE_ORDER_REFUSED;
    const struct unit *unit = policy_unit(turn->io->policy, str_of(effect->unit));
    const struct whistle_unit *about = whistle_unit_of(
            &turn->record->core, effect->number);
    struct str key = str_of(effect->unit);
    /* A refusal changes nothing, so only the refused record tells two of them apart. */
    struct str id = whistle_message_id(turn, effect->seq, kind,
            refused ? arena_printf(turn->arena, "%s.%s", effect->unit,
                              whistle_record_number(turn))
                              .ptr
                    : effect->unit);
    struct json_out json;
    json_begin(&json, turn->arena, 1024 + turn->record->text.len);
    json_open_object(&json, NULL);
    json_str(&json, "id", id);
    json_text(&json, "case", turn->message->core.id);
    json_str(&json, "order", whistle_order_number(turn, effect->number));
    json_text(&json, "kind", kind);
    json_instant(&json, "at", turn->decision->at);
    json_str(&json, "unit", key);
    json_text(&json, "queue", unit ? unit->queue->code : effect->unit);
    json_text_some(&json, "role", whistle_role_names[effect->role]);
    if (refused || effect->order == WHISTLE_ORDER_ACCEPTED) {
        answer_out(turn, &json, effect, about);
    } else {
        matter_out(turn, &json, about);
        why_out(turn, &json, effect, about);
    }
    actions_out(turn, &json, effect);
    json_close_object(&json);
    whistle_emit(turn, turn->io->topics.order, "unit.order", key, id, &json);
}
