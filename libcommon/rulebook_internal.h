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

/* What reading a text needs of terms and words is kept small and apart from what a
 * finding needs: it has to stay in the cache between two complaints. */

/* A distinct word of the terms. */
struct word {
    uint32_t first_role; /* the next word's ends its roles */
    uint32_t letters;
};

/* Where a word stands in a term: term << ROLE_BITS | which sides of it are there with the
 * word. Of a term without a neighbour it is both. */
enum { ROLE_BITS = 2, BOTH_SIDES = 1 << RULE_LEFT | 1 << RULE_RIGHT };

/* A distinct term with two sides. */
struct near_term {
    uint8_t within; /* RULE_TERM_WITHIN_MAX at most */
    bool ordered;
};

/* A word of a near term in the text at hand. */
struct near_hit {
    uint32_t from, to; /* characters */
    uint32_t previous; /* of the same term, RULEBOOK_NOWHERE: none */
    uint32_t word, term;
    enum rule_side side;
};

/* A term that occurs. */
struct found {
    uint32_t term;
    uint32_t words[2]; /* in the order of the text; the second of a near term only, else
                          RULEBOOK_NOWHERE */
};

/* A term that occurs speaks for a rule. */
struct mark {
    uint32_t rule, found;
};

struct rule_state {
    uint32_t n_any, n_all, letters, longest;
    bool touched, blocked;
};

struct rulebook {
    const struct policy *policy;
    struct arena arena;
    struct matcher *matcher;
    const char **term_texts;
    uint32_t *first_use; /* by term; the next term's ends its uses */
    struct use *uses;
    struct word *words;
    struct str *word_texts;
    uint32_t *roles;
    struct near_term *near_terms; /* by term: those with two sides come first */
    uint32_t n_terms, n_words, n_near_terms;
    uint32_t *n_all; /* by rule: distinct terms in its `all` */

    /* Of the complaint at hand. */
    bool *is_found;                 /* by term */
    struct rule_state *rule_states; /* zero but for the touched ones */
    struct found *found;            /* in the order they were found */
    uint32_t n_found;
    struct mark *marks; /* in the same order */
    uint32_t n_marks;
    uint32_t *touched; /* rules */
    uint32_t n_touched;
    struct rule_hold *holds;

    /* Of the text at hand. */
    uint8_t *sides; /* by term: 1 << side when one of its words occurs; of those without
                       a neighbour left as it is */
    uint32_t *last_near; /* by near term: its last word, RULEBOOK_NOWHERE */
    struct near_hit near[RULEBOOK_NEAR_MAX];
    uint32_t n_near;
    struct match_hit hits[RULEBOOK_HITS_MAX];
};

#endif
