/* Points accounts and recurring orders at the edge of casework: commands go in as bytes,
 * the state is kept as bytes. Under the sample policy. */
#include "ids.h"
#include "ledger_io.h"
#include "stage_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define FIRM "account:pm-jiahe"
#define PATROL "schedule:patrol-lugang"
#define CASE "n20261121-0123456789abcdef"

struct desk {
    struct arena arena;
    struct policy *policy;
    struct ledger_io io;
    struct account_decision account_decision;
    struct schedule_decision schedule_decision;
    struct stage_out *out;
    struct stage_entry entry;
    const struct bus_record *records; /* of the last command */
    size_t n;
    int64_t offset;
};

static int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    struct error err = {0};
    if (!policy_load(&desk->policy, SOURCE_DIR "/policy", (instant){1795222800000}, NULL,
                &err))
        fail_msg("%s", err.text);
    desk->io = (struct ledger_io){
            .policy = desk->policy,
            .reader = json_reader_open(),
            .event_topic = "case.event.v1",
            .order_topic = "unit.orders.v1",
            .command_topic = "case.command.v1",
            .audit_topic = "audit.v1",
            .account_topic = "case.command.v1",
    };
    desk->out = stage_out_new(&desk->arena, "casework");
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;
    json_reader_close(desk->io.reader);
    policy_free(desk->policy);
    arena_done(&desk->arena);
    free(desk);
    return 0;
}

static size_t give(struct desk *desk, const char *key, const char *value)
{
    const struct bus_msg msg = {.topic = STR("case.command.v1"),
            .partition = 3,
            .offset = desk->offset++,
            .key = str_of(key),
            .value = str_of(value)};
    size_t before = desk->out->n;
    stage_out_begin(desk->out, &msg, 0, &desk->entry, (instant){1});
    if (account_key_valid(msg.key))
        account_message_decide(
                &desk->io, &msg, desk->entry.state, &desk->account_decision, desk->out);
    else
        schedule_message_decide(
                &desk->io, &msg, desk->entry.state, &desk->schedule_decision, desk->out);
    desk->records = desk->out->records + before;
    desk->n = desk->out->n - before;
    return desk->n;
}

static void assert_holds(struct str text, const char *part)
{
    if (str_find(text, str_of(part)) == text.len)
        fail_msg("no %s in %.*s", part, STR_ARG(text));
}

static void assert_dead(
        struct desk *desk, const char *key, const char *value, const char *code)
{
    assert_int_equal(give(desk, key, value), 1);
    for (size_t i = 0; i < desk->records[0].n_headers; i++)
        if (str_is(desk->records[0].headers[i].name, "x-error-code")) {
            if (!str_is(desk->records[0].headers[i].value, code))
                fail_msg("%s gives %.*s", value,
                        STR_ARG(desk->records[0].headers[i].value));
            return;
        }
    fail_msg("%s is no dead letter", value);
}

static const char points_text[] =
        "{\"command\":\"points\",\"case\":\"" FIRM "\",\"id\":\"" CASE
        ".9.breach.points.wy-handle-late\",\"at\":\"2026-11-21T09:00:00+08:00\","
        "\"ledger\":\"property_credit\",\"rule\":\"wy-handle-late\",\"points\":-3,"
        "\"event\":\"" CASE ".9.breach\",\"of\":\"" CASE
        "\",\"expires\":\"2027-11-22T00:00:00+08:00\"}";

static void points_become_an_event_an_order_and_a_state(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(give(desk, FIRM, points_text), 2);
    assert_string_equal(desk->records[0].topic, "case.event.v1");
    assert_true(str_is(desk->records[0].key, FIRM));
    struct str event = desk->records[0].value, order = desk->records[1].value;
    assert_holds(event, "\"case\":\"" FIRM "\",\"seq\":1,\"kind\":\"points_given\"");
    assert_holds(event, "\"rule\":\"wy-handle-late\",\"title\":\"办理超期\"");
    assert_holds(event, "\"event\":\"" CASE ".9.breach\",\"case\":\"" CASE "\"");
    assert_holds(event, "\"entry\":\"" FIRM ".1\",\"points\":-3,\"status\":\"standing\"");
    assert_holds(event, "\"balance\":87,\"grade\":\"A\"");
    assert_string_equal(desk->records[1].topic, "unit.orders.v1");
    assert_true(str_is(desk->records[1].key, "pm-jiahe"));
    assert_holds(order, "\"order\":\"" FIRM ".1\",\"kind\":\"points\"");
    assert_holds(order, "\"actions\":[\"appeal\"]");
    assert_true(desk->entry.dirty);
    assert_holds(desk->entry.state, "\"balance\":87");
    assert_int_equal(desk->entry.due.ms, 1826812800000); /* 2027-11-22T00:00+08:00 */
    assert_int_equal(give(desk, FIRM, points_text), 0);  /* again */
}

