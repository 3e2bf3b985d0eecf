/* Points accounts on the board, and the week's digest 每周调度. */
#ifndef CHUISHAO_BOARD_LEDGER_H
#define CHUISHAO_BOARD_LEDGER_H

#include "arena.h"
#include "policy.h"
#include "sql.h"

struct board_wire; /* board_wire.h */

/* One ledger.event: an account's row becomes what its last event says; a schedule's
 * events have none. */
MUST_USE bool board_ledger_event(
        struct sql *sql, const struct board_wire *wire, struct error *err);

/* True for the key of an account or of a schedule: its events are no case's. */
bool board_ledger_key(struct str key);

/* Every account with its balance and grade, the lowest balance of a ledger first. */
MUST_USE bool board_accounts(struct sql *sql, const struct policy *policy,
        struct arena *arena, struct str *json, struct error *err);

/* The week of `day` (any day of it), Monday to Sunday: by unit and by street how many
 * cases fell due in it, how many of these were or are overdue, and how many are suspended
 * 挂账 now; and which cases those are. */
MUST_USE bool board_digest(struct sql *sql, const struct policy *policy, int32_t day,
        instant now, struct arena *arena, struct str *json, struct error *err);

#endif
