/* What the files of the core share. */
#ifndef CHUISHAO_CASE_PARTS_H
#define CHUISHAO_CASE_PARTS_H

#include "casework_core.h"

/* One decision being made: the state changes in place. */
struct case_turn {
    const struct policy *policy;
    const struct case_command *command;
    struct case_decision *decision;
    struct case_state *state; /* decision->after */
    struct case_task *task;   /* of an action: the task it is about; NULL: none */
    const char *because;      /* whose decision a dispatch is; NULL: the route's */
    instant at;
};

/* ---- casework_core.c ---- */

/* The next event; the stage becomes `to`. Returned for what only this event says. */
struct case_effect *case_event_add(
        struct case_turn *turn, enum case_event event, enum case_stage to);

/* The stage stays. */
struct case_effect *case_note_add(
        struct case_turn *turn, enum case_event event, const char *unit);
struct case_effect *case_order_add(struct case_turn *turn, enum case_order order,
        enum case_role role, const char *unit);
struct case_effect *case_whistle_answer_add(struct case_turn *turn, const char *whistle);
struct case_effect *case_command_add(
        struct case_turn *turn, enum case_command_kind command, const char *other);
struct case_effect *case_resolution_add(
        struct case_turn *turn, enum case_outcome outcome, const char *unit);

/* To the unit that acted: where its order stands now and what is still due. */
void case_accept(struct case_turn *turn, enum case_role role, int32_t task);

/* To the unit that acted, and to the audit. */
void case_refuse(struct case_turn *turn, enum case_rule rule);

/* Where the lead task stands by what it has done. */
enum case_stage case_progress(const struct case_state *state);

/* Both are terminated and the target is at least as large. */
void case_text_copy(char *out, size_t size, const char *text);

bool case_is_desk(const struct case_turn *turn, const char *unit);

/* ---- case_open.c: a case begins, a unit gets it ---- */

void case_open(struct case_turn *turn);

/* On the route in the state; without an owner or an SLA class: to the desk. */
void case_open_dispatch(struct case_turn *turn);
void case_open_needs_human(struct case_turn *turn, const char *reason);

/* A new lead task: its number, its clocks, its orders; the former lead's order is
 * withdrawn. */
void case_dispatch(
        struct case_turn *turn, const struct unit *lead, const struct sla_class *sla);

/* The SLA class of the route, else of the category; NULL: neither is known. */
const struct sla_class *case_sla(const struct case_turn *turn);

/* ---- case_task.c: assisting tasks 协办 ---- */

/* Those of the route get their orders. */
void case_assists_dispatch(struct case_turn *turn);
void case_add_assist(struct case_turn *turn);
void case_transfer_assist(struct case_turn *turn);
void case_submit_assist(struct case_turn *turn);

/* Ended without its result: the order is withdrawn. */
void case_assist_withdraw(struct case_turn *turn, int assist, const char *reason);

/* A mandatory one is not done. */
bool case_assist_open(const struct case_state *state);

/* ---- case_unit.c: what a unit does ---- */

void case_sign(struct case_turn *turn);
void case_contact(struct case_turn *turn);
void case_check_in(struct case_turn *turn);
void case_handle(struct case_turn *turn);
void case_make_progress(struct case_turn *turn);
void case_submit(struct case_turn *turn);
void case_claim(struct case_turn *turn);

void case_mark_signed(struct case_turn *turn);
void case_mark_handling(struct case_turn *turn);

/* ---- case_step.c: the steps of an SLA class ---- */

void case_step_start(struct case_turn *turn);
void case_complete_step(struct case_turn *turn);
bool case_step_open(const struct case_turn *turn);

/* ---- case_request.c: return, extension, suspension, termination ---- */

void case_request_return(struct case_turn *turn);
void case_request_extension(struct case_turn *turn);
void case_request_suspension(struct case_turn *turn);
void case_request_termination(struct case_turn *turn);
void case_grant(struct case_turn *turn);
void case_refuse_request(struct case_turn *turn);

/* Nobody decided in time. */
void case_request_expire(struct case_turn *turn);

/* What was asked for has no object any more; the approver's order ends. */
void case_request_lapse(struct case_turn *turn);

/* RULE_NONE: the unit that acts may decide what is asked for. */
enum case_rule case_approver_rule(const struct case_turn *turn);

/* The same, because of what another task's unit did: who asked is told. */
void case_request_supersede(struct case_turn *turn, const char *reason);

