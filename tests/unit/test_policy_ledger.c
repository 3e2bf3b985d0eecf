/* pools.csv, schedules.csv and ledger.json: the sample policy with one of them spoiled.
 */
#include "points.h"
#include "policy.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static const instant today = {1795222800000}; /* 2026-11-21T09:00:00+08:00 */

struct fixture {
    char dir[64];
    struct policy *policy;
    char *report;
    size_t n_problems;
};

static char *read_sample(const char *name)
{
    char path[300];
    (void)snprintf(path, sizeof path, SOURCE_DIR "/policy/%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 65536);
    assert_non_null(text);
    assert_true(fread(text, 1, 65535, file) > 0);
    (void)fclose(file);
    return text;
}

static int make_folder(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    (void)strcpy(f->dir, "/tmp/chuishao-ledger-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    DIR *sample = opendir(SOURCE_DIR "/policy");
    assert_non_null(sample);
    for (struct dirent *entry; (entry = readdir(sample));) {
        char from[400], to[400];
        (void)snprintf(from, sizeof from, SOURCE_DIR "/policy/%s", entry->d_name);
        (void)snprintf(to, sizeof to, "%s/%s", f->dir, entry->d_name);
        if (entry->d_name[0] != '.')
            assert_int_equal(symlink(from, to), 0);
    }
    (void)closedir(sample);
    *state = f;
    return 0;
}

static int remove_folder(void **state)
{
    struct fixture *f = *state;
    DIR *folder = opendir(f->dir);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[400];
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, entry->d_name);
        if (entry->d_name[0] != '.')
            assert_int_equal(unlink(path), 0);
    }
    (void)closedir(folder);
    assert_int_equal(rmdir(f->dir), 0);
    policy_free(f->policy);
    free(f->report);
    test_free(f);
    return 0;
}

static bool load(struct fixture *f)
{
    size_t size;
    struct policy_report report = {0};
    struct error err = {0};
    policy_free(f->policy);
    free(f->report);
    f->policy = NULL;
    report.out = open_memstream(&f->report, &size);
    assert_non_null(report.out);
    bool done = policy_load(&f->policy, f->dir, today, &report, &err);
    (void)fclose(report.out);
    f->n_problems = report.n_problems;
    return done;
}

