#include "train_linear.h"

#include "train_memory.h"

#include <linear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float SVM_SHARE = 5, PRIOR_SHARE = 1, REST_SHARE = 0.4F, RARE_SHARE = 0.15F;
static const float UNSEEN = -100; /* score of a class without a row */
static const double SVM_C = 1, SVM_TOLERANCE = 0.05;
static const float STEP = 20, DECAY = 4e-6F, BIAS_STEP = 0.05F;
enum { PASSES = 15 };

static void say_nothing(const char *text)
{
    (void)text;
}

/* ---- the SVM ---- */

struct nodes {
    struct feature_node *all;
    struct feature_node **row;
};

/* liblinear counts features from 1, wants the constant as a feature and -1 at the end. */
static struct nodes make_nodes(const struct train_features *features)
{
    size_t n = features->at[features->n_rows] + 2 * features->n_rows, at = 0;
    struct nodes nodes = {
            .all = train_zeroed(n, sizeof *nodes.all),
            .row = train_zeroed(features->n_rows, sizeof *nodes.row),
    };
    for (size_t r = 0; r < features->n_rows; r++) {
        nodes.row[r] = nodes.all + at;
        for (size_t i = features->at[r]; i < features->at[r + 1]; i++)
            nodes.all[at++] = (struct feature_node){
                    (int)features->index[i] + 1, (double)features->value[i]};
        nodes.all[at++] = (struct feature_node){(int)features->n_features + 1, 1};
        nodes.all[at++] = (struct feature_node){-1, 0};
    }
    return nodes;
}

static void add_svm_class(struct train_linear *out, uint32_t c, const double *weight)
{
    for (uint32_t f = 0; f < out->n_features; f++)
        out->weight[(size_t)f * out->n_classes + c] += SVM_SHARE * (float)weight[f];
    out->bias[c] += SVM_SHARE * (float)weight[out->n_features];
}

static void add_svm(struct train_linear *out, const struct train_features *features,
        const struct train_rows *rows, uint32_t seed)
{
    struct nodes nodes = make_nodes(features);
    double *is_class = train_zeroed(features->n_rows, sizeof *is_class);
    const struct problem problem = {
            .l = (int)features->n_rows,
            .n = (int)features->n_features + 1,
            .y = is_class,
            .x = nodes.row,
            .bias = 1,
    };
    int one = 1;
    double weight = 1;
    const struct parameter parameter = {
            .solver_type = L2R_L2LOSS_SVC_DUAL,
            .eps = SVM_TOLERANCE,
            .C = SVM_C,
            .nr_weight = 1,
            .weight_label = &one,
            .weight = &weight,
    };
    set_print_string_function(say_nothing);
    for (uint32_t c = 0; c < out->n_classes; c++) {
        size_t n = 0;
        for (size_t r = 0; r < features->n_rows; r++) {
            bool is = rows->rows[features->row[r]].label == c;
            is_class[r] = is ? 1 : -1;
            n += is;
        }
        if (n == 0) {
            out->bias[c] = UNSEEN;
            continue;
        }
        /* a row of a rare class counts more */
        weight = pow((double)features->n_rows / out->n_classes / (double)n,
                (double)RARE_SHARE);
        srand(seed); /* liblinear shuffles with rand() */
        struct model *model = train(&problem, &parameter);
        double sign = model->label[0] == 1 ? 1 : -1;
        for (uint32_t f = 0; f <= out->n_features; f++)
            model->w[f] *= sign;
        add_svm_class(out, c, model->w);
        free_and_destroy_model(&model);
    }
    free(is_class);
    free(nodes.all);
    free(nodes.row);
}

/* ---- the softmax ---- */

static uint64_t next_random(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t x = *state;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static void shuffle(uint32_t *order, size_t n, uint64_t *state)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = next_random(state) % i;
        uint32_t other = order[k];
        order[k] = order[i - 1];
        order[i - 1] = other;
    }
}

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

/* One step of stochastic gradient descent. Weights are scale * weight, so that decay
 * costs nothing. */
static void learn(struct train_linear *linear, const struct train_features *features,
        size_t r, uint32_t label, float step, float scale, float *score)
{
    uint32_t n = linear->n_classes;
    memset(score, 0, n * sizeof *score);
    for (size_t i = features->at[r]; i < features->at[r + 1]; i++) {
        const float *weight = linear->weight + (size_t)features->index[i] * n;
        float value = features->value[i];
        for (uint32_t c = 0; c < n; c++)
            score[c] += value * weight[c];
    }
    for (uint32_t c = 0; c < n; c++)
        score[c] = scale * score[c] + linear->bias[c];
    softmax(score, n);
    score[label] -= 1; /* now the gradient */
    for (size_t i = features->at[r]; i < features->at[r + 1]; i++) {
        float *weight = linear->weight + (size_t)features->index[i] * n;
        float value = step / scale * features->value[i];
        for (uint32_t c = 0; c < n; c++)
            weight[c] -= value * score[c];
    }
    for (uint32_t c = 0; c < n; c++)
        linear->bias[c] -= BIAS_STEP * step * score[c];
}

