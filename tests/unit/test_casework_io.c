#include "case_policy.h"
#include "casework_io.h"
#include "stage_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CASE "n20261121-0123456789abcdef"
#define MEMBER "n20261121-7k3mxq9v2ztb4hfw"

/* One case at the edge of casework: commands go in as bytes, the state is kept as bytes.
 */
struct desk {
    struct arena arena;
    struct case_io io;
    struct case_decision decision;
    struct stage_out *out;
    struct stage_entry entry;
    int64_t offset;
};

static int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    desk->io = (struct case_io){
            .policy = case_policy(),
            .reader = json_reader_open(),
            .topics = {"case.event.v1", "unit.orders.v1", "case.resolution.v1",
                    "case.command.v1", "sla.event.v1", "audit.v1"},
    };
    desk->out = stage_out_new(&desk->arena, "casework");
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;
    json_reader_close(desk->io.reader);
    arena_done(&desk->arena);
    free(desk);
    return 0;
}

static size_t give(struct desk *desk, const char *key, struct str value,
        const struct bus_record **records)
{
    const struct bus_msg msg = {.topic = STR("case.command.v1"),
            .partition = 3,
            .offset = desk->offset++,
            .key = str_of(key),
            .value = value};
    size_t before = desk->out->n;
    stage_out_begin(desk->out, &msg, 0, &desk->entry, (instant){1});
    case_message_decide(&desk->io, &msg, desk->entry.state, &desk->decision, desk->out);
    *records = desk->out->records + before;
    return desk->out->n - before;
}

static bool holds(struct str text, const char *part)
{
    return str_find(text, str_of(part)) < text.len;
}

#define TEXT "\"text\":\"楼道\\u91cc堆了 \\\"沙发\\\"\""
static const char open_text[] =
        "{\"command\":\"open\",\"case\":\"" CASE "\",\"id\":\"" CASE
        ".open\",\"at\":\"2026-11-20T09:00:00.000+08:00\","
        "\"route\":{\"outcome\":\"dispatch\",\"lead\":\"heping\",\"assists\":[\"lvyuan\"]"
        ",\"sla\":\"E2\",\"sla_reason\":\"urgency\",\"rule\":\"D1\",\"policy\":\"test@"
        "1\"},"
        "\"class\":{\"policy\":\"test@1\",\"nature\":\"help\",\"category\":\"010101\","
        "\"category_name\":\"暴露垃圾\",\"urgency\":\"E2\","
        "\"confidence\":0.91,\"evidence\":[{\"rule\":\"r1\",\"words\":[\"堆\"]}]},"
        "\"place\":{\"code\":\"e1\",\"type\":\"estate\",\"name\":\"绿园\",\"found_by\":"
        "\"text\"},"
        "\"complaint\":{\"case\":\"" CASE
        "\",\"source\":\"phone\",\"id\":\"HL-1\",\"channel\":\"phone\"," TEXT
        ",\"about\":{\"unit\":\"zhujian\"}}}";

static void an_open_becomes_events_orders_and_a_state(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    assert_int_equal(give(desk, CASE, str_of(open_text), &records), 4);
    assert_string_equal(records[0].topic, "case.event.v1");
    assert_true(holds(records[0].value, "\"seq\":1,\"kind\":\"opened\""));
    assert_true(holds(records[0].value,
            "\"source\":\"phone\",\"id\":\"HL-1\",\"channel\":\"phone\""));
    assert_true(holds(records[0].value, TEXT));
    assert_true(holds(records[1].value, "\"seq\":2,\"kind\":\"dispatched\""));
    assert_true(holds(records[1].value, "\"sla_reason\":\"urgency\"}"));
    assert_true(holds(records[1].value,
            "{\"clock\":\"sign\",\"due\":\"2026-11-20T09:30:00.000+08:00\"}"));
    assert_string_equal(records[2].topic, "unit.orders.v1");
    assert_true(str_is(records[2].key, "heping"));
    assert_true(holds(records[2].value, "\"id\":\"" CASE ".2.dispatch.heping\""));
    assert_true(holds(records[2].value, "\"order\":\"" CASE ".1\""));
    assert_true(holds(records[2].value,
            "\"unit\":\"heping\",\"queue\":\"yunhe\",\"role\":\"lead\""));
    assert_true(holds(records[2].value, TEXT));
    assert_true(
            holds(records[2].value, "\"actions\":[\"sign\",\"contact\",\"check_in\","
                                    "\"handle\",\"progress\",\"submit\","
                                    "\"request_return\",\"request_extension\",\"request_"
                                    "suspension\",\"request_termination\"]"));
    assert_true(holds(records[3].value, "\"kind\":\"assist\""));
    assert_true(str_is(records[3].key, "lvyuan"));
    assert_true(desk->entry.dirty);
    assert_true(holds(desk->entry.state, TEXT));
    assert_int_equal(desk->entry.due.ms, china_time("2026-11-20", "09:15").ms);
}

