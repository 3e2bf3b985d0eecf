#include "sound_core.h"

#include <stdbool.h>

static const struct sound_reading *readings(uint32_t letter)
{
    bool known = letter >= SOUND_FIRST && letter <= SOUND_LAST;
    return sound_sets[known ? sound_set_of[letter - SOUND_FIRST] : 0];
}

enum sound sound_compare(uint32_t a, uint32_t b)
{
    const struct sound_reading *x = readings(a), *y = readings(b);
    if (a == b)
        return SOUND_SAME;
    enum sound most = SOUND_OTHER;
    for (int i = 0; i < SOUND_READINGS_MAX && x[i].syllable; i++)
        for (int k = 0; k < SOUND_READINGS_MAX && y[k].syllable; k++) {
            if (x[i].syllable == y[k].syllable)
                return SOUND_SAME;
            if (x[i].heard == y[k].heard)
                most = SOUND_LIKE;
        }
    return most;
}

size_t sound_heard(uint32_t letter, uint32_t heard[SOUND_READINGS_MAX])
{
    const struct sound_reading *all = readings(letter);
    size_t n = 0;
    for (int i = 0; i < SOUND_READINGS_MAX && all[i].syllable; i++)
        if (!n || heard[n - 1] != all[i].heard) /* 弄 is long and nong */
            heard[n++] = all[i].heard;
    if (!n)
        heard[n++] = letter;
    return n;
}
