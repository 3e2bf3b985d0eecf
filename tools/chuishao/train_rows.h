/* The texts and labels a model is trained on. */
#ifndef CHUISHAO_TRAIN_ROWS_H
#define CHUISHAO_TRAIN_ROWS_H

#include "arena.h"
#include "error.h"

#include <stdint.h>
#include <stdio.h>

enum { TRAIN_ROWS_MAX = 400000 }; /* about 1 KB of memory each */

/* Names of the fields in a line of the input. */
struct train_fields {
    const char *text, *target, *group;
};

struct train_row {
    struct str text;
    uint32_t label;
    uint64_t group; /* rows of one group are never on both sides of a test */
    size_t gram_at; /* its grams: gram[gram_at .. the next row's gram_at) */
};

struct train_rows {
    struct train_row *rows; /* n_rows + n_names + 1: the last one only ends the grams */
    size_t n_rows, n_skipped;
    /* Behind the rows: the names of labels that are words, each as a text of its label. A
     * complaint may name who is responsible, and a rare label has few rows to tell by. */
    size_t n_names;
    const char **labels; /* sorted */
    uint32_t n_labels;
    uint32_t *gram;  /* index into keys */
    uint16_t *count; /* how often, by place in gram */
    uint64_t *keys;  /* of textgrams.h, distinct */
    size_t n_keys;
    struct arena text; /* owns texts and labels */
};

/* Reads JSON lines; a line without text or target is skipped and counted, a line that is
 * not a JSON object is ERR_INVALID with its number. */
MUST_USE bool train_rows_read(struct train_rows *out, FILE *in,
        const struct train_fields *fields, struct error *err);
/* Also of the zero value. */
void train_rows_free(struct train_rows *rows);

#endif
