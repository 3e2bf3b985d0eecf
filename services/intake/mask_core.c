#include "mask_core.h"

#include <stdint.h>

enum {
    DIGITS_MAX = 24,
    DIGIT_X = 10,
    SEPARATORS_MAX = 3,
    FILLERS_MAX = 4,
    CUE_REACH = 36
};

struct reader {
    struct str text;
    size_t at;
    char *out;
    size_t n;
};

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

/* The code point at text[at], and its length; a stray byte is one of its own. */
static uint32_t char_at(struct str text, size_t at, size_t *len)
{
    const unsigned char *p = (const unsigned char *)text.ptr + at;
    size_t left = text.len - at;
    *len = 1;
    if (left == 0)
        return 0;
    if (p[0] < 0xC0)
        return p[0];
    size_t n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (n > left)
        return p[0];
    uint32_t c = n == 2 ? p[0] & 0x1FU : n == 3 ? p[0] & 0x0FU : p[0] & 0x07U;
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3FU);
    *len = n;
    return c;
}

static struct str rest(const struct reader *r)
{
    return (struct str){r->text.ptr + r->at, r->text.len - r->at};
}

static void keep(struct reader *r, size_t len)
{
    memcpy(r->out + r->n, r->text.ptr + r->at, len);
    r->n += len;
    r->at += len;
}

static void put_star(struct reader *r)
{
    r->out[r->n++] = '*';
}

static bool is_han(uint32_t c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x20000 && c <= 0x323AF);
}

static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_ascii_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* Whether the character of len bytes at p is one of set's. */
static bool one_of(const char *p, size_t len, const char *set)
{
    struct str one = {p, len}, all = str_of(set);
    for (size_t i = 0, step; i < all.len; i += step) {
        (void)char_at(all, i, &step);
        if (str_eq((struct str){all.ptr + i, step}, one))
            return true;
    }
    return false;
}

static size_t starts_with_any(struct str text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_starts(text, str_of(words[i])))
            return strlen(words[i]);
    return 0;
}

/* ---- numbers ---- */

enum script { SCRIPT_NONE, SCRIPT_ASCII, SCRIPT_WIDE, SCRIPT_HAN };

