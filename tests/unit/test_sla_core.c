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

static void nothing_is_late_before_its_time(void **state)
{
    (void)state;
    assert_int_equal(sla_late_ms((instant){1000}, (instant){999}), 0);
    assert_int_equal(sla_late_ms((instant){1000}, (instant){1400}), 400);
    assert_int_equal(sla_late_ms((instant){0}, (instant){1400}), 0);
}

static void clocks_differ_beyond_two_seconds_either_way(void **state)
{
    (void)state;
    assert_false(sla_clocks_differ((instant){10000}, (instant){12000}));
    assert_true(sla_clocks_differ((instant){10000}, (instant){12001}));
    assert_true(sla_clocks_differ((instant){12001}, (instant){10000}));
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
            cmocka_unit_test(nothing_is_late_before_its_time),
            cmocka_unit_test(clocks_differ_beyond_two_seconds_either_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
