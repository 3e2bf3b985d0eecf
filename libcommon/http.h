/* The HTTP edge of a service: probes, metrics, and what a service registers itself. The
 * only module that includes libmicrohttpd. Handlers run on the server's one thread and
 * may only read what is made for it. */
#ifndef CHUISHAO_HTTP_H
#define CHUISHAO_HTTP_H

#include "arena.h"
#include "error.h"
#include "str.h"
#include <stdbool.h>

struct http_request {
    struct str method, path;
    struct arena *arena; /* the reply's body may live here */
    const void *handle;
};

struct http_reply {
    int status;               /* 0: not mine, try the next handler */
    const char *content_type; /* a literal */
    struct str body;
};

/* The value of a query parameter, empty when absent. */
struct str http_query(const struct http_request *request, const char *name);

typedef struct http_reply http_handler(void *ctx, const struct http_request *request);

struct http;

/* GET /livez and /healthz (the process), /readyz (ready(ctx): 200 ok or 503), /metrics
 * (Prometheus text of all counters, see metrics.h), /version, /config (secrets masked),
 * and whatever handler (may be NULL) answers. addr "host:port", port 0 picks a free one.
 * When run_dir is not empty, writes run_dir/<instance>.http with the address. */
MUST_USE bool http_open(struct http **out, const char *addr, const char *run_dir,
        const char *instance, bool (*ready)(void *ctx), http_handler *handler, void *ctx,
        struct error *err);

/* host:port it listens on; lives as long as the server. */
const char *http_address(const struct http *http);

void http_close(struct http *http);

#endif
