/* The life of a case: what one command means for it. Pure and total: no clock, I/O,
 * allocation or log; a command that does not apply changes nothing. See README.md for
 * stages, roles and rules. */
#ifndef CHUISHAO_CASEWORK_CORE_H
#define CHUISHAO_CASEWORK_CORE_H

#include "ids.h"
#include "instant.h"
#include "policy.h"
#include "str.h"
#include <stdbool.h>
#include <stdint.h>

enum {
    CASE_UNIT_SIZE = 32,
    CASE_CODE_SIZE = 16, /* a category's code */
    CASE_NAME_SIZE = 48, /* the name of an SLA class or of a reason */
    CASE_MEMBERS_MAX = 32,
    CASE_ACTIONS_KEPT = 16, /* effective actions remembered, to know a repeat */
    CASE_HOPS_MAX = 4, /* how often a merge request is passed on to the master of a master
                        */
};

#define CASE_STAGES(X)                                                                     \
    X(NONE, "")                                                                            \
    X(NEEDS_HUMAN, "NEEDS_HUMAN")         /* with the hotline desk 受理台 */            \
    X(MERGE_REQUESTED, "MERGE_REQUESTED") /* asked another case to take it in */           \
    X(DISPATCHED, "DISPATCHED")           /* 已派 */                                     \
    X(SIGNED, "SIGNED")                   /* 签收 */                                     \
    X(CONTACTED, "CONTACTED")             /* 先行联系 */                               \
    X(HANDLING, "HANDLING")               /* 办理 */                                     \
    X(SUBMITTED, "SUBMITTED")             /* 办结提交: the desk reviews */             \
    X(RETURN_REQUESTED,                                                                    \
            "RETURN_REQUESTED") /* 退单: the desk decides, the first unit stays owner */ \
    X(CLOSED, "CLOSED")                                                                    \
    X(TRANSFERRED_OUT, "TRANSFERRED_OUT") /* to 110, 119, 120, 122 */                      \
    X(MERGED, "MERGED")                   /* 并单: gets its master's result */
#define X(name, text) STAGE_##name,
enum case_stage { CASE_STAGES(X) STAGE_COUNT };
#undef X
extern const char *const case_stage_names[STAGE_COUNT];

/* The clocks of the policy, and the desk's own. */
enum { CLOCK_DESK = CLOCK_COUNT, CASE_CLOCK_COUNT };
extern const char *const case_clock_names[CASE_CLOCK_COUNT];

/* A budget and when it began to run; the due time is derived, so that a changed calendar
 * is right by construction. */
struct case_clock {
    int32_t amount; /* 0: no such clock */
    enum time_unit unit;
    instant start, stopped; /* stopped never: it runs */
    int64_t stood; /* ms of its unit's own time in which it stood still and then ran on */
    int32_t fired; /* percent of the last rung that was told */
};

#define CASE_OUTCOMES(X)                                                                 \
    X(NONE, "")                                                                          \
    X(RESOLVED, "resolved")                                                              \
    X(TRANSFERRED, "transferred")                                                        \
    X(MERGED_RESOLVED, "merged_resolved")
#define X(name, text) OUTCOME_##name,
enum case_outcome { CASE_OUTCOMES(X) OUTCOME_COUNT };
#undef X
extern const char *const case_outcome_names[OUTCOME_COUNT];

/* The zero value is "no such case". */
struct case_state {
    char id[CASE_ID_SIZE];
    enum case_stage stage;
    enum case_outcome outcome; /* of a closed case */
    int64_t seq;               /* of its last event */
    instant opened, changed;
    instant wake_at;           /* the earliest rung not told yet; never: none */
    int32_t task;              /* number of the lead task, 0 before the first dispatch */
    char lead[CASE_UNIT_SIZE]; /* before the first dispatch: who would lead */
    char assists[ASSISTS_MAX][CASE_UNIT_SIZE];
    int32_t n_assists;
    char sla[CASE_NAME_SIZE];
    char category[CASE_CODE_SIZE];
    char accused[CASE_UNIT_SIZE]; /* 被诉单位: may not handle it */
    instant signed_at, contacted_at, handling_at, submitted_at; /* of the lead task */
    bool return_refused; /* of the lead task: the desk has decided, no further return */
    int32_t redos;
    char master[CASE_ID_SIZE];
    char members[CASE_MEMBERS_MAX][CASE_ID_SIZE];
    int32_t n_members;
    struct case_clock clocks[CASE_CLOCK_COUNT];
    uint64_t actions[CASE_ACTIONS_KEPT]; /* fingerprints of the last effective actions, a
                                            ring */
    int32_t n_actions;                   /* how many there ever were */
};

#define CASE_COMMANDS(X)                                                                 \
    X(OPEN, "open")                                                                      \
    X(ACTION, "action")                                                                  \
    X(WAKE, "wake")                                                                      \
    X(MERGE_REQUEST, "merge_request")                                                    \
    X(MERGE_ACCEPTED, "merge_accepted")                                                  \
    X(MERGE_REFUSED, "merge_refused")                                                    \
    X(MEMBER_RESULT, "member_result")
