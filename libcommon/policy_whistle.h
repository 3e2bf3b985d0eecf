/* Of the policy: how a street summons units. */
#ifndef CHUISHAO_POLICY_WHISTLE_H
#define CHUISHAO_POLICY_WHISTLE_H

#include "policy_sla.h"

/* whistle.json 吹哨报到: a street summons units, who have to check in by a deadline. */
#define WHISTLE_TYPES(X)                                                                 \
    X(ENFORCEMENT, "enforcement") /* 综合执法 */                                     \
    X(KEY_WORK, "key_work")       /* 重点工作 */                                     \
    X(EMERGENCY, "emergency")     /* 应急 */
#define X(name, text) WHISTLE_TYPE_##name,
enum whistle_type { WHISTLE_TYPES(X) WHISTLE_TYPE_COUNT };
#undef X
extern const char *const whistle_type_names[WHISTLE_TYPE_COUNT];

struct whistle_class {
    struct budget check_in; /* 报到时限, from the whistle on; amount 0: nobody may whistle
                               for this */
    struct sla_ladder ladder;
    bool dispute_needs_check_in; /* who says it is not its matter has to come first */
    int32_t low, high; /* 吹哨率: fewer or more than so many by a street in a month are a
                          warning */
    int line;          /* in whistle.json */
};

struct whistle_rules {
    struct whistle_class classes[WHISTLE_TYPE_COUNT];
    struct names absence_reasons; /* codes 缺席原因 */
};

#endif
