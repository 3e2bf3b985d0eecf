/* Text on a terminal: Chinese characters take two columns, and what came from outside
 * must not steer the terminal. */
#ifndef CHUISHAO_TEXT_H
#define CHUISHAO_TEXT_H

#include <stdio.h>

/* How many columns text takes. */
int text_width(const char *text);

/* Prints text with every control character as a space, padded to width columns (0: not).
 * A longer text is cut and ends in … when cut is wanted (max > 0). */
void text_put(FILE *out, const char *text, int width, int max);

/* "2026-11-21 08:05:14" of an RFC 3339 time in China Standard Time; another text is
 * printed as it is. */
void text_put_time(FILE *out, const char *time);

#endif
