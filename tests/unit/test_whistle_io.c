#include "case_policy.h"
#include "stage_out.h"
#include "whistle_io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WHISTLE "w20261120-0123456789abcdef"
#define CASE "n20261120-0123456789abcdef"

/* One whistle at the edge of casework: commands go in as bytes, the state is kept as
 * bytes. */
struct street {
    struct arena arena;
    struct case_io io;
    struct stage_out *out;
    struct stage_entry entry;
    const struct bus_record *records;
    size_t n;
    int64_t offset;
};

static int setup(void **state)
{
    struct street *street = calloc(1, sizeof *street);
    street->io = (struct case_io){
            .policy = case_policy(),
            .reader = json_reader_open(),
            .topics = {"case.event.v1", "unit.orders.v1", "case.resolution.v1",
                    "case.command.v1", "sla.event.v1", "audit.v1"},
    };
    street->out = stage_out_new(&street->arena, "casework");
    *state = street;
    return 0;
}

static int teardown(void **state)
{
    struct street *street = *state;
    json_reader_close(street->io.reader);
    arena_done(&street->arena);
    free(street);
    return 0;
}

static void give(struct street *street, const char *key, const char *value)
{
    const struct bus_msg msg = {.topic = STR("case.command.v1"),
            .partition = 3,
            .offset = street->offset++,
            .key = str_of(key),
            .value = str_of(value)};
    size_t before = street->out->n;
    street->entry.dirty = false;
    stage_out_begin(street->out, &msg, 0, &street->entry, (instant){1});
    whistle_message_decide(&street->io, &msg, street->entry.state, street->out);
    street->records = street->out->records + before;
    street->n = street->out->n - before;
}

static bool holds(struct str text, const char *part)
{
    return str_find(text, str_of(part)) < text.len;
}

/* The first record of that topic that has the part. */
static const struct bus_record *find(
        const struct street *street, const char *topic, const char *part)
{
    for (size_t i = 0; i < street->n; i++)
        if (strcmp(street->records[i].topic, topic) == 0 &&
                holds(street->records[i].value, part))
            return &street->records[i];
    fail_msg("no record of %s has %s", topic, part);
    return NULL;
}

static const struct bus_record *order_to(
        const struct street *street, const char *kind, const char *unit)
{
    char part[96];
    (void)snprintf(part, sizeof part, "%s.%s\"", kind, unit);
    const struct bus_record *order = find(street, "unit.orders.v1", part);
    assert_true(str_is(order->key, unit));
    return order;
}

static void assert_dead(const struct street *street, const char *code)
{
    assert_int_equal(street->n, 1);
    assert_string_equal(street->records[0].topic, "case.command.v1.dlt");
    for (size_t i = 0; i < street->records[0].n_headers; i++)
        if (str_is(street->records[0].headers[i].name, "x-error-code"))
            assert_true(str_is(street->records[0].headers[i].value, code));
    assert_false(street->entry.dirty);
}

#define HEAD(id, at, unit)                                                               \
    "{\"command\":\"action\",\"case\":\"" WHISTLE "\",\"id\":\"" unit ":" id             \
    "\",\"at\":\"2026-11-20T" at ":00.000+08:00\",\"unit\":\"" unit                      \
    "\",\"queue\":\"" unit "\",\"by\":\"s-07\","
static const char issue[] = HEAD("w-1", "10:00",
        "taihu") "\"action\":\"whistle\",\"order\":\"" WHISTLE
                 ".1\",\"type\":\"emergency\",\"place\":\"e-jinhe\",\"cases\":[\"" CASE
                 "\"],\"text\":\"主管 "
                 "\\\"爆裂\\\"\",\"summon\":[{\"unit\":\"zhongdui\",\"must\":true},"
                 "{\"unit\":\"gongan\",\"must\":false}]}";
static const char check_in[] = HEAD(
        "c-1", "10:20", "zhongdui") "\"action\":\"check_in\",\"order\":\"" WHISTLE
                                    ".2\",\"where\":\"北门\",\"lon\":120.5,\"lat\":31.25,"
                                    "\"photos\":[\"https://x/1\"],"
                                    "\"claimed_at\":\"2026-11-20T10:05:00.000+08:00\"}";

