/* What both codecs do with one text. */
#include "codec_parts.h"
#include "mask_core.h"

size_t codec_count_chars(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return n;
}

bool codec_is_blank(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        struct str left = {text.ptr + i, text.len - i};
        if (str_starts(left, STR("\xE3\x80\x80")))
            i += 2;
        else if (!strchr(" \t\r\n", text.ptr[i]))
            return false;
    }
    return true;
}

struct str codec_masked(
        struct str text, const struct mask_known *known, size_t n, struct arena *arena)
{
    if (text.len == 0)
        return text;
    char *out = arena_alloc(arena, text.len);
    return (struct str){out, mask_text(text, known, n, out)};
}