static const char homeless_text[] =
        "{\"command\":\"open\",\"case\":\"" CASE "\",\"id\":\"" CASE
        ".open\",\"at\":\"2026-11-20T09:00:00.000+08:00\","
        "\"route\":{\"outcome\":\"needs_human\",\"reason\":\"no_place\","
        "\"policy\":\"test@1\"},"
        "\"class\":{\"nature\":\"help\",\"category\":\"010101\",\"urgency\":\"N\"},"
        "\"place\":{\"found_by\":\"none\",\"match\":\"fuzzy\",\"address\":\"柏树路12号\","
        "\"candidates\":[\"e1\"]},\"complaint\":{\"case\":\"" CASE
        "\",\"source\":\"phone\",\"id\":\"HL-1\",\"channel\":\"phone\"%s," TEXT "}}";

static void the_desk_sees_the_address_and_what_may_be_meant(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    struct str text = arena_printf(&desk->arena, homeless_text, "");
    size_t n = give(desk, CASE, text, &records);
    assert_true(holds(records[n - 1].value, "\"kind\":\"needs_human\""));
    assert_true(holds(records[n - 1].value,
            "\"place\":{\"candidates\":[\"e1\"],\"address\":\"柏树路12号\"}"));
    assert_true(holds(records[n - 1].value, "\"found_by\":\"none\",\"match\":\"fuzzy\""));
}

static void the_given_address_goes_before_the_found_one(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    struct str text = arena_printf(
            &desk->arena, homeless_text, ",\"place\":{\"address\":\"柏树路\"}");
    size_t n = give(desk, CASE, text, &records);
    assert_true(holds(records[n - 1].value,
            "\"place\":{\"candidates\":[\"e1\"],\"address\":\"柏树路\"}"));
}

static const char merge_text[] =
        "{\"command\":\"open\",\"case\":\"" CASE "\",\"id\":\"" CASE
        ".open\",\"at\":\"2026-11-20T09:00:00.000+08:00\","
        "\"route\":{\"outcome\":\"merge\",\"reason\":\"no_place\","
        "\"master\":\"n20261119-7k3mxq9v2ztb4hfw\",\"evidence\":\"same_person\","
        "\"similarity\":0.51,\"policy\":\"test@1\",\"accused\":\"zhujian\"},"
        "\"class\":{\"nature\":\"%s\",\"category\":\"010101\",\"urgency\":\"N\"},"
        "\"place\":{\"found_by\":\"none\"},\"complaint\":{\"case\":\"" CASE
        "\",\"source\":\"phone\",\"id\":\"HL-1\",\"channel\":\"phone\"," TEXT
        ",\"about\":{\"unit\":\"城建\"}}}";

static void an_open_may_ask_another_case_and_says_why_and_who_is_accused(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    struct str text = arena_printf(&desk->arena, merge_text, "complaint");
    assert_int_equal(give(desk, CASE, text, &records), 3);
    assert_true(holds(records[1].value, "\"kind\":\"merge_requested\""));
    assert_true(holds(records[1].value,
            "\"why\":{\"evidence\":\"same_person\",\"similarity\":0.51,"
            "\"policy\":\"test@1\"}"));
    assert_true(holds(records[2].value, "\"command\":\"merge_request\""));
    assert_true(holds(records[2].value, "\"accused\":\"zhujian\",\"hops\":0"));
    assert_true(holds(desk->entry.state, "\"no_lead\":\"no_place\""));
}

