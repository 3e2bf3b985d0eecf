/* handling.json, and the ladders and steps of sla.json. */
#include "policy_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void assert_budget(struct budget budget, int32_t amount, enum time_unit unit)
{
    assert_int_equal(budget.amount, amount);
    assert_int_equal(budget.unit, unit);
}

static void the_handling_rules_are_kept_as_written(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    const struct handling *handling = &f->policy->handling;
    assert_budget(handling->desk, 30, UNIT_MINUTE);
    assert_budget(handling->review, 1, UNIT_WORK_DAY);
    assert_budget(handling->follow_up, 2, UNIT_WORK_DAY);
    assert_budget(handling->adjudication, 1, UNIT_WORK_DAY);
    assert_budget(handling->transfer_ack, 1, UNIT_MINUTE);
    assert_budget(handling->return_window, 3, UNIT_WORK_DAY);
    assert_budget(handling->request_review, 4, UNIT_WORK_HOUR);
    assert_budget(handling->redo, 3, UNIT_DAY);
    assert_false(handling->return_pauses);
    assert_true(handling->merge_reopens);
    assert_int_equal(handling->returns_max, 1);
    assert_int_equal(handling->extensions_max, 2);
    assert_int_equal(handling->extension_desk_percent, 50);
    assert_int_equal(handling->suspension_days_max, 30);
    assert_int_equal(handling->redos_max, 4);
    assert_int_equal(handling->reopen_days, 7);
    assert_int_equal(handling->cluster_reporters, 5);
    assert_int_equal(handling->cluster_hours, 24);
    assert_string_equal(handling->callback, "https://example.org/{case}");
    assert_int_equal(handling->return_reasons.n, 2);
    assert_string_equal(handling->return_reasons.items[1], "not_our_duty");
    assert_string_equal(handling->extension_reasons.items[0], "weather");
    assert_string_equal(handling->suspension_reasons.items[0], "awaiting_funds");
    assert_string_equal(handling->termination_reasons.items[0], "withdrawn");
    assert_int_equal(handling->ladder.n_rungs, 3);
    assert_int_equal(handling->ladder.rungs[2].level, LEVEL_SUPERIOR);
}

static void the_call_back_link_may_be_left_out(void **state)
{
    struct fixture *f = *state;
    spoil(f, "handling.json", " \"callback\": \"https://example.org/{case}\",\n", "");
    assert_loads(f);
    assert_string_equal(f->policy->handling.callback, "");
}

static void a_ladder_climbs_and_goes_on_after_the_end(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    const struct sla_ladder *plain = &policy_sla_class(f->policy, STR("N"))->ladder,
                            *ladder = &policy_sla_class(f->policy, STR("S"))->ladder;
    assert_int_equal(plain->n_rungs, 3);
    assert_int_equal(plain->rungs[0].percent, 50);
    assert_int_equal(plain->rungs[0].level, LEVEL_UNIT);
    assert_int_equal(ladder->n_rungs, 4);
    assert_int_equal(ladder->rungs[1].percent, 100);
    assert_int_equal(ladder->rungs[1].level, LEVEL_UNIT);
    assert_int_equal(ladder->rungs[2].percent, 100);
    assert_int_equal(ladder->rungs[2].level, LEVEL_SUPERIOR);
    assert_int_equal(ladder->rungs[2].after.amount, 0);
    assert_int_equal(ladder->rungs[3].percent, 100);
    assert_int_equal(ladder->rungs[3].level, LEVEL_STREET);
    assert_budget(ladder->rungs[3].after, 4, UNIT_HOUR);
}

static void steps_are_kept_in_their_order(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    const struct sla_class *class = policy_sla_class(f->policy, STR("S"));
    assert_int_equal(policy_sla_class(f->policy, STR("N"))->n_steps, 0);
    assert_int_equal(class->n_steps, 2);
    assert_string_equal(class->steps[0].name, "enclose");
    assert_string_equal(class->steps[0].title, "围护");
    assert_budget(class->steps[0].budget, 3, UNIT_EMERGENCY_HOUR);
    assert_int_equal(
            class->steps[0].needs, 1U << STEP_NEEDS_PHOTO | 1U << STEP_NEEDS_DATE);
    assert_string_equal(class->steps[1].name, "restore");
    assert_budget(class->steps[1].budget, 5, UNIT_WORK_DAY);
    assert_int_equal(class->steps[1].needs, 0);
}

