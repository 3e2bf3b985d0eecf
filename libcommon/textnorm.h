/* One normaliser for training and serving: what differs only in how it was typed becomes
 * the same. Pure.
 *
 * 1. Full width and compatibility forms become plain ones (Ａ１： → a1:, ① → 1, ㎡ → m2),
 * ASCII letters small.
 * 2. Traditional characters of digits, units and addresses become simplified ones (號 →
 * 号), and so do financial digits where they stand as numbers (贰拾伍 → 二十五, but not
 * the 陆 of 大陆).
 * 3. A masked token (138****1234, A*****) becomes one *, an order or card number one #.
 * 4. What an operator puts before and behind every complaint is left out (市民来电反映：,
 * 请相关部门核实处理).
 * 5. Space, tabs, line breaks and control characters become one space; none at either
 * end. */
#ifndef CHUISHAO_TEXTNORM_H
#define CHUISHAO_TEXTNORM_H

#include "str.h"
#include <stdint.h>

/* Writes the code points of text to out[0..max); a text with more ends there. Bytes that
 * are not UTF-8 count as space. Returns how many. */
size_t textnorm(struct str text, uint32_t *out, size_t max);

/* Code points as UTF-8, terminated; as many whole ones as fit. Returns the bytes. */
size_t textnorm_utf8(const uint32_t *text, size_t n, char *out, size_t size);

#endif
