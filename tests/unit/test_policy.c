#include "policy_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void a_good_policy_loads_without_a_word(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    assert_string_equal(f->report, "");
    const struct policy *policy = f->policy;
    assert_int_equal(policy->n_units, 6);
    assert_int_equal(policy->n_places, 5);
    assert_int_equal(policy->n_rules, 4);
    assert_memory_equal(policy->version, "small@", 6);
    assert_int_equal(strlen(policy->version), 18);
    assert_string_equal(policy->desk->code, "desk");
    const struct unit *cg = policy_unit(policy, STR("cg"));
    assert_int_equal(cg->aliases.n, 2);
    assert_string_equal(cg->aliases.items[1], "城管中队");
    assert_true(unit_within(cg, policy->district));
    assert_false(unit_within(policy->district, cg));
    assert_null(policy_unit(policy, STR("c")));
    assert_null(policy_unit(policy, STR("cgg")));
    assert_null(policy_unit(policy, (struct str){0}));
    assert_int_equal(policy->rules[3].target, 119);
    assert_ptr_equal(&policy->categories[policy->rules[1].target],
            policy_category(policy, STR("040101")));
    assert_string_equal(policy->catalogue[0].id, "c1");
    assert_string_equal(policy->catalogue[1].id, "c4");
    assert_true(policy->catalogue[1].assists[0].mandatory);
    assert_false(policy->catalogue[0].assists[0].mandatory);
    assert_int_equal(
            policy_sla_class(policy, STR("N"))->budgets[CLOCK_SIGN].unit, UNIT_WORK_HOUR);
}

static void parties_are_found_from_the_place(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    const struct place *garden = policy_place(f->policy, STR("p-a")),
                       *old = policy_place(f->policy, STR("p-b"));
    const struct party property = {.role = LEAD_PROPERTY}, street = {.role = LEAD_STREET},
                       community = {.role = LEAD_COMMUNITY};
    assert_string_equal(party_unit(&property, garden, today)->code, "wy");
    assert_null(party_unit(&property, old, today));
    assert_null(party_unit(&property, NULL, today));
    assert_string_equal(party_unit(&community, old, today)->code, "sq");
    assert_string_equal(party_unit(&street, old, today)->code, "jd");
    assert_null(party_unit(&street, place_up(old, PLACE_TYPE_DISTRICT), today));
    assert_string_equal(party_unit(&community, old, today)->queue->code, "jd");
}

static void the_version_changes_with_any_byte(void **state)
{
    struct fixture *f = *state;
    char version[64];
    assert_loads(f);
    (void)snprintf(version, sizeof version, "%s", f->policy->version);
    assert_loads(f);
    assert_string_equal(f->policy->version, version);
    spoil(f, "calendar/2027.json", "元旦", "新年");
    assert_loads(f);
    assert_string_not_equal(f->policy->version, version);
}

static void a_byte_order_mark_and_windows_lines_are_accepted(void **state)
{
    struct fixture *f = *state;
    write_file(f, "categories.csv",
            "\xef\xbb\xbf"
            "code,level1,name,urgency,nature,sla,physical,grass_roots\r\n"
            "010101,物业,\"保洁,\"\"差\"\"\",N,complaint,N,yes,yes\r\n"
            ",,,,,,,\r\n"
            "040101,市容,占道经营,N,complaint,N,no,no");
    assert_loads(f);
    assert_string_equal(policy_category(f->policy, STR("010101"))->name, "保洁,\"差\"");
}

static void a_field_over_two_lines_keeps_the_line_numbers_right(void **state)
{
    struct fixture *f = *state;
    spoil(f, "units.csv", "云溪热线,热线,desk", "\"云溪\n热线\",热线,desk");
    assert_loads(f);
    spoil(f, "units.csv", "云溪热线,热线,desk,qu,,,,\ncg",
            "\"云溪\n热线\",热线,desk,qu,,,,\n\nCG");
    assert_false(load(f));
    assert_non_null(strstr(f->report,
            "units.csv:6: 'CG' is no code; write 1 to 31 of a-z, 0-9 and -\n"));
}

static void one_persons_words_need_less_likeness_than_strangers(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    assert_int_equal(f->policy->merge_similarity_same_person, 45); /* unless it is said */
    spoil(f, "policy.json", "\"merge_similarity\": 60", "\"merge_similarity\": 30");
    assert_loads(f);
    assert_int_equal(f->policy->merge_similarity_same_person, 30);
    spoil(f, "policy.json", "\"merge_similarity\": 60",
            "\"merge_similarity\": 60, \"merge_similarity_same_person\": 50");
    assert_loads(f);
    assert_int_equal(f->policy->merge_similarity_same_person, 50);
}

