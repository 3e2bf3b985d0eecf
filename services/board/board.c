#include "board_io.h"
#include "board_ledger.h"
#include "board_metrics.h"
#include "board_view.h"
#include "log.h"
#include "projection.h"
#include "service.h"
#include "topics.h"
#include "whistle_metrics.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* page.html, put into the program by embed.cmake */
extern const char board_page[];
extern const size_t board_page_len;

enum { METRICS_EVERY = 10 }; /* turns of `between`, about a second each */

static struct board_settings {
    const char *path;
} settings;

static const struct config_row rows[] = {
        {"CHUISHAO_BOARD_DB", CONFIG_TEXT, offsetof(struct board_settings, path), "",
                false,
                "the SQLite file; empty: board.sqlite in CHUISHAO_RUN_DIR; may be "
                "deleted while the board is stopped"},
};

struct board {
    struct projection_spec spec;
    struct projection *projection;
    struct bus_config bus;
    struct board_db *db;
    struct board_metrics *metrics;
    struct board_view *view;
    struct sql *ledgers; /* read-only, of the HTTP server's thread */
    const struct policy *policy;
    char event_topic[TOPIC_NAME_SIZE], audit_topic[TOPIC_NAME_SIZE];
    char (*names)[TOPIC_NAME_SIZE];
    const char **topics;
    unsigned turns;
};

/* ---- from Kafka into the file ---- */

static bool apply(void *ctx, const struct bus_msg *msg, struct error *err)
{
    struct board *board = ctx;
    if (str_is(msg->topic, board->event_topic))
        return msg->tombstone || board_db_event(board->db, msg->value, err);
    if (str_is(msg->topic, board->audit_topic))
        return msg->tombstone || board_db_audit(board->db, msg->value, err);
    return board_db_dead_letter(board->db, msg, err);
}

static bool between(void *ctx, struct error *err)
{
    struct board *board = ctx;
    return board->turns++ % METRICS_EVERY != 0 ||
           (board_metrics_show(board->metrics, err) &&
                   whistle_metrics(projection_sql(board->projection), board->policy,
                           instant_now(), err));
}

static void add_topic(struct board *board, const char *name, const char *suffix)
{
    size_t at = board->spec.n_topics++;
    size_t length = strlen(name), more = strlen(suffix);
    assert(length + more < TOPIC_NAME_SIZE); /* ours end well before a broker's limit */
    memcpy(board->names[at], name, length);
    memcpy(board->names[at] + length, suffix, more + 1);
    board->topics[at] = board->names[at];
}

/* Every topic of ours that has a reader has a dead-letter topic beside it (topics.c). */
static void add_topics(struct board *board, const struct policy *policy, const char *lane)
{
    static const char *const read[] = {TOPIC_INTAKE, TOPIC_ACCEPTED, TOPIC_CLASSIFIED,
            TOPIC_COMMAND, TOPIC_UNIT_ORDERS};
    char name[TOPIC_NAME_SIZE];
    topic_name(board->event_topic, TOPIC_EVENT, lane);
    topic_name(board->audit_topic, TOPIC_AUDIT, lane);
    add_topic(board, board->event_topic, "");
    add_topic(board, board->audit_topic, "");
    board->spec.n_required = board->spec.n_topics;
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        topic_name(name, read[i], lane);
        add_topic(board, name, ".dlt");
    }
    for (size_t i = 0; i < policy->n_units; i++)
        if (policy->units[i].queue == &policy->units[i]) {
            topic_unit_actions(name, policy->units[i].code, lane);
            add_topic(board, name, ".dlt");
        }
}

static void board_close(void *ctx)
{
    struct board *board = ctx;
    if (!board)
        return;
    board_view_close(board->view);
    sql_close(board->ledgers);
    board_db_close(board->db);
    board_metrics_close(board->metrics);
    projection_close(board->projection);
    free(board->names);
    free(board->topics);
    free(board);
}

static void *board_open(
        const struct service_env *env, struct stage_spec *spec, struct error *err)
{
    (void)spec; /* the board is no stage: it decides nothing */
    char path[1024];
    struct board *board = calloc(1, sizeof *board);
    size_t most = 7 + env->policy->n_units;
    if (board) {
        board->names = calloc(most, sizeof *board->names);
        board->topics = calloc(most, sizeof *board->topics);
    }
    if (!board || !board->names || !board->topics) {
        board_close(board);
        (void)error_set(err, ERR_FATAL, "out_of_memory",
                "no memory to start with"); /* NULL says it failed */
        return NULL;
    }
    board->bus = env->bus;
    board->policy = env->policy;
    board->spec = (struct projection_spec){
            .name = "board",
            .topics = board->topics,
            .schema = board_schema,
            .schema_version = BOARD_SCHEMA_VERSION,
            .apply = apply,
            .between = between,
            .ctx = board,
    };
    add_topics(board, env->policy, env->config->lane);
    projection_path(path, sizeof path, env->config, "board", settings.path);
    if (projection_open(&board->projection, &board->spec, path, err) &&
            board_db_open(&board->db, projection_sql(board->projection), err) &&
            board_view_open(&board->view, path, env->policy, err) &&
            sql_open(&board->ledgers, path, true, err)) {
        board->metrics = board_metrics_open(projection_sql(board->projection));
        return board;
    }
    board_close(board);
    return NULL;
}

