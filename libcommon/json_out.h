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

/* The text so far; it lives as long as the arena. */
struct str json_end(const struct json_out *out);

/* key is NULL inside an array and for the outermost value; keys are plain literals that
 * need no escaping. */
void json_open_object(struct json_out *out, const char *key);
void json_close_object(struct json_out *out);
void json_open_array(struct json_out *out, const char *key);
void json_close_array(struct json_out *out);
void json_str(struct json_out *out, const char *key, struct str value);
void json_text(struct json_out *out, const char *key,
        const char *value); /* a terminated string */
void json_int(struct json_out *out, const char *key, int64_t value);
void json_num(struct json_out *out, const char *key, double value, int decimals);
void json_bool(struct json_out *out, const char *key, bool value);
void json_instant(struct json_out *out, const char *key, instant value); /* never: null */
void json_raw(struct json_out *out, const char *key, struct str value);  /* empty: null */

/* Written only when there is something to say: a string that is not empty, an instant
 * that is not never. */
void json_str_some(struct json_out *out, const char *key, struct str value);
void json_text_some(struct json_out *out, const char *key, const char *value);
void json_instant_some(struct json_out *out, const char *key, instant value);
void json_raw_some(struct json_out *out, const char *key, struct str value);

#endif
