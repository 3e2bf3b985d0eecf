/* Every rule that refuses an action is reached, by whom and at what stage; what it
 * refuses changes nothing. */
#include "case_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- where the case stands ---- */

static void nothing(void)
{
}

static void dispatched(void)
{
    fixture_opened("chengguan", "N");
}

static void signed_by_lead(void)
{
    dispatched();
    fixture_act("chengguan", ACTION_SIGN);
}

static void submitted(void)
{
    dispatched();
    fixture_act("chengguan", ACTION_SUBMIT);
}

static void being_redone(void)
{
    submitted();
    fixture_act("desk", ACTION_REDO);
}

static void closed(void)
{
    submitted();
    fixture_act("desk", ACTION_FOLLOW_UP);
}

static void closed_long_ago(void)
{
    closed();
    fixture_at("2026-11-27", "09:01");
}

static void returned(void)
{
    dispatched();
    fixture_act("chengguan", ACTION_REQUEST_RETURN);
}

static void window_over(void)
{
    fixture_policy.handling.return_window = (struct budget){1, UNIT_MINUTE};
    dispatched();
    fixture_at("2026-11-20", "09:01");
}

static void ruled(void)
{
    returned();
    fixture_act("desk", ACTION_REFUSE);
    fixture_act("chengguan", ACTION_REQUEST_RETURN);
    struct case_command rule = fixture_action("desk", ACTION_RULE);
    (void)snprintf(rule.to, sizeof rule.to, "chengguan");
    fixture_decide(&rule);
}

static void disputed(void)
{
    returned();
    fixture_act("desk", ACTION_REFUSE);
    fixture_act("chengguan", ACTION_REQUEST_RETURN);
}

static void extension_asked(void)
{
    dispatched();
    fixture_act("chengguan", ACTION_REQUEST_EXTENSION);
}

static void long_extension_asked(void)
{
    dispatched();
    struct case_command request = fixture_action("chengguan", ACTION_REQUEST_EXTENSION);
    request.amount = 3;
    fixture_decide(&request);
}

static void desk_asked_for_extension(void)
{
    fixture_opened("desk", "N");
    fixture_act("desk", ACTION_REQUEST_EXTENSION);
}

static void extended(void)
{
    extension_asked();
    fixture_act("desk", ACTION_GRANT);
}

static void late(void)
{
    dispatched();
    fixture_at("2026-11-27", "17:30");
    struct case_command wake = fixture_wake(fixture_now());
    fixture_decide(&wake);
}

static void with_an_assist(void)
{
    struct case_command open = fixture_open("chengguan", "N");
    (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "heping");
    open.mandatory_assists = 1;
    fixture_decide(&open);
}

static void with_all_assists(void)
{
    static const char *const units[ASSISTS_MAX] = {
            "chengguan", "gongdian", "heping", "kaifa", "lvyuan", "yunhe"};
    struct case_command open = fixture_open("desk", "N");
    for (int i = 0; i < ASSISTS_MAX; i++)
        (void)snprintf(open.assists[open.n_assists++], CASE_UNIT_SIZE, "%s", units[i]);
    fixture_decide(&open);
}

static void with_steps(void)
{
    fixture_opened("zhujian", "C-consult");
}

static void in_the_plan(void)
{
    fixture_opened("heping", "five-step");
    struct case_command done = fixture_action("heping", ACTION_COMPLETE_STEP);
    (void)snprintf(done.step, sizeof done.step, "collect");
    fixture_decide(&done);
}

static void convened(void)
{
    dispatched();
    fixture_act("yunhe", ACTION_CONVENE);
}

static void needs_human(void)
{
    struct case_command open = fixture_open("", "");
    open.route = ROUTE_NEEDS_HUMAN;
    (void)snprintf(open.accused, sizeof open.accused, "zhujian");
    fixture_decide(&open);
}

static void needs_category(void)
{
    struct case_command open = fixture_open("", "");
    open.route = ROUTE_NEEDS_HUMAN;
    open.category[0] = 0;
    fixture_decide(&open);
}

static void of_a_department(void)
{
    struct case_command open = fixture_open("", "");
    open.route = ROUTE_NEEDS_HUMAN;
    (void)snprintf(open.category, sizeof open.category, "020101");
    fixture_decide(&open);
}

