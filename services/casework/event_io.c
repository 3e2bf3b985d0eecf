/* What casework tells everybody: events, resolutions, audits. */
#include "io_parts.h"
#include "ledger_case.h"

#include <string.h>

/* What the actor said: why it came to this, and what is new by it. */
static const struct {
    unsigned why, new;
} said[EVENT_COUNT] = {
        [EVENT_CONTACTED] = {SAID_NOTE, 0},
        [EVENT_CHECKED_IN] = {SAID_NOTE, SAID_RESULT},
        [EVENT_HANDLING] = {SAID_NOTE, 0},
        [EVENT_PROGRESS] = {SAID_NOTE, 0},
        [EVENT_STEP_DONE] = {SAID_NOTE, SAID_RESULT | SAID_PLAN},
        [EVENT_FILED] = {0, SAID_RESULT | SAID_PLAN},
        [EVENT_ASSIST_ADDED] = {SAID_NOTE | SAID_REASON, 0},
        [EVENT_ASSIST_DONE] = {SAID_NOTE, SAID_RESULT},
        [EVENT_ASSIST_TRANSFERRED] = {SAID_NOTE | SAID_REASON, 0},
        [EVENT_SUBMITTED] = {0, SAID_RESULT},
        [EVENT_RETURN_REQUESTED] = {SAID_REASON | SAID_EVIDENCE, SAID_PROPOSED},
        [EVENT_DISPUTED] = {SAID_REASON | SAID_EVIDENCE, SAID_PROPOSED},
        [EVENT_EXTENSION_REQUESTED] = {SAID_REASON | SAID_EVIDENCE, SAID_AMOUNT},
        [EVENT_SUSPENSION_REQUESTED] = {SAID_REASON | SAID_EVIDENCE, 0},
        [EVENT_TERMINATION_REQUESTED] = {SAID_REASON | SAID_EVIDENCE, 0},
        [EVENT_RETURN_REFUSED] = {SAID_NOTE | SAID_REASON, 0},
        [EVENT_EXTENSION_REFUSED] = {SAID_NOTE | SAID_REASON, 0},
        [EVENT_SUSPENSION_REFUSED] = {SAID_NOTE | SAID_REASON, 0},
        [EVENT_TERMINATION_REFUSED] = {SAID_NOTE | SAID_REASON, 0},
        [EVENT_EXTENDED] = {SAID_NOTE, 0},
        [EVENT_SUSPENDED] = {SAID_NOTE, 0},
        [EVENT_RESUMED] = {SAID_NOTE, 0},
        [EVENT_RULED] = {SAID_NOTE | SAID_RULING, 0},
        [EVENT_CONVENED] = {SAID_NOTE, SAID_MEETING},
        [EVENT_DECIDED] = {SAID_NOTE | SAID_RULING, 0},
        [EVENT_APPROVED] = {SAID_NOTE, 0},
        [EVENT_FOLLOWED_UP] = {SAID_NOTE | SAID_REASON, SAID_FOLLOW_UP},
        [EVENT_REDO] = {SAID_NOTE | SAID_REASON, 0},
        [EVENT_REOPENED] = {SAID_NOTE | SAID_REASON, 0},
        [EVENT_UNMERGED] = {SAID_NOTE | SAID_REASON, 0},
        [EVENT_OFFERED] = {SAID_NOTE, 0},
        [EVENT_ACKNOWLEDGED] = {SAID_NOTE, 0},
        [EVENT_CLOSED] = {SAID_NOTE, 0},
        [EVENT_WHISTLE_LINKED] = {0, SAID_WHISTLE},
        [EVENT_WHISTLE_FINISHED] = {0, SAID_WHISTLE},
};

