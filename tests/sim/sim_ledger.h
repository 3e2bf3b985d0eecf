/* The clocks, watched from outside. */
#ifndef CHUISHAO_SIM_LEDGER_H
#define CHUISHAO_SIM_LEDGER_H

#include "sim.h"

const struct calendar *sim_calendar(void);

bool sim_runs(const struct case_clock *clock);

/* It stopped for good. */
bool sim_is_over(const struct case_clock *clock);

/* NULL: there is none. */
const struct case_clock *sim_clock_in(
        const struct case_state *state, enum case_clock_kind kind, int32_t task);
struct noted_clock *sim_noted(struct watched *c, enum case_clock_kind kind, int32_t task);

/* Ms of its own time that it ran until `at`. */
int64_t sim_ran(const struct noted_clock *n, instant at);

/* When that share of its budget is used: without its stops, and with them. */
instant sim_straight(const struct noted_clock *n, int32_t percent);
instant sim_due_at(const struct noted_clock *n, int32_t percent);

const struct sla_ladder *sim_ladder(
        const struct case_state *state, enum case_clock_kind kind);

/* How many rungs of the same percent come before it. */
int sim_nth(const struct sla_ladder *ladder, int rung);

/* The first rung above the last one told; n_rungs: none. */
int sim_rung_after(const struct noted_clock *n, const struct sla_ladder *ladder);

/* The time of the next rung, as the policy is now. */
void sim_derive_next(struct noted_clock *n, const struct case_state *state);

/* Notes that the clock stopped, or ran on after no longer than was allowed. */
void sim_note_stops(struct watched *c, struct noted_clock *n,
        const struct case_clock *clock, instant at);

#endif
