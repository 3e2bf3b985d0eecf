/* Numbers that lead to somebody, whichever way they are written; e-mail addresses and
 * licence plates. */
#include "mask_parts.h"

enum { DIGITS_MAX = 24, DIGIT_X = 10, SEPARATORS_MAX = 3, CUE_REACH = 36 };

/* One digit of a number, whichever way it is written. */
struct digit {
    int value;
    size_t from, to;
    bool starts_group; /* after a separator, or written another way than the one before */
    bool separated;
};

enum number_kind { NUMBER_NONE, NUMBER_MOBILE, NUMBER_LANDLINE, NUMBER_ID, NUMBER_CARD };

struct number {
    enum number_kind kind;
    size_t digits;     /* how many of them it has */
    size_t keep_first; /* shown at its start and end */
    size_t keep_last;
};

enum script { SCRIPT_NONE, SCRIPT_ASCII, SCRIPT_WIDE, SCRIPT_HAN };

static int digit_value(struct str text, size_t at, size_t *len, enum script *script)
{
    static const struct {
        uint32_t c;
        int value;
    } han[] = {{0x3007, 0}, {0x96F6, 0}, {0x4E00, 1}, {0x5E7A, 1}, {0x4E8C, 2},
            {0x4E09, 3}, {0x56DB, 4}, {0x4E94, 5}, {0x516D, 6}, {0x4E03, 7}, {0x516B, 8},
            {0x4E5D, 9}}; /* 〇零一幺二三四五六七八九 */
    uint32_t c = mask_char_at(text, at, len);
    *script = SCRIPT_NONE;
    if (at >= text.len)
        return -1;
    if (mask_is_ascii_digit(c)) {
        *script = SCRIPT_ASCII;
        return (int)(c - '0');
    }
    if (c >= 0xFF10 && c <= 0xFF19) {
        *script = SCRIPT_WIDE;
        return (int)(c - 0xFF10);
    }
    for (size_t i = 0; i < sizeof han / sizeof *han; i++) {
        if (han[i].c == c) {
            *script = SCRIPT_HAN;
            return han[i].value;
        }
    }
    return -1;
}

static bool is_separator(uint32_t c)
{
    switch (c) {
    case ' ':
    case '\t':
    case '-':
    case '.':
    case ')':
    case '_':
    case 0xA0:
    case 0xB7:
    case 0x200B:
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x3000:
    case 0xFF0D:
    case 0xFF09:
    case 0xFF0E:
        return true;
    default:
        return false;
    }
}

/* Digits from `at` on, separators between them passed over. */
static size_t gather(struct str text, size_t at, struct digit *digits)
{
    size_t n = 0, separators = 0;
    enum script last = SCRIPT_NONE;
    while (n < DIGITS_MAX && at < text.len) {
        size_t len;
        enum script script;
        int value = digit_value(text, at, &len, &script);
        uint32_t c = mask_char_at(text, at, &len);
        bool check = n == 17 && separators == 0 && (c == 'X' || c == 'x' || c == 0xFF38);
        if (check) {
            value = DIGIT_X;
            script = last;
        }
        if (value >= 0) {
            digits[n++] = (struct digit){value, at, at + len,
                    n == 0 || separators > 0 || script != last, separators > 0};
            last = script;
            separators = 0;
            if (check)
                break;
        } else if (n == 0 || !is_separator(c) || ++separators > SEPARATORS_MAX) {
            break;
        }
        at += len;
    }
    return n;
}

/* True when a group of digits ends before index i: nothing follows, or another group
 * does. */
static bool group_ends(const struct digit *digits, size_t n, size_t i)
{
    return i == n ? n < DIGITS_MAX : digits[i].starts_group;
}

static bool looks_mobile(const struct digit *d)
{
    return d[0].value == 1 && d[1].value >= 3 && d[1].value <= 9;
}

static int two(const struct digit *d)
{
    return d[0].value * 10 + d[1].value;
}

static bool all_decimal(const struct digit *d, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (d[i].value == DIGIT_X)
            return false;
    return true;
}

static bool month_and_day(const struct digit *d)
{
    return two(d) >= 1 && two(d) <= 12 && two(d + 2) >= 1 && two(d + 2) <= 31;
}

