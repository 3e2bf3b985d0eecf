#include "router_fixture.h"

const instant nine = {1795222800000}; /* 2026-11-21T09:00:00+08:00 */

static const char *const cg_aliases[] = {"城管队"};
static struct unit units[] = {
        {.code = "cg",
                .name = "云溪区城市管理局",
                .short_name = "城管",
                .type = UNIT_TYPE_DEPARTMENT,
                .aliases = {cg_aliases, 1}},
        {.code = "jd",
                .name = "东桥街道",
                .short_name = "东桥",
                .type = UNIT_TYPE_STREET},
        {.code = "sq",
                .name = "柳岸社区",
                .short_name = "柳岸",
                .type = UNIT_TYPE_COMMUNITY},
        {.code = "wg",
                .name = "柳岸第一网格服务队",
                .short_name = "柳岸一网格",
                .type = UNIT_TYPE_GRID_TEAM},
        {.code = "wy",
                .name = "安居物业",
                .short_name = "安居",
                .type = UNIT_TYPE_PROPERTY},
        {.code = "zj",
                .name = "云溪区住房局",
                .short_name = "住房局",
                .type = UNIT_TYPE_DEPARTMENT},
};
struct unit *const cg = &units[0], *const jd = &units[1], *const sq = &units[2],
                   *const team = &units[3], *const wy = &units[4], *const zj = &units[5];
static struct place places[] = {
        {.code = "p-a", .name = "柳岸花园", .type = PLACE_TYPE_ESTATE},
        {.code = "p-b", .name = "柳岸旧里", .type = PLACE_TYPE_ESTATE},
        {.code = "p-g", .name = "柳岸第一网格", .type = PLACE_TYPE_GRID},
        {.code = "p-jd", .name = "东桥街道", .type = PLACE_TYPE_STREET},
        {.code = "p-sq", .name = "柳岸社区", .type = PLACE_TYPE_COMMUNITY},
};
struct place *const garden = &places[0], *const old = &places[1],
                    *const grid = &places[2], *const street = &places[3];
static struct place *const community = &places[4];
static struct sla_class classes[] = {
        {.name = "E1", .budgets = {[CLOCK_HANDLE] = {2, UNIT_HOUR}}},
        {.name = "E2", .budgets = {[CLOCK_HANDLE] = {24, UNIT_HOUR}}},
        {.name = "N", .budgets = {[CLOCK_HANDLE] = {5, UNIT_WORK_DAY}}},
        {.name = "N-4wh", .budgets = {[CLOCK_HANDLE] = {4, UNIT_WORK_HOUR}}},
        {.name = "Q"},
};
struct sla_class *const class_n = &classes[2], *const class_4wh = &classes[3],
                        *const class_q = &classes[4];
static struct category categories[] = {
        {.code = "010101",
                .name = "保洁差",
                .urgency = URGENCY_N,
                .sla = &classes[2],
                .grass_roots = true},
        {.code = "040101", .name = "占道经营", .urgency = URGENCY_N, .sla = &classes[2]},
        {.code = "050101", .name = "无人管", .urgency = URGENCY_N, .sla = &classes[2]},
};
const struct category *const cleaning = &categories[0], *const stalls = &categories[1],
                             *const orphan = &categories[2];
struct catalogue_row rows[8];
struct policy policy;

int set_up_district(void **state)
{
    (void)state;
    static const struct catalogue_row fresh[] = {
            {.id = "c1",
                    .category_prefix = "010101",
                    .category = &categories[0],
                    .place_type = PLACE_TYPE_ESTATE,
                    .needs_place = true,
                    .lead = {.role = LEAD_PROPERTY},
                    .assists = {{.role = LEAD_COMMUNITY},
                            {.role = LEAD_STREET, .mandatory = true}},
                    .n_assists = 2,
                    .precedence = 10},
            {.id = "c4",
                    .category_prefix = "040101",
                    .category = &categories[1],
                    .place_type = -1,
                    .lead = {.unit = &units[0]},
                    .assists = {{.role = LEAD_STREET}, {.unit = &units[0]}},
                    .n_assists = 2,
                    .sla = &classes[4],
                    .precedence = 10},
            {.id = "c2",
                    .category_prefix = "010101",
                    .category = &categories[0],
                    .place_type = -1,
                    .needs_place = true,
                    .lead = {.role = LEAD_COMMUNITY},
                    .precedence = 20},
            {.id = "c3",
                    .category_prefix = "01",
                    .place_type = -1,
                    .needs_place = true,
                    .lead = {.role = LEAD_STREET},
                    .precedence = 30},
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        units[i].queue = &units[i];
        units[i].parent = NULL;
        units[i].valid_from = units[i].valid_to = (instant){0};
    }
    sq->parent = jd;
    wy->parent = jd;
    team->parent = sq;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        places[i].valid_from = places[i].valid_to = (instant){0};
    garden->parent = old->parent = grid;
    grid->parent = community;
    grid->unit = NULL;
    community->parent = street;
    community->unit = sq;
    street->unit = jd;
    garden->property = wy;
    memcpy(rows, fresh, sizeof fresh);
    policy = (struct policy){.version = "small@0",
            .confidence_min = 40,
            .merge_window_hours = 72,
            .merge_similarity = 60,
            .merge_similarity_same_person = 45,
            .units = units,
            .n_units = sizeof units / sizeof units[0],
            .places = places,
            .n_places = sizeof places / sizeof places[0],
            .categories = categories,
            .n_categories = 3,
            .catalogue = rows,
            .n_catalogue = sizeof fresh / sizeof fresh[0],
            .sla_classes = classes,
            .n_sla_classes = sizeof classes / sizeof classes[0],
            .calendar = {.spans = {{8 * 60 + 30, 12 * 60}, {14 * 60, 17 * 60 + 30}},
                    .n_spans = 2}};
    return 0;
}

struct router_complaint complaint_of(
        const struct category *category, const struct place *place)
{
    return (struct router_complaint){.case_id = "n20261121-0000000000000001",
            .category = category,
            .urgency = URGENCY_N,
            .nature = NATURE_COMPLAINT,
            .confidence = 80,
            .place = place,
            .reported_at = nine,
            .at = nine};
}

struct router_route decide(const struct router_complaint *complaint)
{
    static const struct router_recent nobody;
    return router_decide(&policy, complaint, &nobody);
}

void assert_human(const struct router_complaint *complaint, enum router_reason reason)
{
    struct router_route route = decide(complaint);
    assert_int_equal(route.outcome, ROUTER_NEEDS_HUMAN);
    assert_string_equal(router_reason_names[route.reason], router_reason_names[reason]);
    assert_null(route.lead);
}

void assert_led_by(const struct router_complaint *complaint, const struct unit *unit,
        const char *row)
{
    struct router_route route = decide(complaint);
    assert_string_equal(router_outcome_names[route.outcome], "dispatch");
    assert_string_equal(route.lead->code, unit->code);
    assert_string_equal(route.row->id, row);
}
