#include "board_io.h"
#include "ids.h"
#include "board_ledger.h"
#include "log.h"
#include "metrics.h"
#include "whistle_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

/* Instants are milliseconds, 0 never. `counters` and `breaches` are kept along so that
 * totals need no scan. */
const char board_schema[] =
#define X(name) " " #name " TEXT,"
        "CREATE TABLE cases(case_id TEXT PRIMARY KEY, seq INTEGER NOT NULL," BOARD_TEXTS(
                X)
#undef X
                " stage TEXT NOT NULL, outcome TEXT NOT NULL, open INTEGER NOT NULL, "
                "next_due INTEGER NOT NULL,"
                " opened_at INTEGER NOT NULL, closed_at INTEGER NOT NULL, breached "
                "INTEGER NOT NULL"
#define X(name, text) ", due_" #text " INTEGER NOT NULL, done_" #text " INTEGER NOT NULL"
        BOARD_CLOCKS(X)
#undef X
                ") WITHOUT ROWID;"
                "CREATE INDEX cases_due ON cases(next_due) WHERE open = 1 AND next_due > "
                "0;"
                "CREATE INDEX cases_open ON cases(unit, stage, next_due, opened_at, "
                "open) WHERE open = 1;" /* all that the queues read */
                "CREATE INDEX cases_unit ON cases(unit, opened_at);"
                "CREATE INDEX cases_stage ON cases(stage, opened_at);"
                "CREATE INDEX cases_opened ON cases(opened_at);"
                "CREATE INDEX cases_id ON cases(id);"
                "CREATE TABLE events(case_id TEXT, seq INTEGER, event TEXT NOT NULL, "
                "PRIMARY KEY(case_id, seq)) WITHOUT ROWID;"
                "CREATE TABLE audits(case_id TEXT, id TEXT, audit TEXT NOT NULL, PRIMARY "
                "KEY(case_id, id)) WITHOUT ROWID;"
                "CREATE TABLE accounts(code TEXT PRIMARY KEY, seq INTEGER NOT NULL, "
                "ledger TEXT, balance INTEGER NOT NULL, grade TEXT,"
                " at INTEGER NOT NULL) WITHOUT ROWID;"
                "CREATE TABLE counters(name TEXT PRIMARY KEY, n INTEGER NOT NULL) "
                "WITHOUT ROWID;"
                "CREATE TABLE breaches(unit TEXT, clock TEXT, n INTEGER NOT NULL, "
                "PRIMARY KEY(unit, clock)) WITHOUT ROWID;"
                "CREATE TABLE dead_letters(topic TEXT, stage TEXT, code TEXT, n INTEGER "
                "NOT NULL, last_at INTEGER NOT NULL,"
                " PRIMARY KEY(topic, stage, code)) WITHOUT ROWID;" WHISTLE_DB_SCHEMA;

/* ---- reading events ---- */

struct wire_clock {
    struct str clock;
    instant due;
};

struct wire_new {
    struct str stage, source, id, channel, nature, category, category_name, urgency,
            title, text, policy;
    struct str unit, order, line, master, outcome, result, clock;
    instant due;
    struct wire_place {
        struct str code, name;
    } place;
    struct json_list clocks;
};

struct wire_event {
    struct str case_id, kind;
    int64_t seq;
    instant at;
    struct wire_why {
        struct str reason, rule, policy;
    } why;
    struct wire_new fresh;
};

struct wire_audit {
    struct str id, case_id, kind;
};

