/* Two cases about one matter: the member asks, the master decides. */
#include "case_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct case_command member_command(enum case_command_kind kind, int member)
{
    struct case_command command = fixture_command(kind);
    (void)snprintf(command.other, sizeof command.other, "n20261120-%016d", member);
    command.reporter = (uint64_t)member + 1;
    return command;
}

static bool answered(enum case_command_kind answer, const char *reason)
{
    const struct case_effect *last = &fixture_decision
                                              .effects[fixture_decision.n_effects - 1];
    return last->kind == EFFECT_COMMAND && last->command == answer &&
           strcmp(last->reason, reason) == 0;
}

static void ask(int member)
{
    struct case_command request = member_command(COMMAND_MERGE_REQUEST, member);
    fixture_decide(&request);
}

static void a_full_master_refuses_the_next_and_answers_all_at_the_end(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    for (int i = 0; i < CASE_MEMBERS_MAX; i++) {
        ask(i);
        assert_true(answered(COMMAND_MERGE_ACCEPTED, ""));
    }
    ask(CASE_MEMBERS_MAX - 1); /* the last one again */
    assert_false(fixture_decision.changed);
    assert_true(answered(COMMAND_MERGE_ACCEPTED, ""));
    ask(CASE_MEMBERS_MAX);
    assert_false(fixture_decision.changed);
    assert_true(answered(COMMAND_MERGE_REFUSED, "master_full"));
    fixture_act("chengguan", ACTION_SUBMIT);
    fixture_act("desk", ACTION_FOLLOW_UP);
    assert_int_equal(fixture_case.stage, STAGE_CLOSED);
    assert_int_equal(fixture_effects(EFFECT_COMMAND), CASE_MEMBERS_MAX);
    assert_int_equal(fixture_effects(EFFECT_RESOLUTION), 1);
    ask(CASE_MEMBERS_MAX); /* not reopened for one that finds no room */
    assert_int_equal(fixture_case.stage, STAGE_CLOSED);
    assert_true(answered(COMMAND_MERGE_REFUSED, "master_full"));
}

static void ask_accusing(int member, const char *accused)
{
    struct case_command request = member_command(COMMAND_MERGE_REQUEST, member);
    (void)snprintf(request.accused, sizeof request.accused, "%s", accused);
    fixture_decide(&request);
}

static void no_member_comes_into_the_hands_of_whom_it_accuses(void **state)
{
    (void)state;
    struct case_command open = fixture_open("lvyuan", "E2");
    (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "gongdian");
    fixture_decide(&open);
    static const char *const accused[] = {"lvyuan", "gongdian", "heping" /* its firm */,
            "yunhe" /* the street of both */};
    for (size_t i = 0; i < sizeof accused / sizeof *accused; i++) {
        ask_accusing((int)i, accused[i]);
        assert_true(answered(COMMAND_MERGE_REFUSED, "unit_accused"));
        assert_int_equal(fixture_case.n_members, 0);
    }
    ask_accusing(1, "chengguan");
    assert_true(answered(COMMAND_MERGE_ACCEPTED, ""));
    assert_string_equal(fixture_case.members[0].accused, "chengguan");
    ask_accusing(2, "某公司"); /* no unit: nobody to keep it from */
    assert_true(answered(COMMAND_MERGE_ACCEPTED, ""));
}

static void a_master_does_not_go_to_whom_a_member_accuses(void **state)
{
    (void)state;
    struct case_command open = fixture_open("", "E2");
    open.route = ROUTE_NEEDS_HUMAN;
    fixture_decide(&open);
    ask_accusing(1, "yunhe");
    struct case_command dispatch = fixture_action("desk", ACTION_DISPATCH);
    (void)snprintf(dispatch.to, sizeof dispatch.to, "yunhe");
    fixture_decide(&dispatch);
    assert_true(fixture_refused(RULE_UNIT_ACCUSED));
    dispatch = fixture_action("desk", ACTION_DISPATCH);
    (void)snprintf(dispatch.to, sizeof dispatch.to, "heping"); /* reads its queue */
    fixture_decide(&dispatch);
    assert_true(fixture_refused(RULE_UNIT_ACCUSED));
    dispatch = fixture_action("desk", ACTION_DISPATCH);
    (void)snprintf(dispatch.to, sizeof dispatch.to, "zhujian");
    fixture_decide(&dispatch);
    assert_int_equal(fixture_case.stage, STAGE_DISPATCHED);
}