static void report(void)
{
    struct case_command open = fixture_open("", "");
    open.route = ROUTE_NEEDS_HUMAN;
    open.report = true;
    fixture_decide(&open);
}

static void with_a_member_that_accuses(void)
{
    needs_human();
    struct case_command request = fixture_command(COMMAND_MERGE_REQUEST);
    (void)snprintf(request.other, sizeof request.other, CASE_TWO);
    (void)snprintf(request.accused, sizeof request.accused, "zhujian");
    fixture_decide(&request);
}

static void offered(void)
{
    needs_human();
    struct case_command offer = fixture_action("desk", ACTION_OFFER);
    (void)snprintf(offer.to, sizeof offer.to, "volunteers");
    fixture_decide(&offer);
}

/* ---- what the action lacks ---- */

static void complete(struct case_command *command)
{
    (void)command;
}

static void no_words(struct case_command *command)
{
    command->words = STR("已处理，感谢您的来电。");
}

static void no_contact(struct case_command *command)
{
    command->has_contact_record = false;
}

static void no_photo(struct case_command *command)
{
    command->has_photo = false;
}

static void no_head(struct case_command *command)
{
    command->has_head = false;
}

static void no_evidence(struct case_command *command)
{
    command->has_evidence = false;
}

static void no_plan(struct case_command *command)
{
    (void)snprintf(command->step, sizeof command->step, "consult");
    command->has_plan = false;
}

static void no_attendees(struct case_command *command)
{
    (void)snprintf(command->to, sizeof command->to, "zhujian");
    command->has_attendees = false;
}

static void no_basis(struct case_command *command)
{
    (void)snprintf(command->to, sizeof command->to, "zhujian");
    command->has_basis = false;
}

static void no_parties(struct case_command *command)
{
    command->n_parties = 0;
}

static void no_rating(struct case_command *command)
{
    command->rating = RATING_NONE;
}

static void not_valid_and_no_words(struct case_command *command)
{
    command->valid = false;
    no_words(command);
}

static void other_code(struct case_command *command)
{
    (void)snprintf(command->reason_code, sizeof command->reason_code, "because");
}

static void too_long(struct case_command *command)
{
    command->amount = 6;
}

static void too_late_a_date(struct case_command *command)
{
    command->until.ms = command->at.ms + INT64_C(31) * 24 * 3600 * 1000;
}

static void other_queue(struct case_command *command)
{
    (void)snprintf(command->queue, sizeof command->queue, "zhujian");
}

static void other_task(struct case_command *command)
{
    command->task = 9;
}

static void no_task_has_that_number(struct case_command *command)
{
    command->task = 0;
}

static void other_step(struct case_command *command)
{
    (void)snprintf(command->step, sizeof command->step, "carry-out");
}

static void to_the_same(struct case_command *command)
{
    (void)snprintf(command->to, sizeof command->to, "chengguan");
}

static void to_zhujian(struct case_command *command)
{
    (void)snprintf(command->to, sizeof command->to, "zhujian");
}

static void to_the_district(struct case_command *command)
{
    (void)snprintf(command->to, sizeof command->to, "district");
}

static void to_nobody(struct case_command *command)
{
    (void)snprintf(command->to, sizeof command->to, "nobody");
}

static void to_the_property_firm(struct case_command *command)
{
    (void)snprintf(command->to, sizeof command->to, "lvyuan");
}

static void to_itself(struct case_command *command)
{
    (void)snprintf(command->other, sizeof command->other, CASE_ONE);
}

static void to_another(struct case_command *command)
{
    (void)snprintf(command->other, sizeof command->other, CASE_TWO);
}