static const char answer[] = "{\"command\":\"answer\",\"case\":\"" WHISTLE
                             "\",\"id\":\"" CASE ".2.answer." WHISTLE
                             "\",\"at\":\"2026-11-20T10:00:00.000+08:00\","
                             "\"linked\":\"" CASE "\"}";

static const char *wake_at(const char *time)
{
    static char text[256];
    (void)snprintf(text, sizeof text,
            "{\"command\":\"wake\",\"case\":\"" WHISTLE
            "\",\"id\":\"x\",\"at\":\"2026-11-"
            "20T%s:00.000+08:00\",\"due\":\"2026-11-20T%s:00.000+08:00\"}",
            time, time);
    return text;
}

static void a_whistle_becomes_an_event_orders_a_command_and_a_state(void **state)
{
    struct street *street = *state;
    give(street, WHISTLE, issue);
    assert_int_equal(street->n, 4);
    const struct str event = find(street, "case.event.v1", "\"seq\":1")->value;
    assert_true(holds(event, "\"case\":\"" WHISTLE "\",\"seq\":1,\"kind\":\"whistle_"
                             "issued\",\"at\":\"2026-11-20T10:00:00.000+08:00\",\"actor"
                             "\":{\"unit\":\"taihu\",\"by\":\"s-07\"}"));
    assert_true(holds(event,
            "\"new\":{\"stage\":\"ISSUED\",\"type\":\"emergency\",\"unit\":\"taihu\","
            "\"place\":{\"code\":\"e-jinhe\",\"type\":\"estate\",\"name\":\"金禾苑\"},"
            "\"cases\":[\"" CASE
            "\"],\"text\":\"主管 \\\"爆裂\\\"\",\"units\":[{\"unit\":"
            "\"zhongdui\",\"role\":\"must\"},{\"unit\":\"gongan\",\"role\":\"assist\"}],"
            "\"clocks\":[{\"clock\":\"check_in\",\"due\":\"2026-11-20T10:30:00.000+08:00"
            "\"}]}"));
    const struct str own = order_to(street, "whistle", "taihu")->value;
    assert_true(holds(own, "\"order\":\"" WHISTLE ".1\""));
    assert_true(holds(own, "\"role\":\"issuer\""));
    assert_true(holds(own, "\"actions\":[\"finish\"]}"));
    const struct bus_record *command = find(street, "case.command.v1", "whistle_linked");
    assert_true(str_is(command->key, CASE));
    assert_true(str_is(command->value,
            "{\"command\":\"whistle_linked\",\"case\":\"" CASE "\",\"id\":\"" WHISTLE
            ".1.whistle_linked." CASE "\",\"at\":\"2026-11-20T10:00:00.000+08:00\","
            "\"whistle\":\"" WHISTLE "\",\"type\":\"emergency\",\"unit\":\"taihu\","
            "\"units\":[\"zhongdui\",\"gongan\"]}"));
    const struct str accepted = order_to(street, "accepted", "taihu")->value;
    assert_true(holds(accepted, "\"order\":\"" WHISTLE ".1\",\"kind\":\"accepted\""));
    assert_true(holds(accepted,
            "\"role\":\"issuer\",\"action\":\"whistle\",\"action_id\":\"w-1\",\"stage\":"
            "\"ISSUED\",\"clocks\":[{\"clock\":\"check_in\""));
    assert_false(holds(accepted, "爆裂"));
    assert_true(street->entry.dirty);
    assert_int_equal(street->entry.due.ms, china_time("2026-11-20", "10:15").ms);
}

static void nobody_is_summoned_before_the_cases_have_answered(void **state)
{
    struct street *street = *state;
    give(street, WHISTLE, issue);
    give(street, WHISTLE, answer);
    assert_int_equal(street->n, 2);
    const struct str order = order_to(street, "whistle", "zhongdui")->value;
    assert_true(
            holds(order, "{\"id\":\"" WHISTLE ".1.whistle.zhongdui\",\"case\":\"" WHISTLE
                         "\",\"order\":\"" WHISTLE ".2\",\"kind\":\"whistle\""));
    assert_true(holds(order,
            "\"unit\":\"zhongdui\",\"queue\":\"zhongdui\",\"role\":\"must\",\"type\":"
            "\"emergency\",\"text\":\"主管 \\\"爆裂\\\"\",\"place\":{"));
    assert_true(holds(order, "\"why\":{\"unit\":\"taihu\",\"policy\":\"test@"));
    assert_true(holds(order, "\"actions\":[\"check_in\",\"absent_reason\"]}"));
    assert_true(
            holds(order_to(street, "whistle", "gongan")->value, "\"role\":\"assist\""));
    give(street, WHISTLE, answer);
    assert_int_equal(street->n, 0);
    assert_false(street->entry.dirty);
}

