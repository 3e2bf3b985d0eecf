/* Which partition of the due index to look at next, how much to take, how late a wake is,
 * and whether the index agrees with the states. Pure. */
#ifndef CHUISHAO_SLA_CORE_H
#define CHUISHAO_SLA_CORE_H

#include "instant.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SLA_TURN_MS = 200,    /* from one turn to the next when nothing was due */
    SLA_BUSY_MS = 20,     /* … when something was */
    SLA_CLAIM_MAX = 500,  /* keys of one claim */
    SLA_TURN_MAX = 5000,  /* wakes of one turn, so that it comes to its end */
    SLA_OUT_MAX = 3000,   /* wakes that casework has not settled yet, of all partitions:
                             what it does in less than a second, for another command waits
                             behind them */
    SLA_WINDOW_MIN = 100, /* of these, for one partition */
    SLA_WINDOW_MAX = 1000,
    SLA_LEASE_MS = 5000,    /* a claimed key comes again after this, should its wake have
                               been lost */
    SLA_SKEW_MAX_MS = 2000, /* Redis decides what is due; further than this from our clock
                               one of them is wrong */
    SLA_CANARY_MS = 5000,   /* from one canary to the next */
    SLA_CANARY_LOST_MS = 1000,  /* so long past its time it is armed anew: Redis may have
                                   been emptied */
    SLA_CANARY_DEAD_MS = 15000, /* none came for so long: we are not ready */
    SLA_SWEEP_STEP = 500,       /* keys compared in one turn */
    SLA_REBUILD_GAP_MS = 10 * 60 * 1000, /* from one rebuild of a partition to the next */
};

/* A turn goes round the partitions until all of them in a row had nothing more or its
 * allowance is spent. The next one begins behind the last partition looked at, so that
 * none is always first. */
struct sla_turn {
    int32_t n_partitions;
    int32_t at;        /* the partition to look at next */
    int32_t dry;       /* partitions in a row that gave less than was asked for */
    int32_t allowance; /* wakes left in this turn */
};

/* The zero turn begins at partition 0. */
void sla_turn_begin(struct sla_turn *turn, int32_t n_partitions);

/* False: the turn is over. */
bool sla_turn_next(const struct sla_turn *turn, int32_t *partition, size_t *max);

/* The partition of sla_turn_next gave `n` of `max`. */
void sla_turn_took(struct sla_turn *turn, size_t n, size_t max);

/* From the beginning of this turn to that of the next. */
int64_t sla_turn_ms(const struct sla_turn *turn);

/* How many of a partition's keys may be out at a time. */
size_t sla_window(int32_t n_partitions);

/* Milliseconds from due to now; a due time that is not reached, or none, is not late. */
int64_t sla_late_ms(instant due, instant now);

bool sla_clocks_differ(instant redis, instant ours);

/* What comparing the states with the due index found. */
struct sla_drift {
    int64_t expected; /* states that ask for a wake */
    int64_t unarmed;  /* of these, not in the index, or for another time */
    int64_t orphans;  /* in the index without a state that asks for it */
};

/* The comparison goes round the partitions in small steps, along the states and then
 * along the index of each. */
struct sla_sweep {
    int32_t n_partitions, partition;
    bool along_index;
    struct sla_drift part;  /* of this partition so far */
    struct sla_drift whole; /* of the partitions of this round so far */
    struct sla_drift last;  /* of the last whole round */
};

/* A step met so many keys, and so many had no counterpart. True: the partition is done
 * and does not agree; the sweep stands at the next one. */
bool sla_sweep_took(struct sla_sweep *sweep, int64_t met, int64_t differ, bool at_end);

/* What to show: the last round's, or what this one has found already if it is more. */
struct sla_drift sla_sweep_drift(const struct sla_sweep *sweep);

#endif
