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
    CASE_PLACE_SIZE = 32,
    CASE_CODE_SIZE = 16,    /* a category's code */
    CASE_NAME_SIZE = 48,    /* the name of an SLA class, of a step or of a reason */
    CASE_VERSION_SIZE = 80, /* of a policy */
    CASE_MEMBERS_MAX = 512, /* one outage, five hundred calls */
    CASE_PARTIES_MAX = 8,   /* members of a joint meeting */
    CASE_WHISTLES_MAX = 4,
    CASE_CLOCKS_MAX = 32,
    CASE_PAUSES_MAX = 4,
    CASE_ACTIONS_KEPT = 16, /* effective actions remembered, to know a repeat */
    CASE_HOPS_MAX = 4, /* how often a merge request is passed on to the master of a master
                        */
    CASE_DESK_TASK = 0, /* the number that a clock of the desk or the district has */
};

#define CASE_STAGES(X)                                                                   \
    X(NONE, "")                                                                          \
    X(NEEDS_HUMAN, "NEEDS_HUMAN") /* with the hotline desk 受理台 */                  \
    X(OFFERED, "OFFERED") /* 群众点单: whoever of a pool claims it first leads */    \
    X(MERGE_REQUESTED, "MERGE_REQUESTED") /* asked another case to take it in */         \
    X(DISPATCHED, "DISPATCHED")           /* 已派 */                                   \
    X(SIGNED, "SIGNED")                   /* 签收 */                                   \
    X(CONTACTED, "CONTACTED")             /* 先行联系 */                             \
    X(HANDLING, "HANDLING")               /* 办理 */                                   \
    X(SUBMITTED, "SUBMITTED")             /* 办结提交: the desk reviews 审核 */    \
    X(FOLLOWUP, "FOLLOWUP")               /* 回访 */                                   \
    X(RETURN_REQUESTED,                                                                  \
            "RETURN_REQUESTED") /* 退单: the first unit stays owner 首接负责 */    \
    X(DISPUTED, "DISPUTED")     /* 待裁定: returned once too often */                 \
    X(SUSPENDED, "SUSPENDED")   /* 挂账: until its review date */                      \
    X(CLOSED, "CLOSED")         /* 办结 */                                             \
    X(TRANSFERRED_OUT, "TRANSFERRED_OUT") /* to 110, 119, 120, 122 */                    \
    X(MERGED, "MERGED")                   /* 并单: gets its master's result */
#define X(name, text) STAGE_##name,
enum case_stage { CASE_STAGES(X) STAGE_COUNT };
#undef X
extern const char *const case_stage_names[STAGE_COUNT];

/* The first four are those of the SLA class (enum clock), in its order. */
#define CASE_CLOCKS(X)                                                                   \
    CLOCKS(X)                                                                            \
    X(STEP, "step")                   /* 阶段: the current step of the SLA class */    \
    X(PROMISE, "promise")             /* the follow-up date of a plan */                 \
    X(RETURN_WINDOW, "return_window") /* 退单窗口; tells nobody */                   \
    X(DESK, "desk")                   /* 待人工 */                                    \
    X(REVIEW, "review")               /* 审核 */                                       \
    X(FOLLOW_UP, "follow_up")         /* 回访 */                                       \
    X(REQUEST, "request")             /* a request waits for its decision */             \
    X(ADJUDICATION, "adjudication")   /* 裁定 */                                       \
    X(MEETING, "meeting")             /* 联席会议: a decision is due */              \
    X(SUSPENSION, "suspension")       /* 挂账: the review date */                      \
    X(TRANSFER_ACK, "transfer_ack")   /* 转警确认 */
#define X(name, text) CASE_CLOCK_##name,
enum case_clock_kind { CASE_CLOCKS(X) CASE_CLOCK_COUNT };
#undef X
extern const char *const case_clock_names[CASE_CLOCK_COUNT];

#define CASE_PAUSES(X)                                                                   \
    X(NONE, "")                                                                          \
    X(SUBMITTED, "submitted") /* at the desk */                                          \
    X(SUSPENDED, "suspended") /* 挂账 */                                               \
    X(RETURN, "return")       /* while a return is decided */
#define X(name, text) PAUSE_##name,
enum case_pause_reason { CASE_PAUSES(X) PAUSE_COUNT };
#undef X
extern const char *const case_pause_names[PAUSE_COUNT];

