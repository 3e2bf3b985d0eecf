/* What holds for every command: repeats, order, who may do what, and what is offered. */
#include "case_fixture.h"
#include "case_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct case_state before;

static void the_same_open_again_changes_nothing_and_is_audited(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    assert_int_equal(fixture_case.stage, STAGE_DISPATCHED);
    assert_int_equal(fixture_case.seq, 2);
    assert_int_equal(fixture_case.lead.number, 1);
    before = fixture_case;
    struct case_command open = fixture_open("zhujian", "N");
    fixture_decide(&open);
    assert_true(fixture_same_as(&before));
    assert_false(fixture_decision.changed);
    assert_int_equal(fixture_decision.n_effects, 1);
    assert_int_equal(fixture_decision.effects[0].kind, EFFECT_REPEAT);
}

static void time_never_goes_back_within_a_case(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    fixture_at("2026-11-20", "08:00");
    fixture_act("chengguan", ACTION_SIGN);
    assert_int_equal(
            fixture_case.lead.signed_at.ms, china_time("2026-11-20", "09:00").ms);
    assert_int_equal(fixture_decision.at.ms, china_time("2026-11-20", "09:00").ms);
}

static void the_order_of_actions_does_not_matter_in_the_end(void **state)
{
    (void)state;
    static const enum case_action orders[][4] = {
            {ACTION_SIGN, ACTION_CONTACT, ACTION_CHECK_IN, ACTION_HANDLE},
            {ACTION_SIGN, ACTION_HANDLE, ACTION_CHECK_IN, ACTION_CONTACT},
            {ACTION_CONTACT, ACTION_SIGN, ACTION_HANDLE, ACTION_CHECK_IN},
            {ACTION_CHECK_IN, ACTION_HANDLE, ACTION_CONTACT, ACTION_SIGN},
            {ACTION_HANDLE, ACTION_CHECK_IN, ACTION_SIGN, ACTION_CONTACT},
            {ACTION_HANDLE, ACTION_CONTACT, ACTION_SIGN, ACTION_CHECK_IN},
    };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        fixture_opened("chengguan", "E1");
        for (int j = 0; j < 4; j++)
            fixture_act("chengguan", orders[i][j]);
        assert_int_equal(fixture_case.stage, STAGE_HANDLING);
        for (int kind = CASE_CLOCK_SIGN; kind <= CASE_CLOCK_ARRIVE; kind++)
            assert_int_equal(fixture_clock((enum case_clock_kind)kind)->stopped.ms,
                    fixture_now().ms);
    }
}

static void a_refused_action_does_not_change_a_byte(void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    before = fixture_case;
    for (int action = ACTION_UNKNOWN; action < ACTION_COUNT; action++) {
        fixture_act("heping", (enum case_action)action);
        assert_false(fixture_decision.changed);
        assert_true(fixture_same_as(&before));
        assert_int_equal(fixture_effects(EFFECT_REFUSED), 1);
    }
}

static void a_repeated_action_is_known_by_its_id_even_after_the_unit_lost_the_case(
        void **state)
{
    (void)state;
    fixture_opened("chengguan", "E2");
    struct case_command request = fixture_action("chengguan", ACTION_REQUEST_RETURN);
    fixture_decide(&request);
    struct case_command dispatch = fixture_action("desk", ACTION_DISPATCH);
    (void)snprintf(dispatch.to, sizeof dispatch.to, "lvyuan");
    fixture_decide(&dispatch);
    assert_string_equal(fixture_case.lead.unit, "lvyuan");
    fixture_decide(&request);
    assert_true(fixture_refused(RULE_ALREADY_DONE));
}

