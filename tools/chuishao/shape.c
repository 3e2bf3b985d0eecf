#include "shape.h"

#include "ids.h"
#include "instant.h"

#include <string.h>

enum shape_kind {
    SHAPE_TEXT,
    SHAPE_WORD,
    SHAPE_TIME,
    SHAPE_BOOL,
    SHAPE_NUMBER,
    SHAPE_OBJECT,
    SHAPE_LIST
};

struct shape {
    const char *name;
    enum shape_kind kind;
    bool required;
    size_t max;               /* characters of a text, items of a list */
    const char *const *words; /* of a word, ended by NULL */
    const struct shape
            *sub; /* of an object or of a list's items, ended by a NULL name; NULL: any */
};

static const char *const channels[] = {"phone", "app", "web", "wechat", "letter", "mail",
        "sms", "visit", "transfer_110", "upper", "patrol", "media", NULL};
static const char *const reporter_kinds[] = {
        "self", "proxy", "courier", "staff", "anonymous", NULL};
static const char *const actions[] = {"sign", "contact", "handle", "submit",
        "request_return", "dispatch", "refuse_return", "redo", "close", NULL};

static const struct shape place[] = {
        {"address", SHAPE_TEXT, false, 300, NULL, NULL},
        {"estate", SHAPE_TEXT, false, 100, NULL, NULL},
        {"grid", SHAPE_TEXT, false, 63, NULL, NULL},
        {"lon", SHAPE_NUMBER, false, 0, NULL, NULL},
        {"lat", SHAPE_NUMBER, false, 0, NULL, NULL},
        {0},
};

static const struct shape reporter[] = {
        {"name", SHAPE_TEXT, false, 50, NULL, NULL},
        {"phone", SHAPE_TEXT, false, 30, NULL, NULL},
        {"id_number", SHAPE_TEXT, false, 30, NULL, NULL},
        {"kind", SHAPE_WORD, false, 0, reporter_kinds, NULL},
        {"confidential", SHAPE_BOOL, false, 0, NULL, NULL},
        {"no_reply", SHAPE_BOOL, false, 0, NULL, NULL},
        {0},
};

static const struct shape about[] = {
        {"unit", SHAPE_TEXT, false, 100, NULL, NULL},
        {"name", SHAPE_TEXT, false, 50, NULL, NULL},
        {0},
};

static const struct shape attachment[] = {
        {"uri", SHAPE_TEXT, true, 1000, NULL, NULL},
        {"type", SHAPE_TEXT, false, 100, NULL, NULL},
        {"sha256", SHAPE_TEXT, false, 64, NULL, NULL},
        {0},
};

static const struct shape intake[] = {
        {"id", SHAPE_TEXT, true, 128, NULL, NULL},
        {"channel", SHAPE_WORD, true, 0, channels, NULL},
        {"reported_at", SHAPE_TIME, true, 0, NULL, NULL},
        {"text", SHAPE_TEXT, true, 5000, NULL, NULL},
        {"title", SHAPE_TEXT, false, 200, NULL, NULL},
        {"place", SHAPE_OBJECT, false, 0, NULL, place},
        {"reporter", SHAPE_OBJECT, false, 0, NULL, reporter},
        {"about", SHAPE_OBJECT, false, 0, NULL, about},
        {"upper_id", SHAPE_TEXT, false, 128, NULL, NULL},
        {"attachments", SHAPE_LIST, false, 20, NULL, attachment},
        {"urgent", SHAPE_BOOL, false, 0, NULL, NULL},
        {0},
};

static const struct shape action[] = {
        {"id", SHAPE_TEXT, true, 128, NULL, NULL},
        {"case", SHAPE_TEXT, true, CASE_ID_LEN, NULL, NULL},
        {"order", SHAPE_TEXT, true, 40, NULL, NULL},
        {"action", SHAPE_WORD, true, 0, actions, NULL},
        {"at", SHAPE_TIME, true, 0, NULL, NULL},
        {"by", SHAPE_TEXT, true, 64, NULL, NULL},
        {"unit", SHAPE_TEXT, false, 31, NULL, NULL},
        {"note", SHAPE_TEXT, false, 1000, NULL, NULL},
        {"result", SHAPE_TEXT, false, 2000, NULL, NULL},
        {"contact_record", SHAPE_TEXT, false, 1000, NULL, NULL},
        {"photos", SHAPE_LIST, false, 20, NULL, NULL},
        {"reason", SHAPE_TEXT, false, 500, NULL, NULL},
        {"proposed_unit", SHAPE_TEXT, false, 31, NULL, NULL},
        {"to", SHAPE_TEXT, false, 31, NULL, NULL},
        {"category", SHAPE_TEXT, false, 6, NULL, NULL},
        {0},
};

