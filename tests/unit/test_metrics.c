#include "metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

/* cmocka.h needs the ones above. */
#include <cmocka.h>

static struct arena arena;

static void assert_shown(const char *part)
{
    struct str text = metrics_text(&arena);
    if (str_find(text, str_of(part)) == text.len)
        fail_msg("not shown: %s in:\n%.*s", part, STR_ARG(text));
}

static void a_counter_is_found_again_by_name_and_labels(void **state)
{
    (void)state;
    struct metric *a = metric_counter("chuishao_a_total", "stage=\"x\"", "things");
    assert_ptr_equal(a, metric_counter("chuishao_a_total", "stage=\"x\"", "things"));
    assert_ptr_not_equal(a, metric_counter("chuishao_a_total", "stage=\"y\"", "things"));
    metric_add(a, 3);
    metric_add(a, 4);
    assert_shown("# HELP chuishao_a_total things\n# TYPE chuishao_a_total counter\n"
                 "chuishao_a_total{stage=\"x\"} 7\nchuishao_a_total{stage=\"y\"} 0\n");
}

static void series_of_a_name_stand_together(void **state)
{
    (void)state;
    metric_add(metric_counter("chuishao_b_total", "k=\"1\"", "bs"), 1);
    metric_set(metric_gauge("chuishao_c", "", "cs"), 2.5);
    metric_add(metric_counter("chuishao_b_total", "k=\"2\"", "bs"), 2);
    assert_shown("chuishao_b_total{k=\"1\"} 1\nchuishao_b_total{k=\"2\"} 2\n");
    assert_shown("# TYPE chuishao_c gauge\nchuishao_c 2.5\n");
}

static void a_histogram_cumulates_its_buckets(void **state)
{
    (void)state;
    struct metric *h = metric_histogram("chuishao_d_seconds", "s=\"1\"", "ds");
    metric_observe(h, 0.001);
    metric_observe(h, 0.3);
    metric_observe(h, 100);
    assert_shown("chuishao_d_seconds_bucket{s=\"1\",le=\"0.001\"} 1\n");
    assert_shown("chuishao_d_seconds_bucket{s=\"1\",le=\"0.25\"} 1\n");
    assert_shown("chuishao_d_seconds_bucket{s=\"1\",le=\"0.5\"} 2\n");
    assert_shown("chuishao_d_seconds_bucket{s=\"1\",le=\"60\"} 2\n");
    assert_shown("chuishao_d_seconds_bucket{s=\"1\",le=\"300\"} 3\n");
    assert_shown("chuishao_d_seconds_bucket{s=\"1\",le=\"7200\"} 3\n");
    assert_shown("chuishao_d_seconds_bucket{s=\"1\",le=\"+Inf\"} 3\n");
    assert_shown("chuishao_d_seconds_sum{s=\"1\"} 100.301000\n");
    assert_shown("chuishao_d_seconds_count{s=\"1\"} 3\n");
}

static int done(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_counter_is_found_again_by_name_and_labels),
            cmocka_unit_test(series_of_a_name_stand_together),
            cmocka_unit_test(a_histogram_cumulates_its_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
