#include "story.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct story story;

void story_fail(const char *what, const char *detail)
{
    char text[INSTANT_TEXT_SIZE];
    (void)fprintf(stderr, "%s:%d: %s%s%s\n", story.path, story.line, what,
            detail[0] ? ": " : "", detail);
    for (int i = story.first; i < story.end; i++) {
        story_time_text(text, sizeof text, story.outputs[i].at);
        (void)fprintf(stderr, "    came out: @%s %s\n", text, story.outputs[i].text);
    }
    exit(1);
}

void story_put(instant at)
{
    if (story.first == story.end)
        story.first = story.end = 0;
    if (story.end == STORY_OUTPUTS_MAX)
        story_fail("too much came out", "");
    story.outputs[story.end++] = (struct story_output){.at = at};
}

void story_say(const char *format, ...)
{
    struct story_output *out = &story.outputs[story.end - 1];
    size_t used = strlen(out->text);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(out->text + used, sizeof out->text - used, format, args);
    va_end(args);
}

void story_time_text(char *out, size_t size, instant at)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(at, text); /* 2026-11-20T09:00:00.000+08:00 */
    if (at.ms % 60000 == 0)
        (void)snprintf(out, size, "%.10s %.5s", text, text + 11);
    else
        (void)snprintf(out, size, "%.10s %.8s", text, text + 11);
}

/* ---- words ---- */

void story_take(char *out, size_t size, const char *text)
{
    if (!str_copy(out, size, str_of(text)))
        story_fail("too long", text);
}

const char *story_value(const char *word, const char *name)
{
    size_t len = strlen(name);
    return strncmp(word, name, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

instant story_date(const char *text)
{
    char day[11] = "", time[6] = "";
    if (strlen(text) != 16)
        story_fail("a date is like 2026-11-20T09:00", text);
    memcpy(day, text, 10);
    memcpy(time, text + 11, 5);
    return china_time(day, time);
}

static instant later(const char *amount)
{
    char *unit;
    long n = strtol(amount, &unit, 10);
    int64_t ms = *unit == 'm'   ? 60000
                 : *unit == 'h' ? 3600000
                 : *unit == 'd' ? 86400000
                                : 0;
    if (n <= 0 || !ms || unit[1])
        story_fail("an amount is like 30m, 4h or 3d", amount);
    return (instant){story.now.ms + n * ms};
}

instant story_until(char **words, int n)
{
    instant until = n == 3 ? china_time(words[1], words[2]) : later(words[1]);
    if (instant_before(until, story.now))
        story_fail("time goes backwards", "");
    return until;
}

const char *story_name(const struct policy *policy, const char *code)
{
    const struct unit *unit = policy_unit(policy, str_of(code));
    const struct pool *pool = policy_pool(policy, str_of(code));
    return unit ? unit->name : pool ? pool->name : code;
}

const char *story_code(const struct policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->n_units; i++)
        if (strcmp(policy->units[i].name, name) == 0)
            return policy->units[i].code;
    for (size_t i = 0; i < policy->n_pools; i++)
        if (strcmp(policy->pools[i].name, name) == 0)
            return policy->pools[i].code;
    return name;
}

/* ---- lines ---- */

static void expect(char **words, int n)
{
    char wanted[STORY_LINE_BYTES] = "";
    bool timed = n > 2 && words[1][0] == '@';
    for (int i = timed ? 3 : 1; i < n; i++) {
        if (wanted[0])
            (void)strcat(wanted, " ");
        (void)strcat(wanted, words[i]);
    }
    if (story.first == story.end)
        story_fail("expected, but nothing came out", wanted);
    const struct story_output *got = &story.outputs[story.first];
    if (strcmp(got->text, wanted) != 0)
        story_fail("expected something else", wanted);
    if (timed && got->at.ms != china_time(words[1] + 1, words[2]).ms)
        story_fail("came out at another time", words[2]);
    story.first++;
}

static void quiet(char **words, int n)
{
    (void)words, (void)n;
    if (story.first != story.end)
        story_fail("not quiet", "");
}

static const struct story_word checks[] = {
        {"expect", expect, 0, true},
        {"quiet", quiet, 0, true},
};

static const struct story_word *find(
        const struct story_word *table, size_t n_table, char **words, int n)
{
    for (size_t i = 0; i < n_table; i++)
        if (strcmp(words[0], table[i].word) == 0 && (table[i].n == 0 || table[i].n == n))
            return &table[i];
    return NULL;
}

static int split(char *line, char **words)
{
    char *rest = NULL;
    int n = 0;
    for (char *word = strtok_r(line, " \t\r\n", &rest); word;
            word = strtok_r(NULL, " \t\r\n", &rest)) {
        if (n == STORY_WORDS_MAX)
            story_fail("too many words", word);
        words[n++] = word;
    }
    return n;
}

int story_play(int argc, char **argv, const struct story_word *words, size_t n_words,
        void (*act)(char **words, int n))
{
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!file) {
        (void)fprintf(stderr, "usage: %s STORY\n", argv[0]);
        return 64;
    }
    story.path = argv[1];
    char line[STORY_LINE_BYTES], *said[STORY_WORDS_MAX];
    while (fgets(line, sizeof line, file)) {
        story.line++;
        int n = split(line, said);
        if (n == 0 || said[0][0] == '#')
            continue;
        const struct story_word *found = find(checks, COUNT(checks), said, n);
        if (!found)
            found = find(words, n_words, said, n);
        if (!(found && found->is_check) && story.first != story.end)
            story_fail("the story goes on, but something was not expected", "");
        (found ? found->run : act)(said, n);
    }
    (void)fclose(file);
    if (story.first != story.end)
        story_fail("the story ends, but something was not expected", "");
    return 0;
}
