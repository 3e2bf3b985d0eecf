#include "intake_codec.h"

#include "json_out.h"
#include "mask_core.h"

#include <jansson.h>
#include <math.h>

/* ---- a table of fields, read from a tree ---- */

enum kind {
    FIELD_TEXT,
    FIELD_WORD,
    FIELD_TIME,
    FIELD_TOLD,
    FIELD_NUMBER,
    FIELD_OBJECT,
    FIELD_ATTACHMENTS,
    FIELD_TEXTS
};

struct field {
    const char *name;
    enum kind kind;
    size_t offset;
    bool required;
    size_t max;               /* characters, items, or the absolute value of a number */
    const char *const *words; /* of FIELD_WORD, ends with NULL */
    const char *code;         /* of an unknown word, or of an empty text */
    const struct field *sub;  /* of FIELD_OBJECT, ends with a NULL name */
};

enum { LIST_MAX = 20, LIST_TEXT_MAX = 1000, TIME_MAX = 40, BYTE_ORDER_MARK_LEN = 3 };

struct reading {
    struct arena *arena;
    struct error *err;
    const char *prefix; /* "reporter.", for messages */
};

static bool refuse(const struct reading *reading, const char *field, const char *code,
        const char *what)
{
    return error_set(
            reading->err, ERR_INVALID, code, "%s%s %s", reading->prefix, field, what);
}

static size_t count_chars(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return n;
}

static bool read_text(const struct reading *reading, const char *name,
        const json_t *value, size_t max, struct str *out)
{
    if (!json_is_string(value))
        return refuse(reading, name, "wrong_type", "is not a text");
    struct str text = {json_string_value(value), json_string_length(value)};
    if (text.len > max && count_chars(text) > max)
        return error_set(reading->err, ERR_INVALID, "too_long",
                "%s%s has more than %zu characters", reading->prefix, name, max);
    *out = arena_copy(reading->arena, text);
    return true;
}

static bool read_word(const struct reading *reading, const struct field *field,
        const json_t *value, struct str *out)
{
    struct str word;
    if (!read_text(reading, field->name, value, LIST_TEXT_MAX, &word))
        return false;
    for (const char *const *known = field->words; *known; known++) {
        if (str_is(word, *known)) {
            *out = str_of(*known);
            return true;
        }
    }
    return refuse(
            reading, field->name, field->code, "is not one of the words that are known");
}

static bool read_time(const struct reading *reading, const char *name,
        const json_t *value, instant *out)
{
    struct str text;
    struct error why = {0};
    if (!read_text(reading, name, value, TIME_MAX, &text))
        return false;
    if (instant_parse(text, out, &why))
        return true;
    return error_set(reading->err, ERR_INVALID, why.code, "%s%s: %s", reading->prefix,
            name, why.text);
}

static bool read_texts(const struct reading *reading, const char *name,
        const json_t *value, struct text_list *out)
{
    if (!json_is_array(value))
        return refuse(reading, name, "wrong_type", "is not a list");
    size_t n = json_array_size(value);
    if (n > LIST_MAX)
        return refuse(reading, name, "too_long", "has more than 20 items");
    struct str *items = arena_alloc(reading->arena, (n + 1) * sizeof *items);
    for (size_t i = 0; i < n; i++)
        if (!read_text(reading, name, json_array_get(value, i), LIST_TEXT_MAX, &items[i]))
            return false;
    *out = (struct text_list){items, n};
    return true;
}

static bool is_hex64(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!((text.ptr[i] >= '0' && text.ptr[i] <= '9') ||
                    (text.ptr[i] >= 'a' && text.ptr[i] <= 'f')))
            return false;
    return text.len == 64;
}

static bool read_fields(const struct reading *reading, const json_t *object,
        const struct field *fields, void *out);

