/* The most that one command does: all clocks late under a new policy, all members told.
 */
#include "case_fixture.h"
#include "case_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { RUNGS_TOLD_MAX = 1024 };

static const char *const assists[ASSISTS_MAX] = {
        "gongdian", "heping", "kaifa", "lvyuan", "yunhe", "zhujian"};

/* A lead and six assisting units, every clock of the class, a meeting of eight. */
static void everything_is_open(void)
{
    struct case_command command = fixture_open("chengguan", "water-burst");
    for (command.n_assists = 0; command.n_assists < ASSISTS_MAX; command.n_assists++)
        (void)snprintf(command.assists[command.n_assists], CASE_UNIT_SIZE, "%s",
                assists[command.n_assists]);
    fixture_decide(&command);
    command = fixture_action("desk", ACTION_CONVENE);
    for (command.n_parties = 0; command.n_parties < CASE_PARTIES_MAX; command.n_parties++)
        (void)snprintf(command.parties[command.n_parties], CASE_UNIT_SIZE, "%s",
                fixture_policy.units[command.n_parties].code);
    fixture_decide(&command);
    assert_int_equal(CASE_PARTIES_MAX, fixture_case.meeting.n_parties);
}

static void ask_to_be_member(int i)
{
    struct case_command command = fixture_command(COMMAND_MERGE_REQUEST);
    (void)snprintf(command.other, sizeof command.other, "n20261120-%016d", i);
    fixture_decide(&command);
}

static void every_class_is_given_more_time(void)
{
    for (size_t i = 0; i < fixture_policy.n_sla_classes; i++) {
        for (int k = 0; k < CLOCK_COUNT; k++)
            fixture_classes[i].budgets[k].amount *= 2;
        for (int k = 0; k < fixture_classes[i].n_steps; k++)
            fixture_classes[i].steps[k].budget.amount *= 2;
    }
    fixture_new_version();
}

static int commands(enum case_command_kind kind)
{
    int n = 0;
    for (int i = 0; i < fixture_decision.n_effects; i++)
        n += fixture_decision.effects[i].kind == EFFECT_COMMAND &&
             fixture_decision.effects[i].command == kind;
    return n;
}

static void a_full_case_takes_no_member(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    for (int i = 0; i < CASE_MEMBERS_MAX; i++)
        ask_to_be_member(i);
    assert_int_equal(CASE_MEMBERS_MAX, fixture_case.n_members);
    ask_to_be_member(CASE_MEMBERS_MAX);
    assert_int_equal(CASE_MEMBERS_MAX, fixture_case.n_members);
    assert_int_equal(1, commands(COMMAND_MERGE_REFUSED));
    assert_string_equal("master_full", fixture_decision.effects[0].reason);
}

static void a_full_case_is_not_reopened_for_a_member_that_it_cannot_take(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    for (int i = 0; i < CASE_MEMBERS_MAX; i++)
        ask_to_be_member(i);
    fixture_act("chengguan", ACTION_SUBMIT);
    fixture_act("desk", ACTION_FOLLOW_UP);
    assert_int_equal(STAGE_CLOSED, fixture_case.stage);
    ask_to_be_member(CASE_MEMBERS_MAX);
    assert_int_equal(STAGE_CLOSED, fixture_case.stage);
    assert_int_equal(1, commands(COMMAND_MERGE_REFUSED));
}

static void all_clocks_late_and_a_close_with_all_members_fit(void **state)
{
    (void)state;
    everything_is_open();
    for (int i = 0; i < CASE_MEMBERS_MAX; i++)
        ask_to_be_member(i);
    fixture_act("chengguan", ACTION_REQUEST_TERMINATION);
    every_class_is_given_more_time();
    fixture_at("2026-11-20", "14:20"); /* the request itself waits for 15:00 */
    fixture_act("desk", ACTION_GRANT);
    assert_int_equal(STAGE_CLOSED, fixture_case.stage);
    assert_int_equal(OUTCOME_TERMINATED, fixture_case.outcome);
    assert_int_equal(CASE_MEMBERS_MAX, commands(COMMAND_MEMBER_RESULT));
    assert_int_equal(1, fixture_effects(EFFECT_RESOLUTION));
    assert_true(fixture_events(EVENT_REPROJECTED) > 2 * ASSISTS_MAX);
    assert_true(fixture_decision.n_effects > CASE_MEMBERS_MAX + 200);
    assert_true(fixture_decision.n_effects <= CASE_EFFECTS_MAX);
    assert_int_equal(0, fixture_case.wake_at.ms);
}

static bool same_rung(const struct case_effect *a, const struct case_effect *b)
{
    return a->clock == b->clock && a->task == b->task && a->percent == b->percent &&
           a->level == b->level && a->after.amount == b->after.amount &&
           a->after.unit == b->after.unit;
}

static int tell(struct case_effect *told, int n)
{
    for (int i = 0; i < fixture_decision.n_effects; i++) {
        const struct case_effect *event = &fixture_decision.effects[i];
        if (event->kind != EFFECT_EVENT || !event->percent)
            continue;
        for (int k = 0; k < n; k++)
            assert_false(same_rung(&told[k], event));
        assert_true(n < RUNGS_TOLD_MAX);
        told[n++] = *event;
    }
    return n;
}

static void a_wake_that_comes_a_year_late_goes_on_until_all_is_told_once(void **state)
{
    static struct case_effect told[RUNGS_TOLD_MAX];
    (void)state;
    everything_is_open();
    fixture_at("2027-11-20", "09:00");
    int n = 0, wakes = 0;
    while (fixture_case.wake_at.ms != 0) {
        struct case_command wake = fixture_wake(fixture_now());
        fixture_decide(&wake);
        assert_true(fixture_decision.n_effects <= CASE_TOLD_MAX);
        n = tell(told, n);
        wakes++;
    }
    /* Five clocks of the lead and two of each assisting unit with thirteen rungs, and
     * four of the meeting. */
    assert_int_equal((5 + 2 * ASSISTS_MAX) * 13 + 4, n);
    assert_true(wakes > 1);
}

/* As a state that was kept by a program that counted otherwise. */
static void a_wake_time_that_no_rung_has_is_put_right(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    instant right = fixture_case.wake_at;
    fixture_case.wake_at.ms -= 60 * 1000;
    struct case_command wake = fixture_wake(fixture_case.wake_at);
    fixture_decide(&wake);
    assert_true(fixture_decision.changed);
    assert_int_equal(0, fixture_decision.n_effects);
    assert_int_equal(right.ms, fixture_case.wake_at.ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(a_full_case_takes_no_member, fixture_start),
            cmocka_unit_test_setup(
                    a_full_case_is_not_reopened_for_a_member_that_it_cannot_take,
                    fixture_start),
            cmocka_unit_test_setup(
                    all_clocks_late_and_a_close_with_all_members_fit, fixture_start),
            cmocka_unit_test_setup(
                    a_wake_that_comes_a_year_late_goes_on_until_all_is_told_once,
                    fixture_start),
            cmocka_unit_test_setup(
                    a_wake_time_that_no_rung_has_is_put_right, fixture_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