static void a_closed_master_is_not_reopened_for_whom_it_must_not_take(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    fixture_act("chengguan", ACTION_SUBMIT);
    fixture_act("desk", ACTION_FOLLOW_UP);
    assert_int_equal(fixture_case.stage, STAGE_CLOSED);
    ask_accusing(1, "chengguan");
    assert_true(answered(COMMAND_MERGE_REFUSED, "unit_accused"));
    assert_int_equal(fixture_case.stage, STAGE_CLOSED);
}

static void a_report_is_no_master_and_no_member(void **state)
{
    (void)state;
    struct case_command open = fixture_open("chengguan", "E2");
    open.report = true;
    open.route = ROUTE_MERGE;
    (void)snprintf(open.other, sizeof open.other, CASE_TWO);
    fixture_decide(&open);
    assert_int_equal(fixture_case.stage, STAGE_DISPATCHED);
    ask(1);
    assert_true(answered(COMMAND_MERGE_REFUSED, "confidential"));
}

static void a_refused_member_without_an_owner_says_what_the_router_said(void **state)
{
    (void)state;
    struct case_command open = fixture_open("", "");
    open.route = ROUTE_MERGE;
    (void)snprintf(open.other, sizeof open.other, CASE_TWO);
    (void)snprintf(open.reason, sizeof open.reason, "no_place");
    fixture_decide(&open);
    assert_int_equal(fixture_case.stage, STAGE_MERGE_REQUESTED);
    struct case_command refused = fixture_command(COMMAND_MERGE_REFUSED);
    (void)snprintf(refused.other, sizeof refused.other, CASE_TWO);
    (void)snprintf(refused.reason, sizeof refused.reason, "no_such_case");
    fixture_decide(&refused);
    assert_int_equal(fixture_case.stage, STAGE_NEEDS_HUMAN);
    assert_string_equal(fixture_decision.effects[1].reason, "no_place");
}

static void two_cases_that_ask_each_other_end_after_some_hops(void **state)
{
    (void)state;
    struct case_command open = fixture_open("chengguan", "E2");
    open.route = ROUTE_MERGE;
    (void)snprintf(open.other, sizeof open.other, CASE_TWO);
    fixture_decide(&open);
    assert_int_equal(fixture_case.stage, STAGE_MERGE_REQUESTED);
    struct case_command request = member_command(COMMAND_MERGE_REQUEST, 7);
    for (request.hops = 0; request.hops < CASE_HOPS_MAX; request.hops++) {
        fixture_decide(&request);
        assert_true(answered(COMMAND_MERGE_REQUEST, ""));
        assert_int_equal(fixture_decision.effects[0].hops, request.hops + 1);
    }
    fixture_decide(&request);
    assert_true(answered(COMMAND_MERGE_REFUSED, "too_many_hops"));
}

static void a_case_that_asks_itself_is_refused(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    struct case_command request = fixture_command(COMMAND_MERGE_REQUEST);
    (void)snprintf(request.other, sizeof request.other, CASE_ONE);
    fixture_decide(&request);
    assert_true(answered(COMMAND_MERGE_REFUSED, "same_case"));
    assert_int_equal(fixture_case.n_members, 0);
}

static void answers_that_come_when_nobody_asks_change_nothing(void **state)
{
    (void)state;
    static const enum case_command_kind kinds[] = {COMMAND_MERGE_ACCEPTED,
            COMMAND_MERGE_REFUSED, COMMAND_MEMBER_RESULT, COMMAND_MEMBER_LEFT};
    fixture_opened("chengguan", "E2");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct case_command command = member_command(kinds[i], 3);
        fixture_decide(&command);
        assert_int_equal(fixture_decision.n_effects, 0);
        assert_false(fixture_decision.changed);
    }
}