/* A birthday stands where GB 11643 puts it. */
static bool looks_id(const struct digit *d, size_t n)
{
    if (d[0].value < 1 || d[0].value > 8)
        return false;
    if (n == 18)
        return (two(d + 6) == 19 || two(d + 6) == 20 || two(d + 6) == 18) &&
               month_and_day(d + 10);
    return n == 15 && month_and_day(d + 8);
}

static bool luhn(const struct digit *d, size_t n)
{
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        int value = d[n - 1 - i].value * (i % 2 ? 2 : 1);
        sum += value > 9 ? value - 9 : value;
    }
    return sum % 10 == 0;
}

/* A word before the number says what it is. */
static bool cue_before(struct str text, size_t at, const char *const *cues, size_t n)
{
    size_t from = at > CUE_REACH ? at - CUE_REACH : 0;
    struct str before = {text.ptr + from, at - from};
    for (size_t i = 0; i < n; i++)
        if (str_find(before, str_of(cues[i])) < before.len)
            return true;
    return false;
}

static bool card_cue(struct str text, size_t at)
{
    static const char *const cues[] = {
            "卡号", "银行卡", "账号", "账户", "帐号", "储蓄卡", "信用卡"};
    return cue_before(text, at, cues, sizeof cues / sizeof *cues);
}

static bool id_cue(struct str text, size_t at)
{
    static const char *const cues[] = {"身份证", "证件号", "身份号"};
    return cue_before(text, at, cues, sizeof cues / sizeof *cues);
}

static bool phone_cue(struct str text, size_t at)
{
    static const char *const cues[] = {
            "电话", "座机", "固话", "联系方式", "来电", "致电", "传真"};
    return cue_before(text, at, cues, sizeof cues / sizeof *cues);
}

/* 010 and 02x are areas of three digits, all others have four. */
static size_t area_digits(const struct digit *d)
{
    if (d[0].value != 0 || d[1].value == 0)
        return 0;
    return (d[1].value == 1 && d[2].value == 0) || d[1].value == 2 ? 3 : 4;
}

/* Groups as people write a number: 138 1234 5678 or 1 3 8 …, not a date or a house
 * number. No separator at all: any. */
static bool grouped_like_a_number(const struct digit *d, size_t n)
{
    bool separated = false, all_short = true, all_long = true;
    for (size_t i = 0, len; i < n; i += len) {
        for (len = 1; i + len < n && !d[i + len].starts_group; len++)
            ;
        separated = separated || (i > 0 && d[i].separated);
        all_short = all_short && len <= 2;
        all_long = all_long && len >= 3;
    }
    return !separated || all_short || all_long;
}

/* What the first n digits are, taken together. */
static struct number number_of(struct str text, const struct digit *d, size_t n)
{
    static const struct number none = {NUMBER_NONE, 0, 0, 0};
    size_t at = d[0].from;
    bool grouped = grouped_like_a_number(d, n);
    bool decimal = all_decimal(d, n);
    if (n == 11 && grouped && decimal && looks_mobile(d))
        return (struct number){NUMBER_MOBILE, n, 3, 4};
    if (n == 13 && two(d) == 86 && decimal && looks_mobile(d + 2))
        return (struct number){NUMBER_MOBILE, n, 5, 4};
    if (n == 15 && two(d) == 0 && two(d + 2) == 86 && decimal && looks_mobile(d + 4))
        return (struct number){NUMBER_MOBILE, n, 7, 4};
    if (n == 22 && decimal && looks_mobile(d) && looks_mobile(d + 11))
        return (struct number){NUMBER_MOBILE, 11, 3, 4}; /* two, written without a gap */
    if (n >= 10 && n <= 12 && decimal) {
        size_t area = area_digits(d), local = n - area;
        if (area && (local == 8 || (local == 7 && area == 4)) &&
                (d[area].separated || n == 11 || phone_cue(text, at)))
            return (struct number){NUMBER_LANDLINE, n, area, 2};
    }
    if ((n == 18 || (n == 15 && decimal)) && grouped &&
            (looks_id(d, n) || id_cue(text, at)))
        return (struct number){NUMBER_ID, n, 3, 2};
    if (n >= 16 && n <= 19 && decimal && grouped &&
            ((d[0].value >= 3 && luhn(d, n)) ||
                    card_cue(text, at))) /* 19… and 20… begin a date */
        return (struct number){NUMBER_CARD, n, 0, 4};
    return none;
}

