/* Whistles on the board: from their events to the figures, each with what it is of. */
#include "board_io.h"
#include "case_policy.h"
#include "metrics.h"
#include "whistle_db.h"
#include "whistle_metrics.h"
#include "whistle_month.h"
#include "whistle_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WHISTLE "w20261120-0123456789abcdef"

struct board {
    struct sql *sql;
    struct board_db *db;
    struct arena arena;
    int64_t seq;
};

static int setup(void **state)
{
    struct board *board = calloc(1, sizeof *board);
    struct error err = {0};
    assert_true(sql_open(&board->sql, ":memory:", false, &err));
    assert_true(sql_exec(board->sql, board_schema, &err));
    assert_true(board_db_open(&board->db, board->sql, &err));
    *state = board;
    return 0;
}

static int teardown(void **state)
{
    struct board *board = *state;
    board_db_close(board->db);
    sql_close(board->sql);
    arena_done(&board->arena);
    free(board);
    return 0;
}

static void take(struct board *board, const char *id, int64_t seq, const char *kind,
        const char *at, const char *more)
{
    struct error err = {0};
    struct str value = arena_printf(&board->arena,
            "{\"case\":\"%s\",\"seq\":%lld,\"kind\":\"%s\",\"at\":\"%s:00.000+08:00\",%"
            "s}",
            id, (long long)seq, kind, at, more);
    if (!board_db_event(board->db, value, &err))
        fail_msg("%s: %s", err.code, err.text);
}

static void next(struct board *board, const char *kind, const char *at, const char *more)
{
    take(board, WHISTLE, ++board->seq, kind, at, more);
}

#define ABOUT(unit) "\"type\":\"emergency\",\"unit\":\"" unit "\""
#define ACTOR(unit) "\"actor\":{\"unit\":\"" unit "\"}"
#define SLA "\"actor\":{\"service\":\"sla\"}"
#define ISSUE                                                                             \
    ACTOR("taihu")                                                                        \
    ",\"why\":{},\"new\":{\"stage\":\"ISSUED\"," ABOUT(                                   \
            "taihu") ",\"place\":{\"code\":\"e-jinhe\",\"name\":\"金禾苑\"},\"text\":" \
                     "\"爆管\",\"units\":["                                             \
                     "{\"unit\":\"zhujian\",\"role\":\"must\"},{\"unit\":\"gongan\","     \
                     "\"role\":\"must\"},"                                                \
                     "{\"unit\":\"shijian\",\"role\":\"assist\"},{\"unit\":"              \
                     "\"chengguan\",\"role\":\"must\"},"                                  \
                     "{\"unit\":\"yingji\",\"role\":\"must\"}],\"clocks\":[{\"clock\":"   \
                     "\"check_in\",\"due\":"                                              \
                     "\"2026-11-20T10:30:00+08:00\"}]}"

/* On time, late, a no-show, a release. */
static void issue_and_answer(struct board *board)
{
    next(board, "whistle_issued", "2026-11-20T10:00", ISSUE);
    next(board, "whistle_checked_in", "2026-11-20T10:20",
            ACTOR("zhujian") ",\"new\":{" ABOUT("zhujian") ",\"late\":false}");
    next(board, "whistle_disputed", "2026-11-20T10:21",
            ACTOR("chengguan") ",\"new\":{" ABOUT("chengguan") "}");
    next(board, "whistle_absent", "2026-11-20T10:30",
            SLA ",\"new\":{" ABOUT("gongan") ",\"percent\":100}");
    next(board, "whistle_absent", "2026-11-20T10:30",
            SLA ",\"new\":{" ABOUT("shijian") ",\"percent\":100}");
    next(board, "whistle_absent", "2026-11-20T10:30",
            SLA ",\"new\":{" ABOUT("chengguan") ",\"percent\":100}");
    next(board, "whistle_released", "2026-11-20T10:31",
            ACTOR("taihu") ",\"new\":{" ABOUT("chengguan") "}");
    next(board, "whistle_checked_in", "2026-11-20T10:45",
            ACTOR("gongan") ",\"new\":{" ABOUT("gongan") ",\"late\":true}");
}

static struct str view(struct board *board, const char *month, instant now)
{
    struct str json;
    struct error err = {0};
    if (!whistle_view(board->sql, case_policy(), str_of(month), now, &board->arena, &json,
                &err))
        fail_msg("%s: %s", err.code, err.text);
    return json;
}

static void assert_holds(struct str text, const char *part)
{
    if (str_find(text, str_of(part)) == text.len)
        fail_msg("no %s in %.*s", part, STR_ARG(text));
}

