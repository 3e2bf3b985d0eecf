/* What the files of the whistle's core share. */
#ifndef CHUISHAO_WHISTLE_PARTS_H
#define CHUISHAO_WHISTLE_PARTS_H

#include "whistle_core.h"

/* One decision being made: the state changes in place. */
struct whistle_turn {
    const struct policy *policy;
    const struct whistle_command *command;
    struct whistle_decision *decision;
    struct whistle_state *state; /* decision->after */
    const struct unit *actor;    /* of an action */
    struct whistle_unit *own;    /* the actor's summons; NULL: it has none */
    struct whistle_unit *target; /* whom release, keep and score are about; or NULL */
    instant at;
};

/* ---- whistle_core.c ---- */

/* The next event; `unit` is whom it is about, NULL: nobody. */
struct whistle_effect *whistle_event_add(struct whistle_turn *turn,
        enum whistle_event event, enum whistle_stage to, const struct whistle_unit *unit);
struct whistle_effect *whistle_order_add(struct whistle_turn *turn,
        enum whistle_order order, enum whistle_role role, const char *unit,
        int32_t number);
void whistle_command_add(
        struct whistle_turn *turn, enum whistle_effect_kind kind, const char *other);

/* To the unit that acted: where the whistle stands now and what it may do next. */
void whistle_accept(struct whistle_turn *turn);

/* To the unit that acted, and to the audit. */
void whistle_refuse(struct whistle_turn *turn, enum whistle_rule rule);

/* Both are terminated and the target is at least as large. */
void whistle_text_copy(char *out, size_t size, const char *text);

enum whistle_role whistle_role_of(const struct whistle_unit *unit);
int32_t whistle_number_of(
        const struct whistle_state *state, const struct whistle_unit *unit);

/* True when there is something but spaces. */
bool whistle_says(struct str words);

/* ---- whistle_issue_core.c ---- */

void whistle_issue(struct whistle_turn *turn);

/* Everybody who is to come gets the summons, if nobody has it yet. */
void whistle_summon(struct whistle_turn *turn);

/* A case says whom it accuses. */
void whistle_answer(struct whistle_turn *turn);

/* ---- whistle_unit_core.c: what summoned units do, and what is done about them ---- */

void whistle_check_in(struct whistle_turn *turn);
void whistle_explain(struct whistle_turn *turn);
void whistle_raise_dispute(struct whistle_turn *turn);
void whistle_release(struct whistle_turn *turn);
void whistle_keep(struct whistle_turn *turn);

/* 回避: a unit that a linked case accuses does not take part. */
void whistle_recuse(struct whistle_turn *turn, struct whistle_unit *unit);
void whistle_finish(struct whistle_turn *turn);
void whistle_score(struct whistle_turn *turn);

/* ---- whistle_wake_core.c ---- */

/* The earliest rung that was not told yet; never: none. */
instant whistle_next_wake(const struct policy *policy, const struct whistle_state *state);
void whistle_wake(struct whistle_turn *turn);

/* The deadline passed before this action was received, though no wake has said so yet:
 * who is absent must not hang on which was decided first. */
void whistle_catch_up(struct whistle_turn *turn);

/* The calendar has changed: the deadline is another one. */
void whistle_reproject(struct whistle_turn *turn);

/* Above a summoned unit. */
const struct unit *whistle_superior(
        const struct policy *policy, const struct whistle_unit *unit);

#endif
