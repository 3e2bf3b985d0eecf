#include "train_features.h"

#include "train_memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEN_LEAST = 2 };
static const float LONG_SHARE = 0.6F; /* of grams of three: most say again what two say */

/* In how many of the rows each gram occurs. */
static uint32_t *count_rows(
        const struct train_rows *rows, const uint32_t *row, size_t n_rows)
{
    uint32_t *seen = train_zeroed(rows->n_keys, sizeof *seen);
    for (size_t r = 0; r < n_rows; r++) {
        const struct train_row *one = &rows->rows[row[r]];
        for (size_t i = one[0].gram_at; i < one[1].gram_at; i++)
            seen[rows->gram[i]]++;
    }
    return seen;
}

/* How many rows a gram must occur in, so that no more than max do. */
static uint32_t least_seen(const uint32_t *seen, size_t n_keys, uint32_t max)
{
    for (uint32_t least = SEEN_LEAST;; least++) {
        size_t n = 0;
        for (size_t i = 0; i < n_keys; i++)
            n += seen[i] >= least;
        if (n <= max)
            return least;
    }
}

/* Names the features: seen[gram] becomes the feature's number + 1, or 0. */
static void number_features(struct train_features *out, const struct train_rows *rows,
        uint32_t *seen, uint32_t least)
{
    for (size_t i = 0; i < rows->n_keys; i++) {
        if (seen[i] < least) {
            seen[i] = 0;
            continue;
        }
        out->key[out->n_features] = rows->keys[i];
        float idf = logf((1 + (float)out->n_rows) / (1 + (float)seen[i])) + 1;
        out->idf[out->n_features] = rows->keys[i] >> 42 ? LONG_SHARE * idf : idf;
        seen[i] = ++out->n_features;
    }
}

static void fill_row(struct train_features *out, const struct train_rows *rows, size_t r,
        const uint32_t *number)
{
    const struct train_row *one = &rows->rows[out->row[r]];
    size_t at = out->at[r];
    float squares = 0;
    for (size_t i = one[0].gram_at; i < one[1].gram_at; i++) {
        uint32_t feature = number[rows->gram[i]];
        if (!feature--)
            continue;
        float value = (1 + logf((float)rows->count[i])) * out->idf[feature];
        squares += value * value;
        out->index[at] = feature;
        out->value[at++] = value;
    }
    for (size_t i = out->at[r]; i < at; i++)
        out->value[i] /= sqrtf(squares);
    out->at[r + 1] = at;
}

void train_features_make(struct train_features *out, const struct train_rows *rows,
        const uint32_t *row, size_t n_rows, uint32_t features_max)
{
    size_t n_grams = 0;
    for (size_t r = 0; r < n_rows; r++)
        n_grams += rows->rows[row[r] + 1].gram_at - rows->rows[row[r]].gram_at;
    *out = (struct train_features){
            .n_rows = n_rows,
            .row = row,
            .at = train_zeroed(n_rows + 1, sizeof *out->at),
            .index = train_zeroed(n_grams, sizeof *out->index),
            .value = train_zeroed(n_grams, sizeof *out->value),
            .key = train_zeroed(rows->n_keys, sizeof *out->key),
            .idf = train_zeroed(rows->n_keys, sizeof *out->idf),
    };
    uint32_t *seen = count_rows(rows, row, n_rows);
    number_features(out, rows, seen, least_seen(seen, rows->n_keys, features_max));
    for (size_t r = 0; r < n_rows; r++)
        fill_row(out, rows, r, seen);
    free(seen);
}

void train_features_free(struct train_features *features)
{
    free(features->at);
    free(features->index);
    free(features->value);
    free(features->key);
    free(features->idf);
    *features = (struct train_features){0};
}
