#include "stage.h"
#include "kill_point.h"
#include "log.h"
#include "stage_internal.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    IDLE_MS = 200,        /* how long an idle turn waits for a message */
    CHECK_MS = 1000,      /* R13: marks are compared this often */
    BUSY_MESSAGES = 1000, /* so many in one short window: collect for longer */
    POLL_MESSAGES = 10000,
    DUE_MAX = 100,
    DUE_WINDOW = STORE_WINDOW_MAX,
    DUE_LEASE_MS = 5000,
};

/* ---- rebalance ---- */

static bool on_assigned(
        void *ctx, struct bus_partition_at *at, size_t n, struct error *err)
{
    struct stage *stage = ctx;
    kill_point("assign");
    if (n > STAGE_PARTITIONS_MAX)
        return error_set(err, ERR_FATAL, "too_many_partitions",
                "%zu partitions for one instance, %d at most: run more instances", n,
                STAGE_PARTITIONS_MAX);
    stage->n_parts = n;
    for (size_t i = 0; i < n; i++) {
        stage->parts[i] = (struct stage_part){
                .partition = at[i].partition, .mark = STORE_NO_MARK, .position = -1};
        if (!stage->spec->state_topic)
            continue;
        if (!bus_high_watermark(stage->reader, at[i].topic, at[i].partition,
                    &stage->parts[i].input_end, err) ||
                !stage_restore(stage, &stage->parts[i], err))
            return false;
    }
    arena_reset(&stage->arena);
    stage->last_check_ms = monotonic_ms();
    atomic_store(&stage->ready, true);
    log_info("assigned", "stage=%s partitions=%zu", stage->spec->name, n);
    return true;
}

static void on_revoked(void *ctx)
{
    struct stage *stage = ctx;
    stage->n_parts = 0;
    log_info("revoked", "stage=%s", stage->spec->name);
}

/* ---- the loop ---- */

/* Collects one batch: from the first message for commit_ms, longer when behind. False: an
 * error. */
static bool collect(struct stage *stage, struct error *err)
{
    const struct stage_config *config = &stage->config;
    uint64_t epoch = bus_epoch(stage->consumer);
    bus_batch_clear(stage->batch);
    if (!bus_poll(stage->consumer, stage->batch, POLL_MESSAGES, IDLE_MS, false, err))
        return false;
    int64_t start = monotonic_ms();
    while (bus_batch_count(stage->batch) && !stage_stopping(stage)) {
        size_t n = bus_batch_count(stage->batch);
        int64_t window = n >= BUSY_MESSAGES ? config->commit_busy_ms : config->commit_ms;
        int64_t left = start + window - monotonic_ms();
        if (left <= 0 || n >= config->batch_max ||
                bus_batch_bytes(stage->batch) >= config->batch_bytes)
            break;
        size_t most = n + POLL_MESSAGES < config->batch_max ? n + POLL_MESSAGES
                                                            : config->batch_max;
        if (!bus_poll(stage->consumer, stage->batch, most, left < 10 ? (int)left : 10,
                    true, err))
            return false;
    }
    if (bus_epoch(stage->consumer) == epoch || bus_batch_count(stage->batch) == 0)
        return true;
    /* R8: a rebalance in between. Some of these may not be ours any more, and the first
     * of the new assignment may be among them: drop all and read on from the committed
     * offsets. */
    bus_batch_clear(stage->batch);
    return bus_reposition(stage->consumer, err);
}

