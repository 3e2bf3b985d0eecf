/* Which of the names of places in a complaint decides. */
#include "place_fixture.h"

static void nothing_named_is_none(void **state)
{
    (void)state;
    expect(-1, PLACE_BY_NONE, -1);
}

static void the_district_says_nothing(void **state)
{
    (void)state;
    named(DISTRICT, PLACE_IN_TEXT, 0);
    expect(-1, PLACE_BY_NONE, -1);
}

static void the_address_beats_the_text(void **state)
{
    (void)state;
    named(SPRING, PLACE_IN_TEXT, 0);
    named(GARDEN, PLACE_IN_ADDRESS, 0);
    expect(GARDEN, PLACE_BY_ADDRESS, -1);
}

static void the_estate_field_beats_the_address(void **state)
{
    (void)state;
    named(SPRING, PLACE_IN_ADDRESS, 0);
    named(GARDEN, PLACE_IN_ESTATE, 0);
    expect(GARDEN, PLACE_BY_ESTATE, -1);
}

static void the_more_exact_kind_of_place_wins(void **state)
{
    (void)state;
    named(EAST, PLACE_IN_TEXT, 0);
    named(ROAD, PLACE_IN_TEXT, 20);
    expect(ROAD, PLACE_BY_TEXT, -1);
    named(ALDER, PLACE_IN_TEXT, 40);
    expect(ALDER, PLACE_BY_TEXT, -1);
    named(GARDEN, PLACE_IN_TEXT, 60);
    expect(GARDEN, PLACE_BY_TEXT, -1);
}

static void a_name_inside_a_longer_one_does_not_count(void **state)
{
    (void)state;
    named(GARDEN, PLACE_IN_TEXT, 0); /* 桤木花园 in 桤木花园东苑 */
    named(COURT, PLACE_IN_TEXT, 0);
    expect(COURT, PLACE_BY_TEXT, -1);
    assert_int_equal(decide(-1).n_words, 1);
}

static void the_road_named_after_an_estate_is_not_the_estate(void **state)
{
    (void)state;
    named(GARDEN, PLACE_IN_ADDRESS, 0); /* 桤木花园 in 桤木花园路 */
    named(ROAD, PLACE_IN_ADDRESS, 0);
    expect(ROAD, PLACE_BY_ADDRESS, -1);
}

static void two_estates_in_different_streets_are_a_conflict(void **state)
{
    (void)state;
    named(GARDEN, PLACE_IN_TEXT, 0);
    named(SPRING, PLACE_IN_TEXT, 30);
    struct place_decision d = decide(-1);
    assert_int_equal(d.found_by, PLACE_BY_CONFLICT);
    assert_null(d.place);
    assert_int_equal(d.n_candidates, 2);
    assert_ptr_equal(d.candidates[0], &places[GARDEN]);
    assert_ptr_equal(d.candidates[1], &places[SPRING]);
}

static void two_estates_of_one_community_are_the_community(void **state)
{
    (void)state;
    named(GARDEN, PLACE_IN_TEXT, 0);
    named(WELL_EAST, PLACE_IN_TEXT, 30);
    expect(ALDER, PLACE_BY_TEXT, -1);
    assert_int_equal(decide(-1).n_words, 2);
}

static void a_shared_name_with_no_other_hint_is_a_conflict(void **state)
{
    (void)state;
    named(WELL_EAST, PLACE_IN_TEXT, 0);
    named(WELL_WEST, PLACE_IN_TEXT, 0);
    expect(-1, PLACE_BY_CONFLICT, -1);
}

static void a_shared_name_is_settled_by_what_else_is_named(void **state)
{
    (void)state;
    named(WELL_EAST, PLACE_IN_TEXT, 0);
    named(WELL_WEST, PLACE_IN_TEXT, 0);
    named(WEST, PLACE_IN_ADDRESS, 0);
    expect(WELL_WEST, PLACE_BY_TEXT, -1);
}

static void a_shared_name_is_settled_by_the_given_grid(void **state)
{
    (void)state;
    named(WELL_EAST, PLACE_IN_TEXT, 0);
    named(WELL_WEST, PLACE_IN_TEXT, 0);
    expect(WELL_EAST, PLACE_BY_TEXT, GRID_1);
}

static void a_given_grid_is_the_place(void **state)
{
    (void)state;
    expect(GRID_1, PLACE_BY_GRID, GRID_1);
    named(SPRING, PLACE_IN_ADDRESS, 0);
    expect(GRID_1, PLACE_BY_GRID, GRID_1);
}

