#include "train_pack.h"

#include "train_memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 1 << 16, INT8_LIMIT = 127 };

/* The size from which on a weight is kept, so that no more than max are: counted in steps
 * of a float's upper half. */
static float least_kept(const float *weight, size_t n, size_t max)
{
    size_t *with = train_zeroed(STEPS, sizeof *with), sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &weight[i], sizeof bits);
        with[(bits & 0x7fffffff) >> 16]++;
    }
    uint32_t step = STEPS;
    while (step > 1 && sum + with[step - 1] <= max)
        sum += with[--step];
    free(with);
    uint32_t bits = step << 16;
    float least;
    memcpy(&least, &bits, sizeof least);
    return least;
}

/* A gram's place in the file: by its mix, which also sorts by bucket. */
struct placed {
    uint64_t mixed;
    uint32_t feature;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    return x->mixed < y->mixed ? -1 : x->mixed > y->mixed;
}

static uint32_t bits_for(uint32_t n_grams)
{
    uint32_t bits = 1;
    while (bits < 18 && (2u << bits) < n_grams)
        bits++;
    return bits;
}

static void write_labels(
        struct train_pack *out, const struct train_rows *rows, uint32_t n_classes)
{
    char *labels = (char *)(uintptr_t)out->view.labels;
    uint32_t *label_at = (uint32_t *)(uintptr_t)out->view.label_at;
    for (uint32_t c = 0; c < n_classes; c++) {
        size_t len = strlen(rows->labels[c]);
        memcpy(labels + label_at[c], rows->labels[c], len);
        label_at[c + 1] = label_at[c] + (uint32_t)len;
    }
}

static void write_scales(struct train_pack *out, const struct train_linear *linear)
{
    float *scale = (float *)(uintptr_t)out->view.scale;
    uint32_t n = linear->n_classes;
    for (size_t i = 0; i < (size_t)n * linear->n_features; i++)
        scale[i % n] = fmaxf(scale[i % n], fabsf(linear->weight[i]));
    for (uint32_t c = 0; c < n; c++) {
        scale[c] /= INT8_LIMIT;
        out->bias[c] = linear->bias[c];
        out->prior[c] = linear->prior[c];
    }
}

static void write_grams(struct train_pack *out, const struct placed *order,
        const struct train_features *features)
{
    uint32_t *bucket_at = (uint32_t *)(uintptr_t)out->view.bucket_at;
    struct textmodel_gram *grams = (struct textmodel_gram *)(uintptr_t)out->view.grams;
    uint32_t n = features->n_features, bits = out->header->bucket_bits;
    for (uint32_t g = 0; g < n; g++) {
        grams[g].fingerprint = (uint32_t)order[g].mixed;
        grams[g].idf = features->idf[order[g].feature];
        bucket_at[(order[g].mixed >> (64 - bits)) + 1]++;
    }
    for (size_t b = 0; b < (size_t)1 << bits; b++)
        bucket_at[b + 1] += bucket_at[b];
}

/* Which weights of a gram are kept. */
struct keeping {
    const struct train_linear *linear;
    float least;
};

static bool keeps(const struct keeping *keeping, float weight)
{
    return fabsf(weight) >= keeping->least && weight != 0;
}

static const float *weights_of(const struct keeping *keeping, uint32_t feature)
{
    return keeping->linear->weight + (size_t)feature * keeping->linear->n_classes;
}

static uint32_t count_kept(const struct keeping *keeping, uint32_t feature)
{
    const float *weight = weights_of(keeping, feature);
    uint32_t kept = 0;
    for (uint32_t c = 0; c < keeping->linear->n_classes; c++)
        kept += keeps(keeping, weight[c]);
    return kept;
}

/* A row of all weights takes a byte each, a listed weight four. */
static bool is_dense(const struct keeping *keeping, uint32_t kept)
{
    return kept * sizeof(struct textmodel_weight) >=
           textmodel_row_size(keeping->linear->n_classes);
}

static int8_t small(const struct train_pack *pack, const float *weight, uint32_t c)
{
    float scale = pack->view.scale[c];
    return (int8_t)(scale > 0 ? lroundf(weight[c] / scale) : 0);
}

static void write_weights(
        struct train_pack *out, const struct placed *order, const struct keeping *keeping)
{
    struct textmodel_gram *grams = (struct textmodel_gram *)(uintptr_t)out->view.grams;
    struct textmodel_weight *listed = (struct textmodel_weight *)(uintptr_t)
                                              out->view.weights;
    int8_t *row = (int8_t *)(uintptr_t)out->view.dense;
    uint32_t n = keeping->linear->n_classes, at = 0, n_dense = 0;
    for (uint32_t g = 0; g < keeping->linear->n_features; g++) {
        const float *weight = weights_of(keeping, order[g].feature);
        bool dense = is_dense(keeping, count_kept(keeping, order[g].feature));
        for (uint32_t c = 0; c < n; c++)
            if (dense)
                row[c] = small(out, weight, c);
            else if (keeps(keeping, weight[c]))
                listed[at++] = (struct textmodel_weight){
                        .label = (uint16_t)c, .value = small(out, weight, c)};
        if (dense) {
            grams[g].dense = ++n_dense;
            row += textmodel_row_size(n);
        }
        grams[g + 1].weight_at = at;
    }
}

/* Fills n_weights and n_dense. */
static void count_weights(struct textmodel_header *header, const struct keeping *keeping)
{
    for (uint32_t f = 0; f < keeping->linear->n_features; f++) {
        uint32_t kept = count_kept(keeping, f);
        if (is_dense(keeping, kept))
            header->n_dense++;
        else
            header->n_weights += kept;
    }
}

void train_pack_make(struct train_pack *out, const struct train_linear *linear,
        const struct train_features *features, const struct train_rows *rows)
{
    size_t n = (size_t)linear->n_classes * linear->n_features;
    const struct keeping keeping = {
            linear, least_kept(linear->weight, n, TRAIN_PACK_WEIGHTS)};
    struct textmodel_header header = {
            .n_classes = linear->n_classes,
            .n_grams = linear->n_features,
            .bucket_bits = bits_for(linear->n_features),
            .n_rows = (uint32_t)features->n_rows,
    };
    count_weights(&header, &keeping);
    for (uint32_t c = 0; c < linear->n_classes; c++)
        header.label_bytes += (uint32_t)strlen(rows->labels[c]);
    *out = (struct train_pack){.size = textmodel_layout(&header, NULL, &out->view)};
    out->bytes = train_zeroed(out->size, 1);
    (void)textmodel_layout(&header, out->bytes, &out->view);
    out->header = out->bytes;
    *out->header = header;
    out->bias = (float *)(uintptr_t)out->view.bias;
    out->rest = (float *)(uintptr_t)out->view.rest;
    out->precision = (float *)(uintptr_t)out->view.precision;
    out->prior = train_zeroed(header.n_classes, sizeof *out->prior);

    struct placed *order = train_zeroed(linear->n_features, sizeof *order);
    for (uint32_t f = 0; f < linear->n_features; f++)
        order[f] = (struct placed){textgram_mix(features->key[f]), f};
    qsort(order, linear->n_features, sizeof *order, compare_placed);
    write_labels(out, rows, linear->n_classes);
    write_scales(out, linear);
    write_grams(out, order, features);
    write_weights(out, order, &keeping);
    free(order);
}

void train_pack_free(struct train_pack *pack)
{
    free(pack->bytes);
    free(pack->prior);
    *pack = (struct train_pack){0};
}
