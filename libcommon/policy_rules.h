/* Of the policy: the words that tell a complaint's category, urgency and nature. */
#ifndef CHUISHAO_POLICY_RULES_H
#define CHUISHAO_POLICY_RULES_H

#include "policy_units.h"
#include <stdint.h>

/* rules.csv: words that vote for a category, an urgency, a nature or an emergency exit. A
 * rule holds when the text has one of any (when given), all of all and none of none; what
 * a term may be: rule_term.h. */
enum rule_kind { RULE_CATEGORY, RULE_URGENCY, RULE_NATURE, RULE_EXIT, RULE_KIND_COUNT };
extern const char *const rule_kind_names[RULE_KIND_COUNT];

enum { RULE_PRIORITY_PLAIN = 5 };

struct rule {
    const char *id;
    enum rule_kind kind;
    int target; /* index into categories, an urgency, a nature, or an exit line: 110, 119,
                   120, 122 */
    int32_t priority; /* 0 to 9, plain 5: one that holds silences those of its kind below
                         it */
    struct names any, all, none;
    int32_t weight; /* 1 to 100; how much it says for its target */
    int line;       /* in rules.csv */
};

#endif