#define FIELDS(table) (table), sizeof(table) / sizeof *(table)
#define TEXT(type, member)                                                               \
    {.name = #member, .kind = JSON_STR, .offset = offsetof(type, member)}

static const struct json_field clock_fields[] = {
        TEXT(struct wire_clock, clock),
        {.name = "due", .kind = JSON_INSTANT, .offset = offsetof(struct wire_clock, due)},
};

static const struct json_field place_fields[] = {
        TEXT(struct wire_place, code),
        TEXT(struct wire_place, name),
};

static const struct json_field why_fields[] = {
        TEXT(struct wire_why, reason),
        TEXT(struct wire_why, rule),
        TEXT(struct wire_why, policy),
};

static const struct json_field new_fields[] = {
        TEXT(struct wire_new, stage),
        TEXT(struct wire_new, source),
        TEXT(struct wire_new, id),
        TEXT(struct wire_new, channel),
        TEXT(struct wire_new, nature),
        TEXT(struct wire_new, category),
        TEXT(struct wire_new, category_name),
        TEXT(struct wire_new, urgency),
        TEXT(struct wire_new, title),
        TEXT(struct wire_new, text),
        TEXT(struct wire_new, policy),
        TEXT(struct wire_new, unit),
        TEXT(struct wire_new, order),
        TEXT(struct wire_new, line),
        TEXT(struct wire_new, master),
        TEXT(struct wire_new, outcome),
        TEXT(struct wire_new, result),
        TEXT(struct wire_new, clock),
        {.name = "due", .kind = JSON_INSTANT, .offset = offsetof(struct wire_new, due)},
        {.name = "place",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct wire_new, place),
                .max = sizeof place_fields / sizeof *place_fields,
                .sub = place_fields},
        {.name = "clocks",
                .kind = JSON_LIST,
                .offset = offsetof(struct wire_new, clocks),
                .max = sizeof clock_fields / sizeof *clock_fields,
                .sub = clock_fields,
                .item_size = sizeof(struct wire_clock)},
};

static const struct json_field event_fields[] = {
        {.name = "case",
                .kind = JSON_STR,
                .offset = offsetof(struct wire_event, case_id),
                .required = true},
        {.name = "kind",
                .kind = JSON_STR,
                .offset = offsetof(struct wire_event, kind),
                .required = true},
        {.name = "seq",
                .kind = JSON_INT,
                .offset = offsetof(struct wire_event, seq),
                .required = true},
        {.name = "at",
                .kind = JSON_INSTANT,
                .offset = offsetof(struct wire_event, at),
                .required = true},
        {.name = "why",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct wire_event, why),
                .max = sizeof why_fields / sizeof *why_fields,
                .sub = why_fields},
        {.name = "new",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct wire_event, fresh),
                .max = sizeof new_fields / sizeof *new_fields,
                .sub = new_fields},
};

static const struct json_field audit_fields[] = {
        {.name = "id",
                .kind = JSON_STR,
                .offset = offsetof(struct wire_audit, id),
                .required = true},
        {.name = "case",
                .kind = JSON_STR,
                .offset = offsetof(struct wire_audit, case_id)},
        {.name = "kind",
                .kind = JSON_STR,
                .offset = offsetof(struct wire_audit, kind),
                .required = true},
};

/* The index of text in names; 0 when it is none of them. */
static int name_index(struct str text, const char *const *names, int n)
{
    for (int i = 1; i < n; i++)
        if (str_is(text, names[i]))
            return i;
    return 0;
}

static int clock_index(struct str text)
{
    for (int i = 0; i < BOARD_CLOCK_COUNT; i++)
        if (str_is(text, board_clock_names[i]))
            return i;
    return -1;
}

static struct str first_of(struct str a, struct str b)
{
    return a.ptr ? a : b;
}

bool board_event_read(struct json_reader *reader, struct str text, struct arena *arena,
        struct board_event *event, struct error *err)
{
    struct wire_event wire = {0};
    if (!json_read(reader, text, FIELDS(event_fields), &wire, arena, err))
        return false;
    const struct wire_new *fresh = &wire.fresh;
    *event = (struct board_event){
            .case_id = wire.case_id,
            .seq = wire.seq,
            .kind = (enum board_kind)name_index(
                    wire.kind, board_kind_names, BOARD_KIND_COUNT),
            .stage = (enum board_stage)name_index(
                    fresh->stage, board_stage_names, BOARD_STAGE_COUNT),
            .at = wire.at,
            .clock = clock_index(fresh->clock),
            .policy = first_of(wire.why.policy, fresh->policy),
            .unit = fresh->unit,
            .order_id = fresh->order,
            .line = fresh->line,
            .master = fresh->master,
            .result_outcome = fresh->outcome,
            .result = fresh->result,
    };
    if (event->kind == BOARD_KIND_OPENED) {
        event->source = fresh->source;
        event->id = fresh->id;
        event->channel = fresh->channel;
        event->nature = fresh->nature;
        event->title = fresh->title;
        event->text = fresh->text;
    }
    /* Elsewhere a reason is a unit's own words. */
    if (event->kind == BOARD_KIND_DISPATCHED || event->kind == BOARD_KIND_NEEDS_HUMAN) {
        event->reason = first_of(wire.why.reason, STR(""));
        event->rule = first_of(wire.why.rule, STR(""));
    }
    /* The desk may correct these when it dispatches. */
    event->category = fresh->category;
    event->category_name = fresh->category_name;
    event->urgency = fresh->urgency;
    event->place = fresh->place.code;
    event->place_name = fresh->place.name;
    const struct wire_clock *clocks = fresh->clocks.items;
    for (size_t i = 0; i < fresh->clocks.n; i++) {
        int clock = clock_index(clocks[i].clock);
        if (clock >= 0)
            event->due[clock] = clocks[i].due;
    }
    /* An extension and a changed calendar move one clock. */
    if (event->clock >= 0 &&
            (str_is(wire.kind, "extended") || str_is(wire.kind, "reprojected")))
        event->due[event->clock] = fresh->due;
    return true;
}

