#include "board_view.h"
#include "board_core.h"
#include "json_out.h"
#include "sql.h"
#include "whistle_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

struct board_view {
    struct sql *sql;
    const struct policy *policy;
};

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

static const struct unit *unit_of(const struct board_view *view, struct str code)
{
    return view->policy && code.len ? policy_unit(view->policy, code) : NULL;
}

static void put_unit(struct json_out *out, const struct board_view *view, struct str code)
{
    const struct unit *unit = unit_of(view, code);
    json_str_some(out, "unit", code);
    json_text_some(out, "unit_name", unit ? unit->name : NULL);
    json_text_some(out, "unit_short", unit ? unit->short_name : NULL);
}

/* The first `most` characters of a text, with a mark when there are more. */
static struct str beginning(struct arena *arena, struct str text, size_t most)
{
    size_t len = 0, characters = 0;
    for (; len < text.len; len++)
        if (((unsigned char)text.ptr[len] & 0xc0) != 0x80 && characters++ == most)
            return arena_printf(arena, "%.*s…", (int)len, text.ptr);
    return text;
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
        const struct unit *unit = unit_of(view, code);
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

/* ---- cases ---- */

#define X(name) #name ", "
#define VIEW_COLUMNS                                                                     \
    BOARD_TEXTS(X) "case_id, stage, outcome, next_due, opened_at, closed_at, breached"
static const char LIST_COLUMNS[] = "SELECT " VIEW_COLUMNS;
#undef X
enum {
#define X(name) COLUMN_##name,
    BOARD_TEXTS(X)
#undef X
            COLUMN_case_id,
    COLUMN_stage,
    COLUMN_outcome,
    COLUMN_next_due,
    COLUMN_opened_at,
    COLUMN_closed_at,
    COLUMN_breached,
    COLUMN_COUNT
};

static void put_case_fields(struct json_out *out, const struct board_view *view,
        struct sql_stmt *stmt, instant now)
{
    json_str(out, "case", sql_str(stmt, COLUMN_case_id));
    json_str_some(out, "source", sql_str(stmt, COLUMN_source));
    json_str_some(out, "id", sql_str(stmt, COLUMN_id));
    json_str_some(out, "channel", sql_str(stmt, COLUMN_channel));
    json_str_some(out, "title", sql_str(stmt, COLUMN_title));
    json_str_some(out, "brief", beginning(out->arena, sql_str(stmt, COLUMN_text), 20));
    json_str_some(out, "nature", sql_str(stmt, COLUMN_nature));
    json_str_some(out, "category", sql_str(stmt, COLUMN_category));
    json_str_some(out, "category_name", sql_str(stmt, COLUMN_category_name));
    json_str_some(out, "urgency", sql_str(stmt, COLUMN_urgency));
    json_str_some(out, "place", sql_str(stmt, COLUMN_place));
    json_str_some(out, "place_name", sql_str(stmt, COLUMN_place_name));
    put_unit(out, view, sql_str(stmt, COLUMN_unit));
    json_str_some(out, "order", sql_str(stmt, COLUMN_order_id));
    json_str(out, "stage", sql_str(stmt, COLUMN_stage));
    json_str_some(out, "outcome", sql_str(stmt, COLUMN_outcome));
    json_str_some(out, "reason", sql_str(stmt, COLUMN_reason));
    json_str_some(out, "rule", sql_str(stmt, COLUMN_rule));
    json_str_some(out, "policy", sql_str(stmt, COLUMN_policy));
    json_str_some(out, "line", sql_str(stmt, COLUMN_line));
    json_str_some(out, "master", sql_str(stmt, COLUMN_master));
    json_instant_some(out, "due", sql_instant(stmt, COLUMN_next_due));
    json_instant_some(out, "opened_at", sql_instant(stmt, COLUMN_opened_at));
    json_instant_some(out, "closed_at", sql_instant(stmt, COLUMN_closed_at));
    int64_t due = sql_int(stmt, COLUMN_next_due);
    json_bool(out, "overdue",
            due > 0 && due < now.ms && sql_int(stmt, COLUMN_closed_at) == 0);
    json_bool(out, "breached", sql_int(stmt, COLUMN_breached) != 0);
}

/* The condition of a list; its parameters are ?1 unit, ?2 stage, ?3 urgency, ?4 id, ?5
 * now, ?6 after, ?7 limit. */
static void list_query(const struct board_filter *filter, char *out, size_t size)
{
    /* Of two cases opened in the same millisecond the id decides, so that a page ends
     * where the next begins. */
    const char *after = !filter->after.len ? ""
                        : filter->overdue
                                ? " AND (next_due, case_id) > (SELECT next_due, case_id "
                                  "FROM cases WHERE case_id = ?6)"
                                : " AND (opened_at, case_id) < (SELECT opened_at, "
                                  "case_id FROM cases WHERE case_id = ?6)";
    (void)snprintf(out, size, "%s FROM cases WHERE 1%s%s%s%s%s%s ORDER BY %s LIMIT ?7",
            LIST_COLUMNS, filter->unit.len ? " AND unit = ?1" : "",
            filter->stage.len ? " AND stage = ?2" : "",
            filter->urgency.len ? " AND urgency = ?3" : "",
            filter->id.len ? " AND id = ?4" : "",
            filter->overdue ? " AND open = 1 AND next_due > 0 AND next_due < ?5" : "",
            after,
            filter->overdue ? "next_due, case_id"
                            : "opened_at DESC, case_id DESC"); /* fits: all literals */
}

bool board_view_cases(struct board_view *view, const struct board_filter *filter,
        instant now, struct arena *arena, struct str *json, struct error *err)
{
    char query[1024];
    struct sql_stmt *stmt;
    list_query(filter, query, sizeof query);
    if (!sql_prepare(&stmt, view->sql, query, err))
        return false;
    if (filter->unit.len)
        sql_bind_str(stmt, 1, filter->unit);
    if (filter->stage.len)
        sql_bind_str(stmt, 2, filter->stage);
    if (filter->urgency.len)
        sql_bind_str(stmt, 3, filter->urgency);
    if (filter->id.len)
        sql_bind_str(stmt, 4, filter->id);
    if (filter->overdue)
        sql_bind_int(stmt, 5, now.ms);
    if (filter->after.len)
        sql_bind_str(stmt, 6, filter->after);
    sql_bind_int(stmt, 7, filter->limit);
    struct json_out out;
    json_begin(&out, arena, 65536);
    json_open_array(&out, NULL);
    bool row, ok;
    while ((ok = sql_step(stmt, &row, err)) && row) {
        json_open_object(&out, NULL);
        put_case_fields(&out, view, stmt, now);
        json_close_object(&out);
    }
    json_close_array(&out);
    sql_done(stmt);
    *json = json_end(&out);
    return ok;
}

static void put_clocks(struct json_out *out, struct sql_stmt *stmt)
{
    json_open_array(out, "clocks");
    unsigned breached = (unsigned)sql_int(stmt, COLUMN_breached);
    for (int clock = 0; clock < BOARD_CLOCK_COUNT; clock++) {
        int column = COLUMN_COUNT + 2 * clock;
        if (sql_int(stmt, column) == 0)
            continue;
        json_open_object(out, NULL);
        json_text(out, "clock", board_clock_names[clock]);
        json_instant(out, "due", sql_instant(stmt, column));
        json_instant_some(out, "done", sql_instant(stmt, column + 1));
        json_bool(out, "breached", (breached >> clock & 1U) != 0);
        json_close_object(out);
    }
    json_close_array(out);
}

static bool put_raw_list(struct json_out *out, const char *key, struct board_view *view,
        const char *query, struct str case_id, struct error *err)
{
    struct sql_stmt *stmt;
    if (!sql_prepare(&stmt, view->sql, query, err))
        return false;
    sql_bind_str(stmt, 1, case_id);
    json_open_array(out, key);
    bool row, ok;
    while ((ok = sql_step(stmt, &row, err)) && row)
        json_raw(out, NULL, sql_str(stmt, 0));
    json_close_array(out);
    sql_done(stmt);
    return ok;
}

bool board_view_case(struct board_view *view, struct str case_id, instant now,
        struct arena *arena, struct str *json, struct error *err)
{
    char query[1024];
    (void)snprintf(query, sizeof query, "%s%s", LIST_COLUMNS, /* fits: all literals */
#define X(name, text) ", due_" #text ", done_" #text
            BOARD_CLOCKS(X)
#undef X
                    " FROM cases WHERE case_id = ?1");
    struct sql_stmt *stmt;
    bool found;
    *json = (struct str){0};
    if (!sql_prepare(&stmt, view->sql, query, err))
        return false;
    sql_bind_str(stmt, 1, case_id);
    bool ok = sql_step(stmt, &found, err);
    if (ok && found) {
        struct json_out out;
        json_begin(&out, arena, 16384);
        json_open_object(&out, NULL);
        put_case_fields(&out, view, stmt, now);
        json_str_some(&out, "text", sql_str(stmt, COLUMN_text));
        json_str_some(&out, "result_outcome", sql_str(stmt, COLUMN_result_outcome));
        json_str_some(&out, "result", sql_str(stmt, COLUMN_result));
        put_clocks(&out, stmt);
        ok = put_raw_list(&out, "events", view,
                     "SELECT event FROM events WHERE case_id = ?1 ORDER BY seq", case_id,
                     err) &&
             put_raw_list(&out, "audits", view,
                     "SELECT audit FROM audits WHERE case_id = ?1 ORDER BY id LIMIT 100",
                     case_id, err);
        json_close_object(&out);
        *json = json_end(&out);
    }
    sql_done(stmt);
    return ok;
}
