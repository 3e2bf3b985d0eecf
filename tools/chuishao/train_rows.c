#include "train_rows.h"

#include "object.h"
#include "textgrams.h"
#include "textmodel.h"
#include "textnorm.h"
#include "train_memory.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    struct train_rows *rows;
    size_t room_rows, room_labels, room_grams, room_keys, n_slots;
    uint32_t *slots; /* of keys by their mix: index + 1 */
    uint32_t text[TEXTGRAMS_LETTERS_MAX];
    struct textgrams grams;
};

static size_t more_room(size_t room)
{
    return room ? room * 2 : 4096;
}

/* ---- grams ---- */

static void place_key(struct reader *reader, uint32_t index)
{
    size_t mask = reader->n_slots - 1,
           slot = textgram_mix(reader->rows->keys[index]) & mask;
    while (reader->slots[slot])
        slot = (slot + 1) & mask;
    reader->slots[slot] = index + 1;
}

static void more_keys(struct reader *reader)
{
    struct train_rows *rows = reader->rows;
    reader->room_keys = more_room(reader->room_keys);
    rows->keys = train_grown(rows->keys, reader->room_keys, sizeof *rows->keys);
    reader->n_slots = reader->room_keys * 2;
    reader->slots = train_grown(reader->slots, reader->n_slots, sizeof *reader->slots);
    memset(reader->slots, 0, reader->n_slots * sizeof *reader->slots);
    for (uint32_t i = 0; i < rows->n_keys; i++)
        place_key(reader, i);
}

static uint32_t key_index(struct reader *reader, uint64_t key)
{
    struct train_rows *rows = reader->rows;
    if (rows->n_keys == reader->room_keys)
        more_keys(reader);
    size_t mask = reader->n_slots - 1;
    for (size_t slot = textgram_mix(key) & mask; reader->slots[slot];
            slot = (slot + 1) & mask)
        if (rows->keys[reader->slots[slot] - 1] == key)
            return reader->slots[slot] - 1;
    rows->keys[rows->n_keys] = key;
    place_key(reader, (uint32_t)rows->n_keys);
    return (uint32_t)rows->n_keys++;
}

static size_t add_grams(struct reader *reader, size_t at)
{
    struct train_rows *rows = reader->rows;
    while (at + reader->grams.n > reader->room_grams) {
        reader->room_grams = more_room(reader->room_grams);
        rows->gram = train_grown(rows->gram, reader->room_grams, sizeof *rows->gram);
        rows->count = train_grown(rows->count, reader->room_grams, sizeof *rows->count);
    }
    for (size_t i = 0; i < reader->grams.n; i++, at++) {
        rows->gram[at] = key_index(reader, reader->grams.grams[i].key);
        rows->count[at] = (uint16_t)reader->grams.grams[i].count;
    }
    return at;
}

/* ---- lines ---- */

static uint64_t hash_of(const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * 0x100000001b3u;
    return hash;
}

static struct str text_of(json_t *object, const char *field)
{
    json_t *value = json_object_get(object, field);
    return (struct str){json_string_value(value), json_string_length(value)};
}

/* At place r, behind all that are there. */
static void append(struct reader *reader, size_t r, struct str text, struct str group)
{
    struct train_rows *rows = reader->rows;
    if (r + 2 > reader->room_rows) {
        reader->room_rows = more_room(reader->room_rows);
        rows->rows = train_grown(rows->rows, reader->room_rows, sizeof *rows->rows);
    }
    size_t letters = textnorm(text, reader->text, TEXTGRAMS_LETTERS_MAX);
    textgrams_count(&reader->grams, reader->text, letters);
    size_t at = r ? rows->rows[r].gram_at : 0;
    rows->rows[r] = (struct train_row){
            .text = arena_copy(&rows->text, text),
            .group = group.len ? hash_of(group.ptr, group.len)
                               : hash_of(reader->text, letters * sizeof *reader->text),
            .gram_at = at,
    };
    rows->rows[r + 1] = (struct train_row){.gram_at = add_grams(reader, at)};
}

