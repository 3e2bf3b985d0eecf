/* What the desk does with what was submitted, and what follows; the steps of a class. */
#include "case_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void not_content(void)
{
    struct case_command follow_up = fixture_action("desk", ACTION_FOLLOW_UP);
    follow_up.rating = RATING_UNSATISFIED;
    fixture_decide(&follow_up);
}

static bool is_over(const struct case_clock *clock)
{
    return clock && !instant_is_never(clock->stopped) && clock->why == PAUSE_NONE;
}

static void a_redo_ends_the_review(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    fixture_act("chengguan", ACTION_SUBMIT);
    fixture_act("desk", ACTION_REDO);
    assert_true(is_over(fixture_clock(CASE_CLOCK_REVIEW)));
    fixture_act("chengguan", ACTION_SUBMIT);
    fixture_act("desk", ACTION_APPROVE);
    assert_true(is_over(fixture_clock(CASE_CLOCK_REVIEW)));
    not_content();
    assert_int_equal(fixture_case.stage, STAGE_HANDLING);
    assert_true(is_over(fixture_clock(CASE_CLOCK_FOLLOW_UP)));
}

static void supervision_begins_once(void **state)
{
    (void)state;
    fixture_opened("lvyuan", "N");
    for (int redo = 1; redo <= 5; redo++) {
        fixture_act("lvyuan", ACTION_SUBMIT);
        not_content();
        assert_int_equal(fixture_case.redos, redo);
        assert_int_equal(fixture_events(EVENT_SUPERVISED), redo == 3);
        assert_int_equal(fixture_orders(ORDER_SUPERVISE, "heping"), redo == 3);
    }
}

static void what_comes_back_is_open_again_with_a_budget(void **state)
{
    (void)state;
    static const int32_t budgets[] = {3, 0};
    static const char *const dues[] = {"2026-12-02", "2026-12-04"};
    for (int i = 0; i < 2; i++) {
        (void)fixture_start(NULL);
        fixture_policy.handling.redo.amount = budgets[i];
        struct case_command open = fixture_open("lvyuan", "N");
        (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "gongdian");
        fixture_decide(&open);
        fixture_act("lvyuan", ACTION_SUBMIT);
        fixture_act("desk", ACTION_FOLLOW_UP);
        assert_int_equal(fixture_case.outcome, OUTCOME_RESOLVED);
        fixture_at("2026-11-27", "09:00"); /* the last moment of seven days */
        fixture_act("desk", ACTION_REOPEN);
        assert_int_equal(fixture_case.stage, STAGE_HANDLING);
        assert_int_equal(fixture_case.outcome, OUTCOME_NONE);
        assert_int_equal(fixture_case.reopens, 1);
        assert_int_equal(fixture_orders(ORDER_ESCALATE, "heping"), 1);
        assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), dues[i], "17:30"));
        assert_int_equal(fixture_case.n_assists, 0);
        for (int c = 0; c < fixture_case.n_clocks; c++)
            assert_int_not_equal(fixture_case.clocks[c].task, 2);
    }
}

static void an_answer_of_the_desk_is_the_result_and_nobody_else_is_told(void **state)
{
    (void)state;
    struct case_command open = fixture_open("", "");
    open.route = ROUTE_NEEDS_HUMAN;
    (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "gongdian");
    fixture_decide(&open);
    fixture_act("desk", ACTION_CLOSE);
    assert_true(fixture_decision.keep_result);
    assert_int_equal(fixture_orders(ORDER_CLOSED, "desk"), 1);
    assert_int_equal(fixture_effects(EFFECT_ORDER), 1); /* gongdian never heard of it */
}

