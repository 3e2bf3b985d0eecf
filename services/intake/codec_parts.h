/* What the codecs of intake share. A tree is jansson's, known here by its name only. */
#ifndef CHUISHAO_CODEC_PARTS_H
#define CHUISHAO_CODEC_PARTS_H

#include "intake_codec.h"
#include "mask_core.h"

struct json_t;

enum { LIST_MAX = 20, LIST_TEXT_MAX = 1000 };

enum codec_kind {
    FIELD_TEXT,
    FIELD_WORD,
    FIELD_TIME,
    FIELD_TOLD,
    FIELD_NUMBER,
    FIELD_OBJECT,
    FIELD_TEXTS,
    FIELD_OWN
};

struct codec_reading {
    struct arena *arena;
    struct error *err;
    const char *prefix; /* "reporter.", for messages */
};

struct codec_field {
    const char *name;
    enum codec_kind kind;
    size_t offset;
    bool required;
    size_t max;               /* characters, items, or the absolute value of a number */
    const char *const *words; /* of FIELD_WORD, ends with NULL */
    const char *code;         /* of an unknown word, or of an empty text */
    const struct codec_field *sub; /* of FIELD_OBJECT, ends with a NULL name */
    /* Of FIELD_OWN: reads the value into out. */
    bool (*read)(
            const struct codec_reading *reading, const struct json_t *value, void *out);
};

/* ---- json_codec.c ---- */

/* ERR_INVALID: the field, and what is the matter with it. */
MUST_USE bool codec_refuse(const struct codec_reading *reading, const char *field,
        const char *code, const char *what);

/* At most max characters; the text is copied to the arena. */
MUST_USE bool codec_read_text(const struct codec_reading *reading, const char *name,
        const struct json_t *value, size_t max, struct str *out);
MUST_USE bool codec_read_texts(const struct codec_reading *reading, const char *name,
        const struct json_t *value, struct text_list *out);

/* Fields that are not in the table are passed over; null is absent. */
MUST_USE bool codec_read_fields(const struct codec_reading *reading,
        const struct json_t *object, const struct codec_field *fields, void *out);

/* ---- document_codec.c ---- */

/* One JSON object, owned; NULL and err when it is none. */
struct json_t *codec_parse(struct str value, struct error *err);

/* A header may hold any bytes; ours go into JSON and into the id. */
MUST_USE bool codec_read_header(struct str value, size_t max, const char *name,
        struct str *out, struct error *err);

/* In structured mode the event is around the message: takes source and id from it and
 * goes inside. */
MUST_USE bool codec_unwrap(const struct codec_reading *reading, struct str content_type,
        const struct json_t **object, struct str *source, struct str *id);

/* ---- text_codec.c ---- */

size_t codec_count_chars(struct str text);

/* Spaces, also the wide one, and line ends. */
bool codec_is_blank(struct str text);

struct str codec_masked(
        struct str text, const struct mask_known *known, size_t n, struct arena *arena);

#endif
