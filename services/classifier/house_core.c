#include "house_core.h"

#include "textnorm.h"

#include <stdbool.h>
#include <uchar.h>

enum {
    BYTES_MAX = 60, /* that a number and the two characters behind it may take */
    LETTERS_MAX = 32,
    NUMBER_MAX = 99999,
};

static bool starts(const uint32_t *text, size_t n, const char32_t *word)
{
    size_t i = 0;
    while (word[i] && i < n && text[i] == word[i])
        i++;
    return !word[i];
}

/* What makes of 12号 something else than a house. */
static bool is_other(const uint32_t *behind, size_t n)
{
    static const char32_t *const words[] = {U"楼", U"线", U"码", U"机", U"桩", U"店",
            U"上午", U"中午", U"下午", U"晚上", U"早上", U"凌晨", U"傍晚", U"夜里",
            U"当天", U"以来", U"开始"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (starts(behind, n, words[i]))
            return true;
    return false;
}

static int digit_of(uint32_t letter)
{
    static const char32_t chinese[] = U"零一二三四五六七八九";
    if (letter >= '0' && letter <= '9')
        return (int)(letter - '0');
    for (int i = 0; i < 10; i++)
        if (chinese[i] == letter)
            return i;
    return letter == U'两' ? 2 : -1;
}

static int unit_of(uint32_t letter)
{
    return letter == U'十' ? 10 : letter == U'百' ? 100 : letter == U'千' ? 1000 : 0;
}

/* Letters of the number: 120, 一二零, 一百二十, 十二. 0: none, or too long. */
static size_t read_number(const uint32_t *text, size_t n, int32_t *number)
{
    int32_t plain = 0, total = 0, digit = -1;
    bool units = false;
    size_t i = 0;
    for (; i < n && plain <= NUMBER_MAX && total <= NUMBER_MAX; i++) {
        int next = digit_of(text[i]), unit = unit_of(text[i]);
        if (next < 0 && !unit)
            break;
        if (unit) {
            total += (digit < 0 ? 1 : digit) * unit;
            units = true;
            digit = -1;
        } else {
            plain = plain * 10 + next;
            digit = next;
        }
    }
    *number = units ? total + (digit < 0 ? 0 : digit) : plain;
    return *number > 0 && *number <= NUMBER_MAX ? i : 0;
}

/* Letters of -3 or 之3, 0 when there is none. */
static size_t read_branch(const uint32_t *text, size_t n)
{
    int32_t branch;
    size_t len = 0;
    if (n && (text[0] == '-' || text[0] == U'之'))
        len = read_number(text + 1, n - 1, &branch);
    return len ? len + 1 : 0;
}

/* Bytes up to and with the first 号, 號 or 弄 when it is letter `at`, spaces not counted;
 * 0: it is another one. textnorm leaves out more than spaces. */
static size_t bytes_to(struct str text, size_t at)
{
    size_t letters = 0;
    for (size_t i = 0; i < text.len; i++) {
        struct str rest = {text.ptr + i, text.len - i};
        if (str_starts(rest, STR("号")) || str_starts(rest, STR("號")) ||
                str_starts(rest, STR("弄")))
            return letters == at ? i + strlen("号") : 0;
        letters += text.ptr[i] != ' ' && (text.ptr[i] & 0xc0) != 0x80;
    }
    return 0;
}

static size_t without_spaces(uint32_t *letters, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (letters[i] != ' ')
            letters[kept++] = letters[i];
    return kept;
}

size_t house_number(struct str text, int32_t *number)
{
    uint32_t letters[LETTERS_MAX];
    int32_t read;
    text.len = text.len < BYTES_MAX ? text.len : BYTES_MAX;
    size_t n = without_spaces(letters, textnorm(text, letters, LETTERS_MAX));
    size_t at = read_number(letters, n, &read);
    if (at)
        at += read_branch(letters + at, n - at);
    if (!at || at == n || (letters[at] != U'号' && letters[at] != U'弄') ||
            is_other(letters + at + 1, n - at - 1))
        return 0;
    size_t bytes = bytes_to(text, at);
    if (bytes)
        *number = read;
    return bytes;
}
