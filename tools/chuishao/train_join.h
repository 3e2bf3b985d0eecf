/* Labels that have something in common learn from each other: 龙华区城管局 and
 * 美兰区城管局 do the same in two places, 龙华区城管局 and 龙华区教育局 are in the same
 * place. Found in the labels' names: what several tails have before them is a head. A
 * coarser field of the rows may say more. */
#ifndef CHUISHAO_TRAIN_JOIN_H
#define CHUISHAO_TRAIN_JOIN_H

#include "train_rows.h"

/* One way to put labels together. */
struct train_join {
    uint32_t *group; /* by label; owned */
    uint32_t n_groups;
    float share; /* of its scores in those of a label */
};

enum { TRAIN_JOINS_MAX = 3 };

struct train_joins {
    struct train_join join[TRAIN_JOINS_MAX];
    int n;
};

/* None is a result, too. */
void train_joins_find(struct train_joins *out, const struct train_rows *rows);
void train_joins_free(struct train_joins *joins);

#endif