static void a_recused_unit_leaves_an_event_with_the_reason_and_no_order(void **state)
{
    struct street *street = *state;
    char text[512];
    give(street, WHISTLE, issue);
    (void)snprintf(text, sizeof text, "%.*s,\"accused\":[\"zhongdui\"]}",
            (int)strlen(answer) - 1, answer);
    give(street, WHISTLE, text);
    assert_int_equal(street->n, 3);
    const struct str event = find(street, "case.event.v1", "whistle_released")->value;
    assert_true(holds(event, "\"actor\":{\"service\":\"casework\"},\"why\":{\"reason\":"
                             "\"unit_accused\"},\"new\":{\"type\":\"emergency\","
                             "\"unit\":\"zhongdui\""));
    assert_true(holds(order_to(street, "withdraw", "taihu")->value,
            "\"why\":{\"unit\":\"zhongdui\",\"reason\":\"unit_accused\"}"));
    (void)order_to(street, "whistle", "gongan");
}

static void a_check_in_says_apart_what_we_know_and_what_the_unit_claims(void **state)
{
    struct street *street = *state;
    give(street, WHISTLE, issue);
    give(street, WHISTLE, check_in);
    const struct str event = find(street, "case.event.v1", "whistle_checked_in")->value;
    assert_true(holds(event, "\"at\":\"2026-11-20T10:20:00.000+08:00\""));
    assert_true(holds(event,
            "\"new\":{\"type\":\"emergency\",\"unit\":\"zhongdui\",\"role\":\"must\","
            "\"order\":\"" WHISTLE ".2\",\"late\":false,\"minutes\":20,\"due\":\"2026-11-"
            "20T10:30:00.000+08:00\",\"where\":\"北门\",\"lon\":120.5,\"lat\":31.25,"
            "\"photos\":[\"https://x/1\"],\"claimed_at\":\"2026-11-20T10:05:00.000+08:00"
            "\"}"));
    assert_true(holds(order_to(street, "checked_in", "taihu")->value,
            "\"why\":{\"unit\":\"zhongdui\",\"late\":false,\"where\":\"北门\"}"));
    assert_true(holds(order_to(street, "accepted", "zhongdui")->value, "\"clocks\":[],"));
}

static void an_absence_is_told_in_both_topics_and_to_three(void **state)
{
    struct street *street = *state;
    give(street, WHISTLE, issue);
    give(street, WHISTLE, wake_at("10:15"));
    assert_true(holds(find(street, "sla.event.v1", "gongan")->value,
            "\"kind\":\"reminder\",\"at\":\"2026-11-20T10:15:00.000+08:00\",\"actor\":{"
            "\"service\":\"sla\"}"));
    give(street, WHISTLE, wake_at("10:24"));
    give(street, WHISTLE, wake_at("10:30"));
    const struct bus_record *event = find(street, "case.event.v1", "zhongdui"),
                            *again = find(street, "sla.event.v1", "zhongdui");
    assert_true(str_eq(event->value, again->value));
    assert_true(holds(event->value,
            "\"kind\":\"whistle_absent\",\"at\":\"2026-11-20T10:30:00.000+08:00\""));
    assert_true(holds(event->value, "\"clock\":\"check_in\",\"percent\":100,\"due\":"));
    (void)order_to(street, "absent", "zhongdui");
    assert_true(holds(
            order_to(street, "absent", "chengguan")->value, "\"role\":\"supervisor\""));
    assert_true(holds(order_to(street, "absent", "taihu")->value,
            "\"why\":{\"unit\":\"zhongdui\",\"clock\":\"check_in\",\"percent\":100,"));
    give(street, WHISTLE, wake_at("10:45"));
    assert_true(holds(find(street, "case.event.v1", "escalated")->value,
            "\"percent\":100,\"after\":{\"amount\":15,\"unit\":\"minute\"}"));
    assert_int_equal(street->entry.due.ms, 0);
}

