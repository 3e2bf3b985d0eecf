#include "classifier_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { C_LAMP, C_SIGNAL, C_NOISE, C_TREE, N_CATEGORIES };
enum {
    LAMP,
    SIGNAL,
    NOISE,
    TREE_1,
    TREE_2,
    FIRE,
    DARK,
    THANKS,
    GUESS,
    SAFETY,
    REPORT,
    N_RULES
};

static struct rule rules[N_RULES] = {
        [LAMP] = {.kind = RULE_CATEGORY, .target = C_LAMP, .weight = 60},
        [SIGNAL] = {.kind = RULE_CATEGORY, .target = C_SIGNAL, .weight = 80},
        [NOISE] = {.kind = RULE_CATEGORY, .target = C_NOISE, .weight = 60},
        [TREE_1] = {.kind = RULE_CATEGORY, .target = C_TREE, .weight = 60},
        [TREE_2] = {.kind = RULE_CATEGORY, .target = C_TREE, .weight = 50},
        [FIRE] = {.kind = RULE_URGENCY, .target = URGENCY_E1, .weight = 100},
        [DARK] = {.kind = RULE_URGENCY, .target = URGENCY_E2, .weight = 100},
        [THANKS] = {.kind = RULE_NATURE, .target = NATURE_PRAISE, .weight = 90},
        [GUESS] = {.kind = RULE_CATEGORY, .target = C_LAMP, .weight = 95},
        [SAFETY] = {.kind = RULE_CATEGORY, .target = C_SIGNAL, .weight = 40},
        [REPORT] = {.kind = RULE_NATURE, .target = NATURE_REPORT, .weight = 50},
};

static struct category categories[N_CATEGORIES] = {
        {.code = "010101", .urgency = URGENCY_N, .nature = NATURE_HELP},
        {.code = "010102", .urgency = URGENCY_E2, .nature = NATURE_HELP},
        {.code = "020101", .urgency = URGENCY_N, .nature = NATURE_COMPLAINT},
        {.code = "030101", .urgency = URGENCY_C, .nature = NATURE_SUGGEST},
};

static const struct policy policy = {.rules = rules,
        .n_rules = N_RULES,
        .categories = categories,
        .n_categories = N_CATEGORIES};

static struct class_category_state scratch[N_CATEGORIES];

static struct class_decision decide(const struct rule_hold *holds, size_t n)
{
    static const struct class_category_state clear[N_CATEGORIES];
    struct class_decision decision = class_decide(&policy, holds, n, NULL, 0, scratch);
    assert_memory_equal(scratch, clear, sizeof clear);
    return decision;
}

static struct class_decision decide_guessed(const struct rule_hold *holds, size_t n,
        const struct class_guess *guesses, size_t n_guesses)
{
    static const struct class_category_state clear[N_CATEGORIES];
    struct class_decision decision = class_decide(
            &policy, holds, n, guesses, n_guesses, scratch);
    assert_memory_equal(scratch, clear, sizeof clear);
    return decision;
}

/* Rules that hold by one term of two characters. */
#define DECIDE(...) decide_plain((const uint32_t[]){__VA_ARGS__, N_RULES})

static struct class_decision decide_plain(const uint32_t *list)
{
    struct rule_hold holds[N_RULES];
    size_t n = 0;
    for (; list[n] != N_RULES; n++)
        holds[n] = (struct rule_hold){
                .rule = list[n], .terms = 1, .letters = 2, .longest = 2};
    return decide(holds, n);
}

static void no_rule_no_category(void **state)
{
    (void)state;
    struct class_decision d = decide(NULL, 0);
    assert_int_equal(d.category, CLASS_NO_CATEGORY);
    assert_int_equal(d.runner_up, CLASS_NO_CATEGORY);
    assert_int_equal(d.confidence, 0);
    assert_int_equal(d.urgency, URGENCY_N);
    assert_int_equal(d.nature, NATURE_HELP);
    assert_int_equal(d.n_evidence, 0);
    assert_int_equal(d.n_ranked, 0);
}

static void a_rule_says_its_weight(void **state)
{
    (void)state;
    struct class_decision d = DECIDE(LAMP);
    assert_int_equal(d.category, C_LAMP);
    assert_int_equal(d.confidence, 6000);
    assert_int_equal(d.n_evidence, 1);
    assert_int_equal(d.evidence[0], LAMP);
}

