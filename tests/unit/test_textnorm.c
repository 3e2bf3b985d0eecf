#include "textnorm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void assert_becomes(const char *text, const char *expected)
{
    uint32_t letters[512];
    char out[1024];
    size_t n = textnorm(str_of(text), letters, 512);
    (void)textnorm_utf8(letters, n, out, sizeof out);
    assert_string_equal(out, expected);
}

static void full_width_and_compatibility_forms_become_plain(void **state)
{
    (void)state;
    assert_becomes("ＡＢ座１２号：漏水！", "ab座12号:漏水!");
    assert_becomes("①栋⑫层⑴室", "1栋12层1室");
    assert_becomes("三十㎡，气温４０℃", "三十m2,气温40°c");
    assert_becomes("Ⅳ期〇八年", "iv期零八年");
    assert_becomes("“凯旋”—门", "\"凯旋\"-门");
}

static void traditional_address_and_number_characters_become_simplified(void **state)
{
    (void)state;
    assert_becomes("東區廣場路８號樓兩戶", "东区广场路8号楼两户");
    assert_becomes("電梯壞了萬一斷電", "电梯坏了万一断电");
}

static void financial_digits_are_digits_only_inside_numbers(void **state)
{
    (void)state;
    assert_becomes("共贰拾伍萬元", "共二十五万元");
    assert_becomes("欠薪叁仟元", "欠薪三千元");
    assert_becomes("来自大陆的伍先生拾金不昧", "来自大陆的伍先生拾金不昧");
    assert_becomes("陆号楼", "六号楼");
    assert_becomes("第贰伍柒。", "第二五七。");
}

static void masks_and_order_numbers_shrink_to_one_mark(void **state)
{
    (void)state;
    assert_becomes("车牌琼A*****堵路", "车牌琼a*堵路");
    assert_becomes("电话138****1234无人接", "电话*无人接");
    assert_becomes("前单HK0a1b2c3d4e未办结", "前单#未办结");
    assert_becomes("前单20171230000123未办结", "前单#未办结");
    assert_becomes("拨打12345和66778899", "拨打12345和66778899");
    assert_becomes("见www.example-site.cn", "见www.example-site.cn");
    assert_becomes("Wechatminiprogram打不开", "wechatminiprogram打不开");
}

static void operators_phrases_are_cut_at_both_ends_only(void **state)
{
    (void)state;
    assert_becomes("市民来电反映：路灯不亮", "路灯不亮");
    assert_becomes("您好，路灯不亮，请相关部门尽快核实处理，谢谢！", "路灯不亮");
    assert_becomes(
            "路灯不亮（请职能局按规定在30分钟内联系市民，响应处置）。", "路灯不亮");
    assert_becomes("工单内容\n市民微信咨询: 公交几点收班", "公交几点收班");
    assert_becomes("其致电物业，请处理，物业不理", "其致电物业,请处理,物业不理");
    assert_becomes("（路灯）不亮。", "(路灯)不亮。");
}

static void a_text_of_nothing_but_phrases_stays(void **state)
{
    (void)state;
    assert_becomes("请尽快处理", "请尽快处理");
    assert_becomes("您好，投诉！", "您好,投诉!");
    assert_becomes("！！", "!!");
}

static void space_is_one_space_and_none_at_the_ends(void **state)
{
    (void)state;
    assert_becomes("  路灯\r\n\t　不 亮 ", "路灯 不 亮");
    assert_becomes("路\xe2\x80\x8b灯\xef\xbb\xbf", "路灯");
    assert_becomes(" \n ", "");
    assert_becomes("", "");
}

static void bytes_that_are_not_utf8_count_as_space(void **state)
{
    (void)state;
    assert_becomes("路\xff灯", "路 灯");
    assert_becomes("路\xe7\x81", "路"); /* cut inside a character */
    assert_becomes("a\xc0\x80"
                   "b",
            "a b"); /* overlong */
    assert_becomes("a\xed\xa0\x80"
                   "b",
            "a b"); /* a surrogate */
}

static void a_long_text_ends_at_the_limit(void **state)
{
    (void)state;
    uint32_t letters[3];
    assert_int_equal(textnorm(STR("路灯坏了"), letters, 3), 3);
    assert_int_equal(letters[2], 0x574f);
    assert_int_equal(textnorm(STR("a⑫"), letters, 2), 2);
    assert_int_equal(textnorm(STR("路灯"), letters, 0), 0);
}

static void utf8_holds_whole_characters_only(void **state)
{
    (void)state;
    const uint32_t text[] = {'a', 0xe9, 0x8def, 0x1f6a8};
    char out[11];
    assert_int_equal(textnorm_utf8(text, 4, out, sizeof out), 10);
    assert_string_equal(out, "a\xc3\xa9路\xf0\x9f\x9a\xa8");
    assert_int_equal(textnorm_utf8(text, 4, out, 10), 6);
    assert_string_equal(out, "a\xc3\xa9路");
    assert_int_equal(textnorm_utf8(text, 4, out, 1), 0);
}

static void normalising_twice_changes_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"市民来电反映：ＡＢ座①號樓漏水，请处理",
            "琼A*****堵路", "欠薪贰拾伍萬元 HK0a1b2c3d4e"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint32_t letters[128];
        char once[512];
        size_t n = textnorm(str_of(texts[i]), letters, 128);
        (void)textnorm_utf8(letters, n, once, sizeof once);
        assert_becomes(once, once);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(full_width_and_compatibility_forms_become_plain),
            cmocka_unit_test(traditional_address_and_number_characters_become_simplified),
            cmocka_unit_test(financial_digits_are_digits_only_inside_numbers),
            cmocka_unit_test(masks_and_order_numbers_shrink_to_one_mark),
            cmocka_unit_test(operators_phrases_are_cut_at_both_ends_only),
            cmocka_unit_test(a_text_of_nothing_but_phrases_stays),
            cmocka_unit_test(space_is_one_space_and_none_at_the_ends),
            cmocka_unit_test(bytes_that_are_not_utf8_count_as_space),
            cmocka_unit_test(a_long_text_ends_at_the_limit),
            cmocka_unit_test(utf8_holds_whole_characters_only),
            cmocka_unit_test(normalising_twice_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
