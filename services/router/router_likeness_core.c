/* How alike two texts are: SimHash over pairs of neighbouring characters. */
#include "router_core.h"

enum {
    PAIRS_MIN = 6, /* with fewer pairs of characters two texts are alike by chance */
    PAIRS_MAX = UINT16_MAX, /* what a counter holds; a text has at most 20,000 characters
                             */
};

/* The next character, 0 at the end. A text between our stages is UTF-8; anything else
 * reads as some character. */
static uint32_t take_char(struct str *text)
{
    static const unsigned char lead_bits[] = {0x7f, 0x1f, 0x0f, 0x07};
    if (text->len == 0)
        return 0;
    unsigned char first = (unsigned char)text->ptr[0];
    size_t more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (more >= text->len)
        more = text->len - 1;
    uint32_t c = first & lead_bits[more];
    for (size_t i = 1; i <= more; i++)
        c = c << 6 | ((unsigned char)text->ptr[i] & 0x3f);
    text->ptr += more + 1;
    text->len -= more + 1;
    return c ? c : ' ';
}

/* Letters, digits and characters of words; not spaces, punctuation and the stars of
 * masked text. */
static bool says_something(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    if (c < 0xc0 || (c >= 0x2000 && c <= 0x206f) || (c >= 0x3000 && c <= 0x303f))
        return false; /* Latin-1 signs, general punctuation, CJK punctuation */
    return !(c >= 0xff00 && c <= 0xff0f) && !(c >= 0xff1a && c <= 0xff20) &&
           !(c >= 0xff3b && c <= 0xff40) && !(c >= 0xff5b && c <= 0xff65);
}

/* The finalizer of SplitMix64: every bit of the input moves every bit of the output. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* 64 counters of 16 bits, four to a word, so that one addition counts four bits: that of
 * bit i is in word i % 16. */
static void count_bits(uint64_t counters[16], uint64_t hash)
{
    for (int i = 0; i < 16; i++)
        counters[i] += hash >> i & UINT64_C(0x0001000100010001);
}

uint64_t router_fingerprint(struct str text)
{
    uint64_t counters[16] = {0};
    uint32_t last = 0, c;
    uint32_t pairs = 0;
    while ((c = take_char(&text)) != 0 && pairs < PAIRS_MAX) {
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        if (!says_something(c))
            continue;
        if (last) {
            count_bits(counters, mix((uint64_t)last << 32 | c));
            pairs++;
        }
        last = c;
    }
    if (pairs < PAIRS_MIN)
        return 0;
    uint64_t fingerprint = 0;
    for (int i = 0; i < 64; i++)
        if ((counters[i % 16] >> (i / 16 * 16) & 0xffff) * 2 > pairs)
            fingerprint |= UINT64_C(1) << i;
    return fingerprint ? fingerprint : 1;
}

int router_similarity(uint64_t a, uint64_t b)
{
    /* 100 cos(pi h / 64), rounded */
    static const int percent[] = {100, 100, 100, 99, 98, 97, 96, 94, 92, 90, 88, 86, 83,
            80, 77, 74, 71, 67, 63, 60, 56, 51, 47, 43, 38, 34, 29, 24, 20, 15, 10, 5, 0};
    if (a == 0 || b == 0)
        return 0;
    int different = 0;
    for (uint64_t bits = a ^ b; bits; bits &= bits - 1)
        different++;
    return different < (int)(sizeof percent / sizeof percent[0]) ? percent[different] : 0;
}
