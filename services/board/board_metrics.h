/* What Prometheus reads about cases. */
#ifndef CHUISHAO_BOARD_METRICS_H
#define CHUISHAO_BOARD_METRICS_H

#include "sql.h"

struct board_metrics;

/* sql is borrowed until board_metrics_close. */
struct board_metrics *board_metrics_open(struct sql *sql);
void board_metrics_close(struct board_metrics *metrics);

/* Sets the gauges and counters. */
MUST_USE bool board_metrics_show(struct board_metrics *metrics, struct error *err);

#endif
