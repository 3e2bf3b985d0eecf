/* When a recurring order 例行工单 falls due. Pure: no clock, no I/O. */
#ifndef CHUISHAO_SCHEDULE_H
#define CHUISHAO_SCHEDULE_H

#include "calendar.h"
#include "str.h"

#define SCHEDULE_RHYTHMS(X)                                                              \
    X(DAILY, "daily")                                                                    \
    X(WEEKLY, "weekly")                                                                  \
    X(MONTHLY, "monthly")
#define X(name, text) RHYTHM_##name,
enum schedule_rhythm { SCHEDULE_RHYTHMS(X) RHYTHM_COUNT };
#undef X
extern const char *const schedule_rhythm_names[RHYTHM_COUNT];

struct schedule_rule {
    enum schedule_rhythm rhythm;
    uint32_t days;      /* weekly: bit 1 Monday to 7 Sunday; monthly: bit 1 to 31 */
    int32_t minute;     /* of the day */
    bool workdays_only; /* a day off moves it to the next working day 顺延 */
    instant valid_from, valid_to; /* [from, to) of the day before it is moved; never: open
                                   */
};

/* "daily@20:00", "weekly:1,4@08:30" (1 is Monday), "monthly:5,15,25@09:00"; false when it
 * is none. A month without such a day has it on its last one. */
bool schedule_rule_parse(struct str text, struct schedule_rule *rule);

/* The first time after `after`; never: there is none any more. Two days moved to the same
 * one are one time. */
instant schedule_next(
        const struct schedule_rule *rule, const struct calendar *calendar, instant after);

#endif
