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
    compare("听泉名园", "听泉古园", NEARLY_LETTER);
    compare("清泉水岸花园", "清泉水边花园", NEARLY_LETTER);
    compare("清泉岸花园", "清泉水岸花园", NEARLY_LETTER);
    compare("清泉水水岸花园", "清泉水岸花园", NEARLY_LETTER);
    compare("水岸清泉", "水岸清溪", NEARLY_LETTER);
    compare("清泉水崖", "清泉水岸", NEARLY_LETTER);
    compare("清泉水", "清泉水岸", NEARLY_LETTER);
    compare("清泉水岸边", "清泉水岸", NEARLY_LETTER);
    compare("清泉口社区", "清泉渡社区", NEARLY_LETTER);
}

static void one_wrong_letter_of_an_ending_is_nearly_the_same(void **state)
{
    (void)state;
    compare("清泉茗苑", "清泉嘉苑", NEARLY_LETTER);
    compare("清泉明苑", "清泉名苑", NEARLY_SHORT);
    compare("清泉化庭", "清泉豪庭", NEARLY_LETTER);
    compare("清泉嘉苑", "清泉名苑", NEARLY_NOT);
    compare("清溪明苑", "清泉名苑", NEARLY_NOT);
    compare("清泉名城", "清泉名苑", NEARLY_NOT);
    compare("清泉的名苑", "清泉名苑", NEARLY_NOT);
    compare("海口新村", "渡口新村", NEARLY_NOT);
}

static void two_wrong_letters_or_a_short_core_are_another_name(void **state)
{
    (void)state;
    compare("清溪水边花园", "清泉水岸花园", NEARLY_NOT);
    compare("碧溪花园", "清溪花园", NEARLY_NOT);
    compare("清溪花圆", "清溪花园", NEARLY_NOT);
    compare("泉花园", "泉水花园", NEARLY_NOT);
    compare("清泉水岸花元", "清泉水岸花园", NEARLY_NOT);
    compare("清泉水岸化园", "清泉水岸花园", NEARLY_NOT);
    compare("清泉水大街", "清泉水大道", NEARLY_NOT);
}

static void a_name_that_sounds_the_same_is_nearly_the_same(void **state)
{
    (void)state;
    compare("海棠湾花园", "海塘湾花园", NEARLY_SOUND);
    compare("海堂弯花园", "海塘湾花园", NEARLY_SOUND);
    compare("海棠湾", "海塘湾", NEARLY_SOUND);
    compare("清全水案", "清泉水岸", NEARLY_SOUND);
    compare("海棠湾路", "海塘湾路", NEARLY_SOUND);
    compare("海棠湾社区", "海塘湾社区", NEARLY_SOUND);
    compare("棠梨湾花园", "海塘湾花园", NEARLY_NOT);
    compare("海棠弯路", "海塘湾街", NEARLY_NOT);
    compare("海堂弯花园", "海塘湾花院", NEARLY_NOT);
    compare("海棠湾里花园", "海塘湾花园", NEARLY_NOT);
    compare("海棠湾路", "海塘湾", NEARLY_NOT);
    compare("海棠弯府", "海塘湾符", NEARLY_NOT);
    compare("海棠湾", "海塘湾路", NEARLY_NOT);
}

static void so_is_one_with_another_ending_for_homes_but_not_of_a_short_core(void **state)
{
    (void)state;
    compare("海棠湾小区", "海塘湾花园", NEARLY_SOUND);
    compare("海棠湾", "海塘湾名苑", NEARLY_SOUND);
    compare("海棠湾嘉苑", "海塘湾小区", NEARLY_SOUND);
    compare("海棠湾嘉苑", "海塘湾名苑", NEARLY_NOT);
    compare("海棠湾小区", "海塘湾路", NEARLY_NOT);
    compare("栖木小区", "桤木花园", NEARLY_NOT);
}

static void a_short_core_that_sounds_the_same_is_less_sure(void **state)
{
    (void)state;
    compare("栖木花园", "桤木花园", NEARLY_SHORT);
    compare("青席花园", "清溪花园", NEARLY_SHORT);
    compare("海棠府", "海塘府", NEARLY_SHORT);
    compare("梧同路", "梧桐路", NEARLY_SHORT);
    compare("长乐花园", "常月花园", NEARLY_SHORT);
    compare("掌月花园", "长乐花园", NEARLY_SHORT);
    assert_true(nearly_is_sure(NEARLY_SHORT) && nearly_is_sure(NEARLY_SOUND));
    assert_true(nearly_is_sure(NEARLY_ENDING));
    assert_false(nearly_is_sure(NEARLY_LETTER) || nearly_is_sure(NEARLY_HEARD));
}

static void what_is_only_heard_alike_is_the_least_sure(void **state)
{
    (void)state;
    compare("楠山花园", "蓝山花园", NEARLY_HEARD);
    compare("楠三花园", "蓝杉花园", NEARLY_NOT); /* a number */
    compare("楠珊湖花园", "蓝三湖花园", NEARLY_NOT);
    compare("蓝丝福花园", "楠诗湖花园", NEARLY_HEARD);
    compare("蓝诗湖小区", "楠丝福花园", NEARLY_HEARD);
    compare("蓝珠小区", "楠租花园", NEARLY_NOT);
    compare("蓝溏花园", "楠塘花园", NEARLY_HEARD);
    compare("溏蓝花园", "塘楠花园", NEARLY_HEARD);
    compare("蓝诗湖花园", "楠诗湖花园", NEARLY_LETTER);
}

static void what_tells_neighbours_apart_stays_itself(void **state)
{
    (void)state;
    compare("冬泉湾花园", "东泉湾花园", NEARLY_NOT);
    compare("鑫泉湾花园", "新泉湾花园", NEARLY_NOT);
    compare("溪泉花园", "西泉花园", NEARLY_NOT);
    compare("伍泉花园", "五泉花园", NEARLY_NOT);
    compare("东堂花园", "东塘花园", NEARLY_SHORT);
}

static void a_name_of_many_readings_is_read_in_some_ways_only(void **state)
{
    (void)state;
    struct nearly_name name;
    uint32_t keys[NEARLY_KEYS_MAX];
    assert_true(nearly_read(STR("乐长重乐长重乐长重乐长重乐长家园"), &name));
    assert_in_range(nearly_keys(&name, keys), NEARLY_SOUNDS_MAX, NEARLY_KEYS_MAX);
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
            cmocka_unit_test(a_name_that_sounds_the_same_is_nearly_the_same),
            cmocka_unit_test(
                    so_is_one_with_another_ending_for_homes_but_not_of_a_short_core),
            cmocka_unit_test(a_short_core_that_sounds_the_same_is_less_sure),
            cmocka_unit_test(what_is_only_heard_alike_is_the_least_sure),
            cmocka_unit_test(what_tells_neighbours_apart_stays_itself),
            cmocka_unit_test(a_name_of_many_readings_is_read_in_some_ways_only),
            cmocka_unit_test(numbers_and_directions_tell_neighbours_apart),
            cmocka_unit_test(the_same_is_not_nearly_the_same),
            cmocka_unit_test(names_of_no_use_are_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
