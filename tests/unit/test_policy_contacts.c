/* contacts.csv: who is named, and what is refused. */
#include "policy_fixture.h"

#include <stdio.h>
#include <string.h>

enum { MAX = 8 };

static instant at(const char *text)
{
    instant time;
    char full[40];
    (void)snprintf(full, sizeof full, "%s:00+08:00", text);
    assert_true(instant_parse(str_of(full), &time, NULL));
    return time;
}

/* The staff ids named, like "q-1 q-2"; behind another's duty: "q-2(q-1)". */
static const char *named(
        const struct fixture *f, const char *unit, const char *place, const char *time)
{
    static char text[200];
    struct contact_person people[MAX];
    size_t n = policy_contacts(f->policy, policy_unit(f->policy, str_of(unit)),
            policy_place(f->policy, str_of(place)), at(time), people, MAX);
    size_t len = 0;
    text[0] = 0;
    for (size_t i = 0; i < n; i++) {
        bool other = strcmp(people[i].person->staff, people[i].duty->staff) != 0;
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s%s%s%s", i ? " " : "",
                people[i].person->staff, other ? "(" : "",
                other ? people[i].duty->staff : "", other ? ")" : "");
    }
    return text;
}

static void a_unit_is_answered_for_by_who_is_on_duty(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    assert_string_equal(named(f, "qu", "", "2026-11-18T08:30"), "q-1 q-2");
    assert_string_equal(named(f, "qu", "", "2026-11-18T17:29"), "q-1 q-2");
    assert_string_equal(named(f, "qu", "", "2026-11-18T17:30"), "q-1");
    assert_string_equal(named(f, "qu", "", "2026-11-18T08:29"), "q-1");
    assert_string_equal(named(f, "qu", "", "2026-11-21T10:00"), "q-1"); /* Saturday */
    assert_string_equal(named(f, "sq", "", "2026-11-18T10:00"), "");
    spoil(f, "contacts.csv", "08:30-17:30", "09:00-09:00"); /* round the clock */
    assert_loads(f);
    assert_string_equal(named(f, "qu", "", "2026-11-18T03:00"), "q-1 q-2");
    assert_string_equal(named(f, "qu", "", "2026-11-18T23:00"), "q-1 q-2");
    assert_string_equal(named(f, "", "", "2026-11-18T10:00"), "");
    struct contact_person head;
    assert_int_equal(policy_contacts(f->policy, policy_unit(f->policy, STR("qu")), NULL,
                             at("2026-11-18T10:00"), &head, 1),
            1);
    assert_int_equal(head.duty->duty, CONTACT_HEAD);
    assert_string_equal(head.person->name, "陈一");
}

static void a_night_shift_belongs_to_the_day_on_which_it_began(void **state)
{
    struct fixture *f = *state;
    assert_loads(f); /* j-2: Fridays 17:30 to 08:30 */
    assert_string_equal(named(f, "jd", "", "2026-11-13T17:29"), "j-1");
    assert_string_equal(named(f, "jd", "", "2026-11-13T17:30"), "j-1 j-2");
    assert_string_equal(named(f, "jd", "", "2026-11-14T08:29"), "j-1 j-2");
    assert_string_equal(named(f, "jd", "", "2026-11-14T08:30"), "j-1");
    assert_string_equal(named(f, "jd", "", "2026-11-13T03:00"), "j-1");
    /* Valid to 2027-01-01, a Friday: the last shift began a week before. */
    assert_string_equal(named(f, "jd", "", "2026-12-26T03:00"), "j-1 j-2");
    assert_string_equal(named(f, "jd", "", "2027-01-02T03:00"), "j-1");
    spoil(f, "contacts.csv", "赵四,5,17:30-08:30,j-1,2026-01-01,2027-01-01",
            "赵四,5,17:30-08:30,j-1,2026-11-14,");
    assert_loads(f);
    assert_string_equal(named(f, "jd", "", "2026-11-14T03:00"), "j-1");
}

static void who_is_away_is_covered(void **state)
{
    struct fixture *f = *state;
    assert_loads(f); /* j-1 is away from the 20th to the 22nd */
    assert_string_equal(named(f, "jd", "", "2026-11-19T23:59"), "j-1");
    assert_string_equal(named(f, "jd", "", "2026-11-20T00:00"), "j-2(j-1)");
    assert_string_equal(named(f, "jd", "", "2026-11-22T23:59"), "j-2(j-1)");
    assert_string_equal(named(f, "jd", "", "2026-11-23T00:00"), "j-1");
}

