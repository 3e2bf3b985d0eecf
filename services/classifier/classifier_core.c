#include "classifier_core.h"

#include <assert.h>

enum {
    CERTAIN = 10000,
    PER_TERM = 5, /* percent of the gap for each term beyond the first */
    TERMS_MAX = 3,
    PER_LETTER = 3, /* percent of the gap for each character beyond the second */
    LETTERS_PLAIN = 2,
    LETTERS_MAX = 4,
    NO_RULE = -1,
};

static uint32_t less_of(uint32_t value, uint32_t limit)
{
    return value < limit ? value : limit;
}

/* What a holding rule leaves open, in basis points. */
static uint32_t rule_miss(const struct rule *rule, const struct rule_hold *hold)
{
    uint32_t weight = rule->weight < 0 ? 0 : less_of((uint32_t)rule->weight, 100);
    uint32_t more = less_of(hold->terms - 1, TERMS_MAX) * PER_TERM;
    if (hold->longest > LETTERS_PLAIN)
        more += less_of(hold->longest - LETTERS_PLAIN, LETTERS_MAX) * PER_LETTER;
    return (100 - weight) * (100 - more);
}

static void weigh(struct class_category_state *state, uint32_t miss, uint32_t letters,
        int32_t priority)
{
    if (!state->touched)
        *state = (struct class_category_state){.miss = CERTAIN, .touched = true};
    state->miss = state->miss * miss / CERTAIN;
    state->letters += letters;
    if (priority > state->priority)
        state->priority = priority;
}

/* Adds up what the rules and the model say for each category; returns the highest
 * priority of the rules. */
static int32_t weigh_categories(const struct policy *policy,
        const struct rule_hold *holds, size_t n, const struct class_guess *guesses,
        size_t n_guesses, struct class_category_state *categories)
{
    int32_t highest = 0;
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = &policy->rules[holds[i].rule];
        if (rule->kind != RULE_CATEGORY)
            continue;
        assert(rule->target >= 0 && (size_t)rule->target < policy->n_categories);
        weigh(&categories[rule->target], rule_miss(rule, &holds[i]), holds[i].letters,
                rule->priority);
        if (rule->priority > highest)
            highest = rule->priority;
    }
    for (size_t i = 0; i < n_guesses; i++) {
        assert(guesses[i].category >= 0 &&
                (size_t)guesses[i].category < policy->n_categories);
        assert(guesses[i].score >= 0 && guesses[i].score <= CERTAIN);
        weigh(&categories[guesses[i].category], (uint32_t)(CERTAIN - guesses[i].score), 0,
                RULE_PRIORITY_PLAIN);
    }
    return highest;
}

/* A category with its evidence, while they are being ranked. */
struct candidate {
    int category;
    struct class_category_state state;
};

static bool better(const struct candidate *a, const struct candidate *b)
{
    if (a->state.miss != b->state.miss)
        return a->state.miss < b->state.miss;
    if (a->state.letters != b->state.letters)
        return a->state.letters > b->state.letters;
    return a->category < b->category;
}

/* The best so far, best first. */
struct ranking {
    struct candidate best[CLASS_RANKED_MAX + 1];
    int n;
};

/* Takes the category's scratch into the ranking, unless a higher priority silences it. */
static void take(struct ranking *ranking, int category, int32_t priority,
        struct class_category_state *categories)
{
    struct candidate candidate = {category, categories[category]};
    categories[category] = (struct class_category_state){0};
    if (!candidate.state.touched || candidate.state.priority < priority)
        return;
    int k = ranking->n;
    for (; k && better(&candidate, &ranking->best[k - 1]); k--)
        ranking->best[k] = ranking->best[k - 1];
    ranking->best[k] = candidate;
    if (ranking->n < CLASS_RANKED_MAX)
        ranking->n++;
}