static void a_state_reads_back_as_it_was_written(void **state)
{
    struct desk *desk = *state;
    struct error err = {0};
    struct account_state account = {.seq = 7, .numbered = 100, .grade = "4A"}, again;
    (void)strcpy(account.holder, "pm-jiahe");
    account.wake_at.ms = 1826812800000;
    for (int i = 0; i < ACCOUNT_ENTRIES_MAX; i++) {
        struct account_entry entry = {.number = i + 1,
                .rule = "wy-redo",
                .event = CASE ".4.redo",
                .points = -2,
                .left = i % 2 ? -2 : 0,
                .at = {1795222800000 + i},
                .expires = {i % 3 ? 1826812800000 : 0},
                .veto = i % 5 == 0,
                .status = (enum account_status)(i % ACCOUNT_STATUS_COUNT)};
        account.entries[account.n_entries++] = entry;
    }
    for (int i = 0; i < ACCOUNT_FOLDS_MAX; i++)
        account.folds[account.n_folds++] = (struct account_fold){
                {i ? 1826812800000 + i : 0}, i - 5, i + 1, i < 5, i == 3};
    for (int i = 0; i < ACCOUNT_CAPS_MAX; i++)
        account.caps[account.n_caps++] = (struct account_cap){"r", 20261121, i, i + 1};
    account.n_known = 1000;
    for (int i = 0; i < ACCOUNT_KNOWN; i++)
        account.known[i] = UINT64_MAX - (uint64_t)i;
    struct str text = account_state_write(desk->policy, &account, &desk->arena);
    if (!account_state_read(desk->io.reader, text, &desk->arena, &again, &err))
        fail_msg("%s: %.*s", err.text, STR_ARG(text));
    assert_memory_equal(&again, &account, sizeof again);
}

static void an_appeal_goes_to_the_desk_and_comes_back(void **state)
{
    struct desk *desk = *state;
    (void)give(desk, FIRM, points_text);
    assert_int_equal(
            give(desk, FIRM,
                    "{\"command\":\"action\",\"case\":\"" FIRM
                    "\",\"id\":\"pm-jiahe:a1\",\"at\":\"2026-11-23T09:00:00+08:00\","
                    "\"unit\":\"pm-jiahe\",\"queue\":\"pm-jiahe\",\"by\":\"w1\","
                    "\"action\":\"appeal\",\"order\":\"" FIRM ".1\",\"reason\":"
                    "\"停电所致\",\"evidence\":[\"s3://x/1.jpg\"]}"),
            3);
    assert_holds(desk->records[0].value, "\"kind\":\"points_appealed\"");
    assert_holds(desk->records[0].value, "\"evidence\":[\"s3://x/1.jpg\"]");
    assert_holds(desk->records[1].value, "\"kind\":\"appeal\"");
    assert_holds(desk->records[1].value, "\"unit\":\"hotline\"");
    assert_holds(
            desk->records[1].value, "\"actions\":[\"uphold_appeal\",\"reject_appeal\"]");
    assert_holds(desk->records[2].value, "\"action_id\":\"a1\"");
    assert_int_equal(
            give(desk, FIRM,
                    "{\"command\":\"action\",\"case\":\"" FIRM
                    "\",\"id\":\"hotline:b1\",\"at\":\"2026-11-24T09:00:00+08:00\","
                    "\"unit\":\"hotline\",\"queue\":\"hotline\",\"by\":\"d1\","
                    "\"action\":\"uphold_appeal\",\"order\":\"" FIRM
                    ".1\",\"note\":\"属实\"}"),
            4);
    assert_holds(desk->records[0].value, "\"kind\":\"appeal_upheld\"");
    assert_holds(desk->records[0].value, "\"balance\":90");
    assert_holds(desk->records[1].value, "\"kind\":\"appeal_decided\"");
    assert_holds(desk->records[1].value, "\"note\":\"属实\"");
    assert_holds(desk->records[2].value, "\"kind\":\"closed\"");
    assert_true(str_find(desk->entry.state, STR("\"left\"")) == desk->entry.state.len);
}

