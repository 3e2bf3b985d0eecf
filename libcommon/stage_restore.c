/* Restore: Redis becomes equal to the state topic, whatever happened to it. */
#include "kill_point.h"
#include "log.h"
#include "stage_internal.h"

#include <time.h>

enum {
    RESTORE_CHUNK = 2000,
    RESTORE_CHUNK_BYTES = 4 * 1024 * 1024,
    RESTORE_MS = 120000,
    REDIS_TRIES = 60, /* once a second */
};

bool stage_stopping(const struct stage *stage)
{
    return stage->stop && *stage->stop;
}

void stage_pause(int ms)
{
    (void)nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L},
            NULL); /* a signal may cut it short */
}

/* Trouble on our side waits, bounded; then the process ends. */
bool stage_redis_again(struct stage *stage, struct error *err)
{
    for (int i = 0; i < REDIS_TRIES && !stage_stopping(stage); i++) {
        struct error now = {0};
        if (store_reconnect(stage->store, &now))
            return true;
        if (now.kind == ERR_FATAL)
            return error_set(err, ERR_FATAL, now.code, "%s", now.text);
        log_warn("redis_away", "stage=%s try=%d reason=\"%s\"", stage->spec->name, i + 1,
                now.text);
        stage_pause(1000);
    }
    return error_set(err, ERR_FATAL, "redis_away", "Redis did not come back within %d s",
            REDIS_TRIES);
}

struct stage_part *stage_part(struct stage *stage, int32_t partition)
{
    for (size_t i = 0; i < stage->n_parts; i++)
        if (stage->parts[i].partition == partition)
            return &stage->parts[i];
    return NULL;
}

/* Applies what was read to Redis under the mark. *again: somebody else moved it. */
static bool restore_chunk(struct stage *stage, int32_t partition, int64_t *mark,
        bool *again, struct error *err)
{
    size_t n = bus_batch_count(stage->restore_batch);
    struct store_change *changes = arena_alloc(&stage->arena, (n + 1) * sizeof *changes);
    struct store_apply apply = {.prefix = stage->prefix,
            .partition = partition,
            .expected = *mark,
            .mark = *mark,
            .changes = changes};
    for (size_t i = 0; i < n; i++) {
        const struct bus_msg *msg = bus_batch_at(stage->restore_batch, i);
        struct store_change *change = &changes[apply.n_changes];
        int64_t offset;
        struct str state;
        apply.mark = msg->offset;
        *change = (struct store_change){.key = msg->key};
        if (!msg->tombstone &&
                !stage_snapshot_unwrap(msg->value, &offset, &change->due, &state))
            return error_set(err, ERR_FATAL, "bad_snapshot",
                    "%s [%d] offset %lld is not a snapshot of this stage; who wrote it?",
                    stage->spec->state_topic, (int)partition, (long long)msg->offset);
        if (!msg->tombstone)
            change->state = msg->value;
        apply.n_changes++;
    }
    if (n && !store_apply(stage->store, &apply, 1, err))
        return false;
    *again = n && !apply.applied;
    *mark = *again ? *mark : apply.mark;
    metric_add(stage->metrics.restored, (int64_t)n);
    bus_batch_clear(stage->restore_batch);
    return true;
}

