#include "action_codec.h"

#include "codec_parts.h"
#include "json_out.h"

#include <jansson.h>

static const char *const actions[] = {"sign", "contact", "handle", "submit",
        "request_return", "dispatch", "refuse_return", "redo", "close", "whistle",
        "check_in", "absent_reason", "dispute", "release", "keep", "finish", "score",
        NULL};
static const char *const whistle_types[] = {"enforcement", "key_work", "emergency", NULL};

static bool read_summons(
        const struct codec_reading *reading, const json_t *value, void *out)
{
    static const struct codec_field fields[] = {
            {.name = "unit",
                    .required = true,
                    .max = 31,
                    .offset = offsetof(struct intake_summons, unit)},
            {.name = "must",
                    .kind = FIELD_TOLD,
                    .required = true,
                    .offset = offsetof(struct intake_summons, must)},
            {0}};
    const struct codec_reading inside = {reading->arena, reading->err, "summon."};
    if (!json_is_array(value))
        return codec_refuse(reading, "summon", "wrong_type", "is not a list");
    size_t n = json_array_size(value);
    if (n > INTAKE_SUMMON_MAX)
        return codec_refuse(reading, "summon", "too_long", "has more than 16 items");
    struct intake_summons *items = arena_alloc(reading->arena, (n + 1) * sizeof *items);
    for (size_t i = 0; i < n; i++) {
        items[i] = (struct intake_summons){0};
        if (!json_is_object(json_array_get(value, i)))
            return codec_refuse(
                    reading, "summon", "wrong_type", "has an item that is no object");
        if (!codec_read_fields(&inside, json_array_get(value, i), fields, &items[i]))
            return false;
    }
    *(struct summons_list *)out = (struct summons_list){items, n};
    return true;
}

#define ACTION(member) .offset = offsetof(struct intake_action, member)
static const struct codec_field action_fields[] = {
        {.name = "id", .required = true, .max = INTAKE_ID_MAX, ACTION(id)},
        {.name = "case", .max = 64, ACTION(case_id)},
        {.name = "order", .max = 64, ACTION(order)},
        {.name = "action",
                .kind = FIELD_WORD,
                .required = true,
                .words = actions,
                .code = "unknown_action",
                ACTION(action)},
        {.name = "at", .kind = FIELD_TIME, .required = true, ACTION(at)},
        {.name = "by", .required = true, .max = 64, ACTION(by)},
        {.name = "unit", .max = 31, ACTION(unit)},
        {.name = "note", .max = 1000, ACTION(note)},
        {.name = "result", .max = 2000, ACTION(result)},
        {.name = "contact_record", .max = 1000, ACTION(contact_record)},
        {.name = "photos", .kind = FIELD_TEXTS, ACTION(photos)},
        {.name = "reason", .max = 500, ACTION(reason)},
        {.name = "proposed_unit", .max = 31, ACTION(proposed_unit)},
        {.name = "to", .max = 31, ACTION(to)},
        {.name = "category", .max = 6, ACTION(category)},
        {.name = "type",
                .kind = FIELD_WORD,
                .words = whistle_types,
                .code = "unknown_value",
                ACTION(type)},
        {.name = "place", .max = 63, ACTION(place)},
        {.name = "cases", .kind = FIELD_TEXTS, ACTION(cases)},
        {.name = "text", .max = 2000, ACTION(text)},
        {.name = "summon", .kind = FIELD_OWN, .read = read_summons, ACTION(summon)},
        {.name = "where", .max = 300, ACTION(where)},
        {.name = "lon", .kind = FIELD_NUMBER, .max = 180, ACTION(lon)},
        {.name = "lat", .kind = FIELD_NUMBER, .max = 90, ACTION(lat)},
        {.name = "reason_code", .max = 31, ACTION(reason_code)},
        {.name = "score", .kind = FIELD_NUMBER, .max = 100, ACTION(score)}, {0}};

static bool is_unit_code(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!((text.ptr[i] >= 'a' && text.ptr[i] <= 'z') ||
                    (text.ptr[i] >= '0' && text.ptr[i] <= '9') || text.ptr[i] == '-'))
            return false;
    return true;
}

static bool is_number(struct str text, size_t min, size_t max)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len >= min && text.len <= max;
}

