#include "train_confidence.h"

#include "train_memory.h"

#include <math.h>
#include <stdlib.h>

enum { DOUBTS = 20, BINS = 10, INPUTS = 2 * TEXTMODEL_SIGNALS, BY_CLASS = 7 };
static const float NEVER = 2; /* a threshold that no probability reaches */

/* How often a class is right when it is said; a class that was said rarely is judged like
 * the average one. */
static void judge_classes(float *by_class, uint32_t n_classes,
        const struct train_verdict *verdicts, size_t n, double average)
{
    double *said = train_zeroed(n_classes, sizeof *said),
           *right = train_zeroed(n_classes, sizeof *right);
    for (size_t i = 0; i < n; i++) {
        said[verdicts[i].said]++;
        right[verdicts[i].said] += verdicts[i].right;
    }
    for (uint32_t c = 0; c < n_classes; c++)
        by_class[c] = (float)((right[c] + DOUBTS * average) / (said[c] + DOUBTS));
    free(said);
    free(right);
}

static void standardise(
        struct textmodel_header *header, const struct train_verdict *verdicts, size_t n)
{
    for (int s = 0; s < TEXTMODEL_SIGNALS; s++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += (double)verdicts[i].signals[s];
        double mean = sum / (double)n;
        for (size_t i = 0; i < n; i++)
            squares += pow((double)verdicts[i].signals[s] - mean, 2);
        double spread = sqrt(squares / (double)n);
        header->signals[s] = (struct textmodel_signal){
                .mean = (float)mean, .scale = spread > 0 ? (float)(1 / spread) : 0};
    }
}

static void fit(struct textmodel_header *header, struct train_verdict *verdicts, size_t n)
{
    float *inputs = train_zeroed(n * INPUTS, sizeof *inputs);
    bool *right = train_zeroed(n, sizeof *right);
    double weight[INPUTS + 1];
    for (size_t i = 0; i < n; i++) {
        right[i] = verdicts[i].right;
        for (int s = 0; s < TEXTMODEL_SIGNALS; s++) {
            float x = (verdicts[i].signals[s] - header->signals[s].mean) *
                      header->signals[s].scale;
            inputs[i * INPUTS + 2 * (size_t)s] = x;
            inputs[i * INPUTS + 2 * (size_t)s + 1] = tanhf(x);
        }
    }
    train_logistic_fit(weight, inputs, INPUTS, right, n);
    header->confidence_at = (float)weight[INPUTS];
    for (int s = 0; s < TEXTMODEL_SIGNALS; s++) {
        header->signals[s].straight = (float)weight[2 * s];
        header->signals[s].bent = (float)weight[2 * s + 1];
    }
    for (size_t i = 0; i < n; i++) {
        double sum = weight[INPUTS];
        for (size_t k = 0; k < INPUTS; k++)
            sum += weight[k] * (double)inputs[i * INPUTS + k];
        verdicts[i].p = 1 / (1 + exp(-sum));
    }
    free(inputs);
    free(right);
}

static int surest_first(const void *a, const void *b)
{
    const struct train_verdict *x = a, *y = b;
    return x->p > y->p ? -1 : x->p < y->p;
}

/* verdicts: surest first. The longest beginning that is right often enough; none: a
 * threshold that nothing reaches. */
static void find_threshold(struct textmodel_header *header,
        const struct train_verdict *verdicts, size_t n, double precision)
{
    size_t right = 0, best = 0, best_right = 0;
    for (size_t i = 0; i < n; i++) {
        right += verdicts[i].right;
        bool whole = i + 1 == n || verdicts[i + 1].p < verdicts[i].p;
        if (whole && (double)right >= precision * (double)(i + 1)) {
            best = i + 1;
            best_right = right;
        }
    }
    header->precision = (float)precision;
    header->threshold = best ? (float)verdicts[best - 1].p : NEVER;
    header->share = (float)((double)best / (double)n);
    header->right = best ? (float)((double)best_right / (double)best) : 0;
}

/* Expected calibration error over BINS equal parts of [0, 1]. */
static double calibration(const struct train_verdict *verdicts, size_t n)
{
    double gap[BINS] = {0}, error = 0;
    for (size_t i = 0; i < n; i++) {
        int bin = (int)(verdicts[i].p * BINS);
        gap[bin < BINS ? bin : BINS - 1] += verdicts[i].p - verdicts[i].right;
    }
    for (int b = 0; b < BINS; b++)
        error += fabs(gap[b]) / (double)n;
    return error;
}

void train_confidence_fit(struct textmodel_header *header, float *by_class,
        struct train_verdict *verdicts, size_t n, double precision,
        struct train_report *report)
{
    size_t right = 0, among3 = 0;
    if (n == 0) { /* all rows are of one group: nothing is known of unseen texts */
        header->precision = (float)precision;
        header->threshold = NEVER;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        right += verdicts[i].right;
        among3 += verdicts[i].among3;
    }
    report->top1 = (double)right / (double)n;
    report->top3 = (double)among3 / (double)n;
    judge_classes(by_class, header->n_classes, verdicts, n, report->top1);
    for (size_t i = 0; i < n; i++)
        verdicts[i].signals[BY_CLASS] = by_class[verdicts[i].said];
    standardise(header, verdicts, n);
    fit(header, verdicts, n);
    qsort(verdicts, n, sizeof *verdicts, surest_first);
    find_threshold(header, verdicts, n, precision);
    header->top1 = (float)report->top1;
    report->calibration = calibration(verdicts, n);
    report->threshold = (double)header->threshold;
    report->share = (double)header->share;
    report->right = (double)header->right;
}
