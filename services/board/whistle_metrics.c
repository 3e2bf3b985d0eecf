#include "whistle_metrics.h"
#include "metrics.h"
#include "whistle_db.h"
#include "whistle_month.h"

#include <stdio.h>

static void show(const char *name, const char *labels, const char *help, int64_t n)
{
    metric_set(metric_gauge(name, labels, help), (double)n);
}

/* What a rate is of: on_time, late and no_show add up to the settled summonses. */
static bool show_units(struct sql *sql, struct error *err)
{
    static const char QUERY[] =
            "SELECT unit, sum(" SUMMONS_ON_TIME "), sum(" SUMMONS_LATE
            "), sum(" SUMMONS_NO_SHOW "), sum(arrived_at > 0), total(CASE WHEN "
            "arrived_at > 0 THEN arrived_at - issued_at END) / 1000 FROM summons JOIN "
            "whistles USING (whistle_id) GROUP BY unit";
    static const char *const results[] = {"on_time", "late", "no_show"};
    struct sql_stmt *stmt;
    bool row, ok;
    if (!sql_prepare(&stmt, sql, QUERY, err))
        return false;
    while ((ok = sql_step(stmt, &row, err)) && row) {
        struct str unit = sql_str(stmt, 0);
        char labels[96]; /* unit codes are short and plain */
        for (int i = 0; i < 3; i++) {
            (void)snprintf(labels, sizeof labels, "unit=\"%.*s\",result=\"%s\"",
                    STR_ARG(unit), results[i]);
            show("chuishao_whistle_check_ins", labels,
                    "settled summonses of whistles by result", sql_int(stmt, i + 1));
        }
        (void)snprintf(labels, sizeof labels, "unit=\"%.*s\"", STR_ARG(unit));
        show("chuishao_whistle_arrivals", labels,
                "check-ins, what the seconds to arrive are of", sql_int(stmt, 4));
        show("chuishao_whistle_arrival_seconds", labels,
                "seconds from the whistle to the check-in, in all", sql_int(stmt, 5));
    }
    sql_done(stmt);
    return ok;
}

static bool show_streets(struct sql *sql, struct error *err)
{
    static const char QUERY[] =
            "SELECT street, type, count(*), sum(stage = 'FINISHED') FROM whistles "
            "WHERE street IS NOT NULL GROUP BY street, type";
    struct sql_stmt *stmt;
    bool row, ok;
    if (!sql_prepare(&stmt, sql, QUERY, err))
        return false;
    while ((ok = sql_step(stmt, &row, err)) && row) {
        char labels[96];
        (void)snprintf(labels, sizeof labels, "street=\"%.*s\",type=\"%.*s\"",
                STR_ARG(sql_str(stmt, 0)), STR_ARG(sql_str(stmt, 1)));
        show("chuishao_whistles", labels, "whistles by street and type",
                sql_int(stmt, 2));
        show("chuishao_whistles_finished", labels,
                "whistles that their street has ended, of chuishao_whistles",
                sql_int(stmt, 3));
    }
    sql_done(stmt);
    return ok;
}

static bool show_street_month(struct sql_stmt *stmt, const struct unit *street,
        const char *type, const struct whistle_month *month, struct error *err)
{
    char labels[96];
    bool row;
    sql_bind_str(stmt, 1, str_of(street->code));
    sql_bind_str(stmt, 2, str_of(type));
    sql_bind_int(stmt, 3, month->from.ms);
    sql_bind_int(stmt, 4, month->to.ms);
    if (!sql_step(stmt, &row, err))
        return false;
    (void)snprintf(
            labels, sizeof labels, "street=\"%s\",type=\"%s\"", street->code, type);
    show("chuishao_whistles_month", labels, "whistles of the current Chinese month",
            sql_int(stmt, 0));
    sql_reset(stmt);
    return true;
}

static void show_limits(const struct whistle_class *class, const char *type)
{
    static const char help[] =
            "by the policy: a month of a street with fewer (low), when it is over, or "
            "more (high) is a warning";
    char labels[64];
    (void)snprintf(labels, sizeof labels, "type=\"%s\",bound=\"low\"", type);
    show("chuishao_whistles_month_limit", labels, help, class->low);
    (void)snprintf(labels, sizeof labels, "type=\"%s\",bound=\"high\"", type);
    show("chuishao_whistles_month_limit", labels, help, class->high);
}

static bool show_month(
        struct sql *sql, const struct policy *policy, instant now, struct error *err)
{
    const struct whistle_month month = whistle_month_of((struct str){0}, now);
    struct sql_stmt *stmt;
    bool ok = true;
    if (!sql_prepare(&stmt, sql,
                "SELECT count(*) FROM whistles WHERE street = ?1 AND type = ?2 AND "
                "issued_at >= ?3 AND issued_at < ?4",
                err))
        return false;
    for (int type = 0; type < WHISTLE_TYPE_COUNT; type++) {
        const struct whistle_class *class = &policy->whistle.classes[type];
        if (class->check_in.amount <= 0)
            continue;
        show_limits(class, whistle_type_names[type]);
        for (size_t i = 0; ok && i < policy->n_units; i++)
            if (policy->units[i].type == UNIT_TYPE_STREET)
                ok = show_street_month(
                        stmt, &policy->units[i], whistle_type_names[type], &month, err);
    }
    sql_done(stmt);
    return ok;
}

bool whistle_metrics(
        struct sql *sql, const struct policy *policy, instant now, struct error *err)
{
    return show_units(sql, err) && show_streets(sql, err) &&
           show_month(sql, policy, now, err);
}
