#include "train_linear.h"

#include "train_memory.h"
#include "train_softmax.h"
#include "train_svm.h"

#include <linear.h>
#include <math.h>
#include <stdlib.h>

static const float SVM_SHARE = 5, GROUP_PRIOR_SHARE = 0.7F;
static const float UNSEEN = -100; /* score of a class without a row */

/* Logarithm of each class's share of the rows, 0 without a row; owned. */
static float *priors(const struct train_task *task)
{
    float *prior = train_zeroed(task->n_classes, sizeof *prior);
    size_t n_rows = task->features->n_rows;
    for (size_t r = 0; r < n_rows; r++)
        prior[task->label[r]]++;
    for (uint32_t c = 0; c < task->n_classes; c++)
        if (prior[c] > 0)
            prior[c] = logf(prior[c] / (float)n_rows);
    return prior;
}

/* group: by class of out; NULL: each is its own. */
static void add(struct train_linear *out, const struct train_matrix *learned,
        const uint32_t *group, float share)
{
    uint32_t n = out->n_classes;
    for (uint32_t f = 0; f < out->n_features; f++)
        for (uint32_t c = 0; c < n; c++)
            out->weight[(size_t)f * n + c] += share *
                                              learned->weight[(size_t)f * learned->width +
                                                              (group ? group[c] : c)];
    for (uint32_t c = 0; c < n; c++)
        out->bias[c] += share * learned->bias[group ? group[c] : c];
}

static void add_svm(struct train_linear *out, const struct train_task *task,
        const uint32_t *group, float share)
{
    struct train_matrix learned;
    train_svm_fit(&learned, task);
    add(out, &learned, group, share * SVM_SHARE);
    train_matrix_free(&learned);
}

static void add_softmax(struct train_linear *out, const struct train_task *task,
        const uint32_t *group, float share)
{
    struct train_matrix learned;
    train_softmax_fit(&learned, task);
    add(out, &learned, group, share);
    train_matrix_free(&learned);
}

static void add_join(struct train_linear *out, const struct train_task *task,
        const struct train_join *join, float share)
{
    uint32_t *label = train_zeroed(task->features->n_rows, sizeof *label);
    for (size_t r = 0; r < task->features->n_rows; r++)
        label[r] = join->group[task->label[r]];
    struct train_task groups = *task;
    groups.label = label;
    groups.n_classes = join->n_groups;
    add_svm(out, &groups, join->group, share);
    add_softmax(out, &groups, join->group, share);
    float *prior = priors(&groups);
    for (uint32_t c = 0; c < out->n_classes; c++)
        out->bias[c] -= share * GROUP_PRIOR_SHARE * prior[join->group[c]];
    free(prior);
    free(label);
}

void train_linear_fit(struct train_linear *out, const struct train_features *features,
        const struct train_rows *rows, const struct train_joins *joins, uint32_t seed)
{
    uint32_t *label = train_zeroed(features->n_rows, sizeof *label);
    for (size_t r = 0; r < features->n_rows; r++)
        label[r] = rows->rows[features->row[r]].label;
    const struct train_task task = {
            .features = features,
            .label = label,
            .n_classes = rows->n_labels,
            .seed = seed,
    };
    float shares = 1;
    for (int j = 0; j < joins->n; j++)
        shares += joins->join[j].share;
    *out = (struct train_linear){
            .n_classes = task.n_classes,
            .n_features = features->n_features,
            .weight = train_zeroed(
                    (size_t)features->n_features * task.n_classes, sizeof *out->weight),
            .bias = train_zeroed(task.n_classes, sizeof *out->bias),
            .prior = priors(&task),
    };
    add_svm(out, &task, NULL, 1 / shares);
    if (joins->n == 0)
        add_softmax(out, &task, NULL, 1);
    for (int j = 0; j < joins->n; j++)
        add_join(out, &task, &joins->join[j], joins->join[j].share / shares);
    for (uint32_t c = 0; c < task.n_classes; c++)
        if (out->prior[c] == 0)
            out->bias[c] = UNSEEN;
    free(label);
}

void train_linear_free(struct train_linear *linear)
{
    free(linear->weight);
    free(linear->bias);
    free(linear->prior);
    *linear = (struct train_linear){0};
}

static void say_nothing(const char *text)
{
    (void)text;
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