/* A budget and the ledger of its runs and stops 运行台账; the due time is derived, so
 * that a pause, an extension and a changed calendar are right by construction. */
struct case_clock {
    enum case_clock_kind kind;
    int32_t task;   /* whose: a task's number, or CASE_DESK_TASK */
    int32_t amount; /* as granted by the class or the handling rules */
    int32_t extra;  /* 延期, in the same unit */
    enum time_unit unit;
    bool of_class; /* a new budget in the SLA class moves it */
    instant start;
    instant stopped; /* never: it runs */
    enum case_pause_reason
            why; /* it stands, when it will run on; PAUSE_NONE: it is over, or runs */
    struct case_pause {
        instant from, to;
        enum case_pause_reason reason;
    } pauses[CASE_PAUSES_MAX]; /* oldest first */
    int32_t n_pauses;
    int64_t stood; /* the pauses before those: ms of the unit's own time in which it stood
                    */
    instant due;   /* as it was last told */
    int32_t fired; /* sla_rung_key of the last rung that was told; 0: none */
};

/* What one unit has to do 任务: the lead's 主办 or an assisting one 协办. */
struct case_task {
    int32_t number; /* its order is "<case>.<number>"; 0: not dispatched yet */
    bool mandatory; /* an assisting task that has to be done before the case is submitted
                     */
    char unit[CASE_UNIT_SIZE];
    instant signed_at, contacted_at, arrived_at, handling_at, submitted_at;
};

#define CASE_OUTCOMES(X)                                                                 \
    X(NONE, "")                                                                          \
    X(RESOLVED, "resolved")                                                              \
    X(TRANSFERRED, "transferred")                                                        \
    X(MERGED_RESOLVED, "merged_resolved")                                                \
    X(TERMINATED, "terminated") /* 终止办理, approved by the desk */                 \
    X(EXTENDED, "extended")     /* not an end: the resident is told the new date */      \
    X(SUSPENDED, "suspended")   /* not an end: the resident is told the review date */
#define X(name, text) OUTCOME_##name,
enum case_outcome { CASE_OUTCOMES(X) OUTCOME_COUNT };
#undef X
extern const char *const case_outcome_names[OUTCOME_COUNT];

#define CASE_REQUESTS(X)                                                                 \
    X(NONE, "")                                                                          \
    X(RETURN, "return")           /* 退单 */                                           \
    X(EXTENSION, "extension")     /* 延期 */                                           \
    X(SUSPENSION, "suspension")   /* 挂账 */                                           \
    X(TERMINATION, "termination") /* 终止办理 */
#define X(name, text) REQUEST_##name,
enum case_request_kind { CASE_REQUESTS(X) REQUEST_COUNT };
#undef X
extern const char *const case_request_names[REQUEST_COUNT];

/* What a unit asked for and nobody has decided; one at a time. */
struct case_request {
    enum case_request_kind kind;
    int32_t task;
    char unit[CASE_UNIT_SIZE];     /* who asked */
    char approver[CASE_UNIT_SIZE]; /* who decides: never the one who asked */
    int32_t amount;                /* extension: in the clock's unit */
    instant until;                 /* suspension: the review date */
};

/* 联席会议: its decision names the owner and binds. */
struct case_meeting {
    char convener[CASE_UNIT_SIZE]; /* "": none is called */
    char parties[CASE_PARTIES_MAX][CASE_UNIT_SIZE];
    int32_t n_parties;
};

struct case_member {
    char id[CASE_ID_SIZE];
    uint64_t reporter; /* fingerprint of who complained; 0: not known */
    instant at;
};

/* The zero value is "no such case". Members come last: a copy takes only those there are.
 */
