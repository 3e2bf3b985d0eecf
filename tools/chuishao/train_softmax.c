#include "train_softmax.h"

#include "train_memory.h"

#include <math.h>
#include <stdlib.h>

static const float STEP = 20, DECAY = 4e-6F, BIAS_STEP = 0.05F;
enum { PASSES = 15 };

/* Turns scores into their softmax. */
static void softmax(float *score, uint32_t n)
{
    float most = score[0], sum = 0;
    for (uint32_t c = 1; c < n; c++)
        most = fmaxf(most, score[c]);
    for (uint32_t c = 0; c < n; c++) {
        score[c] = expf(score[c] - most);
        sum += score[c];
    }
    for (uint32_t c = 0; c < n; c++)
        score[c] /= sum;
}

static void subtract_scaled(
        float *restrict weight, const float *restrict gradient, size_t n, float value)
{
    for (size_t at = 0; at < n; at += TRAIN_BLOCK)
        for (size_t i = 0; i < TRAIN_BLOCK; i++)
            weight[at + i] -= value * gradient[at + i];
}

/* One step. Weights are scale * weight, so that decay costs nothing. score: those of the
 * classes that only fill the last block stay zero. */
static void learn(struct train_matrix *matrix, const struct train_task *task, size_t r,
        float step, float scale, float *score)
{
    const struct train_features *features = task->features;
    uint32_t n = matrix->n_classes, width = matrix->width;
    train_matrix_score(matrix, features, r, 0, width, score);
    for (uint32_t c = 0; c < n; c++)
        score[c] = scale * score[c] + matrix->bias[c];
    softmax(score, n);
    score[task->label[r]] -= 1; /* now the gradient */
    for (size_t i = features->at[r]; i < features->at[r + 1]; i++)
        subtract_scaled(matrix->weight + (size_t)features->index[i] * width, score, width,
                step / scale * features->value[i]);
    for (uint32_t c = 0; c < n; c++)
        matrix->bias[c] -= BIAS_STEP * step * score[c];
}

void train_softmax_fit(struct train_matrix *out, const struct train_task *task)
{
    size_t n_rows = task->features->n_rows, steps = PASSES * n_rows, done = 0;
    train_matrix_make(out, task);
    uint32_t *order = train_zeroed(n_rows, sizeof *order);
    float *score = train_zeroed(out->width, sizeof *score), scale = 1;
    uint64_t state = task->seed;
    for (uint32_t r = 0; r < n_rows; r++)
        order[r] = r;
    for (int pass = 0; pass < PASSES; pass++) {
        train_shuffle(order, n_rows, &state);
        for (size_t i = 0; i < n_rows; i++, done++) {
            float step = STEP * (1 - (float)done / (float)steps);
            scale *= 1 - step * DECAY;
            learn(out, task, order[i], step, scale, score);
        }
    }
    size_t n_weights = (size_t)out->n_features * out->width;
    for (size_t i = 0; i < n_weights; i++)
        out->weight[i] *= scale;
    free(order);
    free(score);
}
