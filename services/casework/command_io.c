/* Commands: as they come in, and as one case sends them to another. */
#include "io_parts.h"
#include "field.h"
#include "ids.h"

#include <stdlib.h>
#include <string.h>

struct route_form {
    int outcome;
    struct json_list assists, mandatory;
    struct str reason, lead, sla, master, accused;
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
        {.name = "mandatory",
                .kind = JSON_STRS,
                .offset = offsetof(struct route_form, mandatory)},
        {.name = "sla", .kind = JSON_STR, .offset = offsetof(struct route_form, sla)},
        {.name = "master",
                .kind = JSON_STR,
                .offset = offsetof(struct route_form, master)},
        {.name = "accused",
                .kind = JSON_STR,
                .offset = offsetof(struct route_form, accused)},
};

struct class_form {
    struct str category, nature;
};
static const struct json_field class_fields[] = {
        {.name = "category",
                .kind = JSON_STR,
                .offset = offsetof(struct class_form, category)},
        {.name = "nature",
                .kind = JSON_STR,
                .offset = offsetof(struct class_form, nature)},
};

struct place_form {
    struct str code;
};
static const struct json_field place_fields[] = {
        {.name = "code", .kind = JSON_STR, .offset = offsetof(struct place_form, code)},
};

struct reporter_form {
    struct str token;
};
static const struct json_field reporter_fields[] = {
        {.name = "token",
                .kind = JSON_STR,
                .offset = offsetof(struct reporter_form, token)},
};

struct about_form {
    struct str unit;
};
static const struct json_field about_fields[] = {
        {.name = "unit", .kind = JSON_STR, .offset = offsetof(struct about_form, unit)},
};

struct complaint_form {
    struct about_form about;
    struct reporter_form reporter;
};
static const struct json_field complaint_fields[] = {
        {.name = "about",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct complaint_form, about),
                .max = COUNT(about_fields),
                .sub = about_fields},
        {.name = "reporter",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct complaint_form, reporter),
                .max = COUNT(reporter_fields),
                .sub = reporter_fields},
};

struct command_form {
    struct case_message message;
    int kind, rating;
    int64_t hops, amount;
    struct json_list units, parties;
    struct str case_id, unit, queue, to, category, member, master, reporter, reason_code,
            step, whistle, accused;
    struct str route, class, place, complaint; /* raw */
};

#define FORM(name_, kind_, member)                                                       \
    {.name = name_, .kind = kind_, .offset = offsetof(struct command_form, member)}
#define MESSAGE(kind_, member) FORM(#member, kind_, message.member)
#define CORE(kind_, member) FORM(#member, kind_, message.core.member)
static const struct json_field command_fields[] = {
        {.name = "command",
                .kind = JSON_ENUM,
                .offset = offsetof(struct command_form, kind),
                .required = true,
                .max = COMMAND_COUNT,
                .names = case_command_names},
        {.name = "case",
                .kind = JSON_STR,
                .offset = offsetof(struct command_form, case_id),
                .required = true},
        {.name = "id",
                .kind = JSON_STR,
                .offset = offsetof(struct command_form, message.id),
                .required = true},
        {.name = "at",
                .kind = JSON_INSTANT,
                .offset = offsetof(struct command_form, message.core.at),
                .required = true},
        FORM("route", JSON_RAW, route),
        FORM("class", JSON_RAW, class),
        FORM("place", JSON_RAW, place),
        FORM("complaint", JSON_RAW, complaint),
        FORM("unit", JSON_STR, unit),
        FORM("queue", JSON_STR, queue),
        MESSAGE(JSON_STR, by),
        MESSAGE(JSON_STR, action),
        MESSAGE(JSON_STR, order),
        MESSAGE(JSON_STR, note),
        MESSAGE(JSON_STR, result),
        MESSAGE(JSON_RAW, contact_record),
        MESSAGE(JSON_RAW, photos),
        MESSAGE(JSON_STR, reason),
        FORM("reason_code", JSON_STR, reason_code),
        MESSAGE(JSON_RAW, proposed_unit),
        MESSAGE(JSON_RAW, evidence),
        FORM("to", JSON_STR, to),
        FORM("category", JSON_STR, category),
        FORM("step", JSON_STR, step),
        FORM("amount", JSON_INT, amount),
        CORE(JSON_INSTANT, until),
        FORM("parties", JSON_STRS, parties),
        CORE(JSON_BOOL, mandatory),
        MESSAGE(JSON_STR, agenda),
        MESSAGE(JSON_STR, decision),
        MESSAGE(JSON_STR, basis),
        MESSAGE(JSON_STR, head),
        MESSAGE(JSON_RAW, plan),
        MESSAGE(JSON_RAW, attendees),
        CORE(JSON_BOOL, valid),
        CORE(JSON_BOOL, solved),
        {.name = "rating",
                .kind = JSON_ENUM,
                .offset = offsetof(struct command_form, rating),
                .max = RATING_COUNT,
                .names = case_rating_names},
        FORM("due", JSON_INSTANT, message.core.due),
        FORM("member", JSON_STR, member),
        FORM("master", JSON_STR, master),
        FORM("reporter", JSON_STR, reporter),
        FORM("accused", JSON_STR, accused),
        FORM("hops", JSON_INT, hops),
        FORM("whistle", JSON_STR, whistle),
        FORM("type", JSON_STR, message.whistle_type),
        FORM("units", JSON_STRS, units),
};
#undef CORE
#undef MESSAGE
#undef FORM