static void write_file(const struct fixture *f, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", f->dir, name);
    assert_int_equal(unlink(path), 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* The sample's file with the first `from` in it replaced is refused with exactly one
 * problem, which holds `problem`. */
static void assert_refused(struct fixture *f, const char *name, const char *from,
        const char *to, const char *problem)
{
    char *text = read_sample(name), *spoiled = calloc(1, 66000);
    char *at = strstr(text, from);
    assert_non_null(spoiled);
    if (!at)
        fail_msg("%s does not hold %s", name, from);
    (void)snprintf(
            spoiled, 66000, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    write_file(f, name, spoiled);
    if (load(f))
        fail_msg("loaded, but should have said: %s", problem);
    char place[32];
    (void)snprintf(place, sizeof place, "%s:", name);
    if (!strstr(f->report, problem) || f->n_problems != 1 || !strstr(f->report, place))
        fail_msg("expected: %s: … %s\nreported:\n%s", name, problem, f->report);
    write_file(f, name, text);
    free(text);
    free(spoiled);
}

static void the_sample_has_pools_schedules_and_ledgers(void **state)
{
    struct fixture *f = *state;
    if (!load(f))
        fail_msg("%s", f->report);
    const struct policy *policy = f->policy;
    const struct pool *pool = policy_pool(policy, STR("pool-fengcai"));
    assert_non_null(pool);
    assert_string_equal(pool->ledger->name, "volunteer");
    assert_true(pool_has(pool, policy_unit(policy, STR("c-tonghua"))));
    assert_false(pool_has(pool, policy_unit(policy, STR("chengguan"))));
    assert_null(policy_pool(policy, STR("pool")));
    const struct schedule *patrol = policy_schedule(policy, STR("patrol-lugang"));
    assert_non_null(patrol);
    assert_string_equal(patrol->lead->code, "street-lugang");
    assert_int_equal(patrol->n_assists, 3);
    assert_true(patrol->rule.workdays_only);
    assert_int_equal(patrol->catch_up, 2);
    assert_int_equal(patrol->place->type, PLACE_TYPE_STREET);
    assert_false(policy_schedule(policy, STR("duty-lugang"))->rule.workdays_only);
    assert_string_equal(
            points_ledger_of(policy, STR("pm-jiahe"))->name, "property_credit");
    assert_string_equal(points_ledger_of(policy, STR("pool-fengcai"))->name, "volunteer");
    assert_string_equal(points_ledger_of(policy, STR("xiaofang"))->name, "party");
    assert_null(points_ledger_of(policy, STR("hotline")));
    assert_null(points_ledger_of(policy, STR("nobody")));
    const struct points_rule *rule = points_rule_find(
            policy->points, STR("wy-handle-late"));
    assert_int_equal(rule->points, -3);
    assert_int_equal(rule->valid.amount, 365);
    assert_string_equal(rule->words[POINTS_WORD_CLOCK].items[0], "handle");
    rule = points_rule_find(policy->points, STR("wy-closed-early"));
    assert_true(rule->numbers[POINTS_NUMBER_USED].asked);
    assert_int_equal(rule->numbers[POINTS_NUMBER_USED].max, 50);
    assert_int_equal(rule->daily_max, 2);
    const struct points_ledger *credit = rule->ledger;
    assert_int_equal(credit->n_grades, 5);
    assert_string_equal(credit->grades[4].name, "B");
    assert_int_equal(credit->grades[4].from, INT32_MIN);
}

static void a_policy_without_them_has_none(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"pools.csv", "schedules.csv", "ledger.json"};
    for (int i = 0; i < 3; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    if (!load(f))
        fail_msg("%s", f->report);
    assert_null(f->policy->points);
    assert_int_equal(f->policy->n_pools, 0);
    assert_null(policy_schedule(f->policy, STR("patrol-lugang")));
    assert_null(points_ledger_of(f->policy, STR("pm-jiahe")));
}

static void pools_are_linted(void **state)
{
    struct fixture *f = *state;
    static const char file[] = "pools.csv";
    assert_refused(f, file, "c-yuge;", "c-nowhere;", "'c-nowhere' is not in units.csv");
    assert_refused(f, file, "c-yuge;", "c-yuge;c-yuge;", "'c-yuge' stands twice");
    assert_refused(f, file, "c-yuge;", "hotline;", "offers orders and cannot claim");
    assert_refused(f, file, "tongxin;gongdian;ranqi;gongshui;minzheng;sifa", "",
            "has no members");
    assert_refused(f, file, "pool-fengcai", "c-yuge", "is a unit's code already");
    assert_refused(f, file, "pool-mengyou", "pool-fengcai", "stands already in line 2");
    assert_refused(f, file, "队,volunteer", "队,savings", "is not in ledger.json");
    assert_refused(f, file, "队,volunteer", "队,party", "'pool' is no holder");
}

static void schedules_are_linted(void **state)
{
    struct fixture *f = *state;
    static const char file[] = "schedules.csv";
    assert_refused(f, file, "daily@20:00", "daily@25:00", "'daily@25:00' is no rule");
    assert_refused(f, file, "020105", "999999", "'999999' is not in categories.csv");
    assert_refused(f, file, "329901001", "329901999", "'329901999' is not in places.csv");
    assert_refused(f, file, ",street-lugang,chengguan", ",nobody,chengguan",
            "the lead 'nobody' is not in units.csv");
    assert_refused(f, file, ",street-lugang,chengguan", ",hotline,chengguan",
            "is of the type desk and handles no orders");
    assert_refused(f, file, "chengguan;xiaofang;", "street-lugang;xiaofang;",
            "leads and cannot assist itself");
    assert_refused(f, file, "chengguan;xiaofang;zhujian",
            "chengguan;xiaofang;zhujian;gongan;shijian;huanjing;huanwei",
            "has 7 assisting units, at most 6 fit");
    assert_refused(f, file, "no,1,2026", "no,0,2026", "'0' is no catch_up");
    assert_refused(f, file, "no,1,2026", "maybe,1,2026", "answer for workdays_only");
    assert_refused(f, file, "duty-lugang", "Duty", "'Duty' is no code");
}

static void ledgers_are_linted(void **state)
{
    struct fixture *f = *state;
    static const char file[] = "ledger.json";
    assert_refused(
            f, file, "\"base\": 90", "\"base\": -1", "'base' must be a whole number");
    assert_refused(f, file, "[\"property\"]", "[\"firm\"]", "neither a type of unit nor");
    assert_refused(f, file, "[\"property\"]", "[]", "needs 'holders'");
    assert_refused(f, file, "[\"property\"]", "[\"property\", \"street\"]",
            "a unit has one account");
    assert_refused(
            f, file, "\"from\": 120", "\"from\": 140", "from the best to the worst");
    assert_refused(f, file, "{\"grade\": \"B\"}", "{\"grade\": \"B\", \"from\": 0}",
            "takes the rest and has no 'from'");
    assert_refused(
            f, file, "\"redeem\": false", "\"redeem\": true", "begins with 0 points");
    assert_refused(f, file, "\"appeal\": {\"amount\": 15", "\"appeal\": {\"amount\": 0",
            "'amount' must be a whole number");
}

static void points_rules_are_linted(void **state)
{
    struct fixture *f = *state;
    static const char file[] = "ledger.json";
    assert_refused(f, file, "\"id\": \"wy-redo\"", "\"id\": \"wy-sign-late\"",
            "'wy-sign-late' stands there twice");
    assert_refused(f, file, "\"ledger\": \"property_credit\", \"event\": \"redo\"",
            "\"ledger\": \"credit\", \"event\": \"redo\"",
            "needs a 'ledger' of this file");
    assert_refused(
            f, file, "\"event\": \"redo\"", "\"event\": \"Redo!\"", "needs an 'event'");
    assert_refused(f, file, "{\"clock\": \"sign\"}", "{\"hour\": \"sign\"}",
            "cannot ask for 'hour'");
    assert_refused(f, file, "{\"clock\": \"sign\"}", "{\"clock\": []}",
            "must be a word or a list");
    assert_refused(f, file, "{\"max\": 50}", "{\"max\": 50, \"min\": 60}",
            "has a 'min' above its 'max'");
    assert_refused(f, file, "{\"max\": 50}", "50", "must be like {\"min\": 1");
    assert_refused(f, file, "\"points\": -1,", "\"points\": 0,", "gives no points");
    assert_refused(
            f, file, "\"points\": -1,", "\"points\": -5,", "a cap below its points");
    assert_refused(f, file, "\"event\": \"redo\",",
            "\"event\": \"redo\", \"whom\": \"pool\",",
            "have no account in 'property_credit'");
    assert_refused(f, file, "\"event\": \"whistle_absent\",",
            "\"event\": \"whistle_absent\", \"veto\": true,", "its ledger has no grades");
    assert_refused(f, file, "\"event\": \"redo\",", "\"event\": \"redo\", \"pionts\": 1,",
            "has no member 'pionts'");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
            TEST(the_sample_has_pools_schedules_and_ledgers),
            TEST(a_policy_without_them_has_none),
            TEST(pools_are_linted),
            TEST(schedules_are_linted),
            TEST(ledgers_are_linted),
            TEST(points_rules_are_linted),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
