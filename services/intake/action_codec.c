#include "action_codec.h"

#include "codec_parts.h"
#include "json_out.h"

#include <jansson.h>
#include <stdio.h>

static const char *const actions[] = {"sign", "contact", "check_in", "handle",
        "complete_step", "progress", "submit", "request_return", "request_extension",
        "request_suspension", "request_termination", "claim", "dispatch", "add_assist",
        "offer", "merge", "unmerge", "grant", "refuse", "rule", "convene", "decide",
        "resume", "approve", "redo", "follow_up", "reopen", "close", "acknowledge",
        "whistle", "absent_reason", "dispute", "release", "keep", "finish", "score",
        "appeal", "uphold_appeal", "reject_appeal", "redeem", NULL};
static const char *const ratings[] = {"satisfied", "basic", "unsatisfied", NULL};
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
        {.name = "score", .kind = FIELD_NUMBER, .max = 100, ACTION(score)},
        {.name = "amount", .kind = FIELD_NUMBER, .max = 1000000, ACTION(amount)},
        {.name = "until", .kind = FIELD_TIME, ACTION(until)},
        {.name = "points", .kind = FIELD_NUMBER, .max = 1000000, ACTION(points)},
        {.name = "what", .max = 300, ACTION(what)},
        {.name = "step", .max = 40, ACTION(step)},
        {.name = "master", .max = 64, ACTION(master)},
        {.name = "agenda", .max = 1000, ACTION(agenda)},
        {.name = "decision", .max = 2000, ACTION(decision)},
        {.name = "basis", .max = 1000, ACTION(basis)},
        {.name = "head", .max = 64, ACTION(head)},
        {.name = "plan", .max = 2000, ACTION(plan)},
        {.name = "attendees", .kind = FIELD_TEXTS, ACTION(attendees)},
        {.name = "parties", .kind = FIELD_TEXTS, ACTION(parties)},
        {.name = "mandatory", .kind = FIELD_TOLD, ACTION(mandatory)},
        {.name = "valid", .kind = FIELD_TOLD, ACTION(valid)},
        {.name = "solved", .kind = FIELD_TOLD, ACTION(solved)},
        {.name = "rating",
                .kind = FIELD_WORD,
                .words = ratings,
                .code = "unknown_value",
                ACTION(rating)},
        {0}};

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

/* An exchange is about the account as a whole. */
static bool is_redeem(const struct intake_action *action)
{
    return str_is(action->action, "redeem");
}

/* What it is about: the case, the whistle or the account, and the order. A whistle has
 * none yet. */
static bool check_subject(
        const struct codec_reading *reading, const struct intake_action *action)
{
    if (is_whistle(action))
        return true;
    if (!action->case_id.len)
        return codec_refuse(reading, "case", "missing_field", "is missing");
    if (!action->order.len && !is_redeem(action))
        return codec_refuse(reading, "order", "missing_field", "is missing");
    if (!case_id_valid(action->case_id) && !whistle_id_valid(action->case_id) &&
            !key_code(action->case_id, "account:").len)
        return codec_refuse(reading, "case", "bad_value", "is not a case id");
    if (action->order.len && !is_order_of(action->order, action->case_id))
        return codec_refuse(
                reading, "order", "bad_value", "is not an order of this case");
    return true;
}

static bool check_lists(
        const struct codec_reading *reading, const struct intake_action *action)
{
    for (size_t i = 0; i < action->cases.n; i++)
        if (!case_id_valid(action->cases.items[i]))
            return codec_refuse(
                    reading, "cases", "bad_value", "has an item that is no case id");
    for (size_t i = 0; i < action->summon.n; i++)
        if (!is_unit_code(action->summon.items[i].unit))
            return codec_refuse(
                    reading, "summon", "bad_value", "has a unit that is no unit's code");
    for (size_t i = 0; i < action->parties.n; i++)
        if (!is_unit_code(action->parties.items[i]) ||
                action->parties.n > INTAKE_PARTIES_MAX)
            return codec_refuse(reading, "parties", "bad_value",
                    "is not a list of at most 8 units' codes");
    return true;
}

static bool is_whole(struct told_number number)
{
    return !number.there || number.value == (int)number.value;
}

