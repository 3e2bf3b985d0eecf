/* Rows as vectors: tf-idf over the grams that occur in at least two of them. */
#ifndef CHUISHAO_TRAIN_FEATURES_H
#define CHUISHAO_TRAIN_FEATURES_H

#include "train_rows.h"

struct train_features {
    size_t n_rows;
    const uint32_t *row; /* which of the rows */
    size_t *at;          /* n_rows + 1, into index and value */
    uint32_t *index;     /* of a feature */
    float *value;        /* each row of length 1 */
    uint32_t n_features;
    uint64_t *key; /* the gram of a feature */
    float *idf;
};

/* row[0..n_rows): the rows that count, kept by pointer. At most features_max features,
 * the commonest. */
void train_features_make(struct train_features *out, const struct train_rows *rows,
        const uint32_t *row, size_t n_rows, uint32_t features_max);
void train_features_free(struct train_features *features);

#endif
