/* simdjson checks the whole text (syntax, UTF-8, numbers, escapes) and leaves the
 * positions of its tokens; the walk over them then needs no checks of its own. The tape
 * simdjson builds is not used: it has no raw bytes to pass on. */
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <simdjson.h>
#include <sysexits.h>

extern "C" {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic" /* compound literals of our C headers */
#include "json.h"
#include "utf8.h"
#pragma GCC diagnostic pop
}

namespace {

enum { FIELDS_MAX = 64, ESCAPED_KEY_MAX = 64 };

/* Where in the message we are, for error texts. */
struct path {
    const struct path *up;
    const char *name;
};

struct walk {
    const char *text;       /* the padded copy */
    const char *original;   /* what JSON_RAW borrows from */
    const uint32_t *tokens; /* where tokens begin; in order */
    size_t at;              /* the current token */
    struct arena *arena;
    struct error *err;
};

bool fail(const struct walk *walk, const struct path *path, const char *code,
        const char *what)
{
    char name[160];
    size_t end = sizeof name - 1;
    name[end] = 0;
    for (const struct path *p = path; p; p = p->up) {
        size_t len = strlen(p->name);
        if (len + 1 > end)
            break;
        if (name[end])
            name[--end] = '.';
        end -= len;
        memcpy(name + end, p->name, len);
    }
    return error_set(walk->err, ERR_INVALID, code, "field %s %s", name + end, what);
}

char kind_of(const struct walk *walk)
{
    return walk->text[walk->tokens[walk->at]];
}

/* The bytes of the scalar at the current token. */
struct str scalar(const struct walk *walk)
{
    size_t from = walk->tokens[walk->at], to = walk->tokens[walk->at + 1];
    while (to > from + 1 && (unsigned char)walk->text[to - 1] <= ' ')
        to--;
    return {walk->text + from, to - from};
}

/* Moves past the value at the current token. */
void skip(struct walk *walk)
{
    size_t depth = 0;
    do {
        char c = kind_of(walk);
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        walk->at++;
    } while (depth);
}

uint32_t hex4(const char *p)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        uint32_t digit = c <= '9' ? (uint32_t)(c - '0')
                                  : (uint32_t)((c | 0x20) - 'a' + 10);
        value = value << 4 | digit;
    }
    return value;
}

/* A string is never longer unescaped: out holds at least s.len bytes. The escapes are
 * known to be valid. */
size_t unescape(struct str s, char *out)
{
    size_t n = 0;
    const char *p = s.ptr, *end = s.ptr + s.len;
    while (p < end) {
        const char *slash = (const char *)memchr(p, '\\', (size_t)(end - p));
        size_t run = (size_t)((slash ? slash : end) - p);
        memcpy(out + n, p, run);
        n += run;
        p += run;
        if (!slash)
            break;
        char c = p[1];
        p += 2;
        switch (c) {
        case 'b':
            out[n++] = '\b';
            break;
        case 'f':
            out[n++] = '\f';
            break;
        case 'n':
            out[n++] = '\n';
            break;
        case 'r':
            out[n++] = '\r';
            break;
        case 't':
            out[n++] = '\t';
            break;
        case 'u': {
            uint32_t code = hex4(p);
            p += 4;
            if (code >= 0xd800 && code < 0xdc00) {
                code = 0x10000 + ((code - 0xd800) << 10) + (hex4(p + 2) - 0xdc00);
                p += 6;
            }
            n += utf8_put(code, out + n);
            break;
        }
        default:
            out[n++] = c; /* " \ / */
        }
    }
    return n;
}

/* The string at the current token, without its quotes, still escaped. */
struct str inside(const struct walk *walk, bool *escaped)
{
    struct str s = scalar(walk);
    s.ptr++;
    s.len -= 2;
    *escaped = memchr(s.ptr, '\\', s.len) != nullptr;
    return s;
}

struct str string_in_arena(const struct walk *walk)
{
    bool escaped;
    struct str s = inside(walk, &escaped);
    if (!escaped)
        return arena_copy(walk->arena, s);
    char *out = (char *)arena_alloc(walk->arena, s.len + 1);
    size_t len = unescape(s, out);
    out[len] = 0;
    return {out, len};
}

bool wrong_type(const struct walk *walk, const struct path *path, const char *wanted)
{
    char what[64];
    (void)snprintf(what, sizeof what, "must be %s", wanted);
    return fail(walk, path, "wrong_type", what);
}

bool read_object(struct walk *walk, const struct path *path,
        const struct json_field *fields, size_t n, char *out);

bool read_chars(const struct walk *walk, const struct path *path,
        const struct json_field *field, char *out)
{
    bool escaped;
    struct str s = inside(walk, &escaped);
    if (escaped) {
        char *plain = (char *)arena_alloc(walk->arena, s.len + 1);
        s = {plain, unescape(s, plain)};
        if (memchr(s.ptr, 0, s.len))
            return fail(walk, path, "wrong_type", "must not hold a NUL character");
    }
    if (s.len >= field->max) {
        char what[64];
        (void)snprintf(what, sizeof what, "is longer than %zu bytes", field->max - 1);
        return fail(walk, path, "too_long", what);
    }
    memcpy(out, s.ptr, s.len);
    out[s.len] = 0;
    return true;
}

