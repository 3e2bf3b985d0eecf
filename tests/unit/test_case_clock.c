/* Budgets and the ledger of their runs and stops. */
#include "case_fixture.h"
#include "case_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MINUTE_MS = 60 * 1000 };

static int64_t between(instant from, instant to, enum time_unit unit)
{
    return calendar_between(&fixture_policy.calendar, from, to, unit);
}

/* What is spent and what is left make the budget, in the unit's own time; nothing is late
 * here. */
static void assert_whole(const struct case_clock *clock)
{
    instant due = case_clock_due(&fixture_policy, clock);
    instant granted = calendar_due(&fixture_policy.calendar, clock->start,
            clock->amount + clock->extra, clock->unit);
    int64_t whole = between(clock->start, granted, clock->unit);
    int64_t spent = case_clock_spent(&fixture_policy, clock, fixture_now());
    int64_t left = between(fixture_now(), due, clock->unit);
    assert_int_equal(spent + left, whole);
    assert_int_equal(clock->due.ms, due.ms);
    assert_int_equal(
            case_clock_used(&fixture_policy, clock, fixture_now()), spent * 100 / whole);
}

static void pass_minutes(int minutes)
{
    instant at = {fixture_now().ms + (int64_t)minutes * MINUTE_MS};
    char text[INSTANT_TEXT_SIZE], day[11], time[6];
    instant_format(at, text);
    (void)snprintf(day, sizeof day, "%.10s", text);
    (void)snprintf(time, sizeof time, "%.5s", text + 11);
    fixture_at(day, time);
}

/* Far more pauses than a clock keeps: the older ones are folded. */
static void spent_and_left_make_the_budget_however_often_it_stood(void **state)
{
    (void)state;
    static const char *const classes[] = {"E2", "N", "N-climb", "C-consult"};
    unsigned seed = 20261120;
    for (int run = 0; run < 200; run++) {
        (void)fixture_start(NULL);
        struct sla_class *sla = fixture_class(classes[run % 4]);
        sla->n_steps = 0;
        sla->budgets[CLOCK_HANDLE].amount = 40; /* never late here */
        fixture_policy.handling.redo = (struct budget){0, UNIT_HOUR};
        fixture_opened("chengguan", sla->name);
        int64_t stood_before = 0;
        for (int i = 0; i < 8; i++) {
            pass_minutes(1 + rand_r(&seed) % 90);
            assert_whole(fixture_clock(CASE_CLOCK_HANDLE));
            fixture_act("chengguan", ACTION_SUBMIT);
            int64_t spent = case_clock_spent(
                    &fixture_policy, fixture_clock(CASE_CLOCK_HANDLE), fixture_now());
            pass_minutes(1 + rand_r(&seed) % 900);
            assert_int_equal(case_clock_spent(&fixture_policy,
                                     fixture_clock(CASE_CLOCK_HANDLE), fixture_now()),
                    spent);
            fixture_act("desk", ACTION_REDO);
            assert_int_equal(fixture_case.stage, STAGE_HANDLING);
            assert_whole(fixture_clock(CASE_CLOCK_HANDLE));
            assert_true(fixture_clock(CASE_CLOCK_HANDLE)->stood >= stood_before);
            stood_before = fixture_clock(CASE_CLOCK_HANDLE)->stood;
        }
        assert_int_equal(fixture_clock(CASE_CLOCK_HANDLE)->n_pauses, CASE_PAUSES_MAX);
        assert_true(sla->budgets[CLOCK_HANDLE].unit != UNIT_HOUR || stood_before > 0);
    }
}

