/* Words by how they end: where a character of the text ends, the last six bytes, two
 * Chinese characters, are looked up among the words' last six, then the last three and
 * the last one among those of shorter words. Most ends are no word's, and a few bits that
 * stay in the cache say so. */
#include "match_engine.h"

#include <stdlib.h>
#include <string.h>

enum {
    LOAD = sizeof(uint64_t),
    SLOTS_MIN = 64,
    BITS_A_SLOT = 8, /* of the filter; half of the slots are empty at least */
    ENDS_A_TIME = 256,
};

/* A word and what stands in front of its key. */
struct entry {
    uint64_t front, front_mask; /* up to eight bytes, folded */
    const char *text;           /* the whole word, folded */
    uint32_t len, literal;
};

/* What ends with a key: entries[first .. end). */
struct slot {
    uint64_t key; /* 0: empty; words have no NUL */
    uint32_t first, end;
};

/* The words with a key of so many bytes. */
struct ends {
    uint64_t *filter;
    struct slot *slots; /* open addressing */
    uint64_t slot_mask, filter_mask;
};

/* A word's key is the longest that it has room for. */
enum { KEY_LONG, KEY_LETTER, KEY_BYTE, KEY_KINDS };
static const uint32_t key_lengths[KEY_KINDS] = {6, 3, 1};

struct match_plain {
    struct ends ends[KEY_KINDS];
    bool has_byte_keys; /* hardly ever: two ASCII letters are the longest such word */
    struct entry *entries;
    char *texts; /* of the entries */
};

/* ASCII letters to lower case, in all eight bytes at once. */
static inline uint64_t fold(uint64_t bytes)
{
    const uint64_t ones = 0x0101010101010101U, high = 0x80 * ones;
    if ((bytes & high) == high)
        return bytes;
    uint64_t low = bytes & ~high;
    uint64_t from_a = low + (0x80 - 'A') * ones, behind_z = low + (0x7f - 'Z') * ones;
    return bytes | (((from_a ^ behind_z) & ~bytes & high) >> 2);
}

static char fold_one(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* The eight bytes before `at`, folded, the last one highest; zeros before the text's
 * beginning. */
static inline uint64_t bytes_before(const char *text, size_t at)
{
    uint64_t bytes = 0;
    if (at >= LOAD)
        memcpy(&bytes, text + at - LOAD, LOAD);
    else
        memcpy((char *)&bytes + LOAD - at, text, at);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    return fold(bytes);
}

static inline uint64_t key_of(uint64_t bytes, int kind)
{
    return bytes >> 8 * (LOAD - key_lengths[kind]);
}

static inline uint64_t hash(uint64_t key)
{
    key *= 0x9e3779b97f4a7c15U;
    return key ^ key >> 32;
}

static inline bool may_have(const struct ends *ends, uint64_t key)
{
    uint64_t bit = hash(key) & ends->filter_mask;
    return ends->filter[bit / 64] >> (bit % 64) & 1;
}

static struct slot *slot_of(const struct ends *ends, uint64_t key)
{
    for (size_t i = hash(key) & ends->slot_mask;; i = (i + 1) & ends->slot_mask)
        if (ends->slots[i].key == key || !ends->slots[i].key)
            return &ends->slots[i];
}

/* ---- compiling ---- */

static int key_kind(size_t len)
{
    int kind = KEY_LONG;
    while (key_lengths[kind] > len)
        kind++;
    return kind;
}

static uint64_t entry_key(const struct entry *entry)
{
    return key_of(bytes_before(entry->text, entry->len), key_kind(entry->len));
}

/* By kind of key and key. */
static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (key_kind(x->len) != key_kind(y->len))
        return key_kind(x->len) - key_kind(y->len);
    uint64_t x_key = entry_key(x), y_key = entry_key(y);
    return (x_key > y_key) - (x_key < y_key);
}

static void fill_entries(
        struct match_plain *engine, const struct match_literal *literals, size_t n)
{
    char *text = engine->texts;
    for (size_t i = 0; i < n; i++) {
        uint32_t len = (uint32_t)literals[i].text.len;
        uint32_t front = len - key_lengths[key_kind(len)];
        for (uint32_t k = 0; k < len; k++)
            text[k] = fold_one(literals[i].text.ptr[k]);
        uint64_t mask = front == 0     ? 0
                        : front > LOAD ? UINT64_MAX
                                       : UINT64_MAX << 8 * (LOAD - front);
        engine->entries[i] = (struct entry){
                .front = bytes_before(text, front) & mask,
                .front_mask = mask,
                .text = text,
                .len = len,
                .literal = (uint32_t)i,
        };
        text += len;
    }
    qsort(engine->entries, n, sizeof *engine->entries, compare_entries);
}

