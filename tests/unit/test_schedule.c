#include "schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct calendar calendar;

static instant time_of(const char *text)
{
    instant t;
    assert_true(instant_parse(str_of(text), &t, NULL));
    return t;
}

static struct schedule_rule rule_of(const char *text)
{
    struct schedule_rule rule = {0};
    assert_true(schedule_rule_parse(str_of(text), &rule));
    return rule;
}

static void assert_next(
        const struct schedule_rule *rule, const char *after, const char *wanted)
{
    char got[INSTANT_TEXT_SIZE];
    instant_format(schedule_next(rule, &calendar, time_of(after)), got);
    if (strncmp(got, wanted, strlen(wanted)) != 0)
        fail_msg("after %s: wanted %s, got %s", after, wanted, got);
}

static void a_rule_is_read_or_refused(void **state)
{
    (void)state;
    struct schedule_rule rule = rule_of("monthly:5,15,25@09:30");
    assert_int_equal(rule.rhythm, RHYTHM_MONTHLY);
    assert_int_equal(rule.days, 1u << 5 | 1u << 15 | 1u << 25);
    assert_int_equal(rule.minute, 570);
    assert_int_equal(rule_of("weekly:1,7@00:00").days, 1u << 1 | 1u << 7);
    assert_int_equal(rule_of("daily@23:59").minute, 1439);
    static const char *const wrong[] = {"", "daily", "daily@24:00", "daily@9:00",
            "daily@09:60", "daily@09:000", "daily:1@09:00", "weekly@09:00",
            "weekly:@09:00", "weekly:0@09:00", "weekly:8@09:00", "weekly:1,@09:00",
            "monthly:32@09:00", "monthly:123@09:00", "monthly:1 @09:00", "hourly@09:00",
            "monthly:5@09:00 "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (schedule_rule_parse(str_of(wrong[i]), &rule))
            fail_msg("taken: %s", wrong[i]);
}

/* DOMAIN.md 6 row 8: 每月3次联合巡查执法. */
static void three_times_a_month(void **state)
{
    (void)state;
    struct schedule_rule rule = rule_of("monthly:5,15,25@09:00");
    assert_next(&rule, "2026-11-21T00:00:00+08:00", "2026-11-25T09:00:00.000+08:00");
    assert_next(&rule, "2026-11-25T08:59:59+08:00", "2026-11-25T09:00");
    assert_next(&rule, "2026-11-25T09:00:00+08:00", "2026-12-05T09:00");
    assert_next(&rule, "2026-12-25T09:00:00+08:00", "2027-01-05T09:00");
}

static void by_the_week_and_by_the_day(void **state)
{
    (void)state;
    struct schedule_rule week = rule_of("weekly:1,4@08:30"), day = rule_of("daily@20:00");
    assert_next(&week, "2026-11-20T12:00:00+08:00", "2026-11-23T08:30");
    assert_next(&week, "2026-11-23T08:30:00+08:00", "2026-11-26T08:30");
    assert_next(&day, "2026-11-20T19:59:59+08:00", "2026-11-20T20:00");
    assert_next(&day, "2026-11-20T20:00:00+08:00", "2026-11-21T20:00");
    assert_next(&day, "2026-12-31T20:00:00+08:00", "2027-01-01T20:00");
}

static void a_short_month_has_it_on_its_last_day(void **state)
{
    (void)state;
    struct schedule_rule rule = rule_of("monthly:30,31@07:00");
    assert_next(&rule, "2026-01-31T07:00:00+08:00", "2026-02-28T07:00");
    assert_next(&rule, "2026-02-28T07:00:00+08:00", "2026-03-30T07:00");
    assert_next(&rule, "2026-03-31T07:00:00+08:00", "2026-04-30T07:00");
    assert_next(&rule, "2026-04-30T07:00:00+08:00", "2026-05-30T07:00");
    assert_next(&rule, "2028-02-01T00:00:00+08:00", "2028-02-29T07:00");
    struct schedule_rule fifth = rule_of("monthly:5@07:00");
    assert_next(&fifth, "2026-02-05T07:00:00+08:00", "2026-03-05T07:00");
}

static void a_day_off_moves_it_and_two_on_one_day_are_one(void **state)
{
    (void)state;
    struct schedule_rule rule = rule_of("daily@09:00");
    rule.workdays_only = true;
    /* 2026-11-21 is a Saturday. */
    assert_next(&rule, "2026-11-20T09:00:00+08:00", "2026-11-23T09:00");
    assert_next(&rule, "2026-11-23T09:00:00+08:00", "2026-11-24T09:00");
    int32_t monday = calendar_day_of(time_of("2026-11-23T00:00:00+08:00"));
    calendar.days[monday - CALENDAR_FIRST_DAY] = DAY_OFF;
    assert_next(&rule, "2026-11-20T09:00:00+08:00", "2026-11-24T09:00");
    calendar.days[monday - 1 - CALENDAR_FIRST_DAY] = DAY_WORKED;
    assert_next(&rule, "2026-11-20T09:00:00+08:00", "2026-11-22T09:00");
    calendar = (struct calendar){0};
}

static void it_is_valid_from_and_to_the_day_before_it_is_moved(void **state)
{
    (void)state;
    struct schedule_rule rule = rule_of("monthly:21@09:00");
    rule.workdays_only = true;
    rule.valid_from = time_of("2026-11-21T00:00:00+08:00");
    rule.valid_to = time_of("2026-11-22T00:00:00+08:00");
    assert_next(&rule, "2025-01-01T00:00:00+08:00", "2026-11-23T09:00");
    assert_true(instant_is_never(
            schedule_next(&rule, &calendar, time_of("2026-11-23T09:00:00+08:00"))));
    rule.valid_to = time_of("2026-11-21T00:00:00+08:00");
    assert_true(instant_is_never(
            schedule_next(&rule, &calendar, time_of("2026-11-01T09:00:00+08:00"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_rule_is_read_or_refused),
            cmocka_unit_test(three_times_a_month),
            cmocka_unit_test(by_the_week_and_by_the_day),
            cmocka_unit_test(a_short_month_has_it_on_its_last_day),
            cmocka_unit_test(a_day_off_moves_it_and_two_on_one_day_are_one),
            cmocka_unit_test(it_is_valid_from_and_to_the_day_before_it_is_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
