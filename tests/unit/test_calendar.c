#include "calendar.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define HOLIDAYS SOURCE_DIR "/../shared/data/holidays-cn/"

static struct calendar
        calendar; /* 2018 to 2026 as announced, 08:30-12:00 and 14:00-17:30 */
static bool have_holidays;

static instant time_of(const char *text)
{
    instant t = {0};
    struct error err = {0};
    if (!instant_parse(str_of(text), &t, &err))
        fail_msg("%s: %s", text, err.text);
    return t;
}

static int32_t day_of(const char *date)
{
    char text[INSTANT_TEXT_SIZE];
    (void)snprintf(text, sizeof text, "%.10sT00:00:00+08:00", date);
    return calendar_day_of(time_of(text));
}

/* The flattened table of the same source is read here, not the yearly files that policy.c
 * reads. */
static int read_holidays(void **state)
{
    (void)state;
    calendar.n_spans = 2;
    calendar.spans[0].from = 8 * 60 + 30;
    calendar.spans[0].to = 12 * 60;
    calendar.spans[1].from = 14 * 60;
    calendar.spans[1].to = 17 * 60 + 30;
    FILE *file = fopen(HOLIDAYS "holidays.csv", "r");
    if (!file) {
        (void)printf(
                "SKIPPED: no %sholidays.csv; the tests of real holidays do not run\n",
                HOLIDAYS);
        return 0;
    }
    char line[400];
    int32_t first = day_of("2018-01-01");
    if (!fgets(line, sizeof line, file))
        line[0] = 0;
    while (fgets(line, sizeof line, file)) {
        char *comma = strchr(line, ',');
        comma = comma ? strchr(comma + 1, ',') : NULL;
        int32_t day = day_of(line);
        if (comma && day >= first)
            calendar.days[day - first] = comma[1] == '1' ? DAY_OFF : DAY_WORKED;
    }
    (void)fclose(file);
    have_holidays = true;
    return 0;
}

static void assert_time(instant actual, const char *expected)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(actual, text);
    assert_string_equal(text, expected);
}

static void assert_due(
        const char *from, int32_t amount, enum time_unit unit, const char *expected)
{
    assert_time(calendar_due(&calendar, time_of(from), amount, unit), expected);
}

static void work_days_agree_with_the_independent_table(void **state)
{
    (void)state;
    FILE *file = fopen(HOLIDAYS "workday_cases.csv", "r");
    if (!file) {
        (void)printf("SKIPPED: no %sworkday_cases.csv\n", HOLIDAYS);
        skip();
        return;
    }
    char line[200];
    int rows = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        char expected[INSTANT_TEXT_SIZE], from[INSTANT_TEXT_SIZE];
        char *end;
        long amount = strtol(line + 11, &end, 10);
        (void)snprintf(from, sizeof from, "%.10sT10:00:00+08:00", line);
        (void)snprintf(expected, sizeof expected, "%.10sT17:30:00.000+08:00", end + 1);
        assert_due(from, (int32_t)amount, UNIT_WORK_DAY, expected);
        rows++;
    }
    (void)fclose(file);
    assert_int_equal(rows, 327);
}

static void national_day_is_passed_over_from_friday_evening(void **state)
{
    (void)state;
    if (!have_holidays) {
        skip();
        return;
    }
    /* 2026: 20 September and 10 October are worked, 25 to 27 September and 1 to 7 October
     * are off. */
    assert_due("2026-09-24T16:50:00+08:00", 1, UNIT_WORK_DAY,
            "2026-09-28T17:30:00.000+08:00");
    assert_due("2026-09-30T16:50:00+08:00", 1, UNIT_WORK_HOUR,
            "2026-10-08T08:50:00.000+08:00");
    assert_due("2026-09-30T16:50:00+08:00", 3, UNIT_WORK_DAY,
            "2026-10-10T17:30:00.000+08:00");
    assert_due("2026-09-18T16:50:00+08:00", 1, UNIT_WORK_DAY,
            "2026-09-20T17:30:00.000+08:00");
    assert_due("2026-09-28T16:50:00+08:00", 3, UNIT_DAY, "2026-10-09T00:00:00.000+08:00");
}

static void hours_run_round_the_clock(void **state)
{
    (void)state;
    assert_due("2026-11-21T23:50:00+08:00", 20, UNIT_MINUTE,
            "2026-11-22T00:10:00.000+08:00");
    assert_due(
            "2026-11-21T23:50:00+08:00", 2, UNIT_HOUR, "2026-11-22T01:50:00.000+08:00");
    assert_due("2026-11-21T23:50:00+08:00", 3, UNIT_EMERGENCY_HOUR,
            "2026-11-22T02:50:00.000+08:00");
}

static void office_hours_stop_over_lunch_and_at_night(void **state)
{
    (void)state;
    assert_due("2026-11-18T11:30:00+08:00", 1, UNIT_WORK_HOUR,
            "2026-11-18T14:30:00.000+08:00");
    assert_due("2026-11-18T12:30:00+08:00", 1, UNIT_WORK_HOUR,
            "2026-11-18T15:00:00.000+08:00");
    assert_due("2026-11-18T17:00:00+08:00", 1, UNIT_WORK_HOUR,
            "2026-11-19T09:00:00.000+08:00");
    assert_due("2026-11-18T22:00:00+08:00", 1, UNIT_WORK_HOUR,
            "2026-11-19T09:30:00.000+08:00");
    assert_due("2026-11-20T17:29:00+08:00", 4, UNIT_WORK_HOUR,
            "2026-11-23T14:29:00.000+08:00");
    assert_due("2026-11-21T09:00:00+08:00", 7, UNIT_WORK_HOUR,
            "2026-11-23T17:30:00.000+08:00");
}

