#include "case_policy.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    CHENGGUAN,
    DESK,
    DISTRICT,
    GONGAN,
    GONGDIAN,
    HEPING,
    JINHE,
    KAIFA,
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
enum {
    SLA_C_CONSULT,
    SLA_E1,
    SLA_E2,
    SLA_N,
    SLA_N_CLIMB,
    SLA_Q,
    SLA_FIVE_STEP,
    SLA_ILLEGAL_BUILD,
    SLA_WATER_BURST,
    SLAS
};

static struct unit units[UNITS] = {
        [CHENGGUAN] = {.code = "chengguan",
                .name = "城管局",
                .type = UNIT_TYPE_DEPARTMENT},
        [DESK] = {.code = "desk", .name = "受理台", .type = UNIT_TYPE_DESK},
        [DISTRICT] = {.code = "district", .name = "区政府", .type = UNIT_TYPE_DISTRICT},
        [GONGAN] = {.code = "gongan", .name = "公安分局", .type = UNIT_TYPE_DEPARTMENT},
        [GONGDIAN] = {.code = "gongdian", .name = "供电公司", .type = UNIT_TYPE_UTILITY},
        [HEPING] = {.code = "heping", .name = "和平社区", .type = UNIT_TYPE_COMMUNITY},
        [JINHE] = {.code = "jinhe", .name = "金禾社区", .type = UNIT_TYPE_COMMUNITY},
        [KAIFA] = {.code = "kaifa", .name = "开发商", .type = UNIT_TYPE_UTILITY},
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

#define STEP_NEEDS_RESULT_PHOTO (1U << STEP_NEEDS_RESULT | 1U << STEP_NEEDS_PHOTO)

/* 特急: street and district at once, then every 15 minutes. */
#define LADDER_E1                                                                        \
    {.rungs = {{50}, {80}, {100}, {100, LEVEL_STREET, {0}}, {100, LEVEL_DISTRICT, {0}},  \
             {100, LEVEL_STREET, {15, UNIT_MINUTE}},                                     \
             {100, LEVEL_DISTRICT, {15, UNIT_MINUTE}},                                   \
             {100, LEVEL_STREET, {30, UNIT_MINUTE}},                                     \
             {100, LEVEL_DISTRICT, {30, UNIT_MINUTE}},                                   \
             {100, LEVEL_STREET, {45, UNIT_MINUTE}},                                     \
             {100, LEVEL_DISTRICT, {45, UNIT_MINUTE}},                                   \
             {100, LEVEL_STREET, {60, UNIT_MINUTE}},                                     \
             {100, LEVEL_DISTRICT, {60, UNIT_MINUTE}}},                                  \
            .n_rungs = 13}

/* E2, N and Q tell the unit only: most stories are about that. N-climb climbs. */
static struct sla_class slas[SLAS] = {
        [SLA_C_CONSULT] = {.name = "C-consult",
                .ladder = {.rungs = {{50}, {80}, {100}, {100, LEVEL_SUPERIOR, {0}}},
                        .n_rungs = 4},
                .budgets = {[CLOCK_SIGN] = {1, UNIT_WORK_DAY},
                        [CLOCK_CONTACT] = {1, UNIT_WORK_DAY},
                        [CLOCK_HANDLE] = {15, UNIT_WORK_DAY}},
                .steps = {{"consult", "会商定方案", {5, UNIT_WORK_DAY},
                                  1U << STEP_NEEDS_ATTENDEES | 1U << STEP_NEEDS_PLAN |
                                          1U << STEP_NEEDS_DATE},
                        {"carry-out", "按方案办理", {10, UNIT_WORK_DAY},
                                1U << STEP_NEEDS_RESULT}},
                .n_steps = 2},
        [SLA_E1] = {.name = "E1",
                .ladder = LADDER_E1,
                .budgets = {[CLOCK_SIGN] = {10, UNIT_MINUTE},
                        [CLOCK_CONTACT] = {15, UNIT_MINUTE},
                        [CLOCK_ARRIVE] = {30, UNIT_MINUTE},
                        [CLOCK_HANDLE] = {2, UNIT_HOUR}}},
        [SLA_E2] = {.name = "E2",
                .ladder = {.rungs = {{50}, {80}, {100}}, .n_rungs = 3},
                .budgets = {[CLOCK_SIGN] = {30, UNIT_MINUTE},
                        [CLOCK_CONTACT] = {2, UNIT_HOUR},
                        [CLOCK_HANDLE] = {24, UNIT_HOUR}}},
        [SLA_N] = {.name = "N",
                .ladder = {.rungs = {{50}, {80}, {100}}, .n_rungs = 3},
                .budgets = {[CLOCK_SIGN] = {4, UNIT_WORK_HOUR},
                        [CLOCK_CONTACT] = {1, UNIT_WORK_DAY},
                        [CLOCK_HANDLE] = {5, UNIT_WORK_DAY}}},
        [SLA_N_CLIMB] = {.name = "N-climb",
                .ladder = {.rungs = {{50}, {80}, {100}, {100, LEVEL_SUPERIOR, {0}},
                                   {100, LEVEL_STREET, {1, UNIT_WORK_DAY}},
                                   {100, LEVEL_DISTRICT, {2, UNIT_WORK_DAY}}},
                        .n_rungs = 6},
                .budgets = {[CLOCK_HANDLE] = {5, UNIT_WORK_DAY}}},
        [SLA_Q] = {.name = "Q",
                .ladder = {.rungs = {{80}, {100}}, .n_rungs = 2},
                .budgets = {[CLOCK_SIGN] = {4, UNIT_WORK_HOUR},
                        [CLOCK_HANDLE] = {3, UNIT_WORK_DAY}}},
        [SLA_FIVE_STEP] = {.name = "five-step",
                .ladder = {.rungs = {{80}, {100}}, .n_rungs = 2},
                .budgets = {[CLOCK_HANDLE] = {30, UNIT_WORK_DAY}},
                .steps = {{"collect", "民意征集", {5, UNIT_WORK_DAY},
                                  1U << STEP_NEEDS_RESULT},
                        {"consult", "事务共商", {5, UNIT_WORK_DAY},
                                1U << STEP_NEEDS_ATTENDEES | 1U << STEP_NEEDS_PLAN},
                        {"carry-out", "推动落实", {10, UNIT_WORK_DAY},
                                STEP_NEEDS_RESULT_PHOTO},
                        {"evaluate", "评价反馈", {5, UNIT_WORK_DAY},
                                1U << STEP_NEEDS_RESULT},
                        {"file", "镇街备案", {2, UNIT_WORK_DAY},
                                1U << STEP_NEEDS_RESULT | 1U << STEP_NEEDS_FILING}},
                .n_steps = 5},
        [SLA_ILLEGAL_BUILD] = {.name = "illegal-build",
                .ladder = {.rungs = {{80}, {100}}, .n_rungs = 2},
                .budgets = {[CLOCK_HANDLE] = {28, UNIT_WORK_DAY}},
                .steps = {{"stop", "停工", {4, UNIT_WORK_HOUR}, 1U << STEP_NEEDS_PHOTO},
                        {"penalty", "处罚", {7, UNIT_WORK_DAY}, 1U << STEP_NEEDS_RESULT},
                        {"demolish", "拆除", {20, UNIT_WORK_DAY},
                                STEP_NEEDS_RESULT_PHOTO}},
                .n_steps = 3},
        [SLA_WATER_BURST] = {.name = "water-burst",
                .ladder = LADDER_E1,
                .budgets = {[CLOCK_SIGN] = {10, UNIT_MINUTE},
                        [CLOCK_CONTACT] = {15, UNIT_MINUTE},
                        [CLOCK_ARRIVE] = {60, UNIT_MINUTE},
                        [CLOCK_HANDLE] = {6, UNIT_WORK_DAY}},
                .steps = {{"enclose", "围护", {3, UNIT_EMERGENCY_HOUR},
                                  1U << STEP_NEEDS_PHOTO},
                        {"repair", "修复", {8, UNIT_EMERGENCY_HOUR},
                                STEP_NEEDS_RESULT_PHOTO},
                        {"restore", "恢复", {5, UNIT_WORK_DAY}, STEP_NEEDS_RESULT_PHOTO}},
                .n_steps = 3},
};

static struct category categories[] = {
        {.code = "010101",
                .level1 = "市容环卫",
                .name = "暴露垃圾",
                .sla = &slas[SLA_N],
                .physical = true,
                .grass_roots = true},
        {.code = "020101", .level1 = "政务服务", .name = "政策咨询", .sla = &slas[SLA_Q]},
};

/* 绿园小区 in 和平社区 in 运河街道; an estate of each street; a road that no street
 * governs. */
enum {
    PLACE_JINHE_GARDEN,
    PLACE_OLD_TOWN,
    PLACE_HEPING,
    PLACE_LVYUAN,
    PLACE_TAIHU,
    PLACE_WAIHUAN,
    PLACE_YUNHE,
    PLACES
};
static struct place places[PLACES] = {
        [PLACE_JINHE_GARDEN] = {.code = "e-jinhe",
                .name = "金禾苑",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[PLACE_TAIHU]},
        [PLACE_OLD_TOWN] = {.code = "e-yunhe",
                .name = "运河里",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[PLACE_YUNHE]},
        [PLACE_HEPING] = {.code = "heping",
                .name = "和平社区",
                .type = PLACE_TYPE_COMMUNITY,
                .parent = &places[PLACE_YUNHE],
                .unit = &units[HEPING]},
        [PLACE_LVYUAN] = {.code = "lvyuan",
                .name = "绿园小区",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[PLACE_HEPING],
                .property = &units[LVYUAN]},
        [PLACE_TAIHU] = {.code = "taihu",
                .name = "太湖街道",
                .type = PLACE_TYPE_STREET,
                .unit = &units[TAIHU]},
        [PLACE_WAIHUAN] = {.code = "waihuan", .name = "外环路", .type = PLACE_TYPE_ROAD},
        [PLACE_YUNHE] = {.code = "yunhe",
                .name = "运河街道",
                .type = PLACE_TYPE_STREET,
                .unit = &units[YUNHE]},
};

/* Volunteers of a community, a street and a property firm. */
static const struct unit *volunteers[] = {&units[HEPING], &units[LVYUAN], &units[YUNHE]};
static struct pool pools[] = {{.code = "volunteers",
        .name = "志愿服务队",
        .members = volunteers,
        .n_members = sizeof volunteers / sizeof *volunteers}};

static const char *const return_reasons[] = {
        "wrong_area", "unclear_ownership", "overlapping_duty", "not_our_duty"};
static const char *const extension_reasons[] = {
        "complex_matter", "third_party", "procurement", "weather"};
static const char *const suspension_reasons[] = {
        "awaiting_funds", "awaiting_decision", "legacy_issue", "awaiting_season"};
static const char *const termination_reasons[] = {
        "withdrawn", "no_such_matter", "statutory_channel", "unreasonable_demand"};

/* As in policy/handling.json. */
static const struct handling handling = {
        .desk = {30, UNIT_MINUTE},
        .review = {1, UNIT_WORK_DAY},
        .follow_up = {2, UNIT_WORK_DAY},
        .adjudication = {1, UNIT_WORK_DAY},
        .transfer_ack = {1, UNIT_MINUTE},
        .ladder = {.rungs = {{50}, {80}, {100}, {100, LEVEL_DISTRICT, {0}}},
                .n_rungs = 4},
        .return_window = {3, UNIT_WORK_DAY},
        .request_review = {4, UNIT_WORK_HOUR},
        .returns_max = 1,
        .extensions_max = 1,
        .extension_desk_percent = 50,
        .suspension_days_max = 30,
        .redo = {3, UNIT_WORK_DAY},
        .redos_max = 2,
        .reopen_days = 7,
        .merge_reopens = true,
        .cluster_reporters = 5,
        .cluster_hours = 24,
        .callback = "",
        .return_reasons = {return_reasons, 4},
        .extension_reasons = {extension_reasons, 4},
        .suspension_reasons = {suspension_reasons, 4},
        .termination_reasons = {termination_reasons, 4},
};

static const char *const absence_reasons[] = {"other_emergency", "no_staff"};

/* As in policy/whistle.json; nobody whistles for key work here. */
static const struct whistle_rules whistle = {
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

/* The head of 运河街道 is away from 7 to 11 December 2026. */
static struct absence absences[] = {{.staff = "yh-01"}};

/* Sorted by unit. */
static struct contact contacts[] = {
        {.duty = CONTACT_HEAD,
                .staff = "cg-01",
                .name = "梁岳峰",
                .unit = &units[CHENGGUAN]},
        {.duty = CONTACT_DUTY,
                .staff = "qu-02",
                .name = "陆砚秋",
                .unit = &units[DISTRICT]},
        {.duty = CONTACT_HEAD,
                .staff = "yh-01",
                .name = "潘海平",
                .unit = &units[YUNHE],
                .cover = "yh-02"},
        {.duty = CONTACT_DUTY, .staff = "yh-02", .name = "贺汀", .unit = &units[YUNHE]},
};

static struct policy policy;

instant china_time(const char *day, const char *time)
{
    char text[40];
    instant at;
    struct error err = {0};
    (void)snprintf(text, sizeof text, "%sT%s:00+08:00", day, time);
    if (!instant_parse(str_of(text), &at, &err)) {
        (void)fprintf(stderr, "%s: %s\n", text, err.text);
        exit(1);
    }
    return at;
}

static int32_t day_index(const char *day)
{
    return calendar_day_of(china_time(day, "12:00")) - CALENDAR_FIRST_DAY;
}

static void mark_day(const char *day, enum calendar_day mark)
{
    policy.calendar.days[day_index(day)] = (uint8_t)mark;
}

static void mark_holiday(const char *first, const char *last)
{
    for (int32_t i = day_index(first); i <= day_index(last); i++)
        policy.calendar.days[i] = DAY_OFF;
}

const struct policy *case_policy(void)
{
    for (int i = 0; i < UNITS; i++) {
        units[i].parent = i == DISTRICT ? NULL : &units[DISTRICT];
        units[i].queue = &units[i];
    }
    contacts[2].stand_in = &contacts[3];
    absences[0].from = china_time("2026-12-07", "00:00");
    absences[0].to = china_time("2026-12-12", "00:00");
    units[HEPING].parent = units[HEPING].queue = &units[YUNHE];
    units[LVYUAN].parent = &units[HEPING];
    units[ZHONGDUI].parent = &units[CHENGGUAN];
    units[JINHE].parent = units[JINHE].queue = &units[TAIHU];
    policy = (struct policy){
            .version = "test@000000000000",
            .name = "test",
            .desk = &units[DESK],
            .district = &units[DISTRICT],
            .handling = handling,
            .contacts = contacts,
            .n_contacts = sizeof contacts / sizeof *contacts,
            .absences = absences,
            .n_absences = 1,
            .units = units,
            .n_units = UNITS,
            .categories = categories,
            .n_categories = sizeof categories / sizeof *categories,
            .sla_classes = slas,
            .n_sla_classes = SLAS,
            .places = places,
            .n_places = PLACES,
            .pools = pools,
            .n_pools = sizeof pools / sizeof *pools,
            .whistle = whistle,
    };
    policy.calendar.spans[0].from = 8 * 60 + 30;
    policy.calendar.spans[0].to = 12 * 60;
    policy.calendar.spans[1].from = 14 * 60;
    policy.calendar.spans[1].to = 17 * 60 + 30;
    policy.calendar.n_spans = 2;
    mark_holiday("2024-02-10", "2024-02-17"); /* 春节 */
    mark_day("2024-02-04", DAY_WORKED);
    mark_day("2024-02-18", DAY_WORKED);
    mark_holiday("2026-02-15", "2026-02-23"); /* 春节 */
    mark_day("2026-02-14", DAY_WORKED);
    mark_day("2026-02-28", DAY_WORKED);
    mark_holiday("2026-10-01", "2026-10-07"); /* 国庆节 */
    mark_day("2026-09-20", DAY_WORKED);
    mark_day("2026-10-10", DAY_WORKED);
    return &policy;
}
