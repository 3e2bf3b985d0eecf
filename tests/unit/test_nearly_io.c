/* The index of names; when two are nearly the same is test_nearly_core.c's. */
#include "nearly_io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { FOUND_MAX = 8 };

static struct arena arena;
static struct nearly_index nearly_index;

static int forget(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* Finds these of the names, by these rules, in any order. */
static void expect(const char *said, size_t n, const struct nearly_found *wanted)
{
    struct nearly_found found[FOUND_MAX];
    assert_int_equal(nearly_find(&nearly_index, str_of(said), found, FOUND_MAX), n);
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < n && found[k].name != wanted[i].name)
            k++;
        assert_true(k < n && found[k].by == wanted[i].by);
    }
}
#define EXPECT(said, ...)                                                                \
    expect(said,                                                                         \
            sizeof((struct nearly_found[]){__VA_ARGS__}) / sizeof(struct nearly_found),  \
            (struct nearly_found[]){__VA_ARGS__})

static void index_of(const struct str *names, size_t n)
{
    nearly_index_build(&nearly_index, names, n, &arena);
}

static void no_name_is_found_in_no_index(void **state)
{
    (void)state;
    struct nearly_found found[FOUND_MAX];
    const struct nearly_index none = {0};
    assert_int_equal(nearly_find(&none, STR("海塘湾花园"), found, FOUND_MAX), 0);
    index_of(NULL, 0);
    expect("海塘湾花园", 0, NULL);
}

static void each_name_is_found_once_by_its_rule(void **state)
{
    (void)state;
    const struct str names[] = {STR("苑"), STR("海塘湾花园"), STR("梧桐路"),
            STR("长乐重行家园"), STR("这个名字比十六个字长所以不能读")};
    index_of(names, sizeof names / sizeof *names);
    EXPECT("海棠湾花园", {1, NEARLY_SOUND});
    EXPECT("海塘湾小区", {1, NEARLY_ENDING});
    EXPECT("海塘岭花园", {1, NEARLY_LETTER});
    EXPECT("梧同路", {2, NEARLY_SHORT});
    EXPECT("常月虫航家园", {3, NEARLY_SOUND});
    expect("海塘湾花园", 0, NULL);
    expect("苑", 0, NULL);
}

static void names_of_which_all_are_as_sure_are_all_found(void **state)
{
    (void)state;
    const struct str names[] = {STR("海唐湾花园"), STR("海塘湾花园"), STR("海棠湾名苑"),
            STR("楠诗湖花园"), STR("蓝私湖岭花园"), STR("蓝私湖口花园")};
    index_of(names, sizeof names / sizeof *names);
    EXPECT("海糖湾花园", {0, NEARLY_SOUND}, {1, NEARLY_SOUND});
    EXPECT("海棠湾小区", {0, NEARLY_SOUND}, {1, NEARLY_SOUND}, {2, NEARLY_ENDING});
    EXPECT("蓝私湖花园", {3, NEARLY_HEARD}, {4, NEARLY_LETTER}, {5, NEARLY_LETTER});
}

static void a_surer_name_takes_the_place_of_others(void **state)
{
    (void)state;
    const struct str names[] = {STR("蓝私湖花园"), STR("楠师湖花园"), STR("蓝丝湖花园"),
            STR("楠诗岭花园"), STR("楠诗湖岭花园")};
    index_of(names, sizeof names / sizeof *names);
    EXPECT("楠诗湖花园", {1, NEARLY_SOUND});
    EXPECT("楠诗湖岭小区", {4, NEARLY_ENDING});
}

static void no_more_are_found_than_there_is_room_for(void **state)
{
    (void)state;
    const struct str names[] = {STR("海唐湾花园"), STR("海塘湾花园"), STR("海棠湾花园")};
    struct nearly_found found[2];
    index_of(names, sizeof names / sizeof *names);
    assert_int_equal(nearly_find(&nearly_index, STR("海糖湾花园"), found, 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_teardown(no_name_is_found_in_no_index, forget),
            cmocka_unit_test_teardown(each_name_is_found_once_by_its_rule, forget),
            cmocka_unit_test_teardown(
                    names_of_which_all_are_as_sure_are_all_found, forget),
            cmocka_unit_test_teardown(a_surer_name_takes_the_place_of_others, forget),
            cmocka_unit_test_teardown(no_more_are_found_than_there_is_room_for, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