static void a_result_of_set_phrases_is_no_result(void **state)
{
    (void)state;
    static const char *const empty[] = {"", " ", "。", "已处理", "已处理。谢谢！",
            "情况属实，已办结。", "问题已解决，群众满意。"};
    fixture_opened("chengguan", "E2");
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        struct case_command submit = fixture_action("chengguan", ACTION_SUBMIT);
        submit.words = str_of(empty[i]);
        fixture_decide(&submit);
        assert_true(fixture_refused(RULE_NEEDS_RESULT));
    }
    struct case_command submit = fixture_action("chengguan", ACTION_SUBMIT);
    submit.words = STR("已清运建筑垃圾三车");
    fixture_decide(&submit);
    assert_int_equal(fixture_case.stage, STAGE_SUBMITTED);
    assert_true(fixture_decision.keep_result);
}

#define BIT(action) (UINT64_C(1) << ACTION_##action)

static void the_actions_offered_are_those_that_go_on(void **state)
{
    (void)state;
    uint64_t requests = BIT(REQUEST_RETURN) | BIT(REQUEST_EXTENSION) |
                        BIT(REQUEST_SUSPENSION) | BIT(REQUEST_TERMINATION);
    fixture_opened("chengguan", "E2");
    assert_int_equal(case_actions_open(&fixture_case, ROLE_LEAD, 1),
            BIT(SIGN) | BIT(CONTACT) | BIT(CHECK_IN) | BIT(HANDLE) | BIT(PROGRESS) |
                    BIT(SUBMIT) | requests);
    assert_int_equal(case_actions_open(&fixture_case, ROLE_LEAD, 2), 0);
    assert_int_equal(case_actions_open(&fixture_case, ROLE_NOBODY, 1), 0);
    assert_int_equal(case_actions_open(&fixture_case, ROLE_DESK, 1),
            BIT(ADD_ASSIST) | BIT(CONVENE));
    fixture_act("chengguan", ACTION_CONTACT);
    fixture_act("chengguan", ACTION_REQUEST_RETURN);
    assert_int_equal(case_actions_open(&fixture_case, ROLE_LEAD, 1),
            BIT(CHECK_IN) | BIT(HANDLE) | BIT(PROGRESS));
    assert_int_equal(case_actions_open(&fixture_case, ROLE_DESK, 1),
            BIT(DISPATCH) | BIT(REFUSE) | BIT(ADD_ASSIST) | BIT(CONVENE));
    fixture_act("desk", ACTION_REFUSE);
    fixture_act("chengguan", ACTION_REQUEST_EXTENSION);
    assert_int_equal(case_actions_open(&fixture_case, ROLE_DESK, 1),
            BIT(GRANT) | BIT(REFUSE) | BIT(ADD_ASSIST) | BIT(CONVENE));
    assert_int_equal(case_actions_open(&fixture_case, ROLE_LEAD, 1),
            BIT(CHECK_IN) | BIT(HANDLE) | BIT(PROGRESS) | BIT(SUBMIT));
}

static void an_assist_goes_on_while_the_lead_wants_to_return(void **state)
{
    (void)state;
    struct case_command open = fixture_open("chengguan", "E2");
    (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "gongdian");
    fixture_decide(&open);
    fixture_act("chengguan", ACTION_REQUEST_RETURN);
    assert_true(case_actions_open(&fixture_case, ROLE_ASSIST, 2) & BIT(SUBMIT));
    fixture_act("gongdian", ACTION_SUBMIT);
    assert_int_equal(fixture_events(EVENT_ASSIST_DONE), 1);
    assert_int_equal(fixture_case.stage, STAGE_RETURN_REQUESTED);
}

static void while_the_desk_looks_at_it_no_unit_loses_time(void **state)
{
    (void)state;
    struct case_command open = fixture_open("chengguan", "E2");
    (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "gongdian");
    fixture_decide(&open);
    fixture_act("chengguan", ACTION_SUBMIT);
    for (int i = 0; i < fixture_case.n_clocks; i++)
        assert_true(fixture_case.clocks[i].task == CASE_DESK_TASK ||
                    !instant_is_never(fixture_case.clocks[i].stopped));
    fixture_at("2026-11-20", "10:00");
    fixture_act("desk", ACTION_REDO);
    assert_true(fixture_due(
            case_clock_find(&fixture_case, CASE_CLOCK_SIGN, 2), "2026-11-20", "10:30"));
    assert_true(fixture_due(
            case_clock_find(&fixture_case, CASE_CLOCK_HANDLE, 2), "2026-11-21", "10:00"));
}