static void nobody_is_named_twice(void **state)
{
    struct fixture *f = *state;
    assert_loads(f); /* Friday night: j-2 stands in for j-1 and has a duty, too */
    assert_string_equal(named(f, "jd", "", "2026-11-20T20:00"), "j-2(j-1)");
    /* Who was named for the unit already still answers for the place: nobody above. */
    spoil(f, "contacts.csv", "\n,p-sq,sponsor,b-1,孙五",
            "\n,p-jd,sponsor,b-1,孙五,,,,,\n,p-sq,sponsor,q-1,陈一");
    assert_loads(f);
    assert_string_equal(named(f, "qu", "p-a", "2026-11-21T10:00"), "q-1");
}

static void the_covers_cover_stands_in_for_both(void **state)
{
    struct fixture *f = *state;
    spoil(f, "contacts.csv", "j-2,赵四,5,17:30-08:30,j-1", "j-2,赵四,5,17:30-08:30,q-1");
    assert_loads(f);
    assert_string_equal(named(f, "jd", "", "2026-11-20T10:00"), "j-2(j-1)");
    spoil(f, "contacts.csv", "j-2,赵四,5,17:30-08:30,j-1,2026-01-01,2027-01-01\n,p-sq",
            "j-2,赵四,5,17:30-08:30,q-1,2026-01-01,2027-01-01\n"
            ",,absent,j-2,,,,,2026-11-20,\n,p-sq");
    assert_loads(f);
    assert_string_equal(named(f, "jd", "", "2026-11-20T10:00"), "q-1(j-1)");
}

static void two_who_cover_each_other_and_are_both_away_leave_nobody(void **state)
{
    struct fixture *f = *state;
    spoil(f, "contacts.csv", "\n,p-sq", "\n,,absent,j-2,,,,,2026-11-01,\n,p-sq");
    assert_loads(f);
    assert_string_equal(named(f, "jd", "", "2026-11-20T20:00"), "");
}

static void overlapping_absences_are_one(void **state)
{
    struct fixture *f = *state;
    spoil(f, "contacts.csv", "\n,p-sq",
            "\n,,absent,j-1,,,,,2026-11-10,2026-11-12\n"
            ",,absent,j-1,,,,,2026-11-21,2026-12-01\n,p-sq");
    assert_loads(f);
    assert_string_equal(named(f, "jd", "", "2026-11-11T10:00"), "j-2(j-1)");
    assert_string_equal(named(f, "jd", "", "2026-11-19T10:00"), "j-1");
    assert_string_equal(named(f, "jd", "", "2026-11-30T10:00"), "j-2(j-1)");
}

static void a_place_is_answered_for_by_the_nearest_above_it(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    assert_string_equal(named(f, "", "p-a", "2026-11-18T10:00"), "b-1");
    assert_string_equal(named(f, "", "p-sq", "2026-11-18T10:00"), "b-1");
    assert_string_equal(named(f, "", "p-jd", "2026-11-18T10:00"), "");
    assert_string_equal(named(f, "qu", "p-a", "2026-11-21T10:00"), "q-1 b-1");
    spoil(f, "contacts.csv", "\n,p-sq",
            "\n,p-jd,sponsor,b-2,周六,,,,,\n,p-a,sponsor,b-3,吴七,6,,,,\n,p-sq");
    assert_loads(f);
    assert_string_equal(named(f, "", "p-a", "2026-11-21T10:00"), "b-3"); /* Saturday */
    assert_string_equal(named(f, "", "p-a", "2026-11-18T10:00"), "b-1");
    assert_string_equal(named(f, "", "p-jd", "2026-11-18T10:00"), "b-2");
}

static void no_more_are_named_than_there_is_room_for(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    struct contact_person people[1];
    const struct unit *unit = policy_unit(f->policy, STR("qu"));
    const struct place *place = policy_place(f->policy, STR("p-a"));
    instant time = at("2026-11-18T10:00");
    assert_int_equal(policy_contacts(f->policy, unit, place, time, people, 0), 0);
    assert_int_equal(policy_contacts(f->policy, unit, place, time, people, 1), 1);
}