static void a_result_counts_only_from_its_own_master(void **state)
{
    (void)state;
    struct case_command open = fixture_open("chengguan", "E2");
    open.route = ROUTE_MERGE;
    (void)snprintf(open.other, sizeof open.other, CASE_TWO);
    fixture_decide(&open);
    struct case_command accepted = member_command(COMMAND_MERGE_ACCEPTED, 1);
    fixture_decide(&accepted); /* the master of the master answered */
    assert_int_equal(fixture_case.stage, STAGE_MERGED);
    struct case_command result = member_command(COMMAND_MEMBER_RESULT, 2);
    fixture_decide(&result);
    assert_int_equal(fixture_case.stage, STAGE_MERGED);
    result = member_command(COMMAND_MEMBER_RESULT, 1);
    fixture_decide(&result);
    assert_int_equal(fixture_case.stage, STAGE_CLOSED);
    assert_true(fixture_decision.keep_result);
    struct case_command request = member_command(COMMAND_MERGE_REQUEST, 7);
    fixture_decide(&request); /* about a case that ended with its master: ask that one */
    assert_true(answered(COMMAND_MERGE_REQUEST, ""));
    assert_string_equal(fixture_decision.effects[0].other, "n20261120-0000000000000001");
}

static void a_member_that_left_makes_room_and_counts_no_more(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    for (int i = 0; i < 3; i++)
        ask(i);
    struct case_command left = member_command(COMMAND_MEMBER_LEFT, 1);
    fixture_decide(&left);
    assert_int_equal(fixture_events(EVENT_MEMBER_REMOVED), 1);
    assert_int_equal(fixture_case.n_members, 2);
    assert_string_equal(fixture_case.members[1].id, "n20261120-0000000000000002");
    fixture_decide(&left);
    assert_false(fixture_decision.changed);
    ask(3); /* four reporters with those who are left: no alarm yet */
    ask(4);
    assert_int_equal(fixture_events(EVENT_CLUSTER_ALARM), 0);
    ask(5);
    assert_int_equal(fixture_events(EVENT_CLUSTER_ALARM), 1);
    ask(6);
    assert_int_equal(fixture_events(EVENT_CLUSTER_ALARM), 0);
}

static void the_window_of_a_cluster_ends_with_its_last_minute(void **state)
{
    (void)state;
    fixture_policy.handling.cluster_reporters = 2;
    struct case_command open = fixture_open("chengguan", "Q");
    open.reporter = 99;
    fixture_decide(&open);
    fixture_at("2026-11-21", "09:00");
    ask(1);
    assert_int_equal(fixture_events(EVENT_CLUSTER_ALARM), 1);
    (void)fixture_start(NULL);
    fixture_policy.handling.cluster_reporters = 2;
    fixture_decide(&open);
    fixture_at("2026-11-21", "09:01");
    ask(1);
    assert_int_equal(fixture_events(EVENT_CLUSTER_ALARM), 0);
}

static void without_a_number_there_is_no_cluster(void **state)
{
    (void)state;
    fixture_policy.handling.cluster_reporters = 0;
    fixture_opened("chengguan", "E2");
    for (int i = 0; i < 9; i++) {
        ask(i);
        assert_int_equal(fixture_events(EVENT_CLUSTER_ALARM), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(
                    a_full_master_refuses_the_next_and_answers_all_at_the_end,
                    fixture_start),
            cmocka_unit_test_setup(
                    no_member_comes_into_the_hands_of_whom_it_accuses, fixture_start),
            cmocka_unit_test_setup(
                    a_master_does_not_go_to_whom_a_member_accuses, fixture_start),
            cmocka_unit_test_setup(
                    a_closed_master_is_not_reopened_for_whom_it_must_not_take,
                    fixture_start),
            cmocka_unit_test_setup(a_report_is_no_master_and_no_member, fixture_start),
            cmocka_unit_test_setup(
                    a_refused_member_without_an_owner_says_what_the_router_said,
                    fixture_start),
            cmocka_unit_test_setup(
                    two_cases_that_ask_each_other_end_after_some_hops, fixture_start),
            cmocka_unit_test_setup(a_case_that_asks_itself_is_refused, fixture_start),
            cmocka_unit_test_setup(
                    answers_that_come_when_nobody_asks_change_nothing, fixture_start),
            cmocka_unit_test_setup(
                    a_result_counts_only_from_its_own_master, fixture_start),
            cmocka_unit_test_setup(
                    a_member_that_left_makes_room_and_counts_no_more, fixture_start),
            cmocka_unit_test_setup(
                    the_window_of_a_cluster_ends_with_its_last_minute, fixture_start),
            cmocka_unit_test_setup(without_a_number_there_is_no_cluster, fixture_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
