/* Who leads and who assists, rules 1 to 6, and by which deadlines, rule 8. */
#include "router_fixture.h"

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

static void the_grids_team_leads_before_the_community(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, old);
    rows[3] = rows[2];
    rows[2] = (struct catalogue_row){.id = "cg",
            .category_prefix = "010101",
            .category = cleaning,
            .place_type = -1,
            .needs_place = true,
            .lead = {.role = LEAD_GRID}};
    assert_led_by(&complaint, sq, "c2"); /* the grid has no team */
    grid->unit = team;
    assert_led_by(&complaint, team, "cg");
    assert_string_equal(decide(&complaint).runner_up->id, "c2");
    complaint.place = street; /* lies in no grid */
    assert_human(&complaint, ROUTER_REASON_NO_OWNER);
    complaint.place = old;
    complaint.about = STR("柳岸社区"); /* the team answers to it */
    assert_human(&complaint, ROUTER_REASON_UNIT_ACCUSED);
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
    complaint.at.ms += HOUR_MS; /* received later: the event's time counts */
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

static void rule_4_the_boundary_of_the_day_of_the_event_decides(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, old);
    rows[2].lead = (struct party){.role = LEAD_GRID};
    grid->unit = team;
    grid->valid_to = nine; /* from nine on, the grid is no more */
    complaint.reported_at.ms = nine.ms - 1;
    assert_led_by(&complaint, team, "c2");
    complaint.reported_at = nine;
    assert_led_by(&complaint, jd, "c3");
    grid->valid_to = (instant){0};
    grid->valid_from = nine;
    assert_led_by(&complaint, team, "c2");
    complaint.reported_at.ms = nine.ms - 1;
    assert_led_by(&complaint, jd, "c3");
}

static void rule_4_who_assists_is_asked_of_the_same_day(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, garden);
    rows[0].assists[0] = (struct party){.role = LEAD_GRID};
    rows[0].n_assists = 1;
    grid->unit = team;
    grid->valid_to = nine;
    assert_int_equal(decide(&complaint).n_assists, 0);
    complaint.reported_at.ms--;
    assert_int_equal(decide(&complaint).n_assists, 1);
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
    garden->developer = jd; /* who built it is asked no more than who keeps it */
    assert_human(&complaint, ROUTER_REASON_UNIT_ACCUSED);
    garden->developer = NULL;
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

static void rule_6_a_unit_must_be_there_at_the_event_and_at_receipt(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(cleaning, garden);
    complaint.at.ms += HOUR_MS;
    wy->valid_to = complaint.at; /* it was its matter, but it takes no order any more */
    assert_led_by(&complaint, sq, "c2");
    wy->valid_to.ms++;
    assert_led_by(&complaint, wy, "c1");
    wy->valid_to = (instant){0};
    wy->valid_from.ms = nine.ms + 1; /* is there now, was not at the event */
    assert_led_by(&complaint, sq, "c2");
    wy->valid_from = nine;
    assert_led_by(&complaint, wy, "c1");
    wy->valid_to = sq->valid_to = jd->valid_to = complaint.at;
    assert_human(&complaint, ROUTER_REASON_OWNER_NOT_VALID);
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
     * end on Monday. The time of receipt counts. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
            ROUTER_TEST(the_first_row_that_fits_leads_with_its_assists_and_runner_up),
            ROUTER_TEST(an_estate_without_a_firm_goes_to_the_community),
            ROUTER_TEST(a_place_without_a_community_goes_to_the_street),
            ROUTER_TEST(the_grids_team_leads_before_the_community),
            ROUTER_TEST(the_row_may_have_its_own_sla_class_and_the_lead_does_not_assist),
            ROUTER_TEST(rule_1_without_a_category_a_human_decides),
            ROUTER_TEST(rule_2_a_doubtful_category_is_not_used),
            ROUTER_TEST(rule_3_a_conflict_matters_only_where_a_place_is_needed),
            ROUTER_TEST(rule_4_names_what_is_missing),
            ROUTER_TEST(rule_4_a_row_holds_from_its_first_day_to_the_day_before_its_last),
            ROUTER_TEST(rule_4_the_boundary_of_the_day_of_the_event_decides),
            ROUTER_TEST(rule_4_who_assists_is_asked_of_the_same_day),
            ROUTER_TEST(rule_5_the_accused_unit_does_not_lead),
            ROUTER_TEST(rule_5_a_subordinate_of_the_accused_does_not_lead),
            ROUTER_TEST(rule_5_the_accused_does_not_assist),
            ROUTER_TEST(rule_5_who_reads_the_queue_of_the_accused_does_not_lead),
            ROUTER_TEST(rule_5_a_report_never_reaches_the_estates_own_firm),
            ROUTER_TEST(rule_6_a_unit_that_is_gone_does_not_lead),
            ROUTER_TEST(rule_6_a_unit_must_be_there_at_the_event_and_at_receipt),
            ROUTER_TEST(rule_8_danger_in_the_text_shortens_the_deadlines),
            ROUTER_TEST(rule_8_never_lengthens_them),
            ROUTER_TEST(rule_8_only_when_the_text_is_more_urgent_than_the_category),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
