#include "board_metrics.h"
#include "board_core.h"
#include "metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

/* What this process has shown of one series. */
struct shown {
    struct metric *metric;
    int64_t n;
    unsigned round; /* when it was shown last */
};

struct shown_list {
    struct shown *items;
    size_t n;
};

struct board_metrics {
    struct sql *sql;
    struct shown_list open, breaches;
    unsigned round;
};

struct board_metrics *board_metrics_open(struct sql *sql)
{
    struct board_metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics)
        exit(EX_OSERR);
    metrics->sql = sql;
    return metrics;
}

void board_metrics_close(struct board_metrics *metrics)
{
    if (!metrics)
        return;
    free(metrics->open.items);
    free(metrics->breaches.items);
    free(metrics);
}

static struct shown *shown_of(struct shown_list *list, struct metric *metric)
{
    size_t i = 0;
    while (i < list->n && list->items[i].metric != metric)
        i++;
    if (i == list->n) {
        struct shown *items = realloc(list->items, (list->n + 1) * sizeof *items);
        if (!items)
            exit(EX_OSERR);
        list->items = items;
        list->items[list->n++] = (struct shown){.metric = metric};
    }
    return &list->items[i];
}

static void show_open_unit(struct board_metrics *metrics, struct sql_stmt *stmt)
{
    for (int clock = 0; clock < BOARD_CLOCK_COUNT; clock++) {
        char labels[96];
        (void)snprintf(labels, sizeof labels, "unit=\"%.*s\",clock=\"%s\"",
                STR_ARG(sql_str(stmt, 0)),
                board_clock_names[clock]); /* unit codes are short and plain */
        struct metric *metric = metric_gauge(
                "chuishao_sla_open", labels, "clocks that are running");
        shown_of(&metrics->open, metric)->round = metrics->round;
        metric_set(metric, (double)sql_int(stmt, clock + 1));
    }
}

static bool show_open(struct board_metrics *metrics, struct error *err)
{
    static const char QUERY[] = "SELECT unit"
#define X(name, text) ", sum(due_" #text " > 0 AND done_" #text " = 0)"
            BOARD_CLOCKS(X) " FROM cases WHERE open = 1 GROUP BY unit";
#undef X
    struct sql_stmt *stmt;
    bool row, ok;
    if (!sql_prepare(&stmt, metrics->sql, QUERY, err))
        return false;
    metrics->round++;
    while ((ok = sql_step(stmt, &row, err)) && row)
        show_open_unit(metrics, stmt);
    sql_done(stmt);
    /* A unit without open cases goes back to 0. */
    for (size_t i = 0; ok && i < metrics->open.n; i++)
        if (metrics->open.items[i].round != metrics->round)
            metric_set(metrics->open.items[i].metric, 0);
    return ok;
}

static bool show_breaches(struct board_metrics *metrics, struct error *err)
{
    struct sql_stmt *stmt;
    bool row, ok;
    if (!sql_prepare(&stmt, metrics->sql, "SELECT unit, clock, n FROM breaches", err))
        return false;
    while ((ok = sql_step(stmt, &row, err)) && row) {
        char labels[96];
        (void)snprintf(labels, sizeof labels, "unit=\"%.*s\",clock=\"%.*s\"",
                STR_ARG(sql_str(stmt, 0)), STR_ARG(sql_str(stmt, 1)));
        struct shown *shown = shown_of(
                &metrics->breaches, metric_counter("chuishao_sla_breached_total", labels,
                                            "clocks that ran past their due time"));
        int64_t n = sql_int(stmt, 2);
        if (n > shown->n) { /* less after a rebuild: a counter never goes back */
            metric_add(shown->metric, n - shown->n);
            shown->n = n;
        }
    }
    sql_done(stmt);
    return ok;
}

static bool show_stages(struct board_metrics *metrics, struct error *err)
{
    struct sql_stmt *stmt;
    bool row, ok;
    if (!sql_prepare(&stmt, metrics->sql,
                "SELECT substr(name, 7), n FROM counters WHERE name LIKE 'stage:%'", err))
        return false;
    while ((ok = sql_step(stmt, &row, err)) && row) {
        char labels[96];
        (void)snprintf(
                labels, sizeof labels, "stage=\"%.*s\"", STR_ARG(sql_str(stmt, 0)));
        metric_set(metric_gauge("chuishao_cases", labels, "cases by stage"),
                (double)sql_int(stmt, 1));
    }
    sql_done(stmt);
    return ok;
}

bool board_metrics_show(struct board_metrics *metrics, struct error *err)
{
    return show_open(metrics, err) && show_breaches(metrics, err) &&
           show_stages(metrics, err);
}
