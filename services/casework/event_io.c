/* What casework tells everybody: events, resolutions, audits. */
#include "io_parts.h"

static void why_out(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect)
{
    const struct case_message *message = turn->message;
    json_open_object(json, "why");
    switch (effect->event) {
    case EVENT_OPENED:
        io_why_classified(turn, json);
        json_raw_some(json, "candidates", turn->opening.place.candidates);
        break;
    case EVENT_DISPATCHED:
    case EVENT_TRANSFERRED:
        io_why_dispatched(turn, json);
        break;
    case EVENT_NEEDS_HUMAN:
        json_text_some(json, "reason", effect->reason);
        json_raw_some(json, "policy", turn->opening.route.policy);
        break;
    case EVENT_MERGE_REFUSED:
        json_text_some(json, "reason", effect->reason);
        break;
    case EVENT_RETURN_REQUESTED:
        json_str_some(json, "reason", message->reason);
        json_raw_some(json, "evidence", message->evidence);
        break;
    case EVENT_CONTACTED:
    case EVENT_HANDLING:
    case EVENT_RETURN_REFUSED:
    case EVENT_REDO:
    case EVENT_CLOSED:
        json_str_some(json, "note", message->note);
        break;
    case EVENT_MERGE_REQUESTED:
    case EVENT_MERGED:
    case EVENT_MEMBER_ADDED:
    case EVENT_SIGNED:
    case EVENT_SUBMITTED:
    case EVENT_REMINDER:
    case EVENT_BREACH:
    case EVENT_COUNT:
        break;
    }
    json_close_object(json);
}

static void opened_out(const struct io_turn *turn, struct json_out *json)
{
    const struct io_opening *opening = &turn->opening;
    json_raw_some(json, "source", opening->complaint.source);
    json_raw_some(json, "id", opening->complaint.id);
    json_raw_some(json, "channel", opening->complaint.channel);
    json_raw_some(json, "nature", opening->class.nature);
    io_category_out(turn, json);
    json_raw_some(json, "urgency", opening->class.urgency);
    if (opening->place.code.len) {
        json_open_object(json, "place");
        json_raw(json, "code", opening->place.code);
        json_raw_some(json, "name", opening->place.name);
        json_close_object(json);
    }
    json_raw_some(json, "title", opening->complaint.title);
    json_raw_some(json, "text", opening->complaint.text);
    json_raw_some(json, "confidence", opening->class.confidence);
    json_raw_some(json, "policy", opening->class.policy);
}

static void new_out(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect)
{
    const struct case_state *state = &turn->record->core;
    json_open_object(json, "new");
    if (effect->from != effect->to)
        json_text(json, "stage", case_stage_names[effect->to]);
    json_text_some(json, "unit", effect->unit);
    switch (effect->event) {
    case EVENT_OPENED:
        opened_out(turn, json);
        break;
    case EVENT_DISPATCHED:
        json_text(json, "role", "lead");
        json_str(json, "order", io_order_number(turn, effect->task));
        io_category_out(turn, json);
        json_text(json, "sla", state->sla);
        if (state->n_assists) {
            json_open_array(json, "assists");
            for (int i = 0; i < state->n_assists; i++)
                json_text(json, NULL, state->assists[i]);
            json_close_array(json);
        }
        io_clocks_out(turn, json, false);
        break;
    case EVENT_NEEDS_HUMAN:
        json_text(json, "role", "desk");
        io_clocks_out(turn, json, true);
        break;
    case EVENT_TRANSFERRED:
        json_raw_some(json, "line", turn->opening.route.line);
        break;
    case EVENT_MERGE_REQUESTED:
    case EVENT_MERGED:
    case EVENT_MERGE_REFUSED:
        json_text(json, "master", effect->other);
        break;
    case EVENT_MEMBER_ADDED:
        json_text(json, "member", effect->other);
        break;
    case EVENT_SUBMITTED:
        json_str(json, "result", turn->message->result);
        json_raw_some(json, "contact_record", turn->message->contact_record);
        json_raw_some(json, "photos", turn->message->photos);
        break;
    case EVENT_RETURN_REQUESTED:
        json_raw_some(json, "proposed_unit", turn->message->proposed_unit);
        break;
    case EVENT_REDO: /* the one clock that runs on, later by the time it stood still */
        json_open_array(json, "clocks");
        io_clock_out(turn, json, CLOCK_HANDLE);
        json_close_array(json);
        break;
    case EVENT_CLOSED:
        json_text(json, "outcome", case_outcome_names[state->outcome]);
        json_str_some(json, "result", turn->record->result);
        json_text_some(json, "master", effect->other);
        io_used_out(turn, json);
        break;
    case EVENT_REMINDER:
    case EVENT_BREACH:
        json_text(json, "clock", case_clock_names[effect->clock]);
        json_int(json, "percent", effect->percent);
        json_instant(json, "due", effect->due);
        break;
    case EVENT_SIGNED:
    case EVENT_CONTACTED:
    case EVENT_HANDLING:
    case EVENT_RETURN_REFUSED:
    case EVENT_COUNT:
        break;
    }
    json_close_object(json);
}

