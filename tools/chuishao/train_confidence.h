/* How sure a model may be, learned from what it said of texts it had not seen. */
#ifndef CHUISHAO_TRAIN_CONFIDENCE_H
#define CHUISHAO_TRAIN_CONFIDENCE_H

#include "train.h"

/* What was said of a row. */
struct train_verdict {
    uint32_t said;
    bool right, among3;
    float signals[TEXTMODEL_SIGNALS];
    double p; /* set by train_confidence_fit */
};

/* Fills the header's confidence and threshold and precision[] by class. */
void train_confidence_fit(struct textmodel_header *header, float *by_class,
        struct train_verdict *verdicts, size_t n, double precision,
        struct train_report *report);

#endif
