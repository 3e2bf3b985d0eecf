#include "board_ledger.h"

#include "board_wire.h"
#include "ids.h"
#include "json_out.h"

#include <stdio.h>

enum { DAYS_A_WEEK = 7, DIGEST_CASES_MAX = 1000 };

bool board_ledger_key(struct str key)
{
    return key_code(key, "account:").len || key_code(key, "schedule:").len;
}

/* ---- accounts, written ---- */

bool board_ledger_event(struct sql *sql, const struct board_wire *wire, struct error *err)
{
    struct sql_stmt *put;
    struct str code = key_code(wire->case_id, "account:");
    if (!code.len)
        return true;
    if (!sql_prepare(&put, sql,
                "INSERT INTO accounts(code, seq, ledger, balance, grade, at)"
                " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(code) DO UPDATE SET"
                " seq = ?2, ledger = ?3, balance = ?4, grade = ?5, at = ?6"
                " WHERE seq < ?2",
                err))
        return false;
    sql_bind_str(put, 1, code);
    sql_bind_int(put, 2, wire->seq);
    sql_bind_str(put, 3, wire->fresh.ledger);
    sql_bind_int(put, 4, wire->fresh.balance);
    sql_bind_str(put, 5, wire->fresh.grade);
    sql_bind_int(put, 6, wire->at.ms);
    bool done = sql_run(put, err);
    sql_done(put);
    return done;
}

/* ---- accounts, read ---- */

static const char *name_of(const struct policy *policy, struct str code)
{
    const struct unit *unit = policy_unit(policy, code);
    const struct pool *pool = policy_pool(policy, code);
    return unit ? unit->name : pool ? pool->name : NULL;
}

bool board_accounts(struct sql *sql, const struct policy *policy, struct arena *arena,
        struct str *json, struct error *err)
{
    struct sql_stmt *stmt;
    if (!sql_prepare(&stmt, sql,
                "SELECT code, ledger, balance, grade, at FROM accounts"
                " ORDER BY ledger, balance, code",
                err))
        return false;
    struct json_out out;
    json_begin(&out, arena, 8192);
    json_open_array(&out, NULL);
    bool row, ok;
    while ((ok = sql_step(stmt, &row, err)) && row) {
        json_open_object(&out, NULL);
        json_str(&out, "code", sql_str(stmt, 0));
        json_text_some(&out, "name", name_of(policy, sql_str(stmt, 0)));
        json_str(&out, "ledger", sql_str(stmt, 1));
        json_int(&out, "balance", sql_int(stmt, 2));
        json_str_some(&out, "grade", sql_str(stmt, 3));
        json_instant(&out, "at", sql_instant(stmt, 4));
        json_close_object(&out);
    }
    json_close_array(&out);
    sql_done(stmt);
    *json = json_end(&out);
    return ok;
}

/* ---- the week's digest ---- */

struct tally {
    int64_t due, overdue, suspended;
};

/* One row for each unit and each street of the policy, and one for all others. */
struct tallies {
    const struct policy *policy;
    struct tally *units, *streets, other_units, other_streets;
};

/* A clock that fell due in the week; overdue when it was not settled by then. */
static const char
        digest_query[] = "SELECT case_id, unit, place, title, stage, next_due, closed_at,"
                         " (0"
#define X(name, text)                                                                    \
    " OR (due_" #text " >= ?1 AND due_" #text " < ?2 AND due_" #text " > 0)"
        BOARD_CLOCKS(X)
#undef X
                "), (0"
#define X(name, text)                                                                    \
    " OR (due_" #text " >= ?1 AND due_" #text " < ?2 AND due_" #text " > 0"              \
    " AND (CASE done_" #text " WHEN 0 THEN ?3 ELSE done_" #text " END) > due_" #text ")"
        BOARD_CLOCKS(X)
#undef X
                "), stage = 'SUSPENDED' AS suspended FROM cases"
                " ORDER BY unit, case_id";
enum {
    COLUMN_CASE,
    COLUMN_UNIT,
    COLUMN_PLACE,
    COLUMN_TITLE,
    COLUMN_STAGE,
    COLUMN_NEXT_DUE,
    COLUMN_CLOSED,
    COLUMN_DUE,
    COLUMN_OVERDUE,
    COLUMN_SUSPENDED
};

static void count(struct tally *tally, struct sql_stmt *stmt)
{
    tally->due += sql_int(stmt, COLUMN_DUE);
    tally->overdue += sql_int(stmt, COLUMN_OVERDUE);
    tally->suspended += sql_int(stmt, COLUMN_SUSPENDED);
}

static const struct place *street_of(const struct policy *policy, struct str place)
{
    return place_up(policy_place(policy, place), PLACE_TYPE_STREET);
}

