/* Words that say something, and set phrases 套话 that say nothing. */
#include "case_parts.h"

#include <string.h>

/* Set phrases that say nothing about what was done, the longer before what they contain.
 */
static const char *const set_phrases[] = {
        "感谢您的来电",
        "感谢您的支持",
        "感谢您对我们工作的支持",
        "感谢理解",
        "谢谢",
        "感谢",
        "已按规定处理",
        "已按要求处理",
        "已依法处理",
        "已及时处理",
        "已妥善处理",
        "已经处理",
        "已处理完毕",
        "已处理",
        "处理完毕",
        "已按要求整改",
        "已整改到位",
        "已整改",
        "已办结",
        "办结",
        "已解决",
        "已落实",
        "已完成",
        "已核实",
        "情况属实",
        "属实",
        "已回复",
        "已答复",
        "已联系",
        "已转办",
        "已知悉",
        "收到",
        "同意",
        "诉求人表示满意",
        "来电人表示满意",
        "表示满意",
        "群众满意",
        "满意",
        "该问题",
        "问题",
        "您好",
        "此件",
        "此单",
        "现",
        "无",
        "好的",
        "，",
        "。",
        "、",
        "；",
        "：",
        "！",
        "？",
        "（",
        "）",
        "“",
        "”",
        "　",
        "…",
};

static size_t phrase_at(struct str words)
{
    size_t longest = 0;
    for (size_t i = 0; i < sizeof set_phrases / sizeof *set_phrases; i++) {
        struct str phrase = str_of(set_phrases[i]);
        if (phrase.len > longest && str_starts(words, phrase))
            longest = phrase.len;
    }
    return longest;
}

bool case_words_say_something(struct str words)
{
    while (words.len) {
        unsigned char c = (unsigned char)*words.ptr;
        size_t skip = c <= ' ' || (c < 128 && memchr(".,;:!?()-\"'", c, 11))
                              ? 1
                              : phrase_at(words);
        if (!skip)
            return true;
        words.ptr += skip;
        words.len -= skip;
    }
    return false;
}