static const struct fault faults[] = {
        {"contacts.csv", "qu,,head", "xx,,head",
                "contacts.csv:2: the unit 'xx' is not in units.csv"},
        {"contacts.csv", ",p-sq", ",p-xx",
                "contacts.csv:6: the place 'p-xx' is not in places.csv"},
        {"contacts.csv", "qu,,head", "qu,p-qu,head",
                "contacts.csv:2: must name a unit or a place, and not both"},
        {"contacts.csv", "qu,,head", ",,head",
                "contacts.csv:2: must name a unit or a place, and not both"},
        {"contacts.csv", "qu,,head", "qu,,boss",
                "contacts.csv:2: 'boss' is no duty; choose one of: head duty sponsor"},
        {"contacts.csv", "q-1,陈一", "Q 1,陈一",
                "contacts.csv:2: 'Q 1' is no staff id; write 1 to 31 of a-z, 0-9 and -"},
        {"contacts.csv", "q-1,陈一", "q-1,", "contacts.csv:2: the field 'name' is empty"},
        {"contacts.csv", "1;2;3;4;5", "1;2;8",
                "contacts.csv:3: '8' is no weekday; write 1 (Monday) to 7 (Sunday)"},
        {"contacts.csv", "1;2;3;4;5", "1-5", "contacts.csv:3: '1-5' is no weekday"},
        {"contacts.csv", "08:30-17:30", "08:30",
                "contacts.csv:3: '08:30' are no times; write them like 17:30-08:30"},
        {"contacts.csv", "08:30-17:30", "08:30-25:00",
                "contacts.csv:3: '08:30-25:00' are no times"},
        {"contacts.csv", "08:30-17:30", "0830--17:30",
                "contacts.csv:3: '0830--17:30' are no times"},
        {"contacts.csv", "2026-01-01,2027-01-01", "2026-01-01,2026-01-01",
                "contacts.csv:5: is valid to 2026-01-01, which is not after"},
        {"contacts.csv", "李三,,,j-2", "李三,,,j-9",
                "contacts.csv:4: the cover 'j-9' has no row of a duty of their own"},
        {"contacts.csv", "李三,,,j-2", "李三,,,j-1",
                "contacts.csv:4: 'j-1' cannot stand in for themselves"},
        {"contacts.csv", "j-2,赵四", "j-1,赵四",
                "contacts.csv:5: 'j-1' is called 赵四 here and 李三 in line 4"},
        {"contacts.csv", "absent,j-1,李三,,,,", "absent,j-1,李三,,,j-2,",
                "contacts.csv:7: an absence has staff, valid_from and valid_to only"},
        {"contacts.csv", ",,absent", "jd,,absent",
                "contacts.csv:7: an absence has staff, valid_from and valid_to only"},
        {"contacts.csv", "2026-11-20,", ",",
                "contacts.csv:7: an absence needs valid_from, the first day away"},
};

static void every_single_fault_is_named_with_file_and_line(void **state)
{
    assert_faults(*state, faults, sizeof faults / sizeof faults[0]);
}

static void a_superior_without_a_name_is_a_warning(void **state)
{
    struct fixture *f = *state;
    write_file(f, "contacts.csv",
            "unit,place,duty,staff,name,weekdays,times,cover,valid_from,valid_to\n");
    assert_loads(f);
    assert_string_equal(f->report,
            "units.csv:5: warning: 'jd' and 1 other superiors have nobody in "
            "contacts.csv, so an escalation reaches their queues without a name\n");
}

static void an_absence_of_a_stranger_is_a_warning(void **state)
{
    struct fixture *f = *state;
    spoil(f, "contacts.csv", "absent,j-1", "absent,x-1");
    assert_loads(f);
    assert_string_equal(f->report,
            "contacts.csv:7: warning: 'x-1' is absent, but has no duty to be absent "
            "from\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            POLICY_TEST(a_unit_is_answered_for_by_who_is_on_duty),
            POLICY_TEST(a_night_shift_belongs_to_the_day_on_which_it_began),
            POLICY_TEST(who_is_away_is_covered),
            POLICY_TEST(nobody_is_named_twice),
            POLICY_TEST(the_covers_cover_stands_in_for_both),
            POLICY_TEST(two_who_cover_each_other_and_are_both_away_leave_nobody),
            POLICY_TEST(overlapping_absences_are_one),
            POLICY_TEST(a_place_is_answered_for_by_the_nearest_above_it),
            POLICY_TEST(no_more_are_named_than_there_is_room_for),
            POLICY_TEST(every_single_fault_is_named_with_file_and_line),
            POLICY_TEST(a_superior_without_a_name_is_a_warning),
            POLICY_TEST(an_absence_of_a_stranger_is_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
