/* The life of a case: what one command means for it. Pure and total: no clock, I/O,
 * allocation or log; a command that does not apply changes nothing. See README.md for
 * stages, roles and rules. */
#ifndef CHUISHAO_CASEWORK_CORE_H
#define CHUISHAO_CASEWORK_CORE_H

#include "case_command.h"
#include "case_effect.h"
#include "case_state.h"

void case_decide(const struct policy *policy, const struct case_state *before,
        const struct case_command *command, struct case_decision *decision);

/* Members are many and come last: only those there are. */
void case_state_copy(struct case_state *to, const struct case_state *from);

/* Which actions the holder of that role and task may take next, one bit for each enum
 * case_action. */
uint64_t case_actions_open(
        const struct case_state *state, enum case_role role, int32_t task);

/* True when the words say something beyond set phrases 套话. */
bool case_words_say_something(struct str words);

/* NULL when there is none. */
const struct case_clock *case_clock_find(
        const struct case_state *state, enum case_clock_kind kind, int32_t task);

/* The task with that number; NULL when there is none (any more). */
const struct case_task *case_task_find(const struct case_state *state, int32_t number);

/* When the clock's budget is used up, as the policy's calendar is now. */
instant case_clock_due(const struct policy *policy, const struct case_clock *clock);

/* How much of the budget was used at `at` or when it was stopped, in percent; it may be
 * more than 100. */
int32_t case_clock_used(
        const struct policy *policy, const struct case_clock *clock, instant at);

/* Ms of the unit's own time that the clock has run until `at`, or until it was stopped.
 */
int64_t case_clock_spent(
        const struct policy *policy, const struct case_clock *clock, instant at);

/* The ladder of a clock: its SLA class's for what a unit does, else that of the handling
 * rules. */
const struct sla_ladder *case_ladder(const struct policy *policy,
        const struct case_state *state, const struct case_clock *clock);

/* When a rung of the clock is reached. */
instant case_rung_at(const struct policy *policy, const struct case_clock *clock,
        const struct sla_rung *rung);

/* The unit that a level means for a task's unit in this case; levels that do not exist
 * there are told by the next one up. */
const struct unit *case_level_unit(const struct policy *policy,
        const struct case_state *state, const char *unit, enum sla_level level);

#endif