static int digit_value(struct str text, size_t at, size_t *len, enum script *script)
{
    static const struct {
        uint32_t c;
        int value;
    } han[] = {{0x3007, 0}, {0x96F6, 0}, {0x4E00, 1}, {0x5E7A, 1}, {0x4E8C, 2},
            {0x4E09, 3}, {0x56DB, 4}, {0x4E94, 5}, {0x516D, 6}, {0x4E03, 7}, {0x516B, 8},
            {0x4E5D, 9}}; /* 〇零一幺二三四五六七八九 */
    uint32_t c = char_at(text, at, len);
    *script = SCRIPT_NONE;
    if (at >= text.len)
        return -1;
    if (is_ascii_digit(c)) {
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
        uint32_t c = char_at(text, at, &len);
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

static void write_number(struct reader *r, const struct digit *d, struct number number)
{
    for (size_t i = 0; i < number.digits; i++) {
        keep(r, d[i].from - r->at); /* separators stay */
        if (i < number.keep_first || i >= number.digits - number.keep_last) {
            keep(r, d[i].to - d[i].from);
        } else {
            put_star(r);
            r->at = d[i].to;
        }
    }
}

/* At the first digit of a group: masks the number that begins there. */
static bool take_number(struct reader *r)
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

/* A group of digits that is no number of ours stays whole, so that none is looked for
 * inside it. */
static bool keep_digits(struct reader *r)
{
    struct digit digits[DIGITS_MAX];
    size_t n = gather(r->text, r->at, digits), first = 1;
    if (n == 0)
        return false;
    while (first < n && !digits[first].starts_group)
        first++;
    keep(r, digits[first - 1].to - r->at);
    while (first == DIGITS_MAX) { /* longer than any number we know: to its end */
        size_t len;
        enum script script;
        if (digit_value(r->text, r->at, &len, &script) < 0)
            break;
        keep(r, len);
    }
    return true;
}

/* ---- e-mail, licence plates ---- */

static bool is_local_char(uint32_t c)
{
    return is_letter(c) || is_ascii_digit(c) || c == '.' || c == '_' || c == '%' ||
           c == '+' || c == '-';
}

static bool take_email(struct reader *r)
{
    struct str text = rest(r);
    size_t local = 0, len, domain, end, dot = 0;
    while (local < text.len && is_local_char(char_at(text, local, &len)))
        local++;
    if (local == 0 || local >= text.len)
        return false;
    uint32_t at = char_at(text, local, &len);
    if (at != '@' && at != 0xFF20)
        return false;
    domain = end = local + len;
    while (end < text.len && (is_letter(char_at(text, end, &len)) ||
                                     is_ascii_digit(char_at(text, end, &len)) ||
                                     text.ptr[end] == '-' || text.ptr[end] == '.')) {
        if (text.ptr[end] == '.')
            dot = end;
        end++;
    }
    if (dot <= domain)
        return false;
    if (local > 1)
        keep(r, 1);
    put_star(r);
    r->at += local > 1 ? local - 1 : local;
    keep(r, end - local);
    return true;
}

static bool take_plate(struct reader *r)
{
    static const char provinces[] =
            "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    struct str text = rest(r);
    size_t len, at, body = 0;
    (void)char_at(text, 0, &len);
    if (len != 3 || text.len < len + 2 || !is_letter(char_at(text, len, &at)) ||
            !one_of(text.ptr, len, provinces))
        return false;
    at = len + 1;
    size_t dot_len;
    uint32_t dot = char_at(text, at, &dot_len);
    if (at < text.len &&
            (dot == 0xB7 || dot == 0x2022 || dot == ' ' || dot == '-' || dot == '.'))
        at += dot_len;
    size_t start = at, digits = 0;
    while (at < text.len && (is_letter(char_at(text, at, &len)) ||
                                    is_ascii_digit(char_at(text, at, &len)))) {
        digits += is_ascii_digit((unsigned char)text.ptr[at]);
        at++;
        body++;
    }
    bool tail = body == 4 && at < text.len && char_at(text, at, &len) && len == 3 &&
                one_of(text.ptr + at, len, "学警港澳挂");
    if ((body != 5 && body != 6 && !tail) || digits < 2)
        return false;
    keep(r, start);
    for (size_t i = 0; i + 2 < body; i++)
        put_star(r);
    r->at += body - 2;
    keep(r, 2);
    return true;
}

/* ---- names ---- */

static const char surnames[] =
        "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
        "苏卢蒋"
        "蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵"
        "孟龙"
        "万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕"
        "聂"
        "焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席"
        "卫查"
        "屈鲍覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑"
        "邬臧畅"
        "宫苟褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇"
        "艾蓝巩稽井练仲乐虞卞封竺冼原楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保蔺肖"
        "闫";

/* Surnames that are everyday words as well: after a weak cue they say nothing. */
static const char ambiguous[] = "于曾常方应任时高安成万单严项连平石白马华关全和来位都向易"
                                "文明原盖计管乐保强解查车房游路陆迟凌何部花";

static const char *const compound_surnames[] = {"欧阳", "司马", "上官", "诸葛", "东方",
        "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙", "司徒", "夏侯", "端木",
        "南宫", "轩辕"};

/* What follows a name rather than being part of it. */
static const char follows[] = "反住在的是说来要现家有于和电手联身先女男因与已曾向打投举诉"
                              "想请求希称表认从对把被将还也就到去"
                              "找及或等同无不没今昨前近系位当自给让发这那该此其我你他她本"
                              "多每经常一二三四五六七八九十两几某";

/* What makes the characters before it a place. */
static const char place_ends[] = "路街道巷弄区村里镇乡市县苑园楼湾桥山庄城厦院站";

static bool place_follows(struct str text)
{
    static const char *const words[] = {
            "小区", "小学", "公园", "广场", "公司", "公寓", "新村"};
    size_t len;
    uint32_t c = char_at(text, 0, &len);
    return text.len > 0 && is_han(c) &&
           (one_of(text.ptr, len, place_ends) ||
                   starts_with_any(text, words, sizeof words / sizeof *words) > 0);
}

static bool title_follows(struct str text)
{
    static const char *const titles[] = {"先生", "女士", "小姐", "师傅", "阿姨", "大爷",
            "大妈", "老师", "经理", "主任", "医生", "某"};
    return starts_with_any(text, titles, sizeof titles / sizeof *titles) > 0;
}

/* How many bytes at the start of text are a name; *first: how many of them its first
 * character has. */
static size_t name_length(struct str text, bool weak, size_t *first)
{
    size_t len, n;
    uint32_t c = char_at(text, 0, first);
    if (text.len == 0 || !is_han(c))
        return 0;
    n = starts_with_any(text, compound_surnames,
            sizeof compound_surnames / sizeof *compound_surnames);
    if (n == 0) {
        if (!one_of(text.ptr, *first, surnames) ||
                (weak && one_of(text.ptr, *first, ambiguous)))
            return 0;
        n = *first;
    }
    struct str given = {text.ptr + n, text.len - n};
    c = char_at(given, 0, &len);
    if (given.len == 0 || !is_han(c) || one_of(given.ptr, len, follows) ||
            title_follows(given))
        return 0;
    /* 本人金河小区…, 我是金碧花园…: a place, not a person. */
    for (size_t i = 0, at = 0, step; weak && i < 3 && at < given.len; i++, at += step) {
        if (place_follows((struct str){given.ptr + at, given.len - at}))
            return 0;
        (void)char_at(given, at, &step);
    }
    n += len;
    c = char_at(text, n, &len);
    if (n < text.len && is_han(c) && !one_of(text.ptr + n, len, follows))
        n += len;
    return n;
}

static void write_name(struct reader *r, size_t len, size_t first)
{
    keep(r, first);
    put_star(r);
    r->at += len - first;
}

/* The first characters of all cues below: most of a text begins none. */
static bool begins_a_cue(uint32_t c)
{
    switch (c) {
    case 0x6211:
    case 0x540D:
    case 0x59D3:
    case 0x8054:
    case 0x673A: /* 我 名 姓 联 机 */
    case 0x7ECF:
    case 0x6536:
    case 0x5BC4:
    case 0x672C:
    case 0x4E3E: /* 经 收 寄 本 举 */
    case 0x6295:
    case 0x8BC9:
    case 0x53CD:
    case 0x5F53:
    case 0x4E1A: /* 投 诉 反 当 业 */
    case 0x79DF:
    case 0x4F4F:
    case 0x6237:
    case 0x5E02:
    case 0x5C45: /* 租 住 户 市 居 */
        return true;
    default:
        return false;
    }
}

static bool take_cued_name(struct reader *r)
{
    static const char *const strong[] = {
            "我叫", "名叫", "姓名", "联系人", "机主", "经办人", "收件人", "寄件人"};
    static const char *const weak[] = {"本人", "我是", "举报人", "投诉人", "诉求人",
            "反映人", "当事人", "业主", "租户", "住户", "户主", "市民", "居民", "名字"};
    static const char *const fillers[] = {"：", ":", " ", "　", "是", "为", "叫", "“",
            "\"", "（", "(", "姓名", "及电话", "和电话", "电话", ","};
    struct str text = rest(r);
    size_t cue, len;
    if (!begins_a_cue(char_at(text, 0, &len)))
        return false;
    cue = starts_with_any(text, strong, sizeof strong / sizeof *strong);
    bool is_weak = cue == 0;
    if (is_weak)
        cue = starts_with_any(text, weak, sizeof weak / sizeof *weak);
    if (cue == 0)
        return false;
    keep(r, cue);
    for (int i = 0; i < FILLERS_MAX; i++) {
        len = starts_with_any(rest(r), fillers, sizeof fillers / sizeof *fillers);
        if (len == 0 || str_starts(rest(r), STR("为何")))
            break;
        if (str_starts(rest(r), STR("叫")) || str_starts(rest(r), STR("姓名")) ||
                str_starts(rest(r), STR("：")) || str_starts(rest(r), STR(":")))
            is_weak = false;
        keep(r, len);
    }
    size_t first, name = name_length(rest(r), is_weak, &first);
    if (name)
        write_name(r, name, first);
    return true;
}

/* ---- what the message itself names ---- */

static size_t count_chars(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return n;
}

/* Words that stand in the field of a name and name nobody. */
static bool names_nobody(struct str name)
{
    static const char *const words[] = {"匿名", "市民", "居民", "群众", "先生", "女士",
            "业主", "不详", "未知", "保密", "热心市民", "小区居民", "测试"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is(name, words[i]))
            return true;
    return false;
}

static bool take_known(struct reader *r, const struct mask_known *known, size_t n_known)
{
    for (size_t i = 0; i < n_known; i++) {
        struct str text = known[i].text;
        size_t first;
        if (text.len == 0 || !str_starts(rest(r), text))
            continue;
        if (known[i].number) {
            if (text.len < 5)
                continue;
            for (size_t j = 0; j + 2 < text.len; j++)
                put_star(r);
            r->at += text.len - 2;
            keep(r, 2);
            return true;
        }
        if (count_chars(text) < 2 || names_nobody(text))
            continue;
        (void)char_at(text, 0, &first);
        write_name(r, text.len, first);
        return true;
    }
    return false;
}

size_t mask_text(
        struct str text, const struct mask_known *known, size_t n_known, char *out)
{
    struct reader r = {.text = text, .out = out};
    uint32_t before = 0;
    while (r.at < text.len) {
        size_t at = r.at, len;
        uint32_t c = char_at(text, at, &len);
        bool taken = (is_local_char(c) && !is_local_char(before) && take_email(&r)) ||
                     take_number(&r) || take_known(&r, known, n_known) ||
                     keep_digits(&r) || take_plate(&r) || take_cued_name(&r);
        if (!taken)
            keep(&r, len);
        size_t last = r.at - 1; /* the character before, for the next turn */
        while (last > at && ((unsigned char)text.ptr[last] & 0xC0) == 0x80)
            last--;
        before = char_at(text, last, &len);
    }
    return r.n;
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
