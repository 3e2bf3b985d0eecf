/* Working time by the Chinese calendar: statutory holidays and make-up workdays (调休)
 * from yearly files in the holiday-cn format, office hours from the policy. Pure: no
 * clock, no I/O. */
#ifndef CHUISHAO_CALENDAR_H
#define CHUISHAO_CALENDAR_H

#include "instant.h"
#include <stdbool.h>
#include <stdint.h>

enum { CALENDAR_FIRST_YEAR = 2018, CALENDAR_YEARS = 32, CALENDAR_SPANS = 4 };

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

/* A whole percent (1 to 100) of the way: the instant at which that share of the budget is
 * used. */
instant calendar_share(const struct calendar *calendar, instant from, int32_t amount,
        enum time_unit unit, int percent);

#endif
