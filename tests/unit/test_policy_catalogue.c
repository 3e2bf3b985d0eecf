/* The catalogue's conditions: time of day, urgency, kind of estate, owner of an asset,
 * owners' committee. */
#include "policy_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD                                                                             \
    "id,category,place_type,needs_place,lead,assists,sla,precedence,valid_from,"         \
    "valid_to,urgency,hours,estate_type,asset\n"
#define REST                                                                             \
    "c1,010101,estate,yes,property,community;street,,10,,,,,,\n"                         \
    "c2,010101,,yes,community,,,20,,,,,,\n"                                              \
    "c3,01,,yes,cg,,,30,,,,,,\n"                                                         \
    "c4,040101,,no,cg,street!,Q,10,2020-01-01,,,,,\n"

static const struct catalogue_row *row(const struct fixture *f, const char *id)
{
    for (size_t i = 0; i < f->policy->n_catalogue; i++)
        if (strcmp(f->policy->catalogue[i].id, id) == 0)
            return &f->policy->catalogue[i];
    fail_msg("no row %s", id);
    return NULL;
}

static struct catalogue_query query(const struct fixture *f, const char *category,
        const char *place, const char *time)
{
    struct catalogue_query found = {
            .category = policy_category(f->policy, str_of(category)),
            .place = policy_place(f->policy, str_of(place)),
            .urgency = URGENCY_N};
    struct error err = {0};
    assert_true(instant_parse(str_of(time), &found.at, &err));
    found.received = found.at;
    return found;
}

static bool fits(const struct fixture *f, const char *id, struct catalogue_query asked)
{
    return catalogue_fits(f->policy, row(f, id), &asked);
}

static void a_row_holds_at_its_hours(void **state)
{
    struct fixture *f = *state;
    write_file(f, "catalogue.csv",
            HEAD "h1,040101,,no,cg,,,1,,,,22:00-06:00,,\n"
                 "h2,040101,,no,cg,,,2,,,,work,,\n"
                 "h3,040101,,no,cg,,,3,,,,off,,\n"
                 "h4,040101,,no,cg,,,4,,,,09:00-10:00,,\n" REST);
    assert_loads(f);
    static const struct {
        const char *at, *rows;
    } cases[] = {
            {"2026-11-20T21:59:59+08:00", "--o-"}, {"2026-11-20T22:00:00+08:00", "n-o-"},
            {"2026-11-21T05:59:00+08:00", "n-o-"}, {"2026-11-21T06:00:00+08:00", "--o-"},
            {"2026-11-20T09:00:00+08:00", "-w-s"}, {"2026-11-20T10:00:00+08:00", "-w--"},
            {"2026-11-21T09:30:00+08:00", "--os"}, /* a Saturday */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct catalogue_query asked = query(f, "040101", "p-a", cases[i].at);
        assert_int_equal(fits(f, "h1", asked), cases[i].rows[0] == 'n');
        assert_int_equal(fits(f, "h2", asked), cases[i].rows[1] == 'w');
        assert_int_equal(fits(f, "h3", asked), cases[i].rows[2] == 'o');
        assert_int_equal(fits(f, "h4", asked), cases[i].rows[3] == 's');
    }
}

static void a_row_holds_for_its_urgencies_and_kinds_of_estate(void **state)
{
    struct fixture *f = *state;
    write_file(f, "catalogue.csv",
            HEAD "u1,040101,,no,cg,,,1,,,E1;E2,,,\n"
                 "e1,040101,,no,cg,,,2,,,,,open_old,\n" REST);
    assert_loads(f);
    struct catalogue_query asked = query(f, "040101", "p-b", "2026-11-20T09:00:00+08:00");
    assert_false(fits(f, "u1", asked));
    asked.urgency = URGENCY_E2;
    assert_true(fits(f, "u1", asked));
    assert_true(fits(f, "e1", asked)); /* p-b is an open old estate */
    asked.place = policy_place(f->policy, STR("p-a"));
    assert_false(fits(f, "e1", asked));
    asked.place = NULL;
    assert_false(fits(f, "e1", asked));
}

static const char *owner(
        const struct fixture *f, struct catalogue_query asked, const char *text)
{
    asked.text = str_of(text);
    const struct unit *unit = catalogue_lead(f->policy, row(f, "a1"), &asked);
    return unit ? unit->code : "";
}

