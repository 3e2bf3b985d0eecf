/* The walk over a text: what is tried at each character, in this order. */
#include "mask_parts.h"

static size_t count_chars(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return n;
}

/* Words that stand in the field of a name and name nobody. */
static bool names_nobody(struct str name)
{
    static const char *const words[] = {"匿名", "市民", "居民", "群众", "先生", "女士",
            "业主", "不详", "未知", "保密", "热心市民", "小区居民", "测试"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is(name, words[i]))
            return true;
    return false;
}

static bool take_known(
        struct mask_reader *r, const struct mask_known *known, size_t n_known)
{
    for (size_t i = 0; i < n_known; i++) {
        struct str text = known[i].text;
        size_t first;
        if (text.len == 0 || !str_starts(mask_rest(r), text))
            continue;
        if (known[i].number) {
            if (text.len < 5)
                continue;
            for (size_t j = 0; j + 2 < text.len; j++)
                mask_put_star(r);
            r->at += text.len - 2;
            mask_keep(r, 2);
            return true;
        }
        if (count_chars(text) < 2 || names_nobody(text))
            continue;
        (void)mask_char_at(text, 0, &first);
        mask_write_name(r, text.len, first);
        return true;
    }
    return false;
}

size_t mask_text(
        struct str text, const struct mask_known *known, size_t n_known, char *out)
{
    struct mask_reader r = {.text = text, .out = out};
    uint32_t before = 0;
    while (r.at < text.len) {
        size_t at = r.at, len;
        uint32_t c = mask_char_at(text, at, &len);
        bool taken = (mask_is_local_char(c) && !mask_is_local_char(before) &&
                             mask_take_email(&r)) ||
                     mask_take_number(&r) || take_known(&r, known, n_known) ||
                     mask_keep_digits(&r) || mask_take_plate(&r) ||
                     mask_take_cued_name(&r);
        if (!taken)
            mask_keep(&r, len);
        size_t last = r.at - 1; /* the character before, for the next turn */
        while (last > at && ((unsigned char)text.ptr[last] & 0xC0) == 0x80)
            last--;
        before = mask_char_at(text, last, &len);
    }
    return r.n;
}