/* ---- writing ---- */

struct board_db {
    struct sql *sql;
    struct json_reader *reader;
    struct arena arena; /* of one message */
    struct whistle_db *whistles;
    struct sql_stmt *get, *put, *event, *audit, *count, *breach, *dead;
    struct sql_stmt *open_by_unit, *all_breaches, *all_counters;
    struct seen_breach {
        struct metric *metric;
        int64_t n;
    } *seen; /* what the counters of this process show already */
    size_t n_seen;
    struct seen_open {
        struct metric *metric;
        unsigned round; /* when it was set last: a unit without open cases goes back to 0
                         */
    } *gauges;
    size_t n_gauges;
    unsigned round;
};

#define X(name) #name ", "
#define CASE_COLUMNS_TEXT                                                                \
    "case_id, seq, " BOARD_TEXTS(                                                        \
            X) "stage, outcome, open, next_due, opened_at, closed_at, breached"
static const char GET[] = "SELECT " CASE_COLUMNS_TEXT
#undef X
#define X(name, text) ", due_" #text ", done_" #text
        BOARD_CLOCKS(X) " FROM cases WHERE case_id = ?1";
#undef X
#define X(name) ", ?"
static const char PUT[] = "INSERT OR REPLACE INTO cases VALUES (?, ?" BOARD_TEXTS(
        X) ", ?, ?, ?, ?, ?, ?, ?"
#undef X
#define X(name, text) ", ?, ?"
        BOARD_CLOCKS(X) ")";
#undef X

bool board_db_open(struct board_db **out, struct sql *sql, struct error *err)
{
    struct board_db *db = calloc(1, sizeof *db);
    if (!db)
        exit(EX_OSERR);
    db->sql = sql;
    db->reader = json_reader_open();
    static const char OPEN_BY_UNIT[] = "SELECT unit"
#define X(name, text) ", sum(due_" #text " > 0 AND done_" #text " = 0)"
            BOARD_CLOCKS(X) " FROM cases WHERE open = 1 GROUP BY unit";
#undef X
    if (whistle_db_open(&db->whistles, sql, err) &&
            sql_prepare(&db->get, sql, GET, err) &&
            sql_prepare(&db->put, sql, PUT, err) &&
            sql_prepare(&db->event, sql,
                    "INSERT OR IGNORE INTO events VALUES (?1, ?2, ?3)", err) &&
            sql_prepare(&db->audit, sql,
                    "INSERT OR IGNORE INTO audits VALUES (?1, ?2, ?3)", err) &&
            sql_prepare(&db->count, sql,
                    "INSERT INTO counters VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE "
                    "SET n = n + excluded.n",
                    err) &&
            sql_prepare(&db->breach, sql,
                    "INSERT INTO breaches VALUES (?1, ?2, 1) ON CONFLICT(unit, clock) DO "
                    "UPDATE SET n = n + 1",
                    err) &&
            sql_prepare(&db->dead, sql,
                    "INSERT INTO dead_letters VALUES (?1, ?2, ?3, 1, ?4) ON "
                    "CONFLICT(topic, stage, code) DO UPDATE SET "
                    "n = n + 1, last_at = excluded.last_at",
                    err) &&
            sql_prepare(&db->open_by_unit, sql, OPEN_BY_UNIT, err) &&
            sql_prepare(
                    &db->all_breaches, sql, "SELECT unit, clock, n FROM breaches", err) &&
            sql_prepare(&db->all_counters, sql,
                    "SELECT name, n FROM counters WHERE name LIKE 'stage:%'", err)) {
        *out = db;
        return true;
    }
    board_db_close(db);
    return false;
}

