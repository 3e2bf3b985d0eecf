#include "train_matrix.h"

#include "train_memory.h"

#include <stdlib.h>
#include <string.h>

void train_matrix_make(struct train_matrix *out, const struct train_task *task)
{
    uint32_t width = (task->n_classes + TRAIN_BLOCK - 1) / TRAIN_BLOCK * TRAIN_BLOCK;
    *out = (struct train_matrix){
            .n_classes = task->n_classes,
            .n_features = task->features->n_features,
            .width = width,
    };
    out->weight = train_zeroed((size_t)out->n_features * width, sizeof *out->weight);
    out->bias = train_zeroed(width, sizeof *out->bias);
}

void train_matrix_free(struct train_matrix *matrix)
{
    free(matrix->weight);
    free(matrix->bias);
    *matrix = (struct train_matrix){0};
}

/* restrict, size_t and the fixed inner count let it become vector instructions. */
static void add_scaled(
        float *restrict score, const float *restrict weight, size_t n, float value)
{
    for (size_t at = 0; at < n; at += TRAIN_BLOCK)
        for (size_t i = 0; i < TRAIN_BLOCK; i++)
            score[at + i] += value * weight[at + i];
}

void train_matrix_score(const struct train_matrix *matrix,
        const struct train_features *features, size_t r, uint32_t from, uint32_t to,
        float *score)
{
    memset(score + from, 0, (to - from) * sizeof *score);
    for (size_t i = features->at[r]; i < features->at[r + 1]; i++)
        add_scaled(score + from,
                matrix->weight + (size_t)features->index[i] * matrix->width + from,
                to - from, features->value[i]);
}

static uint64_t next_random(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t x = *state;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

void train_shuffle(uint32_t *order, size_t n, uint64_t *state)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = next_random(state) % i;
        uint32_t other = order[k];
        order[k] = order[i - 1];
        order[i - 1] = other;
    }
}
