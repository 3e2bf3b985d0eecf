#include "instant.h"

#include <stddef.h>
#include <time.h>

enum { MS_PER_SECOND = 1000, MS_PER_DAY = 24 * 3600 * 1000 };

struct civil {
    int64_t year;
    int month, day;
};

/* Days since 1970-01-01 of a Gregorian date; years are counted from March, so that the
 * leap day is the last one. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    if (month <= 2)
        year--;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
           day_of_year - 719468;
}

static struct civil civil_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                                  day_of_era / 146096) /
                          365;
    int64_t day_of_year = day_of_era -
                          (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (int)((5 * day_of_year + 2) / 153);
    struct civil civil = {
            .year = year_of_era + era * 400 + (month >= 10),
            .month = month + (month < 10 ? 3 : -9),
            .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
    };
    return civil;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap_year(year));
}

/* Takes exactly n digits. */
static bool take_number(struct str *text, size_t n, int *out)
{
    if (text->len < n)
        return false;
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        char c = text->ptr[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    text->ptr += n;
    text->len -= n;
    *out = value;
    return true;
}

static bool take_any(struct str *text, const char *of)
{
    if (text->len == 0 || text->ptr[0] == 0 || !strchr(of, text->ptr[0]))
        return false;
    text->ptr++;
    text->len--;
    return true;
}

static bool bad_time(struct error *err)
{
    return error_set(err, ERR_INVALID, "bad_time",
            "not an RFC 3339 time; write it like 2026-11-21T08:00:00+08:00");
}

bool instant_parse(struct str text, instant *out, struct error *err)
{
    int year, month, day, hour, minute, second, fraction = 0;
    if (!take_number(&text, 4, &year) || !take_any(&text, "-") ||
            !take_number(&text, 2, &month) || !take_any(&text, "-") ||
            !take_number(&text, 2, &day) || !take_any(&text, "Tt ") ||
            !take_number(&text, 2, &hour) || !take_any(&text, ":") ||
            !take_number(&text, 2, &minute) || !take_any(&text, ":") ||
            !take_number(&text, 2, &second))
        return bad_time(err);
    if (year < 1970 || month < 1 || month > 12 || day < 1 ||
            day > month_days(year, month) || hour > 23 || minute > 59 || second > 59)
        return bad_time(err);
    if (take_any(&text, ".")) {
        int scale = 100, digit;
        if (!take_number(&text, 1, &digit))
            return bad_time(err);
        do {
            fraction += digit * scale;
            scale /= 10;
        } while (take_number(&text, 1, &digit));
    }
    if (text.len == 0)
        return error_set(err, ERR_INVALID, "naive_time",
                "a time without an offset; write it like 2026-11-21T08:00:00+08:00");
    int64_t offset = 0;
    if (!take_any(&text, "Zz")) {
        int offset_hour, offset_minute;
        bool west = take_any(&text, "-");
        if ((!west && !take_any(&text, "+")) || !take_number(&text, 2, &offset_hour) ||
                !take_any(&text, ":") || !take_number(&text, 2, &offset_minute) ||
                offset_hour > 23 || offset_minute > 59)
            return bad_time(err);
        offset = (offset_hour * 60 + offset_minute) * (west ? -1 : 1);
    }
    if (text.len != 0)
        return bad_time(err);
    int64_t ms = days_from_civil(year, month, day) * MS_PER_DAY +
                 ((hour * 60 + minute - offset) * 60 + second) * MS_PER_SECOND + fraction;
    /* Zero means never, and the Chinese form of a time has four digits for the year. */
    if (ms <= 0 || ms >= days_from_civil(10000, 1, 1) * MS_PER_DAY - CHINA_OFFSET_MS)
        return bad_time(err);
    out->ms = ms;
    return true;
}

static void put_number(char *out, int64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

void instant_format(instant t, char out[INSTANT_TEXT_SIZE])
{
    int64_t ms = t.ms + CHINA_OFFSET_MS;
    int64_t days = floor_div(ms, MS_PER_DAY);
    int64_t of_day = ms - days * MS_PER_DAY;
    struct civil civil = civil_from_days(days);
    memcpy(out, "0000-00-00T00:00:00.000+08:00", INSTANT_TEXT_SIZE);
    put_number(out, civil.year, 4);
    put_number(out + 5, civil.month, 2);
    put_number(out + 8, civil.day, 2);
    put_number(out + 11, of_day / 3600000, 2);
    put_number(out + 14, of_day / 60000 % 60, 2);
    put_number(out + 17, of_day / 1000 % 60, 2);
    put_number(out + 20, of_day % 1000, 3);
}

int32_t instant_day(instant t)
{
    struct civil civil = civil_from_days(floor_div(t.ms + CHINA_OFFSET_MS, MS_PER_DAY));
    return (int32_t)(civil.year * 10000 + civil.month * 100 + civil.day);
}

instant instant_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
    return (instant){(int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
}

int64_t monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