static void all_problems_are_listed_at_once(void **state)
{
    struct fixture *f = *state;
    spoil(f, "units.csv", "安居,property,jd", "安居,firm,jd");
    spoil(f, "sla.json", "\"work_day\"", "\"weeks\"");
    spoil(f, "policy.json", "\"desk\": \"desk\"", "\"desk\": \"front\"");
    spoil(f, "rules.csv", "60\n", "600\n");
    assert_false(load(f));
    assert_int_equal(f->counts.n_problems, 5);
    assert_string_equal(f->report,
            "sla.json:3: 'handle' of 'N' has no known unit of time\n"
            "units.csv:7: 'firm' is no type of unit; choose one of: district desk "
            "department utility street "
            "community grid_team committee property developer\n"
            "places.csv:5: the property firm 'wy' is of the type district in units.csv\n"
            "rules.csv:3: '600' is no weight; write a whole number from 1 to 100\n"
            "policy.json:1: the desk 'front' is not in units.csv\n");
    assert_non_null(strstr(f->err.text, "5 problems"));
}

static const struct fault faults[] = {
        {"units.csv", "jd,东桥", "cg,东桥",
                "units.csv:5: the code 'cg' stands already in line 4"},
        {"units.csv", "柳岸,community,jd,jd", "柳岸,community,jd,xx",
                "units.csv:6: the unit whose queue it uses 'xx' is not in units.csv"},
        {"units.csv", "安居,property,jd,", "安居,property,jd,sq",
                "units.csv:7: 'wy' has no queue: 'sq', whose queue it uses, has none of "
                "its own"},
        {"units.csv", "区,district,", "区,district,jd",
                "units.csv:2: the unit 'qu' is its own superior, by way of 'jd'"},
        {"units.csv", "2020-01-01,\n", "2020-02-30,\n",
                "units.csv:4: '2020-02-30' is no date"},
        {"units.csv", "2020-01-01,\n", "2020-01-01,2020-01-01\n",
                "units.csv:4: is valid to 2020-01-01, which is not after"},
        {"units.csv", "城管队; 城管中队 ,", "",
                "units.csv:4: has 8 fields, the header line has 9"},
        {"units.csv", "云溪区城市管理局", "", "units.csv:4: the field 'name' is empty"},
        {"places.csv", "street,p-qu", "street,p-a",
                "places.csv:3: the place 'p-jd' lies in itself, by way of 'p-a'"},
        {"places.csv", "none,open_old", ",open_old",
                "places.csv:6: the estate 'p-b' names no property firm"},
        {"places.csv", "open_old", "old", "places.csv:6: 'old' is no type of estate"},
        {"places.csv", "p-sq,,none", "p-xx,,none",
                "places.csv:6: the place above it, 'p-xx', is not in places.csv"},
        {"categories.csv", "占道经营,N,complaint,N", "占道经营,N,complaint,X",
                "categories.csv:3: the SLA class 'X' is not in sla.json"},
        {"categories.csv", "no,no", "no,maybe",
                "categories.csv:3: 'maybe' is no answer for grass_roots"},
        {"rules.csv", "摆摊;占道", " ; ",
                "rules.csv:3: the rule 'r2' has no words in 'any' or 'all' and can never "
                "hold"},
        {"rules.csv", "exit,119", "exit,911",
                "rules.csv:5: '911' is no target for a rule of kind exit"},
        {"rules.csv", "r2,category,040101", "r2,category,010101",
                "categories.csv:3: '040101 占道经营' has no rule in rules.csv"},
        {"rules.csv", "r2", "r1", "rules.csv:3: the code 'r1' stands already in line 2"},
        {"catalogue.csv", "c4,040101,,no,cg", "c4,040101,,no,community",
                "catalogue.csv:5: 'c4' gives '040101 占道经营' to the grass roots"},
        {"catalogue.csv", "c3,01,,yes,cg", "c3,01,,yes,jd,,,30,,\nc5,02,,yes,cg",
                "catalogue.csv:5: no category in categories.csv begins with '02'"},
        {"catalogue.csv", "c2,010101,,yes,community,,,20",
                "c2,010101,,yes,community,,,10",
                "catalogue.csv:3: 'c2' and 'c1' (line 2) fit the same complaints with "
                "the same precedence 10"},
        {"catalogue.csv", "c3,01,,yes,cg", "c3,01,,yes,street",
                "categories.csv:2: nobody leads '010101 保洁差' at 'p-qu' and 0 other "
                "places"},
        {"catalogue.csv", "c3,01,,yes,cg", "c3,01,road,no,cg",
                "categories.csv:2: nobody leads '010101 保洁差' at 'p-jd' and 1 other "
                "places"},
        {"catalogue.csv", "c4,040101", "c4,0101",
                "categories.csv:3: '040101 占道经营' has no row in catalogue.csv"},
        {"catalogue.csv", "10,2020-01-01,", "10,2020-01-01,2026-11-21",
                "catalogue.csv:5: 'c4' is not valid today and there is no other row for "
                "'040101 占道经营'"},
        {"catalogue.csv", "precedence,valid_from", "rank,valid_from",
                "catalogue.csv:1: warning: the column 'rank' is not known and not used\n"
                "catalogue.csv:1: the column 'precedence' is missing in the header line"},
        {"catalogue.csv", "cg,street!,Q", "cg,str\"eet,Q",
                "catalogue.csv:5: a quotation mark stands inside a field"},
        {"sla.json", "[50, 80, 100]", "[50, 80]",
                "sla.json:3: 'N' has no rung at 100 percent"},
        {"sla.json", "\"amount\": 4", "\"amount\": 0",
                "sla.json:2: 'amount' must be a whole number from 1 to"},
        {"policy.json", "\"confidence_min\": 40", "\"confidence_min\": 400",
                "policy.json:2: 'confidence_min' must be a whole number from 0 to 100"},
        {"policy.json", "72,", "72,,", "policy.json:2: is not JSON"},
        {"calendar/2026.json", "2026-10-10", "2026-13-10",
                "calendar/2026.json:3: day 2 must have a \"date\""},
        {"calendar/2027.json",
                "{\"name\": \"元旦\", \"date\": \"2027-01-01\", \"isOffDay\": true}",
                "{\"name\": \"国庆节\", \"date\": \"2026-10-01\", \"isOffDay\": false}",
                "calendar/2027.json:2: 2026-10-01 is a working day in one yearly file "
                "and off in another"},
        {"calendar/office.json", "14:00", "11:00",
                "calendar/office.json:1: span 2 must be like"},
};

