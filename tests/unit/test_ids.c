#include "ids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka.h needs the ones above. */
#include <cmocka.h>

static const instant nine = {1795222800000}; /* 2026-11-21T09:00:00+08:00 */

static void the_same_event_is_the_same_case(void **state)
{
    (void)state;
    char a[CASE_ID_SIZE], b[CASE_ID_SIZE];
    case_id_make(LANE_NORMAL, nine, STR("app"), STR("1"), a);
    case_id_make(LANE_NORMAL, nine, STR("app"), STR("1"), b);
    assert_string_equal(a, b);
    assert_memory_equal(a, "n20261121-", 10);
    assert_true(case_id_valid(str_of(a)));
}

static void the_id_is_base_32_of_the_hash_over_source_nul_and_id(void **state)
{
    (void)state;
    char id[CASE_ID_SIZE];
    case_id_make(LANE_EXPRESS, nine, STR("app"), STR("1"), id);
    /* Made by another program: base32(sha256(b"app\0001")[:10]) in Crockford's alphabet.
     */
    assert_string_equal(id, "x20261121-4tkk5n1dm619932p");
}

static void another_source_id_day_or_lane_is_another_case(void **state)
{
    (void)state;
    char a[CASE_ID_SIZE], b[CASE_ID_SIZE];
    case_id_make(LANE_NORMAL, nine, STR("app"), STR("1"), a);
    case_id_make(LANE_NORMAL, nine, STR("ap"), STR("p1"), b);
    assert_string_not_equal(a, b);
    case_id_make(LANE_NORMAL, nine, STR("app"), STR("2"), b);
    assert_string_not_equal(a, b);
    case_id_make(LANE_EXPRESS, nine, STR("app"), STR("1"), b);
    assert_string_not_equal(a, b);
    case_id_make(LANE_NORMAL, (instant){nine.ms + 86400000}, STR("app"), STR("1"), b);
    assert_string_not_equal(a, b);
}

static void tells_a_case_id_from_other_text(void **state)
{
    (void)state;
    assert_true(case_id_valid(STR("n20261121-0123456789abcdef")));
    assert_false(case_id_valid(STR("n20261121-0123456789abcde")));
    assert_false(case_id_valid(STR("n20261121-0123456789abcdefg")));
    assert_false(case_id_valid(STR("y20261121-0123456789abcdef")));
    assert_false(case_id_valid(STR("n2026112x-0123456789abcdef")));
    assert_false(case_id_valid(STR("n20261121_0123456789abcdef")));
    assert_false(case_id_valid(STR("n20261121-0123456789abcdeo")));
    assert_false(case_id_valid(STR("n20261121-0123456789abcde\0")));
    assert_false(case_id_valid((struct str){0}));
}

static void the_same_action_is_the_same_whistle(void **state)
{
    (void)state;
    char a[CASE_ID_SIZE], b[CASE_ID_SIZE];
    whistle_id_make(nine, STR("jieqiao"), STR("w-1"), a);
    whistle_id_make((instant){nine.ms + 3600000}, STR("jieqiao"), STR("w-1"), b);
    assert_string_equal(a, b);
    assert_memory_equal(a, "w20261121-", 10);
    whistle_id_make(nine, STR("jieqiao"), STR("w-2"), b);
    assert_string_not_equal(a, b);
    whistle_id_make(nine, STR("taihu"), STR("w-1"), b);
    assert_string_not_equal(a, b);
}

static void a_whistle_is_no_case(void **state)
{
    (void)state;
    assert_true(whistle_id_valid(STR("w20261121-0123456789abcdef")));
    assert_false(case_id_valid(STR("w20261121-0123456789abcdef")));
    assert_false(whistle_id_valid(STR("n20261121-0123456789abcdef")));
    assert_false(whistle_id_valid(STR("w20261121-0123456789abcdeo")));
    assert_false(whistle_id_valid(STR("w20261121-0123456789abcdefg")));
    assert_false(whistle_id_valid((struct str){0}));
}

