/* A points account 积分账户: what one command means for it. One mechanism for the credit
 * of property firms 物业信用, volunteers' and partner units' points. Pure and total: no
 * clock, I/O, allocation or log; a command that does not apply changes nothing.
 * LEDGERS.md. */
#ifndef CHUISHAO_ACCOUNT_CORE_H
#define CHUISHAO_ACCOUNT_CORE_H

#include "points.h"

enum {
    ACCOUNT_CODE_SIZE = 32,   /* a unit's, a pool's, a rule's, a grade's */
    ACCOUNT_EVENT_SIZE = 96,  /* the id of an event */
    ACCOUNT_ENTRIES_MAX = 64, /* kept one by one; older ones are folded into totals */
    ACCOUNT_FOLDS_MAX = 32,
    ACCOUNT_CAPS_MAX = 32,
    ACCOUNT_KNOWN = 128, /* commands remembered, to know a repeat */
    ACCOUNT_EFFECTS_MAX = 2 * ACCOUNT_ENTRIES_MAX
};

#define ACCOUNT_STATUSES(X)                                                              \
    X(STANDING, "standing")                                                              \
    X(APPEALED, "appealed")   /* 申诉中: it counts until it is decided */             \
    X(UPHELD, "upheld")       /* 申诉成立: it never counted */                       \
    X(CONFIRMED, "confirmed") /* 申诉驳回: final, it stands */                       \
    X(EXPIRED, "expired")
#define X(name, text) ACCOUNT_##name,
enum account_status { ACCOUNT_STATUSES(X) ACCOUNT_STATUS_COUNT };
#undef X
extern const char *const account_status_names[ACCOUNT_STATUS_COUNT];

struct account_entry {
    int64_t number;               /* from 1; its order is "<account>.<number>" */
    char rule[ACCOUNT_CODE_SIZE]; /* of ledger.json; "redeem": points exchanged 兑换 */
    char event[ACCOUNT_EVENT_SIZE]; /* the evidence: the id of the event, or of the
                                       action */
    int32_t points;                 /* as given */
    int32_t left; /* what counts of it now: less once it is redeemed, 0 when it is over */
    instant at, expires; /* never: it does not expire */
    bool veto;
    enum account_status status;
};

/* Old entries together: deductions with deductions, gains with gains. */
struct account_fold {
    instant expires; /* deductions: of the first, gains: of the last, so that folding is
                        never to the holder's harm */
    int64_t points;
    int32_t n;
    bool loss, veto;
};

/* What a rule with a cap gave on the day and in the month it gave last. */
struct account_cap {
    char rule[ACCOUNT_CODE_SIZE];
    int32_t day; /* YYYYMMDD */
    int32_t of_day, of_month;
};

/* The zero value is "no account yet". */
struct account_state {
    char holder[ACCOUNT_CODE_SIZE];
    int64_t seq; /* of its last event */
    int64_t numbered;
    instant wake_at; /* the next expiry; never: none */
    char grade[ACCOUNT_CODE_SIZE];
    struct account_entry entries[ACCOUNT_ENTRIES_MAX]; /* oldest first */
    int32_t n_entries;
    struct account_fold folds[ACCOUNT_FOLDS_MAX];
    int32_t n_folds;
    struct account_cap caps[ACCOUNT_CAPS_MAX];
    int32_t n_caps;
    uint64_t known[ACCOUNT_KNOWN]; /* fingerprints of the last commands, a ring */
    int32_t n_known;               /* how many there ever were */
};

#define ACCOUNT_COMMANDS(X)                                                              \
    X(POINTS, "points")                                                                  \
    X(ACTION, "action")                                                                  \
    X(WAKE, "wake")
#define X(name, text) ACCOUNT_COMMAND_##name,
enum account_command_kind { ACCOUNT_COMMANDS(X) ACCOUNT_COMMAND_COUNT };
#undef X
extern const char *const account_command_names[ACCOUNT_COMMAND_COUNT];