/* Keys of our own due index. */
static bool look_at_due(struct stage *stage, struct error *err)
{
    for (size_t p = 0; p < stage->n_parts; p++) {
        struct store_due due[DUE_MAX];
        struct store_claim claim = {.prefix = stage->prefix,
                .partition = stage->parts[p].partition,
                .max = DUE_MAX,
                .window = DUE_WINDOW,
                .lease_ms = DUE_LEASE_MS};
        struct error ours = {0};
        if (!store_due_claim(stage->store, &claim, due, &stage->arena, &ours)) {
            log_warn("redis_error", "stage=%s reason=\"%s\"", stage->spec->name,
                    ours.text);
            return ours.kind == ERR_FATAL
                           ? error_set(err, ERR_FATAL, ours.code, "%s", ours.text)
                           : true; /* the check of the marks deals with it */
        }
        int64_t from = INT64_MAX;
        for (size_t i = 0; i < claim.n; i++) {
            struct store_read read = {.prefix = stage->prefix,
                    .partition = stage->parts[p].partition,
                    .keys = &due[i].key,
                    .n_keys = 1};
            struct str state;
            int64_t offset;
            instant at;
            if (store_read(stage->store, &read, 1, &stage->arena, &ours) &&
                    read.mark == stage->parts[p].mark && read.states[0].ptr &&
                    stage_snapshot_unwrap(read.states[0], &offset, &at, &state) &&
                    stage->spec->due(stage->spec->ctx, due[i].key, state) &&
                    offset + 1 < from)
                from = offset + 1;
        }
        const struct bus_partition_at at = {
                stage->spec->inputs[0], stage->parts[p].partition, from};
        if (from != INT64_MAX && !bus_seek(stage->consumer, &at, err))
            return false;
    }
    return true;
}

static bool each_second(struct stage *stage, struct error *err)
{
    int64_t now = monotonic_ms();
    if (now - stage->last_check_ms < CHECK_MS)
        return true;
    stage->last_check_ms = now;
    arena_reset(&stage->arena);
    metric_set(stage->metrics.lag, (double)bus_lag(stage->consumer));
    if (stage->spec->state_topic && stage->n_parts && !stage_check_marks(stage, err))
        return false;
    return !stage->spec->due || !stage->n_parts || look_at_due(stage, err);
}

bool stage_run(struct stage *stage, const volatile int *stop, struct error *err)
{
    stage->stop = stop;
    while (!*stop) {
        arena_reset(&stage->arena);
        if (stage->spec->between)
            stage->spec->between(stage->spec->ctx);
        if (!each_second(stage, err) || !collect(stage, err))
            return *stop != 0;
        arena_reset(&stage->arena);
        if (bus_batch_count(stage->batch) && !*stop && !stage_turn(stage, err))
            return *stop != 0;
    }
    return true;
}

bool stage_ready(const struct stage *stage)
{
    return atomic_load(&stage->ready);
}

/* ---- opening ---- */

static struct metric *stage_metric(
        struct stage *stage, const char *name, const char *help, bool gauge)
{
    char labels[96];
    (void)snprintf(labels, sizeof labels, "stage=\"%s\"", stage->spec->name);
    return gauge ? metric_gauge(name, labels, help) : metric_counter(name, labels, help);
}

static bool check_counts(struct stage *stage, struct error *err)
{
    const struct stage_spec *spec = stage->spec;
    int32_t inputs = 0;
    if (spec->n_inputs != 1)
        return error_set(
                err, ERR_FATAL, "bad_stage", "a stage with a state has one input");
    if (!bus_partitions(stage->reader, spec->inputs[0], &inputs, err) ||
            !bus_partitions(stage->reader, spec->state_topic, &stage->n_partitions, err))
        return false;
    if (inputs == 0 || stage->n_partitions == 0)
        return error_set(err, ERR_RETRY, "unknown_topic",
                "topic %s does not exist; create it with: chuishao topics apply",
                inputs ? spec->state_topic : spec->inputs[0]);
    if (inputs != stage->n_partitions)
        return error_set(err, ERR_FATAL, "partition_count",
                "%s has %d partitions and %s %d: they must be equal, partition N of one "
                "belongs to partition N of the other",
                spec->inputs[0], (int)inputs, spec->state_topic,
                (int)stage->n_partitions);
    return true;
}

