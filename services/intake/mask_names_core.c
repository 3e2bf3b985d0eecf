/* Names in a text, by the words before them and the surname they begin with. */
#include "mask_parts.h"

enum { FILLERS_MAX = 4 };

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

/* 复姓, after 百家姓. Those that are everyday places or numbers (东门, 西门, 南门, 第五,
 * 百里, 司空) are left out: 居民东门反映 names nobody. */
static const char *const compound_surnames[] = {"欧阳", "司马", "上官", "诸葛", "东方",
        "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙", "司徒", "夏侯", "端木",
        "南宫", "轩辕", "万俟", "闻人", "赫连", "公羊", "澹台", "公冶", "宗政", "濮阳",
        "淳于", "单于", "太叔", "申屠", "仲孙", "钟离", "鲜于", "闾丘", "亓官", "司寇",
        "颛孙", "巫马", "漆雕", "乐正", "壤驷", "拓跋", "夹谷", "宰父", "谷梁", "段干",
        "东郭", "呼延", "羊舌", "梁丘", "左丘", "独孤", "完颜", "纳兰", "叶赫"};

/* What follows a name rather than being part of it. */
static const char follows[] = "反住在的是说来要现家有于和电手联身先女男因与已曾向打投举诉"
                              "想请求希称表认从对把被将还也就到去"
                              "找及或等同无不没今昨前近系位当自给让发这那该此其我你他她本"
                              "多每经常一二三四五六七八九十两几某";

/* What makes the characters before it a place. */
static const char place_ends[] = "路街道巷弄区村里镇乡市县苑园楼湾桥山庄城厦院站";

static bool is_han(uint32_t c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x20000 && c <= 0x323AF);
}

static bool place_follows(struct str text)
{
    static const char *const words[] = {
            "小区", "小学", "公园", "广场", "公司", "公寓", "新村"};
    size_t len;
    uint32_t c = mask_char_at(text, 0, &len);
    return text.len > 0 && is_han(c) &&
           (mask_one_of(text.ptr, len, place_ends) ||
                   mask_starts_with_any(text, words, sizeof words / sizeof *words) > 0);
}

static bool title_follows(struct str text)
{
    static const char *const titles[] = {"先生", "女士", "小姐", "师傅", "阿姨", "大爷",
            "大妈", "老师", "经理", "主任", "医生", "某"};
    return mask_starts_with_any(text, titles, sizeof titles / sizeof *titles) > 0;
}

/* How many bytes at the start of text are a name; *first: how many of them its first
 * character has. */
static size_t name_length(struct str text, bool weak, size_t *first)
{
    size_t len, n;
    uint32_t c = mask_char_at(text, 0, first);
    if (text.len == 0 || !is_han(c))
        return 0;
    n = mask_starts_with_any(text, compound_surnames,
            sizeof compound_surnames / sizeof *compound_surnames);
    if (n == 0) {
        if (!mask_one_of(text.ptr, *first, surnames) ||
                (weak && mask_one_of(text.ptr, *first, ambiguous)))
            return 0;
        n = *first;
    }
    struct str given = {text.ptr + n, text.len - n};
    c = mask_char_at(given, 0, &len);
    if (given.len == 0 || !is_han(c) || mask_one_of(given.ptr, len, follows) ||
            title_follows(given))
        return 0;
    /* 本人金河小区…, 我是金碧花园…: a place, not a person. */
    for (size_t i = 0, at = 0, step; weak && i < 3 && at < given.len; i++, at += step) {
        if (place_follows((struct str){given.ptr + at, given.len - at}))
            return 0;
        (void)mask_char_at(given, at, &step);
    }
    n += len;
    c = mask_char_at(text, n, &len);
    if (n < text.len && is_han(c) && !mask_one_of(text.ptr + n, len, follows))
        n += len;
    return n;
}

void mask_write_name(struct mask_reader *r, size_t len, size_t first)
{
    mask_keep(r, first);
    mask_put_star(r);
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

bool mask_take_cued_name(struct mask_reader *r)
{
    static const char *const strong[] = {
            "我叫", "名叫", "姓名", "联系人", "机主", "经办人", "收件人", "寄件人"};
    static const char *const weak[] = {"本人", "我是", "举报人", "投诉人", "诉求人",
            "反映人", "当事人", "业主", "租户", "住户", "户主", "市民", "居民", "名字"};
    static const char *const fillers[] = {"：", ":", " ", "　", "是", "为", "叫", "“",
            "\"", "（", "(", "姓名", "及电话", "和电话", "电话", ","};
    struct str text = mask_rest(r);
    size_t cue, len;
    if (!begins_a_cue(mask_char_at(text, 0, &len)))
        return false;
    cue = mask_starts_with_any(text, strong, sizeof strong / sizeof *strong);
    bool is_weak = cue == 0;
    if (is_weak)
        cue = mask_starts_with_any(text, weak, sizeof weak / sizeof *weak);
    if (cue == 0)
        return false;
    mask_keep(r, cue);
    for (int i = 0; i < FILLERS_MAX; i++) {
        len = mask_starts_with_any(
                mask_rest(r), fillers, sizeof fillers / sizeof *fillers);
        if (len == 0 || str_starts(mask_rest(r), STR("为何")))
            break;
        if (str_starts(mask_rest(r), STR("叫")) ||
                str_starts(mask_rest(r), STR("姓名")) ||
                str_starts(mask_rest(r), STR("：")) || str_starts(mask_rest(r), STR(":")))
            is_weak = false;
        mask_keep(r, len);
    }
    size_t first, name = name_length(mask_rest(r), is_weak, &first);
    if (name)
        mask_write_name(r, name, first);
    return true;
}
