/* A point in time, in milliseconds since the Unix epoch, UTC. Zero means never. The type
 * keeps instants from being mixed up with durations; the monotonic clock never becomes an
 * instant. */
#ifndef CHUISHAO_INSTANT_H
#define CHUISHAO_INSTANT_H

#include "error.h"
#include "str.h"
#include <stdint.h>

typedef struct {
    int64_t ms;
} instant;

/* China Standard Time: UTC+8 all year (no daylight saving since 1992). */
enum { CHINA_OFFSET_MS = 8 * 3600 * 1000 };

/* "2026-11-21T08:00:00.000+08:00" and its NUL. */
enum { INSTANT_TEXT_SIZE = 30 };

static inline bool instant_is_never(instant t)
{
    return t.ms == 0;
}

static inline bool instant_before(instant a, instant b)
{
    return a.ms < b.ms;
}

/* In [from, to); to never: open. */
static inline bool instant_within(instant from, instant to, instant at)
{
    return !instant_before(at, from) && (instant_is_never(to) || instant_before(at, to));
}

/* RFC 3339 with an offset or Z. A time without offset is ERR_INVALID naive_time, anything
 * else wrong bad_time; years 1970 to 9999. */
MUST_USE bool instant_parse(struct str text, instant *out, struct error *err);

/* RFC 3339 in China Standard Time, milliseconds, e.g. 2026-11-21T08:00:00.000+08:00. */
void instant_format(instant t, char out[INSTANT_TEXT_SIZE]);

/* The Chinese calendar day of t as YYYYMMDD. */
int32_t instant_day(instant t);

/* The wall clock. Only shells call it, once a turn. */
instant instant_now(void);

/* Milliseconds of the monotonic clock, for waits only. */
int64_t monotonic_ms(void);

#endif
