/* What a batch produces, collected while deciding; between stage_turn.c, which sends it,
 * and stage_out.c, which fills it. */
#ifndef CHUISHAO_STAGE_OUT_H
#define CHUISHAO_STAGE_OUT_H

#include "metrics.h"
#include "stage.h"

/* One key of the batch with its latest state. */
struct stage_entry {
    int32_t partition;
    struct str key;
    struct str state; /* ptr NULL: none */
    instant due;
    int64_t reflected; /* input offset the state reflects; -1: none */
    int64_t produced;  /* offset of its snapshot, from the delivery report; -1 */
    bool dirty;
    struct stage_entry *next; /* in its bucket */
};

enum { STAGE_COUNTS_MAX = 64, STAGE_TYPES_MAX = 16 };

struct stage_out {
    struct arena *arena;
    const char *service;
    const struct bus_msg *msg; /* being decided */
    struct stage_entry *entry; /* of its key; NULL in a stage without state */
    instant now;
    struct bus_record *records;
    const struct envelope *envelopes[STAGE_TYPES_MAX]; /* prepared for this batch, by
                                                          message type; in the arena */
    size_t n_envelopes;
    uint32_t *inputs; /* of records: index of the input message */
    size_t n, cap;
    uint32_t input;      /* index of msg in the batch */
    size_t first_of_msg; /* where its records begin */
    bool dead;           /* it became a dead letter */
    struct {
        const char *outcome;
        struct metric *metric;
        int64_t n;
    } counts[STAGE_COUNTS_MAX];
    size_t n_counts;
};

void stage_out_begin(struct stage_out *out, const struct bus_msg *msg, uint32_t input,
        struct stage_entry *entry, instant now);

/* Adds the counts of this batch to the metrics; after the commit. */
void stage_out_count(struct stage_out *out);

#endif