static void a_meeting_leaves_the_request_of_an_assist_alone(void **state)
{
    (void)state;
    struct case_command open = fixture_open("chengguan", "N");
    (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "gongdian");
    fixture_decide(&open);
    fixture_act("gongdian", ACTION_REQUEST_RETURN);
    fixture_act("yunhe", ACTION_CONVENE);
    struct case_command decided = fixture_action("yunhe", ACTION_DECIDE);
    (void)snprintf(decided.to, sizeof decided.to, "chengguan");
    fixture_decide(&decided);
    assert_int_equal(fixture_events(EVENT_DECIDED), 1);
    assert_true(fixture_case.no_return);
    assert_int_equal(fixture_case.request.kind, REQUEST_RETURN);
    assert_int_equal(fixture_case.request.task, 2);
}

static void who_leads_now_assists_no_more_and_asks_for_nothing(void **state)
{
    (void)state;
    struct case_command open = fixture_open("chengguan", "N");
    (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "chengguan");
    (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "gongdian");
    fixture_decide(&open);
    assert_int_equal(fixture_case.n_assists, 1); /* never told, so nothing is withdrawn */
    assert_int_equal(fixture_orders(ORDER_WITHDRAW, "chengguan"), 0);
    fixture_act("gongdian", ACTION_REQUEST_RETURN);
    fixture_act("yunhe", ACTION_CONVENE);
    struct case_command decided = fixture_action("yunhe", ACTION_DECIDE);
    (void)snprintf(decided.to, sizeof decided.to, "gongdian");
    fixture_decide(&decided);
    assert_int_equal(fixture_case.n_assists, 0);
    assert_int_equal(fixture_case.request.kind, REQUEST_NONE);
    assert_int_equal(fixture_orders(ORDER_CLOSED, "desk"), 1);
    assert_null(case_clock_find(&fixture_case, CASE_CLOCK_HANDLE, 2));
}

