#include "intake_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

/* cmocka.h needs the ones above. */
#include <cmocka.h>

static const struct rule rules[] = {
        {.id = "x-fire", .target = 119, .weight = 50},
        {.id = "x-crash", .target = 120, .weight = 50},
        {.id = "x-knife", .target = 110, .weight = 60},
        {.id = "x-hurt", .target = 120, .weight = 40, .priority = 6},
};

static void the_one_exit_rule_that_holds_decides(void **state)
{
    (void)state;
    assert_ptr_equal(intake_exit(rules, (struct rule_hold[]){{.rule = 1}}, 1), &rules[1]);
}

static void priority_then_weight_then_the_first_in_the_file_wins(void **state)
{
    (void)state;
    const struct rule_hold all[] = {{.rule = 0}, {.rule = 1}, {.rule = 2}, {.rule = 3}};
    assert_ptr_equal(intake_exit(rules, all, 2), &rules[0]);
    assert_ptr_equal(intake_exit(rules, all, 3), &rules[2]);
    assert_ptr_equal(intake_exit(rules, all, 4), &rules[3]);
}

static void no_rule_no_exit(void **state)
{
    (void)state;
    assert_null(intake_exit(NULL, NULL, 0));
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
            cmocka_unit_test(the_one_exit_rule_that_holds_decides),
            cmocka_unit_test(priority_then_weight_then_the_first_in_the_file_wins),
            cmocka_unit_test(no_rule_no_exit),
            cmocka_unit_test(a_unit_acts_on_the_queue_it_uses_and_on_no_other),
            cmocka_unit_test(a_complaint_goes_one_way_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