static void a_unit_that_is_not_valid_yet_cannot_act(void **state)
{
    struct desk *desk = *state;
    (void)give(desk, FIRM, points_text);
    assert_int_equal(
            give(desk, FIRM,
                    "{\"command\":\"action\",\"case\":\"" FIRM
                    "\",\"id\":\"pm-jiahe:a1\",\"at\":\"2016-12-31T09:00:00+08:00\","
                    "\"unit\":\"pm-jiahe\",\"queue\":\"pm-jiahe\",\"by\":\"w1\","
                    "\"action\":\"appeal\",\"order\":\"" FIRM
                    ".1\",\"reason\":\"x\",\"evidence\":\"x\"}"),
            2);
    assert_holds(desk->records[0].value, "\"rule\":\"unknown_unit\"");
}

/* The policy has moved the holder to another ledger since the points were given. */
static void points_of_another_ledger_change_nothing(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(
            give(desk, FIRM,
                    "{\"command\":\"points\",\"case\":\"" FIRM
                    "\",\"id\":\"i\",\"at\":\"2026-11-21T09:00:00+08:00\",\"ledger\":"
                    "\"party\",\"rule\":\"dw-absent\",\"points\":-5,\"event\":\"e\"}"),
            0);
    assert_false(desk->entry.dirty);
}

static void a_refusal_names_its_rule_to_the_unit_and_the_audit(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(
            give(desk, FIRM,
                    "{\"command\":\"action\",\"case\":\"" FIRM
                    "\",\"id\":\"pm-jiahe:a1\",\"at\":\"2026-11-23T09:00:00+08:00\","
                    "\"unit\":\"pm-jiahe\",\"queue\":\"pm-jiahe\",\"by\":\"w1\","
                    "\"action\":\"appeal\",\"order\":\"" FIRM ".1\",\"reason\":\"x\"}"),
            2);
    assert_string_equal(desk->records[0].topic, "audit.v1");
    assert_holds(desk->records[0].value, "\"kind\":\"refused\"");
    assert_holds(desk->records[0].value, "\"id\":\"" FIRM ".0.refused.3.0\"");
    assert_holds(desk->records[1].value, "\"rule\":\"no_account\"");
    assert_holds(desk->records[1].value, "没有这个积分账户");
    assert_false(desk->entry.dirty);
}

static void what_cannot_be_understood_is_a_dead_letter(void **state)
{
    struct desk *desk = *state;
#define HEAD(key)                                                                        \
    "{\"case\":\"" key "\",\"id\":\"i\",\"at\":\"2026-11-21T09:00:00+08:00\","
    assert_dead(desk, FIRM, "{", "bad_json");
    assert_dead(desk, FIRM, HEAD(FIRM) "\"command\":\"open\"}", "unknown_value");
    assert_dead(desk, FIRM, HEAD(FIRM) "\"command\":\"wake\"}", "missing_field");
    assert_dead(desk, FIRM, HEAD(FIRM) "\"command\":\"points\"}", "missing_field");
    assert_dead(desk, FIRM, HEAD(FIRM) "\"command\":\"action\"}", "missing_field");
    assert_dead(desk, FIRM, HEAD("account:") "\"command\":\"wake\"}", "bad_value");
    assert_dead(desk, FIRM, HEAD(FIRM) "\"command\":\"points\",\"points\":2000000}",
            "bad_value");
    assert_dead(desk, FIRM,
            HEAD("account:pm-x") "\"command\":\"wake\","
                                 "\"due\":\"2026-11-21T09:00:00+08:00\"}",
            "wrong_key");
    assert_dead(desk, PATROL, HEAD(PATROL) "\"command\":\"wake\"}", "missing_field");
    assert_dead(
            desk, PATROL, HEAD("schedule:X") "\"command\":\"schedule\"}", "bad_value");
    assert_dead(desk, PATROL, HEAD("schedule:other") "\"command\":\"schedule\"}",
            "wrong_key");
#undef HEAD
}