/* Whoever hears of a request, a refusal or a grant hears what it was about, and whose. */
static void what_is_said_of_a_request_names_it(void **state)
{
    (void)state;
    static const struct {
        enum case_action action;
        enum case_request_kind kind;
        enum case_event asked, refused, granted;
    } rows[] = {
            {ACTION_REQUEST_EXTENSION, REQUEST_EXTENSION, EVENT_EXTENSION_REQUESTED,
                    EVENT_EXTENSION_REFUSED, EVENT_EXTENDED},
            {ACTION_REQUEST_SUSPENSION, REQUEST_SUSPENSION, EVENT_SUSPENSION_REQUESTED,
                    EVENT_SUSPENSION_REFUSED, EVENT_SUSPENDED},
            {ACTION_REQUEST_TERMINATION, REQUEST_TERMINATION, EVENT_TERMINATION_REQUESTED,
                    EVENT_TERMINATION_REFUSED, EVENT_COUNT},
            {ACTION_REQUEST_RETURN, REQUEST_RETURN, EVENT_RETURN_REQUESTED,
                    EVENT_RETURN_REFUSED, EVENT_COUNT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fixture_opened("chengguan", "N");
        enum case_action steps[] = {
                rows[i].action, ACTION_REFUSE, rows[i].action, ACTION_GRANT};
        enum case_event events[] = {
                rows[i].asked, rows[i].refused, rows[i].asked, rows[i].granted};
        for (int j = 0; j < 4 && events[j] != EVENT_COUNT; j++) {
            if (rows[i].kind == REQUEST_RETURN && j == 2)
                break; /* the second return is disputed */
            fixture_act(j % 2 ? "desk" : "chengguan", steps[j]);
            const struct case_effect *event = &fixture_decision.effects[0];
            assert_int_equal(event->event, events[j]);
            assert_int_equal(event->request, rows[i].kind);
            assert_int_equal(event->task, 1);
            assert_string_equal(event->unit, "chengguan");
        }
    }
}

static void an_assist_hears_that_its_request_has_no_object_any_more(void **state)
{
    (void)state;
    struct case_command open = fixture_open("chengguan", "N");
    (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "gongdian");
    fixture_decide(&open);
    fixture_act("gongdian", ACTION_REQUEST_RETURN);
    fixture_act("chengguan", ACTION_SUBMIT);
    assert_int_equal(fixture_case.stage, STAGE_SUBMITTED);
    assert_int_equal(fixture_events(EVENT_RETURN_REFUSED), 1);
    assert_int_equal(fixture_decision.effects[0].task, 2);
    assert_string_equal(fixture_decision.effects[0].reason, "submitted");
    assert_int_equal(fixture_orders(ORDER_REQUEST_REFUSED, "gongdian"), 1);
    assert_int_equal(fixture_orders(ORDER_CLOSED, "desk"), 1);
    assert_int_equal(fixture_case.request.kind, REQUEST_NONE);
}

static struct case_command decision_of(
        const char *unit, enum case_action action, const char *to)
{
    struct case_command command = fixture_action(unit, action);
    (void)snprintf(command.to, sizeof command.to, "%s", to);
    return command;
}

static void a_meeting_ends_what_the_former_lead_asked_for(void **state)
{
    (void)state;
    static const char *const owners[] = {"chengguan", "lvyuan"};
    for (int i = 0; i < 2; i++) {
        fixture_opened("chengguan", "N");
        fixture_act("chengguan", ACTION_REQUEST_EXTENSION);
        fixture_act("yunhe", ACTION_CONVENE);
        struct case_command decided = decision_of("yunhe", ACTION_DECIDE, owners[i]);
        fixture_decide(&decided);
        assert_string_equal(fixture_case.lead.unit, owners[i]);
        /* Its own request waits on while it stays the owner. */
        assert_int_equal(
                fixture_case.request.kind, i == 0 ? REQUEST_EXTENSION : REQUEST_NONE);
        assert_int_equal(fixture_orders(ORDER_CLOSED, "desk"), i);
    }
}

static void a_ruling_may_correct_the_category_and_resets_the_count(void **state)
{
    (void)state;
    fixture_policy.handling.returns_max = 0;
    fixture_opened("chengguan", "E2");
    fixture_act("chengguan", ACTION_REQUEST_RETURN);
    assert_int_equal(fixture_case.returns, 1);
    struct case_command rule = decision_of("desk", ACTION_RULE, "zhujian");
    (void)snprintf(rule.category, sizeof rule.category, "999999");
    fixture_decide(&rule);
    assert_true(fixture_refused(RULE_NEEDS_CATEGORY));
    (void)snprintf(rule.category, sizeof rule.category, "020101");
    fixture_decide(&rule);
    assert_string_equal(fixture_case.category, "020101");
    assert_string_equal(fixture_case.sla, "Q");
    assert_int_equal(fixture_case.returns, 0);
    assert_true(fixture_case.no_return);
}

/* Whoever it accuses, and whether it exists or was linked before: the whistle waits. */
static void a_whistle_that_asks_is_always_answered(void **state)
{
    (void)state;
    struct case_command ask = {.kind = COMMAND_WHISTLE_LINKED, .at = fixture_now()};
    (void)snprintf(ask.other, sizeof ask.other, "w20261120-0123456789abcdef");
    struct case_command open = fixture_open("chengguan", "N");
    (void)snprintf(open.accused, sizeof open.accused, "heping");
    (void)snprintf(ask.case_id, sizeof ask.case_id, "%s", open.case_id);
    (void)snprintf(ask.summoned[0], sizeof ask.summoned[0], "zhujian");
    (void)snprintf(ask.summoned[1], sizeof ask.summoned[1], "heping");
    ask.n_summoned = 2;
    for (int i = 0; i < 3; i++) {
        fixture_decide(&ask);
        assert_int_equal(fixture_effects(EFFECT_WHISTLE_ANSWER), 1);
        const struct case_effect *answer = &fixture_decision.effects[0];
        assert_string_equal(answer->other, ask.other);
        assert_int_equal(answer->accused, i ? 2 : 0);
        assert_int_equal(fixture_effects(EFFECT_EVENT), i == 1);
        if (i == 0)
            fixture_decide(&open);
    }
}

/* heping stands under yunhe, lvyuan under heping, gongdian reads the queue of lvyuan;
 * everybody stands under the district. */
static void a_whistle_hears_who_answers_to_the_accused(void **state)
{
    static const struct {
        const char *accused;
        uint32_t kept_away;
    } cases[] = {{"yunhe", 23}, {"heping", 19}, {"lvyuan", 17}, {"gongdian", 16},
            {"chengguan", 8}, {"district", 0}, {"some firm", 0}};
    static const char *const summoned[] = {
            "lvyuan", "heping", "yunhe", "chengguan", "gongdian"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)fixture_start(state);
        for (size_t u = 0; u < fixture_policy.n_units; u++)
            if (strcmp(fixture_policy.units[u].code, "gongdian") == 0)
                fixture_policy.units[u].queue = policy_unit(
                        &fixture_policy, STR("lvyuan"));
        struct case_command open = fixture_open("zhujian", "N");
        (void)snprintf(open.accused, sizeof open.accused, "%s", cases[i].accused);
        fixture_decide(&open);
        struct case_command ask = fixture_command(COMMAND_WHISTLE_LINKED);
        (void)snprintf(ask.other, sizeof ask.other, "w20261120-0123456789abcdef");
        for (; ask.n_summoned < 5; ask.n_summoned++)
            (void)snprintf(ask.summoned[ask.n_summoned], CASE_UNIT_SIZE, "%s",
                    summoned[ask.n_summoned]);
        fixture_decide(&ask);
        assert_int_equal(fixture_decision.effects[0].accused, cases[i].kept_away);
    }
}

