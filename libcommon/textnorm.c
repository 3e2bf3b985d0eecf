#include "textnorm.h"
#include "utf8.h"

#include <uchar.h>

enum {
    SPACE = ' ',
    MASK = '*',
    NUMBER = '#',
    NUMBER_LETTERS = 10, /* an order, card or ID number has at least so many characters */
    NUMBER_DIGITS = 4,   /* of which digits */
};

/* ---- decoding ---- */

/* The code point at *at, which moves behind it; SPACE for a byte that begins none. */
static uint32_t decode(struct str text, size_t *at)
{
    const unsigned char *p = (const unsigned char *)text.ptr + *at;
    size_t left = text.len - *at, more;
    uint32_t c = p[0], low;
    (*at)++;
    if (c < 0x80)
        return c;
    if (c >= 0xc2 && c < 0xe0) {
        more = 1;
        low = 0x80;
        c &= 0x1f;
    } else if (c >= 0xe0 && c < 0xf0) {
        more = 2;
        low = 0x800;
        c &= 0x0f;
    } else if (c >= 0xf0 && c < 0xf5) {
        more = 3;
        low = 0x10000;
        c &= 0x07;
    } else {
        return SPACE;
    }
    if (left <= more)
        return SPACE;
    for (size_t i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return SPACE;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < low || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return SPACE;
    *at += more;
    return c;
}

/* ---- 1. and 2.: one character ---- */

struct pair {
    char32_t from, to;
};

/* Sorted by `from`. */
static const struct pair plain[] = {
        {U'´', U'\''},
        {U'×', U'x'},
        {U'‘', U'\''},
        {U'’', U'\''},
        {U'“', U'"'},
        {U'”', U'"'},
        {U'•', U'·'},
        {U'‧', U'·'},
        {U'′', U'\''},
        {U'″', U'"'},
        {U'−', U'-'},
        {U'─', U'-'},
        {U'━', U'-'},
        {U'○', U'零'},
        {U'〇', U'零'},
        {U'「', U'"'},
        {U'」', U'"'},
        {U'『', U'"'},
        {U'』', U'"'},
        {U'【', U'['},
        {U'】', U']'},
        {U'〔', U'('},
        {U'〕', U')'},
        {U'・', U'·'},
        {U'並', U'并'},
        {U'亂', U'乱'},
        {U'來', U'来'},
        {U'個', U'个'},
        {U'備', U'备'},
        {U'價', U'价'},
        {U'億', U'亿'},
        {U'優', U'优'},
        {U'內', U'内'},
        {U'兩', U'两'},
        {U'別', U'别'},
        {U'動', U'动'},
        {U'務', U'务'},
        {U'區', U'区'},
        {U'參', U'参'},
        {U'員', U'员'},
        {U'問', U'问'},
        {U'單', U'单'},
        {U'嚴', U'严'},
        {U'國', U'国'},
        {U'圍', U'围'},
        {U'園', U'园'},
        {U'圓', U'圆'},
        {U'場', U'场'},
        {U'塊', U'块'},
        {U'壞', U'坏'},
        {U'壩', U'坝'},
        {U'學', U'学'},
        {U'實', U'实'},
        {U'對', U'对'},
        {U'層', U'层'},
        {U'島', U'岛'},
        {U'崗', U'岗'},
        {U'巖', U'岩'},
        {U'幣', U'币'},
        {U'幾', U'几'},
        {U'廁', U'厕'},
        {U'廈', U'厦'},
        {U'廠', U'厂'},
        {U'廣', U'广'},
        {U'廳', U'厅'},
        {U'張', U'张'},
        {U'後', U'后'},
        {U'從', U'从'},
        {U'戶', U'户'},
        {U'掛', U'挂'},
        {U'擾', U'扰'},
        {U'攤', U'摊'},
        {U'數', U'数'},
        {U'斷', U'断'},
        {U'時', U'时'},
        {U'會', U'会'},
        {U'東', U'东'},
        {U'條', U'条'},
        {U'棟', U'栋'},
        {U'業', U'业'},
        {U'樓', U'楼'},
        {U'樹', U'树'},
        {U'橋', U'桥'},
        {U'機', U'机'},
        {U'檔', U'档'},
        {U'歲', U'岁'},
        {U'氣', U'气'},
        {U'溝', U'沟'},
        {U'滲', U'渗'},
        {U'漲', U'涨'},
        {U'潔', U'洁'},
        {U'灣', U'湾'},
        {U'無', U'无'},
        {U'煙', U'烟'},
        {U'熱', U'热'},
        {U'燈', U'灯'},
        {U'營', U'营'},
        {U'現', U'现'},
        {U'環', U'环'},
        {U'畝', U'亩'},
        {U'當', U'当'},
        {U'發', U'发'},
        {U'磚', U'砖'},
        {U'種', U'种'},
        {U'積', U'积'},
        {U'節', U'节'},
        {U'線', U'线'},
        {U'縣', U'县'},
        {U'縫', U'缝'},
        {U'總', U'总'},
        {U'罰', U'罚'},
        {U'義', U'义'},
        {U'臺', U'台'},
        {U'與', U'与'},
        {U'舊', U'旧'},
        {U'萬', U'万'},
        {U'葉', U'叶'},
        {U'蓋', U'盖'},
        {U'處', U'处'},
        {U'號', U'号'},
        {U'蟲', U'虫'},
        {U'術', U'术'},
        {U'衛', U'卫'},
        {U'裏', U'里'},
        {U'補', U'补'},
        {U'裝', U'装'},
        {U'裡', U'里'},
        {U'規', U'规'},
        {U'訴', U'诉'},
        {U'診', U'诊'},
        {U'話', U'话'},
        {U'證', U'证'},
        {U'負', U'负'},
        {U'財', U'财'},
        {U'貳', U'贰'},
        {U'費', U'费'},
        {U'車', U'车'},
        {U'軌', U'轨'},
        {U'軍', U'军'},
        {U'輛', U'辆'},
        {U'辦', U'办'},
        {U'這', U'这'},
        {U'連', U'连'},
        {U'週', U'周'},
        {U'過', U'过'},
        {U'違', U'违'},
        {U'還', U'还'},
        {U'邊', U'边'},
        {U'鄉', U'乡'},
        {U'鄰', U'邻'},
        {U'釐', U'厘'},
        {U'銀', U'银'},
        {U'錢', U'钱'},
        {U'鎮', U'镇'},
        {U'鐘', U'钟'},
        {U'鐵', U'铁'},
        {U'門', U'门'},
        {U'開', U'开'},
        {U'間', U'间'},
        {U'關', U'关'},
        {U'陸', U'陆'},
        {U'陽', U'阳'},
        {U'隊', U'队'},
        {U'電', U'电'},
        {U'靈', U'灵'},
        {U'項', U'项'},
        {U'題', U'题'},
        {U'風', U'风'},
        {U'飯', U'饭'},
        {U'養', U'养'},
        {U'館', U'馆'},
        {U'馬', U'马'},
        {U'點', U'点'},
        {U'黨', U'党'},
};

/* Compatibility forms that are several characters; sorted by `from`. */
static const struct {
    char32_t from;
    const char32_t *to;
} compound[] = {
        {U'²', U"2"},
        {U'³', U"3"},
        {U'¹', U"1"},
        {U'…', U"."},
        {U'℃', U"°c"},
        {U'№', U"no"},
        {U'Ⅰ', U"i"},
        {U'Ⅱ', U"ii"},
        {U'Ⅲ', U"iii"},
        {U'Ⅳ', U"iv"},
        {U'Ⅴ', U"v"},
        {U'Ⅵ', U"vi"},
        {U'Ⅶ', U"vii"},
        {U'Ⅷ', U"viii"},
        {U'Ⅸ', U"ix"},
        {U'Ⅹ', U"x"},
        {U'㎎', U"mg"},
        {U'㎏', U"kg"},
        {U'㎜', U"mm"},
        {U'㎝', U"cm"},
        {U'㎞', U"km"},
        {U'㎡', U"m2"},
        {U'㎥', U"m3"},
        {U'㏄', U"cc"},
};

static bool is_space(uint32_t c)
{
    return c <= SPACE || (c >= 0x7f && c <= 0xa0) || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x3000;
}

/* Zero-width characters, byte-order marks, variation selectors. */
static bool is_nothing(uint32_t c)
{
    return c == 0xad || (c >= 0x200b && c <= 0x200f) || c == 0x2060 ||
           (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

/* Searched without a branch that depends on c: nearly every character comes this way. */
static uint32_t plain_of(uint32_t c)
{
    const struct pair *from = plain;
    for (size_t n = sizeof plain / sizeof *plain; n > 1;) {
        size_t half = n / 2;
        from += from[half].from <= c ? half : 0;
        n -= half;
    }
    return from->from == c ? from->to : c;
}

/* Writes one or more characters to out; returns how many. */
static size_t put_plain(uint32_t c, uint32_t *out, size_t max)
{
    if (c >= 0xff01 && c <= 0xff5e) /* full width ASCII */
        c -= 0xfee0;
    if (c < 0x80) {
        out[0] = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
        return 1;
    }
    if (c >= 0x2460 && c <= 0x249b) { /* ① ⑴ ⒈: one to twenty, three ways */
        uint32_t value = (c - 0x2460) % 20 + 1;
        size_t n = 0;
        if (value >= 10)
            out[n++] = '0' + value / 10;
        if (n < max)
            out[n++] = '0' + value % 10;
        return n;
    }
    if (c >= 0x2010 && c <= 0x2015) { /* dashes */
        out[0] = '-';
        return 1;
    }
    if (c < 0x3400)
        for (size_t i = 0; i < sizeof compound / sizeof *compound; i++)
            if (compound[i].from == c) {
                size_t n = 0;
                for (; compound[i].to[n] && n < max; n++)
                    out[n] = compound[i].to[n];
                return n;
            }
    out[0] = plain_of(c);
    return 1;
}

static size_t read_plain(struct str text, uint32_t *out, size_t max)
{
    size_t n = 0;
    for (size_t at = 0; at < text.len && n < max;) {
        uint32_t c = decode(text, &at);
        if (is_nothing(c))
            continue;
        if (!is_space(c))
            n += put_plain(c, out + n, max - n);
        else if (n && out[n - 1] != SPACE)
            out[n++] = SPACE;
    }
    if (n && out[n - 1] == SPACE)
        n--;
    return n;
}

/* ---- 2. financial digits ---- */

/* 0 when c is no financial digit. */
static uint32_t ordinary_of(uint32_t c)
{
    switch (c) {
    case U'壹':
        return U'一';
    case U'贰':
        return U'二';
    case U'叁':
        return U'三';
    case U'肆':
        return U'四';
    case U'伍':
        return U'五';
    case U'陆':
        return U'六';
    case U'柒':
        return U'七';
    case U'捌':
        return U'八';
    case U'玖':
        return U'九';
    case U'拾':
        return U'十';
    case U'佰':
        return U'百';
    case U'仟':
        return U'千';
    default:
        return 0;
    }
}

/* What a number may hold beside them, or be followed by. */
static bool goes_with_number(uint32_t c)
{
    static const char32_t others[] = U"零一二三四五六七八九十百千万亿元圆角分号楼栋层户";
    for (size_t i = 0; others[i]; i++)
        if (others[i] == c)
            return true;
    return ordinary_of(c) != 0;
}

static void plain_numbers(uint32_t *text, size_t n)
{
    bool number_before = false;
    for (size_t i = 0; i < n; i++) {
        uint32_t digit = ordinary_of(text[i]);
        bool number = digit &&
                      (number_before || (i + 1 < n && goes_with_number(text[i + 1])));
        if (number)
            text[i] = digit;
        number_before = number;
    }
}

/* ---- 3. masks and numbers ---- */

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_token(uint32_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == MASK;
}

/* What stands for text[0..n), a run of letters, digits and masks, in place; returns its
 * length. */
static size_t shorten(uint32_t *text, size_t n)
{
    size_t digits = 0, masks = 0, kept = 0;
    for (size_t i = 0; i < n; i++) {
        digits += is_digit(text[i]);
        masks += text[i] == MASK;
    }
    if (masks) {
        for (size_t i = 0; i < n && text[i] != MASK && !is_digit(text[i]); i++)
            kept++; /* the letter of a plate */
        text[kept] = MASK;
        return kept + 1;
    }
    if (n >= NUMBER_LETTERS && digits >= NUMBER_DIGITS) {
        text[0] = NUMBER;
        return 1;
    }
    return n;
}

static size_t plain_tokens(uint32_t *text, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n;) {
        size_t to = i;
        while (to < n && is_token(text[to]))
            to++;
        if (to == i) {
            text[out++] = text[i++];
            continue;
        }
        size_t len = shorten(text + i, to - i);
        memmove(text + out, text + i, len * sizeof *text);
        out += len;
        i = to;
    }
    return out;
}

/* ---- 4. what operators write ---- */

/* A clause that is nothing but these words says nothing about the complaint. */
static const char32_t *const phrases[] = {U"市民", U"群众", U"网友", U"居民", U"来电人",
        U"诉求人", U"投诉人", U"热心", U"来电", U"致电", U"来信", U"再次", U"通过",
        U"公众号", U"微信", U"网站", U"短信", U"邮件", U"市民云", U"12345", U"热线",
        U"反映", U"咨询", U"投诉", U"建议", U"求助", U"举报", U"反馈", U"表示", U"称",
        U"补充", U"要求", U"诉求", U"内容", U"工单内容", U"您好", U"你好", U"尊敬的",
        U"领导", U"谢谢", U"感谢", U"请", U"望", U"希望", U"恳请", U"烦请", U"贵",
        U"相关", U"有关", U"职能", U"主管", U"部门", U"单位", U"职能局", U"按照规定",
        U"按规定", U"规定", U"依法", U"在", U"30分钟", U"三十分钟", U"内", U"尽快",
        U"及时", U"予以", U"给予", U"进行", U"核实", U"调查", U"了解", U"协调", U"解决",
        U"处理", U"处置", U"跟进", U"回复", U"答复", U"联系", U"响应", U"并", U"为盼"};

static size_t phrase_at(const uint32_t *text, size_t n)
{
    size_t longest = 0;
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        const char32_t *phrase = phrases[i];
        size_t len = 0;
        while (phrase[len] && len < n && phrase[len] == text[len])
            len++;
        if (!phrase[len] && len > longest)
            longest = len;
    }
    return longest;
}

static bool says_nothing(const uint32_t *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        size_t len = phrase_at(text + at, n - at);
        if (!len)
            return false;
        at += len;
    }
    return true;
}

