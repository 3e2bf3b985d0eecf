#include "projection.h"
#include "instant.h"
#include "log.h"
#include "metrics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    TURN_MESSAGES = 2000, /* in one SQLite transaction */
    TURN_WAIT_MS = 200,   /* for the first message */
    TURN_FILL_MS = 50,    /* for more of them */
    BETWEEN_MS = 1000,
    DISCOVER_MS = 10000, /* how often topics are looked for and logs are checked for
                            having been recreated */
    DISCOVER_MISSING_MS = 1000, /* … while a required topic is missing */
    START_WAIT_MS = 30000, /* for a broker that is away, or elects its leaders, before
                              anything was followed */
};

struct position {
    char *topic;
    int32_t partition;
    int64_t next, committed; /* -1: none */
};

struct projection {
    const struct projection_spec *spec;
    struct sql *db;
    struct sql_stmt *begin, *commit, *rollback, *save;
    struct position *positions; /* few: one per partition followed */
    size_t n, cap, last;        /* last: the one found last, messages come in runs */
    struct metric *taken, *skipped, *behind;
    _Atomic bool ready;
    _Atomic int64_t lag;
};

static const char OWN_SCHEMA[] =
        "CREATE TABLE position(topic TEXT, partition INTEGER, next INTEGER NOT NULL,"
        " PRIMARY KEY(topic, partition)) WITHOUT ROWID;"
        "CREATE TABLE projection(version INTEGER NOT NULL);";

static void *projection_alloc(void *old, size_t size)
{
    void *p = realloc(old, size);
    if (!p) {
        (void)fprintf(
                stderr, "out_of_memory bytes=%zu\n", size); /* nothing else can be done */
        exit(EX_OSERR);
    }
    return p;
}

/* ---- positions ---- */

static bool position_is(
        const struct position *position, struct str topic, int32_t partition)
{
    return position->partition == partition && str_is(topic, position->topic);
}

static struct position *position_find(
        const struct projection *projection, struct str topic, int32_t partition)
{
    for (size_t i = 0; i < projection->n; i++)
        if (position_is(&projection->positions[i], topic, partition))
            return &projection->positions[i];
    return NULL;
}

static struct position *position_get(
        struct projection *projection, struct str topic, int32_t partition)
{
    if (projection->last < projection->n &&
            position_is(&projection->positions[projection->last], topic, partition))
        return &projection->positions[projection->last];
    struct position *found = position_find(projection, topic, partition);
    if (!found) {
        if (projection->n == projection->cap) {
            projection->cap = projection->cap ? projection->cap * 2 : 64;
            projection->positions = projection_alloc(projection->positions,
                    projection->cap * sizeof *projection->positions);
        }
        char *name = projection_alloc(NULL, topic.len + 1);
        memcpy(name, topic.ptr, topic.len);
        name[topic.len] = 0;
        found = &projection->positions[projection->n++];
        *found = (struct position){name, partition, -1, -1};
    }
    projection->last = (size_t)(found - projection->positions);
    return found;
}

static void positions_forget(struct projection *projection)
{
    for (size_t i = 0; i < projection->n; i++)
        free(projection->positions[i].topic);
    projection->n = 0;
}

static bool positions_load(struct projection *projection, struct error *err)
{
    struct sql_stmt *stmt;
    if (!sql_prepare(&stmt, projection->db, "SELECT topic, partition, next FROM position",
                err))
        return false;
    bool row, ok;
    while ((ok = sql_step(stmt, &row, err)) && row) {
        struct position *position = position_get(
                projection, sql_str(stmt, 0), (int32_t)sql_int(stmt, 1));
        position->next = position->committed = sql_int(stmt, 2);
    }
    sql_done(stmt);
    return ok;
}

/* ---- the file ---- */

static bool read_int(struct sql *db, const char *query, int64_t *value, struct error *err)
{
    struct sql_stmt *stmt;
    bool row = false;
    if (!sql_prepare(&stmt, db, query, err))
        return false;
    bool ok = sql_step(stmt, &row, err);
    *value = row ? sql_int(stmt, 0) : 0;
    sql_done(stmt);
    return ok;
}

/* The next table to drop; false in *found when none is left. */
static bool next_table(
        struct sql *db, char *name, size_t size, bool *found, struct error *err)
{
    struct sql_stmt *stmt;
    if (!sql_prepare(&stmt, db,
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                "'sqlite_%'",
                err))
        return false;
    bool ok = sql_step(stmt, found, err);
    if (*found)
        ok = str_copy(name, size, sql_str(stmt, 0)) ||
             error_set(err, ERR_FATAL, "sqlite",
                     "a table's name is longer than any of ours");
    sql_done(stmt);
    return ok;
}

