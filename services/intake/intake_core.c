#include "intake_core.h"

/* How many of a rule's next words are there; moves on behind them. */
static size_t take_found(const bool **found, const struct names *words)
{
    size_t n = 0;
    for (size_t i = 0; i < words->n; i++)
        n += (*found)[i];
    *found += words->n;
    return n;
}

static bool exit_holds(const struct rule *rule, const bool *found)
{
    size_t n_any = take_found(&found, &rule->any), n_all = take_found(&found, &rule->all);
    return rule_holds(rule, n_any, n_all, take_found(&found, &rule->none));
}

const struct rule *intake_exit(
        const struct intake_exit_rule *rules, size_t n, const bool *found)
{
    const struct rule *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (exit_holds(rules[i].rule, found + rules[i].first_word) &&
                (!best || rules[i].rule->weight > best->weight))
            best = rules[i].rule;
    return best;
}

enum intake_verdict intake_check_unit(const struct unit *acting, const struct unit *queue)
{
    if (!acting)
        return INTAKE_UNKNOWN_UNIT;
    return acting->queue == queue ? INTAKE_MAY_ACT : INTAKE_WRONG_QUEUE;
}

struct intake_plan intake_plan_of(const struct rule *exit, bool has_identity)
{
    return (struct intake_plan){
            .accepted = !exit,
            .transfer = exit != NULL,
            .identity = has_identity,
    };
}