bool read_instant(const struct walk *walk, const struct path *path, char *out)
{
    bool escaped;
    struct str s = inside(walk, &escaped);
    struct error why = {};
    if (!escaped && instant_parse(s, (instant *)out, &why))
        return true;
    if (strcmp(why.code, "naive_time") == 0)
        return fail(walk, path, "naive_time",
                "must be a time with its offset, like 2026-11-21T08:00:00+08:00");
    return fail(walk, path, "bad_time",
            "must be an RFC 3339 time, like 2026-11-21T08:00:00+08:00");
}

bool read_enum(const struct walk *walk, const struct path *path,
        const struct json_field *field, char *out)
{
    bool escaped;
    struct str s = inside(walk, &escaped);
    for (size_t i = 0; i < field->max && !escaped; i++)
        if (strlen(field->names[i]) == s.len &&
                memcmp(field->names[i], s.ptr, s.len) == 0) {
            int index = (int)i;
            memcpy(out, &index, sizeof index);
            return true;
        }
    return fail(walk, path, "unknown_value", "is none of the values the schema names");
}

/* Items of the array at the current token. */
size_t count_items(struct walk walk)
{
    size_t n = 0;
    walk.at++;
    while (kind_of(&walk) != ']') {
        if (kind_of(&walk) == ',')
            walk.at++;
        skip(&walk);
        n++;
    }
    return n;
}

bool read_list(struct walk *walk, const struct path *path, const struct json_field *field,
        char *out)
{
    size_t n = count_items(*walk);
    size_t size = field->kind == JSON_STRS ? sizeof(struct str) : field->item_size;
    char *items = (char *)arena_alloc(walk->arena, n * size + 1);
    memset(items, 0, n * size);
    walk->at++;
    for (size_t i = 0; i < n; i++) {
        char *item = items + i * size;
        if (kind_of(walk) == ',')
            walk->at++;
        if (field->kind == JSON_LIST) {
            if (kind_of(walk) != '{')
                return wrong_type(walk, path, "an array of objects");
            if (!read_object(walk, path, field->sub, field->max, item))
                return false;
        } else {
            if (kind_of(walk) != '"')
                return wrong_type(walk, path, "an array of strings");
            struct str s = string_in_arena(walk);
            memcpy(item, &s, sizeof s);
            walk->at++;
        }
    }
    walk->at++;
    struct json_list list = {items, n};
    memcpy(out, &list, sizeof list);
    return true;
}

bool read_value(struct walk *walk, const struct path *path,
        const struct json_field *field, char *out)
{
    char c = kind_of(walk);
    switch (field->kind) {
    case JSON_STR: {
        if (c != '"')
            return wrong_type(walk, path, "a string");
        struct str s = string_in_arena(walk);
        memcpy(out, &s, sizeof s);
        break;
    }
    case JSON_CHARS:
        if (c != '"')
            return wrong_type(walk, path, "a string");
        if (!read_chars(walk, path, field, out))
            return false;
        break;
    case JSON_INSTANT:
        if (c != '"')
            return wrong_type(walk, path, "a string");
        if (!read_instant(walk, path, out))
            return false;
        break;
    case JSON_ENUM:
        if (c != '"')
            return wrong_type(walk, path, "a string");
        if (!read_enum(walk, path, field, out))
            return false;
        break;
    case JSON_RAW: {
        size_t from = walk->tokens[walk->at];
        skip(walk);
        walk->at--; /* at the value's last token, which for a scalar is also its first */
        size_t to = walk->tokens[walk->at] +
                    (c == '{' || c == '[' ? 1 : scalar(walk).len);
        struct str s = {walk->original + from, to - from};
        memcpy(out, &s, sizeof s);
        break;
    }
    case JSON_INT: {
        struct str s = scalar(walk);
        int64_t value;
        auto [end, error] = std::from_chars(s.ptr, s.ptr + s.len, value);
        if (error != std::errc() || end != s.ptr + s.len)
            return wrong_type(walk, path, "a whole number of at most 64 bits");
        memcpy(out, &value, sizeof value);
        break;
    }
    case JSON_NUM: {
        struct str s = scalar(walk);
        double value;
        if (c != '-' && (c < '0' || c > '9'))
            return wrong_type(walk, path, "a number");
        auto [end, error] = std::from_chars(s.ptr, s.ptr + s.len, value);
        if (error != std::errc() || end != s.ptr + s.len)
            return wrong_type(walk, path, "a number");
        memcpy(out, &value, sizeof value);
        break;
    }
    case JSON_BOOL: {
        if (c != 't' && c != 'f')
            return wrong_type(walk, path, "true or false");
        bool value = c == 't';
        memcpy(out, &value, sizeof value);
        break;
    }
    case JSON_OBJECT:
        if (c != '{')
            return wrong_type(walk, path, "an object");
        return read_object(walk, path, field->sub, field->max, out);
    case JSON_LIST:
    case JSON_STRS:
        if (c != '[')
            return wrong_type(walk, path, "an array");
        return read_list(walk, path, field, out);
    }
    walk->at++;
    return true;
}

