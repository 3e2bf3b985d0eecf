/* Weights while they are learned: for each feature those of all classes side by side, the
 * classes filled up to whole blocks, so that the compiler makes vector instructions. */
#ifndef CHUISHAO_TRAIN_MATRIX_H
#define CHUISHAO_TRAIN_MATRIX_H

#include "train_features.h"

enum { TRAIN_BLOCK = 16 };

/* What is to be told apart. */
struct train_task {
    const struct train_features *features;
    const uint32_t *label; /* by row of the features */
    uint32_t n_classes;
    uint32_t seed;
};

struct train_matrix {
    uint32_t n_classes, n_features, width; /* width: n_classes in whole blocks */
    float *weight;                         /* n_features * width */
    float *bias;                           /* width */
};

/* All zero. */
void train_matrix_make(struct train_matrix *out, const struct train_task *task);
void train_matrix_free(struct train_matrix *matrix);

/* Scores of row r for the classes [from, to), both whole blocks, without the bias. */
void train_matrix_score(const struct train_matrix *matrix,
        const struct train_features *features, size_t r, uint32_t from, uint32_t to,
        float *score);

/* The same order for the same state, which moves on. */
void train_shuffle(uint32_t *order, size_t n, uint64_t *state);

#endif
