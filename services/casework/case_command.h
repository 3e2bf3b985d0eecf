/* What a case may be told, and the rules by which it refuses. */
#ifndef CHUISHAO_CASE_COMMAND_H
#define CHUISHAO_CASE_COMMAND_H

#include "case_state.h"
#include "str.h"

#define CASE_COMMANDS(X)                                                                 \
    X(OPEN, "open")                                                                      \
    X(ACTION, "action")                                                                  \
    X(WAKE, "wake")                                                                      \
    X(REPROJECT, "reproject") /* the policy has changed: derive the due times again */   \
    X(MERGE_REQUEST, "merge_request")                                                    \
    X(MERGE_ACCEPTED, "merge_accepted")                                                  \
    X(MERGE_REFUSED, "merge_refused")                                                    \
    X(MEMBER_RESULT, "member_result")                                                    \
    X(MEMBER_LEFT, "member_left") /* 拆单: the member goes its own way */              \
    X(WHISTLE_LINKED, "whistle_linked")                                                  \
    X(WHISTLE_FINISHED, "whistle_finished")
#define X(name, text) COMMAND_##name,
enum case_command_kind { CASE_COMMANDS(X) COMMAND_COUNT };
#undef X
extern const char *const case_command_names[COMMAND_COUNT];

#define CASE_ROUTES(X)                                                                   \
    X(DISPATCH, "dispatch")                                                              \
    X(NEEDS_HUMAN, "needs_human")                                                        \
    X(TRANSFER, "transfer")                                                              \
    X(MERGE, "merge")
#define X(name, text) ROUTE_##name,
enum case_route { CASE_ROUTES(X) ROUTE_COUNT };
#undef X
extern const char *const case_route_names[ROUTE_COUNT];

#define CASE_ACTIONS(X)                                                                  \
    X(UNKNOWN, "")                                                                       \
    X(SIGN, "sign")         /* 签收 */                                                 \
    X(CONTACT, "contact")   /* 先行联系 */                                           \
    X(CHECK_IN, "check_in") /* 到场 */                                                 \
    X(HANDLE, "handle")     /* 办理 */                                                 \
    X(COMPLETE_STEP, "complete_step")                                                    \
    X(PROGRESS, "progress") /* 进展 */                                                 \
    X(SUBMIT, "submit")     /* 办结提交 */                                           \
    X(REQUEST_RETURN, "request_return")                                                  \
    X(REQUEST_EXTENSION, "request_extension")                                            \
    X(REQUEST_SUSPENSION, "request_suspension")                                          \
    X(REQUEST_TERMINATION, "request_termination")                                        \
    X(CLAIM, "claim")       /* 接单 */                                                 \
    X(DISPATCH, "dispatch") /* 派单, 改派 */                                         \
    X(ADD_ASSIST, "add_assist")                                                          \
    X(OFFER, "offer")             /* 发布认领 */                                     \
    X(MERGE, "merge")             /* 并单 */                                           \
    X(UNMERGE, "unmerge")         /* 拆单 */                                           \
    X(GRANT, "grant")             /* of an extension, a suspension, a termination */     \
    X(REFUSE, "refuse")           /* of any request */                                   \
    X(RULE, "rule")               /* 裁定 */                                           \
    X(CONVENE, "convene")         /* 召集联席会议 */                               \
    X(DECIDE, "decide")           /* what the meeting decided */                         \
    X(RESUME, "resume")           /* 恢复办理 */                                     \
    X(APPROVE, "approve")         /* 审核通过 */                                     \
    X(REDO, "redo")               /* 审核退回 */                                     \
    X(FOLLOW_UP, "follow_up")     /* 回访 */                                           \
    X(REOPEN, "reopen")           /* 重办 */                                           \
    X(CLOSE, "close")             /* 受理台直接答复 */                            \
    X(ACKNOWLEDGE, "acknowledge") /* the emergency line has it */
#define X(name, text) ACTION_##name,
enum case_action { CASE_ACTIONS(X) ACTION_COUNT };
#undef X
extern const char *const case_action_names[ACTION_COUNT];