static bool parts_clauses(uint32_t c)
{
    static const char32_t marks[] = U" ,.:;!?~()[]<>\"。、《》";
    if (c >= 0x80 && (c < U'、' || c > U'》'))
        return false;
    for (size_t i = 0; marks[i]; i++)
        if (marks[i] == c)
            return true;
    return false;
}

/* Cuts such clauses at both ends; a text of nothing else stays. */
static size_t cut_phrases(uint32_t *text, size_t n)
{
    size_t from = 0, to = n, next = 0, before = n;
    while (next < n) {
        size_t end = next;
        while (end < n && !parts_clauses(text[end]))
            end++;
        if (end == n || !says_nothing(text + next, end - next))
            break;
        if (end > next) /* an opening bracket stays with what it opens */
            from = end + 1;
        next = end + 1;
    }
    while (before > from) {
        size_t start = before;
        while (start > from && !parts_clauses(text[start - 1]))
            start--;
        if (start == from || !says_nothing(text + start, before - start))
            break;
        if (before > start)
            to = start - 1;
        before = start - 1;
    }
    while (from < to && text[from] == SPACE)
        from++;
    while (to > from && text[to - 1] == SPACE)
        to--;
    if (from == to)
        return n;
    memmove(text, text + from, (to - from) * sizeof *text);
    return to - from;
}

size_t textnorm(struct str text, uint32_t *out, size_t max)
{
    size_t n = read_plain(text, out, max);
    plain_numbers(out, n);
    n = plain_tokens(out, n);
    return cut_phrases(out, n);
}

size_t textnorm_utf8(const uint32_t *text, size_t n, char *out, size_t size)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        char bytes[4];
        size_t more = utf8_put(text[i], bytes);
        if (len + more >= size)
            break;
        memcpy(out + len, bytes, more);
        len += more;
    }
    if (size)
        out[len] = 0;
    return len;
}
