/* The rules of rules.csv as something to hold a text against: which of them hold, and by
 * which terms. Opening it allocates; reading a text does not. */
#ifndef CHUISHAO_RULEBOOK_H
#define CHUISHAO_RULEBOOK_H

#include "arena.h"
#include "policy.h"

#include <stdint.h>

struct rulebook;

/* The rules of the kinds in this mask of 1 << kind; policy is kept by pointer. */
MUST_USE bool rulebook_open(struct rulebook **out, const struct policy *policy,
        unsigned kinds, struct error *err);
void rulebook_close(struct rulebook *book);

/* A complaint: begin, read each of its texts, then ask what holds. Words of two texts are
 * never near each other. */
void rulebook_begin(struct rulebook *book);
void rulebook_read(struct rulebook *book, struct str text);

/* A rule holds when one of its `any` terms (if it has some), all of its `all` terms and
 * none of its `none` terms occur. A rule with nothing but exceptions never does: it would
 * for nearly every text. */
struct rule_hold {
    uint32_t rule;    /* index into the policy's rules */
    uint32_t terms;   /* distinct ones of any and all that occur */
    uint32_t letters; /* characters of their words */
    uint32_t longest; /* of these characters, the most of one term */
};

/* Those that hold, in file order; they live until the next begin. Once per complaint. */
const struct rule_hold *rulebook_holds(struct rulebook *book, size_t *n);

/* What occurs of the first terms of rule's any and all, as rules.csv writes it: a word,
 * or the two words of a near term as 电梯…坏, in the order of the text. Returns how many,
 * at most max; pairs are put together in arena. */
size_t rulebook_words(const struct rulebook *book, uint32_t rule, struct str *words,
        size_t max, struct arena *arena);

#endif