#define CASE_RATINGS(X)                                                                  \
    X(NONE, "")                                                                          \
    X(SATISFIED, "satisfied")     /* 满意 */                                           \
    X(BASIC, "basic")             /* 基本满意 */                                     \
    X(UNSATISFIED, "unsatisfied") /* 不满意 */
#define X(name, text) RATING_##name,
enum case_rating { CASE_RATINGS(X) RATING_COUNT };
#undef X
extern const char *const case_rating_names[RATING_COUNT];

/* Why an action was refused; the text is for the unit that acted. */
#define CASE_RULES(X)                                                                    \
    X(NONE, "", "")                                                                      \
    X(NO_SUCH_CASE, "no_such_case", "没有这个工单，请核对工单号")                        \
    X(UNKNOWN_UNIT, "unknown_unit", "单位代码不在单位名录中或已失效，请核对")            \
    X(WRONG_QUEUE, "wrong_queue", "该单位不使用本队列，请从其所属队列提交")              \
    X(UNKNOWN_ACTION, "unknown_action", "没有这个操作，可用操作见工单的 actions")        \
    X(ALREADY_DONE, "already_done", "该操作已经生效，无需重复提交")                      \
    X(NOT_YOUR_CASE, "not_your_case", "此工单不由贵单位承办")                            \
    X(ASSIST_ONLY, "assist_only", "贵单位为协办，该操作由主办单位进行")                  \
    X(NOT_THE_DESK, "not_the_desk", "该操作只能由受理台进行")                            \
    X(NOT_THE_APPROVER, "not_the_approver", "该申请不由贵单位审批")                      \
    X(OWN_REQUEST, "own_request", "不得审批本单位的申请")                                \
    X(OLD_ORDER, "old_order", "所填任务号已作废，请以最新派单为准")                      \
    X(WRONG_STAGE, "wrong_stage",                                                        \
            "工单当前阶段不能进行该操作，可用操作见工单的 actions")                      \
    X(NEEDS_REASON, "needs_reason", "须写明理由")                                        \
    X(UNKNOWN_REASON, "unknown_reason", "原因代码不在办理规则中")                        \
    X(NEEDS_EVIDENCE, "needs_evidence", "须附佐证材料")                                  \
    X(RETURN_LATE, "return_late", "已超过退单时限")                                      \
    X(NO_RETURN, "no_return", "承办单位已经裁定，不得再次退单")                          \
    X(REQUEST_PENDING, "request_pending", "已有一项申请等待审批")                        \
    X(NO_REQUEST, "no_request", "没有等待审批的申请")                                    \
    X(RETURN_BY_DISPATCH, "return_by_dispatch", "同意退单请用 dispatch 改派")            \
    X(CLOCK_OVER, "clock_over", "办理时限已过，不得再申请延期")                          \
    X(EXTENDED_ALREADY, "extended_already", "延期次数已达上限")                          \
    X(BAD_AMOUNT, "bad_amount", "延期时长须为正，且不超过原时限")                        \
    X(BAD_DATE, "bad_date", "日期须在今后，且不超过规定的最长期限")                      \
    X(NEEDS_RESULT, "needs_result", "办理结果为空或只有套话，请写明实际办理情况")        \
    X(NEEDS_CONTACT_RECORD, "needs_contact_record", "缺少与诉求人的联系记录")            \
    X(NEEDS_PHOTO, "needs_photo", "该类事项须附现场照片")                                \
    X(NEEDS_HEAD, "needs_head", "重办须由单位负责人签名")                                \
    X(NEEDS_PLAN, "needs_plan", "该阶段须附方案")                                        \
    X(NEEDS_ATTENDEES, "needs_attendees", "须写明参会人员")                              \
    X(NEEDS_BASIS, "needs_basis", "须写明依据")                                          \
    X(NEEDS_AGENDA, "needs_agenda", "须写明议题")                                        \
    X(NEEDS_PARTIES, "needs_parties", "须写明参会单位")                                  \
    X(ASSIST_OPEN, "assist_open", "必办的协办任务尚未完成，不能提交办结")                \
    X(STEP_OPEN, "step_open", "尚有阶段未完成，不能提交办结")                            \
    X(NOT_THIS_STEP, "not_this_step", "不是当前阶段，请按顺序完成")                      \
    X(SAME_UNIT, "same_unit", "改派对象就是申请退单的单位，如不同意退单请用 refuse")     \
    X(NOT_A_HANDLER, "not_a_handler", "该单位不承办工单，请另选承办单位")                \
    X(UNIT_ACCUSED, "unit_accused", "该单位是被诉单位，不得承办")                        \
    X(NOT_GRASS_ROOTS, "not_grass_roots", "该事项属部门职责，不得派给社区、物业承办")    \
    X(NEEDS_CATEGORY, "needs_category",                                                  \
            "工单没有事项分类或分类不存在，派单时须填有效的 category")                   \
    X(ASSISTS_FULL, "assists_full", "协办单位已达上限")                                  \
    X(MEETING_OPEN, "meeting_open", "已召集联席会议，尚未作出决定")                      \
    X(NOT_THE_CONVENER, "not_the_convener", "联席会议的决定由召集单位填报")              \
    X(MAY_NOT_CONVENE, "may_not_convene", "联席会议由受理台、街道或区级召集")            \
    X(UNKNOWN_POOL, "unknown_pool", "没有这个认领池")                                    \
    X(NOT_IN_POOL, "not_in_pool", "贵单位不在认领范围内")                                \
    X(NEEDS_RATING, "needs_rating", "有效回访须填写是否解决和满意度")                    \
    X(REOPEN_LATE, "reopen_late", "已超过重办期限，请作为新诉求受理")                    \
    X(BAD_MASTER, "bad_master", "并入的工单号不正确")                                    \
    X(REPORT_ALONE, "report_alone", "举报件单独办理，不得并单")                          \
    X(MEMBERS_ACCUSE, "members_accuse", "已并入的工单有被诉单位，不得再并入其他工单")