#define ACCOUNT_ACTIONS(X)                                                               \
    X(UNKNOWN, "")                                                                       \
    X(APPEAL, "appeal")               /* 申诉: the holder */                           \
    X(UPHOLD_APPEAL, "uphold_appeal") /* 申诉成立: the desk or the district */       \
    X(REJECT_APPEAL, "reject_appeal") /* 申诉驳回 */                                 \
    X(REDEEM, "redeem")               /* 兑换: the desk, the district or a street */
#define X(name, text) ACCOUNT_ACTION_##name,
enum account_action { ACCOUNT_ACTIONS(X) ACCOUNT_ACTION_COUNT };
#undef X
extern const char *const account_action_names[ACCOUNT_ACTION_COUNT];

/* Why an action was refused; the text is for the unit that acted. */
#define ACCOUNT_RULES(X)                                                                 \
    X(NONE, "", "")                                                                      \
    X(NO_ACCOUNT, "no_account", "没有这个积分账户，请核对")                              \
    X(UNKNOWN_UNIT, "unknown_unit", "单位代码不在单位名录中或已失效，请核对")            \
    X(WRONG_QUEUE, "wrong_queue", "该单位不使用本队列，请从其所属队列提交")              \
    X(UNKNOWN_ACTION, "unknown_action", "积分账户没有这个操作")                          \
    X(ALREADY_DONE, "already_done", "该操作已经生效，无需重复提交")                      \
    X(NOT_YOUR_ACCOUNT, "not_your_account", "只有账户所属单位可以申诉")                  \
    X(NO_SUCH_ENTRY, "no_such_entry", "没有这条积分记录，或已归入历史合计")              \
    X(NOT_A_DEDUCTION, "not_a_deduction", "只有扣分记录可以申诉")                        \
    X(APPEAL_LATE, "appeal_late", "已超过申诉期限")                                      \
    X(APPEALED_ALREADY, "appealed_already", "该记录已申诉或已失效，不得再次申诉")        \
    X(NEEDS_REASON, "needs_reason", "须写明理由")                                        \
    X(NEEDS_EVIDENCE, "needs_evidence", "申诉须附佐证材料")                              \
    X(NOT_THE_DECIDER, "not_the_decider", "该操作由受理台或区级进行")                    \
    X(OWN_ACCOUNT, "own_account", "不得裁决或兑换本单位的积分")                          \
    X(NO_APPEAL, "no_appeal", "该记录没有待裁决的申诉")                                  \
    X(NO_REDEEM, "no_redeem", "该类积分不能兑换")                                        \
    X(BAD_POINTS, "bad_points", "兑换积分须为正整数")                                    \
    X(BALANCE_TOO_LOW, "balance_too_low", "积分余额不足")
#define X(name, code, text) ACCOUNT_RULE_##name,
enum account_rule { ACCOUNT_RULES(X) ACCOUNT_RULE_COUNT };
#undef X
extern const char *const account_rule_names[ACCOUNT_RULE_COUNT];
extern const char *const account_rule_texts[ACCOUNT_RULE_COUNT];

struct account_command {
    enum account_command_kind kind;
    char holder[ACCOUNT_CODE_SIZE];
    instant at;
    uint64_t fingerprint; /* of its id; 0: it has none */

    /* points: decided under the policy of the moment of the event */
    char ledger[ACCOUNT_CODE_SIZE], rule[ACCOUNT_CODE_SIZE];
    char event[ACCOUNT_EVENT_SIZE]; /* of redeem: the action's id */
    int32_t points;                 /* also of redeem */
    instant expires;
    bool veto;

    /* action */
    enum account_action action;
    char unit[ACCOUNT_CODE_SIZE], queue[ACCOUNT_CODE_SIZE];
    int64_t entry; /* the order's number; -1: not given */
    bool has_reason, has_evidence;

    /* wake */
    instant due;
};