static void every_rate_says_what_it_is_of(void **state)
{
    struct board *board = *state;
    issue_and_answer(board);
    struct str json = view(board, "", china_time("2026-11-20", "11:00"));
    assert_holds(json, "\"month\":\"2026-11\"");
    assert_holds(json, "{\"unit\":\"zhujian\",\"unit_name\":\"住建局\",\"role\":\"must\","
                       "\"summoned\":1,\"released\":0,\"on_time\":{\"n\":1,\"of\":1},"
                       "\"late\":{\"n\":0,\"of\":1},\"no_show\":{\"n\":0,\"of\":1},"
                       "\"absent\":{\"n\":0,\"of\":1},\"minutes\":{\"n\":20,\"of\":1}");
    assert_holds(json, "\"unit_name\":\"公安分局\",\"role\":\"must\",\"summoned\":1,"
                       "\"released\":0,\"on_time\":{\"n\":0,\"of\":1},\"late\":{\"n\":1,"
                       "\"of\":1},\"no_show\":{\"n\":0,\"of\":1},\"absent\":{\"n\":1,"
                       "\"of\":1},\"minutes\":{\"n\":45,\"of\":1}");
    assert_holds(json, "\"unit_name\":\"市监局\",\"role\":\"assist\",\"summoned\":1,"
                       "\"released\":0,\"on_time\":{\"n\":0,\"of\":1},\"late\":{\"n\":0,"
                       "\"of\":1},\"no_show\":{\"n\":1,\"of\":1},\"absent\":{\"n\":1,"
                       "\"of\":1},\"minutes\":{\"n\":0,\"of\":0}");
    assert_holds(json, "\"unit_name\":\"城管局\",\"role\":\"must\",\"summoned\":0,"
                       "\"released\":1,\"on_time\":{\"n\":0,\"of\":0}");
    /* Still waited for: in no rate yet. */
    assert_holds(json, "\"unit_name\":\"应急局\",\"role\":\"must\",\"summoned\":1,"
                       "\"released\":0,\"on_time\":{\"n\":0,\"of\":0}");
    assert_holds(json, "\"arrived\":{\"n\":2,\"of\":4},\"absent\":{\"n\":2,\"of\":4}");
}

static void the_end_closes_and_both_scores_are_counted(void **state)
{
    struct board *board = *state;
    issue_and_answer(board);
    next(board, "whistle_finished", "2026-11-20T11:00",
            ACTOR("taihu") ",\"new\":{\"stage\":\"FINISHED\",\"type\":\"emergency\"}");
    next(board, "whistle_scored", "2026-11-20T11:01",
            ACTOR("taihu") ",\"new\":{" ABOUT(
                    "zhujian") ",\"role\":\"must\",\"score\":5}");
    next(board, "whistle_scored", "2026-11-20T11:02",
            ACTOR("zhujian") ",\"new\":{" ABOUT(
                    "taihu") ",\"role\":\"issuer\",\"score\":3}");
    struct str json = view(board, "2026-11", china_time("2026-11-20", "12:00"));
    assert_holds(json, "\"minutes\":{\"n\":20,\"of\":1},\"score\":{\"n\":5,\"of\":1}}");
    assert_holds(json, "{\"unit\":\"taihu\",\"unit_name\":\"太湖街道\",\"type\":"
                       "\"emergency\",\"whistles\":"
                       "1,\"low\":0,\"high\":30,\"closed\":{\"n\":1,\"of\":1},\"score\":{"
                       "\"n\":3,\"of\":1}}");
    assert_holds(json, "\"type\":\"enforcement\",\"whistles\":0,\"low\":0,\"high\":20,"
                       "\"closed\":{\"n\":0,"
                       "\"of\":0}");
    assert_holds(json,
            "\"stage\":\"FINISHED\",\"issued_at\":\"2026-11-20T10:00:00.000+08:"
            "00\",\"due\":\"2026-11-20T10:30:00.000+08:00\",\"finished_at\":");
}

