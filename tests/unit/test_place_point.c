/* How coordinates and names of places go together. */
#include "place_fixture.h"

static void a_point_beats_no_name(void **state)
{
    (void)state;
    stands_in(EAST);
    stands_in(GRID_2);
    stands_in(ALDER);
    expect(GRID_2, PLACE_BY_POINT, -1);
    stands_in(DISTRICT);
    expect(GRID_2, PLACE_BY_POINT, -1);
}

static void the_district_around_a_point_says_nothing(void **state)
{
    (void)state;
    stands_in(DISTRICT);
    expect(-1, PLACE_BY_NONE, -1);
}

static void a_point_in_two_grids_is_in_their_community(void **state)
{
    (void)state;
    stands_in(GRID_1);
    stands_in(GRID_2);
    expect(ALDER, PLACE_BY_POINT, -1);
    stands_in(BIRCH);
    expect(ALDER, PLACE_BY_POINT, -1);
}

static void a_point_in_two_streets_says_nothing(void **state)
{
    (void)state;
    stands_in(ALDER);
    stands_in(BIRCH);
    expect(-1, PLACE_BY_NONE, -1);
}

static void a_place_named_in_the_points_community_sharpens_it(void **state)
{
    (void)state;
    stands_in(GRID_2);
    named(GARDEN, PLACE_IN_TEXT, 0);
    expect(GARDEN, PLACE_BY_TEXT, -1);
    named(ROAD, PLACE_IN_ADDRESS, 0);
    expect(GARDEN, PLACE_BY_TEXT, -1);
}

static void a_point_sharpens_what_holds_it(void **state)
{
    (void)state;
    stands_in(GRID_2);
    named(ALDER, PLACE_IN_ESTATE, 0);
    expect(GRID_2, PLACE_BY_POINT, -1);
}

static void a_point_says_more_than_a_road_or_a_street(void **state)
{
    (void)state;
    stands_in(BIRCH);
    named(ROAD, PLACE_IN_ADDRESS, 0);
    expect(BIRCH, PLACE_BY_POINT, -1);
    names_forget();
    named(EAST, PLACE_IN_ADDRESS, 0);
    expect(BIRCH, PLACE_BY_POINT, -1);
}

static void a_name_in_the_points_street_stands(void **state)
{
    (void)state;
    stands_in(EAST);
    named(GARDEN, PLACE_IN_ADDRESS, 0);
    expect(GARDEN, PLACE_BY_ADDRESS, -1);
    named(SPRING, PLACE_IN_TEXT, 0);
    expect(GARDEN, PLACE_BY_ADDRESS, -1);
}

static void a_name_far_from_the_point_is_a_conflict(void **state)
{
    (void)state;
    stands_in(GRID_1);
    named(SPRING, PLACE_IN_ESTATE, 0);
    struct place_decision d = decide(-1);
    assert_int_equal(d.found_by, PLACE_BY_CONFLICT);
    assert_null(d.place);
    assert_int_equal(d.n_candidates, 2);
    assert_ptr_equal(d.candidates[0], &places[SPRING]);
    assert_ptr_equal(d.candidates[1], &places[GRID_1]);
    assert_true(str_is(d.words[0], "泉水新村"));
}

static void a_point_settles_a_conflict_of_names(void **state)
{
    (void)state;
    named(GARDEN, PLACE_IN_TEXT, 0);
    named(SPRING, PLACE_IN_TEXT, 30);
    stands_in(BIRCH);
    expect(SPRING, PLACE_BY_TEXT, -1);
    names_forget();
    named(ALDER, PLACE_IN_TEXT, 0);
    named(BIRCH, PLACE_IN_TEXT, 30);
    expect(BIRCH, PLACE_BY_POINT, -1);
    point_forget();
    stands_in(WEST);
    names_forget();
    named(GARDEN, PLACE_IN_TEXT, 0);
    named(COURT, PLACE_IN_ADDRESS, 0);
    named(WELL_EAST, PLACE_IN_ESTATE, 0);
    named(WELL_WEST, PLACE_IN_ESTATE, 0);
    expect(WELL_WEST, PLACE_BY_ESTATE, -1);
}

static void a_given_grid_beats_the_point(void **state)
{
    (void)state;
    stands_in(BIRCH);
    expect(GRID_1, PLACE_BY_GRID, GRID_1);
    point_forget();
    stands_in(COURT);
    expect(COURT, PLACE_BY_POINT, GRID_1);
    named(GARDEN, PLACE_IN_TEXT, 0);
    expect(GARDEN, PLACE_BY_TEXT, GRID_1);
}

static void a_point_in_another_community_sharpens_no_grid(void **state)
{
    (void)state;
    stands_in(SPRING);
    expect(GRID_1, PLACE_BY_GRID, GRID_1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            PLACE_TEST(a_point_beats_no_name),
            PLACE_TEST(the_district_around_a_point_says_nothing),
            PLACE_TEST(a_point_in_two_grids_is_in_their_community),
            PLACE_TEST(a_point_in_two_streets_says_nothing),
            PLACE_TEST(a_place_named_in_the_points_community_sharpens_it),
            PLACE_TEST(a_point_sharpens_what_holds_it),
            PLACE_TEST(a_point_says_more_than_a_road_or_a_street),
            PLACE_TEST(a_name_in_the_points_street_stands),
            PLACE_TEST(a_name_far_from_the_point_is_a_conflict),
            PLACE_TEST(a_point_settles_a_conflict_of_names),
            PLACE_TEST(a_given_grid_beats_the_point),
            PLACE_TEST(a_point_in_another_community_sharpens_no_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
