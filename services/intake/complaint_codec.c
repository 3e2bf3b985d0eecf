#include "complaint_codec.h"

#include "codec_parts.h"
#include "json_out.h"
#include "mask_core.h"

#include <jansson.h>

static bool is_hex64(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!((text.ptr[i] >= '0' && text.ptr[i] <= '9') ||
                    (text.ptr[i] >= 'a' && text.ptr[i] <= 'f')))
            return false;
    return text.len == 64;
}

static bool read_attachments(
        const struct codec_reading *reading, const json_t *value, void *out)
{
    static const struct codec_field fields[] = {
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
    const struct codec_reading inside = {reading->arena, reading->err, "attachments."};
    if (!json_is_array(value))
        return codec_refuse(reading, "attachments", "wrong_type", "is not a list");
    size_t n = json_array_size(value);
    if (n > LIST_MAX)
        return codec_refuse(reading, "attachments", "too_long", "has more than 20 items");
    struct intake_attachment *items = arena_alloc(
            reading->arena, (n + 1) * sizeof *items);
    for (size_t i = 0; i < n; i++) {
        items[i] = (struct intake_attachment){0};
        if (!json_is_object(json_array_get(value, i)))
            return codec_refuse(reading, "attachments", "wrong_type",
                    "has an item that is no object");
        if (!codec_read_fields(&inside, json_array_get(value, i), fields, &items[i]))
            return false;
        if (items[i].sha256.len && !is_hex64(items[i].sha256))
            return codec_refuse(
                    &inside, "sha256", "bad_value", "is not 64 lower-case hex digits");
    }
    *(struct attachment_list *)out = (struct attachment_list){items, n};
    return true;
}

static const char *const channels[] = {"phone", "app", "web", "wechat", "letter", "mail",
        "sms", "visit", "transfer_110", "upper", "patrol", "media", NULL};
static const char *const reporter_kinds[] = {
        "self", "proxy", "courier", "staff", "anonymous", NULL};

#define PLACE(member) .offset = offsetof(struct intake_place, member)
static const struct codec_field place_fields[] = {
        {.name = "address", .max = 300, PLACE(address)},
        {.name = "estate", .max = 100, PLACE(estate)},
        {.name = "grid", .max = 63, PLACE(grid)},
        {.name = "lon", .kind = FIELD_NUMBER, .max = 180, PLACE(lon)},
        {.name = "lat", .kind = FIELD_NUMBER, .max = 90, PLACE(lat)}, {0}};

#define REPORTER(member) .offset = offsetof(struct intake_reporter, member)
static const struct codec_field reporter_fields[] = {
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
static const struct codec_field about_fields[] = {
        {.name = "unit", .max = 100, ABOUT(unit)},
        {.name = "name", .max = 50, ABOUT(name)}, {0}};

#define COMPLAINT(member) .offset = offsetof(struct intake_complaint, member)
static const struct codec_field complaint_fields[] = {
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
        {.name = "upper_reported_at", .kind = FIELD_TIME, COMPLAINT(upper_reported_at)},
        {.name = "attachments",
                .kind = FIELD_OWN,
                .read = read_attachments,
                COMPLAINT(attachments)},
        {.name = "urgent", .kind = FIELD_TOLD, COMPLAINT(urgent)}, {0}};

static bool read_complaint(const json_t *object, const struct intake_input *input,
        struct arena *arena, struct intake_complaint *out, struct error *err)
{
    const struct codec_reading reading = {arena, err, ""};
    struct str source = {0}, id = {0};
    if (!codec_read_header(input->source, INTAKE_SOURCE_MAX, "ce_source", &source, err) ||
            !codec_read_header(input->id, INTAKE_ID_MAX, "ce_id", &id, err) ||
            !codec_unwrap(&reading, input->content_type, &object, &source, &id) ||
            !codec_read_fields(&reading, object, complaint_fields, out))
        return false;
    if (codec_is_blank(out->text))
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
    json_t *root = codec_parse(input->value, err);
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

void intake_complaint_mask(struct intake_complaint *complaint, struct arena *arena)
{
    const struct mask_known known[] = {{complaint->reporter.name, false},
            {complaint->about.name, false}, {complaint->reporter.phone, true},
            {complaint->reporter.id_number, true}};
    struct str *const texts[] = {&complaint->text, &complaint->title,
            &complaint->place.address, &complaint->place.estate, &complaint->about.unit};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = codec_masked(*texts[i], known, sizeof known / sizeof *known, arena);
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
    json_instant_some(&json, "upper_reported_at", complaint->upper_reported_at);
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