static void the_owner_of_what_is_broken_leads(void **state)
{
    struct fixture *f = *state;
    write_file(f, "assets.csv",
            "id,kind,place,marks,unit,valid_from,valid_to\n"
            "a1,manhole,,电力;国网,wy,,\n"
            "a2,manhole,p-jd,雨;污,sq,,\n"
            "a3,manhole,p-a,,jd,,\n"
            "a4,manhole,,自来水,cg,2027-01-01,\n"
            "a5,pole,,,cg,,\n");
    write_file(f, "catalogue.csv", HEAD "a1,040101,,no,owner,,,1,,,,,,manhole\n" REST);
    assert_loads(f);
    struct catalogue_query asked = query(f, "040101", "p-a", "2026-11-20T09:00:00+08:00");
    assert_string_equal(owner(f, asked, "井盖上写着电力"), "wy");
    assert_string_equal(owner(f, asked, "雨水井盖破了"), "sq"); /* p-a lies in p-jd */
    assert_string_equal(
            owner(f, asked, "井盖破了"), "jd"); /* no mark: who has it there */
    assert_string_equal(owner(f, asked, "自来水井盖破了"), "jd"); /* not valid yet */
    asked.place = NULL;
    assert_string_equal(owner(f, asked, "雨水井盖破了"), "");
    assert_string_equal(owner(f, asked, "国网井盖"), "wy");
    char path[128];
    path_of(f, "assets.csv", path);
    assert_int_equal(unlink(path), 0);
}

/* places.csv with more columns; empty but for p-a. */
static void widen_places(
        const struct fixture *f, const char *head, const char *p_a, const char *others)
{
    char places[4096];
    const char *good = good_text("places.csv");
    size_t n = 0;
    for (const char *line = good; *line;) {
        size_t len = strcspn(line, "\n");
        n += (size_t)snprintf(places + n, sizeof places - n, "%.*s%s\n", (int)len, line,
                line == good                    ? head
                : strncmp(line, "p-a,", 4) == 0 ? p_a
                                                : others);
        line += len + (line[len] == '\n');
    }
    write_file(f, "places.csv", places);
}

static void an_owners_committee_stands_between_firm_and_community(void **state)
{
    struct fixture *f = *state;
    spoil(f, "units.csv", "wy,安居物业",
            "yw,安居业委会,业委会,committee,jd,jd,,,\nwy,安居物业");
    widen_places(f, ",committee", ",yw", ",");
    write_file(
            f, "catalogue.csv", HEAD "k1,010101,estate,yes,committee,,,15,,,,,,\n" REST);
    assert_loads(f);
    struct catalogue_query asked = query(f, "010101", "p-a", "2026-11-20T09:00:00+08:00");
    assert_string_equal(catalogue_lead(f->policy, row(f, "k1"), &asked)->code, "yw");
    asked.place = policy_place(f->policy, STR("p-b"));
    assert_null(catalogue_lead(f->policy, row(f, "k1"), &asked));
}

/* p-a, built by kf, with a warranty to that day. */
static void add_developer(const struct fixture *f, const char *p_a)
{
    spoil(f, "units.csv", "wy,安居物业",
            "kf,安居置业,置业,developer,jd,,,,\nwy,安居物业");
    widen_places(f, ",developer,warranty_to", p_a, ",,");
    write_file(
            f, "catalogue.csv", HEAD "k1,010101,estate,yes,developer,,,15,,,,,,\n" REST);
}

static void a_developer_leads_until_its_warranty_ends(void **state)
{
    struct fixture *f = *state;
    add_developer(f, ",kf,2026-11-20");
    assert_loads(f);
    struct catalogue_query asked = query(f, "010101", "p-a", "2026-11-19T23:59:00+08:00");
    assert_string_equal(catalogue_lead(f->policy, row(f, "k1"), &asked)->code, "kf");
    asked.at.ms += 60 * 1000; /* the 20th */
    assert_null(catalogue_lead(f->policy, row(f, "k1"), &asked));
    asked.place = policy_place(f->policy, STR("p-b"));
    assert_null(catalogue_lead(f->policy, row(f, "k1"), &asked));
}

static void a_developer_may_lead_what_the_grass_roots_may_not(void **state)
{
    struct fixture *f = *state;
    add_developer(f, ",kf,");
    write_file(f, "catalogue.csv", HEAD "k1,040101,,yes,developer,,,15,,,,,,\n" REST);
    assert_loads(f);
}

