#include "classifier_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { LAMP, DARK, STREET_LAMP, TRAFFIC, NOISE, NIGHT, FIRE, PRAISE, TREE, N_WORDS };
enum { C_LAMP, C_SIGNAL, C_NOISE, C_TREE, N_CATEGORIES };

static const char *const some[] = {"a", "b", "c"};
#define NAMES(count) {some, count}

/* Lists hold counts only: which word stands where is said by the uses. */
static const struct rule rules[] = {
        {"lamp", RULE_CATEGORY, C_LAMP, NAMES(3), {0}, NAMES(1), 60,
                1}, /* any LAMP DARK STREET_LAMP, none TRAFFIC */
        {"signal", RULE_CATEGORY, C_SIGNAL, {0}, NAMES(2), {0}, 80,
                2}, /* all TRAFFIC LAMP */
        {"noise", RULE_CATEGORY, C_NOISE, NAMES(1), NAMES(1), {0}, 70,
                3}, /* any NOISE, all NIGHT */
        {"tree-1", RULE_CATEGORY, C_TREE, NAMES(1), {0}, {0}, 60, 4},   /* any TREE */
        {"tree-2", RULE_CATEGORY, C_TREE, NAMES(1), {0}, {0}, 50, 5},   /* any TREE */
        {"fire", RULE_URGENCY, URGENCY_E1, NAMES(1), {0}, {0}, 100, 6}, /* any FIRE */
        {"dark", RULE_URGENCY, URGENCY_E2, NAMES(1), {0}, {0}, 100, 7}, /* any DARK */
        {"thanks", RULE_NATURE, NATURE_PRAISE, NAMES(1), {0}, {0}, 90,
                8},                                                     /* any PRAISE */
        {"noise-2", RULE_CATEGORY, C_NOISE, NAMES(1), {0}, {0}, 60, 9}, /* any FIRE */
        {"empty", RULE_CATEGORY, C_NOISE, {0}, {0}, NAMES(1), 90, 10},  /* none PRAISE */
};

static const struct class_use uses[] = {
        {0, CLASS_ANY}, {1, CLASS_ALL},  /* LAMP */
        {0, CLASS_ANY}, {6, CLASS_ANY},  /* DARK */
        {0, CLASS_ANY},                  /* STREET_LAMP */
        {0, CLASS_NONE}, {1, CLASS_ALL}, /* TRAFFIC */
        {2, CLASS_ANY},                  /* NOISE */
        {2, CLASS_ALL},                  /* NIGHT */
        {5, CLASS_ANY}, {8, CLASS_ANY},  /* FIRE */
        {7, CLASS_ANY}, {9, CLASS_NONE}, /* PRAISE */
        {3, CLASS_ANY}, {4, CLASS_ANY},  /* TREE */
};

static const struct class_word words[N_WORDS] = {
        [LAMP] = {"路灯", 2, 0, 2},
        [DARK] = {"不亮", 2, 2, 2},
        [STREET_LAMP] = {"道路照明灯", 5, 4, 1},
        [TRAFFIC] = {"红绿", 2, 5, 2},
        [NOISE] = {"噪音", 2, 7, 1},
        [NIGHT] = {"夜里", 2, 8, 1},
        [FIRE] = {"着火", 2, 9, 2},
        [PRAISE] = {"感谢", 2, 11, 2},
        [TREE] = {"大树", 2, 13, 2},
};

static const struct category categories[N_CATEGORIES] = {
        {.code = "010101", .urgency = URGENCY_N, .nature = NATURE_HELP},
        {.code = "010102", .urgency = URGENCY_E2, .nature = NATURE_HELP},
        {.code = "020101", .urgency = URGENCY_N, .nature = NATURE_COMPLAINT},
        {.code = "030101", .urgency = URGENCY_C, .nature = NATURE_SUGGEST},
};

static const struct class_book book = {
        .rules = rules,
        .n_rules = sizeof rules / sizeof *rules,
        .categories = categories,
        .n_categories = N_CATEGORIES,
        .words = words,
        .n_words = N_WORDS,
        .uses = uses,
};

static struct class_rule_state rule_states[sizeof rules / sizeof *rules];
static struct class_category_state category_states[N_CATEGORIES];
static uint32_t touched[sizeof rules / sizeof *rules];
static struct class_scratch scratch = {rule_states, category_states, touched};

static struct class_decision decide(const uint32_t *found, size_t n)
{
    struct class_decision decision = class_decide(&book, found, n, &scratch);
    static const struct class_rule_state no_rules[sizeof rules / sizeof *rules];
    static const struct class_category_state no_categories[N_CATEGORIES];
    assert_memory_equal(rule_states, no_rules, sizeof no_rules);
    assert_memory_equal(category_states, no_categories, sizeof no_categories);
    return decision;
}

#define DECIDE(...)                                                                      \
    decide((const uint32_t[]){__VA_ARGS__},                                              \
            sizeof(const uint32_t[]){__VA_ARGS__} / sizeof(uint32_t))

static void no_word_no_category(void **state)
{
    (void)state;
    struct class_decision d = decide(NULL, 0);
    assert_int_equal(d.category, CLASS_NO_CATEGORY);
    assert_int_equal(d.runner_up, CLASS_NO_CATEGORY);
    assert_int_equal(d.confidence, 0);
    assert_int_equal(d.urgency, URGENCY_N);
    assert_int_equal(d.nature, NATURE_HELP);
    assert_int_equal(d.n_evidence, 0);
}

