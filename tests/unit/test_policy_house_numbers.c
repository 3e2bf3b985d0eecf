#include "policy_fixture.h"

#include <stdio.h>

#define FILE_NAME "house_numbers.csv"
#define HEAD "road,from,to,side,place,valid_from,valid_to\n"

static int write_roads(void **state)
{
    (void)write_policy(state);
    spoil(*state, "places.csv", "p-b,", "r-1,柳岸路,road,p-jd,,,,柳堤路,,\np-b,");
    return 0;
}

static int remove_all(void **state)
{
    struct fixture *f = *state;
    char path[128];
    path_of(f, FILE_NAME, path);
    (void)remove(path); /* not every test has written it */
    return remove_policy(state);
}

/* The code of the place that a house of the road belongs to. */
static const char *place_of(
        const struct fixture *f, const char *road, int32_t number, const char *day)
{
    instant at;
    char text[64];
    size_t n;
    const char *code = "";
    (void)snprintf(text, sizeof text, "%sT12:00:00+08:00", day);
    assert_true(instant_parse(str_of(text), &at, NULL));
    const struct house_numbers *rows = policy_house_numbers(f->policy, road, &n);
    for (size_t i = 0; i < n; i++)
        if (house_numbers_have(&rows[i], number, at))
            code = rows[i].place->code;
    return code;
}

static void a_house_belongs_to_the_row_of_its_side_and_time(void **state)
{
    struct fixture *f = *state;
    write_file(f, FILE_NAME,
            HEAD "柳巷,5,5,all,p-b,,\n"
                 "r-1,1,29,odd,p-a,,2026-07-01\n"
                 "r-1,1,29,odd,p-b,2026-07-01,\n"
                 "r-1,2,30,even,p-sq,,\n"
                 "r-1,31,31,all,p-b,,\n");
    assert_loads(f);
    assert_string_equal(f->report, "");
    assert_string_equal(place_of(f, "r-1", 1, "2026-06-30"), "p-a");
    assert_string_equal(place_of(f, "r-1", 29, "2026-07-01"), "p-b");
    assert_string_equal(place_of(f, "r-1", 2, "2026-07-01"), "p-sq");
    assert_string_equal(place_of(f, "r-1", 30, "2026-07-01"), "p-sq");
    assert_string_equal(place_of(f, "r-1", 31, "2026-07-01"), "p-b");
    assert_string_equal(place_of(f, "r-1", 32, "2026-07-01"), "");
    assert_string_equal(place_of(f, "柳巷", 5, "2026-07-01"), "p-b");
    assert_string_equal(place_of(f, "r-2", 5, "2026-07-01"), "");
}

static const struct {
    const char *row, *beginning;
} faulty[] = {
        {"r-2,1,9,all,p-a,,\n", FILE_NAME ":2: the road 'r-2' is not in places.csv"},
        {"p-a,1,9,all,p-a,,\n",
                FILE_NAME ":2: 'p-a' is no road, it is of the type estate"},
        {"柳堤路,1,9,all,p-a,,\n",
                FILE_NAME ":2: the road '柳堤路' is 'r-1' in places.csv; write that "
                          "code"},
        {",1,9,all,p-a,,\n", FILE_NAME ":2: the field 'road' is empty"},
        {"r-1,0,9,all,p-a,,\n", FILE_NAME ":2: '0' is no house number"},
        {"r-1,1,9,left,p-a,,\n", FILE_NAME ":2: 'left' is no side of a road"},
        {"r-1,1,9,all,p-x,,\n", FILE_NAME ":2: the place 'p-x' is not in places.csv"},
        {"r-1,9,1,all,p-a,,\n", FILE_NAME ":2: no house from 9 to 1 is on the side"},
        {"r-1,9,9,even,p-a,,\n", FILE_NAME ":2: no house from 9 to 9 is on the side"},
        {"r-1,1,9,all,p-a,x,\n", FILE_NAME ":2: 'x' is no date"},
        {"r-1,1,9,all,p-a,,\nr-1,8,20,even,p-b,,\n",
                FILE_NAME ":3: number 8 of 'r-1' is in line 2, too"},
        {"r-1,1,9,odd,p-a,,\nr-1,2,20,all,p-b,,\n",
                FILE_NAME ":3: number 3 of 'r-1' is in line 2, too"},
        {"r-1,9,20,all,p-a,,\nr-1,1,9,odd,p-b,,\n",
                FILE_NAME ":3: number 9 of 'r-1' is in line 2, too"},
};

static void what_is_wrong_is_named_with_its_line(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, HEAD "%s", faulty[i].row);
        write_file(f, FILE_NAME, text);
        assert_refused(f, faulty[i].beginning);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, write_roads, remove_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(a_house_belongs_to_the_row_of_its_side_and_time),
            TEST(what_is_wrong_is_named_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
