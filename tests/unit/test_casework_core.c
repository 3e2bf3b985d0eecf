#include "case_policy.h"
#include "casework_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CASE "n20261120-0123456789abcdef"
#define OTHER "n20261120-fedcba9876543210"

static const struct policy *policy;
static struct case_decision decision;
static uint64_t next_action;

static int setup(void **state)
{
    (void)state;
    policy = case_policy();
    return 0;
}

static struct case_command command_of(
        enum case_command_kind kind, const char *day, const char *time)
{
    struct case_command command = {
            .kind = kind, .case_id = CASE, .at = china_time(day, time), .task = -1};
    return command;
}

static struct case_command open_command(const char *lead, const char *sla)
{
    struct case_command command = command_of(COMMAND_OPEN, "2026-11-20", "09:00");
    (void)snprintf(command.lead, sizeof command.lead, "%s", lead);
    (void)snprintf(command.sla, sizeof command.sla, "%s", sla);
    (void)snprintf(command.category, sizeof command.category, "010101");
    return command;
}

static struct case_command action_command(
        const char *unit, enum case_action action, const char *time)
{
    struct case_command command = command_of(COMMAND_ACTION, "2026-11-20", time);
    command.action = action;
    command.fingerprint = ++next_action;
    (void)snprintf(command.unit, sizeof command.unit, "%s", unit);
    return command;
}

static struct case_state decide(struct case_state before, struct case_command command)
{
    case_decide(policy, &before, &command, &decision);
    return decision.after;
}

static struct case_state opened(void)
{
    return decide((struct case_state){0}, open_command("chengguan", "E2"));
}

static int effects_of(enum case_effect_kind kind)
{
    int n = 0;
    for (int i = 0; i < decision.n_effects; i++)
        n += decision.effects[i].kind == kind;
    return n;
}

static bool refused_with(enum case_rule rule)
{
    return !decision.changed && effects_of(EFFECT_REFUSED) == 1 &&
           decision.effects[decision.n_effects - 1].rule == rule;
}

static void a_dispatch_starts_all_clocks_at_once(void **state)
{
    (void)state;
    struct case_state c = opened();
    assert_int_equal(c.stage, STAGE_DISPATCHED);
    assert_int_equal(c.seq, 2);
    assert_int_equal(c.task, 1);
    assert_int_equal(case_clock_due(policy, &c.clocks[CLOCK_SIGN]).ms,
            china_time("2026-11-20", "09:30").ms);
    assert_int_equal(case_clock_due(policy, &c.clocks[CLOCK_CONTACT]).ms,
            china_time("2026-11-20", "11:00").ms);
    assert_int_equal(case_clock_due(policy, &c.clocks[CLOCK_HANDLE]).ms,
            china_time("2026-11-21", "09:00").ms);
    assert_int_equal(c.wake_at.ms, china_time("2026-11-20", "09:15").ms);
}

static void not_signing_never_moves_the_handling_deadline(void **state)
{
    (void)state;
    struct case_state early = decide(
            opened(), action_command("chengguan", ACTION_SIGN, "09:01"));
    struct case_state late = decide(
            opened(), action_command("chengguan", ACTION_SIGN, "15:00"));
    assert_int_equal(case_clock_due(policy, &early.clocks[CLOCK_HANDLE]).ms,
            case_clock_due(policy, &late.clocks[CLOCK_HANDLE]).ms);
}

static void the_same_open_again_changes_nothing_and_is_audited(void **state)
{
    (void)state;
    struct case_state c = opened();
    struct case_state again = decide(c, open_command("zhujian", "N"));
    assert_memory_equal(&again, &c, sizeof c);
    assert_false(decision.changed);
    assert_int_equal(decision.n_effects, 1);
    assert_int_equal(decision.effects[0].kind, EFFECT_REPEAT);
}

