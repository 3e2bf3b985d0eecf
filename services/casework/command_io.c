/* Commands: as they come in, and as one case sends them to another. */
#include "io_parts.h"

#include <string.h>

struct route_form {
    int outcome;
    struct json_list assists;
    struct str reason, lead, sla, master;
};

static const struct json_field route_fields[] = {
        {.name = "outcome",
                .kind = JSON_ENUM,
                .offset = offsetof(struct route_form, outcome),
                .required = true,
                .max = ROUTE_COUNT,
                .names = case_route_names},
        {.name = "reason",
                .kind = JSON_STR,
                .offset = offsetof(struct route_form, reason)},
        {.name = "lead", .kind = JSON_STR, .offset = offsetof(struct route_form, lead)},
        {.name = "assists",
                .kind = JSON_STRS,
                .offset = offsetof(struct route_form, assists)},
        {.name = "sla", .kind = JSON_STR, .offset = offsetof(struct route_form, sla)},
        {.name = "master",
                .kind = JSON_STR,
                .offset = offsetof(struct route_form, master)},
};

struct class_form {
    struct str category;
};
static const struct json_field class_fields[] = {
        {.name = "category",
                .kind = JSON_STR,
                .offset = offsetof(struct class_form, category)},
};

struct about_form {
    struct str unit;
};
static const struct json_field about_fields[] = {
        {.name = "unit", .kind = JSON_STR, .offset = offsetof(struct about_form, unit)},
};

struct complaint_form {
    struct about_form about;
};
static const struct json_field complaint_fields[] = {
        {.name = "about",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct complaint_form, about),
                .max = COUNT(about_fields),
                .sub = about_fields},
};

struct command_form {
    struct case_message message;
    int kind;
    int64_t hops;
    struct str case_id, unit, queue, to, category, member, master;
    struct str route, class, place, complaint; /* raw */
};

#define MESSAGE(field) offsetof(struct command_form, message.field)
#define FORM(field) offsetof(struct command_form, field)
static const struct json_field command_fields[] = {
        {.name = "command",
                .kind = JSON_ENUM,
                .offset = FORM(kind),
                .required = true,
                .max = COMMAND_COUNT,
                .names = case_command_names},
        {.name = "case", .kind = JSON_STR, .offset = FORM(case_id), .required = true},
        {.name = "id", .kind = JSON_STR, .offset = MESSAGE(id), .required = true},
        {.name = "at",
                .kind = JSON_INSTANT,
                .offset = MESSAGE(core.at),
                .required = true},
        {.name = "route", .kind = JSON_RAW, .offset = FORM(route)},
        {.name = "class", .kind = JSON_RAW, .offset = FORM(class)},
        {.name = "place", .kind = JSON_RAW, .offset = FORM(place)},
        {.name = "complaint", .kind = JSON_RAW, .offset = FORM(complaint)},
        {.name = "unit", .kind = JSON_STR, .offset = FORM(unit)},
        {.name = "queue", .kind = JSON_STR, .offset = FORM(queue)},
        {.name = "by", .kind = JSON_STR, .offset = MESSAGE(by)},
        {.name = "action", .kind = JSON_STR, .offset = MESSAGE(action)},
        {.name = "order", .kind = JSON_STR, .offset = MESSAGE(order)},
        {.name = "note", .kind = JSON_STR, .offset = MESSAGE(note)},
        {.name = "result", .kind = JSON_STR, .offset = MESSAGE(result)},
        {.name = "contact_record", .kind = JSON_RAW, .offset = MESSAGE(contact_record)},
        {.name = "photos", .kind = JSON_RAW, .offset = MESSAGE(photos)},
        {.name = "reason", .kind = JSON_STR, .offset = MESSAGE(reason)},
        {.name = "proposed_unit", .kind = JSON_RAW, .offset = MESSAGE(proposed_unit)},
        {.name = "evidence", .kind = JSON_RAW, .offset = MESSAGE(evidence)},
        {.name = "to", .kind = JSON_STR, .offset = FORM(to)},
        {.name = "category", .kind = JSON_STR, .offset = FORM(category)},
        {.name = "due", .kind = JSON_INSTANT, .offset = MESSAGE(core.due)},
        {.name = "member", .kind = JSON_STR, .offset = FORM(member)},
        {.name = "master", .kind = JSON_STR, .offset = FORM(master)},
        {.name = "hops", .kind = JSON_INT, .offset = FORM(hops)},
        {.name = "outcome", .kind = JSON_STR, .offset = MESSAGE(outcome)},
};
#undef MESSAGE
#undef FORM

