#include "http.h"

#include "config.h"
#include "metrics.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ADDRESS_SIZE = 300, CONNECTIONS_MAX = 64, TIMEOUT_S = 15 };

struct http {
    struct MHD_Daemon *daemon;
    char address[ADDRESS_SIZE];
    char run_file[512]; /* empty: none was written */
    bool (*ready)(void *ctx);
    http_handler *handler;
    void *ctx;
    struct arena arena; /* of the one thread, for one request */
};

static const char text_plain[] = "text/plain; charset=utf-8";

static struct http_reply reply(int status, const char *content_type, struct str body)
{
    return (struct http_reply){status, content_type, body};
}

/* RFC 9457. */
static struct http_reply problem(
        struct arena *arena, int status, const char *title, const char *detail)
{
    return reply(status, "application/problem+json",
            arena_printf(arena,
                    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":"
                    "\"%s\"}\n",
                    title, status, detail));
}

static struct http_reply answer_own(struct http *http, struct str path)
{
    if (str_is(path, "/livez") || str_is(path, "/healthz"))
        return reply(200, text_plain, STR("ok\n"));
    if (str_is(path, "/readyz")) {
        bool ready = !http->ready || http->ready(http->ctx);
        return ready ? reply(200, text_plain, STR("ok\n"))
                     : reply(503, text_plain, STR("not ready\n"));
    }
    if (str_is(path, "/metrics"))
        return reply(200, "text/plain; version=0.0.4; charset=utf-8",
                metrics_text(&http->arena));
    if (str_is(path, "/version"))
        return reply(200, text_plain, STR(CHUISHAO_VERSION "\n"));
    if (str_is(path, "/config"))
        return reply(200, text_plain, config_text());
    return reply(0, NULL, (struct str){0});
}

static struct http_reply answer(struct http *http, const struct http_request *request)
{
    bool reading = str_is(request->method, "GET") || str_is(request->method, "HEAD");
    struct http_reply own = answer_own(http, request->path);
    if (own.status && !reading)
        return problem(
                &http->arena, 405, "Method Not Allowed", "this address only answers GET");
    if (own.status)
        return own;
    struct http_reply theirs = {0};
    if (http->handler)
        theirs = http->handler(http->ctx, request);
    if (theirs.status)
        return theirs;
    if (http->handler && !reading) {
        struct http_request again = *request;
        again.method = STR("GET");
        if (http->handler(http->ctx, &again).status)
            return problem(&http->arena, 405, "Method Not Allowed",
                    "this address only answers GET");
    }
    return problem(&http->arena, 404, "Not Found", "there is nothing at this address");
}

static enum MHD_Result send_reply(
        struct MHD_Connection *connection, const struct http_reply *r)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(r->body.len,
            (void *)(uintptr_t)
                    r->body.ptr, /* the library copies, and only lacks a const */
            MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    bool done = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                        r->content_type) == MHD_YES &&
                MHD_add_response_header(
                        response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") == MHD_YES &&
                MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") ==
                        MHD_YES &&
                (r->status != 405 ||
                        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
                                "GET, HEAD") == MHD_YES) &&
                MHD_queue_response(connection, (unsigned)r->status, response) == MHD_YES;
    MHD_destroy_response(response);
    return done ? MHD_YES : MHD_NO;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection,
        const char *url, const char *method, const char *version, const char *upload,
        size_t *upload_size, void **per_request)
{
    struct http *http = cls;
    (void)version; /* the library speaks both */
    (void)upload;  /* nothing here takes a body; it is read and dropped */
    if (!*per_request) {
        *per_request = http;
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0;
        return MHD_YES;
    }
    struct http_request request = {
            .method = str_of(method),
            .path = str_of(url),
            .arena = &http->arena,
            .handle = connection,
    };
    struct http_reply r = answer(http, &request);
    enum MHD_Result result = send_reply(connection, &r);
    arena_reset(&http->arena);
    return result;
}

struct str http_query(const struct http_request *request, const char *name)
{
    /* The library takes a pointer it does not write through. */
    return str_of(MHD_lookup_connection_value(
            (struct MHD_Connection *)(uintptr_t)request->handle, MHD_GET_ARGUMENT_KIND,
            name));
}