static void write_ranked(const struct ranking *ranking, struct class_decision *decision)
{
    for (int k = 0; k < ranking->n; k++)
        decision->ranked[k] = (struct class_ranked){
                ranking->best[k].category, (int)(CERTAIN - ranking->best[k].state.miss)};
    decision->n_ranked = ranking->n;
}

static void add_evidence(struct class_decision *decision, uint32_t rule, int room)
{
    if (decision->n_evidence < room)
        decision->evidence[decision->n_evidence++] = rule;
}

static void decide_category(const struct policy *policy, const struct rule_hold *holds,
        size_t n, struct class_decision *decision)
{
    const struct category *category = &policy->categories[decision->ranked[0].category];
    decision->category = decision->ranked[0].category;
    if (decision->n_ranked > 1) {
        decision->runner_up = decision->ranked[1].category;
        decision->runner_up_score = decision->ranked[1].score;
    }
    decision->confidence = decision->ranked[0].score - decision->runner_up_score / 2;
    decision->urgency = category->urgency;
    decision->nature = category->nature;
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = &policy->rules[holds[i].rule];
        if (rule->kind == RULE_CATEGORY && rule->target == decision->category)
            add_evidence(decision, holds[i].rule,
                    CLASS_EVIDENCE_MAX - 2); /* the urgency and the nature find room */
    }
}

static void decide_urgency(const struct policy *policy, const struct rule_hold *holds,
        size_t n, struct class_decision *decision)
{
    int best = NO_RULE;
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = &policy->rules[holds[i].rule];
        if (rule->kind == RULE_URGENCY &&
                (best == NO_RULE || rule->target < policy->rules[best].target))
            best = (int)holds[i].rule;
    }
    if (best == NO_RULE || policy->rules[best].target >= (int)decision->urgency)
        return;
    decision->urgency = (enum urgency)policy->rules[best].target;
    add_evidence(decision, (uint32_t)best, CLASS_EVIDENCE_MAX);
}

static void decide_nature(const struct policy *policy, const struct rule_hold *holds,
        size_t n, struct class_decision *decision)
{
    int best = NO_RULE;
    uint32_t best_miss = CERTAIN;
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = &policy->rules[holds[i].rule];
        if (rule->kind != RULE_NATURE)
            continue;
        uint32_t miss = rule_miss(rule, &holds[i]);
        int32_t ahead = best == NO_RULE ? 1
                                        : rule->priority - policy->rules[best].priority;
        if (ahead > 0 || (ahead == 0 && miss < best_miss)) {
            best = (int)holds[i].rule;
            best_miss = miss;
        }
    }
    if (best == NO_RULE)
        return;
    decision->nature = (enum nature)policy->rules[best].target;
    add_evidence(decision, (uint32_t)best, CLASS_EVIDENCE_MAX);
}

struct class_decision class_decide(const struct policy *policy,
        const struct rule_hold *holds, size_t n, const struct class_guess *guesses,
        size_t n_guesses, struct class_category_state *categories)
{
    struct class_decision decision = {
            .category = CLASS_NO_CATEGORY,
            .runner_up = CLASS_NO_CATEGORY,
            .urgency = URGENCY_N,
            .nature = NATURE_HELP,
    };
    struct ranking ranking = {0};
    int32_t priority = weigh_categories(policy, holds, n, guesses, n_guesses, categories);
    for (size_t i = 0; i < n; i++)
        if (policy->rules[holds[i].rule].kind == RULE_CATEGORY)
            take(&ranking, policy->rules[holds[i].rule].target, priority, categories);
    for (size_t i = 0; i < n_guesses; i++)
        take(&ranking, guesses[i].category, priority, categories);
    write_ranked(&ranking, &decision);
    if (decision.n_ranked)
        decide_category(policy, holds, n, &decision);
    for (size_t i = 0; i < n_guesses; i++)
        decision.guessed = decision.guessed || guesses[i].category == decision.category;
    decide_urgency(policy, holds, n, &decision);
    decide_nature(policy, holds, n, &decision);
    return decision;
}