#define X(name, code, text) RULE_##name,
enum case_rule { CASE_RULES(X) CASE_RULE_COUNT };
#undef X
extern const char *const case_rule_names[CASE_RULE_COUNT];
extern const char *const case_rule_texts[CASE_RULE_COUNT];

/* Texts are borrowed; the core looks at them and keeps nothing. */
struct case_command {
    enum case_command_kind kind;
    char case_id[CASE_ID_SIZE];
    instant at;

    /* open */
    enum case_route route;
    char reason[CASE_NAME_SIZE]; /* also of merge_refused */
    char lead[CASE_UNIT_SIZE];
    char assists[ASSISTS_MAX][CASE_UNIT_SIZE];
    unsigned mandatory_assists; /* one bit each */
    int32_t n_assists;
    char sla[CASE_NAME_SIZE];
    char category[CASE_CODE_SIZE]; /* also of the desk's dispatch */
    char place[CASE_PLACE_SIZE];
    char accused[CASE_UNIT_SIZE]; /* also of merge_request */
    uint64_t reporter;            /* also of merge_request */
    bool report;

    /* action */
    enum case_action action;
    uint64_t fingerprint; /* of its id; 0: it has none */
    char unit[CASE_UNIT_SIZE], queue[CASE_UNIT_SIZE];
    int32_t task;            /* the order's number; -1: not given */
    char to[CASE_UNIT_SIZE]; /* a unit, or offer: a pool */
    struct str words; /* what has to say something: the result, the reason, the note, the
                         agenda, the decision */
    char reason_code[CASE_NAME_SIZE]; /* of a request */
    char step[CASE_NAME_SIZE];
    int32_t amount; /* request_extension: in the handling clock's unit */
    instant until;  /* request_suspension: the review date; convene: the decision's;
                       complete_step: the follow-up date */
    char parties[CASE_PARTIES_MAX][CASE_UNIT_SIZE]; /* convene */
    int32_t n_parties;
    bool mandatory; /* add_assist */
    bool has_contact_record, has_photo, has_evidence, has_plan, has_attendees, has_basis,
            has_head;
    bool valid, solved; /* follow_up */
    enum case_rating rating;

    /* whistle_linked, whistle_finished: whom the whistle summons */
    char summoned[CASE_SUMMONED_MAX][CASE_UNIT_SIZE];
    int32_t n_summoned;

    /* wake */
    instant due;

    /* open as a merge, and the desk's merge: the master; between cases: the other one; a
     * whistle's id */
    char other[CASE_ID_SIZE];
    int32_t hops;
};

#endif
