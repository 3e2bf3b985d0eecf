/* What the unit that leads does. */
#include "case_parts.h"

#include <string.h>

/* While a return is being decided the stage stays; what was done shows again when it is
 * refused. */
static enum case_stage next_stage(const struct case_state *state)
{
    return state->stage == STAGE_RETURN_REQUESTED ? STAGE_RETURN_REQUESTED
                                                  : case_progress(state);
}

static void mark_signed(struct case_turn *turn)
{
    if (!instant_is_never(turn->state->signed_at))
        return;
    turn->state->signed_at = turn->at;
    case_clock_stop(turn->state, CLOCK_SIGN, turn->at);
}

static void mark_contacted(struct case_turn *turn)
{
    if (!instant_is_never(turn->state->contacted_at))
        return;
    turn->state->contacted_at = turn->at;
    case_clock_stop(turn->state, CLOCK_CONTACT, turn->at);
}

/* Told to the unit too, before the desk: where its order stands now and what is still
 * due. */
static void event_of_lead(
        struct case_turn *turn, enum case_event event, enum case_stage to)
{
    struct case_effect *effect = case_event_add(turn, event, to);
    case_text_copy(effect->unit, sizeof effect->unit, turn->state->lead);
    case_order_add(turn, ORDER_ACCEPTED, ROLE_LEAD, turn->state->lead);
}

void case_sign(struct case_turn *turn)
{
    mark_signed(turn);
    event_of_lead(turn, EVENT_SIGNED, next_stage(turn->state));
}

void case_contact(struct case_turn *turn)
{
    mark_signed(turn);
    mark_contacted(turn);
    event_of_lead(turn, EVENT_CONTACTED, next_stage(turn->state));
}

void case_handle(struct case_turn *turn)
{
    mark_signed(turn);
    turn->state->handling_at = turn->at; /* the contact clock runs on: work is no
                                            substitute for the call */
    event_of_lead(turn, EVENT_HANDLING, next_stage(turn->state));
}

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

void case_submit(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    const struct case_command *command = turn->command;
    const struct category *category = policy_category(
            turn->policy, str_of(state->category));
    if (!case_words_say_something(command->words)) {
        case_refuse(turn, RULE_NEEDS_RESULT);
        return;
    }
    if (!command->has_contact_record) {
        case_refuse(turn, RULE_NEEDS_CONTACT_RECORD);
        return;
    }
    if (category && category->physical && !command->has_photo) {
        case_refuse(turn, RULE_NEEDS_PHOTO);
        return;
    }
    mark_signed(turn);
    mark_contacted(turn); /* the contact record is the proof */
    if (instant_is_never(state->handling_at))
        state->handling_at = turn->at;
    state->submitted_at = turn->at;
    case_clock_stop(state, CLOCK_HANDLE, turn->at);
    turn->decision->keep_result = true;
    event_of_lead(turn, EVENT_SUBMITTED, STAGE_SUBMITTED);
    case_order_add(turn, ORDER_REVIEW, ROLE_DESK, turn->policy->desk->code);
}

void case_request_return(struct case_turn *turn)
{
    if (turn->state->return_refused) {
        case_refuse(turn, RULE_RETURN_DECIDED);
        return;
    }
    if (!case_words_say_something(turn->command->words)) {
        case_refuse(turn, RULE_NEEDS_REASON);
        return;
    }
    event_of_lead(turn, EVENT_RETURN_REQUESTED, STAGE_RETURN_REQUESTED);
    case_order_add(turn, ORDER_RETURN_REQUEST, ROLE_DESK, turn->policy->desk->code);
}