static bool read_attachments(
        const struct reading *reading, const json_t *value, struct attachment_list *out)
{
    static const struct field fields[] = {
            {.name = "uri",
                    .required = true,
                    .max = 1000,
                    .offset = offsetof(struct intake_attachment, uri)},
            {.name = "type",
                    .max = 100,
                    .offset = offsetof(struct intake_attachment, type)},
            {.name = "sha256",
                    .max = 64,
                    .offset = offsetof(struct intake_attachment, sha256)},
            {0}};
    const struct reading inside = {reading->arena, reading->err, "attachments."};
    if (!json_is_array(value))
        return refuse(reading, "attachments", "wrong_type", "is not a list");
    size_t n = json_array_size(value);
    if (n > LIST_MAX)
        return refuse(reading, "attachments", "too_long", "has more than 20 items");
    struct intake_attachment *items =
            arena_alloc(reading->arena, (n + 1) * sizeof *items);
    for (size_t i = 0; i < n; i++) {
        items[i] = (struct intake_attachment){0};
        if (!json_is_object(json_array_get(value, i)))
            return refuse(reading, "attachments", "wrong_type",
                    "has an item that is no object");
        if (!read_fields(&inside, json_array_get(value, i), fields, &items[i]))
            return false;
        if (items[i].sha256.len && !is_hex64(items[i].sha256))
            return refuse(
                    &inside, "sha256", "bad_value", "is not 64 lower-case hex digits");
    }
    *out = (struct attachment_list){items, n};
    return true;
}

static bool read_field(const struct reading *reading, const struct field *field,
        const json_t *value, void *at)
{
    struct str *text = at;
    switch (field->kind) {
    case FIELD_TEXT:
        if (!read_text(reading, field->name, value, field->max, text))
            return false;
        if (field->required && text->len == 0)
            return refuse(reading, field->name,
                    field->code ? field->code : "missing_field", "is empty");
        return true;
    case FIELD_WORD:
        return read_word(reading, field, value, text);
    case FIELD_TIME:
        return read_time(reading, field->name, value, at);
    case FIELD_TOLD:
        if (!json_is_boolean(value))
            return refuse(reading, field->name, "wrong_type", "is not true or false");
        *(enum told *)at = json_is_true(value) ? TOLD_YES : TOLD_NO;
        return true;
    case FIELD_NUMBER:
        if (!json_is_number(value))
            return refuse(reading, field->name, "wrong_type", "is not a number");
        *(struct told_number *)at = (struct told_number){true, json_number_value(value)};
        if (fabs(json_number_value(value)) > (double)field->max)
            return refuse(reading, field->name, "bad_value", "is out of range");
        return true;
    case FIELD_OBJECT:
        if (!json_is_object(value))
            return refuse(reading, field->name, "wrong_type", "is not an object");
        return read_fields(&(struct reading){reading->arena, reading->err,
                                   arena_printf(reading->arena, "%s.", field->name).ptr},
                value, field->sub, at);
    case FIELD_ATTACHMENTS:
        return read_attachments(reading, value, at);
    case FIELD_TEXTS:
        return read_texts(reading, field->name, value, at);
    }
    return false;
}

/* Fields that are not in the table are passed over; null is absent. */
static bool read_fields(const struct reading *reading, const json_t *object,
        const struct field *fields, void *out)
{
    for (const struct field *field = fields; field->name; field++) {
        const json_t *value = json_object_get(object, field->name);
        if (value && !json_is_null(value)) {
            if (!read_field(reading, field, value, (char *)out + field->offset))
                return false;
        } else if (field->required) {
            return refuse(reading, field->name, "missing_field", "is missing");
        }
    }
    return true;
}

/* ---- the text itself ---- */

/* NULL and err when it is not one JSON object. jansson's own words quote the text, so
 * they are not passed on. */
