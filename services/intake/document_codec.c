/* The text of a message and what is around it: one JSON object, the headers, the
 * CloudEvents envelope. */
#include "codec_parts.h"

#include <jansson.h>

enum { BYTE_ORDER_MARK_LEN = 3 };

/* jansson's own words quote the text, so they are not passed on. */
json_t *codec_parse(struct str value, struct error *err)
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

bool codec_read_header(struct str value, size_t max, const char *name, struct str *out,
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
    if (codec_count_chars(value) > max)
        return error_set(err, ERR_INVALID, "too_long",
                "the header %s has more than %zu characters", name, max);
    *out = value;
    return true;
}

bool codec_unwrap(const struct codec_reading *reading, struct str content_type,
        const json_t **object, struct str *source, struct str *id)
{
    if (!is_structured(content_type))
        return true;
    struct event {
        struct str source, id;
    } event = {0};
    static const struct codec_field fields[] = {
            {.name = "source",
                    .required = true,
                    .max = INTAKE_SOURCE_MAX,
                    .offset = offsetof(struct event, source)},
            {.name = "id",
                    .required = true,
                    .max = INTAKE_ID_MAX,
                    .offset = offsetof(struct event, id)},
            {0}};
    if (!codec_read_fields(reading, *object, fields, &event))
        return false;
    const json_t *data = json_object_get(*object, "data");
    if (!data)
        return codec_refuse(reading, "data", "missing_field", "is missing");
    if (!json_is_object(data))
        return codec_refuse(reading, "data", "wrong_type", "is not an object");
    *object = data;
    *source = event.source;
    *id = event.id;
    return true;
}
