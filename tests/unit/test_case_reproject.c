/* A changed calendar or SLA class: every open clock is derived again. */
#include "case_fixture.h"
#include "case_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void reproject(void)
{
    struct case_command command = fixture_command(COMMAND_REPROJECT);
    fixture_decide(&command);
}

static void day_off(const char *day)
{
    int32_t i = calendar_day_of(china_time(day, "12:00")) - CALENDAR_FIRST_DAY;
    fixture_policy.calendar.days[i] = DAY_OFF;
    fixture_new_version();
}

static const struct case_effect *reprojected(enum case_clock_kind kind)
{
    for (int i = 0; i < fixture_decision.n_effects; i++) {
        const struct case_effect *effect = &fixture_decision.effects[i];
        if (effect->kind == EFFECT_EVENT && effect->event == EVENT_REPROJECTED &&
                effect->clock == (int32_t)kind)
            return effect;
    }
    return NULL;
}

static void a_new_holiday_moves_what_counts_working_days_with_old_and_new(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    day_off("2026-11-25");
    reproject();
    const struct case_effect *event = reprojected(CASE_CLOCK_HANDLE);
    assert_non_null(event);
    assert_int_equal(event->old_due.ms, china_time("2026-11-27", "17:30").ms);
    assert_int_equal(event->due.ms, china_time("2026-11-30", "17:30").ms);
    assert_string_equal(event->unit, "chengguan");
    assert_null(reprojected(CASE_CLOCK_SIGN)); /* over before the holiday */
    assert_true(fixture_orders(ORDER_DUE_CHANGED, "chengguan") >= 1);
    assert_string_equal(fixture_case.policy, fixture_policy.version);
}

static void twice_changes_nothing(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    day_off("2026-11-25");
    reproject();
    reproject();
    assert_int_equal(fixture_decision.n_effects, 0);
    assert_false(fixture_decision.changed);
}

static void a_policy_that_moves_nothing_says_nothing(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    fixture_new_version();
    reproject();
    assert_int_equal(fixture_decision.n_effects, 0);
}

static void any_command_under_a_new_policy_does_it_first(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    day_off("2026-11-25");
    fixture_act("chengguan", ACTION_SIGN);
    assert_int_equal(fixture_decision.effects[0].event, EVENT_REPROJECTED);
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-11-30", "17:30"));
}

static void another_budget_in_the_class_moves_its_clocks(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    fixture_class("N")->budgets[CLOCK_HANDLE] = (struct budget){48, UNIT_HOUR};
    fixture_new_version();
    reproject();
    assert_non_null(reprojected(CASE_CLOCK_HANDLE));
    assert_null(reprojected(CASE_CLOCK_RETURN_WINDOW));
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-11-22", "09:00"));
}

static void another_budget_of_the_step_moves_the_step_that_runs(void **state)
{
    (void)state;
    fixture_opened("gongdian", "water-burst");
    fixture_class("water-burst")->steps[0].budget.amount = 4;
    fixture_class("water-burst")->steps[1].budget.amount = 9;
    fixture_new_version();
    reproject();
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_STEP), "2026-11-20", "13:00"));
}

static void what_was_extended_keeps_its_grant(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    fixture_act("chengguan", ACTION_REQUEST_EXTENSION);
    fixture_act("desk", ACTION_GRANT);
    fixture_class("N")->budgets[CLOCK_HANDLE].amount = 2;
    fixture_new_version();
    reproject();
    assert_null(reprojected(CASE_CLOCK_HANDLE));
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-11-30", "17:30"));
}

static void a_redo_keeps_its_own_budget(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    fixture_act("chengguan", ACTION_SUBMIT);
    struct case_command follow_up = fixture_action("desk", ACTION_FOLLOW_UP);
    follow_up.solved = false;
    fixture_decide(&follow_up);
    fixture_class("N")->budgets[CLOCK_HANDLE].amount = 20;
    fixture_new_version();
    reproject();
    assert_null(reprojected(CASE_CLOCK_HANDLE));
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-11-25", "17:30"));
}

