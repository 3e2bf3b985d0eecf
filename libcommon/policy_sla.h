/* Of the policy: by when. The clocks, ladders and steps of SLA classes, and the handling
 * rules that hold for every case. */
#ifndef CHUISHAO_POLICY_SLA_H
#define CHUISHAO_POLICY_SLA_H

#include "calendar.h"
#include "policy_units.h"

/* sla.json */
#define CLOCKS(X)                                                                        \
    X(SIGN, "sign")       /* 签收 */                                                   \
    X(CONTACT, "contact") /* 先行联系 */                                             \
    X(ARRIVE, "arrive")   /* 到场 */                                                   \
    X(HANDLE, "handle")   /* 办结 */
#define X(name, text) CLOCK_##name,
enum clock { CLOCKS(X) CLOCK_COUNT };
#undef X
extern const char *const clock_names[CLOCK_COUNT];

enum { SLA_RUNGS_MAX = 16, SLA_STEPS_MAX = 8 };

/* So much of one of the clock units; amount 0: none. */
struct budget {
    int32_t amount;
    enum time_unit unit;
};

/* Whom a reminder goes to besides the unit that is late, climbing: nobody, the unit above
 * it in the tree, the street and the district of the case. A level that a unit has not (a
 * department is under no street) is told by the next one up. */
#define LEVELS(X)                                                                        \
    X(UNIT, "unit")                                                                      \
    X(SUPERIOR, "superior") /* 上级 */                                                 \
    X(STREET, "street")                                                                  \
    X(DISTRICT, "district")
#define X(name, text) LEVEL_##name,
enum sla_level { LEVELS(X) LEVEL_COUNT };
#undef X
extern const char *const sla_level_names[LEVEL_COUNT];

struct sla_rung {
    int32_t percent; /* of the budget, 1 to 100 */
    enum sla_level level;
    struct budget after; /* of a rung at 100: so long after the budget is used up */
};

/* When a clock is told, ascending in time; each rung exactly once. */
struct sla_ladder {
    struct sla_rung rungs[SLA_RUNGS_MAX];
    int n_rungs;
};

/* A rung in a ladder as one ascending number, whatever rungs another policy has beside
 * it: its percent, then how many of the same percent come before it. What `fired` of a
 * clock or a summons holds. */
enum { SLA_RUNG_END = 100 * SLA_RUNGS_MAX }; /* the first one at 100 percent */
int32_t sla_rung_key(const struct sla_ladder *ladder, int rung);

/* What the completion of a step has to bring. */
#define STEP_NEEDS(X)                                                                    \
    X(RESULT, "result") /* words that say something */                                   \
    X(PHOTO, "photo")                                                                    \
    X(PLAN, "plan")           /* 方案 */                                               \
    X(DATE, "follow_up_date") /* 跟踪回访日期 */                                   \
    X(ATTENDEES, "attendees") /* 参会人员 */                                         \
    X(FILING, "filing")       /* 镇街备案: a record goes to the street of the case */
#define X(name, text) STEP_NEEDS_##name,
enum step_need { STEP_NEEDS(X) STEP_NEED_COUNT };
#undef X
extern const char *const step_need_names[STEP_NEED_COUNT];

/* A stage of an SLA class 阶段时限: 围护, 修复, 恢复; 停工, 处罚, 拆除; the five steps
 * 五步工作法. One after the other, each with its own budget, which begins where the one
 * before ended. */
struct sla_step {
    const char *name, *title;
    struct budget budget;
    unsigned needs; /* one bit for each enum step_need */
};

struct sla_class {
    const char *name;
    struct budget budgets[CLOCK_COUNT]; /* amount 0: no such clock */
    struct sla_ladder ladder;
    struct sla_step steps[SLA_STEPS_MAX];
    int n_steps;
    int line; /* in sla.json */
};

/* handling.json 办理规则: what holds for every case, whatever its SLA class. */
struct handling {
    struct budget desk;   /* a case that needs a human waits at the desk (DOMAIN 10 no. 4:
                             30 minutes) */
    struct budget review; /* 审核: the desk looks at what was submitted */
    struct budget follow_up;    /* 回访 */
    struct budget adjudication; /* 裁定 */
    struct budget transfer_ack; /* 110, 119, 120, 122 confirm that they have it (DOMAIN 10
                                   no. 3: 60 seconds) */
    struct sla_ladder ladder;   /* of the clocks above */
    struct budget return_window;  /* 退单: may be asked for so long after dispatch */
    struct budget request_review; /* no decision on a request in this time: it is refused
                                     (no. 10: 4 work hours) */
    bool return_pauses;  /* the handling clock stands still while a return is decided
                            首接负责: usually not */
    int32_t returns_max; /* so many returns of a case are decided by the desk, the next is
                            adjudicated */
    int32_t extensions_max;         /* 延期: granted at most so often (no. 16) */
    int32_t extension_desk_percent; /* the desk may add so much of the budget, more is for
                                       the district */
    int32_t suspension_days_max; /* 挂账: the review date is at most so many natural days
                                    away (no. 16: 30) */
    struct budget redo;  /* 重办 after a follow-up (no. 18: 3 work days); amount 0: the
                            handling clock runs on */
    int32_t redos_max;   /* then it is supervised 督办 */
    int32_t reopen_days; /* 重办 of a closed case within so many natural days (no. 15: 7)
                          */
    bool merge_reopens;  /* a complaint about a case closed within reopen_days reopens it;
                            else it is a new case */
    int32_t cluster_reporters, cluster_hours; /* 群体预警: so many different reporters
                                                 within so many hours (no. 14) */
    const char *callback; /* the call-back link in resolutions, "{case}" stands for the
                             case id; "": none */
    struct names return_reasons, extension_reasons, suspension_reasons,
            termination_reasons; /* codes 原因代码 */
};

#endif
