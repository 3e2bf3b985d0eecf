#include "stage.h"
#include "kill_point.h"
#include "log.h"
#include "metrics.h"
#include "stage_out.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PARTITIONS_MAX = 1024,
    IDLE_MS = 200,               /* how long an idle turn waits for a message */
    CHECK_MS = 1000,             /* R13: marks are compared this often */
    COMMIT_GAP_MS = 6,           /* PERFORMANCE: an earlier begin would wait 20 ms inside librdkafka */
    BUSY_MESSAGES = 1000,        /* so many in one short window: collect for longer */
    POLL_MESSAGES = 10000,
    RESTORE_CHUNK = 2000,
    RESTORE_CHUNK_BYTES = 4 * 1024 * 1024,
    RESTORE_MS = 120000,
    REDIS_TRIES = 60,            /* once a second */
    ABORT_TRIES = 20,
    DUE_MAX = 100,
    DUE_LEASE_MS = 5000,
    POISON_MAX = 16,
};

/* A partition of the inputs; with a state (and so with one input) also that of the state topic. */
struct part {
    int32_t partition;
    int64_t mark;      /* what Redis must say */
    int64_t input_end; /* of the input when we got the partition */
    int64_t position;  /* last input offset decided, -1 */
};

struct poison {
    int32_t partition;
    int64_t offset;
    struct error err;
};

struct stage {
    const struct stage_spec *spec;
    struct stage_config config;
    char group[64], client[96], prefix[80];
    struct bus_consumer *consumer;
    struct bus_consumer *reader; /* of the state topic */
    struct bus_producer *producer;
    struct store *store;
    struct bus_batch *batch, *restore_batch;
    struct arena arena;
    struct stage_out *out;
    struct arena out_arena; /* of the collector itself */
    struct part parts[PARTITIONS_MAX];
    size_t n_parts;
    int32_t n_partitions; /* of the state topic */
    struct poison poison[POISON_MAX];
    size_t n_poison;
    int64_t last_commit_ms, last_check_ms;
    int aborts; /* in a row */
    atomic_bool ready;
    const volatile int *stop;
    struct {
        struct metric *consumed, *produced, *commits, *aborted, *restores, *restored, *skipped, *lag, *batch;
    } metrics;
};

/* ---- snapshots ---- */

/* {"offset":N,"due":MS,"state":…} */
static struct str snapshot_wrap(struct arena *arena, const struct stage_entry *entry)
{
    char *text = arena_alloc(arena, entry->state.len + 80);
    int head = snprintf(text, 80, "{\"offset\":%lld,\"due\":%lld,\"state\":", (long long)entry->reflected, (long long)entry->due.ms);
    memcpy(text + head, entry->state.ptr, entry->state.len);
    text[(size_t)head + entry->state.len] = '}';
    return (struct str){text, (size_t)head + entry->state.len + 1};
}

static bool take_number(struct str *text, const char *before, int64_t *number)
{
    size_t len = strlen(before);
    if (text->len < len || memcmp(text->ptr, before, len) != 0)
        return false;
    *text = (struct str){text->ptr + len, text->len - len};
    bool minus = text->len && *text->ptr == '-';
    size_t i = minus;
    int64_t n = 0;
    for (; i < text->len && i < 19 && text->ptr[i] >= '0' && text->ptr[i] <= '9'; i++)
        n = n * 10 + (text->ptr[i] - '0');
    *number = minus ? -n : n;
    *text = (struct str){text->ptr + i, text->len - i};
    return i > (size_t)minus;
}

static bool snapshot_unwrap(struct str text, int64_t *offset, instant *due, struct str *state)
{
    static const char STATE[] = ",\"state\":";
    if (!take_number(&text, "{\"offset\":", offset) || !take_number(&text, ",\"due\":", &due->ms) ||
            text.len < sizeof STATE || memcmp(text.ptr, STATE, sizeof STATE - 1) != 0 || text.ptr[text.len - 1] != '}')
        return false;
    *state = (struct str){text.ptr + sizeof STATE - 1, text.len - sizeof STATE};
    return true;
}

/* ---- Redis, which may be away ---- */