#define AT(percent, level) "{\"percent\": " percent ", \"level\": \"" level "\"}"
#define AFTER(amount, unit, level)                                                       \
    "{\"after\": {\"amount\": " amount ", \"unit\": \"" unit "\"}, \"level\": \"" level  \
    "\"}"

/* Rungs of 'N', with what is said of them; NULL: they are good. */
static const struct {
    const char *rungs[4], *beginning;
} ladders[] = {
        {{"100"}, NULL},
        {{AT("80", "unit"), "100"}, NULL},
        {{"80", AT("80", "superior"), "100"}, NULL},
        {{"100", AT("100", "street"), AT("100", "district")}, NULL},
        {{"100", AFTER("90", "minute", "unit"), AFTER("2", "emergency_hour", "unit")},
                NULL},
        {{"100", AFTER("60", "minute", "unit"), AFTER("1", "hour", "superior")}, NULL},
        {{"100", AFTER("9", "hour", "unit"), AFTER("1", "work_day", "unit")}, NULL},
        {{NULL}, "'N' needs 'rungs', a list of 1 to 16 of them"},
        {{"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "100"}, "'N' needs 'rungs'"},
        {{"0", "100"}, "rung 1 of 'N' must be a percentage"},
        {{"100", "101"}, "rung 2 of 'N' must be a percentage"},
        {{"\"50\"", "100"}, "rung 1 of 'N' must be a percentage"},
        {{"50.5", "100"}, "rung 1 of 'N' must be a percentage"},
        {{"-4294967246", "100"}, "rung 1 of 'N' must be a percentage"},
        {{"{\"percent\": 50}", "100"}, "rung 1 of 'N' must be a percentage"},
        {{"{\"percent\": 50, \"level\": \"unit\", \"to\": 1}", "100"},
                "rung 1 of 'N' must be a percentage"},
        {{AT("50", "boss"), "100"}, "rung 1 of 'N' must be a percentage"},
        {{AT("0", "unit"), "100"}, "rung 1 of 'N' must be a percentage"},
        {{"100", "{\"after\": 4, \"level\": \"unit\"}"}, "'after' of 'N' must be like"},
        {{"100", AFTER("0", "hour", "unit")},
                "'amount' must be a whole number from 1 to"},
        {{"100", AFTER("1", "week", "unit")}, "'after' of 'N' has no known unit of time"},
        {{"80", "50", "100"}, "rung 2 of 'N' must come after rung 1"},
        {{"80", "80", "100"}, "rung 2 of 'N' must come after rung 1"},
        {{"100", AT("100", "district"), AT("100", "street")},
                "rung 3 of 'N' must come after rung 2"},
        {{AFTER("1", "hour", "unit"), "100"}, "rung 2 of 'N' must come after rung 1"},
        {{AFTER("1", "work_day", "unit"), "100"}, "rung 2 of 'N' must come after rung 1"},
        {{"100", AFTER("2", "hour", "unit"), AFTER("60", "minute", "street")},
                "rung 3 of 'N' must come after rung 2"},
        {{"100", AFTER("2", "emergency_hour", "unit"), AFTER("60", "minute", "street")},
                "rung 3 of 'N' must come after rung 2"},
        {{"100", AFTER("2", "work_day", "unit"), AFTER("1", "work_day", "street")},
                "rung 3 of 'N' must come after rung 2"},
        {{"100", AFTER("2", "hour", "unit"), AFTER("1", "work_day", "unit"),
                 AFTER("1", "hour", "district")},
                "rung 4 of 'N' must come after rung 2"},
        {{"50", "99"}, "'N' has no rung at 100 percent"},
        {{AFTER("1", "hour", "unit")}, "'N' has no rung at 100 percent"},
};

static void rungs_ascend_and_one_tells_the_end(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof ladders / sizeof ladders[0]; i++) {
        char list[600], beginning[200];
        size_t n = (size_t)snprintf(list, sizeof list, "[");
        for (int k = 0; k < 4 && ladders[i].rungs[k]; k++)
            n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", k ? ", " : "",
                    ladders[i].rungs[k]);
        (void)snprintf(list + n, sizeof list - n, "]");
        spoil(f, "sla.json", "[50, 80, 100]", list);
        if (!ladders[i].beginning) {
            assert_loads(f);
            continue;
        }
        (void)snprintf(
                beginning, sizeof beginning, "sla.json:3: %s", ladders[i].beginning);
        assert_refused(f, beginning);
    }
}