static bool drop_tables(struct sql *db, struct error *err)
{
    char name[64], text[96];
    bool found = false;
    while (next_table(db, name, sizeof name, &found, err)) {
        if (!found)
            return true;
        (void)snprintf(text, sizeof text, "DROP TABLE \"%s\"",
                name); /* a name of our own schema */
        if (!sql_exec(db, text, err))
            return false;
    }
    return false;
}

static bool make_tables(struct projection *projection, struct error *err)
{
    char text[80];
    (void)snprintf(text, sizeof text, "INSERT INTO projection VALUES (%d)",
            projection->spec->schema_version);
    return sql_exec(projection->db, "BEGIN IMMEDIATE", err) &&
           drop_tables(projection->db, err) &&
           sql_exec(projection->db, OWN_SCHEMA, err) &&
           sql_exec(projection->db, projection->spec->schema, err) &&
           sql_exec(projection->db, text, err) && sql_exec(projection->db, "COMMIT", err);
}

static bool ensure_tables(struct projection *projection, struct error *err)
{
    int64_t known, version = -1;
    if (!read_int(projection->db,
                "SELECT count(*) FROM sqlite_master WHERE name = 'projection'", &known,
                err) ||
            (known && !read_int(projection->db, "SELECT version FROM projection",
                              &version, err)))
        return false;
    return version == projection->spec->schema_version || make_tables(projection, err);
}

static bool file_open(struct projection *projection, const char *path, struct error *err)
{
    return sql_open(&projection->db, path, false, err) &&
           ensure_tables(projection, err) && positions_load(projection, err) &&
           sql_prepare(&projection->begin, projection->db, "BEGIN IMMEDIATE", err) &&
           sql_prepare(&projection->commit, projection->db, "COMMIT", err) &&
           sql_prepare(&projection->rollback, projection->db, "ROLLBACK", err) &&
           sql_prepare(&projection->save, projection->db,
                   "INSERT OR REPLACE INTO position VALUES (?1, ?2, ?3)", err);
}

static void file_close(struct projection *projection)
{
    sql_done(projection->begin);
    sql_done(projection->commit);
    sql_done(projection->rollback);
    sql_done(projection->save);
    sql_close(projection->db);
    projection->db = NULL;
    projection->begin = projection->commit = projection->rollback = projection
                                                                            ->save = NULL;
    positions_forget(projection);
}

static void file_remove(const char *path)
{
    static const char *const tails[] = {"", "-wal", "-shm"};
    char name[1024];
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        (void)snprintf(
                name, sizeof name, "%s%s", path, tails[i]); /* a cut name is not there */
        (void)unlink(name); /* what stays is found damaged again */
    }
}

static struct metric *labelled(
        struct metric *(*make)(const char *, const char *, const char *),
        const struct projection_spec *spec, const char *name, const char *help)
{
    char labels[80];
    (void)snprintf(labels, sizeof labels, "projection=\"%s\"",
            spec->name); /* our own short names */
    return make(name, labels, help);
}

void projection_path(char *out, size_t size, const struct config_common *config,
        const char *name, const char *given)
{
    if (given[0])
        (void)snprintf(out, size, "%s", given);
    else
        (void)snprintf(out, size, "%s%s%s%s%s.sqlite", config->run_dir,
                config->run_dir[0] ? "/" : "", name, config->lane[0] ? "." : "",
                config->lane);
}

bool projection_open(struct projection **out, const struct projection_spec *spec,
        const char *path, struct error *err)
{
    struct projection *projection = projection_alloc(NULL, sizeof *projection);
    *projection = (struct projection){.spec = spec};
    atomic_store(&projection->lag, -1);
    struct error first = {0};
    bool ok = file_open(projection, path, &first);
    if (!ok && first.kind == ERR_INVALID) {
        log_warn("projection_damaged", "projection=%s code=%s action=rebuild", spec->name,
                first.code);
        file_close(projection);
        file_remove(path);
        first = (struct error){0};
        ok = file_open(projection, path, &first);
    }
    if (!ok) {
        if (err && err->kind == ERR_NONE)
            *err = first;
        error_prefix(err, "open %s", path);
        projection_close(projection);
        return false;
    }
    projection->taken = labelled(metric_counter, spec,
            "chuishao_projection_messages_total", "messages written into the file");
    projection->skipped = labelled(metric_counter, spec,
            "chuishao_projection_skipped_total",
            "messages that could not be understood and were passed over");
    projection->behind = labelled(
            metric_gauge, spec, "chuishao_projection_lag", "messages not yet written");
    *out = projection;
    return true;
}

void projection_close(struct projection *projection)
{
    if (!projection)
        return;
    file_close(projection);
    free(projection->positions);
    free(projection);
}

struct sql *projection_sql(struct projection *projection)
{
    return projection->db;
}

/* ---- a turn ---- */