#define X(name, text) COMMAND_##name,
enum case_command_kind { CASE_COMMANDS(X) COMMAND_COUNT };
#undef X
extern const char *const case_command_names[COMMAND_COUNT];

#define CASE_ROUTES(X)                                                                   \
    X(DISPATCH, "dispatch")                                                              \
    X(NEEDS_HUMAN, "needs_human")                                                        \
    X(TRANSFER, "transfer")                                                              \
    X(MERGE, "merge")
#define X(name, text) ROUTE_##name,
enum case_route { CASE_ROUTES(X) ROUTE_COUNT };
#undef X
extern const char *const case_route_names[ROUTE_COUNT];

#define CASE_ACTIONS(X)                                                                  \
    X(UNKNOWN, "")                                                                       \
    X(SIGN, "sign")                                                                      \
    X(CONTACT, "contact")                                                                \
    X(HANDLE, "handle")                                                                  \
    X(SUBMIT, "submit")                                                                  \
    X(REQUEST_RETURN, "request_return")                                                  \
    X(DISPATCH, "dispatch")                                                              \
    X(REFUSE_RETURN, "refuse_return")                                                    \
    X(REDO, "redo")                                                                      \
    X(CLOSE, "close")
#define X(name, text) ACTION_##name,
enum case_action { CASE_ACTIONS(X) ACTION_COUNT };
#undef X
extern const char *const case_action_names[ACTION_COUNT];

/* Why an action was refused; the text is for the unit that acted. */
#define CASE_RULES(X)                                                                    \
    X(NONE, "", "")                                                                      \
    X(NO_SUCH_CASE, "no_such_case", "没有这个工单，请核对工单号")                        \
    X(UNKNOWN_UNIT, "unknown_unit", "单位代码不在单位名录中或已失效，请核对")            \
    X(WRONG_QUEUE, "wrong_queue", "该单位不使用本队列，请从其所属队列提交")              \
    X(UNKNOWN_ACTION, "unknown_action", "没有这个操作，可用操作见工单的 actions")        \
    X(ALREADY_DONE, "already_done", "该操作已经生效，无需重复提交")                      \
    X(NOT_YOUR_CASE, "not_your_case", "此工单不由贵单位承办")                            \
    X(ASSIST_ONLY, "assist_only", "贵单位为协办，由主办单位提交")                        \
    X(NOT_THE_DESK, "not_the_desk", "该操作只能由受理台进行")                            \
    X(OLD_ORDER, "old_order", "所填任务号已作废，请以最新派单为准")                      \
    X(WRONG_STAGE, "wrong_stage",                                                        \
            "工单当前阶段不能进行该操作，可用操作见工单的 actions")                      \
    X(NEEDS_REASON, "needs_reason", "退单须写明理由")                                    \
    X(RETURN_DECIDED, "return_decided", "退单已被驳回，不得再次退单")                    \
    X(NEEDS_RESULT, "needs_result", "办理结果为空或只有套话，请写明实际办理情况")        \
    X(NEEDS_CONTACT_RECORD, "needs_contact_record", "缺少与诉求人的联系记录")            \
    X(NEEDS_PHOTO, "needs_photo", "该类事项办结须附现场照片")                            \
    X(SAME_UNIT, "same_unit",                                                            \
            "改派对象就是申请退单的单位，如不同意退单请用 refuse_return")                \
    X(NOT_A_HANDLER, "not_a_handler", "该单位不承办工单，请另选承办单位")                \
    X(UNIT_ACCUSED, "unit_accused", "该单位是被诉单位，不得承办")                        \
    X(NEEDS_CATEGORY, "needs_category",                                                  \
            "工单没有事项分类或分类不存在，派单时须填有效的 category")
#define X(name, code, text) RULE_##name,
enum case_rule { CASE_RULES(X) CASE_RULE_COUNT };
#undef X
extern const char *const case_rule_names[CASE_RULE_COUNT];
extern const char *const case_rule_texts[CASE_RULE_COUNT];

/* Texts are borrowed; the core looks at them and keeps nothing. */
struct case_command {
    enum case_command_kind kind;
    char case_id[CASE_ID_SIZE];
    instant at;

    /* open */
    enum case_route route;
    char reason[CASE_NAME_SIZE]; /* also of merge_refused */
    char lead[CASE_UNIT_SIZE];
    char assists[ASSISTS_MAX][CASE_UNIT_SIZE];
    int32_t n_assists;
    char sla[CASE_NAME_SIZE];
    char category[CASE_CODE_SIZE]; /* also of the desk's dispatch */
    char accused[CASE_UNIT_SIZE];

    /* action */
    enum case_action action;
    uint64_t fingerprint; /* of its id; 0: it has none */
    char unit[CASE_UNIT_SIZE], queue[CASE_UNIT_SIZE];
    int32_t task; /* the order's number; -1: not given */
    char to[CASE_UNIT_SIZE];
    struct str
            words; /* submit: the result; request_return: the reason; close: the note */
    bool has_contact_record, has_photo;