#define REDO "\"redo\": {\"amount\": 3, \"unit\": \"day\"}"

static const struct fault faults[] = {
        {"handling.json", "{\"desk\": {\"amount\": 30, \"unit\": \"minute\"},", "{",
                "handling.json:1: 'desk' of handling.json must be like {\"amount\""},
        {"handling.json", "\"review\"", "\"reviews\"",
                "handling.json:2: handling.json has no member 'reviews'"},
        {"handling.json", "\"return_window\": {\"amount\": 3,",
                "\"return_window\": {\"amount\": 0,",
                "handling.json:7: 'amount' must be a whole number from 1 to"},
        {"handling.json", "4, \"unit\": \"work_hour\"", "4, \"unit\": \"office_hour\"",
                "handling.json:8: 'request_review' of handling.json has no known unit"},
        {"handling.json", "4, \"unit\": \"work_hour\"",
                "4, \"unit\": \"work_hour\", \"for\": 1",
                "handling.json:8: 'request_review' of handling.json has no member 'for'"},
        {"handling.json", "4, \"unit\": \"work_hour\"", "4, \"unit\": \"work_day\"",
                "handling.json:8: 'request_review' is longer than 'return_window'"},
        {"handling.json", "\"return_pauses\": false", "\"return_pauses\": 0",
                "handling.json:9: 'return_pauses' must be true or false"},
        {"handling.json", "\"returns_max\": 1,", "\"returns_max\": -1,",
                "handling.json:9: 'returns_max' must be a whole number from 0"},
        {"handling.json", "\"suspension_days_max\": 30", "\"suspension_days_max\": 0",
                "handling.json:11: 'suspension_days_max' must be a whole number from 1"},
        {"handling.json", REDO, "\"redo\": {\"amount\": -3, \"unit\": \"day\"}",
                "handling.json:12: 'amount' must be a whole number from 0 to"},
        {"handling.json", "\"cluster_reporters\": 5", "\"cluster_reporters\": 1",
                "handling.json:14: 'cluster_reporters' must be a whole number from 2"},
        {"handling.json", "org/{case}", "org/",
                "handling.json:15: 'callback' must be a link of at most 200 bytes with "
                "{case} in it, or empty"},
        {"handling.json", "\"https://example.org/{case}\"", "7",
                "handling.json:15: 'callback' must be a link"},
        {"handling.json", "[\"weather\"]", "[]",
                "handling.json:17: 'extension_reasons' must be a list of 1 to 32 codes"},
        {"handling.json", "\"not_our_duty\"", "\"not our duty\"",
                "handling.json:16: code 2 of 'return_reasons' must be 1 to 31 of"},
        {"handling.json", "\"not_our_duty\"", "\"wrong_area\"",
                "handling.json:16: 'return_reasons' lists 'wrong_area' twice"},
        {"handling.json", "[50, 100, {", "[50, 100, 100, {",
                "handling.json:6: rung 3 of handling.json must come after rung 2"},
        {"policy.json", "\"merge_similarity\": 60",
                "\"merge_similarity\": 60, \"merge_similarity_same_person\": 61",
                "policy.json:3: 'merge_similarity_same_person' must be a whole number "
                "from 1 to 60"},
        {"policy.json", "\"merge_similarity\": 60",
                "\"merge_similarity\": 60, \"desk_minutes\": 30",
                "policy.json:3: policy.json has no member 'desk_minutes'"},
        {"sla.json", "\"S\": {",
                "\"class-of-forty-eight-bytes-0123456789abcdefghijk\": {",
                "sla.json:5: 'class-of-forty-eight-bytes-0123456789abcdefghijk' is no "
                "name for an SLA class; write 1 to 47 bytes"},
        {"sla.json", "[50, 80, 100]", "{}", "sla.json:3: 'N' needs 'rungs', a list"},
        {"sla.json", "\"steps\": [{", "\"steps\": [], \"step\": [{",
                "sla.json:7: 'steps' of 'S' must be a list of 1 to 8 of them"},
        {"sla.json", "\"steps\"", "\"stages\"", "sla.json:7: 'S' has no clock 'stages'"},
        {"sla.json", "\"name\": \"restore\"", "\"name\": \"恢复\"",
                "sla.json:7: step 2 of 'S' needs a 'name' of 1 to 31 of a-z, 0-9 and -"},
        {"sla.json", "\"name\": \"restore\"", "\"name\": \"enclose\"",
                "sla.json:7: the step 'enclose' of 'S' stands there twice"},
        {"sla.json", "\"title\": \"恢复\",", "",
                "sla.json:8: the step 'restore' of 'S' needs a 'title'"},
        {"sla.json", "\"title\": \"恢复\",", "\"title\": \"\",",
                "sla.json:8: the step 'restore' of 'S' needs a 'title'"},
        {"sla.json", "\"amount\": 5, \"unit\": \"work_day\"}]",
                "\"amount\": 0, \"unit\": \"work_day\"}]",
                "sla.json:8: 'amount' must be a whole number from 1 to"},
        {"sla.json", "\"unit\": \"work_day\"}]", "\"unit\": \"work_days\"}]",
                "sla.json:8: the step 'restore' of 'S' has no known unit of time"},
        {"sla.json", "\"unit\": \"work_day\"}]",
                "\"unit\": \"work_day\", \"by\": \"cg\"}]",
                "sla.json:8: the step 'restore' of 'S' has no member 'by'"},
        {"sla.json", "\"follow_up_date\"", "\"video\"",
                "sla.json:7: 'video' is nothing that the step 'enclose' of 'S' can need"},
        {"sla.json", "[\"photo\", \"follow_up_date\"]", "\"photo\"",
                "sla.json:7: 'needs' of the step 'enclose' of 'S' must be a list"},
};