static void time_never_goes_back_within_a_case(void **state)
{
    (void)state;
    struct case_state c = decide(
            opened(), action_command("chengguan", ACTION_SIGN, "08:00"));
    assert_int_equal(c.signed_at.ms, china_time("2026-11-20", "09:00").ms);
    assert_int_equal(decision.at.ms, china_time("2026-11-20", "09:00").ms);
}

static void the_order_of_actions_does_not_matter_in_the_end(void **state)
{
    (void)state;
    static const enum case_action orders[][3] = {
            {ACTION_SIGN, ACTION_CONTACT, ACTION_HANDLE},
            {ACTION_SIGN, ACTION_HANDLE, ACTION_CONTACT},
            {ACTION_CONTACT, ACTION_SIGN, ACTION_HANDLE},
            {ACTION_CONTACT, ACTION_HANDLE, ACTION_SIGN},
            {ACTION_HANDLE, ACTION_SIGN, ACTION_CONTACT},
            {ACTION_HANDLE, ACTION_CONTACT, ACTION_SIGN},
    };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct case_state c = opened();
        for (int j = 0; j < 3; j++)
            c = decide(c, action_command("chengguan", orders[i][j], "09:05"));
        assert_int_equal(c.stage, STAGE_HANDLING);
        assert_int_equal(
                c.clocks[CLOCK_SIGN].stopped.ms, c.clocks[CLOCK_CONTACT].stopped.ms);
        assert_false(instant_is_never(c.contacted_at));
    }
}

static void a_refused_action_does_not_change_a_byte(void **state)
{
    (void)state;
    struct case_state c = opened();
    for (int action = ACTION_UNKNOWN; action < ACTION_COUNT; action++) {
        struct case_state after = decide(
                c, action_command("heping", (enum case_action)action, "09:05"));
        assert_false(decision.changed);
        assert_memory_equal(&after, &c, sizeof c);
        assert_int_equal(effects_of(EFFECT_REFUSED), 1);
    }
}

static void a_repeated_action_is_known_by_its_id_even_after_the_unit_lost_the_case(
        void **state)
{
    (void)state;
    struct case_command request = action_command(
            "chengguan", ACTION_REQUEST_RETURN, "09:05");
    request.words = STR("产权不属我局");
    struct case_state c = decide(opened(), request);
    struct case_command dispatch = action_command("desk", ACTION_DISPATCH, "09:10");
    (void)snprintf(dispatch.to, sizeof dispatch.to, "lvyuan");
    c = decide(c, dispatch);
    assert_string_equal(c.lead, "lvyuan");
    (void)decide(c, request);
    assert_true(refused_with(RULE_ALREADY_DONE));
}

static void a_result_of_set_phrases_is_no_result(void **state)
{
    (void)state;
    static const char *const empty[] = {"", " ", "。", "已处理", "已处理。谢谢！",
            "情况属实，已办结。", "问题已解决，群众满意。"};
    struct case_state c = opened();
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        struct case_command submit = action_command("chengguan", ACTION_SUBMIT, "09:05");
        submit.words = str_of(empty[i]);
        submit.has_contact_record = submit.has_photo = true;
        (void)decide(c, submit);
        assert_true(refused_with(RULE_NEEDS_RESULT));
    }
    struct case_command submit = action_command("chengguan", ACTION_SUBMIT, "09:05");
    submit.words = STR("已清运建筑垃圾三车");
    submit.has_contact_record = submit.has_photo = true;
    c = decide(c, submit);
    assert_int_equal(c.stage, STAGE_SUBMITTED);
    assert_true(decision.keep_result);
}

