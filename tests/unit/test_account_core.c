/* What the stories of tests/replay/ledger do not reach: folding, how long points of a
 * fold count, and ranges that the sample policy has none of. */
#include "account_core.h"
#include "points_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;
static const instant start = {1793583600000}; /* 2026-11-02T01:00:00Z */

static struct points_ledger ledger = {.name = "credit", .base = 90};

static instant days(int64_t n)
{
    return (instant){start.ms + n * day_ms};
}

static void add(struct account_state *state, int32_t points, int64_t expires_day)
{
    struct account_entry entry = {.points = points, .left = points, .at = start};
    if (expires_day)
        entry.expires = days(expires_day);
    (void)account_entry_add(state, &entry);
}

static void old_entries_are_folded_and_still_count(void **state)
{
    (void)state;
    struct account_state account = {0};
    int64_t sum = 90;
    for (int i = 0; i < 5 * ACCOUNT_ENTRIES_MAX; i++) {
        int32_t points = i % 3 ? -2 : 1;
        add(&account, points, 365 + i / 10);
        sum += points;
        assert_int_equal(account_balance(&ledger, &account), sum);
    }
    assert_int_equal(account.n_entries, ACCOUNT_ENTRIES_MAX);
    assert_int_equal(account.numbered, 5 * ACCOUNT_ENTRIES_MAX);
    assert_int_equal(account.entries[0].number, 4 * ACCOUNT_ENTRIES_MAX + 1);
    assert_null(account_entry_find(&account, 1));
    assert_int_equal(account.n_folds, 2);
}

static void a_fold_is_never_to_the_holders_harm(void **state)
{
    (void)state;
    struct account_state account = {0};
    add(&account, -3, 370);
    add(&account, -3, 365);
    add(&account, 2, 370);
    add(&account, 2, 375);
    for (int i = 0; i < ACCOUNT_ENTRIES_MAX; i++)
        add(&account, 1, 0);
    assert_int_equal(account.n_folds, 2);
    /* Deductions end with the first of them, gains with the last. */
    assert_int_equal(account_next_expiry(&account).ms, days(365).ms);
    struct account_fold *fold = account_fold_expiring(&account, days(365));
    assert_non_null(fold);
    assert_int_equal(fold->points, -6);
    account_fold_drop(&account, fold);
    assert_null(account_fold_expiring(&account, days(374)));
    assert_int_equal(account_fold_expiring(&account, days(375))->points, 4);
}

static void folds_of_far_apart_times_stay_apart_while_there_is_room(void **state)
{
    (void)state;
    struct account_state account = {0};
    int64_t sum = 90;
    for (int i = 0; i < 3 * ACCOUNT_ENTRIES_MAX; i++) {
        add(&account, i % 2 ? 1 : -1, 40 * (i + 1));
        sum += i % 2 ? 1 : -1;
    }
    assert_int_equal(account.n_folds, ACCOUNT_FOLDS_MAX - 1);
    assert_int_equal(account_balance(&ledger, &account), sum);
    add(&account, 1, 0);
    add(&account, -1, 0);
    for (int i = 0; i < ACCOUNT_ENTRIES_MAX; i++)
        add(&account, 1, 0);
    assert_int_equal(account_balance(&ledger, &account), sum + ACCOUNT_ENTRIES_MAX);
    assert_int_equal(account.n_folds, ACCOUNT_FOLDS_MAX - 1);
}

static void who_waits_for_a_decision_is_not_folded(void **state)
{
    (void)state;
    struct account_state account = {0};
    add(&account, -3, 365);
    account.entries[0].status = ACCOUNT_APPEALED;
    for (int i = 0; i < ACCOUNT_ENTRIES_MAX; i++)
        add(&account, 1, 365);
    assert_non_null(account_entry_find(&account, 1));
    assert_null(account_entry_find(&account, 2));
}

static void what_does_not_count_any_more_is_not_folded(void **state)
{
    (void)state;
    struct account_state account = {0};
    add(&account, -3, 365);
    account.entries[0].status = ACCOUNT_UPHELD;
    account.entries[0].left = 0;
    for (int i = 0; i < ACCOUNT_ENTRIES_MAX; i++)
        add(&account, 1, 365);
    assert_int_equal(account.n_folds, 0);
}

