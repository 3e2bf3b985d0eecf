/* The recent cases of a place as the router's state: written, read back, and as an older
 * release wrote them. */
#include "reader_fixture.h"
#include "router_io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define ONE "n20261121-0123456789abcdef"
#define TWO "n20261121-7k3mxq9v2ztb4hfw"

static void a_list_comes_back_as_it_went(void **state)
{
    (void)state;
    static struct router_recent recent, back;
    struct error err = {0};
    recent.n = ROUTER_RECENT_MAX;
    for (size_t i = 0; i < recent.n; i++) {
        struct router_case *item = &recent.items[i];
        (void)snprintf(item->case_id, sizeof item->case_id,
                "n20261121-00000000000000%02u", (unsigned)i % 100);
        (void)snprintf(item->category, sizeof item->category, "010101");
        (void)snprintf(item->lead, sizeof item->lead, "wy-%u", (unsigned)i);
        memset(item->reporter, 'a', i % PERSON_SIZE);
        item->fingerprint = UINT64_MAX >> i;
        item->at = (instant){1795222860000 + (int64_t)i};
        if (i % 3 == 0) {
            (void)snprintf(item->master, sizeof item->master, ONE);
            item->similarity = (int)i;
            item->evidence = (enum router_evidence)(1 + i % 3);
        }
    }
    assert_true(router_recent_decode(
            reader, router_recent_encode(&recent, &arena), &back, &arena, &err));
    assert_memory_equal(&back, &recent, sizeof recent);
}

static void a_list_of_before_is_still_read(void **state)
{
    (void)state;
    static struct router_recent recent, back;
    struct error err = {0};
    assert_true(router_recent_decode(reader,
            STR("{\"recent\":[{\"case\":\"" ONE
                "\",\"category\":\"010101\",\"lead\":\"wy\",\"reporter\":"
                "\"0123456789abcdef0123456789abcdef\",\"fingerprint\":"
                "\"00ff00ff00ff00ff\",\"at\":\"2026-11-21T09:01:00.000+08:00\","
                "\"master\":\"" TWO "\",\"similarity\":87}]}"),
            &recent, &arena, &err));
    assert_int_equal(recent.n, 1);
    assert_string_equal(recent.items[0].reporter, "0123456789abcdef");
    assert_int_equal(recent.items[0].similarity, 87);
    struct str text = router_recent_encode(&recent, &arena);
    assert_true(str_is(text, "{\"cases\":[\"" ONE
                             " 010101 wy 0123456789abcdef ff00ff00ff00ff 1a1fb9ef0e0 " TWO
                             " 57 similar\"]}"));
    assert_true(router_recent_decode(reader, text, &back, &arena, &err));
    assert_memory_equal(&back, &recent, sizeof recent);
}

static void a_list_with_something_else_in_it_is_refused(void **state)
{
    (void)state;
    static struct router_recent recent;
    static const char *const bad[] = {"", ONE, ONE " 010101 wy t1 0g 1",
            ONE " 010101 wy t1 0 1 " TWO, ONE " 010101 wy t1 0 1 " TWO " 57 similar 1",
            ONE " 010101 wy t1 0 1 " TWO " 57 alike", ONE " 010101 wy t1 0 1 " TWO " 57",
            ONE "0 010101 wy t1 0 1", ONE " 010101 wy t1 00000000000000000 1",
            ONE " 010101 wy  0 1 1", ONE " 010101 wy t1 0 "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error err = {0};
        struct str text = arena_printf(&arena, "{\"cases\":[\"%s\"]}", bad[i]);
        if (router_recent_decode(reader, text, &recent, &arena, &err))
            fail_msg("read: %s", bad[i]);
        assert_string_equal(err.code, "bad_value");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_reader, close_reader)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(a_list_comes_back_as_it_went),
            TEST(a_list_of_before_is_still_read),
            TEST(a_list_with_something_else_in_it_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