static size_t count_chars(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

static bool wrong_type(const struct shape *shape, const char *wanted, struct error *err)
{
    return error_set(
            err, ERR_INVALID, "wrong_type", "%s must be %s", shape->name, wanted);
}

static bool check_text(const struct shape *shape, const json_t *value, struct error *err)
{
    if (!json_is_string(value))
        return wrong_type(shape, "a text", err);
    size_t len = json_string_length(value);
    if (shape->required && len == 0)
        return error_set(err, ERR_INVALID, "missing_field", "%s is empty", shape->name);
    if (count_chars(json_string_value(value), len) > shape->max)
        return error_set(err, ERR_INVALID, "too_long", "%s is longer than %zu characters",
                shape->name, shape->max);
    return true;
}

static bool check_word(const struct shape *shape, const json_t *value, struct error *err)
{
    if (!json_is_string(value))
        return wrong_type(shape, "a word", err);
    char known[160] = "";
    for (const char *const *word = shape->words; *word; word++) {
        if (strcmp(*word, json_string_value(value)) == 0)
            return true;
        (void)strncat(known, word == shape->words ? "" : ", ",
                sizeof known - strlen(known) - 1);
        (void)strncat(known, *word, sizeof known - strlen(known) - 1);
    }
    return error_set(err, ERR_INVALID, "unknown_value", "%s must be one of %s",
            shape->name, known);
}

static bool check_time(const struct shape *shape, const json_t *value, struct error *err)
{
    instant at;
    if (!json_is_string(value))
        return wrong_type(shape, "a time", err);
    if (instant_parse((struct str){json_string_value(value), json_string_length(value)},
                &at, err))
        return true;
    error_prefix(err, "%s", shape->name);
    return false;
}

static bool check_fields(
        const json_t *object, const struct shape *shapes, struct error *err);

static bool check_list(const struct shape *shape, const json_t *value, struct error *err)
{
    if (!json_is_array(value))
        return wrong_type(shape, "a list", err);
    if (json_array_size(value) > shape->max)
        return error_set(err, ERR_INVALID, "too_long", "%s has more than %zu items",
                shape->name, shape->max);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        if (!shape->sub && !json_is_string(item))
            return wrong_type(shape, "a list of texts", err);
        if (shape->sub && !json_is_object(item))
            return wrong_type(shape, "a list of objects", err);
        if (shape->sub && !check_fields(item, shape->sub, err)) {
            error_prefix(err, "%s %zu", shape->name, i + 1);
            return false;
        }
    }
    return true;
}

static bool check_value(const struct shape *shape, const json_t *value, struct error *err)
{
    switch (shape->kind) {
    case SHAPE_TEXT:
        return check_text(shape, value, err);
    case SHAPE_WORD:
        return check_word(shape, value, err);
    case SHAPE_TIME:
        return check_time(shape, value, err);
    case SHAPE_BOOL:
        return json_is_boolean(value) || wrong_type(shape, "true or false", err);
    case SHAPE_NUMBER:
        return json_is_number(value) || wrong_type(shape, "a number", err);
    case SHAPE_LIST:
        return check_list(shape, value, err);
    case SHAPE_OBJECT:
    default:
        break;
    }
    if (!json_is_object(value))
        return wrong_type(shape, "an object", err);
    if (check_fields(value, shape->sub, err))
        return true;
    error_prefix(err, "%s", shape->name);
    return false;
}

static bool check_fields(
        const json_t *object, const struct shape *shapes, struct error *err)
{
    for (const struct shape *shape = shapes; shape->name; shape++) {
        const json_t *value = json_object_get(object, shape->name);
        bool absent = !value || json_is_null(value);
        if (absent && shape->required)
            return error_set(
                    err, ERR_INVALID, "missing_field", "%s is missing", shape->name);
        if (!absent && !check_value(shape, value, err))
            return false;
    }
    return true;
}

json_t *shape_object(struct str text, struct error *err)
{
    json_error_t where;
    json_t *value = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &where);
    if (!value && json_error_code(&where) == json_error_duplicate_key) {
        (void)error_set(err, ERR_INVALID, "duplicate_key",
                "a field is there twice (column %d)", where.column);
        return NULL;
    }
    if (!value) { /* jansson's own text would quote the input */
        (void)error_set(err, ERR_INVALID, "bad_json",
                "not JSON in UTF-8 (line %d, column %d)", where.line, where.column);
        return NULL;
    }
    if (json_is_object(value))
        return value;
    json_decref(value);
    (void)error_set(err, ERR_INVALID, "wrong_type", "not a JSON object");
    return NULL;
}

bool shape_intake(const json_t *complaint, struct error *err)
{
    return check_fields(complaint, intake, err);
}

bool shape_action(const json_t *object, struct error *err)
{
    static const struct {
        const char *action, *needs;
    } needs[] = {{"submit", "result"}, {"request_return", "reason"}, {"dispatch", "to"}};
    if (!check_fields(object, action, err))
        return false;
    const char *name = json_string_value(json_object_get(object, "action"));
    const char *case_id = json_string_value(json_object_get(object, "case"));
    const char *order = json_string_value(json_object_get(object, "order"));
    if (!case_id_valid(str_of(case_id)))
        return error_set(err, ERR_INVALID, "bad_value",
                "case is not a case id like n20261121-0123456789abcdef");
    if (strncmp(order, case_id, CASE_ID_LEN) != 0 || order[CASE_ID_LEN] != '.')
        return error_set(err, ERR_INVALID, "bad_value",
                "order must be the case id, a dot and the task number");
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        const char *value = json_string_value(json_object_get(object, needs[i].needs));
        if (strcmp(name, needs[i].action) == 0 && (!value || !*value))
            return error_set(err, ERR_INVALID, "missing_field",
                    "%s is missing: %s needs it", needs[i].needs, name);
    }
    return true;
}
