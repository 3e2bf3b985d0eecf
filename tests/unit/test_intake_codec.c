#include "action_codec.h"
#include "complaint_codec.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* cmocka.h needs the ones above. */
#include <cmocka.h>

#define CASE "n20261121-0123456789abcdef"

static struct arena arena;
static const instant nine = {1795222800000}; /* 2026-11-21T09:00:00+08:00 */

static struct intake_input input_of(struct str value)
{
    return (struct intake_input){.value = value, .received_at = nine};
}

static void assert_code(bool done, const struct error *err, const char *code)
{
    assert_false(done);
    assert_int_equal(err->kind, ERR_INVALID);
    assert_string_equal(err->code, code);
}

static void assert_refused(struct str value, const char *code)
{
    struct intake_complaint complaint;
    struct error err = {0};
    struct intake_input input = input_of(value);
    assert_code(intake_complaint_decode(&input, &arena, &complaint, &err), &err, code);
}

static void assert_action_refused(const char *value, const char *code)
{
    struct intake_action action;
    struct error err = {0};
    struct intake_input input = input_of(str_of(value));
    assert_code(intake_action_decode(&input, &arena, &action, &err), &err, code);
}

static struct intake_complaint decode(struct intake_input input)
{
    struct intake_complaint complaint;
    struct error err = {0};
    if (!intake_complaint_decode(&input, &arena, &complaint, &err))
        fail_msg("%s: %s", err.code, err.text);
    return complaint;
}

static struct intake_action decode_action(const char *value)
{
    struct intake_action action;
    struct error err = {0};
    struct intake_input input = input_of(str_of(value));
    if (!intake_action_decode(&input, &arena, &action, &err))
        fail_msg("%s: %s", err.code, err.text);
    return action;
}

static bool holds(struct str text, const char *part)
{
    return str_find(text, str_of(part)) < text.len;
}

#define HEAD                                                                             \
    "\"id\":\"1\",\"channel\":\"app\",\"reported_at\":\"2026-11-21T08:00:00+08:00\""
#define BODY HEAD ",\"text\":\"路灯不亮\""

static const char
        full[] = "{" HEAD ",\"text\":\"我叫陈小波,电话13812345678,"
                 "物业经理吴大海态度差\",\"title\":\"找陈小波\","
                 "\"place\":{\"address\":\"柳岸路3号\",\"estate\":\"柳岸新村\","
                 "\"grid\":\"g-1\",\"lon\":120.5,\"lat\":31.25},"
                 "\"reporter\":{\"name\":\"陈小波\",\"phone\":\"13812345678\","
                 "\"id_number\":\"110101199003071234\","
                 "\"kind\":\"self\",\"confidential\":true},\"about\":{\"unit\":"
                 "\"某物业\",\"name\":\"吴大海\"},"
                 "\"upper_id\":\"U1\",\"upper_reported_at\":"
                 "\"2026-11-19T08:00:00+08:00\",\"attachments\":[{\"uri\":\"https://"
                 "files.example.org/1.jpg\",\"type\":\"image/jpeg\"}],"
                 "\"urgent\":false,\"colour\":\"blue\"}";

static void the_least_that_is_needed_is_taken(void **state)
{
    (void)state;
    struct intake_complaint c = decode(
            input_of(STR("\xEF\xBB\xBF{" BODY ",\"title\":null}")));
    assert_true(str_is(c.source, "app"));
    assert_true(str_is(c.id, "1"));
    assert_true(str_is(c.text, "路灯不亮"));
    assert_false(intake_has_identity(&c));
    struct str accepted = intake_accepted_encode(&c, CASE, "", "", &arena);
    assert_true(str_is(accepted,
            "{\"case\":\"" CASE "\",\"source\":\"app\",\"id\":\"1\",\"channel\":\"app\","
            "\"reported_at\":\"2026-11-21T08:00:00.000+08:00\","
            "\"received_at\":\"2026-11-21T09:00:00.000+08:00\",\"text\":\"路灯不亮\"}"));
}

