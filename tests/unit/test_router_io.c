#include "json.h"
#include "router_io.h"
#include "stage_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static const instant now = {1795222860000}; /* 2026-11-21T09:01:00+08:00 */

static struct unit units[] = {
        {.code = "cg",
                .name = "云溪区城市管理局",
                .short_name = "城管",
                .type = UNIT_TYPE_DEPARTMENT,
                .queue = &units[0]},
        {.code = "wy",
                .name = "安居物业",
                .short_name = "安居",
                .type = UNIT_TYPE_PROPERTY,
                .queue = &units[1]},
};
static struct place places[] = {{.code = "p-a",
        .name = "柳岸花园",
        .type = PLACE_TYPE_ESTATE,
        .property = &units[1]}};
static struct sla_class classes[] = {
        {.name = "E1", .budgets = {[CLOCK_HANDLE] = {2, UNIT_HOUR}}},
        {.name = "N"},
};
static struct category categories[] = {
        {.code = "010101", .name = "保洁差", .urgency = URGENCY_N, .sla = &classes[1]}};
static struct catalogue_row rows[] = {
        {.id = "c1",
                .category = &categories[0],
                .category_prefix = "010101",
                .place_type = PLACE_TYPE_ESTATE,
                .needs_place = true,
                .lead = {.role = LEAD_PROPERTY},
                .assists = {{.unit = &units[0], .mandatory = true}},
                .n_assists = 1,
                .precedence = 10},
        {.id = "c2",
                .category = &categories[0],
                .category_prefix = "010101",
                .place_type = -1,
                .needs_place = true,
                .lead = {.unit = &units[0]},
                .precedence = 20},
};
static const struct policy policy = {
        .version = "small@0123456789ab",
        .confidence_min = 40,
        .merge_window_hours = 72,
        .merge_similarity = 60,
        .merge_similarity_same_person = 45,
        .units = units,
        .n_units = 2,
        .places = places,
        .n_places = 1,
        .categories = categories,
        .n_categories = 1,
        .catalogue = rows,
        .n_catalogue = 2,
        .sla_classes = classes,
        .n_sla_classes = 2,
};

static struct router *router;
static struct json_reader *reader;
static struct arena arena;
static struct stage_out *out;
static struct stage_entry entry;

static int open_all(void **state)
{
    (void)state;
    router = router_open(&policy, "");
    reader = json_reader_open();
    out = stage_out_new(&arena, "router");
    entry = (struct stage_entry){0};
    return router && reader ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    router_close(router);
    json_reader_close(reader);
    arena_done(&arena);
    return 0;
}

/* Spaces and an escape show that the bytes are passed on as they came. */
#define CLASS                                                                            \
    "{\"policy\":\"p@1\", "                                                              \
    "\"nature\":\"complaint\",\"category\":\"010101\",\"urgency\":\"N\",\"confidence\":" \
    "0.8,\"evidence\":[]}"
#define PLACE                                                                            \
    "{\"code\":\"p-a\",\"type\":\"estate\" "                                             \
    ",\"name\":\"柳岸花园\",\"found_by\":\"text\"}"
#define COMPLAINT(id, text)                                                              \
    "{\"case\":\"" id "\",\"source\":\"app\",\"id\":\"1\",\"channel\":\"app\","          \
    "\"reported_at\":\"2026-11-21T09:00:00+08:00\",\"received_at\":\"2026-11-21T09:00:"  \
    "01+08:00\","                                                                        \
    "\"text\":\"" text                                                                   \
    "\", \"reporter\":{\"token\":\"t1\"},\"about\":{\"unit\":\"\\u4e0d\"}}"
#define ONE "n20261121-0123456789abcdef"
#define TWO "n20261121-7k3mxq9v2ztb4hfw"
#define DIRTY "三号楼的楼道已经半个月没有人打扫了,到处都是垃圾"
#define MESSAGE(id, class, place, complaint)                                             \
    "{\"case\":\"" id "\",\"class\":" class ",\"place\":" place                          \
                                            ",\"complaint\":" complaint "}"

