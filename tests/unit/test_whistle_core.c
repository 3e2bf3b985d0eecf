/* What the stories of tests/replay/whistle do not reach. */
#include "case_policy.h"
#include "whistle_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct policy policy;
static struct whistle_state whistle;
static struct whistle_decision decision;

static const instant ten = {1795226400000}; /* 2026-11-21T10:00:00+08:00 */

static int begin(void **state)
{
    (void)state;
    policy = *case_policy();
    whistle = (struct whistle_state){0};
    return 0;
}

static void decide(const struct whistle_command *command)
{
    whistle_decide(&policy, &whistle, command, &decision);
    whistle = decision.after;
}

static struct whistle_command action_of(
        enum whistle_action action, const char *unit, uint64_t fingerprint)
{
    struct whistle_command command = {.kind = WHISTLE_COMMAND_ACTION,
            .id = "w20261121-0000000000000001",
            .at = ten,
            .action = action,
            .fingerprint = fingerprint,
            .number = -1,
            .type = WHISTLE_TYPE_EMERGENCY,
            .place = "e-jinhe",
            .words = STR("爆管"),
            .says_where = true};
    (void)snprintf(command.unit, sizeof command.unit, "%s", unit);
    return command;
}

static void issue(const char *first, const char *second)
{
    struct whistle_command command = action_of(WHISTLE_ACTION_ISSUE, "taihu", 1);
    (void)snprintf(command.summon[0].unit, sizeof command.summon[0].unit, "%s", first);
    (void)snprintf(command.summon[1].unit, sizeof command.summon[1].unit, "%s", second);
    command.summon[0].must = true;
    command.n_summon = second[0] ? 2 : 1;
    decide(&command);
    assert_true(decision.changed);
}

static void wake(instant at)
{
    struct whistle_command command = {
            .kind = WHISTLE_COMMAND_WAKE, .at = at, .due = whistle.wake_at};
    decide(&command);
}

static void no_such_whistle_is_the_zero_value(void **state)
{
    (void)state;
    wake(ten);
    assert_false(decision.changed);
    assert_int_equal(decision.n_effects, 0);
    assert_int_equal(whistle_actions_open(&policy, &whistle, "taihu", 1), 0);
}

static void every_refusal_says_why_in_words(void **state)
{
    (void)state;
    for (int i = WHISTLE_RULE_NONE + 1; i < WHISTLE_RULE_COUNT; i++) {
        assert_true(whistle_rule_names[i][0] != 0);
        assert_true(strlen(whistle_rule_texts[i]) > 6);
        for (int k = 1; k < i; k++)
            assert_string_not_equal(whistle_rule_names[i], whistle_rule_names[k]);
    }
}

