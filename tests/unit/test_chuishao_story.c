#include "story.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What story_print writes for the event in text. */
static char *told(const char *text)
{
    json_error_t where;
    json_t *event = json_loads(text, 0, &where);
    assert_non_null(event);
    char *out = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&out, &len);
    story_print(file, event);
    (void)fclose(file);
    json_decref(event);
    return out;
}

static void assert_told(const char *event, const char *expected)
{
    char *out = told(event);
    assert_string_equal(out, expected);
    free(out);
}

static void tells_when_what_who_and_the_change_of_stage(void **state)
{
    (void)state;
    assert_told("{\"seq\":3,\"kind\":\"signed\",\"at\":\"2026-11-21T08:30:00.000+08:00\","
                "\"actor\":{\"unit\":\"wy-qinghe\",\"by\":\"s-07\"},\"why\":{},"
                "\"old\":{\"stage\":\"DISPATCHED\"},\"new\":{\"stage\":\"SIGNED\"}}",
            "  3  2026-11-21 08:30:00  签收        wy-qinghe/s-07  已派单 → 已签收\n");
}

static void tells_a_dispatch_with_its_clocks_and_every_why(void **state)
{
    (void)state;
    assert_told(
            "{\"seq\":2,\"kind\":\"dispatched\",\"at\":\"2026-11-21T08:05:14.000+08:00\","
            "\"actor\":{\"service\":\"casework\"},"
            "\"why\":{\"rule\":\"cat-1\",\"policy\":\"qinghe@3f9a\",\"reason\":\"no_"
            "place\","
            "\"evidence\":[{\"rule\":\"r-1\",\"words\":[\"下水道\",\"堵\"]}],"
            "\"runner_up\":{\"category\":\"030204\",\"confidence\":0.22}},"
            "\"new\":{\"stage\":\"DISPATCHED\",\"unit\":\"wy-qinghe\",\"role\":\"lead\","
            "\"clocks\":[{\"clock\":\"sign\",\"due\":\"2026-11-21T08:35:14.000+08:00\"},"
            "{\"clock\":\"step\",\"step\":\"enclose\",\"title\":\"围护\","
            "\"due\":\"2026-11-21T11:05:14.000+08:00\"}]}}",
            "  2  2026-11-21 08:05:14  派单        系统/casework  已派单\n"
            "    单位 wy-qinghe;角色 主办;时限 签收至2026-11-21 08:35:14、"
            "阶段围护至2026-11-21 11:05:14\n"
            "    依据:规则 cat-1;政策版本 qinghe@3f9a;理由 地点不明;证据 "
            "r-1(下水道、堵);次选 030204(22%)\n");
}

static void tells_what_was_and_what_is(void **state)
{
    (void)state;
    assert_told("{\"seq\":4,\"kind\":\"redo\",\"at\":\"2026-11-21T08:05:14.000+08:00\","
                "\"actor\":{\"unit\":\"hotline\"},"
                "\"old\":{\"unit\":\"wy-a\"},\"new\":{\"unit\":\"wy-b\"}}",
            "  4  2026-11-21 08:05:14  重办        hotline\n"
            "    单位 wy-a → wy-b\n");
}

static void tells_shares_as_percent(void **state)
{
    (void)state;
    char *out = told("{\"seq\":8,\"kind\":\"closed\",\"at\":\"2026-11-25T09:10:00.000+08:"
                     "00\",\"actor\":{},"
                     "\"new\":{\"outcome\":\"resolved\",\"used\":{\"sign\":0.41,"
                     "\"handle\":1.37}}}");
    assert_non_null(strstr(out, "结果 已解决;用时占比 签收 41%、办结 137%"));
    free(out);
}

static void an_unknown_kind_and_field_are_shown_as_they_are(void **state)
{
    (void)state;
    char *out = told("{\"seq\":9,\"kind\":\"praised\",\"at\":\"soon\",\"actor\":{},"
                     "\"new\":{\"stars\":5,\"list\":[]}}");
    assert_non_null(strstr(out, "praised"));
    assert_non_null(strstr(out, "stars 5"));
    assert_null(strstr(out, "list"));
    free(out);
}

static void a_message_without_fields_does_no_harm(void **state)
{
    (void)state;
    free(told("{}"));
    free(told("{\"kind\":7,\"actor\":[],\"new\":\"x\",\"old\":1,\"why\":null}"));
}

static void a_text_cannot_steer_the_terminal(void **state)
{
    (void)state;
    char *out = told("{\"seq\":1,\"kind\":\"opened\",\"at\":\"x\",\"actor\":{},"
                     "\"new\":{\"text\":\"a\\u001b[2Jb\\u009bc\\u202ed\\ne\"}}");
    assert_null(strchr(out, 0x1b));
    assert_non_null(strstr(out, "a [2Jb c d e"));
    free(out);
}

static void chinese_takes_two_columns(void **state)
{
    (void)state;
    assert_int_equal(text_width("派单"), 4);
    assert_int_equal(text_width("ab"), 2);
    assert_int_equal(text_width("\xff\xe6"), 2);
    char *out = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&out, &len);
    text_put(file, "清河花园东门", 8, 7);
    (void)fclose(file);
    assert_string_equal(out, "清河花… ");
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(tells_when_what_who_and_the_change_of_stage),
            cmocka_unit_test(tells_a_dispatch_with_its_clocks_and_every_why),
            cmocka_unit_test(tells_what_was_and_what_is),
            cmocka_unit_test(tells_shares_as_percent),
            cmocka_unit_test(an_unknown_kind_and_field_are_shown_as_they_are),
            cmocka_unit_test(a_message_without_fields_does_no_harm),
            cmocka_unit_test(a_text_cannot_steer_the_terminal),
            cmocka_unit_test(chinese_takes_two_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
