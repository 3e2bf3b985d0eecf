#include "place_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

enum {
    DISTRICT,
    EAST,
    WEST,
    ALDER,
    BIRCH,
    GRID_1,
    GRID_2,
    GARDEN,
    COURT,
    SPRING,
    OLD,
    WELL_EAST,
    WELL_WEST,
    ROAD,
    SCHOOL,
    SHOP,
    BLOCK,
    CEDAR,
    PINE,
    N_PLACES
};

static const struct place_level block_level = {.name = "片区", .part = true};
static const struct place places[N_PLACES] = {
        [DISTRICT] = {.code = "d", .name = "清溪区", .type = PLACE_TYPE_DISTRICT},
        [EAST] = {.code = "e",
                .name = "东门街道",
                .type = PLACE_TYPE_STREET,
                .parent = &places[DISTRICT]},
        [WEST] = {.code = "w",
                .name = "西门街道",
                .type = PLACE_TYPE_STREET,
                .parent = &places[DISTRICT]},
        [ALDER] = {.code = "e1",
                .name = "桤木社区",
                .type = PLACE_TYPE_COMMUNITY,
                .parent = &places[EAST]},
        [BIRCH] = {.code = "w1",
                .name = "桦林社区",
                .type = PLACE_TYPE_COMMUNITY,
                .parent = &places[WEST]},
        [GRID_1] = {.code = "e1g1",
                .name = "桤木一网格",
                .type = PLACE_TYPE_GRID,
                .parent = &places[ALDER]},
        [GRID_2] = {.code = "e1g2",
                .name = "桤木二网格",
                .type = PLACE_TYPE_GRID,
                .parent = &places[ALDER]},
        [GARDEN] = {.code = "e1e1",
                .name = "桤木花园",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[GRID_1]},
        [COURT] = {.code = "e1e2",
                .name = "桤木花园东苑",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[GRID_2]},
        [SPRING] = {.code = "w1e1",
                .name = "泉水新村",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[BIRCH]},
        [OLD] = {.code = "w1e0",
                .name = "旧桥里",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[BIRCH],
                .valid_to = {1000}},
        [WELL_EAST] = {.code = "e1e9",
                .name = "井巷",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[GRID_2]},
        [WELL_WEST] = {.code = "w1e9",
                .name = "井巷",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[BIRCH]},
        [ROAD] = {.code = "er1",
                .name = "桤木花园路",
                .type = PLACE_TYPE_ROAD,
                .parent = &places[EAST]},
        [SCHOOL] = {.code = "el1",
                .name = "桤木小学",
                .type = PLACE_TYPE_LANDMARK,
                .parent = &places[GRID_1]},
        [BLOCK] = {.code = "e1b1",
                .name = "桤木一片区",
                .type = PLACE_TYPE_COMMUNITY,
                .level = &block_level,
                .parent = &places[ALDER]},
        [CEDAR] = {.code = "e2",
                .name = "雪松社区",
                .type = PLACE_TYPE_COMMUNITY,
                .parent = &places[EAST]},
        [PINE] = {.code = "e2e1",
                .name = "松风苑",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[CEDAR]},
        [SHOP] = {.code = "e1e1l1",
                .name = "桤木超市",
                .type = PLACE_TYPE_LANDMARK,
                .parent = &places[GARDEN]},
};

static struct place_hit hits[16];
static size_t n_hits;
static const struct place *around[4];
static size_t n_around;

static int no_hits(void **state)
{
    (void)state;
    n_hits = n_around = 0;
    return 0;
}

/* The point lies in the boundary of that place. */
static void stands_in(int place)
{
    around[n_around++] = &places[place];
}

static void named(int place, enum place_field field, uint32_t from)
{
    hits[n_hits++] = (struct place_hit){
            .place = &places[place],
            .words = str_of(places[place].name),
            .field = field,
            .from = from,
            .to = from + (uint32_t)strlen(places[place].name),
    };
}

static struct place_decision decide(int grid)
{
    const struct place_given given = {.grid = grid < 0 ? NULL : &places[grid],
            .around = around,
            .n_around = n_around,
            .at = {5000}};
    return place_decide(hits, n_hits, &given);
}