/* The index of the field of that name, which is not empty, looking first where the last
 * one left off: writers keep an order. n: none. */
size_t find_field(const struct json_field *fields, size_t n, struct str key, size_t hint)
{
    for (size_t k = 0; k < n; k++) {
        size_t i = hint + k < n ? hint + k : hint + k - n;
        const char *name = fields[i].name;
        if (name[0] == key.ptr[0] && strlen(name) == key.len &&
                memcmp(name, key.ptr, key.len) == 0)
            return i;
    }
    return n;
}

bool read_object(struct walk *walk, const struct path *path,
        const struct json_field *fields, size_t n, char *out)
{
    if (n > FIELDS_MAX) {
        (void)fprintf(stderr, "json_table_too_long fields=%zu max=%d\n", n, FIELDS_MAX);
        abort();
    }
    uint64_t seen = 0, given = 0;
    size_t hint = 0, from = walk->tokens[walk->at];
    walk->at++;
    while (kind_of(walk) != '}') {
        if (kind_of(walk) == ',')
            walk->at++;
        bool escaped;
        struct str key = inside(walk, &escaped);
        char plain[ESCAPED_KEY_MAX];
        if (escaped) /* names in tables are short, so a long one is unknown */
            key = {plain, key.len <= sizeof plain ? unescape(key, plain) : 0};
        walk->at += 2; /* the key and its colon */
        size_t i = key.len ? find_field(fields, n, key, hint) : n;
        if (i == n) {
            skip(walk);
            continue;
        }
        hint = i + 1;
        struct path here = {path, fields[i].name};
        uint64_t bit = (uint64_t)1 << i;
        if (seen & bit)
            return fail(walk, &here, "duplicate_field", "occurs twice");
        seen |= bit;
        if (kind_of(walk) == 'n') {
            walk->at++;
            continue;
        }
        given |= bit;
        if (!read_value(walk, &here, &fields[i], out + fields[i].offset))
            return false;
    }
    struct str whole = {walk->original + from, walk->tokens[walk->at] + 1 - from};
    walk->at++;
    for (size_t i = 0; i < n; i++)
        if (!*fields[i].name)
            memcpy(out + fields[i].offset, &whole, sizeof whole);
        else if (fields[i].required && !(given >> i & 1)) {
            struct path here = {path, fields[i].name};
            return fail(walk, &here, "missing_field", "is required and missing");
        }
    return true;
}

[[noreturn]] void out_of_memory(size_t bytes)
{
    (void)fprintf(stderr, "out_of_memory bytes=%zu\n", bytes);
    exit(EX_OSERR);
}

} // namespace

struct json_reader {
    simdjson::dom::parser parser;
    char *padded;
    size_t size; /* of the text that padded can take */
};

extern "C" struct json_reader *json_reader_open(void)
{
    struct json_reader *reader = new (std::nothrow) json_reader();
    if (!reader)
        out_of_memory(sizeof *reader);
    return reader;
}

extern "C" void json_reader_close(struct json_reader *reader)
{
    if (!reader)
        return;
    free(reader->padded);
    delete reader;
}

static void reader_grow(struct json_reader *reader, size_t want)
{
    size_t size = 16 * 1024;
    while (size < want)
        size *= 2;
    free(reader->padded);
    reader->padded = (char *)malloc(size + simdjson::SIMDJSON_PADDING);
    if (!reader->padded || reader->parser.allocate(size) != simdjson::SUCCESS)
        out_of_memory(size);
    reader->size = size;
}

extern "C" bool json_read(struct json_reader *reader, struct str text,
        const struct json_field *fields, size_t n, void *out, struct arena *arena,
        struct error *err)
{
    if (text.len >= UINT32_MAX / 2)
        return error_set(err, ERR_INVALID, "bad_json", "the text is longer than 2 GiB");
    if (!reader->padded || text.len > reader->size)
        reader_grow(reader, text.len);
    if (text.len)
        memcpy(reader->padded, text.ptr, text.len);
    memset(reader->padded + text.len, ' ', simdjson::SIMDJSON_PADDING);
    simdjson::error_code code = reader->parser.parse(reader->padded, text.len, false)
                                        .error();
    if (code != simdjson::SUCCESS)
        return error_set(err, ERR_INVALID, "bad_json", "not JSON: %s",
                simdjson::error_message(code));
    struct walk walk = {};
    walk.text = reader->padded;
    walk.original = text.ptr;
    walk.tokens = reader->parser.implementation->structural_indexes.get();
    walk.arena = arena;
    walk.err = err;
    if (kind_of(&walk) != '{')
        return error_set(
                err, ERR_INVALID, "bad_json", "the text is JSON but not an object");
    return read_object(&walk, nullptr, fields, n, (char *)out);
}