/* Decided after the wake, but received before the deadline. */
static void what_came_in_time_was_never_absent(void **state)
{
    struct board *board = *state;
    next(board, "whistle_issued", "2026-11-20T10:00", ISSUE);
    next(board, "whistle_absent", "2026-11-20T10:30",
            SLA ",\"new\":{" ABOUT("zhujian") ",\"percent\":100}");
    next(board, "whistle_absent", "2026-11-20T10:30",
            SLA ",\"new\":{" ABOUT("gongan") ",\"percent\":100}");
    next(board, "whistle_checked_in", "2026-11-20T10:29",
            ACTOR("zhujian") ",\"new\":{" ABOUT("zhujian") ",\"late\":false}");
    next(board, "whistle_finished", "2026-11-20T10:29",
            ACTOR("taihu") ",\"new\":{\"stage\":\"FINISHED\",\"type\":\"emergency\"}");
    struct str json = view(board, "2026-11", china_time("2026-11-20", "12:00"));
    assert_holds(json, "\"unit_name\":\"住建局\",\"role\":\"must\",\"summoned\":1,"
                       "\"released\":0,\"on_time\":{\"n\":1,\"of\":1}");
    assert_holds(json, "\"unit_name\":\"公安分局\",\"role\":\"must\",\"summoned\":1,"
                       "\"released\":0,\"on_time\":{\"n\":0,\"of\":0}");
}

static void too_many_and_too_few_are_a_warning(void **state)
{
    struct board *board = *state;
    static struct policy policy;
    struct str json;
    struct error err = {0};
    policy = *case_policy();
    policy.whistle.classes[WHISTLE_TYPE_EMERGENCY].low = 1;
    policy.whistle.classes[WHISTLE_TYPE_EMERGENCY].high = 1;
    take(board, WHISTLE, 1, "whistle_issued", "2026-11-20T10:00", ISSUE);
    take(board, "w20261121-0123456789abcdef", 1, "whistle_issued", "2026-11-30T23:59",
            ISSUE);
    take(board, "w20261122-0123456789abcdef", 1, "whistle_issued", "2026-12-01T00:00",
            ISSUE);
    assert_true(whistle_view(board->sql, &policy, STR("2026-11"),
            china_time("2026-11-30", "23:59"), &board->arena, &json, &err));
    assert_holds(json, "\"type\":\"emergency\",\"whistles\":2,\"low\":1,\"high\":1,"
                       "\"warning\":\"high\"");
    assert_holds(json, "\"unit_name\":\"运河街道\",\"type\":\"emergency\",\"whistles\":0,"
                       "\"low\":1,\"high\":1,\"closed\"");
    assert_true(whistle_view(board->sql, &policy, STR("2026-11"),
            china_time("2026-12-01", "00:00"), &board->arena, &json, &err));
    assert_holds(json, "\"unit_name\":\"运河街道\",\"type\":\"emergency\",\"whistles\":0,"
                       "\"low\":1,\"high\":1,\"warning\":\"low\"");
    assert_true(whistle_view(board->sql, &policy, STR("2026-12"),
            china_time("2027-02-01", "00:00"), &board->arena, &json, &err));
    assert_holds(json, "\"unit_name\":\"太湖街道\",\"type\":\"emergency\",\"whistles\":1,"
                       "\"low\":1,\"high\":1,\"closed\"");
}

static int64_t one(struct board *board, const char *query)
{
    struct sql_stmt *stmt;
    struct error err = {0};
    bool row;
    assert_true(sql_prepare(&stmt, board->sql, query, &err));
    assert_true(sql_step(stmt, &row, &err));
    int64_t n = row ? sql_int(stmt, 0) : -1;
    sql_done(stmt);
    return n;
}

static void a_whistle_is_no_case_and_is_told_once(void **state)
{
    struct board *board = *state;
    issue_and_answer(board);
    take(board, WHISTLE, 2, "whistle_absent", "2026-11-20T10:40",
            SLA ",\"new\":{" ABOUT("zhujian") "}");
    assert_int_equal(one(board, "SELECT count(*) FROM cases"), 0);
    assert_int_equal(
            one(board, "SELECT count(*) FROM counters WHERE name <> 'event_repeats'"), 0);
    assert_int_equal(
            one(board, "SELECT n FROM counters WHERE name = 'event_repeats'"), 1);
    assert_int_equal(one(board, "SELECT absent FROM summons WHERE unit = 'zhujian'"), 0);
    assert_int_equal(
            one(board, "SELECT count(*) FROM events WHERE case_id = '" WHISTLE "'"), 8);
    take(board, WHISTLE, 11, "reminder", "2026-11-20T10:50",
            SLA ",\"new\":{" ABOUT("yingji") "}");
    assert_int_equal(one(board, "SELECT n FROM counters WHERE name = 'event_gaps'"), 1);
}