static void expect(int place, enum place_found_by found_by, int grid)
{
    struct place_decision d = decide(grid);
    assert_int_equal(d.found_by, found_by);
    assert_ptr_equal(d.place, place < 0 ? NULL : &places[place]);
}

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
    n_hits = 0;
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
    n_hits = 0;
    named(ALDER, PLACE_IN_TEXT, 0);
    named(BIRCH, PLACE_IN_TEXT, 30);
    expect(BIRCH, PLACE_BY_POINT, -1);
    n_around = 0;
    stands_in(WEST);
    n_hits = 0;
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
    n_around = 0;
    stands_in(COURT);
    expect(COURT, PLACE_BY_POINT, GRID_1);
    named(GARDEN, PLACE_IN_TEXT, 0);
    expect(GARDEN, PLACE_BY_TEXT, GRID_1);
}

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
    n_hits = 0;
    named(SPRING, PLACE_NEARLY_ESTATE, 0);
    named(ROAD, PLACE_IN_TEXT, 0);
    expect(ROAD, PLACE_BY_TEXT, -1);
    n_hits = 0;
    named(SPRING, PLACE_NEARLY_ESTATE, 0);
    stands_in(GRID_1);
    expect(GRID_1, PLACE_BY_POINT, -1);
    n_around = 0;
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
    n_hits = 0;
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
    n_hits = 0;
    named(GARDEN, PLACE_GUESS_TEXT, 0);
    named(SPRING, PLACE_NEARLY_TEXT, 0);
    expect(SPRING, PLACE_BY_TEXT, -1);
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

static void a_point_in_another_community_sharpens_no_grid(void **state)
{
    (void)state;
    stands_in(SPRING);
    expect(GRID_1, PLACE_BY_GRID, GRID_1);
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
            cmocka_unit_test_setup(nothing_named_is_none, no_hits),
            cmocka_unit_test_setup(the_district_says_nothing, no_hits),
            cmocka_unit_test_setup(the_address_beats_the_text, no_hits),
            cmocka_unit_test_setup(the_estate_field_beats_the_address, no_hits),
            cmocka_unit_test_setup(the_more_exact_kind_of_place_wins, no_hits),
            cmocka_unit_test_setup(a_name_inside_a_longer_one_does_not_count, no_hits),
            cmocka_unit_test_setup(
                    the_road_named_after_an_estate_is_not_the_estate, no_hits),
            cmocka_unit_test_setup(
                    two_estates_in_different_streets_are_a_conflict, no_hits),
            cmocka_unit_test_setup(
                    two_estates_of_one_community_are_the_community, no_hits),
            cmocka_unit_test_setup(
                    a_shared_name_with_no_other_hint_is_a_conflict, no_hits),
            cmocka_unit_test_setup(
                    a_shared_name_is_settled_by_what_else_is_named, no_hits),
            cmocka_unit_test_setup(a_shared_name_is_settled_by_the_given_grid, no_hits),
            cmocka_unit_test_setup(a_given_grid_is_the_place, no_hits),
            cmocka_unit_test_setup(an_estate_of_the_grids_community_sharpens_it, no_hits),
            cmocka_unit_test_setup(two_estates_of_the_community_leave_the_grid, no_hits),
            cmocka_unit_test_setup(a_later_field_sharpens_only_inside, no_hits),
            cmocka_unit_test_setup(
                    a_place_that_is_no_longer_valid_does_not_count, no_hits),
            cmocka_unit_test_setup(
                    what_lies_in_another_named_place_is_more_exact, no_hits),
            cmocka_unit_test_setup(a_point_beats_no_name, no_hits),
            cmocka_unit_test_setup(the_district_around_a_point_says_nothing, no_hits),
            cmocka_unit_test_setup(a_point_in_two_grids_is_in_their_community, no_hits),
            cmocka_unit_test_setup(a_point_in_two_streets_says_nothing, no_hits),
            cmocka_unit_test_setup(
                    a_place_named_in_the_points_community_sharpens_it, no_hits),
            cmocka_unit_test_setup(a_point_sharpens_what_holds_it, no_hits),
            cmocka_unit_test_setup(a_point_says_more_than_a_road_or_a_street, no_hits),
            cmocka_unit_test_setup(a_name_in_the_points_street_stands, no_hits),
            cmocka_unit_test_setup(a_name_far_from_the_point_is_a_conflict, no_hits),
            cmocka_unit_test_setup(a_point_settles_a_conflict_of_names, no_hits),
            cmocka_unit_test_setup(a_given_grid_beats_the_point, no_hits),
            cmocka_unit_test_setup(
                    a_nearly_right_name_decides_where_nothing_else_does, no_hits),
            cmocka_unit_test_setup(a_nearly_right_name_overrules_nothing, no_hits),
            cmocka_unit_test_setup(a_nearly_right_name_sharpens_what_it_lies_in, no_hits),
            cmocka_unit_test_setup(
                    two_places_that_a_name_nearly_is_are_a_conflict, no_hits),
            cmocka_unit_test_setup(
                    a_wrong_letter_in_the_text_is_only_a_candidate, no_hits),
            cmocka_unit_test_setup(
                    the_community_of_its_part_is_the_neighbourhood, no_hits),
            cmocka_unit_test_setup(a_longer_name_of_the_past_hides_no_other, no_hits),
            cmocka_unit_test_setup(a_grid_of_the_past_is_not_given, no_hits),
            cmocka_unit_test_setup(
                    a_point_in_another_community_sharpens_no_grid, no_hits),
            cmocka_unit_test_setup(the_path_leads_from_the_district_down, no_hits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
