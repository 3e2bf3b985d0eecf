#include "policy_load.h"

#include <jansson.h>
#include <stdlib.h>

enum {
    BUDGET_MAX = 100000,
    PERCENT_MAX = 100,
    HOURS_MAX = 24 * 366,
    MINUTES_MAX = 24 * 60
};

/* One JSON file being read. jansson keeps no positions, so a problem's line is that of
 * the first `"word"` behind `from`. */
struct source {
    struct policy_loader *loader;
    const char *file;
    struct str text;
    size_t from;
};

static size_t find_word(const struct source *source, const char *word)
{
    char quoted[POLICY_TEXT_MAX + 3];
    (void)snprintf(quoted, sizeof quoted, "\"%s\"", word);
    struct str rest = {source->text.ptr + source->from, source->text.len - source->from};
    size_t at = str_find(rest, str_of(quoted));
    return at == rest.len ? source->from : source->from + at;
}

static int line_of(const struct source *source, const char *word)
{
    size_t at = find_word(source, word);
    int line = 1;
    for (size_t i = 0; i < at; i++)
        line += source->text.ptr[i] == '\n';
    return line;
}

static json_t *open_json(struct source *source, bool required)
{
    if (!policy_read_file(source->loader, source->file, required, &source->text))
        return NULL;
    json_error_t error;
    json_t *root = json_loadb(
            source->text.ptr, source->text.len, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        policy_problem(source->loader, source->file, error.line > 0 ? error.line : 1,
                "is not JSON: %s", error.text);
    else if (!json_is_object(root))
        policy_problem(source->loader, source->file, 1, "must be a JSON object");
    if (root && !json_is_object(root)) {
        json_decref(root);
        return NULL;
    }
    return root;
}

/* A whole number from min to max under key; min, reported, when it is not. */
static int32_t int_of(const struct source *source, const json_t *object, const char *key,
        long min, long max)
{
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);
    if (json_is_integer(value) && number >= min && number <= max)
        return (int32_t)number;
    policy_problem(source->loader, source->file, line_of(source, key),
            "'%s' must be a whole number from %ld to %ld", key, min, max);
    return (int32_t)min;
}

static const char *kept(struct policy_loader *loader, const char *text)
{
    return arena_copy(loader->arena, str_of(text)).ptr;
}

/* ---- sla.json ---- */

static void read_rungs(
        const struct source *source, const json_t *rungs, struct sla_class *class)
{
    bool good = json_is_array(rungs) && json_array_size(rungs) > 0 &&
                json_array_size(rungs) <= SLA_RUNGS_MAX;
    int32_t last = 0;
    for (size_t i = 0; good && i < json_array_size(rungs); i++) {
        json_int_t rung = json_integer_value(json_array_get(rungs, i));
        good = rung > last && rung <= PERCENT_MAX;
        last = good ? (int32_t)rung : 0;
        class->ladder.rungs[class->ladder.n_rungs++].percent = last;
    }
    if (good && last == PERCENT_MAX)
        return;
    class->ladder.n_rungs = 0;
    policy_problem(source->loader, source->file, line_of(source, "rungs"),
            "the rungs of '%s' must be up to %d ascending percentages, the last one 100",
            class->name, SLA_RUNGS_MAX);
}

static void read_class(
        const struct source *source, const json_t *object, struct sla_class *class)
{
    struct policy_loader *loader = source->loader;
    const char *key;
    json_t *value;
    bool rungs = false;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        int clock = policy_enum(str_of(key), clock_names, CLOCK_COUNT);
        if (strcmp(key, "rungs") == 0) {
            rungs = true;
            read_rungs(source, value, class);
        } else if (clock < 0) {
            policy_problem(loader, source->file, line_of(source, key),
                    "'%s' has no clock '%s'", class->name, key);
        } else {
            const char *unit = json_string_value(json_object_get(value, "unit"));
            int i = policy_enum(str_of(unit), time_unit_names, TIME_UNIT_COUNT);
            struct source inside = *source;
            inside.from = find_word(source, key);
            class->budgets[clock].amount = int_of(
                    &inside, value, "amount", 1, BUDGET_MAX);
            if (i < 0)
                policy_problem(loader, source->file, line_of(&inside, "unit"),
                        "the clock '%s' of '%s' has no known unit of time", key,
                        class->name);
            else
                class->budgets[clock].unit = (enum time_unit)i;
        }
    }
    if (!rungs)
        policy_problem(
                loader, source->file, class->line, "'%s' has no rungs", class->name);
    if (class->budgets[CLOCK_HANDLE].amount == 0)
        policy_problem(loader, source->file, class->line, "'%s' has no clock 'handle'",
                class->name);
}

static int by_name(const void *a, const void *b)
{
    const struct sla_class *x = a, *y = b;
    return strcmp(x->name, y->name);
}

