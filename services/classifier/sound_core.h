/* How a character sounds, without its tone: which ones are typed for one another. Pure.
 *
 * The readings are Unihan's (kTGHZ2013, the dictionary of the 通用规范汉字表, where it
 * has the character; else kMandarin). A character of several is each of them: 长 is zhang
 * and chang. */
#ifndef CHUISHAO_SOUND_CORE_H
#define CHUISHAO_SOUND_CORE_H

#include <stddef.h>
#include <stdint.h>

enum { SOUND_FIRST = 0x4E00, SOUND_LAST = 0x9FFF, SOUND_READINGS_MAX = 4 };

struct sound_reading {
    uint16_t syllable; /* numbers from 1; 0: no reading */
    uint16_t heard;    /* what it may be heard as: l for n, z for zh, an for ang */
};

/* Made by sounds.awk at build time: a character's set of readings. */
extern const uint16_t sound_set_of[SOUND_LAST - SOUND_FIRST + 1];
extern const struct sound_reading sound_sets[][SOUND_READINGS_MAX];

enum sound { SOUND_OTHER, SOUND_LIKE, SOUND_SAME };

/* Of code points. What has no reading sounds only like itself. */
enum sound sound_compare(uint32_t a, uint32_t b);

/* What a code point may be heard as: two that are not SOUND_OTHER share one of these.
 * Returns how many, at least one. */
size_t sound_heard(uint32_t letter, uint32_t heard[SOUND_READINGS_MAX]);

#endif
