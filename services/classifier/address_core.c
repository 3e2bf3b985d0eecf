#include "address_core.h"

#include <assert.h>
#include <stdbool.h>

enum { NAME_MAX = 12 }; /* characters of one part: 南海大道, 恒大文化旅游城 */

#define WORD(text) {text, sizeof(text) - 1}

/* What a part of an address ends with. */
struct ending {
    struct str text;
    const char *not_before; /* characters that make it a part of another word: 路灯 */
    int letters;            /* of a name in front of it, at least */
    enum address_ending
            kind; /* a number: a digit or a letter stands in front: 3号, A座 */
};

static const struct ending endings[] = {
        {WORD("自治区"), "", 2, ADDRESS_AREA},
        {WORD("新区"), "", 1, ADDRESS_AREA},
        {WORD("小区"), "", 1, ADDRESS_ESTATE},
        {WORD("社区"), "工", 1, ADDRESS_AREA},
        {WORD("园区"), "", 1, ADDRESS_AREA},
        {WORD("市"), "民政长委场区内容级管规建", 1, ADDRESS_AREA},
        {WORD("区"), "域别间分委政内里", 1, ADDRESS_AREA},
        {WORD("县"), "城级委", 1, ADDRESS_AREA},
        {WORD("镇"), "政区上里", 1, ADDRESS_AREA},
        {WORD("乡"), "镇村下", 1, ADDRESS_AREA},
        {WORD("街道"), "办上", 1, ADDRESS_AREA},
        {WORD("大道"), "", 1, ADDRESS_ROAD},
        {WORD("快速路"), "", 1, ADDRESS_ROAD},
        {WORD("高速"), "公", 2, ADDRESS_ROAD},
        {WORD("路"), "灯段面口边过人况由障程政牌费上中线", 1, ADDRESS_ROAD},
        {WORD("街"), "上边道头", 1, ADDRESS_ROAD},
        {WORD("巷"), "子道里口", 1, ADDRESS_ROAD},
        {WORD("横路"), "", 1, ADDRESS_ROAD},
        {WORD("隧道"), "", 1, ADDRESS_ROAD},
        {WORD("立交桥"), "", 1, ADDRESS_ROAD},
        {WORD("天桥"), "", 1, ADDRESS_ROAD},
        {WORD("大桥"), "", 1, ADDRESS_ROAD},
        {WORD("村"), "民里内干口委", 1, ADDRESS_AREA},
        {WORD("村委会"), "", 1, ADDRESS_AREA},
        {WORD("新村"), "", 1, ADDRESS_ESTATE},
        {WORD("花园"), "", 1, ADDRESS_ESTATE},
        {WORD("家园"), "", 1, ADDRESS_ESTATE},
        {WORD("公园"), "", 1, ADDRESS_SITE},
        {WORD("公寓"), "", 1, ADDRESS_ESTATE},
        {WORD("苑"), "", 1, ADDRESS_ESTATE},
        {WORD("华庭"), "", 1, ADDRESS_ESTATE},
        {WORD("豪庭"), "", 1, ADDRESS_ESTATE},
        {WORD("雅居"), "", 1, ADDRESS_ESTATE},
        {WORD("名邸"), "", 1, ADDRESS_ESTATE},
        {WORD("官邸"), "", 1, ADDRESS_ESTATE},
        {WORD("别墅"), "", 1, ADDRESS_ESTATE},
        {WORD("楼盘"), "", 2, ADDRESS_ESTATE},
        {WORD("安置点"), "", 1, ADDRESS_ESTATE},
        {WORD("安置房"), "", 1, ADDRESS_ESTATE},
        {WORD("宿舍"), "", 2, ADDRESS_ESTATE},
        {WORD("宿舍区"), "", 1, ADDRESS_ESTATE},
        {WORD("广场"), "舞", 1, ADDRESS_SITE},
        {WORD("大厦"), "", 1, ADDRESS_SITE},
        {WORD("商城"), "", 1, ADDRESS_SITE},
        {WORD("美食城"), "", 1, ADDRESS_SITE},
        {WORD("旅游城"), "", 1, ADDRESS_SITE},
        {WORD("市场"), "价监管", 1, ADDRESS_SITE},
        {WORD("商场"), "", 2, ADDRESS_SITE},
        {WORD("超市"), "", 2, ADDRESS_SITE},
        {WORD("酒店"), "", 2, ADDRESS_SITE},
        {WORD("小学"), "生", 1, ADDRESS_SITE},
        {WORD("中学"), "生", 1, ADDRESS_SITE},
        {WORD("大学"), "生", 1, ADDRESS_SITE},
        {WORD("学院"), "", 1, ADDRESS_SITE},
        {WORD("学校"), "", 2, ADDRESS_SITE},
        {WORD("幼儿园"), "", 2, ADDRESS_SITE},
        {WORD("医院"), "", 2, ADDRESS_SITE},
        {WORD("保健院"), "", 2, ADDRESS_SITE},
        {WORD("门诊部"), "", 2, ADDRESS_SITE},
        {WORD("车站"), "", 2, ADDRESS_SITE},
        {WORD("公交站"), "", 2, ADDRESS_SITE},
        {WORD("东站"), "", 2, ADDRESS_SITE},
        {WORD("机场"), "", 1, ADDRESS_SITE},
        {WORD("港"), "口航澳币城", 1, ADDRESS_SITE},
        {WORD("码头"), "", 1, ADDRESS_SITE},
        {WORD("水厂"), "", 2, ADDRESS_SITE},
        {WORD("号楼"), "", 1, ADDRESS_NUMBER},
        {WORD("号"), "码召称线", 1, ADDRESS_NUMBER},
        {WORD("栋"), "", 1, ADDRESS_NUMBER},
        {WORD("幢"), "", 1, ADDRESS_NUMBER},
        {WORD("座"), "位", 1, ADDRESS_NUMBER},
        {WORD("单元"), "", 1, ADDRESS_NUMBER},
        {WORD("室"), "内外", 1, ADDRESS_NUMBER},
        {WORD("房"), "产屋子价东管地", 1, ADDRESS_NUMBER},
        {WORD("期"), "间限末房", 1, ADDRESS_NUMBER},
        {WORD("队"), "伍", 1, ADDRESS_NUMBER},
};
enum { N_ENDINGS = sizeof endings / sizeof *endings };