static void a_master_keeps_thirty_two_members_and_refuses_the_next(void **state)
{
    (void)state;
    struct case_state c = opened();
    struct case_command request = command_of(
            COMMAND_MERGE_REQUEST, "2026-11-20", "09:30");
    for (int i = 0; i < CASE_MEMBERS_MAX; i++) {
        (void)snprintf(request.other, sizeof request.other, "n20261120-%016d", i);
        c = decide(c, request);
        assert_int_equal(
                decision.effects[decision.n_effects - 1].command, COMMAND_MERGE_ACCEPTED);
    }
    c = decide(c, request); /* the last one again */
    assert_false(decision.changed);
    assert_int_equal(decision.effects[0].command, COMMAND_MERGE_ACCEPTED);
    (void)snprintf(request.other, sizeof request.other, OTHER);
    c = decide(c, request);
    assert_false(decision.changed);
    assert_int_equal(decision.effects[0].command, COMMAND_MERGE_REFUSED);
    assert_string_equal(decision.effects[0].reason, "master_full");

    struct case_command submit = action_command("chengguan", ACTION_SUBMIT, "10:00");
    submit.words = STR("已清运建筑垃圾三车");
    submit.has_contact_record = submit.has_photo = true;
    c = decide(c, submit);
    c = decide(c, action_command("desk", ACTION_CLOSE, "11:00"));
    assert_int_equal(c.stage, STAGE_CLOSED);
    assert_int_equal(effects_of(EFFECT_COMMAND), CASE_MEMBERS_MAX);
    assert_int_equal(effects_of(EFFECT_RESOLUTION), 1);
}

static void two_cases_that_ask_each_other_end_after_some_hops(void **state)
{
    (void)state;
    struct case_command open = open_command("chengguan", "E2");
    open.route = ROUTE_MERGE;
    (void)snprintf(open.other, sizeof open.other, OTHER);
    struct case_state c = decide((struct case_state){0}, open);
    assert_int_equal(c.stage, STAGE_MERGE_REQUESTED);
    struct case_command request = command_of(
            COMMAND_MERGE_REQUEST, "2026-11-20", "09:30");
    (void)snprintf(request.other, sizeof request.other, "n20261120-%016d", 7);
    for (request.hops = 0; request.hops < CASE_HOPS_MAX; request.hops++) {
        (void)decide(c, request);
        assert_int_equal(decision.effects[0].command, COMMAND_MERGE_REQUEST);
        assert_int_equal(decision.effects[0].hops, request.hops + 1);
    }
    (void)decide(c, request);
    assert_int_equal(decision.effects[0].command, COMMAND_MERGE_REFUSED);
}

static struct case_command wake_at(struct case_state c, instant at)
{
    struct case_command wake = command_of(COMMAND_WAKE, "2026-11-20", "09:00");
    wake.due = c.wake_at;
    wake.at = at;
    return wake;
}

static void a_late_wake_tells_everything_it_missed_once(void **state)
{
    (void)state;
    struct case_state c = opened();
    c = decide(c, wake_at(c, china_time("2026-12-20", "09:00")));
    assert_int_equal(effects_of(EFFECT_EVENT), 9);
    assert_int_equal(effects_of(EFFECT_ORDER), 9);
    assert_true(instant_is_never(c.wake_at));
    struct case_command again = wake_at(c, china_time("2026-12-20", "09:00"));
    again.due = china_time("2026-11-20", "09:15");
    (void)decide(c, again);
    assert_int_equal(decision.n_effects, 0);
    assert_false(decision.changed);
}

static void nothing_is_told_before_its_time(void **state)
{
    (void)state;
    struct case_state c = opened();
    instant before = {c.wake_at.ms - 1};
    (void)decide(c, wake_at(c, before));
    assert_int_equal(decision.n_effects, 0);
    assert_false(decision.changed);
}

static void a_stale_wake_does_nothing(void **state)
{
    (void)state;
    struct case_state c = opened();
    struct case_command stale = wake_at(c, china_time("2026-11-20", "10:00"));
    c = decide(c, action_command("chengguan", ACTION_SIGN, "09:10"));
    (void)decide(c, stale);
    assert_int_equal(decision.n_effects, 0);
    assert_false(decision.changed);
}

