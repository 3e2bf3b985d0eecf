#include "intake_core.h"

static bool goes_before(const struct rule *a, const struct rule *b)
{
    return a->priority != b->priority ? a->priority > b->priority : a->weight > b->weight;
}

const struct rule *intake_exit(
        const struct rule *rules, const struct rule_hold *holds, size_t n)
{
    const struct rule *best = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = &rules[holds[i].rule];
        if (!best || goes_before(rule, best))
            best = rule;
    }
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