static const struct {
    enum case_rule rule;
    void (*scene)(void);
    const char *unit;
    enum case_action action;
    void (*lacks)(struct case_command *command);
} refusals[] = {
        {RULE_NO_SUCH_CASE, nothing, "chengguan", ACTION_SIGN, complete},
        {RULE_UNKNOWN_UNIT, dispatched, "nobody", ACTION_SIGN, complete},
        {RULE_UNKNOWN_UNIT, returned, "desk", ACTION_DISPATCH, to_nobody},
        {RULE_UNKNOWN_UNIT, dispatched, "desk", ACTION_ADD_ASSIST, to_nobody},
        {RULE_UNKNOWN_UNIT, disputed, "desk", ACTION_RULE, to_nobody},
        {RULE_WRONG_QUEUE, dispatched, "chengguan", ACTION_SIGN, other_queue},
        {RULE_UNKNOWN_ACTION, dispatched, "chengguan", ACTION_UNKNOWN, complete},
        {RULE_ALREADY_DONE, signed_by_lead, "chengguan", ACTION_SIGN, complete},
        {RULE_ALREADY_DONE, submitted, "chengguan", ACTION_SUBMIT, complete},
        {RULE_ALREADY_DONE, returned, "chengguan", ACTION_REQUEST_RETURN, complete},
        {RULE_ALREADY_DONE, being_redone, "desk", ACTION_REDO, complete},
        {RULE_ALREADY_DONE, closed, "desk", ACTION_FOLLOW_UP, complete},
        {RULE_NOT_YOUR_CASE, dispatched, "zhujian", ACTION_SIGN, complete},
        {RULE_NOT_YOUR_CASE, dispatched, "desk", ACTION_SUBMIT, complete},
        {RULE_ASSIST_ONLY, with_an_assist, "heping", ACTION_REQUEST_SUSPENSION, complete},
        {RULE_ASSIST_ONLY, with_an_assist, "heping", ACTION_COMPLETE_STEP, complete},
        {RULE_NOT_THE_DESK, submitted, "chengguan", ACTION_APPROVE, complete},
        {RULE_NOT_THE_DESK, submitted, "district", ACTION_FOLLOW_UP, complete},
        {RULE_NOT_THE_DESK, extension_asked, "yunhe", ACTION_GRANT, complete},
        {RULE_NOT_THE_DESK, disputed, "chengguan", ACTION_RULE, complete},
        {RULE_NOT_THE_APPROVER, long_extension_asked, "desk", ACTION_GRANT, complete},
        {RULE_NOT_THE_APPROVER, long_extension_asked, "desk", ACTION_REFUSE, complete},
        {RULE_OWN_REQUEST, desk_asked_for_extension, "desk", ACTION_GRANT, complete},
        {RULE_OWN_REQUEST, desk_asked_for_extension, "desk", ACTION_REFUSE, complete},
        {RULE_OLD_ORDER, dispatched, "chengguan", ACTION_SIGN, other_task},
        {RULE_OLD_ORDER, dispatched, "chengguan", ACTION_SIGN, no_task_has_that_number},
        {RULE_WRONG_STAGE, dispatched, "desk", ACTION_APPROVE, complete},
        {RULE_WRONG_STAGE, returned, "chengguan", ACTION_SUBMIT, complete},
        {RULE_WRONG_STAGE, disputed, "chengguan", ACTION_SUBMIT, complete},
        {RULE_WRONG_STAGE, disputed, "desk", ACTION_DISPATCH, to_zhujian},
        {RULE_WRONG_STAGE, disputed, "desk", ACTION_REFUSE, complete},
        {RULE_WRONG_STAGE, dispatched, "desk", ACTION_DISPATCH, to_zhujian},
        {RULE_WRONG_STAGE, closed, "chengguan", ACTION_PROGRESS, complete},
        {RULE_NEEDS_REASON, dispatched, "chengguan", ACTION_REQUEST_RETURN, no_words},
        {RULE_NEEDS_REASON, dispatched, "chengguan", ACTION_REQUEST_EXTENSION, no_words},
        {RULE_NEEDS_REASON, closed, "desk", ACTION_REOPEN, no_words},
        {RULE_NEEDS_REASON, submitted, "desk", ACTION_FOLLOW_UP, not_valid_and_no_words},
        {RULE_UNKNOWN_REASON, dispatched, "chengguan", ACTION_REQUEST_RETURN, other_code},
        {RULE_UNKNOWN_REASON, dispatched, "chengguan", ACTION_REQUEST_EXTENSION,
                other_code},
        {RULE_UNKNOWN_REASON, dispatched, "chengguan", ACTION_REQUEST_SUSPENSION,
                other_code},
        {RULE_UNKNOWN_REASON, dispatched, "chengguan", ACTION_REQUEST_TERMINATION,
                other_code},
        {RULE_NEEDS_EVIDENCE, dispatched, "chengguan", ACTION_REQUEST_RETURN,
                no_evidence},
        {RULE_RETURN_LATE, window_over, "chengguan", ACTION_REQUEST_RETURN, complete},
        {RULE_NO_RETURN, ruled, "chengguan", ACTION_REQUEST_RETURN, complete},
        {RULE_REQUEST_PENDING, extension_asked, "chengguan", ACTION_REQUEST_SUSPENSION,
                complete},
        {RULE_NO_REQUEST, dispatched, "desk", ACTION_GRANT, complete},
        {RULE_NO_REQUEST, dispatched, "desk", ACTION_REFUSE, complete},
        {RULE_RETURN_BY_DISPATCH, returned, "desk", ACTION_GRANT, complete},
        {RULE_CLOCK_OVER, late, "chengguan", ACTION_REQUEST_EXTENSION, complete},
        {RULE_EXTENDED_ALREADY, extended, "chengguan", ACTION_REQUEST_EXTENSION,
                complete},
        {RULE_BAD_AMOUNT, dispatched, "chengguan", ACTION_REQUEST_EXTENSION, too_long},
        {RULE_BAD_DATE, dispatched, "chengguan", ACTION_REQUEST_SUSPENSION,
                too_late_a_date},
        {RULE_NEEDS_RESULT, dispatched, "chengguan", ACTION_SUBMIT, no_words},
        {RULE_NEEDS_RESULT, with_an_assist, "heping", ACTION_SUBMIT, no_words},
        {RULE_NEEDS_RESULT, dispatched, "chengguan", ACTION_PROGRESS, no_words},
        {RULE_NEEDS_RESULT, needs_human, "desk", ACTION_CLOSE, no_words},
        {RULE_NEEDS_CONTACT_RECORD, dispatched, "chengguan", ACTION_SUBMIT, no_contact},
        {RULE_NEEDS_PHOTO, dispatched, "chengguan", ACTION_SUBMIT, no_photo},
        {RULE_NEEDS_HEAD, being_redone, "chengguan", ACTION_SUBMIT, no_head},
        {RULE_NEEDS_PLAN, in_the_plan, "heping", ACTION_COMPLETE_STEP, no_plan},
        {RULE_NEEDS_ATTENDEES, disputed, "desk", ACTION_RULE, no_attendees},
        {RULE_NEEDS_ATTENDEES, convened, "yunhe", ACTION_DECIDE, no_attendees},
        {RULE_NEEDS_BASIS, disputed, "desk", ACTION_RULE, no_basis},
        {RULE_NEEDS_AGENDA, dispatched, "desk", ACTION_CONVENE, no_words},
        {RULE_NEEDS_PARTIES, dispatched, "desk", ACTION_CONVENE, no_parties},
        {RULE_ASSIST_OPEN, with_an_assist, "chengguan", ACTION_SUBMIT, complete},
        {RULE_STEP_OPEN, with_steps, "zhujian", ACTION_SUBMIT, complete},
        {RULE_NOT_THIS_STEP, with_steps, "zhujian", ACTION_COMPLETE_STEP, other_step},
        {RULE_SAME_UNIT, returned, "desk", ACTION_DISPATCH, to_the_same},
        {RULE_NOT_A_HANDLER, returned, "desk", ACTION_DISPATCH, to_the_district},
        {RULE_UNIT_ACCUSED, needs_human, "desk", ACTION_DISPATCH, to_zhujian},
        {RULE_NEEDS_CATEGORY, needs_category, "desk", ACTION_DISPATCH, to_zhujian},
        {RULE_NOT_GRASS_ROOTS, of_a_department, "desk", ACTION_DISPATCH,
                to_the_property_firm},
        {RULE_ASSISTS_FULL, with_all_assists, "desk", ACTION_ADD_ASSIST, to_zhujian},
        {RULE_MEETING_OPEN, convened, "desk", ACTION_CONVENE, complete},
        {RULE_NOT_THE_CONVENER, convened, "desk", ACTION_DECIDE, complete},
        {RULE_MAY_NOT_CONVENE, dispatched, "chengguan", ACTION_CONVENE, complete},
        {RULE_UNKNOWN_POOL, needs_human, "desk", ACTION_OFFER, to_zhujian},
        {RULE_NOT_IN_POOL, offered, "chengguan", ACTION_CLAIM, complete},
        {RULE_NEEDS_RATING, submitted, "desk", ACTION_FOLLOW_UP, no_rating},
        {RULE_REOPEN_LATE, closed_long_ago, "desk", ACTION_REOPEN, complete},
        {RULE_BAD_MASTER, needs_human, "desk", ACTION_MERGE, to_itself},
        {RULE_REPORT_ALONE, report, "desk", ACTION_MERGE, to_another},
        {RULE_MEMBERS_ACCUSE, with_a_member_that_accuses, "desk", ACTION_MERGE,
                to_another},
};

