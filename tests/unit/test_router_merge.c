/* Whether it is the same matter as a recent case, rule 7, and the list of recent cases.
 */
#include "router_fixture.h"

#define DIRTY "三号楼的楼道已经半个月没有人打扫了,到处都是垃圾,味道很大,请尽快处理"
#define DIRTY_TOO "三号楼楼道半个月没有人打扫,到处是垃圾,味道很大,希望尽快处理!"
#define OTHER "昨天晚上地下车库的灯全部不亮,老人下楼差点摔倒,物业电话也打不通"

static void say(struct router_complaint *complaint, char number, const char *text,
        const char *reporter)
{
    complaint->case_id[CASE_ID_LEN - 1] = number;
    complaint->fingerprint = router_fingerprint(str_of(text));
    (void)str_copy(complaint->reporter, sizeof complaint->reporter, str_of(reporter));
}

/* Decides and remembers, as the service does. */
static struct router_route next(
        const struct router_complaint *complaint, struct router_recent *recent)
{
    struct router_route route = router_decide(&policy, complaint, recent);
    (void)router_remember(&policy, complaint, &route, recent);
    return route;
}

static void rule_7_the_same_matter_merges_and_another_does_not(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    say(&complaint, '1', DIRTY, "a");
    assert_int_equal(next(&complaint, &recent).outcome, ROUTER_DISPATCH);
    say(&complaint, '2', OTHER, "b");
    assert_int_equal(next(&complaint, &recent).outcome, ROUTER_DISPATCH);
    say(&complaint, '3', DIRTY_TOO, "c");
    struct router_route route = next(&complaint, &recent);
    assert_int_equal(route.outcome, ROUTER_MERGE);
    assert_string_equal(route.master, "n20261121-0000000000000001");
    assert_true(route.similarity >= 60);
    assert_ptr_equal(route.lead, wy); /* in case the master refuses */
    assert_string_equal(route.row->id, "c1");
    assert_int_equal(recent.n, 3);
}

static void rule_7_a_member_is_never_a_master(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    say(&complaint, '1', DIRTY_TOO, "a");
    (void)next(&complaint, &recent);
    say(&complaint, '2', DIRTY, "b");
    (void)next(&complaint, &recent);
    say(&complaint, '3', DIRTY, "c"); /* most like case 2 */
    struct router_route route = next(&complaint, &recent);
    assert_int_equal(route.similarity, 100);
    assert_string_equal(route.master, "n20261121-0000000000000001");
}

static void rule_7_the_same_event_again_gets_the_answer_it_had(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint first = complaint_of(cleaning, garden), second = first;
    say(&first, '1', DIRTY, "a");
    say(&second, '2', DIRTY_TOO, "b");
    (void)next(&first, &recent);
    struct router_route before = next(&second, &recent);
    struct router_recent unchanged = recent;
    first.at.ms += HOUR_MS;
    second.at.ms += HOUR_MS;
    assert_int_equal(next(&first, &recent).outcome, ROUTER_DISPATCH);
    struct router_route again = next(&second, &recent);
    assert_int_equal(again.outcome, ROUTER_MERGE);
    assert_string_equal(again.master, before.master);
    assert_int_equal(again.similarity, before.similarity);
    assert_memory_equal(&recent, &unchanged, sizeof recent);
}

static void rule_7_a_case_is_never_its_own_master(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint first = complaint_of(cleaning, garden), second = first;
    say(&first, '1', DIRTY, "a");
    say(&second, '2', DIRTY, "b");
    (void)next(&first, &recent);
    (void)next(&second, &recent);
    recent.items[0] = recent.items[1]; /* the master left the list, its member did not */
    recent.n = 1;
    assert_int_equal(next(&first, &recent).outcome, ROUTER_DISPATCH);
}

static void rule_7_only_inside_the_window(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    say(&complaint, '1', DIRTY, "a");
    (void)next(&complaint, &recent);
    complaint.at.ms += (int64_t)72 * HOUR_MS - 1;
    say(&complaint, '2', DIRTY, "b");
    assert_int_equal(router_decide(&policy, &complaint, &recent).outcome, ROUTER_MERGE);
    complaint.at.ms++;
    assert_int_equal(next(&complaint, &recent).outcome, ROUTER_DISPATCH);
    assert_int_equal(recent.n, 1); /* the old one is forgotten */
}

static void rule_7_only_the_same_category_and_lead(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    say(&complaint, '1', DIRTY, "a");
    (void)next(&complaint, &recent);
    say(&complaint, '2', DIRTY, "b");
    complaint.category = stalls;
    assert_int_equal(
            router_decide(&policy, &complaint, &recent).outcome, ROUTER_DISPATCH);
    complaint.category = cleaning;
    complaint.about = STR("安居物业"); /* the first case is in the accused firm's hands */
    struct router_route route = router_decide(&policy, &complaint, &recent);
    assert_int_equal(route.outcome, ROUTER_DISPATCH);
    assert_ptr_equal(route.lead, sq);
}

