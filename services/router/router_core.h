/* Who leads a complaint, and whether a recent case of its place is the same matter. Pure:
 * no clock, no I/O, no allocation, no log. The rules are in router_core.c, numbered in
 * the order in which they are tried. */
#ifndef CHUISHAO_ROUTER_CORE_H
#define CHUISHAO_ROUTER_CORE_H

#include "ids.h"
#include "policy.h"

enum { ROUTER_RECENT_MAX = 64, ROUTER_CODE_SIZE = 32, ROUTER_CATEGORY_SIZE = 8 };

/* What the class, the place and the accepted message say, as far as routing asks. */
struct router_complaint {
    char case_id[CASE_ID_SIZE];
    const struct category *category; /* NULL: none found */
    enum urgency urgency; /* the category's, or a higher one that the text speaks of */
    enum nature nature;
    int confidence;            /* percent */
    const struct place *place; /* NULL: not known */
    bool place_conflict;       /* several places were named */
    struct str about; /* the unit complained about: its code, name, short name or an
                         alias; may be empty */
    char reporter[PERSON_SIZE]; /* "": nobody known */
    char cited[CASE_ID_SIZE];   /* the case that it says it belongs to; "": none */
    uint64_t fingerprint;       /* router_fingerprint of the text */
    struct str text;     /* the marks of an asset are looked for in it; may be empty */
    instant reported_at; /* when it was said: whose matter it was then */
    instant at; /* when we received it: clocks, the merge window, who can take an order */
};

/* Why it may be the same matter as another case. */
#define ROUTER_EVIDENCES(X)                                                              \
    X(NONE, "")                                                                          \
    X(SIMILAR, "similar")                                                                \
    X(SAME_PERSON, "same_person") /* said by the same person, less alike */              \
    X(CITED, "cited")             /* it names that case */
#define X(name, text) ROUTER_EVIDENCE_##name,
enum router_evidence { ROUTER_EVIDENCES(X) ROUTER_EVIDENCE_COUNT };
#undef X
extern const char *const router_evidence_names[ROUTER_EVIDENCE_COUNT];

/* An earlier case of the place. */
struct router_case {
    char case_id[CASE_ID_SIZE];
    char category[ROUTER_CATEGORY_SIZE];
    char lead[ROUTER_CODE_SIZE];
    char reporter[PERSON_SIZE];
    uint64_t fingerprint;
    instant at;
    char master[CASE_ID_SIZE]; /* it was suggested as a member of this case; "": it stands
                                  for itself */
    enum router_evidence evidence; /* of its membership */
    int similarity; /* percent, to the case that made it a member; 0 of a cited one */
};

/* The state of a key, of a place or of people without one: its recent cases, oldest
 * first.
 */
struct router_recent {
    struct router_case items[ROUTER_RECENT_MAX];
    size_t n;
};

#define ROUTER_OUTCOMES(X)                                                               \
    X(NEEDS_HUMAN, "needs_human")                                                        \
    X(DISPATCH, "dispatch")                                                              \
    X(MERGE, "merge")
#define X(name, text) ROUTER_##name,
enum router_outcome { ROUTER_OUTCOMES(X) ROUTER_OUTCOME_COUNT };
#undef X
extern const char *const router_outcome_names[ROUTER_OUTCOME_COUNT];

/* Why it needs a human. */
#define ROUTER_REASONS(X)                                                                \
    X(NONE, "")                                                                          \
    X(NO_CATEGORY, "no_category")                                                        \
    X(LOW_CONFIDENCE, "low_confidence")                                                  \
    X(NO_PLACE, "no_place")                                                              \
    X(PLACE_CONFLICT, "place_conflict")                                                  \
    X(NO_OWNER, "no_owner")                                                              \
    X(UNIT_ACCUSED, "unit_accused")                                                      \
    X(OWNER_NOT_VALID, "owner_not_valid")
#define X(name, text) ROUTER_REASON_##name,
enum router_reason { ROUTER_REASONS(X) ROUTER_REASON_COUNT };
#undef X
extern const char *const router_reason_names[ROUTER_REASON_COUNT];

struct router_route {
    enum router_outcome outcome;
    enum router_reason reason; /* of NEEDS_HUMAN */
    /* Of DISPATCH; MERGE has these, or the reason, for the case that the master refuses:
     */
    const struct unit *lead;
    const struct unit *assists[ASSISTS_MAX];
    bool mandatory[ASSISTS_MAX]; /* of each */
    int n_assists;
    const struct sla_class *sla;
    bool sla_by_urgency; /* the class is that of the urgency, being shorter than the row's
                          */
    const struct catalogue_row *row;
    const struct catalogue_row
            *runner_up; /* the next row that would have given another lead; NULL: none */
    char master[CASE_ID_SIZE];     /* of MERGE */
    enum router_evidence evidence; /* of MERGE */
    int similarity;                /* of MERGE, percent; 0 when it is cited */
};

/* Decides one complaint. recent may be empty. */
struct router_route router_decide(const struct policy *policy,
        const struct router_complaint *complaint, const struct router_recent *recent);

/* Lists the case for those to come, forgets what left the merge window and, when full,
 * the oldest. False: nothing changed. */
bool router_remember(const struct policy *policy,
        const struct router_complaint *complaint, const struct router_route *route,
        struct router_recent *recent);

/* SimHash of a text: 64 bits over the counts of its character pairs, without spaces and
 * punctuation and with ASCII letters in lower case. 0: too short to compare. */
uint64_t router_fingerprint(struct str text);

/* How alike two texts are, in percent: with h bits different out of 64, the angle between
 * their pair counts is about pi * h / 64, and this is its cosine. Unrelated texts give
 * about 0, the same text 100. 0 when one is too short. */
int router_similarity(uint64_t a, uint64_t b);

#endif
