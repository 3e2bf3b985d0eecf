#include "router_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static const instant nine = {1795222800000}; /* 2026-11-21T09:00:00+08:00 */

enum { HOUR_MS = 3600 * 1000 };

/* A district, made by hand so that each test sees all that it decides on. */
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
        {.code = "wy",
                .name = "安居物业",
                .short_name = "安居",
                .type = UNIT_TYPE_PROPERTY},
        {.code = "zj",
                .name = "云溪区住房局",
                .short_name = "住房局",
                .type = UNIT_TYPE_DEPARTMENT},
};
static struct unit *const cg = &units[0], *const jd = &units[1], *const sq = &units[2],
                          *const wy = &units[3], *const zj = &units[4];
static struct place places[] = {
        {.code = "p-a", .name = "柳岸花园", .type = PLACE_TYPE_ESTATE},
        {.code = "p-b", .name = "柳岸旧里", .type = PLACE_TYPE_ESTATE},
        {.code = "p-jd", .name = "东桥街道", .type = PLACE_TYPE_STREET},
        {.code = "p-sq", .name = "柳岸社区", .type = PLACE_TYPE_COMMUNITY},
};
static struct place *const garden = &places[0], *const old = &places[1],
                           *const street = &places[2];
static struct sla_class classes[] = {
        {.name = "E1", .budgets = {[CLOCK_HANDLE] = {2, UNIT_HOUR}}},
        {.name = "E2", .budgets = {[CLOCK_HANDLE] = {24, UNIT_HOUR}}},
        {.name = "N", .budgets = {[CLOCK_HANDLE] = {5, UNIT_WORK_DAY}}},
        {.name = "N-4wh", .budgets = {[CLOCK_HANDLE] = {4, UNIT_WORK_HOUR}}},
        {.name = "Q"},
};
static struct sla_class *const class_n = &classes[2], *const class_4wh = &classes[3],
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
static const struct category *const cleaning = &categories[0],
                                    *const stalls = &categories[1],
                                    *const orphan = &categories[2];
static struct catalogue_row rows[8];
static struct policy policy;

static int set_up(void **state)
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
    places[0].parent = places[1].parent = &places[3];
    places[3].parent = street;
    places[3].unit = sq;
    street->unit = jd;
    garden->property = wy;
    memcpy(rows, fresh, sizeof fresh);
    policy = (struct policy){.version = "small@0",
            .confidence_min = 40,
            .merge_window_hours = 72,
            .merge_similarity = 60,
            .units = units,
            .n_units = sizeof units / sizeof units[0],
            .places = places,
            .n_places = 4,
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

static struct router_complaint complaint_of(
        const struct category *category, const struct place *place)
{
    return (struct router_complaint){.case_id = "n20261121-0000000000000001",
            .category = category,
            .urgency = URGENCY_N,
            .nature = NATURE_COMPLAINT,
            .confidence = 80,
            .place = place,
            .at = nine};
}

static const struct router_recent nobody;

static struct router_route decide(const struct router_complaint *complaint)
{
    return router_decide(&policy, complaint, &nobody);
}

static void assert_human(
        const struct router_complaint *complaint, enum router_reason reason)
{
    struct router_route route = decide(complaint);
    assert_int_equal(route.outcome, ROUTER_NEEDS_HUMAN);
    assert_string_equal(router_reason_names[route.reason], router_reason_names[reason]);
    assert_null(route.lead);
}

static void assert_led_by(const struct router_complaint *complaint,
        const struct unit *unit, const char *row)
{
    struct router_route route = decide(complaint);
    assert_string_equal(router_outcome_names[route.outcome], "dispatch");
    assert_string_equal(route.lead->code, unit->code);
    assert_string_equal(route.row->id, row);
}

static void the_first_row_that_fits_leads_with_its_assists_and_runner_up(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, garden);
    struct router_route route = decide(&complaint);
    assert_int_equal(route.outcome, ROUTER_DISPATCH);
    assert_ptr_equal(route.lead, wy);
    assert_int_equal(route.n_assists, 2);
    assert_ptr_equal(route.assists[0], sq);
    assert_ptr_equal(route.assists[1], jd);
    assert_false(route.mandatory[0]);
    assert_true(route.mandatory[1]);
    assert_string_equal(route.sla->name, "N");
    assert_string_equal(route.row->id, "c1");
    assert_string_equal(route.runner_up->id, "c2");
}

static void an_estate_without_a_firm_goes_to_the_community(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, old);
    assert_led_by(&complaint, sq, "c2");
}