/* Into out, which is zero. */
static void fit_softmax(struct train_linear *out, const struct train_features *features,
        const struct train_rows *rows, uint32_t seed)
{
    uint32_t *order = train_zeroed(features->n_rows, sizeof *order);
    float *score = train_zeroed(out->n_classes, sizeof *score), scale = 1;
    uint64_t state = seed;
    for (uint32_t r = 0; r < features->n_rows; r++)
        order[r] = r;
    size_t steps = PASSES * features->n_rows, done = 0;
    for (int pass = 0; pass < PASSES; pass++) {
        shuffle(order, features->n_rows, &state);
        for (size_t i = 0; i < features->n_rows; i++, done++) {
            float step = STEP * (1 - (float)done / (float)steps);
            uint32_t label = rows->rows[features->row[order[i]]].label;
            scale *= 1 - step * DECAY;
            learn(out, features, order[i], label, step, scale, score);
        }
    }
    size_t n_weights = (size_t)out->n_features * out->n_classes;
    for (size_t i = 0; i < n_weights; i++)
        out->weight[i] *= scale;
    free(order);
    free(score);
}

/* ---- both ---- */

static void subtract_prior(struct train_linear *out,
        const struct train_features *features, const struct train_rows *rows)
{
    size_t *seen = train_zeroed(out->n_classes, sizeof *seen);
    for (size_t r = 0; r < features->n_rows; r++)
        seen[rows->rows[features->row[r]].label]++;
    for (uint32_t c = 0; c < out->n_classes; c++)
        if (seen[c]) {
            float prior = logf((float)seen[c] / (float)features->n_rows);
            out->bias[c] -= PRIOR_SHARE * prior;
            out->rest[c] = REST_SHARE * prior;
        }
    free(seen);
}

void train_linear_fit(struct train_linear *out, const struct train_features *features,
        const struct train_rows *rows, uint32_t seed)
{
    uint32_t n_classes = rows->n_labels;
    size_t n_weights = (size_t)features->n_features * n_classes;
    *out = (struct train_linear){
            .n_classes = n_classes,
            .n_features = features->n_features,
            .weight = train_zeroed(n_weights, sizeof *out->weight),
            .bias = train_zeroed(n_classes, sizeof *out->bias),
            .rest = train_zeroed(n_classes, sizeof *out->rest),
    };
    fit_softmax(out, features, rows, seed);
    add_svm(out, features, rows, seed);
    subtract_prior(out, features, rows);
}

void train_linear_free(struct train_linear *linear)
{
    free(linear->weight);
    free(linear->bias);
    free(linear->rest);
    *linear = (struct train_linear){0};
}

void train_logistic_fit(
        double *weight, const float *inputs, size_t n_inputs, const bool *right, size_t n)
{
    size_t width = n_inputs + 2;
    struct feature_node *all = train_zeroed(n * width, sizeof *all),
                        **row = train_zeroed(n, sizeof *row);
    double *y = train_zeroed(n, sizeof *y);
    for (size_t r = 0; r < n; r++) {
        row[r] = all + r * width;
        for (size_t i = 0; i < n_inputs; i++)
            row[r][i] = (struct feature_node){
                    (int)i + 1, (double)inputs[r * n_inputs + i]};
        row[r][n_inputs] = (struct feature_node){(int)n_inputs + 1, 1};
        row[r][n_inputs + 1] = (struct feature_node){-1, 0};
        y[r] = right[r] ? 1 : -1;
    }
    const struct problem problem = {
            .l = (int)n, .n = (int)n_inputs + 1, .y = y, .x = row, .bias = 1};
    const struct parameter parameter = {.solver_type = L2R_LR, .eps = 0.001, .C = 1};
    set_print_string_function(say_nothing);
    struct model *model = train(&problem, &parameter);
    double sign = model->label[0] == 1 ? 1 : -1;
    for (size_t i = 0; i <= n_inputs; i++)
        weight[i] = model->nr_class == 2 ? sign * model->w[i] : 0;
    free_and_destroy_model(&model);
    free(all);
    free(row);
    free(y);
}
