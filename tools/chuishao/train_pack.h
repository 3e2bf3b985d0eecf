/* From learned weights to the bytes that serve: the largest weights only, 8 bits each. */
#ifndef CHUISHAO_TRAIN_PACK_H
#define CHUISHAO_TRAIN_PACK_H

#include "textmodel_file.h"
#include "train_linear.h"

/* So many weights are kept; more makes no difference to what is decided, only to the size
 * (bench/README.md). */
enum { TRAIN_PACK_WEIGHTS = 300000, TRAIN_PACK_FEATURES = 200000 };

struct train_pack {
    void *bytes; /* owned; sealed by whoever fills the header's confidence */
    size_t size;
    struct textmodel_header *header; /* in bytes */
    float *bias, *rest, *precision;  /* by class, in bytes */
    float *prior;                    /* of train_linear.h; owned */
    struct textmodel view;           /* of bytes */
};

void train_pack_make(struct train_pack *out, const struct train_linear *linear,
        const struct train_features *features, const struct train_rows *rows);
void train_pack_free(struct train_pack *pack);

#endif
