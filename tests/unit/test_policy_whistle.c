/* whistle.json: what a type of whistle asks, and what is refused. */
#include "policy_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EMERGENCY                                                                        \
    "{\"types\": {\n"                                                                    \
    " \"emergency\": {\"check_in\": {\"amount\": 30, \"unit\": \"minute\"},\n"           \
    "  \"dispute_needs_check_in\": true, \"low\": 1, \"high\": 30,\n"                    \
    "  \"rungs\": [50, 100, {\"after\": {\"amount\": 15, \"unit\": \"minute\"}, "        \
    "\"level\": \"district\"}]}},\n"                                                     \
    " \"absence_reasons\": [\"no_staff\", \"no_notice\"]}\n"

static int remove_whistle(void **state)
{
    char path[128];
    path_of(*state, "whistle.json", path);
    (void)unlink(path); /* the test may have written none */
    return remove_policy(state);
}

static void the_rules_are_kept_as_written(void **state)
{
    struct fixture *f = *state;
    write_file(f, "whistle.json", EMERGENCY);
    assert_loads(f);
    const struct whistle_class *class = &f->policy->whistle
                                                 .classes[WHISTLE_TYPE_EMERGENCY];
    assert_int_equal(class->check_in.amount, 30);
    assert_int_equal(class->check_in.unit, UNIT_MINUTE);
    assert_true(class->dispute_needs_check_in);
    assert_int_equal(class->low, 1);
    assert_int_equal(class->high, 30);
    assert_int_equal(class->ladder.n_rungs, 3);
    assert_int_equal(class->ladder.rungs[2].level, LEVEL_DISTRICT);
    assert_int_equal(f->policy->whistle.absence_reasons.n, 2);
    assert_string_equal(f->policy->whistle.absence_reasons.items[0], "no_staff");
}

static void a_type_that_is_not_there_cannot_be_whistled(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    assert_int_equal(
            f->policy->whistle.classes[WHISTLE_TYPE_EMERGENCY].check_in.amount, 0);
    write_file(f, "whistle.json", EMERGENCY);
    assert_loads(f);
    assert_int_equal(
            f->policy->whistle.classes[WHISTLE_TYPE_ENFORCEMENT].check_in.amount, 0);
}

static void the_version_covers_the_whistle(void **state)
{
    struct fixture *f = *state;
    char version[64];
    assert_loads(f);
    (void)snprintf(version, sizeof version, "%s", f->policy->version);
    write_file(f, "whistle.json", EMERGENCY);
    assert_loads(f);
    assert_string_not_equal(f->policy->version, version);
}

static void every_single_fault_is_named_with_file_and_line(void **state)
{
    static const struct {
        const char *from, *to, *beginning;
    } faults[] = {
            {"\"types\"", "\"type\"", "whistle.json:1: whistle.json has no member"},
            {"\"emergency\"", "\"urgent\"",
                    "whistle.json:2: 'urgent' is no type of whistle"},
            {"\"amount\": 30", "\"amount\": 0",
                    "whistle.json:2: 'amount' must be a whole number from 1"},
            {"\"check_in\"", "\"arrive\"",
                    "whistle.json:2: 'emergency' has no member 'arrive'"},
            {"true", "1",
                    "whistle.json:3: 'dispute_needs_check_in' must be true or false"},
            {"\"low\": 1", "\"low\": -1",
                    "whistle.json:3: 'low' must be a whole number from 0"},
            {"\"low\": 1", "\"low\": 30",
                    "whistle.json:2: 'low' of 'emergency' must be less than 'high'"},
            {"[50, 100,", "[50,",
                    "whistle.json:4: 'emergency' has no rung at 100 percent"},
            {"\"no_notice\"", "\"no_staff\"",
                    "whistle.json:5: 'absence_reasons' lists 'no_staff' twice"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        char text[1024];
        const char *at = strstr(EMERGENCY, faults[i].from);
        assert_non_null(at);
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - EMERGENCY), EMERGENCY,
                faults[i].to, at + strlen(faults[i].from));
        write_file(f, "whistle.json", text);
        assert_false(load(f));
        if (!strstr(f->report, faults[i].beginning))
            fail_msg("expected: %s\nreported:\n%s", faults[i].beginning, f->report);
    }
}

static void working_time_needs_office_hours(void **state)
{
    struct fixture *f = *state;
    char path[128];
    path_of(f, "calendar/office.json", path);
    assert_int_equal(unlink(path), 0);
    write_file(f, "whistle.json",
            "{\"types\": {\n"
            " \"key_work\": {\"check_in\": {\"amount\": 2, \"unit\": \"work_day\"},\n"
            "  \"dispute_needs_check_in\": false, \"low\": 0, \"high\": 9,\n"
            "  \"rungs\": [100]}}, \"absence_reasons\": [\"no_staff\"]}\n");
    assert_false(load(f));
    assert_non_null(
            strstr(f->report, "whistle.json:2: 'key_work' counts working time, but"));
}

#define WHISTLE_TEST(name)                                                               \
    cmocka_unit_test_setup_teardown(name, write_policy, remove_whistle)

int main(void)
{
    const struct CMUnitTest tests[] = {
            WHISTLE_TEST(the_rules_are_kept_as_written),
            WHISTLE_TEST(a_type_that_is_not_there_cannot_be_whistled),
            WHISTLE_TEST(the_version_covers_the_whistle),
            WHISTLE_TEST(every_single_fault_is_named_with_file_and_line),
            WHISTLE_TEST(working_time_needs_office_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
