#include "textmodel.h"

#include "textnorm.h"

#include <assert.h>
#include <math.h>

/* Both were chosen with the weights' scale, see tools/chuishao/train_linear.h. */
static const float SHARP = 0.65F, FLAT = 0.3F;
static const float FAR = -16; /* e^FAR is nothing */

/* Grams are looked up a few behind where their memory is asked for: most of the time a
 * score takes is waiting for it. */
enum { AHEAD = 8 };

static uint64_t bucket_of(const struct textmodel *model, uint64_t mixed)
{
    return mixed >> (64 - model->header->bucket_bits);
}

/* NULL when it is not known. */
static const struct textmodel_gram *find_gram(
        const struct textmodel *model, uint64_t mixed)
{
    const uint32_t *at = model->bucket_at + bucket_of(model, mixed);
    for (uint32_t g = at[0]; g < at[1]; g++)
        if (model->grams[g].fingerprint == (uint32_t)mixed)
            return &model->grams[g];
    return NULL;
}

static const int8_t *row_of(
        const struct textmodel *model, const struct textmodel_gram *gram)
{
    return model->dense +
           (gram->dense - 1) * textmodel_row_size(model->header->n_classes);
}

static float log_count(uint32_t count)
{
    return count == 1 ? 1 : 1 + logf((float)count);
}

/* The text's vector: the grams known to the model. */
static void find_known(const struct textmodel *model, struct textmodel_scratch *scratch)
{
    const struct textgrams *grams = &scratch->grams;
    float squares = 0;
    scratch->n_known = 0;
    for (size_t i = 0; i < grams->n + AHEAD; i++) {
        if (i < grams->n) {
            uint64_t mixed = textgram_mix(grams->grams[i].key);
            scratch->mixed[i] = mixed;
            __builtin_prefetch(&model->bucket_at[bucket_of(model, mixed)]);
        }
        if (i >= AHEAD / 2 && i - AHEAD / 2 < grams->n) {
            uint64_t mixed = scratch->mixed[i - AHEAD / 2];
            __builtin_prefetch(&model->grams[model->bucket_at[bucket_of(model, mixed)]]);
        }
        if (i < AHEAD)
            continue;
        const struct textgram *gram = &grams->grams[i - AHEAD];
        const struct textmodel_gram *found = find_gram(model, scratch->mixed[i - AHEAD]);
        if (!found)
            continue;
        if (found->dense)
            __builtin_prefetch(row_of(model, found));
        else
            __builtin_prefetch(&model->weights[found->weight_at]);
        float value = log_count(gram->count) * found->idf;
        squares += value * value;
        scratch->known[scratch->n_known++] = (struct textmodel_known){
                gram->key, found, value};
    }
    if (squares > 0) {
        float norm = 1 / sqrtf(squares);
        for (size_t i = 0; i < scratch->n_known; i++)
            scratch->known[i].value *= norm;
    }
}

/* restrict and the fixed inner count let it become vector instructions. */
static void add_row(
        float *restrict score, const int8_t *restrict row, size_t size, float value)
{
    for (size_t at = 0; at < size; at += TEXTMODEL_BLOCK)
        for (size_t i = 0; i < TEXTMODEL_BLOCK; i++)
            score[at + i] += value * (float)row[at + i];
}

static void add_weights(float *score, const struct textmodel_weight *weight,
        const struct textmodel_weight *end, float value)
{
    for (; weight < end; weight++)
        score[weight->label] += value * (float)weight->value;
}

