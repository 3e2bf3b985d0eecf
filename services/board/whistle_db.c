#include "whistle_db.h"

#include <stdlib.h>
#include <sysexits.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Each begins with the whistle's id; what the others are is said where it is bound. */
#define STATEMENTS(X)                                                                    \
    X(GET, "SELECT seq FROM whistles WHERE whistle_id = ?1")                             \
    X(SEEN, "INSERT INTO whistles(whistle_id, seq) VALUES (?1, ?2) ON "                  \
            "CONFLICT(whistle_id) DO UPDATE SET seq = excluded.seq")                     \
    X(ISSUED, "UPDATE whistles SET type = ?2, street = ?3, place = ?4, place_name = "    \
              "?5, text = ?6, stage = ?7, issued_at = ?8, due = ?9 WHERE whistle_id = "  \
              "?1")                                                                      \
    X(SUMMONED, "INSERT OR IGNORE INTO summons(whistle_id, unit, role) VALUES (?1, ?2, " \
                "?3)")                                                                   \
    X(CHECKED_IN, "UPDATE summons SET arrived_at = ?3, absent = ?4 WHERE whistle_id = "  \
                  "?1 AND unit = ?2")                                                    \
    X(ABSENT, "UPDATE summons SET absent = 1 WHERE whistle_id = ?1 AND unit = ?2")       \
    X(EXPLAINED, "UPDATE summons SET reason_code = ?3 WHERE whistle_id = ?1 AND unit = " \
                 "?2")                                                                   \
    X(DISPUTE, "UPDATE summons SET dispute = ?3 WHERE whistle_id = ?1 AND unit = ?2")    \
    X(FINISHED, "UPDATE whistles SET stage = ?2, finished_at = ?3 WHERE whistle_id = "   \
                "?1")                                                                    \
    X(NOT_NEEDED, "UPDATE summons SET absent = 0 WHERE whistle_id = ?1 AND arrived_at "  \
                  "= 0 AND (SELECT due FROM whistles WHERE whistle_id = ?1) > ?2")       \
    X(SCORE, "UPDATE summons SET score = ?3 WHERE whistle_id = ?1 AND unit = ?2")        \
    X(SCORE_OF_ISSUER, "UPDATE summons SET score_of_issuer = ?3 WHERE whistle_id = ?1 "  \
                       "AND unit = ?2")                                                  \
    X(DUE, "UPDATE whistles SET due = ?2 WHERE whistle_id = ?1")
#define X(name, text) STATEMENT_##name,
enum statement { STATEMENTS(X) STATEMENT_COUNT };
#undef X
#define X(name, text) text,
static const char *const statement_texts[STATEMENT_COUNT] = {STATEMENTS(X)};
#undef X

struct whistle_db {
    struct sql_stmt *statements[STATEMENT_COUNT];
};

void whistle_db_close(struct whistle_db *db)
{
    if (!db)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sql_done(db->statements[i]);
    free(db);
}

bool whistle_db_open(struct whistle_db **out, struct sql *sql, struct error *err)
{
    struct whistle_db *db = calloc(1, sizeof *db);
    if (!db)
        exit(EX_OSERR);
    bool done = true;
    for (int i = 0; done && i < STATEMENT_COUNT; i++)
        done = sql_prepare(&db->statements[i], sql, statement_texts[i], err);
    if (done)
        *out = db;
    else
        whistle_db_close(db);
    return done;
}

static struct sql_stmt *begin(
        struct whistle_db *db, enum statement statement, const struct board_wire *wire)
{
    sql_bind_str(db->statements[statement], 1, wire->case_id);
    return db->statements[statement];
}

static struct sql_stmt *about_unit(
        struct whistle_db *db, enum statement statement, const struct board_wire *wire)
{
    struct sql_stmt *stmt = begin(db, statement, wire);
    sql_bind_str(stmt, 2, wire->fresh.unit);
    return stmt;
}

static bool write_issued(
        struct whistle_db *db, const struct board_wire *wire, struct error *err)
{
    const struct board_wire_new *fresh = &wire->fresh;
    const struct board_wire_summoned *units = wire->summoned.items;
    const struct board_wire_clock *clocks = fresh->clocks.items;
    struct sql_stmt *stmt = begin(db, STATEMENT_ISSUED, wire);
    sql_bind_str(stmt, 2, fresh->type);
    sql_bind_str(stmt, 3, fresh->unit);
    sql_bind_str(stmt, 4, fresh->place.code);
    sql_bind_str(stmt, 5, fresh->place.name);
    sql_bind_str(stmt, 6, fresh->text);
    sql_bind_str(stmt, 7, fresh->stage);
    sql_bind_int(stmt, 8, wire->at.ms);
    sql_bind_int(stmt, 9, fresh->clocks.n ? clocks[0].due.ms : 0);
    bool ok = sql_run(stmt, err);
    for (size_t i = 0; ok && i < wire->summoned.n; i++) {
        stmt = begin(db, STATEMENT_SUMMONED, wire);
        sql_bind_str(stmt, 2, units[i].unit);
        sql_bind_str(stmt, 3, units[i].role);
        ok = sql_run(stmt, err);
    }
    return ok;
}

