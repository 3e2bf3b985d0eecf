#include "classifier_io.h"
#include "ids.h"
#include "stage_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const lamp_words[] = {"路灯", "ktv灯箱"}, *const dark_words[] = {
                                                                     "不亮", "路灯"};
static const char *const fire_words[] = {"触电"}, *const garden_aliases[] = {"桤木小区"};

static struct category categories[] = {
        {.code = "010101",
                .level1 = "市政",
                .name = "路灯不亮",
                .urgency = URGENCY_N,
                .nature = NATURE_HELP},
        {.code = "020101",
                .level1 = "供电",
                .name = "停电",
                .urgency = URGENCY_E2,
                .nature = NATURE_COMPLAINT},
};
static struct rule rules[] = {
        {.id = "lamp",
                .kind = RULE_CATEGORY,
                .target = 0,
                .any = {lamp_words, 2},
                .weight = 80},
        {.id = "dark",
                .kind = RULE_CATEGORY,
                .target = 1,
                .any = {dark_words, 2},
                .weight = 40},
        {.id = "shock",
                .kind = RULE_URGENCY,
                .target = URGENCY_E1,
                .any = {fire_words, 1},
                .weight = 90},
        {.id = "exit",
                .kind = RULE_EXIT,
                .target = 119,
                .any = {fire_words, 1},
                .weight = 90},
};
static const char *const lane_aliases[] = {"桤木巷"},
                         *const west_aliases[] = {"杨树湾小区"},
                         *const poplar_aliases[] = {"杨树湾上城"};
static struct place places[] = {
        {.code = "d", .name = "清溪区", .type = PLACE_TYPE_DISTRICT},
        {.code = "e",
                .name = "东门街道",
                .type = PLACE_TYPE_STREET,
                .parent = &places[0]},
        {.code = "e-garden",
                .name = "桤木花园",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[1],
                .aliases = {garden_aliases, 1}},
        {.code = "e-road",
                .name = "桤木路",
                .type = PLACE_TYPE_ROAD,
                .parent = &places[1],
                .aliases = {lane_aliases, 1}},
        {.code = "w",
                .name = "西门街道",
                .type = PLACE_TYPE_STREET,
                .parent = &places[0],
                .aliases = {west_aliases, 1}},
        {.code = "w-spring",
                .name = "泉水\"新\"村",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[4]},
        {.code = "w-poplar",
                .name = "杨树湾花园",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[4],
                .aliases = {poplar_aliases, 1}},
};
static struct house_numbers houses[] = {
        {.road = "e-road",
                .from = 1,
                .to = 19,
                .side = HOUSE_SIDE_ODD,
                .place = &places[2]},
        {.road = "泉水巷", .from = 1, .to = 5, .place = &places[5], .valid_to = {1}},
        {.road = "泉水巷", .from = 1, .to = 9, .place = &places[5], .valid_from = {1}},
};
static const struct policy policy = {
        .version = "test@0123456789ab",
        .categories = categories,
        .n_categories = 2,
        .rules = rules,
        .n_rules = 4,
        .places = places,
        .n_places = 7,
        .house_numbers = houses,
        .n_house_numbers = 3,
};

static struct classifier *classifier;
static struct arena arena;
static struct stage_out *out;

