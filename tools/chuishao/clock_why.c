#include "clock_why.h"

#include "casework_core.h"
#include "ledger.h"
#include "words.h"

#include <string.h>

enum { MINUTE_MS = 60 * 1000 };

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static bool instant_at(const json_t *object, const char *key, instant *out)
{
    return instant_parse(str_of(text_at(object, key)), out, NULL);
}

static bool pauses_read(const json_t *list, struct case_clock *out)
{
    if (json_array_size(list) > CASE_PAUSES_MAX)
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct case_pause *pause = &out->pauses[out->n_pauses++];
        if (!instant_at(json_array_get(list, i), "from", &pause->from) ||
                !instant_at(json_array_get(list, i), "to", &pause->to))
            return false;
    }
    return true;
}

static bool clock_read(const json_t *json, struct case_clock *out)
{
    json_int_t amount = json_integer_value(json_object_get(json, "amount"));
    json_int_t extra = json_integer_value(json_object_get(json, "extra"));
    int unit = 0;
    while (unit < TIME_UNIT_COUNT &&
            strcmp(text_at(json, "unit"), time_unit_names[unit]) != 0)
        unit++;
    *out = (struct case_clock){.unit = (enum time_unit)unit,
            .amount = (int32_t)amount,
            .extra = (int32_t)extra,
            .stood = json_integer_value(json_object_get(json, "stood")),
            .moved = json_integer_value(json_object_get(json, "moved"))};
    return unit < TIME_UNIT_COUNT && amount >= 1 && extra >= 0 &&
           amount + extra <= INT32_MAX && instant_at(json, "start", &out->start) &&
           pauses_read(json_object_get(json, "pauses"), out);
}

static void put_time(FILE *out, const char *text)
{
    (void)fprintf(out, "%.10s %.8s", text, text + 11);
}

static void put_head(FILE *out, const json_t *json)
{
    const char *stopped = text_at(json, "stopped"), *why = text_at(json, "why");
    json_int_t task = json_integer_value(json_object_get(json, "task"));
    (void)fprintf(out, "时钟 %s", word_of("clock", text_at(json, "clock")));
    if (task > 0)
        (void)fprintf(out, " 任务%d", (int)task);
    if (*stopped) {
        (void)fprintf(out, "(%s:", *why ? word_of("paused", why) : "已停");
        put_time(out, stopped);
        (void)fputc(')', out);
    }
    (void)fputc('\n', out);
}

static void put_pause(FILE *out, const json_t *pause)
{
    (void)fputs("停表 ", out);
    put_time(out, text_at(pause, "from"));
    (void)fputs(" 至 ", out);
    put_time(out, text_at(pause, "to"));
    (void)fprintf(out, "(%s),不计\n", word_of("paused", text_at(pause, "reason")));
}

bool clock_why_print(FILE *out, const struct policy *policy, const json_t *json)
{
    struct case_clock clock;
    if (!clock_read(json, &clock))
        return false;
    put_head(out, json);
    (void)ledger_print(out, policy, clock.start, clock.amount + clock.extra, clock.unit);
    if (clock.extra > 0)
        (void)fprintf(out, "其中同意延期 %d %s\n", (int)clock.extra,
                word_of("unit", time_unit_names[clock.unit]));
    if (clock.stood > 0)
        (void)fprintf(
                out, "此前停表 %lld 分钟,不计\n", (long long)(clock.stood / MINUTE_MS));
    for (size_t i = 0; i < json_array_size(json_object_get(json, "pauses")); i++)
        put_pause(out, json_array_get(json_object_get(json, "pauses"), i));
    if (clock.stood > 0 || clock.n_pauses > 0) {
        char due[INSTANT_TEXT_SIZE];
        instant_format(case_clock_due(policy, &clock), due);
        (void)fputs("顺延至 ", out);
        put_time(out, due);
        (void)fputc('\n', out);
    }
    (void)fputc('\n', out);
    return true;
}

json_t *clock_why_json(const struct policy *policy, const json_t *json)
{
    static const char *const copied[] = {
            "clock", "task", "extra", "stopped", "why", "pauses"};
    struct case_clock clock;
    if (!clock_read(json, &clock))
        return NULL;
    json_t *ledger = ledger_json(
            policy, clock.start, clock.amount + clock.extra, clock.unit);
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        (void)json_object_set(ledger, copied[i],
                json_object_get(json, copied[i])); /* absent: left out */
    if (clock.stood > 0)
        (void)json_object_set_new(ledger, "stood_ms", json_integer(clock.stood));
    char due[INSTANT_TEXT_SIZE];
    instant_format(case_clock_due(policy, &clock), due);
    (void)json_object_set_new(ledger, "due", json_string(due));
    return ledger;
}
