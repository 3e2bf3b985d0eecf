#include "points_core.h"

#include <string.h>

bool points_ask_for(const struct points_book *book, const char *event)
{
    for (size_t i = 0; book && i < book->n_rules; i++)
        if (strcmp(book->rules[i].event, event) == 0)
            return true;
    return false;
}

static bool word_fits(enum points_word word, const struct names *asked, struct str said)
{
    for (size_t i = 0; i < asked->n; i++)
        if (word == POINTS_WORD_CATEGORY ? str_starts(said, str_of(asked->items[i]))
                                         : str_is(said, asked->items[i]))
            return true;
    return asked->n == 0;
}

static bool fits(const struct points_rule *rule, const struct points_fact *fact)
{
    if (strcmp(rule->event, fact->event) != 0)
        return false;
    for (int i = 0; i < POINTS_WORD_COUNT; i++)
        if (!word_fits((enum points_word)i, &rule->words[i], fact->words[i]))
            return false;
    for (int i = 0; i < POINTS_NUMBER_COUNT; i++) {
        const struct points_range *range = &rule->numbers[i];
        if (range->asked &&
                (!fact->numbers[i].there || fact->numbers[i].value < range->min ||
                        fact->numbers[i].value > range->max))
            return false;
    }
    return true;
}

static struct str holder_of(
        const struct points_rule *rule, const struct points_fact *fact)
{
    return rule->whom == POINTS_WHOM_POOL ? fact->pool : str_or(fact->unit, fact->lead);
}

size_t points_of(const struct policy *policy, const struct points_fact *fact,
        struct points_award *awards, size_t max)
{
    const struct points_book *book = policy->points;
    size_t n = 0;
    for (size_t i = 0; book && i < book->n_rules && n < max; i++) {
        const struct points_rule *rule = &book->rules[i];
        struct str holder = holder_of(rule, fact);
        if (!holder.len || points_ledger_of(policy, holder) != rule->ledger ||
                !fits(rule, fact))
            continue;
        struct points_award *award = &awards[n++];
        *award = (struct points_award){.rule = rule, .holder = holder};
        if (rule->valid.amount)
            award->expires = calendar_due(
                    &policy->calendar, fact->at, rule->valid.amount, rule->valid.unit);
    }
    return n;
}
