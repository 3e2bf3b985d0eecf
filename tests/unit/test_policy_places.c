#include "policy_fixture.h"

#include <stdio.h>
#include <string.h>

#define LEVELS_FILE                                                                                  \
    "name,like\n"                                                                                    \
    "市,district\n镇,street\n行政村,community\n自然村,estate\n党支部,grid\n楼栋,part\n" \
    "楼道,part\n户,part\n"

static int write_levels(void **state)
{
    (void)write_policy(state);
    write_file(*state, "levels.csv", LEVELS_FILE);
    return 0;
}

static int remove_all(void **state)
{
    struct fixture *f = *state;
    char path[128];
    path_of(f, "levels.csv", path);
    (void)remove(path); /* not every test has written it */
    return remove_policy(state);
}

static const struct place *place(const struct fixture *f, const char *code)
{
    const struct place *found = policy_place(f->policy, str_of(code));
    assert_non_null(found);
    return found;
}

static void a_tree_of_eight_levels_with_names_of_its_own(void **state)
{
    struct fixture *f = *state;
    spoil(f, "places.csv", "p-qu,云溪区,district,,",
            "shi,云州市,市,,,,,,,\n"
            "zhen,溪口镇,镇,p-qu,jd,,,,,\n"
            "cun,溪口村,行政村,zhen,sq,,,,,\n"
            "wan,溪湾,自然村,cun,,wy,open_old,,,\n"
            "lou,溪湾一号楼,楼栋,wan,,,,,,\n"
            "dao,溪湾一号楼二单元,楼道,lou,,,,,,\n"
            "hu,溪湾一号楼二单元中心户,户,dao,,,,,,\n"
            "p-qu,云溪区,district,shi,");
    assert_loads(f);
    assert_string_equal(f->report, "");
    const struct place *home = place(f, "hu");
    assert_string_equal(place_level_name(home), "户");
    assert_string_equal(place_level_name(place(f, "cun")), "行政村");
    assert_string_equal(place_level_name(place(f, "p-sq")), "community");
    assert_int_equal(home->type, PLACE_TYPE_ESTATE);
    assert_string_equal(home->property->code, "wy");
    assert_string_equal(home->estate_type, "open_old");
    const struct party property = {.role = LEAD_PROPERTY}, street = {.role = LEAD_STREET},
                       community = {.role = LEAD_COMMUNITY};
    assert_string_equal(party_unit(&property, home, today)->code, "wy");
    assert_string_equal(party_unit(&community, home, today)->code, "sq");
    assert_string_equal(party_unit(&street, home, today)->code, "jd");
    assert_ptr_equal(place_up(home, PLACE_TYPE_STREET), place(f, "zhen"));
    assert_true(place_within(home, place(f, "shi")));
}

static void a_part_of_a_grid_is_of_the_grids_kind(void **state)
{
    struct fixture *f = *state;
    spoil(f, "places.csv", "p-a,",
            "b-1,第一网格党支部,党支部,p-sq,,,,,,\n"
            "b-1-l,第一网格楼宇,楼栋,b-1,,,,,,\n"
            "p-a,");
    assert_loads(f);
    assert_int_equal(place(f, "b-1-l")->type, PLACE_TYPE_GRID);
    assert_null(place(f, "b-1-l")->property);
}

#define CATALOGUE                                                                        \
    "id,category,place_type,needs_place,lead,assists,sla,precedence,valid_from,valid_to" \
    "\nc1,01,,yes,cg,,,30,,\nc2,04,,yes,cg,,,30,,\n"

static bool fits(const struct fixture *f, int row, const char *code)
{
    const struct catalogue_query query = {
            .category = policy_category(f->policy, STR("010101")),
            .place = place(f, code),
            .at = today,
            .received = today};
    return catalogue_fits(f->policy, &f->policy->catalogue[row], &query);
}

static void a_row_of_the_catalogue_may_be_for_one_level(void **state)
{
    struct fixture *f = *state;
    spoil(f, "places.csv", "p-jd,", "zhen,溪口镇,镇,p-qu,jd,,,,,\np-jd,");
    write_file(f, "catalogue.csv",
            CATALOGUE "z,010101,镇,yes,jd,,,5,,\ns,010101,street,yes,cg,,,6,,\n");
    assert_loads(f);
    assert_true(fits(f, 0, "zhen"));
    assert_false(fits(f, 0, "p-jd")); /* a 街道 is like a street, too, and no 镇 */
    assert_true(fits(f, 1, "zhen"));
    assert_true(fits(f, 1, "p-jd"));
}

