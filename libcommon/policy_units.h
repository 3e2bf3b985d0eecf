/* Of the policy: who there is, the tree of units. */
#ifndef CHUISHAO_POLICY_UNITS_H
#define CHUISHAO_POLICY_UNITS_H

#include "instant.h"
#include "str.h"
#include <stdbool.h>
#include <stddef.h>

/* units.csv */
#define UNIT_TYPES(X)                                                                    \
    X(DISTRICT, "district")     /* 区 */                                                \
    X(DESK, "desk")             /* 热线受理台: takes what needs a human */          \
    X(DEPARTMENT, "department") /* 职能部门 */                                       \
    X(UTILITY, "utility")       /* 公共服务企业 */                                 \
    X(STREET, "street")         /* 街道 */                                             \
    X(COMMUNITY, "community")   /* 社区居委会 */                                    \
    X(GRID_TEAM, "grid_team")   /* 网格服务队 */                                    \
    X(COMMITTEE, "committee")   /* 业主委员会, 物业管理委员会 */             \
    X(PROPERTY, "property")     /* 物业服务企业 */                                 \
    X(DEVELOPER, "developer")   /* 建设单位 */
#define X(name, text) UNIT_TYPE_##name,
enum unit_type { UNIT_TYPES(X) UNIT_TYPE_COUNT };
#undef X
extern const char *const unit_type_names[UNIT_TYPE_COUNT];

struct names {
    const char *const *items;
    size_t n;
};

struct unit {
    const char *code; /* [a-z0-9-], at most 31 characters */
    const char *name, *short_name;
    enum unit_type type;
    const struct unit *parent; /* NULL: the root */
    const struct unit *queue;  /* whose queue it uses; itself when it has its own */
    struct names aliases;
    instant valid_from, valid_to; /* [from, to); never: open */
    int line;                     /* in units.csv */
};

bool unit_valid_at(const struct unit *unit, instant at);

/* 基层: a community, a grid's team or a property firm. It leads what the duty list
 * (grass_roots of the category) leaves to it. */
bool unit_grass_roots(const struct unit *unit);

/* True when unit is other or lies below it in the tree. */
bool unit_within(const struct unit *unit, const struct unit *other);

/* 回避: the other one, who lies below it in the tree, and who reads its orders from the
 * queue of one of these. Who answers to the accused does not judge it. */
bool unit_answers_to(const struct unit *unit, const struct unit *other);

/* By its code, name, short name or an alias. */
bool unit_named(const struct unit *unit, struct str name);

#endif