static void the_budget_granted_survives_a_class_that_is_gone(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    fixture_policy.n_sla_classes = 0;
    fixture_new_version();
    reproject();
    assert_int_equal(fixture_events(EVENT_REPROJECTED), 0);
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-11-21", "09:00"));
    assert_int_equal(fixture_case.wake_at.ms, china_time("2026-11-20", "09:15").ms);
}

static void what_stands_still_takes_it_when_it_runs_on(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    fixture_act("chengguan", ACTION_SUBMIT);
    fixture_class("N")->budgets[CLOCK_HANDLE].amount = 6;
    fixture_new_version();
    reproject();
    assert_null(reprojected(CASE_CLOCK_HANDLE));
    fixture_act("desk", ACTION_REDO);
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-11-30", "17:30"));
}

static void what_is_over_is_left_alone(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    fixture_act("chengguan", ACTION_SUBMIT);
    fixture_act("desk", ACTION_FOLLOW_UP);
    day_off("2026-11-25");
    fixture_class("N")->budgets[CLOCK_HANDLE].amount = 1;
    static struct case_state before;
    before = fixture_case;
    reproject();
    assert_int_equal(fixture_decision.n_effects, 0);
    assert_true(instant_is_never(fixture_case.wake_at));
    assert_true(fixture_same_as(&before)); /* nor the share that was used */
}

static void a_clock_of_the_desk_moves_without_an_order(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    fixture_act("chengguan", ACTION_SUBMIT);
    day_off("2026-11-23");
    reproject();
    assert_non_null(reprojected(CASE_CLOCK_REVIEW));
    assert_int_equal(fixture_effects(EFFECT_ORDER), 0);
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_REVIEW), "2026-11-24", "17:30"));
}

static void another_ladder_moves_the_wake_though_no_due_time(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    fixture_class("E2")->ladder.rungs[0].percent = 20;
    fixture_new_version();
    reproject();
    assert_true(fixture_decision.changed);
    assert_int_equal(fixture_effects(EFFECT_EVENT), 0);
    assert_int_equal(fixture_case.wake_at.ms, china_time("2026-11-20", "09:06").ms);
}

static void a_rung_told_is_not_told_again_under_another_policy(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    fixture_act("chengguan", ACTION_CONTACT);
    fixture_at("2026-11-20", "21:00");
    struct case_command wake = fixture_wake(fixture_now());
    fixture_decide(&wake);
    assert_int_equal(fixture_events(EVENT_REMINDER), 1);
    fixture_class("E2")->budgets[CLOCK_HANDLE].amount = 30;
    fixture_new_version();
    reproject();
    assert_int_equal(fixture_case.wake_at.ms, china_time("2026-11-21", "09:00").ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(
                    a_new_holiday_moves_what_counts_working_days_with_old_and_new,
                    fixture_start),
            cmocka_unit_test_setup(twice_changes_nothing, fixture_start),
            cmocka_unit_test_setup(
                    a_policy_that_moves_nothing_says_nothing, fixture_start),
            cmocka_unit_test_setup(
                    any_command_under_a_new_policy_does_it_first, fixture_start),
            cmocka_unit_test_setup(
                    another_budget_in_the_class_moves_its_clocks, fixture_start),
            cmocka_unit_test_setup(
                    another_budget_of_the_step_moves_the_step_that_runs, fixture_start),
            cmocka_unit_test_setup(what_was_extended_keeps_its_grant, fixture_start),
            cmocka_unit_test_setup(a_redo_keeps_its_own_budget, fixture_start),
            cmocka_unit_test_setup(
                    the_budget_granted_survives_a_class_that_is_gone, fixture_start),
            cmocka_unit_test_setup(
                    what_stands_still_takes_it_when_it_runs_on, fixture_start),
            cmocka_unit_test_setup(what_is_over_is_left_alone, fixture_start),
            cmocka_unit_test_setup(
                    a_clock_of_the_desk_moves_without_an_order, fixture_start),
            cmocka_unit_test_setup(
                    another_ladder_moves_the_wake_though_no_due_time, fixture_start),
            cmocka_unit_test_setup(
                    a_rung_told_is_not_told_again_under_another_policy, fixture_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
