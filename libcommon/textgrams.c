#include "textgrams.h"

#include <string.h>

static void add(struct textgrams *out, uint64_t key, size_t mask)
{
    size_t slot = textgram_mix(key) & mask;
    for (; out->slots[slot]; slot = (slot + 1) & mask) {
        struct textgram *gram = &out->grams[out->slots[slot] - 1];
        if (gram->key == key) {
            gram->count++;
            return;
        }
    }
    out->grams[out->n++] = (struct textgram){key, 1};
    out->slots[slot] = (uint16_t)out->n;
}

static uint64_t gram_of(uint64_t a, uint64_t b, uint64_t c)
{
    return a | b << 21 | c << 42;
}

static void add_ends(struct textgrams *out, const uint32_t *text, size_t n, size_t mask)
{
    add(out, gram_of(TEXTGRAMS_BEGIN, text[0], 0), mask);
    add(out, gram_of(text[n - 1], TEXTGRAMS_END, 0), mask);
    if (n < 2)
        return;
    add(out, gram_of(TEXTGRAMS_BEGIN, text[0], text[1]), mask);
    add(out, gram_of(text[n - 2], text[n - 1], TEXTGRAMS_END), mask);
}

void textgrams_count(struct textgrams *out, const uint32_t *text, size_t n)
{
    if (n > TEXTGRAMS_LETTERS_MAX)
        n = TEXTGRAMS_LETTERS_MAX;
    size_t slots = 64; /* as many as this text needs, so that a short one clears few */
    while (slots < 4 * n)
        slots *= 2;
    memset(out->slots, 0, slots * sizeof *out->slots);
    out->n = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t key = text[i];
        add(out, key, slots - 1);
        if (i + 1 < n)
            add(out, key |= (uint64_t)text[i + 1] << 21, slots - 1);
        if (i + 2 < n)
            add(out, key | (uint64_t)text[i + 2] << 42, slots - 1);
    }
    if (n)
        add_ends(out, text, n, slots - 1);
}