static bool write_checked_in(
        struct whistle_db *db, const struct board_wire *wire, struct error *err)
{
    struct sql_stmt *stmt = about_unit(db, STATEMENT_CHECKED_IN, wire);
    sql_bind_int(stmt, 3, wire->at.ms);
    sql_bind_int(stmt, 4, wire->fresh.late);
    return sql_run(stmt, err);
}

static bool write_absent(
        struct whistle_db *db, const struct board_wire *wire, struct error *err)
{
    return sql_run(about_unit(db, STATEMENT_ABSENT, wire), err);
}

static bool write_explained(
        struct whistle_db *db, const struct board_wire *wire, struct error *err)
{
    struct sql_stmt *stmt = about_unit(db, STATEMENT_EXPLAINED, wire);
    sql_bind_str(stmt, 3, wire->why.reason_code);
    return sql_run(stmt, err);
}

/* "whistle_disputed", "whistle_released", "whistle_kept" */
static bool write_dispute(
        struct whistle_db *db, const struct board_wire *wire, struct error *err)
{
    static const size_t prefix = sizeof "whistle_" - 1;
    struct sql_stmt *stmt = about_unit(db, STATEMENT_DISPUTE, wire);
    sql_bind_str(stmt, 3, (struct str){wire->kind.ptr + prefix, wire->kind.len - prefix});
    return sql_run(stmt, err);
}

/* An end before the deadline leaves nobody absent. */
static bool write_finished(
        struct whistle_db *db, const struct board_wire *wire, struct error *err)
{
    struct sql_stmt *stmt = begin(db, STATEMENT_FINISHED, wire);
    sql_bind_str(stmt, 2, wire->fresh.stage);
    sql_bind_int(stmt, 3, wire->at.ms);
    if (!sql_run(stmt, err))
        return false;
    stmt = begin(db, STATEMENT_NOT_NEEDED, wire);
    sql_bind_int(stmt, 2, wire->at.ms);
    return sql_run(stmt, err);
}

static bool write_scored(
        struct whistle_db *db, const struct board_wire *wire, struct error *err)
{
    bool of_issuer = str_is(wire->fresh.role, "issuer");
    struct sql_stmt *stmt = about_unit(
            db, of_issuer ? STATEMENT_SCORE_OF_ISSUER : STATEMENT_SCORE, wire);
    if (of_issuer)
        sql_bind_str(stmt, 2, wire->actor.unit);
    sql_bind_int(stmt, 3, wire->fresh.score);
    return sql_run(stmt, err);
}

static bool write_due(
        struct whistle_db *db, const struct board_wire *wire, struct error *err)
{
    struct sql_stmt *stmt = begin(db, STATEMENT_DUE, wire);
    sql_bind_int(stmt, 2, wire->fresh.due.ms);
    return sql_run(stmt, err);
}

/* Other kinds (reminder, escalated) change no figure. */
static const struct writer {
    const char *kind;
    bool (*write)(
            struct whistle_db *db, const struct board_wire *wire, struct error *err);
} writers[] = {
        {"whistle_issued", write_issued},
        {"whistle_checked_in", write_checked_in},
        {"whistle_absent", write_absent},
        {"whistle_absence_explained", write_explained},
        {"whistle_disputed", write_dispute},
        {"whistle_released", write_dispute},
        {"whistle_kept", write_dispute},
        {"whistle_finished", write_finished},
        {"whistle_scored", write_scored},
        {"reprojected", write_due},
};

static bool last_seq(struct whistle_db *db, const struct board_wire *wire, int64_t *seq,
        struct error *err)
{
    struct sql_stmt *stmt = begin(db, STATEMENT_GET, wire);
    bool found;
    if (!sql_step(stmt, &found, err))
        return false;
    *seq = found ? sql_int(stmt, 0) : 0;
    sql_reset(stmt);
    return true;
}

bool whistle_db_event(struct whistle_db *db, const struct board_wire *wire,
        enum board_step *step, int64_t *before, struct error *err)
{
    if (!last_seq(db, wire, before, err))
        return false;
    *step = wire->seq <= *before       ? BOARD_REPEATED
            : wire->seq != *before + 1 ? BOARD_TAKEN_GAP
                                       : BOARD_TAKEN;
    if (*step == BOARD_REPEATED)
        return true;
    struct sql_stmt *stmt = begin(db, STATEMENT_SEEN, wire);
    sql_bind_int(stmt, 2, wire->seq);
    bool ok = sql_run(stmt, err);
    for (size_t i = 0; ok && i < COUNT(writers); i++)
        if (str_is(wire->kind, writers[i].kind))
            ok = writers[i].write(db, wire, err);
    return ok;
}