static void the_route_brings_only_assists_that_may(void **state)
{
    (void)state;
    static const char *const units[] = {"nobody", "gongdian", "heping"};
    struct case_command open = fixture_open("chengguan", "N");
    (void)snprintf(open.accused, sizeof open.accused, "heping");
    for (int i = 0; i < 3; i++)
        (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "%s", units[i]);
    open.mandatory_assists = 1u << 1;
    fixture_decide(&open);
    assert_int_equal(fixture_case.n_assists, 1);
    assert_string_equal(fixture_case.assists[0].unit, "gongdian");
    assert_true(fixture_case.assists[0].mandatory);
}

static void another_class_begins_with_its_first_step(void **state)
{
    (void)state;
    fixture_opened("gongdian", "water-burst");
    struct case_command done = fixture_action("gongdian", ACTION_COMPLETE_STEP);
    (void)snprintf(done.step, sizeof done.step, "enclose");
    fixture_decide(&done);
    assert_int_equal(fixture_case.step, 1);
    fixture_act("gongdian", ACTION_REQUEST_RETURN);
    struct case_command dispatch = decision_of("desk", ACTION_DISPATCH, "zhujian");
    (void)snprintf(dispatch.category, sizeof dispatch.category, "020101");
    fixture_decide(&dispatch);
    assert_string_equal(fixture_case.sla, "Q");
    assert_string_equal(fixture_case.category, "020101");
    assert_int_equal(fixture_case.step, 0);
    assert_null(fixture_clock(CASE_CLOCK_STEP));
}

/* ---- any sequence of commands ---- */

static unsigned seed;

