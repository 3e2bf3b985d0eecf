#include "whistle_view.h"
#include "json_out.h"
#include "whistle_db.h"
#include "whistle_month.h"

enum { RECENT = 50 };

struct view {
    struct sql *sql;
    const struct policy *policy;
    struct json_out *out;
    struct whistle_month month;
    bool over; /* it is, so few whistles are few */
    struct error *err;
};

/* ---- what is said ---- */

static bool ask(struct view *view, struct sql_stmt **stmt, const char *query)
{
    if (!sql_prepare(stmt, view->sql, query, view->err))
        return false;
    sql_bind_int(*stmt, 1, view->month.from.ms);
    sql_bind_int(*stmt, 2, view->month.to.ms);
    return true;
}

static void put_unit(const struct view *view, struct str code)
{
    const struct unit *unit = view->policy && code.len ? policy_unit(view->policy, code)
                                                       : NULL;
    json_str_some(view->out, "unit", code);
    json_text_some(view->out, "unit_name", unit ? unit->name : NULL);
    json_text_some(view->out, "unit_short", unit ? unit->short_name : NULL);
}

static void put_of(const struct view *view, const char *key, int64_t n, int64_t of)
{
    json_open_object(view->out, key);
    json_int(view->out, "n", n);
    json_int(view->out, "of", of);
    json_close_object(view->out);
}

/* 按时报到率, 平均到场分钟, 缺席率: by unit and by whether it had to come. */
static bool put_units(struct view *view)
{
    static const char QUERY[] =
            "SELECT unit, role, sum(" SUMMONS_ON_TIME "), sum(" SUMMONS_LATE
            "), sum(" SUMMONS_NO_SHOW "), sum(dispute <> 'released'), sum(dispute = "
            "'released'), sum(arrived_at > 0), total(CASE WHEN arrived_at > 0 THEN "
            "arrived_at - issued_at END) / 60000, sum(score > 0), sum(score) FROM "
            "summons JOIN whistles USING (whistle_id) WHERE issued_at >= ?1 AND "
            "issued_at < ?2 GROUP BY unit, role ORDER BY unit, role DESC";
    struct json_out *out = view->out;
    struct sql_stmt *stmt;
    if (!ask(view, &stmt, QUERY))
        return false;
    json_open_array(out, "units");
    bool row, ok;
    while ((ok = sql_step(stmt, &row, view->err)) && row) {
        int64_t on_time = sql_int(stmt, 2), late = sql_int(stmt, 3),
                no_show = sql_int(stmt, 4), settled = on_time + late + no_show;
        json_open_object(out, NULL);
        put_unit(view, sql_str(stmt, 0));
        json_str(out, "role", sql_str(stmt, 1));
        json_int(out, "summoned", sql_int(stmt, 5));
        json_int(out, "released", sql_int(stmt, 6));
        put_of(view, "on_time", on_time, settled);
        put_of(view, "late", late, settled);
        put_of(view, "no_show", no_show, settled);
        put_of(view, "absent", late + no_show, settled);
        put_of(view, "minutes", sql_int(stmt, 8), sql_int(stmt, 7));
        put_of(view, "score", sql_int(stmt, 10), sql_int(stmt, 9));
        json_close_object(out);
    }
    json_close_array(out);
    sql_done(stmt);
    return ok;
}

struct street_counts {
    int64_t issued, finished, score, scored;
};

static bool street_counts(struct view *view, struct sql_stmt *stmt, const char *street,
        const char *type, struct street_counts *counts)
{
    bool row;
    sql_bind_int(stmt, 1, view->month.from.ms);
    sql_bind_int(stmt, 2, view->month.to.ms);
    sql_bind_str(stmt, 3, str_of(street));
    sql_bind_str(stmt, 4, str_of(type));
    if (!sql_step(stmt, &row, view->err))
        return false;
    *counts = (struct street_counts){
            sql_int(stmt, 0), sql_int(stmt, 1), sql_int(stmt, 2), sql_int(stmt, 3)};
    sql_reset(stmt);
    return true;
}

/* 吹哨率: a month that is not over cannot have too few yet. */
static const char *warning(
        const struct view *view, const struct whistle_class *class, int64_t issued)
{
    return issued > class->high ? "high" : view->over && issued < class->low ? "low" : "";
}

