/* sla: finds the cases that are due in Redis and says so. It only suggests: a wake is a
 * command like any other, and casework drops one that is stale or repeated. */
#include "envelope.h"
#include "json_out.h"
#include "kill_point.h"
#include "log.h"
#include "metrics.h"
#include "service.h"
#include "sla_canary.h"
#include "sla_core.h"
#include "sla_drift.h"
#include "store.h"
#include "topics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    STATS_MS = 1000,
    FLUSH_MS = 10 * 1000, /* longer than that Kafka is away: the process ends, the leases
                             run out, another one comes */
    REDIS_AWAY_MS = 30 * 1000,
    RETRY_MS = 200,
};

struct sla {
    const struct service_env *env;
    struct bus_producer *producer;
    struct store *store;
    struct arena arena;
    char command_topic[TOPIC_NAME_SIZE];
    char prefix[80]; /* of casework's keys */
    int32_t n_partitions;
    int64_t redis_away_since, stats_at; /* monotonic; 0: not */
    atomic_bool turning;                /* the HTTP thread reads it */
    struct sla_canary canary;
    struct sla_drifts drifts;
    struct metric *lag, *armed, *overdue, *wakes, *again;
};

static void close_sla(void *ctx)
{
    struct sla *sla = ctx;
    bus_producer_close(sla->producer);
    store_close(sla->store);
    sla_drifts_done(&sla->drifts);
    arena_done(&sla->arena);
    free(sla);
}

static bool sla_connect(struct sla *sla, struct error *err)
{
    const struct config_common *config = sla->env->config;
    char state_topic[TOPIC_NAME_SIZE];
    topic_name(state_topic, TOPIC_CASE_STATE, config->lane);
    if (!bus_producer_idempotent(&sla->producer, &sla->env->bus, err) ||
            !store_open(&sla->store, config->redis_url, config->redis_force, err) ||
            !bus_producer_partitions(sla->producer, state_topic, &sla->n_partitions, err))
        return false;
    if (sla->n_partitions <= 0)
        return error_set(err, ERR_RETRY, "unknown_topic",
                "topic %s does not exist; create it with: chuishao topics apply",
                state_topic);
    return sla_drifts_init(&sla->drifts, sla->prefix, sla->n_partitions, err);
}

static void *open_sla(
        const struct service_env *env, struct stage_spec *spec, struct error *err)
{
    (void)spec;
    struct sla *sla = calloc(1, sizeof *sla);
    if (!sla) {
        (void)error_set(err, ERR_FATAL, "out_of_memory", "no memory");
        return NULL;
    }
    const char *lane = env->config->lane;
    sla->env = env;
    topic_name(sla->command_topic, TOPIC_COMMAND, lane);
    (void)snprintf(sla->prefix, sizeof sla->prefix, "chuishao%s%s.casework",
            lane[0] ? "." : "", lane);
    sla->lag = metric_histogram(
            "chuishao_timer_fire_lag_seconds", "", "From a case's due time to its wake");
    sla->armed = metric_gauge("chuishao_timer_armed", "", "Cases with a wake to come");
    sla->overdue = metric_gauge("chuishao_timer_oldest_overdue_seconds", "",
            "How long the oldest due case has waited");
    sla->wakes = metric_counter("chuishao_timer_wakes_total", "", "Wakes sent");
    sla->again = metric_counter("chuishao_timer_reclaimed_total", "",
            "Of these, sent again because the case was still due when its lease ended");
    if (sla_canary_init(&sla->canary, env->config, err) && sla_connect(sla, err))
        return sla;
    close_sla(sla);
    return NULL;
}

static bool wake_send(
        struct sla *sla, const struct store_due *due, instant now, struct error *err)
{
    struct str id = arena_printf(
            &sla->arena, "%.*s.wake.%lld", STR_ARG(due->key), (long long)due->due.ms);
    struct json_out json;
    json_begin(&json, &sla->arena, 256);
    json_open_object(&json, NULL);
    json_text(&json, "command", "wake");
    json_str(&json, "case", due->key);
    json_str(&json, "id", id);
    json_instant(&json, "at", now);
    json_instant(&json, "due", due->due);
    json_close_object(&json);
    struct envelope envelope = {.service = "sla",
            .type = "case.command",
            .id = id,
            .subject = due->key,
            .time = now};
    struct bus_header headers[ENVELOPE_HEADERS];
    const struct bus_record record = {
            .topic = sla->command_topic,
            .partition = bus_partition(due->key, sla->n_partitions),
            .key = due->key,
            .value = json_end(&json),
            .headers = headers,
            .n_headers = envelope_headers(&envelope, headers),
    };
    return bus_produce(sla->producer, &record, err);
}