/* "<case>.<task number>" */
static bool is_order_of(struct str order, struct str case_id)
{
    if (!str_starts(order, case_id) || order.len < case_id.len + 2 ||
            order.ptr[case_id.len] != '.')
        return false;
    struct str task = {order.ptr + case_id.len + 1, order.len - case_id.len - 1};
    return is_number(task, 1, 6) && task.ptr[0] != '0';
}

/* Evidence is one text or a list of them. */
static bool read_evidence(const struct codec_reading *reading, const json_t *object,
        struct intake_action *out)
{
    const json_t *value = json_object_get(object, "evidence");
    if (!value || json_is_null(value))
        return true;
    if (!json_is_string(value))
        return codec_read_texts(reading, "evidence", value, &out->evidence);
    out->evidence = (struct text_list){
            arena_alloc(reading->arena, sizeof(struct str)), 1};
    out->evidence_is_text = true;
    return codec_read_text(
            reading, "evidence", value, LIST_TEXT_MAX, &out->evidence.items[0]);
}

static bool is_whistle(const struct intake_action *action)
{
    return str_is(action->action, "whistle");
}

/* What it is about: the case or the whistle, and the order. A whistle has none yet. */
static bool check_subject(
        const struct codec_reading *reading, const struct intake_action *action)
{
    if (is_whistle(action))
        return true;
    if (!action->case_id.len)
        return codec_refuse(reading, "case", "missing_field", "is missing");
    if (!action->order.len)
        return codec_refuse(reading, "order", "missing_field", "is missing");
    if (!case_id_valid(action->case_id) && !whistle_id_valid(action->case_id))
        return codec_refuse(reading, "case", "bad_value", "is not a case id");
    if (!is_order_of(action->order, action->case_id))
        return codec_refuse(
                reading, "order", "bad_value", "is not an order of this case");
    return true;
}

static bool check_whistle(
        const struct codec_reading *reading, const struct intake_action *action)
{
    if (is_whistle(action) && !action->type.len)
        return codec_refuse(
                reading, "type", "missing_field", "is missing; whistle needs it");
    for (size_t i = 0; i < action->cases.n; i++)
        if (!case_id_valid(action->cases.items[i]))
            return codec_refuse(
                    reading, "cases", "bad_value", "has an item that is no case id");
    for (size_t i = 0; i < action->summon.n; i++)
        if (!is_unit_code(action->summon.items[i].unit))
            return codec_refuse(
                    reading, "summon", "bad_value", "has a unit that is no unit's code");
    if (action->score.there && action->score.value != (int)action->score.value)
        return codec_refuse(reading, "score", "bad_value", "is not a whole number");
    return true;
}

/* What this action cannot do without. */
static bool check_needs(
        const struct codec_reading *reading, const struct intake_action *action)
{
    if (str_is(action->action, "submit") && codec_is_blank(action->result))
        return codec_refuse(
                reading, "result", "missing_field", "is missing; submit needs it");
    if (str_is(action->action, "request_return") && codec_is_blank(action->reason))
        return codec_refuse(reading, "reason", "missing_field",
                "is missing; request_return needs it");
    if (str_is(action->action, "dispatch") && !action->to.len)
        return codec_refuse(
                reading, "to", "missing_field", "is missing; dispatch needs it");
    if (str_is(action->action, "score") && !action->score.there)
        return codec_refuse(
                reading, "score", "missing_field", "is missing; score needs it");
    return check_whistle(reading, action);
}

static bool read_action(const json_t *object, const struct intake_input *input,
        struct arena *arena, struct intake_action *out, struct error *err)
{
    const struct codec_reading reading = {arena, err, ""};
    struct str source,
            id; /* the action's own id and the queue tell all there is to know */
    if (!codec_unwrap(&reading, input->content_type, &object, &source, &id) ||
            !codec_read_fields(&reading, object, action_fields, out) ||
            !read_evidence(&reading, object, out))
        return false;
    if (!check_subject(&reading, out))
        return false;
    if (!is_unit_code(out->unit) || !is_unit_code(out->proposed_unit) ||
            !is_unit_code(out->to))
        return codec_refuse(&reading, "unit, proposed_unit or to", "bad_value",
                "is not a unit's code");
    if (out->category.len && !is_number(out->category, 6, 6))
        return codec_refuse(
                &reading, "category", "bad_value", "is not a category's code");
    return check_needs(&reading, out);
}

bool intake_action_decode(const struct intake_input *input, struct arena *arena,
        struct intake_action *out, struct error *err)
{
    struct intake_action action = {0};
    json_t *root = codec_parse(input->value, err);
    bool done = root && read_action(root, input, arena, &action, err);
    json_decref(root);
    if (done)
        *out = action;
    return done;
}

