/* The life of a whistle 哨单 (吹哨报到): a street summons units to a place or to cases,
 * they check in by a deadline, only the street ends it, both sides score each other. What
 * one command means for it: pure and total, like casework_core.h. See WHISTLE.md. */
#ifndef CHUISHAO_WHISTLE_CORE_H
#define CHUISHAO_WHISTLE_CORE_H

#include "ids.h"
#include "instant.h"
#include "policy.h"
#include "str.h"
#include <stdbool.h>
#include <stdint.h>

enum {
    WHISTLE_UNIT_SIZE = 32,
    WHISTLE_PLACE_SIZE = 64,
    WHISTLE_CODE_SIZE = 32, /* of a reason */
    WHISTLE_UNITS_MAX = 16,
    WHISTLE_CASES_MAX = 20,
    WHISTLE_ACTIONS_KEPT = 32, /* effective actions remembered, to know a repeat */
    WHISTLE_ISSUER_NUMBER = 1, /* of the issuer's order; the first summoned has 2 */
    WHISTLE_SCORE_MAX = 5,
};

#define WHISTLE_STAGES(X)                                                                \
    X(NONE, "")                                                                          \
    X(ISSUED, "ISSUED")     /* 已吹哨 */                                              \
    X(FINISHED, "FINISHED") /* 事毕 */
#define X(name, text) WHISTLE_##name,
enum whistle_stage { WHISTLE_STAGES(X) WHISTLE_STAGE_COUNT };
#undef X
extern const char *const whistle_stage_names[WHISTLE_STAGE_COUNT];

/* 异议: "this is not my matter". */
#define WHISTLE_DISPUTES(X)                                                              \
    X(NONE, "")                                                                          \
    X(OPEN, "open")                                                                      \
    X(RELEASED, "released") /* it need not come */                                       \
    X(KEPT, "kept")         /* it has to; said once, for good */
#define X(name, text) WHISTLE_DISPUTE_##name,
enum whistle_dispute { WHISTLE_DISPUTES(X) WHISTLE_DISPUTE_COUNT };
#undef X
extern const char *const whistle_dispute_names[WHISTLE_DISPUTE_COUNT];

/* A unit that is summoned. */
struct whistle_unit {
    char unit[WHISTLE_UNIT_SIZE];
    bool must; /* 必到, else 协助 */
    enum whistle_dispute dispute;
    instant arrived_at;             /* 报到: when we heard of it */
    instant absent_at;              /* 缺席: the deadline it let pass */
    bool explained;                 /* said why it did not come */
    int32_t fired;                  /* key of the last rung that was told; 0: none */
    int32_t score, score_of_issuer; /* 互评, 1 to 5; 0: not yet */
};

/* The zero value is "no such whistle". */
struct whistle_state {
    char id[CASE_ID_SIZE];
    enum whistle_stage stage;
    enum whistle_type type;
    int64_t seq; /* of its last event */
    char issuer[WHISTLE_UNIT_SIZE];
    char place[WHISTLE_PLACE_SIZE];
    char cases[WHISTLE_CASES_MAX][CASE_ID_SIZE];
    int32_t n_cases;
    uint32_t unanswered; /* a bit for each case that has not said whom it accuses */
    bool held;           /* nobody is summoned before they have */
    instant issued_at, finished_at;
    struct budget check_in; /* as granted; the deadline is derived */
    instant due;            /* the deadline as it was last told */
    instant wake_at;        /* the earliest rung not told yet; never: none */
    struct whistle_unit units[WHISTLE_UNITS_MAX];
    int32_t n_units;
    uint64_t actions[WHISTLE_ACTIONS_KEPT]; /* fingerprints, a ring */
    int32_t n_actions;                      /* how many there ever were */
};

#define WHISTLE_COMMANDS(X)                                                              \
    X(ACTION, "action")                                                                  \
    X(WAKE, "wake")                                                                      \
    X(ANSWER, "answer")       /* of a case: whom it must not hear of */                  \
    X(REPROJECT, "reproject") /* the policy has changed */
