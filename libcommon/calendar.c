#include "calendar.h"

enum { MINUTES_PER_DAY = 24 * 60 };

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

/* In eras of 400 years from 1 March of a year 0 on, so that the leap day is the last one.
 */
int32_t calendar_date(int32_t day)
{
    int32_t since = day + 719468;
    int32_t era = (int32_t)floor_div(since, 146097), of_era = since - era * 146097;
    int32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int32_t from_march = (5 * of_year + 2) / 153;
    int32_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    int32_t of_month = of_year - (153 * from_march + 2) / 5 + 1;
    return (year + era * 400 + (month <= 2)) * 10000 + month * 100 + of_month;
}

instant calendar_minute(int32_t day, int32_t minute)
{
    return (instant){day * ms_per_day + minute * ms_per_minute - CHINA_OFFSET_MS};
}

int calendar_weekday(int32_t day)
{
    return ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
}

enum calendar_day calendar_listed(const struct calendar *calendar, int32_t day)
{
    int32_t i = day - CALENDAR_FIRST_DAY;
    bool inside = i >= 0 && i < (int32_t)sizeof calendar->days;
    return inside ? (enum calendar_day)calendar->days[i] : DAY_BY_WEEKDAY;
}

bool calendar_knows(const struct calendar *calendar, int32_t year)
{
    int32_t i = year - CALENDAR_FIRST_YEAR;
    return i >= 0 && i < CALENDAR_YEARS && calendar->known[i];
}

int32_t calendar_known_until(const struct calendar *calendar)
{
    for (int i = CALENDAR_YEARS - 1; i >= 0; i--)
        if (calendar->known[i])
            return (CALENDAR_FIRST_YEAR + i) * 10000 + 1231;
    return 0;
}