static void every_refusal_names_its_rule_and_changes_nothing(void **state)
{
    (void)state;
    static struct case_state before;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        (void)fixture_start(NULL);
        refusals[i].scene();
        struct case_command command = fixture_action(
                refusals[i].unit, refusals[i].action);
        refusals[i].lacks(&command);
        before = fixture_case;
        fixture_decide(&command);
        if (!fixture_refused(refusals[i].rule))
            fail_msg("row %zu: not %s", i, case_rule_names[refusals[i].rule]);
        assert_true(fixture_same_as(&before));
    }
}

static void no_rule_is_left_out(void **state)
{
    (void)state;
    for (int rule = RULE_NONE + 1; rule < CASE_RULE_COUNT; rule++) {
        bool reached = false;
        for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
            reached = reached || (int)refusals[i].rule == rule;
        if (!reached)
            fail_msg("no refusal by %s", case_rule_names[rule]);
    }
}

/* Without what it lacks the same action is accepted: the rule was about that. */
static void what_was_refused_for_a_lack_is_accepted_without_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        bool lacks_proof = refusals[i].lacks == no_words ||
                           refusals[i].lacks == no_contact ||
                           refusals[i].lacks == no_photo ||
                           refusals[i].lacks == no_head ||
                           refusals[i].lacks == no_evidence ||
                           refusals[i].lacks == other_code ||
                           refusals[i].lacks == too_long ||
                           refusals[i].lacks == too_late_a_date ||
                           refusals[i].lacks == no_parties ||
                           refusals[i].lacks == no_rating ||
                           refusals[i].lacks == not_valid_and_no_words ||
                           refusals[i].lacks == other_queue ||
                           refusals[i].lacks == other_task;
        if (!lacks_proof)
            continue;
        (void)fixture_start(NULL);
        refusals[i].scene();
        fixture_act(refusals[i].unit, refusals[i].action);
        if (!fixture_decision.changed)
            fail_msg("row %zu: refused by %s", i,
                    case_rule_names[fixture_decision
                                            .effects[fixture_decision.n_effects - 1]
                                            .rule]);
    }
}

