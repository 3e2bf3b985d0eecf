#include "policy_fixture.h"

#include <string.h>

#define HEAD "id,kind,target,priority,any,all,none,weight\n"
#define SMALL                                                                            \
    HEAD "r1,category,010101,,没人打扫;保洁,,,50\n"                                \
         "r2,category,040101,,摆摊,,,60\n"

static void a_rule_has_a_priority_and_a_plain_one_without(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    assert_int_equal(f->policy->rules[0].priority, 5);
    assert_int_equal(f->policy->rules[1].priority, 7);
    spoil(f, "rules.csv", ",7,", ",10,");
    assert_refused(
            f, "rules.csv:3: '10' is no priority; write a whole number from 0 to 9");
}

static void terms_near_each_other_are_read(void **state)
{
    struct fixture *f = *state;
    spoil(f, "rules.csv", "保洁", "(小区|楼道){~6}(脏|没人扫)");
    assert_loads(f);
    assert_string_equal(f->report, "");
    assert_string_equal(f->policy->rules[0].any.items[1], "(小区|楼道){~6}(脏|没人扫)");
}

static const struct fault faults[] = {
        {"rules.csv", "保洁", "小区{6}",
                "rules.csv:2: the term '小区{6}' in 'any' has no word on one side"},
        {"rules.csv", "保洁", "小区{}脏",
                "rules.csv:2: the term '小区{}脏' in 'any' has no number"},
        {"rules.csv", "保洁", "小区{51}脏",
                "rules.csv:2: the term '小区{51}脏' in 'any' allows more than 50 "
                "characters"},
        {"rules.csv", "保洁", "小区{999999999999}脏",
                "rules.csv:2: the term '小区{999999999999}脏' in 'any' has no number"},
        {"rules.csv", "保洁", "(小区|楼道",
                "rules.csv:2: the term '(小区|楼道' in 'any' has a bracket on one side "
                "only"},
        {"rules.csv", "保洁", "小区|楼道",
                "rules.csv:2: the term '小区|楼道' in 'any' has alternatives without"},
        {"rules.csv", "保洁", "(小区|)",
                "rules.csv:2: the term '(小区|)' in 'any' has an empty alternative"},
        {"rules.csv", "保洁", "(|小区)",
                "rules.csv:2: the term '(|小区)' in 'any' has an empty alternative"},
        {"rules.csv", "保洁", "(小区||楼道)",
                "rules.csv:2: the term '(小区||楼道)' in 'any' has an empty alternative"},
        {"rules.csv", "保洁", "()",
                "rules.csv:2: the term '()' in 'any' has an empty alternative"},
        {"rules.csv", "保洁", "小区{2}楼道{2}脏",
                "rules.csv:2: the term '小区{2}楼道{2}脏' in 'any' has a bracket or ~ "
                "inside"},
        {"rules.csv", "菜场", "菜{场",
                "rules.csv:3: the term '菜{场' in 'none' has no number"},
        /* must and must not */
        {"rules.csv", "摆摊;占道,,菜场", "摆摊;占道,,摆摊;占道",
                "rules.csv:3: the rule 'r2' can never hold: every term of 'any' contains "
                "one "
                "of 'none'"},
        {"rules.csv", "摆摊;占道,,菜场", "门口摆摊;占道摆摊,,摆摊",
                "rules.csv:3: the rule 'r2' can never hold: every term of 'any'"},
        {"rules.csv", "摆摊;占道,,菜场", "(门口|路边){4}摆摊,,(门口|路边)",
                "rules.csv:3: the rule 'r2' can never hold: every term of 'any'"},
        {"rules.csv", "摆摊;占道,,菜场", "门口乱摆摊,,门口{2}摆",
                "rules.csv:3: the rule 'r2' can never hold: every term of 'any'"},
        {"rules.csv", "摆摊;占道,,菜场", "门口{2}摆摊,,门口{~3}摆摊",
                "rules.csv:3: the rule 'r2' can never hold: every term of 'any'"},
        {"rules.csv", "摆摊;占道,,菜场", "摆摊;占道,菜市场,市场",
                "rules.csv:3: the rule 'r2' can never hold: the term '菜市场' of 'all' "
                "contains one of 'none'"},
};

static void terms_and_rules_that_cannot_be_are_refused(void **state)
{
    assert_faults(*state, faults, sizeof faults / sizeof *faults);
}

static void a_rule_without_words_shadows_nothing(void **state)
{
    struct fixture *f = *state;
    spoil(f, "rules.csv", "r4,exit,119,,着火,,演习", "r4,exit,119,,,,");
    assert_refused(f, "rules.csv:5: the rule 'r4' has no words in 'any' or 'all'");
}

static void near_terms_contradict_only_when_one_has_the_other(void **state)
{
    struct fixture *f = *state;
    static const char *const apart[] = {"门口{4}摆摊,,门口{2}摆摊",
            "门口{~2}摆摊,,门口{2}摆摊", "门口{2}摆摊,,店口{2}摆摊",
            "门口乱糟糟地摆摊,,门口{2}摆"};
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
        spoil(f, "rules.csv", "摆摊;占道,,菜场", apart[i]);
        assert_loads(f);
        assert_string_equal(f->report, "");
        write_file(f, "rules.csv", good_text("rules.csv"));
    }
}

