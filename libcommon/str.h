/* Borrowed bytes: a pointer and a length, not terminated. The owner of the bytes decides
 * how long they live. */
#ifndef CHUISHAO_STR_H
#define CHUISHAO_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

/* For printf's "%.*s". */
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct str str_of(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_is(struct str a, const char *text)
{
    return str_eq(a, str_of(text));
}

/* a, or b when a is empty. */
static inline struct str str_or(struct str a, struct str b)
{
    return a.len ? a : b;
}

static inline bool str_starts(struct str a, struct str prefix)
{
    return a.len >= prefix.len &&
           (prefix.len == 0 || memcmp(a.ptr, prefix.ptr, prefix.len) == 0);
}

/* Where needle begins in a; a.len when it does not occur. */
static inline size_t str_find(struct str a, struct str needle)
{
    for (size_t i = 0; i + needle.len <= a.len; i++)
        if (needle.len == 0 || memcmp(a.ptr + i, needle.ptr, needle.len) == 0)
            return i;
    return a.len;
}

/* Copies s, terminated, into out; false (out untouched) when it does not fit or holds a
 * NUL. */
static inline bool str_copy(char *out, size_t size, struct str s)
{
    if (s.len >= size || (s.len && memchr(s.ptr, 0, s.len)))
        return false;
    if (s.len)
        memcpy(out, s.ptr, s.len);
    out[s.len] = 0;
    return true;
}

#endif
