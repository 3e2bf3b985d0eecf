#include "envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

/* cmocka.h needs the ones above. */
#include <cmocka.h>

static void assert_header(
        const struct bus_header *header, const char *name, const char *value)
{
    assert_true(str_is(header->name, name));
    assert_true(str_is(header->value, value));
}

static void writes_the_attributes_of_binary_mode(void **state)
{
    (void)state;
    struct envelope envelope = {
            .service = "router",
            .type = "case.command",
            .id = STR("n20261121-0123456789abcdef.1.open"),
            .subject = STR("n20261121-0123456789abcdef"),
            .time = {1795222800000},
            .traceparent = STR("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            .tracestate = STR("a=b"),
    };
    struct bus_header headers[ENVELOPE_HEADERS];
    assert_int_equal(envelope_headers(&envelope, headers), ENVELOPE_HEADERS);
    assert_header(&headers[0], "ce_specversion", "1.0");
    assert_header(&headers[1], "ce_id", "n20261121-0123456789abcdef.1.open");
    assert_header(&headers[2], "ce_source", "/chuishao/router");
    assert_header(&headers[3], "ce_type", "org.chuishao.case.command.v1");
    assert_header(&headers[4], "ce_time", "2026-11-21T09:00:00.000+08:00");
    assert_header(&headers[5], "ce_subject", "n20261121-0123456789abcdef");
    assert_header(&headers[6], "content-type", "application/json");
    assert_header(&headers[7], "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    assert_header(&headers[8], "tracestate", "a=b");
}

static void leaves_out_what_is_empty(void **state)
{
    (void)state;
    struct envelope envelope = {
            .service = "sla", .type = "case.command", .id = STR("1"), .time = {1}};
    struct bus_header headers[ENVELOPE_HEADERS];
    assert_int_equal(envelope_headers(&envelope, headers), 6);
    assert_header(&headers[5], "content-type", "application/json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(writes_the_attributes_of_binary_mode),
            cmocka_unit_test(leaves_out_what_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
