/* Letters of UTF-8 as numbers, and where address_index has what begins with two of them.
 * Pure. */
#ifndef CHUISHAO_ADDRESS_LETTERS_H
#define CHUISHAO_ADDRESS_LETTERS_H

#include "address_core.h"

static inline size_t letter_size(char first)
{
    static const uint8_t sizes[16] = {1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 4};
    return sizes[(unsigned char)first >> 4];
}

/* A letter as a number, of those of four bytes three; 0: there is none. */
static inline uint32_t letter_at(struct str text, size_t at)
{
    if (at >= text.len)
        return 0;
    const unsigned char *p = (const unsigned char *)text.ptr + at;
    if (p[0] < 0xe0 || text.len - at < 3)
        return p[0];
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

/* Of words of one letter (next: 0), and of longer ones by the first two. */
static inline size_t bucket_of(uint32_t letter, uint32_t next)
{
    return (letter * 2654435761U + next * 2246822519U) >> (32 - ADDRESS_BUCKET_BITS);
}

#endif