static void a_place_without_a_community_goes_to_the_street(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, street);
    assert_led_by(&complaint, jd, "c3");
}

static void the_row_may_have_its_own_sla_class_and_the_lead_does_not_assist(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(stalls, garden);
    struct router_route route = decide(&complaint);
    assert_string_equal(route.sla->name, "Q");
    assert_int_equal(route.n_assists, 1);
    assert_ptr_equal(route.assists[0], jd);
    assert_null(route.runner_up);
}

static void rule_1_without_a_category_a_human_decides(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(NULL, garden);
    complaint.confidence = 0;
    assert_human(&complaint, ROUTER_REASON_NO_CATEGORY);
}

static void rule_2_a_doubtful_category_is_not_used(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, garden);
    complaint.confidence = 39;
    assert_human(&complaint, ROUTER_REASON_LOW_CONFIDENCE);
    complaint.confidence = 40;
    assert_led_by(&complaint, wy, "c1");
}

static void rule_3_a_conflict_matters_only_where_a_place_is_needed(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, NULL);
    complaint.place_conflict = true;
    assert_human(&complaint, ROUTER_REASON_PLACE_CONFLICT);
    complaint.category = stalls;
    assert_led_by(&complaint, cg, "c4");
}

static void rule_4_names_what_is_missing(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, NULL);
    assert_human(&complaint, ROUTER_REASON_NO_PLACE);
    complaint = complaint_of(orphan, garden);
    assert_human(&complaint, ROUTER_REASON_NO_OWNER);
    complaint = complaint_of(stalls, NULL);
    assert_led_by(&complaint, cg, "c4");
}

static void rule_4_a_row_holds_from_its_first_day_to_the_day_before_its_last(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, garden);
    rows[0].valid_from = nine;
    assert_led_by(&complaint, wy, "c1");
    rows[0].valid_from.ms++;
    assert_led_by(&complaint, sq, "c2");
    rows[0].valid_from = (instant){0};
    rows[0].valid_to = nine;
    assert_led_by(&complaint, sq, "c2");
    rows[0].valid_to.ms++;
    assert_led_by(&complaint, wy, "c1");
}

static void rule_5_the_accused_unit_does_not_lead(void **state)
{
    (void)state;
    static const char *const names[] = {"wy", "安居物业", "安居"};
    for (size_t i = 0; i < 3; i++) {
        struct router_complaint complaint = complaint_of(cleaning, garden);
        complaint.about = str_of(names[i]);
        assert_led_by(&complaint, sq, "c2");
    }
    struct router_complaint complaint = complaint_of(stalls, garden);
    complaint.about = STR("城管队");
    assert_human(&complaint, ROUTER_REASON_UNIT_ACCUSED);
    complaint.about = STR("别的单位");
    assert_led_by(&complaint, cg, "c4");
}

static void rule_5_a_subordinate_of_the_accused_does_not_lead(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, garden);
    complaint.about = STR("东桥街道"); /* over community and firm */
    assert_human(&complaint, ROUTER_REASON_UNIT_ACCUSED);
}

static void rule_5_the_accused_does_not_assist(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, garden);
    complaint.about = STR("sq");
    struct router_route route = decide(&complaint);
    assert_ptr_equal(route.lead, wy);
    assert_int_equal(route.n_assists, 1);
    assert_ptr_equal(route.assists[0], jd);
}

static void rule_5_who_reads_the_queue_of_the_accused_does_not_lead(void **state)
{
    (void)state;
    sq->queue = zj;
    struct router_complaint complaint = complaint_of(cleaning, old);
    complaint.about = STR("住房局");
    assert_led_by(&complaint, jd, "c3");
}

static void rule_5_a_report_never_reaches_the_estates_own_firm(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, garden);
    complaint.nature = NATURE_REPORT;
    assert_led_by(&complaint, sq, "c2");
    rows[2].assists[rows[2].n_assists++] = (struct party){.role = LEAD_PROPERTY};
    assert_int_equal(decide(&complaint).n_assists, 0);
    sq->queue = wy; /* the community reads the firm's queue */
    assert_led_by(&complaint, jd, "c3");
    complaint.nature = NATURE_COMPLAINT;
    assert_led_by(&complaint, wy, "c1");
}