static void rows_of_two_levels_need_no_precedence_but_a_part_may_be_anything(void **state)
{
    struct fixture *f = *state;
    write_file(f, "catalogue.csv",
            CATALOGUE "z,010101,楼栋,yes,jd,,,5,,\ns,010101,楼道,yes,cg,,,5,,\n");
    assert_loads(f);
    write_file(f, "catalogue.csv",
            CATALOGUE "z,010101,楼栋,yes,jd,,,5,,\ns,010101,estate,yes,cg,,,5,,\n");
    assert_refused(f, "catalogue.csv:5: 's' and 'z' (line 4) fit the same complaints");
    write_file(f, "catalogue.csv",
            CATALOGUE "z,010101,镇,yes,jd,,,5,,\ns,010101,street,yes,cg,,,5,,\n");
    assert_refused(f, "catalogue.csv:5: 's' and 'z' (line 4) fit the same complaints");
}

static void a_chain(struct fixture *f, int n)
{
    char chain[4000] = "";
    size_t len = 0;
    for (int i = 0; i < n; i++) {
        char above[16] = "p-a";
        if (i)
            (void)snprintf(above, sizeof above, "x-%02d", i - 1);
        len += (size_t)snprintf(chain + len, sizeof chain - len,
                "x-%02d,溪湾%02d号,楼栋,%s,,,,,,\n", i, i, above);
    }
    (void)snprintf(chain + len, sizeof chain - len, "p-b,柳岸旧里");
    spoil(f, "places.csv", "p-b,柳岸旧里", chain);
}

static void a_path_is_never_cut_but_refused(void **state)
{
    struct fixture *f = *state;
    a_chain(f, PLACE_DEPTH_MAX - 4);
    assert_loads(f);
    a_chain(f, PLACE_DEPTH_MAX - 3);
    assert_refused(f, "places.csv:18: 'x-12' lies 17 places deep; a complaint's path "
                      "holds 16\n");
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    static const struct fault faults[] = {
            {"places.csv", "p-b,柳岸旧里,estate", "p-b,柳岸旧里,自然屯",
                    "places.csv:6: '自然屯' is no type of place"},
            {"places.csv", "p-b,柳岸旧里,estate,p-sq,,none,open_old",
                    "p-b,柳岸旧里,楼栋,,,,",
                    "places.csv:6: 'p-b' is of the type '楼栋', a part, and lies in no "
                    "place"},
            {"places.csv", "p-b,柳岸旧里,estate,p-sq,,none",
                    "p-b,柳岸旧里,楼栋,p-a,,none",
                    "places.csv:6: 'p-b' is no estate and cannot have a property firm"},
            {"places.csv", "p-b,柳岸旧里,estate,p-sq,,none,",
                    "p-b,柳岸旧里,自然村,p-sq,,,",
                    "places.csv:6: the estate 'p-b' names no property firm"},
    };
    assert_faults(*state, faults, sizeof faults / sizeof *faults);
}

static void levels_that_mean_nothing_are_refused(void **state)
{
    static const struct {
        const char *row, *beginning;
    } faulty[] = {
            {"estate,grid\n", "levels.csv:2: 'estate' is no code; write a name of at "
                              "most 40 bytes that is none of the seven kinds"},
            {",grid\n", "levels.csv:2: '' is no code"},
            {"组,team\n", "levels.csv:2: 'team' is no kind of place; choose one of: "
                          "district street community grid estate road landmark part"},
            {"组,grid\n组,part\n",
                    "levels.csv:3: the code '组' stands already in line 2"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "name,like\n%s", faulty[i].row);
        write_file(f, "levels.csv", text);
        assert_refused(f, faulty[i].beginning);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, write_levels, remove_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(a_tree_of_eight_levels_with_names_of_its_own),
            TEST(a_part_of_a_grid_is_of_the_grids_kind),
            TEST(a_path_is_never_cut_but_refused),
            TEST(what_is_wrong_is_named_with_its_line),
            TEST(a_row_of_the_catalogue_may_be_for_one_level),
            TEST(rows_of_two_levels_need_no_precedence_but_a_part_may_be_anything),
            TEST(levels_that_mean_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
