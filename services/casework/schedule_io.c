/* One command of a recurring order from bytes to bytes. */
#include "ledger_parts.h"
#include "log.h"

#define SOURCE "chuishao/schedule"

bool schedule_key_valid(struct str key)
{
    return key_code(key, "schedule:").len > 0;
}

/* ---- commands and states ---- */

struct command_form {
    int kind;
    struct str key, id;
    instant at, due;
};

#define FORM(field) offsetof(struct command_form, field)
static const struct json_field command_fields[] = {
        {.name = "command",
                .kind = JSON_ENUM,
                .offset = FORM(kind),
                .required = true,
                .max = SCHEDULE_COMMAND_COUNT,
                .names = schedule_command_names},
        {.name = "case", .kind = JSON_STR, .offset = FORM(key), .required = true},
        {.name = "id", .kind = JSON_STR, .offset = FORM(id), .required = true},
        {.name = "at", .kind = JSON_INSTANT, .offset = FORM(at), .required = true},
        {.name = "due", .kind = JSON_INSTANT, .offset = FORM(due)},
};
#undef FORM

bool schedule_command_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct schedule_command *out, struct error *err)
{
    struct command_form form = {0};
    if (!json_read(
                reader, text, command_fields, COUNT(command_fields), &form, arena, err))
        return false;
    struct str code = key_code(form.key, "schedule:");
    if (!code.len)
        return error_set(
                err, ERR_INVALID, "bad_value", "field case must be a schedule's key");
    if (form.kind == SCHEDULE_COMMAND_WAKE && instant_is_never(form.due))
        return field_missing("due", "wake", err);
    *out = (struct schedule_command){.kind = (enum schedule_command_kind)form.kind,
            .at = form.at,
            .due = form.due};
    return field_copy(out->id, sizeof out->id, code, "case", err);
}

struct state_form {
    int64_t version;
    struct str key;
    struct schedule_state core;
};

#define STATE(field) offsetof(struct state_form, field)
static const struct json_field state_fields[] = {
        {.name = "v", .kind = JSON_INT, .offset = STATE(version), .required = true},
        {.name = "case", .kind = JSON_STR, .offset = STATE(key), .required = true},
        {.name = "seq", .kind = JSON_INT, .offset = STATE(core.seq), .required = true},
        {.name = "next", .kind = JSON_INSTANT, .offset = STATE(core.next)},
        {.name = "last", .kind = JSON_INSTANT, .offset = STATE(core.last)},
};
#undef STATE

bool schedule_state_read(struct json_reader *reader, struct str text, struct arena *arena,
        struct schedule_state *out, struct error *err)
{
    *out = (struct schedule_state){0};
    if (!text.len)
        return true;
    struct state_form form = {0};
    if (!json_read(reader, text, state_fields, COUNT(state_fields), &form, arena, err) ||
            !field_copy(form.core.id, sizeof form.core.id,
                    key_code(form.key, "schedule:"), "case", err))
        return false;
    *out = form.core;
    return true;
}

struct str schedule_state_write(const struct schedule_state *state, struct arena *arena)
{
    struct json_out json;
    json_begin(&json, arena, 256);
    json_open_object(&json, NULL);
    json_int(&json, "v", 1);
    json_str(&json, "case", arena_printf(arena, "schedule:%s", state->id));
    json_int(&json, "seq", state->seq);
    json_instant_some(&json, "next", state->next);
    json_instant_some(&json, "last", state->last);
    json_close_object(&json);
    return json_end(&json);
}

/* ---- what goes out ---- */

struct turn {
    const struct ledger_io *io;
    struct str key;
    const struct schedule_command *command;
    const struct schedule *schedule; /* NULL: gone from the policy */
    const struct schedule_decision *decision;
    struct stage_out *out;
    struct arena *arena;
};

/* "<schedule>/2026-11-25": the complaint's id, so that the case of a day is always the
 * same one. */
static struct str complaint_id(
        const struct turn *turn, const struct schedule_effect *effect)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(effect->occurrence, text);
    return arena_printf(turn->arena, "%s/%.10s", turn->command->id, text);
}

static struct str case_of(const struct turn *turn, const struct schedule_effect *effect)
{
    char id[CASE_ID_SIZE];
    case_id_make(
            LANE_NORMAL, effect->occurrence, STR(SOURCE), complaint_id(turn, effect), id);
    return arena_copy(turn->arena, str_of(id));
}

static void event_out(const struct turn *turn, const struct schedule_effect *effect)
{
    const char *kind = schedule_event_names[effect->event];
    struct str id = arena_printf(turn->arena, "%.*s.%lld.%s", STR_ARG(turn->key),
            (long long)effect->seq, kind);
    struct json_out json;
    json_begin(&json, turn->arena, 512);
    json_open_object(&json, NULL);
    json_str(&json, "case", turn->key);
    json_int(&json, "seq", effect->seq);
    json_text(&json, "kind", kind);
    json_instant(&json, "at", turn->decision->at);
    subject_actor_out(&json,
            &(struct subject_actor){
                    .service = turn->command->kind == SCHEDULE_COMMAND_WAKE ? "sla"
                                                                            : "cli"});
    json_open_object(&json, "why");
    json_text(&json, "policy", turn->io->policy->version);
    json_close_object(&json);
    json_open_object(&json, "new");
    json_text_some(&json, "title", turn->schedule ? turn->schedule->title : NULL);
    if (effect->event == SCHEDULE_EVENT_OPENED) {
        json_str(&json, "opens", case_of(turn, effect));
        json_instant(&json, "occurrence", effect->occurrence);
    }
    if (effect->skipped)
        json_int(&json, "skipped", effect->skipped);
    json_instant_some(&json, "next", effect->next);
    json_close_object(&json);
    json_close_object(&json);
    subject_emit(turn->out, turn->io->event_topic, "ledger.event", turn->key, turn->key,
            id, &json);
    stage_count(turn->out, kind);
}

