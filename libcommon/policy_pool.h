/* Of the policy: to whom an order may be offered. */
#ifndef CHUISHAO_POLICY_POOL_H
#define CHUISHAO_POLICY_POOL_H

#include "policy_units.h"

/* pools.csv 认领池: to whom an order may be offered 群众点单、社区派单、党群接单
 * (volunteers, a partner alliance); the first of its members to claim it leads. */
struct pool {
    const char *code; /* like a unit's, and of no unit */
    const char *name;
    const struct points_ledger *ledger; /* points.h; in which it has an account; NULL:
                                           none */
    const struct unit **members;
    size_t n_members;
    int line; /* in pools.csv */
};

/* True when the unit may claim what is offered to the pool. */
bool pool_has(const struct pool *pool, const struct unit *unit);

#endif
