/* Whistles 哨单 on the board: what their events leave in its file. They stand in tables
 * of their own, so that no figure of the cases counts them. */
#ifndef CHUISHAO_WHISTLE_DB_H
#define CHUISHAO_WHISTLE_DB_H

#include "board_wire.h"
#include "sql.h"

/* Instants are milliseconds, 0 never. A summons is settled when its unit came or let the
 * deadline pass; one that was released, or not needed any more at the end, is neither. */
#define WHISTLE_DB_SCHEMA                                                                \
    "CREATE TABLE whistles(whistle_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, type "     \
    "TEXT, street TEXT, place TEXT, place_name TEXT, text TEXT, stage TEXT NOT NULL "    \
    "DEFAULT '', issued_at INTEGER NOT NULL DEFAULT 0, finished_at INTEGER NOT NULL "    \
    "DEFAULT 0, due INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"                          \
    "CREATE INDEX whistles_issued ON whistles(issued_at);"                               \
    "CREATE TABLE summons(whistle_id TEXT, unit TEXT, role TEXT NOT NULL, dispute TEXT " \
    "NOT NULL DEFAULT '', arrived_at INTEGER NOT NULL DEFAULT 0, absent INTEGER NOT "    \
    "NULL DEFAULT 0, reason_code TEXT, score INTEGER NOT NULL DEFAULT 0, "               \
    "score_of_issuer INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(whistle_id, unit)) "        \
    "WITHOUT ROWID;"

/* Conditions on summons; they exclude each other. */
#define SUMMONS_ON_TIME "(dispute <> 'released' AND arrived_at > 0 AND absent = 0)"
#define SUMMONS_LATE "(dispute <> 'released' AND arrived_at > 0 AND absent = 1)"
#define SUMMONS_NO_SHOW "(dispute <> 'released' AND arrived_at = 0 AND absent = 1)"

struct whistle_db;

/* Prepares the statements; sql is borrowed until whistle_db_close. */
MUST_USE bool whistle_db_open(
        struct whistle_db **out, struct sql *sql, struct error *err);
void whistle_db_close(struct whistle_db *db);

/* Takes one event of a whistle; *before: the number of the last one taken. */
MUST_USE bool whistle_db_event(struct whistle_db *db, const struct board_wire *wire,
        enum board_step *step, int64_t *before, struct error *err);

#endif