static void headers_name_the_event_before_the_message_does(void **state)
{
    (void)state;
    struct intake_input input = input_of(STR("{" BODY "}"));
    input.source = STR("/hotline/east");
    input.id = STR("e-9");
    struct intake_complaint c = decode(input);
    assert_true(str_is(c.source, "/hotline/east"));
    assert_true(str_is(c.id, "e-9"));
}

static void a_structured_event_is_unwrapped(void **state)
{
    (void)state;
    struct intake_input input = input_of(
            STR("{\"specversion\":\"1.0\",\"type\":\"t\",\"source\":\"/hotline/"
                "west\",\"id\":\"e-1\","
                "\"data\":{" BODY "}}"));
    input.content_type = STR("application/cloudevents+json; charset=UTF-8");
    struct intake_complaint c = decode(input);
    assert_true(str_is(c.source, "/hotline/west"));
    assert_true(str_is(c.id, "e-1"));
    assert_true(str_is(c.text, "路灯不亮"));
    struct error err = {0};
    input.value = STR("{\"source\":\"s\",\"id\":\"1\"}");
    assert_code(intake_complaint_decode(&input, &arena, &c, &err), &err, "missing_field");
    err = (struct error){0};
    input.value = STR("{\"source\":\"s\",\"id\":\"1\",\"data\":\"x\"}");
    assert_code(intake_complaint_decode(&input, &arena, &c, &err), &err, "wrong_type");
}

static void identity_goes_one_way_and_the_masked_rest_another(void **state)
{
    (void)state;
    struct intake_complaint c = decode(input_of(str_of(full)));
    assert_true(intake_has_identity(&c));
    assert_true(str_is(intake_identity_plain(&c, &arena),
            "{\"name\":\"陈小波\",\"phone\":\"13812345678\",\"id_number\":"
            "\"110101199003071234\","
            "\"about_name\":\"吴大海\"}"));
    intake_complaint_mask(&c, &arena);
    struct str accepted = intake_accepted_encode(
            &c, CASE, "00112233aabbccdd", "", &arena);
    static const char *const secrets[] = {
            "陈小波", "13812345678", "110101199003071234", "吴大海"};
    for (size_t i = 0; i < 4; i++)
        assert_false(holds(accepted, secrets[i]));
    assert_true(
            holds(accepted, "\"text\":\"我叫陈*,电话138****5678,物业经理吴*态度差\""));
    assert_true(holds(accepted,
            "\"reporter\":{\"kind\":\"self\",\"token\":\"00112233aabbccdd\","
            "\"confidential\":true}"));
    assert_true(holds(accepted, "\"about\":{\"unit\":\"某物业\"}"));
    assert_true(holds(accepted, "\"urgent\":false"));
    assert_true(holds(accepted, "\"upper_id\":\"U1\",\"upper_reported_at\":\"2026-11-"
                                "19T08:00:00.000+08:00\""));
    assert_false(holds(accepted, "blue"));
}

static void the_message_itself_must_be_json_in_utf8_and_not_too_large(void **state)
{
    (void)state;
    assert_refused(STR("{" BODY ",\"title\":\"\xC3\x28\"}"), "bad_utf8");
    assert_refused(STR("\xFF\xFE"), "bad_utf8");
    assert_refused(STR("\0\0\0\0\7{" BODY "}"), "confluent_wire_format");
    assert_refused(STR("\1{" BODY "}"), "confluent_wire_format");
    assert_refused(STR(""), "bad_json");
    assert_refused((struct str){0}, "bad_json");
    assert_refused(STR("{" BODY), "bad_json");
    assert_refused(STR("{" BODY "} x"), "bad_json");
    assert_refused(STR("{" HEAD ",\"text\":\"a\\u0000b\"}"), "bad_json");
    assert_refused(STR("[]"), "wrong_type");
    assert_refused(STR("7"), "wrong_type");
    assert_refused(STR("{" BODY ",\"id\":\"2\"}"), "duplicate_key");
    assert_refused(
            STR("{" BODY ",\"place\":{\"grid\":\"1\",\"grid\":\"2\"}}"), "duplicate_key");
    size_t size = 2 * 1024 * 1024;
    char *large = arena_alloc(&arena, size);
    memset(large, ' ', size);
    assert_refused((struct str){large, size}, "too_large");
    memset(large, '[', INTAKE_BYTES_MAX);
    assert_refused((struct str){large, INTAKE_BYTES_MAX}, "bad_json");
}

