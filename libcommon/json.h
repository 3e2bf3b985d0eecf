/* Reading JSON between our own stages: one pass over the text into a struct, driven by a
 * table, without a tree. What comes from outside is validated once, fully, at intake (see
 * services/intake); here a text that is not JSON or misses a required field is
 * ERR_INVALID, unknown fields are passed over. */
#ifndef CHUISHAO_JSON_H
#define CHUISHAO_JSON_H

#include "arena.h"
#include "error.h"
#include "instant.h"
#include "str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_kind {
    JSON_STR,   /* struct str: unescaped UTF-8, lives in the arena */
    JSON_CHARS, /* char[max]: unescaped and terminated; longer than max - 1 bytes is an
                   error */
    JSON_RAW,   /* struct str: the value's own bytes, borrowed from the text, to be passed
                 * on untouched; under the name ""   those of the object that the table
                 * itself   reads */
    JSON_INT,   /* int64_t */
    JSON_NUM,   /* double */
    JSON_BOOL,  /* bool */
    JSON_INSTANT, /* instant, from an RFC 3339 string */
    JSON_ENUM,    /* int: the index of the string in names[0..max) */
    JSON_OBJECT,  /* a struct at this offset, read by sub[0..max) */
    JSON_LIST, /* struct json_list: an array of objects read by sub[0..max), items in the
                  arena */
    JSON_STRS, /* struct json_list of struct str: an array of strings, in the arena */
};

struct json_list {
    void *items;
    size_t n;
};

struct json_field {
    const char *name;
    enum json_kind kind;
    size_t offset; /* of the destination in the struct */
    bool required; /* absent or null is ERR_INVALID missing_field; otherwise absent or
                      null leaves the destination as it is */
    size_t max;    /* size of a JSON_CHARS, count of names or of sub's fields */
    const char *const *names;
    const struct json_field *sub;
    size_t item_size; /* of a JSON_LIST's struct */
};

struct json_reader; /* owned parser memory, reused from text to text; one per thread */

struct json_reader *json_reader_open(void);
void json_reader_close(struct json_reader *reader);

/* Reads the object in text into *out, which the caller has set to its defaults. The arena
 * holds what JSON_STR, JSON_LIST and JSON_STRS point to. JSON_RAW borrows from text
 * itself. Errors name the field: bad_json, missing_field, wrong_type, too_long, bad_time,
 * naive_time, unknown_value, duplicate_field (of a field in the table). The whole text is
 * checked, syntax and UTF-8, also what is passed over. *out is undefined on failure. A
 * table has at most 64 fields. */
MUST_USE bool json_read(struct json_reader *reader, struct str text,
        const struct json_field *fields, size_t n, void *out, struct arena *arena,
        struct error *err);

#endif