static void a_case_id_is_found_in_a_text_where_it_stands_by_itself(void **state)
{
    (void)state;
#define ID "n20261121-7k3mxq9v2ztb4hfw"
    static const char *const found[] = {
            ID, "工单" ID "，还是没人来", "a-b-c " ID ",", "n20261121-no " ID};
    static const char *const not_found[] = {"", "-", "20261121-", "1" ID, ID "0",
            "N20261121-7k3mxq9v2ztb4hfw", "w20261121-7k3mxq9v2ztb4hfw",
            "n20261121-7k3mxq9v2ztb4hf", "没有编号"};
    char id[CASE_ID_SIZE] = "";
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        memset(id, 0, sizeof id);
        assert_true(case_id_find(str_of(found[i]), id));
        assert_string_equal(id, ID);
    }
    for (size_t i = 0; i < sizeof not_found / sizeof *not_found; i++)
        assert_false(case_id_find(str_of(not_found[i]), id));
    assert_false(case_id_find((struct str){0}, id));
}

static void a_person_is_told_apart_but_not_named_by_its_key(void **state)
{
    (void)state;
    char person[PERSON_SIZE], key[PERSON_KEY_SIZE];
    person_make(STR("00112233aabbccdd"), person);
    assert_string_equal(person, "00112233aabbccdd");
    person_key(person, key);
    assert_int_equal(strlen(key), PERSON_KEY_LEN);
    assert_in_range(person_key_index(str_of(key)), 0, PERSON_KEYS - 1);
    assert_int_equal(person_key_index(STR("person:fff")), PERSON_KEYS - 1);
    static const char *const others[] = {"329901001", "person:", "person:ffg",
            "person:0fff", "persons:0f", "n20261121-7k3mxq9v2ztb4hfw"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(person_key_index(str_of(others[i])), -1);
    person_make(STR("0011 \"x\""), person);
    assert_string_equal(person, "");
    person_make((struct str){0}, person);
    assert_string_equal(person, "");
}

static void hashes_as_the_standard_says(void **state)
{
    (void)state;
    char hex[65];
    sha256_hex(STR("abc"), 32, hex); /* FIPS 180-2, appendix B.1 */
    assert_string_equal(
            hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_hex((struct str){0}, 4, hex);
    assert_string_equal(hex, "e3b0c442");
}

static void orders_are_numbered_within_their_subject(void **state)
{
    (void)state;
    struct str id = STR("n20261121-0123456789abcdef");
    assert_int_equal(id_order_number((struct str){0}, id), -1);
    assert_int_equal(id_order_number(STR("n20261121-0123456789abcdef.12"), id), 12);
    assert_int_equal(
            id_order_number(STR("n20261121-0123456789abcdef.999999"), id), 999999);
    static const char *const nobodys[] = {"n20261121-0123456789abcdef",
            "n20261121-0123456789abcdef.", "n20261121-0123456789abcdef.1000000",
            "n20261121-0123456789abcdef.1x", "n20261121-0123456789abcdeg.1",
            "n20261121-0123456789abcdef-1", "1"};
    for (size_t i = 0; i < sizeof nobodys / sizeof *nobodys; i++)
        assert_int_equal(id_order_number(str_of(nobodys[i]), id), 0);
}

static void fingerprints_tell_both_parts_and_are_never_zero(void **state)
{
    (void)state;
    assert_int_equal(
            id_fingerprint(STR("a"), STR("b")), id_fingerprint(STR("a"), STR("b")));
    assert_int_not_equal(
            id_fingerprint(STR("a"), STR("b")), id_fingerprint(STR("b"), STR("a")));
    assert_int_not_equal(
            id_fingerprint(STR("a"), STR("bc")), id_fingerprint(STR("ab"), STR("c")));
    assert_int_not_equal(id_fingerprint(STR(""), STR("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(orders_are_numbered_within_their_subject),
            cmocka_unit_test(fingerprints_tell_both_parts_and_are_never_zero),
            cmocka_unit_test(the_same_event_is_the_same_case),
            cmocka_unit_test(the_id_is_base_32_of_the_hash_over_source_nul_and_id),
            cmocka_unit_test(another_source_id_day_or_lane_is_another_case),
            cmocka_unit_test(tells_a_case_id_from_other_text),
            cmocka_unit_test(the_same_action_is_the_same_whistle),
            cmocka_unit_test(a_whistle_is_no_case),
            cmocka_unit_test(a_case_id_is_found_in_a_text_where_it_stands_by_itself),
            cmocka_unit_test(a_person_is_told_apart_but_not_named_by_its_key),
            cmocka_unit_test(hashes_as_the_standard_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