static int below(int n)
{
    return (int)((unsigned)rand_r(&seed) % (unsigned)n);
}

static bool toss(void)
{
    return below(2) == 1;
}

#define PICK(array) (array)[below((int)(sizeof(array) / sizeof *(array)))]

static struct case_command any_command(instant now)
{
    static const char *const units[] = {"chengguan", "desk", "zhujian", "lvyuan", "yunhe",
            "heping", "district", "gongdian", "nobody", "volunteers"};
    static const char *const words[] = {
            "", "已处理", "现场清理完毕并拍照留存", "情况复杂，需第三方配合"};
    static const char *const classes[] = {"E1", "E2", "N", "Q", "water-burst", ""};
    static const char *const codes[] = {
            "not_our_duty", "weather", "legacy_issue", "withdrawn", "no"};
    struct case_command command = {.case_id = CASE_ONE, .at = now, .task = -1};
    int roll = below(10);
    command.kind = roll < 7 ? COMMAND_ACTION
                            : (enum case_command_kind)below(COMMAND_COUNT);
    command.route = (enum case_route)below(ROUTE_COUNT);
    command.action = (enum case_action)below(ACTION_COUNT);
    command.fingerprint = (uint64_t)below(500);
    command.words = str_of(PICK(words));
    command.has_contact_record = command.has_photo = command.has_head = toss();
    command.has_evidence = command.has_attendees = command.has_basis = toss();
    command.valid = toss(), command.solved = toss();
    command.rating = (enum case_rating)below(RATING_COUNT);
    command.hops = below(6);
    command.amount = below(4);
    command.until = (instant){now.ms + (int64_t)below(20) * 86400000};
    command.n_parties = below(3);
    command.due = below(4) ? fixture_case.wake_at : now;
    (void)snprintf(command.other, sizeof command.other, "%s", toss() ? CASE_TWO : "");
    (void)snprintf(command.unit, sizeof command.unit, "%s",
            below(3) ? PICK(units) : fixture_case.lead.unit);
    (void)snprintf(command.to, sizeof command.to, "%s", PICK(units));
    (void)snprintf(command.lead, sizeof command.lead, "%s", PICK(units));
    command.n_assists = below(3);
    command.mandatory_assists = (unsigned)below(4);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(command.assists[i], CASE_UNIT_SIZE, "%s", PICK(units));
        (void)snprintf(command.parties[i], CASE_UNIT_SIZE, "%s", PICK(units));
    }
    (void)snprintf(command.sla, sizeof command.sla, "%s", PICK(classes));
    (void)snprintf(command.reason_code, sizeof command.reason_code, "%s", PICK(codes));
    (void)snprintf(
            command.category, sizeof command.category, "%s", below(3) ? "010101" : "");
    return command;
}

/* What the lead or the desk might well do next. */
static struct case_command likely_command(instant now)
{
    static const char *const units[] = {"chengguan", "lvyuan", "volunteers", "yunhe"};
    struct case_command command = fixture_action(toss() ? "desk" : fixture_case.lead.unit,
            (enum case_action)below(ACTION_COUNT));
    command.at = now;
    command.until = (instant){now.ms + 86400000};
    command.solved = toss();
    (void)snprintf(command.to, sizeof command.to, "%s", PICK(units));
    return command;
}

/* Events without a gap, no effect without a change, a wake never in vain, one owner, and
 * nothing runs when it is over. */