#define COPY(out, value, field) field_copy(out, sizeof(out), value, field, err)

/* One bit for each assisting unit that is named. */
static unsigned mandatory_of(const struct case_command *core, struct json_list named)
{
    const struct str *items = named.items;
    unsigned bits = 0;
    for (int i = 0; i < core->n_assists; i++)
        for (size_t j = 0; j < named.n; j++)
            if (str_is(items[j], core->assists[i]))
                bits |= 1u << i;
    return bits;
}

static bool open_read(struct json_reader *reader, struct command_form *form,
        struct arena *arena, struct error *err)
{
    struct case_command *core = &form->message.core;
    if (!form->route.len)
        return field_missing("route", "open", err);
    if (!form->complaint.len)
        return field_missing("complaint", "open", err);
    struct route_form route = {0};
    struct class_form class = {0};
    struct place_form place = {0};
    struct complaint_form complaint = {0};
    if (!json_read(reader, form->route, route_fields, COUNT(route_fields), &route, arena,
                err) ||
            (form->class.len && !json_read(reader, form->class, class_fields,
                                        COUNT(class_fields), &class, arena, err)) ||
            (form->place.len && !json_read(reader, form->place, place_fields,
                                        COUNT(place_fields), &place, arena, err)) ||
            !json_read(reader, form->complaint, complaint_fields, COUNT(complaint_fields),
                    &complaint, arena, err))
        return false;
    core->route = (enum case_route)route.outcome;
    if (!COPY(core->reason, route.reason, "route.reason") ||
            !COPY(core->lead, route.lead, "route.lead") ||
            !COPY(core->sla, route.sla, "route.sla") ||
            !COPY(core->other, route.master, "route.master") ||
            !COPY(core->category, class.category, "class.category") ||
            !COPY(core->place, place.code, "place.code") ||
            !io_rows_read(route.assists, core->assists[0], CASE_UNIT_SIZE, ASSISTS_MAX,
                    &core->n_assists, "route.assists", err))
        return false;
    core->report = str_is(class.nature, nature_names[NATURE_REPORT]);
    /* The accused may be somebody that the router knows no code for: then it is no unit,
     * and nothing to guard against. */
    if (!str_copy(core->accused, sizeof core->accused,
                str_or(route.accused, complaint.about.unit)))
        core->accused[0] = 0;
    core->mandatory_assists = mandatory_of(core, route.mandatory);
    if (complaint.reporter.token.len)
        core->reporter = id_fingerprint(STR("reporter"), complaint.reporter.token);
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

/* The text of which the core asks whether it says something. */
static struct str words_of(const struct case_message *message)
{
    switch ((int)message->core.action) {
    case ACTION_SUBMIT:
    case ACTION_COMPLETE_STEP:
    case ACTION_GRANT:
        return message->result;
    case ACTION_REQUEST_RETURN:
    case ACTION_REQUEST_EXTENSION:
    case ACTION_REQUEST_SUSPENSION:
    case ACTION_REQUEST_TERMINATION:
    case ACTION_FOLLOW_UP:
    case ACTION_REOPEN:
        return message->reason;
    case ACTION_CONVENE:
        return message->agenda;
    case ACTION_DECIDE:
        return message->decision;
    default:
        return message->note;
    }
}

static bool action_read(struct command_form *form, struct error *err)
{
    struct case_message *message = &form->message;
    struct case_command *core = &message->core;
    if (!form->unit.len)
        return field_missing("unit", "action", err);
    if (!message->action.len)
        return field_missing("action", "action", err);
    if (!COPY(core->unit, form->unit, "unit") ||
            !COPY(core->queue, form->queue, "queue") || !COPY(core->to, form->to, "to") ||
            !COPY(core->category, form->category, "category") ||
            !COPY(core->reason_code, form->reason_code, "reason_code") ||
            !COPY(core->step, form->step, "step") ||
            !COPY(core->other, form->master, "master") ||
            !io_rows_read(form->parties, core->parties[0], CASE_UNIT_SIZE,
                    CASE_PARTIES_MAX, &core->n_parties, "parties", err))
        return false;
    for (int i = ACTION_SIGN; i < ACTION_COUNT; i++)
        if (str_is(message->action, case_action_names[i]))
            core->action = (enum case_action)i;
    core->fingerprint = id_fingerprint(form->queue, message->id);
    core->task = id_order_number(message->order, str_of(core->case_id));
    core->amount = form->amount < 0 || form->amount > INT32_MAX ? 0
                                                                : (int32_t)form->amount;
    core->rating = (enum case_rating)form->rating;
    core->words = words_of(message);
    core->has_contact_record = field_says_something(message->contact_record);
    core->has_photo = field_says_something(message->photos);
    core->has_evidence = field_says_something(message->evidence);
    core->has_plan = field_says_something(message->plan);
    core->has_attendees = field_says_something(message->attendees);
    core->has_basis = case_words_say_something(message->basis);
    core->has_head = message->head.len > 0;
    return true;
}

static bool other_read(
        struct command_form *form, struct str other, const char *field, struct error *err)
{
    struct case_command *core = &form->message.core;
    if (!other.len)
        return field_missing(field, case_command_names[form->kind], err);
    if (!case_id_valid(other))
        return error_set(
                err, ERR_INVALID, "bad_value", "field %s must be a case id", field);
    core->hops = form->hops < 0 || form->hops > CASE_HOPS_MAX ? CASE_HOPS_MAX
                                                              : (int32_t)form->hops;
    char digits[17] = "";
    (void)str_copy(digits, sizeof digits, form->reporter);
    core->reporter = strtoull(digits, NULL, 16);
    (void)str_copy(core->accused, sizeof core->accused, form->accused);
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
        done = done &&
               (!instant_is_never(core->due) || field_missing("due", "wake", err));
        break;
    case COMMAND_MERGE_REQUEST:
        done = done && other_read(&form, form.member, "member", err);
        break;
    case COMMAND_MEMBER_LEFT:
        done = done && other_read(&form, form.member, "member", err);
        break;
    case COMMAND_MERGE_ACCEPTED:
    case COMMAND_MERGE_REFUSED:
    case COMMAND_MEMBER_RESULT:
        done = done && other_read(&form, form.master, "master", err);
        break;
    case COMMAND_WHISTLE_LINKED:
    case COMMAND_WHISTLE_FINISHED:
        done = done &&
               (form.whistle.len ||
                       field_missing("whistle", case_command_names[form.kind], err)) &&
               COPY(core->other, form.whistle, "whistle") &&
               io_rows_read(form.units, core->summoned[0], CASE_UNIT_SIZE,
                       CASE_SUMMONED_MAX, &core->n_summoned, "units", err);
        break;
    case COMMAND_REPROJECT:
        break;
    case COMMAND_COUNT:
        break;
    }
    if (done)
        *out = form.message;
    return done;
}