/* The wakes of one claim are with Kafka, all of them, before they count. */
static bool wake_all(struct sla *sla, const struct store_claim *claim,
        const struct store_due *due, struct error *err)
{
    int64_t began = monotonic_ms();
    kill_point("claimed");
    for (size_t i = 0; i < claim->n; i++)
        if (!wake_send(sla, &due[i], claim->now, err))
            return false;
    kill_point("sent");
    if (!bus_flush(sla->producer, FLUSH_MS, err))
        return false;
    kill_point("flushed");
    int64_t took = monotonic_ms() - began;
    for (size_t i = 0; i < claim->n; i++)
        metric_observe(
                sla->lag, (double)(sla_late_ms(due[i].due, claim->now) + took) / 1000);
    metric_add(sla->wakes, (int64_t)claim->n);
    metric_add(sla->again, (int64_t)claim->again);
    return true;
}

/* Claims what is due in one partition and wakes it. */
static bool look(
        struct sla *sla, int32_t partition, size_t max, size_t *n, struct error *err)
{
    struct store_due due[SLA_CLAIM_MAX];
    struct store_claim claim = {.prefix = sla->prefix,
            .partition = partition,
            .max = max,
            .window = sla_window(sla->n_partitions),
            .lease_ms = SLA_LEASE_MS};
    arena_reset(&sla->arena);
    if (!store_due_claim(sla->store, &claim, due, &sla->arena, err))
        return false;
    instant ours = instant_now();
    if (sla_clocks_differ(claim.now, ours))
        return error_set(err, ERR_FATAL, "clocks_differ",
                "Redis's clock and ours are %lld ms apart: set both by NTP before "
                "deadlines are kept again",
                (long long)(claim.now.ms - ours.ms));
    *n = claim.n;
    return claim.n == 0 || wake_all(sla, &claim, due, err);
}

static bool stats(struct sla *sla, struct error *err)
{
    int64_t armed = 0, oldest = 0;
    for (int32_t p = 0; p < sla->n_partitions; p++) {
        int64_t n;
        instant earliest;
        if (!store_due_stats(sla->store, sla->prefix, p, &n, &earliest, err))
            return false;
        int64_t late = sla_late_ms(earliest, instant_now());
        armed += n;
        oldest = late > oldest ? late : oldest;
    }
    metric_set(sla->armed, (double)armed);
    metric_set(sla->overdue, (double)oldest / 1000);
    return true;
}

static bool one_turn(struct sla *sla, struct sla_turn *turn, const volatile int *stop,
        struct error *err)
{
    int32_t partition;
    size_t max, n;
    sla_turn_begin(turn, sla->n_partitions);
    while (!*stop && sla_turn_next(turn, &partition, &max)) {
        if (!look(sla, partition, max, &n, err))
            return false;
        sla_turn_took(turn, n, max);
    }
    if (!sla_canary_look(&sla->canary, sla->store, &sla->arena, err) ||
            !sla_drifts_look(&sla->drifts, sla->store, err))
        return false;
    if (monotonic_ms() >= sla->stats_at) {
        sla->stats_at = monotonic_ms() + STATS_MS;
        return stats(sla, err);
    }
    return true;
}

/* Redis is away: nothing is due that we could know of. Kafka keeps the truth, casework
 * refills Redis; we wait, bounded. */
static bool redis_back(struct sla *sla, struct error *err)
{
    struct error again = {0};
    if (!sla->redis_away_since) {
        sla->redis_away_since = monotonic_ms();
        log_warn("redis_away", "reason=\"%s\"", err->text);
    }
    if (monotonic_ms() - sla->redis_away_since > REDIS_AWAY_MS)
        return false;
    if (!store_reconnect(sla->store, &again))
        log_debug("redis_still_away", "reason=\"%s\"", again.text);
    *err = (struct error){0};
    return true;
}

static void sleep_ms(int64_t ms)
{
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    if (ms > 0)
        (void)nanosleep(&wait, NULL); /* a signal may end it early */
}

static bool run_sla(void *ctx, const volatile int *stop, struct error *err)
{
    struct sla *sla = ctx;
    struct sla_turn turn = {0};
    log_info("watching", "prefix=%s partitions=%d", sla->prefix, (int)sla->n_partitions);
    while (!*stop) {
        int64_t began = monotonic_ms();
        if (one_turn(sla, &turn, stop, err)) {
            sla->redis_away_since = 0;
            atomic_store(&sla->turning, true);
            sleep_ms(began + sla_turn_ms(&turn) - monotonic_ms());
            continue;
        }
        atomic_store(&sla->turning, false);
        bool kafka = err->kind == ERR_RETRY && str_is(str_of(err->code), "not_delivered");
        if (err->kind != ERR_RETRY || kafka || !redis_back(sla, err))
            return false;
        sleep_ms(RETRY_MS);
    }
    return true;
}

static bool ready_sla(void *ctx)
{
    struct sla *sla = ctx;
    return atomic_load(&sla->turning) && sla_canary_alive(&sla->canary);
}

int main(int argc, char **argv)
{
    static const struct service service = {
            .name = "sla",
            .purpose = "finds the cases that are due and wakes them",
            .open = open_sla,
            .close = close_sla,
            .run = run_sla,
            .ready = ready_sla,
    };
    return service_main(&service, argc, argv);
}