    /* wake */
    instant due;

    /* open as a merge: the master; between cases: the other one */
    char other[CASE_ID_SIZE];
    int32_t hops;
};

#define CASE_EVENTS(X)                                                                   \
    X(OPENED, "opened")                                                                  \
    X(DISPATCHED, "dispatched")                                                          \
    X(NEEDS_HUMAN, "needs_human")                                                        \
    X(TRANSFERRED, "transferred")                                                        \
    X(MERGE_REQUESTED, "merge_requested")                                                \
    X(MERGED, "merged")                                                                  \
    X(MERGE_REFUSED, "merge_refused")                                                    \
    X(MEMBER_ADDED, "member_added")                                                      \
    X(SIGNED, "signed")                                                                  \
    X(CONTACTED, "contacted")                                                            \
    X(HANDLING, "handling")                                                              \
    X(SUBMITTED, "submitted")                                                            \
    X(RETURN_REQUESTED, "return_requested")                                              \
    X(RETURN_REFUSED, "return_refused")                                                  \
    X(REDO, "redo")                                                                      \
    X(CLOSED, "closed")                                                                  \
    X(REMINDER, "reminder")                                                              \
    X(BREACH, "breach")
#define X(name, text) EVENT_##name,
enum case_event { CASE_EVENTS(X) EVENT_COUNT };
#undef X
extern const char *const case_event_names[EVENT_COUNT];

#define CASE_ORDERS(X)                                                                   \
    X(DISPATCH, "dispatch")                                                              \
    X(ASSIST, "assist")                                                                  \
    X(WITHDRAW, "withdraw")                                                              \
    X(REMIND, "remind")                                                                  \
    X(BREACH, "breach")                                                                  \
    X(REVIEW, "review")                                                                  \
    X(NEEDS_HUMAN, "needs_human")                                                        \
    X(RETURN_REQUEST, "return_request")                                                  \
    X(RETURN_REFUSED, "return_refused")                                                  \
    X(REDO, "redo")                                                                      \
    X(ACCEPTED, "accepted")                                                              \
    X(REFUSED, "refused")                                                                \
    X(CLOSED, "closed")
#define X(name, text) ORDER_##name,
enum case_order { CASE_ORDERS(X) ORDER_COUNT };
#undef X
extern const char *const case_order_names[ORDER_COUNT];

enum case_role { ROLE_NOBODY, ROLE_LEAD, ROLE_ASSIST, ROLE_DESK, CASE_ROLE_COUNT };
extern const char *const case_role_names[CASE_ROLE_COUNT];

enum case_effect_kind {
    EFFECT_EVENT,
    EFFECT_ORDER,
    EFFECT_COMMAND, /* to the case `other` */
    EFFECT_RESOLUTION,
    EFFECT_REPEAT,  /* audit: the same open again */
    EFFECT_REFUSED, /* audit: the rule says why */
};

struct case_effect {
    enum case_effect_kind kind;
    int64_t seq;                    /* of the event itself, or of the last event before */
    enum case_event event;          /* EFFECT_EVENT */
    enum case_stage from, to;       /* EFFECT_EVENT: different when the stage changed */
    enum case_order order;          /* EFFECT_ORDER */
    enum case_role role;            /* EFFECT_ORDER */
    enum case_command_kind command; /* EFFECT_COMMAND */
    int32_t task;                   /* EFFECT_EVENT, EFFECT_ORDER */
    int32_t hops;                   /* EFFECT_COMMAND */
    char unit[CASE_UNIT_SIZE]; /* EFFECT_ORDER: whose; EFFECT_EVENT: whom it concerns, may
                                  be empty */
    char other[CASE_ID_SIZE];
    int32_t clock, percent; /* reminder and breach; percent 0: not one */
    instant due;
    enum case_rule rule;
    char reason[CASE_NAME_SIZE]; /* needs_human, merge_refused */
};

/* The most a command does at once: a close with all members, and some room. */
enum { CASE_EFFECTS_MAX = 64 };

struct case_decision {
    struct case_state after;
    instant at;
    bool changed;     /* `after` is to be kept */
    bool keep_result; /* the command's words are now the case's result */
    struct case_effect effects[CASE_EFFECTS_MAX];
    int n_effects;
};

void case_decide(const struct policy *policy, const struct case_state *before,
        const struct case_command *command, struct case_decision *decision);

/* Which actions the role may take next, one bit for each enum case_action. */
unsigned case_actions_open(const struct case_state *state, enum case_role role);

/* When the clock's budget is used up; never when there is no such clock. */
instant case_clock_due(const struct policy *policy, const struct case_clock *clock);

/* How much of the budget was used at `at` or when it was stopped, in percent; it may be
 * more than 100. */
int32_t case_clock_used(
        const struct policy *policy, const struct case_clock *clock, instant at);

#endif