static int open_all(void **state)
{
    (void)state;
    struct error err = {0};
    if (!classifier_open(&classifier, &policy, "", &err)) {
        (void)fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    out = stage_out_new(&arena, "classifier");
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    classifier_close(classifier);
    arena_done(&arena);
    return 0;
}

static const struct bus_record *decide(const char *value, size_t *n)
{
    static struct bus_msg msg;
    msg = (struct bus_msg){.topic = STR("complaint.accepted.v1"),
            .key = STR("k"),
            .value = str_of(value),
            .offset = 5};
    stage_out_reset(out);
    stage_out_begin(out, &msg, 0, NULL, (instant){1795222800000});
    classifier_message(classifier, &msg, (struct str){0}, (instant){1795222800000}, out);
    const struct bus_record *records;
    *n = stage_out_records(out, &records);
    return records;
}

#define HEAD                                                                             \
    "{\"case\":\"n20261121-0123456789abcdef\",\"source\":\"app\",\"id\":\"1\","          \
    "\"channel\":\"app\","                                                               \
    "\"reported_at\":\"2026-11-21T09:00:00+08:00\",\"received_at\":\"2026-11-21T09:00:"  \
    "01+08:00\","

static void expect(const char *accepted, const char *key, const char *decided)
{
    size_t n;
    const struct bus_record *record = decide(accepted, &n);
    assert_int_equal(n, 1);
    assert_string_equal(record->topic, "complaint.classified.v1");
    if (!str_is(record->key, key))
        fail_msg("key %.*s", STR_ARG(record->key));
    struct str whole = arena_printf(&arena,
            "{\"case\":\"n20261121-0123456789abcdef\",%s,\"complaint\":%s}", decided,
            accepted);
    if (!str_eq(record->value, whole))
        fail_msg("\ngot    %.*s\nwanted %s", STR_ARG(record->value), whole.ptr);
}

static void a_complaint_gets_its_class_and_place(void **state)
{
    (void)state;
    expect(HEAD "\"text\": \"桤木小区门口的路灯坏了\" }", "e-garden",
            "\"class\":{\"policy\":\"test@0123456789ab\",\"nature\":\"help\","
            "\"category\":\"010101\",\"category_name\":\"路灯不亮\","
            "\"urgency\":\"N\",\"confidence\":0.60,\"evidence\":[{\"rule\":\"lamp\","
            "\"words\":[\"路灯\"]}],"
            "\"runner_up\":{\"category\":\"020101\",\"confidence\":0.40}},"
            "\"place\":{\"code\":\"e-garden\",\"type\":\"estate\",\"name\":\"桤木花园\","
            "\"path\":[\"d\",\"e\",\"e-garden\"],"
            "\"found_by\":\"text\",\"words\":[\"桤木小区\"]}");
}

static void the_title_and_the_address_are_read_too(void **state)
{
    (void)state;
    expect(HEAD "\"title\":\"KTV灯箱\",\"text\":\"怕有人\\u89e6\\u7535\",\"place\":{"
                "\"address\":\"东门街道桤木花园3号\"}}",
            "e-garden",
            "\"class\":{\"policy\":\"test@0123456789ab\",\"nature\":\"help\","
            "\"category\":\"010101\",\"category_name\":\"路灯不亮\","
            "\"urgency\":\"E1\",\"confidence\":0.82,\"evidence\":[{\"rule\":\"lamp\","
            "\"words\":[\"ktv灯箱\"]},{\"rule\":\"shock\",\"words\":[\"触电\"]}]},"
            "\"place\":{\"code\":\"e-garden\",\"type\":\"estate\",\"name\":\"桤木花园\","
            "\"path\":[\"d\",\"e\",\"e-garden\"],"
            "\"found_by\":\"address\",\"words\":[\"桤木花园\"]}");
}

static void what_says_nothing_has_no_category_and_is_keyed_by_case(void **state)
{
    (void)state;
    expect(HEAD "\"text\":\"你好\"}", "n20261121-0123456789abcdef",
            "\"class\":{\"policy\":\"test@0123456789ab\",\"nature\":\"help\",\"urgency\":"
            "\"N\",\"confidence\":0.00},"
            "\"place\":{\"found_by\":\"none\"}");
}

static void without_a_place_a_known_persons_complaints_meet(void **state)
{
    (void)state;
    char person[PERSON_SIZE], key[PERSON_KEY_SIZE];
    size_t n;
    person_make(STR("00112233aabbccdd"), person);
    person_key(person, key);
    const struct bus_record *record = decide(
            HEAD "\"text\":\"你好\",\"reporter\":{\"token\":\"00112233aabbccdd\"}}", &n);
    assert_true(str_is(record->key, key));
    record = decide(HEAD "\"text\":\"桤木小区门口的路灯坏了\",\"reporter\":"
                         "{\"token\":\"00112233aabbccdd\"}}",
            &n);
    assert_true(str_is(record->key, "e-garden"));
}

static void a_conflict_names_its_candidates(void **state)
{
    (void)state;
    expect(HEAD "\"text\":\"桤木花园和泉水\\\"新\\\"村之间\"}",
            "n20261121-0123456789abcdef",
            "\"class\":{\"policy\":\"test@0123456789ab\",\"nature\":\"help\",\"urgency\":"
            "\"N\",\"confidence\":0.00},"
            "\"place\":{\"found_by\":\"conflict\",\"words\":[\"桤木花园\","
            "\"泉水\\\"新\\\"村\"],\"candidates\":[\"e-garden\",\"w-spring\"]}");
}

static void the_given_grid_is_looked_up_by_code(void **state)
{
    (void)state;
    size_t n;
    const struct bus_record *record = decide(
            HEAD "\"text\":\"你好\",\"place\":{\"grid\":\"e\"}}", &n);
    assert_true(str_is(record->key, "e"));
    record = decide(HEAD "\"text\":\"你好\",\"place\":{\"grid\":\"no-such\"}}", &n);
    assert_true(str_is(record->key, "n20261121-0123456789abcdef"));
}

/* The place of an address: its code, the first of the words that decided, or "" for none.
 */
static void placed(const char *address, const char *code, const char *words)
{
    const struct classifier_question question = {
            .place = {.address = str_of(address)}, .reported_at = {1795222800000}};
    struct place_decision place = classifier_place(classifier, &question);
    if (strcmp(place.place ? place.place->code : "", code) != 0 ||
            !str_is(place.words[0], words))
        fail_msg("%s: %s by %.*s", address, place.place ? place.place->code : "none",
                STR_ARG(place.words[0]));
}

static void a_house_number_is_the_place_it_belongs_to(void **state)
{
    (void)state;
    placed("东门街道桤木路 7 号门口", "e-garden", "桤木路 7 号");
    placed("桤木巷十九号", "e-garden", "桤木巷十九号");
    placed("桤木路8号", "e-road", "桤木路");
    placed("桤木路21号", "e-road", "桤木路");
    placed("桤木路口", "e-road", "桤木路");
    placed("泉水巷６号", "w-spring", "泉水巷６号");
    placed("泉水巷10号", "", "");
    placed("泉水巷", "", "");
}

static void a_nearly_right_name_is_found_and_said_to_be_so(void **state)
{
    (void)state;
    expect(HEAD "\"text\":\"我的灯\",\"place\":{\"estate\":\"桤木\"}}", "e-garden",
            "\"class\":{\"policy\":\"test@0123456789ab\",\"nature\":\"help\","
            "\"urgency\":\"N\",\"confidence\":0.00},"
            "\"place\":{\"code\":\"e-garden\",\"type\":\"estate\",\"name\":"
            "\"桤木花园\",\"path\":[\"d\",\"e\",\"e-garden\"],"
            "\"found_by\":\"estate\",\"match\":\"fuzzy\",\"words\":[\"桤木\"]}");
    placed("清溪区桤木苑3号楼", "e-garden", "桤木苑");
    placed("东门街道桤木苑", "e-garden", "桤木苑");
    placed("西门街道桤木苑", "w", "西门街道");
    placed("桤木公园", "", "");
    placed("清溪区杨树弯上城3号楼", "w-poplar", "杨树弯上城");
    placed("清溪区杨树湾小区", "w", "杨树湾小区"); /* to the letter */
}

static void what_the_text_may_mean_is_a_candidate(void **state)
{
    (void)state;
    expect(HEAD "\"text\":\"住在杨树湾化园的人\"}", "n20261121-0123456789abcdef",
            "\"class\":{\"policy\":\"test@0123456789ab\",\"nature\":\"help\","
            "\"urgency\":\"N\",\"confidence\":0.00},\"place\":{\"found_by\":"
            "\"none\"}");
    expect(HEAD "\"text\":\"住在杨树岸花园的人\"}", "n20261121-0123456789abcdef",
            "\"class\":{\"policy\":\"test@0123456789ab\",\"nature\":\"help\","
            "\"urgency\":\"N\",\"confidence\":0.00},\"place\":{\"found_by\":"
            "\"none\",\"match\":\"fuzzy\",\"words\":[\"杨树岸花园\"],"
            "\"candidates\":[\"w-poplar\"]}");
}

static void a_name_that_sounds_the_same_is_found(void **state)
{
    (void)state;
    placed("清溪区栖木花园3号楼", "e-garden", "栖木花园");
    placed("清溪区羊树湾花园3号楼", "w-poplar", "羊树湾花园");
    expect(HEAD "\"text\":\"住在羊树湾花园的人\"}", "w-poplar",
            "\"class\":{\"policy\":\"test@0123456789ab\",\"nature\":\"help\","
            "\"urgency\":\"N\",\"confidence\":0.00},\"place\":{\"code\":"
            "\"w-poplar\",\"type\":\"estate\",\"name\":\"杨树湾花园\",\"path\":"
            "[\"d\",\"w\",\"w-poplar\"],\"found_by\":\"text\",\"match\":\"fuzzy\","
            "\"words\":[\"羊树湾花园\"]}");
    /* Of a core of two the desk decides. */
    expect(HEAD "\"text\":\"住在栖木花园的人\"}", "n20261121-0123456789abcdef",
            "\"class\":{\"policy\":\"test@0123456789ab\",\"nature\":\"help\","
            "\"urgency\":\"N\",\"confidence\":0.00},\"place\":{\"found_by\":"
            "\"none\",\"match\":\"fuzzy\",\"words\":[\"栖木花园\"],"
            "\"candidates\":[\"e-garden\"]}");
}

static void an_address_that_no_table_knows_is_passed_on(void **state)
{
    (void)state;
#define NOTHING                                                                          \
    "\"class\":{\"policy\":\"test@0123456789ab\",\"nature\":\"help\","                   \
    "\"urgency\":\"N\",\"confidence\":0.00},"
    expect(HEAD "\"title\":\"柏树路\",\"text\":\"其是柏树路12号云杉苑的业主\"}",
            "n20261121-0123456789abcdef",
            NOTHING "\"place\":{\"found_by\":\"none\",\"address\":"
                    "\"柏树路12号云杉苑\"}");
    expect(HEAD "\"text\":\"桤木路21号的灯\"}", "e-road",
            NOTHING "\"place\":{\"code\":\"e-road\",\"type\":\"road\",\"name\":"
                    "\"桤木路\",\"path\":[\"d\",\"e\",\"e-road\"],\"found_by\":"
                    "\"text\",\"words\":[\"桤木路\"],\"address\":\"桤木路21号\"}");
    /* It says no more than the name, or the complaint says it itself. */
    expect(HEAD "\"text\":\"桤木路的灯\"}", "e-road",
            NOTHING "\"place\":{\"code\":\"e-road\",\"type\":\"road\",\"name\":"
                    "\"桤木路\",\"path\":[\"d\",\"e\",\"e-road\"],\"found_by\":"
                    "\"text\",\"words\":[\"桤木路\"]}");
    expect(HEAD "\"text\":\"在柏树路12号\",\"place\":{\"address\":\"柏树路\"}}",
            "n20261121-0123456789abcdef", NOTHING "\"place\":{\"found_by\":\"none\"}");
    expect(HEAD "\"text\":\"柏树路9号\",\"place\":{\"estate\":\"柏树路云杉苑\"}}",
            "n20261121-0123456789abcdef",
            NOTHING "\"place\":{\"found_by\":\"none\",\"address\":\"柏树路9号\"}");
    expect(HEAD "\"text\":\"桤木花园3号楼\"}", "e-garden",
            NOTHING "\"place\":{\"code\":\"e-garden\",\"type\":\"estate\",\"name\":"
                    "\"桤木花园\",\"path\":[\"d\",\"e\",\"e-garden\"],\"found_by\":"
                    "\"text\",\"words\":[\"桤木花园\"]}");
    expect(HEAD "\"text\":\"我的灯\",\"place\":{\"estate\":\"云杉苑\"}}",
            "n20261121-0123456789abcdef", NOTHING "\"place\":{\"found_by\":\"none\"}");
}

static void an_emergency_exit_goes_no_further(void **state)
{
    (void)state;
    size_t n;
    (void)decide(HEAD "\"text\":\"着火\",\"exit\":\"119\"}", &n);
    assert_int_equal(n, 0);
}

static void what_cannot_be_read_is_a_dead_letter(void **state)
{
    (void)state;
    static const char *const bad[] = {
            "", "x", "{}", HEAD "\"text\":1}", HEAD "\"text\":\"a\"}}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t n;
        const struct bus_record *record = decide(bad[i], &n);
        assert_int_equal(n, 1);
        assert_string_equal(record->topic, "complaint.accepted.v1.dlt");
        assert_true(str_is(record->value, bad[i]));
    }
}

static void a_very_long_text_is_read_to_its_end(void **state)
{
    (void)state;
    size_t len = 3 * 5000;
    char *text = malloc(len + 1024);
    assert_non_null(text);
    int at = sprintf(text, "%s\"text\":\"", HEAD);
    for (size_t i = 0; i < 5000; i++)
        memcpy(text + (size_t)at + 3 * i, "水", 3);
    (void)sprintf(text + (size_t)at + len, "桤木花园路灯\"}");
    size_t n;
    const struct bus_record *record = decide(text, &n);
    assert_int_equal(n, 1);
    assert_true(str_is(record->key, "e-garden"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_complaint_gets_its_class_and_place),
            cmocka_unit_test(the_title_and_the_address_are_read_too),
            cmocka_unit_test(what_says_nothing_has_no_category_and_is_keyed_by_case),
            cmocka_unit_test(without_a_place_a_known_persons_complaints_meet),
            cmocka_unit_test(a_conflict_names_its_candidates),
            cmocka_unit_test(the_given_grid_is_looked_up_by_code),
            cmocka_unit_test(a_house_number_is_the_place_it_belongs_to),
            cmocka_unit_test(a_nearly_right_name_is_found_and_said_to_be_so),
            cmocka_unit_test(a_name_that_sounds_the_same_is_found),
            cmocka_unit_test(what_the_text_may_mean_is_a_candidate),
            cmocka_unit_test(an_address_that_no_table_knows_is_passed_on),
            cmocka_unit_test(an_emergency_exit_goes_no_further),
            cmocka_unit_test(what_cannot_be_read_is_a_dead_letter),
            cmocka_unit_test(a_very_long_text_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
