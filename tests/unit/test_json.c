#include "reader_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

struct inner {
    char code[8];
    struct str name;
};

struct item {
    struct str uri;
    int64_t size;
};

struct message {
    struct str text;
    char code[8];
    struct str raw;
    int64_t count;
    double share;
    bool urgent;
    instant at;
    int kind;
    struct inner place;
    struct json_list items;
    struct json_list words;
};

static const char *const kinds[] = {"call", "app"};

static const struct json_field inner_fields[] = {
        {.name = "code",
                .kind = JSON_CHARS,
                .offset = offsetof(struct inner, code),
                .required = true,
                .max = 8},
        {.name = "name", .kind = JSON_STR, .offset = offsetof(struct inner, name)},
};

static const struct json_field item_fields[] = {
        {.name = "uri",
                .kind = JSON_STR,
                .offset = offsetof(struct item, uri),
                .required = true},
        {.name = "size", .kind = JSON_INT, .offset = offsetof(struct item, size)},
};

static const struct json_field fields[] = {
        {.name = "text",
                .kind = JSON_STR,
                .offset = offsetof(struct message, text),
                .required = true},
        {.name = "code",
                .kind = JSON_CHARS,
                .offset = offsetof(struct message, code),
                .max = 8},
        {.name = "raw", .kind = JSON_RAW, .offset = offsetof(struct message, raw)},
        {.name = "count", .kind = JSON_INT, .offset = offsetof(struct message, count)},
        {.name = "share", .kind = JSON_NUM, .offset = offsetof(struct message, share)},
        {.name = "urgent", .kind = JSON_BOOL, .offset = offsetof(struct message, urgent)},
        {.name = "at", .kind = JSON_INSTANT, .offset = offsetof(struct message, at)},
        {.name = "kind",
                .kind = JSON_ENUM,
                .offset = offsetof(struct message, kind),
                .max = 2,
                .names = kinds},
        {.name = "place",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct message, place),
                .max = 2,
                .sub = inner_fields},
        {.name = "items",
                .kind = JSON_LIST,
                .offset = offsetof(struct message, items),
                .max = 2,
                .sub = item_fields,
                .item_size = sizeof(struct item)},
        {.name = "words", .kind = JSON_STRS, .offset = offsetof(struct message, words)},
};

enum { N_FIELDS = sizeof fields / sizeof *fields };

static struct message read_good(const char *text)
{
    struct message message = {.kind = -1, .count = 7};
    struct error err = {0};
    /* On the heap without its NUL, so that a read beyond the end is seen. */
    size_t len = strlen(text);
    char *copy = malloc(len);
    assert_non_null(copy);
    memcpy(copy, text, len);
    bool good = json_read(
            reader, (struct str){copy, len}, fields, N_FIELDS, &message, &arena, &err);
    if (!good)
        (void)fprintf(stderr, "%s: %s\n", err.code, err.text);
    assert_true(good);
    if (message.raw.ptr) { /* borrows from the text */
        assert_true(message.raw.ptr >= copy &&
                    message.raw.ptr + message.raw.len <= copy + len);
        message.raw = arena_copy(&arena, message.raw);
    }
    free(copy);
    return message;
}

