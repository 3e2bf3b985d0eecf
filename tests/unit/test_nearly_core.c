#include "nearly_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static bool share_a_key(const struct nearly_name *a, const struct nearly_name *b)
{
    uint32_t x[NEARLY_KEYS_MAX], y[NEARLY_KEYS_MAX];
    size_t n = nearly_keys(a, x), m = nearly_keys(b, y);
    assert_true(n <= NEARLY_KEYS_MAX && m <= NEARLY_KEYS_MAX);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            if (x[i] == y[k])
                return true;
    return false;
}

static void compare(const char *said, const char *name, enum nearly wanted)
{
    struct nearly_name a, b;
    assert_true(nearly_read(str_of(said), &a) && nearly_read(str_of(name), &b));
    enum nearly same = nearly_same(&a, &b);
    if (same != wanted || (same && !share_a_key(&a, &b)))
        fail_msg("%s and %s: %d", said, name, (int)same);
}

static void another_ending_for_homes_is_nearly_the_same(void **state)
{
    (void)state;
    compare("泉水小区", "泉水苑", NEARLY_ENDING);
    compare("泉水", "泉水花园", NEARLY_ENDING);
    compare("泉水新村", "泉水小区", NEARLY_ENDING);
    compare("泉水家属院", "泉水花园", NEARLY_NOT);
    compare("泉水小区", "泉水路", NEARLY_NOT);
    compare("泉水小区", "泉水广场", NEARLY_NOT);
    compare("泉水", "泉水小学", NEARLY_NOT);
    compare("泉小区", "泉苑", NEARLY_NOT);
}

static void one_wrong_letter_of_a_long_core_is_nearly_the_same(void **state)
{
    (void)state;
    compare("听泉名园", "听泉明园", NEARLY_LETTER);
    compare("清泉水岸花园", "清泉水暗花园", NEARLY_LETTER);
    compare("清泉岸花园", "清泉水岸花园", NEARLY_LETTER);
    compare("清泉水水岸花园", "清泉水岸花园", NEARLY_LETTER);
    compare("水岸清泉", "水岸清全", NEARLY_LETTER);
    compare("清泉水案", "清泉水岸", NEARLY_LETTER);
    compare("清泉水", "清泉水岸", NEARLY_LETTER);
    compare("清泉水岸边", "清泉水岸", NEARLY_LETTER);
    compare("清泉度社区", "清泉渡社区", NEARLY_LETTER);
}

static void one_wrong_letter_of_an_ending_is_nearly_the_same(void **state)
{
    (void)state;
    compare("清泉明苑", "清泉名苑", NEARLY_LETTER);
    compare("清泉花庭", "清泉华庭", NEARLY_LETTER);
    compare("清泉嘉苑", "清泉名苑", NEARLY_NOT);
    compare("清溪明苑", "清泉名苑", NEARLY_NOT);
    compare("清泉名城", "清泉名苑", NEARLY_NOT);
    compare("清泉的名苑", "清泉名苑", NEARLY_NOT);
    compare("海口新村", "渡口新村", NEARLY_NOT);
}

static void two_wrong_letters_or_a_short_core_are_another_name(void **state)
{
    (void)state;
    compare("清全水案花园", "清泉水岸花园", NEARLY_NOT);
    compare("青溪花园", "清溪花园", NEARLY_NOT);
    compare("清溪花圆", "清溪花园", NEARLY_NOT);
    compare("泉花园", "泉水花园", NEARLY_NOT);
    compare("清泉水岸花元", "清泉水岸花园", NEARLY_NOT);
    compare("清泉水岸化园", "清泉水岸花园", NEARLY_NOT);
    compare("清泉水大街", "清泉水大道", NEARLY_NOT);
}

static void numbers_and_directions_tell_neighbours_apart(void **state)
{
    (void)state;
    compare("织锦一村", "织锦二村", NEARLY_NOT);
    compare("泉水东里", "泉水西里", NEARLY_NOT);
    compare("清泉水新苑", "清泉水老苑", NEARLY_NOT);
    compare("清泉2期花园", "清泉3期花园", NEARLY_NOT);
    compare("东清泉水岸", "清泉水岸", NEARLY_NOT);
    compare("清泉水岸", "清泉水岸北", NEARLY_NOT);
}

static void the_same_is_not_nearly_the_same(void **state)
{
    (void)state;
    compare("泉水花园", "泉水花园", NEARLY_NOT);
    compare("泉水Ａ座", "泉水a座", NEARLY_NOT);
}

static void names_of_no_use_are_not_read(void **state)
{
    (void)state;
    struct nearly_name name;
    assert_false(nearly_read(STR(""), &name));
    assert_false(nearly_read(STR("泉"), &name));
    assert_false(nearly_read(STR("一二三四五六七八九十一二三四五六七"), &name));
    assert_true(nearly_read(STR("一二三四五六七八九十一二三四五六"), &name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(another_ending_for_homes_is_nearly_the_same),
            cmocka_unit_test(one_wrong_letter_of_a_long_core_is_nearly_the_same),
            cmocka_unit_test(one_wrong_letter_of_an_ending_is_nearly_the_same),
            cmocka_unit_test(two_wrong_letters_or_a_short_core_are_another_name),
            cmocka_unit_test(numbers_and_directions_tell_neighbours_apart),
            cmocka_unit_test(the_same_is_not_nearly_the_same),
            cmocka_unit_test(names_of_no_use_are_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
