/* What Prometheus reads about whistles. */
#ifndef CHUISHAO_WHISTLE_METRICS_H
#define CHUISHAO_WHISTLE_METRICS_H

#include "policy.h"
#include "sql.h"

/* Sets the gauges of all whistles, and 吹哨率: what every street whistled in the Chinese
 * month of now, beside the policy's low and high. */
MUST_USE bool whistle_metrics(
        struct sql *sql, const struct policy *policy, instant now, struct error *err);

#endif
