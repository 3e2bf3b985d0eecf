#include "house_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* words: the bytes that are taken; NULL: none. */
static void read_as(const char *text, int32_t number, const char *words)
{
    int32_t got = 0;
    size_t len = house_number(str_of(text), &got);
    if (got != number || !str_is((struct str){text, len}, words ? words : ""))
        fail_msg("%s: number %d in %zu bytes", text, (int)got, len);
}

static void figures_of_any_width_are_a_number(void **state)
{
    (void)state;
    read_as("12号门口积水", 12, "12号");
    read_as("１２号門口", 12, "１２号");
    read_as(" 12 號", 12, " 12 號");
    read_as("1号", 1, "1号");
    read_as("1208号", 1208, "1208号");
}

static void chinese_numerals_are_a_number(void **state)
{
    (void)state;
    read_as("十二号", 12, "十二号");
    read_as("二十号", 20, "二十号");
    read_as("一百二十号", 120, "一百二十号");
    read_as("一百零五号", 105, "一百零五号");
    read_as("一千二百三十四号", 1234, "一千二百三十四号");
    read_as("一二〇号", 120, "一二〇号");
    read_as("贰拾伍号", 25, "贰拾伍号");
    read_as("两百号", 200, "两百号");
}

static void a_branch_and_a_lane_count_by_their_first_number(void **state)
{
    (void)state;
    read_as("12-3号", 12, "12-3号");
    read_as("12之3号", 12, "12之3号");
    read_as("88弄5号", 88, "88弄");
    read_as("12号至20号", 12, "12号");
}

static void what_is_no_house_is_none(void **state)
{
    (void)state;
    static const char *const none[] = {"", "号", "12", "12栋", "0号", "零号", "123456号",
            "12号楼", "2号线", "12号下午停电", "十二号晚上", "口12号", "和听潮路12号",
            "市民来电反映：12号", "12-号", "A12号", "的12号", "12\xe5\x8f",
            "999999999999号"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        read_as(none[i], 0, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(figures_of_any_width_are_a_number),
            cmocka_unit_test(chinese_numerals_are_a_number),
            cmocka_unit_test(a_branch_and_a_lane_count_by_their_first_number),
            cmocka_unit_test(what_is_no_house_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
