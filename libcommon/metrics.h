/* Counters, gauges and histograms of this process, printed as Prometheus text. Names
 * begin with chuishao_; labels are literals or codes from the policy, never ids. Updates
 * are atomic: the loop counts, the HTTP thread reads. */
#ifndef CHUISHAO_METRICS_H
#define CHUISHAO_METRICS_H

#include "arena.h"
#include "str.h"
#include <stdint.h>

struct metric;

/* Finds or makes the series; labels like `stage="router",outcome="dispatched"` or "".
 * help is shown once per name. Pointers stay valid for the process's life; look one up
 * once and keep it where it is counted often. */
struct metric *metric_counter(const char *name, const char *labels, const char *help);
struct metric *metric_gauge(const char *name, const char *labels, const char *help);

/* Buckets for seconds: 1 ms to 2 hours. */
struct metric *metric_histogram(const char *name, const char *labels, const char *help);

void metric_add(struct metric *metric, int64_t n);
void metric_set(struct metric *metric, double value);
void metric_observe(struct metric *metric, double seconds);

/* All series in the Prometheus text format. */
struct str metrics_text(struct arena *arena);

#endif
