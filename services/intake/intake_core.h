/* What intake decides: whether a complaint goes straight to an emergency line, and
 * whether an action may be taken by the unit that says it takes it. Pure. */
#ifndef CHUISHAO_INTAKE_CORE_H
#define CHUISHAO_INTAKE_CORE_H

#include "policy.h"

#include <stdint.h>

/* An exit rule whose words have been numbered: any first, then all, then none. */
struct intake_exit_rule {
    const struct rule *rule;
    uint32_t first_word;
};

/* The rule that sends a complaint to its line, NULL when none holds: the heaviest, then
 * the first in the file. found[word] tells which words the complaint has. */
const struct rule *intake_exit(
        const struct intake_exit_rule *rules, size_t n, const bool *found);

enum intake_verdict {
    INTAKE_MAY_ACT,
    INTAKE_UNKNOWN_UNIT, /* no such unit in the policy */
    INTAKE_WRONG_QUEUE,  /* the unit uses another queue than the one it spoke on */
};

/* Who says it is told by the queue, which the broker guards: the acting unit is the
 * queue's unit or one that uses its queue. */
enum intake_verdict intake_check_unit(
        const struct unit *acting, const struct unit *queue);

/* What follows from a complaint that could be read. */
struct intake_plan {
    bool accepted; /* to the classifier */
    bool transfer; /* instead: opened and transferred in one command */
    bool identity; /* sealed, to the vault */
};
struct intake_plan intake_plan_of(const struct rule *exit, bool has_identity);

#endif
