#include "ledger.h"

#include "text.h"

#include <string.h>

enum { SPAN_TEXT_SIZE = 40, WHY_WIDTH = 26, WHAT_WIDTH = 44, NEEDED_DAYS = 45 };

static const int64_t ms_per_day = 24 * 3600 * 1000;

static const char *const unit_words[TIME_UNIT_COUNT] = {
        [UNIT_MINUTE] = "分钟",
        [UNIT_HOUR] = "小时",
        [UNIT_DAY] = "个自然日",
        [UNIT_WORK_HOUR] = "个工作时",
        [UNIT_EMERGENCY_HOUR] = "个紧急工作时",
        [UNIT_WORK_DAY] = "个工作日",
};

static const char *const begin_rules[TIME_UNIT_COUNT] = {
        [UNIT_MINUTE] = "自起算时刻连续计算(民法典第201条第2款)",
        [UNIT_HOUR] = "自起算时刻连续计算(民法典第201条第2款)",
        [UNIT_DAY] = "始日不计入(民法典第201条第1款)",
        [UNIT_WORK_HOUR] = "自起算时刻计算(民法典第201条第2款),约定只计办公时间(第204条)",
        [UNIT_EMERGENCY_HOUR] = "自起算时刻连续计算(民法典第201条第2款)",
        [UNIT_WORK_DAY] = "始日不计入(民法典第201条第1款),约定只计工作日(第204条)",
};

static const char *const step_names[] = {
        [STEP_RUN] = "run",
        [STEP_OFFICE] = "office",
        [STEP_CLOSED] = "closed",
        [STEP_DAY_OFF] = "day_off",
        [STEP_FIRST_DAY] = "first_day",
        [STEP_DAY] = "counted",
        [STEP_MOVED] = "moved",
};

static bool counts_days(enum time_unit unit)
{
    return unit == UNIT_DAY || unit == UNIT_WORK_DAY;
}

const char *ledger_weekday(int32_t day)
{
    static const char *const names[] = {
            "周一", "周二", "周三", "周四", "周五", "周六", "周日"};
    return names[calendar_weekday(day)];
}

static const char *why_code(const struct policy *policy, int32_t day)
{
    switch (calendar_listed(&policy->calendar, day)) {
    case DAY_OFF:
        return "holiday";
    case DAY_WORKED:
        return "makeup";
    case DAY_BY_WEEKDAY:
        break;
    }
    return calendar_is_workday(&policy->calendar, day) ? "workday" : "weekend";
}

/* 工作日, 周末, 国庆节放假, 调休上班(国庆节). */
static void put_why(FILE *out, const struct policy *policy, int32_t day, int width)
{
    char text[400];
    const char *name = policy_holiday(policy, day);
    switch (calendar_listed(&policy->calendar, day)) {
    case DAY_OFF:
        (void)snprintf(text, sizeof text, "%s放假", name);
        break;
    case DAY_WORKED:
        (void)snprintf(text, sizeof text, name[0] ? "调休上班(%s)" : "调休上班%s", name);
        break;
    case DAY_BY_WEEKDAY:
        (void)strcpy(
                text, calendar_is_workday(&policy->calendar, day) ? "工作日" : "周末");
        break;
    }
    text_put(out, text, width, width);
}

static void put_date(FILE *out, int32_t day)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(calendar_minute(day, 0), text);
    (void)fprintf(out, "%.10s %s", text, ledger_weekday(day));
}

/* 08:30, with seconds when there are any; the end of the day is 24:00. */
static int clock_text(char *out, size_t size, int32_t day, instant t)
{
    char text[INSTANT_TEXT_SIZE];
    if (calendar_day_of(t) > day)
        return snprintf(out, size, "24:00");
    instant_format(t, text);
    int length = strncmp(text + 20, "000", 3) != 0  ? 12
                 : strncmp(text + 17, "00", 2) != 0 ? 8
                                                    : 5;
    return snprintf(out, size, "%.*s", length, text + 11);
}

static void span_text(char out[SPAN_TEXT_SIZE], int32_t day, instant from, instant to)
{
    int n = clock_text(out, SPAN_TEXT_SIZE, day, from);
    n += snprintf(out + n, SPAN_TEXT_SIZE - (size_t)n, "-");
    (void)clock_text(out + n, SPAN_TEXT_SIZE - (size_t)n, day, to);
}

