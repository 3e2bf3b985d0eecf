#include "fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ORDER "n20261121-0123456789abcdef.1"
#define KEY ORDER " heping"

static void take_of(const char *unit, json_t *open, const char *kind, const char *more)
{
    char text[512];
    json_error_t where;
    (void)snprintf(text, sizeof text,
            "{\"order\":\"" ORDER "\",\"unit\":\"%s\",\"kind\":\"%s\"%s}", unit, kind,
            more);
    json_t *message = json_loads(text, 0, &where);
    assert_non_null(message);
    fold_order(open, message);
    json_decref(message);
}

static void take(json_t *open, const char *kind, const char *more)
{
    take_of("heping", open, kind, more);
}

static const char *field(json_t *open, const char *name)
{
    return json_string_value(json_object_get(json_object_get(open, KEY), name));
}

static void a_dispatched_order_is_open(void **state)
{
    (void)state;
    json_t *open = json_object();
    take(open, "dispatch", ",\"text\":\"路灯不亮\"");
    assert_int_equal(json_object_size(open), 1);
    assert_string_equal(field(open, "text"), "路灯不亮");
    assert_string_equal(field(open, "last"), "dispatch");
    json_decref(open);
}

static void a_withdrawn_or_closed_order_is_gone(void **state)
{
    (void)state;
    static const char *const ends[] = {"withdraw", "closed"};
    for (size_t i = 0; i < 2; i++) {
        json_t *open = json_object();
        take(open, "dispatch", "");
        take(open, ends[i], "");
        take(open, ends[i], "");
        assert_int_equal(json_object_size(open), 0);
        json_decref(open);
    }
}

static void an_absence_is_a_notice_of_a_summons_that_stays_open(void **state)
{
    (void)state;
    json_t *open = json_object();
    take(open, "checked_in", "");
    take(open, "absent", "");
    assert_int_equal(json_object_size(open), 0); /* the street's own order is another */
    take(open, "whistle", ",\"text\":\"爆管\"");
    take(open, "absent", ",\"text\":\"爆管\",\"actions\":[\"check_in\"]");
    assert_string_equal(field(open, "text"), "爆管");
    assert_string_equal(field(open, "last"), "absent");
    take(open, "kept", "");
    take(open, "scored", "");
    assert_string_equal(field(open, "last"), "kept");
    take(open, "closed", "");
    take(open, "scored", "");
    assert_int_equal(json_object_size(open), 0);
    json_decref(open);
}

static void a_late_reminder_does_not_bring_an_order_back(void **state)
{
    (void)state;
    json_t *open = json_object();
    take(open, "dispatch", "");
    take(open, "withdraw", "");
    take(open, "remind", "");
    take(open, "refused", "");
    assert_int_equal(json_object_size(open), 0);
    json_decref(open);
}

static void a_refusal_is_noted_and_keeps_the_complaints_text(void **state)
{
    (void)state;
    json_t *open = json_object();
    take(open, "dispatch", ",\"text\":\"路灯不亮\",\"actions\":[\"sign\"]");
    take(open, "refused", ",\"text\":\"须有照片\",\"actions\":[\"submit\"]");
    assert_string_equal(field(open, "text"), "路灯不亮");
    assert_string_equal(field(open, "last"), "refused");
    json_t *actions = json_object_get(json_object_get(open, KEY), "actions");
    assert_string_equal(json_string_value(json_array_get(actions, 0)), "submit");
    json_decref(open);
}

static void an_accepted_action_renews_clocks_and_stage(void **state)
{
    (void)state;
    json_t *open = json_object();
    take(open, "accepted", ",\"stage\":\"SIGNED\"");
    assert_int_equal(json_object_size(open), 0);
    take(open, "dispatch", ",\"clocks\":[{\"clock\":\"sign\"},{\"clock\":\"handle\"}]");
    take(open, "accepted", ",\"stage\":\"SIGNED\",\"clocks\":[{\"clock\":\"handle\"}]");
    assert_string_equal(field(open, "last"), "accepted");
    assert_string_equal(field(open, "stage"), "SIGNED");
    assert_int_equal(
            json_array_size(json_object_get(json_object_get(open, KEY), "clocks")), 1);
    take(open, "redo", "");
    assert_null(field(open, "stage"));
    json_decref(open);
}

static void two_units_on_one_queue_have_an_order_each(void **state)
{
    (void)state;
    json_t *open = json_object();
    take(open, "dispatch", "");
    take_of("yunhe", open, "assist", "");
    assert_int_equal(json_object_size(open), 2);
    take(open, "accepted", ",\"stage\":\"SIGNED\"");
    assert_null(json_object_get(json_object_get(open, ORDER " yunhe"), "stage"));
    take(open, "withdraw", "");
    assert_int_equal(json_object_size(open), 1);
    json_decref(open);
}

static void a_redo_opens_again_what_was_closed(void **state)
{
    (void)state;
    json_t *open = json_object();
    take(open, "dispatch", "");
    take(open, "closed", "");
    take(open, "redo", ",\"text\":\"又不亮了\"");
    assert_string_equal(field(open, "last"), "redo");
    json_decref(open);
}

static void a_copy_and_a_message_without_order_are_passed_over(void **state)
{
    (void)state;
    json_t *open = json_object(), *empty = json_object();
    take(open, "copy", "");
    fold_order(open, empty);
    assert_int_equal(json_object_size(open), 0);
    json_decref(empty);
    json_decref(open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_dispatched_order_is_open),
            cmocka_unit_test(a_withdrawn_or_closed_order_is_gone),
            cmocka_unit_test(an_absence_is_a_notice_of_a_summons_that_stays_open),
            cmocka_unit_test(a_late_reminder_does_not_bring_an_order_back),
            cmocka_unit_test(a_refusal_is_noted_and_keeps_the_complaints_text),
            cmocka_unit_test(an_accepted_action_renews_clocks_and_stage),
            cmocka_unit_test(two_units_on_one_queue_have_an_order_each),
            cmocka_unit_test(a_redo_opens_again_what_was_closed),
            cmocka_unit_test(a_copy_and_a_message_without_order_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
