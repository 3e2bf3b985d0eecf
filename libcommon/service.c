#include "service.h"
#include "log.h"
#include "metrics.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    EXIT_AGAIN = 3,   /* gave up; restart it under the same name */
    STOP_SECONDS = 5, /* after that the watchdog ends the process: dying is safe at any
                         point */
    LOOK_MS = 2000,
};

static volatile sig_atomic_t stop_flag, reload_flag;

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

static void on_reload(int signal_number)
{
    (void)signal_number;
    reload_flag = 1;
}

static void signals_install(void)
{
    struct sigaction reload = {.sa_handler = on_reload, .sa_flags = SA_RESTART};
    (void)sigaction(SIGHUP, &reload, NULL);
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
    struct bus_config bus;
    struct policy *policy;
    struct stage_spec spec;
    void (*between)(void *ctx); /* the service's own */
    struct stage *stage;
    struct http *http;
    void *ctx;
    ino_t policy_inode; /* of the directory that was read */
    int64_t looked_at;  /* monotonic */
    bool again;         /* stop, and be started again */
};

/* ---- a new policy ---- */

static ino_t inode_of(const char *dir)
{
    struct stat found;
    return stat(dir, &found) == 0 ? found.st_ino : 0;
}

static bool policy_read(struct running *running, struct policy **out, struct error *err)
{
    struct policy_report report = {.out = stderr};
    running->policy_inode = inode_of(running->config.policy_dir);
    if (!policy_load(out, running->config.policy_dir, instant_now(), &report, err))
        return false;
    metric_set(metric_gauge("chuishao_calendar_known_until_day", "",
                       "last day (YYYYMMDD) of the last year whose holidays are known, "
                       "0: none"),
            calendar_known_until(&(*out)->calendar));
    return true;
}

/* Signalled, or the directory is another one: looked at every few seconds. */
static bool policy_is_new(struct running *running)
{
    bool told = reload_flag;
    reload_flag = 0;
    if (told || monotonic_ms() - running->looked_at < LOOK_MS)
        return told;
    running->looked_at = monotonic_ms();
    ino_t inode = inode_of(running->config.policy_dir);
    return inode != 0 && inode != running->policy_inode;
}

/* Between two batches nothing of the old policy is in use. */
static bool policy_swap(struct running *running, struct policy *fresh, struct error *err)
{
    const struct service *service = running->service;
    const struct service_env env = {&running->config, fresh, running->bus};
    struct stage_spec spec = {.name = running->spec.name};
    void *ctx = service->open(&env, &spec, err);
    if (!ctx)
        return false;
    service->close(running->ctx);
    policy_free(running->policy);
    running->policy = fresh;
    running->ctx = running->spec.ctx = ctx;
    return true;
}

static void policy_renew(struct running *running)
{
    struct error err = {0};
    struct policy *fresh = NULL;
    bool good = policy_read(running, &fresh, &err);
    bool same = good && strcmp(fresh->version, running->policy->version) == 0;
    if (good && !same && running->service->reloads)
        good = policy_swap(running, fresh, &err);
    else if (good && !same)
        running->again = true;
    metric_add(metric_counter("chuishao_policy_reloads_total",
                       good ? "result=\"taken\"" : "result=\"refused\"",
                       "new policies, by what became of them"),
            1);
    if (!good)
        log_error("policy_refused", "code=%s reason=\"%s\" policy=%s", err.code, err.text,
                running->policy->version);
    else
        log_info("policy_taken", "policy=%s restart=%d", fresh->version,
                (int)running->again);
    if (fresh != running->policy)
        policy_free(fresh);
    if (running->again)
        stop_flag = 1;
}

static struct running *the_one; /* the stage calls back with the service's context */

static void between(void *ctx)
{
    if (the_one->between)
        the_one->between(ctx);
    if (the_one->policy && policy_is_new(the_one))
        policy_renew(the_one);
}

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
    running->bus = bus;
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
    the_one = running;
    running->between = running->spec.between;
    running->spec.between = between;
    if (!stage_open(&running->stage, &running->spec, &stage, &err))
        return start_failed(service, &err);
    if (!stage_run(running->stage, &stop_flag, &err))
        return failed(service, &err, EXIT_AGAIN);
    return running->again ? EXIT_AGAIN : 0;
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
    running.spec.name = service->name;
    if (service->needs_policy && !policy_read(&running, &running.policy, &err))
        return start_failed(service, &err);
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
