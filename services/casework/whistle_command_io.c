/* Commands on a whistle as they come in. */
#include "whistle_io_parts.h"
#include "field.h"
#include "ids.h"

struct summons_form {
    struct str unit;
    bool must;
};

static const struct json_field summons_fields[] = {
        {.name = "unit",
                .kind = JSON_STR,
                .offset = offsetof(struct summons_form, unit),
                .required = true},
        {.name = "must",
                .kind = JSON_BOOL,
                .offset = offsetof(struct summons_form, must),
                .required = true},
};

struct command_form {
    struct whistle_message message;
    int kind;
    int64_t score;
    struct str id, unit, queue, type, place, reason_code, to, linked;
    struct json_list cases, summon, accused;
};

#define FORM(member) .offset = offsetof(struct command_form, member)
static const struct json_field command_fields[] = {
        {.name = "command",
                .kind = JSON_ENUM,
                FORM(kind),
                .required = true,
                .max = WHISTLE_COMMAND_COUNT,
                .names = whistle_command_names},
        {.name = "case", .kind = JSON_STR, FORM(id), .required = true},
        {.name = "id", .kind = JSON_STR, FORM(message.id), .required = true},
        {.name = "at", .kind = JSON_INSTANT, FORM(message.core.at), .required = true},
        {.name = "due", .kind = JSON_INSTANT, FORM(message.core.due)},
        {.name = "unit", .kind = JSON_STR, FORM(unit)},
        {.name = "queue", .kind = JSON_STR, FORM(queue)},
        {.name = "by", .kind = JSON_STR, FORM(message.by)},
        {.name = "action", .kind = JSON_STR, FORM(message.action)},
        {.name = "order", .kind = JSON_STR, FORM(message.order)},
        {.name = "type", .kind = JSON_STR, FORM(type)},
        {.name = "place", .kind = JSON_STR, FORM(place)},
        {.name = "cases", .kind = JSON_STRS, FORM(cases)},
        {.name = "text", .kind = JSON_STR, FORM(message.text)},
        {.name = "summon",
                .kind = JSON_LIST,
                FORM(summon),
                .max = COUNT(summons_fields),
                .sub = summons_fields,
                .item_size = sizeof(struct summons_form)},
        {.name = "where", .kind = JSON_STR, FORM(message.where)},
        {.name = "lon", .kind = JSON_RAW, FORM(message.lon)},
        {.name = "lat", .kind = JSON_RAW, FORM(message.lat)},
        {.name = "photos", .kind = JSON_RAW, FORM(message.photos)},
        {.name = "claimed_at", .kind = JSON_INSTANT, FORM(message.claimed_at)},
        {.name = "reason_code", .kind = JSON_STR, FORM(reason_code)},
        {.name = "reason", .kind = JSON_STR, FORM(message.reason)},
        {.name = "note", .kind = JSON_STR, FORM(message.note)},
        {.name = "to", .kind = JSON_STR, FORM(to)},
        {.name = "score", .kind = JSON_INT, FORM(score)},
        {.name = "linked", .kind = JSON_STR, FORM(linked)},
        {.name = "accused", .kind = JSON_STRS, FORM(accused)},
};
#undef FORM

#define COPY(out, value, field) field_copy(out, sizeof(out), value, field, err)

static bool lists_read(
        const struct command_form *form, struct whistle_command *core, struct error *err)
{
    const struct str *cases = form->cases.items;
    const struct summons_form *summon = form->summon.items;
    if (form->cases.n > WHISTLE_CASES_MAX || form->summon.n > WHISTLE_UNITS_MAX)
        return error_set(
                err, ERR_INVALID, "too_long", "field cases or summon has too many items");
    for (size_t i = 0; i < form->cases.n; i++) {
        if (!case_id_valid(cases[i]))
            return error_set(
                    err, ERR_INVALID, "bad_value", "field cases must hold case ids");
        if (!COPY(core->cases[core->n_cases++], cases[i], "cases"))
            return false;
    }
    for (size_t i = 0; i < form->summon.n; i++) {
        if (!COPY(core->summon[i].unit, summon[i].unit, "summon.unit"))
            return false;
        core->summon[core->n_summon++].must = summon[i].must;
    }
    return true;
}

static enum whistle_action action_of(struct str name)
{
    for (int i = WHISTLE_ACTION_ISSUE; i < WHISTLE_ACTION_COUNT; i++)
        if (str_is(name, whistle_action_names[i]))
            return (enum whistle_action)i;
    return WHISTLE_ACTION_UNKNOWN;
}

static int type_of(struct str name)
{
    for (int i = 0; i < WHISTLE_TYPE_COUNT; i++)
        if (str_is(name, whistle_type_names[i]))
            return i;
    return -1;
}

static bool action_read(struct command_form *form, struct error *err)
{
    struct whistle_message *message = &form->message;
    struct whistle_command *core = &message->core;
    if (!form->unit.len)
        return field_missing("unit", "action", err);
    if (!message->action.len)
        return field_missing("action", "action", err);
    if (!COPY(core->unit, form->unit, "unit") ||
            !COPY(core->queue, form->queue, "queue") ||
            !COPY(core->place, form->place, "place") ||
            !COPY(core->reason_code, form->reason_code, "reason_code") ||
            !COPY(core->to, form->to, "to") || !lists_read(form, core, err))
        return false;
    core->action = action_of(message->action);
    core->fingerprint = id_fingerprint(form->queue, message->id);
    core->number = id_order_number(message->order, form->id);
    core->type = type_of(form->type);
    core->words = core->action == WHISTLE_ACTION_ISSUE ? message->text : message->reason;
    core->says_where = message->where.len || form->place.len ||
                       (message->lon.len && message->lat.len);
    core->score = form->score < 0 || form->score > WHISTLE_SCORE_MAX
                          ? 0
                          : (int32_t)form->score;
    return true;
}

static bool answer_read(struct command_form *form, struct error *err)
{
    struct whistle_command *core = &form->message.core;
    const struct str *accused = form->accused.items;
    if (form->accused.n > WHISTLE_UNITS_MAX)
        return error_set(
                err, ERR_INVALID, "too_long", "field accused has too many items");
    for (size_t i = 0; i < form->accused.n; i++)
        if (!COPY(core->accused[core->n_accused++], accused[i], "accused"))
            return false;
    return COPY(core->linked, form->linked, "linked");
}

bool whistle_message_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct whistle_message *out, struct error *err)
{
    struct command_form form = {0};
    struct whistle_command *core = &form.message.core;
    core->number = core->type = -1;
    if (!json_read(
                reader, text, command_fields, COUNT(command_fields), &form, arena, err))
        return false;
    if (!whistle_id_valid(form.id))
        return error_set(
                err, ERR_INVALID, "bad_value", "field case must be a whistle's id");
    core->kind = (enum whistle_command_kind)form.kind;
    if (!COPY(core->id, form.id, "case"))
        return false;
    if (core->kind == WHISTLE_COMMAND_ACTION && !action_read(&form, err))
        return false;
    if (core->kind == WHISTLE_COMMAND_ANSWER && !answer_read(&form, err))
        return false;
    if (core->kind == WHISTLE_COMMAND_WAKE && instant_is_never(core->due))
        return field_missing("due", "wake", err);
    *out = form.message;
    return true;
}