/* The lead may have ceased to exist; then the desk looks for another. */
static void route_out(const struct turn *turn, struct json_out *json,
        const struct schedule_effect *effect)
{
    const struct schedule *schedule = turn->schedule;
    json_open_object(json, "route");
    json_text(json, "outcome", effect->lead_valid ? "dispatch" : "needs_human");
    if (!effect->lead_valid)
        json_text(json, "reason", "owner_not_valid");
    json_text(json, "lead", schedule->lead->code);
    json_open_array(json, "assists");
    for (int i = 0; i < schedule->n_assists; i++)
        if (unit_valid_at(schedule->assists[i], effect->occurrence))
            json_text(json, NULL, schedule->assists[i]->code);
    json_close_array(json);
    json_text(json, "sla", schedule->category->sla->name);
    json_str(json, "rule", turn->key);
    json_text(json, "policy", turn->io->policy->version);
    json_close_object(json);
}

static void class_out(const struct turn *turn, struct json_out *json)
{
    const struct category *category = turn->schedule->category;
    json_open_object(json, "class");
    json_text(json, "policy", turn->io->policy->version);
    json_text(json, "nature", nature_names[category->nature]);
    json_text(json, "category", category->code);
    json_text(json, "category_name", category->name);
    json_text(json, "urgency", urgency_names[category->urgency]);
    json_int(json, "confidence", 1);
    json_open_array(json, "evidence");
    json_open_object(json, NULL);
    json_str(json, "rule", turn->key);
    json_close_object(json);
    json_close_array(json);
    json_close_object(json);
}

static void place_out(const struct turn *turn, struct json_out *json)
{
    const struct place *place = turn->schedule->place, *path[PLACE_DEPTH_MAX];
    int n = 0;
    json_open_object(json, "place");
    if (place) {
        json_text(json, "code", place->code);
        json_text(json, "type", place_level_name(place));
        json_text(json, "name", place->name);
        for (const struct place *at = place; at && n < PLACE_DEPTH_MAX; at = at->parent)
            path[n++] = at;
        json_open_array(json, "path");
        while (n > 0)
            json_text(json, NULL, path[--n]->code);
        json_close_array(json);
    }
    json_text(json, "found_by", place ? "schedule" : "none");
    json_close_object(json);
}

static void complaint_out(const struct turn *turn, struct json_out *json,
        const struct schedule_effect *effect, struct str case_id)
{
    json_open_object(json, "complaint");
    json_str(json, "case", case_id);
    json_text(json, "source", SOURCE);
    json_str(json, "id", complaint_id(turn, effect));
    json_text(json, "channel", "schedule");
    json_instant(json, "reported_at", effect->occurrence);
    json_instant(json, "received_at", turn->decision->at);
    json_text(json, "title", turn->schedule->title);
    json_text(json, "text", turn->schedule->text);
    json_close_object(json);
}

static void open_out(const struct turn *turn, const struct schedule_effect *effect)
{
    struct str case_id = case_of(turn, effect);
    struct str id = arena_printf(turn->arena, "%.*s.open", STR_ARG(case_id));
    struct json_out json;
    json_begin(&json, turn->arena, 2048);
    json_open_object(&json, NULL);
    json_text(&json, "command", "open");
    json_str(&json, "case", case_id);
    json_str(&json, "id", id);
    json_instant(&json, "at", turn->decision->at);
    route_out(turn, &json, effect);
    class_out(turn, &json);
    place_out(turn, &json);
    complaint_out(turn, &json, effect, case_id);
    json_close_object(&json);
    subject_emit(turn->out, turn->io->command_topic, "case.command", case_id, case_id, id,
            &json);
}

void schedule_message_decide(const struct ledger_io *io, const struct bus_msg *msg,
        struct str state, struct schedule_decision *decision, struct stage_out *out)
{
    struct arena *arena = stage_arena(out);
    struct error err = {0};
    struct schedule_command command;
    struct schedule_state before;
    if (!schedule_command_read(io->reader, msg->value, arena, &command, &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    struct str key = arena_printf(arena, "schedule:%s", command.id);
    if (!ledger_check_key(msg, key, out))
        return;
    if (!schedule_state_read(io->reader, state, arena, &before, &err)) {
        error_prefix(&err, "the state of the schedule");
        log_error("state_unreadable", "schedule=%s code=%s", command.id, err.code);
        stage_dead_letter(out, &err);
        return;
    }
    schedule_decide(io->policy, &before, &command, decision);
    struct turn turn = {
            .io = io,
            .key = key,
            .command = &command,
            .schedule = policy_schedule(io->policy, str_of(command.id)),
            .decision = decision,
            .out = out,
            .arena = arena,
    };
    for (int32_t i = 0; i < decision->n_effects; i++) {
        event_out(&turn, &decision->effects[i]);
        if (decision->effects[i].event == SCHEDULE_EVENT_OPENED)
            open_out(&turn, &decision->effects[i]);
    }
    if (decision->changed)
        stage_put(
                out, schedule_state_write(&decision->after, arena), decision->after.next);
    else
        stage_count(out, "nothing");
}
