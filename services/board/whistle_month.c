#include "whistle_month.h"

#include <stdio.h>

enum { MONTH_LEN = 7, YEAR_MIN = 1970, YEAR_MAX = 9998 };

static bool read_number(struct str text, size_t from, size_t n, int *out)
{
    *out = 0;
    for (size_t i = from; i < from + n; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *out = *out * 10 + (text.ptr[i] - '0');
    }
    return true;
}

/* month 13 is January of the next year. */
static instant start_of(int year, int month)
{
    char text[INSTANT_TEXT_SIZE];
    instant at;
    (void)snprintf(text, sizeof text, "%04d-%02d-01T00:00:00+08:00", year + month / 13,
            month == 13 ? 1 : month);
    return instant_parse(str_of(text), &at, NULL) ? at : (instant){0};
}

struct whistle_month whistle_month_of(struct str text, instant now)
{
    struct whistle_month month = {0};
    if (text.len != MONTH_LEN || text.ptr[4] != '-' ||
            !read_number(text, 0, 4, &month.year) ||
            !read_number(text, 5, 2, &month.month) || month.year < YEAR_MIN ||
            month.year > YEAR_MAX || month.month < 1 || month.month > 12) {
        month.year = instant_day(now) / 10000;
        month.month = instant_day(now) / 100 % 100;
    }
    month.from = start_of(month.year, month.month);
    month.to = start_of(month.year, month.month + 1);
    return month;
}