/* What an address does not go on over: one of these characters, or a word. */
static const char
        break_letters[] = "，。；：！？、“”《》（）【】 \n\t,;:!?()\""
                          "在的有是其我到至从于去往对请和与被把因说要每处内向住为"
                          "将已都就也但现该";
static const struct str breaks[] = {WORD("反映"), WORD("投诉"), WORD("咨询"),
        WORD("来电"), WORD("表示"), WORD("市民"), WORD("业主"), WORD("乘坐"),
        WORD("前往"), WORD("途经"), WORD("经过"), WORD("居民"), WORD("村民"),
        WORD("附近"), WORD("旁边"), WORD("对面"), WORD("门口"), WORD("隔壁"),
        WORD("楼下"), WORD("后面"), WORD("前面"), WORD("周边"), WORD("疏通"),
        WORD("购买"), WORD("发现"), WORD("进行"), WORD("以及"), WORD("导致"),
        WORD("突然"), WORD("希望"), WORD("建议"), WORD("可否"), WORD("严重"),
        WORD("发生"), WORD("一直"), WORD("经常"), WORD("靠近")};
enum { N_BREAKS = sizeof breaks / sizeof *breaks };

static bool starts(struct str text, size_t at, struct str word)
{
    const char *p = text.ptr + at;
    if (text.len - at < word.len || p[0] != word.ptr[0])
        return false;
    if (word.len == 3) /* nearly all: one character */
        return p[1] == word.ptr[1] && p[2] == word.ptr[2];
    return memcmp(p, word.ptr, word.len) == 0;
}