static void rule_6_a_unit_that_is_gone_does_not_lead(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, garden);
    wy->valid_to = nine;
    assert_led_by(&complaint, sq, "c2");
    wy->valid_to = (instant){0};
    jd->valid_to = nine; /* nor does it assist */
    assert_int_equal(decide(&complaint).n_assists, 1);
    wy->valid_to = sq->valid_to = nine;
    jd->valid_to = (instant){0};
    jd->valid_from = (instant){nine.ms + 1};
    assert_human(&complaint, ROUTER_REASON_OWNER_NOT_VALID);
    complaint.about = STR("wy");
    assert_human(&complaint, ROUTER_REASON_UNIT_ACCUSED);
}

/* ---- merging ---- */

#define DIRTY "三号楼的楼道已经半个月没有人打扫了,到处都是垃圾,味道很大,请尽快处理"
#define DIRTY_TOO "三号楼楼道半个月没有人打扫,到处是垃圾,味道很大,希望尽快处理!"
#define OTHER "昨天晚上地下车库的灯全部不亮,老人下楼差点摔倒,物业电话也打不通"

static void say(struct router_complaint *complaint, char number, const char *text,
        const char *reporter)
{
    complaint->case_id[CASE_ID_LEN - 1] = number;
    complaint->fingerprint = router_fingerprint(str_of(text));
    (void)str_copy(complaint->reporter, sizeof complaint->reporter, str_of(reporter));
}

/* Decides and remembers, as the service does. */
static struct router_route next(
        const struct router_complaint *complaint, struct router_recent *recent)
{
    struct router_route route = router_decide(&policy, complaint, recent);
    (void)router_remember(&policy, complaint, &route, recent);
    return route;
}

static void rule_7_the_same_matter_merges_and_another_does_not(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    say(&complaint, '1', DIRTY, "a");
    assert_int_equal(next(&complaint, &recent).outcome, ROUTER_DISPATCH);
    say(&complaint, '2', OTHER, "b");
    assert_int_equal(next(&complaint, &recent).outcome, ROUTER_DISPATCH);
    say(&complaint, '3', DIRTY_TOO, "c");
    struct router_route route = next(&complaint, &recent);
    assert_int_equal(route.outcome, ROUTER_MERGE);
    assert_string_equal(route.master, "n20261121-0000000000000001");
    assert_true(route.similarity >= 60);
    assert_ptr_equal(route.lead, wy); /* in case the master refuses */
    assert_string_equal(route.row->id, "c1");
    assert_int_equal(recent.n, 3);
}

static void rule_7_a_member_is_never_a_master(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    say(&complaint, '1', DIRTY_TOO, "a");
    (void)next(&complaint, &recent);
    say(&complaint, '2', DIRTY, "b");
    (void)next(&complaint, &recent);
    say(&complaint, '3', DIRTY, "c"); /* most like case 2 */
    struct router_route route = next(&complaint, &recent);
    assert_int_equal(route.similarity, 100);
    assert_string_equal(route.master, "n20261121-0000000000000001");
}

static void rule_7_the_same_event_again_gets_the_answer_it_had(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint first = complaint_of(cleaning, garden), second = first;
    say(&first, '1', DIRTY, "a");
    say(&second, '2', DIRTY_TOO, "b");
    (void)next(&first, &recent);
    struct router_route before = next(&second, &recent);
    struct router_recent unchanged = recent;
    first.at.ms += HOUR_MS;
    second.at.ms += HOUR_MS;
    assert_int_equal(next(&first, &recent).outcome, ROUTER_DISPATCH);
    struct router_route again = next(&second, &recent);
    assert_int_equal(again.outcome, ROUTER_MERGE);
    assert_string_equal(again.master, before.master);
    assert_int_equal(again.similarity, before.similarity);
    assert_memory_equal(&recent, &unchanged, sizeof recent);
}

static void rule_7_a_case_is_never_its_own_master(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint first = complaint_of(cleaning, garden), second = first;
    say(&first, '1', DIRTY, "a");
    say(&second, '2', DIRTY, "b");
    (void)next(&first, &recent);
    (void)next(&second, &recent);
    recent.items[0] = recent.items[1]; /* the master left the list, its member did not */
    recent.n = 1;
    assert_int_equal(next(&first, &recent).outcome, ROUTER_DISPATCH);
}

static void rule_7_only_inside_the_window(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    say(&complaint, '1', DIRTY, "a");
    (void)next(&complaint, &recent);
    complaint.at.ms += (int64_t)72 * HOUR_MS - 1;
    say(&complaint, '2', DIRTY, "b");
    assert_int_equal(router_decide(&policy, &complaint, &recent).outcome, ROUTER_MERGE);
    complaint.at.ms++;
    assert_int_equal(next(&complaint, &recent).outcome, ROUTER_DISPATCH);
    assert_int_equal(recent.n, 1); /* the old one is forgotten */
}

