/* What the files of masking share: a text being read, a masked one being written. The
 * steps below are tried at every character, so the small ones are inline. */
#ifndef CHUISHAO_MASK_PARTS_H
#define CHUISHAO_MASK_PARTS_H

#include "mask_core.h"

#include <stdint.h>

struct mask_reader {
    struct str text;
    size_t at;
    char *out;
    size_t n;
};

/* The code point at text[at], and its length; a stray byte is one of its own. */
static inline uint32_t mask_char_at(struct str text, size_t at, size_t *len)
{
    const unsigned char *p = (const unsigned char *)text.ptr + at;
    size_t left = text.len - at;
    *len = 1;
    if (left == 0)
        return 0;
    if (p[0] < 0xC0)
        return p[0];
    size_t n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (n > left)
        return p[0];
    uint32_t c = n == 2 ? p[0] & 0x1FU : n == 3 ? p[0] & 0x0FU : p[0] & 0x07U;
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3FU);
    *len = n;
    return c;
}

static inline struct str mask_rest(const struct mask_reader *r)
{
    return (struct str){r->text.ptr + r->at, r->text.len - r->at};
}

static inline void mask_keep(struct mask_reader *r, size_t len)
{
    memcpy(r->out + r->n, r->text.ptr + r->at, len);
    r->n += len;
    r->at += len;
}

static inline void mask_put_star(struct mask_reader *r)
{
    r->out[r->n++] = '*';
}

static inline bool mask_is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool mask_is_ascii_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* Whether the character of len bytes at p is one of set's. */
static inline bool mask_one_of(const char *p, size_t len, const char *set)
{
    struct str one = {p, len}, all = str_of(set);
    for (size_t i = 0, step; i < all.len; i += step) {
        (void)mask_char_at(all, i, &step);
        if (str_eq((struct str){all.ptr + i, step}, one))
            return true;
    }
    return false;
}

/* The length of the word that text begins with, 0: none. */
static inline size_t mask_starts_with_any(
        struct str text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_starts(text, str_of(words[i])))
            return strlen(words[i]);
    return 0;
}

/* May stand before the @ of an e-mail address. */
static inline bool mask_is_local_char(uint32_t c)
{
    return mask_is_letter(c) || mask_is_ascii_digit(c) || c == '.' || c == '_' ||
           c == '%' || c == '+' || c == '-';
}

/* Each of these takes or leaves what begins at the reader's place; true when it took it.
 */

/* ---- mask_numbers_core.c ---- */

/* At the first digit of a group: masks the number that begins there. */
bool mask_take_number(struct mask_reader *r);

/* A group of digits that is no number of ours stays whole, so that none is looked for
 * inside it. */
bool mask_keep_digits(struct mask_reader *r);

bool mask_take_email(struct mask_reader *r);
bool mask_take_plate(struct mask_reader *r);

/* ---- mask_names_core.c ---- */

/* A word such as 我叫 and the name after it. */
bool mask_take_cued_name(struct mask_reader *r);

/* Shows the first of len bytes of a name. */
void mask_write_name(struct mask_reader *r, size_t len, size_t first);

#endif