static void a_report_asks_no_other_case(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    struct str text = arena_printf(&desk->arena, merge_text, "report");
    (void)give(desk, CASE, text, &records);
    assert_true(holds(records[1].value, "\"kind\":\"needs_human\""));
    assert_true(holds(desk->entry.state, "\"report\":true"));
}

static void a_whistle_learns_whom_the_case_accuses(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    (void)give(desk, CASE, str_of(open_text), &records);
    (void)give(desk, CASE,
            STR("{\"command\":\"whistle_linked\",\"case\":\"" CASE
                "\",\"id\":\"x\",\"at\":\"2026-11-20T09:05:00.000+08:00\","
                "\"whistle\":\"w20261120-0123456789abcdef\",\"type\":\"emergency\","
                "\"unit\":\"yunhe\",\"units\":[\"zhujian\"]}"),
            &records);
    assert_string_equal(records[0].topic, "case.command.v1");
    assert_true(str_is(records[0].key, "w20261120-0123456789abcdef"));
    assert_true(str_is(records[0].value,
            "{\"command\":\"answer\",\"case\":\"w20261120-0123456789abcdef\",\"id\":"
            "\"" CASE ".2.answer.w20261120-0123456789abcdef\",\"at\":\"2026-11-20T09:05:"
            "00.000+08:00"
            "\",\"linked\":\"" CASE "\",\"accused\":[\"zhujian\"]}"));
    assert_true(holds(records[1].value, "whistle_linked"));
}

static void a_state_reads_back_as_it_was_written(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    struct error err = {0};
    (void)give(desk, CASE, str_of(open_text), &records);
    struct case_record record = {0};
    assert_true(case_record_read(
            desk->io.reader, desk->entry.state, &desk->arena, &record, &err));
    assert_memory_equal(
            &record.core, &desk->decision.after, offsetof(struct case_state, members));
    struct case_state *core = &record.core;
    for (int i = 0; i < CASE_MEMBERS_MAX; i++) {
        (void)snprintf(core->members[i].id, CASE_ID_SIZE, "n20261120-%016d", i);
        core->members[i].reporter = i % 3 ? UINT64_MAX - (uint64_t)i : 0;
        core->members[i].at = core->opened;
        if (i % 2)
            (void)snprintf(core->members[i].accused, CASE_UNIT_SIZE, "unit-%d", i);
    }
    core->n_members = CASE_MEMBERS_MAX;
    (void)snprintf(core->claimed_from, sizeof core->claimed_from, "volunteers");
    core->no_return = core->supervised = core->cluster_told = true;
    core->redos = 2;
    core->reopens = core->extensions = core->returns = 1;
    core->suspended_ms = 86400000;
    core->returned_ms = 60000;
    core->reporter = 7;
    core->step = 1;
    core->closed_at = core->changed;
    (void)snprintf(
            core->whistles[core->n_whistles++], CASE_ID_SIZE, "w20261120-%016d", 1);
    core->request = (struct case_request){.kind = REQUEST_SUSPENSION,
            .task = 1,
            .unit = "heping",
            .approver = "desk",
            .amount = 3,
            .until = core->changed};
    core->meeting = (struct case_meeting){
            .convener = "yunhe", .parties = {"heping", "zhujian"}, .n_parties = 2};
    core->n_actions = 40;
    for (int i = 0; i < CASE_ACTIONS_KEPT; i++)
        core->actions[i] = UINT64_MAX - (uint64_t)i;
    core->clocks[0].fired = 80;
    core->clocks[0].stopped = core->changed;
    core->clocks[0].why = PAUSE_SUSPENDED;
    core->clocks[0].stood = 3600000;
    core->clocks[0].extra = 2;
    core->clocks[0].n_pauses = 2;
    core->clocks[0].pauses[0] = (struct case_pause){
            core->opened, core->changed, PAUSE_SUBMITTED};
    core->clocks[0].pauses[1] = (struct case_pause){
            core->opened, core->changed, PAUSE_RETURN};
    core->clocks[core->n_clocks++] = (struct case_clock){.kind = CASE_CLOCK_DESK,
            .amount = 30,
            .unit = UNIT_MINUTE,
            .start = core->opened};
    record.result = STR("清运\"两车\"\n");
    struct case_record again = {0};
    assert_true(case_record_read(desk->io.reader,
            case_record_write(&record, &desk->arena), &desk->arena, &again, &err));
    assert_memory_equal(&again.core, &record.core, sizeof record.core);
    assert_true(str_eq(again.result, record.result));
    assert_true(str_eq(again.open, record.open));
}

