#include "board_core.h"
#include "board_view_parts.h"
#include "json_out.h"

#include <stdio.h>

static void put_unit(struct json_out *out, const struct board_view *view, struct str code)
{
    const struct unit *unit = board_view_unit(view, code);
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