bool projection_begin(struct projection *projection, struct error *err)
{
    return sql_run(projection->begin, err);
}

bool projection_take(
        struct projection *projection, const struct bus_msg *msg, struct error *err)
{
    struct position *position = position_get(projection, msg->topic, msg->partition);
    if (msg->offset < position->next)
        return true;
    struct error why = {0};
    if (projection->spec->apply(projection->spec->ctx, msg, &why)) {
        metric_add(projection->taken, 1);
    } else if (why.kind == ERR_INVALID && strcmp(why.code, "damaged_file") != 0) {
        metric_add(projection->skipped, 1);
        log_warn("projection_skipped", "topic=%.*s partition=%d offset=%lld code=%s",
                STR_ARG(msg->topic), (int)msg->partition, (long long)msg->offset,
                why.code);
    } else {
        if (err && err->kind == ERR_NONE)
            *err = why;
        error_prefix(err, "%.*s [%d] offset %lld", STR_ARG(msg->topic),
                (int)msg->partition, (long long)msg->offset);
        return false;
    }
    position->next = msg->offset + 1;
    return true;
}

bool projection_commit(struct projection *projection, struct error *err)
{
    for (size_t i = 0; i < projection->n; i++) {
        const struct position *position = &projection->positions[i];
        if (position->next == position->committed)
            continue;
        sql_bind_str(projection->save, 1, str_of(position->topic));
        sql_bind_int(projection->save, 2, position->partition);
        sql_bind_int(projection->save, 3, position->next);
        if (!sql_run(projection->save, err))
            return false;
    }
    if (!sql_run(projection->commit, err))
        return false;
    for (size_t i = 0; i < projection->n; i++)
        projection->positions[i].committed = projection->positions[i].next;
    return true;
}

/* Fails when SQLite has rolled back by itself, which is as good. */
static void roll_back(struct projection *projection)
{
    struct error err = {0};
    if (!sql_run(projection->rollback, &err))
        log_debug("projection_rolled_back", "projection=%s code=%s",
                projection->spec->name, err.code);
}

void projection_rollback(struct projection *projection)
{
    roll_back(projection);
    for (size_t i = 0; i < projection->n; i++)
        projection->positions[i].next = projection->positions[i].committed;
}

int64_t projection_position(
        const struct projection *projection, const char *topic, int32_t partition)
{
    const struct position *position = position_find(projection, str_of(topic), partition);
    return position ? position->next : -1;
}

bool projection_reset(struct projection *projection, struct error *err)
{
    if (!make_tables(projection, err)) {
        roll_back(projection);
        return false;
    }
    for (size_t i = 0; i < projection->n; i++)
        projection->positions[i].next = projection->positions[i].committed = -1;
    return true;
}

/* ---- following Kafka ---- */

struct follow {
    struct projection *projection;
    struct bus_consumer *reader;
    struct bus_partition_at *parts;
    size_t n, cap;
    size_t assigned;    /* partitions of the current assignment */
    bool complete;      /* every required topic is there */
    int64_t give_up_at; /* until something is being followed */
};

static bool find_partitions(struct follow *follow, struct error *err)
{
    follow->n = 0;
    follow->complete = true;
    const struct projection_spec *spec = follow->projection->spec;
    for (size_t i = 0; i < spec->n_topics; i++) {
        int32_t count = 0;
        if (!bus_partitions(follow->reader, spec->topics[i], &count, err))
            return false;
        follow->complete = follow->complete && (count > 0 || i >= spec->n_required);
        for (int32_t p = 0; p < count; p++) {
            if (follow->n == follow->cap) {
                follow->cap = follow->cap ? follow->cap * 2 : 64;
                follow->parts = projection_alloc(
                        follow->parts, follow->cap * sizeof *follow->parts);
            }
            follow->parts[follow->n++] = (struct bus_partition_at){
                    spec->topics[i], p, BUS_BEGINNING};
        }
    }
    return true;
}

/* A position beyond the end of its partition belongs to a log that is gone, and with it
 * everything in the file. */
static bool check_recreated(struct follow *follow, bool *recreated, struct error *err)
{
    *recreated = false;
    for (size_t i = 0; i < follow->n && !*recreated; i++) {
        const struct bus_partition_at *part = &follow->parts[i];
        int64_t next = projection_position(
                        follow->projection, part->topic, part->partition),
                end;
        if (next <= 0)
            continue;
        if (!bus_high_watermark(follow->reader, part->topic, part->partition, &end, err))
            return false;
        *recreated = next > end;
        if (*recreated)
            log_warn("projection_recreated",
                    "topic=%s partition=%d position=%lld end=%lld action=rebuild",
                    part->topic, (int)part->partition, (long long)next, (long long)end);
    }
    return true;
}

