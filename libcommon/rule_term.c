#include "rule_term.h"

uint32_t rule_term_letters(struct str text)
{
    uint32_t inner = 0; /* bytes 10xxxxxx, which begin no character */
    size_t i = 0;
    for (; i + 8 <= text.len; i += 8) {
        uint64_t bytes;
        memcpy(&bytes, text.ptr + i, 8);
        uint64_t ones = bytes >> 7 & ~(bytes >> 6) & UINT64_C(0x0101010101010101);
        inner += (uint32_t)(ones * UINT64_C(0x0101010101010101) >> 56);
    }
    for (; i < text.len; i++)
        inner += ((unsigned char)text.ptr[i] & 0xc0) == 0x80;
    return (uint32_t)text.len - inner;
}

bool rule_term_word(struct str *side, struct str *word)
{
    if (side->len == 0)
        return false;
    size_t len = str_find(*side, STR("|"));
    *word = (struct str){side->ptr, len};
    len += len < side->len;
    *side = (struct str){side->ptr + len, side->len - len};
    return true;
}

/* The words of one side: a word, or (word|word). */
static const char *parse_side(struct str side, struct str *out)
{
    if (side.len == 0)
        return "has no word on one side";
    bool group = side.ptr[0] == '(';
    if (group != (side.ptr[side.len - 1] == ')'))
        return "has a bracket on one side only";
    if (group)
        side = (struct str){side.ptr + 1, side.len < 2 ? 0 : side.len - 2};
    *out = side;
    for (size_t i = 0; i < side.len; i++)
        if (strchr("(){}~", side.ptr[i]))
            return "has a bracket or ~ inside a word";
    if (!group && str_find(side, STR("|")) < side.len)
        return "has alternatives without brackets around them";
    bool ends = side.len == 0 || side.ptr[side.len - 1] == '|';
    for (struct str word; rule_term_word(&side, &word);)
        ends = ends || word.len == 0;
    return ends ? "has an empty alternative" : NULL;
}

/* {6} or {~6}; text begins at the bracket. */
static const char *parse_within(
        const char *text, struct rule_term *out, const char **behind)
{
    const char *p = text + 1;
    out->ordered = *p != '~';
    p += *p == '~';
    const char *digits = p;
    uint32_t within = 0;
    for (; *p >= '0' && *p <= '9' && p - digits < 3; p++)
        within = within * 10 + (uint32_t)(*p - '0');
    if (p == digits || *p != '}')
        return "has no number of characters, as in {6} or {~6}";
    if (within > RULE_TERM_WITHIN_MAX)
        return "allows more than 50 characters between its words; write the two as words "
               "of their own";
    out->within = within;
    *behind = p + 1;
    return NULL;
}

const char *rule_term_parse(const char *text, struct rule_term *out)
{
    *out = (struct rule_term){0};
    const char *open = strchr(text, '{'), *right = NULL;
    struct str left = {text, open ? (size_t)(open - text) : strlen(text)};
    const char *wrong = parse_side(left, &out->sides[RULE_LEFT]);
    if (!wrong && open)
        wrong = parse_within(open, out, &right);
    if (!wrong && right)
        wrong = parse_side(str_of(right), &out->sides[RULE_RIGHT]);
    return wrong;
}