static void a_full_whistle_tells_everybody_at_once(void **state)
{
    (void)state;
    static struct unit units[WHISTLE_UNITS_MAX + 2];
    static char codes[WHISTLE_UNITS_MAX][8];
    struct whistle_command command = action_of(WHISTLE_ACTION_ISSUE, "u99", 1);
    units[0] = (struct unit){
            .code = "qu", .name = "区", .type = UNIT_TYPE_DISTRICT, .queue = &units[0]};
    for (int i = 0; i < WHISTLE_UNITS_MAX; i++) {
        (void)snprintf(codes[i], sizeof codes[i], "u%02d", i);
        units[i + 1] = (struct unit){.code = codes[i],
                .name = codes[i],
                .type = UNIT_TYPE_DEPARTMENT,
                .parent = &units[0],
                .queue = &units[i + 1]};
        (void)snprintf(
                command.summon[i].unit, sizeof command.summon[i].unit, "%s", codes[i]);
        command.summon[i].must = true;
    }
    units[WHISTLE_UNITS_MAX + 1] = (struct unit){.code = "u99",
            .name = "街道",
            .type = UNIT_TYPE_STREET,
            .parent = &units[0],
            .queue = &units[WHISTLE_UNITS_MAX + 1]};
    policy.units = units;
    policy.n_units = WHISTLE_UNITS_MAX + 2;
    policy.district = policy.desk = &units[0];
    policy.places = NULL;
    policy.n_places = 0;
    policy.whistle.classes[WHISTLE_TYPE_EMERGENCY].ladder = (struct sla_ladder){
            .rungs = {{100, LEVEL_UNIT, {0}}, {100, LEVEL_DISTRICT, {0}}}, .n_rungs = 2};
    command.place[0] = 0;
    command.n_summon = WHISTLE_UNITS_MAX;
    command.n_cases = WHISTLE_CASES_MAX;
    for (int i = 0; i < WHISTLE_CASES_MAX; i++)
        (void)snprintf(command.cases[i], CASE_ID_SIZE, "n20261120-%016d", i);
    decide(&command);
    assert_int_equal(decision.n_effects, 2 + WHISTLE_CASES_MAX + 1);
    for (int i = 0; i < WHISTLE_CASES_MAX; i++) {
        struct whistle_command answer = {.kind = WHISTLE_COMMAND_ANSWER, .at = ten};
        (void)snprintf(answer.linked, CASE_ID_SIZE, "n20261120-%016d", i);
        decide(&answer);
        assert_true(decision.changed);
        assert_int_equal(
                decision.n_effects, i + 1 < WHISTLE_CASES_MAX ? 0 : WHISTLE_UNITS_MAX);
    }
    wake((instant){ten.ms + 30 * 60000});
    int absent = 0;
    for (int i = 0; i < decision.n_effects; i++)
        absent += decision.effects[i].kind == WHISTLE_EFFECT_EVENT &&
                  decision.effects[i].event == WHISTLE_EVENT_ABSENT;
    assert_int_equal(absent, WHISTLE_UNITS_MAX);
    assert_true(instant_is_never(whistle.wake_at));
    struct whistle_command finish = action_of(WHISTLE_ACTION_FINISH, "u99", 2);
    finish.at.ms += 3600000;
    decide(&finish);
    assert_int_equal(whistle.stage, WHISTLE_FINISHED);
}

static void the_end_alone_may_have_to_tell_every_absence(void **state)
{
    (void)state;
    issue("zhujian", "gongan");
    struct whistle_command finish = action_of(WHISTLE_ACTION_FINISH, "taihu", 2);
    finish.at.ms += 31 * 60000;
    decide(&finish);
    assert_int_equal(whistle.units[0].absent_at.ms, whistle.due.ms);
    assert_int_equal(whistle.units[1].absent_at.ms, whistle.due.ms);
    assert_true(instant_is_never(whistle.wake_at));
}

/* A day that becomes a holiday moves the deadline; the event says from when to when. */
static void a_changed_calendar_moves_the_deadline_once(void **state)
{
    (void)state;
    policy.whistle.classes[WHISTLE_TYPE_EMERGENCY].check_in = (struct budget){
            1, UNIT_WORK_DAY};
    issue("zhujian", "");
    instant before = whistle.due;
    struct whistle_command command = {.kind = WHISTLE_COMMAND_REPROJECT, .at = ten};
    decide(&command);
    assert_false(decision.changed);
    policy.calendar.days[calendar_day_of(before) - CALENDAR_FIRST_DAY] = DAY_OFF;
    decide(&command);
    assert_true(decision.changed);
    assert_int_equal(decision.n_effects, 1);
    assert_int_equal(decision.effects[0].event, WHISTLE_EVENT_REPROJECTED);
    assert_int_equal(decision.effects[0].old_due.ms, before.ms);
    assert_int_equal(whistle.due.ms, before.ms + 86400000);
    assert_int_equal(decision.effects[0].due.ms, whistle.due.ms);
    decide(&command);
    assert_false(decision.changed);
}

/* Its wake was made under the old calendar: it says so and tells nothing yet. */
static void a_wake_before_the_moved_deadline_only_moves(void **state)
{
    (void)state;
    policy.whistle.classes[WHISTLE_TYPE_EMERGENCY] = (struct whistle_class){
            .check_in = {1, UNIT_WORK_DAY},
            .ladder = {.rungs = {{100, LEVEL_UNIT, {0}}}, .n_rungs = 1}};
    issue("zhujian", "");
    instant before = whistle.wake_at;
    policy.calendar.days[calendar_day_of(before) - CALENDAR_FIRST_DAY] = DAY_OFF;
    wake(before);
    assert_int_equal(decision.n_effects, 1);
    assert_int_equal(decision.effects[0].event, WHISTLE_EVENT_REPROJECTED);
    assert_int_equal(whistle.wake_at.ms, before.ms + 86400000);
}

