/* Points ledgers 积分台账 of the policy (ledger.json): who has an account, and which
 * events of a case or of a whistle give how many points. One mechanism for the credit of
 * property firms 物业信用, volunteers' hours 志愿积分 and the points of partner units
 * 党建积分. */
#ifndef CHUISHAO_POINTS_H
#define CHUISHAO_POINTS_H

#include "policy.h"

enum { GRADES_MAX = 8, POINTS_NAME_MAX = 31 };

/* 信用等级: the first whose `from` the balance reaches. */
struct points_grade {
    const char *name;
    int32_t from; /* of the last one: INT32_MIN */
};

struct points_ledger {
    const char *name, *title;
    int32_t base;   /* with which an account begins 基础分 */
    unsigned types; /* of units that have an account: one bit for each enum unit_type */
    bool pools;     /* pools may have one */
    bool redeem;    /* 兑换 */
    struct points_grade grades[GRADES_MAX]; /* best first; none: not graded */
    int n_grades;
};

/* What a rule may ask of an event, in words … */
#define POINTS_WORDS(X)                                                                  \
    X(CLOCK, "clock")                                                                    \
    X(OUTCOME, "outcome")                                                                \
    X(NATURE, "nature")                                                                  \
    X(CATEGORY, "category") /* a code or the beginning of one */                         \
    X(URGENCY, "urgency")                                                                \
    X(TYPE, "type")     /* of a whistle */                                               \
    X(RATING, "rating") /* 满意度 */                                                  \
    X(VALID, "valid")   /* 有效回访: yes, no */                                      \
    X(SOLVED, "solved") /* yes, no */                                                    \
    X(LATE, "late")     /* of a check-in: yes, no */
#define X(name, text) POINTS_WORD_##name,
enum points_word { POINTS_WORDS(X) POINTS_WORD_COUNT };
#undef X
extern const char *const points_word_names[POINTS_WORD_COUNT];

/* … and in numbers. */
#define POINTS_NUMBERS(X)                                                                \
    X(PERCENT, "percent") /* of a rung */                                                \
    X(USED, "used")       /* percent of the handling budget that was used */             \
    X(SCORE, "score")     /* of a whistle, 1 to 5 */
#define X(name, text) POINTS_NUMBER_##name,
enum points_number { POINTS_NUMBERS(X) POINTS_NUMBER_COUNT };
#undef X
extern const char *const points_number_names[POINTS_NUMBER_COUNT];

struct points_range {
    bool asked;
    int32_t min, max;
};

#define POINTS_WHOM(X)                                                                   \
    X(UNIT, "unit") /* the unit that the event is about, else the lead */                \
    X(POOL, "pool") /* the pool whose offer the case's lead took */
#define X(name, text) POINTS_WHOM_##name,
enum points_whom { POINTS_WHOM(X) POINTS_WHOM_COUNT };
#undef X
extern const char *const points_whom_names[POINTS_WHOM_COUNT];

struct points_rule {
    const char *id, *title;
    const struct points_ledger *ledger;
    const char *event; /* a kind of case.event */
    enum points_whom whom;
    struct names words[POINTS_WORD_COUNT]; /* one of them; none: not asked */
    struct points_range numbers[POINTS_NUMBER_COUNT];
    int32_t points;
    struct budget valid;            /* amount 0: for ever */
    int32_t daily_max, monthly_max; /* of this rule's points in one account, plus or
                                       minus; 0: no cap */
    bool veto;                      /* 一票否决: the lowest grade while it stands */
    int line;                       /* in ledger.json */
};

struct points_book {
    struct points_ledger *ledgers; /* in file order */
    size_t n_ledgers;
    struct points_rule *rules; /* in file order */
    size_t n_rules;
    struct budget appeal; /* 申诉期: of an entry */
};

/* NULL when there is none; book may be NULL. */
const struct points_ledger *points_ledger_find(
        const struct points_book *book, struct str name);
const struct points_rule *points_rule_find(const struct points_book *book, struct str id);

/* The ledger in which a unit, or a pool, of that code has its account; NULL: it has none.
 */
const struct points_ledger *points_ledger_of(
        const struct policy *policy, struct str code);

#endif
