/* What intake decides: whether a complaint goes straight to an emergency line, and
 * whether an action may be taken by the unit that says it takes it. Pure. */
#ifndef CHUISHAO_INTAKE_CORE_H
#define CHUISHAO_INTAKE_CORE_H

#include "policy.h"
#include "rulebook.h"

/* Of the exit rules that hold for a complaint, the one that sends it to its line; NULL
 * when none does: the highest priority, then the heaviest, then the first in the file. */
const struct rule *intake_exit(
        const struct rule *rules, const struct rule_hold *holds, size_t n);

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