void board_db_close(struct board_db *db)
{
    if (!db)
        return;
    struct sql_stmt *const all[] = {db->get, db->put, db->event, db->audit, db->count,
            db->breach, db->dead, db->open_by_unit, db->all_breaches, db->all_counters};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sql_done(all[i]);
    whistle_db_close(db->whistles);
    json_reader_close(db->reader);
    arena_done(&db->arena);
    free(db->seen);
    free(db->gauges);
    free(db);
}

static bool count(struct board_db *db, const char *group, const char *name, int64_t n,
        struct error *err)
{
    sql_bind_str(db->count, 1, arena_printf(&db->arena, "%s%s", group, name));
    sql_bind_int(db->count, 2, n);
    return sql_run(db->count, err);
}

/* Fills row with what the file has of the case, nothing when it has none. Texts are
 * copied to the arena. */
static bool row_get(
        struct board_db *db, struct str case_id, struct board_row *row, struct error *err)
{
    struct sql_stmt *stmt = db->get;
    bool found;
    *row = (struct board_row){0};
    sql_bind_str(stmt, 1, case_id);
    if (!sql_step(stmt, &found, err))
        return false;
    if (!found)
        return true;
    int i = 1;
    row->case_id = case_id;
    row->seq = sql_int(stmt, i++);
#define X(name)                                                                          \
    if (sql_str(stmt, i).ptr)                                                            \
        row->name = arena_copy(&db->arena, sql_str(stmt, i));                            \
    i++;
    BOARD_TEXTS(X)
#undef X
    row->stage = (enum board_stage)name_index(
            sql_str(stmt, i++), board_stage_names, BOARD_STAGE_COUNT);
    row->outcome = (enum board_kind)name_index(
            sql_str(stmt, i++), board_kind_names, BOARD_KIND_COUNT);
    i += 2; /* open and next_due are derived */
    row->opened_at = sql_instant(stmt, i++);
    row->closed_at = sql_instant(stmt, i++);
    row->breached = (unsigned)sql_int(stmt, i++);
    for (int clock = 0; clock < BOARD_CLOCK_COUNT; clock++) {
        row->due[clock] = sql_instant(stmt, i++);
        row->done[clock] = sql_instant(stmt, i++);
    }
    sql_reset(stmt);
    return true;
}

static bool row_put(struct board_db *db, const struct board_row *row, struct error *err)
{
    struct sql_stmt *stmt = db->put;
    int i = 1;
    sql_bind_str(stmt, i++, row->case_id);
    sql_bind_int(stmt, i++, row->seq);
#define X(name) sql_bind_str(stmt, i++, row->name);
    BOARD_TEXTS(X)
#undef X
    sql_bind_str(stmt, i++, str_of(board_stage_names[row->stage]));
    sql_bind_str(stmt, i++, str_of(board_kind_names[row->outcome]));
    sql_bind_int(stmt, i++, board_stage_open(row->stage));
    sql_bind_int(stmt, i++, board_next_due(row).ms);
    sql_bind_int(stmt, i++, row->opened_at.ms);
    sql_bind_int(stmt, i++, row->closed_at.ms);
    sql_bind_int(stmt, i++, row->breached);
    for (int clock = 0; clock < BOARD_CLOCK_COUNT; clock++) {
        sql_bind_int(stmt, i++, row->due[clock].ms);
        sql_bind_int(stmt, i++, row->done[clock].ms);
    }
    return sql_run(stmt, err);
}