static void why_out(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect)
{
    json_open_object(json, "why");
    switch ((int)effect->event) {
    case EVENT_OPENED:
        io_why_classified(turn, json);
        json_raw_some(json, "candidates", turn->opening.place.candidates);
        break;
    case EVENT_DISPATCHED:
    case EVENT_TRANSFERRED:
        io_why_dispatched(turn, json, effect);
        break;
    case EVENT_MERGE_REQUESTED:
        if (turn->message->core.kind != COMMAND_OPEN) /* the desk knows why */
            break;
        json_raw_some(json, "evidence", turn->opening.route.evidence);
        json_raw_some(json, "similarity", turn->opening.route.similarity);
        json_raw_some(json, "policy", turn->opening.route.policy);
        break;
    case EVENT_NEEDS_HUMAN:
        json_raw_some(json, "policy", turn->opening.route.policy);
        break;
    case EVENT_REPROJECTED:
        json_text_some(json, "old_policy", turn->old_policy);
        json_text(json, "policy", turn->io->policy->version);
        break;
    default:
        break;
    }
    if (effect->reason[0] && effect->event != EVENT_DISPATCHED)
        json_text(json, "reason", effect->reason);
    if (!effect->by_time)
        io_said_out(turn, json,
                effect->reason[0] ? said[effect->event].why & ~(unsigned)SAID_REASON
                                  : said[effect->event].why);
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

static void dispatched_out(const struct io_turn *turn, struct json_out *json)
{
    const struct case_state *state = &turn->record->core;
    json_text(json, "role", "lead");
    io_category_out(turn, json);
    json_text(json, "sla", state->sla);
    if (state->n_assists) {
        json_open_array(json, "assists");
        for (int i = 0; i < state->n_assists; i++)
            json_text(json, NULL, state->assists[i].unit);
        json_close_array(json);
    }
}

/* Events after which other clocks run: they are told. */
static bool moves_clocks(enum case_event event)
{
    switch ((int)event) {
    case EVENT_DISPATCHED:
    case EVENT_ASSIST_ADDED:
    case EVENT_ASSIST_TRANSFERRED:
    case EVENT_STEP_DONE:
    case EVENT_SUSPENDED:
    case EVENT_RESUMED:
    case EVENT_REDO:
    case EVENT_REOPENED:
        return true;
    default:
        return false;
    }
}

/* The other case, or the whistle, under its name. */
static const char *other_name(enum case_event event)
{
    switch ((int)event) {
    case EVENT_MEMBER_ADDED:
    case EVENT_MEMBER_REMOVED:
        return "member";
    case EVENT_WHISTLE_LINKED:
    case EVENT_WHISTLE_FINISHED:
        return "whistle";
    default:
        return "master";
    }
}

static void new_out(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect)
{
    const struct case_state *state = &turn->record->core;
    json_open_object(json, "new");
    if (effect->from != effect->to)
        json_text(json, "stage", case_stage_names[effect->to]);
    json_text_some(json, "unit", effect->unit);
    if (effect->task > 0)
        json_str(json, "order", io_order_number(turn, effect->task));
    json_text_some(json, "request", case_request_names[effect->request]);
    io_clock_said(turn, json, effect);
    json_text_some(json, other_name(effect->event), effect->other);
    io_said_out(turn, json, said[effect->event].new);
    switch ((int)effect->event) {
    case EVENT_OPENED:
        opened_out(turn, json);
        break;
    case EVENT_DISPATCHED:
        dispatched_out(turn, json);
        break;
    case EVENT_NEEDS_HUMAN:
        json_text(json, "role", "desk");
        io_clocks_out(turn, json, CASE_DESK_TASK);
        break;
    case EVENT_TRANSFERRED:
        json_raw_some(json, "line", turn->opening.route.line);
        break;
    case EVENT_CLUSTER_ALARM:
        json_int(json, "members", state->n_members);
        break;
    case EVENT_REDO:
        json_int(json, "redo", state->redos);
        break;
    case EVENT_REOPENED:
        json_int(json, "reopened", state->reopens);
        break;
    case EVENT_CLOSED:
        json_text(json, "outcome", case_outcome_names[state->outcome]);
        json_str_some(json, "result", turn->record->result);
        io_used_out(turn, json);
        break;
    default:
        break;
    }
    if (moves_clocks(effect->event))
        io_clocks_out(turn, json, effect->task);
    json_close_object(json);
}

static bool is_of_clocks(enum case_event event)
{
    return event == EVENT_REMINDER || event == EVENT_BREACH || event == EVENT_ESCALATED ||
           event == EVENT_ALARM || event == EVENT_REPROJECTED;
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
    const struct subject_actor actor = io_actor(turn, effect);
    subject_actor_out(&json, &actor);
    why_out(turn, &json, effect);
    if (effect->from != effect->to && effect->from != STAGE_NONE) {
        json_open_object(&json, "old");
        json_text(&json, "stage", case_stage_names[effect->from]);
        json_close_object(&json);
    }
    new_out(turn, &json, effect);
    json_close_object(&json);
    io_emit(turn, turn->io->topics.event, "case.event", key, id, &json);
    if (is_of_clocks(effect->event))
        io_emit(turn, turn->io->topics.sla_event, "sla.event", key, id, &json);
    stage_count(turn->out, kind);
    ledger_case_event(turn->io, turn->record, kind, id, json_end(&json), turn->out);
}

/* Where the resident says what came of it. */
static void callback_out(const struct io_turn *turn, struct json_out *json)
{
    static const char mark[] = "{case}";
    const char *link = turn->io->policy->handling.callback,
               *at = link ? strstr(link, mark) : NULL;
    if (at)
        json_str(json, "callback",
                arena_printf(turn->arena, "%.*s%s%s", (int)(at - link), link,
                        turn->record->core.id, at + sizeof mark - 1));
}

void io_resolution_out(const struct io_turn *turn, const struct case_effect *effect)
{
    const struct case_state *state = &turn->record->core;
    bool final = effect->outcome != OUTCOME_EXTENDED &&
                 effect->outcome != OUTCOME_SUSPENDED;
    const struct unit *unit = policy_unit(turn->io->policy, str_of(effect->unit));
    struct str key = str_of(state->id);
    struct str id = io_id(turn, effect->seq, "resolution",
            final ? "" : case_outcome_names[effect->outcome]);
    struct json_out json;
    json_begin(&json, turn->arena, 512 + turn->record->result.len);
    json_open_object(&json, NULL);
    json_str(&json, "id", id);
    json_str(&json, "case", key);
    json_raw_some(&json, "source", turn->opening.complaint.source);
    json_raw_some(&json, "complaint_id", turn->opening.complaint.id);
    json_text(&json, "outcome", case_outcome_names[effect->outcome]);
    json_bool(&json, "final", final);
    json_raw_some(&json, "line", turn->opening.route.line);
    json_str_some(&json, "result", final ? turn->record->result : turn->message->note);
    json_text_some(&json, "unit", effect->unit);
    json_text_some(&json, "unit_name", unit ? unit->name : "");
    json_instant(&json, "at", turn->decision->at);
    json_instant_some(&json, "until", effect->due);
    io_used_out(turn, &json);
    if (final)
        callback_out(turn, &json);
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
    subject_audit_out(turn->out,
            &(struct subject_audit){
                    .topic = turn->io->topics.audit,
                    .key = str_of(turn->message->core.case_id),
                    .id = io_id(turn, effect->seq, kind, io_record_number(turn)),
                    .at = turn->decision->at,
                    .kind = kind,
                    .actor = io_actor(turn, effect),
                    .rule = case_rule_names[effect->rule],
                    .text = repeat ? "the same complaint event again"
                                   : case_rule_texts[effect->rule],
            });
}
