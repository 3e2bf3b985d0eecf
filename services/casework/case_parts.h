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
    instant at;
};

/* ---- casework_core.c ---- */

/* Assisting units keep the order of the first dispatch. */
enum { CASE_FIRST_TASK = 1 };

/* The next event; the stage becomes `to`. Returned for what only this event says. */
struct case_effect *case_event_add(
        struct case_turn *turn, enum case_event event, enum case_stage to);
struct case_effect *case_order_add(struct case_turn *turn, enum case_order order,
        enum case_role role, const char *unit);
void case_command_add(
        struct case_turn *turn, enum case_command_kind command, const char *other);
void case_resolution_add(
        struct case_turn *turn, enum case_outcome outcome, const char *unit);

/* To the unit that acted, and to the audit. */
void case_refuse(struct case_turn *turn, enum case_rule rule);

/* Where the lead task stands by what it has done. */
enum case_stage case_progress(const struct case_state *state);

/* Both are terminated and the target is at least as large. */
void case_text_copy(char *out, size_t size, const char *text);

/* ---- case_open.c ---- */

void case_open(struct case_turn *turn);

/* On the route in the state; without an owner or an SLA class: to the desk. */
void case_open_dispatch(struct case_turn *turn);

/* A new lead task: its number, its clocks, its orders. */
void case_dispatch(
        struct case_turn *turn, const struct unit *lead, const struct sla_class *sla);

/* ---- case_unit.c, case_desk.c: the action was let through by role, order number and
 * stage ---- */

void case_sign(struct case_turn *turn);
void case_contact(struct case_turn *turn);
void case_handle(struct case_turn *turn);
void case_submit(struct case_turn *turn);
void case_request_return(struct case_turn *turn);

void case_desk_dispatch(struct case_turn *turn);
void case_desk_refuse_return(struct case_turn *turn);
void case_desk_redo(struct case_turn *turn);
void case_desk_close(struct case_turn *turn);

/* True when the words say something beyond set phrases 套话. */
bool case_words_say_something(struct str words);

/* ---- case_merge.c ---- */

void case_merge_request(struct case_turn *turn);
void case_merge_accepted(struct case_turn *turn);
void case_merge_refused(struct case_turn *turn);
void case_member_result(struct case_turn *turn);

/* ---- case_clock.c ---- */

void case_clock_start(struct case_state *state, int clock, int32_t amount,
        enum time_unit unit, instant at);
void case_clock_stop(struct case_state *state, int clock, instant at);
void case_clocks_stop(struct case_state *state, instant at);

/* Runs on; the time it stood still does not count. */
void case_clock_resume(
        const struct policy *policy, struct case_state *state, int clock, instant at);

/* The earliest rung that was not told yet; never: none. */
instant case_next_wake(const struct policy *policy, const struct case_state *state);

void case_wake(struct case_turn *turn);

#endif
