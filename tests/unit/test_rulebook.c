#include "rulebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

enum { RULES_MAX = 8, TERMS_MAX = 8 };

/* Rules of one test, written as any | all | none with ; between terms. */
struct written {
    const char *any, *all, *none;
};

struct book {
    struct rule rules[RULES_MAX];
    const char *terms[RULES_MAX][3][TERMS_MAX];
    char texts[RULES_MAX][3][256];
    struct policy policy;
    struct rulebook *book;
};

static struct names split(char *text, const char **terms)
{
    size_t n = 0;
    for (char *next = text; next && *next; n++) {
        terms[n] = next;
        next = strchr(next, ';');
        if (next)
            *next++ = 0;
    }
    return (struct names){terms, n};
}

static struct book *open_book(const struct written *written, size_t n)
{
    struct book *b = calloc(1, sizeof *b);
    assert_non_null(b);
    for (size_t i = 0; i < n; i++) {
        const char *const texts[3] = {written[i].any, written[i].all, written[i].none};
        struct names lists[3];
        for (int k = 0; k < 3; k++) {
            (void)snprintf(b->texts[i][k], sizeof b->texts[i][k], "%s",
                    texts[k] ? texts[k] : "");
            lists[k] = split(b->texts[i][k], b->terms[i][k]);
        }
        b->rules[i] = (struct rule){.kind = RULE_CATEGORY,
                .any = lists[0],
                .all = lists[1],
                .none = lists[2]};
    }
    b->policy = (struct policy){.rules = b->rules, .n_rules = n};
    struct error err = {0};
    if (!rulebook_open(&b->book, &b->policy, 1U << RULE_CATEGORY, &err))
        fail_msg("%s", err.text);
    return b;
}

static void close_book(struct book *b)
{
    rulebook_close(b->book);
    free(b);
}

/* Bit i: rule i holds. */
static unsigned holding(struct book *b, const char *text, const char *other)
{
    rulebook_begin(b->book);
    rulebook_read(b->book, str_of(text));
    rulebook_read(b->book, str_of(other));
    size_t n;
    const struct rule_hold *holds = rulebook_holds(b->book, &n);
    unsigned bits = 0;
    for (size_t i = 0; i < n; i++) {
        assert_true(i == 0 || holds[i - 1].rule < holds[i].rule);
        bits |= 1U << holds[i].rule;
    }
    return bits;
}

static void one_of_any_all_of_all_none_of_none(void **state)
{
    (void)state;
    struct book *b = open_book(
            (struct written[]){{"路灯;灯杆", NULL, "小区"}, {"噪音", "夜里;施工", NULL},
                    {NULL, "施工", NULL}, {NULL, NULL, "小区"}},
            4);
    assert_int_equal(holding(b, "路灯坏了", ""), 1);
    assert_int_equal(holding(b, "灯杆倒了", ""), 1);
    assert_int_equal(holding(b, "小区路灯坏了", ""), 0);
    assert_int_equal(holding(b, "夜里噪音", ""), 0);
    assert_int_equal(holding(b, "夜里施工", ""), 4);
    assert_int_equal(holding(b, "夜里施工噪音", ""), 2 | 4);
    assert_int_equal(holding(b, "一切都好", ""), 0); /* nothing but exceptions */
    close_book(b);
}

static void what_one_complaint_had_the_next_has_not(void **state)
{
    (void)state;
    struct book *b = open_book(
            (struct written[]){{"噪音", "施工", "装修"}, {"噪音{4}大", NULL, NULL}}, 2);
    assert_int_equal(holding(b, "施工", ""), 0);
    assert_int_equal(holding(b, "噪音", ""), 0);
    assert_int_equal(holding(b, "装修", ""), 0);
    assert_int_equal(holding(b, "大", ""), 0);
    assert_int_equal(holding(b, "施工噪音", ""), 1);
    close_book(b);
}

static void both_texts_count_together_but_are_not_near(void **state)
{
    (void)state;
    struct book *b = open_book(
            (struct written[]){{"噪音", "施工", NULL}, {"噪音{~4}施工", NULL, NULL}}, 2);
    assert_int_equal(holding(b, "噪音", "施工"), 1);
    assert_int_equal(holding(b, "噪音施工", ""), 3);
    close_book(b);
}

