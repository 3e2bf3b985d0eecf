#include "case_policy.h"

#include <stdio.h>
#include <stdlib.h>

enum { CHENGGUAN, DESK, DISTRICT, HEPING, LVYUAN, YUNHE, ZHUJIAN, UNITS };
enum { SLA_E2, SLA_N, SLA_Q, SLAS };

static struct unit units[UNITS] = {
        [CHENGGUAN] = {.code = "chengguan",
                .name = "城管局",
                .type = UNIT_TYPE_DEPARTMENT},
        [DESK] = {.code = "desk", .name = "受理台", .type = UNIT_TYPE_DESK},
        [DISTRICT] = {.code = "district", .name = "区政府", .type = UNIT_TYPE_DISTRICT},
        [HEPING] = {.code = "heping", .name = "和平社区", .type = UNIT_TYPE_COMMUNITY},
        [LVYUAN] = {.code = "lvyuan", .name = "绿园物业", .type = UNIT_TYPE_PROPERTY},
        [YUNHE] = {.code = "yunhe", .name = "运河街道", .type = UNIT_TYPE_STREET},
        [ZHUJIAN] = {.code = "zhujian", .name = "住建局", .type = UNIT_TYPE_DEPARTMENT},
};

static struct sla_class slas[SLAS] = {
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
        [SLA_Q] = {.name = "Q",
                .ladder = {.rungs = {{80}, {100}}, .n_rungs = 2},
                .budgets = {[CLOCK_SIGN] = {4, UNIT_WORK_HOUR},
                        [CLOCK_HANDLE] = {3, UNIT_WORK_DAY}}},
};

static struct category categories[] = {
        {.code = "010101",
                .level1 = "市容环卫",
                .name = "暴露垃圾",
                .sla = &slas[SLA_N],
                .physical = true},
        {.code = "020101", .level1 = "政务服务", .name = "政策咨询", .sla = &slas[SLA_Q]},
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

static void mark_day(const char *day, enum calendar_day mark)
{
    int32_t first = calendar_day_of(china_time("2018-01-01", "12:00"));
    policy.calendar.days[calendar_day_of(china_time(day, "12:00")) - first] = (uint8_t)
            mark;
}

const struct policy *case_policy(void)
{
    for (int i = 0; i < UNITS; i++) {
        units[i].parent = i == DISTRICT ? NULL : &units[DISTRICT];
        units[i].queue = &units[i];
    }
    units[HEPING].parent = units[HEPING].queue = &units[YUNHE];
    policy = (struct policy){
            .version = "test@000000000000",
            .name = "test",
            .desk = &units[DESK],
            .district = &units[DISTRICT],
            .handling = {.desk = {30, UNIT_MINUTE},
                    .ladder = {.rungs = {{50}, {80}, {100}}, .n_rungs = 3}},
            .units = units,
            .n_units = UNITS,
            .categories = categories,
            .n_categories = sizeof categories / sizeof *categories,
            .sla_classes = slas,
            .n_sla_classes = SLAS,
    };
    policy.calendar.spans[0].from = 8 * 60 + 30;
    policy.calendar.spans[0].to = 12 * 60;
    policy.calendar.spans[1].from = 14 * 60;
    policy.calendar.spans[1].to = 17 * 60 + 30;
    policy.calendar.n_spans = 2;
    /* 国庆节 2026: 1 to 7 October off, 20 September and 10 October worked. */
    static const char *const off[] = {"2026-10-01", "2026-10-02", "2026-10-03",
            "2026-10-04", "2026-10-05", "2026-10-06", "2026-10-07"};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        mark_day(off[i], DAY_OFF);
    mark_day("2026-09-20", DAY_WORKED);
    mark_day("2026-10-10", DAY_WORKED);
    return &policy;
}