/* 挂账 ends: by an action, or because the review date has come. */
void case_resume(struct case_turn *turn);
void case_suspension_expire(struct case_turn *turn);

/* ---- case_ruling.c: who owns it is decided for good ---- */

void case_rule(struct case_turn *turn);
void case_convene(struct case_turn *turn);
void case_decide_meeting(struct case_turn *turn);

/* Its parties are told that it is over. */
void case_meeting_end(struct case_turn *turn);

/* ---- case_desk.c: what the hotline desk does ---- */

void case_desk_dispatch(struct case_turn *turn);
void case_desk_offer(struct case_turn *turn);
void case_desk_approve(struct case_turn *turn);
void case_desk_redo(struct case_turn *turn);
void case_desk_follow_up(struct case_turn *turn);
void case_desk_reopen(struct case_turn *turn);
void case_desk_close(struct case_turn *turn);
void case_desk_acknowledge(struct case_turn *turn);

/* RULE_NONE: it may work on this case. */
enum case_rule case_handler_rule(const struct case_turn *turn, const struct unit *to);

/* RULE_NONE: it may lead it. */
enum case_rule case_owner_rule(const struct case_turn *turn, const struct unit *to);

/* The desk's order ends; as the lead of the case itself it has one order for both, which
 * goes on or ends as the lead's. */
void case_end_of_desk(struct case_turn *turn, const char *lead, int32_t task);

/* RULE_NONE: closed not too long ago, with a result. */
enum case_rule case_reopen_rule(const struct case_turn *turn);
void case_do_reopen(struct case_turn *turn);

/* The end: orders, resolution, members. */
void case_finish(struct case_turn *turn, enum case_outcome outcome, const char *unit);

/* ---- case_merge.c ---- */

void case_merge_begin(struct case_turn *turn, const char *master);
void case_desk_merge(struct case_turn *turn);
void case_desk_unmerge(struct case_turn *turn);
/* The unit is accused, stands below the accused or reads the queue of one of these: by
 * this case or by one that it took in. */
bool case_accuses(const struct case_turn *turn, const struct unit *unit);
void case_merge_request(struct case_turn *turn);
void case_merge_accepted(struct case_turn *turn);
void case_merge_refused(struct case_turn *turn);
void case_member_result(struct case_turn *turn);
void case_member_left(struct case_turn *turn);
void case_whistle_linked(struct case_turn *turn);
void case_whistle_finished(struct case_turn *turn);

/* ---- case_clock.c: budgets and ledgers ---- */

/* Replaces a clock of the same kind and task. No budget: no clock. */
void case_clock_start(struct case_turn *turn, enum case_clock_kind kind, int32_t task,
        struct budget budget, bool of_class);

/* Until a date: no clock when it is less than a minute away. */
void case_clock_start_until(
        struct case_turn *turn, enum case_clock_kind kind, int32_t task, instant until);

/* It is over; what it used stays. */
void case_clock_stop(struct case_turn *turn, enum case_clock_kind kind, int32_t task);
void case_clocks_stop(struct case_turn *turn);
void case_clocks_drop(struct case_state *state, int32_t task);

/* All clocks of the units stand still until they are resumed; those that do not run are
 * left alone. */
void case_tasks_pause(struct case_turn *turn, enum case_pause_reason why);
void case_tasks_resume(struct case_turn *turn, enum case_pause_reason why);

/* The handling of all tasks; while a return is decided, the lead's alone. */
void case_handling_pause(struct case_turn *turn, enum case_pause_reason why);
void case_handling_resume(struct case_turn *turn, enum case_pause_reason why);

void case_clock_extend(struct case_turn *turn, struct case_clock *clock, int32_t extra);
struct case_clock *case_clock_of(
        struct case_state *state, enum case_clock_kind kind, int32_t task);
bool case_clock_runs(const struct case_clock *clock);

/* ---- case_wake.c: rungs and the one wake ---- */

/* The earliest rung that was not told yet; never: none. */
instant case_next_wake(const struct policy *policy, const struct case_state *state);
void case_wake(struct case_turn *turn);

/* Tells every rung that was reached, in the order of their times. Every command but a
 * wake begins with it, so that a late wake makes no difference: who signs after the
 * deadline was late, and who grants after it is too late, whoever noticed it first. */
void case_catch_up(struct case_turn *turn);

/* ---- case_reproject.c ---- */

/* Under another policy than the due times were last derived: derives them again, with an
 * event for each that moved. */
void case_reproject(struct case_turn *turn);

#endif
