#include "whistle_policy.h"

#include "case_policy.h"

/* Sorted by code, as policy_unit wants them. */
enum {
    CHENGGUAN,
    DESK,
    DISTRICT,
    GONGAN,
    JINHE,
    LVYUAN,
    SHIJIAN,
    TAIHU,
    XIAOFANG,
    YINGJI,
    YUNHE,
    ZHONGDUI,
    ZHUJIAN,
    UNITS
};

static struct unit units[UNITS] = {
        [CHENGGUAN] = {.code = "chengguan",
                .name = "城管局",
                .type = UNIT_TYPE_DEPARTMENT},
        [DESK] = {.code = "desk", .name = "受理台", .type = UNIT_TYPE_DESK},
        [DISTRICT] = {.code = "district", .name = "区政府", .type = UNIT_TYPE_DISTRICT},
        [GONGAN] = {.code = "gongan", .name = "公安分局", .type = UNIT_TYPE_DEPARTMENT},
        [JINHE] = {.code = "jinhe", .name = "金禾社区", .type = UNIT_TYPE_COMMUNITY},
        [LVYUAN] = {.code = "lvyuan", .name = "绿园物业", .type = UNIT_TYPE_PROPERTY},
        [SHIJIAN] = {.code = "shijian", .name = "市监局", .type = UNIT_TYPE_DEPARTMENT},
        [TAIHU] = {.code = "taihu", .name = "太湖街道", .type = UNIT_TYPE_STREET},
        [XIAOFANG] = {.code = "xiaofang",
                .name = "消防大队",
                .type = UNIT_TYPE_DEPARTMENT},
        [YINGJI] = {.code = "yingji", .name = "应急局", .type = UNIT_TYPE_DEPARTMENT},
        [YUNHE] = {.code = "yunhe", .name = "运河街道", .type = UNIT_TYPE_STREET},
        [ZHONGDUI] = {.code = "zhongdui",
                .name = "城管中队",
                .type = UNIT_TYPE_DEPARTMENT},
        [ZHUJIAN] = {.code = "zhujian", .name = "住建局", .type = UNIT_TYPE_DEPARTMENT},
};

enum { GARDEN, OLD_TOWN, RING_ROAD, TAIHU_STREET, YUNHE_STREET, PLACES };

/* Sorted by code as well. */
static struct place places[PLACES] = {
        [GARDEN] = {.code = "e-jinhe",
                .name = "金禾苑",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[TAIHU_STREET]},
        [OLD_TOWN] = {.code = "e-yunhe",
                .name = "运河里",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[YUNHE_STREET]},
        [RING_ROAD] = {.code = "r-huan", .name = "环路", .type = PLACE_TYPE_ROAD},
        [TAIHU_STREET] = {.code = "s-taihu",
                .name = "太湖街道",
                .type = PLACE_TYPE_STREET,
                .unit = &units[TAIHU]},
        [YUNHE_STREET] = {.code = "s-yunhe",
                .name = "运河街道",
                .type = PLACE_TYPE_STREET,
                .unit = &units[YUNHE]},
};

static const char *const absence_reasons[] = {"other_emergency", "no_staff"};

/* As in policy/whistle.json; nobody whistles for key work here. */
static const struct whistle_rules rules = {
        .classes = {[WHISTLE_TYPE_ENFORCEMENT] = {.check_in = {24, UNIT_HOUR},
                            .ladder = {.rungs = {{80}, {100}}, .n_rungs = 2},
                            .high = 20},
                [WHISTLE_TYPE_EMERGENCY] = {.check_in = {30, UNIT_MINUTE},
                        .ladder = {.rungs = {{50}, {80}, {100},
                                           {100, LEVEL_DISTRICT, {15, UNIT_MINUTE}}},
                                .n_rungs = 4},
                        .dispute_needs_check_in = true,
                        .high = 30}},
        .absence_reasons = {absence_reasons, 2},
};

static struct policy policy;

const struct policy *whistle_policy(void)
{
    policy = *case_policy();
    for (int i = 0; i < UNITS; i++) {
        units[i].parent = i == DISTRICT ? NULL : &units[DISTRICT];
        units[i].queue = &units[i];
    }
    units[ZHONGDUI].parent = &units[CHENGGUAN];
    units[JINHE].parent = units[JINHE].queue = &units[TAIHU];
    policy.units = units;
    policy.n_units = UNITS;
    policy.places = places;
    policy.n_places = PLACES;
    policy.desk = &units[DESK];
    policy.district = &units[DISTRICT];
    policy.whistle = rules;
    return &policy;
}
