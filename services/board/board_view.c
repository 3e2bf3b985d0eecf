#include "board_view_parts.h"
#include "json_out.h"
#include "whistle_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

bool board_view_open(struct board_view **out, const char *path,
        const struct policy *policy, struct error *err)
{
    struct sql *sql;
    if (!sql_open(&sql, path, true, err))
        return false;
    struct board_view *view = malloc(sizeof *view);
    if (!view)
        exit(EX_OSERR);
    *view = (struct board_view){sql, policy};
    *out = view;
    return true;
}

void board_view_close(struct board_view *view)
{
    if (!view)
        return;
    sql_close(view->sql);
    free(view);
}

bool board_view_whistles(struct board_view *view, struct str month, instant now,
        struct arena *arena, struct str *json, struct error *err)
{
    return whistle_view(view->sql, view->policy, month, now, arena, json, err);
}

const struct unit *board_view_unit(const struct board_view *view, struct str code)
{
    return view->policy && code.len ? policy_unit(view->policy, code) : NULL;
}

/* ---- totals ---- */

static int64_t one_int(struct board_view *view, const char *query, struct str text,
        instant now, bool *ok, struct error *err)
{
    struct sql_stmt *stmt;
    if (!*ok || !(*ok = sql_prepare(&stmt, view->sql, query, err)))
        return 0;
    bool row = false;
    if (text.ptr)
        sql_bind_str(stmt, 1, text);
    else
        sql_bind_int(stmt, 1, now.ms);
    *ok = sql_step(stmt, &row, err);
    int64_t n = row ? sql_int(stmt, 0) : 0;
    sql_done(stmt);
    return n;
}

static bool put_dead_letters(
        struct json_out *out, struct board_view *view, struct error *err)
{
    struct sql_stmt *stmt;
    if (!sql_prepare(&stmt, view->sql,
                "SELECT topic, stage, code, n, last_at FROM dead_letters ORDER BY "
                "last_at DESC LIMIT 50",
                err))
        return false;
    json_open_array(out, "dead_letters");
    bool row, ok;
    while ((ok = sql_step(stmt, &row, err)) && row) {
        json_open_object(out, NULL);
        json_str(out, "topic", sql_str(stmt, 0));
        json_str(out, "stage", sql_str(stmt, 1));
        json_str(out, "code", sql_str(stmt, 2));
        json_int(out, "n", sql_int(stmt, 3));
        json_instant_some(out, "last_at", sql_instant(stmt, 4));
        json_close_object(out);
    }
    json_close_array(out);
    sql_done(stmt);
    return ok;
}

bool board_view_summary(struct board_view *view, int64_t lag, instant now,
        struct arena *arena, struct str *json, struct error *err)
{
    static const char COUNTER[] = "SELECT n FROM counters WHERE name = ?1";
    bool ok = true;
#define COUNT(name) one_int(view, COUNTER, STR(name), now, &ok, err)
    /* One moment for all figures: they add up whatever is written meanwhile. */
    if (!sql_exec(view->sql, "BEGIN", err))
        return false;
    int64_t accepted = COUNT("accepted"), repeated = COUNT("audit:repeat");
    int64_t dead = one_int(view, "SELECT total(n) FROM dead_letters WHERE topic LIKE ?1",
            STR("complaint.intake.%"), now, &ok, err);
    struct json_out out;
    json_begin(&out, arena, 1024);
    json_open_object(&out, NULL);
    json_int(&out, "published", accepted + repeated + dead);
    json_int(&out, "accepted", accepted);
    json_int(&out, "repeated", repeated);
    json_int(&out, "dead_lettered", dead);
    json_int(&out, "dispatched", COUNT("outcome:dispatched"));
    json_int(&out, "needs_human", COUNT("outcome:needs_human"));
    json_int(&out, "transferred", COUNT("outcome:transferred"));
    json_int(&out, "merged", COUNT("outcome:merged"));
    json_int(&out, "resolved", COUNT("stage:CLOSED"));
    json_int(&out, "open",
            accepted - COUNT("stage:CLOSED") - COUNT("stage:TRANSFERRED_OUT") -
                    COUNT("stage:MERGED"));
    json_int(&out, "overdue",
            one_int(view,
                    "SELECT count(*) FROM cases WHERE open = 1 AND next_due > 0 AND "
                    "next_due < ?1",
                    (struct str){0}, now, &ok, err));
    json_int(&out, "waiting_human", COUNT("stage:NEEDS_HUMAN"));
    json_int(&out, "refused", COUNT("audit:refused") + COUNT("audit:wrong_queue"));
    json_int(&out, "gaps", COUNT("event_gaps"));
    json_int(&out, "lag", lag);
    json_instant(&out, "at", now);
    ok = ok && put_dead_letters(&out, view, err);
    json_close_object(&out);
    *json = json_end(&out);
#undef COUNT
    return sql_exec(view->sql, "COMMIT", err) && ok;
}

/* ---- queues ---- */

static instant end_of_day(instant t)
{
    int64_t day_ms = 24 * 3600 * 1000;
    return (instant){((t.ms + CHINA_OFFSET_MS) / day_ms + 1) * day_ms - CHINA_OFFSET_MS};
}

bool board_view_units(struct board_view *view, instant now, struct arena *arena,
        struct str *json, struct error *err)
{
    struct sql_stmt *stmt;
    if (!sql_prepare(&stmt, view->sql,
                "SELECT unit, count(*), sum(stage = 'DISPATCHED'), sum(next_due > 0 AND "
                "next_due < ?1),"
                " sum(next_due >= ?1 AND next_due < ?2), min(CASE WHEN stage = "
                "'DISPATCHED' THEN opened_at END)"
                " FROM cases WHERE open = 1 AND unit IS NOT NULL GROUP BY unit ORDER BY "
                "4 DESC, 2 DESC, 1",
                err))
        return false;
    sql_bind_int(stmt, 1, now.ms);
    sql_bind_int(stmt, 2, end_of_day(now).ms);
    struct json_out out;
    json_begin(&out, arena, 8192);
    json_open_array(&out, NULL);
    bool row, ok;
    while ((ok = sql_step(stmt, &row, err)) && row) {
        json_open_object(&out, NULL);
        struct str code = sql_str(stmt, 0);
        const struct unit *unit = board_view_unit(view, code);
        /* The desk answers what it has; it signs nothing. */
        bool signs = !unit || unit->type != UNIT_TYPE_DESK;
        json_str(&out, "unit", code);
        json_str(&out, "name", unit ? str_of(unit->name) : code);
        json_text_some(&out, "short_name", unit ? unit->short_name : NULL);
        json_int(&out, "open", sql_int(stmt, 1));
        if (signs)
            json_int(&out, "unsigned", sql_int(stmt, 2));
        json_int(&out, "overdue", sql_int(stmt, 3));
        json_int(&out, "due_today", sql_int(stmt, 4));
        if (signs)
            json_instant_some(&out, "oldest_unsigned", sql_instant(stmt, 5));
        json_close_object(&out);
    }
    json_close_array(&out);
    sql_done(stmt);
    *json = json_end(&out);
    return ok;
}

bool board_view_names(
        struct board_view *view, struct arena *arena, struct str *json, struct error *err)
{
    (void)err; /* nothing here can fail; all views have one form */
    struct json_out out;
    json_begin(&out, arena, 8192);
    json_open_object(&out, NULL);
    for (size_t i = 0; view->policy && i < view->policy->n_units; i++)
        json_text(&out, view->policy->units[i].code, view->policy->units[i].name);
    json_close_object(&out);
    *json = json_end(&out);
    return true;
}
