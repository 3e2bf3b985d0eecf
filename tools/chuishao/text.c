#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* One character of UTF-8; a byte that begins none stands for itself. */
static size_t next_char(const char *text, uint32_t *c)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t len = p[0] < 0x80         ? 1
                 : (p[0] >> 5) == 6  ? 2
                 : (p[0] >> 4) == 14 ? 3
                 : (p[0] >> 3) == 30 ? 4
                                     : 1;
    *c = len == 1 ? p[0] : p[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            *c = p[0];
            return 1;
        }
        *c = *c << 6 | (p[i] & 0x3fu);
    }
    return len;
}

/* Bidirectional overrides reorder what follows, so they count as control characters. */
static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

static int char_width(uint32_t c)
{
    bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
                (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
}

int text_width(const char *text)
{
    int width = 0;
    uint32_t c;
    for (const char *p = text; *p; p += next_char(p, &c)) {
        (void)next_char(p, &c);
        width += char_width(c);
    }
    return width;
}

void text_put(FILE *out, const char *text, int width, int max)
{
    int used = 0;
    bool cut = max > 0 && text_width(text) > max;
    uint32_t c;
    for (const char *p = text; *p;) {
        size_t len = next_char(p, &c);
        if (cut && used + char_width(c) > max - 1) {
            (void)fputs("…", out);
            used++;
            break;
        }
        if (is_control(c))
            (void)fputc(' ', out);
        else
            (void)fwrite(p, 1, len, out);
        used += char_width(c);
        p += len;
    }
    for (; used < width; used++)
        (void)fputc(' ', out);
}

void text_put_time(FILE *out, const char *time)
{
    if (strlen(time) >= 25 && time[10] == 'T' &&
            strcmp(time + strlen(time) - 6, "+08:00") == 0)
        (void)fprintf(out, "%.10s %.8s", time, time + 11);
    else
        text_put(out, time, 0, 0);
}