/* Pauses after the due time move it no more, folded or not; what ran, ran. */
static void a_late_clock_keeps_its_due_time_and_counts_on(void **state)
{
    (void)state;
    unsigned seed = 7;
    int late = 0;
    for (int run = 0; run < 100; run++) {
        (void)fixture_start(NULL);
        enum time_unit unit = run % 2 ? UNIT_WORK_HOUR : UNIT_HOUR;
        fixture_class("E2")->budgets[CLOCK_HANDLE] = (struct budget){2, unit};
        fixture_policy.handling.redo = (struct budget){0, UNIT_HOUR};
        fixture_opened("chengguan", "E2");
        int64_t spent = 0;
        instant late_since = {0};
        for (int i = 0; i < 12; i++) {
            instant from = fixture_now();
            pass_minutes(20 + rand_r(&seed) % 60);
            spent += between(from, fixture_now(), unit);
            const struct case_clock *clock = fixture_clock(CASE_CLOCK_HANDLE);
            assert_int_equal(
                    case_clock_spent(&fixture_policy, clock, fixture_now()), spent);
            instant due = case_clock_due(&fixture_policy, clock);
            if (!instant_is_never(late_since))
                assert_int_equal(due.ms, late_since.ms);
            else if (instant_before(due, fixture_now()))
                late_since = due;
            fixture_act("chengguan", ACTION_SUBMIT);
            pass_minutes(1 + rand_r(&seed) % 900);
            fixture_act("desk", ACTION_REDO);
        }
        late += !instant_is_never(late_since);
    }
    assert_true(late > 50); /* all that run round the clock, and more */
}

static void there_is_room_for_what_runs(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    struct case_clock over = {.kind = CASE_CLOCK_HANDLE,
            .amount = 1,
            .unit = UNIT_HOUR,
            .start = fixture_now(),
            .stopped = fixture_now()};
    while (fixture_case.n_clocks < CASE_CLOCKS_MAX) {
        over.task = 100 + fixture_case.n_clocks;
        fixture_case.clocks[fixture_case.n_clocks++] = over;
    }
    fixture_act("chengguan", ACTION_REQUEST_EXTENSION);
    assert_int_equal(fixture_case.n_clocks, CASE_CLOCKS_MAX);
    assert_non_null(fixture_clock(CASE_CLOCK_REQUEST));
    for (int kind = CASE_CLOCK_SIGN; kind <= CASE_CLOCK_HANDLE; kind++)
        assert_true(kind == CASE_CLOCK_ARRIVE ||
                    fixture_clock((enum case_clock_kind)kind) != NULL);
}

static void the_desks_own_clocks_run_while_the_units_stand(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    fixture_act("yunhe", ACTION_CONVENE);
    fixture_act("chengguan", ACTION_SUBMIT);
    assert_true(instant_is_never(fixture_clock(CASE_CLOCK_MEETING)->stopped));
    assert_true(instant_is_never(fixture_clock(CASE_CLOCK_REVIEW)->stopped));
    assert_false(instant_is_never(fixture_clock(CASE_CLOCK_HANDLE)->stopped));
}

static void a_budget_of_nothing_is_no_clock(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    fixture_act("chengguan", ACTION_SUBMIT);
    fixture_act("desk", ACTION_APPROVE);
    assert_non_null(fixture_clock(CASE_CLOCK_FOLLOW_UP));
    struct case_command follow_up = fixture_action("desk", ACTION_FOLLOW_UP);
    follow_up.solved = false;
    fixture_decide(&follow_up);
    fixture_policy.handling.follow_up.amount = 0;
    fixture_act("chengguan", ACTION_SUBMIT);
    fixture_act("desk", ACTION_APPROVE);
    assert_int_equal(fixture_case.stage, STAGE_FOLLOWUP);
    assert_null(fixture_clock(CASE_CLOCK_FOLLOW_UP));
}

