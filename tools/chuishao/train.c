#include "train.h"

#include "train_confidence.h"
#include "train_memory.h"

#include <stdlib.h>

enum { FOLDS = 4, SEED = 20180131, TOP = 3 };

static unsigned fold_of(const struct train_row *row)
{
    return (unsigned)(textgram_mix(row->group) % FOLDS);
}

/* A model of the rows that `row` lists. */
static void fit(struct train_pack *out, const struct train_rows *rows,
        const uint32_t *row, size_t n)
{
    struct train_features features;
    struct train_linear linear;
    uint32_t features_max = TRAIN_WEIGHTS_MAX / rows->n_labels;
    if (features_max > TRAIN_PACK_FEATURES)
        features_max = TRAIN_PACK_FEATURES;
    train_features_make(&features, rows, row, n, features_max);
    train_linear_fit(&linear, &features, rows, SEED);
    train_pack_make(out, &linear, &features, rows);
    train_linear_free(&linear);
    train_features_free(&features);
}

static size_t list_rows(
        const struct train_rows *rows, unsigned fold, bool inside, uint32_t *list)
{
    size_t n = 0;
    for (uint32_t r = 0; r < rows->n_rows; r++)
        if ((fold_of(&rows->rows[r]) == fold) == inside)
            list[n++] = r;
    return n;
}

static struct train_verdict judge(const struct textmodel *model,
        const struct train_row *row, struct textmodel_scratch *scratch)
{
    struct train_verdict verdict = {0};
    struct textmodel_answer answer = textmodel_classify(model, row->text, TOP, scratch);
    verdict.said = answer.top[0].label;
    verdict.right = verdict.said == row->label;
    for (int i = 0; i < answer.n; i++)
        verdict.among3 = verdict.among3 || answer.top[i].label == row->label;
    textmodel_signals(model, scratch, verdict.signals);
    return verdict;
}

/* What models of the other folds say of each row; the scorer is the one that serves. */
static size_t cross_examine(const struct train_rows *rows, struct train_verdict *verdicts,
        uint32_t *list, FILE *progress)
{
    struct textmodel_scratch *scratch = train_zeroed(1, sizeof *scratch);
    size_t n_verdicts = 0;
    for (unsigned fold = 0; fold < FOLDS; fold++) {
        (void)fprintf(progress, "fold %u of %d\n", fold + 1, FOLDS);
        size_t n = list_rows(rows, fold, false, list);
        if (n == 0 || n == rows->n_rows)
            continue;
        struct train_pack pack;
        fit(&pack, rows, list, n);
        n = list_rows(rows, fold, true, list);
        for (size_t i = 0; i < n; i++)
            verdicts[n_verdicts++] = judge(&pack.view, &rows->rows[list[i]], scratch);
        train_pack_free(&pack);
    }
    free(scratch);
    return n_verdicts;
}

void train_model(struct train_pack *out, const struct train_rows *rows, double precision,
        struct train_report *report, FILE *progress)
{
    struct train_verdict *verdicts = train_zeroed(rows->n_rows, sizeof *verdicts);
    uint32_t *list = train_zeroed(rows->n_rows, sizeof *list);
    size_t n = cross_examine(rows, verdicts, list, progress);
    (void)fprintf(progress, "all rows\n");
    for (uint32_t r = 0; r < rows->n_rows; r++)
        list[r] = r;
    fit(out, rows, list, rows->n_rows);
    *report = (struct train_report){
            .n_rows = rows->n_rows,
            .n_classes = out->header->n_classes,
            .n_grams = out->header->n_grams,
            .n_weights = out->header->n_weights,
    };
    train_confidence_fit(out->header, out->precision, verdicts, n, precision, report);
    textmodel_seal(out->bytes, out->size);
    free(verdicts);
    free(list);
}
