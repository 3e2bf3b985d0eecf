/* Working time by the Chinese calendar: statutory holidays and make-up workdays (调休)
 * from yearly files in the holiday-cn format, office hours from the policy. Pure: no
 * clock, no I/O. */
#ifndef CHUISHAO_CALENDAR_H
#define CHUISHAO_CALENDAR_H

#include "instant.h"
#include <stdbool.h>
#include <stdint.h>

enum {
    CALENDAR_FIRST_YEAR = 2018,
    CALENDAR_FIRST_DAY = 17532, /* 2018-01-01 */
    CALENDAR_YEARS = 32,
    CALENDAR_SPANS = 4
};

enum calendar_day {
    DAY_BY_WEEKDAY,
    DAY_OFF,
    DAY_WORKED
}; /* what a yearly file says of a day */

struct calendar {
    /* what the files say, by day from 1 January CALENDAR_FIRST_YEAR */
    uint8_t days[CALENDAR_YEARS * 366];
    bool known[CALENDAR_YEARS]; /* that year's file is there and not empty */
    struct {
        int32_t from, to; /* minutes of the day: office hours, in order, e.g. 540-720,
                             810-1050 */
    } spans[CALENDAR_SPANS];
    int n_spans;
};

/* Days since 1970-01-01 of the Chinese calendar day that t falls on. */
int32_t calendar_day_of(instant t);

/* YYYYMMDD of a day. */
int32_t calendar_date(int32_t day);

/* When that minute of the day begins; minute 24 * 60 is the end of the day. */
instant calendar_minute(int32_t day, int32_t minute);

/* 0: Monday to 6: Sunday. */
int calendar_weekday(int32_t day);

/* What the yearly files say of a day. */
enum calendar_day calendar_listed(const struct calendar *calendar, int32_t day);

/* The year's holidays and make-up workdays are known. */
bool calendar_knows(const struct calendar *calendar, int32_t year);

/* The last day, as YYYYMMDD, of the last year whose file is there and not empty; 0: there
 * is none. */
int32_t calendar_known_until(const struct calendar *calendar);

/* A working day: a make-up workday, or Monday to Friday and not a listed holiday. */
bool calendar_is_workday(const struct calendar *calendar, int32_t day);

/* Clock units 计时单位 (DOMAIN.md 2.2): emergency hours 紧急工作时 run round the clock
 * like natural hours but are named apart. */
#define TIME_UNITS(X)                                                                    \
    X(MINUTE, "minute")                                                                  \
    X(HOUR, "hour")                                                                      \
    X(DAY, "day")                                                                        \
    X(WORK_HOUR, "work_hour")           /* 工作时 */                                  \
    X(EMERGENCY_HOUR, "emergency_hour") /* 紧急工作时 */                            \
    X(WORK_DAY, "work_day")             /* 工作日 */

#define X(name, text) UNIT_##name,
enum time_unit { TIME_UNITS(X) TIME_UNIT_COUNT };
#undef X
extern const char *const time_unit_names[TIME_UNIT_COUNT];

/* When a budget that starts to run at `from` is used up. Hours and minutes run from the
 * moment (civil code 民法典 art. 201 ¶2); days exclude the first day (art. 201 ¶1), end
 * at the close of business where there are office hours for work days and at 24:00 for
 * natural days (art. 203 ¶2), and a natural period that would end on a day off ends on
 * the next working day (art. 203 ¶1). */
instant calendar_due(const struct calendar *calendar, instant from, int32_t amount,
        enum time_unit unit);

/* Art. 203 once more: where a period of natural days ends whose end was moved to `at` by
 * a time that does not count: there, or at 24:00 of the next working day when that is on
 * a day off. */
instant calendar_not_off(const struct calendar *calendar, instant at);

/* A whole percent (1 to 100) of the way: the instant at which that share of the budget is
 * used. */
instant calendar_share(const struct calendar *calendar, instant from, int32_t amount,
        enum time_unit unit, int percent);

/* How much of a unit's own time lies between two instants: office time for work hours and
 * work days, for the others all of it. */
int64_t calendar_between(
        const struct calendar *calendar, instant from, instant to, enum time_unit unit);

/* The instant at which so much more of the unit's own time has passed. */
instant calendar_later(
        const struct calendar *calendar, instant from, int64_t ms, enum time_unit unit);

/* How a budget is used up, step by step. calendar_due is the end of this walk, so what
 * the steps tell is what was decided. */
enum calendar_step_kind {
    STEP_RUN,       /* round the clock from `from` to `to` */
    STEP_OFFICE,    /* a span of office time from `from` to `to` */
    STEP_CLOSED,    /* a working day whose office hours were over already */
    STEP_DAY_OFF,   /* passed over */
    STEP_FIRST_DAY, /* the day it began is not counted (art. 201 ¶1) */
    STEP_DAY,       /* counted */
    STEP_MOVED /* not counted: the end, because the last day was off (art. 203 ¶1) */
};

struct calendar_step {
    enum calendar_step_kind kind;
    int32_t day;
    instant from, to; /* STEP_RUN, STEP_OFFICE; the last step always has `to` */
    int64_t used;     /* so far, this step included: days of days, otherwise ms */
    bool last;        /* the budget is used up at `to` */
};

struct calendar_walk {
    const struct calendar *calendar; /* borrowed */
    instant from;
    enum time_unit unit;
    int64_t budget, used; /* days of days, otherwise ms */
    int32_t day;
    int span;   /* the next one of the day */
    bool begun; /* the first day is done with */
    bool done;
};

/* No budget (0 or less) has no steps: it is due at once. */
struct calendar_walk calendar_walk_from(const struct calendar *calendar, instant from,
        int32_t amount, enum time_unit unit);

/* False: the step before was the last one. */
bool calendar_walk_next(struct calendar_walk *walk, struct calendar_step *step);

#endif
