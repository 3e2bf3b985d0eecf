#include "textmodel_file.h"

#include "ids.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char magic[8] = "CSMODEL";

/* The next part of the file: `size` bytes, aligned to 8. */
static void *part(char *bytes, size_t *at, size_t size)
{
    void *here = bytes ? bytes + *at : NULL;
    *at += (size + 7) & ~(size_t)7;
    return here;
}

size_t textmodel_layout(
        const struct textmodel_header *header, void *bytes, struct textmodel *view)
{
    size_t classes = header->n_classes, grams = header->n_grams,
           buckets = (size_t)1 << header->bucket_bits, at = 0;
    *view = (struct textmodel){0};
    view->header = part(bytes, &at, sizeof *header);
    view->bias = part(bytes, &at, classes * sizeof *view->bias);
    view->scale = part(bytes, &at, classes * sizeof *view->scale);
    view->precision = part(bytes, &at, classes * sizeof *view->precision);
    view->rest = part(bytes, &at, classes * sizeof *view->rest);
    view->label_at = part(bytes, &at, (classes + 1) * sizeof *view->label_at);
    view->labels = part(bytes, &at, header->label_bytes);
    view->bucket_at = part(bytes, &at, (buckets + 1) * sizeof *view->bucket_at);
    view->grams = part(bytes, &at, (grams + 1) * sizeof *view->grams);
    view->weights = part(bytes, &at, header->n_weights * sizeof *view->weights);
    view->dense = part(
            bytes, &at, header->n_dense * textmodel_row_size(header->n_classes));
    return at;
}

static size_t checksum_from(void)
{
    return offsetof(struct textmodel_header, checksum) +
           sizeof((struct textmodel_header *)0)->checksum;
}

static void checksum_of(const void *bytes, size_t size, char hex[65])
{
    size_t from = checksum_from();
    sha256_hex((struct str){(const char *)bytes + from, size - from}, 32, hex);
}

void textmodel_seal(void *bytes, size_t size)
{
    struct textmodel_header *header = bytes;
    char hex[65];
    memcpy(header->magic, magic, sizeof magic);
    header->version = TEXTMODEL_VERSION;
    header->bytes = (uint32_t)size;
    checksum_of(bytes, size, hex);
    memcpy(header->checksum, hex, sizeof header->checksum);
}

/* at[0..n] begins at 0, never falls and ends at `end`. */
static bool rises(const uint32_t *at, size_t n, size_t end)
{
    for (size_t i = 0; i < n; i++)
        if (at[i] > at[i + 1])
            return false;
    return at[0] == 0 && at[n] == end;
}

static bool all_finite(const float *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static bool grams_fit(
        const struct textmodel_gram *grams, size_t n, size_t n_weights, uint32_t n_dense)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(grams[i].idf) || grams[i].weight_at > grams[i + 1].weight_at ||
                grams[i].dense > n_dense)
            return false;
    return grams[0].weight_at == 0 && grams[n].weight_at == n_weights;
}

static bool counts_fit(const struct textmodel_header *header)
{
    return header->n_classes >= 2 && header->n_classes <= TEXTMODEL_CLASSES_MAX &&
           header->n_grams <= TEXTMODEL_GRAMS_MAX &&
           header->n_weights <= TEXTMODEL_WEIGHTS_MAX &&
           header->n_dense <= header->n_grams && header->bucket_bits >= 1 &&
           header->bucket_bits <= 18 &&
           header->label_bytes <= TEXTMODEL_CLASSES_MAX * TEXTMODEL_LABEL_MAX;
}

/* The checksum finds what chance did to a file; this, what a hand did. */
static bool whole(const struct textmodel *view)
{
    const struct textmodel_header *header = view->header;
    size_t classes = header->n_classes, grams = header->n_grams;
    const float numbers[] = {header->threshold, header->precision, header->share,
            header->right, header->top1, header->confidence_at};
    if (!all_finite(numbers, sizeof numbers / sizeof *numbers) ||
            !all_finite(&header->signals[0].mean,
                    TEXTMODEL_SIGNALS * (sizeof header->signals[0] / sizeof(float))) ||
            !all_finite(view->bias, classes) || !all_finite(view->scale, classes) ||
            !all_finite(view->precision, classes) || !all_finite(view->rest, classes) ||
            !rises(view->label_at, classes, header->label_bytes) ||
            !rises(view->bucket_at, (size_t)1 << header->bucket_bits, grams) ||
            !grams_fit(view->grams, grams, header->n_weights, header->n_dense))
        return false;
    for (size_t i = 0; i < classes; i++)
        if (view->label_at[i + 1] - view->label_at[i] > TEXTMODEL_LABEL_MAX)
            return false;
    for (size_t i = 0; i < header->n_weights; i++)
        if (view->weights[i].label >= classes)
            return false;
    return true;
}

static bool refuse(struct error *err, const char *why)
{
    return error_set(err, ERR_INVALID, "bad_model", "%s", why);
}

bool textmodel_view(
        struct textmodel *out, const void *bytes, size_t size, struct error *err)
{
    const struct textmodel_header *header = bytes;
    struct textmodel view;
    char hex[65];
    if (size < sizeof *header || memcmp(header->magic, magic, sizeof magic) != 0)
        return refuse(err, "is not a model file");
    if (header->version != TEXTMODEL_VERSION)
        return error_set(err, ERR_INVALID, "bad_model",
                "is a model of version %u, this program reads version %d; train again",
                header->version, TEXTMODEL_VERSION);
    if (header->bytes != size)
        return refuse(err, "is cut short, or something was added to it");
    checksum_of(bytes, size, hex);
    if (memcmp(header->checksum, hex, sizeof header->checksum) != 0)
        return refuse(err, "is damaged: its checksum does not fit");
    if (!counts_fit(header) ||
            textmodel_layout(header, (void *)(uintptr_t)bytes, &view) != size ||
            !whole(&view))
        return refuse(err, "is not whole: its parts do not fit together");
    *out = view;
    return true;
}

bool textmodel_load(struct textmodel *out, const char *path, struct error *err)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(err, ERR_INVALID, "unreadable", "%s cannot be read: %s", path,
                strerror(errno));
    struct stat status;
    void *bytes = NULL;
    bool done = false;
    if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode) ||
            status.st_size > TEXTMODEL_BYTES_MAX) {
        (void)error_set(err, ERR_INVALID, "unreadable",
                "%s is not a file of at most %d MiB", path,
                TEXTMODEL_BYTES_MAX / (1024 * 1024));
        goto out;
    }
    size_t size = (size_t)status.st_size;
    bytes = malloc(size + 1);
    if (!bytes) {
        (void)error_set(
                err, ERR_FATAL, "out_of_memory", "no memory for the model %s", path);
        goto out;
    }
    if (fread(bytes, 1, size, file) != size) {
        (void)error_set(err, ERR_INVALID, "unreadable", "%s cannot be read", path);
        goto out;
    }
    done = textmodel_view(out, bytes, size, err);
    if (!done)
        error_prefix(err, "%s", path);
out:
    if (!done)
        free(bytes);
    (void)fclose(file); /* only read from */
    return done;
}

void textmodel_unload(struct textmodel *model)
{
    free((void *)(uintptr_t)model->header); /* the file's bytes begin with it */
    *model = (struct textmodel){0};
}
