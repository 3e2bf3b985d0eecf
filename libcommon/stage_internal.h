/* What the files of the stage loop share. */
#ifndef CHUISHAO_STAGE_INTERNAL_H
#define CHUISHAO_STAGE_INTERNAL_H

#include "metrics.h"
#include "stage.h"
#include "stage_out.h"

#include <stdatomic.h>

enum {
    STAGE_PARTITIONS_MAX = 1024,
    STAGE_POISON_MAX = 16,
};

/* A partition of the inputs; with a state (and so with one input) also that of the state
 * topic. */
struct stage_part {
    int32_t partition;
    int64_t mark;      /* what Redis must say */
    int64_t input_end; /* of the input when we got the partition */
    int64_t position;  /* last input offset decided, -1 */
};

struct stage_poison {
    int32_t partition;
    int64_t offset;
    struct error err;
};

/* The steps of a turn, each timed. */
enum stage_step {
    STEP_READ,
    STEP_DECIDE,
    STEP_PRODUCE,
    STEP_OFFSETS,
    STEP_COMMIT,
    STEP_APPLY,
    STEP_COUNT
};

struct stage {
    const struct stage_spec *spec;
    struct stage_config config;
    char group[64], client[96], prefix[80];
    struct bus_consumer *consumer;
    struct bus_consumer *reader; /* of the state topic */
    struct bus_producer *producer;
    struct store *store;
    struct bus_batch *batch, *restore_batch;
    struct arena arena;
    struct stage_out *out;
    struct arena out_arena; /* of the collector itself */
    struct stage_part parts[STAGE_PARTITIONS_MAX];
    size_t n_parts;
    int32_t n_partitions; /* of the state topic */
    struct stage_poison poison[STAGE_POISON_MAX];
    size_t n_poison;
    int64_t last_commit_ms, last_check_ms;
    int aborts; /* in a row */
    atomic_bool ready;
    const volatile int *stop;
    struct {
        struct metric *consumed, *produced, *commits, *aborted, *restores, *restored,
                *skipped, *lag, *batch;
        struct metric *steps[STEP_COUNT];
    } metrics;
    int64_t step_from_ms; /* when the step under way began */
};

/* ---- stage_snapshot.c ---- */

/* {"offset":N,"due":MS,"state":…} of the entry, in the arena. */
struct str stage_snapshot_wrap(struct arena *arena, const struct stage_entry *entry);
bool stage_snapshot_unwrap(
        struct str text, int64_t *offset, instant *due, struct str *state);

/* ---- stage_restore.c ---- */

bool stage_stopping(const struct stage *stage);
void stage_pause(int ms);

/* The partition when we have it, else NULL. */
struct stage_part *stage_part(struct stage *stage, int32_t partition);

/* Reconnects to Redis, waiting a bounded time; then the process must end. */
bool stage_redis_again(struct stage *stage, struct error *err);

/* Makes Redis equal to the state topic, and part->mark what it must say from now on. Uses
 * the stage's arena. */
bool stage_restore(struct stage *stage, struct stage_part *part, struct error *err);
bool stage_restore_all(struct stage *stage, struct error *err);

/* R13: an idle stage notices an emptied Redis too. */
bool stage_check_marks(struct stage *stage, struct error *err);

/* ---- stage_turn.c ---- */

/* Decides, commits and applies the batch: the order of effects. */
bool stage_turn(struct stage *stage, struct error *err);

#endif
