/* The board's JSON: what the page and whoever else asks gets to read. It has its own
 * read-only connection and belongs to the HTTP server's thread. */
#ifndef CHUISHAO_BOARD_VIEW_H
#define CHUISHAO_BOARD_VIEW_H

#include "arena.h"
#include "error.h"
#include "instant.h"
#include "policy.h"
#include "str.h"

struct board_view;

/* policy is borrowed and gives the units' names; NULL: codes are their own names. */
MUST_USE bool board_view_open(struct board_view **out, const char *path,
        const struct policy *policy, struct error *err);
void board_view_close(struct board_view *view);

/* Each gives one JSON text in the arena. lag: messages not yet written, -1 unknown. */
MUST_USE bool board_view_summary(struct board_view *view, int64_t lag, instant now,
        struct arena *arena, struct str *json, struct error *err);
MUST_USE bool board_view_units(struct board_view *view, instant now, struct arena *arena,
        struct str *json, struct error *err);
MUST_USE bool board_view_names(struct board_view *view, struct arena *arena,
        struct str *json, struct error *err);

/* month: of the whistles, like "2026-11"; otherwise the one of now. */
MUST_USE bool board_view_whistles(struct board_view *view, struct str month, instant now,
        struct arena *arena, struct str *json, struct error *err);

/* Empty and zero: any. */
struct board_filter {
    struct str unit, stage, urgency, id, after;
    bool overdue;  /* the most overdue first; otherwise the newest first */
    int64_t limit; /* 1 to BOARD_LIMIT_MAX */
};
enum { BOARD_LIMIT = 100, BOARD_LIMIT_MAX = 1000 };

MUST_USE bool board_view_cases(struct board_view *view, const struct board_filter *filter,
        instant now, struct arena *arena, struct str *json, struct error *err);

/* *json stays empty when there is no such case. */
MUST_USE bool board_view_case(struct board_view *view, struct str case_id, instant now,
        struct arena *arena, struct str *json, struct error *err);

#endif