void io_event_out(const struct io_turn *turn, const struct case_effect *effect)
{
    const char *kind = case_event_names[effect->event];
    struct str key = str_of(turn->message->core.case_id);
    struct str id = io_id(turn, effect->seq, kind, "");
    struct json_out json;
    json_begin(&json, turn->arena,
            1024 + turn->opening.complaint.text.len + turn->message->result.len);
    json_open_object(&json, NULL);
    json_str(&json, "case", key);
    json_int(&json, "seq", effect->seq);
    json_text(&json, "kind", kind);
    json_instant(&json, "at", turn->decision->at);
    io_actor_out(turn, &json, effect);
    why_out(turn, &json, effect);
    if (effect->from != effect->to && effect->from != STAGE_NONE) {
        json_open_object(&json, "old");
        json_text(&json, "stage", case_stage_names[effect->from]);
        json_close_object(&json);
    }
    new_out(turn, &json, effect);
    json_close_object(&json);
    io_emit(turn, turn->io->topics.event, "case.event", key, id, &json);
    if (effect->event == EVENT_REMINDER || effect->event == EVENT_BREACH)
        io_emit(turn, turn->io->topics.sla_event, "sla.event", key, id, &json);
    stage_count(turn->out, kind);
}

void io_resolution_out(const struct io_turn *turn, const struct case_effect *effect)
{
    const struct case_state *state = &turn->record->core;
    struct str key = str_of(state->id);
    struct str id = io_id(turn, effect->seq, "resolution", "");
    struct json_out json;
    json_begin(&json, turn->arena, 512 + turn->record->result.len);
    json_open_object(&json, NULL);
    json_str(&json, "id", id);
    json_str(&json, "case", key);
    json_raw_some(&json, "source", turn->opening.complaint.source);
    json_raw_some(&json, "complaint_id", turn->opening.complaint.id);
    json_text(&json, "outcome", case_outcome_names[state->outcome]);
    json_raw_some(&json, "line", turn->opening.route.line);
    json_str_some(&json, "result", turn->record->result);
    json_text_some(&json, "unit", effect->unit);
    json_instant(&json, "at", turn->decision->at);
    io_used_out(turn, &json);
    json_text_some(&json, "master", state->master);
    json_close_object(&json);
    io_emit(turn, turn->io->topics.resolution, "case.resolution", key, id, &json);
}

void io_audit_out(const struct io_turn *turn, const struct case_effect *effect)
{
    bool repeat = effect->kind == EFFECT_REPEAT;
    const char *kind = repeat                             ? "repeat"
                       : effect->rule == RULE_WRONG_QUEUE ? "wrong_queue"
                                                          : "refused";
    struct str key = str_of(turn->message->core.case_id);
    struct str id = io_id(turn, effect->seq, kind, io_record_number(turn));
    struct json_out json;
    json_begin(&json, turn->arena, 512);
    json_open_object(&json, NULL);
    json_str(&json, "id", id);
    json_instant(&json, "at", turn->decision->at);
    json_text(&json, "kind", kind);
    json_str(&json, "case", key);
    io_actor_out(turn, &json, effect);
    if (repeat) {
        json_text(&json, "text", "the same complaint event again");
    } else {
        json_text(&json, "rule", case_rule_names[effect->rule]);
        json_text(&json, "text", case_rule_texts[effect->rule]);
    }
    json_close_object(&json);
    io_emit(turn, turn->io->topics.audit, "audit", key, id, &json);
    stage_count(turn->out, kind);
}