static uint64_t reporter_passed_on(const struct io_turn *turn)
{
    const struct case_command *command = &turn->message->core;
    return command->kind == COMMAND_MERGE_REQUEST ? command->reporter
                                                  : turn->record->core.reporter;
}

void io_command_out(const struct io_turn *turn, const struct case_effect *effect)
{
    const char *kind = case_command_names[effect->command];
    const char *self = turn->message->core.case_id;
    const struct case_state *state = &turn->record->core;
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
        json_str(&json, "reporter",
                arena_printf(turn->arena, "%016llx",
                        (unsigned long long)reporter_passed_on(turn)));
        json_text_some(&json, "accused",
                passed_on ? turn->message->core.accused : state->accused);
        json_int(&json, "hops", effect->hops);
    } else if (effect->command == COMMAND_MEMBER_LEFT) {
        json_text(&json, "member", self);
    } else {
        json_text(&json, "master", self);
    }
    json_text_some(&json, "reason", effect->reason);
    if (effect->command == COMMAND_MEMBER_RESULT) {
        json_text(&json, "outcome", case_outcome_names[state->outcome]);
        json_str_some(&json, "result", turn->record->result);
        json_text(&json, "unit",
                state->lead.number > 0 ? state->lead.unit : turn->io->policy->desk->code);
    }
    json_close_object(&json);
    io_emit(turn, turn->io->topics.command, "case.command", key, id, &json);
}

void io_whistle_answer_out(const struct io_turn *turn, const struct case_effect *effect)
{
    const char *self = turn->message->core.case_id;
    struct str key = str_of(effect->other);
    struct str id = io_id(turn, effect->seq, "answer", effect->other);
    struct json_out json;
    json_begin(&json, turn->arena, 256);
    json_open_object(&json, NULL);
    json_text(&json, "command", "answer");
    json_str(&json, "case", key);
    json_str(&json, "id", id);
    json_instant(&json, "at", turn->decision->at);
    json_text(&json, "linked", self);
    const struct case_command *asked = &turn->message->core;
    json_open_array(&json, "accused");
    for (int i = 0; i < asked->n_summoned; i++)
        if (effect->accused & UINT32_C(1) << i)
            json_text(&json, NULL, asked->summoned[i]);
    json_close_array(&json);
    json_close_object(&json);
    io_emit(turn, turn->io->topics.command, "whistle.command", key, id, &json);
}