static void fields_have_types_limits_and_words(void **state)
{
    (void)state;
    assert_refused(STR("{}"), "missing_field");
    assert_refused(STR("{" HEAD "}"), "missing_field");
    assert_refused(STR("{" HEAD ",\"text\":null}"), "missing_field");
    assert_refused(STR("{\"id\":\"\",\"channel\":\"app\",\"reported_at\":\"2026-11-21T08:"
                       "00:00Z\","
                       "\"text\":\"x\"}"),
            "missing_field");
    assert_refused(STR("{" HEAD ",\"text\":\"\"}"), "empty_text");
    assert_refused(STR("{" HEAD ",\"text\":\" \\n　\"}"), "empty_text");
    assert_refused(STR("{" HEAD ",\"text\":5}"), "wrong_type");
    assert_refused(STR("{" BODY ",\"urgent\":1}"), "wrong_type");
    assert_refused(STR("{" BODY ",\"place\":\"x\"}"), "wrong_type");
    assert_refused(STR("{" BODY ",\"place\":{\"lon\":\"x\"}}"), "wrong_type");
    assert_refused(STR("{" BODY ",\"place\":{\"lat\":91}}"), "bad_value");
    assert_refused(STR("{" BODY ",\"attachments\":{}}"), "wrong_type");
    assert_refused(STR("{" BODY ",\"attachments\":[1]}"), "wrong_type");
    assert_refused(STR("{" BODY ",\"attachments\":[{}]}"), "missing_field");
    assert_refused(STR("{" BODY ",\"attachments\":[{\"uri\":\"u\",\"sha256\":\"xyz\"}]}"),
            "bad_value");
    assert_refused(STR("{" BODY ",\"reporter\":{\"kind\":\"cousin\"}}"), "unknown_value");
    assert_refused(STR("{\"id\":\"1\",\"channel\":\"fax\",\"reported_at\":\"2026-11-"
                       "21T08:00:00Z\","
                       "\"text\":\"x\"}"),
            "unknown_channel");
    struct str names = arena_printf(
            &arena, "{" BODY ",\"reporter\":{\"name\":\"%0*d\"}}", 51, 0);
    assert_refused(names, "too_long");
    struct str text = arena_printf(&arena, "{" HEAD ",\"text\":\"%0*d\"}", 5001, 0);
    assert_refused(text, "too_long");
    (void)decode(input_of(arena_printf(&arena, "{" HEAD ",\"text\":\"%0*d\"}", 5000, 0)));
    struct str many = STR("{\"uri\":\"u\"}");
    for (int i = 0; i < 20; i++)
        many = arena_printf(&arena, "%.*s,{\"uri\":\"u\"}", STR_ARG(many));
    assert_refused(
            arena_printf(&arena, "{" BODY ",\"attachments\":[%.*s]}", STR_ARG(many)),
            "too_long");
}

static void times_have_an_offset_and_do_not_lie_ahead(void **state)
{
    (void)state;
#define AT(time)                                                                         \
    STR("{\"id\":\"1\",\"channel\":\"app\",\"text\":\"x\",\"reported_at\":" time "}")
    assert_refused(AT("\"2026-11-21T08:00:00\""), "naive_time");
    assert_refused(AT("\"yesterday\""), "bad_time");
    assert_refused(AT("1795222800"), "wrong_type");
    assert_refused(AT("\"2026-11-21T09:10:00.001+08:00\""), "future_time");
    (void)decode(input_of(AT("\"2026-11-21T09:10:00+08:00\"")));
}