static void the_share_used_is_counted_in_the_budgets_own_time(void **state)
{
    (void)state;
    struct case_state c = opened();
    c = decide(c, action_command("chengguan", ACTION_SIGN, "09:12"));
    assert_int_equal(case_clock_used(policy, &c.clocks[CLOCK_SIGN], decision.at), 40);
    struct case_state late = decide(
            opened(), action_command("chengguan", ACTION_SIGN, "10:30"));
    assert_int_equal(case_clock_used(policy, &late.clocks[CLOCK_SIGN], decision.at), 300);
    struct case_state none = {0};
    assert_int_equal(case_clock_used(policy, &none.clocks[CLOCK_SIGN], decision.at), 0);
}

static void a_weekend_at_the_desk_costs_and_gives_no_office_time(void **state)
{
    (void)state;
    struct case_state c = decide((struct case_state){0}, open_command("chengguan", "N"));
    const struct case_clock *handle = &c.clocks[CLOCK_HANDLE];
    assert_int_equal(
            case_clock_due(policy, handle).ms, china_time("2026-11-27", "17:30").ms);
    struct case_command submit = action_command("chengguan", ACTION_SUBMIT, "17:00");
    submit.words = str_of("清运完毕");
    submit.has_contact_record = submit.has_photo = true;
    c = decide(c, submit);
    int32_t used = case_clock_used(policy, handle, decision.at);
    struct case_command redo = action_command("desk", ACTION_REDO, "09:00");
    redo.at = china_time("2026-11-23", "09:00");
    c = decide(c, redo);
    assert_int_equal(case_clock_used(policy, handle, decision.at), used);
    /* Half an hour on Friday, half an hour on Monday. */
    assert_int_equal(
            case_clock_due(policy, handle).ms, china_time("2026-11-30", "09:30").ms);
}

static void the_budget_granted_survives_a_changed_policy(void **state)
{
    (void)state;
    struct case_state c = opened();
    static struct policy other;
    other = *policy;
    other.n_sla_classes = 0; /* the class is gone */
    struct case_command wake = wake_at(c, c.wake_at);
    case_decide(&other, &c, &wake, &decision);
    assert_int_equal(effects_of(EFFECT_EVENT), 1);
    assert_int_equal(decision.effects[0].percent, 50);
    assert_int_equal(decision.after.wake_at.ms, china_time("2026-11-20", "09:24").ms);
}

static void the_actions_offered_are_those_let_through(void **state)
{
    (void)state;
    struct case_state c = opened();
    unsigned open = case_actions_open(&c, ROLE_LEAD);
    assert_int_equal(open, 1u << ACTION_SIGN | 1u << ACTION_CONTACT |
                                   1u << ACTION_HANDLE | 1u << ACTION_SUBMIT |
                                   1u << ACTION_REQUEST_RETURN);
    assert_int_equal(case_actions_open(&c, ROLE_ASSIST), 0);
    assert_int_equal(case_actions_open(&c, ROLE_DESK), 0);
    c = decide(c, action_command("chengguan", ACTION_CONTACT, "09:05"));
    assert_int_equal(case_actions_open(&c, ROLE_LEAD),
            1u << ACTION_HANDLE | 1u << ACTION_SUBMIT | 1u << ACTION_REQUEST_RETURN);
}

/* Any sequence of commands: numbers without a gap, no effect without a change, a wake
 * never in vain. */
