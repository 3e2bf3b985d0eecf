#include "nearly_core.h"

#include "sound_core.h"
#include "textnorm.h"

#include <uchar.h>

enum {
    LETTERS_MIN = 2,
    CORE_MIN = 2,      /* of rules 1, 4 and 5 */
    WRONG_CORE_MIN = 3 /* of rule 2, and of rule 4 with another ending */
};

/* What a name ends with. Homes are called by any of theirs; of two of the other endings,
 * these are different places. */
#define ENDING(text, home) {text, sizeof(text) / sizeof *(text) - 1, home}
static const struct ending {
    char32_t text[4]; /* with its 0 */
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
    const uint32_t *end = name->letters + name->n;
    if (end[-1] != ending->text[ending->len - 1] || name->n < ending->len + CORE_MIN)
        return false;
    return memcmp(end - ending->len, ending->text, ending->len * sizeof *end) == 0;
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

/* The core with one of the endings of homes, and the other with none or 小区. */
static bool other_ending(const struct nearly_name *said, const struct nearly_name *name)
{
    return said->home && name->home && (said->plain || name->plain) &&
           said->core == name->core && said->core >= CORE_MIN;
}

static bool same_ending(const struct nearly_name *said, const struct nearly_name *name)
{
    size_t stem = name->stem;
    return said->n == name->n && said->stem == stem &&
           equal(said->letters + stem, name->letters + stem, name->n - stem);
}

/* The n letters that sound least alike decide. */
static enum sound sounds(const uint32_t *a, const uint32_t *b, size_t n)
{
    enum sound least = SOUND_SAME;
    for (size_t i = 0; i < n && least != SOUND_OTHER; i++) {
        if (a[i] == b[i])
            continue;
        enum sound sound = sound_compare(a[i], b[i]);
        least = tells(a[i]) || tells(b[i]) ? SOUND_OTHER : sound < least ? sound : least;
    }
    return least;
}

/* Rules 4 and 5. */
static enum sound sounds_like(
        const struct nearly_name *said, const struct nearly_name *name)
{
    if (same_ending(said, name))
        return sounds(said->letters, name->letters, name->stem);
    if (name->core >= WRONG_CORE_MIN && other_ending(said, name))
        return sounds(said->letters, name->letters, name->core);
    return SOUND_OTHER;
}

enum nearly nearly_same(const struct nearly_name *said, const struct nearly_name *name)
{
    if (said->n == name->n && equal(said->letters, name->letters, said->n))
        return NEARLY_NOT;
    if (other_ending(said, name) && equal(said->letters, name->letters, said->core))
        return NEARLY_ENDING;
    enum sound sound = sounds_like(said, name);
    if (sound == SOUND_SAME)
        return name->core >= WRONG_CORE_MIN ? NEARLY_SOUND : NEARLY_SHORT;
    if (one_wrong(said, name))
        return NEARLY_LETTER;
    return sound == SOUND_LIKE ? NEARLY_HEARD : NEARLY_NOT;
}

enum { PRIME = 16777619 };

/* Spread over the low bits, which find a slot. */
static uint32_t key_of(uint32_t kind, uint32_t sum)
{
    uint32_t h = (sum ^ kind) * PRIME;
    return h ^ h >> 15;
}

static uint32_t sum_of(const uint32_t *letters, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = sum * PRIME + letters[i];
    return sum;
}

/* For each way to hear the first and the last letter a key: the sounds between make few
 * more names differ. */
static size_t sound_keys(
        const uint32_t *letters, size_t n, uint32_t keys[NEARLY_SOUNDS_MAX])
{
    uint32_t first[SOUND_READINGS_MAX], last[SOUND_READINGS_MAX];
    size_t n_first = sound_heard(letters[0], first), n_keys = 0;
    size_t n_last = sound_heard(letters[n - 1], last);
    for (size_t i = 0; i < n_first; i++)
        for (size_t k = 0; k < n_last; k++)
            keys[n_keys++] = key_of((uint32_t)n, first[i] * PRIME + last[k]);
    return n_keys;
}

/* Of all letters and of all but each one: what stands before it and what behind. */
static size_t letter_keys(const uint32_t *letters, size_t n, uint32_t *keys)
{
    static const uint32_t of_name = 3266489917U;
    uint32_t before[NEARLY_LETTERS_MAX + 1] = {0}, behind = 0, power = 1;
    for (size_t i = 0; i < n; i++)
        before[i + 1] = before[i] * PRIME + letters[i];
    keys[n] = key_of(of_name, before[n]);
    for (size_t i = n; i-- > 0; power *= PRIME) {
        keys[i] = key_of(of_name, before[i] * power + behind);
        behind += letters[i] * power;
    }
    return n + 1;
}

size_t nearly_keys(const struct nearly_name *name, uint32_t keys[NEARLY_KEYS_MAX])
{
    static const uint32_t of_core = 2166136261U;
    size_t n = sound_keys(name->letters, name->stem, keys);
    if (name->home) {
        keys[n++] = key_of(of_core, sum_of(name->letters, name->core));
        if (name->core < name->stem)
            n += sound_keys(name->letters, name->core, keys + n);
    }
    if (name->n >= WRONG_CORE_MIN)
        n += letter_keys(name->letters, name->n, keys + n);
    return n;
}