static void every_single_fault_is_named_with_file_and_line(void **state)
{
    assert_faults(*state, faults, sizeof faults / sizeof faults[0]);
}

static void the_handling_must_be_long_enough_for_its_steps(void **state)
{
    struct fixture *f = *state;
    /* 3 hours from Monday evening, then 5 working days from Monday: as long as 5 working
     * days. From Monday 21:00 the hours run into Tuesday. */
    spoil(f, "sla.json", "\"amount\": 6", "\"amount\": 5");
    assert_refused(f, "sla.json:5: the steps of 'S' take longer than its clock 'handle', "
                      "for a case of Monday 21:00 for one; give it more time\n");
    spoil(f, "sla.json", "\"amount\": 6, \"unit\": \"work_day\"",
            "\"amount\": 9, \"unit\": \"day\"");
    assert_loads(f);
    spoil(f, "sla.json", "\"amount\": 6, \"unit\": \"work_day\"",
            "\"amount\": 6, \"unit\": \"day\"");
    assert_refused(f, "sla.json:5: the steps of 'S' take longer than its clock 'handle'");
}

static void no_holiday_changes_what_fits(void **state)
{
    struct fixture *f = *state;
    char path[128];
    spoil(f, "sla.json", "\"amount\": 6, \"unit\": \"work_day\"",
            "\"amount\": 9, \"unit\": \"day\"");
    write_file(f, "calendar/2018.json",
            "{\"year\": 2018, \"days\": ["
            "{\"date\": \"2018-01-08\", \"isOffDay\": true},"
            "{\"date\": \"2018-01-09\", \"isOffDay\": true},"
            "{\"date\": \"2018-01-10\", \"isOffDay\": true}]}");
    assert_loads(f);
    path_of(f, "calendar/2018.json", path);
    assert_int_equal(unlink(path), 0);
}

