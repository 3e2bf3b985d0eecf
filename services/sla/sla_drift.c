#include "sla_drift.h"
#include "log.h"

#include <stdlib.h>

bool sla_drifts_init(struct sla_drifts *drifts, const char *prefix, int32_t n_partitions,
        struct error *err)
{
    static const char NAME[] = "chuishao_timer_drift",
                      HELP[] = "Cases whose state and due index do not agree";
    *drifts = (struct sla_drifts){
            .prefix = prefix,
            .sweep = {.n_partitions = n_partitions},
            .at = {.prefix = prefix, .step = SLA_SWEEP_STEP, .cursor = "0"},
            .rebuilt_ms = calloc((size_t)n_partitions, sizeof(int64_t)),
            .expected = metric_gauge("chuishao_timer_expected", "",
                    "Cases whose state asks for a wake, as compared last"),
            .unarmed = metric_gauge(NAME, "kind=\"unarmed\"", HELP),
            .orphans = metric_gauge(NAME, "kind=\"orphan\"", HELP),
            .rebuilds = metric_counter("chuishao_timer_rebuilds_total", "",
                    "Partitions handed to casework to rebuild from Kafka"),
    };
    return drifts->rebuilt_ms || error_set(err, ERR_FATAL, "out_of_memory", "no memory");
}

void sla_drifts_done(struct sla_drifts *drifts)
{
    free(drifts->rebuilt_ms);
}

/* What Redis lost once, Kafka still has. Not again and again, though: a cause that lasts
 * would have casework do nothing else. */
static bool heal(struct sla_drifts *drifts, struct store *store, int32_t partition,
        struct error *err)
{
    int64_t now = monotonic_ms(), *rebuilt = &drifts->rebuilt_ms[partition];
    bool rebuild = !*rebuilt || now - *rebuilt >= SLA_REBUILD_GAP_MS;
    const struct sla_drift drift = sla_sweep_drift(&drifts->sweep);
    log_warn("due_index_drift",
            "partition=%d unarmed_of_all=%lld orphans_of_all=%lld rebuild=%s",
            (int)partition, (long long)drift.unarmed, (long long)drift.orphans,
            rebuild ? "yes" : "later");
    if (!rebuild)
        return true;
    *rebuilt = now;
    metric_add(drifts->rebuilds, 1);
    return store_delete_mark(store, drifts->prefix, partition, err);
}

bool sla_drifts_look(struct sla_drifts *drifts, struct store *store, struct error *err)
{
    struct sla_sweep *sweep = &drifts->sweep;
    struct store_compare *at = &drifts->at;
    if (monotonic_ms() < drifts->next_ms)
        return true;
    drifts->next_ms = monotonic_ms() + SLA_TURN_MS;
    at->partition = sweep->partition;
    at->along_index = sweep->along_index;
    if (!store_due_compare(store, at, err))
        return false;
    bool at_end = at->cursor[0] == '0' && !at->cursor[1];
    bool differs = sla_sweep_took(sweep, at->met, at->differ, at_end);
    const struct sla_drift drift = sla_sweep_drift(sweep);
    metric_set(drifts->expected, (double)drift.expected);
    metric_set(drifts->unarmed, (double)drift.unarmed);
    metric_set(drifts->orphans, (double)drift.orphans);
    return !differs || heal(drifts, store, at->partition, err);
}