static json_t *parse(struct str value, struct error *err)
{
    if (value.len > INTAKE_BYTES_MAX) {
        (void)error_set(err, ERR_INVALID, "too_large",
                "the message has %zu bytes; at most 262144 are taken", value.len);
        return NULL;
    }
    if (value.len > 0 && (value.ptr[0] == 0 || value.ptr[0] == 1)) {
        (void)error_set(err, ERR_INVALID, "confluent_wire_format",
                "the message begins with a schema registry's header; send plain JSON");
        return NULL;
    }
    if (str_starts(value,
                STR("\xEF\xBB\xBF"))) { /* Windows writers put a byte-order mark there */
        value.ptr += BYTE_ORDER_MARK_LEN;
        value.len -= BYTE_ORDER_MARK_LEN;
    }
    json_error_t why;
    json_t *root = json_loadb(value.len ? value.ptr : "", value.len,
            JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (!root) {
        enum json_error_code code = json_error_code(&why);
        if (code == json_error_invalid_utf8)
            (void)error_set(
                    err, ERR_INVALID, "bad_utf8", "not UTF-8 at byte %d", why.position);
        else if (code == json_error_duplicate_key)
            (void)error_set(err, ERR_INVALID, "duplicate_key",
                    "an object names a field twice, before byte %d", why.position);
        else
            (void)error_set(err, ERR_INVALID, "bad_json", "not JSON at line %d, byte %d",
                    why.line, why.position);
        return NULL;
    }
    if (!json_is_object(root)) {
        json_decref(root);
        (void)error_set(err, ERR_INVALID, "wrong_type", "the message is not an object");
        return NULL;
    }
    return root;
}

static bool is_structured(struct str content_type)
{
    static const char structured[] = "application/cloudevents+json";
    return content_type.len >= sizeof structured - 1 &&
           strncasecmp(content_type.ptr, structured, sizeof structured - 1) == 0;
}

/* A header may hold any bytes; ours go into JSON and into the id. */
static bool read_header(struct str value, size_t max, const char *name, struct str *out,
        struct error *err)
{
    json_t *text = json_stringn(value.ptr ? value.ptr : "", value.len);
    bool utf8 = text != NULL;
    json_decref(text);
    if (!utf8)
        return error_set(
                err, ERR_INVALID, "bad_utf8", "the header %s is not UTF-8", name);
    if (value.len && memchr(value.ptr, 0, value.len))
        return error_set(
                err, ERR_INVALID, "bad_value", "the header %s holds a NUL", name);
    if (count_chars(value) > max)
        return error_set(err, ERR_INVALID, "too_long",
                "the header %s has more than %zu characters", name, max);
    *out = value;
    return true;
}

/* In structured mode the event is around the message: takes source and id from it and
 * goes inside. */
static bool unwrap(const struct reading *reading, struct str content_type,
        const json_t **object, struct str *source, struct str *id)
{
    if (!is_structured(content_type))
        return true;
    struct event {
        struct str source, id;
    } event = {0};
    static const struct field fields[] = {
            {.name = "source",
                    .required = true,
                    .max = INTAKE_SOURCE_MAX,
                    .offset = offsetof(struct event, source)},
            {.name = "id",
                    .required = true,
                    .max = INTAKE_ID_MAX,
                    .offset = offsetof(struct event, id)},
            {0}};
    if (!read_fields(reading, *object, fields, &event))
        return false;
    const json_t *data = json_object_get(*object, "data");
    if (!data)
        return refuse(reading, "data", "missing_field", "is missing");
    if (!json_is_object(data))
        return refuse(reading, "data", "wrong_type", "is not an object");
    *object = data;
    *source = event.source;
    *id = event.id;
    return true;
}

/* Spaces, also the wide one, and line ends. */
static bool is_blank(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        struct str left = {text.ptr + i, text.len - i};
        if (str_starts(left, STR("\xE3\x80\x80")))
            i += 2;
        else if (!strchr(" \t\r\n", text.ptr[i]))
            return false;
    }
    return true;
}

/* ---- complaints ---- */

static const char *const channels[] = {"phone", "app", "web", "wechat", "letter", "mail",
        "sms", "visit", "transfer_110", "upper", "patrol", "media", NULL};
static const char *const reporter_kinds[] = {
        "self", "proxy", "courier", "staff", "anonymous", NULL};

#define PLACE(member) .offset = offsetof(struct intake_place, member)
static const struct field place_fields[] = {
        {.name = "address", .max = 300, PLACE(address)},
        {.name = "estate", .max = 100, PLACE(estate)},
        {.name = "grid", .max = 63, PLACE(grid)},
        {.name = "lon", .kind = FIELD_NUMBER, .max = 180, PLACE(lon)},
        {.name = "lat", .kind = FIELD_NUMBER, .max = 90, PLACE(lat)}, {0}};

#define REPORTER(member) .offset = offsetof(struct intake_reporter, member)
static const struct field reporter_fields[] = {
        {.name = "name", .max = 50, REPORTER(name)},
        {.name = "phone", .max = 30, REPORTER(phone)},
        {.name = "id_number", .max = 30, REPORTER(id_number)},
        {.name = "kind",
                .kind = FIELD_WORD,
                .words = reporter_kinds,
                .code = "unknown_value",
                REPORTER(kind)},
        {.name = "confidential", .kind = FIELD_TOLD, REPORTER(confidential)},
        {.name = "no_reply", .kind = FIELD_TOLD, REPORTER(no_reply)}, {0}};

