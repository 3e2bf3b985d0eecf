/* Rungs, levels, and the one wake of a case. */
#include "case_fixture.h"
#include "case_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void wake_at(const char *day, const char *time)
{
    fixture_at(day, time);
    struct case_command wake = fixture_wake(fixture_now());
    fixture_decide(&wake);
}

static void a_dispatch_starts_all_clocks_at_once(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E1");
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_SIGN), "2026-11-20", "09:10"));
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_CONTACT), "2026-11-20", "09:15"));
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_ARRIVE), "2026-11-20", "09:30"));
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-11-20", "11:00"));
    assert_true(
            fixture_due(fixture_clock(CASE_CLOCK_RETURN_WINDOW), "2026-11-25", "17:30"));
    assert_int_equal(fixture_case.wake_at.ms, china_time("2026-11-20", "09:05").ms);
}

static void the_wake_is_the_earliest_rung_of_any_task(void **state)
{
    (void)state;
    struct case_command open = fixture_open("chengguan", "N");
    fixture_decide(&open);
    fixture_act("chengguan", ACTION_CONTACT);
    instant alone = fixture_case.wake_at;
    (void)fixture_start(NULL);
    (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "gongdian");
    fixture_decide(&open);
    fixture_act("chengguan", ACTION_CONTACT);
    assert_true(instant_before(fixture_case.wake_at, alone)); /* gongdian has to sign */
    fixture_act("gongdian", ACTION_SIGN);
    assert_int_equal(fixture_case.wake_at.ms, alone.ms);
}

static void not_signing_never_moves_the_handling_deadline(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    fixture_at("2026-11-20", "09:01");
    fixture_act("chengguan", ACTION_SIGN);
    instant early = case_clock_due(&fixture_policy, fixture_clock(CASE_CLOCK_HANDLE));
    (void)fixture_start(NULL);
    fixture_opened("chengguan", "E2");
    fixture_at("2026-11-20", "15:00");
    fixture_act("chengguan", ACTION_SIGN);
    assert_int_equal(case_clock_due(&fixture_policy, fixture_clock(CASE_CLOCK_HANDLE)).ms,
            early.ms);
}

static void a_late_wake_tells_everything_it_missed_once_in_order(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    struct case_command first = fixture_wake(fixture_now());
    wake_at("2026-12-20", "09:00");
    assert_int_equal(fixture_effects(EFFECT_EVENT), 9);
    assert_int_equal(fixture_effects(EFFECT_ORDER), 9);
    instant last = {0};
    for (int i = 0; i < fixture_decision.n_effects; i++) {
        const struct case_effect *effect = &fixture_decision.effects[i];
        assert_true(effect->by_time);
        struct sla_rung rung = {.percent = effect->percent, .after = effect->after};
        instant at = case_rung_at(&fixture_policy,
                case_clock_find(&fixture_case, (enum case_clock_kind)effect->clock, 1),
                &rung);
        assert_false(instant_before(at, last));
        assert_int_equal(
                effect->due.ms, case_clock_due(&fixture_policy,
                                        case_clock_find(&fixture_case,
                                                (enum case_clock_kind)effect->clock, 1))
                                        .ms);
        last = at;
    }
    assert_true(instant_is_never(fixture_case.wake_at));
    fixture_decide(&first);
    assert_int_equal(fixture_decision.n_effects, 0);
    assert_false(fixture_decision.changed);
}

static void nothing_is_told_before_its_time(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    struct case_command wake = fixture_wake((instant){fixture_case.wake_at.ms - 1});
    fixture_decide(&wake);
    assert_int_equal(fixture_decision.n_effects, 0);
    assert_false(fixture_decision.changed);
}

static void a_stale_wake_does_nothing(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    struct case_command stale = fixture_wake(china_time("2026-11-20", "10:00"));
    fixture_at("2026-11-20", "09:10");
    fixture_act("chengguan", ACTION_SIGN);
    fixture_decide(&stale);
    assert_int_equal(fixture_decision.n_effects, 0);
    assert_false(fixture_decision.changed);
}

static void an_action_after_the_deadline_was_late_though_no_wake_came(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    fixture_at("2026-11-20", "09:31");
    fixture_act("chengguan", ACTION_SIGN);
    assert_int_equal(fixture_events(EVENT_REMINDER), 2);
    assert_int_equal(fixture_events(EVENT_BREACH), 1);
    assert_int_equal(fixture_events(EVENT_SIGNED), 1);
    for (int i = 0; i < fixture_decision.n_effects; i++) {
        const struct case_effect *effect = &fixture_decision.effects[i];
        assert_int_equal(effect->by_time, effect->clock == CASE_CLOCK_SIGN);
    }
    wake_at("2026-11-20", "10:00"); /* contact, 50 percent */
    assert_int_equal(fixture_effects(EFFECT_EVENT), 1);
}

static void a_decision_after_the_review_is_over_comes_too_late(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    fixture_act("chengguan", ACTION_CONTACT);
    fixture_act("chengguan", ACTION_REQUEST_EXTENSION);
    fixture_at("2026-11-20", "15:00");
    fixture_act("desk", ACTION_GRANT);
    assert_int_equal(fixture_events(EVENT_EXTENSION_REFUSED), 1);
    assert_int_equal(fixture_events(EVENT_EXTENDED), 0);
    assert_int_equal(fixture_decision.effects[fixture_decision.n_effects - 1].rule,
            RULE_NO_REQUEST);
    assert_int_equal(fixture_case.request.kind, REQUEST_NONE);
}