struct shadow {
    const char *rows, *problem; /* NULL: accepted */
};

static const struct shadow shadows[] = {
        {"a,category,010101,6,垃圾,,,50\nb,category,040101,,垃圾成堆;满地垃圾,,,50\n",
                "rules.csv:5: the rule 'b' can never decide: where it holds, 'a' (line "
                "4) "
                "holds too and goes first"},
        /* not always together */
        {"a,category,010101,6,垃圾,,,50\nb,category,040101,,垃圾成堆;杂物,,,50\n", NULL},
        {"a,category,010101,6,垃圾,小区,,50\nb,category,040101,,垃圾成堆,,,50\n", NULL},
        {"a,category,010101,6,垃圾,,小区,50\nb,category,040101,,垃圾成堆,,,50\n", NULL},
        {"a,category,010101,6,垃圾,小区,,50\nb,category,040101,,垃圾成堆,小区内,,50\n",
                "rules.csv:5: the rule 'b' can never decide"},
        {"a,category,010101,6,垃圾,,小区,50\nb,category,040101,,垃圾成堆,,(小区|楼道),"
         "50\n",
                "rules.csv:5: the rule 'b' can never decide"},
        {"a,category,010101,6,,垃圾,,50\nb,category,040101,,垃圾成堆,,,50\n",
                "rules.csv:5: the rule 'b' can never decide"},
        {"a,category,010101,6,垃圾,,,50\nb,category,040101,,成堆,一堆垃圾,,50\n",
                "rules.csv:5: the rule 'b' can never decide"},
        /* equal priority, equal target: both count */
        {"a,category,010101,,垃圾,,,50\nb,category,040101,,垃圾成堆,,,50\n", NULL},
        {"a,category,040101,6,垃圾,,,50\nb,category,040101,,垃圾成堆,,,50\n", NULL},
        {"a,urgency,E1,,触电,,,50\nb,urgency,E2,,有人触电,,,50\n",
                "rules.csv:5: the rule 'b' can never decide"},
        {"a,urgency,E2,,触电,,,50\nb,urgency,E1,,有人触电,,,50\n", NULL},
        {"a,nature,report,6,举报,,,50\nb,nature,complaint,,要举报,,,50\n",
                "rules.csv:5: the rule 'b' can never decide"},
        {"a,exit,110,,持刀,,,50\nb,category,040101,,持刀威胁,,,50\n",
                "rules.csv:5: the rule 'b' can never decide"},
        {"a,exit,110,,持刀,,,50\nb,exit,120,,持刀伤人,,,50\n",
                "rules.csv:5: the rule 'b' can never decide"},
        {"a,exit,110,,持刀,,,50\nb,exit,120,,持刀伤人,,,60\n", NULL},
        {"a,exit,110,,持刀,,,50\nb,exit,120,6,持刀伤人,,,40\n", NULL},
        {"a,exit,110,6,持刀,,,40\nb,exit,120,,持刀伤人,,,50\n",
                "rules.csv:5: the rule 'b' can never decide"},
};

static void a_rule_that_can_never_decide_is_refused(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof shadows / sizeof *shadows; i++) {
        char text[1024];
        (void)snprintf(text, sizeof text, SMALL "%s", shadows[i].rows);
        write_file(f, "rules.csv", text);
        if (shadows[i].problem)
            assert_refused(f, shadows[i].problem);
        else
            assert_loads(f);
    }
}

static void what_is_only_useless_is_a_warning(void **state)
{
    struct fixture *f = *state;
    write_file(f, "rules.csv",
            SMALL "a,category,010101,,楼道脏;楼道脏,,,50\n"
                  "b,category,010101,,楼道很脏;楼道灯,,灯,50\n"
                  "c,category,010101,,保洁;没人打扫,,,70\n"
                  "d,category,010101,,保洁很差,,,50\n");
    assert_loads(f);
    assert_string_equal(f->report,
            "rules.csv:4: warning: the term '楼道脏' stands twice in 'any'\n"
            "rules.csv:5: warning: the term '楼道灯' of 'any' contains one of 'none' and "
            "never counts\n"
            "rules.csv:6: warning: the rule 'c' says the same as 'r1' in line 2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            POLICY_TEST(a_rule_has_a_priority_and_a_plain_one_without),
            POLICY_TEST(terms_near_each_other_are_read),
            POLICY_TEST(terms_and_rules_that_cannot_be_are_refused),
            POLICY_TEST(a_rule_without_words_shadows_nothing),
            POLICY_TEST(near_terms_contradict_only_when_one_has_the_other),
            POLICY_TEST(a_rule_that_can_never_decide_is_refused),
            POLICY_TEST(what_is_only_useless_is_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
