/* Which points follow from an event of a case or of a whistle, by the rules of
 * ledger.json. Pure. */
#ifndef CHUISHAO_POINTS_CORE_H
#define CHUISHAO_POINTS_CORE_H

#include "points.h"

/* What an event says; a word or a number that it does not say fits no rule that asks for
 * it. */
struct points_fact {
    const char *event; /* its kind */
    instant at;
    struct str unit, lead, pool; /* empty: none */
    struct str words[POINTS_WORD_COUNT];
    struct {
        bool there;
        int32_t value;
    } numbers[POINTS_NUMBER_COUNT];
};

struct points_award {
    const struct points_rule *rule;
    struct str holder;
    instant expires; /* never: it does not expire */
};

/* True when some rule is for events of that kind. */
bool points_ask_for(const struct points_book *book, const char *event);

/* At most max awards, in the order of the rules; how many there are. */
size_t points_of(const struct policy *policy, const struct points_fact *fact,
        struct points_award *awards, size_t max);

#endif