/* The totals that this change moves. */
static bool count_change(struct board_db *db, const struct board_row *before,
        const struct board_row *after, struct error *err)
{
    if (before->seq == 0 && !count(db, "", "accepted", 1, err))
        return false;
    if (before->outcome != after->outcome &&
            !count(db, "outcome:", board_kind_names[after->outcome], 1, err))
        return false;
    if (before->stage == after->stage)
        return true;
    return (before->stage == BOARD_STAGE_NONE ||
                   count(db, "stage:", board_stage_names[before->stage], -1, err)) &&
           count(db, "stage:", board_stage_names[after->stage], 1, err);
}

/* What is not the next event of its case. */
static bool tell_step(struct board_db *db, const struct board_event *event,
        enum board_step step, int64_t before, struct error *err)
{
    if (step == BOARD_REPEATED) {
        log_warn("event_repeated", "case=%.*s seq=%lld", STR_ARG(event->case_id),
                (long long)event->seq);
        return count(db, "", "event_repeats", 1, err);
    }
    if (step == BOARD_TAKEN_GAP) {
        log_error("event_gap", "case=%.*s seq=%lld expected=%lld",
                STR_ARG(event->case_id), (long long)event->seq, (long long)before + 1);
        return count(db, "", "event_gaps", 1, err);
    }
    return true;
}

static bool keep_event(struct board_db *db, const struct board_event *event,
        struct str value, struct error *err)
{
    sql_bind_str(db->event, 1, event->case_id);
    sql_bind_int(db->event, 2, event->seq);
    sql_bind_str(db->event, 3, value);
    return sql_run(db->event, err);
}

/* A whistle is no case: only its story is kept beside theirs. */
static bool write_whistle(struct board_db *db, const struct board_event *event,
        struct str value, struct error *err)
{
    enum board_step step;
    int64_t before;
    return whistle_db_event(
                   db->whistles, db->reader, value, &db->arena, &step, &before, err) &&
           tell_step(db, event, step, before, err) &&
           (step == BOARD_REPEATED || keep_event(db, event, value, err));
}

static bool write_event(struct board_db *db, const struct board_event *event,
        struct str value, struct error *err)
{
    struct board_row before, row;
    if (!row_get(db, event->case_id, &before, err))
        return false;
    row = before;
    enum board_step step = board_apply(&row, event);
    if (!tell_step(db, event, step, before.seq, err))
        return false;
    if (step == BOARD_REPEATED)
        return true;
    if (event->kind == BOARD_KIND_BREACH && event->clock >= 0) {
        sql_bind_str(db->breach, 1, first_of(event->unit, first_of(row.unit, STR(""))));
        sql_bind_str(db->breach, 2, str_of(board_clock_names[event->clock]));
        if (!sql_run(db->breach, err))
            return false;
    }
    return keep_event(db, event, value, err) && count_change(db, &before, &row, err) &&
           row_put(db, &row, err);
}

bool board_db_event(struct board_db *db, struct str value, struct error *err)
{
    arena_reset(&db->arena);
    struct board_event event;
    if (!board_event_read(db->reader, value, &db->arena, &event, err))
        return false;
    if (whistle_id_valid(event.case_id))
        return write_whistle(db, &event, value, err);
    return board_ledger_key(event.case_id)
                   ? board_ledger_event(db->sql, db->reader, &db->arena, value, err)
                   : write_event(db, &event, value, err);
}

bool board_db_audit(struct board_db *db, struct str value, struct error *err)
{
    arena_reset(&db->arena);
    struct wire_audit wire = {0};
    if (!json_read(db->reader, value, FIELDS(audit_fields), &wire, &db->arena, err))
        return false;
    char kind[40];
    if (!str_copy(kind, sizeof kind, wire.kind))
        return error_set(err, ERR_INVALID, "too_long",
                "an audit record's kind is longer than 39 bytes");
    sql_bind_str(db->audit, 1, first_of(wire.case_id, STR("")));
    sql_bind_str(db->audit, 2, wire.id);
    sql_bind_str(db->audit, 3, value);
    return count(db, "audit:", kind, 1, err) && sql_run(db->audit, err);
}