static void every_single_fault_is_named_with_file_and_line(void **state)
{
    assert_faults(*state, faults, sizeof faults / sizeof faults[0]);
}

static void a_missing_file_is_one_problem(void **state)
{
    struct fixture *f = *state;
    char path[128];
    path_of(f, "units.csv", path);
    assert_int_equal(unlink(path), 0);
    assert_refused(f, "units.csv:1: cannot be read: No such file or directory\n");
}

static void text_that_is_not_utf8_is_named_with_its_line(void **state)
{
    struct fixture *f = *state;
    spoil(f, "places.csv", "柳岸社区,community", "\xc1\xf8\xb0\xb6,community");
    assert_refused(f, "places.csv:4: is not UTF-8");
}

static void working_time_needs_office_hours_and_this_year(void **state)
{
    struct fixture *f = *state;
    char path[128];
    path_of(f, "calendar/office.json", path);
    assert_int_equal(unlink(path), 0);
    assert_false(load(f));
    assert_string_equal(f->report,
            "sla.json:2: 'N' counts working time, but calendar/office.json gives no "
            "office hours\n"
            "sla.json:5: 'S' counts working time, but calendar/office.json gives no "
            "office hours\n"
            "handling.json:1: 'handling.json' counts working time, but "
            "calendar/office.json gives no office hours\n");
    write_file(f, "calendar/office.json", good_text("calendar/office.json"));
    write_file(f, "calendar/2026.json", "{\"year\": 2026, \"days\": []}");
    assert_false(load(f));
    assert_non_null(strstr(f->report,
            "sla.json:2: 'N' counts working time, but calendar/2026.json lists no days"));
}

static void a_coming_year_without_holidays_is_a_warning(void **state)
{
    struct fixture *f = *state;
    write_file(f, "calendar/2027.json", "{\"year\": 2027, \"days\": []}");
    assert_loads(f);
    assert_int_equal(f->counts.n_warnings, 1);
    assert_non_null(
            strstr(f->report, "calendar/2027.json:1: warning: lists no days of 2027"));
    char path[128];
    path_of(f, "calendar/2027.json", path);
    assert_int_equal(unlink(path), 0);
    assert_loads(f);
    assert_int_equal(f->counts.n_warnings, 1);
}

