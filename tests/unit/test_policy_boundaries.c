#include "policy_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "boundaries.geojson"
#define COLLECTION(features)                                                             \
    "{\"type\": \"FeatureCollection\", \"features\": [\n" features "\n]}\n"
#define FEATURE(properties, geometry)                                                    \
    "{\"type\": \"Feature\", \"properties\": {" properties "}, \"geometry\": " geometry  \
    "}"
#define BOX(west, south, east, north)                                                    \
    "{\"type\": \"Polygon\", \"coordinates\": [[[" #west "," #south "],[" #east          \
    "," #south "],[" #east "," #north "],[" #west "," #north "],[" #west "," #south      \
    "]]]}"
#define PLACE(code, geometry) FEATURE("\"code\": \"" code "\"", geometry)

static void boundaries(struct fixture *f, const char *text)
{
    write_file(f, FILE_NAME, text);
}

static int remove_all(void **state)
{
    struct fixture *f = *state;
    char path[128];
    path_of(f, FILE_NAME, path);
    (void)remove(path); /* not every test has written it */
    return remove_policy(state);
}

/* The codes of the places around a point, in the order of the file. */
static void expect_at(
        struct fixture *f, double lon, double lat, const char *when, const char *codes)
{
    const struct place *places[8];
    instant at;
    char text[64], got[128] = "";
    (void)snprintf(text, sizeof text, "%sT12:00:00+08:00", when);
    assert_true(instant_parse(str_of(text), &at, NULL));
    size_t n = policy_places_at(f->policy, lon, lat, at, places, 8);
    for (size_t i = 0; i < f->policy->n_places; i++)
        for (size_t k = 0; k < n; k++)
            if (places[k] == &f->policy->places[i]) {
                (void)strcat(got, got[0] ? " " : "");
                (void)strcat(got, places[k]->code);
            }
    assert_string_equal(got, codes);
}

static void a_point_is_in_the_places_around_it(void **state)
{
    struct fixture *f = *state;
    boundaries(f, COLLECTION(PLACE("p-jd", BOX(118, 24, 119, 25)) ",\n" PLACE(
                          "p-sq", BOX(118.2, 24.2, 118.6, 24.6)) ",\n" PLACE("p-a",
                          "{\"type\": \"MultiPolygon\", "
                          "\"coordinates\": "
                          "[[[[118.3,24.3,7],[118.4,24.3,7],"
                          "[118.4,24.4,7],[118.3,24.3,7]]],"
                          "[[[118.5,24.5],[118.55,24.5],"
                          "[118.55,24.55],[118.5,24.5]]]]}")));
    assert_loads(f);
    assert_string_equal(f->report, "");
    expect_at(f, 118.39, 24.31, "2026-11-21", "p-a p-jd p-sq");
    expect_at(f, 118.54, 24.51, "2026-11-21", "p-a p-jd p-sq");
    expect_at(f, 118.45, 24.45, "2026-11-21", "p-jd p-sq");
    expect_at(f, 118.2, 24.3, "2026-11-21", "p-jd p-sq");
    expect_at(f, 118.9, 24.9, "2026-11-21", "p-jd");
    expect_at(f, 120, 30, "2026-11-21", "");
}

static void without_the_file_every_point_is_nowhere(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    expect_at(f, 118.5, 24.5, "2026-11-21", "");
    boundaries(f, COLLECTION(""));
    assert_loads(f);
    expect_at(f, 118.5, 24.5, "2026-11-21", "");
}

static void a_boundary_counts_at_the_time_of_the_event(void **state)
{
    struct fixture *f = *state;
    boundaries(f, COLLECTION(FEATURE("\"code\": \"p-a\", \"valid_to\": \"2026-07-01\"",
                          BOX(118, 24, 118.1, 24.1)) ",\n" FEATURE("\"code\": \"p-a\", "
                                                                   "\"valid_from\": "
                                                                   "\"2026-07-01\", "
                                                                   "\"valid_to\": null",
                          BOX(118.1, 24, 118.2, 24.1)) ",\n" FEATURE("\"code\": "
                                                                     "\"p-b\", "
                                                                     "\"valid_from\": "
                                                                     "\"2026-07-01\"",
                          BOX(118, 24, 118.1, 24.1))));
    assert_loads(f);
    assert_string_equal(f->report, "");
    expect_at(f, 118.05, 24.05, "2026-06-30", "p-a");
    expect_at(f, 118.05, 24.05, "2026-07-01", "p-b");
    expect_at(f, 118.15, 24.05, "2026-06-30", "");
    expect_at(f, 118.15, 24.05, "2026-07-01", "p-a");
    spoil(f, "places.csv", "柳岸旧里,estate,p-sq,,none,open_old,,,",
            "柳岸旧里,estate,p-sq,,none,open_old,,,2026-08-01");
    assert_loads(f);
    expect_at(f, 118.05, 24.05, "2026-07-31", "p-b");
    expect_at(f, 118.05, 24.05, "2026-08-01", "");
}

