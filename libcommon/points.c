#include "points.h"

#define X(name, text) text,
const char *const points_word_names[POINTS_WORD_COUNT] = {POINTS_WORDS(X)};
const char *const points_number_names[POINTS_NUMBER_COUNT] = {POINTS_NUMBERS(X)};
const char *const points_whom_names[POINTS_WHOM_COUNT] = {POINTS_WHOM(X)};
#undef X

const struct points_ledger *points_ledger_find(
        const struct points_book *book, struct str name)
{
    for (size_t i = 0; book && i < book->n_ledgers; i++)
        if (str_is(name, book->ledgers[i].name))
            return &book->ledgers[i];
    return NULL;
}

const struct points_rule *points_rule_find(const struct points_book *book, struct str id)
{
    for (size_t i = 0; book && i < book->n_rules; i++)
        if (str_is(id, book->rules[i].id))
            return &book->rules[i];
    return NULL;
}

const struct points_ledger *points_ledger_of(const struct policy *policy, struct str code)
{
    const struct points_book *book = policy->points;
    const struct unit *unit = policy_unit(policy, code);
    const struct pool *pool = policy_pool(policy, code);
    for (size_t i = 0; unit && book && i < book->n_ledgers; i++)
        if (book->ledgers[i].types & 1U << unit->type)
            return &book->ledgers[i];
    return pool ? pool->ledger : NULL;
}