/* entries[first .. end) have keys of one kind. */
static bool build_ends(
        struct ends *ends, const struct entry *entries, uint32_t first, uint32_t end)
{
    size_t slots = SLOTS_MIN;
    while (slots < 2 * (size_t)(end - first))
        slots *= 2;
    ends->slots = calloc(slots, sizeof *ends->slots);
    ends->filter = calloc(slots * BITS_A_SLOT / 64, sizeof *ends->filter);
    if (!ends->slots || !ends->filter)
        return false;
    ends->slot_mask = slots - 1;
    ends->filter_mask = slots * BITS_A_SLOT - 1;
    for (uint32_t i = first; i < end; i++) {
        uint64_t key = entry_key(&entries[i]), bit = hash(key) & ends->filter_mask;
        struct slot *slot = slot_of(ends, key);
        if (!slot->key)
            *slot = (struct slot){.key = key, .first = i};
        slot->end = i + 1;
        ends->filter[bit / 64] |= (uint64_t)1 << bit % 64;
    }
    return true;
}

void match_plain_close(struct match_plain *engine)
{
    if (!engine)
        return;
    for (int kind = 0; kind < KEY_KINDS; kind++) {
        free(engine->ends[kind].filter);
        free(engine->ends[kind].slots);
    }
    free(engine->entries);
    free(engine->texts);
    free(engine);
}

bool match_plain_open(struct match_plain **out, const struct match_literal *literals,
        size_t n, struct error *err)
{
    size_t bytes = 1;
    for (size_t i = 0; i < n; i++)
        bytes += literals[i].text.len;
    struct match_plain *engine = calloc(1, sizeof *engine);
    bool done = engine != NULL && n < UINT32_MAX;
    if (done) {
        engine->entries = calloc(n + 1, sizeof *engine->entries);
        engine->texts = malloc(bytes);
        done = engine->entries && engine->texts;
    }
    if (done)
        fill_entries(engine, literals, n);
    uint32_t first = 0, end = 0;
    for (int kind = 0; done && kind < KEY_KINDS; kind++, first = end) {
        while (end < n && key_kind(engine->entries[end].len) == kind)
            end++;
        done = build_ends(&engine->ends[kind], engine->entries, first, end);
        engine->has_byte_keys = kind == KEY_BYTE && end > first;
    }
    if (done) {
        *out = engine;
    } else {
        (void)error_set(err, ERR_FATAL, "out_of_memory",
                "no memory for a matcher of %zu words", n);
        match_plain_close(engine);
    }
    return done;
}

/* ---- searching ---- */

/* Where from `*at` on a word may end; no more than fit. What the filters say is not
 * branched on: it is not to be guessed. */
static size_t may_end(const struct match_plain *engine, struct str text, size_t *at,
        uint32_t out[ENDS_A_TIME])
{
    const struct ends longer = engine->ends[KEY_LONG], letter = engine->ends[KEY_LETTER];
    size_t n = 0, to = *at;
    while (to < text.len && n < ENDS_A_TIME) {
        if (((unsigned char)text.ptr[to] & 0xf0) == 0xe0 && text.len - to >= 3)
            to += 3; /* as nearly all are; else one byte after the other */
        else
            to++;
        uint64_t bytes = bytes_before(text.ptr, to);
        unsigned may = (unsigned)may_have(&longer, key_of(bytes, KEY_LONG)) |
                       (unsigned)may_have(&letter, key_of(bytes, KEY_LETTER));
        if (engine->has_byte_keys)
            may |= (unsigned)may_have(&engine->ends[KEY_BYTE], key_of(bytes, KEY_BYTE));
        out[n] = (uint32_t)to;
        n += may;
    }
    *at = to;
    return n;
}

/* Does the entry's word end at `to`, whose last bytes are its key? */
static inline bool stands(
        const struct entry *entry, const char *text, size_t to, uint32_t key_len)
{
    if (entry->len > to)
        return false;
    if (entry->front_mask &&
            (bytes_before(text, to - key_len) & entry->front_mask) != entry->front)
        return false;
    const char *word = text + to - entry->len; /* few are longer than key and front */
    for (size_t i = 0; i + LOAD + key_len < entry->len; i++)
        if (fold_one(word[i]) != entry->text[i])
            return false;
    return true;
}

static void give_words(const struct match_plain *engine, struct str text, size_t to,
        match_sink *sink, void *ctx)
{
    uint64_t bytes = bytes_before(text.ptr, to);
    for (int kind = 0; kind < KEY_KINDS; kind++) {
        const struct ends *ends = &engine->ends[kind];
        uint64_t key = key_of(bytes, kind);
        if (!may_have(ends, key))
            continue;
        const struct slot *slot = slot_of(ends, key);
        for (uint32_t i = slot->first; i < slot->end; i++)
            if (stands(&engine->entries[i], text.ptr, to, key_lengths[kind]))
                sink(ctx, engine->entries[i].literal, (uint32_t)to);
    }
}

void match_plain_scan(
        const struct match_plain *engine, struct str text, match_sink *sink, void *ctx)
{
    uint32_t ends[ENDS_A_TIME];
    if (text.len > UINT32_MAX)
        text.len = UINT32_MAX;
    for (size_t at = 0; at < text.len;) {
        size_t n = may_end(engine, text, &at, ends);
        for (size_t i = 0; i < n; i++)
            give_words(engine, text, ends[i], sink, ctx);
    }
}
