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
    found("门口的灯坏了，位置在东桥街道柳岸社区泉水新村", "东桥街道柳岸社区泉水新村");
    found("清溪区 桤木路泉水花园停水", "清溪区 桤木路泉水花园");
}

static void it_begins_behind_what_is_no_name(void **state)
{
    (void)state;
    found("市民反映泉水小区停水", "泉水小区");
    found("其居住在泉水花园", "泉水花园");
    found("早上八点从东桥站到泉水广场", "泉水广场");
    found("派出所对面泉水小区", "泉水小区");
    found("昨晚桤木路积水", "桤木路");
    found("2031年8月份左右桤木路积水", "桤木路");
    found("12月3日桤木路积水", "桤木路");
    found("准备拐进桤木路", "桤木路");
    found("酒店旁桤木大厦", "桤木大厦");
}

static void two_roads_are_one_address(void **state)
{
    (void)state;
    found("清溪区桤木路与泉水大道交叉口有积水", "清溪区桤木路与泉水大道交叉口");
    found("桤木路和泉水大道", "桤木路和泉水大道");
    found("桤木路靠近泉水广场", "桤木路靠近泉水广场");
    found("泉水小区和柳岸小区之间", "泉水小区");
    found("桤木路路口", "桤木路路口");
    found("桤木路口", "桤木路口");
    found("柳岸村路口", "柳岸村");
}

static void a_letter_that_breaks_may_be_of_a_name(void **state)
{
    (void)state;
    found("其在和平大道59号", "和平大道59号");
    found("清溪区向阳路", "清溪区向阳路");
    found("桤木路和祥和花园", "桤木路和祥和花园");
}

static void a_word_that_only_looks_like_an_ending_is_none(void **state)
{
    (void)state;
    found("桤木路路灯不亮", "桤木路");
    found("市民希望城市管理部门处理", "");
    found("村民说村委会不公开", "");
    found("街道办事处没有答复", "");
    found("号码是多少", "");
    found("是否可以上路", "");
    found("桤木路人行道路面", "桤木路");
}

static void a_city_or_district_alone_is_no_address(void **state)
{
    (void)state;
    found("泉州市清溪区教育局电话", "");
    found("清溪区医院电话", "");
    found("清溪区3号", "");
    found("清溪区火车站", "清溪区火车站");
}

static void a_kind_without_a_name_is_no_address(void **state)
{
    (void)state;
    found("小区装修", "");
    found("各个小区", "");
    found("住宅小区", "");
    found("农贸市场", "");
    found("就读私立学校", "");
    found("社区居委会登记", "");
    found("桤木农贸市场", "桤木农贸市场");
    found("人民公园", "人民公园");
}

static void behind_a_place_a_kind_is_enough(void **state)
{
    (void)state;
    found("柳岸村农贸市场", "柳岸村农贸市场");
    found("柳岸村小学", "柳岸村小学");
    found("桤木雅苑小区", "桤木雅苑小区");
    found("桤木路房管局", "桤木路房管局");
    found("桤木路老王面店", "桤木路老王面店");
    found("老王面店", "");
    found("房管局", "");
}

static void what_stands_beside_something_has_a_name(void **state)
{
    (void)state;
    found("清溪区桤木路老王家隔壁", "清溪区桤木路老王家");
    found("清溪区柳岸新天门口", "清溪区柳岸新天");
    found("清溪区老王附近的泉水", "清溪区老王");
    found("桤木路后门", "桤木路");
    found("老王家隔壁", "");
}

static void a_city_says_where_a_name_that_nothing_ends_is(void **state)
{
    (void)state;
    found("清溪区云杉仙境停工", "清溪区");
    found("清溪区云杉仙境的噪音", "清溪区");
    found("清溪区公司", "");
    found("泉州市云杉化工公司，清溪区", "泉州市云杉化工公司");
    found("清溪区云杉仙境，泉水小区", "泉水小区");
    found("清溪区二胎登记", "");
    found("清溪区的云杉", "");
}