#define ABOUT(member) .offset = offsetof(struct intake_about, member)
static const struct field about_fields[] = {{.name = "unit", .max = 100, ABOUT(unit)},
        {.name = "name", .max = 50, ABOUT(name)}, {0}};

#define COMPLAINT(member) .offset = offsetof(struct intake_complaint, member)
static const struct field complaint_fields[] = {
        {.name = "id", .required = true, .max = INTAKE_ID_MAX, COMPLAINT(id)},
        {.name = "channel",
                .kind = FIELD_WORD,
                .required = true,
                .words = channels,
                .code = "unknown_channel",
                COMPLAINT(channel)},
        {.name = "reported_at",
                .kind = FIELD_TIME,
                .required = true,
                COMPLAINT(reported_at)},
        {.name = "text",
                .required = true,
                .max = 5000,
                .code = "empty_text",
                COMPLAINT(text)},
        {.name = "title", .max = 200, COMPLAINT(title)},
        {.name = "place", .kind = FIELD_OBJECT, .sub = place_fields, COMPLAINT(place)},
        {.name = "reporter",
                .kind = FIELD_OBJECT,
                .sub = reporter_fields,
                COMPLAINT(reporter)},
        {.name = "about", .kind = FIELD_OBJECT, .sub = about_fields, COMPLAINT(about)},
        {.name = "upper_id", .max = INTAKE_ID_MAX, COMPLAINT(upper_id)},
        {.name = "attachments", .kind = FIELD_ATTACHMENTS, COMPLAINT(attachments)},
        {.name = "urgent", .kind = FIELD_TOLD, COMPLAINT(urgent)}, {0}};

static bool read_complaint(const json_t *object, const struct intake_input *input,
        struct arena *arena, struct intake_complaint *out, struct error *err)
{
    const struct reading reading = {arena, err, ""};
    struct str source = {0}, id = {0};
    if (!read_header(input->source, INTAKE_SOURCE_MAX, "ce_source", &source, err) ||
            !read_header(input->id, INTAKE_ID_MAX, "ce_id", &id, err) ||
            !unwrap(&reading, input->content_type, &object, &source, &id) ||
            !read_fields(&reading, object, complaint_fields, out))
        return false;
    if (is_blank(out->text))
        return error_set(err, ERR_INVALID, "empty_text", "text has nothing but spaces");
    if (out->reported_at.ms > input->received_at.ms + INTAKE_FUTURE_MS)
        return error_set(err, ERR_INVALID, "future_time",
                "reported_at lies more than 10 minutes after the message was received; "
                "is the "
                "publisher's clock right?");
    out->source = source.len ? source : out->channel;
    if (id.len)
        out->id = id;
    out->received_at = input->received_at;
    return true;
}

bool intake_complaint_decode(const struct intake_input *input, struct arena *arena,
        struct intake_complaint *out, struct error *err)
{
    struct intake_complaint complaint = {0};
    json_t *root = parse(input->value, err);
    bool done = root && read_complaint(root, input, arena, &complaint, err);
    json_decref(root);
    if (done)
        *out = complaint;
    return done;
}

bool intake_has_identity(const struct intake_complaint *complaint)
{
    return complaint->reporter.name.len || complaint->reporter.phone.len ||
           complaint->reporter.id_number.len || complaint->about.name.len;
}

struct str intake_identity_plain(
        const struct intake_complaint *complaint, struct arena *arena)
{
    struct json_out json;
    json_begin(&json, arena, 256);
    json_open_object(&json, NULL);
    json_str_some(&json, "name", complaint->reporter.name);
    json_str_some(&json, "phone", complaint->reporter.phone);
    json_str_some(&json, "id_number", complaint->reporter.id_number);
    json_str_some(&json, "about_name", complaint->about.name);
    json_close_object(&json);
    return json_end(&json);
}

static struct str masked(
        struct str text, const struct mask_known *known, size_t n, struct arena *arena)
{
    if (text.len == 0)
        return text;
    char *out = arena_alloc(arena, text.len);
    return (struct str){out, mask_text(text, known, n, out)};
}

