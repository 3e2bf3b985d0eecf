/* Linear support vector machines, each class against the rest, with squared hinge loss:
 * dual coordinate descent (Hsieh et al. 2008) for all classes in one go, so that a row's
 * features are read once for all of them. */
#ifndef CHUISHAO_TRAIN_SVM_H
#define CHUISHAO_TRAIN_SVM_H

#include "train_matrix.h"

/* Makes *out. */
void train_svm_fit(struct train_matrix *out, const struct train_task *task);

#endif
