/* What a complaint is about: category, urgency and nature from the rules that hold for
 * it. Pure.
 *
 * How it scores, in basis points (10,000 = certain):
 * 1. Category rules of the highest priority among those that hold say which categories
 * may win; the others are silenced.
 * 2. A holding rule says as much as its weight, and a little more for what is less likely
 * chance: each distinct term beyond the first (up to three) closes 5 % of the gap to
 * certainty, each character beyond two of its longest term (up to four) 3 %.
 * 3. A guess of the trained model says its probability; rules above the plain priority
 * silence it, it silences none.
 * 4. A category's score is 1 - the product of (1 - what each of its holding rules and the
 * guess say), those of a lower priority included.
 * 5. The best score wins; at equal scores the one with more characters of evidence, then
 * the lower code.
 * 6. Confidence is the best score less half the score of the runner-up: two that are
 * equally likely are not better than half.
 * 7. Urgency is the category's, raised by the most urgent rule that holds; nature is the
 * category's, or that of the nature rule with the highest priority, then the most to
 * say. */
#ifndef CHUISHAO_CLASSIFIER_CORE_H
#define CHUISHAO_CLASSIFIER_CORE_H

#include "policy.h"
#include "rulebook.h"

/* Scratch for one category; zero before the first call and after each. */
struct class_category_state {
    uint32_t miss;    /* basis points left to certainty */
    uint32_t letters; /* of evidence */
    int32_t priority; /* of its rules that hold, the highest */
    bool touched;
};

enum { CLASS_EVIDENCE_MAX = 8, CLASS_RANKED_MAX = 5, CLASS_NO_CATEGORY = -1 };

/* What a trained model says for a category. */
struct class_guess {
    int category; /* index */
    int score;    /* basis points */
};

struct class_ranked {
    int category; /* index */
    int score;    /* basis points */
};

struct class_decision {
    int category, runner_up;         /* indexes, CLASS_NO_CATEGORY */
    int confidence, runner_up_score; /* basis points */
    enum urgency urgency;
    enum nature nature;
    uint32_t evidence[CLASS_EVIDENCE_MAX]; /* rules that decided, by index: of the
                                              category, the urgency, the nature */
    int n_evidence;
    bool guessed; /* the model, too, spoke for the category */
    struct class_ranked ranked[CLASS_RANKED_MAX]; /* the winner first */
    int n_ranked;
};

/* holds: in file order. guesses: of different categories. categories: scratch for each of
 * the policy's. */
struct class_decision class_decide(const struct policy *policy,
        const struct rule_hold *holds, size_t n, const struct class_guess *guesses,
        size_t n_guesses, struct class_category_state *categories);

#endif