static void a_veto_that_is_folded_stands(void **state)
{
    (void)state;
    struct points_ledger graded = {
            .base = 90, .grades = {{"A", 85}, {"B", INT32_MIN}}, .n_grades = 2};
    struct account_state account = {0};
    const struct account_entry veto = {.at = start, .expires = days(365), .veto = true};
    (void)account_entry_add(&account, &veto);
    for (int i = 0; i < ACCOUNT_ENTRIES_MAX; i++)
        add(&account, 1, 365);
    assert_string_equal(account_grade(&graded, &account), "B");
    struct account_fold *fold = account_fold_expiring(&account, days(365));
    account_fold_drop(&account, fold);
    assert_string_equal(account_grade(&graded, &account), "A");
}

static void what_expires_first_is_taken_first_folded_or_not(void **state)
{
    (void)state;
    struct account_state account = {0};
    add(&account, 5, 100);
    for (int i = 0; i < ACCOUNT_ENTRIES_MAX; i++)
        add(&account, 1, i ? 200 : 50);
    account_take(&account, 3);
    assert_int_equal(account.entries[0].left, 0); /* day 50 */
    assert_int_equal(account.folds[0].points, 3); /* day 100 */
    account_take(&account, 4);
    assert_int_equal(account.n_folds, 0);
    assert_int_equal(account.entries[1].left, 0); /* day 200 */
    assert_int_equal(account.entries[2].left, 1);
    account_take(&account, 1000);
    assert_int_equal(account_balance(&ledger, &account), 90);
}

static void a_cap_of_a_month_outlives_its_days(void **state)
{
    (void)state;
    struct account_state account = {0};
    const struct points_rule rule = {
            .id = "r", .points = -4, .daily_max = 4, .monthly_max = 10};
    assert_int_equal(account_capped(&account, &rule, -4, days(0)), -4);
    assert_int_equal(account_capped(&account, &rule, -4, days(0)), 0);
    assert_int_equal(account_capped(&account, &rule, -4, days(1)), -4);
    assert_int_equal(account_capped(&account, &rule, -4, days(2)), -2);
    assert_int_equal(account_capped(&account, &rule, -4, days(3)), 0);
    assert_int_equal(account_capped(&account, &rule, -4, days(30)), -4);
    assert_int_equal(account.n_caps, 1);
    for (int i = 0; i < 2 * ACCOUNT_CAPS_MAX; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "r%d", i);
        const struct points_rule other = {.id = id, .points = 1, .daily_max = 1};
        assert_int_equal(account_capped(&account, &other, 1, days(40 + i)), 1);
    }
    assert_int_equal(account.n_caps, ACCOUNT_CAPS_MAX);
}

static void what_expires_first_is_told_first(void **state)
{
    (void)state;
    struct account_state account = {0};
    add(&account, -1, 100);
    add(&account, -1, 50);
    assert_null(account_expiring(&account, days(49)));
    assert_int_equal(account_expiring(&account, days(100))->number, 2);
}

static void a_number_must_lie_in_the_range_that_a_rule_asks_for(void **state)
{
    (void)state;
    struct points_ledger streets = {.name = "streets", .types = 1U << UNIT_TYPE_STREET};
    struct points_rule rule = {.id = "scored",
            .ledger = &streets,
            .event = "whistle_scored",
            .numbers = {[POINTS_NUMBER_SCORE] = {.asked = true, .min = 2, .max = 4}},
            .points = 1};
    struct points_book book = {
            .ledgers = &streets, .n_ledgers = 1, .rules = &rule, .n_rules = 1};
    struct unit street = {.code = "s", .type = UNIT_TYPE_STREET};
    struct policy policy = {.units = &street, .n_units = 1, .points = &book};
    struct points_award award;
    struct points_fact fact = {.event = "whistle_scored", .at = start, .unit = STR("s")};
    assert_int_equal(points_of(&policy, &fact, &award, 1), 0); /* says no score */
    fact.numbers[POINTS_NUMBER_SCORE].there = true;
    for (int32_t score = 1; score <= 5; score++) {
        fact.numbers[POINTS_NUMBER_SCORE].value = score;
        assert_int_equal(points_of(&policy, &fact, &award, 1), score >= 2 && score <= 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(old_entries_are_folded_and_still_count),
            cmocka_unit_test(a_fold_is_never_to_the_holders_harm),
            cmocka_unit_test(folds_of_far_apart_times_stay_apart_while_there_is_room),
            cmocka_unit_test(who_waits_for_a_decision_is_not_folded),
            cmocka_unit_test(what_does_not_count_any_more_is_not_folded),
            cmocka_unit_test(a_veto_that_is_folded_stands),
            cmocka_unit_test(what_expires_first_is_taken_first_folded_or_not),
            cmocka_unit_test(what_expires_first_is_told_first),
            cmocka_unit_test(a_cap_of_a_month_outlives_its_days),
            cmocka_unit_test(a_number_must_lie_in_the_range_that_a_rule_asks_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
