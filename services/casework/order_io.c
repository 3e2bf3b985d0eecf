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
    json_raw_some(json, "address",
            opening->complaint.place.address.len ? opening->complaint.place.address
                                                 : opening->place.address);
    json_raw_some(json, "estate", opening->complaint.place.estate);
    json_close_object(json);
    json_raw_some(json, "attachments", opening->complaint.attachments);
}

/* What the actor said, and who it was where the order is for somebody else. */
static const struct {
    unsigned said;
    bool unit;
} told[ORDER_COUNT] = {
        [ORDER_REVIEW] = {SAID_RESULT, true},
        [ORDER_FOLLOW_UP] = {SAID_NOTE, false},
        [ORDER_RETURN_REQUEST] = {SAID_REASON | SAID_EVIDENCE | SAID_PROPOSED, true},
        [ORDER_ADJUDICATE] = {SAID_REASON | SAID_EVIDENCE | SAID_PROPOSED, true},
        [ORDER_EXTENSION_REQUEST] = {SAID_REASON | SAID_EVIDENCE | SAID_AMOUNT, true},
        [ORDER_SUSPENSION_REQUEST] = {SAID_REASON | SAID_EVIDENCE, true},
        [ORDER_TERMINATION_REQUEST] = {SAID_REASON | SAID_EVIDENCE, true},
        [ORDER_MEETING] = {SAID_MEETING, true},
        [ORDER_DECIDED] = {SAID_RULING, true},
        [ORDER_ASSIST_DONE] = {SAID_RESULT, true},
        [ORDER_FILED] = {SAID_RESULT | SAID_PLAN, true},
        [ORDER_GRANTED] = {SAID_NOTE, false},
        [ORDER_REQUEST_REFUSED] = {SAID_NOTE | SAID_REASON | SAID_RULING, false},
        [ORDER_RESUMED] = {SAID_NOTE, false},
        [ORDER_REDO] = {SAID_NOTE | SAID_REASON, false},
        [ORDER_CLOSED] = {SAID_NOTE | SAID_RULING, false},
};

static void order_why(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect)
{
    const struct case_message *message = turn->message;
    json_open_object(json, "why");
    switch ((int)effect->order) {
    case ORDER_DISPATCH:
    case ORDER_ASSIST:
    case ORDER_OFFER:
        io_why_dispatched(turn, json, effect);
        io_why_classified(turn, json);
        break;
    case ORDER_NEEDS_HUMAN:
        json_raw_some(json, "policy", turn->opening.route.policy);
        io_why_classified(turn, json);
        break;
    case ORDER_TRANSFER:
        json_raw_some(json, "line", turn->opening.route.line);
        json_raw_some(json, "reason", turn->opening.route.reason);
        break;
    default:
        break;
    }
    if (effect->reason[0] && effect->order != ORDER_DISPATCH)
        json_text(json, "reason", effect->reason);
    if (told[effect->order].unit && message->core.unit[0])
        json_text(json, "unit", message->core.unit);
    json_text_some(json, "request", case_request_names[effect->request]);
    io_clock_said(turn, json, effect);
    if (!effect->by_time)
        io_said_out(turn, json,
                effect->reason[0] ? told[effect->order].said & ~(unsigned)SAID_REASON
                                  : told[effect->order].said);
    json_close_object(json);
}

/* Orders at which somebody above, or who answers for it, is named. */
static bool names_people(enum case_order order)
{
    switch ((int)order) {
    case ORDER_REMIND:
    case ORDER_BREACH:
    case ORDER_ESCALATE:
    case ORDER_SUPERVISE:
    case ORDER_ALARM:
    case ORDER_REDO:
        return true;
    default:
        return false;
    }
}

static void actions_out(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect)
{
    /* A withdrawn order asks for nothing more, whoever it was. */
    uint64_t open = effect->order == ORDER_WITHDRAW
                            ? 0
                            : case_actions_open(
                                      &turn->record->core, effect->role, effect->task);
    json_open_array(json, "actions");
    for (int i = ACTION_SIGN; i < ACTION_COUNT; i++)
        if (open & (UINT64_C(1) << i))
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
                 (effect->order == ORDER_CLOSED && effect->role != ROLE_LEAD &&
                         effect->role != ROLE_ASSIST);
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
        io_clocks_out(turn, &json, effect->task);
    } else if (refused) {
        json_text(&json, "rule", case_rule_names[effect->rule]);
        json_text(&json, "text", case_rule_texts[effect->rule]);
    } else {
        if (!ended) {
            matter_out(turn, &json);
            io_clocks_out(turn, &json,
                    effect->role == ROLE_DESK || effect->role == ROLE_SUPERVISOR
                            ? CASE_DESK_TASK
                            : effect->task);
        }
        order_why(turn, &json, effect);
        if (names_people(effect->order))
            io_contacts_out(turn, &json, effect->unit);
    }
    actions_out(turn, &json, effect);
    json_close_object(&json);
    io_emit(turn, turn->io->topics.order, "unit.order", key, id, &json);
}
