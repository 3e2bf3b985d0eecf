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

/* Day by day and minute by minute, without the walk. */
static instant counted_plainly(instant from, int32_t amount, enum time_unit unit)
{
    int64_t minute = 60 * 1000;
    int32_t day = calendar_day_of(from);
    instant at = from;
    switch (unit) {
    case UNIT_WORK_DAY:
        for (int32_t left = amount; left > 0;)
            left -= calendar_is_workday(&calendar, ++day);
        return calendar_minute(day, 17 * 60 + 30);
    case UNIT_DAY:
        for (day += amount; !calendar_is_workday(&calendar, day);)
            day++;
        return calendar_minute(day, 24 * 60);
    case UNIT_WORK_HOUR: /* whole minutes only */
        for (int64_t left = 60 * (int64_t)amount; left > 0; at.ms += minute) {
            int64_t of_day = (at.ms - calendar_minute(calendar_day_of(at), 0).ms) /
                             minute;
            bool open = calendar_is_workday(&calendar, calendar_day_of(at)) &&
                        ((of_day >= 510 && of_day < 720) ||
                                (of_day >= 840 && of_day < 1050));
            left -= open;
        }
        return at;
    case UNIT_MINUTE:
        return (instant){from.ms + amount * minute};
    case UNIT_HOUR:
    case UNIT_EMERGENCY_HOUR:
    case TIME_UNIT_COUNT:
        break;
    }
    return (instant){from.ms + amount * 60 * minute};
}

/* The next of a seeded series of numbers. */
static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void a_walk_tells_every_day_and_ends_where_a_plain_count_ends(void **state)
{
    (void)state;
    uint32_t seed = 2026;
    for (int round = 0; round < 4000; round++) {
        enum time_unit unit = (enum time_unit)(draw(&seed) % TIME_UNIT_COUNT);
        int32_t amount = 1 + (int32_t)(draw(&seed) % 40);
        instant from = calendar_minute(CALENDAR_FIRST_DAY + (int32_t)(draw(&seed) % 3200),
                (int32_t)(draw(&seed) % 1440));
        instant expected = counted_plainly(from, amount, unit);
        assert_true(calendar_due(&calendar, from, amount, unit).ms == expected.ms);
        struct calendar_walk walk = calendar_walk_from(&calendar, from, amount, unit);
        struct calendar_step step = {0};
        int32_t day = calendar_day_of(from);
        int64_t used = 0;
        while (calendar_walk_next(&walk, &step)) {
            assert_in_range(step.day - day, 0, step.used > 0 || step.day > day);
            bool working = calendar_is_workday(&calendar, step.day);
            if (step.kind == STEP_OFFICE || step.kind == STEP_CLOSED ||
                    step.kind == STEP_MOVED)
                assert_true(working);
            if (step.kind == STEP_DAY_OFF)
                assert_false(working);
            if (step.kind == STEP_OFFICE || step.kind == STEP_RUN)
                assert_true(step.used - used == step.to.ms - step.from.ms);
            else
                assert_true(step.used - used == (step.kind == STEP_DAY));
            day = step.day;
            used = step.used;
        }
        assert_true(step.last && step.to.ms == expected.ms);
        assert_true(used == walk.budget);
        assert_false(calendar_walk_next(&walk, &step));
    }
}

static void the_last_known_day_is_that_of_the_last_year_with_a_file(void **state)
{
    (void)state;
    struct calendar *some = test_calloc(1, sizeof *some);
    assert_int_equal(calendar_known_until(some), 0);
    some->known[2025 - CALENDAR_FIRST_YEAR] = true;
    some->known[2026 - CALENDAR_FIRST_YEAR] = true;
    assert_int_equal(calendar_known_until(some), 20261231);
    assert_true(calendar_knows(some, 2026));
    assert_false(calendar_knows(some, 2027));
    assert_false(calendar_knows(some, 2017));
    assert_false(calendar_knows(some, CALENDAR_FIRST_YEAR + CALENDAR_YEARS));
    test_free(some);
}

static void natural_days_end_on_no_day_off(void **state)
{
    (void)state;
    static const struct {
        const char *at, *end;
    } rows[] = {
            {"2026-10-01T00:00:00+08:00", "2026-10-01T00:00:00+08:00"},
            {"2026-10-01T03:00:00+08:00", "2026-10-09T00:00:00+08:00"}, /* 国庆节 */
            {"2026-10-08T03:00:00+08:00", "2026-10-08T03:00:00+08:00"},
            {"2026-10-10T03:00:00+08:00", "2026-10-10T03:00:00+08:00"}, /* worked */
            {"2026-10-11T03:00:00+08:00", "2026-10-13T00:00:00+08:00"},
            {"2026-11-22T00:00:00+08:00", "2026-11-24T00:00:00+08:00"}, /* Saturday */
    };
    if (!have_holidays)
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(calendar_not_off(&calendar, time_of(rows[i].at)).ms,
                time_of(rows[i].end).ms);
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
            cmocka_unit_test(a_walk_tells_every_day_and_ends_where_a_plain_count_ends),
            cmocka_unit_test(natural_days_end_on_no_day_off),
            cmocka_unit_test(the_last_known_day_is_that_of_the_last_year_with_a_file),
    };
    return cmocka_run_group_tests(tests, read_holidays, NULL);
}