static void an_estate_of_the_grids_community_sharpens_it(void **state)
{
    (void)state;
    named(COURT, PLACE_IN_TEXT, 0);
    expect(COURT, PLACE_BY_TEXT, GRID_1);
}

static void two_estates_of_the_community_leave_the_grid(void **state)
{
    (void)state;
    named(GARDEN, PLACE_IN_TEXT, 0);
    named(WELL_EAST, PLACE_IN_TEXT, 30);
    expect(GRID_1, PLACE_BY_GRID, GRID_1);
}

static void a_later_field_sharpens_only_inside(void **state)
{
    (void)state;
    named(EAST, PLACE_IN_ADDRESS, 0);
    named(SPRING, PLACE_IN_TEXT, 0);
    expect(EAST, PLACE_BY_ADDRESS, -1);
    named(SCHOOL, PLACE_IN_TEXT, 30);
    expect(SCHOOL, PLACE_BY_TEXT, -1);
}

static void a_place_that_is_no_longer_valid_does_not_count(void **state)
{
    (void)state;
    named(OLD, PLACE_IN_TEXT, 0);
    expect(-1, PLACE_BY_NONE, -1);
}

static void what_lies_in_another_named_place_is_more_exact(void **state)
{
    (void)state;
    named(GARDEN, PLACE_IN_TEXT, 0);
    named(SHOP, PLACE_IN_TEXT, 30);
    expect(SHOP, PLACE_BY_TEXT, -1);
    named(SPRING, PLACE_IN_TEXT, 60);
    struct place_decision d = decide(-1);
    assert_int_equal(d.found_by, PLACE_BY_CONFLICT);
    assert_ptr_equal(d.candidates[0], &places[SHOP]);
    assert_ptr_equal(d.candidates[1], &places[SPRING]);
    assert_int_equal(d.n_candidates, 2);
}

static void the_community_of_its_part_is_the_neighbourhood(void **state)
{
    (void)state;
    expect(BLOCK, PLACE_BY_GRID, BLOCK);
    named(GARDEN, PLACE_IN_TEXT, 0);
    expect(GARDEN, PLACE_BY_TEXT, BLOCK);
}

static void a_longer_name_of_the_past_hides_no_other(void **state)
{
    (void)state;
    named(OLD, PLACE_IN_TEXT, 0);
    named(WELL_WEST, PLACE_IN_TEXT, 0);
    expect(WELL_WEST, PLACE_BY_TEXT, -1);
}

static void a_grid_of_the_past_is_not_given(void **state)
{
    (void)state;
    expect(-1, PLACE_BY_NONE, OLD);
    stands_in(GRID_1);
    expect(GRID_1, PLACE_BY_POINT, OLD);
}

static void the_path_leads_from_the_district_down(void **state)
{
    (void)state;
    const struct place *path[PLACE_DEPTH_MAX];
    assert_int_equal(place_path(&places[GARDEN], path), 5);
    assert_ptr_equal(path[0], &places[DISTRICT]);
    assert_ptr_equal(path[3], &places[GRID_1]);
    assert_ptr_equal(path[4], &places[GARDEN]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            PLACE_TEST(nothing_named_is_none),
            PLACE_TEST(the_district_says_nothing),
            PLACE_TEST(the_address_beats_the_text),
            PLACE_TEST(the_estate_field_beats_the_address),
            PLACE_TEST(the_more_exact_kind_of_place_wins),
            PLACE_TEST(a_name_inside_a_longer_one_does_not_count),
            PLACE_TEST(the_road_named_after_an_estate_is_not_the_estate),
            PLACE_TEST(two_estates_in_different_streets_are_a_conflict),
            PLACE_TEST(two_estates_of_one_community_are_the_community),
            PLACE_TEST(a_shared_name_with_no_other_hint_is_a_conflict),
            PLACE_TEST(a_shared_name_is_settled_by_what_else_is_named),
            PLACE_TEST(a_shared_name_is_settled_by_the_given_grid),
            PLACE_TEST(a_given_grid_is_the_place),
            PLACE_TEST(an_estate_of_the_grids_community_sharpens_it),
            PLACE_TEST(two_estates_of_the_community_leave_the_grid),
            PLACE_TEST(a_later_field_sharpens_only_inside),
            PLACE_TEST(a_place_that_is_no_longer_valid_does_not_count),
            PLACE_TEST(what_lies_in_another_named_place_is_more_exact),
            PLACE_TEST(the_community_of_its_part_is_the_neighbourhood),
            PLACE_TEST(a_longer_name_of_the_past_hides_no_other),
            PLACE_TEST(a_grid_of_the_past_is_not_given),
            PLACE_TEST(the_path_leads_from_the_district_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