static void a_schedule_opens_the_case_of_its_day(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(give(desk, PATROL,
                             "{\"command\":\"schedule\",\"case\":\"" PATROL
                             "\",\"id\":\"s\",\"at\":\"2026-11-21T09:00:00+08:00\"}"),
            1);
    assert_holds(desk->records[0].value, "\"kind\":\"schedule_started\"");
    assert_holds(desk->records[0].value, "\"next\":\"2026-11-25T09:00:00.000+08:00\"");
    static const char wake[] = "{\"command\":\"wake\",\"case\":\"" PATROL
                               "\",\"id\":\"w\",\"at\":\"2026-11-25T09:00:01+08:00\","
                               "\"due\":\"2026-11-25T09:00:00+08:00\"}";
    assert_int_equal(give(desk, PATROL, wake), 2);
    assert_holds(desk->records[0].value, "\"kind\":\"schedule_opened\"");
    struct str open = desk->records[1].value;
    assert_string_equal(desk->records[1].topic, "case.command.v1");
    assert_true(case_id_valid(desk->records[1].key));
    assert_true(str_starts(desk->records[1].key, STR("n20261125-")));
    assert_holds(open, "\"command\":\"open\"");
    assert_holds(open, "\"outcome\":\"dispatch\",\"lead\":\"street-lugang\"");
    assert_holds(open, "\"rule\":\"" PATROL "\"");
    assert_holds(open, "\"found_by\":\"schedule\"");
    assert_holds(open, "\"path\":[\"329901\",\"329901001\"]");
    assert_holds(open,
            "\"source\":\"chuishao/schedule\",\"id\":\"patrol-lugang/2026-11-25\","
            "\"channel\":\"schedule\"");
    char first[CASE_ID_SIZE];
    assert_true(str_copy(first, sizeof first, desk->records[1].key));
    assert_int_equal(give(desk, PATROL, wake), 0);
    /* A time that was opened is not opened again, also by a clock that went back. */
    assert_int_equal(give(desk, PATROL,
                             "{\"command\":\"schedule\",\"case\":\"" PATROL
                             "\",\"id\":\"s\",\"at\":\"2026-11-25T08:00:00+08:00\"}"),
            0);
    struct schedule_state kept = {0}, again;
    struct error err = {0};
    assert_true(schedule_state_read(
            desk->io.reader, desk->entry.state, &desk->arena, &kept, &err));
    assert_memory_equal(&kept, &desk->schedule_decision.after, sizeof kept);
    assert_true(schedule_state_read(desk->io.reader,
            schedule_state_write(&kept, &desk->arena), &desk->arena, &again, &err));
    assert_memory_equal(&kept, &again, sizeof kept);
    /* An empty state, as after a lost topic, opens the same case for the same day. */
    desk->entry.state = (struct str){0};
    (void)give(desk, PATROL,
            "{\"command\":\"schedule\",\"case\":\"" PATROL
            "\",\"id\":\"s\",\"at\":\"2026-11-25T08:00:00+08:00\"}");
    assert_int_equal(give(desk, PATROL, wake), 2);
    assert_true(str_is(desk->records[1].key, first));
}

static void a_lead_that_has_ceased_leaves_it_to_the_desk(void **state)
{
    struct desk *desk = *state;
    for (size_t i = 0; i < desk->policy->n_units; i++)
        if (strcmp(desk->policy->units[i].code, "street-lugang") == 0 ||
                strcmp(desk->policy->units[i].code, "xiaofang") == 0)
            desk->policy->units[i].valid_to = (instant){1795222800000};
    (void)give(desk, PATROL,
            "{\"command\":\"schedule\",\"case\":\"" PATROL
            "\",\"id\":\"s\",\"at\":\"2026-11-21T09:00:00+08:00\"}");
    (void)give(desk, PATROL,
            "{\"command\":\"wake\",\"case\":\"" PATROL
            "\",\"id\":\"w\",\"at\":\"2026-11-25T09:00:01+08:00\","
            "\"due\":\"2026-11-25T09:00:00+08:00\"}");
    assert_holds(desk->records[1].value,
            "\"outcome\":\"needs_human\",\"reason\":\"owner_not_valid\"");
    assert_holds(desk->records[1].value, "\"assists\":[\"chengguan\",\"zhujian\"]");
}