static void a_moved_deadline_and_a_kept_dispute_are_shown(void **state)
{
    struct board *board = *state;
    issue_and_answer(board);
    next(board, "whistle_disputed", "2026-11-20T10:46",
            ACTOR("gongan") ",\"new\":{" ABOUT("gongan") "}");
    next(board, "whistle_kept", "2026-11-20T10:47",
            ACTOR("district") ",\"new\":{" ABOUT("gongan") "}");
    next(board, "whistle_absence_explained", "2026-11-20T10:48",
            ACTOR("gongan") ",\"why\":{\"reason_code\":\"no_staff\"},\"new\":{" ABOUT(
                    "gongan") "}");
    next(board, "reprojected", "2026-11-20T10:49",
            SLA
            ",\"new\":{\"type\":\"emergency\",\"due\":\"2026-11-20T11:30:00+08:00\"}");
    assert_int_equal(one(board, "SELECT count(*) FROM summons WHERE unit = 'gongan' AND "
                                "dispute = 'kept' AND reason_code = 'no_staff'"),
            1);
    assert_int_equal(
            one(board, "SELECT due FROM whistles"), china_time("2026-11-20", "11:30").ms);
}

static void the_gauges_add_up_to_the_settled(void **state)
{
    struct board *board = *state;
    struct error err = {0};
    issue_and_answer(board);
    assert_true(whistle_metrics(
            board->sql, case_policy(), china_time("2026-11-30", "23:59"), &err));
    struct str text = metrics_text(&board->arena);
    assert_holds(
            text, "chuishao_whistle_check_ins{unit=\"zhujian\",result=\"on_time\"} 1\n");
    assert_holds(text, "chuishao_whistle_check_ins{unit=\"gongan\",result=\"late\"} 1\n");
    assert_holds(
            text, "chuishao_whistle_check_ins{unit=\"shijian\",result=\"no_show\"} 1\n");
    assert_holds(text,
            "chuishao_whistle_check_ins{unit=\"chengguan\",result=\"no_show\"} 0\n");
    assert_holds(text, "chuishao_whistle_arrivals{unit=\"gongan\"} 1\n");
    assert_holds(text, "chuishao_whistle_arrival_seconds{unit=\"gongan\"} 2700\n");
    assert_holds(text, "chuishao_whistles{street=\"taihu\",type=\"emergency\"} 1\n");
    assert_holds(
            text, "chuishao_whistles_finished{street=\"taihu\",type=\"emergency\"} 0\n");
}

static void the_month_stands_beside_the_policys_limits(void **state)
{
    struct board *board = *state;
    struct error err = {0};
    issue_and_answer(board);
    take(board, "w20261031-0123456789abcdef", 1, "whistle_issued", "2026-10-31T23:59",
            ISSUE);
    assert_true(whistle_metrics(
            board->sql, case_policy(), china_time("2026-11-30", "23:59"), &err));
    struct str text = metrics_text(&board->arena);
    assert_holds(
            text, "chuishao_whistles_month{street=\"taihu\",type=\"emergency\"} 1\n");
    assert_holds(
            text, "chuishao_whistles_month{street=\"yunhe\",type=\"enforcement\"} 0\n");
    assert_holds(text,
            "chuishao_whistles_month_limit{type=\"emergency\",bound=\"high\"} 30\n");
    assert_true(whistle_metrics(
            board->sql, case_policy(), china_time("2026-12-01", "00:00"), &err));
    assert_holds(metrics_text(&board->arena),
            "chuishao_whistles_month{street=\"taihu\",type=\"emergency\"} 0\n");
}

static void a_month_is_that_of_the_chinese_day(void **state)
{
    (void)state;
    instant now = china_time("2026-12-31", "23:59");
    static const char *const none[] = {
            "", "2026-13", "2026-00", "2026/11", "202-011", "1969-12", "2026-1x"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct whistle_month month = whistle_month_of(str_of(none[i]), now);
        assert_int_equal(month.year, 2026);
        assert_int_equal(month.month, 12);
        assert_int_equal(month.to.ms, now.ms + 60000);
    }
    struct whistle_month february = whistle_month_of(STR("2024-02"), now);
    assert_int_equal(february.from.ms, china_time("2024-02-01", "00:00").ms);
    assert_int_equal(february.to.ms, china_time("2024-03-01", "00:00").ms);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(every_rate_says_what_it_is_of),
            TEST(the_end_closes_and_both_scores_are_counted),
            TEST(what_came_in_time_was_never_absent),
            TEST(too_many_and_too_few_are_a_warning),
            TEST(a_whistle_is_no_case_and_is_told_once),
            TEST(a_moved_deadline_and_a_kept_dispute_are_shown),
            TEST(the_gauges_add_up_to_the_settled),
            TEST(the_month_stands_beside_the_policys_limits),
            TEST(a_month_is_that_of_the_chinese_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