static void numbers_need_a_digit_in_front(void **state)
{
    (void)state;
    found("桤木路7号楼", "桤木路7号楼");
    found("桤木路账号", "桤木路");
    found("泉水小区A座", "泉水小区A座");
    found("泉水小区讲座", "泉水小区");
    found("泉水小区二期三栋", "泉水小区二期三栋");
    found("泉水小区学期", "泉水小区");
}

static void a_number_needs_a_name_in_front(void **state)
{
    (void)state;
    found("要求6802号回电", "");
    found("于3号到现场", "");
    found("桤木坊5号", "桤木坊5号");
    found("56路公交车", "");
    found("桤木公交站77路", "桤木公交站");
    found("泉水小区3号下午停水", "泉水小区");
}

static void a_room_needs_no_word(void **state)
{
    (void)state;
    found("泉水小区8栋703业主", "泉水小区8栋703");
    found("泉水小区2B的业主", "泉水小区2B");
    found("泉水小区U21A", "泉水小区U21A");
    found("泉水小区2栋101和103住户", "泉水小区2栋101");
    found("泉水小区300多户", "泉水小区");
    found("泉水小区2031年", "泉水小区");
    found("泉水小区123456，", "泉水小区");
    found("泉水小区KTV", "泉水小区");
    found("桤木路68，", "桤木路");
}

static void where_a_ride_began_is_no_address(void **state)
{
    (void)state;
    found("在泉水广场乘坐出租车到桤木路", "");
    found("在泉水广场等待公交车", "泉水广场");
}

static void the_stretch_with_most_parts_is_meant_then_the_first(void **state)
{
    (void)state;
    found("泉水小区的业主，住在清溪区桤木路9号", "清溪区桤木路9号");
    found("桤木路的泉水小区", "桤木路");
}

static void a_name_is_not_longer_than_twelve_characters(void **state)
{
    (void)state;
    found("甲子丙丁戊己庚辛壬癸寅卯辰巳泉水小区",
            "丁戊己庚辛壬癸寅卯辰巳泉水小区" + 3 * 1);
    found("桤木路甲子丙丁戊己庚辛壬癸寅卯泉水小区", "桤木路");
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

/* What nearly_io.c asks for: the name without what only numbers it. */
static void a_part_knows_where_its_name_ends(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
    } parts[] = {{"桤木路12号", ""}, {"桤木坊12号", "桤木坊"}, {"桤木坊二号", "桤木坊"},
            {"桤木坊", NULL}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct address_scan scan = {.index = &words, .text = str_of(parts[i].text)};
        struct address_part part = {0};
        while (address_next(&scan, &part))
            ;
        struct str name = {scan.text.ptr + part.from, part.name_to - part.from};
        assert_true(str_is(name, parts[i].name ? parts[i].name : ""));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_address_goes_from_the_district_to_the_number),
            cmocka_unit_test(it_begins_behind_what_is_no_name),
            cmocka_unit_test(two_roads_are_one_address),
            cmocka_unit_test(a_letter_that_breaks_may_be_of_a_name),
            cmocka_unit_test(a_word_that_only_looks_like_an_ending_is_none),
            cmocka_unit_test(a_city_or_district_alone_is_no_address),
            cmocka_unit_test(a_kind_without_a_name_is_no_address),
            cmocka_unit_test(behind_a_place_a_kind_is_enough),
            cmocka_unit_test(what_stands_beside_something_has_a_name),
            cmocka_unit_test(a_city_says_where_a_name_that_nothing_ends_is),
            cmocka_unit_test(numbers_need_a_digit_in_front),
            cmocka_unit_test(a_number_needs_a_name_in_front),
            cmocka_unit_test(a_room_needs_no_word),
            cmocka_unit_test(where_a_ride_began_is_no_address),
            cmocka_unit_test(the_stretch_with_most_parts_is_meant_then_the_first),
            cmocka_unit_test(a_name_is_not_longer_than_twelve_characters),
            cmocka_unit_test(a_text_without_an_address_has_none),
            cmocka_unit_test(broken_letters_do_no_harm),
            cmocka_unit_test(a_part_knows_where_its_name_ends),
    };
    return cmocka_run_group_tests(tests, make_index, NULL);
}
