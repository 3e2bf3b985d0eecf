#include "log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka.h needs the ones above. */
#include <cmocka.h>

static int saved, captured;
static char text[1 << 16];

/* Sends stderr to a file that only this test sees. */
static void capture(void)
{
    char path[] = "/tmp/chuishao-log-XXXXXX";
    captured = mkstemp(path);
    assert_true(captured >= 0);
    unlink(path);
    saved = dup(STDERR_FILENO);
    dup2(captured, STDERR_FILENO);
}

static const char *released(void)
{
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n = pread(captured, text, sizeof text - 1, 0);
    close(captured);
    text[n > 0 ? n : 0] = 0;
    return text;
}

static void a_line_begins_with_its_event_and_quotes_what_needs_it(void **state)
{
    (void)state;
    assert_true(log_open("probe", "info", "logfmt"));
    capture();
    log_info("routed", "case=%s reason=%s rule=4 empty=", "c-1", "no owner \"here\"");
    const char *line = released();
    const char
            *start = "routed case=c-1 reason=\"no owner \\\"here\\\"\" rule=4 empty=\"\" "
                     "level=info service=probe at=2";
    assert_memory_equal(line, start, strlen(start));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void json_says_the_same(void **state)
{
    (void)state;
    assert_true(log_open("probe", "debug", "json"));
    capture();
    log_debug("tried", "n=%d text=\"a\tb\" zero=0%d", 7, 7);
    const char *line = released();
    const char *
            start = "{\"event\":\"tried\",\"n\":7,\"text\":\"a\\u0009b\",\"zero\":\"07\","
                    "\"level\":\"debug\",\"service\":\"probe\",\"at\":\"2";
    assert_memory_equal(line, start, strlen(start));
    assert_string_equal(line + strlen(line) - 3, "\"}\n");
}

static void lines_below_the_level_are_not_written(void **state)
{
    (void)state;
    assert_true(log_open("probe", "warn", "logfmt"));
    capture();
    log_info("quiet", "n=%d", 1);
    assert_string_equal(released(), "");
}

static void a_flood_of_one_event_is_held_back(void **state)
{
    (void)state;
    assert_true(log_open("probe", "info", "logfmt"));
    capture();
    for (int i = 0; i < 1000; i++)
        log_warn("flood", "n=%d", i);
    const char *lines = released();
    int n = 0;
    for (const char *at = lines; (at = strchr(at, '\n')); at++)
        n++;
    assert_in_range(n, 20, 60); /* the second may turn meanwhile */
}

static void an_overlong_line_is_cut_and_still_ends(void **state)
{
    (void)state;
    static char value[9000];
    memset(value, '"', sizeof value - 1);
    assert_true(log_open("probe", "info", "json"));
    capture();
    log_error("long", "value=%s", value);
    const char *line = released();
    assert_true(strlen(line) <= 4096);
    assert_non_null(
            strstr(line, "\",\"level\":\"error\",\"service\":\"probe\",\"at\":\"2"));
    assert_string_equal(line + strlen(line) - 3, "\"}\n");
}

static void unknown_words_are_refused(void **state)
{
    (void)state;
    assert_false(log_open("probe", "loud", "logfmt"));
    assert_false(log_open("probe", "info", "xml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_line_begins_with_its_event_and_quotes_what_needs_it),
            cmocka_unit_test(json_says_the_same),
            cmocka_unit_test(lines_below_the_level_are_not_written),
            cmocka_unit_test(a_flood_of_one_event_is_held_back),
            cmocka_unit_test(an_overlong_line_is_cut_and_still_ends),
            cmocka_unit_test(unknown_words_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