static bool missing(struct error *err, const char *field, const char *command)
{
    return error_set(err, ERR_INVALID, "missing_field",
            "field %s is required by %s and missing", field, command);
}

static bool copy(
        char *out, size_t size, struct str value, const char *field, struct error *err)
{
    if (str_copy(out, size, value))
        return true;
    return error_set(err, ERR_INVALID, "too_long", "field %s is longer than %zu bytes",
            field, size - 1);
}

#define COPY(out, value, field) copy(out, sizeof(out), value, field, err)

/* FNV-1a over the queue's unit and the action's id: an id is the unit's own, so two units
 * may use the same one. */
static uint64_t fingerprint(struct str unit, struct str id)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    struct str parts[] = {unit, STR("/"), id};
    for (size_t p = 0; p < COUNT(parts); p++)
        for (size_t i = 0; i < parts[p].len; i++)
            hash = (hash ^ (unsigned char)parts[p].ptr[i]) * UINT64_C(1099511628211);
    return hash ? hash : 1;
}

/* "<case>.<n>": n; anything else than this case's order: a number that no task has. */
static int32_t task_number(struct str order, const char *case_id)
{
    enum { NO_TASK = INT32_MAX, DIGITS_MAX = 6 };
    if (!order.len)
        return -1;
    struct str id = str_of(case_id);
    if (!str_starts(order, id) || order.len <= id.len + 1 || order.ptr[id.len] != '.' ||
            order.len > id.len + 1 + DIGITS_MAX)
        return NO_TASK;
    int32_t n = 0;
    for (size_t i = id.len + 1; i < order.len; i++) {
        if (order.ptr[i] < '0' || order.ptr[i] > '9')
            return NO_TASK;
        n = n * 10 + (order.ptr[i] - '0');
    }
    return n;
}

/* A raw string, list or object that holds anything. */
static bool raw_holds_something(struct str raw)
{
    for (size_t i = 0; i < raw.len; i++)
        if ((unsigned char)raw.ptr[i] > ' ' && !strchr("\"[]{},", raw.ptr[i]))
            return true;
    return false;
}

static bool open_read(struct json_reader *reader, struct command_form *form,
        struct arena *arena, struct error *err)
{
    struct case_command *core = &form->message.core;
    if (!form->route.len)
        return missing(err, "route", "open");
    if (!form->complaint.len)
        return missing(err, "complaint", "open");
    struct route_form route = {0};
    struct class_form class = {0};
    struct complaint_form complaint = {0};
    if (!json_read(reader, form->route, route_fields, COUNT(route_fields), &route, arena,
                err) ||
            (form->class.len && !json_read(reader, form->class, class_fields,
                                        COUNT(class_fields), &class, arena, err)) ||
            !json_read(reader, form->complaint, complaint_fields, COUNT(complaint_fields),
                    &complaint, arena, err))
        return false;
    core->route = (enum case_route)route.outcome;
    if (!COPY(core->reason, route.reason, "route.reason") ||
            !COPY(core->lead, route.lead, "route.lead") ||
            !COPY(core->sla, route.sla, "route.sla") ||
            !COPY(core->other, route.master, "route.master") ||
            !COPY(core->category, class.category, "class.category") ||
            !io_rows_read(route.assists, core->assists[0], CASE_UNIT_SIZE, ASSISTS_MAX,
                    &core->n_assists, "route.assists", err))
        return false;
    /* The accused may be somebody without a code: then it is no unit, and nothing to
     * guard against. */
    if (!str_copy(core->accused, sizeof core->accused, complaint.about.unit))
        core->accused[0] = 0;
    struct json_out json;
    json_begin(&json, arena,
            form->route.len + form->class.len + form->place.len + form->complaint.len +
                    64);
    json_open_object(&json, NULL);
    json_raw(&json, "route", form->route);
    json_raw_some(&json, "class", form->class);
    json_raw_some(&json, "place", form->place);
    json_raw(&json, "complaint", form->complaint);
    json_close_object(&json);
    form->message.open = json_end(&json);
    return true;
}