static void the_same_input_twice_gives_the_same_bytes(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *first, *second;
    size_t n = give(desk, CASE, str_of(open_text), &first);
    struct str value = first[2].value;
    desk->entry = (struct stage_entry){0};
    assert_int_equal(give(desk, CASE, str_of(open_text), &second), n);
    assert_true(str_eq(second[2].value, value));
}

static void a_refusal_tells_a_stranger_nothing_about_the_matter(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    (void)give(desk, CASE, str_of(open_text), &records);
    static const char
            sign[] = "{\"command\":\"action\",\"case\":\"" CASE
                     "\",\"id\":\"zhujian:a-1\",\"at\":\"2026-11-20T09:05:00.000+08:00\","
                     "\"unit\":\"zhujian\",\"queue\":\"zhujian\",\"by\":\"s-1\","
                     "\"action\":\"sign\",\"order\":\"" CASE ".1\"}";
    assert_int_equal(give(desk, CASE, str_of(sign), &records), 2);
    assert_true(str_is(records[0].key, "zhujian"));
    assert_true(holds(records[0].value, "\"kind\":\"refused\""));
    assert_true(holds(records[0].value,
            "\"action\":\"sign\",\"action_id\":\"a-1\",\"rule\":\"not_your_case\""));
    assert_false(holds(records[0].value, "沙发"));
    assert_false(holds(records[0].value, "绿园"));
    assert_string_equal(records[1].topic, "audit.v1");
    assert_true(holds(records[1].value, "\"id\":\"" CASE ".2.refused.3.1\""));
}

