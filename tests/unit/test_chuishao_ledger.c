#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define CASES SOURCE_DIR "/../shared/data/holidays-cn/workday_cases.csv"

static const instant today = {1795222800000}; /* 2026-11-21T09:00:00+08:00 */
static struct policy *policy;                 /* the sample policy */

static int load_policy(void **state)
{
    (void)state;
    struct error err = {0};
    if (policy_load(&policy, SOURCE_DIR "/policy", today, NULL, &err))
        return 0;
    (void)fprintf(stderr, "%s\n", err.text);
    return -1;
}

static int free_policy(void **state)
{
    (void)state;
    policy_free(policy);
    return 0;
}

static instant time_of(const char *text)
{
    instant t = {0};
    if (!instant_parse(str_of(text), &t, NULL))
        fail_msg("not a time: %s", text);
    return t;
}

/* The printed ledger; the caller frees it. */
static char *printed(instant from, int32_t amount, enum time_unit unit, instant *due)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    *due = ledger_print(out, policy, from, amount, unit);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* What the last line (of JSON: the field) says is the time that calendar_due decides. */
static void assert_ledger_ends(instant from, int32_t amount, enum time_unit unit)
{
    instant due, decided = calendar_due(&policy->calendar, from, amount, unit);
    char full[INSTANT_TEXT_SIZE], last[64];
    instant_format(decided, full);
    (void)snprintf(last, sizeof last, "\n到期 %.10s %.8s ", full, full + 11);
    char *text = printed(from, amount, unit, &due);
    assert_true(due.ms == decided.ms);
    if (!strstr(text, last))
        fail_msg("the last line should begin with %s:\n%s", last, text);
    free(text);
    json_t *ledger = ledger_json(policy, from, amount, unit);
    assert_non_null(ledger);
    assert_string_equal(json_string_value(json_object_get(ledger, "due")), full);
    json_decref(ledger);
}

static void the_last_line_is_what_is_decided_for_every_row_of_the_table(void **state)
{
    (void)state;
    FILE *file = fopen(CASES, "r");
    if (!file) {
        (void)printf("SKIPPED: no %s\n", CASES);
        skip();
        return;
    }
    char line[200];
    int rows = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        char from[INSTANT_TEXT_SIZE], expected[32], *end;
        instant due;
        long amount = strtol(line + 11, &end, 10);
        (void)snprintf(from, sizeof from, "%.10sT10:00:00+08:00", line);
        (void)snprintf(expected, sizeof expected, "\n到期 %.10s ", end + 1);
        assert_ledger_ends(time_of(from), (int32_t)amount, UNIT_WORK_DAY);
        char *text = printed(time_of(from), (int32_t)amount, UNIT_WORK_DAY, &due);
        assert_non_null(strstr(text, expected));
        free(text);
        rows++;
    }
    (void)fclose(file);
    assert_int_equal(rows, 327);
}

static void the_last_line_is_what_is_decided_for_random_budgets(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int round = 0; round < 3000; round++) {
        uint32_t drawn[4];
        for (int i = 0; i < 4; i++) {
            seed = seed * 1664525u + 1013904223u;
            drawn[i] = seed >> 8;
        }
        instant from = calendar_minute(
                CALENDAR_FIRST_DAY + (int32_t)(drawn[0] % 4000), 0);
        from.ms += drawn[1] % 86400 * 1000;
        assert_ledger_ends(from, 1 + (int32_t)(drawn[2] % 60),
                (enum time_unit)(drawn[3] % TIME_UNIT_COUNT));
    }
}

/* Spring Festival 2026, nine days off from the Sunday after a Saturday that is worked. */
static void five_working_days_from_friday_before_the_longest_announced_holiday(
        void **state)
{
    (void)state;
    instant due;
    char *text = printed(time_of("2026-02-13T16:50:00+08:00"), 5, UNIT_WORK_DAY, &due);
    static const char *const lines[] = {"起算 2026-02-13 16:50:00 周五,期限 5 个工作日",
            "\n2026-02-13 周五  工作日 ", "始日不计入(第201条第1款)",
            "\n2026-02-14 周六  调休上班(春节) ", "累计 1/5\n2026-02-15 周日  春节放假 ",
            "累计 1/5\n2026-02-23 周一  春节放假 ", "累计 1/5\n2026-02-24 周二  工作日 ",
            "累计 2/5\n", "累计 5/5\n",
            "到期 2026-02-27 17:30:00 "
            "周五;末日至停止业务活动的时间(民法典第203条第2款)\n"};
    const char *at = text;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        at = strstr(at, lines[i]);
        if (!at)
            fail_msg("missing, or out of order: %s\n%s", lines[i], text);
    }
    free(text);
}

