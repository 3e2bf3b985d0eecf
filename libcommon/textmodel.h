/* A trained classifier of short texts: linear over the character 1- to 3-grams of the
 * normalised text, sparse 8-bit weights, with probabilities that mean what they say. Made
 * by `chuishao train`. Scoring is pure and allocates nothing.
 *
 * 1. A gram known from training counts (1 + ln tf) * idf; the text's vector has length 1.
 *    The first and the last characters count once more as such.
 * 2. A class scores the sum of its weights times the vector, plus its bias. Common
 * classes get a little more when those behind the best are put in order.
 * 3. The best class's probability is a logistic of eight signals (how far it is ahead,
 * how flat the rest is, how often this class was right in training), each as it is and
 * bent by tanh, fitted on texts the scores had not seen. What is left goes to the others
 * in proportion to exp(score). */
#ifndef CHUISHAO_TEXTMODEL_H
#define CHUISHAO_TEXTMODEL_H

#include "error.h"
#include "str.h"
#include "textgrams.h"

enum {
    TEXTMODEL_CLASSES_MAX = 1024,
    TEXTMODEL_LABEL_MAX = 127, /* bytes of a class's name */
    TEXTMODEL_GRAMS_MAX = 1 << 18,
    TEXTMODEL_WEIGHTS_MAX = 1 << 20,
    TEXTMODEL_SIGNALS = 8,
    TEXTMODEL_TOP_MAX = 10,
    TEXTMODEL_WHY_MAX = 3,
    TEXTMODEL_VERSION = 2,
};

struct textmodel_signal {
    float mean, scale; /* of the training texts */
    float straight, bent;
};

/* How a model file begins. Numbers are little endian. */
struct textmodel_header {
    char magic[8];
    char checksum[64]; /* hex SHA-256 of all that follows */
    uint32_t version, bytes;
    uint32_t n_classes, n_grams, n_weights, n_dense;
    uint32_t bucket_bits; /* grams stand in 2^bits buckets by the top bits of their mix */
    uint32_t label_bytes;
    uint32_t n_rows;     /* it was trained on */
    float threshold;     /* a probability not below it is sure enough */
    float precision;     /* that was asked for: 0.92 */
    float share;         /* of the training texts that reached the threshold, */
    float right;         /* share of these that were right, */
    float top1;          /* and of all; each seen as unseen text */
    float confidence_at; /* the logistic's constant */
    struct textmodel_signal signals[TEXTMODEL_SIGNALS];
};

struct textmodel_gram {
    uint32_t fingerprint; /* the low bits of its mix */
    float idf;
    uint32_t weight_at; /* up to that of the next gram; sorted by label */
    uint32_t dense;     /* its row of weights for all classes, counted from 1; 0: none */
};

struct textmodel_weight {
    uint16_t label;
    int8_t value;
    uint8_t unused; /* 0 */
};

enum { TEXTMODEL_BLOCK = 16 };

/* Weights in a row, a whole number of blocks. */
static inline size_t textmodel_row_size(uint32_t n_classes)
{
    return (n_classes + TEXTMODEL_BLOCK - 1) / TEXTMODEL_BLOCK * TEXTMODEL_BLOCK;
}

/* A view of a model's bytes, which it borrows. */
struct textmodel {
    const struct textmodel_header *header;
    const float *bias, *scale, *precision; /* by class */
    const float *rest; /* by class: added to the score of one that is not the best */
    const uint32_t *label_at; /* n_classes + 1 */
    const char *labels;
    const uint32_t *bucket_at; /* 2^bits + 1, into the grams */
    const struct textmodel_gram
            *grams; /* n_grams + 1: the last one only ends the weights */
    const struct textmodel_weight *weights; /* of grams that tell few classes apart */
    const int8_t *dense;                    /* rows of those that tell many */
};

/* What a text needs while it is scored; one per thread. */
struct textmodel_scratch {
    uint32_t text[TEXTGRAMS_LETTERS_MAX];
    size_t n_text;
    struct textgrams grams;
    uint64_t mixed[TEXTGRAMS_MAX]; /* of the grams */
    struct textmodel_known {
        uint64_t key;
        const struct textmodel_gram *gram;
        float value;
    } known[TEXTGRAMS_MAX];
    size_t n_known;
    float score[TEXTMODEL_CLASSES_MAX];
    float behind[TEXTMODEL_CLASSES_MAX]; /* how those that are not the best rank */
};

struct textmodel_guess {
    uint32_t label;
    float p;
};

struct textmodel_answer {
    struct textmodel_guess top[TEXTMODEL_TOP_MAX]; /* likeliest first */
    int n;
    bool sure; /* top[0].p reaches the threshold */
};

/* Scores of all classes into scratch->score. */
void textmodel_score(const struct textmodel *model, struct str text,
        struct textmodel_scratch *scratch);

/* What the confidence is made of, from scratch->score. */
void textmodel_signals(const struct textmodel *model,
        const struct textmodel_scratch *scratch, float signals[TEXTMODEL_SIGNALS]);

/* The top likeliest classes (at most TEXTMODEL_TOP_MAX) of text. */
struct textmodel_answer textmodel_classify(const struct textmodel *model, struct str text,
        int top, struct textmodel_scratch *scratch);

/* The grams of the text just classified that spoke most for label and least for against,
 * the strongest first, none inside another; as UTF-8. Returns how many. */
int textmodel_why(const struct textmodel *model, const struct textmodel_scratch *scratch,
        uint32_t label, uint32_t against, char words[TEXTMODEL_WHY_MAX][16]);

static inline struct str textmodel_label(const struct textmodel *model, uint32_t label)
{
    return (struct str){model->labels + model->label_at[label],
            model->label_at[label + 1] - model->label_at[label]};
}

#endif
