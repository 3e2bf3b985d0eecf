#include "classifier_core.h"

#include <assert.h>

enum {
    CERTAIN = 10000,
    PER_WORD = 5, /* percent of the gap for each word beyond the first */
    WORDS_MAX = 3,
    PER_LETTER = 3, /* percent of the gap for each character beyond the second */
    LETTERS_PLAIN = 2,
    LETTERS_MAX = 4,
};

static void count_words(const struct class_book *book, const uint32_t *words,
        size_t n_words, struct class_scratch *scratch, size_t *n_touched)
{
    for (size_t i = 0; i < n_words; i++) {
        assert(words[i] < book->n_words);
        const struct class_word *word = &book->words[words[i]];
        for (uint32_t u = word->first_use; u < word->first_use + word->n_uses; u++) {
            const struct class_use *use = &book->uses[u];
            struct class_rule_state *state = &scratch->rules[use->rule];
            if (!state->touched) {
                state->touched = true;
                scratch->touched[(*n_touched)++] = use->rule;
            }
            switch (use->list) {
            case CLASS_ANY:
                state->n_any++;
                break;
            case CLASS_ALL:
                state->n_all++;
                break;
            case CLASS_NONE:
                state->blocked = true;
                continue;
            }
            state->letters += word->letters;
            if (word->letters > state->longest)
                state->longest = word->letters;
        }
    }
}

static uint32_t less_of(uint32_t value, uint32_t limit)
{
    return value < limit ? value : limit;
}

/* What a holding rule leaves open, in basis points. */
static uint32_t rule_miss(const struct rule *rule, const struct class_rule_state *state)
{
    uint32_t weight = rule->weight < 0 ? 0 : less_of((uint32_t)rule->weight, 100);
    uint32_t more = less_of(state->n_any + state->n_all - 1, WORDS_MAX) * PER_WORD;
    if (state->longest > LETTERS_PLAIN)
        more += less_of(state->longest - LETTERS_PLAIN, LETTERS_MAX) * PER_LETTER;
    return (100 - weight) * (100 - more);
}

/* Products round, so the order of the rules must not depend on the order of the words. */
static void sort(uint32_t *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint32_t value = values[i];
        size_t k = i;
        for (; k && values[k - 1] > value; k--)
            values[k] = values[k - 1];
        values[k] = value;
    }
}

static void add_evidence(struct class_decision *decision, uint32_t rule)
{
    if (decision->n_evidence < CLASS_EVIDENCE_MAX)
        decision->evidence[decision->n_evidence++] = rule;
}

static bool better(
        const struct class_category_state *a, const struct class_category_state *b)
{
    return a->miss != b->miss ? a->miss < b->miss : a->letters > b->letters;
}

struct class_decision class_decide(const struct class_book *book, const uint32_t *words,
        size_t n_words, struct class_scratch *scratch)
{
    struct class_decision decision = {
            .category = CLASS_NO_CATEGORY,
            .runner_up = CLASS_NO_CATEGORY,
            .urgency = URGENCY_N,
            .nature = NATURE_HELP,
    };
    size_t n_touched = 0, n = 0;
    count_words(book, words, n_words, scratch, &n_touched);
    for (size_t i = 0; i < n_touched; i++) {
        uint32_t r = scratch->touched[i];
        const struct class_rule_state *state = &scratch->rules[r];
        if (rule_holds(&book->rules[r], state->n_any, state->n_all, state->blocked))
            scratch->touched[n++] = r;
        else
            scratch->rules[r] = (struct class_rule_state){0};
    }
    sort(scratch->touched, n);

    int urgency_rule = -1, nature_rule = -1;
    uint32_t nature_miss = CERTAIN;
    for (size_t i = 0; i < n; i++) {
        uint32_t r = scratch->touched[i];
        const struct rule *rule = &book->rules[r];
        uint32_t miss = rule_miss(rule, &scratch->rules[r]);
        switch (rule->kind) {
        case RULE_CATEGORY: {
            assert(rule->target >= 0 && (size_t)rule->target < book->n_categories);
            struct class_category_state *state = &scratch->categories[rule->target];
            if (!state->touched)
                *state = (struct class_category_state){.miss = CERTAIN, .touched = true};
            state->miss = state->miss * miss / CERTAIN;
            state->letters += scratch->rules[r].letters;
            break;
        }
        case RULE_URGENCY:
            if (urgency_rule < 0 || rule->target < book->rules[urgency_rule].target)
                urgency_rule = (int)r;
            break;
        case RULE_NATURE:
            if (nature_rule < 0 || miss < nature_miss) {
                nature_rule = (int)r;
                nature_miss = miss;
            }
            break;
        case RULE_EXIT: /* intake's: it has let this complaint pass */
        case RULE_KIND_COUNT:
            break;
        }
    }

    struct class_category_state best = {.miss = CERTAIN}, next = {.miss = CERTAIN};
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = &book->rules[scratch->touched[i]];
        if (rule->kind != RULE_CATEGORY || !scratch->categories[rule->target].touched)
            continue;
        struct class_category_state state = scratch->categories[rule->target];
        int category = rule->target;
        scratch->categories[category] = (struct class_category_state){0};
        bool beats_best = better(&state, &best) ||
                          (decision.category >= 0 && !better(&best, &state) &&
                                  category < decision.category);
        bool beats_next = better(&state, &next) ||
                          (decision.runner_up >= 0 && !better(&next, &state) &&
                                  category < decision.runner_up);
        if (beats_best || decision.category < 0) {
            next = best;
            decision.runner_up = decision.category;
            best = state;
            decision.category = category;
        } else if (beats_next || decision.runner_up < 0) {
            next = state;
            decision.runner_up = category;
        }
    }

    if (decision.category >= 0) {
        const struct category *category = &book->categories[decision.category];
        int score = (int)(CERTAIN - best.miss);
        decision.runner_up_score = decision.runner_up < 0 ? 0
                                                          : (int)(CERTAIN - next.miss);
        decision.confidence = score - decision.runner_up_score / 2;
        decision.urgency = category->urgency;
        decision.nature = category->nature;
        for (size_t i = 0; i < n; i++) {
            const struct rule *rule = &book->rules[scratch->touched[i]];
            if (rule->kind == RULE_CATEGORY && rule->target == decision.category &&
                    decision.n_evidence <
                            CLASS_EVIDENCE_MAX -
                                    2) /* the urgency and the nature find room */
                add_evidence(&decision, scratch->touched[i]);
        }
    }
    if (urgency_rule >= 0 && book->rules[urgency_rule].target < (int)decision.urgency) {
        decision.urgency = (enum urgency)book->rules[urgency_rule].target;
        add_evidence(&decision, (uint32_t)urgency_rule);
    }
    if (nature_rule >= 0) {
        decision.nature = (enum nature)book->rules[nature_rule].target;
        add_evidence(&decision, (uint32_t)nature_rule);
    }
    for (size_t i = 0; i < n; i++)
        scratch->rules[scratch->touched[i]] = (struct class_rule_state){0};
    return decision;
}