/* On a Sunday night 4 working hours are more than 10 hours, on a Monday morning not. */
static void a_review_may_outlast_the_window_now_and_then(void **state)
{
    struct fixture *f = *state;
    spoil(f, "handling.json",
            "\"return_window\": {\"amount\": 3, \"unit\": \"work_day\"}",
            "\"return_window\": {\"amount\": 10, \"unit\": \"hour\"}");
    assert_loads(f);
}

static void a_redo_without_time_of_its_own_is_a_warning(void **state)
{
    struct fixture *f = *state;
    spoil(f, "handling.json", REDO, "\"redo\": {\"amount\": 0, \"unit\": \"day\"}");
    assert_loads(f);
    assert_int_equal(f->counts.n_warnings, 1);
    assert_non_null(strstr(f->report, "handling.json:12: warning: 'redo' has no budget"));
    spoil(f, "handling.json", REDO ", \"redos_max\": 4",
            "\"redo\": {\"amount\": 0, \"unit\": \"day\"}, \"redos_max\": 0");
    assert_loads(f);
    assert_int_equal(f->counts.n_warnings, 0);
}

static void a_level_needs_somebody_there(void **state)
{
    struct fixture *f = *state;
    spoil(f, "units.csv", "东桥,street", "东桥,department");
    assert_false(load(f));
    assert_non_null(strstr(f->report,
            "sla.json:5: a rung of 'S' goes to the street, but units.csv has no unit of "
            "the type street\n"));
    assert_null(strstr(f->report, "handling.json"));
    assert_null(strstr(f->report, "a rung of 'N'"));
    spoil(f, "handling.json", "\"level\": \"superior\"", "\"level\": \"street\"");
    assert_false(load(f));
    assert_non_null(strstr(f->report,
            "handling.json:1: a rung goes to the street, but units.csv has no unit"));
}

/* Alone, so that nothing else asks for the calendar. */
static void all_that_counts_working_time_needs_office_hours(void **state)
{
    static const char *const places[][3] = {
            {"sla.json", "\"hour\"}, \"rungs\": [100]",
                    "\"hour\"}, \"rungs\": [100, {\"after\": {\"amount\": 1, \"unit\": "
                    "\"work_hour\"}, \"level\": \"unit\"}]"},
            {"sla.json", "\"hour\"}, \"rungs\": [100]",
                    "\"hour\"}, \"rungs\": [100], \"steps\": [{\"name\": \"a\", "
                    "\"title\": \"a\", \"amount\": 1, \"unit\": \"work_hour\"}]"},
    };
    struct fixture *f = *state;
    write_file(f, "calendar/office.json", "{\"spans\": []}");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        spoil(f, places[i][0], places[i][1], places[i][2]);
        assert_false(load(f));
        assert_non_null(strstr(f->report, "sla.json:4: 'Q' counts working time"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            POLICY_TEST(the_handling_rules_are_kept_as_written),
            POLICY_TEST(the_call_back_link_may_be_left_out),
            POLICY_TEST(a_ladder_climbs_and_goes_on_after_the_end),
            POLICY_TEST(steps_are_kept_in_their_order),
            POLICY_TEST(rungs_ascend_and_one_tells_the_end),
            POLICY_TEST(every_single_fault_is_named_with_file_and_line),
            POLICY_TEST(the_handling_must_be_long_enough_for_its_steps),
            POLICY_TEST(no_holiday_changes_what_fits),
            POLICY_TEST(a_review_may_outlast_the_window_now_and_then),
            POLICY_TEST(a_redo_without_time_of_its_own_is_a_warning),
            POLICY_TEST(a_level_needs_somebody_there),
            POLICY_TEST(all_that_counts_working_time_needs_office_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