static void rule_7_a_report_stays_by_itself(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(stalls, garden);
    say(&complaint, '1', DIRTY, "a");
    (void)next(&complaint, &recent);
    say(&complaint, '2', DIRTY, "b");
    complaint.nature = NATURE_REPORT;
    assert_int_equal(next(&complaint, &recent).outcome, ROUTER_DISPATCH);
    assert_int_equal(recent.n, 1);
}

#define RETOLD "楼道一直没人打扫,三号楼到处是垃圾,这都半个月了,请尽快来人处理一下"

static void rule_7_who_says_it_again_may_say_it_in_other_words(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    say(&complaint, '1', DIRTY, "a");
    (void)next(&complaint, &recent);
    say(&complaint, '2', RETOLD, "b");
    int similarity = router_similarity(
            complaint.fingerprint, recent.items[0].fingerprint);
    policy.merge_similarity = similarity + 1;
    policy.merge_similarity_same_person = similarity;
    assert_int_equal(
            router_decide(&policy, &complaint, &recent).outcome, ROUTER_DISPATCH);
    say(&complaint, '2', RETOLD, "a");
    struct router_route route = router_decide(&policy, &complaint, &recent);
    assert_int_equal(route.outcome, ROUTER_MERGE);
    assert_int_equal(route.evidence, ROUTER_EVIDENCE_SAME_PERSON);
    assert_int_equal(route.similarity, similarity);
    policy.merge_similarity_same_person++;
    assert_int_equal(
            router_decide(&policy, &complaint, &recent).outcome, ROUTER_DISPATCH);
    say(&complaint, '2', DIRTY, "b");
    assert_int_equal(router_decide(&policy, &complaint, &recent).evidence,
            ROUTER_EVIDENCE_SIMILAR);
    say(&complaint, '2', RETOLD, ""); /* two whom nobody knows are not the same */
    recent.items[0].reporter[0] = 0;
    policy.merge_similarity_same_person = 1;
    assert_int_equal(
            router_decide(&policy, &complaint, &recent).outcome, ROUTER_DISPATCH);
}

static void rule_7_without_a_place_only_the_same_persons_cases_count(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(stalls, NULL);
    say(&complaint, '1', DIRTY, "a");
    assert_int_equal(next(&complaint, &recent).outcome, ROUTER_DISPATCH);
    say(&complaint, '2', DIRTY, "b"); /* shares the key, not the matter */
    assert_int_equal(next(&complaint, &recent).outcome, ROUTER_DISPATCH);
    assert_int_equal(recent.n, 2);
    say(&complaint, '3', DIRTY, "b");
    struct router_route route = next(&complaint, &recent);
    assert_int_equal(route.outcome, ROUTER_MERGE);
    assert_string_equal(route.master, "n20261121-0000000000000002");
    say(&complaint, '4', DIRTY, "");
    assert_int_equal(next(&complaint, &recent).outcome, ROUTER_DISPATCH);
    assert_int_equal(recent.n, 3); /* nobody's list */
}

#define NAMED "n20260102-0000000000000007"

static void rule_7_a_case_that_is_named_is_asked_whatever_place_and_likeness(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    say(&complaint, '1', DIRTY, "a");
    (void)next(&complaint, &recent);
    say(&complaint, '2', DIRTY, "a");
    (void)str_copy(complaint.cited, sizeof complaint.cited, STR(NAMED));
    struct router_route route = next(&complaint, &recent);
    assert_int_equal(route.outcome, ROUTER_MERGE);
    assert_int_equal(route.evidence, ROUTER_EVIDENCE_CITED);
    assert_string_equal(route.master, NAMED);
    assert_ptr_equal(route.lead, wy); /* stands by */
    /* The same event again. */
    struct router_route again = next(&complaint, &recent);
    assert_int_equal(again.evidence, ROUTER_EVIDENCE_CITED);
    assert_string_equal(again.master, NAMED);
    /* Nor does it need a category or a place: the case knows. */
    complaint.case_id[CASE_ID_LEN - 1] = '3';
    complaint.place = NULL;
    route = next(&complaint, &recent);
    assert_string_equal(route.master, NAMED);
    assert_string_equal(router_reason_names[route.reason], "no_place");
    complaint.category = NULL;
    route = next(&complaint, &recent);
    assert_int_equal(route.outcome, ROUTER_MERGE);
    assert_string_equal(router_reason_names[route.reason], "no_category");
    assert_null(route.lead);
    assert_int_equal(recent.n, 2);
}

