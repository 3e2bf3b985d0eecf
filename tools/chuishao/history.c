#include "history.h"

#include <stdlib.h>
#include <string.h>

struct history {
    json_t *cases; /* by id: {text, category, unit, from, closed} */
    json_t *pairs;
};

struct history *history_begin(void)
{
    struct history *history = calloc(1, sizeof *history);
    if (history)
        *history = (struct history){json_object(), json_object()};
    return history;
}

void history_end(struct history *history)
{
    if (!history)
        return;
    json_decref(history->cases);
    json_decref(history->pairs);
    free(history);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void keep(json_t *found, const json_t *from, const char *key)
{
    json_t *value = json_object_get(from, key);
    if (json_is_string(value))
        (void)json_object_set(found, key, value); /* out of memory loses an example */
}

/* A decision of people that it belongs to somebody else 改派、裁定. */
static bool corrects(const char *reason)
{
    return strcmp(reason, "return_accepted") == 0 || strcmp(reason, "ruling") == 0 ||
           strcmp(reason, "meeting") == 0;
}

static void take_dispatch(struct history *history, json_t *found, const json_t *event)
{
    const json_t *fresh = json_object_get(event, "new");
    const char *before = text_of(found, "unit"), *unit = text_of(fresh, "unit");
    if (*before && strcmp(before, unit) != 0 &&
            corrects(text_of(json_object_get(event, "why"), "reason"))) {
        json_t *key = json_sprintf("%s\t%s", before, unit);
        json_int_t n = json_integer_value(
                json_object_get(history->pairs, json_string_value(key)));
        (void)json_object_set_new(
                history->pairs, json_string_value(key), json_integer(n + 1));
        (void)json_object_set_new(found, "from", json_string(before));
        json_decref(key);
    }
    keep(found, fresh, "unit");
    keep(found, fresh, "category");
}

void history_take(struct history *history, json_t *event)
{
    const char *id = text_of(event, "case"), *kind = text_of(event, "kind");
    json_t *fresh = json_object_get(event, "new"),
           *found = json_object_get(history->cases, id);
    if (strcmp(kind, "opened") == 0) {
        found = json_object();
        keep(found, fresh, "text");
        keep(found, fresh, "title");
        keep(found, fresh, "category");
        (void)json_object_set_new(
                history->cases, id, found); /* out of memory loses an example */
    } else if (found && strcmp(kind, "dispatched") == 0) {
        take_dispatch(history, found, event);
    } else if (found && strcmp(kind, "closed") == 0 &&
               strcmp(text_of(fresh, "outcome"), "resolved") == 0) {
        (void)json_object_set_new(found, "closed", json_true());
    }
}

size_t history_examples(const struct history *history, FILE *out)
{
    size_t n = 0;
    const char *id;
    json_t *found;
    json_object_foreach(history->cases, id, found)
    {
        if (!json_object_get(found, "closed") || !*text_of(found, "unit"))
            continue;
        json_t *line = json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", id, "text",
                text_of(found, "text"), "category", text_of(found, "category"), "unit",
                text_of(found, "unit"), "group", id);
        keep(line, found, "title");
        keep(line, found, "from");
        (void)json_dumpf(line, out,
                JSON_COMPACT); /* what cannot be written shows when the file is closed */
        (void)fputc('\n', out);
        json_decref(line);
        n++;
    }
    return n;
}

json_t *history_pairs(const struct history *history)
{
    return history->pairs;
}
