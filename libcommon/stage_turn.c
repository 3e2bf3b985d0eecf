/* One turn of the loop: read, decide, commit, apply. The order of effects is written here
 * and nowhere else. */
#include "kill_point.h"
#include "log.h"
#include "stage_internal.h"

#include <string.h>

enum {
    COMMIT_GAP_MS = 6, /* PERFORMANCE: an earlier begin would wait 20 ms inside librdkafka
                        */
    ABORT_TRIES = 20,
};

static void step_done(struct stage *stage, enum stage_step step)
{
    int64_t now = monotonic_ms();
    metric_observe(
            stage->metrics.steps[step], (double)(now - stage->step_from_ms) / 1000);
    stage->step_from_ms = now;
}

struct table {
    struct stage_entry **buckets;
    size_t mask;
    struct stage_entry **entries; /* in order of first appearance */
    size_t n;
};

static struct stage_entry *table_get(
        struct table *table, struct arena *arena, int32_t partition, struct str key)
{
    uint64_t hash = 14695981039346656037u ^ (uint32_t)partition; /* FNV-1a */
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.ptr[i]) * 1099511628211u;
    struct stage_entry **bucket = &table->buckets[(hash ^ hash >> 32) & table->mask];
    for (struct stage_entry *entry = *bucket; entry; entry = entry->next)
        if (entry->partition == partition && str_eq(entry->key, key))
            return entry;
    struct stage_entry *entry = arena_alloc(arena, sizeof *entry);
    *entry = (struct stage_entry){.partition = partition,
            .key = key,
            .reflected = -1,
            .produced = -1,
            .next = *bucket};
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

/* Mark and states of the batch's keys in one round trip. *same: every mark is the
 * expected one. */