static bool put_street(struct view *view, struct sql_stmt *stmt,
        const struct unit *street, enum whistle_type type)
{
    const struct whistle_class *class = &view->policy->whistle.classes[type];
    struct json_out *out = view->out;
    struct street_counts counts;
    if (!street_counts(view, stmt, street->code, whistle_type_names[type], &counts))
        return false;
    json_open_object(out, NULL);
    put_unit(view, str_of(street->code));
    json_text(out, "type", whistle_type_names[type]);
    json_int(out, "whistles", counts.issued);
    json_int(out, "low", class->low);
    json_int(out, "high", class->high);
    json_text_some(out, "warning", warning(view, class, counts.issued));
    put_of(view, "closed", counts.finished, counts.issued);
    put_of(view, "score", counts.score, counts.scored);
    json_close_object(out);
    return true;
}

/* Every street and type that may be whistled, for none is what the low warning is about.
 */
static bool put_streets(struct view *view)
{
    static const char QUERY[] =
            "SELECT count(*), total(stage = 'FINISHED'), (SELECT total(score_of_issuer) "
            "FROM summons JOIN whistles USING (whistle_id) WHERE issued_at >= ?1 AND "
            "issued_at < ?2 AND street = ?3 AND type = ?4), (SELECT "
            "total(score_of_issuer > 0) FROM summons JOIN whistles USING (whistle_id) "
            "WHERE issued_at >= ?1 AND issued_at < ?2 AND street = ?3 AND type = ?4) "
            "FROM whistles WHERE issued_at >= ?1 AND issued_at < ?2 AND street = ?3 AND "
            "type = ?4";
    const struct policy *policy = view->policy;
    struct sql_stmt *stmt;
    json_open_array(view->out, "streets");
    bool ok = sql_prepare(&stmt, view->sql, QUERY, view->err);
    for (size_t i = 0; ok && policy && i < policy->n_units; i++)
        for (int type = 0; ok && type < WHISTLE_TYPE_COUNT; type++)
            if (policy->units[i].type == UNIT_TYPE_STREET &&
                    policy->whistle.classes[type].check_in.amount > 0)
                ok = put_street(view, stmt, &policy->units[i], (enum whistle_type)type);
    json_close_array(view->out);
    sql_done(stmt);
    return ok;
}

static bool put_recent(struct view *view)
{
    static const char QUERY[] =
            "SELECT whistle_id, street, type, place_name, stage, issued_at, due, "
            "finished_at, (SELECT count(*) FROM summons s WHERE s.whistle_id = "
            "w.whistle_id AND dispute <> 'released'), (SELECT count(*) FROM summons s "
            "WHERE s.whistle_id = w.whistle_id AND dispute <> 'released' AND arrived_at "
            "> 0), (SELECT count(*) FROM summons s WHERE s.whistle_id = w.whistle_id AND "
            "dispute <> 'released' AND absent = 1) FROM whistles w WHERE issued_at >= ?1 "
            "AND issued_at < ?2 ORDER BY issued_at DESC, whistle_id LIMIT ?3";
    struct json_out *out = view->out;
    struct sql_stmt *stmt;
    if (!ask(view, &stmt, QUERY))
        return false;
    sql_bind_int(stmt, 3, RECENT);
    json_open_array(out, "recent");
    bool row, ok;
    while ((ok = sql_step(stmt, &row, view->err)) && row) {
        json_open_object(out, NULL);
        json_str(out, "whistle", sql_str(stmt, 0));
        put_unit(view, sql_str(stmt, 1));
        json_str_some(out, "type", sql_str(stmt, 2));
        json_str_some(out, "place_name", sql_str(stmt, 3));
        json_str(out, "stage", sql_str(stmt, 4));
        json_instant_some(out, "issued_at", sql_instant(stmt, 5));
        json_instant_some(out, "due", sql_instant(stmt, 6));
        json_instant_some(out, "finished_at", sql_instant(stmt, 7));
        put_of(view, "arrived", sql_int(stmt, 9), sql_int(stmt, 8));
        put_of(view, "absent", sql_int(stmt, 10), sql_int(stmt, 8));
        json_close_object(out);
    }
    json_close_array(out);
    sql_done(stmt);
    return ok;
}

bool whistle_view(struct sql *sql, const struct policy *policy, struct str month,
        instant now, struct arena *arena, struct str *json, struct error *err)
{
    struct json_out out;
    struct view view = {.sql = sql,
            .policy = policy,
            .out = &out,
            .month = whistle_month_of(month, now),
            .err = err};
    view.over = !instant_before(now, view.month.to);
    json_begin(&out, arena, 16384);
    json_open_object(&out, NULL);
    json_str(&out, "month",
            arena_printf(arena, "%04d-%02d", view.month.year, view.month.month));
    /* One moment for all figures: they add up whatever is written meanwhile. */
    if (!sql_exec(sql, "BEGIN", err))
        return false;
    bool ok = put_units(&view) && put_streets(&view) && put_recent(&view);
    json_close_object(&out);
    *json = json_end(&out);
    return sql_exec(sql, "COMMIT", err) && ok;
}