static const struct bus_record *decide(const char *key, const char *value, size_t *n)
{
    static struct bus_msg msg;
    msg = (struct bus_msg){.topic = STR("complaint.classified.v1"),
            .key = str_of(key),
            .value = str_of(value),
            .offset = 5};
    stage_out_reset(out);
    stage_out_begin(out, &msg, 0, &entry, now);
    entry.dirty = false;
    router_decide_message(router, &msg, entry.state, now, out);
    const struct bus_record *records;
    *n = stage_out_records(out, &records);
    return records;
}

static void assert_text(struct str actual, const char *expected)
{
    if (!str_is(actual, expected))
        fail_msg("\n%.*s\n!=\n%s", STR_ARG(actual), expected);
}

static void a_complaint_becomes_an_open_command_and_is_listed(void **state)
{
    (void)state;
    size_t n;
    const struct bus_record *record = decide(
            "p-a", MESSAGE(ONE, CLASS, PLACE, COMPLAINT(ONE, DIRTY)), &n);
    assert_int_equal(n, 1);
    assert_string_equal(record->topic, "case.command.v1");
    assert_text(record->key, ONE);
    assert_text(record->value,
            "{\"command\":\"open\",\"case\":\"" ONE "\",\"id\":\"" ONE
            ".open\",\"at\":\"2026-11-21T09:01:00.000+08:00\","
            "\"route\":{\"outcome\":\"dispatch\",\"lead\":\"wy\","
            "\"assists\":[\"cg\"],\"mandatory\":[\"cg\"],\"sla\":\"N\",\"rule\":\"c1\","
            "\"runner_up\":\"c2\",\"policy\":\"small@0123456789ab\","
            "\"as_of\":\"2026-11-21T09:00:00.000+08:00\"},"
            "\"class\":" CLASS ",\"place\":" PLACE
            ",\"complaint\":" COMPLAINT(ONE, DIRTY) "}");
    assert_true(entry.dirty);
    struct router_recent recent = {0};
    struct error err = {0};
    assert_true(router_recent_decode(reader, entry.state, &recent, &arena, &err));
    assert_int_equal(recent.n, 1);
    assert_string_equal(recent.items[0].case_id, ONE);
    assert_string_equal(recent.items[0].reporter, "t1");
    assert_string_equal(recent.items[0].lead, "wy");
    assert_int_equal(recent.items[0].at.ms, now.ms - 59 * 1000); /* received_at */
    assert_true(recent.items[0].fingerprint == router_fingerprint(STR(DIRTY)));
}

static void a_route_made_shorter_by_the_text_says_so(void **state)
{
    (void)state;
    size_t n;
    const struct bus_record *record = decide("p-a",
            MESSAGE(ONE,
                    "{\"nature\":\"help\",\"category\":\"010101\",\"urgency\":\"E1\","
                    "\"confidence\":0.8}",
                    PLACE, COMPLAINT(ONE, DIRTY)),
            &n);
    assert_int_equal(n, 1);
    assert_true(
            str_find(record->value,
                    STR("\"sla\":\"E1\",\"sla_reason\":\"urgency\",\"rule\":\"c1\"")) <
            record->value.len);
}

static void the_same_matter_is_a_merge_with_the_route_that_stands_by(void **state)
{
    (void)state;
    size_t n;
    (void)decide("p-a", MESSAGE(ONE, CLASS, PLACE, COMPLAINT(ONE, DIRTY)), &n);
    const struct bus_record *record = decide(
            "p-a", MESSAGE(TWO, CLASS, PLACE, COMPLAINT(TWO, DIRTY)), &n);
    assert_int_equal(n, 1);
    assert_true(str_find(record->value,
                        STR("\"route\":{\"outcome\":\"merge\",\"master\":\"" ONE
                            "\",\"evidence\":\"same_person\",\"similarity\":1.00,"
                            "\"lead\":\"wy\"")) < record->value.len);
}

