/* What the parts of the simulation share: the world of a seed and the watch over it. */
#ifndef CHUISHAO_SIM_H
#define CHUISHAO_SIM_H

#include "case_policy.h"
#include "casework_core.h"

enum {
    CASES_MAX = 6,
    PARTITIONS_MAX = 2,
    LOG_MAX = 2048,
    DONE_MAX = 256,
    OPEN_ORDERS_MAX = 48,
    STOPS_MAX = 64,
    SIM_CLASSES_MAX = 16,
    SIM_CATEGORIES_MAX = 8,
    MINUTE_MS = 60 * 1000,
};

/* The policy of a seed: that of the stories with other budgets, ladders and rules. It
 * changes in mid-run, and its version with it. */
struct sim_policy {
    struct policy policy;
    struct sla_class classes[SIM_CLASSES_MAX];
    struct category categories[SIM_CATEGORIES_MAX];
    struct pool pool;
    const struct unit *members[3];
    char version[32];
    int changes;
};

/* An order that did not end yet. */
struct open_order {
    enum case_role role;
    char unit[CASE_UNIT_SIZE];
    int32_t task; /* of lead, assist, desk and supervisor */
};

/* What a clock did, noted from outside and without a limit to its pauses. */
struct noted_clock {
    enum case_clock_kind kind;
    int32_t task;
    char sla[CASE_NAME_SIZE]; /* the class that gave the budget; "": none, or the case has
                                 left it */
    instant start;
    struct {
        instant from, to;
    } stops[STOPS_MAX];
    int n_stops;
    int folded_under; /* how often the policy had changed when the core folded a pause;
                         -1: it never did */
    int32_t told_percent, told_nth; /* the last rung told */
    instant next;                   /* the earliest rung not told; never: none */
    int32_t used;                   /* percent */
    struct case_clock seen;
};

/* A case as it is kept, as the index shows it, and what was seen of it from outside. */
struct watched {
    char id[CASE_ID_SIZE];
    struct case_state kept;    /* the last snapshot of case.state */
    struct case_state applied; /* Redis: may lag behind after a crash */
    struct open_order orders[OPEN_ORDERS_MAX];
    int n_orders;
    int resolutions; /* final ones since it was opened or reopened */
    struct noted_clock clocks[CASE_CLOCKS_MAX];
    int n_clocks;
    int clocks_under; /* how often the policy had changed when `next` was last derived */
    instant suspended_until;
    struct budget review;    /* of the return that is being decided */
    bool review_pauses;      /* and whether the lead's clock stands meanwhile */
    int returns;             /* of the lead, since the last ruling */
    bool too_much;           /* the extension that was asked for is for the district */
    uint64_t done[DONE_MAX]; /* action ids that had an effect, in order */
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
    struct sim_policy rules;
    instant now;
    struct watched cases[CASES_MAX];
    int n_cases;
    struct command_log logs[PARTITIONS_MAX];
    int n_logs;
};

extern struct world world;

/* One decision as the checks see it. */
struct seen {
    struct watched *c;
    const struct case_state *due;    /* as kept, with its due times under this policy */
    const struct case_state *before; /* and with all told that was due */
    const struct case_command *command;
    const struct case_decision *decision;
};

/* ---- sim_world.c ---- */

uint64_t sim_draw(void);
int sim_below(int n);
bool sim_chance(int percent);

__attribute__((format(printf, 1, 2))) void sim_trace(const char *format, ...);
void sim_trace_command(const char *word, const struct case_command *command);

/* Notes that `what` does not hold; the first one ends the seed. */
void sim_broken(const struct watched *c, const char *what);
#define HOLDS(c, condition, what)                                                        \
    do {                                                                                 \
        if (!(condition))                                                                \
            sim_broken(c, what);                                                         \
    } while (0)

struct watched *sim_case(const char *id);
struct command_log *sim_log_of(const char *id);
void sim_append(const struct case_command *command);
void sim_restore(struct command_log *log);

/* The next command of a partition, perhaps with a crash. */
void sim_process(struct command_log *log, bool crashes);
void sim_drain(void);

/* As casework writes it for the other case. */
struct case_command sim_command_to(const struct case_state *from,
        const struct case_command *cause, const struct case_effect *effect, instant at);

#define COPY(out, text) (void)snprintf(out, sizeof(out), "%s", text)

/* ---- sim_policy.c ---- */

void sim_policy_begin(struct sim_policy *rules);
void sim_policy_change(struct sim_policy *rules);

/* ---- sim_actors.c ---- */

void sim_open(struct watched *c);
void sim_act(const struct watched *c);
void sim_wake(const struct watched *c);
void sim_tell(const struct watched *c); /* what comes from other cases and whistles */

/* An action with everything it has to bring. */
struct case_command sim_action(
        const struct watched *c, enum case_action action, const char *unit);

/* ---- sim_end.c ---- */

/* Everybody does what is left to do, and every wake comes at its time. */
void sim_run_out(void);

/* ---- sim_check.c, sim_orders.c, sim_acts.c, sim_talk.c, sim_rules.c, sim_clocks.c,
 * sim_rungs.c ---- */

/* Watches one committed decision: everything that has to hold between before and after.
 */
void sim_check(const struct seen *seen);

/* NULL: no such event. */
const struct case_effect *sim_event_of(
        const struct case_decision *decision, enum case_event event);

/* Neither those of a new policy nor those that time brought about. */
int sim_own_events(const struct case_decision *decision);

void sim_check_orders(const struct seen *seen);
void sim_check_action(const struct seen *seen);
void sim_check_approval(const struct seen *seen);
void sim_check_again(const struct seen *seen);
void sim_check_open(const struct seen *seen);
void sim_check_talk(const struct seen *seen);
void sim_check_cluster(const struct seen *seen);

/* The table of who may do what with which proof, written again. */
bool sim_allowed(const struct case_state *state, const struct case_command *action,
        instant at, bool was_done);
/* The unit or somebody above it, or the same of the unit whose queue it reads. */
bool sim_under(const struct unit *unit, const char *accused);
/* Whom that keeps from a case: those, but of the district only itself. */
bool sim_kept_from(const struct unit *unit, const char *accused);
/* The same of whom this case or a member complains about. */
bool sim_accused(const struct case_state *state, const struct unit *unit);
enum case_role sim_acting_role(
        const struct case_state *state, const struct case_command *action);

void sim_check_clocks(const struct seen *seen);
void sim_check_rungs(const struct seen *seen);

/* ---- sim_converge.c ---- */

/* The same talk of cases in two orders of arrival ends the same. */
void sim_converge(void);

#define IN(stage) (1u << STAGE_##stage)
enum {
    WORKING = IN(DISPATCHED) | IN(SIGNED) | IN(CONTACTED) | IN(HANDLING),
    UNDECIDED = IN(RETURN_REQUESTED) | IN(DISPUTED),
    OWNED = WORKING | UNDECIDED | IN(SUSPENDED) | IN(SUBMITTED) | IN(FOLLOWUP),
    SETTLED = IN(CLOSED) | IN(TRANSFERRED_OUT),
};

static inline bool stage_in(const struct case_state *state, unsigned stages)
{
    return (1u << state->stage & stages) != 0;
}

#endif