static bool open_all(struct stage *stage, struct error *err)
{
    const struct stage_spec *spec = stage->spec;
    const struct bus_rebalance rebalance = {on_assigned, on_revoked, stage};
    struct bus_config bus = stage->config.bus;
    bus.client_id = stage->client;
    bus.group = stage->group;
    bus.errors_only = !spec->state_topic;
    if (!bus_producer_transactional(&stage->producer, &bus, err))
        return false;
    if (spec->state_topic &&
            (!store_open(&stage->store, stage->config.redis_url,
                     stage->config.redis_force, err) ||
                    !bus_reader(&stage->reader, &bus, err) || !check_counts(stage, err)))
        return false;
    return bus_subscribe(
            &stage->consumer, &bus, spec->inputs, spec->n_inputs, rebalance, err);
}

bool stage_open(struct stage **out, const struct stage_spec *spec,
        const struct stage_config *config, struct error *err)
{
    struct stage *stage = calloc(1, sizeof *stage);
    if (!stage)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for the stage");
    stage->spec = spec;
    stage->config = *config;
    const char *dot = config->lane[0] ? "." : "";
    (void)snprintf(stage->group, sizeof stage->group, "chuishao.%s%s%s", spec->name, dot,
            config->lane);
    (void)snprintf(stage->prefix, sizeof stage->prefix, "chuishao%s%s.%s", dot,
            config->lane, spec->name);
    (void)snprintf(
            stage->client, sizeof stage->client, "chuishao-%s", config->bus.instance);
    stage->batch = bus_batch_new();
    stage->restore_batch = bus_batch_new();
    stage->out = stage_out_new(&stage->out_arena, spec->name);
    stage->out->arena = &stage->arena;
    stage->metrics.consumed = stage_metric(stage, "chuishao_events_consumed_total",
            "Messages decided and committed", false);
    stage->metrics.produced = stage_metric(stage, "chuishao_events_produced_total",
            "Records sent in committed transactions", false);
    stage->metrics.commits = stage_metric(
            stage, "chuishao_commits_total", "Kafka transactions committed", false);
    stage->metrics.aborted = stage_metric(
            stage, "chuishao_aborts_total", "Kafka transactions given up", false);
    stage->metrics.restores = stage_metric(stage, "chuishao_restores_total",
            "Partitions whose Redis state was brought level with the log", false);
    stage->metrics.restored = stage_metric(stage, "chuishao_restored_records_total",
            "Snapshots read back from the log", false);
    stage->metrics.skipped = stage_metric(stage, "chuishao_skipped_total",
            "Messages their key's state reflected already", false);
    stage->metrics.lag = stage_metric(stage, "chuishao_consumer_lag",
            "Messages behind the end of the input; -1 unknown", true);
    stage->metrics.batch = stage_metric(
            stage, "chuishao_batch_messages", "Messages in the last batch", true);
    static const char *const steps[STEP_COUNT] = {
            "read", "decide", "produce", "offsets", "commit", "apply"};
    for (int i = 0; i < STEP_COUNT; i++) {
        char labels[96];
        (void)snprintf(
                labels, sizeof labels, "stage=\"%s\",step=\"%s\"", spec->name, steps[i]);
        stage->metrics.steps[i] = metric_histogram(
                "chuishao_step_seconds", labels, "How long the steps of a turn take");
    }
    if (!stage->batch || !stage->restore_batch || !open_all(stage, err)) {
        stage_close(stage);
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for the stage");
    }
    *out = stage;
    return true;
}

void stage_close(struct stage *stage)
{
    if (!stage)
        return;
    bus_batch_free(stage->batch);
    bus_batch_free(stage->restore_batch);
    bus_consumer_close(stage->consumer);
    bus_consumer_close(stage->reader);
    bus_producer_close(stage->producer);
    store_close(stage->store);
    arena_done(&stage->arena);
    arena_done(&stage->out_arena);
    free(stage);
}