static void the_same_event_again_is_the_same_command_and_not_listed_twice(void **state)
{
    (void)state;
    size_t n;
    struct str first = decide(
            "p-a", MESSAGE(ONE, CLASS, PLACE, COMPLAINT(ONE, DIRTY)), &n)
                               ->value;
    struct str again = decide(
            "p-a", MESSAGE(ONE, CLASS, PLACE, COMPLAINT(ONE, DIRTY)), &n)
                               ->value;
    assert_true(str_eq(first, again));
    assert_false(entry.dirty);
}

static void without_a_place_the_desk_gets_it_and_nothing_is_kept(void **state)
{
    (void)state;
    size_t n;
    const struct bus_record *record = decide(ONE,
            MESSAGE(ONE, CLASS, "{\"found_by\":\"none\"}", COMPLAINT(ONE, DIRTY)), &n);
    assert_int_equal(n, 1);
    assert_true(
            str_find(record->value,
                    STR("\"route\":{\"outcome\":\"needs_human\",\"reason\":\"no_place\","
                        "\"policy\":\"small@0123456789ab\",")) < record->value.len);
    assert_false(entry.dirty);
    record = decide(ONE,
            MESSAGE(ONE, CLASS,
                    "{\"found_by\":\"conflict\",\"candidates\":[\"p-a\",\"p-b\"]}",
                    COMPLAINT(ONE, DIRTY)),
            &n);
    assert_true(str_find(record->value, STR("\"reason\":\"place_conflict\"")) <
                record->value.len);
}

static bool has(const struct bus_record *record, const char *part)
{
    return str_find(record->value, str_of(part)) < record->value.len;
}

#define NOWHERE "{\"found_by\":\"none\"}"
#define SAYS(more)                                                                       \
    "{\"source\":\"app\",\"reported_at\":\"2026-11-21T09:00:00+08:00\","                 \
    "\"received_at\":\"2026-11-21T09:00:01+08:00\"," more "}"

static void without_a_place_a_person_has_a_list(void **state)
{
    (void)state;
    char person[PERSON_SIZE], key[PERSON_KEY_SIZE];
    size_t n;
    rows[0].needs_place = rows[1].needs_place = false;
    person_make(STR("t1"), person);
    person_key(person, key);
    const struct bus_record *record = decide(
            key, MESSAGE(ONE, CLASS, NOWHERE, COMPLAINT(ONE, DIRTY)), &n);
    assert_true(has(record, "\"outcome\":\"dispatch\",\"lead\":\"cg\""));
    assert_true(entry.dirty);
    record = decide(key, MESSAGE(TWO, CLASS, NOWHERE, COMPLAINT(TWO, DIRTY)), &n);
    assert_true(has(record, "\"evidence\":\"same_person\""));
    /* A key that is not this person's holds nothing for it. */
    record = decide(TWO, MESSAGE(TWO, CLASS, NOWHERE, COMPLAINT(TWO, DIRTY)), &n);
    assert_true(has(record, "\"outcome\":\"dispatch\""));
    assert_false(entry.dirty);
    rows[0].needs_place = rows[1].needs_place = true;
}

static void a_complaint_may_say_which_case_it_belongs_to(void **state)
{
    (void)state;
    char derived[CASE_ID_SIZE], master[CASE_ID_SIZE + 60];
    size_t n;
    struct error err = {0};
    instant day;
    assert_true(instant_parse(STR("2026-11-19T10:00:00+08:00"), &day, &err));
    case_id_make(LANE_NORMAL, day, STR("app"), STR("old-7"), derived);
    const struct {
        const char *complaint, *master;
    } cases[] = {
            {SAYS("\"text\":\"x\",\"upper_id\":\"" TWO "\""), TWO},
            {SAYS("\"text\":\"x\",\"upper_id\":\"old-7\","
                  "\"upper_reported_at\":\"2026-11-19T10:00:00+08:00\""),
                    derived},
            {SAYS("\"text\":\"再次反映工单" TWO "，还是没人来\""), TWO},
            {SAYS("\"text\":\"x\",\"title\":\"" TWO "\""), TWO},
            {SAYS("\"text\":\"x\",\"upper_id\":\"old-7\""), NULL},   /* which day? */
            {SAYS("\"text\":\"x\",\"upper_id\":\"" ONE "\""), NULL}, /* itself */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str value = arena_printf(
                &arena, MESSAGE(ONE, CLASS, NOWHERE, "%s"), cases[i].complaint);
        const struct bus_record *record = decide(ONE, value.ptr, &n);
        (void)snprintf(master, sizeof master,
                "\"master\":\"%s\",\"evidence\":\"cited\",\"policy\"",
                cases[i].master ? cases[i].master : "");
        assert_true(has(record, "\"reason\":\"no_place\""));
        if (has(record, "\"outcome\":\"merge\"") != (cases[i].master != NULL) ||
                (cases[i].master && !has(record, master)))
            fail_msg("%s\n%.*s", cases[i].complaint, STR_ARG(record->value));
    }
}