struct case_state {
    char id[CASE_ID_SIZE];
    enum case_stage stage;
    enum case_outcome outcome; /* of a closed case */
    int64_t seq;               /* of its last event */
    instant opened, changed, closed_at;
    instant wake_at;       /* the earliest rung not told yet; never: none */
    int32_t tasks_given;   /* the number of the last task */
    struct case_task lead; /* before the first dispatch: who would lead */
    struct case_task assists[ASSISTS_MAX];
    int32_t n_assists;
    char sla[CASE_NAME_SIZE];
    char category[CASE_CODE_SIZE];
    char place[CASE_PLACE_SIZE];
    char accused[CASE_UNIT_SIZE];   /* 被诉单位: may not handle it */
    char pool[CASE_UNIT_SIZE];      /* OFFERED: to whom */
    char policy[CASE_VERSION_SIZE]; /* under which its due times were last derived */
    uint64_t reporter;
    struct case_request request;
    struct case_meeting meeting;
    int32_t step;       /* how many steps of the SLA class are done */
    int32_t returns;    /* returns asked for since the last ruling */
    bool no_return;     /* a ruling or a meeting has named the owner: final */
    int32_t extensions; /* granted */
    int32_t redos, reopens;
    bool supervised;   /* 督办 */
    bool cluster_told; /* 群体预警 */
    int64_t suspended_ms,
            returned_ms; /* how long its handling stood still in all: natural time */
    char whistles[CASE_WHISTLES_MAX][CASE_ID_SIZE]; /* not finished yet */
    int32_t n_whistles;
    char master[CASE_ID_SIZE];
    struct case_clock clocks[CASE_CLOCKS_MAX];
    int32_t n_clocks;
    uint64_t actions[CASE_ACTIONS_KEPT]; /* fingerprints of the last effective actions, a
                                            ring */
    int32_t n_actions;                   /* how many there ever were */
    int32_t n_members;
    struct case_member members[CASE_MEMBERS_MAX];
};

#define CASE_COMMANDS(X)                                                                 \
    X(OPEN, "open")                                                                      \
    X(ACTION, "action")                                                                  \
    X(WAKE, "wake")                                                                      \
    X(REPROJECT, "reproject") /* the policy has changed: derive the due times again */   \
    X(MERGE_REQUEST, "merge_request")                                                    \
    X(MERGE_ACCEPTED, "merge_accepted")                                                  \
    X(MERGE_REFUSED, "merge_refused")                                                    \
    X(MEMBER_RESULT, "member_result")                                                    \
    X(MEMBER_LEFT, "member_left") /* 拆单: the member goes its own way */              \
    X(WHISTLE_LINKED, "whistle_linked")                                                  \
    X(WHISTLE_FINISHED, "whistle_finished")
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
    X(SIGN, "sign")         /* 签收 */                                                 \
    X(CONTACT, "contact")   /* 先行联系 */                                           \
    X(CHECK_IN, "check_in") /* 到场 */                                                 \
    X(HANDLE, "handle")     /* 办理 */                                                 \
    X(COMPLETE_STEP, "complete_step")                                                    \
    X(PROGRESS, "progress") /* 进展 */                                                 \
    X(SUBMIT, "submit")     /* 办结提交 */                                           \
    X(REQUEST_RETURN, "request_return")                                                  \
    X(REQUEST_EXTENSION, "request_extension")                                            \
    X(REQUEST_SUSPENSION, "request_suspension")                                          \
    X(REQUEST_TERMINATION, "request_termination")                                        \
    X(CLAIM, "claim")       /* 接单 */                                                 \
    X(DISPATCH, "dispatch") /* 派单, 改派 */                                         \
    X(ADD_ASSIST, "add_assist")                                                          \
    X(OFFER, "offer")             /* 发布认领 */                                     \
    X(MERGE, "merge")             /* 并单 */                                           \
    X(UNMERGE, "unmerge")         /* 拆单 */                                           \
    X(GRANT, "grant")             /* of an extension, a suspension, a termination */     \
    X(REFUSE, "refuse")           /* of any request */                                   \
    X(RULE, "rule")               /* 裁定 */                                           \
    X(CONVENE, "convene")         /* 召集联席会议 */                               \
    X(DECIDE, "decide")           /* what the meeting decided */                         \
    X(RESUME, "resume")           /* 恢复办理 */                                     \
    X(APPROVE, "approve")         /* 审核通过 */                                     \
    X(REDO, "redo")               /* 审核退回 */                                     \
    X(FOLLOW_UP, "follow_up")     /* 回访 */                                           \
    X(REOPEN, "reopen")           /* 重办 */                                           \
    X(CLOSE, "close")             /* 受理台直接答复 */                            \
    X(ACKNOWLEDGE, "acknowledge") /* the emergency line has it */
