#include "board_io.h"
#include "board_ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const instant now = {1795222800000}; /* Saturday 2026-11-21T09:00:00+08:00 */

struct fixture {
    struct policy *policy;
    struct sql *sql;
    struct board_db *db;
    struct arena arena;
};

static int open_board(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    struct error err = {0};
    assert_true(policy_load(&f->policy, SOURCE_DIR "/policy", now, NULL, &err));
    assert_true(sql_open(&f->sql, ":memory:", false, &err));
    assert_true(sql_exec(f->sql, board_schema, &err));
    assert_true(board_db_open(&f->db, f->sql, &err));
    *state = f;
    return 0;
}

static int close_board(void **state)
{
    struct fixture *f = *state;
    board_db_close(f->db);
    sql_close(f->sql);
    policy_free(f->policy);
    arena_done(&f->arena);
    test_free(f);
    return 0;
}

static void give(struct fixture *f, const char *event)
{
    struct error err = {0};
    if (!board_db_event(f->db, str_of(event), &err))
        fail_msg("%s: %s", event, err.text);
}

static void assert_holds(struct str text, const char *part)
{
    if (str_find(text, str_of(part)) == text.len)
        fail_msg("no %s in %.*s", part, STR_ARG(text));
}

#define POINTS(key, seq, balance, grade)                                                 \
    "{\"case\":\"" key "\",\"seq\":" #seq ",\"kind\":\"points_given\","                  \
    "\"at\":\"2026-11-21T09:00:00+08:00\",\"new\":{\"ledger\":\"property_credit\","      \
    "\"balance\":" #balance ",\"grade\":\"" grade "\"}}"

static void an_account_is_a_row_of_its_own_and_no_case(void **state)
{
    struct fixture *f = *state;
    struct str json;
    struct error err = {0};
    give(f, POINTS("account:pm-jiahe", 1, 87, "A"));
    give(f, POINTS("account:pm-lvting", 1, 84, "B"));
    give(f, POINTS("account:pm-jiahe", 2, 91, "A"));
    give(f, POINTS("account:pm-jiahe", 1, 87, "A")); /* again */
    give(f, "{\"case\":\"schedule:patrol-lugang\",\"seq\":1,\"kind\":\"schedule_"
            "started\","
            "\"at\":\"2026-11-21T09:00:00+08:00\",\"new\":{}}");
    assert_true(board_accounts(f->sql, f->policy, &f->arena, &json, &err));
    assert_true(str_starts(json, STR("[{\"code\":\"pm-lvting\",\"name\":\"梧桐绿汀")));
    assert_holds(json, "\"balance\":84,\"grade\":\"B\"");
    assert_holds(json, "\"code\":\"pm-jiahe\"");
    assert_holds(json, "\"balance\":91");
    struct sql_stmt *stmt;
    bool row;
    assert_true(sql_prepare(&stmt, f->sql, "SELECT count(*) FROM cases", &err));
    assert_true(sql_step(stmt, &row, &err));
    assert_int_equal(sql_int(stmt, 0), 0);
    sql_done(stmt);
}

#define CASE(n) "n20261118-000000000000000" #n

static void open_case(struct fixture *f, const char *id, const char *unit,
        const char *place, const char *due)
{
    give(f, arena_printf(&f->arena,
                    "{\"case\":\"%s\",\"seq\":1,\"kind\":\"opened\",\"at\":"
                    "\"2026-11-18T08:00:00+08:00\",\"new\":{\"source\":\"s\",\"id\":"
                    "\"i\","
                    "\"channel\":\"phone\",\"title\":\"路灯不亮\",\"place\":{\"code\":\"%"
                    "s\"}}}",
                    id, place)
                    .ptr);
    give(f, arena_printf(&f->arena,
                    "{\"case\":\"%s\",\"seq\":2,\"kind\":\"dispatched\",\"at\":"
                    "\"2026-11-18T08:00:00+08:00\",\"new\":{\"stage\":\"DISPATCHED\","
                    "\"unit\":\"%s\",\"clocks\":[{\"clock\":\"handle\",\"due\":\"%s\"}]}"
                    "}",
                    id, unit, due)
                    .ptr);
}

static void next(struct fixture *f, const char *id, const char *kind, const char *stage,
        const char *at)
{
    give(f, arena_printf(&f->arena,
                    "{\"case\":\"%s\",\"seq\":3,\"kind\":\"%s\",\"at\":\"%s\",\"new\":"
                    "{\"stage\":\"%s\"}}",
                    id, kind, at, stage)
                    .ptr);
}

static struct str digest(struct fixture *f, const char *date)
{
    struct str json;
    struct error err = {0};
    instant day;
    assert_true(instant_parse(
            arena_printf(&f->arena, "%sT00:00:00+08:00", date), &day, &err));
    assert_true(board_digest(
            f->sql, f->policy, calendar_day_of(day), now, &f->arena, &json, &err));
    return json;
}

/* DOMAIN.md 6 row 42 (党政联席会每周调度): a weekly digest of overdue and suspended. */
static void the_digest_counts_what_fell_due_in_the_week(void **state)
{
    struct fixture *f = *state;
    const char *lugang = "329901001001g01";
    open_case(f, CASE(1), "pm-jiahe", lugang, "2026-11-19T17:30:00+08:00");
    next(f, CASE(1), "submitted", "SUBMITTED", "2026-11-19T17:00:00+08:00");
    open_case(f, CASE(2), "pm-jiahe", lugang, "2026-11-19T17:30:00+08:00");
    next(f, CASE(2), "submitted", "SUBMITTED", "2026-11-20T09:00:00+08:00");
    open_case(f, CASE(3), "chengguan", "", "2026-11-20T17:30:00+08:00");
    open_case(f, CASE(4), "chengguan", lugang, "2026-11-22T17:30:00+08:00");
    open_case(f, CASE(5), "nobody", lugang, "2026-11-23T00:00:00+08:00");
    open_case(f, CASE(6), "chengguan", lugang, "2026-12-10T17:30:00+08:00");
    next(f, CASE(6), "suspended", "SUSPENDED", "2026-11-19T09:00:00+08:00");
    struct str json = digest(f, "2026-11-22");
    assert_holds(json, "\"from\":\"2026-11-16\",\"to\":\"2026-11-22\"");
    assert_holds(json, "{\"unit\":\"pm-jiahe\",\"name\":\"梧桐嘉禾邻里物业服务有限公司\","
                       "\"due\":2,\"overdue\":1,\"suspended\":0}");
    assert_holds(json, "{\"unit\":\"chengguan\",\"name\":\"梧桐区城市管理局\",\"due\":2,"
                       "\"overdue\":1,\"suspended\":1}");
    assert_holds(json, "\"name\":\"鹭港街道\",\"due\":3,\"overdue\":1,\"suspended\":1}");
    assert_holds(json, "{\"name\":\"地点不明或不属任何街道\",\"due\":1,\"overdue\":1,"
                       "\"suspended\":0}");
    assert_true(str_find(json, STR(CASE(1))) == json.len);
    assert_holds(json, "{\"case\":\"" CASE(2) "\"");
    assert_holds(json, "\"stage\":\"SUSPENDED\"");
    json = digest(f, "2026-11-23");
    assert_holds(json, "\"from\":\"2026-11-23\"");
    assert_holds(json, "{\"name\":\"其他\",\"due\":1,\"overdue\":0,\"suspended\":0}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_board, close_board)
    const struct CMUnitTest tests[] = {
            TEST(an_account_is_a_row_of_its_own_and_no_case),
            TEST(the_digest_counts_what_fell_due_in_the_week),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