static bool discover(struct follow *follow, struct error *err)
{
    bool recreated;
    if (!find_partitions(follow, err) || !check_recreated(follow, &recreated, err) ||
            (recreated && !projection_reset(follow->projection, err)))
        return false;
    if (recreated || follow->n != follow->assigned) {
        for (size_t i = 0; i < follow->n; i++) {
            struct bus_partition_at *part = &follow->parts[i];
            int64_t next = projection_position(
                    follow->projection, part->topic, part->partition);
            part->offset = next >= 0 ? next : BUS_BEGINNING;
        }
        if (!bus_assign(follow->reader, follow->parts, follow->n, err))
            return false;
        follow->assigned = follow->n;
        log_info("projection_follows", "projection=%s partitions=%zu complete=%d",
                follow->projection->spec->name, follow->n, follow->complete);
    }
    atomic_store(&follow->projection->ready, follow->complete);
    return true;
}

/* A broker that is away is waited for: the client reconnects by itself, the board shows
 * what it has, and the probe says not ready. Before anything was followed the wait is
 * bounded: the address may be wrong. */
static bool discover_patiently(struct follow *follow, int64_t now, struct error *err)
{
    struct error why = {0};
    if (discover(follow, &why))
        return true;
    if (why.kind == ERR_RETRY && (follow->assigned || now < follow->give_up_at) &&
            strcmp(why.code, "sqlite") != 0) {
        log_warn("projection_waits", "projection=%s code=%s",
                follow->projection->spec->name, why.code);
        atomic_store(&follow->projection->ready, false);
        return true;
    }
    *err = why;
    return false;
}

static bool take_batch(
        struct projection *projection, const struct bus_batch *batch, struct error *err)
{
    if (!projection_begin(projection, err))
        return false;
    for (size_t i = 0; i < bus_batch_count(batch); i++)
        if (!projection_take(projection, bus_batch_at(batch, i), err)) {
            projection_rollback(projection);
            return false;
        }
    if (projection_commit(projection, err))
        return true;
    projection_rollback(projection);
    return false;
}

/* What the client still counts when nothing has come for a while are the transactions'
 * own markers, one behind the last message of a partition: nobody is behind them. */
static void note_lag(struct follow *follow, bool idle)
{
    int64_t lag = bus_lag(follow->reader);
    if (idle && lag >= 0 && lag <= 2 * (int64_t)follow->assigned)
        lag = 0;
    if (follow->complete)
        atomic_store(&follow->projection->lag, lag);
    if (lag >= 0)
        metric_set(follow->projection->behind, (double)lag);
}

static bool follow_loop(struct follow *follow, struct bus_batch *batch,
        const volatile int *stop, struct error *err)
{
    struct projection *projection = follow->projection;
    int64_t discover_at = 0, between_at = 0;
    int idle = 0;
    follow->give_up_at = monotonic_ms() + START_WAIT_MS;
    while (!*stop) {
        int64_t now = monotonic_ms();
        if (now >= discover_at) {
            if (!discover_patiently(follow, now, err))
                return false;
            discover_at = now + (follow->complete && follow->assigned
                                                ? DISCOVER_MS
                                                : DISCOVER_MISSING_MS);
        }
        bus_batch_clear(batch);
        if (!bus_poll(follow->reader, batch, TURN_MESSAGES, TURN_WAIT_MS, false, err))
            return false;
        if (bus_batch_count(batch) > 0 && bus_batch_count(batch) < TURN_MESSAGES &&
                !bus_poll(follow->reader, batch, TURN_MESSAGES, TURN_FILL_MS, true, err))
            return false;
        idle = bus_batch_count(batch) ? 0 : idle + 1;
        if (bus_batch_count(batch) && !take_batch(projection, batch, err))
            return false;
        if (now >= between_at || idle == 2) {
            note_lag(follow, idle >= 2);
            if (projection->spec->between &&
                    !projection->spec->between(projection->spec->ctx, err))
                return false;
            between_at = now + BETWEEN_MS;
        }
    }
    return true;
}

bool projection_run(struct projection *projection, const struct bus_config *bus,
        const volatile int *stop, struct error *err)
{
    struct follow follow = {.projection = projection};
    struct bus_batch *batch = bus_batch_new();
    bool ok = batch != NULL ||
              error_set(err, ERR_FATAL, "out_of_memory", "no memory for a batch");
    ok = ok && bus_reader(&follow.reader, bus, err) &&
         follow_loop(&follow, batch, stop, err);
    atomic_store(&projection->ready, false);
    bus_batch_free(batch); /* before its consumer */
    bus_consumer_close(follow.reader);
    free(follow.parts);
    return ok;
}

bool projection_ready(const struct projection *projection)
{
    return atomic_load(&projection->ready);
}

int64_t projection_lag(const struct projection *projection)
{
    return atomic_load(&projection->lag);
}