void intake_action_mask(struct intake_action *action, struct arena *arena)
{
    struct str *const texts[] = {&action->note, &action->result, &action->contact_record,
            &action->reason, &action->text, &action->where};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = codec_masked(*texts[i], NULL, 0, arena);
    for (size_t i = 0; i < action->evidence.n; i++)
        action->evidence.items[i] = codec_masked(
                action->evidence.items[i], NULL, 0, arena);
}

void intake_action_number(
        struct intake_action *action, struct str queue, struct arena *arena)
{
    char id[CASE_ID_SIZE];
    if (!is_whistle(action))
        return;
    whistle_id_make(action->at, queue, action->id, id);
    action->case_id = arena_copy(arena, str_of(id));
    action->order = arena_printf(arena, "%s.1", id);
}

static void put_texts(
        struct json_out *json, const char *key, const struct text_list *list)
{
    if (list->n == 0)
        return;
    json_open_array(json, key);
    for (size_t i = 0; i < list->n; i++)
        json_str(json, NULL, list->items[i]);
    json_close_array(json);
}

static void put_number(
        struct json_out *json, const char *key, struct told_number number, int decimals)
{
    if (number.there)
        json_num(json, key, number.value, decimals);
}

/* What only whistles and check-ins have. */
static void put_whistle(struct json_out *json, const struct intake_action *action)
{
    enum { DEGREE_DECIMALS = 6 };
    json_str_some(json, "type", action->type);
    json_str_some(json, "place", action->place);
    put_texts(json, "cases", &action->cases);
    json_str_some(json, "text", action->text);
    if (action->summon.n) {
        json_open_array(json, "summon");
        for (size_t i = 0; i < action->summon.n; i++) {
            json_open_object(json, NULL);
            json_str(json, "unit", action->summon.items[i].unit);
            json_bool(json, "must", action->summon.items[i].must == TOLD_YES);
            json_close_object(json);
        }
        json_close_array(json);
    }
    json_str_some(json, "where", action->where);
    put_number(json, "lon", action->lon, DEGREE_DECIMALS);
    put_number(json, "lat", action->lat, DEGREE_DECIMALS);
    json_str_some(json, "reason_code", action->reason_code);
    put_number(json, "score", action->score, 0);
    if (str_is(action->action, "check_in"))
        json_instant(json, "claimed_at", action->at); /* `at` is when we heard of it */
}

struct str intake_action_encode(const struct intake_action *action, struct str id,
        struct str unit, struct str queue, instant at, struct arena *arena)
{
    struct json_out json;
    json_begin(&json, arena, 640);
    json_open_object(&json, NULL);
    json_text(&json, "command", "action");
    json_str(&json, "case", action->case_id);
    json_str(&json, "id", id);
    json_instant(&json, "at", at);
    json_str(&json, "unit", unit);
    json_str(&json, "queue", queue);
    json_str(&json, "by", action->by);
    json_str(&json, "action", action->action);
    json_str(&json, "order", action->order);
    json_str_some(&json, "note", action->note);
    json_str_some(&json, "result", action->result);
    json_str_some(&json, "contact_record", action->contact_record);
    put_texts(&json, "photos", &action->photos);
    json_str_some(&json, "reason", action->reason);
    json_str_some(&json, "proposed_unit", action->proposed_unit);
    if (action->evidence_is_text)
        json_str_some(&json, "evidence", action->evidence.items[0]);
    else
        put_texts(&json, "evidence", &action->evidence);
    json_str_some(&json, "to", action->to);
    json_str_some(&json, "category", action->category);
    put_whistle(&json, action);
    json_close_object(&json);
    return json_end(&json);
}

struct str intake_audit_encode(const struct intake_action *action, struct str id,
        struct str unit, instant at, const char *rule, const char *text,
        struct arena *arena)
{
    struct json_out json;
    json_begin(&json, arena, 320);
    json_open_object(&json, NULL);
    json_str(&json, "id", id);
    json_instant(&json, "at", at);
    json_text(&json, "kind", "wrong_queue");
    json_str(&json, "case", action->case_id);
    json_open_object(&json, "actor");
    json_str(&json, "unit", unit);
    json_str(&json, "by", action->by);
    json_close_object(&json);
    json_text(&json, "rule", rule);
    json_text(&json, "text", text);
    json_close_object(&json);
    return json_end(&json);
}