static bool add_row(struct reader *reader, json_t *object,
        const struct train_fields *fields, struct error *err)
{
    struct train_rows *rows = reader->rows;
    struct str text = text_of(object, fields->text),
               label = text_of(object, fields->target),
               group = text_of(object, fields->group);
    if (!text.len || !label.len) {
        rows->n_skipped++;
        return true;
    }
    if (label.len > TEXTMODEL_LABEL_MAX)
        return error_set(err, ERR_INVALID, "bad_label", "%s is longer than %d bytes",
                fields->target, TEXTMODEL_LABEL_MAX);
    if (rows->n_rows == TRAIN_ROWS_MAX)
        return error_set(err, ERR_INVALID, "too_many",
                "more than %d rows; the most recent ones are enough", TRAIN_ROWS_MAX);
    append(reader, rows->n_rows, text, group);
    if (rows->n_rows == reader->room_labels) {
        reader->room_labels = more_room(reader->room_labels);
        rows->labels = train_grown(
                rows->labels, reader->room_labels, sizeof *rows->labels);
    }
    rows->labels[rows->n_rows++] = arena_copy(&rows->text, label).ptr;
    return true;
}

/* ---- labels ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* labels: so far one for each row; afterwards the distinct ones, sorted. */
static bool number_labels(struct train_rows *rows, struct error *err)
{
    const char **sorted = train_grown(NULL, rows->n_rows + 1, sizeof *sorted);
    memcpy(sorted, rows->labels, rows->n_rows * sizeof *sorted);
    qsort(sorted, rows->n_rows, sizeof *sorted, compare_names);
    size_t n = 0;
    for (size_t i = 0; i < rows->n_rows; i++)
        if (!n || strcmp(sorted[n - 1], sorted[i]) != 0)
            sorted[n++] = sorted[i];
    for (size_t i = 0; i < rows->n_rows; i++) {
        const char **found = bsearch(
                &rows->labels[i], sorted, n, sizeof *sorted, compare_names);
        rows->rows[i].label = (uint32_t)(found - sorted);
    }
    free(rows->labels);
    rows->labels = sorted;
    rows->n_labels = (uint32_t)n;
    if (n < 2 || n > TEXTMODEL_CLASSES_MAX)
        return error_set(err, ERR_INVALID, "bad_labels",
                "%zu different labels in %zu rows; 2 to %d are wanted", n, rows->n_rows,
                TEXTMODEL_CLASSES_MAX);
    return true;
}

/* A code is no word. */
static bool is_name(const char *label)
{
    while (*label && !((unsigned char)*label & 0x80))
        label++;
    return *label != 0;
}

static void add_names(struct reader *reader)
{
    struct train_rows *rows = reader->rows;
    for (uint32_t label = 0; label < rows->n_labels; label++) {
        if (!is_name(rows->labels[label]))
            continue;
        size_t r = rows->n_rows + rows->n_names++;
        append(reader, r, str_of(rows->labels[label]), (struct str){0});
        rows->rows[r].label = label;
    }
}

bool train_rows_read(struct train_rows *out, FILE *in, const struct train_fields *fields,
        struct error *err)
{
    struct train_rows rows = {0};
    struct reader *reader = train_grown(NULL, 1, sizeof *reader);
    *reader = (struct reader){.rows = &rows};
    char *line = NULL;
    size_t room = 0, number = 0;
    bool done = true;
    for (ssize_t len; done && (len = getline(&line, &room, in)) > 0;) {
        number++;
        if (strspn(line, " \t\r\n") == (size_t)len)
            continue;
        json_t *object = object_read((struct str){line, (size_t)len}, err);
        done = object && add_row(reader, object, fields, err);
        json_decref(object);
        if (!done)
            error_prefix(err, "line %zu", number);
    }
    if (done && ferror(in))
        done = error_set(err, ERR_INVALID, "unreadable", "the input cannot be read");
    if (done && rows.n_rows == 0)
        done = error_set(err, ERR_INVALID, "no_rows", "no line has both %s and %s",
                fields->text, fields->target);
    done = done && number_labels(&rows, err);
    if (done)
        add_names(reader);
    free(line);
    free(reader->slots);
    free(reader);
    if (done)
        *out = rows;
    else
        train_rows_free(&rows);
    return done;
}

void train_rows_free(struct train_rows *rows)
{
    free(rows->rows);
    free(rows->labels);
    free(rows->gram);
    free(rows->count);
    free(rows->keys);
    arena_done(&rows->text);
    *rows = (struct train_rows){0};
}