static void an_event_sends_points_to_those_it_is_about(void **state)
{
    struct desk *desk = *state;
    const struct points_context context = {.lead = STR("pm-jiahe"),
            .pool = STR("pool-fengcai"),
            .category = STR("010101")};
    static const char breach[] = "{\"case\":\"" CASE "\",\"seq\":9,\"kind\":\"breach\","
                                 "\"at\":\"2026-11-21T09:00:00+08:00\",\"new\":{\"unit\":"
                                 "\"pm-lvting\",\"clock\":\"handle\",\"percent\":100}}";
    static const char closed[] = "{\"case\":\"" CASE "\",\"seq\":12,\"kind\":\"closed\","
                                 "\"at\":\"2026-11-21T09:00:00+08:00\",\"new\":{"
                                 "\"outcome\":\"resolved\",\"used\":{\"handle\":0.5}}}";
    static const char
            follow_up[] = "{\"case\":\"" CASE "\",\"seq\":11,\"kind\":\"followed_up\","
                          "\"at\":\"2026-11-21T09:00:00+08:00\",\"new\":{\"valid\":true,"
                          "\"solved\":true,\"rating\":\"satisfied\"}}";
    const struct bus_msg msg = {.topic = STR("case.command.v1"), .key = STR(CASE)};
    stage_out_begin(desk->out, &msg, 0, &desk->entry, (instant){1});
    points_out(&desk->io, "breach", STR(CASE ".9.breach"), str_of(breach), &context,
            desk->out);
    points_out(&desk->io, "closed", STR(CASE ".12.closed"), str_of(closed), &context,
            desk->out);
    points_out(&desk->io, "followed_up", STR(CASE ".11.followed_up"), str_of(follow_up),
            &context, desk->out);
    points_out(&desk->io, "signed", STR(CASE ".3.signed"), STR("no event at all"),
            &context, desk->out);
    /* A department has no credit, and what an event does not say fits no rule. */
    points_out(&desk->io, "breach", STR("e"),
            STR("{\"case\":\"c\",\"at\":\"2026-11-21T09:00:00+08:00\",\"new\":{\"unit\":"
                "\"chengguan\",\"clock\":\"handle\"}}"),
            &context, desk->out);
    points_out(&desk->io, "closed", STR("e"),
            STR("{\"case\":\"c\",\"at\":\"2026-11-21T09:00:00+08:00\",\"new\":{"
                "\"outcome\":\"resolved\"}}"),
            &context, desk->out);
    assert_int_equal(desk->out->n, 5);
    const struct bus_record *records = desk->out->records;
    assert_true(str_is(records[2].key, "account:pool-fengcai"));
    assert_holds(records[2].value, "\"id\":\"" CASE ".12.closed.points.zy-done\"");
    assert_true(str_is(records[0].key, "account:pm-lvting"));
    assert_holds(records[0].value, "\"id\":\"" CASE ".9.breach.points.wy-handle-late\"");
    assert_holds(records[0].value, "\"expires\":\"2027-11-2");
    assert_true(str_is(records[1].key, FIRM));
    assert_holds(records[1].value, "\"rule\":\"wy-closed-early\",\"points\":1");
    assert_holds(records[3].value, "\"rule\":\"wy-satisfied\"");
    /* What is sent is understood. */
    char text[1024];
    assert_true(str_copy(text, sizeof text, records[3].value));
    assert_int_equal(give(desk, FIRM, text), 2);
    assert_holds(desk->records[0].value, "\"balance\":92");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
            TEST(points_become_an_event_an_order_and_a_state),
            TEST(a_state_reads_back_as_it_was_written),
            TEST(an_appeal_goes_to_the_desk_and_comes_back),
            TEST(a_refusal_names_its_rule_to_the_unit_and_the_audit),
            TEST(what_cannot_be_understood_is_a_dead_letter),
            TEST(a_schedule_opens_the_case_of_its_day),
            TEST(a_unit_that_is_not_valid_yet_cannot_act),
            TEST(points_of_another_ledger_change_nothing),
            TEST(a_lead_that_has_ceased_leaves_it_to_the_desk),
            TEST(an_event_sends_points_to_those_it_is_about),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