static void write_number(
        struct mask_reader *r, const struct digit *d, struct number number)
{
    for (size_t i = 0; i < number.digits; i++) {
        mask_keep(r, d[i].from - r->at); /* separators stay */
        if (i < number.keep_first || i >= number.digits - number.keep_last) {
            mask_keep(r, d[i].to - d[i].from);
        } else {
            mask_put_star(r);
            r->at = d[i].to;
        }
    }
}

bool mask_take_number(struct mask_reader *r)
{
    struct digit digits[DIGITS_MAX];
    size_t n = gather(r->text, r->at, digits);
    if (n == 0)
        return false;
    for (size_t i = 1; i <= n;
            i++) { /* the shortest run of whole groups that is a number */
        if (!group_ends(digits, n, i))
            continue;
        struct number number = number_of(r->text, digits, i);
        if (number.kind != NUMBER_NONE) {
            write_number(r, digits, number);
            return true;
        }
    }
    return false;
}

bool mask_keep_digits(struct mask_reader *r)
{
    struct digit digits[DIGITS_MAX];
    size_t n = gather(r->text, r->at, digits), first = 1;
    if (n == 0)
        return false;
    while (first < n && !digits[first].starts_group)
        first++;
    mask_keep(r, digits[first - 1].to - r->at);
    while (first == DIGITS_MAX) { /* longer than any number we know: to its end */
        size_t len;
        enum script script;
        if (digit_value(r->text, r->at, &len, &script) < 0)
            break;
        mask_keep(r, len);
    }
    return true;
}

bool mask_take_email(struct mask_reader *r)
{
    struct str text = mask_rest(r);
    size_t local = 0, len, domain, end, dot = 0;
    while (local < text.len && mask_is_local_char(mask_char_at(text, local, &len)))
        local++;
    if (local == 0 || local >= text.len)
        return false;
    uint32_t at = mask_char_at(text, local, &len);
    if (at != '@' && at != 0xFF20)
        return false;
    domain = end = local + len;
    while (end < text.len && (mask_is_letter(mask_char_at(text, end, &len)) ||
                                     mask_is_ascii_digit(mask_char_at(text, end, &len)) ||
                                     text.ptr[end] == '-' || text.ptr[end] == '.')) {
        if (text.ptr[end] == '.')
            dot = end;
        end++;
    }
    if (dot <= domain)
        return false;
    if (local > 1)
        mask_keep(r, 1);
    mask_put_star(r);
    r->at += local > 1 ? local - 1 : local;
    mask_keep(r, end - local);
    return true;
}

bool mask_take_plate(struct mask_reader *r)
{
    static const char provinces[] =
            "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    struct str text = mask_rest(r);
    size_t len, at, body = 0;
    (void)mask_char_at(text, 0, &len);
    if (len != 3 || text.len < len + 2 || !mask_is_letter(mask_char_at(text, len, &at)) ||
            !mask_one_of(text.ptr, len, provinces))
        return false;
    at = len + 1;
    size_t dot_len;
    uint32_t dot = mask_char_at(text, at, &dot_len);
    if (at < text.len &&
            (dot == 0xB7 || dot == 0x2022 || dot == ' ' || dot == '-' || dot == '.'))
        at += dot_len;
    size_t start = at, digits = 0;
    while (at < text.len && (mask_is_letter(mask_char_at(text, at, &len)) ||
                                    mask_is_ascii_digit(mask_char_at(text, at, &len)))) {
        digits += mask_is_ascii_digit((unsigned char)text.ptr[at]);
        at++;
        body++;
    }
    bool tail = body == 4 && at < text.len && mask_char_at(text, at, &len) && len == 3 &&
                mask_one_of(text.ptr + at, len, "学警港澳挂");
    if ((body != 5 && body != 6 && !tail) || digits < 2)
        return false;
    mask_keep(r, start);
    for (size_t i = 0; i + 2 < body; i++)
        mask_put_star(r);
    r->at += body - 2;
    mask_keep(r, 2);
    return true;
}

size_t mask_phone_digits(struct str phone, char *out, size_t max)
{
    size_t n = 0;
    for (size_t at = 0, len; at < phone.len && n < max; at += len) {
        enum script script;
        int value = digit_value(phone, at, &len, &script);
        if (value >= 0)
            out[n++] = (char)('0' + value);
    }
    size_t prefix = n == 15 && memcmp(out, "0086", 4) == 0 ? 4
                    : n == 13 && memcmp(out, "86", 2) == 0 ? 2
                                                           : 0;
    memmove(out, out + prefix, n - prefix);
    return n - prefix;
}