static void headers_are_checked_like_fields(void **state)
{
    (void)state;
    struct intake_complaint c;
    struct error err = {0};
    struct intake_input input = input_of(STR("{" BODY "}"));
    input.source = STR("\xFF");
    assert_code(intake_complaint_decode(&input, &arena, &c, &err), &err, "bad_utf8");
    err = (struct error){0};
    input.source = STR("a\0b");
    assert_code(intake_complaint_decode(&input, &arena, &c, &err), &err, "bad_value");
    err = (struct error){0};
    input.source = arena_printf(&arena, "%0*d", 201, 0);
    assert_code(intake_complaint_decode(&input, &arena, &c, &err), &err, "too_long");
}

static void an_error_never_says_what_somebody_wrote(void **state)
{
    (void)state;
    struct intake_complaint c;
    static const struct str bad[] = {
            {"{\"text\":\"13812345678\" \"秘密\"}", 34},
            {"{\"channel\":\"13812345678\",\"id\":\"1\"}", 33},
    };
    for (size_t i = 0; i < 2; i++) {
        struct error err = {0};
        struct intake_input input = input_of(bad[i]);
        assert_false(intake_complaint_decode(&input, &arena, &c, &err));
        assert_null(strstr(err.text, "138"));
        assert_null(strstr(err.text, "秘"));
    }
}

static void a_transfer_carries_the_complaint_untouched(void **state)
{
    (void)state;
    struct str command = intake_transfer_encode(CASE, STR(CASE ".open"), nine, "119",
            "x-fire", "p@1", STR("{\"a\": 1}"), &arena);
    assert_true(
            str_is(command, "{\"command\":\"open\",\"case\":\"" CASE "\",\"id\":\"" CASE
                            ".open\",\"at\":\"2026-11-21T09:00:00.000+08:00\",\"route\":{"
                            "\"outcome\":\"transfer\","
                            "\"reason\":\"emergency_line\",\"rule\":\"x-fire\","
                            "\"policy\":\"p@1\",\"line\":\"119\"},"
                            "\"complaint\":{\"a\": 1}}"));
}

#define ACTION_HEAD                                                                      \
    "\"id\":\"a-1\",\"case\":\"" CASE "\",\"order\":\"" CASE                             \
    ".1\",\"at\":\"2026-11-21T08:30:00+08:00\",\"by\":\"s-07\""

static void an_action_becomes_a_command_with_its_fields(void **state)
{
    (void)state;
    struct intake_action a = decode_action(
            "{" ACTION_HEAD
            ",\"action\":\"submit\",\"result\":\"已修好,回访13812345678\","
            "\"photos\":[\"https://files.example.org/2.jpg\"],\"evidence\":\"e\"}");
    intake_action_mask(&a, &arena);
    struct str command = intake_action_encode(
            &a, STR("wy:a-1"), STR("wy"), STR("street"), nine, &arena);
    assert_true(str_is(command,
            "{\"command\":\"action\",\"case\":\"" CASE "\",\"id\":\"wy:a-1\","
            "\"at\":\"2026-11-21T09:00:00.000+08:00\",\"unit\":\"wy\",\"queue\":"
            "\"street\","
            "\"by\":\"s-07\",\"action\":\"submit\",\"order\":\"" CASE ".1\","
            "\"result\":\"已修好,回访138****5678\","
            "\"photos\":[\"https://files.example.org/2.jpg\"],\"evidence\":\"e\"}"));
}

