#include "json_out.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

static struct arena arena;

static int done(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void expect(struct json_out *out, const char *text)
{
    struct str got = json_end(out);
    if (!str_is(got, text))
        fail_msg("got %.*s", STR_ARG(got));
}

static void commas_set_themselves(void **state)
{
    (void)state;
    struct json_out out;
    json_begin(&out, &arena, 0);
    json_open_object(&out, NULL);
    json_text(&out, "a", "甲");
    json_open_array(&out, "b");
    json_close_array(&out);
    json_open_array(&out, "c");
    json_int(&out, NULL, 1);
    json_open_object(&out, NULL);
    json_bool(&out, "d", true);
    json_bool(&out, "e", false);
    json_close_object(&out);
    json_num(&out, NULL, 0.756, 2);
    json_close_array(&out);
    json_raw(&out, "f", STR("{\"x\": 1}"));
    json_raw(&out, "g", (struct str){0});
    json_close_object(&out);
    expect(&out, "{\"a\":\"甲\",\"b\":[],\"c\":[1,{\"d\":true,\"e\":false},0.76],\"f\":{"
                 "\"x\": 1},\"g\":null}");
}

static void room_not_needed_is_given_back(void **state)
{
    (void)state;
    struct json_out out, other;
    json_begin(&out, &arena, 4000);
    json_text(&out, NULL, "甲");
    struct str text = json_end(&out);
    char *next = arena_alloc(&arena, 1);
    assert_true(next > text.ptr && next - text.ptr < 64);
    json_begin(&other, &arena, 4000);
    json_text(&other, NULL, "乙");
    char *behind = arena_alloc(&arena, 1);
    expect(&other, "\"乙\"");
    assert_true((char *)arena_alloc(&arena, 1) > behind); /* it was not the last one */
    json_text(&out, NULL, "丙");                          /* and one may go on */
    expect(&out, "\"甲\",\"丙\"");
    expect(&other, "\"乙\"");
}

static void what_must_be_escaped_is(void **state)
{
    (void)state;
    struct json_out out;
    json_begin(&out, &arena, 0);
    json_str(&out, NULL, STR("\"\\\b\f\n\r\t\0\x01\x1f \x7f/路灯不亮\n很久了"));
    expect(&out,
            "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u0001\\u001f \x7f/路灯不亮\\n很久了\"");
}

static void an_escape_is_found_at_every_position(void **state)
{
    (void)state;
    static const char special[] = {'"', '\\', '\n', 0x1f, 0};
    for (size_t s = 0; s < sizeof special; s++)
        for (size_t len = 1; len < 40; len++)
            for (size_t at = 0; at < len; at++) {
                char text[40];
                memset(text, at % 2 ? '\xe8' : '!', len);
                text[at] = special[s];
                struct json_out out;
                json_begin(&out, &arena, 0);
                json_str(&out, NULL, (struct str){text, len});
                struct str got = json_end(&out);
                assert_int_equal(got.ptr[at + 1], '\\');
                assert_int_equal(got.len,
                        len + 2 + (special[s] == 0x1f || special[s] == 0 ? 5 : 1));
            }
}

static void integers_of_any_size_are_written(void **state)
{
    (void)state;
    struct json_out out;
    json_begin(&out, &arena, 0);
    json_open_array(&out, NULL);
    json_int(&out, NULL, 0);
    json_int(&out, NULL, INT64_MIN);
    json_int(&out, NULL, INT64_MAX);
    json_close_array(&out);
    expect(&out, "[0,-9223372036854775808,9223372036854775807]");
}

static void a_number_that_is_not_finite_is_null(void **state)
{
    (void)state;
    struct json_out out;
    json_begin(&out, &arena, 0);
    json_open_array(&out, NULL);
    json_num(&out, NULL, (double)NAN, 2);
    json_num(&out, NULL, (double)INFINITY, 2);
    json_num(&out, NULL, -1.0, 0);
    json_close_array(&out);
    expect(&out, "[null,null,-1]");
}

static void the_some_calls_write_only_what_there_is(void **state)
{
    (void)state;
    struct json_out out;
    json_begin(&out, &arena, 0);
    json_open_object(&out, NULL);
    json_str_some(&out, "a", (struct str){0});
    json_text_some(&out, "b", NULL);
    json_text_some(&out, "c", "");
    json_instant_some(&out, "d", (instant){0});
    json_raw_some(&out, "e", (struct str){0});
    json_instant_some(&out, "f", (instant){1795222800000});
    json_instant(&out, "g", (instant){0});
    json_text_some(&out, "h", "x");
    json_close_object(&out);
    expect(&out, "{\"f\":\"2026-11-21T09:00:00.000+08:00\",\"g\":null,\"h\":\"x\"}");
}

static void it_grows_as_long_as_it_must(void **state)
{
    (void)state;
    struct json_out out;
    json_begin(&out, &arena, 0);
    json_open_array(&out, NULL);
    for (int i = 0; i < 10000; i++)
        json_text(&out, NULL, "0123456789");
    json_close_array(&out);
    assert_int_equal(json_end(&out).len, 2 + 10000 * 13 - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(commas_set_themselves),
            cmocka_unit_test(room_not_needed_is_given_back),
            cmocka_unit_test(what_must_be_escaped_is),
            cmocka_unit_test(an_escape_is_found_at_every_position),
            cmocka_unit_test(integers_of_any_size_are_written),
            cmocka_unit_test(a_number_that_is_not_finite_is_null),
            cmocka_unit_test(the_some_calls_write_only_what_there_is),
            cmocka_unit_test(it_grows_as_long_as_it_must),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
