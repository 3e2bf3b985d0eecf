/* The board's file: what comes from Kafka is written into its tables. One thread uses it,
 * the one that follows the topics. */
#ifndef CHUISHAO_BOARD_IO_H
#define CHUISHAO_BOARD_IO_H

#include "bus.h"
#include "sql.h"

enum { BOARD_SCHEMA_VERSION = 3 };
extern const char board_schema[];

struct board_db;

/* Prepares the statements; sql is borrowed until board_db_close. */
MUST_USE bool board_db_open(struct board_db **out, struct sql *sql, struct error *err);
void board_db_close(struct board_db *db);

/* One record of case.event, of audit, of a dead-letter topic. ERR_INVALID is found out
 * before anything is written. */
MUST_USE bool board_db_event(struct board_db *db, struct str value, struct error *err);
MUST_USE bool board_db_audit(struct board_db *db, struct str value, struct error *err);
MUST_USE bool board_db_dead_letter(
        struct board_db *db, const struct bus_msg *msg, struct error *err);

#endif