static void a_pause_moves_the_rungs_after_it_and_none_before(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2"); /* 24 hours: 50 % at 21:00 */
    fixture_act("chengguan", ACTION_CONTACT);
    struct case_clock before = *fixture_clock(CASE_CLOCK_HANDLE);
    fixture_at("2026-11-20", "22:00");
    struct case_command wake = fixture_wake(fixture_now());
    fixture_decide(&wake);
    assert_int_equal(fixture_events(EVENT_REMINDER), 1);
    fixture_act("chengguan", ACTION_SUBMIT);
    fixture_at("2026-11-20", "23:00");
    fixture_act("desk", ACTION_REDO);
    const struct case_clock *after = fixture_clock(CASE_CLOCK_HANDLE);
    const struct sla_ladder *ladder = &fixture_class("E2")->ladder;
    assert_int_equal(case_rung_at(&fixture_policy, after, &ladder->rungs[0]).ms,
            case_rung_at(&fixture_policy, &before, &ladder->rungs[0]).ms);
    assert_int_equal(case_rung_at(&fixture_policy, after, &ladder->rungs[1]).ms,
            case_rung_at(&fixture_policy, &before, &ladder->rungs[1]).ms +
                    60 * MINUTE_MS);
    assert_true(fixture_due(after, "2026-11-21", "10:00"));
}

static void a_weekend_at_the_desk_costs_and_gives_no_office_time(void **state)
{
    (void)state;
    fixture_opened("chengguan", "N");
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-11-27", "17:30"));
    fixture_act("chengguan", ACTION_CONTACT);
    fixture_at("2026-11-20", "17:00");
    fixture_act("chengguan", ACTION_SUBMIT);
    int32_t used = case_clock_used(
            &fixture_policy, fixture_clock(CASE_CLOCK_HANDLE), fixture_now());
    fixture_at("2026-11-23", "09:00");
    fixture_act("desk", ACTION_REDO);
    assert_int_equal(case_clock_used(&fixture_policy, fixture_clock(CASE_CLOCK_HANDLE),
                             fixture_now()),
            used);
    /* Half an hour on Friday, half an hour on Monday. */
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-11-30", "09:30"));
}

/* Art. 201: hours run from the moment, days do not count the first. Art. 203: a period
 * ends at the close of business or at 24:00, and not on a day off. */
static void the_first_and_the_last_day_are_those_of_the_civil_code(void **state)
{
    (void)state;
    static const struct {
        struct budget budget;
        const char *day, *time;
    } dues[] = {
            {{90, UNIT_MINUTE}, "2026-11-20", "18:20"},
            {{24, UNIT_HOUR}, "2026-11-21", "16:50"},
            {{3, UNIT_EMERGENCY_HOUR}, "2026-11-20", "19:50"},
            {{1, UNIT_WORK_HOUR}, "2026-11-23", "08:50"},
            {{1, UNIT_WORK_DAY}, "2026-11-23", "17:30"},
            {{5, UNIT_WORK_DAY}, "2026-11-27", "17:30"},
            {{1, UNIT_DAY}, "2026-11-24", "00:00"}, /* Saturday, so Monday */
            {{4, UNIT_DAY}, "2026-11-25", "00:00"},
    };
    fixture_at("2026-11-20", "16:50");
    for (size_t i = 0; i < sizeof dues / sizeof *dues; i++) {
        fixture_class("E2")->budgets[CLOCK_HANDLE] = dues[i].budget;
        fixture_opened("chengguan", "E2");
        assert_true(
                fixture_due(fixture_clock(CASE_CLOCK_HANDLE), dues[i].day, dues[i].time));
    }
}

static void stands(const char *day, const char *from, const char *to)
{
    fixture_at(day, from);
    fixture_act("chengguan", ACTION_REQUEST_SUSPENSION);
    fixture_act("desk", ACTION_GRANT);
    fixture_at(day, to);
    fixture_act("chengguan", ACTION_RESUME);
}