#define ACCOUNT_EVENTS(X)                                                                \
    X(POINTS_GIVEN, "points_given")                                                      \
    X(POINTS_CAPPED, "points_capped") /* the cap left nothing to give 封顶 */          \
    X(POINTS_EXPIRED, "points_expired")                                                  \
    X(POINTS_REDEEMED, "points_redeemed")                                                \
    X(POINTS_APPEALED, "points_appealed")                                                \
    X(APPEAL_UPHELD, "appeal_upheld")                                                    \
    X(APPEAL_REJECTED, "appeal_rejected")                                                \
    X(GRADE_CHANGED, "grade_changed")
#define X(name, text) ACCOUNT_EVENT_##name,
enum account_event { ACCOUNT_EVENTS(X) ACCOUNT_EVENT_COUNT };
#undef X
extern const char *const account_event_names[ACCOUNT_EVENT_COUNT];

#define ACCOUNT_ORDERS(X)                                                                \
    X(POINTS, "points")                 /* an entry, to its holder */                    \
    X(GRADE, "grade")                   /* the grade changed 等级变更 */             \
    X(APPEAL, "appeal")                 /* to the desk: decide it */                     \
    X(APPEAL_DECIDED, "appeal_decided") /* to the holder */                              \
    X(CLOSED, "closed")                 /* the desk's ends */                            \
    X(ACCEPTED, "accepted")                                                              \
    X(REFUSED, "refused")
#define X(name, text) ACCOUNT_ORDER_##name,
enum account_order { ACCOUNT_ORDERS(X) ACCOUNT_ORDER_COUNT };
#undef X
extern const char *const account_order_names[ACCOUNT_ORDER_COUNT];

enum account_effect_kind {
    ACCOUNT_EFFECT_EVENT,
    ACCOUNT_EFFECT_ORDER,
    ACCOUNT_EFFECT_REFUSED /* audit: the rule says why */
};

struct account_effect {
    enum account_effect_kind kind;
    int64_t seq;                  /* of the event itself, or of the last one before */
    enum account_event event;     /* ACCOUNT_EFFECT_EVENT */
    enum account_order order;     /* ACCOUNT_EFFECT_ORDER */
    enum account_rule rule;       /* why it is refused */
    char unit[ACCOUNT_CODE_SIZE]; /* ACCOUNT_EFFECT_ORDER: whose */
    struct account_entry entry; /* what it is about; number 0: no entry (a fold, a grade)
                                 */
    int64_t balance;            /* after it */
    char old_grade[ACCOUNT_CODE_SIZE], grade[ACCOUNT_CODE_SIZE];
};

struct account_decision {
    struct account_state after;
    instant at;
    bool changed; /* `after` is to be kept */
    struct account_effect effects[ACCOUNT_EFFECTS_MAX];
    int32_t n_effects;
};

void account_decide(const struct policy *policy, const struct account_state *before,
        const struct account_command *command, struct account_decision *decision);

/* The base of the ledger and all that counts. */
int64_t account_balance(
        const struct points_ledger *ledger, const struct account_state *state);

/* "" when the ledger has none. */
const char *account_grade(
        const struct points_ledger *ledger, const struct account_state *state);

/* ---- account_entries_core.c: the entries of an account ---- */

/* Adds an entry; the oldest is folded when there is no room. */
struct account_entry *account_entry_add(
        struct account_state *state, const struct account_entry *entry);

/* NULL: there is none (any more). */
struct account_entry *account_entry_find(struct account_state *state, int64_t number);

/* Takes so many points from the gains, the first to expire first. */
void account_take(struct account_state *state, int64_t points);

/* The first of the entries that count and expire at `at` at the latest; NULL: none. */
struct account_entry *account_expiring(struct account_state *state, instant at);
struct account_fold *account_fold_expiring(struct account_state *state, instant at);
void account_fold_drop(struct account_state *state, struct account_fold *fold);

/* The next expiry; never: none. */
instant account_next_expiry(const struct account_state *state);

/* How many of `points` the rule's caps leave at `at`, and counts them. */
int32_t account_capped(struct account_state *state, const struct points_rule *rule,
        int32_t points, instant at);

#endif
