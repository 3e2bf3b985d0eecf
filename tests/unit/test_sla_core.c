#include "sla_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Plays one turn over partitions that hold `waiting` due keys each; returns how many
 * looks it took. */
static int play(struct sla_turn *turn, int32_t n, int *waiting)
{
    int looks = 0;
    int32_t partition;
    size_t max;
    sla_turn_begin(turn, n);
    while (sla_turn_next(turn, &partition, &max)) {
        assert_in_range(partition, 0, n - 1);
        size_t take = (size_t)waiting[partition] < max ? (size_t)waiting[partition] : max;
        waiting[partition] -= (int)take;
        sla_turn_took(turn, take, max);
        looks++;
    }
    return looks;
}

static void an_idle_turn_looks_once_at_each_partition(void **state)
{
    (void)state;
    struct sla_turn turn = {0};
    int waiting[6] = {0};
    assert_int_equal(play(&turn, 6, waiting), 6);
    assert_int_equal(play(&turn, 6, waiting), 6);
}

static void a_turn_ends_when_its_allowance_is_spent(void **state)
{
    (void)state;
    struct sla_turn turn = {0};
    int waiting[2] = {100000, 100000};
    assert_int_equal(play(&turn, 2, waiting), SLA_TURN_MAX / SLA_CLAIM_MAX);
    assert_int_equal(waiting[0] + waiting[1], 200000 - SLA_TURN_MAX);
}

static void a_backlog_in_one_partition_does_not_starve_the_others(void **state)
{
    (void)state;
    struct sla_turn turn = {0};
    int waiting[3] = {100000, 50, 50};
    (void)play(&turn, 3, waiting);
    assert_int_equal(waiting[1], 0);
    assert_int_equal(waiting[2], 0);
}

static void a_turn_goes_on_while_one_partition_still_has_a_backlog(void **state)
{
    (void)state;
    struct sla_turn turn = {0};
    int waiting[2] = {10 * SLA_CLAIM_MAX, 0};
    (void)play(&turn, 2, waiting);
    assert_int_equal(waiting[0], 0);
}

static void the_next_turn_begins_behind_the_last_partition(void **state)
{
    (void)state;
    struct sla_turn turn = {0};
    int waiting[3] = {100000, 100000, 100000};
    (void)play(&turn, 3, waiting);
    int32_t partition;
    size_t max;
    sla_turn_begin(&turn, 3);
    assert_true(sla_turn_next(&turn, &partition, &max));
    assert_int_equal(partition, SLA_TURN_MAX / SLA_CLAIM_MAX % 3);
}

static void without_partitions_there_is_no_turn(void **state)
{
    (void)state;
    struct sla_turn turn = {0};
    assert_int_equal(play(&turn, 0, NULL), 0);
}

static void a_turn_that_found_something_is_followed_sooner(void **state)
{
    (void)state;
    struct sla_turn turn = {0};
    int idle[3] = {0}, busy[3] = {0, 1, 0};
    (void)play(&turn, 3, idle);
    assert_int_equal(sla_turn_ms(&turn), SLA_TURN_MS);
    (void)play(&turn, 3, busy);
    assert_int_equal(sla_turn_ms(&turn), SLA_BUSY_MS);
}

static void what_is_out_is_shared_by_the_partitions(void **state)
{
    (void)state;
    assert_int_equal(sla_window(12), SLA_OUT_MAX / 12);
    assert_int_equal(sla_window(1), SLA_WINDOW_MAX);
    assert_int_equal(sla_window(1024), SLA_WINDOW_MIN);
    assert_int_equal(sla_window(0), SLA_WINDOW_MAX);
}

static void nothing_is_late_before_its_time(void **state)
{
    (void)state;
    assert_int_equal(sla_late_ms((instant){1000}, (instant){999}), 0);
    assert_int_equal(sla_late_ms((instant){1000}, (instant){1400}), 400);
    assert_int_equal(sla_late_ms((instant){0}, (instant){1400}), 0);
}

/* PEERS 1.7 (i): seconds beyond 31 bits, on either side of 2038. */
static void lateness_has_no_31_bits(void **state)
{
    (void)state;
    const int64_t year_2100 = 4102444800000, year_9999 = 253402300799000;
    assert_int_equal(sla_late_ms((instant){1}, (instant){year_2100}), year_2100 - 1);
    assert_int_equal(sla_late_ms((instant){year_9999}, (instant){year_2100}), 0);
    assert_true(sla_clocks_differ((instant){year_2100}, (instant){1}));
}