void textmodel_score(
        const struct textmodel *model, struct str text, struct textmodel_scratch *scratch)
{
    uint32_t n_classes = model->header->n_classes;
    size_t row_size = textmodel_row_size(n_classes);
    float *score = scratch->score;
    scratch->n_text = textnorm(text, scratch->text, TEXTGRAMS_LETTERS_MAX);
    textgrams_count(&scratch->grams, scratch->text, scratch->n_text);
    find_known(model, scratch);
    memset(score, 0, row_size * sizeof *score);
    for (size_t i = 0; i < scratch->n_known; i++) {
        const struct textmodel_gram *gram = scratch->known[i].gram;
        if (gram->dense)
            add_row(score, row_of(model, gram), row_size, scratch->known[i].value);
        else
            add_weights(score, model->weights + gram[0].weight_at,
                    model->weights + gram[1].weight_at, scratch->known[i].value);
    }
    for (uint32_t c = 0; c < n_classes; c++)
        score[c] = score[c] * model->scale[c] + model->bias[c];
}

/* The n best classes, best first; of equal ones the lower number. */
static void find_best(const float *score, uint32_t n_classes, uint32_t *best, int n)
{
    int found = 0;
    for (uint32_t c = 0; c < n_classes; c++) {
        if (found == n && score[c] <= score[best[n - 1]])
            continue;
        int at = found < n ? found++ : n - 1;
        for (; at > 0 && score[best[at - 1]] < score[c]; at--)
            best[at] = best[at - 1];
        best[at] = c;
    }
}

struct spread {
    float others;  /* sum of exp(sharpness * (score - best)) without the best, which is 1
                    */
    float entropy; /* of the probabilities in proportion to it */
};

static struct spread spread_of(
        const float *score, uint32_t n_classes, uint32_t best, float sharpness)
{
    struct spread spread = {0};
    float weighted = 0;
    for (uint32_t c = 0; c < n_classes; c++) {
        float x = sharpness * (score[c] - score[best]);
        if (x < FAR || c == best)
            continue;
        float e = expf(x);
        spread.others += e;
        weighted += e * x;
    }
    spread.entropy = logf(1 + spread.others) - weighted / (1 + spread.others);
    return spread;
}

/* Of the best class against all others. */
static float log_odds(struct spread spread)
{
    static const float least = 1e-6F;
    return -logf(fmaxf(spread.others, least));
}

void textmodel_signals(const struct textmodel *model,
        const struct textmodel_scratch *scratch, float signals[TEXTMODEL_SIGNALS])
{
    const float *score = scratch->score;
    uint32_t n_classes = model->header->n_classes, best[3] = {0};
    find_best(score, n_classes, best, n_classes < 3 ? 2 : 3);
    if (n_classes < 3)
        best[2] = best[1];
    float first = score[best[0]];
    struct spread sharp = spread_of(score, n_classes, best[0], SHARP);
    struct spread flat = spread_of(score, n_classes, best[0], FLAT);
    const float all[TEXTMODEL_SIGNALS] = {first - score[best[1]], first - score[best[2]],
            first, log_odds(sharp), sharp.entropy, log_odds(flat), flat.entropy,
            model->precision[best[0]]};
    memcpy(signals, all, sizeof all);
}

static float confidence(
        const struct textmodel *model, const struct textmodel_scratch *scratch)
{
    float signals[TEXTMODEL_SIGNALS];
    textmodel_signals(model, scratch, signals);
    float sum = model->header->confidence_at;
    for (int i = 0; i < TEXTMODEL_SIGNALS; i++) {
        const struct textmodel_signal *signal = &model->header->signals[i];
        float x = (signals[i] - signal->mean) * signal->scale;
        sum += signal->straight * x + signal->bent * tanhf(x);
    }
    return 1 / (1 + expf(-sum));
}

/* The classes behind the best one, in order, share what it leaves. */
static void rank_others(const struct textmodel *model, float left,
        struct textmodel_scratch *scratch, struct textmodel_answer *answer)
{
    uint32_t n_classes = model->header->n_classes, best[TEXTMODEL_TOP_MAX];
    for (uint32_t c = 0; c < n_classes; c++)
        scratch->behind[c] = scratch->score[c] + model->rest[c];
    scratch->behind[answer->top[0].label] = -INFINITY;
    find_best(scratch->behind, n_classes, best, answer->n - 1);
    struct spread spread = spread_of(scratch->behind, n_classes, best[0], SHARP);
    for (int i = 1; i < answer->n; i++) {
        float x = SHARP * (scratch->behind[best[i - 1]] - scratch->behind[best[0]]),
              share = x < FAR ? 0 : expf(x) / (1 + spread.others);
        /* never likelier than the one that was chosen */
        answer->top[i] = (struct textmodel_guess){
                best[i - 1], fminf(answer->top[0].p, left * share)};
    }
}