static void office_text(
        char out[SPAN_TEXT_SIZE], const struct calendar *calendar, int32_t day, int i)
{
    span_text(out, day, calendar_minute(day, calendar->spans[i].from),
            calendar_minute(day, calendar->spans[i].to));
}

void ledger_day(FILE *out, const struct policy *policy, int32_t day)
{
    const struct calendar *calendar = &policy->calendar;
    bool working = calendar_is_workday(calendar, day);
    put_date(out, day);
    (void)fprintf(out, "  %s  ", working ? "上班" : "休息");
    put_why(out, policy, day, working ? WHY_WIDTH : 0);
    for (int i = 0; working && i < calendar->n_spans; i++) {
        char span[SPAN_TEXT_SIZE];
        office_text(span, calendar, day, i);
        (void)fprintf(out, "%s%s", i ? " " : "  ", span);
    }
    (void)fputc('\n', out);
}

/* {date, weekday (1: Monday), why, name}; the same for a day and for a step. */
static json_t *day_json(const struct policy *policy, int32_t day)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(calendar_minute(day, 0), text);
    json_t *object = json_pack("{s:s%, s:i, s:b, s:s}", "date", text, (size_t)10,
            "weekday", calendar_weekday(day) + 1, "working",
            calendar_is_workday(&policy->calendar, day), "why", why_code(policy, day));
    const char *name = policy_holiday(policy, day);
    if (name[0])
        (void)json_object_set_new(object, "name", json_string(name));
    return object;
}

json_t *ledger_day_json(const struct policy *policy, int32_t day)
{
    const struct calendar *calendar = &policy->calendar;
    json_t *object = day_json(policy, day), *spans = json_array();
    bool working = calendar_is_workday(calendar, day);
    for (int i = 0; working && i < calendar->n_spans; i++) {
        char span[SPAN_TEXT_SIZE];
        office_text(span, calendar, day, i);
        (void)json_array_append_new(spans, json_string(span));
    }
    (void)json_object_set_new(object, "spans", spans);
    return object;
}

/* 3小时40分, with seconds when there are any. */
static int duration_text(char *out, size_t size, int64_t ms)
{
    int n = snprintf(out, size, "%lld小时%02lld分", (long long)(ms / 3600000),
            (long long)(ms / 60000 % 60));
    if (ms % 60000)
        n += snprintf(out + n, size - (size_t)n, "%06.3f秒", (double)(ms % 60000) / 1000);
    return n;
}

static void put_what(
        FILE *out, const struct calendar_step *step, enum time_unit unit, int64_t before)
{
    char text[200];
    int n;
    switch (step->kind) {
    case STEP_RUN:
        n = snprintf(text, sizeof text, "不分昼夜,计 ");
        (void)duration_text(text + n, sizeof text - (size_t)n, step->used - before);
        break;
    case STEP_OFFICE:
        span_text(text, step->day, step->from, step->to);
        n = (int)strlen(text);
        n += snprintf(text + n, sizeof text - (size_t)n, " 计 ");
        (void)duration_text(text + n, sizeof text - (size_t)n, step->used - before);
        break;
    case STEP_CLOSED:
        (void)strcpy(text, "已过办公时间,不计");
        break;
    case STEP_DAY_OFF:
        (void)strcpy(text, unit == UNIT_DAY ? "末日遇休假日,顺延" : "跳过");
        break;
    case STEP_FIRST_DAY:
        (void)strcpy(text, "始日不计入(第201条第1款)");
        break;
    case STEP_DAY:
        (void)strcpy(text, "计入");
        break;
    case STEP_MOVED:
        (void)strcpy(text, "休假日结束的次日为末日(第203条第1款)");
        break;
    }
    text_put(out, text, WHAT_WIDTH, 0);
}

static void put_sum(FILE *out, int64_t used, enum time_unit unit, int32_t amount)
{
    char text[80];
    if (counts_days(unit)) {
        (void)fprintf(out, "累计 %lld/%d\n", (long long)used, (int)amount);
        return;
    }
    (void)duration_text(text, sizeof text, used);
    (void)fprintf(out, "累计 %s\n", text);
}

static void put_instant(FILE *out, instant t)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(t, text);
    text_put_time(out, text);
    (void)fprintf(out, " %s", ledger_weekday(calendar_day_of(t)));
}

