#include "address_core.h"

#include "address_letters.h"
#include "address_words_core.h"

enum {
    NAME_MAX = 12,    /* characters of one part: 南海大道, 恒大文化旅游城 */
    UNENDED_MIN = 2,  /* of a name that nothing ends */
    NUMBERED_MIN = 2, /* of a name that only a number ends: 桤木坊5号 */
    ROOM_MAX = 5,     /* bytes of a room without a word: 703, U21A */
};

static bool starts(struct str text, size_t at, struct str word)
{
    const char *p = text.ptr + at;
    size_t last = word.len - 1;
    if (text.len - at < word.len || p[last] != word.ptr[last] || p[0] != word.ptr[0])
        return false;
    if (word.len == 3) /* nearly all: one character */
        return p[1] == word.ptr[1];
    return memcmp(p, word.ptr, word.len) == 0;
}

static bool one_of(struct str text, size_t at, const char *letters)
{
    if (at >= text.len)
        return false;
    size_t size = letter_size(text.ptr[at]);
    for (const char *p = letters; *p; p += letter_size(*p))
        if (letter_size(*p) == size && text.len - at >= size &&
                memcmp(p, text.ptr + at, size) == 0)
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_number(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_numeral(struct str text, size_t at)
{
    return one_of(text, at, "一二三四五六七八九十");
}

static bool behind_number(struct str text, size_t at)
{
    return at && (is_number(text.ptr[at - 1]) || (at >= 3 && is_numeral(text, at - 3)));
}

static bool directly_behind_part(const struct address_scan *scan)
{
    return scan->parts && scan->at == scan->to;
}

/* A name that every place may have counts only behind what says where: 福安村农贸市场. */
static bool is_named(const struct address_scan *scan, const struct address_ending_word *e)
{
    if (e->kind <= ADDRESS_ROAD)
        return scan->letters >= e->letters;
    if (scan->placed && scan->at == scan->to && scan->last <= ADDRESS_ROAD)
        return true;
    return (scan->placed ? scan->letters : scan->named) >= e->letters;
}

static bool ends_here(
        const struct address_scan *scan, const struct address_ending_word *e)
{
    switch (e->behind) {
    case ADDRESS_BEHIND_NAME:
        return is_named(scan, e);
    case ADDRESS_BEHIND_NO_NUMBER:
        return is_named(scan, e) && !is_digit(scan->text.ptr[scan->at - 1]);
    case ADDRESS_BEHIND_NUMBER:
        return behind_number(scan->text, scan->at) &&
               (scan->parts || scan->named >= NUMBERED_MIN);
    case ADDRESS_BEHIND_PART:
        return directly_behind_part(scan);
    case ADDRESS_BEHIND_ROAD:
        return directly_behind_part(scan) && scan->last == ADDRESS_ROAD;
    case ADDRESS_BEHIND_HOME:
        return directly_behind_part(scan) && scan->last >= ADDRESS_ESTATE;
    case ADDRESS_BEHIND_CITY:
        return scan->parts && scan->last == ADDRESS_CITY && scan->named >= e->letters;
    case ADDRESS_BEHIND_ANY:
        return scan->parts && scan->named >= e->letters;
    case ADDRESS_BEHIND_PLACE:
        return scan->placed && scan->letters >= e->letters;
    }
    return false;
}

/* 路 of 路灯 is another word. */
static bool is_part(const struct address_scan *scan, const struct address_word *word)
{
    return word->role == ADDRESS_END && one_of(scan->text, scan->at + word->text.len,
                                                address_endings[word->ending].not_before);
}

struct found {
    const struct address_word *word; /* NULL: a letter like any other */
    enum address_role role;
};

/* What the word is here; ADDRESS_NAME: letters like others. */
static enum address_role role_here(
        const struct address_scan *scan, const struct address_word *word)
{
    switch (word->role) {
    case ADDRESS_END:
        if (ends_here(scan, &address_endings[word->ending]))
            return ADDRESS_END;
        if (word->text.len <= 3)
            return ADDRESS_NAME;
        return address_endings[word->ending].kind == ADDRESS_ROAD ? ADDRESS_BREAK
                                                                  : ADDRESS_PLAIN;
    case ADDRESS_BREAK_AT_NUMBER:
        return scan->at && is_digit(scan->text.ptr[scan->at - 1]) ? ADDRESS_BREAK
                                                                  : ADDRESS_NAME;
    case ADDRESS_OFFICE:
        return scan->parts && !scan->placed ? ADDRESS_OFFICE : ADDRESS_NAME;
    case ADDRESS_JOIN:
        return directly_behind_part(scan) && scan->last == ADDRESS_ROAD ? ADDRESS_JOIN
                                                                        : ADDRESS_BREAK;
    case ADDRESS_GAP:
        return directly_behind_part(scan) && scan->last <= ADDRESS_AREA ? ADDRESS_JOIN
                                                                        : ADDRESS_BREAK;
    case ADDRESS_BREAK:
    case ADDRESS_BESIDE:
    case ADDRESS_NAME:
    case ADDRESS_PLAIN:
    case ADDRESS_RIDE:
        break;
    }
    return word->role;
}

/* The longest word of a bucket that begins at scan->at, of several as long the one that
 * ends a part. */
static struct found look_in(const struct address_scan *scan, size_t bucket)
{
    const struct address_word *word = &scan->index->words[scan->index->first[bucket]],
                              *end = &scan->index->words[scan->index->first[bucket + 1]];
    struct found found = {.role = ADDRESS_NAME};
    for (; word < end; word++) {
        size_t len = found.word ? found.word->text.len : 0;
        if (!starts(scan->text, scan->at, word->text) || word->text.len < len ||
                is_part(scan, word))
            continue;
        enum address_role role = role_here(scan, word);
        if (word->text.len > len || role == ADDRESS_END)
            found = (struct found){word, role};
    }
    return found;
}

static struct found word_here(
        const struct address_scan *scan, uint32_t letter, uint32_t next)
{
    struct found found = look_in(scan, bucket_of(letter, next));
    return found.word || !next ? found : look_in(scan, bucket_of(letter, 0));
}

static bool may_begin(const struct address_index *index, uint32_t letter, uint32_t next)
{
    size_t single = bucket_of(letter, 0), pair = bucket_of(letter, next);
    return (index->first[single] != index->first[single + 1]) |
           (index->first[pair] != index->first[pair + 1]);
}

/* Where the name ends that a part has in front of its ending at `at`. */
static size_t name_end(struct str text, size_t from, size_t at, enum address_ending kind)
{
    if (kind != ADDRESS_NUMBER)
        return at;
    size_t end = at;
    while (end > from && is_number(text.ptr[end - 1]))
        end--;
    while (end == at && at >= from + 3 && is_numeral(text, at - 3))
        end = at -= 3;
    return end;
}

/* A letter of a name; one too many, and it begins later. */
static void take_letter(struct address_scan *scan, bool named)
{
    char first = scan->text.ptr[scan->at];
    scan->at += letter_size(first);
    scan->named += named && !is_number(first);
    if (++scan->letters <= NAME_MAX)
        return;
    if (scan->parts)
        scan->from = scan->at;
    else
        scan->from += letter_size(scan->text.ptr[scan->from]);
    scan->letters = scan->from == scan->at ? 0 : scan->letters - 1;
    scan->named = scan->named < scan->letters ? scan->named : scan->letters;
    scan->parts = 0;
    scan->placed = false;
}

static void begin_behind(struct address_scan *scan, size_t len)
{
    scan->at = scan->from = scan->at + len;
    scan->letters = scan->named = scan->parts = 0;
    scan->placed = false;
}

static void note_city(struct address_scan *scan)
{
    if (!scan->city_to && !scan->placed && scan->parts && scan->named >= UNENDED_MIN) {
        scan->city_from = scan->from;
        scan->city_to = scan->to;
    }
}

static void end_part(struct address_scan *scan, size_t len, enum address_ending kind,
        struct address_part *part)
{
    size_t from = scan->parts ? scan->to : scan->from;
    *part = (struct address_part){
            .from = from,
            .to = scan->at + len,
            .name_to = name_end(scan->text, from, scan->at, kind),
            .ending = kind,
    };
    scan->placed |= kind == ADDRESS_NUMBER ? scan->named >= NUMBERED_MIN
                                           : kind != ADDRESS_CITY;
    scan->at = scan->to = part->to;
    scan->letters = scan->named = 0;
    scan->last = kind;
    if (++scan->parts > scan->best_parts && scan->placed) {
        scan->best_from = scan->from;
        scan->best_to = scan->to;
        scan->best_parts = scan->parts;
    }
}

/* Bytes of a room that has no word behind it: 8栋703业主. */
static size_t room_here(const struct address_scan *scan)
{
    if (!directly_behind_part(scan) || scan->last <= ADDRESS_ROAD)
        return 0;
    struct address_scan behind = {.index = scan->index, .text = scan->text};
    bool digit = false;
    for (behind.at = scan->at;
            behind.at < scan->text.len && is_number(scan->text.ptr[behind.at]);
            behind.at++)
        digit |= is_digit(scan->text.ptr[behind.at]);
    size_t len = behind.at - scan->at;
    if (!digit || len > ROOM_MAX)
        return 0;
    const struct address_word *word = NULL;
    if (behind.at < scan->text.len)
        word = word_here(&behind, letter_at(scan->text, behind.at),
                letter_at(scan->text, behind.at + letter_size(scan->text.ptr[behind.at])))
                       .word;
    bool ends = behind.at == scan->text.len ||
                (word && (word->role == ADDRESS_BREAK || word->role == ADDRESS_BESIDE ||
                                 word->role == ADDRESS_JOIN));
    return ends ? len : 0;
}

/* What stands at scan->at; true: the end of a part. */
static bool take_word(
        struct address_scan *scan, struct found found, struct address_part *part)
{
    size_t len = found.word ? found.word->text.len : 1;
    switch (found.role) {
    case ADDRESS_END:
        end_part(scan, len, address_endings[found.word->ending].kind, part);
        return true;
    case ADDRESS_BESIDE:
        if (scan->parts && scan->named >= UNENDED_MIN) {
            end_part(scan, 0, ADDRESS_SITE, part);
            return true;
        }
        begin_behind(scan, len);
        return false;
    case ADDRESS_JOIN:
        scan->at = scan->to = scan->at + len;
        return false;
    case ADDRESS_RIDE:
        scan->ride = true;
        begin_behind(scan, len);
        return false;
    case ADDRESS_BREAK:
        note_city(scan);
        begin_behind(scan, len);
        return false;
    case ADDRESS_OFFICE:
    case ADDRESS_BREAK_AT_NUMBER:
    case ADDRESS_GAP:
        begin_behind(scan, len);
        return false;
    case ADDRESS_PLAIN:
    case ADDRESS_NAME:
        for (size_t end = scan->at + len; scan->at < end;)
            take_letter(scan, found.role == ADDRESS_NAME);
        return false;
    }
    return false;
}

bool address_next(struct address_scan *scan, struct address_part *part)
{
    size_t room = room_here(scan);
    if (room) {
        end_part(scan, room, ADDRESS_NUMBER, part);
        return true;
    }
    uint32_t letter = letter_at(scan->text, scan->at), next;
    for (; scan->at < scan->text.len; letter = next) {
        next = letter_at(scan->text, scan->at + letter_size(scan->text.ptr[scan->at]));
        if (!may_begin(scan->index, letter, next)) {
            take_letter(scan, true);
            continue;
        }
        if (take_word(scan, word_here(scan, letter, next), part))
            return true;
        next = letter_at(scan->text, scan->at);
    }
    note_city(scan);
    return false;
}

struct str address_best(const struct address_scan *scan)
{
    if (scan->ride)
        return (struct str){0};
    if (!scan->best_parts)
        return (struct str){
                scan->text.ptr + scan->city_from, scan->city_to - scan->city_from};
    return (struct str){
            scan->text.ptr + scan->best_from, scan->best_to - scan->best_from};
}

struct str address_find(const struct address_index *index, struct str text)
{
    struct address_scan scan = {.index = index, .text = text};
    struct address_part part;
    while (address_next(&scan, &part))
        ;
    return address_best(&scan);
}
