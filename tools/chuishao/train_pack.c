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
    float *scale = (float *)(uintptr_t)out->view.scale,
          *bias = (float *)(uintptr_t)out->view.bias;
    uint32_t n = linear->n_classes;
    for (size_t i = 0; i < (size_t)n * linear->n_features; i++)
        scale[i % n] = fmaxf(scale[i % n], fabsf(linear->weight[i]));
    for (uint32_t c = 0; c < n; c++) {
        scale[c] /= INT8_LIMIT;
        bias[c] = linear->bias[c];
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

static void write_weights(struct train_pack *out, const struct placed *order,
        const struct train_linear *linear, float least)
{
    struct textmodel_gram *grams = (struct textmodel_gram *)(uintptr_t)out->view.grams;
    struct textmodel_weight *kept = (struct textmodel_weight *)(uintptr_t)
                                            out->view.weights;
    uint32_t n = linear->n_classes, at = 0;
    for (uint32_t g = 0; g < linear->n_features; g++) {
        const float *weight = linear->weight + (size_t)order[g].feature * n;
        for (uint32_t c = 0; c < n; c++)
            if (fabsf(weight[c]) >= least && weight[c] != 0)
                kept[at++] = (struct textmodel_weight){.label = (uint16_t)c,
                        .value = (int8_t)lroundf(weight[c] / out->view.scale[c])};
        grams[g + 1].weight_at = at;
    }
}

static uint32_t count_kept(const float *weight, size_t n, float least)
{
    uint32_t kept = 0;
    for (size_t i = 0; i < n; i++)
        kept += fabsf(weight[i]) >= least && weight[i] != 0;
    return kept;
}

void train_pack_make(struct train_pack *out, const struct train_linear *linear,
        const struct train_features *features, const struct train_rows *rows)
{
    size_t n = (size_t)linear->n_classes * linear->n_features;
    float least = least_kept(linear->weight, n, TRAIN_PACK_WEIGHTS);
    struct textmodel_header header = {
            .n_classes = linear->n_classes,
            .n_grams = linear->n_features,
            .n_weights = count_kept(linear->weight, n, least),
            .bucket_bits = bits_for(linear->n_features),
            .n_rows = (uint32_t)features->n_rows,
    };
    for (uint32_t c = 0; c < linear->n_classes; c++)
        header.label_bytes += (uint32_t)strlen(rows->labels[c]);
    *out = (struct train_pack){.size = textmodel_layout(&header, NULL, &out->view)};
    out->bytes = train_zeroed(out->size, 1);
    (void)textmodel_layout(&header, out->bytes, &out->view);
    out->header = out->bytes;
    *out->header = header;
    out->precision = (float *)(uintptr_t)out->view.precision;

    struct placed *order = train_zeroed(linear->n_features, sizeof *order);
    for (uint32_t f = 0; f < linear->n_features; f++)
        order[f] = (struct placed){textgram_mix(features->key[f]), f};
    qsort(order, linear->n_features, sizeof *order, compare_placed);
    write_labels(out, rows, linear->n_classes);
    write_scales(out, linear);
    write_grams(out, order, features);
    write_weights(out, order, linear, least);
    free(order);
}

void train_pack_free(struct train_pack *pack)
{
    free(pack->bytes);
    *pack = (struct train_pack){0};
}
