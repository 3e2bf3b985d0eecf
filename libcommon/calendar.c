#include "calendar.h"

enum { MINUTES_PER_DAY = 24 * 60, FIRST_DAY = 17532 /* 2018-01-01 */ };

static const int64_t ms_per_minute = 60 * 1000;
static const int64_t ms_per_day = (int64_t)MINUTES_PER_DAY * 60 * 1000;

#define X(name, text) text,
const char *const time_unit_names[TIME_UNIT_COUNT] = {TIME_UNITS(X)};
#undef X

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int32_t calendar_day_of(instant t)
{
    return (int32_t)floor_div(t.ms + CHINA_OFFSET_MS, ms_per_day);
}

static instant at_minute(int32_t day, int32_t minute)
{
    return (instant){day * ms_per_day + minute * ms_per_minute - CHINA_OFFSET_MS};
}

bool calendar_is_workday(const struct calendar *calendar, int32_t day)
{
    int32_t i = day - FIRST_DAY;
    if (i >= 0 && i < (int32_t)sizeof calendar->days &&
            calendar->days[i] != DAY_BY_WEEKDAY)
        return calendar->days[i] == DAY_WORKED;
    int32_t weekday = ((day + 3) % 7 + 7) % 7; /* 0: Monday; 1970-01-01 was a Thursday */
    return weekday < 5;
}

static int32_t next_workday(const struct calendar *calendar, int32_t day)
{
    do
        day++;
    while (!calendar_is_workday(calendar, day));
    return day;
}

/* The office hours of a working day; without any the whole day counts. */
static int span_count(const struct calendar *calendar)
{
    return calendar->n_spans > 0 ? calendar->n_spans : 1;
}

static int32_t span_from(const struct calendar *calendar, int i)
{
    return calendar->n_spans > 0 ? calendar->spans[i].from : 0;
}

static int32_t span_to(const struct calendar *calendar, int i)
{
    return calendar->n_spans > 0 ? calendar->spans[i].to : MINUTES_PER_DAY;
}

/* The instant at which `ms` of office time have passed since from. A budget that is used
 * up exactly at the end of a span ends there, not at the start of the next one. */
static instant after_office_time(
        const struct calendar *calendar, instant from, int64_t ms)
{
    if (ms <= 0)
        return from;
    int32_t day = calendar_day_of(from);
    if (!calendar_is_workday(calendar, day))
        day = next_workday(calendar, day);
    for (;;) {
        for (int i = 0; i < span_count(calendar); i++) {
            int64_t start = at_minute(day, span_from(calendar, i)).ms;
            int64_t end = at_minute(day, span_to(calendar, i)).ms;
            if (start < from.ms)
                start = from.ms;
            if (start >= end)
                continue;
            if (ms <= end - start)
                return (instant){start + ms};
            ms -= end - start;
        }
        day = next_workday(calendar, day);
    }
}

/* Office time between two instants. */
static int64_t office_time(const struct calendar *calendar, instant from, instant to)
{
    int64_t ms = 0;
    for (int32_t day = calendar_day_of(from); day <= calendar_day_of(to); day++) {
        if (!calendar_is_workday(calendar, day))
            continue;
        for (int i = 0; i < span_count(calendar); i++) {
            int64_t start = at_minute(day, span_from(calendar, i)).ms;
            int64_t end = at_minute(day, span_to(calendar, i)).ms;
            if (start < from.ms)
                start = from.ms;
            if (end > to.ms)
                end = to.ms;
            if (end > start)
                ms += end - start;
        }
    }
    return ms;
}

static int64_t unit_ms(enum time_unit unit)
{
    switch (unit) {
    case UNIT_MINUTE:
        return ms_per_minute;
    case UNIT_HOUR:
    case UNIT_WORK_HOUR:
    case UNIT_EMERGENCY_HOUR:
        return 60 * ms_per_minute;
    case UNIT_DAY:
    case UNIT_WORK_DAY:
    case TIME_UNIT_COUNT:
        break;
    }
    return ms_per_day;
}

instant calendar_due(const struct calendar *calendar, instant from, int32_t amount,
        enum time_unit unit)
{
    if (amount <= 0)
        return from;
    int32_t day = calendar_day_of(from);
    switch (unit) {
    case UNIT_MINUTE:
    case UNIT_HOUR:
    case UNIT_EMERGENCY_HOUR:
        break;
    case UNIT_WORK_HOUR:
        return after_office_time(calendar, from, amount * unit_ms(unit));
    case UNIT_DAY:
        day += amount;
        if (!calendar_is_workday(calendar, day))
            day = next_workday(calendar, day);
        return at_minute(day, MINUTES_PER_DAY);
    case UNIT_WORK_DAY:
        for (int32_t i = 0; i < amount; i++)
            day = next_workday(calendar, day);
        return at_minute(day, span_to(calendar, span_count(calendar) - 1));
    case TIME_UNIT_COUNT:
        break;
    }
    return (instant){from.ms + amount * unit_ms(unit)};
}

instant calendar_share(const struct calendar *calendar, instant from, int32_t amount,
        enum time_unit unit, int percent)
{
    instant due = calendar_due(calendar, from, amount, unit);
    if (percent >= 100)
        return due;
    if (percent <= 0)
        return from;
    switch (unit) {
    case UNIT_WORK_HOUR:
    case UNIT_WORK_DAY: /* a share of the office time, so that half of a budget never
                           falls into a night */
        return after_office_time(
                calendar, from, office_time(calendar, from, due) * percent / 100);
    case UNIT_MINUTE:
    case UNIT_HOUR:
    case UNIT_DAY:
    case UNIT_EMERGENCY_HOUR:
    case TIME_UNIT_COUNT:
        break;
    }
    return (instant){from.ms + (due.ms - from.ms) * percent / 100};
}
