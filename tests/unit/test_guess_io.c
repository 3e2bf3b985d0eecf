#include "guess_io.h"

#include "textmodel.h"
#include "train.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

static struct category categories[] = {{.code = "police"}, {.code = "water"}};
static int32_t known[4]; /* by label of the model: cleaning, police, traffic, water */
static struct train_pack pack;
static struct policy policy = {.categories = categories,
        .n_categories = 2,
        .model = &pack.view,
        .model_category = known};
static struct guesser *guesser;

static int train_tiny(void **state)
{
    (void)state;
    static const struct train_fields fields = {"text", "desk", "group"};
    struct train_rows rows = {0};
    struct train_report report;
    struct error err = {0};
    FILE *in = fopen(SOURCE_DIR "/tests/support/train_tiny.jsonl", "r"),
         *out = fopen("/dev/null", "w");
    if (!in || !out || !train_rows_read(&rows, in, &fields, &err))
        return -1;
    train_model(&pack, &rows, 0.9, &report, out);
    (void)fclose(in);
    (void)fclose(out);
    for (uint32_t label = 0; label < 4; label++) {
        struct str name = textmodel_label(&pack.view, label);
        known[label] = str_is(name, "police")  ? 0
                       : str_is(name, "water") ? 1
                                               : POLICY_MODEL_NO_CATEGORY;
    }
    train_rows_free(&rows);
    return guesser_open(&guesser, &policy, &err) ? 0 : -1;
}

static int forget_tiny(void **state)
{
    (void)state;
    guesser_close(guesser);
    train_pack_free(&pack);
    return 0;
}

static void says_what_the_model_says_in_basis_points(void **state)
{
    (void)state;
    struct class_guess guesses[GUESSES_MAX];
    size_t n = guesser_ask(guesser, (struct str){0}, STR("水管爆裂整条街停水"), guesses);
    assert_in_range(n, 1, 2);
    assert_int_equal(guesses[0].category, 1);
    for (size_t i = 0; i < n; i++)
        assert_in_range(guesses[i].score, 500, 9700);
}

static void a_guess_is_never_certain(void **state)
{
    (void)state;
    struct class_guess guesses[GUESSES_MAX];
    float kept = pack.header->confidence_at;
    pack.header->confidence_at = 100;
    (void)guesser_ask(guesser, (struct str){0}, STR("水管爆裂整条街停水"), guesses);
    pack.header->confidence_at = kept;
    assert_int_equal(guesses[0].score, 9700);
}

static void a_label_that_is_no_category_says_nothing(void **state)
{
    (void)state;
    struct class_guess guesses[GUESSES_MAX];
    size_t n = guesser_ask(
            guesser, (struct str){0}, STR("垃圾三天没人收，臭味很大"), guesses);
    for (size_t i = 0; i < n; i++)
        assert_in_range(guesses[i].category, 0, 1);
    assert_true(n == 0 || guesses[0].score < 5000); /* cleaning leads */
}

static void the_title_stands_in_for_a_text(void **state)
{
    (void)state;
    struct class_guess by_title[GUESSES_MAX], by_text[GUESSES_MAX];
    size_t n = guesser_ask(guesser, STR("停水"), (struct str){0}, by_title);
    assert_int_equal(guesser_ask(guesser, STR("打架"), STR("停水"), by_text), n);
    assert_memory_equal(by_title, by_text, n * sizeof *by_text);
}

static void words_are_those_for_the_category_that_was_asked_for(void **state)
{
    (void)state;
    struct class_guess guesses[GUESSES_MAX];
    struct str words[GUESS_WORDS_MAX];
    (void)guesser_ask(guesser, (struct str){0}, STR("深夜吵闹,水管爆裂"), guesses);
    size_t n = guesser_words(guesser, 1, words);
    assert_in_range(n, 1, GUESS_WORDS_MAX);
    assert_true(str_find(STR("水管爆裂"), words[0]) < STR("水管爆裂").len);
    n = guesser_words(guesser, 0, words);
    assert_in_range(n, 1, GUESS_WORDS_MAX);
    assert_true(str_find(STR("深夜吵闹"), words[0]) < STR("深夜吵闹").len);
}

static void without_a_model_nothing_is_said(void **state)
{
    (void)state;
    struct class_guess guesses[GUESSES_MAX];
    struct policy bare = {0};
    struct guesser *none = guesser;
    assert_true(guesser_open(&none, &bare, NULL));
    assert_null(none);
    assert_int_equal(guesser_ask(none, STR("停水"), STR("停水"), guesses), 0);
    guesser_close(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(says_what_the_model_says_in_basis_points),
            cmocka_unit_test(a_guess_is_never_certain),
            cmocka_unit_test(a_label_that_is_no_category_says_nothing),
            cmocka_unit_test(the_title_stands_in_for_a_text),
            cmocka_unit_test(words_are_those_for_the_category_that_was_asked_for),
            cmocka_unit_test(without_a_model_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, train_tiny, forget_tiny);
}