static void more_and_longer_terms_say_a_little_more(void **state)
{
    (void)state;
    int two = decide(&(struct rule_hold){LAMP, 2, 4, 2}, 1).confidence,
        four = decide(&(struct rule_hold){LAMP, 4, 8, 2}, 1).confidence,
        nine = decide(&(struct rule_hold){LAMP, 9, 18, 2}, 1).confidence,
        longer = decide(&(struct rule_hold){LAMP, 1, 5, 5}, 1).confidence,
        longest = decide(&(struct rule_hold){LAMP, 1, 12, 12}, 1).confidence;
    assert_int_equal(two, 10000 - 40 * 95);
    assert_int_equal(four, 10000 - 40 * 85);
    assert_int_equal(nine, four);
    assert_int_equal(longer, 10000 - 40 * 91);
    assert_int_equal(longest, 10000 - 40 * 88);
}

static void two_rules_for_one_category_add_up(void **state)
{
    (void)state;
    struct class_decision d = DECIDE(TREE_1, TREE_2);
    assert_int_equal(d.confidence, 8000); /* 1 - 0.4 * 0.5 */
    assert_int_equal(d.n_evidence, 2);
    assert_int_equal(d.urgency, URGENCY_C);
    assert_int_equal(d.nature, NATURE_SUGGEST);
}

static void the_runner_up_takes_half_of_its_score_away(void **state)
{
    (void)state;
    struct class_decision d = DECIDE(LAMP, TREE_1, TREE_2);
    assert_int_equal(d.category, C_TREE);
    assert_int_equal(d.runner_up, C_LAMP);
    assert_int_equal(d.runner_up_score, 6000);
    assert_int_equal(d.confidence, 8000 - 3000);
    assert_int_equal(d.n_ranked, 2);
    assert_int_equal(d.ranked[0].category, C_TREE);
    assert_int_equal(d.ranked[0].score, 8000);
    assert_int_equal(d.ranked[1].category, C_LAMP);
}

static void equal_scores_go_to_more_evidence_then_to_the_lower_code(void **state)
{
    (void)state;
    struct class_decision d = DECIDE(LAMP, NOISE);
    assert_int_equal(d.category, C_LAMP);
    assert_int_equal(d.runner_up, C_NOISE);
    d = decide((struct rule_hold[]){{LAMP, 1, 2, 2}, {NOISE, 1, 3, 2}}, 2);
    assert_int_equal(d.category, C_NOISE);
    assert_int_equal(d.runner_up, C_LAMP);
}

static void a_higher_priority_silences_other_categories(void **state)
{
    (void)state;
    rules[SAFETY].priority = 9;
    struct class_decision d = DECIDE(TREE_1, GUESS, SAFETY);
    assert_int_equal(d.category, C_SIGNAL);
    assert_int_equal(d.n_ranked, 1);
    assert_int_equal(d.runner_up, CLASS_NO_CATEGORY);
    assert_int_equal(d.confidence, 4000);
    /* the same category's other rules still count */
    d = DECIDE(SIGNAL, GUESS, SAFETY);
    assert_int_equal(d.confidence, 10000 - 20 * 60);
    assert_int_equal(d.n_evidence, 2);
    rules[SAFETY].priority = 0;
    assert_int_equal(DECIDE(TREE_1, GUESS, SAFETY).category, C_LAMP);
}

static void an_urgency_rule_only_raises(void **state)
{
    (void)state;
    assert_int_equal(DECIDE(LAMP, DARK).urgency, URGENCY_E2);
    assert_int_equal(DECIDE(LAMP, FIRE, DARK).urgency, URGENCY_E1);
    struct class_decision d = DECIDE(SIGNAL, DARK); /* the category's is E2 already */
    assert_int_equal(d.urgency, URGENCY_E2);
    assert_int_equal(d.n_evidence, 1);
}

static void a_nature_rule_overrules_the_category(void **state)
{
    (void)state;
    struct class_decision d = DECIDE(NOISE, THANKS, REPORT);
    assert_int_equal(d.nature, NATURE_PRAISE);
    assert_int_equal(d.n_evidence, 2);
    assert_int_equal(d.evidence[1], THANKS);
    assert_int_equal(DECIDE(THANKS).nature, NATURE_PRAISE);
    rules[REPORT].priority = 6;
    assert_int_equal(DECIDE(THANKS, REPORT).nature, NATURE_REPORT);
    rules[REPORT].priority = 0;
}

static void urgency_and_nature_find_room_behind_much_evidence(void **state)
{
    (void)state;
    static struct rule many[12];
    struct rule_hold holds[12];
    for (uint32_t i = 0; i < 12; i++) {
        many[i] = (struct rule){.kind = RULE_CATEGORY, .target = C_NOISE, .weight = 10};
        holds[i] = (struct rule_hold){i, 1, 2, 2};
    }
    many[10] = rules[FIRE];
    many[11] = rules[THANKS];
    const struct policy big = {.rules = many,
            .n_rules = 12,
            .categories = categories,
            .n_categories = N_CATEGORIES};
    struct class_decision d = class_decide(&big, holds, 12, NULL, 0, scratch);
    assert_int_equal(d.n_evidence, CLASS_EVIDENCE_MAX);
    assert_int_equal(d.evidence[6], 10);
    assert_int_equal(d.evidence[7], 11);
}

