/* What the units get. */
#include "io_parts.h"

/* What the complaint is about: for those who work on it, never for a unit whose case it
 * is not. */
static void matter_out(const struct io_turn *turn, struct json_out *json)
{
    const struct io_opening *opening = &turn->opening;
    json_raw_some(json, "nature", opening->class.nature);
    io_category_out(turn, json);
    json_raw_some(json, "urgency", opening->class.urgency);
    json_raw_some(json, "title", opening->complaint.title);
    json_raw_some(json, "text", opening->complaint.text);
    json_open_object(json, "place");
    json_raw_some(json, "code", opening->place.code);
    json_raw_some(json, "type", opening->place.type);
    json_raw_some(json, "name", opening->place.name);
    json_raw_some(json, "path", opening->place.path);
    json_raw_some(json, "candidates", opening->place.candidates);
    json_raw_some(json, "address", opening->complaint.place.address);
    json_raw_some(json, "estate", opening->complaint.place.estate);
    json_close_object(json);
    json_raw_some(json, "attachments", opening->complaint.attachments);
}

static void order_why(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect)
{
    const struct case_message *message = turn->message;
    json_open_object(json, "why");
    switch (effect->order) {
    case ORDER_DISPATCH:
    case ORDER_ASSIST:
        io_why_dispatched(turn, json);
        io_why_classified(turn, json);
        break;
    case ORDER_NEEDS_HUMAN:
        json_text_some(json, "reason", effect->reason);
        json_raw_some(json, "policy", turn->opening.route.policy);
        io_why_classified(turn, json);
        break;
    case ORDER_REMIND:
    case ORDER_BREACH:
        json_text(json, "clock", case_clock_names[effect->clock]);
        json_int(json, "percent", effect->percent);
        json_instant(json, "due", effect->due);
        break;
    case ORDER_REVIEW:
        json_text(json, "unit", message->core.unit);
        json_str_some(json, "result", message->result);
        json_raw_some(json, "contact_record", message->contact_record);
        json_raw_some(json, "photos", message->photos);
        break;
    case ORDER_RETURN_REQUEST:
        json_text(json, "unit", message->core.unit);
        json_str_some(json, "reason", message->reason);
        json_raw_some(json, "proposed_unit", message->proposed_unit);
        json_raw_some(json, "evidence", message->evidence);
        break;
    case ORDER_WITHDRAW:
        json_text(json, "reason",
                effect->role == ROLE_ASSIST ? "leads_now" : "dispatched_elsewhere");
        break;
    case ORDER_RETURN_REFUSED:
    case ORDER_REDO:
    case ORDER_CLOSED:
        json_str_some(json, "note", message->note);
        break;
    case ORDER_ACCEPTED:
    case ORDER_REFUSED:
    case ORDER_COUNT:
        break;
    }
    json_close_object(json);
}

static void actions_out(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect)
{
    /* A withdrawn order asks for nothing more, whoever it was. */
    unsigned open = effect->order == ORDER_WITHDRAW
                            ? 0
                            : case_actions_open(&turn->record->core, effect->role);
    json_open_array(json, "actions");
    for (int i = ACTION_SIGN; i < ACTION_COUNT; i++)
        if (open & (1u << i))
            json_text(json, NULL, case_action_names[i]);
    json_close_array(json);
}

/* The command's id is "<unit>:<the unit's own id>". */
static struct str unit_action_id(const struct io_turn *turn)
{
    struct str id = turn->message->id;
    struct str prefix = arena_printf(turn->arena, "%s:", turn->message->core.unit);
    return str_starts(id, prefix) ? (struct str){id.ptr + prefix.len, id.len - prefix.len}
                                  : id;
}

void io_order_out(const struct io_turn *turn, const struct case_effect *effect)
{
    const char *kind = case_order_names[effect->order];
    bool refused = effect->order == ORDER_REFUSED,
         accepted = effect->order == ORDER_ACCEPTED;
    bool ended = effect->order == ORDER_WITHDRAW ||
                 (effect->order == ORDER_CLOSED && effect->role == ROLE_DESK);
    const struct unit *unit = policy_unit(turn->io->policy, str_of(effect->unit));
    struct str key = str_of(effect->unit);
    /* A refusal changes nothing, so only the refused record tells two of them apart. */
    struct str id = io_id(turn, effect->seq, kind,
            refused ? arena_printf(
                              turn->arena, "%s.%s", effect->unit, io_record_number(turn))
                              .ptr
                    : effect->unit);
    struct json_out json;
    json_begin(&json, turn->arena, 1024 + turn->opening.complaint.text.len);
    json_open_object(&json, NULL);
    json_str(&json, "id", id);
    json_text(&json, "case", turn->message->core.case_id);
    json_str(&json, "order", io_order_number(turn, effect->task));
    json_text(&json, "kind", kind);
    json_instant(&json, "at", turn->decision->at);
    json_str(&json, "unit", key);
    json_text(&json, "queue", unit ? unit->queue->code : effect->unit);
    json_text_some(&json, "role", case_role_names[effect->role]);
    if (refused || accepted) {
        json_str(&json, "action", turn->message->action);
        json_str(&json, "action_id", unit_action_id(turn));
    }
    if (accepted) {
        json_text(&json, "stage", case_stage_names[turn->record->core.stage]);
        io_clocks_out(turn, &json, false);
    } else if (refused) {
        json_text(&json, "rule", case_rule_names[effect->rule]);
        json_text(&json, "text", case_rule_texts[effect->rule]);
    } else {
        if (!ended) {
            matter_out(turn, &json);
            io_clocks_out(turn, &json, effect->role == ROLE_DESK);
        }
        order_why(turn, &json, effect);
    }
    actions_out(turn, &json, effect);
    json_close_object(&json);
    io_emit(turn, turn->io->topics.order, "unit.order", key, id, &json);
}