/* The longest run of days off in the files: Spring Festival 2020, extended to ten. It
 * began on a Friday, so the Friday before is a week earlier, with a Sunday worked. */
static void the_extended_holiday_of_2020_is_reached_but_not_crossed(void **state)
{
    (void)state;
    instant due;
    char *text = printed(time_of("2020-01-17T16:50:00+08:00"), 5, UNIT_WORK_DAY, &due);
    assert_non_null(strstr(text, "\n2020-01-19 周日  调休上班(春节) "));
    assert_non_null(strstr(text, "\n到期 2020-01-23 17:30:00 周四;"));
    free(text);
    text = printed(time_of("2020-01-17T16:50:00+08:00"), 6, UNIT_WORK_DAY, &due);
    assert_non_null(strstr(text, "\n2020-02-02 周日  春节放假 "));
    assert_non_null(strstr(text, "\n到期 2020-02-03 17:30:00 周一;"));
    free(text);
}

static void office_time_is_told_span_by_span(void **state)
{
    (void)state;
    instant due;
    char *text = printed(time_of("2026-09-30T16:50:00+08:00"), 2, UNIT_WORK_HOUR, &due);
    assert_non_null(strstr(text, "16:50-17:30 计 0小时40分"));
    assert_non_null(strstr(text, "\n2026-10-01 周四  国庆节放假 "));
    assert_non_null(strstr(text, "08:30-09:50 计 1小时20分"));
    assert_non_null(strstr(text, "累计 2小时00分\n到期 2026-10-08 09:50:00 周四\n"));
    free(text);
    text = printed(time_of("2026-11-18T18:00:00+08:00"), 1, UNIT_WORK_HOUR, &due);
    assert_non_null(strstr(text, "已过办公时间"));
    free(text);
}

static void a_natural_period_moves_past_a_day_off(void **state)
{
    (void)state;
    instant due;
    char *text = printed(time_of("2026-09-28T16:50:00+08:00"), 3, UNIT_DAY, &due);
    assert_non_null(strstr(text, "休假日结束的次日为末日(第203条第1款)"));
    assert_non_null(strstr(text, "\n到期 2026-10-09 00:00:00 周五;末日至二十四时"));
    free(text);
}

static void a_year_without_a_file_is_a_warning(void **state)
{
    (void)state;
    instant due;
    char *text = printed(time_of("2026-12-30T09:00:00+08:00"), 5, UNIT_WORK_DAY, &due);
    assert_non_null(strstr(text, "注意 2027 年"));
    assert_null(strstr(text, "注意 2026 年"));
    free(text);
    json_t *ledger = ledger_json(
            policy, time_of("2026-12-30T09:00:00+08:00"), 5, UNIT_WORK_DAY);
    json_t *years = json_object_get(ledger, "unknown_years");
    assert_int_equal(json_array_size(years), 1);
    assert_int_equal(json_integer_value(json_array_get(years, 0)), 2027);
    json_decref(ledger);
}

static void the_coming_year_is_needed_45_days_before_it_begins(void **state)
{
    (void)state;
    assert_true(ledger_year_needed(2026, time_of("2026-01-01T00:00:00+08:00")));
    assert_false(ledger_year_needed(2027, time_of("2026-11-16T23:59:59+08:00")));
    assert_true(ledger_year_needed(2027, time_of("2026-11-17T00:00:00+08:00")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_last_line_is_what_is_decided_for_every_row_of_the_table),
            cmocka_unit_test(the_last_line_is_what_is_decided_for_random_budgets),
            cmocka_unit_test(
                    five_working_days_from_friday_before_the_longest_announced_holiday),
            cmocka_unit_test(the_extended_holiday_of_2020_is_reached_but_not_crossed),
            cmocka_unit_test(office_time_is_told_span_by_span),
            cmocka_unit_test(a_natural_period_moves_past_a_day_off),
            cmocka_unit_test(a_year_without_a_file_is_a_warning),
            cmocka_unit_test(the_coming_year_is_needed_45_days_before_it_begins),
    };
    return cmocka_run_group_tests(tests, load_policy, free_policy);
}