static void the_names_of_holidays_are_kept_by_day(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    instant t;
    assert_true(instant_parse(STR("2026-10-01T08:00:00+08:00"), &t, NULL));
    int32_t day = calendar_day_of(t);
    assert_string_equal(policy_holiday(f->policy, day), "国庆节");
    assert_string_equal(policy_holiday(f->policy, day + 9), "国庆节");
    assert_string_equal(policy_holiday(f->policy, day + 1), "");
    assert_string_equal(policy_holiday(f->policy, 0), "");
    assert_string_equal(policy_holiday(f->policy, INT32_MAX), "");
    assert_int_equal(calendar_known_until(&f->policy->calendar), 20271231);
}

static void a_december_file_may_list_days_of_the_next_year(void **state)
{
    struct fixture *f = *state;
    spoil(f, "calendar/2026.json", "2026-10-10", "2027-01-02");
    assert_loads(f);
    instant saturday;
    assert_true(instant_parse(STR("2027-01-02T08:00:00+08:00"), &saturday, NULL));
    assert_true(calendar_is_workday(&f->policy->calendar, calendar_day_of(saturday)));
}

static void the_sample_policy_is_good(void **state)
{
    (void)state;
    struct policy *policy = NULL;
    struct error err = {0};
    struct policy_report report = {.out = stdout};
    if (access(SOURCE_DIR "/policy/units.csv", R_OK) != 0) {
        (void)printf("SKIPPED: no sample policy\n");
        skip();
        return;
    }
    if (!policy_load(&policy, SOURCE_DIR "/policy", today, &report, &err))
        fail_msg("%s", err.text);
    assert_int_equal(policy->n_categories, 122);
    policy_free(policy);
}

/* Against the flattened table of the same source, every day of 2018 to 2026. */
static void the_sample_calendar_is_the_announced_one(void **state)
{
    (void)state;
    static uint8_t says[CALENDAR_YEARS * 366];
    struct policy *policy = NULL;
    FILE *file = fopen(SOURCE_DIR "/../shared/data/holidays-cn/holidays.csv", "r");
    if (!file || !policy_load(&policy, SOURCE_DIR "/policy", today, NULL, NULL)) {
        (void)printf("SKIPPED: no table of holidays, or no sample policy\n");
        if (file)
            (void)fclose(file);
        skip();
        return;
    }
    instant at;
    char line[400], text[40];
    assert_true(instant_parse(STR("2018-01-01T00:00:00+08:00"), &at, NULL));
    int32_t first = calendar_day_of(at), listed = 0;
    while (fgets(line, sizeof line, file)) {
        (void)snprintf(text, sizeof text, "%.10sT00:00:00+08:00", line);
        const char *name = strchr(line, ',');
        if (!name || !instant_parse(str_of(text), &at, NULL) ||
                calendar_day_of(at) < first)
            continue;
        says[calendar_day_of(at) - first] = strchr(name + 1, ',')[1] == '1' ? DAY_OFF
                                                                            : DAY_WORKED;
        listed++;
    }
    (void)fclose(file);
    assert_true(listed > 300);
    for (int32_t day = 0; day < 9 * 365 + 2; day++) {
        int weekday = (day % 7); /* 2018-01-01 was a Monday */
        bool work = says[day] == DAY_WORKED ||
                    (says[day] == DAY_BY_WEEKDAY && weekday < 5);
        if (calendar_is_workday(&policy->calendar, first + day) != work)
            fail_msg("day %d after 2018-01-01", (int)day);
    }
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            POLICY_TEST(a_good_policy_loads_without_a_word),
            POLICY_TEST(parties_are_found_from_the_place),
            POLICY_TEST(the_version_changes_with_any_byte),
            POLICY_TEST(a_byte_order_mark_and_windows_lines_are_accepted),
            POLICY_TEST(a_field_over_two_lines_keeps_the_line_numbers_right),
            POLICY_TEST(one_persons_words_need_less_likeness_than_strangers),
            POLICY_TEST(all_problems_are_listed_at_once),
            POLICY_TEST(every_single_fault_is_named_with_file_and_line),
            POLICY_TEST(a_missing_file_is_one_problem),
            POLICY_TEST(text_that_is_not_utf8_is_named_with_its_line),
            POLICY_TEST(working_time_needs_office_hours_and_this_year),
            POLICY_TEST(a_coming_year_without_holidays_is_a_warning),
            POLICY_TEST(the_names_of_holidays_are_kept_by_day),
            POLICY_TEST(a_december_file_may_list_days_of_the_next_year),
            cmocka_unit_test(the_sample_policy_is_good),
            cmocka_unit_test(the_sample_calendar_is_the_announced_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
