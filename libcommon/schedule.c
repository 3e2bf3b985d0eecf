#include "schedule.h"

enum {

    MOVED_MAX = 31, /* the longest holiday has nine days */
    AHEAD_MAX = 366
};

#define X(name, text) text,
const char *const schedule_rhythm_names[RHYTHM_COUNT] = {SCHEDULE_RHYTHMS(X)};
#undef X

/* ---- rules ---- */

static bool take_number(struct str *rest, int32_t *out)
{
    size_t n = 0;
    int32_t value = 0;
    while (n < rest->len && n < 2 && rest->ptr[n] >= '0' && rest->ptr[n] <= '9')
        value = value * 10 + (rest->ptr[n++] - '0');
    rest->ptr += n;
    rest->len -= n;
    *out = value;
    return n > 0;
}

static bool take_char(struct str *rest, char wanted)
{
    if (!rest->len || rest->ptr[0] != wanted)
        return false;
    rest->ptr++;
    rest->len--;
    return true;
}

static bool take_days(struct str *rest, int32_t last, uint32_t *days)
{
    int32_t day;
    if (!take_char(rest, ':'))
        return false;
    do {
        if (!take_number(rest, &day) || day < 1 || day > last)
            return false;
        *days |= UINT32_C(1) << day;
    } while (take_char(rest, ','));
    return true;
}

/* "@09:00" and nothing more. */
static bool take_time(struct str *rest, int32_t *minute)
{
    int32_t hours, minutes;
    if (rest->len != 6 || !take_char(rest, '@') || !take_number(rest, &hours) ||
            !take_char(rest, ':') || !take_number(rest, &minutes) || rest->len ||
            hours > 23 || minutes > 59)
        return false;
    *minute = hours * 60 + minutes;
    return true;
}

bool schedule_rule_parse(struct str text, struct schedule_rule *rule)
{
    static const int32_t last_day[RHYTHM_COUNT] = {
            [RHYTHM_DAILY] = 0, [RHYTHM_WEEKLY] = 7, [RHYTHM_MONTHLY] = 31};
    for (int i = 0; i < RHYTHM_COUNT; i++) {
        struct str word = str_of(schedule_rhythm_names[i]);
        if (!str_starts(text, word))
            continue;
        struct str rest = {text.ptr + word.len, text.len - word.len};
        struct schedule_rule read = {.rhythm = (enum schedule_rhythm)i};
        if ((last_day[i] && !take_days(&rest, last_day[i], &read.days)) ||
                !take_time(&rest, &read.minute))
            return false;
        *rule = read;
        return true;
    }
    return false;
}

/* ---- days ---- */

static bool falls_on(const struct schedule_rule *rule, int32_t day)
{
    int32_t date = calendar_date(day) % 100;
    switch (rule->rhythm) {
    case RHYTHM_DAILY:
        return true;
    case RHYTHM_WEEKLY:
        return rule->days >> (calendar_weekday(day) + 1) & 1;
    case RHYTHM_MONTHLY:
        if (calendar_date(day + 1) % 100 ==
                1) /* the last day stands in for those it lacks */
            return rule->days >> date != 0;
        return rule->days >> date & 1;
    case RHYTHM_COUNT:
        break;
    }
    return false;
}

static int32_t moved(
        const struct schedule_rule *rule, const struct calendar *calendar, int32_t day)
{
    int32_t to = day;
    while (rule->workdays_only && to < day + MOVED_MAX &&
            !calendar_is_workday(calendar, to))
        to++;
    return to;
}

instant schedule_next(
        const struct schedule_rule *rule, const struct calendar *calendar, instant after)
{
    int32_t day = calendar_day_of(after) - MOVED_MAX;
    int32_t first = calendar_day_of(rule->valid_from);
    if (!instant_is_never(rule->valid_from) && day < first)
        day = first;
    for (int32_t last = day + MOVED_MAX + AHEAD_MAX; day <= last; day++) {
        if (!falls_on(rule, day))
            continue;
        if (!instant_is_never(rule->valid_to) &&
                !instant_before(calendar_minute(day, 0), rule->valid_to))
            break;
        instant at = calendar_minute(moved(rule, calendar, day), rule->minute);
        if (instant_before(after, at))
            return at;
    }
    return (instant){0};
}