static void a_warranty_is_somebodys_and_of_an_estate(void **state)
{
    struct fixture *f = *state;
    add_developer(f, ",,2026-11-20");
    assert_refused(f, "places.csv:5: 'p-a' has a warranty and no developer");
    widen_places(f, ",developer,warranty_to", ",wy,", ",,");
    assert_refused(
            f, "places.csv:5: the developer 'wy' is of the type property in units.csv");
    widen_places(f, ",developer,warranty_to", ",kf,soon", ",,");
    assert_refused(f, "places.csv:5: 'soon' is no date");
    widen_places(f, ",developer,warranty_to", ",kf,", ",kf,");
    assert_false(load(f));
    assert_non_null(strstr(
            f->report, "places.csv:3: 'p-jd' is no estate and cannot have a developer"));
}

/* A grid between the community and p-a, with a team; valid: its valid_from,valid_to. */
static void add_grid(const struct fixture *f, const char *valid)
{
    char rows[200];
    (void)snprintf(rows, sizeof rows,
            "p-g,柳岸一网格,grid,p-sq,wg,,,,%s\np-a,柳岸花园,estate,p-g", valid);
    spoil(f, "units.csv", "wy,安居物业", "wg,一网格队,,grid_team,jd,jd,,,\nwy,安居物业");
    spoil(f, "places.csv", "p-a,柳岸花园,estate,p-sq", rows);
}

static void a_grids_team_leads_where_there_is_one(void **state)
{
    struct fixture *f = *state;
    add_grid(f, ",");
    write_file(f, "catalogue.csv", HEAD "g1,010101,,yes,grid,,,5,,,,,,\n" REST);
    assert_loads(f);
    struct catalogue_query asked = query(f, "010101", "p-a", "2026-11-20T09:00:00+08:00");
    assert_string_equal(catalogue_lead(f->policy, row(f, "g1"), &asked)->code, "wg");
    asked.place = policy_place(f->policy, STR("p-b")); /* in no grid */
    assert_null(catalogue_lead(f->policy, row(f, "g1"), &asked));
}

static void a_grids_team_leads_only_what_is_left_to_the_grass_roots(void **state)
{
    struct fixture *f = *state;
    add_grid(f, ",");
    write_file(f, "catalogue.csv", HEAD "g1,040101,,yes,grid,,,5,,,,,,\n" REST);
    assert_refused(f, "catalogue.csv:2: 'g1' gives '040101 占道经营' to the grass roots");
    write_file(f, "catalogue.csv", HEAD "g1,040101,,no,wg,,,5,,,,,,\n" REST);
    assert_refused(f, "catalogue.csv:2: 'g1' gives '040101 占道经营' to the grass roots");
    write_file(f, "catalogue.csv", HEAD REST);
    spoil(f, "places.csv", "p-b,柳岸旧里,estate,p-sq,", "p-b,柳岸旧里,estate,p-sq,wg");
    assert_refused(f, "places.csv:6: 'p-b' is no grid, but 'wg' is a grid's team");
}

static void lint_warns_of_a_grid_behind_community_or_street(void **state)
{
    struct fixture *f = *state;
    add_grid(f, ",");
    write_file(f, "catalogue.csv", HEAD "g1,010101,,yes,grid,,,15,,,,,,\n" REST);
    assert_loads(f); /* behind the firm, before the community */
    size_t before = f->counts.n_warnings;
    write_file(f, "catalogue.csv", HEAD "g1,010101,,yes,grid,,,25,,,,,,\n" REST);
    assert_loads(f);
    assert_int_equal(f->counts.n_warnings, before + 1);
    assert_non_null(strstr(f->report,
            "catalogue.csv:2: warning: 'g1' gives the grid's team what 'c2' (line 4)"));
    write_file(f, "catalogue.csv",
            HEAD "j1,010101,,yes,jd,,,4,2026-01-01,2026-02-01,,,,\n"
                 "g1,010101,,yes,grid,,,5,2026-02-01,,,,,\n" REST);
    assert_loads(f); /* the street's row has ended when the grid's begins */
    assert_int_equal(f->counts.n_warnings, before);
}