/* By which rule the last day ends when it ends. */
static const char *end_rule(const struct calendar *calendar, enum time_unit unit)
{
    if (!counts_days(unit))
        return "";
    return unit == UNIT_WORK_DAY && calendar->n_spans > 0
                   ? "末日至停止业务活动的时间(民法典第203条第2款)"
                   : "末日至二十四时(民法典第203条第2款)";
}

static void warn_unknown(
        FILE *out, const struct policy *policy, instant from, instant due)
{
    for (int32_t y = instant_day(from) / 10000; y <= instant_day(due) / 10000; y++)
        if (!calendar_knows(&policy->calendar, y))
            (void)fprintf(out,
                    "注意 %d 年的放假安排不在 calendar/%d.json 中,该年按周一至周五推算\n",
                    (int)y, (int)y);
}

instant ledger_print(FILE *out, const struct policy *policy, instant from, int32_t amount,
        enum time_unit unit)
{
    (void)fputs("起算 ", out);
    put_instant(out, from);
    (void)fprintf(
            out, ",期限 %d %s;%s\n", (int)amount, unit_words[unit], begin_rules[unit]);
    struct calendar_walk walk = calendar_walk_from(&policy->calendar, from, amount, unit);
    struct calendar_step step = {.to = from, .day = calendar_day_of(from)};
    for (int64_t before = 0; calendar_walk_next(&walk, &step); before = step.used) {
        put_date(out, step.day);
        (void)fputs("  ", out);
        put_why(out, policy, step.day, WHY_WIDTH);
        (void)fputs("  ", out);
        put_what(out, &step, unit, before);
        (void)fputs("  ", out);
        put_sum(out, step.used, unit, amount);
    }
    const char *rule = end_rule(&policy->calendar, unit);
    (void)fputs("到期 ", out);
    put_instant(out, step.to);
    (void)fprintf(out, "%s%s\n", rule[0] ? ";" : "", rule);
    warn_unknown(out, policy, from, step.to);
    return step.to;
}

static json_t *step_json(const struct policy *policy, const struct calendar_step *step,
        enum time_unit unit)
{
    json_t *object = day_json(policy, step->day);
    (void)json_object_set_new(object, "step", json_string(step_names[step->kind]));
    if (step->kind == STEP_OFFICE || step->kind == STEP_RUN) {
        char text[INSTANT_TEXT_SIZE];
        instant_format(step->from, text);
        (void)json_object_set_new(object, "from", json_string(text));
        instant_format(step->to, text);
        (void)json_object_set_new(object, "to", json_string(text));
    }
    (void)json_object_set_new(object, counts_days(unit) ? "used_days" : "used_ms",
            json_integer(step->used));
    return object;
}

json_t *ledger_json(
        const struct policy *policy, instant from, int32_t amount, enum time_unit unit)
{
    json_t *steps = json_array(), *unknown = json_array();
    struct calendar_walk walk = calendar_walk_from(&policy->calendar, from, amount, unit);
    struct calendar_step step = {.to = from};
    while (calendar_walk_next(&walk, &step))
        (void)json_array_append_new(steps, step_json(policy, &step, unit));
    for (int32_t y = instant_day(from) / 10000; y <= instant_day(step.to) / 10000; y++)
        if (!calendar_knows(&policy->calendar, y))
            (void)json_array_append_new(unknown, json_integer(y));
    char begin[INSTANT_TEXT_SIZE], due[INSTANT_TEXT_SIZE];
    instant_format(from, begin);
    instant_format(step.to, due);
    const char *rule = end_rule(&policy->calendar, unit);
    json_t *rules = json_pack("[s]", begin_rules[unit]);
    if (rule[0])
        (void)json_array_append_new(rules, json_string(rule));
    return json_pack("{s:s, s:i, s:s, s:o, s:s, s:o, s:o, s:s}", "from", begin, "amount",
            (int)amount, "unit", time_unit_names[unit], "steps", steps, "due", due,
            "rules", rules, "unknown_years", unknown, "policy", policy->version);
}

bool ledger_year_needed(int32_t year, instant now)
{
    return instant_day((instant){now.ms + NEEDED_DAYS * ms_per_day}) / 10000 >= year;
}
