/* What a case is: stages, clocks, tasks, and all that is kept of it. */
#ifndef CHUISHAO_CASE_STATE_H
#define CHUISHAO_CASE_STATE_H

#include "ids.h"
#include "instant.h"
#include "policy.h"
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
    CASE_SUMMONED_MAX = 16, /* units of a whistle */
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
    int64_t moved; /* of natural days: ms by which a last day off moved the end (art. 203)
                      after those pauses */
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
    char accused[CASE_UNIT_SIZE]; /* whom it complains about; "": no unit */
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
    char accused[CASE_UNIT_SIZE]; /* 被诉单位: may not handle it */
    bool report; /* 举报: what becomes of it is nobody else's to read */
    char no_lead[CASE_NAME_SIZE]; /* why its route has none, while it asks a master */
    char pool[CASE_UNIT_SIZE];    /* OFFERED: to whom */
    char claimed_from[CASE_UNIT_SIZE]; /* the pool whose offer the lead took, for good */
    char policy[CASE_VERSION_SIZE];    /* under which its due times were last derived */
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

#endif
