#include "train.h"

#include "train_confidence.h"
#include "train_memory.h"
#include "train_prior.h"

#include <stdlib.h>

enum { FOLDS = 4, SEED = 20180131, TOP = 3 };

static unsigned fold_of(const struct train_row *row)
{
    return (unsigned)(textgram_mix(row->group) % FOLDS);
}

/* A model of the rows that `row` lists. */
static void fit(struct train_pack *out, const struct train_rows *rows,
        const struct train_joins *joins, const uint32_t *row, size_t n)
{
    struct train_features features;
    struct train_linear linear;
    uint32_t features_max = TRAIN_WEIGHTS_MAX / rows->n_labels;
    if (features_max > TRAIN_PACK_FEATURES)
        features_max = TRAIN_PACK_FEATURES;
    train_features_make(&features, rows, row, n, features_max);
    train_linear_fit(&linear, &features, rows, joins, SEED);
    train_pack_make(out, &linear, &features, rows);
    train_linear_free(&linear);
    train_features_free(&features);
}

/* Those outside of the fold, and the labels' names. */
static size_t list_rows(const struct train_rows *rows, unsigned fold, uint32_t *list)
{
    size_t n = 0;
    for (uint32_t r = 0; r < rows->n_rows; r++)
        if (fold_of(&rows->rows[r]) != fold)
            list[n++] = r;
    if (n == 0 || n == rows->n_rows)
        return 0;
    for (size_t i = 0; i < rows->n_names; i++)
        list[n++] = (uint32_t)(rows->n_rows + i);
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

/* Models of all folds but one each: what they say of that one is said of unseen texts. */
struct folds {
    struct train_pack pack[FOLDS]; /* without bytes where the fold is empty, or all */
    struct textmodel_scratch *scratch;
};

static void fit_folds(struct folds *folds, const struct train_rows *rows,
        const struct train_joins *joins, uint32_t *list, FILE *progress)
{
    for (unsigned fold = 0; fold < FOLDS; fold++) {
        (void)fprintf(progress, "fold %u of %d\n", fold + 1, FOLDS);
        size_t n = list_rows(rows, fold, list);
        if (n > 0)
            fit(&folds->pack[fold], rows, joins, list, n);
    }
}

static void choose_prior(struct train_prior *prior, const struct folds *folds,
        const struct train_rows *rows)
{
    for (int behind = 0; behind <= 1; behind++) {
        for (size_t r = 0; r < rows->n_rows; r++) {
            const struct train_row *row = &rows->rows[r];
            const struct train_pack *pack = &folds->pack[fold_of(row)];
            if (!pack->bytes)
                continue;
            textmodel_score(&pack->view, row->text, folds->scratch);
            if (behind)
                train_prior_note_behind(prior, pack, folds->scratch->score, row->label);
            else
                train_prior_note_first(prior, pack, folds->scratch->score, row->label);
        }
        if (behind)
            train_prior_choose_behind(prior);
        else
            train_prior_choose_first(prior);
    }
}

/* What models of the other folds say of each row; the scorer is the one that serves. */
static size_t cross_examine(struct train_verdict *verdicts, struct folds *folds,
        const struct train_rows *rows)
{
    size_t n = 0;
    for (size_t r = 0; r < rows->n_rows; r++) {
        const struct train_pack *pack = &folds->pack[fold_of(&rows->rows[r])];
        if (pack->bytes)
            verdicts[n++] = judge(&pack->view, &rows->rows[r], folds->scratch);
    }
    return n;
}

void train_model(struct train_pack *out, const struct train_rows *rows, double precision,
        struct train_report *report, FILE *progress)
{
    struct train_verdict *verdicts = train_zeroed(rows->n_rows, sizeof *verdicts);
    size_t n_all = rows->n_rows + rows->n_names;
    uint32_t *list = train_zeroed(n_all, sizeof *list);
    struct train_joins joins;
    struct train_prior prior = {0};
    struct folds folds = {.scratch = train_zeroed(1, sizeof *folds.scratch)};
    train_joins_find(&joins, rows);
    fit_folds(&folds, rows, &joins, list, progress);
    choose_prior(&prior, &folds, rows);
    for (int fold = 0; fold < FOLDS; fold++)
        if (folds.pack[fold].bytes)
            train_prior_apply(&prior, &folds.pack[fold]);
    size_t n = cross_examine(verdicts, &folds, rows);
    (void)fprintf(progress, "all rows\n");
    for (uint32_t r = 0; r < n_all; r++)
        list[r] = r;
    fit(out, rows, &joins, list, n_all);
    out->header->n_rows = (uint32_t)rows->n_rows;
    train_prior_apply(&prior, out);
    *report = (struct train_report){
            .n_rows = rows->n_rows,
            .n_classes = out->header->n_classes,
            .n_grams = out->header->n_grams,
            .n_weights = out->header->n_weights,
    };
    train_confidence_fit(out->header, out->precision, verdicts, n, precision, report);
    textmodel_seal(out->bytes, out->size);
    for (int fold = 0; fold < FOLDS; fold++)
        train_pack_free(&folds.pack[fold]);
    free(folds.scratch);
    train_joins_free(&joins);
    free(verdicts);
    free(list);
}
