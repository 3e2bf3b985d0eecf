#include "address_core.h"

enum { NAME_MAX = 12 }; /* characters of one part: 南海大道, 恒大文化旅游城 */

#define WORD(text) {text, sizeof(text) - 1}

/* What a part of an address ends with. */
struct ending {
    struct str text;
    const char *not_before; /* characters that make it a part of another word: 路灯 */
    int letters;            /* of a name in front of it, at least */
    bool numbered;          /* a digit or a letter stands in front: 3号, A座 */
};

static const struct ending endings[] = {
        {WORD("自治区"), "", 2, false},
        {WORD("新区"), "", 1, false},
        {WORD("小区"), "", 1, false},
        {WORD("社区"), "工", 1, false},
        {WORD("园区"), "", 1, false},
        {WORD("市"), "民政长委场区内容级管规建", 1, false},
        {WORD("区"), "域别间分委政内里", 1, false},
        {WORD("县"), "城级委", 1, false},
        {WORD("镇"), "政区上里", 1, false},
        {WORD("乡"), "镇村下", 1, false},
        {WORD("街道"), "办上", 1, false},
        {WORD("大道"), "", 1, false},
        {WORD("快速路"), "", 1, false},
        {WORD("高速"), "公", 2, false},
        {WORD("路"), "灯段面口边过人况由障程政牌费上中线", 1, false},
        {WORD("街"), "上边道头", 1, false},
        {WORD("巷"), "子道里口", 1, false},
        {WORD("横路"), "", 1, false},
        {WORD("隧道"), "", 1, false},
        {WORD("立交桥"), "", 1, false},
        {WORD("天桥"), "", 1, false},
        {WORD("大桥"), "", 1, false},
        {WORD("村"), "民里内干口委", 1, false},
        {WORD("村委会"), "", 1, false},
        {WORD("新村"), "", 1, false},
        {WORD("花园"), "", 1, false},
        {WORD("家园"), "", 1, false},
        {WORD("公园"), "", 1, false},
        {WORD("公寓"), "", 1, false},
        {WORD("苑"), "", 1, false},
        {WORD("华庭"), "", 1, false},
        {WORD("豪庭"), "", 1, false},
        {WORD("雅居"), "", 1, false},
        {WORD("名邸"), "", 1, false},
        {WORD("官邸"), "", 1, false},
        {WORD("别墅"), "", 1, false},
        {WORD("楼盘"), "", 2, false},
        {WORD("安置点"), "", 1, false},
        {WORD("安置房"), "", 1, false},
        {WORD("宿舍"), "", 2, false},
        {WORD("宿舍区"), "", 1, false},
        {WORD("广场"), "舞", 1, false},
        {WORD("大厦"), "", 1, false},
        {WORD("商城"), "", 1, false},
        {WORD("美食城"), "", 1, false},
        {WORD("旅游城"), "", 1, false},
        {WORD("市场"), "价监管", 1, false},
        {WORD("商场"), "", 2, false},
        {WORD("超市"), "", 2, false},
        {WORD("酒店"), "", 2, false},
        {WORD("小学"), "生", 1, false},
        {WORD("中学"), "生", 1, false},
        {WORD("大学"), "生", 1, false},
        {WORD("学院"), "", 1, false},
        {WORD("学校"), "", 2, false},
        {WORD("幼儿园"), "", 2, false},
        {WORD("医院"), "", 2, false},
        {WORD("保健院"), "", 2, false},
        {WORD("门诊部"), "", 2, false},
        {WORD("车站"), "", 2, false},
        {WORD("公交站"), "", 2, false},
        {WORD("东站"), "", 2, false},
        {WORD("机场"), "", 1, false},
        {WORD("港"), "口航澳币城", 1, false},
        {WORD("码头"), "", 1, false},
        {WORD("水厂"), "", 2, false},
        {WORD("号楼"), "", 1, true},
        {WORD("号"), "码召称线", 1, true},
        {WORD("栋"), "", 1, true},
        {WORD("幢"), "", 1, true},
        {WORD("座"), "位", 1, true},
        {WORD("单元"), "", 1, true},
        {WORD("室"), "内外", 1, true},
        {WORD("房"), "产屋子价东管地", 1, true},
        {WORD("期"), "间限末房", 1, true},
        {WORD("队"), "伍", 1, true},
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
    if (word.len >= 3 && (p[1] != word.ptr[1] || p[2] != word.ptr[2]))
        return false; /* most Chinese characters begin alike */
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

/* Bytes of the break that begins here, 0: none does. Words first: 对面 is more than 对.
 */
static size_t break_at(struct str text, size_t at)
{
    for (size_t i = 0; i < N_BREAKS; i++)
        if (starts(text, at, breaks[i]))
            return breaks[i].len;
    return one_of(text, at, break_letters) ? letter_size(text.ptr[at]) : 0;
}

static bool is_number(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Bytes of the longest ending that begins here behind `letters` characters of a name,
 * 0: none does. */
static size_t ending_at(struct str text, size_t at, int letters)
{
    size_t longest = 0;
    for (size_t i = 0; i < N_ENDINGS; i++) {
        const struct ending *ending = &endings[i];
        size_t len = ending->text.len;
        if (len <= longest || letters < ending->letters ||
                !starts(text, at, ending->text) ||
                one_of(text, at + len, ending->not_before))
            continue;
        if (!ending->numbered || (at && is_number(text.ptr[at - 1])))
            longest = len;
    }
    return longest;
}

struct stretch {
    size_t from, to;
    int parts;
};

struct str address_find(struct str text)
{
    struct stretch best = {0}, now = {0};
    int letters = 0; /* of the name since the last part, or the break */
    for (size_t at = 0; at < text.len;) {
        size_t len = ending_at(text, at, letters);
        if (len) {
            at += len;
            now.to = at;
            now.parts++;
            letters = 0;
            if (now.parts > best.parts)
                best = now;
            continue;
        }
        len = break_at(text, at);
        if (len) {
            at += len;
            now = (struct stretch){.from = at};
            letters = 0;
            continue;
        }
        at += letter_size(text.ptr[at]);
        if (++letters > NAME_MAX) { /* too long for a name: it begins later */
            if (now.parts)
                now = (struct stretch){.from = at};
            else
                now.from += letter_size(text.ptr[now.from]);
            letters = now.from == at ? 0 : letters - 1;
        }
    }
    return (struct str){text.ptr + best.from, best.to - best.from};
}
