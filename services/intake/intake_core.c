#include "intake_core.h"

static bool rule_holds(const struct rule *rule, const bool *found)
{
    bool any = rule->any.n == 0;
    for (size_t i = 0; i < rule->any.n; i++)
        any = any || found[i];
    found += rule->any.n;
    bool all = true;
    for (size_t i = 0; i < rule->all.n; i++)
        all = all && found[i];
    found += rule->all.n;
    bool none = true;
    for (size_t i = 0; i < rule->none.n; i++)
        none = none && !found[i];
    /* A rule with nothing but exceptions would hold for nearly every text. */
    return any && all && none && rule->any.n + rule->all.n > 0;
}

const struct rule *intake_exit(
        const struct intake_exit_rule *rules, size_t n, const bool *found)
{
    const struct rule *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (rule_holds(rules[i].rule, found + rules[i].first_word) &&
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
