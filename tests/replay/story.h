/* What the players of stories share: reading a story's lines, what came out and was not
 * expected yet, time and names. */
#ifndef CHUISHAO_STORY_H
#define CHUISHAO_STORY_H

#include "case_policy.h" /* china_time */
#include "policy.h"

#include <stdbool.h>

enum { STORY_OUTPUTS_MAX = 512, STORY_WORDS_MAX = 40, STORY_LINE_BYTES = 1024 };

extern struct story {
    const char *path;
    int line;
    instant now;
    struct story_output {
        char text[256];
        instant at;
    } outputs[STORY_OUTPUTS_MAX];
    int first, end; /* outputs not expected yet */
} story;

/* Ends the program, and says what came out and was not expected. */
_Noreturn void story_fail(const char *what, const char *detail);

/* Another thing came out, and what more there is to say of it. */
void story_put(instant at);
void story_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "2026-11-20 09:00" */
void story_time_text(char *out, size_t size, instant at);

/* ---- words ---- */

void story_take(char *out, size_t size, const char *text);
#define STORY_TAKE(out, text) story_take(out, sizeof(out), text)

/* The rest of "name=rest"; NULL: the word is another one. */
const char *story_value(const char *word, const char *name);

/* "2026-11-20T09:00" */
instant story_date(const char *text);

/* Words 1… of a line that moves time: a day and a time, or 30m, 4h, 3d from now. */
instant story_until(char **words, int n);

/* Names of units and pools. A code stays what it is, so that a story can name what does
 * not exist. */
const char *story_name(const struct policy *policy, const char *code);
const char *story_code(const struct policy *policy, const char *name);

/* ---- lines ---- */

struct story_word {
    const char *word;
    void (*run)(char **words, int n);
    int n;         /* how many words the line has; 0: any */
    bool is_check; /* it may follow while something is not expected yet */
};

/* Plays the story that the program's argument names; `expect` and `quiet` are known, a
 * line whose first word is not is given to act. Returns the exit status. */
int story_play(int argc, char **argv, const struct story_word *words, size_t n_words,
        void (*act)(char **words, int n));

#endif