/* Told with somebody's action, it is not what that unit did. */
static void an_absence_is_nobodys_act(void **state)
{
    struct street *street = *state;
    give(street, WHISTLE, issue);
    give(street, WHISTLE,
            HEAD("f-1", "10:31", "taihu") "\"action\":\"finish\",\"order\":\"" WHISTLE
                                          ".1\",\"note\":\"已止水\"}");
    const struct str event = find(street, "case.event.v1", "whistle_absent")->value;
    assert_true(holds(event, "\"actor\":{\"service\":\"casework\"},\"why\":{}"));
    assert_true(holds(find(street, "case.event.v1", "whistle_finished")->value,
            "\"actor\":{\"unit\":\"taihu\",\"by\":\"s-07\"}"));
}

static void every_word_of_a_dispute_and_of_the_end_arrives(void **state)
{
    struct street *street = *state;
    give(street, WHISTLE, issue);
    give(street, WHISTLE, answer);
    give(street, WHISTLE, check_in);
    give(street, WHISTLE,
            HEAD("d-1", "10:21", "zhongdui") "\"action\":\"dispute\",\"order\":\"" WHISTLE
                                             ".2\",\"reason\":\"不是市政管\"}");
    assert_true(holds(find(street, "case.event.v1", "whistle_disputed")->value,
            "\"why\":{\"reason\":\"不是市政管\"}"));
    assert_true(holds(order_to(street, "dispute", "district")->value,
            "\"why\":{\"unit\":\"zhongdui\",\"reason\":\"不是市政管\"},\"actions\":["
            "\"release\",\"keep\"]}"));
    give(street, WHISTLE,
            HEAD("r-1", "10:22",
                    "taihu") "\"action\":\"release\",\"order\":\"" WHISTLE
                             ".1\",\"to\":\"zhongdui\",\"note\":\"改由水司\"}");
    assert_true(holds(order_to(street, "withdraw", "zhongdui")->value,
            "\"why\":{\"unit\":\"zhongdui\",\"note\":\"改由水司\"},\"actions\":[]}"));
    (void)order_to(street, "closed", "district");
    give(street, WHISTLE,
            HEAD("f-1", "10:29", "taihu") "\"action\":\"finish\",\"order\":\"" WHISTLE
                                          ".1\",\"note\":\"已止水\"}");
    assert_true(holds(find(street, "case.event.v1", "whistle_finished")->value,
            "\"why\":{\"note\":\"已止水\"},\"old\":{\"stage\":\"ISSUED\"},\"new\":{"
            "\"stage\":\"FINISHED\""));
    assert_true(holds(order_to(street, "closed", "gongan")->value,
            "\"clocks\":[],\"why\":{\"unit\":\"gongan\",\"note\":\"已止水\"},\"actions\":"
            "["
            "\"score\"]}"));
    assert_true(str_is(find(street, "case.command.v1", "whistle_finished")->key, CASE));
    give(street, WHISTLE,
            HEAD("s-1", "11:00",
                    "taihu") "\"action\":\"score\",\"order\":\"" WHISTLE
                             ".1\",\"to\":\"gongan\",\"score\":4,\"reason\":\"秩序好\"}");
    assert_true(holds(find(street, "case.event.v1", "whistle_scored")->value,
            "\"unit\":\"gongan\",\"role\":\"assist\",\"order\":\"" WHISTLE
            ".3\",\"score\":4}"));
    assert_true(holds(order_to(street, "scored", "gongan")->value,
            "\"score\":4,\"reason\":\"秩序好\",\"by\":\"taihu\"}"));
    give(street, WHISTLE,
            HEAD("s-2", "11:00", "gongan") "\"action\":\"score\",\"order\":\"" WHISTLE
                                           ".3\",\"score\":5,\"reason\":\"有序\"}");
    assert_true(holds(find(street, "case.event.v1", "whistle_scored")->value,
            "\"unit\":\"taihu\",\"role\":\"issuer\""));
}