static void the_version_changes_with_a_boundary(void **state)
{
    struct fixture *f = *state;
    char version[64];
    boundaries(f, COLLECTION(PLACE("p-a", BOX(118, 24, 118.1, 24.1))));
    assert_loads(f);
    (void)snprintf(version, sizeof version, "%s", f->policy->version);
    boundaries(f, COLLECTION(PLACE("p-a", BOX(118, 24, 118.1, 24.2))));
    assert_loads(f);
    assert_string_not_equal(f->policy->version, version);
}

static const struct {
    const char *text, *beginning;
} faulty[] = {
        {"{\"type\": \"Feature\"}", FILE_NAME ":1: must be a FeatureCollection"},
        {"{\"type\": \"FeatureCollection\", \"features\": {}}",
                FILE_NAME ":1: must be a FeatureCollection"},
        {"[]", FILE_NAME ":1: must be a JSON object"},
        {COLLECTION(PLACE("p-a", BOX(118, 24, 118.1, 24.1)) ",\n\n" FEATURE(
                 "\"name\": \"p-b\"", BOX(118.2, 24, 118.3, 24.1))),
                FILE_NAME ":4: the feature has no property 'code'"},
        {COLLECTION(FEATURE("\"code\": 7", BOX(118, 24, 118.1, 24.1))),
                FILE_NAME ":2: 'code' must be text in quotes"},
        {COLLECTION(PLACE("p-x", BOX(118, 24, 118.1, 24.1))),
                FILE_NAME ":2: the place 'p-x' is not in places.csv"},
        {COLLECTION(PLACE("p-a", BOX(24, 118, 24.1, 118.1))),
                FILE_NAME ":2: the boundary of 'p-a' lies outside of longitude"},
        {COLLECTION(PLACE("p-a", "{\"type\": \"Point\", \"coordinates\": [118, 24]}")),
                FILE_NAME ":2: the boundary of 'p-a' is no area"},
        {COLLECTION(PLACE("p-a", "null")),
                FILE_NAME ":2: the boundary of 'p-a' cannot be read"},
        {COLLECTION(PLACE("p-a", "{\"type\": \"Polygon\", \"coordinates\": []}")),
                FILE_NAME ":2: the boundary of 'p-a' is no area"},
        {COLLECTION(PLACE("p-a", "{\"type\": \"Polygon\", \"coordinates\": [[[118,24],"
                                 "[119,24],[119,25],[118,25]]]}")),
                FILE_NAME ":2: the boundary of 'p-a' cannot be read: "
                          "IllegalArgumentException: Points of LinearRing do not form"},
        {COLLECTION(PLACE("p-a", "{\"type\": \"Polygon\", \"coordinates\": [[[118,24],"
                                 "[119,25],[119,24],[118,25],[118,24]]]}")),
                FILE_NAME ":2: the boundary of 'p-a' is no valid area: "
                          "Self-intersection[118.5 24.5]"},
        {COLLECTION(FEATURE("\"code\": \"p-a\", \"valid_from\": \"soon\"",
                 BOX(118, 24, 118.1, 24.1))),
                FILE_NAME ":2: 'soon' is no date"},
        {COLLECTION(FEATURE(
                 "\"code\": \"p-a\", \"valid_to\": 2026", BOX(118, 24, 118.1, 24.1))),
                FILE_NAME ":2: 'valid_to' must be text in quotes"},
        {COLLECTION(PLACE("p-a", BOX(118, 24, 118.1, 24.1)) ",\n" PLACE(
                 "p-a", BOX(118.05, 24, 118.2, 24.1))),
                FILE_NAME ":3: 'p-a' has another boundary at the same time in line 2"},
};

static void what_is_wrong_is_named_with_its_line(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++) {
        boundaries(f, faulty[i].text);
        assert_refused(f, faulty[i].beginning);
    }
}