static void no_sequence_of_commands_breaks_the_invariants(void **state)
{
    (void)state;
    static const char *const units[] = {
            "chengguan", "desk", "zhujian", "lvyuan", "yunhe", "heping", "nobody"};
    static const char *const words[] = {"", "已处理", "现场清理完毕并拍照留存"};
    static const char *const slas[] = {"E2", "N", "Q", ""};
    unsigned seed = 20261120;
    for (int run = 0; run < 400; run++) {
        struct case_state c = {0};
        instant now = china_time("2026-09-30", "16:00");
        for (int step = 0; step < 60; step++) {
            struct case_command command = {
                    .case_id = CASE, .at = {now.ms}, .task = -1, .other = OTHER};
#define PICK(array) array[(unsigned)rand_r(&seed) % (sizeof(array) / sizeof *(array))]
            int roll = rand_r(&seed) % 10;
            command.kind = roll < 6 ? COMMAND_ACTION
                                    : (enum case_command_kind)(
                                              rand_r(&seed) % COMMAND_COUNT);
            command.route = (enum case_route)(rand_r(&seed) % ROUTE_COUNT);
            command.action = (enum case_action)(rand_r(&seed) % ACTION_COUNT);
            command.fingerprint = (uint64_t)(rand_r(&seed) % 50);
            command.words = str_of(PICK(words));
            command.has_contact_record = rand_r(&seed) % 2;
            command.has_photo = rand_r(&seed) % 2;
            command.hops = rand_r(&seed) % 6;
            command.due = rand_r(&seed) % 4 ? c.wake_at : now;
            (void)snprintf(command.unit, sizeof command.unit, "%s", PICK(units));
            (void)snprintf(command.to, sizeof command.to, "%s", PICK(units));
            (void)snprintf(command.lead, sizeof command.lead, "%s", PICK(units));
            (void)snprintf(
                    command.assists[0], sizeof command.assists[0], "%s", PICK(units));
            command.n_assists = rand_r(&seed) % 2;
            (void)snprintf(command.sla, sizeof command.sla, "%s", PICK(slas));
            (void)snprintf(command.category, sizeof command.category, "%s",
                    rand_r(&seed) % 2 ? "010101" : "");
            case_decide(policy, &c, &command, &decision);
            int64_t seq = c.seq;
            for (int i = 0; i < decision.n_effects; i++)
                if (decision.effects[i].kind == EFFECT_EVENT)
                    assert_int_equal(decision.effects[i].seq, ++seq);
            assert_int_equal(decision.after.seq, seq);
            if (!decision.changed)
                assert_memory_equal(&decision.after, &c, sizeof c);
            if (command.kind == COMMAND_WAKE && decision.changed)
                assert_true(decision.after.wake_at.ms != c.wake_at.ms);
            for (int clock = 0; clock < CASE_CLOCK_COUNT; clock++)
                if (decision.after.stage == STAGE_CLOSED)
                    assert_true(!decision.after.clocks[clock].amount ||
                                !instant_is_never(decision.after.clocks[clock].stopped));
            c = decision.after;
            now.ms += (int64_t)(rand_r(&seed) % 36) * 600 * 1000;
#undef PICK
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_dispatch_starts_all_clocks_at_once),
            cmocka_unit_test(not_signing_never_moves_the_handling_deadline),
            cmocka_unit_test(the_same_open_again_changes_nothing_and_is_audited),
            cmocka_unit_test(time_never_goes_back_within_a_case),
            cmocka_unit_test(the_order_of_actions_does_not_matter_in_the_end),
            cmocka_unit_test(a_refused_action_does_not_change_a_byte),
            cmocka_unit_test(
                    a_repeated_action_is_known_by_its_id_even_after_the_unit_lost_the_case),
            cmocka_unit_test(a_result_of_set_phrases_is_no_result),
            cmocka_unit_test(a_master_keeps_thirty_two_members_and_refuses_the_next),
            cmocka_unit_test(two_cases_that_ask_each_other_end_after_some_hops),
            cmocka_unit_test(a_late_wake_tells_everything_it_missed_once),
            cmocka_unit_test(nothing_is_told_before_its_time),
            cmocka_unit_test(a_stale_wake_does_nothing),
            cmocka_unit_test(the_share_used_is_counted_in_the_budgets_own_time),
            cmocka_unit_test(a_weekend_at_the_desk_costs_and_gives_no_office_time),
            cmocka_unit_test(the_budget_granted_survives_a_changed_policy),
            cmocka_unit_test(the_actions_offered_are_those_let_through),
            cmocka_unit_test(no_sequence_of_commands_breaks_the_invariants),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
