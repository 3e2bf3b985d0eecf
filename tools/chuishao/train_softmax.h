/* Multinomial logistic regression by stochastic gradient descent. */
#ifndef CHUISHAO_TRAIN_SOFTMAX_H
#define CHUISHAO_TRAIN_SOFTMAX_H

#include "train_matrix.h"

/* Makes *out. */
void train_softmax_fit(struct train_matrix *out, const struct train_task *task);

#endif