static bool read_states(
        struct stage *stage, struct table *table, bool *same, struct error *err)
{
    struct arena *arena = &stage->arena;
    struct store_read *reads = arena_alloc(arena, (stage->n_parts + 1) * sizeof *reads);
    struct stage_entry **sorted = arena_alloc(
            arena, (table->n + 1) * sizeof(struct stage_entry *));
    size_t n_reads = 0, at = 0;
    for (size_t p = 0; p < stage->n_parts; p++) {
        struct store_read *read = &reads[n_reads];
        struct str *keys = arena_alloc(arena, (table->n + 1) * sizeof *keys);
        *read = (struct store_read){.prefix = stage->prefix,
                .partition = stage->parts[p].partition,
                .keys = keys};
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
        const struct stage_part *part = stage_part(stage, reads[r].partition);
        *same = *same && part &&
                (reads[r].mark == part->mark || control_breaks("no_mark_check"));
        for (size_t k = 0; k < reads[r].n_keys; k++) {
            struct stage_entry *entry = sorted[at++];
            entry->state = (struct str){0};
            entry->reflected = -1;
            entry->due = (instant){0};
            if (reads[r].states[k].ptr &&
                    !stage_snapshot_unwrap(reads[r].states[k], &entry->reflected,
                            &entry->due, &entry->state))
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
        log_warn("state_reload", "stage=%s reason=\"%s\"", stage->spec->name,
                now.kind ? now.text : "marks differ");
        if (now.kind && !stage_redis_again(stage, err))
            return false;
        for (size_t i = 0; i < stage->n_parts;
                i++) { /* not restore_all: the batch's arena must stay */
            struct arena kept = stage->arena;
            stage->arena = (struct arena){0};
            bool ok = stage_restore(stage, &stage->parts[i], err);
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
        if (stage->poison[i].partition == msg->partition &&
                stage->poison[i].offset == msg->offset)
            return &stage->poison[i].err;
    return NULL;
}

/* Is this message reflected in its key's state already? *ok false: the state knows a
 * later input than the input has. */
static bool reflected(struct stage *stage, const struct bus_msg *msg,
        const struct stage_entry *entry, bool *ok, struct error *err)
{
    const struct stage_part *part = stage_part(stage, msg->partition);
    *ok = true;
    if (!entry || msg->offset > entry->reflected)
        return false;
    if (part && entry->reflected >= part->input_end && entry->reflected > part->position)
        *ok = error_set(err, ERR_FATAL, "input_recreated",
                "%.*s [%d] is shorter than what %s reflects: was the topic recreated? "
                "Recreate the state topic with it",
                STR_ARG(msg->topic), (int)msg->partition, stage->spec->state_topic);
    return true;
}

static bool decide(
        struct stage *stage, struct table *table, instant now, struct error *err)
{
    const struct stage_spec *spec = stage->spec;
    static const struct error wrong_partition = {ERR_INVALID, "wrong_partition",
            "the key does not belong into this partition: the producer must partition by "
            "murmur2 of the key"};
    size_t n = bus_batch_count(stage->batch);
    for (size_t i = 0; i < n; i++) {
        const struct bus_msg *msg = bus_batch_at(stage->batch, i);
        struct stage_entry *entry = spec->state_topic ? table_get(table, &stage->arena,
                                                                msg->partition, msg->key)
                                                      : NULL;
        stage_out_begin(stage->out, msg, (uint32_t)i, entry, now);
        bool ok;
        const struct error *poison;
        if (reflected(stage, msg, entry, &ok, err)) {
            if (!ok)
                return false;
            metric_add(stage->metrics.skipped, 1);
        } else if ((poison = poisoned(stage, msg))) {
            stage_dead_letter(stage->out, poison);
        } else if (entry &&
                   bus_partition(msg->key, stage->n_partitions) != msg->partition) {
            stage_dead_letter(stage->out, &wrong_partition);
        } else {
            spec->decide(spec->ctx, msg, entry ? entry->state : (struct str){0}, now,
                    stage->out);
        }
        bus_headers_done(msg);
    }
    return true;
}

static void remember_poison(struct stage *stage, size_t record, const struct error *err)
{
    const struct bus_msg *msg = bus_batch_at(stage->batch, stage->out->inputs[record]);
    stage->poison[stage->n_poison++ % STAGE_POISON_MAX] = (struct stage_poison){
            msg->partition, msg->offset, *err};
    if (stage->n_poison > STAGE_POISON_MAX)
        stage->n_poison = STAGE_POISON_MAX;
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
                .value = drop ? (struct str){0}
                              : (entry->state = stage_snapshot_wrap(
                                         &stage->arena, entry)),
                .tombstone = drop,
                .offset = &entry->produced,
        };
        if (!bus_produce(stage->producer, &record, err))
            return false;
    }
    return true;
}

#ifdef CHUISHAO_KILL_POINTS
bool bus_commit_outside(
        struct bus_consumer *consumer, const struct bus_partition_at *parts, size_t n);
#endif

/* The positions reached by the batch, one per topic and partition. */
static size_t positions(struct stage *stage, struct bus_partition_at *out)
{
    size_t n = 0;
    for (size_t i = bus_batch_count(stage->batch);
            i-- > 0;) { /* from the end: the last offset of a partition comes first */
        const struct bus_msg *msg = bus_batch_at(stage->batch, i);
        size_t k = 0;
        while (k < n && !(out[k].partition == msg->partition &&
                                (out[k].topic == msg->topic.ptr ||
                                        strcmp(out[k].topic, msg->topic.ptr) == 0)))
            k++;
        if (k < n)
            continue;
        out[n++] = (struct bus_partition_at){
                msg->topic.ptr, msg->partition, msg->offset + 1};
        if (n == stage->n_parts)
            break;
    }
    return n;
}

/* One Kafka transaction: outputs, state snapshots, input offsets. *begun tells whether
 * there is something to abort. */
static bool commit(
        struct stage *stage, struct table *table, bool *begun, struct error *err)
{
    struct bus_partition_at *at = arena_alloc(
            &stage->arena, (stage->n_parts + 1) * sizeof *at);
    size_t n = positions(stage, at);
    int64_t wait = stage->last_commit_ms + COMMIT_GAP_MS - monotonic_ms();
    if (wait > 0)
        stage_pause((int)wait);
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
    stage->step_from_ms = monotonic_ms();
    if (!produce_all(stage, table, err))
        return false;
    kill_point("produced");
    step_done(stage, STEP_PRODUCE);
    if (!outside && !bus_send_offsets(stage->producer, stage->consumer, at, n, err))
        return false;
    kill_point("offsets");
    step_done(stage, STEP_OFFSETS);
    if (!bus_commit(stage->producer, err))
        return false;
    step_done(stage, STEP_COMMIT);
    stage->last_commit_ms = monotonic_ms();
    for (size_t i = 0; i < n; i++) {
        struct stage_part *part = stage->spec->state_topic
                                          ? stage_part(stage, at[i].partition)
                                          : NULL;
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
    struct store_apply *applies = arena_alloc(
            arena, (stage->n_parts + 1) * sizeof *applies);
    struct stage_part **parts = arena_alloc(
            arena, (stage->n_parts + 1) * sizeof(struct stage_part *));
    size_t n = 0;
    bool known = true;
    for (size_t p = 0; p < stage->n_parts; p++) {
        struct store_change *changes = arena_alloc(
                arena, (table->n + 1) * sizeof *changes);
        struct store_apply *one = &applies[n];
        *one = (struct store_apply){.prefix = stage->prefix,
                .partition = stage->parts[p].partition,
                .expected = stage->parts[p].mark,
                .mark = stage->parts[p].mark,
                .changes = changes};
        for (size_t i = 0; i < table->n; i++) {
            const struct stage_entry *entry = table->entries[i];
            if (!entry->dirty || entry->partition != one->partition)
                continue;
            changes[one->n_changes++] = (struct store_change){
                    entry->key, entry->state, entry->due};
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
    log_warn("apply_restores", "stage=%s reason=\"%s\"", stage->spec->name,
            now.kind ? now.text : "the mark had moved");
    if (now.kind && !stage_redis_again(stage, err))
        return false;
    return stage_restore_all(stage, err);
}

/* The transaction is given up: the batch is read again from the committed offsets, or
 * another instance reads it. */
static bool give_up(
        struct stage *stage, bool begun, const struct error *why, struct error *err)
{
    const char *topic = bus_failed_topic(stage->producer);
    metric_add(stage->metrics.aborted, 1);
    log_warn("aborted", "stage=%s code=%s reason=\"%s\"", stage->spec->name, why->code,
            why->text);
    if (why->kind == ERR_FATAL || ++stage->aborts > ABORT_TRIES)
        return error_set(err, ERR_FATAL, why->code, "%s", why->text);
    if (topic && stage->spec->output_failed)
        stage->spec->output_failed(stage->spec->ctx, topic);
    if (begun && !bus_abort(stage->producer, err))
        return false;
    bus_batch_clear(stage->batch);
    stage_pause(stage->aborts > 1 ? 100 * stage->aborts : 1);
    uint64_t epoch = bus_epoch(stage->consumer);
    if (!bus_poll(stage->consumer, stage->batch, 1, 0, false,
                err)) /* the revoke that a lost membership brings */
        return false;
    bool read_on = bus_batch_count(stage->batch) > 0;
    bus_batch_clear(stage->batch);
    return (bus_epoch(stage->consumer) != epoch && !read_on) ||
           bus_reposition(stage->consumer, err);
}

bool stage_turn(struct stage *stage, struct error *err)
{
    struct table table = {0};
    instant now = instant_now();
    size_t n = bus_batch_count(stage->batch);
    stage_out_reset(stage->out);
    stage->step_from_ms = monotonic_ms();
    kill_point("consume");
    if (stage->spec->state_topic) {
        table = table_new(&stage->arena, n);
        for (size_t i = 0; i < n; i++) {
            const struct bus_msg *msg = bus_batch_at(stage->batch, i);
            (void)table_get(&table, &stage->arena, msg->partition,
                    msg->key); /* makes the entry */
        }
        if (!load_states(stage, &table, err))
            return false;
        kill_point("read");
        step_done(stage, STEP_READ);
    }
    if (!decide(stage, &table, now, err))
        return false;
    step_done(stage, STEP_DECIDE);
    bool begun = false;
    struct error why = {0};
    if (!commit(stage, &table, &begun, &why))
        return give_up(stage, begun, &why, err);
    stage->aborts = 0;
    stage->n_poison = 0;
    if (stage->spec->state_topic) {
        if (!apply(stage, &table, err))
            return false;
        step_done(stage, STEP_APPLY);
    }
    kill_point("applied");
    metric_add(stage->metrics.commits, 1);
    metric_add(stage->metrics.consumed, (int64_t)n);
    metric_add(stage->metrics.produced, (int64_t)stage->out->n);
    metric_set(stage->metrics.batch, (double)n);
    stage_out_count(stage->out);
    return true;
}
