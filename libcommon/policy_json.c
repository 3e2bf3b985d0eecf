/* The values of a JSON file, checked. */
#include "policy_load.h"

#include <jansson.h>

/* Behind the string that begins at `at`. */
static size_t string_end(struct str text, size_t at)
{
    for (at++; at < text.len && text.ptr[at] != '"'; at++)
        at += text.ptr[at] == '\\';
    return at + 1;
}

static size_t blanks_end(struct str text, size_t at)
{
    while (at < text.len && strchr(" \t\r\n", text.ptr[at]))
        at++;
    return at;
}

/* Where what holds `at` ends; what begins at `at` is passed over whole. */
static size_t around_end(struct str text, size_t at)
{
    for (int depth = 0; at < text.len; at++)
        switch (text.ptr[at]) {
        case '"':
            at = string_end(text, at) - 1;
            break;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            if (depth-- == 0)
                return at;
            break;
        default:
            break;
        }
    return text.len;
}

static bool is_key(struct str text, size_t at)
{
    at = blanks_end(text, string_end(text, at));
    return at < text.len && text.ptr[at] == ':';
}

static size_t source_end(const struct policy_source *source)
{
    return source->to ? source->to : source->text.len;
}

/* The key of that name, else the value; where the search began when there is neither. */
static size_t find_word(const struct policy_source *source, const char *word)
{
    char quoted[POLICY_TEXT_MAX + 3];
    (void)snprintf(quoted, sizeof quoted, "\"%s\"", word);
    size_t end = source_end(source), value = end;
    for (size_t at = source->from; at < end; at++) {
        struct str rest = {source->text.ptr + at, end - at};
        at += str_find(rest, str_of(quoted));
        if (at < end && is_key(source->text, at))
            return at;
        value = at < value ? at : value;
    }
    return value < end ? value : source->from;
}

int policy_json_line(const struct policy_source *source, const char *word)
{
    size_t at = find_word(source, word);
    int line = 1;
    for (size_t i = 0; i < at; i++)
        line += source->text.ptr[i] == '\n';
    return line;
}

struct policy_source policy_json_inside(
        const struct policy_source *source, const char *word)
{
    struct policy_source inside = *source;
    struct str text = source->text;
    inside.from = find_word(source, word);
    if (inside.from == source->from)
        return inside;
    size_t at = string_end(text, inside.from);
    inside.to = around_end(text, at);
    if (is_key(text, inside.from)) {
        at = blanks_end(text, blanks_end(text, at) + 1);
        if (at < text.len && (text.ptr[at] == '{' || text.ptr[at] == '['))
            inside.to = around_end(text, at + 1);
    }
    return inside;
}

struct policy_source policy_json_again(struct policy_loader *loader, const char *file)
{
    struct policy_source source = {.loader = loader, .file = file};
    for (size_t i = 0; i < loader->n_files; i++)
        if (strcmp(loader->files[i].name, file) == 0)
            source.text = loader->files[i].text;
    return source;
}

json_t *policy_json_open(struct policy_source *source, bool required)
{
    if (!policy_read_file(source->loader, source->file, required, &source->text))
        return NULL;
    json_error_t error;
    json_t *root = json_loadb(
            source->text.ptr, source->text.len, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        policy_problem(source->loader, source->file, error.line > 0 ? error.line : 1,
                "is not JSON: %s", error.text);
    else if (!json_is_object(root))
        policy_problem(source->loader, source->file, 1, "must be a JSON object");
    if (root && !json_is_object(root)) {
        json_decref(root);
        return NULL;
    }
    return root;
}

const char *policy_kept(struct policy_loader *loader, const char *text)
{
    return arena_copy(loader->arena, str_of(text)).ptr;
}

int32_t policy_json_int(const struct policy_source *source, const json_t *object,
        const char *key, long min, long max)
{
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);
    if (json_is_integer(value) && number >= min && number <= max)
        return (int32_t)number;
    policy_problem(source->loader, source->file, policy_json_line(source, key),
            "'%s' must be a whole number from %ld to %ld", key, min, max);
    return (int32_t)min;
}

bool policy_json_bool(
        const struct policy_source *source, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_boolean(value))
        policy_problem(source->loader, source->file, policy_json_line(source, key),
                "'%s' must be true or false", key);
    return json_is_true(value);
}

void policy_json_known(const struct policy_source *source, const json_t *object,
        const char *whose, const char *const *keys, size_t n)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (policy_enum(str_of(key), keys, (int)n) < 0)
            policy_problem(source->loader, source->file, policy_json_line(source, key),
                    "%s has no member '%s'", whose, key);
    }
}

struct budget policy_json_amount(const struct policy_source *source, const json_t *object,
        const char *whose, long min)
{
    int unit = policy_enum(str_of(json_string_value(json_object_get(object, "unit"))),
            time_unit_names, TIME_UNIT_COUNT);
    struct budget budget = {
            .amount = policy_json_int(source, object, "amount", min, BUDGET_MAX)};
    if (unit < 0)
        policy_problem(source->loader, source->file, policy_json_line(source, "unit"),
                "%s has no known unit of time", whose);
    else
        budget.unit = (enum time_unit)unit;
    return budget;
}

struct budget policy_json_budget(const struct policy_source *source, const json_t *object,
        const char *key, const char *whose, long min)
{
    static const char *const members[] = {"amount", "unit"};
    const json_t *value = json_object_get(object, key);
    if (!json_is_object(value)) {
        policy_problem(source->loader, source->file, policy_json_line(source, key),
                "'%s' of %s must be like {\"amount\": 4, \"unit\": \"work_hour\"}", key,
                whose);
        return (struct budget){0};
    }
    struct policy_source inside = policy_json_inside(source, key);
    char name[POLICY_TEXT_MAX];
    (void)snprintf(name, sizeof name, "'%.64s' of %.150s", key, whose);
    policy_json_known(&inside, value, name, members, 2);
    return policy_json_amount(&inside, value, name, min);
}
