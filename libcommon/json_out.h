/* Writing JSON into an arena: keys and values in the order given, commas set by
 * themselves. Bytes of other stages are spliced in untouched with json_raw. Strings are
 * escaped as RFC 8259 asks and must be UTF-8. */
#ifndef CHUISHAO_JSON_OUT_H
#define CHUISHAO_JSON_OUT_H

#include "arena.h"
#include "instant.h"
#include "str.h"
#include <stdbool.h>
#include <stdint.h>

struct json_out {
    struct arena *arena; /* kept */
    char *ptr;
    size_t len, cap;
    bool comma; /* the next value needs one before it */
};

/* size_hint: the expected length, to grow rarely. */
void json_begin(struct json_out *out, struct arena *arena, size_t size_hint);

/* The text; it lives as long as the arena. Room that was not needed is given back. */
struct str json_end(struct json_out *out);

/* The halves of what follows. The key's length is known to the compiler where it is
 * written down as a literal. */
void json_put_key(struct json_out *out, struct str key);
void json_put_open(struct json_out *out, char bracket);
void json_put_close(struct json_out *out, char bracket);
void json_put_str(struct json_out *out, struct str value);
void json_put_raw(struct json_out *out, struct str value);

/* key is NULL inside an array and for the outermost value; keys are plain literals that
 * need no escaping. */
static inline void json_open_object(struct json_out *out, const char *key)
{
    json_put_key(out, str_of(key));
    json_put_open(out, '{');
}

static inline void json_close_object(struct json_out *out)
{
    json_put_close(out, '}');
}

static inline void json_open_array(struct json_out *out, const char *key)
{
    json_put_key(out, str_of(key));
    json_put_open(out, '[');
}

static inline void json_close_array(struct json_out *out)
{
    json_put_close(out, ']');
}

static inline void json_str(struct json_out *out, const char *key, struct str value)
{
    json_put_key(out, str_of(key));
    json_put_str(out, value);
}

/* value is terminated. */
static inline void json_text(struct json_out *out, const char *key, const char *value)
{
    json_str(out, key, str_of(value));
}

/* Empty: null. */
static inline void json_raw(struct json_out *out, const char *key, struct str value)
{
    json_put_key(out, str_of(key));
    json_put_raw(out, value.len ? value : STR("null"));
}

void json_int(struct json_out *out, const char *key, int64_t value);
void json_num(struct json_out *out, const char *key, double value, int decimals);
void json_bool(struct json_out *out, const char *key, bool value);
void json_instant(struct json_out *out, const char *key, instant value); /* never: null */

/* Written only when there is something to say: a string that is not empty, an instant
 * that is not never. */
void json_str_some(struct json_out *out, const char *key, struct str value);
void json_text_some(struct json_out *out, const char *key, const char *value);
void json_instant_some(struct json_out *out, const char *key, instant value);
void json_raw_some(struct json_out *out, const char *key, struct str value);

#endif