/* Art. 203 once more, on 国庆节 2026: 1 to 7 October off, Saturday the 10th worked. */
static void a_pause_that_ends_natural_days_on_a_day_off_moves_them_on(void **state)
{
    (void)state;
    const struct case_clock *clock = NULL;
    fixture_class("E2")->budgets[CLOCK_HANDLE] = (struct budget){2, UNIT_DAY};
    fixture_at("2026-09-28", "09:00");
    fixture_opened("chengguan", "E2");
    fixture_act("chengguan", ACTION_CONTACT);
    clock = fixture_clock(CASE_CLOCK_HANDLE);
    assert_true(fixture_due(clock, "2026-10-01", "00:00"));
    stands("2026-09-29", "09:00", "12:00"); /* 03:00 of 1 October */
    clock = fixture_clock(CASE_CLOCK_HANDLE);
    assert_true(fixture_due(clock, "2026-10-09", "00:00"));
    fixture_at("2026-10-05", "09:00"); /* past the two days, but not late */
    assert_int_equal(case_clock_used(&fixture_policy, clock, fixture_now()), 100);
    /* What it has left when it stands it has afterwards: one that begins in the time
     * that was given counts, too. */
    stands("2026-10-08", "10:00", "12:00");
    clock = fixture_clock(CASE_CLOCK_HANDLE);
    assert_true(fixture_due(clock, "2026-10-09", "02:00"));
    stands("2026-10-08", "13:00", "23:00");
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-10-09", "12:00"));
    stands("2026-10-09", "01:00", "11:00"); /* to the worked Saturday… */
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-10-09", "22:00"));
    stands("2026-10-09", "12:00", "15:00");
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-10-10", "01:00"));
    stands("2026-10-09", "16:00", "23:30"); /* … where they are folded, and stay */
    stands("2026-10-09", "23:40", "23:50");
    clock = fixture_clock(CASE_CLOCK_HANDLE);
    assert_true(clock->moved > 0);
    assert_true(fixture_due(clock, "2026-10-10", "08:40"));
}

static void an_extension_adds_to_the_budget_and_leaves_the_ledger(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    fixture_act("chengguan", ACTION_CONTACT);
    fixture_at("2026-11-20", "10:00");
    fixture_act("chengguan", ACTION_SUBMIT);
    fixture_at("2026-11-20", "12:00");
    fixture_act("desk", ACTION_REDO);
    struct case_command request = fixture_action("chengguan", ACTION_REQUEST_EXTENSION);
    request.amount = 12;
    fixture_decide(&request);
    assert_string_equal(fixture_case.request.approver, "desk");
    fixture_act("desk", ACTION_GRANT);
    const struct case_clock *clock = fixture_clock(CASE_CLOCK_HANDLE);
    assert_int_equal(clock->amount, 24);
    assert_int_equal(clock->extra, 12);
    assert_true(fixture_due(clock, "2026-11-21", "23:00"));
    assert_whole(clock);
}

static void more_than_the_desk_may_add_is_for_the_district(void **state)
{
    (void)state;
    fixture_class("E2")->budgets[CLOCK_HANDLE].amount = 199;
    fixture_opened("chengguan", "E2");
    struct case_command request = fixture_action("chengguan", ACTION_REQUEST_EXTENSION);
    request.amount = 100; /* 50.25 percent */
    fixture_decide(&request);
    assert_string_equal(fixture_case.request.approver, "district");
    fixture_opened("chengguan", "E2");
    request = fixture_action("chengguan", ACTION_REQUEST_EXTENSION);
    request.amount = 99;
    fixture_decide(&request);
    assert_string_equal(fixture_case.request.approver, "desk");
    fixture_opened("chengguan", "E2");
    request = fixture_action("chengguan", ACTION_REQUEST_EXTENSION);
    request.amount = 199; /* all of it again, and no more */
    fixture_decide(&request);
    assert_string_equal(fixture_case.request.approver, "district");
}

static void the_share_used_is_counted_in_the_budgets_own_time(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    fixture_at("2026-11-20", "09:12");
    fixture_act("chengguan", ACTION_SIGN);
    fixture_at("2026-12-20", "09:12"); /* it is over: what it used stays */
    assert_int_equal(case_clock_used(&fixture_policy, fixture_clock(CASE_CLOCK_SIGN),
                             fixture_now()),
            40);
    fixture_at("2026-11-20", "09:00");
    fixture_opened("chengguan", "N");
    const struct case_clock *handle = fixture_clock(CASE_CLOCK_HANDLE);
    static const struct {
        const char *day, *time;
        int32_t used;
    } shares[] = {
            {"2026-11-20", "09:00", 0},
            {"2026-11-20", "17:30", 15},
            {"2026-11-23", "08:30", 15}, /* a weekend is no office time */
            {"2026-11-27", "17:29", 99},
            {"2026-11-27", "17:30", 100},
            {"2026-11-30", "08:30", 100},
            {"2026-11-30", "10:30", 104},
            {"2027-11-30", "08:30", 4502},
    };
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        assert_int_equal(case_clock_used(&fixture_policy, handle,
                                 china_time(shares[i].day, shares[i].time)),
                shares[i].used);
}