static void rule_7_not_every_case_that_is_named_is_asked(void **state)
{
    (void)state;
    struct router_complaint complaint = complaint_of(stalls, garden);
    (void)str_copy(complaint.cited, sizeof complaint.cited, STR(NAMED));
    assert_int_equal(decide(&complaint).outcome, ROUTER_MERGE);
    complaint.nature = NATURE_REPORT;
    assert_int_equal(decide(&complaint).outcome, ROUTER_DISPATCH);
    complaint.nature = NATURE_COMPLAINT;
    complaint.about = STR("城管队"); /* a human must know of an accused owner */
    assert_human(&complaint, ROUTER_REASON_UNIT_ACCUSED);
    complaint.about = (struct str){0};
    complaint.cited[0] = LANE_EXPRESS; /* of the other lane */
    assert_int_equal(decide(&complaint).outcome, ROUTER_DISPATCH);
    complaint.cited[0] = LANE_NORMAL;
    complaint.urgency = URGENCY_E1; /* danger does not wait in another case */
    assert_int_equal(decide(&complaint).outcome, ROUTER_DISPATCH);
    complaint.urgency = URGENCY_E2;
    assert_int_equal(decide(&complaint).outcome, ROUTER_MERGE);
    static const enum nature talk[] = {NATURE_CONSULT, NATURE_SUGGEST, NATURE_PRAISE};
    for (size_t i = 0; i < sizeof talk / sizeof *talk; i++) {
        complaint.nature = talk[i]; /* opens nothing again */
        assert_int_equal(decide(&complaint).outcome, ROUTER_DISPATCH);
    }
    complaint.nature = NATURE_HELP;
    assert_int_equal(decide(&complaint).outcome, ROUTER_MERGE);
    memcpy(complaint.cited, complaint.case_id, sizeof complaint.cited);
    assert_int_equal(decide(&complaint).outcome, ROUTER_DISPATCH);
}

static void rule_7_among_equals_the_same_persons_case_wins(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    static const char *const people[] = {"a", "b", "c"};
    policy.merge_similarity = 101; /* keep them apart */
    for (size_t i = 0; i < 3; i++) {
        say(&complaint, (char)('1' + (char)i), DIRTY, people[i]);
        (void)next(&complaint, &recent);
    }
    policy.merge_similarity = 60;
    say(&complaint, '9', DIRTY, "b");
    assert_string_equal(router_decide(&policy, &complaint, &recent).master,
            "n20261121-0000000000000002");
    say(&complaint, '9', DIRTY, "");
    assert_string_equal(router_decide(&policy, &complaint, &recent).master,
            "n20261121-0000000000000001");
}

static void the_list_holds_the_newest_sixty_four(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(cleaning, garden);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(complaint.case_id, sizeof complaint.case_id, "n20261121-%016d", i);
        complaint.at.ms++;
        (void)next(&complaint, &recent);
    }
    assert_int_equal(recent.n, ROUTER_RECENT_MAX);
    assert_string_equal(recent.items[0].case_id, "n20261121-0000000000000036");
    assert_string_equal(recent.items[63].case_id, "n20261121-0000000000000099");
}

static void cases_for_a_human_are_not_listed(void **state)
{
    (void)state;
    struct router_recent recent = {0};
    struct router_complaint complaint = complaint_of(NULL, garden);
    (void)next(&complaint, &recent);
    assert_int_equal(recent.n, 0);
}

static void texts_are_as_alike_as_they_read(void **state)
{
    (void)state;
    uint64_t dirty = router_fingerprint(STR(DIRTY));
    assert_int_equal(router_similarity(dirty, dirty), 100);
    assert_true(router_similarity(dirty, router_fingerprint(STR(DIRTY_TOO))) >= 60);
    assert_true(router_similarity(dirty, router_fingerprint(STR(OTHER))) < 40);
    /* punctuation, spaces and masks say nothing; letters are alike in either case */
    assert_true(router_fingerprint(STR("电梯 A座,坏了!请来修理。")) ==
                router_fingerprint(STR("电梯a座坏了***请来修理")));
}

static void a_text_too_short_is_like_nothing(void **state)
{
    (void)state;
    assert_true(router_fingerprint(STR("")) == 0);
    assert_true(router_fingerprint(STR("路灯坏了")) == 0);
    assert_true(router_fingerprint(STR(",。!?……——")) == 0);
    assert_int_equal(router_similarity(0, 0), 0);
    assert_true(router_fingerprint(STR("\xe4\xb8")) ==
                0); /* cut in the middle of a character */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            ROUTER_TEST(rule_7_the_same_matter_merges_and_another_does_not),
            ROUTER_TEST(rule_7_a_member_is_never_a_master),
            ROUTER_TEST(rule_7_the_same_event_again_gets_the_answer_it_had),
            ROUTER_TEST(rule_7_a_case_is_never_its_own_master),
            ROUTER_TEST(rule_7_only_inside_the_window),
            ROUTER_TEST(rule_7_only_the_same_category_and_lead),
            ROUTER_TEST(rule_7_a_report_stays_by_itself),
            ROUTER_TEST(rule_7_who_says_it_again_may_say_it_in_other_words),
            ROUTER_TEST(rule_7_without_a_place_only_the_same_persons_cases_count),
            ROUTER_TEST(rule_7_a_case_that_is_named_is_asked_whatever_place_and_likeness),
            ROUTER_TEST(rule_7_not_every_case_that_is_named_is_asked),
            ROUTER_TEST(rule_7_among_equals_the_same_persons_case_wins),
            ROUTER_TEST(the_list_holds_the_newest_sixty_four),
            ROUTER_TEST(cases_for_a_human_are_not_listed),
            ROUTER_TEST(texts_are_as_alike_as_they_read),
            ROUTER_TEST(a_text_too_short_is_like_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
