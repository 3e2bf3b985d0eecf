#include "match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

static struct matcher *compile(const struct match_literal *literals, size_t n)
{
    struct matcher *matcher = NULL;
    struct error err = {0};
    assert_true(matcher_compile(&matcher, literals, n, &err));
    return matcher;
}

static void words_are_found_where_they_are(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("路灯"), 7}, {STR("不亮"), 8}};
    struct matcher *matcher = compile(literals, 2);
    struct match_hit hits[4];
    assert_int_equal(matcher_scan(matcher, STR("门口路灯不亮"), hits, 4), 2);
    assert_int_equal(hits[0].id, 7);
    assert_int_equal(hits[0].literal, 0);
    assert_int_equal(hits[0].from, 6);
    assert_int_equal(hits[0].to, 12);
    assert_int_equal(hits[1].id, 8);
    assert_int_equal(hits[1].from, 12);
    assert_int_equal(hits[1].to, 18);
    matcher_free(matcher);
}

static void words_inside_words_and_shared_ids_are_found(void **state)
{
    (void)state;
    const struct match_literal literals[] = {
            {STR("噪音"), 1}, {STR("施工噪音"), 2}, {STR("音"), 1}, {STR("噪音"), 3}};
    struct matcher *matcher = compile(literals, 4);
    struct match_hit hits[8];
    assert_int_equal(matcher_scan(matcher, STR("施工噪音"), hits, 8), 4);
    assert_int_equal(hits[0].literal, 1); /* the longest first */
    assert_int_equal(hits[1].literal, 0);
    assert_int_equal(hits[2].literal, 3);
    assert_int_equal(hits[3].literal, 2);
    assert_int_equal(hits[3].from, 9);
    matcher_free(matcher);
}

static void ascii_letters_match_in_either_case(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("KTV"), 1}, {STR("a.b*"), 2}};
    struct matcher *matcher = compile(literals, 2);
    struct match_hit hits[4];
    assert_int_equal(matcher_scan(matcher, STR("楼下ktv扰民"), hits, 4), 1);
    assert_int_equal(matcher_scan(matcher, STR("axbb"), hits, 4), 0);
    assert_int_equal(matcher_scan(matcher, STR("A.B*"), hits, 4), 1);
    matcher_free(matcher);
}

static void hits_beyond_the_array_are_counted(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("水"), 1}};
    struct matcher *matcher = compile(literals, 1);
    struct match_hit hits[2];
    assert_int_equal(matcher_scan(matcher, STR("水水水水水"), hits, 2), 5);
    assert_int_equal(hits[1].from, 3);
    matcher_free(matcher);
}

static void no_words_find_nothing(void **state)
{
    (void)state;
    struct matcher *matcher = compile(NULL, 0);
    struct match_hit hits[1];
    assert_int_equal(matcher_scan(matcher, STR("水"), hits, 1), 0);
    matcher_free(matcher);
    matcher_free(NULL);
}

static void an_empty_text_holds_nothing(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("水"), 1}};
    struct matcher *matcher = compile(literals, 1);
    struct match_hit hits[1];
    assert_int_equal(matcher_scan(matcher, (struct str){0}, hits, 1), 0);
    matcher_free(matcher);
}

static void an_empty_word_is_refused(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("水"), 1}, {STR(""), 2}};
    struct matcher *matcher = NULL;
    struct error err = {0};
    assert_false(matcher_compile(&matcher, literals, 2, &err));
    assert_string_equal(err.code, "bad_word");
    assert_null(matcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(words_are_found_where_they_are),
            cmocka_unit_test(words_inside_words_and_shared_ids_are_found),
            cmocka_unit_test(ascii_letters_match_in_either_case),
            cmocka_unit_test(hits_beyond_the_array_are_counted),
            cmocka_unit_test(no_words_find_nothing),
            cmocka_unit_test(an_empty_text_holds_nothing),
            cmocka_unit_test(an_empty_word_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