static void a_code_that_this_policy_does_not_know_is_no_place(void **state)
{
    (void)state;
    size_t n;
    const struct bus_record *record = decide("p-z",
            MESSAGE(ONE, CLASS, "{\"code\":\"p-z\",\"found_by\":\"text\"}",
                    COMPLAINT(ONE, DIRTY)),
            &n);
    assert_true(
            str_find(record->value, STR("\"reason\":\"no_place\"")) < record->value.len);
    assert_false(entry.dirty);
}

static void a_state_that_cannot_be_read_is_begun_anew(void **state)
{
    (void)state;
    size_t n;
    entry.state = STR("{\"recent\":7}");
    assert_non_null(decide("p-a", MESSAGE(ONE, CLASS, PLACE, COMPLAINT(ONE, DIRTY)), &n));
    assert_int_equal(n, 1);
    assert_true(entry.dirty);
    assert_true(str_starts(entry.state, STR("{\"cases\":[\"" ONE " 010101 wy t1 ")));
}

static void what_cannot_be_understood_is_a_dead_letter(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code;
    } bad[] = {
            {"{", "bad_json"},
            {"{\"case\":\"" ONE "\",\"class\":" CLASS ",\"place\":" PLACE "}",
                    "missing_field"},
            {MESSAGE("n1", CLASS, PLACE, COMPLAINT(ONE, DIRTY)), "bad_value"},
            {MESSAGE(ONE, "{\"nature\":\"help\",\"urgency\":\"N\",\"confidence\":1.5}",
                     PLACE, COMPLAINT(ONE, DIRTY)),
                    "bad_value"},
            {MESSAGE(ONE, "{\"nature\":\"rant\",\"confidence\":0.5}", PLACE,
                     COMPLAINT(ONE, DIRTY)),
                    "unknown_value"},
            {MESSAGE(ONE, CLASS, "[]", COMPLAINT(ONE, DIRTY)), "wrong_type"},
            {MESSAGE(ONE, CLASS, PLACE,
                     "{\"text\":\"x\",\"reported_at\":\"2026-11-21T09:00:00\"}"),
                    "naive_time"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct router_message message;
        struct error err = {0};
        size_t n;
        assert_false(router_message_decode(
                reader, &policy, str_of(bad[i].text), &message, &arena, &err));
        assert_string_equal(err.code, bad[i].code);
        assert_int_equal(err.kind, ERR_INVALID);
        const struct bus_record *record = decide("p-a", bad[i].text, &n);
        assert_int_equal(n, 1);
        assert_string_equal(record->topic, "complaint.classified.v1.dlt");
    }
    assert_false(entry.dirty);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(a_complaint_becomes_an_open_command_and_is_listed),
            TEST(a_route_made_shorter_by_the_text_says_so),
            TEST(the_same_matter_is_a_merge_with_the_route_that_stands_by),
            TEST(the_same_event_again_is_the_same_command_and_not_listed_twice),
            TEST(without_a_place_the_desk_gets_it_and_nothing_is_kept),
            TEST(without_a_place_a_person_has_a_list),
            TEST(a_complaint_may_say_which_case_it_belongs_to),
            TEST(a_code_that_this_policy_does_not_know_is_no_place),
            TEST(a_state_that_cannot_be_read_is_begun_anew),
            TEST(what_cannot_be_understood_is_a_dead_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