/* Two levels at one percent below 100 do not hide what comes after them. */
static void rungs_of_the_same_percent_are_all_reached(void **state)
{
    (void)state;
    policy.whistle.classes[WHISTLE_TYPE_EMERGENCY].ladder = (struct sla_ladder){
            .rungs = {{80, LEVEL_UNIT, {0}}, {80, LEVEL_SUPERIOR, {0}},
                    {100, LEVEL_UNIT, {0}}},
            .n_rungs = 3};
    issue("zhongdui", "");
    wake(whistle.wake_at);
    assert_true(instant_is_never(whistle.units[0].absent_at));
    assert_false(instant_is_never(whistle.wake_at));
    wake(whistle.wake_at);
    assert_int_equal(whistle.units[0].absent_at.ms, whistle.due.ms);
    assert_true(instant_is_never(whistle.wake_at));
}

/* Levels between: each rung goes to whose matter it is, and to nobody twice. */
static void a_rung_climbs_to_its_level(void **state)
{
    (void)state;
    policy.whistle.classes[WHISTLE_TYPE_EMERGENCY].ladder = (struct sla_ladder){
            .rungs = {{50, LEVEL_SUPERIOR, {0}}, {80, LEVEL_STREET, {0}},
                    {100, LEVEL_UNIT, {0}}, {100, LEVEL_UNIT, {5, UNIT_MINUTE}}},
            .n_rungs = 4};
    issue("zhongdui", "");
    wake(whistle.wake_at);
    assert_int_equal(decision.n_effects, 3);
    assert_string_equal(decision.effects[2].unit, "chengguan");
    assert_int_equal(decision.effects[2].role, WHISTLE_ROLE_SUPERVISOR);
    wake(whistle.wake_at);
    assert_string_equal(decision.effects[2].unit, "taihu");
    assert_int_equal(decision.effects[2].role, WHISTLE_ROLE_ISSUER);
    wake(whistle.wake_at);
    wake(whistle.wake_at);
    assert_int_equal(decision.n_effects, 2);
    assert_string_equal(decision.effects[1].unit, "zhongdui");
    assert_int_equal(decision.effects[1].role, WHISTLE_ROLE_MUST);
    assert_true(instant_is_never(whistle.wake_at));
}

/* Who is under the street itself has the street above it: it hears of it once. */
static void the_street_hears_of_an_absence_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < policy.n_units; i++) /* begin puts it back */
        if (strcmp(policy.units[i].code, "lvyuan") == 0)
            policy.units[i].parent = policy_unit(&policy, STR("taihu"));
    issue("lvyuan", "");
    wake((instant){ten.ms + 30 * 60000});
    int told = 0;
    for (int i = 0; i < decision.n_effects; i++)
        told += decision.effects[i].kind == WHISTLE_EFFECT_ORDER &&
                decision.effects[i].order == WHISTLE_ORDER_ABSENT;
    assert_int_equal(told, 2);
    struct whistle_command check_in = action_of(WHISTLE_ACTION_CHECK_IN, "lvyuan", 2);
    check_in.at.ms += 40 * 60000;
    decide(&check_in);
    assert_int_equal(decision.n_effects, 3); /* the event, the unit, the street */
}

static void a_wake_that_is_early_stale_or_repeated_changes_nothing(void **state)
{
    (void)state;
    issue("zhujian", "");
    instant first = whistle.wake_at;
    struct whistle_command command = {
            .kind = WHISTLE_COMMAND_WAKE, .at = ten, .due = first};
    decide(&command);
    assert_false(decision.changed);
    wake(first);
    assert_true(decision.changed);
    command.at.ms = first.ms + 60000;
    decide(&command);
    assert_false(decision.changed);
}

