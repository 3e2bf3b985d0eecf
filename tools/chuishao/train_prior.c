#include "train_prior.h"

#include <math.h>

static float share_of(int step)
{
    return 0.1F * (float)(step - 2); /* -0.2 to 1.2 */
}

/* How many classes but `without` score higher than label. */
static uint32_t above(const struct train_pack *pack, const float *score, float share,
        uint32_t label, uint32_t without)
{
    float reached = score[label] - share * pack->prior[label];
    uint32_t n = 0;
    for (uint32_t c = 0; c < pack->header->n_classes; c++)
        n += c != without && score[c] - share * pack->prior[c] > reached;
    return n;
}

static uint32_t best_of(const struct train_pack *pack, const float *score, float share)
{
    uint32_t best = 0;
    for (uint32_t c = 1; c < pack->header->n_classes; c++)
        if (score[c] - share * pack->prior[c] > score[best] - share * pack->prior[best])
            best = c;
    return best;
}

void train_prior_note_first(struct train_prior *prior, const struct train_pack *pack,
        const float *score, uint32_t label)
{
    for (int step = 0; step < TRAIN_PRIOR_STEPS; step++)
        prior->right[step] += best_of(pack, score, share_of(step)) == label;
}

void train_prior_note_behind(struct train_prior *prior, const struct train_pack *pack,
        const float *score, uint32_t label)
{
    uint32_t best = best_of(pack, score, share_of(prior->first));
    for (int step = 0; step < TRAIN_PRIOR_STEPS; step++)
        prior->among3[step] += best == label ||
                               above(pack, score, share_of(step), label, best) < 2;
}

/* The best with its neighbours: a single step may be lucky. */
static int best_step(const size_t *count)
{
    int best = 1;
    size_t most = 0;
    for (int step = 1; step + 1 < TRAIN_PRIOR_STEPS; step++) {
        size_t sum = count[step - 1] + count[step] + count[step + 1];
        if (sum <= most)
            continue;
        most = sum;
        best = step;
    }
    return best;
}

void train_prior_choose_first(struct train_prior *prior)
{
    prior->first = best_step(prior->right);
}

void train_prior_choose_behind(struct train_prior *prior)
{
    prior->behind = best_step(prior->among3);
}

void train_prior_apply(const struct train_prior *prior, struct train_pack *pack)
{
    float first = share_of(prior->first), behind = share_of(prior->behind);
    for (uint32_t c = 0; c < pack->header->n_classes; c++) {
        pack->bias[c] -= first * pack->prior[c];
        pack->rest[c] = (first - behind) * pack->prior[c];
    }
}
