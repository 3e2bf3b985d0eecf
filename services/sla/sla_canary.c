#include "sla_canary.h"
#include "log.h"
#include "sla_core.h"

#include <stdio.h>

bool sla_canary_init(
        struct sla_canary *canary, const struct config_common *config, struct error *err)
{
    int n = snprintf(canary->prefix, sizeof canary->prefix, "chuishao%s%s.sla.%s",
            config->lane[0] ? "." : "", config->lane, config->instance);
    if (n >= (int)sizeof canary->prefix)
        return error_set(err, ERR_FATAL, "name_too_long",
                "CHUISHAO_INSTANCE %s is too long for a name in Redis", config->instance);
    canary->lag = metric_histogram("chuishao_timer_canary_lag_seconds", "",
            "From the canary timer's due time to its claim");
    /* A point in time rather than an age: a loop that is stuck could not let it grow. */
    canary->fired = metric_gauge("chuishao_timer_canary_fired_timestamp_seconds", "",
            "When the canary timer came last, seconds since 1970");
    return true;
}

/* Through the apply script, as casework arms a case. Whoever else writes under our name
 * moves the mark; then the next turn tries again. */
static bool arm(struct sla_canary *canary, struct store *store, instant due,
        struct arena *arena, struct error *err)
{
    const struct store_change change = {STR("canary"), STR("armed"), due};
    struct store_read read = {.prefix = canary->prefix};
    if (!store_read(store, &read, 1, arena, err))
        return false;
    struct store_apply apply = {.prefix = canary->prefix,
            .expected = read.mark,
            .mark = read.mark + 1,
            .changes = &change,
            .n_changes = 1};
    if (!store_apply(store, &apply, 1, err))
        return false;
    canary->due = apply.applied ? due : (instant){0};
    return true;
}

bool sla_canary_look(struct sla_canary *canary, struct store *store, struct arena *arena,
        struct error *err)
{
    struct store_due due;
    struct store_claim claim = {
            .prefix = canary->prefix, .max = 1, .window = 1, .lease_ms = SLA_LEASE_MS};
    if (!store_due_claim(store, &claim, &due, arena, err))
        return false;
    if (claim.n) {
        metric_observe(canary->lag, (double)sla_late_ms(due.due, claim.now) / 1000);
        metric_set(canary->fired, (double)claim.now.ms / 1000);
        atomic_store(&canary->fired_ms, monotonic_ms());
        return arm(canary, store, (instant){claim.now.ms + SLA_CANARY_MS}, arena, err);
    }
    if (instant_is_never(canary->due))
        return arm(canary, store, claim.now, arena, err);
    if (sla_late_ms(canary->due, claim.now) <= SLA_CANARY_LOST_MS)
        return true;
    log_warn("canary_lost", "late_ms=%lld",
            (long long)sla_late_ms(canary->due, claim.now));
    return arm(canary, store, claim.now, arena, err);
}

bool sla_canary_alive(const struct sla_canary *canary)
{
    int64_t fired = atomic_load(&canary->fired_ms);
    return fired && monotonic_ms() - fired < SLA_CANARY_DEAD_MS;
}