/* Who only assists is not told higher up, but its rung is done with. */
static void a_rung_that_tells_nobody_is_over_as_well(void **state)
{
    (void)state;
    struct whistle_command command = action_of(WHISTLE_ACTION_ISSUE, "taihu", 1);
    (void)strcpy(command.summon[0].unit, "gongan");
    command.n_summon = 1;
    decide(&command);
    wake((instant){ten.ms + 30 * 60000});
    wake(whistle.wake_at);
    assert_int_equal(decision.n_effects, 0);
    assert_true(decision.changed);
    assert_true(instant_is_never(whistle.wake_at));
}

static void what_is_not_valid_any_more_does_not_count(void **state)
{
    (void)state;
    struct unit *taihu = (struct unit *)policy_unit(&policy, STR("taihu")),
                *zhujian = (struct unit *)policy_unit(&policy, STR("zhujian"));
    struct place *garden = (struct place *)policy_place(&policy, STR("e-jinhe"));
    instant *const ends[] = {&taihu->valid_to, &zhujian->valid_to, &garden->valid_to};
    static const enum whistle_rule rules[] = {WHISTLE_RULE_UNKNOWN_UNIT,
            WHISTLE_RULE_UNKNOWN_SUMMONED, WHISTLE_RULE_UNKNOWN_PLACE};
    struct whistle_command command = action_of(WHISTLE_ACTION_ISSUE, "taihu", 1);
    (void)strcpy(command.summon[0].unit, "zhujian");
    command.n_summon = 1;
    for (int i = 0; i < 3; i++) {
        *ends[i] = ten;
        decide(&command);
        assert_false(decision.changed);
        assert_int_equal(decision.effects[1].rule, rules[i]);
        *ends[i] = (instant){0};
    }
    decide(&command);
    assert_true(decision.changed);
}

static void old_actions_leave_the_ring_and_are_known_by_the_state(void **state)
{
    (void)state;
    issue("zhujian", "");
    for (uint64_t i = 0; i < WHISTLE_ACTIONS_KEPT; i++)
        whistle.actions[i] = 1000 + i;
    whistle.n_actions = WHISTLE_ACTIONS_KEPT;
    struct whistle_command check_in = action_of(WHISTLE_ACTION_CHECK_IN, "zhujian", 5);
    decide(&check_in);
    assert_int_equal(whistle.actions[0], 5);
    assert_int_equal(whistle.n_actions, WHISTLE_ACTIONS_KEPT + 1);
    whistle.actions[0] = 7;
    decide(&check_in);
    assert_false(decision.changed);
    assert_int_equal(decision.effects[1].rule, WHISTLE_RULE_ALREADY_DONE);
}

static void blank_words_say_nothing(void **state)
{
    (void)state;
    struct whistle_command command = action_of(WHISTLE_ACTION_ISSUE, "taihu", 1);
    command.words = STR(" \t\n　　");
    (void)strcpy(command.summon[0].unit, "zhujian");
    command.n_summon = 1;
    decide(&command);
    assert_false(decision.changed);
    assert_int_equal(decision.effects[1].rule, WHISTLE_RULE_NEEDS_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(no_such_whistle_is_the_zero_value, begin),
            cmocka_unit_test_setup(every_refusal_says_why_in_words, begin),
            cmocka_unit_test_setup(a_full_whistle_tells_everybody_at_once, begin),
            cmocka_unit_test_setup(the_end_alone_may_have_to_tell_every_absence, begin),
            cmocka_unit_test_setup(a_changed_calendar_moves_the_deadline_once, begin),
            cmocka_unit_test_setup(a_wake_before_the_moved_deadline_only_moves, begin),
            cmocka_unit_test_setup(a_rung_climbs_to_its_level, begin),
            cmocka_unit_test_setup(rungs_of_the_same_percent_are_all_reached, begin),
            cmocka_unit_test_setup(the_street_hears_of_an_absence_once, begin),
            cmocka_unit_test_setup(
                    a_wake_that_is_early_stale_or_repeated_changes_nothing, begin),
            cmocka_unit_test_setup(a_rung_that_tells_nobody_is_over_as_well, begin),
            cmocka_unit_test_setup(what_is_not_valid_any_more_does_not_count, begin),
            cmocka_unit_test_setup(
                    old_actions_leave_the_ring_and_are_known_by_the_state, begin),
            cmocka_unit_test_setup(blank_words_say_nothing, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
