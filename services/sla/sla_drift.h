/* Compares, step by step and for ever, the states that Redis holds with its due index. A
 * partition that does not agree loses its mark: casework then rebuilds it from Kafka. */
#ifndef CHUISHAO_SLA_DRIFT_H
#define CHUISHAO_SLA_DRIFT_H

#include "metrics.h"
#include "sla_core.h"
#include "store.h"

struct sla_drifts {
    const char *prefix; /* kept: of casework's keys */
    struct sla_sweep sweep;
    struct store_compare at;
    int64_t *rebuilt_ms; /* per partition, monotonic; 0: never */
    int64_t next_ms;     /* monotonic */
    struct metric *expected, *unarmed, *orphans, *rebuilds;
};

MUST_USE bool sla_drifts_init(struct sla_drifts *drifts, const char *prefix,
        int32_t n_partitions, struct error *err);
void sla_drifts_done(struct sla_drifts *drifts);

/* A step, when it is time for one. */
MUST_USE bool sla_drifts_look(
        struct sla_drifts *drifts, struct store *store, struct error *err);

#endif
