#include "metrics.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

static const char *const kind_names[] = {"counter", "gauge", "histogram"};

/* Upper bounds in seconds: from one Redis round trip over a stalled broker to timers that
 * come after an outage of hours. */
static const double bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
        1, 2.5, 5, 10, 30, 60, 300, 1800, 7200};
enum { N_BOUNDS = sizeof bounds / sizeof *bounds };

struct metric {
    struct metric *next;
    enum metric_kind kind;
    char *name, *labels, *help;
    _Atomic int64_t count; /* counter; histogram: observations */
    _Atomic double value;  /* gauge */
    _Atomic int64_t
            buckets[N_BOUNDS + 1]; /* not cumulated; the last one is beyond the bounds */
    _Atomic int64_t sum_us;
};

/* Series are only ever added, so whoever holds a pointer needs no lock. */
static struct {
    pthread_mutex_t lock;
    struct metric *first, **last;
} registry = {PTHREAD_MUTEX_INITIALIZER, NULL, &registry.first};

static void *must(void *p)
{
    if (!p) {
        (void)fprintf(stderr, "out_of_memory where=metrics\n");
        exit(EX_OSERR);
    }
    return p;
}

static struct metric *metric_get(
        enum metric_kind kind, const char *name, const char *labels, const char *help)
{
    pthread_mutex_lock(&registry.lock);
    struct metric *metric = registry.first;
    while (metric &&
            (strcmp(metric->name, name) != 0 || strcmp(metric->labels, labels) != 0))
        metric = metric->next;
    if (!metric) {
        metric = must(calloc(1, sizeof *metric));
        metric->kind = kind;
        metric->name = must(strdup(name));
        metric->labels = must(strdup(labels));
        metric->help = must(strdup(help));
        *registry.last = metric;
        registry.last = &metric->next;
    }
    pthread_mutex_unlock(&registry.lock);
    assert(metric->kind == kind);
    return metric;
}

struct metric *metric_counter(const char *name, const char *labels, const char *help)
{
    return metric_get(METRIC_COUNTER, name, labels, help);
}

struct metric *metric_gauge(const char *name, const char *labels, const char *help)
{
    return metric_get(METRIC_GAUGE, name, labels, help);
}

struct metric *metric_histogram(const char *name, const char *labels, const char *help)
{
    return metric_get(METRIC_HISTOGRAM, name, labels, help);
}

void metric_add(struct metric *metric, int64_t n)
{
    atomic_fetch_add_explicit(&metric->count, n, memory_order_relaxed);
}

void metric_set(struct metric *metric, double value)
{
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void metric_observe(struct metric *metric, double seconds)
{
    size_t i = 0;
    while (i < N_BOUNDS && seconds > bounds[i])
        i++;
    atomic_fetch_add_explicit(&metric->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(
            &metric->sum_us, (int64_t)(seconds * 1e6), memory_order_relaxed);
    atomic_fetch_add_explicit(&metric->count, 1, memory_order_relaxed);
}

static void print_labels(FILE *out, const struct metric *metric)
{
    if (metric->labels[0])
        (void)fprintf(out, "{%s}", metric->labels);
}

static void print_histogram(FILE *out, struct metric *metric)
{
    const char *comma = metric->labels[0] ? "," : "";
    int64_t total = 0;
    for (size_t i = 0; i <= N_BOUNDS; i++) {
        total += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        (void)fprintf(out, "%s_bucket{%s%sle=\"", metric->name, metric->labels, comma);
        if (i < N_BOUNDS)
            (void)fprintf(out, "%g\"} %lld\n", bounds[i], (long long)total);
        else
            (void)fprintf(out, "+Inf\"} %lld\n", (long long)total);
    }
    (void)fprintf(out, "%s_sum", metric->name);
    print_labels(out, metric);
    (void)fprintf(out, " %.6f\n%s_count",
            (double)atomic_load_explicit(&metric->sum_us, memory_order_relaxed) / 1e6,
            metric->name);
    print_labels(out, metric);
    (void)fprintf(out, " %lld\n",
            (long long)total); /* equal to +Inf even while it is counted on */
}

static void print_series(FILE *out, struct metric *metric)
{
    if (metric->kind == METRIC_HISTOGRAM) {
        print_histogram(out, metric);
        return;
    }
    (void)fprintf(out, "%s", metric->name);
    print_labels(out, metric);
    if (metric->kind == METRIC_COUNTER)
        (void)fprintf(out, " %lld\n",
                (long long)atomic_load_explicit(&metric->count, memory_order_relaxed));
    else
        (void)fprintf(out, " %.17g\n",
                atomic_load_explicit(&metric->value, memory_order_relaxed));
}

static bool named_before(const struct metric *metric)
{
    for (const struct metric *m = registry.first; m != metric; m = m->next)
        if (strcmp(m->name, metric->name) == 0)
            return true;
    return false;
}

struct str metrics_text(struct arena *arena)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = must(open_memstream(&text, &len));
    pthread_mutex_lock(&registry.lock);
    for (struct metric *metric = registry.first; metric; metric = metric->next) {
        if (named_before(metric)) /* the format wants all series of a name together */
            continue;
        (void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help,
                metric->name, kind_names[metric->kind]);
        for (struct metric *m = metric; m; m = m->next)
            if (strcmp(m->name, metric->name) == 0)
                print_series(out, m);
    }
    pthread_mutex_unlock(&registry.lock);
    if (fclose(out) != 0) /* a memory stream fails only for want of memory */
        (void)must(NULL);
    struct str copy = arena_copy(arena, (struct str){text, len});
    free(text);
    return copy;
}
