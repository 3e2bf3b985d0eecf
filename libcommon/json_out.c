#include "json_out.h"

#include <stdio.h>
#include <string.h>

void json_begin(struct json_out *out, struct arena *arena, size_t size_hint)
{
    size_t cap = size_hint < 64 ? 64 : size_hint;
    *out = (struct json_out){.arena = arena, .ptr = arena_alloc(arena, cap), .cap = cap};
}

struct str json_end(struct json_out *out)
{
    arena_shrink(out->arena, out->ptr, out->cap, out->len);
    out->cap = out->len;
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

void json_put_raw(struct json_out *out, struct str value)
{
    char *at = room(out, value.len);
    if (value.len)
        memcpy(at, value.ptr, value.len);
    out->len += value.len;
}

void json_put_key(struct json_out *out, struct str key)
{
    char *at = room(out, key.len + 4), *from = at;
    if (out->comma)
        *at++ = ',';
    if (key.ptr) {
        *at++ = '"';
        memcpy(at, key.ptr, key.len);
        at += key.len;
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

void json_put_str(struct json_out *out, struct str s)
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
        json_put_raw(out, (struct str){s.ptr + i, run});
        i += run;
    }
    *room(out, 1) = '"';
    out->len++;
}

void json_put_open(struct json_out *out, char bracket)
{
    *room(out, 1) = bracket;
    out->len++;
    out->comma = false;
}

void json_put_close(struct json_out *out, char bracket)
{
    *room(out, 1) = bracket;
    out->len++;
    out->comma = true;
}

void json_int(struct json_out *out, const char *key, int64_t value)
{
    json_put_key(out, str_of(key));
    char text[24];
    char *at = text + sizeof text;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        *--at = '-';
    json_put_raw(out, (struct str){at, (size_t)(text + sizeof text - at)});
}

void json_num(struct json_out *out, const char *key, double value, int decimals)
{
    json_put_key(out, str_of(key));
    char text[352]; /* the largest double has 309 digits before the point */
    int n = snprintf(text, sizeof text, "%.*f", decimals < 17 ? decimals : 17, value);
    if (!(value - value == 0.0)) /* not finite: JSON has no word for it */
        n = snprintf(text, sizeof text, "null");
    json_put_raw(out, (struct str){text, (size_t)n});
}

void json_bool(struct json_out *out, const char *key, bool value)
{
    json_put_key(out, str_of(key));
    json_put_raw(out, value ? STR("true") : STR("false"));
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