static void rungs_at_one_percent_keep_their_order_and_hide_none(void **state)
{
    (void)state;
    struct sla_ladder *ladder = &fixture_class("E2")->ladder;
    *ladder = (struct sla_ladder){
            .rungs = {{80}, {80, LEVEL_SUPERIOR, {0}}, {90}, {100},
                    {100, LEVEL_STREET, {0}}, {100, LEVEL_DISTRICT, {1, UNIT_HOUR}}},
            .n_rungs = 6};
    for (int i = 1; i < ladder->n_rungs; i++)
        assert_true(sla_rung_key(ladder, i - 1) < sla_rung_key(ladder, i));
    fixture_opened("heping", "E2");
    fixture_act("heping", ACTION_CONTACT);
    wake_at("2026-11-21", "10:00");
    assert_int_equal(fixture_events(EVENT_REMINDER), 3);
    assert_int_equal(fixture_events(EVENT_BREACH), 1);
    assert_int_equal(fixture_events(EVENT_ESCALATED), 2);
    assert_int_equal(fixture_orders(ORDER_ESCALATE, "yunhe"), 2);
    assert_int_equal(fixture_orders(ORDER_ESCALATE, "district"), 1);
}

static void levels_climb_and_what_does_not_exist_is_told_one_up(void **state)
{
    (void)state;
    static const struct {
        const char *unit, *place;
        const char *levels[LEVEL_COUNT];
    } rows[] = {
            {"lvyuan", "lvyuan", {"lvyuan", "heping", "yunhe", "district"}},
            {"heping", "lvyuan", {"heping", "yunhe", "yunhe", "district"}},
            {"chengguan", "lvyuan", {"chengguan", "district", "yunhe", "district"}},
            {"lvyuan", "waihuan", {"lvyuan", "heping", "district", "district"}},
            {"chengguan", "", {"chengguan", "district", "district", "district"}},
            {"district", "", {"district", "district", "district", "district"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)snprintf(
                fixture_case.place, sizeof fixture_case.place, "%s", rows[i].place);
        for (int level = LEVEL_UNIT; level < LEVEL_COUNT; level++)
            assert_string_equal(case_level_unit(&fixture_policy, &fixture_case,
                                        rows[i].unit, (enum sla_level)level)
                                        ->code,
                    rows[i].levels[level]);
    }
}

static void nobody_is_told_twice_at_an_instant(void **state)
{
    (void)state;
    fixture_opened("lvyuan", "E1");
    fixture_act("lvyuan", ACTION_CONTACT);
    fixture_act("lvyuan", ACTION_CHECK_IN);
    wake_at("2026-11-20", "11:00");
    assert_int_equal(fixture_orders(ORDER_BREACH, "lvyuan"), 1);
    assert_int_equal(fixture_orders(ORDER_ESCALATE, "yunhe"), 1);
    assert_int_equal(fixture_orders(ORDER_ESCALATE, "district"), 1);
    assert_int_equal(fixture_events(EVENT_BREACH), 1);
}

static void more_rungs_than_one_decision_tells_follow_with_the_next_wake(void **state)
{
    (void)state;
    struct sla_class *sla = fixture_class("E1");
    sla->ladder.n_rungs = 0;
    sla->ladder.rungs[sla->ladder.n_rungs++] = (struct sla_rung){.percent = 100};
    for (int i = 1; i < SLA_RUNGS_MAX; i++)
        sla->ladder.rungs[sla->ladder.n_rungs++] = (struct sla_rung){
                .percent = 100, .level = LEVEL_STREET, .after = {i, UNIT_MINUTE}};
    struct case_command open = fixture_open("chengguan", "E1");
    static const char *const units[] = {
            "gongdian", "heping", "kaifa", "lvyuan", "zhujian"};
    for (int i = 0; i < 5; i++)
        (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "%s", units[i]);
    fixture_decide(&open);
    int events = 0, wakes = 0;
    fixture_at("2026-12-20", "09:00");
    for (; !instant_is_never(fixture_case.wake_at); wakes++) {
        instant before = fixture_case.wake_at;
        struct case_command wake = fixture_wake(fixture_now());
        fixture_decide(&wake);
        events += fixture_effects(EFFECT_EVENT);
        assert_true(instant_is_never(fixture_case.wake_at) ||
                    instant_before(before, fixture_case.wake_at));
    }
    assert_true(wakes > 1);
    /* Four clocks of the lead, two of each who assists. */
    assert_int_equal(events, (4 + 2 * 5) * SLA_RUNGS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(a_dispatch_starts_all_clocks_at_once, fixture_start),
            cmocka_unit_test_setup(
                    the_wake_is_the_earliest_rung_of_any_task, fixture_start),
            cmocka_unit_test_setup(
                    not_signing_never_moves_the_handling_deadline, fixture_start),
            cmocka_unit_test_setup(
                    a_late_wake_tells_everything_it_missed_once_in_order, fixture_start),
            cmocka_unit_test_setup(nothing_is_told_before_its_time, fixture_start),
            cmocka_unit_test_setup(a_stale_wake_does_nothing, fixture_start),
            cmocka_unit_test_setup(
                    an_action_after_the_deadline_was_late_though_no_wake_came,
                    fixture_start),
            cmocka_unit_test_setup(
                    a_decision_after_the_review_is_over_comes_too_late, fixture_start),
            cmocka_unit_test_setup(
                    rungs_at_one_percent_keep_their_order_and_hide_none, fixture_start),
            cmocka_unit_test_setup(
                    levels_climb_and_what_does_not_exist_is_told_one_up, fixture_start),
            cmocka_unit_test_setup(nobody_is_told_twice_at_an_instant, fixture_start),
            cmocka_unit_test_setup(
                    more_rungs_than_one_decision_tells_follow_with_the_next_wake,
                    fixture_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
