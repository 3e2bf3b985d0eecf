/* Training a textmodel, and what is to be expected of it: every figure and the confidence
 * come from texts that the scores had not seen (four folds). */
#ifndef CHUISHAO_TRAIN_H
#define CHUISHAO_TRAIN_H

#include "train_pack.h"

struct train_report {
    size_t n_rows;
    uint32_t n_classes, n_grams, n_weights;
    double top1, top3;  /* share of rows */
    double calibration; /* expected calibration error, ten equal parts */
    double threshold, share, right;
};

/* The same rows give the same bytes. precision: what those above the threshold are to
 * reach, 0 to 1. */
void train_model(struct train_pack *out, const struct train_rows *rows, double precision,
        struct train_report *report, FILE *progress);

#endif
