/* calendar/: office hours, and holidays and make-up workdays by year. */
#include "policy_load.h"

#include <jansson.h>

static void read_office(struct policy_loader *loader)
{
    struct policy_source source = {.loader = loader, .file = "calendar/office.json"};
    struct calendar *calendar = &loader->policy->calendar;
    json_t *root = policy_json_open(&source, false);
    json_t *spans = json_object_get(root, "spans");
    size_t n = json_array_size(spans);
    if (root && (n == 0 || n > CALENDAR_SPANS))
        policy_problem(loader, source.file, policy_json_line(&source, "spans"),
                "'spans' must be 1 to %d spans of office hours", CALENDAR_SPANS);
    int32_t last = 0;
    for (size_t i = 0; i < n && n <= CALENDAR_SPANS; i++) {
        const json_t *span = json_array_get(spans, i);
        int32_t from, to;
        if (!policy_minute(json_string_value(json_array_get(span, 0)), &from) ||
                !policy_minute(json_string_value(json_array_get(span, 1)), &to) ||
                from < last || to <= from) {
            policy_problem(loader, source.file, policy_json_line(&source, "spans"),
                    "span %zu must be like [\"08:30\", \"12:00\"] and come after the one "
                    "before",
                    i + 1);
            continue;
        }
        calendar->spans[calendar->n_spans].from = from;
        calendar->spans[calendar->n_spans++].to = to;
        last = to;
    }
    json_decref(root);
}

static void read_year(struct policy_loader *loader, int year)
{
    char name[32];
    (void)snprintf(name, sizeof name, "calendar/%d.json", year);
    struct policy_source source = {.loader = loader, .file = policy_kept(loader, name)};
    struct calendar *calendar = &loader->policy->calendar;
    json_t *root = policy_json_open(&source, false);
    if (!root)
        return;
    if (json_integer_value(json_object_get(root, "year")) != year)
        policy_problem(loader, source.file, policy_json_line(&source, "year"),
                "'year' must be %d", year);
    json_t *days = json_object_get(root, "days");
    if (!json_is_array(days))
        policy_problem(loader, source.file, 1, "must hold an array \"days\"");
    for (size_t i = 0; i < json_array_size(days); i++) {
        const json_t *day = json_array_get(days, i);
        const char *date = json_string_value(json_object_get(day, "date"));
        const json_t *off = json_object_get(day, "isOffDay");
        instant at;
        if (!date || !json_is_boolean(off) || !policy_date(str_of(date), &at)) {
            policy_problem(loader, source.file,
                    date ? policy_json_line(&source, date) : 1,
                    "day %zu must have a \"date\" like 2026-10-01 and \"isOffDay\" true "
                    "or false",
                    i + 1);
            continue;
        }
        int32_t index = calendar_day_of(at) - CALENDAR_FIRST_DAY;
        if (index < 0 || index >= (int32_t)sizeof calendar->days)
            continue; /* a neighbour of the first year */
        uint8_t says = json_is_true(off) ? DAY_OFF : DAY_WORKED;
        if (calendar->days[index] != DAY_BY_WEEKDAY && calendar->days[index] != says)
            policy_problem(loader, source.file, policy_json_line(&source, date),
                    "%s is a working day in one yearly file and off in another", date);
        calendar->days[index] = says;
        const char *called = json_string_value(json_object_get(day, "name"));
        if (called)
            loader->policy->holidays[index] = policy_kept(loader, called);
    }
    calendar->known[year - CALENDAR_FIRST_YEAR] = json_array_size(days) > 0;
    json_decref(root);
}

void policy_read_calendar(struct policy_loader *loader)
{
    struct calendar *calendar = &loader->policy->calendar;
    size_t size = sizeof calendar->days * sizeof *loader->policy->holidays;
    loader->policy->holidays = arena_alloc(loader->arena, size);
    memset(loader->policy->holidays, 0, size);
    read_office(loader);
    for (int i = 0; i < CALENDAR_YEARS; i++)
        read_year(loader, CALENDAR_FIRST_YEAR + i);
    int year = instant_day(loader->now) / 10000;
    for (int y = year; y <= year + 1; y++) {
        char name[32];
        (void)snprintf(name, sizeof name, "calendar/%d.json", y);
        if (!calendar_knows(calendar, y))
            policy_warning(loader, name, 1,
                    "lists no days of %d: its holidays and make-up workdays are not "
                    "known, and deadlines "
                    "count Monday to Friday; add the file once the year is announced",
                    y);
    }
}
