/* What a name that is nearly one of the policy's decides. */
#include "place_fixture.h"

static void a_nearly_right_name_decides_where_nothing_else_does(void **state)
{
    (void)state;
    named(GARDEN, PLACE_NEARLY_TEXT, 0);
    expect(GARDEN, PLACE_BY_TEXT, -1);
    assert_true(decide(-1).nearly);
    named(SPRING, PLACE_NEARLY_ESTATE, 0);
    expect(SPRING, PLACE_BY_ESTATE, -1);
    named(WELL_WEST, PLACE_NEARLY_ADDRESS, 0);
    expect(SPRING, PLACE_BY_ESTATE, -1);
}

static void a_nearly_right_name_overrules_nothing(void **state)
{
    (void)state;
    named(SPRING, PLACE_NEARLY_ESTATE, 0);
    named(GARDEN, PLACE_IN_TEXT, 0);
    expect(GARDEN, PLACE_BY_TEXT, -1);
    assert_false(decide(-1).nearly);
    names_forget();
    named(SPRING, PLACE_NEARLY_ESTATE, 0);
    named(ROAD, PLACE_IN_TEXT, 0);
    expect(ROAD, PLACE_BY_TEXT, -1);
    names_forget();
    named(SPRING, PLACE_NEARLY_ESTATE, 0);
    stands_in(GRID_1);
    expect(GRID_1, PLACE_BY_POINT, -1);
    point_forget();
    named(GARDEN, PLACE_IN_TEXT, 0);
    named(WELL_WEST, PLACE_IN_TEXT, 30);
    assert_int_equal(decide(-1).found_by, PLACE_BY_CONFLICT);
    named(PINE, PLACE_NEARLY_ADDRESS, 0);
    stands_in(CEDAR);
    assert_int_equal(decide(-1).found_by, PLACE_BY_CONFLICT);
}

static void a_nearly_right_name_sharpens_what_it_lies_in(void **state)
{
    (void)state;
    named(GARDEN, PLACE_NEARLY_TEXT, 0);
    named(EAST, PLACE_IN_ADDRESS, 0);
    expect(GARDEN, PLACE_BY_TEXT, -1);
    assert_true(decide(-1).nearly);
    expect(GARDEN, PLACE_BY_TEXT, GRID_2);
    names_forget();
    named(COURT, PLACE_NEARLY_ESTATE, 0);
    expect(COURT, PLACE_BY_ESTATE, GRID_1);
}

static void two_places_that_a_name_nearly_is_are_a_conflict(void **state)
{
    (void)state;
    named(GARDEN, PLACE_NEARLY_ADDRESS, 0);
    named(SPRING, PLACE_NEARLY_ADDRESS, 0);
    struct place_decision d = decide(-1);
    assert_int_equal(d.found_by, PLACE_BY_CONFLICT);
    assert_true(d.nearly);
    assert_int_equal(d.n_candidates, 2);
}

static void a_wrong_letter_in_the_text_is_only_a_candidate(void **state)
{
    (void)state;
    named(GARDEN, PLACE_GUESS_TEXT, 0);
    struct place_decision d = decide(-1);
    assert_int_equal(d.found_by, PLACE_BY_NONE);
    assert_null(d.place);
    assert_true(d.nearly);
    assert_int_equal(d.n_candidates, 1);
    assert_ptr_equal(d.candidates[0], &places[GARDEN]);
    named(SPRING, PLACE_GUESS_TEXT, 30);
    d = decide(-1);
    assert_int_equal(d.found_by, PLACE_BY_NONE);
    assert_int_equal(d.n_candidates, 2);
    named(EAST, PLACE_IN_TEXT, 60);
    expect(GARDEN, PLACE_BY_TEXT, -1);
    names_forget();
    named(GARDEN, PLACE_GUESS_TEXT, 0);
    named(SPRING, PLACE_NEARLY_TEXT, 0);
    expect(SPRING, PLACE_BY_TEXT, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            PLACE_TEST(a_nearly_right_name_decides_where_nothing_else_does),
            PLACE_TEST(a_nearly_right_name_overrules_nothing),
            PLACE_TEST(a_nearly_right_name_sharpens_what_it_lies_in),
            PLACE_TEST(two_places_that_a_name_nearly_is_are_a_conflict),
            PLACE_TEST(a_wrong_letter_in_the_text_is_only_a_candidate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
