#include "nearly_core.h"

#include "textnorm.h"

#include <uchar.h>

enum {
    LETTERS_MIN = 2,
    CORE_MIN = 2,      /* of rule 1 */
    WRONG_CORE_MIN = 3 /* of rule 2 */
};

/* What a name ends with. Homes are called by any of theirs; of two of the other endings,
 * these are different places. */
#define ENDING(text, home) {text, sizeof(text) / sizeof *(text) - 1, home}
static const struct ending {
    const char32_t *text;
    size_t len;
    bool home;
} endings[] = {
        ENDING(U"小区", true), /* the first: it says nothing */
        ENDING(U"花园", true),
        ENDING(U"家园", true),
        ENDING(U"新村", true),
        ENDING(U"公寓", true),
        ENDING(U"别墅", true),
        ENDING(U"山庄", true),
        ENDING(U"公馆", true),
        ENDING(U"宿舍", true),
        ENDING(U"家属院", true),
        ENDING(U"生活区", true),
        ENDING(U"名苑", true),
        ENDING(U"嘉苑", true),
        ENDING(U"雅苑", true),
        ENDING(U"新苑", true),
        ENDING(U"华庭", true),
        ENDING(U"豪庭", true),
        ENDING(U"名邸", true),
        ENDING(U"官邸", true),
        ENDING(U"雅居", true),
        ENDING(U"苑", true),
        ENDING(U"庭", true),
        ENDING(U"邸", true),
        ENDING(U"居", true),
        ENDING(U"轩", true),
        ENDING(U"府", true),
        ENDING(U"大道", false),
        ENDING(U"路", false),
        ENDING(U"街", false),
        ENDING(U"巷", false),
        ENDING(U"弄", false),
        ENDING(U"道", false),
        ENDING(U"街道", false),
        ENDING(U"社区", false),
        ENDING(U"村", false),
        ENDING(U"镇", false),
        ENDING(U"网格", false),
        ENDING(U"小学", false),
        ENDING(U"中学", false),
        ENDING(U"学校", false),
        ENDING(U"幼儿园", false),
        ENDING(U"医院", false),
        ENDING(U"公园", false),
        ENDING(U"广场", false),
        ENDING(U"市场", false),
        ENDING(U"大厦", false),
        ENDING(U"商场", false),
        ENDING(U"车站", false),
        ENDING(U"站", false),
        ENDING(U"城", false),
        ENDING(U"里", false),
        ENDING(U"楼", false),
        ENDING(U"院", false),
        ENDING(U"大桥", false),
        ENDING(U"桥", false),
};

/* By these neighbours are told apart, and by these two of one name. */
static const char32_t telling[] = U"0123456789abcdefghijklmnopqrstuvwxyz#*"
                                  U"零一二三四五六七八九十百甲乙丙丁戊"
                                  U"东南西北中前后左右上下内外新老旧大小";
static const char32_t of_style[] = U"名嘉雅新华豪官";

static bool is_one_of(uint32_t letter, const char32_t *letters)
{
    for (size_t i = 0; letters[i]; i++)
        if (letters[i] == letter)
            return true;
    return false;
}

static bool tells(uint32_t letter)
{
    return is_one_of(letter, telling);
}

static bool styles(uint32_t letter)
{
    return is_one_of(letter, of_style);
}

/* The last letter first: it is seldom the same. */
static bool ends_with(const struct nearly_name *name, const struct ending *ending)
{
    if (name->n < ending->len + CORE_MIN)
        return false;
    for (size_t i = 1; i <= ending->len; i++)
        if (name->letters[name->n - i] != ending->text[ending->len - i])
            return false;
    return true;
}

bool nearly_read(struct str text, struct nearly_name *out)
{
    uint32_t letters[NEARLY_LETTERS_MAX + 1];
    size_t n = textnorm(text, letters, NEARLY_LETTERS_MAX + 1);
    if (n < LETTERS_MIN || n > NEARLY_LETTERS_MAX)
        return false;
    *out = (struct nearly_name){.n = n};
    memcpy(out->letters, letters, n * sizeof *letters);
    const struct ending *longest = NULL, *shortest = NULL;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (!ends_with(out, &endings[i]))
            continue;
        longest = !longest || endings[i].len > longest->len ? &endings[i] : longest;
        shortest = !shortest || endings[i].len < shortest->len ? &endings[i] : shortest;
    }
    out->core = n - (longest ? longest->len : 0);
    out->stem = n - (shortest ? shortest->len : 0);
    out->home = !longest || longest->home;
    out->plain = !longest || longest == endings;
    return true;
}

static bool equal(const uint32_t *a, const uint32_t *b, size_t n)
{
    return n == 0 || memcmp(a, b, n * sizeof *a) == 0;
}

/* Rules 2 and 3. */
static bool one_wrong(const struct nearly_name *said, const struct nearly_name *name)
{
    const uint32_t *a = said->letters, *b = name->letters;
    size_t at = 0, n = said->n, m = name->n;
    while (at < n && at < m && a[at] == b[at])
        at++;
    if (at >= name->core && at < name->stem)
        return n == m && !(styles(a[at]) && styles(b[at])) &&
               equal(a + at + 1, b + at + 1, n - at - 1);
    if (name->core < WRONG_CORE_MIN || at > name->core || (at == name->core && n <= m))
        return false;
    if (n == m)
        return !tells(a[at]) && !tells(b[at]) &&
               equal(a + at + 1, b + at + 1, n - at - 1);
    if (n + 1 == m)
        return !tells(b[at]) && equal(a + at, b + at + 1, n - at);
    return n == m + 1 && !tells(a[at]) && equal(a + at + 1, b + at, m - at);
}

enum nearly nearly_same(const struct nearly_name *said, const struct nearly_name *name)
{
    if (said->n == name->n && equal(said->letters, name->letters, said->n))
        return NEARLY_NOT;
    if (said->home && name->home && (said->plain || name->plain) &&
            said->core == name->core && said->core >= CORE_MIN &&
            equal(said->letters, name->letters, said->core))
        return NEARLY_ENDING;
    return one_wrong(said, name) ? NEARLY_LETTER : NEARLY_NOT;
}

/* FNV-1a over the letters but `without` (n: over all). */
static uint32_t hash(uint32_t seed, const uint32_t *letters, size_t n, size_t without)
{
    enum { PRIME = 16777619 };
    uint32_t h = seed;
    for (size_t i = 0; i < n; i++)
        if (i != without)
            h = (h ^ letters[i]) * PRIME;
    return h ^ h >> 15;
}

size_t nearly_keys(const struct nearly_name *name, uint32_t keys[NEARLY_KEYS_MAX])
{
    static const uint32_t of_core = 2166136261U, of_name = 3266489917U;
    size_t n = 0;
    if (name->home)
        keys[n++] = hash(of_core, name->letters, name->core, name->core);
    if (name->n <= WRONG_CORE_MIN - 1)
        return n;
    for (size_t without = 0; without <= name->n; without++)
        keys[n++] = hash(of_name, name->letters, name->n, without);
    return n;
}