static void a_merge_by_the_desk_ends_what_the_case_waited_for(void **state)
{
    (void)state;
    struct case_command open = fixture_open("", "");
    open.route = ROUTE_NEEDS_HUMAN;
    fixture_decide(&open);
    fixture_act("desk", ACTION_CONVENE);
    struct case_command merge = fixture_action("desk", ACTION_MERGE);
    (void)snprintf(merge.other, sizeof merge.other, CASE_TWO);
    fixture_decide(&merge);
    assert_int_equal(fixture_case.stage, STAGE_MERGE_REQUESTED);
    assert_true(is_over(fixture_clock(CASE_CLOCK_DESK)));
    assert_true(is_over(fixture_clock(CASE_CLOCK_MEETING)));
    assert_int_equal(fixture_orders(ORDER_DECIDED, "zhujian"), 1);
    assert_true(instant_is_never(fixture_case.wake_at));
    struct case_command accepted = fixture_command(COMMAND_MERGE_ACCEPTED);
    (void)snprintf(accepted.other, sizeof accepted.other, CASE_TWO);
    fixture_decide(&accepted);
    struct case_command result = fixture_command(COMMAND_MEMBER_RESULT);
    (void)snprintf(result.other, sizeof result.other, CASE_TWO);
    fixture_decide(&result);
    assert_int_equal(fixture_case.outcome, OUTCOME_MERGED_RESOLVED);
    assert_int_equal(fixture_case.closed_at.ms, fixture_now().ms);
}

static void complete(const char *unit, const char *step)
{
    struct case_command done = fixture_action(unit, ACTION_COMPLETE_STEP);
    (void)snprintf(done.step, sizeof done.step, "%s", step);
    fixture_decide(&done);
}

static void who_completes_a_step_has_signed_and_works_on_it(void **state)
{
    (void)state;
    fixture_opened("gongdian", "water-burst");
    complete("gongdian", "enclose");
    assert_int_equal(fixture_case.stage, STAGE_HANDLING);
    assert_true(is_over(fixture_clock(CASE_CLOCK_SIGN)));
    assert_int_equal(fixture_case.step, 1);
}

static void only_a_step_that_asks_for_a_date_makes_a_promise(void **state)
{
    (void)state;
    fixture_opened("gongdian", "water-burst");
    complete("gongdian", "enclose"); /* comes with a date */
    assert_null(fixture_clock(CASE_CLOCK_PROMISE));
    fixture_opened("zhujian", "C-consult");
    complete("zhujian", "consult");
    assert_non_null(fixture_clock(CASE_CLOCK_PROMISE));
    fixture_act("zhujian", ACTION_PROGRESS);
    assert_true(is_over(fixture_clock(CASE_CLOCK_PROMISE)));
}

static void a_result_ends_what_the_lead_had_to_do_before(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E1");
    fixture_act("chengguan", ACTION_HANDLE);
    instant handled = fixture_now();
    fixture_at("2026-11-20", "09:04");
    fixture_act("chengguan", ACTION_SUBMIT);
    assert_int_equal(fixture_case.lead.handling_at.ms, handled.ms);
    fixture_act("desk", ACTION_REDO);
    assert_true(is_over(fixture_clock(CASE_CLOCK_SIGN)));
    assert_true(is_over(fixture_clock(CASE_CLOCK_CONTACT)));
    assert_true(is_over(fixture_clock(CASE_CLOCK_ARRIVE)));
    assert_true(is_over(fixture_clock(CASE_CLOCK_RETURN_WINDOW)));
    fixture_opened("zhujian", "C-consult");
    complete("zhujian", "consult");
    complete("zhujian", "carry-out");
    fixture_act("zhujian", ACTION_SUBMIT);
    fixture_act("desk", ACTION_REDO);
    assert_true(is_over(fixture_clock(CASE_CLOCK_PROMISE)));
}

static void who_is_on_site_has_signed(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E1");
    fixture_act("chengguan", ACTION_CHECK_IN);
    assert_true(is_over(fixture_clock(CASE_CLOCK_SIGN)));
    assert_int_equal(fixture_case.stage, STAGE_SIGNED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(a_redo_ends_the_review, fixture_start),
            cmocka_unit_test_setup(supervision_begins_once, fixture_start),
            cmocka_unit_test_setup(
                    what_comes_back_is_open_again_with_a_budget, fixture_start),
            cmocka_unit_test_setup(
                    an_answer_of_the_desk_is_the_result_and_nobody_else_is_told,
                    fixture_start),
            cmocka_unit_test_setup(
                    a_merge_by_the_desk_ends_what_the_case_waited_for, fixture_start),
            cmocka_unit_test_setup(
                    who_completes_a_step_has_signed_and_works_on_it, fixture_start),
            cmocka_unit_test_setup(
                    only_a_step_that_asks_for_a_date_makes_a_promise, fixture_start),
            cmocka_unit_test_setup(
                    a_result_ends_what_the_lead_had_to_do_before, fixture_start),
            cmocka_unit_test_setup(who_is_on_site_has_signed, fixture_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