static bool restore_once(
        struct stage *stage, struct stage_part *part, bool *again, struct error *err)
{
    const char *topic = stage->spec->state_topic;
    struct store_read read = {.prefix = stage->prefix, .partition = part->partition};
    int64_t end;
    *again = false;
    if (!store_read(stage->store, &read, 1, &stage->arena, err) ||
            !bus_high_watermark(stage->reader, topic, part->partition, &end, err))
        return false;
    int64_t mark = read.mark;
    if (mark != STORE_NO_MARK && mark >= end) { /* the log was recreated: what Redis holds
                                                   is of another world */
        if (!store_delete_mark(stage->store, stage->prefix, part->partition, err))
            return false;
        mark = STORE_NO_MARK;
    }
    part->mark = mark;
    if (mark + 1 >= end)
        return true;
    const struct bus_partition_at from = {
            topic, part->partition, mark == STORE_NO_MARK ? BUS_BEGINNING : mark + 1};
    bus_batch_clear(stage->restore_batch);
    if (!bus_assign(stage->reader, &from, 1, err))
        return false;
    int64_t deadline = monotonic_ms() + RESTORE_MS;
    bool done = false;
    while (!done && !*again) {
        if (stage_stopping(stage) || monotonic_ms() > deadline)
            return error_set(err, ERR_FATAL, "restore_ended",
                    "restore of %s [%d] ended before offset %lld: %s", topic,
                    (int)part->partition, (long long)end,
                    stage_stopping(stage)
                            ? "asked to stop"
                            : "a transaction stays open, or the broker is away");
        if (!bus_poll(
                    stage->reader, stage->restore_batch, RESTORE_CHUNK, 100, false, err))
            return false;
        size_t n = bus_batch_count(stage->restore_batch);
        /* An end before the high watermark means a transaction is still open: wait for
         * it. */
        done = bus_batch_end(stage->restore_batch, part->partition) >= end ||
               (n && bus_batch_at(stage->restore_batch, n - 1)->offset >= end - 1);
        if (done || n >= RESTORE_CHUNK ||
                bus_batch_bytes(stage->restore_batch) >= RESTORE_CHUNK_BYTES) {
            kill_point("restore");
            if (!restore_chunk(stage, part->partition, &mark, again, err))
                return false;
            arena_reset(&stage->arena);
        }
    }
    part->mark = mark;
    return true;
}

bool stage_restore(struct stage *stage, struct stage_part *part, struct error *err)
{
    for (;;) {
        struct error now = {0};
        bool again = false;
        if (restore_once(stage, part, &again, &now)) {
            if (!again)
                break;
            continue; /* another restorer was faster: look again */
        }
        if (now.kind == ERR_FATAL || stage_stopping(stage))
            return error_set(err, ERR_FATAL, now.code, "%s", now.text);
        log_warn("restore_retry", "stage=%s partition=%d reason=\"%s\"",
                stage->spec->name, (int)part->partition, now.text);
        if (!stage_redis_again(stage, err))
            return false;
    }
    metric_add(stage->metrics.restores, 1);
    log_info("restored", "stage=%s partition=%d mark=%lld", stage->spec->name,
            (int)part->partition, (long long)part->mark);
    return true;
}

bool stage_restore_all(struct stage *stage, struct error *err)
{
    for (size_t i = 0; i < stage->n_parts; i++)
        if (!stage_restore(stage, &stage->parts[i], err))
            return false;
    arena_reset(&stage->arena);
    return true;
}

/* R13: an idle stage notices an emptied Redis too. */
bool stage_check_marks(struct stage *stage, struct error *err)
{
    struct store_read *reads = arena_alloc(
            &stage->arena, (stage->n_parts + 1) * sizeof *reads);
    for (size_t i = 0; i < stage->n_parts; i++)
        reads[i] = (struct store_read){
                .prefix = stage->prefix, .partition = stage->parts[i].partition};
    struct error now = {0};
    bool same = store_read(stage->store, reads, stage->n_parts, &stage->arena, &now);
    if (!same) {
        log_warn("redis_error", "stage=%s reason=\"%s\"", stage->spec->name, now.text);
        if (now.kind == ERR_FATAL || !stage_redis_again(stage, err))
            return error_set(err, ERR_FATAL, now.code, "%s", now.text);
    }
    for (size_t i = 0; same && i < stage->n_parts; i++)
        same = reads[i].mark == stage->parts[i].mark;
    return same || (log_warn("marks_differ", "stage=%s", stage->spec->name),
                           stage_restore_all(stage, err));
}