static bool stopping(const struct stage *stage)
{
    return stage->stop && *stage->stop;
}

static void pause_ms(int ms)
{
    (void)nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL); /* a signal may cut it short */
}

/* Trouble on our side waits, bounded; then the process ends. */
static bool redis_again(struct stage *stage, struct error *err)
{
    for (int i = 0; i < REDIS_TRIES && !stopping(stage); i++) {
        struct error now = {0};
        if (store_reconnect(stage->store, &now))
            return true;
        if (now.kind == ERR_FATAL)
            return error_set(err, ERR_FATAL, now.code, "%s", now.text);
        log_warn("redis_away", "stage=%s try=%d reason=\"%s\"", stage->spec->name, i + 1, now.text);
        pause_ms(1000);
    }
    return error_set(err, ERR_FATAL, "redis_away", "Redis did not come back within %d s", REDIS_TRIES);
}

/* ---- restore: Redis becomes equal to the state topic ---- */

static struct part *part_find(struct stage *stage, int32_t partition)
{
    for (size_t i = 0; i < stage->n_parts; i++)
        if (stage->parts[i].partition == partition)
            return &stage->parts[i];
    return NULL;
}

/* Applies what was read to Redis under the mark. *again: somebody else moved it. */
static bool restore_chunk(struct stage *stage, int32_t partition, int64_t *mark, bool *again, struct error *err)
{
    size_t n = bus_batch_count(stage->restore_batch);
    struct store_change *changes = arena_alloc(&stage->arena, (n + 1) * sizeof *changes);
    struct store_apply apply = {.prefix = stage->prefix, .partition = partition, .expected = *mark, .mark = *mark, .changes = changes};
    for (size_t i = 0; i < n; i++) {
        const struct bus_msg *msg = bus_batch_at(stage->restore_batch, i);
        struct store_change *change = &changes[apply.n_changes];
        int64_t offset;
        struct str state;
        apply.mark = msg->offset;
        *change = (struct store_change){.key = msg->key};
        if (!msg->tombstone && !snapshot_unwrap(msg->value, &offset, &change->due, &state))
            return error_set(err, ERR_FATAL, "bad_snapshot", "%s [%d] offset %lld is not a snapshot of this stage; who wrote it?",
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

static bool restore_once(struct stage *stage, struct part *part, bool *again, struct error *err)
{
    const char *topic = stage->spec->state_topic;
    struct store_read read = {.prefix = stage->prefix, .partition = part->partition};
    int64_t end;
    *again = false;
    if (!store_read(stage->store, &read, 1, &stage->arena, err) ||
            !bus_high_watermark(stage->reader, topic, part->partition, &end, err))
        return false;
    int64_t mark = read.mark;
    if (mark != STORE_NO_MARK && mark >= end) { /* the log was recreated: what Redis holds is of another world */
        if (!store_delete_mark(stage->store, stage->prefix, part->partition, err))
            return false;
        mark = STORE_NO_MARK;
    }
    part->mark = mark;
    if (mark + 1 >= end)
        return true;
    const struct bus_partition_at from = {topic, part->partition, mark == STORE_NO_MARK ? BUS_BEGINNING : mark + 1};
    bus_batch_clear(stage->restore_batch);
    if (!bus_assign(stage->reader, &from, 1, err))
        return false;
    int64_t deadline = monotonic_ms() + RESTORE_MS;
    bool done = false;
    while (!done && !*again) {
        if (stopping(stage) || monotonic_ms() > deadline)
            return error_set(err, ERR_FATAL, "restore_ended", "restore of %s [%d] ended before offset %lld: %s", topic, (int)part->partition,
                    (long long)end, stopping(stage) ? "asked to stop" : "a transaction stays open, or the broker is away");
        if (!bus_poll(stage->reader, stage->restore_batch, RESTORE_CHUNK, 100, false, err))
            return false;
        size_t n = bus_batch_count(stage->restore_batch);
        /* An end before the high watermark means a transaction is still open: wait for it. */
        done = bus_batch_end(stage->restore_batch) >= end || (n && bus_batch_at(stage->restore_batch, n - 1)->offset >= end - 1);
        if (done || n >= RESTORE_CHUNK || bus_batch_bytes(stage->restore_batch) >= RESTORE_CHUNK_BYTES) {
            kill_point("restore");
            if (!restore_chunk(stage, part->partition, &mark, again, err))
                return false;
            arena_reset(&stage->arena);
        }
    }
    part->mark = mark;
    return true;
}

static bool restore(struct stage *stage, struct part *part, struct error *err)
{
    for (;;) {
        struct error now = {0};
        bool again = false;
        if (restore_once(stage, part, &again, &now)) {
            if (!again)
                break;
            continue; /* another restorer was faster: look again */
        }
        if (now.kind == ERR_FATAL || stopping(stage))
            return error_set(err, ERR_FATAL, now.code, "%s", now.text);
        log_warn("restore_retry", "stage=%s partition=%d reason=\"%s\"", stage->spec->name, (int)part->partition, now.text);
        if (!redis_again(stage, err))
            return false;
    }
    metric_add(stage->metrics.restores, 1);
    log_info("restored", "stage=%s partition=%d mark=%lld", stage->spec->name, (int)part->partition, (long long)part->mark);
    return true;
}

static bool restore_all(struct stage *stage, struct error *err)
{
    for (size_t i = 0; i < stage->n_parts; i++)
        if (!restore(stage, &stage->parts[i], err))
            return false;
    arena_reset(&stage->arena);
    return true;
}

/* R13: an idle stage notices an emptied Redis too. */
static bool check_marks(struct stage *stage, struct error *err)
{
    struct store_read *reads = arena_alloc(&stage->arena, (stage->n_parts + 1) * sizeof *reads);
    for (size_t i = 0; i < stage->n_parts; i++)
        reads[i] = (struct store_read){.prefix = stage->prefix, .partition = stage->parts[i].partition};
    struct error now = {0};
    bool same = store_read(stage->store, reads, stage->n_parts, &stage->arena, &now);
    if (!same) {
        log_warn("redis_error", "stage=%s reason=\"%s\"", stage->spec->name, now.text);
        if (now.kind == ERR_FATAL || !redis_again(stage, err))
            return error_set(err, ERR_FATAL, now.code, "%s", now.text);
    }
    for (size_t i = 0; same && i < stage->n_parts; i++)
        same = reads[i].mark == stage->parts[i].mark;
    return same || (log_warn("marks_differ", "stage=%s", stage->spec->name), restore_all(stage, err));
}

/* ---- rebalance ---- */

static bool on_assigned(void *ctx, struct bus_partition_at *at, size_t n, struct error *err)
{
    struct stage *stage = ctx;
    kill_point("assign");
    if (n > PARTITIONS_MAX)
        return error_set(err, ERR_FATAL, "too_many_partitions", "%zu partitions for one instance, %d at most: run more instances", n, PARTITIONS_MAX);
    stage->n_parts = n;
    for (size_t i = 0; i < n; i++) {
        stage->parts[i] = (struct part){.partition = at[i].partition, .mark = STORE_NO_MARK, .position = -1};
        if (!stage->spec->state_topic)
            continue;
        if (!bus_high_watermark(stage->reader, at[i].topic, at[i].partition, &stage->parts[i].input_end, err) || !restore(stage, &stage->parts[i], err))
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

/* ---- a turn ---- */

struct table {
    struct stage_entry **buckets;
    size_t mask;
    struct stage_entry **entries; /* in order of first appearance */
    size_t n;
};

static struct stage_entry *table_get(struct table *table, struct arena *arena, int32_t partition, struct str key)
{
    uint64_t hash = 14695981039346656037u ^ (uint32_t)partition; /* FNV-1a */
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.ptr[i]) * 1099511628211u;
    struct stage_entry **bucket = &table->buckets[(hash ^ hash >> 32) & table->mask];
    for (struct stage_entry *entry = *bucket; entry; entry = entry->next)
        if (entry->partition == partition && str_eq(entry->key, key))
            return entry;
    struct stage_entry *entry = arena_alloc(arena, sizeof *entry);
    *entry = (struct stage_entry){.partition = partition, .key = key, .reflected = -1, .produced = -1, .next = *bucket};
    return table->entries[table->n++] = *bucket = entry;
}

static struct table table_new(struct arena *arena, size_t n)
{
    struct table table = {.mask = 1};
    while (table.mask < 2 * n)
        table.mask *= 2;
    table.buckets = arena_alloc(arena, table.mask * sizeof(struct stage_entry *));
    memset(table.buckets, 0, table.mask * sizeof(struct stage_entry *));
    table.mask--;
    table.entries = arena_alloc(arena, (n + 1) * sizeof(struct stage_entry *));
    return table;
}

/* Mark and states of the batch's keys in one round trip. *same: every mark is the expected one. */
static bool read_states(struct stage *stage, struct table *table, bool *same, struct error *err)
{
    struct arena *arena = &stage->arena;
    struct store_read *reads = arena_alloc(arena, (stage->n_parts + 1) * sizeof *reads);
    struct stage_entry **sorted = arena_alloc(arena, (table->n + 1) * sizeof(struct stage_entry *));
    size_t n_reads = 0, at = 0;
    for (size_t p = 0; p < stage->n_parts; p++) {
        struct store_read *read = &reads[n_reads];
        struct str *keys = arena_alloc(arena, (table->n + 1) * sizeof *keys);
        *read = (struct store_read){.prefix = stage->prefix, .partition = stage->parts[p].partition, .keys = keys};
        for (size_t i = 0; i < table->n; i++)
            if (table->entries[i]->partition == read->partition) {
                keys[read->n_keys++] = table->entries[i]->key;
                sorted[at++] = table->entries[i];
            }
        n_reads += read->n_keys > 0;
    }
    if (!store_read(stage->store, reads, n_reads, arena, err))
        return false;
    *same = true;
    at = 0;
    for (size_t r = 0; r < n_reads; r++) {
        const struct part *part = part_find(stage, reads[r].partition);
        *same = *same && part && (reads[r].mark == part->mark || control_breaks("no_mark_check"));
        for (size_t k = 0; k < reads[r].n_keys; k++) {
            struct stage_entry *entry = sorted[at++];
            entry->state = (struct str){0};
            entry->reflected = -1;
            entry->due = (instant){0};
            if (reads[r].states[k].ptr && !snapshot_unwrap(reads[r].states[k], &entry->reflected, &entry->due, &entry->state))
                *same = false; /* not ours: restoring from the log overwrites it */
        }
    }
    return true;
}

static bool load_states(struct stage *stage, struct table *table, struct error *err)
{
    for (;;) {
        struct error now = {0};
        bool same = false;
        if (read_states(stage, table, &same, &now) && same)
            return true;
        if (now.kind == ERR_FATAL)
            return error_set(err, ERR_FATAL, now.code, "%s", now.text);
        log_warn("state_reload", "stage=%s reason=\"%s\"", stage->spec->name, now.kind ? now.text : "marks differ");
        if (now.kind && !redis_again(stage, err))
            return false;
        for (size_t i = 0; i < stage->n_parts; i++) { /* not restore_all: the batch's arena must stay */
            struct arena kept = stage->arena;
            stage->arena = (struct arena){0};
            bool ok = restore(stage, &stage->parts[i], err);
            arena_done(&stage->arena);
            stage->arena = kept;
            if (!ok)
                return false;
        }
    }
}

static const struct error *poisoned(const struct stage *stage, const struct bus_msg *msg)
{
    for (size_t i = 0; i < stage->n_poison; i++)
        if (stage->poison[i].partition == msg->partition && stage->poison[i].offset == msg->offset)
            return &stage->poison[i].err;
    return NULL;
}

/* Is this message reflected in its key's state already? *ok false: the state knows a later input than the input has. */
static bool reflected(struct stage *stage, const struct bus_msg *msg, const struct stage_entry *entry, bool *ok, struct error *err)
{
    const struct part *part = part_find(stage, msg->partition);
    *ok = true;
    if (!entry || msg->offset > entry->reflected)
        return false;
    if (part && entry->reflected >= part->input_end && entry->reflected > part->position)
        *ok = error_set(err, ERR_FATAL, "input_recreated", "%.*s [%d] is shorter than what %s reflects: was the topic recreated? Recreate the state topic with it",
                STR_ARG(msg->topic), (int)msg->partition, stage->spec->state_topic);
    return true;
}

static bool decide(struct stage *stage, struct table *table, instant now, struct error *err)
{
    const struct stage_spec *spec = stage->spec;
    static const struct error wrong_partition = {ERR_INVALID, "wrong_partition", "the key does not belong into this partition: the producer must partition by murmur2 of the key"};
    size_t n = bus_batch_count(stage->batch);
    for (size_t i = 0; i < n; i++) {
        const struct bus_msg *msg = bus_batch_at(stage->batch, i);
        struct stage_entry *entry = spec->state_topic ? table_get(table, &stage->arena, msg->partition, msg->key) : NULL;
        stage_out_begin(stage->out, msg, (uint32_t)i, entry, now);
        bool ok;
        const struct error *poison;
        if (reflected(stage, msg, entry, &ok, err)) {
            if (!ok)
                return false;
            metric_add(stage->metrics.skipped, 1);
        } else if ((poison = poisoned(stage, msg))) {
            stage_dead_letter(stage->out, poison);
        } else if (entry && bus_partition(msg->key, stage->n_partitions) != msg->partition) {
            stage_dead_letter(stage->out, &wrong_partition);
        } else {
            spec->decide(spec->ctx, msg, entry ? entry->state : (struct str){0}, now, stage->out);
        }
    }
    return true;
}

static void remember_poison(struct stage *stage, size_t record, const struct error *err)
{
    const struct bus_msg *msg = bus_batch_at(stage->batch, stage->out->inputs[record]);
    stage->poison[stage->n_poison++ % POISON_MAX] = (struct poison){msg->partition, msg->offset, *err};
    if (stage->n_poison > POISON_MAX)
        stage->n_poison = POISON_MAX;
}

static bool produce_all(struct stage *stage, struct table *table, struct error *err)
{
    const struct bus_record *records;
    size_t n = stage_out_records(stage->out, &records);
    for (size_t i = 0; i < n; i++) {
        if (i == n / 2)
            kill_point("mid_produce");
        if (!bus_produce(stage->producer, &records[i], err)) {
            if (strcmp(err->code, "output_too_large") == 0)
                remember_poison(stage, i, err);
            return false;
        }
    }
    for (size_t i = 0; i < table->n; i++) {
        struct stage_entry *entry = table->entries[i];
        if (!entry->dirty)
            continue;
        bool drop = entry->state.ptr == NULL;
        const struct bus_record record = {
                .topic = stage->spec->state_topic,
                .partition = entry->partition,
                .key = entry->key,
                .value = drop ? (struct str){0} : (entry->state = snapshot_wrap(&stage->arena, entry)),
                .tombstone = drop,
                .offset = &entry->produced,
        };
        if (!bus_produce(stage->producer, &record, err))
            return false;
    }
    return true;
}

#ifdef CHUISHAO_KILL_POINTS
bool bus_commit_outside(struct bus_consumer *consumer, const struct bus_partition_at *parts, size_t n);
#endif

/* The positions reached by the batch, one per topic and partition. */
static size_t positions(struct stage *stage, struct bus_partition_at *out)
{
    size_t n = 0;
    for (size_t i = bus_batch_count(stage->batch); i-- > 0;) { /* from the end: the last offset of a partition comes first */
        const struct bus_msg *msg = bus_batch_at(stage->batch, i);
        size_t k = 0;
        while (k < n && !(out[k].partition == msg->partition && (out[k].topic == msg->topic.ptr || strcmp(out[k].topic, msg->topic.ptr) == 0)))
            k++;
        if (k < n)
            continue;
        out[n++] = (struct bus_partition_at){msg->topic.ptr, msg->partition, msg->offset + 1};
        if (n == stage->n_parts)
            break;
    }
    return n;
}

/* One Kafka transaction: outputs, state snapshots, input offsets. *begun tells whether there is something to abort. */
static bool commit(struct stage *stage, struct table *table, bool *begun, struct error *err)
{
    struct bus_partition_at *at = arena_alloc(&stage->arena, (stage->n_parts + 1) * sizeof *at);
    size_t n = positions(stage, at);
    int64_t wait = stage->last_commit_ms + COMMIT_GAP_MS - monotonic_ms();
    if (wait > 0)
        pause_ms((int)wait);
#ifdef CHUISHAO_KILL_POINTS
    bool outside = control_breaks("offsets_outside");
    if (outside) {
        (void)bus_commit_outside(stage->consumer, at, n);
        kill_point("outside");
    }
#else
    bool outside = false;
#endif
    if (!bus_begin(stage->producer, err))
        return false;
    *begun = true;
    if (!produce_all(stage, table, err))
        return false;
    kill_point("produced");
    if (!outside && !bus_send_offsets(stage->producer, stage->consumer, at, n, err))
        return false;
    kill_point("offsets");
    if (!bus_commit(stage->producer, err))
        return false;
    stage->last_commit_ms = monotonic_ms();
    for (size_t i = 0; i < n; i++) {
        struct part *part = stage->spec->state_topic ? part_find(stage, at[i].partition) : NULL;
        if (part)
            part->position = at[i].offset - 1;
    }
    kill_point("commit");
    return true;
}

/* Redis follows, under each partition's mark. Anything doubtful ends in a restore. */
static bool apply(struct stage *stage, struct table *table, struct error *err)
{
    struct arena *arena = &stage->arena;
    struct store_apply *applies = arena_alloc(arena, (stage->n_parts + 1) * sizeof *applies);
    struct part **parts = arena_alloc(arena, (stage->n_parts + 1) * sizeof(struct part *));
    size_t n = 0;
    bool known = true;
    for (size_t p = 0; p < stage->n_parts; p++) {
        struct store_change *changes = arena_alloc(arena, (table->n + 1) * sizeof *changes);
        struct store_apply *one = &applies[n];
        *one = (struct store_apply){.prefix = stage->prefix, .partition = stage->parts[p].partition, .expected = stage->parts[p].mark,
                .mark = stage->parts[p].mark, .changes = changes};
        for (size_t i = 0; i < table->n; i++) {
            const struct stage_entry *entry = table->entries[i];
            if (!entry->dirty || entry->partition != one->partition)
                continue;
            changes[one->n_changes++] = (struct store_change){entry->key, entry->state, entry->due};
            known = known && entry->produced >= 0;
            if (entry->produced > one->mark)
                one->mark = entry->produced;
        }
        if (one->n_changes)
            parts[n++] = &stage->parts[p];
    }
    if (n == 0)
        return true;
    kill_point("mid_apply");
    struct error now = {0};
    if (known && store_apply(stage->store, applies, n, &now)) {
        for (size_t i = 0; i < n; i++) {
            known = known && applies[i].applied;
            if (applies[i].applied)
                parts[i]->mark = applies[i].mark;
        }
        if (known)
            return true;
    }
    log_warn("apply_restores", "stage=%s reason=\"%s\"", stage->spec->name, now.kind ? now.text : "the mark had moved");
    if (now.kind && !redis_again(stage, err))
        return false;
    return restore_all(stage, err);
}

/* The transaction is given up: the batch is read again from the committed offsets, or another instance reads it. */
static bool give_up(struct stage *stage, bool begun, const struct error *why, struct error *err)
{
    const char *topic = bus_failed_topic(stage->producer);
    metric_add(stage->metrics.aborted, 1);
    log_warn("aborted", "stage=%s code=%s reason=\"%s\"", stage->spec->name, why->code, why->text);
    if (why->kind == ERR_FATAL || ++stage->aborts > ABORT_TRIES)
        return error_set(err, ERR_FATAL, why->code, "%s", why->text);
    if (topic && stage->spec->output_failed)
        stage->spec->output_failed(stage->spec->ctx, topic);
    if (begun && !bus_abort(stage->producer, err))
        return false;
    bus_batch_clear(stage->batch);
    pause_ms(stage->aborts > 1 ? 100 * stage->aborts : 1);
    uint64_t epoch = bus_epoch(stage->consumer);
    if (!bus_poll(stage->consumer, stage->batch, 1, 0, false, err)) /* the revoke that a lost membership brings */
        return false;
    bool read_on = bus_batch_count(stage->batch) > 0;
    bus_batch_clear(stage->batch);
    return (bus_epoch(stage->consumer) != epoch && !read_on) || bus_reposition(stage->consumer, err);
}

static bool turn(struct stage *stage, struct error *err)
{
    struct table table = {0};
    instant now = instant_now();
    size_t n = bus_batch_count(stage->batch);
    stage_out_reset(stage->out);
    kill_point("consume");
    if (stage->spec->state_topic) {
        table = table_new(&stage->arena, n);
        for (size_t i = 0; i < n; i++) {
            const struct bus_msg *msg = bus_batch_at(stage->batch, i);
            (void)table_get(&table, &stage->arena, msg->partition, msg->key); /* makes the entry */
        }
        if (!load_states(stage, &table, err))
            return false;
        kill_point("read");
    }
    if (!decide(stage, &table, now, err))
        return false;
    bool begun = false;
    struct error why = {0};
    if (!commit(stage, &table, &begun, &why))
        return give_up(stage, begun, &why, err);
    stage->aborts = 0;
    stage->n_poison = 0;
    if (stage->spec->state_topic && !apply(stage, &table, err))
        return false;
    kill_point("applied");
    metric_add(stage->metrics.commits, 1);
    metric_add(stage->metrics.consumed, (int64_t)n);
    metric_add(stage->metrics.produced, (int64_t)stage->out->n);
    metric_set(stage->metrics.batch, (double)n);
    stage_out_count(stage->out);
    return true;
}

/* Collects one batch: from the first message for commit_ms, longer when behind. False: an error. */
static bool collect(struct stage *stage, struct error *err)
{
    const struct stage_config *config = &stage->config;
    uint64_t epoch = bus_epoch(stage->consumer);
    bus_batch_clear(stage->batch);
    if (!bus_poll(stage->consumer, stage->batch, POLL_MESSAGES, IDLE_MS, false, err))
        return false;
    int64_t start = monotonic_ms();
    while (bus_batch_count(stage->batch) && !stopping(stage)) {
        size_t n = bus_batch_count(stage->batch);
        int64_t window = n >= BUSY_MESSAGES ? config->commit_busy_ms : config->commit_ms;
        int64_t left = start + window - monotonic_ms();
        if (left <= 0 || n >= config->batch_max || bus_batch_bytes(stage->batch) >= config->batch_bytes)
            break;
        size_t most = n + POLL_MESSAGES < config->batch_max ? n + POLL_MESSAGES : config->batch_max;
        if (!bus_poll(stage->consumer, stage->batch, most, left < 10 ? (int)left : 10, true, err))
            return false;
    }
    if (bus_epoch(stage->consumer) == epoch || bus_batch_count(stage->batch) == 0)
        return true;
    /* R8: a rebalance in between. Some of these may not be ours any more, and the first of the new assignment may be among
     * them: drop all and read on from the committed offsets. */
    bus_batch_clear(stage->batch);
    return bus_reposition(stage->consumer, err);
}

/* Keys of our own due index. */
static bool look_at_due(struct stage *stage, struct error *err)
{
    for (size_t p = 0; p < stage->n_parts; p++) {
        struct store_due due[DUE_MAX];
        size_t n = 0;
        instant now;
        struct error ours = {0};
        if (!store_due_claim(stage->store, stage->prefix, stage->parts[p].partition, DUE_MAX, DUE_LEASE_MS, &stage->arena, due, &n, &now, &ours)) {
            log_warn("redis_error", "stage=%s reason=\"%s\"", stage->spec->name, ours.text);
            return ours.kind == ERR_FATAL ? error_set(err, ERR_FATAL, ours.code, "%s", ours.text) : true; /* the check of the marks deals with it */
        }
        int64_t from = INT64_MAX;
        for (size_t i = 0; i < n; i++) {
            struct store_read read = {.prefix = stage->prefix, .partition = stage->parts[p].partition, .keys = &due[i].key, .n_keys = 1};
            struct str state;
            int64_t offset;
            instant at;
            if (store_read(stage->store, &read, 1, &stage->arena, &ours) && read.mark == stage->parts[p].mark && read.states[0].ptr &&
                    snapshot_unwrap(read.states[0], &offset, &at, &state) && stage->spec->due(stage->spec->ctx, due[i].key, state) && offset + 1 < from)
                from = offset + 1;
        }
        const struct bus_partition_at at = {stage->spec->inputs[0], stage->parts[p].partition, from};
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
    if (stage->spec->state_topic && stage->n_parts && !check_marks(stage, err))
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
        if (bus_batch_count(stage->batch) && !*stop && !turn(stage, err))
            return *stop != 0;
    }
    return true;
}

bool stage_ready(const struct stage *stage)
{
    return atomic_load(&stage->ready);
}

/* ---- opening ---- */

static struct metric *stage_metric(struct stage *stage, const char *name, const char *help, bool gauge)
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
        return error_set(err, ERR_FATAL, "bad_stage", "a stage with a state has one input");
    if (!bus_partitions(stage->reader, spec->inputs[0], &inputs, err) || !bus_partitions(stage->reader, spec->state_topic, &stage->n_partitions, err))
        return false;
    if (inputs == 0 || stage->n_partitions == 0)
        return error_set(err, ERR_RETRY, "unknown_topic", "topic %s does not exist; create it with: chuishao topics apply", inputs ? spec->state_topic : spec->inputs[0]);
    if (inputs != stage->n_partitions)
        return error_set(err, ERR_FATAL, "partition_count", "%s has %d partitions and %s %d: they must be equal, partition N of one belongs to partition N of the other",
                spec->inputs[0], (int)inputs, spec->state_topic, (int)stage->n_partitions);
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
    if (spec->state_topic && (!store_open(&stage->store, stage->config.redis_url, stage->config.redis_force, err) || !bus_reader(&stage->reader, &bus, err) || !check_counts(stage, err)))
        return false;
    return bus_subscribe(&stage->consumer, &bus, spec->inputs, spec->n_inputs, rebalance, err);
}

bool stage_open(struct stage **out, const struct stage_spec *spec, const struct stage_config *config, struct error *err)
{
    struct stage *stage = calloc(1, sizeof *stage);
    if (!stage)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for the stage");
    stage->spec = spec;
    stage->config = *config;
    const char *dot = config->lane[0] ? "." : "";
    (void)snprintf(stage->group, sizeof stage->group, "chuishao.%s%s%s", spec->name, dot, config->lane);
    (void)snprintf(stage->prefix, sizeof stage->prefix, "chuishao%s%s.%s", dot, config->lane, spec->name);
    (void)snprintf(stage->client, sizeof stage->client, "chuishao-%s", config->bus.instance);
    stage->batch = bus_batch_new();
    stage->restore_batch = bus_batch_new();
    stage->out = stage_out_new(&stage->out_arena, spec->name);
    stage->out->arena = &stage->arena;
    stage->metrics.consumed = stage_metric(stage, "chuishao_events_consumed_total", "Messages decided and committed", false);
    stage->metrics.produced = stage_metric(stage, "chuishao_events_produced_total", "Records sent in committed transactions", false);
    stage->metrics.commits = stage_metric(stage, "chuishao_commits_total", "Kafka transactions committed", false);
    stage->metrics.aborted = stage_metric(stage, "chuishao_aborts_total", "Kafka transactions given up", false);
    stage->metrics.restores = stage_metric(stage, "chuishao_restores_total", "Partitions whose Redis state was brought level with the log", false);
    stage->metrics.restored = stage_metric(stage, "chuishao_restored_records_total", "Snapshots read back from the log", false);
    stage->metrics.skipped = stage_metric(stage, "chuishao_skipped_total", "Messages their key's state reflected already", false);
    stage->metrics.lag = stage_metric(stage, "chuishao_consumer_lag", "Messages behind the end of the input; -1 unknown", true);
    stage->metrics.batch = stage_metric(stage, "chuishao_batch_messages", "Messages in the last batch", true);
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
