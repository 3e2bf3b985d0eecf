#include "sql.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <sysexits.h>

enum { SQL_BUSY_MS = 5000 };

struct sql {
    sqlite3 *db;
};

struct sql_stmt {
    sqlite3_stmt *handle;
    int failed; /* the first binding that failed */
};

static enum error_kind sql_kind(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
        return ERR_RETRY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_INVALID;
    default:
        return ERR_FATAL;
    }
}

/* SQLite's own message may quote a bound value only for constraints, which our schemas do
 * not name; sqlite3_errstr never does. */
static bool sql_fail(int rc, const char *what, struct error *err)
{
    enum error_kind kind = sql_kind(rc);
    return error_set(err, kind, kind == ERR_INVALID ? "damaged_file" : "sqlite", "%s: %s",
            what, sqlite3_errstr(rc));
}

static void *sql_alloc(size_t size)
{
    void *p = calloc(1, size);
    if (!p)
        exit(EX_OSERR);
    return p;
}

bool sql_open(struct sql **out, const char *path, bool read_only, struct error *err)
{
    struct sql *sql = sql_alloc(sizeof *sql);
    int flags = read_only ? SQLITE_OPEN_READONLY
                          : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int rc = sqlite3_open_v2(path, &sql->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(sql->db, SQL_BUSY_MS);
    if (rc == SQLITE_OK && !read_only)
        rc = sqlite3_exec(sql->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
                NULL, NULL, NULL);
    if (rc != SQLITE_OK) {
        sql_close(sql);
        (void)sql_fail(rc, path, err); /* the failure is returned below */
        return false;
    }
    *out = sql;
    return true;
}

void sql_close(struct sql *sql)
{
    if (!sql)
        return;
    (void)sqlite3_close_v2(sql->db); /* takes NULL; cannot fail in its v2 form */
    free(sql);
}

bool sql_exec(struct sql *sql, const char *text, struct error *err)
{
    int rc = sqlite3_exec(sql->db, text, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return true;
    if (sql_kind(rc) == ERR_FATAL)
        return error_set(err, ERR_FATAL, "sqlite", "%s", sqlite3_errmsg(sql->db));
    return sql_fail(rc, "execute", err);
}

bool sql_prepare(
        struct sql_stmt **out, struct sql *sql, const char *text, struct error *err)
{
    sqlite3_stmt *handle;
    int rc = sqlite3_prepare_v3(
            sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    if (rc != SQLITE_OK)
        return error_set(err, sql_kind(rc),
                sql_kind(rc) == ERR_INVALID ? "damaged_file" : "sqlite",
                "prepare %.60s: %s", text, sqlite3_errmsg(sql->db));
    struct sql_stmt *stmt = sql_alloc(sizeof *stmt);
    stmt->handle = handle;
    *out = stmt;
    return true;
}

void sql_done(struct sql_stmt *stmt)
{
    if (!stmt)
        return;
    (void)sqlite3_finalize(
            stmt->handle); /* repeats the last step's error, which was returned then */
    free(stmt);
}

static void sql_bound(struct sql_stmt *stmt, int rc)
{
    if (stmt->failed == SQLITE_OK)
        stmt->failed = rc;
}

void sql_bind_str(struct sql_stmt *stmt, int i, struct str value)
{
    sql_bound(stmt, value.ptr ? sqlite3_bind_text64(stmt->handle, i, value.ptr, value.len,
                                        SQLITE_STATIC, SQLITE_UTF8)
                              : sqlite3_bind_null(stmt->handle, i));
}

void sql_bind_int(struct sql_stmt *stmt, int i, int64_t value)
{
    sql_bound(stmt, sqlite3_bind_int64(stmt->handle, i, value));
}

bool sql_step(struct sql_stmt *stmt, bool *row, struct error *err)
{
    int rc = stmt->failed != SQLITE_OK ? stmt->failed : sqlite3_step(stmt->handle);
    if (rc == SQLITE_ROW) {
        *row = true;
        return true;
    }
    sql_reset(stmt);
    *row = false;
    return rc == SQLITE_DONE || sql_fail(rc, sqlite3_sql(stmt->handle), err);
}

bool sql_run(struct sql_stmt *stmt, struct error *err)
{
    bool row;
    if (!sql_step(stmt, &row, err))
        return false;
    if (row)
        sql_reset(stmt);
    return true;
}

void sql_reset(struct sql_stmt *stmt)
{
    (void)sqlite3_reset(
            stmt->handle); /* repeats the last step's error, which was returned then */
    (void)sqlite3_clear_bindings(stmt->handle); /* always SQLITE_OK */
    stmt->failed = SQLITE_OK;
}

struct str sql_str(struct sql_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt->handle, column);
    int len = sqlite3_column_bytes(stmt->handle, column);
    return (struct str){(const char *)text, text && len > 0 ? (size_t)len : 0};
}

int64_t sql_int(struct sql_stmt *stmt, int column)
{
    return sqlite3_column_int64(stmt->handle, column);
}

instant sql_instant(struct sql_stmt *stmt, int column)
{
    return (instant){sql_int(stmt, column)};
}