void policy_read_sla(struct policy_loader *loader)
{
    struct source source = {.loader = loader, .file = "sla.json"};
    struct policy *policy = loader->policy;
    json_t *root = open_json(&source, true);
    json_t *classes = json_object_get(root, "classes");
    if (root && !json_is_object(classes))
        policy_problem(loader, source.file, 1, "must hold an object \"classes\"");
    if (json_is_object(classes)) {
        loader->have_sla = true;
        size_t n = json_object_size(classes);
        policy->sla_classes = arena_alloc(
                loader->arena, n * sizeof *policy->sla_classes + 1);
        memset(policy->sla_classes, 0, n * sizeof *policy->sla_classes);
        const char *name;
        json_t *object;
        json_object_foreach(classes, name, object)
        {
            struct sla_class *class = &policy->sla_classes[policy->n_sla_classes++];
            struct source inside = source;
            inside.from = find_word(&source, name);
            class->name = kept(loader, name);
            class->line = line_of(&source, name);
            if (!name[0] || strlen(name) > 64)
                policy_problem(loader, source.file, class->line,
                        "'%s' is no name for an SLA class; write 1 to 64 characters",
                        name);
            read_class(&inside, object, class);
        }
        if (n)
            qsort(policy->sla_classes, n, sizeof *policy->sla_classes, by_name);
    }
    json_decref(root);
}

/* ---- policy.json ---- */

static const struct unit *unit_under(const struct source *source, const json_t *root,
        const char *key, enum unit_type type)
{
    struct policy_loader *loader = source->loader;
    const char *code = json_string_value(json_object_get(root, key));
    const struct unit *unit = code ? policy_unit(loader->policy, str_of(code)) : NULL;
    int line = line_of(source, key);
    if (!code)
        policy_problem(loader, source->file, line, "'%s' must be a unit's code", key);
    else if (!unit && loader->have_units)
        policy_problem(
                loader, source->file, line, "the %s '%s' is not in units.csv", key, code);
    else if (unit && unit->type != type)
        policy_problem(loader, source->file, line,
                "the %s '%s' is of the type %s in units.csv", key, code,
                unit_type_names[unit->type]);
    return unit;
}

void policy_read_settings(struct policy_loader *loader)
{
    struct source source = {.loader = loader, .file = "policy.json"};
    struct policy *policy = loader->policy;
    json_t *root = open_json(&source, true);
    if (!root)
        return;
    const char *name = json_string_value(json_object_get(root, "name"));
    if (name && policy_code_valid(name, 64))
        policy->name = kept(loader, name);
    else
        policy_problem(loader, source.file, line_of(&source, "name"),
                "'name' must be 1 to 64 of a-z, 0-9 and -");
    policy->desk = unit_under(&source, root, "desk", UNIT_TYPE_DESK);
    policy->district = unit_under(&source, root, "district", UNIT_TYPE_DISTRICT);
    policy->confidence_min = int_of(&source, root, "confidence_min", 0, PERCENT_MAX);
    policy->merge_window_hours = int_of(
            &source, root, "merge_window_hours", 0, HOURS_MAX);
    policy->merge_similarity = int_of(&source, root, "merge_similarity", 1, PERCENT_MAX);
    policy->handling.desk = (struct budget){
            int_of(&source, root, "desk_minutes", 1, MINUTES_MAX), UNIT_MINUTE};
    policy->handling.ladder = (struct sla_ladder){
            .rungs = {{50}, {80}, {100}}, .n_rungs = 3};
    json_decref(root);
}

/* ---- calendar/ ---- */

static bool minute_of(const char *text, int32_t *out)
{
    int hour, minute, end = 0;
    if (!text || sscanf(text, "%2d:%2d%n", &hour, &minute, &end) != 2 || end != 5 ||
            text[5])
        return false;
    if (hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > 24 * 60)
        return false;
    *out = hour * 60 + minute;
    return true;
}

static void read_office(struct policy_loader *loader)
{
    struct source source = {.loader = loader, .file = "calendar/office.json"};
    struct calendar *calendar = &loader->policy->calendar;
    json_t *root = open_json(&source, false);
    json_t *spans = json_object_get(root, "spans");
    size_t n = json_array_size(spans);
    if (root && (n == 0 || n > CALENDAR_SPANS))
        policy_problem(loader, source.file, line_of(&source, "spans"),
                "'spans' must be 1 to %d spans of office hours", CALENDAR_SPANS);
    int32_t last = 0;
    for (size_t i = 0; i < n && n <= CALENDAR_SPANS; i++) {
        const json_t *span = json_array_get(spans, i);
        int32_t from, to;
        if (!minute_of(json_string_value(json_array_get(span, 0)), &from) ||
                !minute_of(json_string_value(json_array_get(span, 1)), &to) ||
                from < last || to <= from) {
            policy_problem(loader, source.file, line_of(&source, "spans"),
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
    struct source source = {.loader = loader, .file = kept(loader, name)};
    struct calendar *calendar = &loader->policy->calendar;
    json_t *root = open_json(&source, false);
    if (!root)
        return;
    if (json_integer_value(json_object_get(root, "year")) != year)
        policy_problem(
                loader, source.file, line_of(&source, "year"), "'year' must be %d", year);
    json_t *days = json_object_get(root, "days");
    if (!json_is_array(days))
        policy_problem(loader, source.file, 1, "must hold an array \"days\"");
    for (size_t i = 0; i < json_array_size(days); i++) {
        const json_t *day = json_array_get(days, i);
        const char *date = json_string_value(json_object_get(day, "date"));
        const json_t *off = json_object_get(day, "isOffDay");
        instant at;
        if (!date || !json_is_boolean(off) || !policy_date(str_of(date), &at)) {
            policy_problem(loader, source.file, date ? line_of(&source, date) : 1,
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
            policy_problem(loader, source.file, line_of(&source, date),
                    "%s is a working day in one yearly file and off in another", date);
        calendar->days[index] = says;
        const char *called = json_string_value(json_object_get(day, "name"));
        if (called)
            loader->policy->holidays[index] = kept(loader, called);
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
