#include "instant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka.h needs the ones above. */
#include <cmocka.h>

static void assert_refused(const char *text, const char *code)
{
    struct error err = {0};
    instant t = {7};
    assert_false(instant_parse(str_of(text), &t, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_string_equal(err.code, code);
    assert_int_equal(t.ms, 7); /* untouched */
}

static void assert_formats(const char *text, const char *as)
{
    struct error err = {0};
    instant t;
    char out[INSTANT_TEXT_SIZE];
    assert_true(instant_parse(str_of(text), &t, &err));
    instant_format(t, out);
    assert_string_equal(out, as);
}

static void reads_offsets_and_writes_china_standard_time(void **state)
{
    (void)state;
    assert_formats("2026-11-21T08:00:00+08:00", "2026-11-21T08:00:00.000+08:00");
    assert_formats("2026-11-21T00:00:00Z", "2026-11-21T08:00:00.000+08:00");
    assert_formats("2026-11-20t16:30:00.1239-07:30", "2026-11-21T08:00:00.123+08:00");
    assert_formats("2024-02-29 23:59:59.9+08:00", "2024-02-29T23:59:59.900+08:00");
    assert_formats("1970-01-01T08:00:00.001+08:00", "1970-01-01T08:00:00.001+08:00");
    assert_formats("9999-12-31T23:59:59.999+08:00", "9999-12-31T23:59:59.999+08:00");
    assert_formats("2000-03-01T00:00:00+08:00", "2000-03-01T00:00:00.000+08:00");
}

static void counts_milliseconds_since_the_epoch(void **state)
{
    (void)state;
    instant t;
    struct error err = {0};
    assert_true(instant_parse(STR("2001-09-09T01:46:40Z"), &t, &err));
    assert_int_equal(t.ms, 1000000000000);
}

static void refuses_a_time_without_offset_by_its_own_code(void **state)
{
    (void)state;
    assert_refused("2026-11-21T08:00:00", "naive_time");
    assert_refused("2026-11-21 08:00:00.5", "naive_time");
}

static void refuses_what_is_no_time(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "2026-11-21", "20261121T080000Z",
            "2026-11-31T08:00:00Z", "2025-02-29T08:00:00Z", "2026-13-01T08:00:00Z",
            "2026-00-01T08:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T08:60:00Z",
            "2026-11-21T08:00:60Z", "2026-11-21T08:00:00.Z", "2026-11-21T08:00:00+0800",
            "2026-11-21T08:00:00+08", "2026-11-21T08:00:00+24:00",
            "2026-11-21T08:00:00Zx", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z", "+026-11-21T08:00:00Z"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused(bad[i], "bad_time");
}

static void the_chinese_day_begins_at_sixteen_hours_utc(void **state)
{
    (void)state;
    instant t;
    struct error err = {0};
    assert_true(instant_parse(STR("2026-12-31T15:59:59.999Z"), &t, &err));
    assert_int_equal(instant_day(t), 20261231);
    t.ms++;
    assert_int_equal(instant_day(t), 20270101);
}

static void every_day_comes_back_as_it_was_written(void **state)
{
    (void)state;
    for (int64_t day = 1; day < 366L * 200; day++) {
        instant t = {day * 86400000 + 1}, back;
        char text[INSTANT_TEXT_SIZE];
        struct error err = {0};
        instant_format(t, text);
        assert_true(instant_parse(str_of(text), &back, &err));
        assert_int_equal(back.ms, t.ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(reads_offsets_and_writes_china_standard_time),
            cmocka_unit_test(counts_milliseconds_since_the_epoch),
            cmocka_unit_test(refuses_a_time_without_offset_by_its_own_code),
            cmocka_unit_test(refuses_what_is_no_time),
            cmocka_unit_test(the_chinese_day_begins_at_sixteen_hours_utc),
            cmocka_unit_test(every_day_comes_back_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