static void a_close_gives_the_result_to_the_publisher_and_to_the_members(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    static const char *const commands[] = {
            open_text,
            "{\"command\":\"merge_request\",\"case\":\"" CASE
            "\",\"id\":\"m\",\"at\":\"2026-11-20T09:05:00+08:00\",\"member\":\"" MEMBER
            "\"}",
            "{\"command\":\"action\",\"case\":\"" CASE
            "\",\"id\":\"heping:2\",\"at\":\"2026-11-20T09:12:00+08:00\",\"unit\":"
            "\"heping\","
            "\"queue\":\"yunhe\",\"by\":\"s\",\"action\":\"submit\",\"order\":\"" CASE
            ".1\",\"result\":\"沙发\\n已搬走\","
            "\"contact_record\":\"09:10 "
            "电话\",\"photos\":[\"https://files.example.org/1.jpg\"]}",
            "{\"command\":\"action\",\"case\":\"" CASE
            "\",\"id\":\"desk:1\",\"at\":\"2026-11-20T10:00:00+08:00\",\"unit\":\"desk\","
            "\"queue\":\"desk\",\"by\":\"z\",\"action\":\"follow_up\",\"order\":\"" CASE
            ".1\",\"valid\":true,\"solved\":true,\"rating\":\"satisfied\"}",
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        n = give(desk, CASE, str_of(commands[i]), &records);
    /* Before them, what the assisting unit was late with by then. */
    assert_true(n >= 8);
    records += n - 8;
    assert_true(holds(records[0].value, "\"kind\":\"approved\""));
    assert_true(holds(records[1].value, "\"kind\":\"followed_up\""));
    assert_true(holds(
            records[1].value, "\"valid\":true,\"solved\":true,\"rating\":\"satisfied\""));
    records += 2;
    assert_true(holds(records[0].value, "\"kind\":\"closed\""));
    assert_true(str_is(records[3].key, "desk"));
    assert_true(
            holds(records[3].value, ".closed.desk\",\"case\":\"" CASE
                                    "\",\"order\":\"" CASE ".1\",\"kind\":\"closed\""));
    assert_false(holds(records[3].value, "沙发"));
    assert_string_equal(records[4].topic, "case.resolution.v1");
    assert_true(holds(records[4].value,
            "\"source\":\"phone\",\"complaint_id\":\"HL-1\",\"outcome\":\"resolved\","
            "\"final\":true,\"result\":\"沙发\\n已搬走\",\"unit\":\"heping\""));
    assert_true(holds(records[4].value,
            "\"used\":{\"sign\":0.40,\"contact\":0.10,\"handle\":0.00}"));
    assert_string_equal(records[5].topic, "case.command.v1");
    assert_true(str_is(records[5].key, MEMBER));
    assert_true(holds(
            records[5].value, "\"command\":\"member_result\",\"case\":\"" MEMBER "\""));
    assert_true(holds(records[5].value, "\"result\":\"沙发\\n已搬走\""));
    assert_true(instant_is_never(desk->entry.due));
}

static void an_accepted_action_says_what_is_due_and_allowed_next(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    (void)give(desk, CASE, str_of(open_text), &records);
    static const char
            sign[] = "{\"command\":\"action\",\"case\":\"" CASE
                     "\",\"id\":\"heping:a-1\",\"at\":\"2026-11-20T09:05:00+08:00\","
                     "\"unit\":\"heping\",\"queue\":\"yunhe\",\"by\":\"s-1\",\"action\":"
                     "\"sign\",\"order\":\"" CASE ".1\"}";
    assert_int_equal(give(desk, CASE, str_of(sign), &records), 2);
    assert_true(str_is(records[1].key, "heping"));
    assert_true(holds(records[1].value, "\"id\":\"" CASE ".3.accepted.heping\""));
    assert_true(holds(records[1].value,
            "\"unit\":\"heping\",\"queue\":\"yunhe\",\"role\":\"lead\",\"action\":"
            "\"sign\",\"action_id\":\"a-1\",\"stage\":\"SIGNED\""));
    assert_false(holds(records[1].value, "\"clock\":\"sign\""));
    assert_true(holds(records[1].value, "\"clock\":\"handle\""));
    assert_true(
            holds(records[1].value, "\"actions\":[\"contact\",\"check_in\",\"handle\","
                                    "\"progress\",\"submit\",\"request_return\","));
    assert_false(holds(records[1].value, "沙发"));
}

static void a_redo_says_when_the_handling_is_due_now(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    static const char *const commands[] = {
            open_text,
            "{\"command\":\"action\",\"case\":\"" CASE
            "\",\"id\":\"heping:2\",\"at\":\"2026-11-20T09:12:00+08:00\",\"unit\":"
            "\"heping\","
            "\"queue\":\"yunhe\",\"by\":\"s\",\"action\":\"submit\",\"order\":\"" CASE
            ".1\",\"result\":\"沙发已搬走\","
            "\"contact_record\":\"09:10 "
            "电话\",\"photos\":[\"https://files.example.org/1.jpg\"]}",
            "{\"command\":\"action\",\"case\":\"" CASE
            "\",\"id\":\"desk:1\",\"at\":\"2026-11-20T10:12:00+08:00\",\"unit\":\"desk\","
            "\"queue\":\"desk\",\"by\":\"z\",\"action\":\"redo\",\"order\":\"" CASE
            ".1\",\"note\":\"三楼还有一张\"}",
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        n = give(desk, CASE, str_of(commands[i]), &records);
    records += n - 3; /* the event, the unit's order, the end of the desk's */
    assert_true(holds(records[0].value, "\"kind\":\"redo\""));
    /* 24 hours from 09:00, and the hour in which the desk had it; signing and calling are
     * done with. */
    assert_true(holds(records[0].value, "\"clocks\":[{\"clock\":\"handle\",\"due\":"
                                        "\"2026-11-21T10:00:00.000+08:00\"}]"));
}

static void a_wake_reminds_the_unit_and_the_watchers(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    (void)give(desk, CASE, str_of(open_text), &records);
    static const char wake[] = "{\"command\":\"wake\",\"case\":\"" CASE
                               "\",\"id\":\"w\",\"at\":\"2026-11-20T09:15:00.100+08:00\","
                               "\"due\":\"2026-11-20T09:15:00.000+08:00\"}";
    /* The lead's clock and the assisting unit's: an event, its copy, and an order each.
     */
    assert_int_equal(give(desk, CASE, str_of(wake), &records), 6);
    assert_true(holds(records[0].value, "\"actor\":{\"service\":\"sla\"}"));
    assert_string_equal(records[1].topic, "sla.event.v1");
    assert_true(str_eq(records[0].value, records[1].value));
    assert_true(holds(records[2].value, "\"kind\":\"remind\""));
    assert_int_equal(desk->entry.due.ms, china_time("2026-11-20", "09:24").ms);
    assert_int_equal(give(desk, CASE, str_of(wake), &records), 0);
}

static void what_cannot_be_understood_is_a_dead_letter(void **state)
{
    struct desk *desk = *state;
    const struct bus_record *records;
    static const char *const bad[] = {
            "nonsense",
            "[]",
            "{\"command\":\"dance\",\"case\":\"" CASE
            "\",\"id\":\"1\",\"at\":\"2026-11-20T09:00:00+08:00\"}",
            "{\"command\":\"open\",\"case\":\"" CASE
            "\",\"id\":\"1\",\"at\":\"2026-11-20T09:00:00+08:00\"}",
            "{\"command\":\"wake\",\"case\":\"" CASE
            "\",\"id\":\"1\",\"at\":\"2026-11-20T09:00:00\",\"due\":\"2026-11-20T09:00:"
            "00+08:00\"}",
            "{\"command\":\"merge_request\",\"case\":\"" CASE
            "\",\"id\":\"1\",\"at\":\"2026-11-20T09:00:00+08:00\",\"member\":\"x\"}",
            "{\"command\":\"wake\",\"case\":\"" MEMBER
            "\",\"id\":\"1\",\"at\":\"2026-11-20T09:00:00+08:00\",\"due\":\"2026-11-"
            "20T09:00:00+08:00\"}",
            "{\"command\":\"action\",\"case\":\"" CASE
            "\",\"id\":\"1\",\"at\":\"2026-11-20T09:00:00+08:00\",\"action\":\"sign\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(give(desk, CASE, str_of(bad[i]), &records), 1);
        assert_string_equal(records[0].topic, "case.command.v1.dlt");
        assert_false(desk->entry.dirty);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    a_whistle_learns_whom_the_case_accuses, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    an_open_becomes_events_orders_and_a_state, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    an_open_may_ask_another_case_and_says_why_and_who_is_accused, setup,
                    teardown),
            cmocka_unit_test_setup_teardown(a_report_asks_no_other_case, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    the_desk_sees_the_address_and_what_may_be_meant, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    the_given_address_goes_before_the_found_one, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    a_state_reads_back_as_it_was_written, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    the_same_input_twice_gives_the_same_bytes, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    a_refusal_tells_a_stranger_nothing_about_the_matter, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    a_close_gives_the_result_to_the_publisher_and_to_the_members, setup,
                    teardown),
            cmocka_unit_test_setup_teardown(
                    an_accepted_action_says_what_is_due_and_allowed_next, setup,
                    teardown),
            cmocka_unit_test_setup_teardown(
                    a_redo_says_when_the_handling_is_due_now, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    a_wake_reminds_the_unit_and_the_watchers, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    what_cannot_be_understood_is_a_dead_letter, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