static void an_action_is_checked_like_a_complaint(void **state)
{
    (void)state;
    assert_action_refused("{" ACTION_HEAD "}", "missing_field");
    assert_action_refused("{" ACTION_HEAD ",\"action\":\"shred\"}", "unknown_action");
    assert_action_refused("{" ACTION_HEAD ",\"action\":\"submit\"}", "missing_field");
    assert_action_refused(
            "{" ACTION_HEAD ",\"action\":\"request_return\"}", "missing_field");
    assert_action_refused("{" ACTION_HEAD ",\"action\":\"dispatch\"}", "missing_field");
    assert_action_refused(
            "{" ACTION_HEAD ",\"action\":\"sign\",\"unit\":\"No Unit\"}", "bad_value");
    assert_action_refused("{" ACTION_HEAD
                          ",\"action\":\"dispatch\",\"to\":\"a\",\"category\":\"01x\"}",
            "bad_value");
    assert_action_refused("{" ACTION_HEAD
                          ",\"action\":\"submit\",\"result\":\"x\",\"photos\":\"p\"}",
            "wrong_type");
    assert_action_refused(
            "{\"id\":\"1\",\"case\":\"c-1\",\"order\":\"c-1.1\",\"action\":\"sign\","
            "\"at\":\"2026-11-21T08:30:00Z\",\"by\":\"s\"}",
            "bad_value");
    assert_action_refused(
            "{\"id\":\"1\",\"case\":\"" CASE "\",\"order\":\"" CASE
            ".x\",\"action\":\"sign\",\"at\":\"2026-11-21T08:30:00Z\",\"by\":\"s\"}",
            "bad_value");
    assert_action_refused(
            "{\"id\":\"1\",\"case\":\"" CASE "\",\"order\":\"" CASE
            ".1\",\"action\":\"sign\",\"at\":\"2026-11-21T08:30:00\",\"by\":\"s\"}",
            "naive_time");
}

#define WHISTLE_HEAD                                                                     \
    "\"id\":\"w-1\",\"action\":\"whistle\",\"at\":\"2026-11-21T08:30:00+08:00\",\"by\":" \
    "\"s-07\""
#define WHISTLE "w20261121-0123456789abcdef"

static void a_whistle_gets_its_id_from_its_queue_and_its_own_id(void **state)
{
    (void)state;
    char id[CASE_ID_SIZE];
    struct intake_action a = decode_action(
            "{" WHISTLE_HEAD
            ",\"type\":\"emergency\",\"place\":\"p-a\",\"cases\":[\"" CASE
            "\"],\"text\":\"爆管,找13812345678\",\"summon\":[{\"unit\":\"zhujian\","
            "\"must\":true},{\"unit\":\"gongan\",\"must\":false}]}");
    intake_action_number(&a, STR("street"), &arena);
    intake_action_mask(&a, &arena);
    whistle_id_make(a.at, STR("street"), STR("w-1"), id);
    struct str command = intake_action_encode(
            &a, STR("street:w-1"), STR("street"), STR("street"), nine, &arena);
    assert_true(str_is(command,
            arena_printf(&arena,
                    "{\"command\":\"action\",\"case\":\"%s\",\"id\":\"street:w-1\","
                    "\"at\":\"2026-11-21T09:00:00.000+08:00\",\"unit\":\"street\","
                    "\"queue\":\"street\",\"by\":\"s-07\",\"action\":\"whistle\","
                    "\"order\":\"%s.1\",\"type\":\"emergency\",\"place\":\"p-a\","
                    "\"cases\":[\"" CASE "\"],\"text\":\"爆管,找138****5678\","
                    "\"summon\":[{\"unit\":\"zhujian\",\"must\":true},"
                    "{\"unit\":\"gongan\",\"must\":false}]}",
                    id, id)
                    .ptr));
}

static void a_check_in_keeps_what_the_unit_claims_apart(void **state)
{
    (void)state;
    struct intake_action a = decode_action(
            "{\"id\":\"a-1\",\"case\":\"" WHISTLE "\",\"order\":\"" WHISTLE
            ".2\",\"action\":\"check_in\",\"at\":\"2026-11-21T08:30:00+08:00\","
            "\"by\":\"s-07\",\"where\":\"桥东头,电话13812345678\",\"lon\":120.5,"
            "\"lat\":31.25}");
    intake_action_number(&a, STR("wy"), &arena);
    intake_action_mask(&a, &arena);
    struct str command = intake_action_encode(
            &a, STR("wy:a-1"), STR("wy"), STR("wy"), nine, &arena);
    assert_true(holds(command, "\"case\":\"" WHISTLE "\""));
    assert_true(holds(command, "\"at\":\"2026-11-21T09:00:00.000+08:00\""));
    assert_true(holds(command,
            "\"where\":\"桥东头,电话138****5678\",\"lon\":120.500000,\"lat\":31.250000,"
            "\"claimed_at\":\"2026-11-21T08:30:00.000+08:00\"}"));
}

