/* The shell that all services share: settings, log, policy, HTTP, signals, the stage
 * loop, exit codes. A service's main is a table and a call. */
#ifndef CHUISHAO_SERVICE_H
#define CHUISHAO_SERVICE_H

#include "config.h"
#include "http.h"
#include "policy.h"
#include "stage.h"

/* What a service gets to open itself with; borrowed for its whole life. */
struct service_env {
    const struct config_common *config;
    const struct policy *policy; /* NULL unless needs_policy */
    struct bus_config bus;       /* group chuishao.<name>[.<lane>] */
};

struct service {
    const char *name;              /* "router": the program is chuishao-router */
    const char *purpose;           /* one line for --help */
    const struct config_row *rows; /* its own settings */
    size_t n_rows;
    void *own;
    bool needs_policy;
    bool reloads; /* a new policy: open again and go on between two batches; else the
                     process ends and is started again */

    /* Prepares the service and returns its context. A stage fills *spec (all but ctx);
     * the others leave it alone. */
    void *(*open)(
            const struct service_env *env, struct stage_spec *spec, struct error *err);
    void (*close)(void *ctx);

    /* For a service that is not a stage: runs until *stop. */
    bool (*run)(void *ctx, const volatile int *stop, struct error *err);
    bool (*ready)(void *ctx);
    http_handler *handler; /* may be NULL; gets the context */
};

/* A policy is taken anew on SIGHUP, and when its directory was exchanged for another
 * (chuishao policy push). It is validated as a whole first: a bad one is told and the
 * last good one stays.
 *
 * main() of a service. Returns its exit code: 0 stopped as asked, 64 usage, 65 bad
 * policy, 69 not reachable at start, 78 bad configuration, 3 gave up and wants a restart
 * under the same name. SIGTERM and SIGINT stop it within 5 seconds. */
int service_main(const struct service *service, int argc, char **argv);

#endif