static bool check_values(
        const struct codec_reading *reading, const struct intake_action *action)
{
    if (!is_whole(action->score))
        return codec_refuse(reading, "score", "bad_value", "is not a whole number");
    if (!is_whole(action->amount))
        return codec_refuse(reading, "amount", "bad_value", "is not a whole number");
    if (!is_whole(action->points))
        return codec_refuse(reading, "points", "bad_value", "is not a whole number");
    if (action->master.len && !case_id_valid(action->master))
        return codec_refuse(reading, "master", "bad_value", "is not a case id");
    if (!is_unit_code(action->unit) || !is_unit_code(action->proposed_unit) ||
            !is_unit_code(action->to))
        return codec_refuse(reading, "unit, proposed_unit or to", "bad_value",
                "is not a unit's code");
    if (action->category.len && !is_number(action->category, 6, 6))
        return codec_refuse(reading, "category", "bad_value", "is not a category's code");
    return check_lists(reading, action);
}

/* What an action cannot do without: a text that is not blank, a number, a date, a yes or
 * no. */
static bool check_needs(
        const struct codec_reading *reading, const struct intake_action *action)
{
    const struct {
        const char *action, *field;
        bool there;
    } needs[] = {
            {"whistle", "type", action->type.len > 0},
            {"score", "score", action->score.there},
            {"submit", "result", !codec_is_blank(action->result)},
            {"complete_step", "step", action->step.len > 0},
            {"request_return", "reason", !codec_is_blank(action->reason)},
            {"request_extension", "reason", !codec_is_blank(action->reason)},
            {"request_extension", "amount", action->amount.there},
            {"request_suspension", "reason", !codec_is_blank(action->reason)},
            {"request_suspension", "until", !instant_is_never(action->until)},
            {"request_termination", "reason", !codec_is_blank(action->reason)},
            {"dispatch", "to", action->to.len > 0},
            {"add_assist", "to", action->to.len > 0},
            {"offer", "to", action->to.len > 0},
            {"merge", "master", action->master.len > 0},
            {"rule", "to", action->to.len > 0},
            {"convene", "agenda", !codec_is_blank(action->agenda)},
            {"convene", "until", !instant_is_never(action->until)},
            {"decide", "to", action->to.len > 0},
            {"decide", "decision", !codec_is_blank(action->decision)},
            {"follow_up", "valid", action->valid != TOLD_NOT},
            {"appeal", "reason", !codec_is_blank(action->reason)},
            {"redeem", "points", action->points.there},
            {"redeem", "what", !codec_is_blank(action->what)},
    };
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        char what[64];
        if (needs[i].there || !str_is(action->action, needs[i].action))
            continue;
        (void)snprintf(what, sizeof what, "is missing; %s needs it", needs[i].action);
        return codec_refuse(reading, needs[i].field, "missing_field", what);
    }
    return true;
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
    return check_values(&reading, out) && check_needs(&reading, out);
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
            &action->reason, &action->text, &action->where, &action->agenda,
            &action->decision, &action->basis, &action->plan, &action->what};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = codec_masked(*texts[i], NULL, 0, arena);
    struct text_list *const lists[] = {&action->evidence, &action->attendees};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        for (size_t i = 0; i < lists[k]->n; i++)
            lists[k]->items[i] = codec_masked(lists[k]->items[i], NULL, 0, arena);
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

static void put_told(struct json_out *json, const char *key, enum told told)
{
    if (told != TOLD_NOT)
        json_bool(json, key, told == TOLD_YES);
}

/* Of requests, rulings, meetings and follow-ups. */
static void put_decision(struct json_out *json, const struct intake_action *action)
{
    json_str_some(json, "reason_code", action->reason_code);
    put_number(json, "amount", action->amount, 0);
    json_instant_some(json, "until", action->until);
    json_str_some(json, "step", action->step);
    json_str_some(json, "master", action->master);
    json_str_some(json, "agenda", action->agenda);
    put_texts(json, "parties", &action->parties);
    json_str_some(json, "decision", action->decision);
    put_texts(json, "attendees", &action->attendees);
    json_str_some(json, "basis", action->basis);
    json_str_some(json, "head", action->head);
    json_str_some(json, "plan", action->plan);
    put_told(json, "mandatory", action->mandatory);
    put_told(json, "valid", action->valid);
    put_told(json, "solved", action->solved);
    json_str_some(json, "rating", action->rating);
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
    json_str_some(&json, "order", action->order);
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
    put_decision(&json, action);
    put_whistle(&json, action);
    put_number(&json, "points", action->points, 0);
    json_str_some(&json, "what", action->what);
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
