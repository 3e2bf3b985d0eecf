/* A recurring order 例行工单: what one command means for it. Pure and total. LEDGERS.md.
 */
#ifndef CHUISHAO_SCHEDULE_CORE_H
#define CHUISHAO_SCHEDULE_CORE_H

#include "policy.h"

enum { SCHEDULE_ID_SIZE = 32, SCHEDULE_OPENINGS_MAX = 31 };

/* The zero value is "not applied yet". */
struct schedule_state {
    char id[SCHEDULE_ID_SIZE];
    int64_t seq;
    instant next; /* the wake: when it opens the next case; never: it has ended */
    instant last; /* the last time that it opened a case for */
};

#define SCHEDULE_COMMANDS(X)                                                             \
    X(APPLY, "schedule") /* the policy has it: begin, or take the policy's new rule */   \
    X(WAKE, "wake")
#define X(name, text) SCHEDULE_COMMAND_##name,
enum schedule_command_kind { SCHEDULE_COMMANDS(X) SCHEDULE_COMMAND_COUNT };
#undef X
extern const char *const schedule_command_names[SCHEDULE_COMMAND_COUNT];

struct schedule_command {
    enum schedule_command_kind kind;
    char id[SCHEDULE_ID_SIZE];
    instant at;
    instant due; /* wake: what it saw */
};

#define SCHEDULE_EVENTS(X)                                                               \
    X(STARTED, "schedule_started")                                                       \
    X(CHANGED, "schedule_changed") /* another next time by a new policy */               \
    X(OPENED, "schedule_opened")                                                         \
    X(SKIPPED, "schedule_skipped") /* missed in an outage, and too old to be caught up   \
                                    */                                                   \
    X(ENDED, "schedule_ended")     /* not in the policy any more, or never again due */
#define X(name, text) SCHEDULE_EVENT_##name,
enum schedule_event { SCHEDULE_EVENTS(X) SCHEDULE_EVENT_COUNT };
#undef X
extern const char *const schedule_event_names[SCHEDULE_EVENT_COUNT];

/* Each is an event; an opening also sends the `open` of its case. */
struct schedule_effect {
    enum schedule_event event;
    int64_t seq;
    instant occurrence; /* opened: the time it is for */
    bool lead_valid;    /* opened: else the desk has to find another unit */
    int32_t skipped;
    instant next;
};

struct schedule_decision {
    struct schedule_state after;
    instant at;
    bool changed;
    struct schedule_effect effects[SCHEDULE_OPENINGS_MAX + 2];
    int32_t n_effects;
};

void schedule_decide(const struct policy *policy, const struct schedule_state *before,
        const struct schedule_command *command, struct schedule_decision *decision);

#endif
