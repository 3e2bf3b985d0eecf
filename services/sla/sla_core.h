/* Which partition of the due index to look at next, how much to take, and how late a wake
 * is. Pure. */
#ifndef CHUISHAO_SLA_CORE_H
#define CHUISHAO_SLA_CORE_H

#include "instant.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SLA_TURN_MS = 200,      /* from one turn to the next */
    SLA_CLAIM_MAX = 100,    /* keys of one claim */
    SLA_TURN_MAX = 2000,    /* wakes of one turn: after an outage 10,000 a second, so that
                               casework is not drowned */
    SLA_LEASE_MS = 5000,    /* a claimed key comes again after this, should its wake have
                               been lost */
    SLA_SKEW_MAX_MS = 2000, /* Redis decides what is due; further than this from our clock
                               one of them is wrong */
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

/* Milliseconds from due to now; a due time that is not reached, or none, is not late. */
int64_t sla_late_ms(instant due, instant now);

bool sla_clocks_differ(instant redis, instant ours);

#endif