#define X(name, text) WHISTLE_COMMAND_##name,
enum whistle_command_kind { WHISTLE_COMMANDS(X) WHISTLE_COMMAND_COUNT };
#undef X
extern const char *const whistle_command_names[WHISTLE_COMMAND_COUNT];

#define WHISTLE_ACTIONS(X)                                                               \
    X(UNKNOWN, "")                                                                       \
    X(ISSUE, "whistle")               /* 吹哨 */                                       \
    X(CHECK_IN, "check_in")           /* 报到 */                                       \
    X(ABSENT_REASON, "absent_reason") /* 缺席说明 */                                 \
    X(DISPUTE, "dispute")             /* 异议 */                                       \
    X(RELEASE, "release")                                                                \
    X(KEEP, "keep")     /* what becomes of a dispute */                                  \
    X(FINISH, "finish") /* 事毕 */                                                     \
    X(SCORE, "score")   /* 互评 */
#define X(name, text) WHISTLE_ACTION_##name,
enum whistle_action { WHISTLE_ACTIONS(X) WHISTLE_ACTION_COUNT };
#undef X
extern const char *const whistle_action_names[WHISTLE_ACTION_COUNT];

/* Why an action was refused; the text is for the unit that acted. */
#define WHISTLE_RULES(X)                                                                 \
    X(NONE, "", "")                                                                      \
    X(NO_SUCH_WHISTLE, "no_such_whistle", "没有这个哨单，请核对哨单号")                  \
    X(UNKNOWN_UNIT, "unknown_unit", "单位代码不在单位名录中或已失效，请核对")            \
    X(WRONG_QUEUE, "wrong_queue", "该单位不使用本队列，请从其所属队列提交")              \
    X(UNKNOWN_ACTION, "unknown_action", "没有这个操作，可用操作见哨单的 actions")        \
    X(ALREADY_DONE, "already_done", "该操作已经生效，无需重复提交")                      \
    X(NOT_A_STREET, "not_a_street", "只有街道可以吹哨")                                  \
    X(TYPE_NOT_OFFERED, "type_not_offered", "没有规定这一类哨单的报到时限，不能吹哨")    \
    X(NEEDS_TEXT, "needs_text", "须写明吹哨事由")                                        \
    X(NEEDS_SUBJECT, "needs_subject", "须写明地点或关联的工单")                          \
    X(UNKNOWN_PLACE, "unknown_place", "地点代码不在地点名录中")                          \
    X(NOT_YOUR_STREET, "not_your_street", "该地点不在本街道辖区内")                      \
    X(NEEDS_UNITS, "needs_units", "须写明召集的单位")                                    \
    X(UNKNOWN_SUMMONED, "unknown_summoned", "召集的单位不在单位名录中或已失效")          \
    X(SELF_SUMMONED, "self_summoned", "不得召集本单位")                                  \
    X(NOT_SUMMONABLE, "not_summonable", "受理台和区级不在召集范围内")                    \
    X(SUMMONED_TWICE, "summoned_twice", "同一单位只能召集一次")                          \
    X(UNIT_ACCUSED, "unit_accused", "该单位是关联工单的被诉单位，不参加本次吹哨")        \
    X(NOT_SUMMONED, "not_summoned", "贵单位不在本次召集之列")                            \
    X(NOT_THE_ISSUER, "not_the_issuer", "该操作只能由吹哨街道进行")                      \
    X(NOT_THE_DECIDER, "not_the_decider", "异议由吹哨街道或区级决定")                    \
    X(NOT_A_PARTY, "not_a_party", "只有吹哨街道和被召集单位可以互评")                    \
    X(OLD_ORDER, "old_order", "所填任务号与单位不符，请以收到的哨单为准")                \
    X(FINISHED, "finished", "本次吹哨已经事毕")                                          \
    X(NOT_FINISHED, "not_finished", "事毕之后方可互评")                                  \
    X(RELEASED, "released", "该单位已解除召集")                                          \
    X(NEEDS_WHERE, "needs_where", "报到须写明到场地点")                                  \
    X(CHECK_IN_FIRST, "check_in_first", "该类哨单须先报到，再提出异议")                  \
    X(NEEDS_REASON, "needs_reason", "须写明理由")                                        \
    X(UNKNOWN_REASON, "unknown_reason", "缺席原因代码不在规定之列")                      \
    X(NOT_ABSENT, "not_absent", "贵单位没有缺席，无需说明原因")                          \
    X(KEPT, "kept", "异议已经裁定，不得再次提出")                                        \
    X(DISPUTE_OPEN, "dispute_open", "尚有异议未决定，不能事毕")                          \
    X(NO_DISPUTE, "no_dispute", "该单位没有待决定的异议")                                \
    X(NEEDS_TARGET, "needs_target", "须写明所指的被召集单位")                            \
    X(BAD_TARGET, "bad_target", "被召集单位只能评价吹哨街道")                            \
    X(BAD_SCORE, "bad_score", "评分须为 1 至 5 分")
