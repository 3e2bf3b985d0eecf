/* What the board says about whistles: counts with what they are of, never a bare rate. */
#ifndef CHUISHAO_WHISTLE_VIEW_H
#define CHUISHAO_WHISTLE_VIEW_H

#include "arena.h"
#include "policy.h"
#include "sql.h"

/* month: "2026-11", the Chinese month of the whistles; anything else is the one of `now`.
 * policy gives names and the limits of a month; NULL: neither. */
MUST_USE bool whistle_view(struct sql *sql, const struct policy *policy, struct str month,
        instant now, struct arena *arena, struct str *json, struct error *err);

#endif
