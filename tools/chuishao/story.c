#include "story.h"

#include "text.h"
#include "words.h"

#include <stdbool.h>
#include <string.h>

static const char *text_of(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static bool is_share(const char *key)
{
    return strcmp(key, "confidence") == 0 || strcmp(key, "similarity") == 0;
}

static bool is_time(const char *key)
{
    static const char *const keys[] = {"due", "at", "old_due", "until", "claimed_at"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static void put_scalar(FILE *out, const char *key, json_t *value)
{
    if (json_is_string(value)) {
        const char *text = word_of(key, json_string_value(value));
        if (is_time(key))
            text_put_time(out, text);
        else
            text_put(out, text, 0, 0);
    } else if (json_is_number(value)) {
        double number = json_number_value(value);
        bool share = is_share(key) && number <= 1;
        (void)fprintf(out, share ? "%.0f%%" : "%g", share ? 100 * number : number);
        if (strcmp(key, "percent") == 0)
            (void)fputc('%', out);
    } else if (json_is_boolean(value)) {
        (void)fputs(json_is_true(value) ? "是" : "否", out);
    }
}

static void put_list(FILE *out, const char *key, json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        (void)fputs(i ? "、" : "", out);
        put_scalar(out, key, json_array_get(list, i));
    }
}

static void put_used(FILE *out, json_t *used)
{
    const char *clock;
    json_t *share;
    bool first = true;
    json_object_foreach(used, clock, share)
    {
        (void)fprintf(out, "%s%s %.0f%%", first ? "" : "、", word_of("clock", clock),
                100 * json_number_value(share));
        first = false;
    }
}

/* A clock runs until it is due, or stands. */
static void put_clock(FILE *out, json_t *object)
{
    json_t *due = json_object_get(object, "due");
    (void)fputs(word_of("clock", text_of(object, "clock")), out);
    text_put(out, text_of(object, "title"), 0, 0); /* of a step */
    (void)fputs(due ? "至" : "停表：", out);
    put_scalar(
            out, due ? "due" : "paused", due ? due : json_object_get(object, "paused"));
}

/* The shapes that occur: {clock, due}, {rule, words}, {category, confidence}, {code,
 * name}, and shares by clock. */
static void put_object(FILE *out, const char *key, json_t *object)
{
    if (strcmp(key, "used") == 0) {
        put_used(out, object);
    } else if (json_object_get(object, "clock")) {
        put_clock(out, object);
    } else if (json_object_get(object, "rule")) {
        text_put(out, text_of(object, "rule"), 0, 0);
        if (json_array_size(json_object_get(object, "words"))) {
            (void)fputs("(", out);
            put_list(out, "words", json_object_get(object, "words"));
            (void)fputs(")", out);
        }
    } else if (json_object_get(object, "category")) {
        put_scalar(out, "category", json_object_get(object, "category"));
        (void)fputs("(", out);
        put_scalar(out, "confidence", json_object_get(object, "confidence"));
        (void)fputs(")", out);
    } else if (json_object_get(object, "name")) {
        text_put(out, text_of(object, "name"), 0, 0);
        if (json_object_get(object, "code")) {
            (void)fputs("(", out);
            text_put(out, text_of(object, "code"), 0, 0);
            (void)fputs(")", out);
        }
    } else {
        const char *name;
        json_t *value;
        bool first = true;
        json_object_foreach(object, name, value)
        {
            (void)fprintf(out, "%s%s ", first ? "" : ",", word_field(name));
            put_scalar(out, name, value);
            first = false;
        }
    }
}

static void put_value(FILE *out, const char *key, json_t *value)
{
    if (json_is_object(value)) {
        put_object(out, key, value);
    } else if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            (void)fputs(i ? "、" : "", out);
            put_value(out, key, json_array_get(value, i));
        }
    } else {
        put_scalar(out, key, value);
    }
}

/* "    <title>:field value;field old → value" of everything but the stage; nothing when
 * there is nothing. */
static void put_fields(FILE *out, const char *title, json_t *fields, json_t *old)
{
    const char *key;
    json_t *value;
    bool first = true;
    json_object_foreach(fields, key, value)
    {
        if (strcmp(key, "stage") == 0 || json_is_null(value) ||
                (json_is_array(value) && !json_array_size(value)))
            continue;
        json_t *before = old ? json_object_get(old, key) : NULL;
        (void)fprintf(out, "%s%s%s ", first ? "    " : ";", first ? title : "",
                word_field(key));
        if (before) {
            put_value(out, key, before);
            (void)fputs(" → ", out);
        }
        put_value(out, key, value);
        first = false;
    }
    if (!first)
        (void)fputc('\n', out);
}

static void put_actor(FILE *out, json_t *actor)
{
    const char *unit = text_of(actor, "unit"), *by = text_of(actor, "by");
    if (*unit) {
        text_put(out, unit, 0, 0);
        if (*by) {
            (void)fputc('/', out);
            text_put(out, by, 0, 0);
        }
    } else {
        const char *service = text_of(actor, "service");
        (void)fputs("系统", out);
        if (*service) {
            (void)fputc('/', out);
            text_put(out, service, 0, 0);
        }
    }
}

void story_print(FILE *out, json_t *event)
{
    json_t *old = json_object_get(event, "old"), *new = json_object_get(event, "new");
    (void)fprintf(
            out, "%3lld  ", (long long)json_integer_value(json_object_get(event, "seq")));
    text_put_time(out, text_of(event, "at"));
    (void)fputs("  ", out);
    text_put(out, word_of("kind", text_of(event, "kind")), 10, 0);
    (void)fputs("  ", out);
    put_actor(out, json_object_get(event, "actor"));
    const char *from = text_of(old, "stage"), *to = text_of(new, "stage");
    if (*to) {
        (void)fputs("  ", out);
        if (*from)
            (void)fprintf(out, "%s → ", word_of("stage", from));
        text_put(out, word_of("stage", to), 0, 0);
    }
    (void)fputc('\n', out);
    put_fields(out, "", new, old);
    put_fields(out, "依据:", json_object_get(event, "why"), NULL);
}

void story_section(FILE *out, const char *title, json_t *fields)
{
    if (json_object_size(fields) == 0)
        return;
    (void)fprintf(out, "%s\n", title);
    put_fields(out, "", fields, NULL);
}
