#include "address_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct address_index words;

static int make_index(void **state)
{
    (void)state;
    address_index_init(&words);
    return 0;
}

static void found(const char *text, const char *address)
{
    struct str got = address_find(&words, str_of(text));
    if (!str_is(got, address))
        fail_msg("in %s\ngot    %.*s\nwanted %s", text, STR_ARG(got), address);
    assert_true(got.len == 0 ||
                (got.ptr >= text && got.ptr + got.len <= text + strlen(text)));
}

static void an_address_goes_from_the_district_to_the_number(void **state)
{
    (void)state;
    found("其是清溪区桤木路12号泉水小区3栋的业主，楼道灯坏了",
            "清溪区桤木路12号泉水小区3栋");
    found("清溪区桤木路与泉水大道交叉口有积水", "清溪区桤木路");
    found("门口的灯坏了，位置在东桥街道柳岸社区泉水新村", "东桥街道柳岸社区泉水新村");
}

static void it_begins_behind_what_is_no_name(void **state)
{
    (void)state;
    found("市民反映泉水小区停水", "泉水小区");
    found("关于清溪区医院的问题", "清溪区");
    found("其居住在泉水花园", "泉水花园");
    found("早上八点从东站到泉水广场", "泉水广场");
    found("派出所对面泉水小区", "泉水小区");
}

static void a_word_that_only_looks_like_an_ending_is_none(void **state)
{
    (void)state;
    found("桤木路路灯不亮", "桤木路");
    found("市民希望城市管理部门处理", "");
    found("村民说村委会不公开", "");
    found("街道办事处没有答复", "");
    found("号码是多少", "");
}

static void numbers_need_a_digit_in_front(void **state)
{
    (void)state;
    found("桤木路7号楼", "桤木路7号楼");
    found("桤木路账号", "桤木路");
    found("泉水小区A座", "泉水小区A座");
    found("泉水小区讲座", "泉水小区");
}

static void the_stretch_with_most_parts_is_meant_then_the_first(void **state)
{
    (void)state;
    found("泉水小区的业主，住在清溪区桤木路9号", "清溪区桤木路9号");
    found("泉水小区和柳岸小区之间", "泉水小区");
}

static void a_name_is_not_longer_than_twelve_characters(void **state)
{
    (void)state;
    found("一二三四五六七八九十甲乙丙丁泉水小区",
            "三四五六七八九十甲乙丙丁泉水小区" + 3 * 2);
}

static void a_text_without_an_address_has_none(void **state)
{
    (void)state;
    found("", "");
    found("你好", "");
    found("怎么办理居住证", "");
}

static void broken_letters_do_no_harm(void **state)
{
    (void)state;
    static const char text[] = "泉水小区\xe6\xa1";
    struct str got = address_find(&words, (struct str){text, sizeof text - 1});
    assert_true(str_is(got, "泉水小区"));
    got = address_find(&words, (struct str){"\xe8\xb7", 2});
    assert_int_equal(got.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_address_goes_from_the_district_to_the_number),
            cmocka_unit_test(it_begins_behind_what_is_no_name),
            cmocka_unit_test(a_word_that_only_looks_like_an_ending_is_none),
            cmocka_unit_test(numbers_need_a_digit_in_front),
            cmocka_unit_test(the_stretch_with_most_parts_is_meant_then_the_first),
            cmocka_unit_test(a_name_is_not_longer_than_twelve_characters),
            cmocka_unit_test(a_text_without_an_address_has_none),
            cmocka_unit_test(broken_letters_do_no_harm),
    };
    return cmocka_run_group_tests(tests, make_index, NULL);
}
