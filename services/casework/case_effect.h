/* What a case says: events, orders, commands to others, and the next state. */
#ifndef CHUISHAO_CASE_EFFECT_H
#define CHUISHAO_CASE_EFFECT_H

#include "case_command.h"

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
    EFFECT_COMMAND,        /* to the case `other` */
    EFFECT_WHISTLE_ANSWER, /* to the whistle `other` */
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
    int32_t task;     /* EFFECT_EVENT, EFFECT_ORDER: whose; CASE_DESK_TASK: the desk's */
    int32_t hops;     /* EFFECT_COMMAND */
    uint32_t accused; /* EFFECT_WHISTLE_ANSWER: a bit for each of the command's summoned
                         units that may not hear of the case */
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

#endif
