#include "service.h"
#include "log.h"
#include "metrics.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    EXIT_AGAIN = 3,   /* gave up; restart it under the same name */
    STOP_SECONDS = 5, /* after that the watchdog ends the process: dying is safe at any
                         point */
};

static volatile sig_atomic_t stop_flag;

static void on_stop(int signal_number)
{
    (void)signal_number;
    stop_flag = 1;
    (void)alarm(STOP_SECONDS);
}

static void on_watchdog(int signal_number)
{
    (void)signal_number;
    _exit(0);
}

static void signals_install(void)
{
    struct sigaction stop = {.sa_handler = on_stop},
                     watchdog = {.sa_handler = on_watchdog},
                     ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGTERM, &stop, NULL); /* these cannot fail for these signals */
    (void)sigaction(SIGINT, &stop, NULL);
    (void)sigaction(SIGALRM, &watchdog, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
}

struct running {
    const struct service *service;
    struct config_common config;
    struct policy *policy;
    struct stage_spec spec;
    struct stage *stage;
    struct http *http;
    void *ctx;
};

static bool is_ready(void *ctx)
{
    const struct running *running = ctx;
    if (running->service->ready)
        return running->service->ready(running->ctx);
    return running->stage && stage_ready(running->stage);
}

static struct http_reply handle(void *ctx, const struct http_request *request)
{
    const struct running *running = ctx;
    return running->service->handler ? running->service->handler(running->ctx, request)
                                     : (struct http_reply){0};
}

static int failed(const struct service *service, const struct error *err, int code)
{
    log_error("stopped", "service=%s code=%s reason=\"%s\"", service->name, err->code,
            err->text);
    return code;
}

/* The exit code for what went wrong before the loop began. */
static int start_failed(const struct service *service, const struct error *err)
{
    return failed(service, err,
            err->kind == ERR_RETRY                 ? EX_UNAVAILABLE
            : strcmp(err->code, "bad_policy") == 0 ? EX_DATAERR
                                                   : EX_CONFIG);
}

static int run(struct running *running, struct bus_config bus)
{
    const struct service *service = running->service;
    const struct config_common *config = &running->config;
    struct error err = {0};
    const struct service_env env = {config, running->policy, bus};
    running->ctx = service->open(&env, &running->spec, &err);
    if (!running->ctx)
        return start_failed(service, &err);
    running->spec.ctx = running->ctx;
    if (!http_open(&running->http, config->http_addr, config->run_dir, config->instance,
                is_ready, handle, running, &err))
        return start_failed(service, &err);
    log_info("started", "service=%s instance=%s http=%s policy=%s", service->name,
            config->instance, http_address(running->http),
            running->policy ? running->policy->version : "none");
    if (service->run)
        return service->run(running->ctx, &stop_flag, &err) || stop_flag
                       ? 0
                       : failed(service, &err, EXIT_AGAIN);
    const struct stage_config stage = {
            .bus = bus,
            .redis_url = config->redis_url,
            .redis_force = config->redis_force,
            .commit_ms = (int)config->commit_ms,
            .commit_busy_ms = (int)config->commit_busy_ms,
            .batch_max = (size_t)config->batch_max,
            .batch_bytes = (size_t)config->batch_bytes,
            .lane = config->lane,
    };
    if (!stage_open(&running->stage, &running->spec, &stage, &err))
        return start_failed(service, &err);
    return stage_run(running->stage, &stop_flag, &err)
                   ? 0
                   : failed(service, &err, EXIT_AGAIN);
}

int service_main(const struct service *service, int argc, char **argv)
{
    struct running running = {.service = service};
    int code = 0;
    if (!config_load(service->name, service->purpose, argc, argv, &running.config,
                service->rows, service->n_rows, service->own, &code))
        return code;
    signals_install();
    struct error err = {0};
    struct policy_report report = {.out = stderr};
    running.spec.name = service->name;
    if (service->needs_policy && !policy_load(&running.policy, running.config.policy_dir,
                                         instant_now(), &report, &err))
        return start_failed(service, &err);
    if (running.policy)
        metric_set(metric_gauge("chuishao_calendar_known_until_day", "",
                           "last day (YYYYMMDD) of the last year whose holidays are "
                           "known, 0: none"),
                calendar_known_until(&running.policy->calendar));
    char group[96];
    (void)snprintf(group, sizeof group, "chuishao.%s%s%s", service->name,
            running.config.lane[0] ? "." : "", running.config.lane);
    code = run(&running, config_bus(&running.config, service->name, group));
    http_close(running.http);
    stage_close(running.stage);
    if (running.ctx && service->close)
        service->close(running.ctx);
    policy_free(running.policy);
    log_info("ended", "service=%s exit=%d", service->name, code);
    return code;
}