static void put_case(
        struct json_out *out, const struct policy *policy, struct sql_stmt *stmt)
{
    const struct unit *unit = policy_unit(policy, sql_str(stmt, COLUMN_UNIT));
    const struct place *street = street_of(policy, sql_str(stmt, COLUMN_PLACE));
    json_open_object(out, NULL);
    json_str(out, "case", sql_str(stmt, COLUMN_CASE));
    json_str_some(out, "title", sql_str(stmt, COLUMN_TITLE));
    json_str_some(out, "unit", sql_str(stmt, COLUMN_UNIT));
    json_text_some(out, "unit_name", unit ? unit->name : NULL);
    json_text_some(out, "street", street ? street->name : NULL);
    json_str(out, "stage", sql_str(stmt, COLUMN_STAGE));
    json_instant_some(out, "due", sql_instant(stmt, COLUMN_NEXT_DUE));
    json_instant_some(out, "closed_at", sql_instant(stmt, COLUMN_CLOSED));
    json_bool(out, "overdue", sql_int(stmt, COLUMN_OVERDUE) != 0);
    json_bool(out, "suspended", sql_int(stmt, COLUMN_SUSPENDED) != 0);
    json_close_object(out);
}

static void put_tally(struct json_out *out, const char *what, const char *code,
        const char *name, const struct tally *tally)
{
    if (!tally->due && !tally->suspended)
        return;
    json_open_object(out, NULL);
    json_text_some(out, what, code);
    json_text(out, "name", name);
    json_int(out, "due", tally->due);
    json_int(out, "overdue", tally->overdue);
    json_int(out, "suspended", tally->suspended);
    json_close_object(out);
}

static void put_tallies(struct json_out *out, const struct tallies *tallies)
{
    const struct policy *policy = tallies->policy;
    json_open_array(out, "units");
    for (size_t i = 0; i < policy->n_units; i++)
        put_tally(out, "unit", policy->units[i].code, policy->units[i].name,
                &tallies->units[i]);
    put_tally(out, "unit", NULL, "其他", &tallies->other_units);
    json_close_array(out);
    json_open_array(out, "streets");
    for (size_t i = 0; i < policy->n_places; i++)
        put_tally(out, "street", policy->places[i].code, policy->places[i].name,
                &tallies->streets[i]);
    put_tally(out, "street", NULL, "地点不明或不属任何街道", &tallies->other_streets);
    json_close_array(out);
}

/* The cases that are told, as they come; all are counted. */
static bool put_cases(struct json_out *out, struct sql_stmt *stmt,
        struct tallies *tallies, struct error *err)
{
    const struct policy *policy = tallies->policy;
    int64_t told = 0, left_out = 0;
    bool row, ok;
    json_open_array(out, "cases");
    while ((ok = sql_step(stmt, &row, err)) && row) {
        const struct unit *unit = policy_unit(policy, sql_str(stmt, COLUMN_UNIT));
        const struct place *street = street_of(policy, sql_str(stmt, COLUMN_PLACE));
        count(unit ? &tallies->units[unit - policy->units] : &tallies->other_units, stmt);
        count(street ? &tallies->streets[street - policy->places]
                     : &tallies->other_streets,
                stmt);
        if (!sql_int(stmt, COLUMN_OVERDUE) && !sql_int(stmt, COLUMN_SUSPENDED))
            continue;
        if (told++ < DIGEST_CASES_MAX)
            put_case(out, policy, stmt);
        else
            left_out++;
    }
    json_close_array(out);
    json_int(out, "left_out", left_out);
    return ok;
}

static void *zeroed(struct arena *arena, size_t n, size_t size)
{
    void *items = arena_alloc(arena, n * size + 1);
    memset(items, 0, n * size);
    return items;
}

static void put_day(struct json_out *out, const char *key, int32_t day)
{
    char text[16];
    int32_t date = calendar_date(day);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", (int)(date / 10000),
            (int)(date / 100 % 100), (int)(date % 100));
    json_text(out, key, text);
}

bool board_digest(struct sql *sql, const struct policy *policy, int32_t day, instant now,
        struct arena *arena, struct str *json, struct error *err)
{
    struct sql_stmt *stmt;
    int32_t monday = day - calendar_weekday(day);
    struct tallies tallies = {
            .policy = policy,
            .units = zeroed(arena, policy->n_units, sizeof(struct tally)),
            .streets = zeroed(arena, policy->n_places, sizeof(struct tally)),
    };
    if (!sql_prepare(&stmt, sql, digest_query, err))
        return false;
    sql_bind_int(stmt, 1, calendar_minute(monday, 0).ms);
    sql_bind_int(stmt, 2, calendar_minute(monday + DAYS_A_WEEK, 0).ms);
    sql_bind_int(stmt, 3, now.ms);
    struct json_out out;
    json_begin(&out, arena, 16384);
    json_open_object(&out, NULL);
    put_day(&out, "from", monday);
    put_day(&out, "to", monday + DAYS_A_WEEK - 1);
    json_instant(&out, "at", now);
    bool ok = put_cases(&out, stmt, &tallies, err);
    put_tallies(&out, &tallies);
    json_close_object(&out);
    sql_done(stmt);
    *json = json_end(&out);
    return ok;
}