static void a_refusal_names_its_rule_and_leaves_no_state(void **state)
{
    struct street *street = *state;
    give(street, WHISTLE, check_in);
    assert_int_equal(street->n, 2);
    const struct bus_record *order = find(street, "unit.orders.v1", "refused");
    assert_true(str_is(order->key, "zhongdui"));
    assert_true(holds(
            order->value, "{\"id\":\"" WHISTLE ".0.refused.zhongdui.3.0\",\"case\":"));
    assert_true(holds(order->value,
            "\"action\":\"check_in\",\"action_id\":\"c-1\",\"rule\":\"no_such_whistle\","
            "\"text\":\"没有这个哨单，请核对哨单号\",\"actions\":[]}"));
    assert_true(str_is(find(street, "audit.v1", "")->value,
            "{\"id\":\"" WHISTLE ".0.refused.3.0\",\"at\":\"2026-11-20T10:20:00.000+08:00"
            "\",\"kind\":\"refused\",\"case\":\"" WHISTLE
            "\",\"actor\":{\"unit\":\"zhongdui\",\"by\":\"s-07\"},\"rule\":\"no_such_"
            "whistle\",\"text\":\"没有这个哨单，请核对哨单号\"}"));
    assert_false(street->entry.dirty);
}

static void what_cannot_be_read_is_a_dead_letter(void **state)
{
    struct street *street = *state;
    give(street, CASE, issue);
    assert_dead(street, "wrong_key");
    give(street, WHISTLE, "{");
    assert_dead(street, "bad_json");
    give(street, WHISTLE,
            "{\"command\":\"open\",\"case\":\"" WHISTLE
            "\",\"id\":\"x\",\"at\":\"2026-11-20T10:00:00Z\"}");
    assert_dead(street, "unknown_value");
    give(street, WHISTLE,
            "{\"command\":\"wake\",\"case\":\"" WHISTLE
            "\",\"id\":\"x\",\"at\":\"2026-11-20T10:00:00Z\"}");
    assert_dead(street, "missing_field");
    give(street, CASE,
            "{\"command\":\"wake\",\"case\":\"" CASE
            "\",\"id\":\"x\",\"at\":\"2026-11-20T10:00:00Z\"}");
    assert_dead(street, "bad_value");
    street->entry.state = STR("{\"v\":1}");
    give(street, WHISTLE, issue);
    assert_dead(street, "missing_field");
}

static void a_state_reads_back_as_it_was_written(void **state)
{
    struct street *street = *state;
    struct whistle_record record, again;
    struct error err = {0};
    give(street, WHISTLE, issue);
    assert_true(whistle_record_read(
            street->io.reader, street->entry.state, &street->arena, &record, &err));
    assert_true(str_is(record.text, "主管 \"爆裂\""));
    struct whistle_state *core = &record.core;
    core->stage = WHISTLE_FINISHED;
    core->finished_at = core->due;
    core->unanswered = 0xfffff;
    core->held = true;
    core->n_units = WHISTLE_UNITS_MAX;
    for (int i = 0; i < WHISTLE_UNITS_MAX; i++) {
        struct whistle_unit *unit = &core->units[i];
        *unit = (struct whistle_unit){0};
        (void)snprintf(unit->unit, sizeof unit->unit, "u-%d", i);
        unit->must = i % 2;
        unit->dispute = (enum whistle_dispute)(i % WHISTLE_DISPUTE_COUNT);
        unit->arrived_at = (instant){i % 3 ? core->due.ms + i : 0};
        unit->absent_at = (instant){i % 5 ? core->due.ms : 0};
        unit->explained = i % 4 == 1;
        unit->fired = i * 7;
        unit->score = i % 6;
        unit->score_of_issuer = 5 - i % 6;
    }
    for (int i = 0; i < WHISTLE_ACTIONS_KEPT; i++)
        core->actions[i] = UINT64_MAX - (uint64_t)i;
    core->n_actions = 3 * WHISTLE_ACTIONS_KEPT + 1;
    assert_true(whistle_record_read(street->io.reader,
            whistle_record_write(&record, &street->arena), &street->arena, &again, &err));
    assert_memory_equal(&record.core, &again.core, sizeof record.core);
    assert_true(str_eq(record.text, again.text));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(a_whistle_becomes_an_event_orders_a_command_and_a_state),
            TEST(nobody_is_summoned_before_the_cases_have_answered),
            TEST(a_recused_unit_leaves_an_event_with_the_reason_and_no_order),
            TEST(a_check_in_says_apart_what_we_know_and_what_the_unit_claims),
            TEST(an_absence_is_told_in_both_topics_and_to_three),
            TEST(an_absence_is_nobodys_act),
            TEST(every_word_of_a_dispute_and_of_the_end_arrives),
            TEST(a_refusal_names_its_rule_and_leaves_no_state),
            TEST(what_cannot_be_read_is_a_dead_letter),
            TEST(a_state_reads_back_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