static void alternatives_are_one_term(void **state)
{
    (void)state;
    struct book *b = open_book(
            (struct written[]){{NULL, "(路灯|灯杆);(坏|不亮)", NULL}}, 1);
    assert_int_equal(holding(b, "路灯灯杆", ""), 0);
    assert_int_equal(holding(b, "灯杆不亮", ""), 1);
    assert_int_equal(holding(b, "路灯坏", ""), 1);
    close_book(b);
}

static void a_term_listed_twice_counts_once(void **state)
{
    (void)state;
    struct book *b = open_book((struct written[]){{"路灯;路灯", "坏;坏", NULL}}, 1);
    assert_int_equal(holding(b, "路灯坏", ""), 1);
    size_t n;
    assert_int_equal(rulebook_holds(b->book, &n)->terms, 2);
    close_book(b);
}

static void a_term_of_two_lists_is_one_word(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct str words[4];
    struct book *b = open_book((struct written[]){{"路灯;灯", "路灯", NULL}}, 1);
    assert_int_equal(holding(b, "路灯", ""), 1);
    assert_int_equal(rulebook_words(b->book, 0, words, 4, &arena), 2);
    assert_true(str_eq(words[0], STR("路灯")));
    assert_true(str_eq(words[1], STR("灯")));
    arena_done(&arena);
    close_book(b);
}

static void near_counts_characters_between_the_words(void **state)
{
    (void)state;
    struct book *b = open_book(
            (struct written[]){{"电梯{2}坏", NULL, NULL}, {"电梯{~2}坏", NULL, NULL},
                    {"电梯{0}坏", NULL, NULL}, {"a{1}b", NULL, NULL}},
            4);
    assert_int_equal(holding(b, "电梯坏", ""), 1 | 2 | 4);
    assert_int_equal(holding(b, "电梯又坏", ""), 1 | 2);
    assert_int_equal(holding(b, "电梯今天坏", ""), 1 | 2);
    assert_int_equal(holding(b, "电梯今天又坏", ""), 0);
    assert_int_equal(holding(b, "电梯xyz坏", ""), 0);
    assert_int_equal(holding(b, "坏电梯", ""), 2);
    assert_int_equal(holding(b, "坏了的电梯", ""), 2);
    assert_int_equal(holding(b, "坏了的那电梯", ""), 0);
    assert_int_equal(holding(b, "A水B", ""), 8);
    close_book(b);
}

static void any_pair_of_the_words_may_be_near(void **state)
{
    (void)state;
    struct book *b = open_book(
            (struct written[]){{"(酒吧|店){3}(吵|闹)", NULL, NULL}}, 1);
    assert_int_equal(holding(b, "店很远很远但是酒吧很吵", ""), 1);
    assert_int_equal(holding(b, "酒吧很吵很远", ""), 1);
    assert_int_equal(holding(b, "吵的是那一家酒吧", ""), 0);
    assert_int_equal(holding(b, "酒吧白天不闹", ""), 1);
    assert_int_equal(holding(b, "酒吧白天也不闹", ""), 0);
    close_book(b);
}

static void words_that_overlap_are_not_near(void **state)
{
    (void)state;
    struct book *b = open_book(
            (struct written[]){{"水{~3}水管", NULL, NULL},
                    {"自来水{3}水管爆", NULL, NULL}, {"水{2}水", NULL, NULL}},
            3);
    assert_int_equal(holding(b, "水管", ""), 0);
    assert_int_equal(holding(b, "自来水管爆", ""), 0);
    assert_int_equal(holding(b, "自来水的水管爆", ""), 1 | 2 | 4);
    /* the nearer 水 lies inside the word, the one before it does not */
    assert_int_equal(holding(b, "水在水管", ""), 1 | 4);
    close_book(b);
}

static void near_works_as_an_exception_and_as_a_condition(void **state)
{
    (void)state;
    struct book *b = open_book(
            (struct written[]){{"电梯", "坏{~4}(天|周)", "修{2}好"}}, 1);
    assert_int_equal(holding(b, "电梯坏了三天", ""), 1);
    assert_int_equal(holding(b, "电梯坏了", ""), 0);
    assert_int_equal(holding(b, "电梯坏了三天修好", ""), 0);
    assert_int_equal(holding(b, "电梯坏了三天修得很好", ""), 0);
    assert_int_equal(holding(b, "电梯坏了三天修了很久才好", ""), 1);
    close_book(b);
}

