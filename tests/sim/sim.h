/* What the world of a seed and the watch over it share. */
#ifndef CHUISHAO_SIM_H
#define CHUISHAO_SIM_H

#include "case_policy.h"
#include "casework_core.h"

enum { CASES_MAX = 6, PARTITIONS_MAX = 2, LOG_MAX = 1024, DONE_MAX = 256 };

/* A case as it is kept, as the index shows it, and what was seen of it from outside. */
struct watched {
    char id[CASE_ID_SIZE];
    struct case_state kept;                      /* the last snapshot of case.state */
    struct case_state applied;                   /* Redis: may lag behind after a crash */
    int lead_orders, assist_orders, desk_orders; /* not ended yet */
    int resolutions;
    int32_t told[CASE_CLOCK_COUNT]; /* the last rung of this task */
    int32_t used[CASE_CLOCK_COUNT]; /* percent, of this task */
    uint64_t done[DONE_MAX];        /* action ids that had an effect, in order */
    int n_done;
};

/* One partition of case.command. */
struct command_log {
    struct case_command commands[LOG_MAX];
    int n, next;
    bool behind; /* committed, and not applied to the index yet */
};

struct world {
    uint64_t random;
    bool tracing;
    char problem[256]; /* the first invariant that did not hold; "": none */
    struct policy policy;
    bool policy_changed;
    instant now;
    struct watched cases[CASES_MAX];
    int n_cases;
    struct command_log logs[PARTITIONS_MAX];
    int n_logs;
};

/* Notes that `what` does not hold; the first one ends the seed. */
void sim_broken(struct world *world, const struct watched *c, const char *what);

struct watched *sim_case(struct world *world, const char *id);

/* Watches one committed decision: everything that has to hold between before and after.
 */
void sim_check(struct world *world, struct watched *c, const struct case_command *command,
        const struct case_decision *decision);

/* All commands are done and time has run out. */
void sim_check_end(struct world *world);

#endif