#define X(name, text) ACTION_##name,
enum case_action { CASE_ACTIONS(X) ACTION_COUNT };
#undef X
extern const char *const case_action_names[ACTION_COUNT];

#define CASE_RATINGS(X)                                                                  \
    X(NONE, "")                                                                          \
    X(SATISFIED, "satisfied")     /* 满意 */                                           \
    X(BASIC, "basic")             /* 基本满意 */                                     \
    X(UNSATISFIED, "unsatisfied") /* 不满意 */
#define X(name, text) RATING_##name,
enum case_rating { CASE_RATINGS(X) RATING_COUNT };
#undef X
extern const char *const case_rating_names[RATING_COUNT];

/* Why an action was refused; the text is for the unit that acted. */
#define CASE_RULES(X)                                                                    \
    X(NONE, "", "")                                                                      \
    X(NO_SUCH_CASE, "no_such_case", "没有这个工单，请核对工单号")                        \
    X(UNKNOWN_UNIT, "unknown_unit", "单位代码不在单位名录中或已失效，请核对")            \
    X(WRONG_QUEUE, "wrong_queue", "该单位不使用本队列，请从其所属队列提交")              \
    X(UNKNOWN_ACTION, "unknown_action", "没有这个操作，可用操作见工单的 actions")        \
    X(ALREADY_DONE, "already_done", "该操作已经生效，无需重复提交")                      \
    X(NOT_YOUR_CASE, "not_your_case", "此工单不由贵单位承办")                            \
    X(ASSIST_ONLY, "assist_only", "贵单位为协办，该操作由主办单位进行")                  \
    X(NOT_THE_DESK, "not_the_desk", "该操作只能由受理台进行")                            \
    X(NOT_THE_APPROVER, "not_the_approver", "该申请不由贵单位审批")                      \
    X(OWN_REQUEST, "own_request", "不得审批本单位的申请")                                \
    X(OLD_ORDER, "old_order", "所填任务号已作废，请以最新派单为准")                      \
    X(WRONG_STAGE, "wrong_stage",                                                        \
            "工单当前阶段不能进行该操作，可用操作见工单的 actions")                      \
    X(NEEDS_REASON, "needs_reason", "须写明理由")                                        \
    X(UNKNOWN_REASON, "unknown_reason", "原因代码不在办理规则中")                        \
    X(NEEDS_EVIDENCE, "needs_evidence", "须附佐证材料")                                  \
    X(RETURN_LATE, "return_late", "已超过退单时限")                                      \
    X(NO_RETURN, "no_return", "承办单位已经裁定，不得再次退单")                          \
    X(REQUEST_PENDING, "request_pending", "已有一项申请等待审批")                        \
    X(NO_REQUEST, "no_request", "没有等待审批的申请")                                    \
    X(RETURN_BY_DISPATCH, "return_by_dispatch", "同意退单请用 dispatch 改派")            \
    X(CLOCK_OVER, "clock_over", "办理时限已过，不得再申请延期")                          \
    X(EXTENDED_ALREADY, "extended_already", "延期次数已达上限")                          \
    X(BAD_AMOUNT, "bad_amount", "延期时长须为正，且不超过原时限")                        \
    X(BAD_DATE, "bad_date", "日期须在今后，且不超过规定的最长期限")                      \
    X(NEEDS_RESULT, "needs_result", "办理结果为空或只有套话，请写明实际办理情况")        \
    X(NEEDS_CONTACT_RECORD, "needs_contact_record", "缺少与诉求人的联系记录")            \
    X(NEEDS_PHOTO, "needs_photo", "该类事项须附现场照片")                                \
    X(NEEDS_HEAD, "needs_head", "重办须由单位负责人签名")                                \
    X(NEEDS_PLAN, "needs_plan", "该阶段须附方案")                                        \
    X(NEEDS_ATTENDEES, "needs_attendees", "须写明参会人员")                              \
    X(NEEDS_BASIS, "needs_basis", "须写明依据")                                          \
    X(NEEDS_AGENDA, "needs_agenda", "须写明议题")                                        \
    X(NEEDS_PARTIES, "needs_parties", "须写明参会单位")                                  \
    X(ASSIST_OPEN, "assist_open", "必办的协办任务尚未完成，不能提交办结")                \
    X(STEP_OPEN, "step_open", "尚有阶段未完成，不能提交办结")                            \
    X(NOT_THIS_STEP, "not_this_step", "不是当前阶段，请按顺序完成")                      \
    X(SAME_UNIT, "same_unit", "改派对象就是申请退单的单位，如不同意退单请用 refuse")     \
    X(NOT_A_HANDLER, "not_a_handler", "该单位不承办工单，请另选承办单位")                \
    X(UNIT_ACCUSED, "unit_accused", "该单位是被诉单位，不得承办")                        \
    X(NOT_GRASS_ROOTS, "not_grass_roots", "该事项属部门职责，不得派给社区、物业承办")    \
    X(NEEDS_CATEGORY, "needs_category",                                                  \
            "工单没有事项分类或分类不存在，派单时须填有效的 category")                   \
    X(ASSISTS_FULL, "assists_full", "协办单位已达上限")                                  \
    X(MEETING_OPEN, "meeting_open", "已召集联席会议，尚未作出决定")                      \
    X(NOT_THE_CONVENER, "not_the_convener", "联席会议的决定由召集单位填报")              \
    X(MAY_NOT_CONVENE, "may_not_convene", "联席会议由受理台、街道或区级召集")            \
    X(UNKNOWN_POOL, "unknown_pool", "没有这个认领池")                                    \
    X(NOT_IN_POOL, "not_in_pool", "贵单位不在认领范围内")                                \
    X(NEEDS_RATING, "needs_rating", "有效回访须填写是否解决和满意度")                    \
    X(REOPEN_LATE, "reopen_late", "已超过重办期限，请作为新诉求受理")                    \
    X(BAD_MASTER, "bad_master", "并入的工单号不正确")
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
    unsigned mandatory_assists; /* one bit each */
    int32_t n_assists;
    char sla[CASE_NAME_SIZE];
    char category[CASE_CODE_SIZE]; /* also of the desk's dispatch */
    char place[CASE_PLACE_SIZE];
    char accused[CASE_UNIT_SIZE];
    uint64_t reporter; /* also of merge_request */

    /* action */
    enum case_action action;
    uint64_t fingerprint; /* of its id; 0: it has none */
    char unit[CASE_UNIT_SIZE], queue[CASE_UNIT_SIZE];
    int32_t task;            /* the order's number; -1: not given */
    char to[CASE_UNIT_SIZE]; /* a unit, or offer: a pool */
    struct str words; /* what has to say something: the result, the reason, the note, the
                         agenda, the decision */
    char reason_code[CASE_NAME_SIZE]; /* of a request */
    char step[CASE_NAME_SIZE];
    int32_t amount; /* request_extension: in the handling clock's unit */
    instant until;  /* request_suspension: the review date; convene: the decision's;
                       complete_step: the follow-up date */
    char parties[CASE_PARTIES_MAX][CASE_UNIT_SIZE]; /* convene */
    int32_t n_parties;
    bool mandatory; /* add_assist */
    bool has_contact_record, has_photo, has_evidence, has_plan, has_attendees, has_basis,
            has_head;
    bool valid, solved; /* follow_up */
    enum case_rating rating;

    /* wake */
    instant due;

    /* open as a merge, and the desk's merge: the master; between cases: the other one; a
     * whistle's id */
    char other[CASE_ID_SIZE];
    int32_t hops;
};