#define ACCOUNT "account:pm-jiahe"

static void an_account_is_appealed_and_redeemed(void **state)
{
    (void)state;
    struct intake_action a = decode_action(
            "{\"id\":\"a-7\",\"case\":\"" ACCOUNT "\",\"order\":\"" ACCOUNT
            ".12\",\"action\":\"appeal\",\"at\":\"2026-11-21T08:30:00+08:00\",\"by\":"
            "\"w-1\",\"reason\":\"停电,见13812345678\",\"evidence\":\"照片\"}");
    intake_action_mask(&a, &arena);
    struct str command = intake_action_encode(
            &a, STR("wy:a-7"), STR("wy"), STR("wy"), nine, &arena);
    assert_true(holds(command, "\"case\":\"" ACCOUNT "\""));
    assert_true(holds(command, "\"order\":\"" ACCOUNT ".12\""));
    assert_true(holds(command, "\"reason\":\"停电,见138****5678\""));
#define REDEEM                                                                           \
    "\"id\":\"r-1\",\"case\":\"" ACCOUNT                                                 \
    "\",\"action\":\"redeem\",\"at\":\"2026-11-21T08:30:00+08:00\",\"by\":\"s\""
    a = decode_action("{" REDEEM ",\"points\":12,\"what\":\"雨衣给13812345678\"}");
    intake_action_mask(&a, &arena);
    command = intake_action_encode(&a, STR("jd:r-1"), STR("jd"), STR("jd"), nine, &arena);
    assert_true(holds(command, "\"points\":12,\"what\":\"雨衣给138****5678\"}"));
    assert_false(holds(command, "\"order\""));
    assert_action_refused("{" REDEEM ",\"points\":12}", "missing_field");
    assert_action_refused("{" REDEEM ",\"what\":\"雨衣\"}", "missing_field");
    assert_action_refused("{" REDEEM ",\"points\":1.5,\"what\":\"雨衣\"}", "bad_value");
    assert_action_refused("{" REDEEM
                          ",\"points\":12,\"what\":\"雨衣\",\"order\":\"" ACCOUNT ".x\"}",
            "bad_value");
    assert_action_refused(
            "{\"id\":\"a\",\"case\":\"account:A\",\"order\":\"account:A.1\","
            "\"action\":\"appeal\",\"at\":\"2026-11-21T08:30:00+08:00\","
            "\"by\":\"s\",\"reason\":\"x\"}",
            "bad_value");
    assert_action_refused("{\"id\":\"a\",\"case\":\"" ACCOUNT "\",\"order\":\"" ACCOUNT
                          ".1\",\"action\":\"appeal\",\"at\":"
                          "\"2026-11-21T08:30:00+08:00\",\"by\":\"s\"}",
            "missing_field");
}

static void a_whistle_is_checked_as_well(void **state)
{
    (void)state;
    assert_action_refused("{" WHISTLE_HEAD "}", "missing_field");
    assert_action_refused("{" WHISTLE_HEAD ",\"type\":\"loud\"}", "unknown_value");
    assert_action_refused("{" WHISTLE_HEAD ",\"type\":\"emergency\",\"cases\":[\"" WHISTLE
                          "\"]}",
            "bad_value");
    assert_action_refused("{" WHISTLE_HEAD
                          ",\"type\":\"emergency\",\"summon\":[{\"unit\":\"X Y\","
                          "\"must\":true}]}",
            "bad_value");
    assert_action_refused("{" WHISTLE_HEAD
                          ",\"type\":\"emergency\",\"summon\":[{\"unit\":\"x\"}]}",
            "missing_field");
    assert_action_refused(
            "{" WHISTLE_HEAD ",\"type\":\"emergency\",\"summon\":[\"x\"]}", "wrong_type");
    assert_action_refused("{" ACTION_HEAD ",\"action\":\"score\"}", "missing_field");
    assert_action_refused(
            "{" ACTION_HEAD ",\"action\":\"score\",\"score\":4.5}", "bad_value");
    assert_action_refused("{\"id\":\"1\",\"action\":\"check_in\",\"at\":\"2026-11-21T"
                          "08:30:00Z\",\"by\":\"s\"}",
            "missing_field");
}

