/* SQLite, in our words. The only module that includes sqlite3.h. A connection and its
 * statements belong to one thread. What goes wrong is ERR_RETRY when waiting or a restart
 * may help (busy, disk full), ERR_INVALID damaged_file when the file is not a database or
 * is damaged, ERR_FATAL otherwise. */
#ifndef CHUISHAO_SQL_H
#define CHUISHAO_SQL_H

#include "error.h"
#include "instant.h"
#include "str.h"
#include <stdbool.h>
#include <stdint.h>

struct sql;
struct sql_stmt;

/* Opens a file in WAL mode with synchronous=NORMAL, making it when it is missing;
 * read_only: it must exist, nothing is written. */
MUST_USE bool sql_open(
        struct sql **out, const char *path, bool read_only, struct error *err);

/* Its statements must be closed before. */
void sql_close(struct sql *sql);

/* One or more statements without parameters. */
MUST_USE bool sql_exec(struct sql *sql, const char *text, struct error *err);

/* Parameters are numbered from 1, columns from 0. The statement lives until sql_done. */
MUST_USE bool sql_prepare(
        struct sql_stmt **out, struct sql *sql, const char *text, struct error *err);
void sql_done(struct sql_stmt *stmt);

/* The text is borrowed until the statement is reset; ptr NULL binds null. A failed
 * binding is reported by the next step. */
void sql_bind_str(struct sql_stmt *stmt, int i, struct str value);
void sql_bind_int(struct sql_stmt *stmt, int i, int64_t value);

/* *row: there is another row to read. At the end the statement is reset and its
 * parameters are null again. */
MUST_USE bool sql_step(struct sql_stmt *stmt, bool *row, struct error *err);

/* Steps a statement that gives no rows. */
MUST_USE bool sql_run(struct sql_stmt *stmt, struct error *err);

/* Gives up the remaining rows; does nothing to a statement that is at its end. */
void sql_reset(struct sql_stmt *stmt);

/* Of the current row; text is borrowed until the next step or reset; null is empty, with
 * ptr NULL, and 0. */
struct str sql_str(struct sql_stmt *stmt, int column);
int64_t sql_int(struct sql_stmt *stmt, int column);
instant sql_instant(struct sql_stmt *stmt, int column); /* milliseconds; 0 is never */

#endif