#define CASE_EVENTS(X)                                                                   \
    X(OPENED, "opened")                                                                  \
    X(DISPATCHED, "dispatched")                                                          \
    X(NEEDS_HUMAN, "needs_human")                                                        \
    X(OFFERED, "offered")                                                                \
    X(CLAIMED, "claimed")                                                                \
    X(TRANSFERRED, "transferred")                                                        \
    X(ACKNOWLEDGED, "acknowledged")                                                      \
    X(ALARM, "alarm") /* nobody acknowledged the transfer */                             \
    X(MERGE_REQUESTED, "merge_requested")                                                \
    X(MERGED, "merged")                                                                  \
    X(MERGE_REFUSED, "merge_refused")                                                    \
    X(MEMBER_ADDED, "member_added")                                                      \
    X(MEMBER_REMOVED, "member_removed")                                                  \
    X(UNMERGED, "unmerged")                                                              \
    X(CLUSTER_ALARM, "cluster_alarm") /* 群体预警 */                                 \
    X(SIGNED, "signed")                                                                  \
    X(CONTACTED, "contacted")                                                            \
    X(CHECKED_IN, "checked_in")                                                          \
    X(HANDLING, "handling")                                                              \
    X(STEP_DONE, "step_done")                                                            \
    X(FILED, "filed") /* 镇街备案 */                                                 \
    X(PROGRESS, "progress")                                                              \
    X(ASSIST_ADDED, "assist_added")                                                      \
    X(ASSIST_DONE, "assist_done")                                                        \
    X(ASSIST_TRANSFERRED, "assist_transferred")                                          \
    X(SUBMITTED, "submitted")                                                            \
    X(RETURN_REQUESTED, "return_requested")                                              \
    X(EXTENSION_REQUESTED, "extension_requested")                                        \
    X(SUSPENSION_REQUESTED, "suspension_requested")                                      \
    X(TERMINATION_REQUESTED, "termination_requested")                                    \
    X(RETURN_REFUSED, "return_refused")                                                  \
    X(EXTENSION_REFUSED, "extension_refused")                                            \
    X(SUSPENSION_REFUSED, "suspension_refused")                                          \
    X(TERMINATION_REFUSED, "termination_refused")                                        \
    X(EXTENDED, "extended")                                                              \
    X(SUSPENDED, "suspended")                                                            \
    X(RESUMED, "resumed")                                                                \
    X(DISPUTED, "disputed")                                                              \
    X(RULED, "ruled")                                                                    \
    X(CONVENED, "convened")                                                              \
    X(DECIDED, "decided")                                                                \
    X(APPROVED, "approved")                                                              \
    X(FOLLOWED_UP, "followed_up")                                                        \
    X(REDO, "redo")                                                                      \
    X(SUPERVISED, "supervised")                                                          \
    X(REOPENED, "reopened")                                                              \
    X(CLOSED, "closed")                                                                  \
    X(REMINDER, "reminder")                                                              \
    X(BREACH, "breach")                                                                  \
    X(ESCALATED, "escalated") /* so long after a breach, one level up */                 \
    X(REPROJECTED, "reprojected")                                                        \
    X(WHISTLE_LINKED, "whistle_linked")                                                  \
    X(WHISTLE_FINISHED, "whistle_finished")
