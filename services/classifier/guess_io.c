#include "guess_io.h"

#include "textmodel.h"

#include <assert.h>
#include <stdlib.h>

enum {
    LEAST = 500, /* basis points; below it a guess is noise */
    MOST = 9700, /* only an administrator's rule is certain */
};
static_assert((int)GUESS_WORDS_MAX == (int)TEXTMODEL_WHY_MAX, "one list of words");

struct guesser {
    const struct policy *policy;
    struct textmodel_answer answer;
    struct textmodel_scratch scratch;
    char words[TEXTMODEL_WHY_MAX][16];
};

bool guesser_open(struct guesser **out, const struct policy *policy, struct error *err)
{
    *out = NULL;
    if (!policy->model)
        return true;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for the model");
    (*out)->policy = policy;
    return true;
}

void guesser_close(struct guesser *guesser)
{
    free(guesser);
}

size_t guesser_ask(struct guesser *guesser, struct str title, struct str text,
        struct class_guess guesses[GUESSES_MAX])
{
    if (!guesser)
        return 0;
    const struct policy *policy = guesser->policy;
    guesser->answer = textmodel_classify(
            policy->model, text.len ? text : title, GUESSES_MAX, &guesser->scratch);
    size_t n = 0;
    for (int i = 0; i < guesser->answer.n; i++) {
        const struct textmodel_guess *guess = &guesser->answer.top[i];
        int category = policy->model_category[guess->label],
            score = (int)(guess->p * 10000);
        if (category != POLICY_MODEL_NO_CATEGORY && score >= LEAST)
            guesses[n++] = (struct class_guess){category, score < MOST ? score : MOST};
    }
    return n;
}

size_t guesser_words(
        struct guesser *guesser, int category, struct str words[GUESS_WORDS_MAX])
{
    const struct textmodel_answer *answer = &guesser->answer;
    uint32_t label = answer->top[0].label, against = answer->top[1].label;
    for (int i = 1; i < answer->n; i++)
        if (guesser->policy->model_category[answer->top[i].label] == category) {
            against = label;
            label = answer->top[i].label;
            break;
        }
    int n = textmodel_why(
            guesser->policy->model, &guesser->scratch, label, against, guesser->words);
    for (int i = 0; i < n; i++)
        words[i] = str_of(guesser->words[i]);
    return (size_t)n;
}