#define X(name, code, text) WHISTLE_RULE_##name,
enum whistle_rule { WHISTLE_RULES(X) WHISTLE_RULE_COUNT };
#undef X
extern const char *const whistle_rule_names[WHISTLE_RULE_COUNT];
extern const char *const whistle_rule_texts[WHISTLE_RULE_COUNT];

/* Texts are borrowed; the core looks at them and keeps nothing. */
struct whistle_command {
    enum whistle_command_kind kind;
    char id[CASE_ID_SIZE];
    instant at;

    /* action */
    enum whistle_action action;
    uint64_t fingerprint; /* of its id; 0: it has none */
    char unit[WHISTLE_UNIT_SIZE], queue[WHISTLE_UNIT_SIZE];
    int32_t number;   /* the order's; -1: not given */
    struct str words; /* the matter, the reason */

    /* whistle */
    int type; /* an enum whistle_type; -1: none that is known */
    char place[WHISTLE_PLACE_SIZE];
    char cases[WHISTLE_CASES_MAX][CASE_ID_SIZE];
    int32_t n_cases;
    struct {
        char unit[WHISTLE_UNIT_SIZE];
        bool must;
    } summon[WHISTLE_UNITS_MAX];
    int32_t n_summon;

    bool says_where;                     /* check_in */
    char reason_code[WHISTLE_CODE_SIZE]; /* absent_reason */
    char to[WHISTLE_UNIT_SIZE];          /* release, keep, score: whom */
    int32_t score;

    /* answer */
    char linked[CASE_ID_SIZE]; /* the case */
    char accused[WHISTLE_UNITS_MAX][WHISTLE_UNIT_SIZE];
    int32_t n_accused;

    instant due; /* wake */
};

#define WHISTLE_EVENTS(X)                                                                \
    X(ISSUED, "whistle_issued")                                                          \
    X(REMINDER, "reminder")                                                              \
    X(CHECKED_IN, "whistle_checked_in")                                                  \
    X(ABSENT, "whistle_absent")                                                          \
    X(ESCALATED, "escalated") /* so long after it should have come */                    \
    X(EXPLAINED, "whistle_absence_explained")                                            \
    X(DISPUTED, "whistle_disputed")                                                      \
    X(RELEASED, "whistle_released")                                                      \
    X(KEPT, "whistle_kept")                                                              \
    X(FINISHED, "whistle_finished")                                                      \
    X(SCORED, "whistle_scored")                                                          \
    X(REPROJECTED, "reprojected")
#define X(name, text) WHISTLE_EVENT_##name,
enum whistle_event { WHISTLE_EVENTS(X) WHISTLE_EVENT_COUNT };
#undef X
extern const char *const whistle_event_names[WHISTLE_EVENT_COUNT];