static void a_budget_used_up_at_the_end_of_a_span_ends_there(void **state)
{
    (void)state;
    assert_due("2026-11-18T11:00:00+08:00", 1, UNIT_WORK_HOUR,
            "2026-11-18T12:00:00.000+08:00");
    assert_due("2026-11-18T16:30:00+08:00", 1, UNIT_WORK_HOUR,
            "2026-11-18T17:30:00.000+08:00");
}

static void days_exclude_the_first_and_end_with_the_last(void **state)
{
    (void)state;
    assert_due("2026-11-17T00:00:00+08:00", 1, UNIT_DAY, "2026-11-19T00:00:00.000+08:00");
    assert_due("2026-11-17T23:59:59+08:00", 1, UNIT_DAY, "2026-11-19T00:00:00.000+08:00");
    assert_due("2026-11-17T23:59:59+08:00", 1, UNIT_WORK_DAY,
            "2026-11-18T17:30:00.000+08:00");
    /* the last day is a Saturday: Monday */
    assert_due("2026-11-18T09:00:00+08:00", 3, UNIT_DAY, "2026-11-24T00:00:00.000+08:00");
}

static void the_day_is_the_chinese_one(void **state)
{
    (void)state;
    /* 18:00 UTC on Tuesday is Wednesday in China */
    assert_due("2026-11-17T18:00:00Z", 1, UNIT_WORK_DAY, "2026-11-19T17:30:00.000+08:00");
    assert_int_equal(
            calendar_day_of(time_of("2026-11-17T16:00:00Z")), day_of("2026-11-18"));
}

static void without_office_hours_a_work_day_ends_at_midnight(void **state)
{
    (void)state;
    struct calendar *plain = test_calloc(1, sizeof *plain);
    instant from = time_of("2026-11-20T16:50:00+08:00");
    assert_time(
            calendar_due(plain, from, 1, UNIT_WORK_DAY), "2026-11-24T00:00:00.000+08:00");
    assert_time(calendar_due(plain, from, 8, UNIT_WORK_HOUR),
            "2026-11-23T00:50:00.000+08:00");
    test_free(plain);
}

static void a_share_of_office_time_never_falls_into_a_night(void **state)
{
    (void)state;
    instant from = time_of("2026-11-18T10:00:00+08:00"); /* Wednesday */
    /* to Friday 17:30: 5.5 + 7 + 7 hours; half is 9.75 */
    assert_time(calendar_share(&calendar, from, 2, UNIT_WORK_DAY, 50),
            "2026-11-19T14:45:00.000+08:00");
    assert_time(calendar_share(&calendar, from, 4, UNIT_WORK_HOUR, 50),
            "2026-11-18T12:00:00.000+08:00");
    assert_time(calendar_share(&calendar, from, 4, UNIT_WORK_HOUR, 80),
            "2026-11-18T15:12:00.000+08:00");
    assert_time(calendar_share(&calendar, from, 30, UNIT_MINUTE, 80),
            "2026-11-18T10:24:00.000+08:00");
}

static void the_whole_share_is_the_due_time_and_shares_never_go_back(void **state)
{
    (void)state;
    static const char *const starts[] = {"2026-11-18T10:00:00+08:00",
            "2026-11-21T03:00:00+08:00", "2026-11-20T17:30:00+08:00",
            "2026-09-30T16:50:00+08:00"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        for (int unit = 0; unit < TIME_UNIT_COUNT; unit++)
            for (int32_t amount = 1; amount <= 20; amount++) {
                instant last = time_of(starts[i]);
                instant due = calendar_due(&calendar, last, amount, (enum time_unit)unit);
                instant at = last, from = last;
                for (int percent = 1; percent <= 100; percent++) {
                    at = calendar_share(
                            &calendar, from, amount, (enum time_unit)unit, percent);
                    assert_false(instant_before(at, last));
                    assert_false(instant_before(due, at));
                    last = at;
                }
                assert_true(at.ms == due.ms);
            }
}

static void no_budget_is_due_at_once(void **state)
{
    (void)state;
    assert_due("2026-11-18T10:00:00+08:00", 0, UNIT_WORK_DAY,
            "2026-11-18T10:00:00.000+08:00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(work_days_agree_with_the_independent_table),
            cmocka_unit_test(national_day_is_passed_over_from_friday_evening),
            cmocka_unit_test(hours_run_round_the_clock),
            cmocka_unit_test(office_hours_stop_over_lunch_and_at_night),
            cmocka_unit_test(a_budget_used_up_at_the_end_of_a_span_ends_there),
            cmocka_unit_test(days_exclude_the_first_and_end_with_the_last),
            cmocka_unit_test(the_day_is_the_chinese_one),
            cmocka_unit_test(without_office_hours_a_work_day_ends_at_midnight),
            cmocka_unit_test(a_share_of_office_time_never_falls_into_a_night),
            cmocka_unit_test(the_whole_share_is_the_due_time_and_shares_never_go_back),
            cmocka_unit_test(no_budget_is_due_at_once),
    };
    return cmocka_run_group_tests(tests, read_holidays, NULL);
}