static void neighbours_that_overlap_are_a_warning_with_both_lines(void **state)
{
    struct fixture *f = *state;
    boundaries(f, COLLECTION(PLACE("p-sq", BOX(118, 24, 119, 25)) ",\n" PLACE(
                          "p-a", BOX(118.1, 24.1, 118.3, 24.2)) ",\n" PLACE("p-b",
                          BOX(118.25, 24.1, 118.4, 24.2))));
    assert_loads(f);
    assert_string_equal(f->report,
            FILE_NAME ":4: warning: 'p-b' and 'p-a' (line 3) overlap: a point in the 33 "
                      "percent of the smaller one that they share is in neither, but in "
                      "what holds both\n");
    boundaries(f, COLLECTION(PLACE("p-a", BOX(118.1, 24.1, 118.3, 24.2)) ",\n" PLACE(
                          "p-b", BOX(118.298, 24.1, 118.4, 24.2))));
    assert_loads(f);
    assert_string_equal(f->report, "");
}

static void what_lies_in_another_of_its_kind_may_overlap_it(void **state)
{
    struct fixture *f = *state;
    spoil(f, "places.csv", "p-b,柳岸旧里,estate,p-sq", "p-b,柳岸旧里,estate,p-a");
    boundaries(f, COLLECTION(PLACE("p-a", BOX(118, 24, 119, 25)) ",\n" PLACE(
                          "p-b", BOX(118.1, 24.1, 118.2, 24.2))));
    assert_loads(f);
    assert_string_equal(f->report, "");
    boundaries(f, COLLECTION(PLACE("p-b", BOX(118.1, 24.1, 118.2, 24.2)) ",\n" PLACE(
                          "p-a", BOX(118, 24, 119, 25))));
    assert_loads(f);
    assert_string_equal(f->report, "");
}

/* A street's box meets those of all its grids, of all times. */
static void an_overlap_is_found_among_hundreds_of_boundaries(void **state)
{
    enum { DAYS = 300 };
    struct fixture *f = *state;
    size_t size;
    char *text;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    (void)fputs("{\"type\": \"FeatureCollection\", \"features\": [\n", out);
    for (int i = 0; i < DAYS; i++) /* one after the other, over ten years */
        (void)fprintf(out,
                "{\"type\": \"Feature\", \"properties\": {\"code\": \"p-b\", "
                "\"valid_from\": \"%d-%02d-%02d\", \"valid_to\": \"%d-%02d-%02d\"}, "
                "\"geometry\": " BOX(118, 24, 118.2, 24.1) "},\n",
                2010 + i / 30, 1 + i % 30 / 3, 1 + i % 3, 2010 + i / 30, 1 + i % 30 / 3,
                2 + i % 3);
    (void)fputs(FEATURE("\"code\": \"p-b\", \"valid_from\": \"2026-01-01\"",
                        BOX(118, 24, 118.2, 24.1)) ",\n" FEATURE("\"code\": \"p-a\", "
                                                                 "\"valid_from\": "
                                                                 "\"2026-01-01\"",
                        BOX(118.1, 24, 118.3, 24.1)) "]}\n",
            out);
    assert_int_equal(fclose(out), 0);
    boundaries(f, text);
    free(text);
    assert_loads(f);
    assert_int_equal(f->counts.n_warnings, 1);
    assert_non_null(strstr(
            f->report, FILE_NAME ":303: warning: 'p-a' and 'p-b' (line 302) overlap"));
}

static void a_place_without_a_boundary_any_more_is_a_warning(void **state)
{
    struct fixture *f = *state;
    boundaries(f, COLLECTION(FEATURE("\"code\": \"p-a\", \"valid_to\": \"2026-07-01\"",
                          BOX(118, 24, 118.1, 24.1))));
    assert_loads(f);
    assert_string_equal(f->report, FILE_NAME
            ":2: warning: the boundary of 'p-a' is not valid any more and there is none "
            "after it\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, write_policy, remove_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(a_point_is_in_the_places_around_it),
            TEST(without_the_file_every_point_is_nowhere),
            TEST(a_boundary_counts_at_the_time_of_the_event),
            TEST(the_version_changes_with_a_boundary),
            TEST(what_is_wrong_is_named_with_its_line),
            TEST(neighbours_that_overlap_are_a_warning_with_both_lines),
            TEST(what_lies_in_another_of_its_kind_may_overlap_it),
            TEST(an_overlap_is_found_among_hundreds_of_boundaries),
            TEST(a_place_without_a_boundary_any_more_is_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
