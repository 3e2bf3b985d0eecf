/* What a whistle tells everybody. */
#include "ledger_case.h"
#include "whistle_io_parts.h"

enum { MINUTE_MS = 60 * 1000 };

static void why_out(const struct whistle_io_turn *turn, struct json_out *json,
        const struct whistle_effect *effect)
{
    const struct whistle_message *message = turn->message;
    json_open_object(json, "why");
    switch (effect->event) {
    case WHISTLE_EVENT_ISSUED:
    case WHISTLE_EVENT_REPROJECTED:
        json_text(json, "policy", turn->io->policy->version);
        break;
    case WHISTLE_EVENT_EXPLAINED:
        json_text(json, "reason_code", message->core.reason_code);
        json_str_some(json, "reason", message->reason);
        break;
    case WHISTLE_EVENT_DISPUTED:
    case WHISTLE_EVENT_SCORED:
        json_str(json, "reason", message->reason);
        break;
    case WHISTLE_EVENT_RELEASED:
    case WHISTLE_EVENT_KEPT:
    case WHISTLE_EVENT_FINISHED:
    case WHISTLE_EVENT_CHECKED_IN:
        json_text_some(json, "reason", whistle_rule_names[effect->rule]);
        json_str_some(json, "note", message->note);
        break;
    case WHISTLE_EVENT_REMINDER:
    case WHISTLE_EVENT_ABSENT:
    case WHISTLE_EVENT_ESCALATED:
    case WHISTLE_EVENT_COUNT:
        break;
    }
    json_close_object(json);
}

static void issued_out(const struct whistle_io_turn *turn, struct json_out *json)
{
    const struct whistle_state *state = &turn->record->core;
    json_text(json, "unit", state->issuer);
    whistle_place_out(turn, json);
    whistle_cases_out(turn, json);
    json_str(json, "text", turn->record->text);
    json_open_array(json, "units");
    for (int i = 0; i < state->n_units; i++) {
        json_open_object(json, NULL);
        json_text(json, "unit", state->units[i].unit);
        json_text(json, "role", state->units[i].must ? "must" : "assist");
        json_close_object(json);
    }
    json_close_array(json);
    whistle_clocks_out(turn, json, NULL);
}

/* Where and when it came: what it says itself stands apart from what we know. */
static void checked_in_out(const struct whistle_io_turn *turn, struct json_out *json,
        const struct whistle_effect *effect)
{
    const struct whistle_state *state = &turn->record->core;
    const struct whistle_message *message = turn->message;
    json_bool(json, "late", effect->late);
    json_int(json, "minutes", (turn->decision->at.ms - state->issued_at.ms) / MINUTE_MS);
    json_instant(json, "due", state->due);
    if (message->core.place[0]) {
        json_open_object(json, "place");
        json_text(json, "code", message->core.place);
        json_close_object(json);
    }
    json_str_some(json, "where", message->where);
    json_raw_some(json, "lon", message->lon);
    json_raw_some(json, "lat", message->lat);
    json_raw_some(json, "photos", message->photos);
    json_instant_some(json, "claimed_at", message->claimed_at);
}

static void new_out(const struct whistle_io_turn *turn, struct json_out *json,
        const struct whistle_effect *effect)
{
    json_open_object(json, "new");
    if (effect->from != effect->to)
        json_text(json, "stage", whistle_stage_names[effect->to]);
    whistle_type_out(turn, json);
    if (effect->unit[0]) {
        json_text(json, "unit", effect->unit);
        json_text(json, "role", whistle_role_names[effect->role]);
        json_str(json, "order", whistle_order_number(turn, effect->number));
    }
    switch (effect->event) {
    case WHISTLE_EVENT_ISSUED:
        issued_out(turn, json);
        break;
    case WHISTLE_EVENT_CHECKED_IN:
        checked_in_out(turn, json, effect);
        break;
    case WHISTLE_EVENT_REMINDER:
    case WHISTLE_EVENT_ABSENT:
    case WHISTLE_EVENT_ESCALATED:
        whistle_rung_out(json, effect);
        break;
    case WHISTLE_EVENT_SCORED:
        json_int(json, "score", effect->score);
        break;
    case WHISTLE_EVENT_REPROJECTED:
        json_text(json, "clock", "check_in");
        json_instant(json, "due", effect->due);
        break;
    case WHISTLE_EVENT_FINISHED:
        whistle_cases_out(turn, json);
        break;
    case WHISTLE_EVENT_EXPLAINED:
    case WHISTLE_EVENT_DISPUTED:
    case WHISTLE_EVENT_RELEASED:
    case WHISTLE_EVENT_KEPT:
    case WHISTLE_EVENT_COUNT:
        break;
    }
    json_close_object(json);
}

static void old_out(struct json_out *json, const struct whistle_effect *effect)
{
    bool staged = effect->from != effect->to && effect->from != WHISTLE_NONE;
    if (!staged && instant_is_never(effect->old_due))
        return;
    json_open_object(json, "old");
    if (staged)
        json_text(json, "stage", whistle_stage_names[effect->from]);
    json_instant_some(json, "due", effect->old_due);
    json_close_object(json);
}

/* Whose points an event without a unit is about: the street's. */
static void points_give(const struct whistle_io_turn *turn, const char *kind,
        struct str id, struct json_out *json)
{
    struct ledger_io ledger = ledger_io_of(turn->io);
    const struct points_context context = {.lead = str_of(turn->record->core.issuer)};
    points_out(&ledger, kind, id, json_end(json), &context, turn->out);
}

static bool is_of_sla(enum whistle_event event)
{
    return event == WHISTLE_EVENT_REMINDER || event == WHISTLE_EVENT_ABSENT ||
           event == WHISTLE_EVENT_ESCALATED;
}

void whistle_event_out(
        const struct whistle_io_turn *turn, const struct whistle_effect *effect)
{
    const char *kind = whistle_event_names[effect->event];
    struct str key = str_of(turn->message->core.id);
    struct str id = whistle_message_id(turn, effect->seq, kind, "");
    struct json_out json;
    json_begin(&json, turn->arena, 1024 + turn->record->text.len);
    json_open_object(&json, NULL);
    json_str(&json, "case", key);
    json_int(&json, "seq", effect->seq);
    json_text(&json, "kind", kind);
    json_instant(&json, "at", turn->decision->at);
    const struct subject_actor actor = whistle_actor(turn, is_of_sla(effect->event));
    subject_actor_out(&json, &actor);
    why_out(turn, &json, effect);
    old_out(&json, effect);
    new_out(turn, &json, effect);
    json_close_object(&json);
    whistle_emit(turn, turn->io->topics.event, "whistle.event", key, id, &json);
    if (is_of_sla(effect->event))
        whistle_emit(turn, turn->io->topics.sla_event, "sla.event", key, id, &json);
    points_give(turn, kind, id, &json);
    stage_count(turn->out, kind);
}