/* Splits "host:port"; an IPv6 host stands in brackets. */
static bool split_address(const char *addr, char host[256], char port[16])
{
    struct str whole = str_of(addr);
    const char *colon = strrchr(addr, ':');
    if (!colon || strlen(colon + 1) == 0 ||
            strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return false;
    struct str name = {addr, (size_t)(colon - addr)};
    if (whole.ptr[0] == '[') {
        if (name.len < 2 || name.ptr[name.len - 1] != ']')
            return false;
        name = (struct str){name.ptr + 1, name.len - 2};
    }
    return str_copy(host, 256, name) && str_copy(port, 16, str_of(colon + 1));
}

static bool start(struct http *http, const char *addr, struct error *err)
{
    char host[256], port[16];
    struct addrinfo *found = NULL, hints = {.ai_socktype = SOCK_STREAM,
                                           .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    if (!split_address(addr, host, port))
        return error_set(err, ERR_FATAL, "bad_http_addr",
                "HTTP_ADDR is %s; write host:port, e.g. 127.0.0.1:8080", addr);
    int rc = getaddrinfo(host[0] ? host : NULL, port, &hints, &found);
    if (rc != 0)
        return error_set(err, ERR_FATAL, "bad_http_addr", "HTTP_ADDR %s: %s", addr,
                gai_strerror(rc));
    unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD |
                     (found->ai_family == AF_INET6 ? (unsigned)MHD_USE_IPv6 : 0U);
    http->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, http,
            MHD_OPTION_SOCK_ADDR, found->ai_addr, MHD_OPTION_CONNECTION_LIMIT,
            (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
            MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_END);
    freeaddrinfo(found);
    if (!http->daemon)
        return error_set(err, ERR_FATAL, "http_not_bound",
                "cannot listen on %s; is another process there?", addr);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(
            http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    (void)snprintf(http->address, sizeof http->address, "%s%s%s:%u",
            strchr(host, ':') ? "[" : "", host, strchr(host, ':') ? "]" : "",
            info ? (unsigned)info->port : 0U);
    return true;
}

/* Written beside and renamed, so that nobody reads half an address. */
static bool write_run_file(
        struct http *http, const char *run_dir, const char *instance, struct error *err)
{
    char temporary[sizeof http->run_file + 8];
    int n = snprintf(
            http->run_file, sizeof http->run_file, "%s/%s.http", run_dir, instance);
    if (n < 0 || (size_t)n >= sizeof http->run_file) {
        http->run_file[0] = 0;
        return error_set(err, ERR_FATAL, "bad_run_dir", "CHUISHAO_RUN_DIR is too long");
    }
    (void)snprintf(temporary, sizeof temporary, "%s.new", http->run_file);
    FILE *file = fopen(temporary, "w");
    bool written = file && fprintf(file, "%s\n", http->address) > 0;
    if (file)
        written = fclose(file) == 0 && written;
    if (!written || rename(temporary, http->run_file) != 0) {
        http->run_file[0] = 0;
        return error_set(err, ERR_FATAL, "bad_run_dir",
                "cannot write %s/%s.http; is CHUISHAO_RUN_DIR a directory of ours?",
                run_dir, instance);
    }
    return true;
}

bool http_open(struct http **out, const char *addr, const char *run_dir,
        const char *instance, bool (*ready)(void *ctx), http_handler *handler, void *ctx,
        struct error *err)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http)
        return error_set(
                err, ERR_FATAL, "out_of_memory", "no memory for the HTTP server");
    http->ready = ready;
    http->handler = handler;
    http->ctx = ctx;
    if (!start(http, addr, err) ||
            (run_dir && run_dir[0] && !write_run_file(http, run_dir, instance, err))) {
        http_close(http);
        return false;
    }
    *out = http;
    return true;
}

const char *http_address(const struct http *http)
{
    return http->address;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    if (http->run_file[0])
        (void)unlink(
                http->run_file); /* a stale address is told by the refused connection */
    if (http->daemon)
        MHD_stop_daemon(http->daemon);
    arena_done(&http->arena);
    free(http);
}