static size_t letter_size(char first)
{
    unsigned char c = (unsigned char)first;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
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

/* ---- the index ---- */

static size_t bucket_of(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    if (len < 3 || p[0] < 0xe0)
        return p[0];
    return ((size_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f)) ^ (size_t)(p[0] & 0x0f) << 8;
}

/* All words in one row: endings, breaks, then the letters that break. */
static struct str word_at(size_t i)
{
    if (i < N_ENDINGS)
        return endings[i].text;
    i -= N_ENDINGS;
    if (i < N_BREAKS)
        return breaks[i];
    const char *p = break_letters;
    for (i -= N_BREAKS; i && *p; i--)
        p += letter_size(*p);
    return (struct str){p, *p ? letter_size(*p) : 0};
}

void address_index_init(struct address_index *index)
{
    *index = (struct address_index){0};
    size_t n = 0;
    for (; word_at(n).len; n++)
        index->first[bucket_of(word_at(n).ptr, word_at(n).len) + 1]++;
    assert(n <= ADDRESS_WORDS_MAX);
    for (size_t b = 0; b < ADDRESS_BUCKETS; b++)
        index->first[b + 1] = (uint8_t)(index->first[b + 1] + index->first[b]);
    for (size_t b = 0, at = 0; b < ADDRESS_BUCKETS; b++)
        for (size_t i = 0; i < n && at < index->first[b + 1]; i++)
            if (bucket_of(word_at(i).ptr, word_at(i).len) == b)
                index->words[at++] = (struct address_word){word_at(i), (uint8_t)i};
}

/* ---- use ---- */

static bool is_number(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool ends_here(
        const struct ending *ending, struct str text, size_t at, int letters)
{
    return letters >= ending->letters &&
           !one_of(text, at + ending->text.len, ending->not_before) &&
           (ending->kind != ADDRESS_NUMBER || (at && is_number(text.ptr[at - 1])));
}

/* The longest word that begins at scan->at: an ending behind so many letters of a name,
 * or else (NULL) a break of *len bytes, 0: neither. */
static const struct ending *word_here(const struct address_scan *scan, size_t *len)
{
    const struct ending *longest = NULL;
    size_t b = bucket_of(scan->text.ptr + scan->at, scan->text.len - scan->at);
    *len = 0;
    for (size_t i = scan->index->first[b]; i < scan->index->first[b + 1]; i++) {
        const struct address_word *word = &scan->index->words[i];
        if (!starts(scan->text, scan->at, word->text))
            continue;
        if (word->id >= N_ENDINGS)
            *len = word->text.len > *len ? word->text.len : *len;
        else if (ends_here(&endings[word->id], scan->text, scan->at, scan->letters) &&
                 (!longest || word->text.len > longest->text.len))
            longest = &endings[word->id];
    }
    if (longest)
        *len = longest->text.len;
    return longest;
}

/* Where the name ends that a part has in front of its ending at `at`. */
static size_t name_end(struct str text, size_t from, size_t at, enum address_ending kind)
{
    while (kind == ADDRESS_NUMBER && at > from && is_number(text.ptr[at - 1]))
        at--;
    return at;
}

/* A letter of a name; one too many, and it begins later. */
static void take_letter(struct address_scan *scan)
{
    scan->at += letter_size(scan->text.ptr[scan->at]);
    if (++scan->letters <= NAME_MAX)
        return;
    if (scan->parts)
        scan->from = scan->at;
    else
        scan->from += letter_size(scan->text.ptr[scan->from]);
    scan->letters = scan->from == scan->at ? 0 : scan->letters - 1;
    scan->parts = 0;
}

bool address_next(struct address_scan *scan, struct address_part *part)
{
    while (scan->at < scan->text.len) {
        size_t len;
        const struct ending *ending = word_here(scan, &len);
        if (ending) {
            size_t from = scan->parts ? scan->to : scan->from;
            *part = (struct address_part){
                    .from = from,
                    .to = scan->at + len,
                    .name_to = name_end(scan->text, from, scan->at, ending->kind),
                    .ending = ending->kind,
                    .stretch = scan->from,
                    .nth = ++scan->parts,
            };
            scan->at = scan->to = part->to;
            scan->letters = 0;
            return true;
        }
        if (len) {
            scan->at = scan->from = scan->at + len;
            scan->letters = scan->parts = 0;
        } else {
            take_letter(scan);
        }
    }
    return false;
}

struct str address_find(const struct address_index *index, struct str text)
{
    struct address_scan scan = {.index = index, .text = text};
    struct address_part part, best = {0};
    while (address_next(&scan, &part))
        if (part.nth > best.nth)
            best = part;
    return (struct str){text.ptr + best.stretch, best.to - best.stretch};
}
