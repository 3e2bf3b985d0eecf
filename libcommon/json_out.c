#include "json_out.h"

#include <stdio.h>
#include <string.h>

void json_begin(struct json_out *out, struct arena *arena, size_t size_hint)
{
    size_t cap = size_hint < 64 ? 64 : size_hint;
    *out = (struct json_out){.arena = arena, .ptr = arena_alloc(arena, cap), .cap = cap};
}

struct str json_end(const struct json_out *out)
{
    return (struct str){out->ptr, out->len};
}

static void grow(struct json_out *out, size_t n)
{
    size_t cap = out->cap * 2;
    while (cap - out->len < n)
        cap *= 2;
    char *bigger = arena_alloc(out->arena, cap);
    memcpy(bigger, out->ptr, out->len);
    out->ptr = bigger;
    out->cap = cap;
}

/* Makes room for n more bytes and returns where they go. */
static inline char *room(struct json_out *out, size_t n)
{
    if (n > out->cap - out->len)
        grow(out, n);
    return out->ptr + out->len;
}

static void put(struct json_out *out, const char *bytes, size_t n)
{
    char *at = room(out, n);
    if (n)
        memcpy(at, bytes, n);
    out->len += n;
}

static void put_key(struct json_out *out, const char *key)
{
    size_t len = key ? strlen(key) : 0;
    char *at = room(out, len + 4), *from = at;
    if (out->comma)
        *at++ = ',';
    if (key) {
        *at++ = '"';
        memcpy(at, key, len);
        at += len;
        *at++ = '"';
        *at++ = ':';
    }
    out->len += (size_t)(at - from);
    out->comma = true;
}

#define BYTES(c) (UINT64_C(0x0101010101010101) * (c))

/* The length of the run from p that needs no escaping. Eight bytes at a time: the top bit
 * of a byte is set when it is below 0x20, a quote or a backslash. A borrow may set it in
 * the bytes above the first one, never in those below it. */
static size_t plain_run(const char *p, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t x;
        memcpy(&x, p + i, 8);
        uint64_t quote = x ^ BYTES('"'), slash = x ^ BYTES('\\');
        uint64_t low = (x - BYTES(0x20)) & ~x;
        uint64_t found = (low | ((quote - BYTES(1)) & ~quote) |
                                 ((slash - BYTES(1)) & ~slash)) &
                         BYTES(0x80);
        if (found)
            break;
    }
    for (; i < n; i++)
        if ((unsigned char)p[i] < 0x20 || p[i] == '"' || p[i] == '\\')
            break;
    return i;
}

static size_t escape(char *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    out[0] = '\\';
    switch (c) {
    case '"':
    case '\\':
        out[1] = (char)c;
        return 2;
    case '\b':
        out[1] = 'b';
        return 2;
    case '\f':
        out[1] = 'f';
        return 2;
    case '\n':
        out[1] = 'n';
        return 2;
    case '\r':
        out[1] = 'r';
        return 2;
    case '\t':
        out[1] = 't';
        return 2;
    default:
        memcpy(out + 1, "u00", 3);
        out[4] = hex[c >> 4];
        out[5] = hex[c & 15];
        return 6;
    }
}

static void put_string(struct json_out *out, struct str s)
{
    char *at = room(out, s.len + 2);
    size_t i = plain_run(s.ptr, s.len);
    *at = '"';
    if (i)
        memcpy(at + 1, s.ptr, i);
    out->len += i + 1;
    while (i < s.len) {
        out->len += escape(room(out, 6), (unsigned char)s.ptr[i++]);
        size_t run = plain_run(s.ptr + i, s.len - i);
        put(out, s.ptr + i, run);
        i += run;
    }
    *room(out, 1) = '"';
    out->len++;
}

static void bracket_open(struct json_out *out, const char *key, char c)
{
    put_key(out, key);
    *room(out, 1) = c;
    out->len++;
    out->comma = false;
}

static void bracket_close(struct json_out *out, char c)
{
    *room(out, 1) = c;
    out->len++;
    out->comma = true;
}

void json_open_object(struct json_out *out, const char *key)
{
    bracket_open(out, key, '{');
}

void json_close_object(struct json_out *out)
{
    bracket_close(out, '}');
}

void json_open_array(struct json_out *out, const char *key)
{
    bracket_open(out, key, '[');
}

void json_close_array(struct json_out *out)
{
    bracket_close(out, ']');
}

void json_str(struct json_out *out, const char *key, struct str value)
{
    put_key(out, key);
    put_string(out, value);
}

void json_text(struct json_out *out, const char *key, const char *value)
{
    json_str(out, key, str_of(value));
}

void json_int(struct json_out *out, const char *key, int64_t value)
{
    put_key(out, key);
    char text[24];
    char *at = text + sizeof text;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        *--at = '-';
    put(out, at, (size_t)(text + sizeof text - at));
}

void json_num(struct json_out *out, const char *key, double value, int decimals)
{
    put_key(out, key);
    char text[352]; /* the largest double has 309 digits before the point */
    int n = snprintf(text, sizeof text, "%.*f", decimals < 17 ? decimals : 17, value);
    if (!(value - value == 0.0)) /* not finite: JSON has no word for it */
        n = snprintf(text, sizeof text, "null");
    put(out, text, (size_t)n);
}

void json_bool(struct json_out *out, const char *key, bool value)
{
    put_key(out, key);
    put(out, value ? "true" : "false", value ? 4 : 5);
}

void json_instant(struct json_out *out, const char *key, instant value)
{
    if (instant_is_never(value)) {
        json_raw(out, key, (struct str){0});
        return;
    }
    char text[INSTANT_TEXT_SIZE];
    instant_format(value, text);
    json_text(out, key, text);
}

void json_raw(struct json_out *out, const char *key, struct str value)
{
    put_key(out, key);
    if (value.len)
        put(out, value.ptr, value.len);
    else
        put(out, "null", 4);
}

void json_str_some(struct json_out *out, const char *key, struct str value)
{
    if (value.len)
        json_str(out, key, value);
}

void json_text_some(struct json_out *out, const char *key, const char *value)
{
    if (value && *value)
        json_text(out, key, value);
}

void json_instant_some(struct json_out *out, const char *key, instant value)
{
    if (!instant_is_never(value))
        json_instant(out, key, value);
}

void json_raw_some(struct json_out *out, const char *key, struct str value)
{
    if (value.len)
        json_raw(out, key, value);
}