static void office_hours_are_those_of_receipt_other_hours_those_of_the_event(void **state)
{
    struct fixture *f = *state;
    write_file(f, "catalogue.csv",
            HEAD "h1,040101,,no,cg,,,1,,,,22:00-06:00,,\n"
                 "h2,040101,,no,cg,,,2,,,,work,,\n" REST);
    assert_loads(f);
    struct catalogue_query asked = query(f, "040101", "p-a", "2026-11-19T23:00:00+08:00");
    struct error err = {0};
    assert_true(instant_parse(STR("2026-11-20T09:00:00+08:00"), &asked.received, &err));
    assert_true(fits(f, "h1", asked));
    assert_true(fits(f, "h2", asked));
    instant at = asked.at;
    asked.at = asked.received;
    asked.received = at;
    assert_false(fits(f, "h1", asked));
    assert_false(fits(f, "h2", asked));
}

static void a_grid_that_is_no_more_has_no_say(void **state)
{
    struct fixture *f = *state;
    add_grid(f, "2020-01-01,2026-11-20");
    write_file(f, "catalogue.csv", HEAD "g1,010101,,yes,grid,,,5,,,,,,\n" REST);
    assert_loads(f);
    struct catalogue_query asked = query(f, "010101", "p-a", "2026-11-19T23:59:59+08:00");
    assert_string_equal(catalogue_lead(f->policy, row(f, "g1"), &asked)->code, "wg");
    asked = query(f, "010101", "p-a", "2026-11-20T00:00:00+08:00");
    assert_null(catalogue_lead(f->policy, row(f, "g1"), &asked));
}

/* The row that holds for 040101 everywhere, spoiled. */
static void each_fault_is_named(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *row, *problem;
    } faults[] = {
            {"c4,040101,,no,cg,,Q,10,,,E9,,,\n", "catalogue.csv:2: 'E9' is no urgency"},
            {"c4,040101,,no,cg,,Q,10,,,,25:00-06:00,,\n",
                    "catalogue.csv:2: the hours '25:00-06:00' are not work, off"},
            {"c4,040101,,no,cg,,Q,10,,,,6:00,,\n",
                    "catalogue.csv:2: the hours '6:00' are not work, off"},
            {"c4,040101,,no,owner,,Q,10,,,,,,\n",
                    "catalogue.csv:2: the lead 'owner' and the column asset go together"},
            {"c4,040101,,no,owner,,Q,10,,,,,,manhole\n",
                    "catalogue.csv:2: no row of assets.csv is of the kind 'manhole'"},
            /* Only at night, only when urgent: nobody otherwise. */
            {"c4,040101,,no,cg,,Q,10,,,,22:00-06:00,,\n",
                    "categories.csv:3: nobody leads '040101 占道经营'"},
            {"c4,040101,,no,cg,,Q,10,,,E1,,,\n",
                    "categories.csv:3: nobody leads '040101 占道经营'"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        char text[1024];
        (void)snprintf(text, sizeof text, "%s%s%s", HEAD, faults[i].row,
                "c1,010101,estate,yes,property,,,10,,,,,,\n"
                "c2,010101,,yes,community,,,20,,,,,,\n"
                "c3,0101,,yes,cg,,,30,,,,,,\n");
        write_file(f, "catalogue.csv", text);
        assert_false(load(f));
        if (!strstr(f->report, faults[i].problem))
            fail_msg("%s is not in: %s", faults[i].problem, f->report);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            POLICY_TEST(a_row_holds_at_its_hours),
            POLICY_TEST(a_row_holds_for_its_urgencies_and_kinds_of_estate),
            POLICY_TEST(the_owner_of_what_is_broken_leads),
            POLICY_TEST(an_owners_committee_stands_between_firm_and_community),
            POLICY_TEST(a_developer_leads_until_its_warranty_ends),
            POLICY_TEST(a_developer_may_lead_what_the_grass_roots_may_not),
            POLICY_TEST(a_warranty_is_somebodys_and_of_an_estate),
            POLICY_TEST(a_grids_team_leads_where_there_is_one),
            POLICY_TEST(a_grids_team_leads_only_what_is_left_to_the_grass_roots),
            POLICY_TEST(lint_warns_of_a_grid_behind_community_or_street),
            POLICY_TEST(office_hours_are_those_of_receipt_other_hours_those_of_the_event),
            POLICY_TEST(a_grid_that_is_no_more_has_no_say),
            POLICY_TEST(each_fault_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
