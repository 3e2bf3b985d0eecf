/* Names that are nearly the same: 听潮明苑 for 听潮名苑, 桐花小区 for 桐花苑. Pure.
 *
 * A name is a core and an ending, 听潮 and 名苑; some endings have one of their own, 苑.
 * Two are nearly the same when
 * 1. their cores are the same, of two characters or more, and one of the endings of homes
 * (苑, 花园, 新村) is 小区 or missing; or
 * 2. one character of a core of three or more is wrong, missing or too much, and it is no
 * number, direction or other word by which neighbours are told apart (东里, 西里); or
 * 3. one character of the ending before its own ending is wrong, and does not make it
 * another one (名苑, 嘉苑); or
 * 4. their cores sound the same (sound_core.h), character by character, and their endings
 * are the same (栖木花园 for 桤木花园), or of a core of three or more as in rule 1; no
 * character that differs is one by which neighbours are told apart; or
 * 5. as in rule 4, but some only sound alike: n is heard as l, zh as z, ang as an.
 * What is the same to the character is not nearly so. */
#ifndef CHUISHAO_NEARLY_CORE_H
#define CHUISHAO_NEARLY_CORE_H

#include "str.h"
#include <stdbool.h>
#include <stdint.h>

enum {
    NEARLY_LETTERS_MAX = 16,
    NEARLY_SOUNDS_MAX = 16, /* ways to hear two characters */
    NEARLY_KEYS_MAX = NEARLY_LETTERS_MAX + 2 + 2 * NEARLY_SOUNDS_MAX
};

struct nearly_name {
    uint32_t letters[NEARLY_LETTERS_MAX]; /* as textnorm has them */
    size_t n, core;                       /* the longest ending is letters[core .. n) */
    size_t stem;                          /* the shortest one begins here */
    bool home;  /* the ending is one of homes; or there is none */
    bool plain; /* the ending is 小区, or there is none */
};

/* False: too short or too long to be told from another. */
bool nearly_read(struct str text, struct nearly_name *out);

/* By which rule two names are nearly the same. */
enum nearly {
    NEARLY_NOT,
    NEARLY_ENDING,
    NEARLY_SOUND,
    NEARLY_SHORT, /* the same sound, of a core of two: many names have one */
    NEARLY_LETTER,
    NEARLY_HEARD
};

/* By these a name is found where the other two find one as well. */
static inline bool nearly_is_sure(enum nearly by)
{
    return by == NEARLY_ENDING || by == NEARLY_SOUND || by == NEARLY_SHORT;
}

/* said: by a complaint; name: in the policy. */
enum nearly nearly_same(const struct nearly_name *said, const struct nearly_name *name);

/* Two names that are nearly the same share one of these at least. Returns how many. */
size_t nearly_keys(const struct nearly_name *name, uint32_t keys[NEARLY_KEYS_MAX]);

#endif
