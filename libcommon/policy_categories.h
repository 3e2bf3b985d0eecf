/* Of the policy: what complaints are about. */
#ifndef CHUISHAO_POLICY_CATEGORIES_H
#define CHUISHAO_POLICY_CATEGORIES_H

#include "policy_sla.h"

/* categories.csv */
#define URGENCIES(X)                                                                     \
    X(E1, "E1") /* 特急: life safety */                                                \
    X(E2, "E2") /* 紧急 */                                                             \
    X(N, "N")   /* 一般 */                                                             \
    X(C, "C")   /* 疑难复杂 */                                                       \
    X(Q, "Q")   /* 咨询 */
#define X(name, text) URGENCY_##name,
enum urgency { URGENCIES(X) URGENCY_COUNT };
#undef X
extern const char *const urgency_names[URGENCY_COUNT];

#define NATURES(X)                                                                       \
    X(HELP, "help")           /* 求助 */                                               \
    X(COMPLAINT, "complaint") /* 投诉 */                                               \
    X(REPORT, "report")       /* 举报: confidential by default */                      \
    X(CONSULT, "consult")     /* 咨询 */                                               \
    X(SUGGEST, "suggest")     /* 建议 */                                               \
    X(PRAISE, "praise")       /* 表扬 */
#define X(name, text) NATURE_##name,
enum nature { NATURES(X) NATURE_COUNT };
#undef X
extern const char *const nature_names[NATURE_COUNT];

struct category {
    const char *code; /* 2+2+2 digits */
    const char *level1, *name;
    enum urgency urgency;
    enum nature nature; /* unless the text says otherwise */
    const struct sla_class *sla;
    bool physical;    /* closing needs a photo */
    bool grass_roots; /* a grid, community or property firm may lead (社区职责清单) */
    int line;         /* in categories.csv */
};

#endif
