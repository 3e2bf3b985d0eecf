#include "http.h"
#include "metrics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka.h needs the ones above. */
#include <cmocka.h>

static bool is_ready;
static struct http *http;
static char reply[65536];

static bool ready(void *ctx)
{
    (void)ctx;
    return is_ready;
}

static struct http_reply hello(void *ctx, const struct http_request *request)
{
    (void)ctx;
    if (!str_is(request->path, "/hello") || !str_is(request->method, "GET"))
        return (struct http_reply){0};
    return (struct http_reply){200, "text/plain",
            arena_printf(
                    request->arena, "hello %.*s", STR_ARG(http_query(request, "who")))};
}

/* One request over the loopback; the whole reply is in reply. */
static void request(const char *line)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    const char *port = strrchr(http_address(http), ':') + 1;
    char text[512];
    to.sin_port = htons((uint16_t)atoi(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    int n = snprintf(text, sizeof text,
            "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            line);
    assert_int_equal(write(fd, text, (size_t)n), n);
    size_t len = 0;
    ssize_t got;
    while ((got = read(fd, reply + len, sizeof reply - 1 - len)) > 0)
        len += (size_t)got;
    reply[len] = 0;
    close(fd);
}

static void assert_replies(const char *line, const char *status, const char *part)
{
    request(line);
    if (strncmp(reply, status, strlen(status)) != 0 || !strstr(reply, part))
        fail_msg("%s: %s", line, reply);
}

static void answers_the_probes(void **state)
{
    (void)state;
    assert_replies("GET /livez", "HTTP/1.1 200", "\r\n\r\nok\n");
    assert_replies("GET /healthz", "HTTP/1.1 200", "ok\n");
    is_ready = false;
    assert_replies("GET /readyz", "HTTP/1.1 503", "not ready\n");
    is_ready = true;
    assert_replies("GET /readyz", "HTTP/1.1 200", "ok\n");
    assert_replies("GET /version", "HTTP/1.1 200", CHUISHAO_VERSION);
}

static void shows_the_metrics(void **state)
{
    (void)state;
    metric_add(metric_counter("chuishao_test_total", "", "tests"), 5);
    assert_replies("GET /metrics", "HTTP/1.1 200", "\nchuishao_test_total 5\n");
}

static void asks_the_services_own_handler(void **state)
{
    (void)state;
    assert_replies("GET /hello?who=%E5%8C%BA", "HTTP/1.1 200", "\r\n\r\nhello 区");
}

static void other_paths_and_methods_are_problems(void **state)
{
    (void)state;
    assert_replies("GET /nothing", "HTTP/1.1 404", "application/problem+json");
    assert_replies("POST /nothing", "HTTP/1.1 404", "\"status\":404");
    assert_replies("POST /livez", "HTTP/1.1 405", "\"status\":405");
    assert_replies("DELETE /hello", "HTTP/1.1 405", "Allow: GET, HEAD");
}

static void tells_its_address_in_the_run_folder(void **state)
{
    (void)state;
    char dir[] = "/tmp/chuishao-http-XXXXXX", path[64], line[64] = "";
    struct http *other;
    struct error err = {0};
    assert_non_null(mkdtemp(dir));
    assert_true(http_open(&other, "127.0.0.1:0", dir, "probe-0", NULL, NULL, NULL, &err));
    snprintf(path, sizeof path, "%s/probe-0.http", dir);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    line[strcspn(line, "\n")] = 0;
    assert_string_equal(line, http_address(other));
    http_close(other);
    assert_int_equal(access(path, F_OK), -1);
    rmdir(dir);
}

static void says_why_it_cannot_listen(void **state)
{
    (void)state;
    struct http *other = NULL;
    struct error err = {0};
    assert_false(http_open(&other, "nowhere", "", "x", NULL, NULL, NULL, &err));
    assert_string_equal(err.code, "bad_http_addr");
    err = (struct error){0};
    assert_false(http_open(
            &other, "127.0.0.1:0", "/nonexistent", "x", NULL, NULL, NULL, &err));
    assert_string_equal(err.code, "bad_run_dir");
}

static int start(void **state)
{
    (void)state;
    struct error err = {0};
    return http_open(&http, "127.0.0.1:0", "", "test-0", ready, hello, NULL, &err) ? 0
                                                                                   : -1;
}

static int stop(void **state)
{
    (void)state;
    http_close(http);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(answers_the_probes),
            cmocka_unit_test(shows_the_metrics),
            cmocka_unit_test(asks_the_services_own_handler),
            cmocka_unit_test(other_paths_and_methods_are_problems),
            cmocka_unit_test(tells_its_address_in_the_run_folder),
            cmocka_unit_test(says_why_it_cannot_listen),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
