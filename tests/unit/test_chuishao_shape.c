#include "shape.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct str read_all(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(out, 1, size, file);
    (void)fclose(file);
    return (struct str){out, len};
}

typedef bool shape_check(const json_t *object, struct error *err);

static bool check_file(const char *path, shape_check *check, struct error *err)
{
    static char text[128 * 1024];
    json_t *object = shape_object(read_all(path, text, sizeof text), err);
    bool ok = object && check(object, err);
    if (object)
        json_decref(object);
    return ok;
}

static size_t check_valid(const char *pattern, shape_check *check)
{
    glob_t found;
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct error err = {0};
        if (!check_file(found.gl_pathv[i], check, &err))
            fail_msg("%s: %s %s", found.gl_pathv[i], err.code, err.text);
    }
    size_t n = found.gl_pathc;
    globfree(&found);
    return n;
}

static void check_invalid(const char *pattern, shape_check *check)
{
    glob_t found;
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct error err = {0};
        char path[512], code[64] = "";
        size_t stem = strlen(found.gl_pathv[i]) - strlen(".json");
        assert_false(check_file(found.gl_pathv[i], check, &err));
        (void)snprintf(path, sizeof path, "%.*s.error", (int)stem, found.gl_pathv[i]);
        struct str wanted = read_all(path, code, sizeof code - 1);
        code[wanted.len ? wanted.len - 1 : 0] = 0; /* its newline */
        if (strcmp(err.code, code) != 0)
            fail_msg("%s: %s instead of %s", found.gl_pathv[i], err.code, code);
    }
    globfree(&found);
}

static void every_valid_complaint_can_be_published(void **state)
{
    (void)state;
    assert_true(check_valid(SOURCE_DIR "/schemas/complaint.intake/valid/*.json",
                        shape_intake) >= 3);
}

static void every_invalid_complaint_is_refused_with_its_code(void **state)
{
    (void)state;
    check_invalid(SOURCE_DIR "/schemas/complaint.intake/invalid/*.json", shape_intake);
}

static void every_valid_action_can_be_sent(void **state)
{
    (void)state;
    assert_true(check_valid(SOURCE_DIR "/schemas/unit.action/valid/*.json",
                        shape_action) >= 3);
}

static void every_invalid_action_is_refused_with_its_code(void **state)
{
    (void)state;
    check_invalid(SOURCE_DIR "/schemas/unit.action/invalid/*.json", shape_action);
}

static void an_order_of_another_case_is_refused(void **state)
{
    (void)state;
    struct error err = {0};
    json_t *action = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "id", "a", "case",
            "n20261121-0123456789abcdef", "order", "n20261121-0000000000000000.1",
            "action", "sign", "at", "2026-11-21T08:00:00+08:00", "by", "s");
    assert_false(shape_action(action, &err));
    assert_string_equal(err.code, "bad_value");
    json_decref(action);
}

static void a_refusal_never_quotes_what_was_said(void **state)
{
    (void)state;
    struct error err = {0};
    assert_null(shape_object(STR("{\"text\": \"路灯\" 不亮}"), &err));
    assert_null(strstr(err.text, "路灯"));
    assert_null(strstr(err.text, "不亮"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_valid_complaint_can_be_published),
            cmocka_unit_test(every_invalid_complaint_is_refused_with_its_code),
            cmocka_unit_test(every_valid_action_can_be_sent),
            cmocka_unit_test(every_invalid_action_is_refused_with_its_code),
            cmocka_unit_test(an_order_of_another_case_is_refused),
            cmocka_unit_test(a_refusal_never_quotes_what_was_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