static void expect_bad(const char *text, const char *code, const char *part)
{
    struct message message = {0};
    struct error err = {0};
    assert_false(
            json_read(reader, str_of(text), fields, N_FIELDS, &message, &arena, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_string_equal(err.code, code);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not name \"%s\"", err.text, part);
}

static void every_kind_is_read_from_one_text(void **state)
{
    (void)state;
    struct message m = read_good(
            "{\"text\": \"路灯不亮\", \"code\":\"0501\",\"raw\" : {\"a\": [1, {\"b\": "
            "\"}\"}]} , \"count\": -42, \"share\": 0.25,"
            "\"urgent\":true,\"at\":\"2026-11-21T09:00:00+08:00\",\"kind\":\"app\","
            "\"unknown\":{\"text\":[[{}]]},"
            "\"place\":{\"name\":\"东门\",\"code\":\"g1\"},"
            "\"items\":[{\"uri\":\"x:1\",\"size\":3},{\"uri\":\"x:2\"}],\"words\":["
            "\"甲\",\"乙\"]}");
    assert_true(str_is(m.text, "路灯不亮"));
    assert_string_equal(m.code, "0501");
    assert_true(str_is(m.raw, "{\"a\": [1, {\"b\": \"}\"}]}"));
    assert_int_equal(m.count, -42);
    assert_true(fabs(m.share - 0.25) < 1e-12);
    assert_true(m.urgent);
    assert_int_equal(m.at.ms, 1795222800000);
    assert_int_equal(m.kind, 1);
    assert_string_equal(m.place.code, "g1");
    assert_true(str_is(m.place.name, "东门"));
    assert_int_equal(m.items.n, 2);
    const struct item *items = m.items.items;
    assert_true(str_is(items[0].uri, "x:1"));
    assert_int_equal(items[0].size, 3);
    assert_true(str_is(items[1].uri, "x:2"));
    assert_int_equal(items[1].size, 0);
    assert_int_equal(m.words.n, 2);
    const struct str *words = m.words.items;
    assert_true(str_is(words[1], "乙"));
}

static void absent_and_null_leave_the_default(void **state)
{
    (void)state;
    struct message m = read_good("{\"text\":\"\",\"count\":null,\"raw\":null}");
    assert_int_equal(m.count, 7);
    assert_int_equal(m.kind, -1);
    assert_null(m.raw.ptr);
    assert_int_equal(m.text.len, 0);
    assert_non_null(m.text.ptr);
}

static void escapes_are_undone(void **state)
{
    (void)state;
    struct message m = read_good(
            "{\"te\\u0078t\":\"a\\\"\\\\\\/"
            "\\b\\f\\n\\r\\t\\u0041\\u00e9\\u8def\\ud83d\\ude00z\"}");
    assert_true(str_is(m.text, "a\"\\/\b\f\n\r\tA\xc3\xa9路\xf0\x9f\x98\x80z"));
    m = read_good("{\"text\":\"\",\"code\":\"\\u8def\\u706f\"}");
    assert_string_equal(m.code, "路灯");
}

static void raw_keeps_the_bytes_of_any_value(void **state)
{
    (void)state;
    assert_true(str_is(
            read_good("{\"text\":\"\",\"raw\":\"a\\u0041 \"  }").raw, "\"a\\u0041 \""));
    assert_true(
            str_is(read_good("{\"text\":\"\",\"raw\": 1.50 ,\"count\":1}").raw, "1.50"));
    assert_true(str_is(read_good("{\"text\":\"\",\"raw\":[ ] }").raw, "[ ]"));
    assert_true(str_is(read_good("{\"raw\":false\n,\"text\":\"\"}").raw, "false"));
}

static void lists_may_be_empty(void **state)
{
    (void)state;
    struct message m = read_good("{\"text\":\"\",\"items\":[],\"words\":[ ]}");
    assert_int_equal(m.items.n, 0);
    assert_int_equal(m.words.n, 0);
}

static void a_text_longer_than_the_buffer_makes_it_grow(void **state)
{
    (void)state;
    size_t len = 200000;
    char *text = malloc(len + 16);
    assert_non_null(text);
    int n = sprintf(text, "{\"text\":\"");
    memset(text + n, 'a', len);
    memcpy(text + (size_t)n + len, "\"}", 3);
    assert_int_equal(read_good(text).text.len, len);
    free(text);
    assert_int_equal(read_good("{\"text\":\"ab\"}").text.len, 2);
}

static void what_is_not_json_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", " ", "{", "{}}", "{\"text\":\"a\"",
            "{\"text\":\"a}", "{\"text\":'a'}", "{\"text\":\"a\",}", "{\"text\":\"a\"}x",
            "{\"text\":\"\\q\"}", "{\"text\":\"\\ud800\"}", "{\"text\":\"a\nb\"}",
            "{\"text\":\"\xff\"}", "{\"text\":\"a\",\"x\":[1,,2]}",
            "{\"text\":\"a\",\"x\":01}", "{text:1}", "[]", "null", "1", "\"a\"",
            "\xef\xbb\xbf{\"text\":\"a\"}", "{\"text\":\"a\",\"x\":{\"y\" 1}}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_bad(bad[i], "bad_json", "");
}

static void errors_name_the_field(void **state)
{
    (void)state;
    expect_bad("{}", "missing_field", "text");
    expect_bad("{\"text\":null}", "missing_field", "text");
    expect_bad("{\"text\":1}", "wrong_type", "text");
    expect_bad("{\"text\":\"\",\"text\":\"\"}", "duplicate_field", "text");
    expect_bad("{\"text\":\"\",\"place\":{}}", "missing_field", "place.code");
    expect_bad("{\"text\":\"\",\"place\":[]}", "wrong_type", "place");
    expect_bad("{\"text\":\"\",\"code\":\"12345678\"}", "too_long", "code");
    expect_bad("{\"text\":\"\",\"code\":\"1\\u0000\"}", "wrong_type", "code");
    expect_bad("{\"text\":\"\",\"count\":1.5}", "wrong_type", "count");
    expect_bad("{\"text\":\"\",\"count\":1e3}", "wrong_type", "count");
    expect_bad("{\"text\":\"\",\"count\":9223372036854775808}", "wrong_type", "count");
    expect_bad("{\"text\":\"\",\"count\":\"1\"}", "wrong_type", "count");
    expect_bad("{\"text\":\"\",\"share\":true}", "wrong_type", "share");
    expect_bad("{\"text\":\"\",\"urgent\":0}", "wrong_type", "urgent");
    expect_bad("{\"text\":\"\",\"at\":\"2026-11-21T09:00:00\"}", "naive_time", "at");
    expect_bad("{\"text\":\"\",\"at\":\"yesterday\"}", "bad_time", "at");
    expect_bad("{\"text\":\"\",\"kind\":\"fax\"}", "unknown_value", "kind");
    expect_bad("{\"text\":\"\",\"items\":[1]}", "wrong_type", "items");
    expect_bad("{\"text\":\"\",\"items\":[{\"size\":1}]}", "missing_field", "items.uri");
    expect_bad("{\"text\":\"\",\"words\":[\"a\",1]}", "wrong_type", "words");
    expect_bad("{\"text\":\"\",\"words\":{}}", "wrong_type", "words");
}

static void the_error_text_never_holds_the_value(void **state)
{
    (void)state;
    struct message message = {0};
    struct error err = {0};
    assert_false(json_read(reader, STR("{\"text\":\"\",\"kind\":\"secret\"}"), fields,
            N_FIELDS, &message, &arena, &err));
    assert_null(strstr(err.text, "secret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_kind_is_read_from_one_text),
            cmocka_unit_test(absent_and_null_leave_the_default),
            cmocka_unit_test(escapes_are_undone),
            cmocka_unit_test(raw_keeps_the_bytes_of_any_value),
            cmocka_unit_test(lists_may_be_empty),
            cmocka_unit_test(a_text_longer_than_the_buffer_makes_it_grow),
            cmocka_unit_test(what_is_not_json_is_refused),
            cmocka_unit_test(errors_name_the_field),
            cmocka_unit_test(the_error_text_never_holds_the_value),
    };
    return cmocka_run_group_tests(tests, open_reader, close_reader);
}
