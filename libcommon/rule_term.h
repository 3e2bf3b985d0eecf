/* A term of rules.csv: what stands between two ';' of a cell. Pure.
 *
 *   路灯              the word occurs
 *   (路灯|灯杆)        one of these words occurs
 *   电梯{4}坏          both occur in this order with at most 4 characters between them
 *   噪音{~8}(KTV|酒吧)  … in any order; either side may be alternatives */
#ifndef CHUISHAO_RULE_TERM_H
#define CHUISHAO_RULE_TERM_H

#include "str.h"
#include <stdint.h>

enum { RULE_TERM_WITHIN_MAX = 50 };

enum rule_side { RULE_LEFT, RULE_RIGHT, RULE_SIDES };

struct rule_term {
    struct str sides[RULE_SIDES]; /* slices of the text: words with | between them; none
                                     on the right: not near */
    uint32_t within;              /* characters between the two */
    bool ordered;                 /* the left one comes first */
};

/* NULL when text is a term, else what is wrong with it: a clause that goes on behind
 * "the term '…' ". */
const char *rule_term_parse(const char *text, struct rule_term *out);

static inline bool rule_term_is_near(const struct rule_term *term)
{
    return term->sides[RULE_RIGHT].len > 0;
}

/* The same of a term that is not taken apart. */
static inline bool rule_term_has_two(const char *text)
{
    return strchr(text, '{') != NULL;
}

/* Takes the first word off a side; false when none is left. */
bool rule_term_word(struct str *side, struct str *word);

/* Unicode characters in UTF-8. */
uint32_t rule_term_letters(struct str text);

#endif
