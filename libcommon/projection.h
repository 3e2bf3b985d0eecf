/* Topics written into an SQLite file, exactly once: what the messages change and the
 * positions reached are one SQLite transaction. The file is derived: deleted, damaged or
 * of an older schema, it comes back from Kafka by itself; so it does when the log was
 * recreated (a position lies beyond its end). Decisions never read it. */
#ifndef CHUISHAO_PROJECTION_H
#define CHUISHAO_PROJECTION_H

#include "bus.h"
#include "config.h"
#include "error.h"
#include "sql.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct projection_spec {
    const char *name; /* label of its metrics */
    const char *const
            *topics; /* exact names; a topic that is not there yet is looked for again */
    size_t n_topics;
    size_t n_required;  /* the first of them, without which the projection is not ready */
    const char *schema; /* SQL that makes the tables in an empty file; "position" and
                           "projection" are taken */
    int schema_version; /* another one than the file's: the tables are dropped and made
                           anew */

    /* One message, inside the transaction. ERR_INVALID: the message is passed over,
     * logged and counted, so it must be found out before anything is written; any other
     * error ends the process and the transaction never was. */
    bool (*apply)(void *ctx, const struct bus_msg *msg, struct error *err);
    /* About once a second, after a commit, outside any transaction; may be NULL. */
    bool (*between)(void *ctx, struct error *err);
    void *ctx; /* may be set after projection_open, before anything is applied */
};

struct projection;

/* Where the file is: `given`, or with that empty <name>[.<lane>].sqlite in the run
 * folder. What does not fit is cut, and such a path does not open, which is told. */
void projection_path(char *out, size_t size, const struct config_common *config,
        const char *name, const char *given);

/* Opens the file and makes its tables; no Kafka yet. spec is kept by pointer, path is
 * copied. A damaged file is removed. */
MUST_USE bool projection_open(struct projection **out, const struct projection_spec *spec,
        const char *path, struct error *err);
void projection_close(struct projection *projection);

/* The connection that writes, for the statements of spec->apply. Statements stay good
 * when the tables are made anew. */
struct sql *projection_sql(struct projection *projection);

/* One turn: begin, take each message, commit. A message below its partition's position
 * has been taken before and is skipped. projection_run does this with what Kafka brings;
 * tests do it by hand. */
MUST_USE bool projection_begin(struct projection *projection, struct error *err);
MUST_USE bool projection_take(
        struct projection *projection, const struct bus_msg *msg, struct error *err);
MUST_USE bool projection_commit(struct projection *projection, struct error *err);
void projection_rollback(struct projection
                *projection); /* the positions are those of the last commit again */

/* The offset of the next message of a partition; -1: none taken yet. */
int64_t projection_position(
        const struct projection *projection, const char *topic, int32_t partition);

/* Drops all tables and positions and makes the tables anew, in one transaction: readers
 * see the old or the empty ones. */
MUST_USE bool projection_reset(struct projection *projection, struct error *err);

/* Follows the topics until *stop is set (true) or the process must end (false, err). */
MUST_USE bool projection_run(struct projection *projection, const struct bus_config *bus,
        const volatile int *stop, struct error *err);

/* These two may be called from another thread. */
bool projection_ready(const struct projection
                *projection); /* the required topics are there and are being followed */
int64_t projection_lag(
        const struct projection *projection); /* messages behind; -1: not known yet */

#endif