/* Points at the end are for the pool whose offer the lead took, and for no other lead. */
static void a_claimed_case_knows_its_pool_until_somebody_else_leads(void **state)
{
    (void)state;
    offered();
    fixture_act("heping", ACTION_CLAIM);
    assert_int_equal(fixture_events(EVENT_CLAIMED), 1);
    assert_string_equal(fixture_case.claimed_from, "volunteers");
    fixture_act("heping", ACTION_CONTACT);
    fixture_act("heping", ACTION_SUBMIT);
    assert_string_equal(fixture_case.claimed_from, "volunteers");
    struct case_command other = fixture_action("desk", ACTION_DISPATCH);
    (void)snprintf(other.to, sizeof other.to, "chengguan");
    (void)fixture_start(NULL);
    offered();
    fixture_act("heping", ACTION_CLAIM);
    fixture_act("heping", ACTION_REQUEST_RETURN);
    fixture_act("desk", ACTION_GRANT);
    other.task = -1;
    fixture_decide(&other);
    assert_string_equal(fixture_case.lead.unit, "chengguan");
    assert_string_equal(fixture_case.claimed_from, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(
                    every_refusal_names_its_rule_and_changes_nothing, fixture_start),
            cmocka_unit_test_setup(
                    a_claimed_case_knows_its_pool_until_somebody_else_leads,
                    fixture_start),
            cmocka_unit_test_setup(no_rule_is_left_out, fixture_start),
            cmocka_unit_test_setup(
                    what_was_refused_for_a_lack_is_accepted_without_it, fixture_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