static void clocks_differ_beyond_two_seconds_either_way(void **state)
{
    (void)state;
    assert_false(sla_clocks_differ((instant){10000}, (instant){12000}));
    assert_true(sla_clocks_differ((instant){10000}, (instant){12001}));
    assert_true(sla_clocks_differ((instant){12001}, (instant){10000}));
}

/* Plays one partition of a sweep, in one step along each side; true when it does not
 * agree. */
static bool sweep(struct sla_sweep *sweep, int64_t states, int64_t unarmed, int64_t armed,
        int64_t orphans)
{
    assert_false(sweep->along_index);
    assert_false(sla_sweep_took(sweep, states, unarmed, true));
    assert_true(sweep->along_index);
    return sla_sweep_took(sweep, armed, orphans, true);
}

static void a_sweep_goes_along_states_and_index_of_each_partition(void **state)
{
    (void)state;
    struct sla_sweep sweeps = {.n_partitions = 2};
    assert_false(sla_sweep_took(&sweeps, 500, 0, false));
    assert_int_equal(sweeps.partition, 0);
    assert_false(sla_sweep_took(&sweeps, 100, 0, true));
    assert_int_equal(sweeps.partition, 0);
    assert_false(sla_sweep_took(&sweeps, 600, 0, true));
    assert_int_equal(sweeps.partition, 1);
    assert_false(sweep(&sweeps, 40, 0, 40, 0));
    assert_int_equal(sweeps.partition, 0);
    struct sla_drift drift = sla_sweep_drift(&sweeps);
    assert_int_equal(drift.expected, 640);
    assert_int_equal(drift.unarmed, 0);
    assert_int_equal(drift.orphans, 0);
}

static void a_partition_that_does_not_agree_is_named_when_it_is_done(void **state)
{
    (void)state;
    struct sla_sweep sweeps = {.n_partitions = 3};
    assert_false(sweep(&sweeps, 10, 0, 10, 0));
    assert_true(sweep(&sweeps, 10, 1, 9, 0));
    assert_true(sweep(&sweeps, 10, 0, 11, 1));
    assert_false(sweep(&sweeps, 10, 0, 10, 0));
}

static void drift_is_shown_at_once_and_until_a_round_without_it(void **state)
{
    (void)state;
    struct sla_sweep sweeps = {.n_partitions = 2};
    assert_false(sla_sweep_took(&sweeps, 500, 2, false));
    assert_int_equal(sla_sweep_drift(&sweeps).unarmed, 2);
    assert_false(sla_sweep_took(&sweeps, 0, 1, true));
    assert_true(sla_sweep_took(&sweeps, 500, 4, true));
    assert_int_equal(sla_sweep_drift(&sweeps).unarmed, 3);
    assert_int_equal(sla_sweep_drift(&sweeps).orphans, 4);
    assert_false(sweep(&sweeps, 5, 0, 5, 0));
    assert_false(sweep(&sweeps, 5, 0, 5, 0));
    assert_int_equal(sla_sweep_drift(&sweeps).unarmed, 3);
    assert_false(sweep(&sweeps, 5, 0, 5, 0));
    assert_int_equal(sla_sweep_drift(&sweeps).unarmed, 0);
    assert_int_equal(sla_sweep_drift(&sweeps).orphans, 0);
    assert_int_equal(sla_sweep_drift(&sweeps).expected, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_idle_turn_looks_once_at_each_partition),
            cmocka_unit_test(a_turn_ends_when_its_allowance_is_spent),
            cmocka_unit_test(a_backlog_in_one_partition_does_not_starve_the_others),
            cmocka_unit_test(a_turn_goes_on_while_one_partition_still_has_a_backlog),
            cmocka_unit_test(the_next_turn_begins_behind_the_last_partition),
            cmocka_unit_test(without_partitions_there_is_no_turn),
            cmocka_unit_test(a_turn_that_found_something_is_followed_sooner),
            cmocka_unit_test(what_is_out_is_shared_by_the_partitions),
            cmocka_unit_test(nothing_is_late_before_its_time),
            cmocka_unit_test(lateness_has_no_31_bits),
            cmocka_unit_test(clocks_differ_beyond_two_seconds_either_way),
            cmocka_unit_test(a_sweep_goes_along_states_and_index_of_each_partition),
            cmocka_unit_test(a_partition_that_does_not_agree_is_named_when_it_is_done),
            cmocka_unit_test(drift_is_shown_at_once_and_until_a_round_without_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