static void what_occurs_is_told(void **state)
{
    (void)state;
    struct book *b = open_book(
            (struct written[]){{"路灯;照明灯{3}不亮;坏", "晚上", "x"}}, 1);
    assert_int_equal(holding(b, "晚上路灯和照明灯都不亮", ""), 1);
    size_t n;
    const struct rule_hold *hold = rulebook_holds(b->book, &n);
    assert_int_equal(hold->terms, 3);
    assert_int_equal(hold->letters, 2 + 2 + 5);
    assert_int_equal(hold->longest, 5);
    struct arena arena = {0};
    struct str words[4];
    assert_int_equal(rulebook_words(b->book, 0, words, 4, &arena), 3);
    assert_true(str_is(words[0], "晚上"));
    assert_true(str_is(words[1], "路灯"));
    assert_true(str_is(words[2], "照明灯…不亮"));
    assert_int_equal(rulebook_words(b->book, 0, words, 1, &arena), 1);
    assert_int_equal(holding(b, "照明灯不亮，晚上路灯", ""), 1);
    assert_int_equal(rulebook_holds(b->book, &n)->longest, 5);
    assert_int_equal(holding(b, "晚上坏了x", ""), 0);
    assert_int_equal(rulebook_words(b->book, 0, words, 4, &arena), 2);
    arena_done(&arena);
    close_book(b);
}

static void only_the_kinds_asked_for_are_read(void **state)
{
    (void)state;
    static const char *const fire[] = {"着火"};
    const struct rule rules[] = {{.kind = RULE_EXIT, .any = {fire, 1}},
            {.kind = RULE_URGENCY, .any = {fire, 1}},
            {.kind = RULE_CATEGORY, .any = {fire, 1}}};
    struct policy policy = {.n_rules = 3};
    struct rule copy[3];
    memcpy(copy, rules, sizeof rules);
    policy.rules = copy;
    struct rulebook *book = NULL;
    struct error err = {0};
    assert_true(
            rulebook_open(&book, &policy, 1U << RULE_EXIT | 1U << RULE_CATEGORY, &err));
    rulebook_begin(book);
    rulebook_read(book, STR("着火"));
    size_t n;
    const struct rule_hold *holds = rulebook_holds(book, &n);
    assert_int_equal(n, 2);
    assert_int_equal(holds[0].rule, 0);
    assert_int_equal(holds[1].rule, 2);
    rulebook_close(book);
}

static void a_long_text_of_nothing_but_words_is_read(void **state)
{
    (void)state;
    struct book *b = open_book(
            (struct written[]){{"水{~50}火", NULL, NULL}, {"水", "木", NULL}}, 2);
    static char text[3 * 5000 + 4];
    for (size_t i = 0; i < 5000; i++)
        memcpy(text + 3 * i, "水", 3);
    assert_int_equal(holding(b, text, "火"), 0);
    assert_int_equal(holding(b, text, "木水火"), 1 | 2);
    close_book(b);
}

static void a_term_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"水{火"};
    struct rule rule = {.kind = RULE_CATEGORY, .any = {bad, 1}};
    struct policy policy = {.rules = &rule, .n_rules = 1};
    struct rulebook *book = NULL;
    struct error err = {0};
    assert_false(rulebook_open(&book, &policy, 1U << RULE_CATEGORY, &err));
    assert_null(book);
    assert_string_equal(err.code, "bad_term");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(one_of_any_all_of_all_none_of_none),
            cmocka_unit_test(what_one_complaint_had_the_next_has_not),
            cmocka_unit_test(both_texts_count_together_but_are_not_near),
            cmocka_unit_test(alternatives_are_one_term),
            cmocka_unit_test(a_term_listed_twice_counts_once),
            cmocka_unit_test(a_term_of_two_lists_is_one_word),
            cmocka_unit_test(near_counts_characters_between_the_words),
            cmocka_unit_test(any_pair_of_the_words_may_be_near),
            cmocka_unit_test(words_that_overlap_are_not_near),
            cmocka_unit_test(near_works_as_an_exception_and_as_a_condition),
            cmocka_unit_test(what_occurs_is_told),
            cmocka_unit_test(only_the_kinds_asked_for_are_read),
            cmocka_unit_test(a_long_text_of_nothing_but_words_is_read),
            cmocka_unit_test(a_term_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
