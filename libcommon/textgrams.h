/* The character 1-, 2- and 3-grams of a normalised text, and how it begins and ends: a
 * mark stands before the first and behind the last character. Pure. */
#ifndef CHUISHAO_TEXTGRAMS_H
#define CHUISHAO_TEXTGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TEXTGRAMS_LETTERS_MAX = 1024, /* of one text; what follows is not read */
    TEXTGRAMS_MAX = 3 * TEXTGRAMS_LETTERS_MAX + 4,
    TEXTGRAMS_SLOTS = 4096, /* a power of two above TEXTGRAMS_MAX */
    TEXTGRAMS_BEGIN = 2,    /* the marks, which no normalised text holds */
    TEXTGRAMS_END = 3,
};

/* A gram is its own key: up to three code points of 21 bits, the first lowest. */
struct textgram {
    uint64_t key;
    uint32_t count;
};

struct textgrams {
    struct textgram grams[TEXTGRAMS_MAX]; /* distinct, in the order they first occur */
    size_t n;
    uint16_t slots[TEXTGRAMS_SLOTS]; /* scratch */
};

void textgrams_count(struct textgrams *out, const uint32_t *text, size_t n);

/* It is of the text's very beginning or end. */
static inline bool textgram_is_marked(uint64_t key)
{
    return (key & 0x1fffff) == TEXTGRAMS_BEGIN ||
           (key >> 21 & 0x1fffff) == TEXTGRAMS_END || key >> 42 == TEXTGRAMS_END;
}

/* A bijection that spreads keys evenly. */
static inline uint64_t textgram_mix(uint64_t key)
{
    key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9u;
    key = (key ^ key >> 27) * 0x94d049bb133111ebu;
    return key ^ key >> 31;
}

/* Its code points; returns how many. */
static inline size_t textgram_letters(uint64_t key, uint32_t letters[3])
{
    size_t n = 0;
    for (; key; key >>= 21)
        letters[n++] = (uint32_t)(key & 0x1fffff);
    return n;
}

#endif
