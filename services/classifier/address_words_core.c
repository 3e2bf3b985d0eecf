#include "address_words_core.h"

#define NAMED(text, kind, letters, not_before)                                           \
    {{text, sizeof(text) - 1}, not_before, letters, kind, ADDRESS_BEHIND_NAME}
#define THERE(text, letters, not_before)                                                 \
    {{text, sizeof(text) - 1}, not_before, letters, ADDRESS_SITE, ADDRESS_BEHIND_PLACE}
#define SHOP(text, letters, not_before)                                                  \
    {{text, sizeof(text) - 1}, not_before, letters, ADDRESS_SITE, ADDRESS_BEHIND_ANY}
#define FIRM(text, letters, not_before)                                                  \
    {{text, sizeof(text) - 1}, not_before, letters, ADDRESS_SITE, ADDRESS_BEHIND_CITY}
#define BEHIND(what, text, kind, not_before)                                             \
    {{text, sizeof(text) - 1}, not_before, 0, kind, ADDRESS_BEHIND_##what}

const struct address_ending_word address_endings[] = {
        NAMED("自治区", ADDRESS_CITY, 2, ""),
        NAMED("新区", ADDRESS_CITY, 1, ""),
        NAMED("市", ADDRESS_CITY, 1, "民政长委场区内容级管规建"),
        NAMED("区", ADDRESS_CITY, 1, "域别间分委政内里"),
        NAMED("县", ADDRESS_CITY, 1, "城级委"),
        NAMED("社区", ADDRESS_AREA, 1, "工"),
        NAMED("园区", ADDRESS_AREA, 1, ""),
        NAMED("片区", ADDRESS_AREA, 2, ""),
        NAMED("景区", ADDRESS_AREA, 2, ""),
        NAMED("保税区", ADDRESS_AREA, 1, ""),
        NAMED("开发区", ADDRESS_AREA, 2, ""),
        NAMED("工业区", ADDRESS_AREA, 2, ""),
        NAMED("镇", ADDRESS_AREA, 1, "政区上里"),
        NAMED("乡", ADDRESS_AREA, 1, "镇村下"),
        NAMED("街道", ADDRESS_AREA, 1, "办上"),
        NAMED("村", ADDRESS_AREA, 1, "民里内干口委"),
        NAMED("村委会", ADDRESS_AREA, 1, ""),
        NAMED("居委会", ADDRESS_AREA, 1, ""),
        NAMED("岛", ADDRESS_AREA, 2, "屿路"),
        NAMED("湖", ADDRESS_AREA, 2, "路街大小区村花公南北东西边畔水镇"),
        NAMED("大道", ADDRESS_ROAD, 1, ""),
        NAMED("快速路", ADDRESS_ROAD, 1, ""),
        NAMED("高速", ADDRESS_ROAD, 2, "公"),
        NAMED("东线", ADDRESS_ROAD, 2, "高"),
        NAMED("西线", ADDRESS_ROAD, 2, "高"),
        NAMED("中线", ADDRESS_ROAD, 2, "高"),
        NAMED("延长线", ADDRESS_ROAD, 2, ""),
        NAMED("国道", ADDRESS_ROAD, 1, ""),
        NAMED("省道", ADDRESS_ROAD, 1, ""),
        {{"路", 3}, "灯段面口边过况由障程政牌费上中线", 1, ADDRESS_ROAD,
                ADDRESS_BEHIND_NO_NUMBER},
        {{"路口", 6}, "", 1, ADDRESS_ROAD, ADDRESS_BEHIND_NO_NUMBER},
        NAMED("街", ADDRESS_ROAD, 1, "上边道头"),
        NAMED("巷", ADDRESS_ROAD, 1, "子道里口"),
        NAMED("横路", ADDRESS_ROAD, 1, ""),
        NAMED("隧道", ADDRESS_ROAD, 1, ""),
        NAMED("立交桥", ADDRESS_ROAD, 1, ""),
        NAMED("桥", ADDRESS_ROAD, 2, "头下底面梁洞路东西南北街镇村社"),
        NAMED("高架桥", ADDRESS_ROAD, 2, ""),
        NAMED("天桥", ADDRESS_ROAD, 1, ""),
        NAMED("大桥", ADDRESS_ROAD, 1, ""),
        BEHIND(ROAD, "路口", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "十字路口", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "丁字路口", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "三岔路口", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "交叉路口", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "交叉口", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "交叉处", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "交汇处", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "交汇口", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "交界处", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "交界口", ADDRESS_ROAD, ""),
        BEHIND(PART, "延长线", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "立交桥", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "高架桥", ADDRESS_ROAD, ""),
        BEHIND(ROAD, "天桥", ADDRESS_ROAD, ""),
        NAMED("新村", ADDRESS_ESTATE, 1, ""),
        NAMED("小区", ADDRESS_ESTATE, 1, ""),
        NAMED("花园", ADDRESS_ESTATE, 1, ""),
        NAMED("家园", ADDRESS_ESTATE, 1, ""),
        NAMED("嘉园", ADDRESS_ESTATE, 1, ""),
        NAMED("豪园", ADDRESS_ESTATE, 1, ""),
        NAMED("公寓", ADDRESS_ESTATE, 1, ""),
        NAMED("苑", ADDRESS_ESTATE, 1, ""),
        NAMED("华庭", ADDRESS_ESTATE, 1, ""),
        NAMED("豪庭", ADDRESS_ESTATE, 1, ""),
        NAMED("华府", ADDRESS_ESTATE, 1, ""),
        NAMED("帝景", ADDRESS_ESTATE, 1, ""),
        NAMED("雅居", ADDRESS_ESTATE, 1, ""),
        NAMED("公馆", ADDRESS_ESTATE, 1, ""),
        NAMED("名邸", ADDRESS_ESTATE, 1, ""),
        NAMED("官邸", ADDRESS_ESTATE, 1, ""),
        NAMED("名都", ADDRESS_ESTATE, 2, ""),
        NAMED("名城", ADDRESS_ESTATE, 2, ""),
        NAMED("新城", ADDRESS_ESTATE, 2, "区"),
        NAMED("山庄", ADDRESS_ESTATE, 1, ""),
        NAMED("别墅", ADDRESS_ESTATE, 2, ""),
        NAMED("楼盘", ADDRESS_ESTATE, 2, ""),
        NAMED("安置点", ADDRESS_ESTATE, 1, ""),
        NAMED("安置房", ADDRESS_ESTATE, 1, ""),
        NAMED("宿舍", ADDRESS_ESTATE, 2, ""),
        NAMED("宿舍区", ADDRESS_ESTATE, 1, ""),
        NAMED("家属院", ADDRESS_ESTATE, 2, ""),
        NAMED("大院", ADDRESS_ESTATE, 2, ""),
        BEHIND(HOME, "小区", ADDRESS_ESTATE, ""),
        BEHIND(HOME, "新村", ADDRESS_ESTATE, ""),
        BEHIND(HOME, "山庄", ADDRESS_ESTATE, ""),
        BEHIND(HOME, "楼盘", ADDRESS_ESTATE, ""),
        BEHIND(HOME, "公寓", ADDRESS_ESTATE, ""),
        BEHIND(HOME, "公园", ADDRESS_SITE, ""),
        NAMED("公园", ADDRESS_SITE, 1, ""),
        NAMED("人民公园", ADDRESS_SITE, 0, ""),
        NAMED("人民广场", ADDRESS_SITE, 0, ""),
        NAMED("广场", ADDRESS_SITE, 1, "舞"),
        NAMED("大厦", ADDRESS_SITE, 1, ""),
        NAMED("大楼", ADDRESS_SITE, 2, ""),
        NAMED("商城", ADDRESS_SITE, 1, ""),
        NAMED("美食城", ADDRESS_SITE, 1, ""),
        NAMED("旅游城", ADDRESS_SITE, 1, ""),
        NAMED("大世界", ADDRESS_SITE, 2, ""),
        NAMED("购物中心", ADDRESS_SITE, 1, ""),
        NAMED("体育中心", ADDRESS_SITE, 1, ""),
        NAMED("会展中心", ADDRESS_SITE, 1, ""),
        NAMED("彩票中心", ADDRESS_SITE, 1, ""),
        NAMED("市场", ADDRESS_SITE, 1, "价监管"),
        NAMED("商场", ADDRESS_SITE, 2, ""),
        NAMED("超市", ADDRESS_SITE, 2, ""),
        NAMED("酒店", ADDRESS_SITE, 2, ""),
        NAMED("宾馆", ADDRESS_SITE, 2, ""),
        NAMED("饭店", ADDRESS_SITE, 2, ""),
        NAMED("餐厅", ADDRESS_SITE, 2, ""),
        NAMED("餐馆", ADDRESS_SITE, 2, ""),
        NAMED("茶馆", ADDRESS_SITE, 1, ""),
        NAMED("酒楼", ADDRESS_SITE, 2, ""),
        NAMED("酒吧", ADDRESS_SITE, 2, ""),
        NAMED("KTV", ADDRESS_SITE, 2, ""),
        NAMED("会所", ADDRESS_SITE, 2, ""),
        NAMED("会馆", ADDRESS_SITE, 2, ""),
        NAMED("网吧", ADDRESS_SITE, 2, ""),
        NAMED("网咖", ADDRESS_SITE, 2, ""),
        NAMED("俱乐部", ADDRESS_SITE, 2, ""),
        NAMED("驾校", ADDRESS_SITE, 2, ""),
        NAMED("加油站", ADDRESS_SITE, 2, ""),
        NAMED("收费站", ADDRESS_SITE, 2, ""),
        NAMED("海滩", ADDRESS_SITE, 2, ""),
        NAMED("小学", ADDRESS_SITE, 2, "生"),
        NAMED("中学", ADDRESS_SITE, 2, "生"),
        NAMED("大学", ADDRESS_SITE, 2, "生"),
        NAMED("大学城", ADDRESS_SITE, 1, ""),
        NAMED("学院", ADDRESS_SITE, 2, ""),
        NAMED("学校", ADDRESS_SITE, 2, ""),
        NAMED("校区", ADDRESS_SITE, 2, ""),
        NAMED("幼儿园", ADDRESS_SITE, 2, ""),
        NAMED("医院", ADDRESS_SITE, 2, ""),
        NAMED("省人民医院", ADDRESS_SITE, 0, ""),
        NAMED("市人民医院", ADDRESS_SITE, 0, ""),
        NAMED("县人民医院", ADDRESS_SITE, 1, ""),
        NAMED("区人民医院", ADDRESS_SITE, 1, ""),
        BEHIND(PART, "中心医院", ADDRESS_SITE, ""),
        BEHIND(PART, "中医院", ADDRESS_SITE, ""),
        BEHIND(PART, "一中", ADDRESS_SITE, ""),
        BEHIND(PART, "二中", ADDRESS_SITE, ""),
        BEHIND(PART, "三中", ADDRESS_SITE, ""),
        BEHIND(PART, "四中", ADDRESS_SITE, ""),
        BEHIND(PART, "西站", ADDRESS_SITE, ""),
        BEHIND(PART, "南站", ADDRESS_SITE, ""),
        BEHIND(PART, "机场", ADDRESS_SITE, ""),
        NAMED("保健院", ADDRESS_SITE, 2, ""),
        NAMED("门诊部", ADDRESS_SITE, 2, ""),
        NAMED("火车站", ADDRESS_SITE, 1, ""),
        NAMED("汽车站", ADDRESS_SITE, 1, ""),
        NAMED("车站", ADDRESS_SITE, 2, ""),
        NAMED("公交站", ADDRESS_SITE, 2, ""),
        NAMED("西站", ADDRESS_SITE, 2, ""),
        NAMED("南站", ADDRESS_SITE, 2, ""),
        NAMED("东站", ADDRESS_SITE, 2, ""),
        NAMED("机场", ADDRESS_SITE, 1, ""),
        NAMED("港", ADDRESS_SITE, 1, "口航澳币城"),
        NAMED("码头", ADDRESS_SITE, 1, ""),
        NAMED("水厂", ADDRESS_SITE, 2, ""),
        NAMED("工业园", ADDRESS_SITE, 1, ""),
        NAMED("产业园", ADDRESS_SITE, 1, ""),
        THERE("中心", 2, "小"),
        THERE("服务中心", 0, ""),
        THERE("政务中心", 0, ""),
        THERE("办证中心", 0, ""),
        THERE("派出所", 0, ""),
        THERE("车管所", 0, ""),
        THERE("房管局", 0, ""),
        THERE("房管处", 0, ""),
        SHOP("卫生院", 2, ""),
        SHOP("卫生所", 2, ""),
        FIRM("公司", 2, ""),
        FIRM("有限公司", 2, ""),
        FIRM("新天地", 1, ""),
        FIRM("开发项目", 2, ""),
        SHOP("店", 2, "铺家里面主员"),
        SHOP("馆", 2, "长"),
        SHOP("厂", 2, "家房长"),
        SHOP("城", 2, "市管区镇乡建中高"),
        SHOP("阁", 2, ""),
        SHOP("轩", 2, ""),
        SHOP("郡", 2, ""),
        SHOP("府", 2, "城"),
        SHOP("湾", 2, "路街大区村社小花镇"),
        SHOP("楼", 2, "下上顶道梯栋层盘房间面"),
        BEHIND(PART, "保税区", ADDRESS_AREA, ""),
        BEHIND(PART, "火车站", ADDRESS_SITE, ""),
        BEHIND(PART, "火车东站", ADDRESS_SITE, ""),
        BEHIND(PART, "汽车站", ADDRESS_SITE, ""),
        BEHIND(PART, "办证大厅", ADDRESS_SITE, ""),
        BEHIND(NUMBER, "号楼", ADDRESS_NUMBER, ""),
        BEHIND(NUMBER, "号", ADDRESS_NUMBER, "码召称线"),
        BEHIND(NUMBER, "栋", ADDRESS_NUMBER, ""),
        BEHIND(NUMBER, "幢", ADDRESS_NUMBER, ""),
        BEHIND(NUMBER, "座", ADDRESS_NUMBER, "位"),
        BEHIND(NUMBER, "单元", ADDRESS_NUMBER, ""),
        BEHIND(NUMBER, "室", ADDRESS_NUMBER, "内外"),
        BEHIND(NUMBER, "房", ADDRESS_NUMBER, "产屋子价东管地"),
        BEHIND(NUMBER, "期", ADDRESS_NUMBER, "间限末房"),
        BEHIND(NUMBER, "队", ADDRESS_NUMBER, "伍"),
};
const size_t address_n_endings = sizeof address_endings / sizeof *address_endings;

const struct address_list address_lists[] = {
        /* who says it, and how */
        {ADDRESS_BREAK, true,
                "反映 投诉 咨询 来电 表示 市民 车主 司机 "
                "通知 发布 公示 举报 询问 要求 希望 建议 告知 工单 编号 问题 "
                "不满 感谢 看到 关于 是否 可否 能否 否可 可以 如何"},
        /* where from the place, and when */
        {ADDRESS_BREAK, true,
                "沿线 整条 一条 "
                "以来 任职 包括 三个 整个 一个 几个 两个 多个 每个 各个 左手边 右手边 "
                "左侧 右侧 左边 右边 "
                "方向 "
                "辖区 近期 近日 目前 之前 昨天 今天 明天 昨晚 今晚 每天 早上 "
                "上午 中午 下午 晚上 凌晨 深夜 夜间 左右 期间 月份 一直 经常 突然"},
        /* what happens there */
        {ADDRESS_BREAK, true,
                "乘坐 搭乘 前往 途经 经过 路过 返回 等待 等候 准备 完成 购买 买了 "
                "一套 疏通 发现 进行 以及 导致 严重 发生 居住 申请 办理 领取 施工 "
                "拆迁 拆除 维修 增设 修建 出售 销售 开设 私自 擅自 非法 违规 违法 "
                "离开 怀疑 例如 解决 给予 行驶 拐进 拐入 进入 以前 请求 严打 充当 撤诉 "
                "规定 "
                "违停 影响 噪音 扰民 散发 排放 拖欠 "},
        /* and what is a name there without an ending: 桤木路老王家隔壁 */
        {ADDRESS_BESIDE, true,
                "门前 里面 边上 围墙 大门 正门 后门 前边 后边 外面 周围 路段 村口 东门口 "
                "南门口 西门口 北门口 南门路段 西门路段 东门路段 北门路段 附近 旁边 对面 "
                "斜对面 门口 隔壁 楼下 后面 前面 周边 背后 旁 "
                "业主 住户 户主 居民 村民 的业主 的住户 的居民 的村民 停水 停电 "
                "有人 有车 有辆 有一辆 有多辆 有机动车 有商贩 有许多 有很多 有大量 "
                "有工地"},
        /* what a city has as such */
        {ADDRESS_OFFICE, true,
                "电话 地址 局 所 政府 公安 交警 城管 工商 税务 国税 地税 法院 中队 大队 "
                "支队 中心 "
                "社保 医保 公积金 保障 户籍 户口 低保 住房 房屋 教师 职工 退休 农村 城乡 "
                "小学 中学 初中 高中 物价 经济 系统 劳动 养老 生育 二胎 部门 相关 有关"},
        {ADDRESS_BREAK_AT_NUMBER, true,
                "年 月 日 点 时 分 元 米 人 个 辆 户 天 岁 次 届 万 名 "
                "小时 分钟 号上午 号下午 号中午 号晚上 号早上 号凌晨 号左右"},
        {ADDRESS_JOIN, true, "和 与 靠近"},
        {ADDRESS_GAP, false, " "},
        /* a name with a letter that breaks */
        {ADDRESS_NAME, true,
                "和平 和谐 和风 和泰 和兴 和顺 和美 和睦 祥和 永和 太和 人和 仁和 中和 "
                "泰和 向阳 向荣 向东 向日葵 有限 有色 大致 精致 雅致 景致 致远 致和 致富 "
                "都市 内环 内江 内蒙 "
                "现代 将军 华为 成都 住建 就业"},
        /* what every place may be called */
        {ADDRESS_PLAIN, true,
                "农村 城市 城镇 乡镇 城乡 家乡 老乡 香港 地区 市区 城区 郊区 住宅区 "
                "山区 道路 马路 公路 铁路 辅路 小路 水泥路 水路 线路 电路 网路 管路 "
                "堵路 修路 上路 绕路 让路 走路 挪路 带路 高速路 高速公路 沿街 人行道 "
                "过路 社区居委会 住宅 农贸 老旧 新建 高档 人民 分公司 分店 总店 普通 "
                "高等 "
                "北部湾 政府 穷乡 弯路 "
                "生路 出路 思路 职业 培训 私立 公立 民办 "
                "寄宿 中小学 上大学 读大学 女生 男生 房子 商铺 医科 便利 大型 超级"},
        {ADDRESS_RIDE, true, "乘坐出租 搭乘出租 乘坐琼 搭乘琼 坐出租 打出租 乘坐的士"},
        {ADDRESS_BREAK, false,
                "，。；：！？、“”《》（）【】\n\t,;:!?()\""
                "在的有是其我到至从于去往对请被把因说每处内向住为"
                "将已都就也但现该这各某她他您你们没很吗让要求了不等给及而致字问读么够据泡"
                "[]"
                "〔〕"},
};
const size_t address_n_lists = sizeof address_lists / sizeof *address_lists;
