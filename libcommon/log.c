#include "log.h"

#include "instant.h"
#include "str.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_SIZE = 4096, TAIL_SIZE = 256, EVENTS_MAX = 64, LINES_PER_SECOND = 20 };

static const char *const level_names[] = {"error", "warn", "info", "debug"};

static struct {
    pthread_mutex_t lock;
    char service[32];
    enum log_level level;
    bool json;
    struct event_rate {
        char name[48];
        int64_t second;
        int64_t written, held;
    } rates[EVENTS_MAX];
    size_t n_rates;
} logger = {.lock = PTHREAD_MUTEX_INITIALIZER, .service = "chuishao", .level = LOG_INFO};

struct line {
    char text[LINE_SIZE];
    size_t len;
    size_t limit; /* what is beyond it is cut */
};

bool log_open(const char *service, const char *level, const char *format)
{
    bool json = strcmp(format, "json") == 0;
    if (!json && strcmp(format, "logfmt") != 0)
        return false;
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (strcmp(level, level_names[i]) != 0)
            continue;
        pthread_mutex_lock(&logger.lock);
        (void)snprintf(logger.service, sizeof logger.service, "%s", service);
        logger.level = (enum log_level)i;
        logger.json = json;
        pthread_mutex_unlock(&logger.lock);
        return true;
    }
    return false;
}

/* Whether this line may pass; *held is what was held back before it. Events beyond the
 * table are never held. */
static bool rate_passes(const char *event, int64_t *held)
{
    struct event_rate *rate = NULL;
    for (size_t i = 0; i < logger.n_rates && !rate; i++)
        if (strcmp(logger.rates[i].name, event) == 0)
            rate = &logger.rates[i];
    *held = 0;
    if (!rate) {
        if (logger.n_rates == EVENTS_MAX)
            return true;
        rate = &logger.rates[logger.n_rates++];
        *rate = (struct event_rate){0};
        (void)snprintf(rate->name, sizeof rate->name, "%s", event);
    }
    int64_t second = monotonic_ms() / 1000;
    if (second != rate->second) {
        rate->second = second;
        rate->written = 0;
    }
    if (rate->written == LINES_PER_SECOND) {
        rate->held++;
        return false;
    }
    rate->written++;
    *held = rate->held;
    rate->held = 0;
    return true;
}

static void put(struct line *line, const char *text, size_t len)
{
    size_t room = line->limit > line->len ? line->limit - line->len : 0;
    if (len > room)
        len = room;
    memcpy(line->text + line->len, text, len);
    line->len += len;
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

/* In quotes, with what would end them or the line escaped. Cut before half an escape. */
static void put_quoted(struct line *line, struct str value)
{
    put_text(line, "\"");
    for (size_t i = 0; i < value.len && line->len + 8 < line->limit; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        char escape[8];
        if (c == '"' || c == '\\')
            (void)snprintf(escape, sizeof escape, "\\%c", c);
        else if (c < 0x20)
            (void)snprintf(escape, sizeof escape, "\\u%04x", c);
        else
            (void)snprintf(escape, sizeof escape, "%c", c);
        put_text(line, escape);
    }
    put_text(line, "\"");
}

static bool plain_number(struct str value)
{
    if (value.len == 0 || value.len > 15 || (value.ptr[0] == '0' && value.len > 1))
        return false;
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return false;
    return true;
}

static void put_pair(struct line *line, struct str key, struct str value)
{
    if (line->len + key.len + 16 > line->limit)
        return; /* a pair goes whole or not at all, but for its value */
    if (logger.json) {
        put_text(line, ",\"");
        put(line, key.ptr, key.len);
        put_text(line, "\":");
        if (plain_number(value))
            put(line, value.ptr, value.len);
        else
            put_quoted(line, value);
        return;
    }
    put_text(line, " ");
    put(line, key.ptr, key.len);
    put_text(line, "=");
    bool quote = value.len == 0;
    for (size_t i = 0; i < value.len && !quote; i++)
        quote = (unsigned char)value.ptr[i] <= ' ' || value.ptr[i] == '"';
    if (quote)
        put_quoted(line, value);
    else
        put(line, value.ptr, value.len);
}

static bool key_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Length of a "key=" that begins at text, without the '='; 0 when none does. */
static size_t key_length(const char *text)
{
    size_t n = 0;
    while (key_char(text[n]))
        n++;
    return text[n] == '=' ? n : 0;
}

/* A value reaches to the next " key=", so that a sentence needs no quotes in the format.
 */
static void put_pairs(struct line *line, const char *text)
{
    while (*text) {
        size_t key = key_length(text);
        const char *value = key ? text + key + 1 : text;
        const char *end = value;
        while (*end && !(*end == ' ' && key_length(end + 1)))
            end++;
        struct str body = {value, (size_t)(end - value)};
        if (body.len >= 2 && body.ptr[0] == '"' && body.ptr[body.len - 1] == '"')
            body = (struct str){body.ptr + 1, body.len - 2};
        struct str name = key ? (struct str){text, key} : STR("text");
        if (!str_is(name, "service")) /* every line ends with ours */
            put_pair(line, name, body);
        text = *end ? end + 1 : end;
    }
}

void log_write(enum log_level level, const char *event, const char *format, ...)
{
    char pairs[2048], at[INSTANT_TEXT_SIZE], held_text[24];
    struct line line = {.limit = LINE_SIZE - TAIL_SIZE};
    int64_t held;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(pairs, sizeof pairs, format, args); /* a cut line is still one */
    va_end(args);

    pthread_mutex_lock(&logger.lock);
    if (level <= logger.level && rate_passes(event, &held)) {
        put_text(&line, logger.json ? "{\"event\":\"" : "");
        put_text(&line, event);
        put_text(&line, logger.json ? "\"" : "");
        put_pairs(&line, pairs);
        line.limit = LINE_SIZE - 2; /* the end of a line is never cut */
        if (held) {
            (void)snprintf(held_text, sizeof held_text, "%lld", (long long)held);
            put_pair(&line, STR("held"), str_of(held_text));
        }
        instant_format(instant_now(), at);
        put_pair(&line, STR("level"), str_of(level_names[level]));
        put_pair(&line, STR("service"), str_of(logger.service));
        put_pair(&line, STR("at"), str_of(at));
        memcpy(line.text + line.len, logger.json ? "}\n" : "\n", logger.json ? 2 : 1);
        line.len += logger.json ? 2 : 1;
        ssize_t written = write(STDERR_FILENO, line.text, line.len);
        (void)written; /* nobody is left to tell */
    }
    pthread_mutex_unlock(&logger.lock);
}
