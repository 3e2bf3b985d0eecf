/* Linear scores for all classes in one matrix: 5 * SVM + softmax. The SVM ranks best, the
 * softmax separates the runners-up and gives the scores a scale. Where labels are joined,
 * a label's score has its groups' scores in it: what a group has learned decides between
 * groups, and the label's own SVM inside them.
 * The only module that includes liblinear. */
#ifndef CHUISHAO_TRAIN_LINEAR_H
#define CHUISHAO_TRAIN_LINEAR_H

#include "train_features.h"
#include "train_join.h"

/* So many weights at most are learned at once (bounds the memory: 4 bytes each). */
enum { TRAIN_WEIGHTS_MAX = 64 * 1024 * 1024 };

struct train_linear {
    uint32_t n_classes, n_features;
    float *weight; /* n_features * n_classes, a feature's weights side by side */
    float *bias;
    float *prior; /* logarithm of a class's share of the rows; 0 without a row */
};

/* The same rows and seed give the same weights. */
void train_linear_fit(struct train_linear *out, const struct train_features *features,
        const struct train_rows *rows, const struct train_joins *joins, uint32_t seed);
void train_linear_free(struct train_linear *linear);

/* An L2-regularised logistic over n rows of n_inputs each: weight[0..n_inputs), the
 * constant in weight[n_inputs]. */
void train_logistic_fit(double *weight, const float *inputs, size_t n_inputs,
        const bool *right, size_t n);

#endif