#define X(name, text) EVENT_##name,
enum case_event { CASE_EVENTS(X) EVENT_COUNT };
#undef X
extern const char *const case_event_names[EVENT_COUNT];

#define CASE_ORDERS(X)                                                                   \
    X(DISPATCH, "dispatch")                                                              \
    X(ASSIST, "assist")                                                                  \
    X(OFFER, "offer")                                                                    \
    X(WITHDRAW, "withdraw")                                                              \
    X(REMIND, "remind")                                                                  \
    X(BREACH, "breach")                                                                  \
    X(ESCALATE, "escalate") /* to a level above the unit that is late */                 \
    X(ALARM, "alarm")                                                                    \
    X(CLUSTER, "cluster")                                                                \
    X(REVIEW, "review")                                                                  \
    X(FOLLOW_UP, "follow_up")                                                            \
    X(NEEDS_HUMAN, "needs_human")                                                        \
    X(TRANSFER, "transfer")                                                              \
    X(RETURN_REQUEST, "return_request")                                                  \
    X(EXTENSION_REQUEST, "extension_request")                                            \
    X(SUSPENSION_REQUEST, "suspension_request")                                          \
    X(TERMINATION_REQUEST, "termination_request")                                        \
    X(ADJUDICATE, "adjudicate")                                                          \
    X(MEETING, "meeting")                                                                \
    X(DECIDED, "decided") /* the meeting is over */                                      \
    X(GRANTED, "granted")                                                                \
    X(REQUEST_REFUSED, "request_refused")                                                \
    X(RESUMED, "resumed")                                                                \
    X(ASSIST_DONE, "assist_done")                                                        \
    X(FILED, "filed")                                                                    \
    X(REDO, "redo")                                                                      \
    X(SUPERVISE, "supervise") /* 督办 */                                               \
    X(DUE_CHANGED, "due_changed")                                                        \
    X(ACCEPTED, "accepted")                                                              \
    X(REFUSED, "refused")                                                                \
    X(CLOSED, "closed")