static void a_wrong_queue_is_told_to_the_audit(void **state)
{
    (void)state;
    struct intake_action a = decode_action("{" ACTION_HEAD ",\"action\":\"sign\"}");
    struct str audit = intake_audit_encode(&a, STR("wy:a-1.wrong_queue"), STR("other"),
            nine, "unit_uses_queue",
            "on the queue of wy: the unit does not use this queue", &arena);
    assert_true(holds(audit, "\"kind\":\"wrong_queue\",\"case\":\"" CASE
                             "\",\"actor\":{\"unit\":\"other\",\"by\":\"s-07\"}"));
}

/* ---- the examples of schemas/ ---- */

static struct str read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = arena_alloc(&arena, 1 << 20);
    if (!file)
        fail_msg("cannot open %s", path);
    size_t n = fread(text, 1, 1 << 20, file);
    fclose(file);
    return (struct str){text, n};
}

/* Runs every example of a folder; an invalid one has its code beside it. Returns how many
 * there were. */
static int run_examples(const char *message, bool valid, bool action)
{
    char folder[512], path[1024];
    snprintf(folder, sizeof folder, "%s/schemas/%s/%s", SOURCE_DIR, message,
            valid ? "valid" : "invalid");
    DIR *dir = opendir(folder);
    int n = 0;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".json") != 0)
            continue;
        n++;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        struct intake_input input = input_of(read_whole(path));
        struct intake_complaint complaint;
        struct intake_action a;
        struct error err = {0};
        bool done = action ? intake_action_decode(&input, &arena, &a, &err)
                           : intake_complaint_decode(&input, &arena, &complaint, &err);
        if (done != valid)
            fail_msg("%s: %s %s", path, err.code, err.text);
        if (valid)
            continue;
        memcpy(strrchr(path, '.'), ".error", 7);
        struct str code = read_whole(path);
        while (code.len && code.ptr[code.len - 1] == '\n')
            code.len--;
        if (!str_is(code, err.code))
            fail_msg("%s: gives %s", path, err.code);
    }
    closedir(dir);
    return n;
}

static void the_examples_of_the_schemas_are_read_as_they_say(void **state)
{
    (void)state;
    assert_true(run_examples("complaint.intake", true, false) > 0);
    assert_true(run_examples("complaint.intake", false, false) > 0);
    assert_true(run_examples("unit.action", true, true) > 0);
    assert_true(run_examples("unit.action", false, true) > 0);
}

static int done(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_least_that_is_needed_is_taken),
            cmocka_unit_test(headers_name_the_event_before_the_message_does),
            cmocka_unit_test(a_structured_event_is_unwrapped),
            cmocka_unit_test(identity_goes_one_way_and_the_masked_rest_another),
            cmocka_unit_test(the_message_itself_must_be_json_in_utf8_and_not_too_large),
            cmocka_unit_test(fields_have_types_limits_and_words),
            cmocka_unit_test(times_have_an_offset_and_do_not_lie_ahead),
            cmocka_unit_test(headers_are_checked_like_fields),
            cmocka_unit_test(an_error_never_says_what_somebody_wrote),
            cmocka_unit_test(a_transfer_carries_the_complaint_untouched),
            cmocka_unit_test(an_action_becomes_a_command_with_its_fields),
            cmocka_unit_test(an_action_is_checked_like_a_complaint),
            cmocka_unit_test(a_whistle_gets_its_id_from_its_queue_and_its_own_id),
            cmocka_unit_test(a_check_in_keeps_what_the_unit_claims_apart),
            cmocka_unit_test(an_account_is_appealed_and_redeemed),
            cmocka_unit_test(a_whistle_is_checked_as_well),
            cmocka_unit_test(a_wrong_queue_is_told_to_the_audit),
            cmocka_unit_test(the_examples_of_the_schemas_are_read_as_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