void intake_complaint_mask(struct intake_complaint *complaint, struct arena *arena)
{
    const struct mask_known known[] = {{complaint->reporter.name, false},
            {complaint->about.name, false}, {complaint->reporter.phone, true},
            {complaint->reporter.id_number, true}};
    struct str *const texts[] = {&complaint->text, &complaint->title,
            &complaint->place.address, &complaint->place.estate, &complaint->about.unit};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = masked(*texts[i], known, sizeof known / sizeof *known, arena);
    complaint->reporter.name = complaint->reporter.phone = complaint->reporter.id_number =
            complaint->about.name = (struct str){0};
}

static void put_told(struct json_out *json, const char *key, enum told told)
{
    if (told != TOLD_NOT)
        json_bool(json, key, told == TOLD_YES);
}

static void put_place(struct json_out *json, const struct intake_place *place)
{
    if (!place->address.len && !place->estate.len && !place->grid.len &&
            !place->lon.there && !place->lat.there)
        return;
    json_open_object(json, "place");
    json_str_some(json, "address", place->address);
    json_str_some(json, "estate", place->estate);
    json_str_some(json, "grid", place->grid);
    if (place->lon.there)
        json_num(json, "lon", place->lon.value, 6);
    if (place->lat.there)
        json_num(json, "lat", place->lat.value, 6);
    json_close_object(json);
}

static void put_reporter(
        struct json_out *json, const struct intake_reporter *reporter, const char *token)
{
    if (!reporter->kind.len && !token[0] && reporter->confidential == TOLD_NOT &&
            reporter->no_reply == TOLD_NOT)
        return;
    json_open_object(json, "reporter");
    json_str_some(json, "kind", reporter->kind);
    json_text_some(json, "token", token);
    put_told(json, "confidential", reporter->confidential);
    put_told(json, "no_reply", reporter->no_reply);
    json_close_object(json);
}

static void put_attachments(struct json_out *json, const struct attachment_list *list)
{
    if (list->n == 0)
        return;
    json_open_array(json, "attachments");
    for (size_t i = 0; i < list->n; i++) {
        json_open_object(json, NULL);
        json_str(json, "uri", list->items[i].uri);
        json_str_some(json, "type", list->items[i].type);
        json_str_some(json, "sha256", list->items[i].sha256);
        json_close_object(json);
    }
    json_close_array(json);
}

struct str intake_accepted_encode(const struct intake_complaint *complaint,
        const char *case_id, const char *token, const char *exit, struct arena *arena)
{
    struct json_out json;
    json_begin(&json, arena, complaint->text.len + complaint->title.len + 640);
    json_open_object(&json, NULL);
    json_text(&json, "case", case_id);
    json_str(&json, "source", complaint->source);
    json_str(&json, "id", complaint->id);
    json_str(&json, "channel", complaint->channel);
    json_instant(&json, "reported_at", complaint->reported_at);
    json_instant(&json, "received_at", complaint->received_at);
    json_str(&json, "text", complaint->text);
    json_str_some(&json, "title", complaint->title);
    put_place(&json, &complaint->place);
    put_reporter(&json, &complaint->reporter, token);
    if (complaint->about.unit.len) {
        json_open_object(&json, "about");
        json_str(&json, "unit", complaint->about.unit);
        json_close_object(&json);
    }
    json_str_some(&json, "upper_id", complaint->upper_id);
    put_attachments(&json, &complaint->attachments);
    put_told(&json, "urgent", complaint->urgent);
    json_text_some(&json, "exit", exit);
    json_close_object(&json);
    return json_end(&json);
}

struct str intake_identity_encode(const char *case_id, const char *key_id,
        struct str nonce, struct str data, struct arena *arena)
{
    struct json_out json;
    json_begin(&json, arena, data.len + 160);
    json_open_object(&json, NULL);
    json_text(&json, "case", case_id);
    json_text(&json, "alg", "A256GCM");
    json_text(&json, "key", key_id);
    json_str(&json, "nonce", nonce);
    json_str(&json, "data", data);
    json_close_object(&json);
    return json_end(&json);
}