static void no_sequence_of_commands_breaks_the_invariants(void **state)
{
    (void)state;
    seed = 20261120;
    int stages = 0;
    for (int run = 0; run < 1500; run++) {
        (void)fixture_start(NULL);
        instant now = china_time("2026-09-30", "16:00");
        for (int step = 0; step < 80; step++) {
            struct case_command command = toss() ? any_command(now) : likely_command(now);
            before = fixture_case;
            fixture_decide(&command);
            int64_t seq = before.seq;
            enum case_stage stage = before.stage;
            for (int i = 0; i < fixture_decision.n_effects; i++)
                if (fixture_decision.effects[i].kind == EFFECT_EVENT) {
                    assert_int_equal(fixture_decision.effects[i].seq, ++seq);
                    assert_int_equal(fixture_decision.effects[i].from, stage);
                    stage = fixture_decision.effects[i].to;
                }
            assert_int_equal(fixture_case.stage, stage);
            assert_int_equal(fixture_case.seq, seq);
            if (!fixture_decision.changed)
                assert_true(fixture_same_as(&before));
            if (command.kind == COMMAND_WAKE && fixture_decision.changed)
                assert_true(fixture_case.wake_at.ms != before.wake_at.ms);
            bool over = fixture_case.stage == STAGE_CLOSED;
            for (int i = 0; i < fixture_case.n_clocks; i++)
                assert_true(!over || !instant_is_never(fixture_case.clocks[i].stopped));
            assert_true(!over || fixture_case.request.kind == REQUEST_NONE);
            assert_true(!over || !fixture_case.meeting.convener[0]);
            assert_true((fixture_case.request.kind != REQUEST_NONE) <=
                        (strcmp(fixture_case.request.unit,
                                 fixture_case.request.approver) != 0));
            for (int i = 0; i < fixture_case.n_assists; i++)
                assert_true(fixture_case.assists[i].number == 0 ||
                            strcmp(fixture_case.assists[i].unit,
                                    fixture_case.lead.unit) != 0);
            stages |= 1 << fixture_case.stage;
            now.ms += (int64_t)below(36) * 600 * 1000;
        }
    }
    assert_int_equal(stages, (1 << STAGE_COUNT) - 1); /* every stage was reached */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(
                    the_same_open_again_changes_nothing_and_is_audited, fixture_start),
            cmocka_unit_test_setup(time_never_goes_back_within_a_case, fixture_start),
            cmocka_unit_test_setup(
                    the_order_of_actions_does_not_matter_in_the_end, fixture_start),
            cmocka_unit_test_setup(
                    a_refused_action_does_not_change_a_byte, fixture_start),
            cmocka_unit_test_setup(
                    a_repeated_action_is_known_by_its_id_even_after_the_unit_lost_the_case,
                    fixture_start),
            cmocka_unit_test_setup(a_result_of_set_phrases_is_no_result, fixture_start),
            cmocka_unit_test_setup(
                    the_actions_offered_are_those_that_go_on, fixture_start),
            cmocka_unit_test_setup(
                    an_assist_goes_on_while_the_lead_wants_to_return, fixture_start),
            cmocka_unit_test_setup(
                    while_the_desk_looks_at_it_no_unit_loses_time, fixture_start),
            cmocka_unit_test_setup(
                    a_meeting_leaves_the_request_of_an_assist_alone, fixture_start),
            cmocka_unit_test_setup(
                    who_leads_now_assists_no_more_and_asks_for_nothing, fixture_start),
            cmocka_unit_test_setup(what_is_said_of_a_request_names_it, fixture_start),
            cmocka_unit_test_setup(
                    an_assist_hears_that_its_request_has_no_object_any_more,
                    fixture_start),
            cmocka_unit_test_setup(
                    a_meeting_ends_what_the_former_lead_asked_for, fixture_start),
            cmocka_unit_test_setup(a_ruling_may_correct_the_category_and_resets_the_count,
                    fixture_start),
            cmocka_unit_test_setup(a_whistle_that_asks_is_always_answered, fixture_start),
            cmocka_unit_test_setup(
                    a_whistle_hears_who_answers_to_the_accused, fixture_start),
            cmocka_unit_test_setup(the_route_brings_only_assists_that_may, fixture_start),
            cmocka_unit_test_setup(
                    another_class_begins_with_its_first_step, fixture_start),
            cmocka_unit_test_setup(
                    no_sequence_of_commands_breaks_the_invariants, fixture_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
