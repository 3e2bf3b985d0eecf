#include "board_io.h"
#include "board_ledger.h"
#include "board_wire.h"
#include "ids.h"
#include "log.h"
#include "whistle_db.h"

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

struct board_db {
    struct sql *sql;
    struct json_reader *reader;
    struct arena arena; /* of one message */
    struct whistle_db *whistles;
    struct sql_stmt *get, *put, *event, *audit, *count, *breach, *dead;
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
                    err)) {
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
    struct sql_stmt *const all[] = {
            db->get, db->put, db->event, db->audit, db->count, db->breach, db->dead};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sql_done(all[i]);
    whistle_db_close(db->whistles);
    json_reader_close(db->reader);
    arena_done(&db->arena);
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
    row->stage = board_stage_of(sql_str(stmt, i++));
    row->outcome = board_kind_of(sql_str(stmt, i++));
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
static bool tell_step(struct board_db *db, const struct board_wire *wire,
        enum board_step step, int64_t before, struct error *err)
{
    if (step == BOARD_REPEATED) {
        log_warn("event_repeated", "case=%.*s seq=%lld", STR_ARG(wire->case_id),
                (long long)wire->seq);
        return count(db, "", "event_repeats", 1, err);
    }
    if (step == BOARD_TAKEN_GAP) {
        log_error("event_gap", "case=%.*s seq=%lld expected=%lld", STR_ARG(wire->case_id),
                (long long)wire->seq, (long long)before + 1);
        return count(db, "", "event_gaps", 1, err);
    }
    return true;
}

static bool keep_event(struct board_db *db, const struct board_wire *wire,
        struct str value, struct error *err)
{
    sql_bind_str(db->event, 1, wire->case_id);
    sql_bind_int(db->event, 2, wire->seq);
    sql_bind_str(db->event, 3, value);
    return sql_run(db->event, err);
}

/* A whistle is no case: only its story is kept beside theirs. */
static bool write_whistle(struct board_db *db, const struct board_wire *wire,
        struct str value, struct error *err)
{
    enum board_step step;
    int64_t before;
    return whistle_db_event(db->whistles, wire, &step, &before, err) &&
           tell_step(db, wire, step, before, err) &&
           (step == BOARD_REPEATED || keep_event(db, wire, value, err));
}

static bool write_case(struct board_db *db, const struct board_wire *wire,
        struct str value, struct error *err)
{
    struct board_event event = board_wire_case(wire);
    struct board_row before, row;
    if (!row_get(db, event.case_id, &before, err))
        return false;
    row = before;
    enum board_step step = board_apply(&row, &event);
    if (!tell_step(db, wire, step, before.seq, err))
        return false;
    if (step == BOARD_REPEATED)
        return true;
    if (event.kind == BOARD_KIND_BREACH && event.clock >= 0) {
        sql_bind_str(db->breach, 1, str_or(event.unit, str_or(row.unit, STR(""))));
        sql_bind_str(db->breach, 2, str_of(board_clock_names[event.clock]));
        if (!sql_run(db->breach, err))
            return false;
    }
    return keep_event(db, wire, value, err) && count_change(db, &before, &row, err) &&
           row_put(db, &row, err);
}

bool board_db_event(struct board_db *db, struct str value, struct error *err)
{
    arena_reset(&db->arena);
    struct board_wire wire;
    if (!board_wire_read(db->reader, value, &db->arena, &wire, err))
        return false;
    if (whistle_id_valid(wire.case_id))
        return write_whistle(db, &wire, value, err);
    return board_ledger_key(wire.case_id) ? board_ledger_event(db->sql, &wire, err)
                                          : write_case(db, &wire, value, err);
}

bool board_db_audit(struct board_db *db, struct str value, struct error *err)
{
    arena_reset(&db->arena);
    struct board_wire_audit audit;
    if (!board_wire_read_audit(db->reader, value, &db->arena, &audit, err))
        return false;
    char kind[40];
    if (!str_copy(kind, sizeof kind, audit.kind))
        return error_set(err, ERR_INVALID, "too_long",
                "an audit record's kind is longer than 39 bytes");
    sql_bind_str(db->audit, 1, str_or(audit.case_id, STR("")));
    sql_bind_str(db->audit, 2, audit.id);
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