static void rule_7_only_the_same_category_and_lead(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    say(&complaint, '1', DIRTY, "a");
    (void)next(&complaint, &recent);
    say(&complaint, '2', DIRTY, "b");
    complaint.category = stalls;
    assert_int_equal(
            router_decide(&policy, &complaint, &recent).outcome, ROUTER_DISPATCH);
    complaint.category = cleaning;
    complaint.about = STR("安居物业"); /* the first case is in the accused firm's hands */
    struct router_route route = router_decide(&policy, &complaint, &recent);
    assert_int_equal(route.outcome, ROUTER_DISPATCH);
    assert_ptr_equal(route.lead, sq);
}

static void rule_7_a_report_stays_by_itself(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(stalls, garden);
    say(&complaint, '1', DIRTY, "a");
    (void)next(&complaint, &recent);
    say(&complaint, '2', DIRTY, "b");
    complaint.nature = NATURE_REPORT;
    assert_int_equal(next(&complaint, &recent).outcome, ROUTER_DISPATCH);
    assert_int_equal(recent.n, 1);
}

static void rule_7_among_equals_the_same_persons_case_wins(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    static const char *const people[] = {"a", "b", "c"};
    policy.merge_similarity = 101; /* keep them apart */
    for (size_t i = 0; i < 3; i++) {
        say(&complaint, (char)('1' + (char)i), DIRTY, people[i]);
        (void)next(&complaint, &recent);
    }
    policy.merge_similarity = 60;
    say(&complaint, '9', DIRTY, "b");
    assert_string_equal(router_decide(&policy, &complaint, &recent).master,
            "n20261121-0000000000000002");
    say(&complaint, '9', DIRTY, "");
    assert_string_equal(router_decide(&policy, &complaint, &recent).master,
            "n20261121-0000000000000001");
}

static void rule_8_danger_in_the_text_shortens_the_deadlines(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, garden);
    assert_string_equal(decide(&complaint).sla->name, "N");
    assert_false(decide(&complaint).sla_by_urgency);
    complaint.urgency = URGENCY_E2;
    assert_string_equal(decide(&complaint).sla->name, "E2");
    assert_true(decide(&complaint).sla_by_urgency);
    complaint.urgency = URGENCY_E1;
    assert_string_equal(decide(&complaint).sla->name, "E1");
    /* A class without a time for the handling is slower than any. */
    complaint.category = stalls;
    assert_string_equal(decide(&complaint).sla->name, "E1");
    /* Nor does a merge lose it: the master may refuse. */
    complaint.category = cleaning;
    struct router_recent recent = {.n = 1};
    recent.items[0] = (struct router_case){.case_id = "n20261120-0000000000000009",
            .category = "010101",
            .lead = "wy",
            .at = nine};
    recent.items[0].fingerprint = complaint.fingerprint = router_fingerprint(
            STR("三号楼的楼道已经半个月没有人打扫了"));
    struct router_route route = router_decide(&policy, &complaint, &recent);
    assert_int_equal(route.outcome, ROUTER_MERGE);
    assert_string_equal(route.sla->name, "E1");
}

static void rule_8_never_lengthens_them(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(stalls, garden);
    complaint.urgency = URGENCY_E2;
    /* On a Friday at nine four working hours end before 24 hours do; on a Saturday they
     * end on Monday. */
    rows[1].sla = class_4wh;
    complaint.at.ms = nine.ms - 24 * HOUR_MS;
    assert_ptr_equal(decide(&complaint).sla, class_4wh);
    assert_false(decide(&complaint).sla_by_urgency);
    complaint.at = nine;
    assert_string_equal(decide(&complaint).sla->name, "E2");
    /* The row has that class, or one as short, already. */
    struct sla_class same = {
            .name = "same", .budgets = {[CLOCK_HANDLE] = {24, UNIT_HOUR}}};
    rows[1].sla = &same;
    assert_ptr_equal(decide(&complaint).sla, &same);
}