static bool board_run(void *ctx, const volatile int *stop, struct error *err)
{
    struct board *board = ctx;
    return projection_run(board->projection, &board->bus, stop, err);
}

static bool board_ready(void *ctx)
{
    const struct board *board = ctx;
    return projection_ready(board->projection);
}

/* ---- over HTTP ---- */

static struct http_reply problem(
        const struct http_request *request, int status, const char *title)
{
    return (struct http_reply){status, "application/problem+json",
            arena_printf(request->arena,
                    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}", title,
                    status)};
}

static int64_t query_int(const struct http_request *request, const char *name,
        int64_t fallback, int64_t max)
{
    struct str text = http_query(request, name);
    int64_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || n > max)
            return fallback;
        n = n * 10 + (text.ptr[i] - '0');
    }
    return n == 0 ? fallback : n > max ? max : n;
}

/* Any day of the week, YYYY-MM-DD; without one, or with one that is none, today. */
static int32_t query_week(const struct http_request *request, instant now)
{
    char full[32];
    instant day = now;
    struct str text = http_query(request, "week");
    if (text.len == 10) {
        (void)snprintf(full, sizeof full, "%.10sT00:00:00+08:00", text.ptr);
        if (!instant_parse(str_of(full), &day, NULL))
            day = now;
    }
    return calendar_day_of(day);
}

static bool answer(struct board *board, const struct http_request *request,
        struct str *json, struct error *err)
{
    static const struct str CASES = {"/api/cases/", 11};
    instant now = instant_now();
    struct arena *arena = request->arena;
    if (str_is(request->path, "/api/summary"))
        return board_view_summary(
                board->view, projection_lag(board->projection), now, arena, json, err);
    if (str_is(request->path, "/api/units"))
        return board_view_units(board->view, now, arena, json, err);
    if (str_is(request->path, "/api/accounts"))
        return board_accounts(board->ledgers, board->policy, arena, json, err);
    if (str_is(request->path, "/api/digest"))
        return board_digest(board->ledgers, board->policy, query_week(request, now), now,
                arena, json, err);
    if (str_is(request->path, "/api/names"))
        return board_view_names(board->view, arena, json, err);
    if (str_is(request->path, "/api/whistles"))
        return board_view_whistles(
                board->view, http_query(request, "month"), now, arena, json, err);
    if (str_is(request->path, "/api/cases")) {
        const struct board_filter filter = {
                .unit = http_query(request, "unit"),
                .stage = http_query(request, "stage"),
                .urgency = http_query(request, "urgency"),
                .id = http_query(request, "id"),
                .after = http_query(request, "after"),
                .overdue = str_is(http_query(request, "overdue"), "1"),
                .limit = query_int(request, "limit", BOARD_LIMIT, BOARD_LIMIT_MAX),
        };
        return board_view_cases(board->view, &filter, now, arena, json, err);
    }
    if (str_starts(request->path, CASES)) {
        struct str case_id = {
                request->path.ptr + CASES.len, request->path.len - CASES.len};
        return board_view_case(board->view, case_id, now, arena, json, err);
    }
    return true;
}

static struct http_reply board_handle(void *ctx, const struct http_request *request)
{
    struct board *board = ctx;
    bool page = str_is(request->path, "/") || str_is(request->path, "/index.html");
    if (!page && !str_starts(request->path, STR("/api/")))
        return (struct http_reply){0};
    if (!str_is(request->method, "GET") && !str_is(request->method, "HEAD"))
        return problem(request, 405, "the board is only read");
    if (page)
        return (struct http_reply){
                200, "text/html; charset=utf-8", {board_page, board_page_len}};
    struct str json = {0};
    struct error err = {0};
    if (!answer(board, request, &json, &err)) {
        log_warn("view_failed", "code=%s reason=\"%s\"", err.code, err.text);
        return problem(
                request, 503, "the board's file cannot be read just now; try again");
    }
    if (!json.len)
        return problem(request, 404, "there is no such thing on the board");
    return (struct http_reply){200, "application/json", json};
}

int main(int argc, char **argv)
{
    const struct service service = {
            .name = "board",
            .purpose = "shows queues, deadlines and each case's story from a projection "
                       "of the events",
            .rows = rows,
            .n_rows = sizeof rows / sizeof *rows,
            .own = &settings,
            .needs_policy = true,
            .open = board_open,
            .close = board_close,
            .run = board_run,
            .ready = board_ready,
            .handler = board_handle,
    };
    return service_main(&service, argc, argv);
}