struct textmodel_answer textmodel_classify(const struct textmodel *model, struct str text,
        int top, struct textmodel_scratch *scratch)
{
    struct textmodel_answer answer = {0};
    uint32_t n_classes = model->header->n_classes, best;
    textmodel_score(model, text, scratch);
    answer.n = top < TEXTMODEL_TOP_MAX ? top : TEXTMODEL_TOP_MAX;
    if ((uint32_t)answer.n > n_classes)
        answer.n = (int)n_classes;
    find_best(scratch->score, n_classes, &best, 1);
    float p = confidence(model, scratch);
    answer.top[0] = (struct textmodel_guess){best, p};
    if (answer.n > 1)
        rank_others(model, 1 - p, scratch, &answer);
    answer.sure = p >= model->header->threshold;
    return answer;
}

/* What gram adds to label's score in a text where it counts 1. */
static float weight_of(
        const struct textmodel *model, const struct textmodel_gram *gram, uint32_t label)
{
    uint32_t from = gram[0].weight_at, to = gram[1].weight_at;
    if (gram->dense)
        return (float)row_of(model, gram)[label] * model->scale[label];
    while (from < to) {
        uint32_t middle = (from + to) / 2;
        if (model->weights[middle].label < label)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == gram[1].weight_at || model->weights[from].label != label)
        return 0;
    return (float)model->weights[from].value * model->scale[label];
}

/* One holds the letters of the other, side by side. */
static bool overlap(uint64_t a, uint64_t b)
{
    for (; a; a >>= 21)
        for (uint64_t rest = b; rest; rest >>= 21)
            if ((a & 0x1fffff) == (rest & 0x1fffff))
                return true;
    return false;
}

int textmodel_why(const struct textmodel *model, const struct textmodel_scratch *scratch,
        uint32_t label, uint32_t against, char words[TEXTMODEL_WHY_MAX][16])
{
    assert(label < model->header->n_classes && against < model->header->n_classes);
    struct {
        uint64_t key;
        float says;
    } best[TEXTMODEL_WHY_MAX];
    int n = 0;
    for (size_t i = 0; i < scratch->n_known; i++) {
        const struct textmodel_known *known = &scratch->known[i];
        float says = known->value * (weight_of(model, known->gram, label) -
                                            weight_of(model, known->gram, against));
        /* a single character explains nothing, nor does where it stands */
        if (says <= 0 || known->key >> 21 == 0 || textgram_is_marked(known->key))
            continue;
        bool weaker = false;
        int kept = 0;
        for (int k = 0; k < n; k++)
            weaker = weaker || (overlap(best[k].key, known->key) && best[k].says >= says);
        if (weaker)
            continue;
        for (int k = 0; k < n; k++)
            if (!overlap(best[k].key, known->key))
                best[kept++] = best[k];
        n = kept;
        if (n == TEXTMODEL_WHY_MAX && best[n - 1].says >= says)
            continue;
        int at = n < TEXTMODEL_WHY_MAX ? n++ : n - 1;
        for (; at > 0 && best[at - 1].says < says; at--)
            best[at] = best[at - 1];
        best[at].key = known->key;
        best[at].says = says;
    }
    for (int i = 0; i < n; i++) {
        uint32_t letters[3];
        size_t len = textgram_letters(best[i].key, letters);
        (void)textnorm_utf8(letters, len, words[i], sizeof words[i]);
    }
    return n;
}