static void rule_8_only_when_the_text_is_more_urgent_than_the_category(void **state)
{
    (void)state;
    struct category urgent = *stalls;
    urgent.urgency = URGENCY_E2;
    rows[1].category = &urgent;
    rows[1].sla = class_n;
    struct router_complaint complaint = complaint_of(&urgent, garden);
    complaint.urgency = URGENCY_E2; /* the row's author knew, and gave it this class */
    assert_ptr_equal(decide(&complaint).sla, class_n);
    complaint.urgency = URGENCY_E1;
    assert_string_equal(decide(&complaint).sla->name, "E1");
    /* Complex and consulting are no haste, and a policy may lack the class. */
    complaint = complaint_of(stalls, garden);
    complaint.urgency = URGENCY_Q;
    rows[1].category = stalls;
    rows[1].sla = class_q;
    assert_ptr_equal(decide(&complaint).sla, class_q);
    complaint.urgency = URGENCY_E1;
    policy.n_sla_classes = 0;
    assert_ptr_equal(decide(&complaint).sla, class_q);
}

static void the_list_holds_the_newest_sixty_four(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(complaint.case_id, sizeof complaint.case_id, "n20261121-%016d", i);
        complaint.at.ms++;
        (void)next(&complaint, &recent);
    }
    assert_int_equal(recent.n, ROUTER_RECENT_MAX);
    assert_string_equal(recent.items[0].case_id, "n20261121-0000000000000036");
    assert_string_equal(recent.items[63].case_id, "n20261121-0000000000000099");
}

static void cases_for_a_human_are_not_listed(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(NULL, garden);
    (void)next(&complaint, &recent);
    assert_int_equal(recent.n, 0);
}

static void texts_are_as_alike_as_they_read(void **state)
{
    (void)state;
    uint64_t dirty = router_fingerprint(STR(DIRTY));
    assert_int_equal(router_similarity(dirty, dirty), 100);
    assert_true(router_similarity(dirty, router_fingerprint(STR(DIRTY_TOO))) >= 60);
    assert_true(router_similarity(dirty, router_fingerprint(STR(OTHER))) < 40);
    /* punctuation, spaces and masks say nothing; letters are alike in either case */
    assert_true(router_fingerprint(STR("电梯 A座,坏了!请来修理。")) ==
                router_fingerprint(STR("电梯a座坏了***请来修理")));
}

static void a_text_too_short_is_like_nothing(void **state)
{
    (void)state;
    assert_true(router_fingerprint(STR("")) == 0);
    assert_true(router_fingerprint(STR("路灯坏了")) == 0);
    assert_true(router_fingerprint(STR(",。!?……——")) == 0);
    assert_int_equal(router_similarity(0, 0), 0);
    assert_true(router_fingerprint(STR("\xe4\xb8")) ==
                0); /* cut in the middle of a character */
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(the_first_row_that_fits_leads_with_its_assists_and_runner_up),
            TEST(an_estate_without_a_firm_goes_to_the_community),
            TEST(a_place_without_a_community_goes_to_the_street),
            TEST(the_row_may_have_its_own_sla_class_and_the_lead_does_not_assist),
            TEST(rule_1_without_a_category_a_human_decides),
            TEST(rule_2_a_doubtful_category_is_not_used),
            TEST(rule_3_a_conflict_matters_only_where_a_place_is_needed),
            TEST(rule_4_names_what_is_missing),
            TEST(rule_4_a_row_holds_from_its_first_day_to_the_day_before_its_last),
            TEST(rule_5_the_accused_unit_does_not_lead),
            TEST(rule_5_a_subordinate_of_the_accused_does_not_lead),
            TEST(rule_5_the_accused_does_not_assist),
            TEST(rule_5_who_reads_the_queue_of_the_accused_does_not_lead),
            TEST(rule_5_a_report_never_reaches_the_estates_own_firm),
            TEST(rule_6_a_unit_that_is_gone_does_not_lead),
            TEST(rule_7_the_same_matter_merges_and_another_does_not),
            TEST(rule_7_a_member_is_never_a_master),
            TEST(rule_7_the_same_event_again_gets_the_answer_it_had),
            TEST(rule_7_a_case_is_never_its_own_master),
            TEST(rule_7_only_inside_the_window),
            TEST(rule_7_only_the_same_category_and_lead),
            TEST(rule_7_a_report_stays_by_itself),
            TEST(rule_7_among_equals_the_same_persons_case_wins),
            TEST(rule_8_danger_in_the_text_shortens_the_deadlines),
            TEST(rule_8_never_lengthens_them),
            TEST(rule_8_only_when_the_text_is_more_urgent_than_the_category),
            TEST(the_list_holds_the_newest_sixty_four),
            TEST(cases_for_a_human_are_not_listed),
            TEST(texts_are_as_alike_as_they_read),
            TEST(a_text_too_short_is_like_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
