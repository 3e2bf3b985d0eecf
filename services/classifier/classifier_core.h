/* What a complaint is about: category, urgency and nature from the rule words that occur
 * in it. Pure: the book and the scratch memory are prepared by the caller.
 *
 * How it scores, in basis points (10,000 = certain):
 * 1. A rule holds when one of its `any` words (if it lists some), all of its `all` words
 * and none of its `none` words occur.
 * 2. A holding rule says as much as its weight, and a little more for what is less likely
 * chance: each distinct word beyond the first (up to three) closes 5 % of the gap to
 * certainty, each character beyond two of its longest word (up to four) 3 %.
 * 3. A category's score is 1 - the product of (1 - what each of its holding rules says).
 * 4. The best score wins; at equal scores the one with more characters of evidence, then
 * the lower code.
 * 5. Confidence is the best score less half the score of the runner-up: two that are
 * equally likely are not better than half. */
#ifndef CHUISHAO_CLASSIFIER_CORE_H
#define CHUISHAO_CLASSIFIER_CORE_H

#include "policy.h"

enum class_list { CLASS_ANY, CLASS_ALL, CLASS_NONE };

/* One place where a word stands in a rule. */
struct class_use {
    uint32_t rule; /* index into the policy's rules */
    enum class_list list;
};

/* A distinct word of the rules. */
struct class_word {
    const char *text;
    uint32_t letters;           /* characters */
    uint32_t first_use, n_uses; /* in the book's uses */
};

struct class_book {
    const struct rule *rules;
    size_t n_rules;
    const struct category *categories;
    size_t n_categories;
    const struct class_word *words;
    size_t n_words;
    const struct class_use *uses;
};

/* Zero before the first call and after each: only what a text touches is cleared. */
struct class_rule_state {
    uint32_t n_any, n_all, letters, longest;
    bool touched, blocked;
};

struct class_category_state {
    uint32_t miss;    /* basis points left to certainty */
    uint32_t letters; /* of evidence */
    bool touched;
};

struct class_scratch {
    struct class_rule_state *rules;          /* n_rules of them */
    struct class_category_state *categories; /* n_categories */
    uint32_t *touched;                       /* room for n_rules */
};

enum { CLASS_EVIDENCE_MAX = 8, CLASS_NO_CATEGORY = -1 };

struct class_decision {
    int category, runner_up;         /* indexes, CLASS_NO_CATEGORY */
    int confidence, runner_up_score; /* basis points */
    enum urgency urgency;
    enum nature nature;
    uint32_t evidence[CLASS_EVIDENCE_MAX]; /* rules that decided, by index: of the
                                              category, the urgency, the nature */
    int n_evidence;
};

/* words: the distinct words of the book that occur, by index, in any order. */
struct class_decision class_decide(const struct class_book *book, const uint32_t *words,
        size_t n_words, struct class_scratch *scratch);

#endif