bool calendar_is_workday(const struct calendar *calendar, int32_t day)
{
    enum calendar_day listed = calendar_listed(calendar, day);
    if (listed != DAY_BY_WEEKDAY)
        return listed == DAY_WORKED;
    return calendar_weekday(day) < 5;
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

/* Office time between two instants. */
static int64_t office_time(const struct calendar *calendar, instant from, instant to)
{
    int64_t ms = 0;
    for (int32_t day = calendar_day_of(from); day <= calendar_day_of(to); day++) {
        if (!calendar_is_workday(calendar, day))
            continue;
        for (int i = 0; i < span_count(calendar); i++) {
            int64_t start = calendar_minute(day, span_from(calendar, i)).ms;
            int64_t end = calendar_minute(day, span_to(calendar, i)).ms;
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

static bool counts_days(enum time_unit unit)
{
    return unit == UNIT_DAY || unit == UNIT_WORK_DAY;
}

struct calendar_walk calendar_walk_from(const struct calendar *calendar, instant from,
        int32_t amount, enum time_unit unit)
{
    return (struct calendar_walk){
            .calendar = calendar,
            .from = from,
            .unit = unit,
            .budget = counts_days(unit) ? amount : amount * unit_ms(unit),
            .day = calendar_day_of(from),
            .done = amount <= 0,
    };
}

static void step_clock(struct calendar_walk *walk, struct calendar_step *step)
{
    walk->used = walk->budget;
    step->kind = STEP_RUN;
    step->from = walk->from;
    step->to = (instant){walk->from.ms + walk->budget};
    step->last = true;
}

/* Takes the next span of the day that has time left; false when there is none. A budget
 * that is used up exactly at the end of a span ends there, not at the start of the next
 * one. */
static bool step_span(struct calendar_walk *walk, struct calendar_step *step)
{
    while (walk->span < span_count(walk->calendar)) {
        int i = walk->span++;
        int64_t start = calendar_minute(walk->day, span_from(walk->calendar, i)).ms;
        int64_t end = calendar_minute(walk->day, span_to(walk->calendar, i)).ms;
        int64_t left = walk->budget - walk->used;
        if (start < walk->from.ms)
            start = walk->from.ms;
        if (start >= end)
            continue;
        if (left <= end - start) {
            end = start + left;
            step->last = true;
        }
        walk->used += end - start;
        walk->begun = true;
        step->kind = STEP_OFFICE;
        step->from.ms = start;
        step->to.ms = end;
        return true;
    }
    return false;
}

static void step_office(struct calendar_walk *walk, struct calendar_step *step)
{
    for (;;) {
        bool open = calendar_is_workday(walk->calendar, walk->day);
        if (open && step_span(walk, step)) {
            step->day = walk->day;
            return;
        }
        bool met = open && walk->begun; /* its spans were told */
        step->day = walk->day++;
        walk->span = 0;
        walk->begun = true;
        if (met)
            continue;
        step->kind = open ? STEP_CLOSED : STEP_DAY_OFF;
        return;
    }
}

static void step_day(struct calendar_walk *walk, struct calendar_step *step)
{
    bool working = calendar_is_workday(walk->calendar, walk->day);
    step->day = walk->day++;
    if (!walk->begun) {
        walk->begun = true;
        step->kind = STEP_FIRST_DAY;
    } else if (walk->used < walk->budget && (working || walk->unit == UNIT_DAY)) {
        walk->used++;
        step->kind = STEP_DAY;
        step->last = walk->used == walk->budget && working;
    } else {
        step->kind = working ? STEP_MOVED : STEP_DAY_OFF;
        step->last = working;
    }
    if (step->last)
        step->to = calendar_minute(step->day,
                walk->unit == UNIT_DAY
                        ? MINUTES_PER_DAY
                        : span_to(walk->calendar, span_count(walk->calendar) - 1));
}

bool calendar_walk_next(struct calendar_walk *walk, struct calendar_step *step)
{
    if (walk->done)
        return false;
    *step = (struct calendar_step){.day = walk->day};
    if (counts_days(walk->unit))
        step_day(walk, step);
    else if (walk->unit == UNIT_WORK_HOUR)
        step_office(walk, step);
    else
        step_clock(walk, step);
    step->used = walk->used;
    walk->done = step->last;
    return true;
}

static instant walk_end(struct calendar_walk walk)
{
    struct calendar_step step = {.to = walk.from};
    while (calendar_walk_next(&walk, &step))
        continue;
    return step.to;
}

instant calendar_due(const struct calendar *calendar, instant from, int32_t amount,
        enum time_unit unit)
{
    return walk_end(calendar_walk_from(calendar, from, amount, unit));
}

instant calendar_not_off(const struct calendar *calendar, instant at)
{
    int32_t day = calendar_day_of((instant){at.ms - 1}); /* 24:00 is of the day it ends */
    if (calendar_is_workday(calendar, day))
        return at;
    do
        day++;
    while (!calendar_is_workday(calendar, day));
    return calendar_minute(day, MINUTES_PER_DAY);
}

/* The instant at which `ms` of office time have passed since from. */
static instant after_office_time(
        const struct calendar *calendar, instant from, int64_t ms)
{
    struct calendar_walk walk = calendar_walk_from(calendar, from, 1, UNIT_WORK_HOUR);
    walk.budget = ms;
    walk.done = ms <= 0;
    return walk_end(walk);
}

static bool runs_in_office_time(enum time_unit unit)
{
    return unit == UNIT_WORK_HOUR || unit == UNIT_WORK_DAY;
}

int64_t calendar_between(
        const struct calendar *calendar, instant from, instant to, enum time_unit unit)
{
    return runs_in_office_time(unit) ? office_time(calendar, from, to) : to.ms - from.ms;
}

instant calendar_later(
        const struct calendar *calendar, instant from, int64_t ms, enum time_unit unit)
{
    return runs_in_office_time(unit) ? after_office_time(calendar, from, ms)
                                     : (instant){from.ms + ms};
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