static void one_of_any_is_enough(void **state)
{
    (void)state;
    struct class_decision d = DECIDE(LAMP);
    assert_int_equal(d.category, C_LAMP);
    assert_int_equal(d.confidence, 6000);
    assert_int_equal(d.n_evidence, 1);
    assert_int_equal(d.evidence[0], 0);
}

static void all_of_all_and_one_of_any_must_occur(void **state)
{
    (void)state;
    assert_int_equal(DECIDE(TRAFFIC).category, CLASS_NO_CATEGORY);
    assert_int_equal(DECIDE(NOISE).category, CLASS_NO_CATEGORY);
    assert_int_equal(DECIDE(NIGHT).category, CLASS_NO_CATEGORY);
    assert_int_equal(DECIDE(NOISE, NIGHT).category, C_NOISE);
}

static void none_of_none_may_occur(void **state)
{
    (void)state;
    struct class_decision d = DECIDE(LAMP, TRAFFIC);
    assert_int_equal(d.category, C_SIGNAL);
    assert_int_equal(d.runner_up, CLASS_NO_CATEGORY);
}

static void a_rule_of_nothing_but_none_never_holds(void **state)
{
    (void)state;
    assert_int_equal(DECIDE(PRAISE).category, CLASS_NO_CATEGORY);
}

static void more_and_longer_words_say_a_little_more(void **state)
{
    (void)state;
    int one = DECIDE(LAMP).confidence, two = DECIDE(LAMP, DARK).confidence,
        longer = DECIDE(STREET_LAMP).confidence;
    assert_true(two > one && two < one + 500);
    assert_true(longer > one && longer < one + 500);
}

static void two_rules_for_one_category_add_up(void **state)
{
    (void)state;
    struct class_decision d = DECIDE(TREE);
    assert_int_equal(d.confidence, 8000); /* 1 - 0.4 * 0.5 */
    assert_int_equal(d.n_evidence, 2);
    assert_int_equal(d.urgency, URGENCY_C);
    assert_int_equal(d.nature, NATURE_SUGGEST);
}

static void the_runner_up_takes_half_of_its_score_away(void **state)
{
    (void)state;
    struct class_decision d = DECIDE(TREE, LAMP);
    assert_int_equal(d.category, C_TREE);
    assert_int_equal(d.runner_up, C_LAMP);
    assert_int_equal(d.runner_up_score, 6000);
    assert_int_equal(d.confidence, 8000 - 3000);
}

static void equal_scores_go_to_the_lower_code(void **state)
{
    (void)state;
    struct class_decision d = DECIDE(FIRE, LAMP), other = DECIDE(LAMP, FIRE);
    assert_int_equal(d.category, C_LAMP);
    assert_int_equal(d.runner_up, C_NOISE);
    assert_int_equal(other.category, C_LAMP);
    assert_int_equal(other.runner_up, C_NOISE);
}

static void the_order_of_the_words_changes_nothing(void **state)
{
    (void)state;
    static const uint32_t found[] = {TREE, LAMP, NOISE, NIGHT, FIRE, DARK};
    struct class_decision first = decide(found, 6);
    for (size_t shift = 1; shift < 6; shift++) {
        uint32_t turned[6];
        for (size_t i = 0; i < 6; i++)
            turned[i] = found[(i + shift) % 6];
        struct class_decision d = decide(turned, 6);
        assert_memory_equal(&d, &first, sizeof d);
    }
}

static void an_urgency_rule_only_raises(void **state)
{
    (void)state;
    assert_int_equal(DECIDE(LAMP, DARK).urgency, URGENCY_E2);
    assert_int_equal(DECIDE(LAMP, DARK, FIRE).urgency, URGENCY_E1);
    struct class_decision d = DECIDE(
            LAMP, TRAFFIC, DARK); /* the category's is E2 already */
    assert_int_equal(d.urgency, URGENCY_E2);
    assert_int_equal(d.n_evidence, 1);
}

static void a_nature_rule_overrules_the_category(void **state)
{
    (void)state;
    struct class_decision d = DECIDE(NOISE, NIGHT, PRAISE);
    assert_int_equal(d.nature, NATURE_PRAISE);
    assert_int_equal(d.n_evidence, 2);
    assert_int_equal(d.evidence[1], 7);
    assert_int_equal(DECIDE(PRAISE).nature, NATURE_PRAISE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(no_word_no_category),
            cmocka_unit_test(one_of_any_is_enough),
            cmocka_unit_test(all_of_all_and_one_of_any_must_occur),
            cmocka_unit_test(none_of_none_may_occur),
            cmocka_unit_test(a_rule_of_nothing_but_none_never_holds),
            cmocka_unit_test(more_and_longer_words_say_a_little_more),
            cmocka_unit_test(two_rules_for_one_category_add_up),
            cmocka_unit_test(the_runner_up_takes_half_of_its_score_away),
            cmocka_unit_test(equal_scores_go_to_the_lower_code),
            cmocka_unit_test(the_order_of_the_words_changes_nothing),
            cmocka_unit_test(an_urgency_rule_only_raises),
            cmocka_unit_test(a_nature_rule_overrules_the_category),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
