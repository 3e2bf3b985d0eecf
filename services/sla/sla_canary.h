/* A timer of sla's own: armed by the same script as a case's, claimed by the same script
 * in the same loop, and measured. It comes every few seconds, so a scheduler that is
 * stuck shows although no case is due. */
#ifndef CHUISHAO_SLA_CANARY_H
#define CHUISHAO_SLA_CANARY_H

#include "config.h"
#include "metrics.h"
#include "store.h"
#include <stdatomic.h>

struct sla_canary {
    char prefix[128];         /* an index of its own for each instance */
    instant due;              /* never: not armed yet */
    _Atomic int64_t fired_ms; /* monotonic, 0: never; the HTTP thread reads it */
    struct metric *lag, *fired;
};

MUST_USE bool sla_canary_init(
        struct sla_canary *canary, const struct config_common *config, struct error *err);

/* Once a turn: takes the canary if it has come, and arms the next one. */
MUST_USE bool sla_canary_look(struct sla_canary *canary, struct store *store,
        struct arena *arena, struct error *err);

/* One has come not long ago. Safe from another thread. */
bool sla_canary_alive(const struct sla_canary *canary);

#endif
