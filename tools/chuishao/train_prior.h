/* How much a class's frequency counts. A score knows it from training; taking some of it
 * off keeps rare classes alive. How much is best differs from one set of labels to
 * another and between the first guess and those behind it, so texts that the scores had
 * not seen tell. */
#ifndef CHUISHAO_TRAIN_PRIOR_H
#define CHUISHAO_TRAIN_PRIOR_H

#include "train_pack.h"

enum { TRAIN_PRIOR_STEPS = 15 }; /* shares that are tried */

struct train_prior {
    size_t right[TRAIN_PRIOR_STEPS];  /* by share: texts whose first guess is right */
    size_t among3[TRAIN_PRIOR_STEPS]; /* by share for those behind the first */
    int first, behind;                /* the best ones so far */
};

/* Notes what one text's scores, without any prior, say under each share: of the first
 * guess, or of those behind it once that one is chosen. */
void train_prior_note_first(struct train_prior *prior, const struct train_pack *pack,
        const float *score, uint32_t label);
void train_prior_note_behind(struct train_prior *prior, const struct train_pack *pack,
        const float *score, uint32_t label);

/* From what was noted. */
void train_prior_choose_first(struct train_prior *prior);
void train_prior_choose_behind(struct train_prior *prior);

/* Into the pack's bias and rest, which know none yet. */
void train_prior_apply(const struct train_prior *prior, struct train_pack *pack);

#endif
