#include "history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void take(struct history *history, const char *text)
{
    json_t *event = json_loads(text, 0, NULL);
    assert_non_null(event);
    history_take(history, event);
    json_decref(event);
}

#define OPENED(id, words)                                                                \
    "{\"case\":\"" id "\",\"kind\":\"opened\",\"new\":{\"id\":\"p\",\"text\":\"" words   \
    "\",\"category\":\"010101\"}}"
#define SENT(id, unit, why)                                                              \
    "{\"case\":\"" id "\",\"kind\":\"dispatched\",\"why\":{\"reason\":\"" why            \
    "\"},\"new\":{\"unit\":\"" unit "\",\"category\":\"040101\"}}"
#define CLOSED(id, outcome)                                                              \
    "{\"case\":\"" id "\",\"kind\":\"closed\",\"new\":{\"outcome\":\"" outcome "\"}}"

static json_t *examples(const struct history *history, size_t *n)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    *n = history_examples(history, out);
    assert_int_equal(fclose(out), 0);
    json_t *first = *n ? json_loads(text, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    free(text);
    return first;
}

static void an_accepted_return_is_an_example_of_who_was_right(void **state)
{
    (void)state;
    struct history *history = history_begin();
    size_t n;
    take(history, OPENED("a", "路边摆摊"));
    take(history, SENT("a", "wy", ""));
    take(history, SENT("a", "cg", "return_accepted"));
    json_t *none = examples(history, &n);
    assert_int_equal(n, 0); /* not closed yet */
    json_decref(none);
    take(history, CLOSED("a", "resolved"));
    json_t *example = examples(history, &n);
    assert_int_equal(n, 1);
    assert_string_equal(json_string_value(json_object_get(example, "text")), "路边摆摊");
    assert_string_equal(json_string_value(json_object_get(example, "unit")), "cg");
    assert_string_equal(json_string_value(json_object_get(example, "from")), "wy");
    assert_string_equal(
            json_string_value(json_object_get(example, "category")), "040101");
    assert_int_equal(
            json_integer_value(json_object_get(history_pairs(history), "wy\tcg")), 1);
    json_decref(example);
    history_end(history);
}

static void rulings_and_meetings_correct_the_desk_s_first_choice_does_not(void **state)
{
    (void)state;
    struct history *history = history_begin();
    static const char *const why[] = {
            "ruling", "meeting", "return_accepted", "desk", "claimed"};
    for (size_t i = 0; i < sizeof why / sizeof *why; i++) {
        char text[200];
        take(history, OPENED("b", "x"));
        take(history, SENT("b", "wy", ""));
        (void)snprintf(text, sizeof text,
                "{\"case\":\"b\",\"kind\":\"dispatched\",\"why\":{\"reason\":\"%s\"},"
                "\"new\":{\"unit\":\"cg\"}}",
                why[i]);
        take(history, text);
        take(history, text); /* to the same unit again: nothing is corrected */
    }
    assert_int_equal(
            json_integer_value(json_object_get(history_pairs(history), "wy\tcg")), 3);
    assert_int_equal(json_object_size(history_pairs(history)), 1);
    history_end(history);
}

static void what_was_merged_or_terminated_teaches_nothing(void **state)
{
    (void)state;
    struct history *history = history_begin();
    size_t n;
    take(history, OPENED("c", "x"));
    take(history, SENT("c", "wy", ""));
    take(history, CLOSED("c", "terminated"));
    take(history, CLOSED("unheard-of", "resolved"));
    json_t *none = examples(history, &n);
    assert_int_equal(n, 0);
    json_decref(none);
    history_end(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_accepted_return_is_an_example_of_who_was_right),
            cmocka_unit_test(
                    rulings_and_meetings_correct_the_desk_s_first_choice_does_not),
            cmocka_unit_test(what_was_merged_or_terminated_teaches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