static bool action_read(struct command_form *form, struct error *err)
{
    struct case_message *message = &form->message;
    struct case_command *core = &message->core;
    if (!form->unit.len)
        return missing(err, "unit", "action");
    if (!message->action.len)
        return missing(err, "action", "action");
    if (!COPY(core->unit, form->unit, "unit") ||
            !COPY(core->queue, form->queue, "queue") || !COPY(core->to, form->to, "to") ||
            !COPY(core->category, form->category, "category"))
        return false;
    for (int i = ACTION_SIGN; i < ACTION_COUNT; i++)
        if (str_is(message->action, case_action_names[i]))
            core->action = (enum case_action)i;
    core->fingerprint = fingerprint(form->queue, message->id);
    core->task = task_number(message->order, core->case_id);
    core->words = core->action == ACTION_SUBMIT           ? message->result
                  : core->action == ACTION_REQUEST_RETURN ? message->reason
                                                          : message->note;
    core->has_contact_record = raw_holds_something(message->contact_record);
    core->has_photo = raw_holds_something(message->photos);
    return true;
}

static bool other_read(
        struct command_form *form, struct str other, const char *field, struct error *err)
{
    struct case_command *core = &form->message.core;
    if (!other.len)
        return missing(err, field, case_command_names[form->kind]);
    if (!case_id_valid(other))
        return error_set(
                err, ERR_INVALID, "bad_value", "field %s must be a case id", field);
    core->hops = form->hops < 0 || form->hops > CASE_HOPS_MAX ? CASE_HOPS_MAX
                                                              : (int32_t)form->hops;
    return COPY(core->other, other, field) &&
           COPY(core->reason, form->message.reason, "reason") &&
           COPY(core->unit, form->unit, "unit");
}

bool case_message_read(struct json_reader *reader, struct str text, struct arena *arena,
        struct case_message *out, struct error *err)
{
    struct command_form form = {0};
    struct case_command *core = &form.message.core;
    core->task = -1;
    if (!json_read(
                reader, text, command_fields, COUNT(command_fields), &form, arena, err))
        return false;
    if (!case_id_valid(form.case_id))
        return error_set(err, ERR_INVALID, "bad_value", "field case must be a case id");
    core->kind = (enum case_command_kind)form.kind;
    bool done = COPY(core->case_id, form.case_id, "case");
    switch (core->kind) {
    case COMMAND_OPEN:
        done = done && open_read(reader, &form, arena, err);
        break;
    case COMMAND_ACTION:
        done = done && action_read(&form, err);
        break;
    case COMMAND_WAKE:
        done = done && (!instant_is_never(core->due) || missing(err, "due", "wake"));
        break;
    case COMMAND_MERGE_REQUEST:
        done = done && other_read(&form, form.member, "member", err);
        break;
    case COMMAND_MERGE_ACCEPTED:
    case COMMAND_MERGE_REFUSED:
    case COMMAND_MEMBER_RESULT:
        done = done && other_read(&form, form.master, "master", err);
        break;
    case COMMAND_COUNT:
        break;
    }
    if (done)
        *out = form.message;
    return done;
}

void io_command_out(const struct io_turn *turn, const struct case_effect *effect)
{
    const char *kind = case_command_names[effect->command];
    const char *self = turn->message->core.case_id;
    struct str key = str_of(effect->other);
    struct str id = io_id(turn, effect->seq, kind, effect->other);
    struct json_out json;
    json_begin(&json, turn->arena, 256 + turn->record->result.len);
    json_open_object(&json, NULL);
    json_text(&json, "command", kind);
    json_str(&json, "case", key);
    json_str(&json, "id", id);
    json_instant(&json, "at", turn->decision->at);
    if (effect->command == COMMAND_MERGE_REQUEST) {
        bool passed_on = turn->message->core.kind == COMMAND_MERGE_REQUEST;
        json_text(&json, "member", passed_on ? turn->message->core.other : self);
        json_int(&json, "hops", effect->hops);
    } else {
        json_text(&json, "master", self);
    }
    json_text_some(&json, "reason", effect->reason);
    if (effect->command == COMMAND_MEMBER_RESULT) {
        json_text(&json, "outcome", case_outcome_names[turn->record->core.outcome]);
        json_str_some(&json, "result", turn->record->result);
        json_text(&json, "unit",
                turn->record->core.task > 0 ? turn->record->core.lead
                                            : turn->io->policy->desk->code);
    }
    json_close_object(&json);
    io_emit(turn, turn->io->topics.command, "case.command", key, id, &json);
}