bool board_db_dead_letter(
        struct board_db *db, const struct bus_msg *msg, struct error *err)
{
    struct str stage = STR(""), code = STR("");
    (void)bus_header_get(msg, "x-error-stage", &stage); /* absent: unknown */
    (void)bus_header_get(msg, "x-error-code", &code);   /* absent: unknown */
    sql_bind_str(db->dead, 1, msg->topic);
    sql_bind_str(db->dead, 2, stage);
    sql_bind_str(db->dead, 3, code);
    sql_bind_int(db->dead, 4, msg->timestamp.ms);
    return sql_run(db->dead, err);
}

/* ---- metrics ---- */

static void open_show(struct board_db *db, struct metric *metric, int64_t n)
{
    size_t i = 0;
    while (i < db->n_gauges && db->gauges[i].metric != metric)
        i++;
    if (i == db->n_gauges) {
        struct seen_open *gauges = realloc(
                db->gauges, (db->n_gauges + 1) * sizeof *gauges);
        if (!gauges)
            exit(EX_OSERR);
        db->gauges = gauges;
        db->gauges[db->n_gauges++].metric = metric;
    }
    db->gauges[i].round = db->round;
    metric_set(metric, (double)n);
}

static bool metrics_open(struct board_db *db, struct error *err)
{
    bool row, ok;
    db->round++;
    while ((ok = sql_step(db->open_by_unit, &row, err)) && row)
        for (int clock = 0; clock < BOARD_CLOCK_COUNT; clock++) {
            char labels[96];
            struct str unit = sql_str(db->open_by_unit, 0);
            (void)snprintf(labels, sizeof labels, "unit=\"%.*s\",clock=\"%s\"",
                    STR_ARG(unit),
                    board_clock_names[clock]); /* unit codes are short and plain */
            open_show(db,
                    metric_gauge("chuishao_sla_open", labels, "clocks that are running"),
                    sql_int(db->open_by_unit, clock + 1));
        }
    for (size_t i = 0; ok && i < db->n_gauges; i++)
        if (db->gauges[i].round != db->round)
            metric_set(db->gauges[i].metric, 0);
    return ok;
}

static void breach_show(struct board_db *db, struct metric *metric, int64_t n)
{
    size_t i = 0;
    while (i < db->n_seen && db->seen[i].metric != metric)
        i++;
    if (i == db->n_seen) {
        struct seen_breach *seen = realloc(db->seen, (db->n_seen + 1) * sizeof *seen);
        if (!seen)
            exit(EX_OSERR);
        db->seen = seen;
        db->seen[db->n_seen++] = (struct seen_breach){metric, 0};
    }
    if (n > db->seen[i].n) /* less after a rebuild: a counter never goes back */
        metric_add(metric, n - db->seen[i].n);
    db->seen[i].n = n > db->seen[i].n ? n : db->seen[i].n;
}

static bool metrics_breaches(struct board_db *db, struct error *err)
{
    bool row, ok;
    while ((ok = sql_step(db->all_breaches, &row, err)) && row) {
        char labels[96];
        struct str unit = sql_str(db->all_breaches, 0),
                   clock = sql_str(db->all_breaches, 1);
        (void)snprintf(labels, sizeof labels, "unit=\"%.*s\",clock=\"%.*s\"",
                STR_ARG(unit), STR_ARG(clock));
        breach_show(db,
                metric_counter("chuishao_sla_breached_total", labels,
                        "clocks that ran past their due time"),
                sql_int(db->all_breaches, 2));
    }
    return ok;
}

static bool metrics_stages(struct board_db *db, struct error *err)
{
    bool row, ok;
    while ((ok = sql_step(db->all_counters, &row, err)) && row) {
        char labels[96];
        struct str name = sql_str(db->all_counters, 0); /* stage:NAME */
        (void)snprintf(
                labels, sizeof labels, "stage=\"%.*s\"", (int)name.len - 6, name.ptr + 6);
        metric_set(metric_gauge("chuishao_cases", labels, "cases by stage"),
                (double)sql_int(db->all_counters, 1));
    }
    return ok;
}

bool board_db_metrics(struct board_db *db, struct error *err)
{
    return metrics_open(db, err) && metrics_breaches(db, err) &&
           metrics_stages(db, err) && whistle_db_metrics(db->whistles, err);
}

bool board_db_month_metrics(
        struct board_db *db, const struct policy *policy, instant now, struct error *err)
{
    return whistle_db_month(db->whistles, policy, now, err);
}