#define WHISTLE_ORDERS(X)                                                                \
    X(SUMMONS, "whistle")                                                                \
    X(REMIND, "remind")                                                                  \
    X(ABSENT, "absent")                                                                  \
    X(ESCALATE, "escalate")                                                              \
    X(CHECKED_IN, "checked_in")                                                          \
    X(DISPUTE, "dispute")                                                                \
    X(WITHDRAW, "withdraw")                                                              \
    X(KEPT, "kept")                                                                      \
    X(SCORED, "scored")                                                                  \
    X(ACCEPTED, "accepted")                                                              \
    X(REFUSED, "refused")                                                                \
    X(CLOSED, "closed")
#define X(name, text) WHISTLE_ORDER_##name,
enum whistle_order { WHISTLE_ORDERS(X) WHISTLE_ORDER_COUNT };
#undef X
extern const char *const whistle_order_names[WHISTLE_ORDER_COUNT];

#define WHISTLE_ROLES(X)                                                                 \
    X(NOBODY, "")                                                                        \
    X(ISSUER, "issuer")                                                                  \
    X(MUST, "must")                                                                      \
    X(ASSIST, "assist")                                                                  \
    X(SUPERVISOR, "supervisor") /* the district, and who is above a summoned unit */
#define X(name, text) WHISTLE_ROLE_##name,
enum whistle_role { WHISTLE_ROLES(X) WHISTLE_ROLE_COUNT };
#undef X
extern const char *const whistle_role_names[WHISTLE_ROLE_COUNT];

enum whistle_effect_kind {
    WHISTLE_EFFECT_EVENT,
    WHISTLE_EFFECT_ORDER,
    WHISTLE_EFFECT_LINKED,   /* command whistle_linked to a case */
    WHISTLE_EFFECT_UNLINKED, /* command whistle_finished to a case */
    WHISTLE_EFFECT_REFUSED   /* audit */
};

struct whistle_effect {
    enum whistle_effect_kind kind;
    int64_t seq; /* of the event itself, or of the last event before */
    enum whistle_event event;
    enum whistle_stage from, to; /* EVENT: different when the stage changed */
    enum whistle_order order;
    enum whistle_role role;
    int32_t number; /* ORDER: its number; EVENT: that of the unit it is about, 0: none */
    char unit[WHISTLE_UNIT_SIZE]; /* ORDER: whose; EVENT: the unit it is about */
    char other[CASE_ID_SIZE];     /* LINKED, UNLINKED: the case */
    int32_t percent;              /* of a rung; above it, `after` */
    struct budget after;
    instant due, old_due;
    bool late;     /* checked in after the deadline */
    int32_t score; /* scored */
    enum whistle_rule rule;
};

/* The most a command does at once: every unit reaches two rungs at the same instant. */
enum { WHISTLE_EFFECTS_MAX = WHISTLE_UNITS_MAX * 8 + 2 };

struct whistle_decision {
    struct whistle_state after;
    instant at;
    bool changed; /* `after` is to be kept */
    struct whistle_effect effects[WHISTLE_EFFECTS_MAX];
    int n_effects;
};

void whistle_decide(const struct policy *policy, const struct whistle_state *before,
        const struct whistle_command *command, struct whistle_decision *decision);

/* Which actions that unit may take next on the order of that number, one bit for each
 * enum whistle_action. */
unsigned whistle_actions_open(const struct policy *policy,
        const struct whistle_state *state, const char *unit, int32_t number);

/* The deadline of the check-in, as the policy's calendar is now. */
instant whistle_due(const struct policy *policy, const struct whistle_state *state);

/* The unit whose order has that number; NULL: the issuer's, or none. */
const struct whistle_unit *whistle_unit_of(
        const struct whistle_state *state, int32_t number);

#endif
