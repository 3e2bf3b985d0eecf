#include "intake_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

/* cmocka.h needs the ones above. */
#include <cmocka.h>

static const char *const fire[] = {"着火", "冒黑烟"};
static const char *const crash[] = {"撞车"};
static const char *const hurt[] = {"受伤"};
static const char *const over[] = {"已扑灭"};

/* Words by number: 0 着火, 1 冒黑烟, 2 已扑灭, 3 撞车, 4 受伤 */
static const struct rule rules[] = {
        {.id = "x-fire",
                .target = 119,
                .any = {fire, 2},
                .none = {over, 1},
                .weight = 50},
        {.id = "x-crash",
                .target = 120,
                .any = {crash, 1},
                .all = {hurt, 1},
                .weight = 50},
        {.id = "x-never", .target = 110, .none = {over, 1}, .weight = 99},
};
static const struct intake_exit_rule exits[] = {
        {&rules[0], 0}, {&rules[1], 3}, {&rules[2], 2}};

static const struct rule *exit_with(const bool *found)
{
    return intake_exit(exits, 3, found);
}

static void an_exit_rule_holds_by_any_of_its_words(void **state)
{
    (void)state;
    assert_ptr_equal(exit_with((bool[5]){true}), &rules[0]);
    assert_ptr_equal(exit_with((bool[5]){false, true}), &rules[0]);
    assert_null(exit_with((bool[5]){false}));
}

static void an_exception_takes_the_exit_back(void **state)
{
    (void)state;
    assert_null(exit_with((bool[5]){true, false, true}));
}

static void all_of_the_words_are_needed_where_all_are_named(void **state)
{
    (void)state;
    assert_null(exit_with((bool[5]){[3] = true}));
    assert_ptr_equal(exit_with((bool[5]){[3] = true, [4] = true}), &rules[1]);
}

static void the_first_in_the_file_wins_between_equals(void **state)
{
    (void)state;
    assert_ptr_equal(exit_with((bool[5]){true, false, false, true, true}), &rules[0]);
    struct rule heavier[] = {rules[0], rules[1]};
    heavier[1].weight = 60;
    const struct intake_exit_rule both[] = {{&heavier[0], 0}, {&heavier[1], 3}};
    assert_ptr_equal(
            intake_exit(both, 2, (bool[5]){true, false, false, true, true}), &heavier[1]);
}

static void no_rule_no_exit(void **state)
{
    (void)state;
    assert_null(intake_exit(NULL, 0, NULL));
}

static void a_unit_acts_on_the_queue_it_uses_and_on_no_other(void **state)
{
    (void)state;
    struct unit street = {.code = "street"}, community = {.code = "community"},
                other = {.code = "other"};
    street.queue = &street;
    community.queue = &street;
    other.queue = &other;
    assert_int_equal(intake_check_unit(&street, &street), INTAKE_MAY_ACT);
    assert_int_equal(intake_check_unit(&community, &street), INTAKE_MAY_ACT);
    assert_int_equal(intake_check_unit(&other, &street), INTAKE_WRONG_QUEUE);
    assert_int_equal(intake_check_unit(&street, &other), INTAKE_WRONG_QUEUE);
    assert_int_equal(intake_check_unit(NULL, &street), INTAKE_UNKNOWN_UNIT);
}

static void a_complaint_goes_one_way_only(void **state)
{
    (void)state;
    struct intake_plan plan = intake_plan_of(NULL, true);
    assert_true(plan.accepted && !plan.transfer && plan.identity);
    plan = intake_plan_of(&rules[0], false);
    assert_true(!plan.accepted && plan.transfer && !plan.identity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_exit_rule_holds_by_any_of_its_words),
            cmocka_unit_test(an_exception_takes_the_exit_back),
            cmocka_unit_test(all_of_the_words_are_needed_where_all_are_named),
            cmocka_unit_test(the_first_in_the_file_wins_between_equals),
            cmocka_unit_test(no_rule_no_exit),
            cmocka_unit_test(a_unit_acts_on_the_queue_it_uses_and_on_no_other),
            cmocka_unit_test(a_complaint_goes_one_way_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