struct str intake_transfer_encode(const char *case_id, struct str id, instant at,
        const char *line, const char *rule, const char *policy, struct str accepted,
        struct arena *arena)
{
    struct json_out json;
    json_begin(&json, arena, accepted.len + 320);
    json_open_object(&json, NULL);
    json_text(&json, "command", "open");
    json_text(&json, "case", case_id);
    json_str(&json, "id", id);
    json_instant(&json, "at", at);
    json_open_object(&json, "route");
    json_text(&json, "outcome", "transfer");
    json_text(&json, "reason", "emergency_line");
    json_text(&json, "rule", rule);
    json_text(&json, "policy", policy);
    json_text(&json, "line", line);
    json_close_object(&json);
    json_raw(&json, "complaint", accepted);
    json_close_object(&json);
    return json_end(&json);
}

/* ---- actions ---- */

static const char *const actions[] = {"sign", "contact", "handle", "submit",
        "request_return", "dispatch", "refuse_return", "redo", "close", NULL};

#define ACTION(member) .offset = offsetof(struct intake_action, member)
static const struct field action_fields[] = {
        {.name = "id", .required = true, .max = INTAKE_ID_MAX, ACTION(id)},
        {.name = "case", .required = true, .max = 64, ACTION(case_id)},
        {.name = "order", .required = true, .max = 64, ACTION(order)},
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
        {.name = "category", .max = 6, ACTION(category)}, {0}};

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
static bool read_evidence(
        const struct reading *reading, const json_t *object, struct intake_action *out)
{
    const json_t *value = json_object_get(object, "evidence");
    if (!value || json_is_null(value))
        return true;
    if (!json_is_string(value))
        return read_texts(reading, "evidence", value, &out->evidence);
    out->evidence =
            (struct text_list){arena_alloc(reading->arena, sizeof(struct str)), 1};
    out->evidence_is_text = true;
    return read_text(reading, "evidence", value, LIST_TEXT_MAX, &out->evidence.items[0]);
}

/* What this action cannot do without. */
static bool check_needs(const struct reading *reading, const struct intake_action *action)
{
    if (str_is(action->action, "submit") && is_blank(action->result))
        return refuse(reading, "result", "missing_field", "is missing; submit needs it");
    if (str_is(action->action, "request_return") && is_blank(action->reason))
        return refuse(reading, "reason", "missing_field",
                "is missing; request_return needs it");
    if (str_is(action->action, "dispatch") && !action->to.len)
        return refuse(reading, "to", "missing_field", "is missing; dispatch needs it");
    return true;
}

static bool read_action(const json_t *object, const struct intake_input *input,
        struct arena *arena, struct intake_action *out, struct error *err)
{
    const struct reading reading = {arena, err, ""};
    struct str source,
            id; /* the action's own id and the queue tell all there is to know */
    if (!unwrap(&reading, input->content_type, &object, &source, &id) ||
            !read_fields(&reading, object, action_fields, out) ||
            !read_evidence(&reading, object, out))
        return false;
    if (!case_id_valid(out->case_id))
        return refuse(&reading, "case", "bad_value", "is not a case id");
    if (!is_order_of(out->order, out->case_id))
        return refuse(&reading, "order", "bad_value", "is not an order of this case");
    if (!is_unit_code(out->unit) || !is_unit_code(out->proposed_unit) ||
            !is_unit_code(out->to))
        return refuse(&reading, "unit, proposed_unit or to", "bad_value",
                "is not a unit's code");
    if (out->category.len && !is_number(out->category, 6, 6))
        return refuse(&reading, "category", "bad_value", "is not a category's code");
    return check_needs(&reading, out);
}

bool intake_action_decode(const struct intake_input *input, struct arena *arena,
        struct intake_action *out, struct error *err)
{
    struct intake_action action = {0};
    json_t *root = parse(input->value, err);
    bool done = root && read_action(root, input, arena, &action, err);
    json_decref(root);
    if (done)
        *out = action;
    return done;
}

void intake_action_mask(struct intake_action *action, struct arena *arena)
{
    struct str *const texts[] = {
            &action->note, &action->result, &action->contact_record, &action->reason};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = masked(*texts[i], NULL, 0, arena);
    for (size_t i = 0; i < action->evidence.n; i++)
        action->evidence.items[i] = masked(action->evidence.items[i], NULL, 0, arena);
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