static void pauses_are_shown_apart_by_what_they_were_for(void **state)
{
    (void)state;
    fixture_policy.handling.return_pauses = true;
    fixture_opened("chengguan", "E2");
    fixture_act("chengguan", ACTION_CONTACT);
    fixture_act("chengguan", ACTION_REQUEST_RETURN);
    pass_minutes(30);
    fixture_act("desk", ACTION_REFUSE);
    fixture_act("chengguan", ACTION_REQUEST_SUSPENSION);
    fixture_act("desk", ACTION_GRANT);
    pass_minutes(45);
    fixture_act("chengguan", ACTION_RESUME);
    fixture_act("chengguan", ACTION_SUBMIT);
    pass_minutes(60);
    fixture_act("desk", ACTION_REDO);
    assert_int_equal(fixture_case.returned_ms, 30 * MINUTE_MS);
    assert_int_equal(fixture_case.suspended_ms, 45 * MINUTE_MS);
    assert_true(fixture_due(fixture_clock(CASE_CLOCK_HANDLE), "2026-11-21", "11:15"));
}

static void an_assist_is_late_by_its_own_clock(void **state)
{
    (void)state;
    struct case_command open = fixture_open("chengguan", "E2");
    (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "gongdian");
    fixture_decide(&open);
    fixture_act("chengguan", ACTION_CONTACT);
    fixture_at("2026-11-20", "10:00");
    struct case_command wake = fixture_wake(fixture_now());
    fixture_decide(&wake);
    for (int i = 0; i < fixture_decision.n_effects; i++)
        assert_string_equal(fixture_decision.effects[i].unit, "gongdian");
    assert_int_equal(fixture_events(EVENT_BREACH), 1);
    assert_int_equal(fixture_decision.effects[0].task, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(
                    spent_and_left_make_the_budget_however_often_it_stood, fixture_start),
            cmocka_unit_test_setup(
                    a_late_clock_keeps_its_due_time_and_counts_on, fixture_start),
            cmocka_unit_test_setup(there_is_room_for_what_runs, fixture_start),
            cmocka_unit_test_setup(
                    the_desks_own_clocks_run_while_the_units_stand, fixture_start),
            cmocka_unit_test_setup(a_budget_of_nothing_is_no_clock, fixture_start),
            cmocka_unit_test_setup(
                    a_pause_moves_the_rungs_after_it_and_none_before, fixture_start),
            cmocka_unit_test_setup(
                    a_weekend_at_the_desk_costs_and_gives_no_office_time, fixture_start),
            cmocka_unit_test_setup(the_first_and_the_last_day_are_those_of_the_civil_code,
                    fixture_start),
            cmocka_unit_test_setup(
                    a_pause_that_ends_natural_days_on_a_day_off_moves_them_on,
                    fixture_start),
            cmocka_unit_test_setup(
                    an_extension_adds_to_the_budget_and_leaves_the_ledger, fixture_start),
            cmocka_unit_test_setup(
                    more_than_the_desk_may_add_is_for_the_district, fixture_start),
            cmocka_unit_test_setup(
                    the_share_used_is_counted_in_the_budgets_own_time, fixture_start),
            cmocka_unit_test_setup(
                    pauses_are_shown_apart_by_what_they_were_for, fixture_start),
            cmocka_unit_test_setup(an_assist_is_late_by_its_own_clock, fixture_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
