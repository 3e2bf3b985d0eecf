/* A table of fields, read from a tree. */
#include "codec_parts.h"

#include <jansson.h>
#include <math.h>

enum { TIME_MAX = 40 };

bool codec_refuse(const struct codec_reading *reading, const char *field,
        const char *code, const char *what)
{
    return error_set(
            reading->err, ERR_INVALID, code, "%s%s %s", reading->prefix, field, what);
}

bool codec_read_text(const struct codec_reading *reading, const char *name,
        const json_t *value, size_t max, struct str *out)
{
    if (!json_is_string(value))
        return codec_refuse(reading, name, "wrong_type", "is not a text");
    struct str text = {json_string_value(value), json_string_length(value)};
    if (text.len > max && codec_count_chars(text) > max)
        return error_set(reading->err, ERR_INVALID, "too_long",
                "%s%s has more than %zu characters", reading->prefix, name, max);
    *out = arena_copy(reading->arena, text);
    return true;
}

static bool read_word(const struct codec_reading *reading,
        const struct codec_field *field, const json_t *value, struct str *out)
{
    struct str word;
    if (!codec_read_text(reading, field->name, value, LIST_TEXT_MAX, &word))
        return false;
    for (const char *const *known = field->words; *known; known++) {
        if (str_is(word, *known)) {
            *out = str_of(*known);
            return true;
        }
    }
    return codec_refuse(
            reading, field->name, field->code, "is not one of the words that are known");
}

static bool read_time(const struct codec_reading *reading, const char *name,
        const json_t *value, instant *out)
{
    struct str text;
    struct error why = {0};
    if (!codec_read_text(reading, name, value, TIME_MAX, &text))
        return false;
    if (instant_parse(text, out, &why))
        return true;
    return error_set(reading->err, ERR_INVALID, why.code, "%s%s: %s", reading->prefix,
            name, why.text);
}

bool codec_read_texts(const struct codec_reading *reading, const char *name,
        const json_t *value, struct text_list *out)
{
    if (!json_is_array(value))
        return codec_refuse(reading, name, "wrong_type", "is not a list");
    size_t n = json_array_size(value);
    if (n > LIST_MAX)
        return codec_refuse(reading, name, "too_long", "has more than 20 items");
    struct str *items = arena_alloc(reading->arena, (n + 1) * sizeof *items);
    for (size_t i = 0; i < n; i++)
        if (!codec_read_text(
                    reading, name, json_array_get(value, i), LIST_TEXT_MAX, &items[i]))
            return false;
    *out = (struct text_list){items, n};
    return true;
}

static bool read_field(const struct codec_reading *reading,
        const struct codec_field *field, const json_t *value, void *at)
{
    struct str *text = at;
    switch (field->kind) {
    case FIELD_TEXT:
        if (!codec_read_text(reading, field->name, value, field->max, text))
            return false;
        if (field->required && text->len == 0)
            return codec_refuse(reading, field->name,
                    field->code ? field->code : "missing_field", "is empty");
        return true;
    case FIELD_WORD:
        return read_word(reading, field, value, text);
    case FIELD_TIME:
        return read_time(reading, field->name, value, at);
    case FIELD_TOLD:
        if (!json_is_boolean(value))
            return codec_refuse(
                    reading, field->name, "wrong_type", "is not true or false");
        *(enum told *)at = json_is_true(value) ? TOLD_YES : TOLD_NO;
        return true;
    case FIELD_NUMBER:
        if (!json_is_number(value))
            return codec_refuse(reading, field->name, "wrong_type", "is not a number");
        *(struct told_number *)at = (struct told_number){true, json_number_value(value)};
        if (fabs(json_number_value(value)) > (double)field->max)
            return codec_refuse(reading, field->name, "bad_value", "is out of range");
        return true;
    case FIELD_OBJECT:
        if (!json_is_object(value))
            return codec_refuse(reading, field->name, "wrong_type", "is not an object");
        return codec_read_fields(
                &(struct codec_reading){reading->arena, reading->err,
                        arena_printf(reading->arena, "%s.", field->name).ptr},
                value, field->sub, at);
    case FIELD_OWN:
        return field->read(reading, value, at);
    case FIELD_TEXTS:
        return codec_read_texts(reading, field->name, value, at);
    }
    return false;
}

bool codec_read_fields(const struct codec_reading *reading, const json_t *object,
        const struct codec_field *fields, void *out)
{
    for (const struct codec_field *field = fields; field->name; field++) {
        const json_t *value = json_object_get(object, field->name);
        if (value && !json_is_null(value)) {
            if (!read_field(reading, field, value, (char *)out + field->offset))
                return false;
        } else if (field->required) {
            return codec_refuse(reading, field->name, "missing_field", "is missing");
        }
    }
    return true;
}