#define X(name, text) ORDER_##name,
enum case_order { CASE_ORDERS(X) ORDER_COUNT };
#undef X
extern const char *const case_order_names[ORDER_COUNT];

/* What a unit is to a case. The supervisor is the district 区级 (督查): it approves what
 * the desk may not. */
enum case_role {
    ROLE_NOBODY,
    ROLE_LEAD,
    ROLE_ASSIST,
    ROLE_DESK,
    ROLE_SUPERVISOR,
    ROLE_PARTY,
    ROLE_POOL,
    CASE_ROLE_COUNT
};
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
    bool by_time;             /* a clock brought it about, not who sent the command */
    int64_t seq;              /* of the event itself, or of the last event before */
    enum case_event event;    /* EFFECT_EVENT */
    enum case_stage from, to; /* EFFECT_EVENT: different when the stage changed */
    enum case_order order;    /* EFFECT_ORDER */
    enum case_role role;      /* EFFECT_ORDER */
    enum case_command_kind command; /* EFFECT_COMMAND */
    enum case_outcome outcome;      /* EFFECT_RESOLUTION */
    int32_t task; /* EFFECT_EVENT, EFFECT_ORDER: whose; CASE_DESK_TASK: the desk's */
    int32_t hops; /* EFFECT_COMMAND */
    char unit[CASE_UNIT_SIZE]; /* EFFECT_ORDER: whose; EFFECT_EVENT: whom it concerns, may
                                  be empty */
    char other[CASE_ID_SIZE];  /* a case, or a whistle */
    int32_t clock;             /* reminder, breach, escalated, reprojected, extended: a
                                  case_clock_kind; else -1 */
    int32_t percent;           /* of a rung; above it, `after` */
    struct budget after;
    enum sla_level level;
    instant due, old_due; /* of the clock; suspended, convened, step_done: the date that
                             was set */
    enum case_request_kind request; /* what was asked for or decided */
    char step[CASE_NAME_SIZE];      /* step_done, filed, and a rung of the step clock */
    enum case_rule rule;
    char reason[CASE_NAME_SIZE]; /* needs_human, merge_refused, resumed, a refusal without
                                    a decision, withdraw */
};

/* The most a command does at once: under a new policy two effects for each clock, then
 * the rungs that were reached (more of them follow with the next wake), then a close with
 * all its orders and all members. */
enum {
    CASE_TOLD_MAX = 256,
    CASE_EFFECTS_MAX = 2 * CASE_CLOCKS_MAX + CASE_TOLD_MAX + CASE_MEMBERS_MAX + 64
};

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

/* Members are many and come last: only those there are. */
void case_state_copy(struct case_state *to, const struct case_state *from);

/* Which actions the holder of that role and task may take next, one bit for each enum
 * case_action. */
uint64_t case_actions_open(
        const struct case_state *state, enum case_role role, int32_t task);

/* True when the words say something beyond set phrases 套话. */
bool case_words_say_something(struct str words);

/* NULL when there is none. */
const struct case_clock *case_clock_find(
        const struct case_state *state, enum case_clock_kind kind, int32_t task);

/* The task with that number; NULL when there is none (any more). */
const struct case_task *case_task_find(const struct case_state *state, int32_t number);

/* When the clock's budget is used up, as the policy's calendar is now. */
instant case_clock_due(const struct policy *policy, const struct case_clock *clock);

/* How much of the budget was used at `at` or when it was stopped, in percent; it may be
 * more than 100. */
int32_t case_clock_used(
        const struct policy *policy, const struct case_clock *clock, instant at);

/* Ms of the unit's own time that the clock has run until `at`, or until it was stopped.
 */
int64_t case_clock_spent(
        const struct policy *policy, const struct case_clock *clock, instant at);

/* The ladder of a clock: its SLA class's for what a unit does, else that of the handling
 * rules. */
const struct sla_ladder *case_ladder(const struct policy *policy,
        const struct case_state *state, const struct case_clock *clock);

/* When a rung of the clock is reached. */
instant case_rung_at(const struct policy *policy, const struct case_clock *clock,
        const struct sla_rung *rung);

/* The unit that a level means for a task's unit in this case; levels that do not exist
 * there are told by the next one up. */
const struct unit *case_level_unit(const struct policy *policy,
        const struct case_state *state, const char *unit, enum sla_level level);

#endif