static void the_best_five_are_ranked(void **state)
{
    (void)state;
    static struct category seven[7];
    static struct class_category_state states[7];
    static struct rule each[7];
    struct rule_hold holds[7];
    const int weights[7] = {30, 70, 10, 60, 20, 50, 40};
    for (uint32_t i = 0; i < 7; i++) {
        each[i] = (struct rule){
                .kind = RULE_CATEGORY, .target = (int)i, .weight = weights[i]};
        holds[i] = (struct rule_hold){i, 1, 2, 2};
    }
    const struct policy big = {
            .rules = each, .n_rules = 7, .categories = seven, .n_categories = 7};
    struct class_decision d = class_decide(&big, holds, 7, NULL, 0, states);
    const int wanted[CLASS_RANKED_MAX] = {1, 3, 5, 6, 0};
    assert_int_equal(d.n_ranked, CLASS_RANKED_MAX);
    for (int i = 0; i < CLASS_RANKED_MAX; i++)
        assert_int_equal(d.ranked[i].category, wanted[i]);
}

static void a_guess_alone_decides_with_its_probability(void **state)
{
    (void)state;
    const struct class_guess guesses[] = {{C_TREE, 8000}, {C_NOISE, 1000}};
    struct class_decision d = decide_guessed(NULL, 0, guesses, 2);
    assert_int_equal(d.category, C_TREE);
    assert_int_equal(d.runner_up, C_NOISE);
    assert_int_equal(d.confidence, 7500);
    assert_int_equal(d.urgency, URGENCY_C);
    assert_int_equal(d.n_evidence, 0);
    assert_true(d.guessed);
}

static void a_guess_and_a_rule_that_agree_say_more_than_either(void **state)
{
    (void)state;
    const struct rule_hold lamp = {.rule = LAMP, .terms = 1, .letters = 2, .longest = 2};
    const struct class_guess guess = {C_LAMP, 5000};
    struct class_decision d = decide_guessed(&lamp, 1, &guess, 1);
    assert_int_equal(d.confidence, 8000); /* 1 - 0.4 * 0.5 */
    assert_int_equal(d.n_ranked, 1);
    assert_true(d.guessed);
}

static void a_guess_against_a_rule_lowers_confidence(void **state)
{
    (void)state;
    const struct rule_hold lamp = {.rule = LAMP, .terms = 1, .letters = 2, .longest = 2};
    const struct class_guess guess = {C_NOISE, 5000};
    struct class_decision d = decide_guessed(&lamp, 1, &guess, 1);
    assert_int_equal(d.category, C_LAMP);
    assert_int_equal(d.confidence, 6000 - 2500);
    assert_false(d.guessed);
    const struct class_guess strong = {C_NOISE, 9000};
    assert_int_equal(decide_guessed(&lamp, 1, &strong, 1).category, C_NOISE);
}

static void a_rule_above_the_plain_priority_silences_guesses(void **state)
{
    (void)state;
    const struct rule_hold lamp = {.rule = LAMP, .terms = 1, .letters = 2, .longest = 2};
    const struct class_guess guess = {C_NOISE, 9500};
    rules[LAMP].priority = RULE_PRIORITY_PLAIN + 1;
    struct class_decision d = decide_guessed(&lamp, 1, &guess, 1);
    rules[LAMP].priority = 0;
    assert_int_equal(d.category, C_LAMP);
    assert_int_equal(d.n_ranked, 1);
    assert_int_equal(d.confidence, 6000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(no_rule_no_category),
            cmocka_unit_test(a_rule_says_its_weight),
            cmocka_unit_test(more_and_longer_terms_say_a_little_more),
            cmocka_unit_test(two_rules_for_one_category_add_up),
            cmocka_unit_test(the_runner_up_takes_half_of_its_score_away),
            cmocka_unit_test(equal_scores_go_to_more_evidence_then_to_the_lower_code),
            cmocka_unit_test(a_higher_priority_silences_other_categories),
            cmocka_unit_test(an_urgency_rule_only_raises),
            cmocka_unit_test(a_nature_rule_overrules_the_category),
            cmocka_unit_test(urgency_and_nature_find_room_behind_much_evidence),
            cmocka_unit_test(the_best_five_are_ranked),
            cmocka_unit_test(a_guess_alone_decides_with_its_probability),
            cmocka_unit_test(a_guess_and_a_rule_that_agree_say_more_than_either),
            cmocka_unit_test(a_guess_against_a_rule_lowers_confidence),
            cmocka_unit_test(a_rule_above_the_plain_priority_silences_guesses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
