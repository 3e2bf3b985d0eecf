/* The rules as tables of terms and words; for rulebook*.c only. */
#ifndef CHUISHAO_RULEBOOK_INTERNAL_H
#define CHUISHAO_RULEBOOK_INTERNAL_H

#include "match.h"
#include "rule_term.h"
#include "rulebook.h"

enum {
    RULEBOOK_HITS_MAX = 2048, /* of one text; a text with more is read as if it ended
                                 there */
    RULEBOOK_NEAR_MAX = 1024, /* of these, on a side of a near term; the same */
    RULEBOOK_NOWHERE = UINT32_MAX,
};

enum list { LIST_ANY, LIST_ALL, LIST_NONE };

/* One place where a term stands in a rule. */
struct use {
    uint32_t rule;
    enum list list;
};

/* A distinct term of the rules. What reading a text needs of terms and words is kept
 * small: it has to stay in the cache between two complaints. */
struct term {
    uint32_t first_use; /* the next term's ends its uses */
    uint32_t last_near; /* the last word of a near term in the text at hand,
                           RULEBOOK_NOWHERE */
    uint8_t within;     /* RULE_TERM_WITHIN_MAX at most */
    uint8_t sides;      /* 1 << side: one of its words is in the text at hand */
    bool near, ordered;
    bool found; /* in this complaint */
};

/* One place where a word stands in a term. */
struct role {
    uint32_t term;
    enum rule_side side;
};

/* A distinct word of the terms. */
struct word {
    uint32_t first_role; /* the next word's ends its roles */
    uint32_t letters;
};

/* A word of a near term in the text at hand. */
struct near_hit {
    uint32_t from, to; /* characters */
    uint32_t previous; /* of the same term, RULEBOOK_NOWHERE: none */
    uint32_t word;
    enum rule_side side;
};

/* A term that occurs. */
struct found {
    uint32_t term;
    uint32_t words[2]; /* in the order of the text; the second of a near term only, else
                          RULEBOOK_NOWHERE */
};

struct rule_state {
    uint32_t n_any, n_all, letters, longest;
    bool touched, blocked;
};

struct rulebook {
    const struct policy *policy;
    struct arena arena;
    struct matcher *matcher;
    struct term *terms;
    const char **term_texts;
    struct use *uses;
    struct word *words;
    struct str *word_texts;
    struct role *roles;
    uint32_t n_terms, n_words;
    uint32_t *n_all; /* by rule: distinct terms in its `all` */

    struct rule_state *rule_states; /* zero but for the touched ones */
    struct found *found;            /* in the order they were found */
    uint32_t n_found;
    uint32_t *touched; /* rules */
    uint32_t n_touched;
    struct rule_hold *holds;
    struct near_hit near[RULEBOOK_NEAR_MAX];
    uint32_t n_near;
    struct match_hit hits[RULEBOOK_HITS_MAX];
};

#endif
