/* The exactly-once loop, written once: batch, decide, one Kafka transaction (outputs,
 * state snapshots, input offsets), then Redis under the partition's mark. See
 * docs/architecture.md, "The order of effects". */
#ifndef CHUISHAO_STAGE_H
#define CHUISHAO_STAGE_H

#include "arena.h"
#include "bus.h"
#include "error.h"
#include "instant.h"
#include "store.h"
#include "str.h"

struct stage_out; /* what follows from one message */

/* What one message means. Pure but for ctx, which the shell prepared. Never fails: a
 * message that cannot be understood becomes a dead letter. `state` is the latest snapshot
 * under the message's key (ptr NULL: none), earlier messages of this batch included.
 * Everything passed to the stage_* calls below is borrowed until the turn ends: allocate
 * it in stage_arena(out), and copy what comes from the message's headers. */
typedef void stage_decide(void *ctx, const struct bus_msg *msg, struct str state,
        instant now, struct stage_out *out);

/* A key of this stage's own due index is due. True: the partition is read again from
 * `reflected` + 1, and messages that their key's state already reflects are skipped. */
typedef bool stage_due(void *ctx, struct str key, struct str state);

struct stage_spec {
    const char *name; /* consumer group chuishao.<name>, metrics and the prefix of its
                         Redis keys */
    const char *const *inputs; /* topics; ^ begins a regular expression */
    size_t n_inputs;
    const char *state_topic; /* compacted; partition n belongs to input partition n. NULL:
                                no state */
    stage_decide *decide;
    stage_due *due; /* NULL: this stage does not look at its due keys itself */
    void (*output_failed)(
            void *ctx, const char *topic); /* a topic refused a record: route around it in
                                              the retry; may be NULL */
    void (*between)(void *ctx); /* between batches, at least once a second; may be NULL */
    void *ctx;
};

struct arena *stage_arena(struct stage_out *out);

/* Sends a record to topic, by its key. type is the CloudEvents type's last part
 * ("complaint.accepted"), id its ce_id, subject its ce_subject; traceparent is passed on
 * from the message. */
struct stage_message {
    const char *topic;
    struct str key, value;
    const char *type;
    struct str id, subject;
    bool tombstone;
};
void stage_emit(struct stage_out *out, const struct stage_message *message);

/* The new snapshot of the message's key and when to wake it (never: not at all). The last
 * one of a batch counts. The record, and the field in Redis, is
 * {"offset":N,"due":MS,"state":<state>}: N is the input offset the state reflects (an
 * input at or below it is skipped), MS the wake time in ms, 0 for none. */
void stage_put(struct stage_out *out, struct str state, instant due);

/* The same, for a message put off: the snapshot does not reflect it yet. */
void stage_put_off(struct stage_out *out, struct str state, instant due);

void stage_drop(struct stage_out *out); /* tombstone: the key is gone */

/* The message goes to <its topic>.dlt with its original bytes and headers, x-error-code,
 * x-error-stage and x-error-text. Anything emitted for it so far is taken back. */
void stage_dead_letter(struct stage_out *out, const struct error *err);

/* Counts a named decision, shown as chuishao_decisions_total{stage,outcome}. outcome: a
 * literal. */
void stage_count(struct stage_out *out, const char *outcome);

struct stage_config {
    struct bus_config bus;
    const char *redis_url;
    bool redis_force;
    int commit_ms;      /* collect for at most this long when caught up */
    int commit_busy_ms; /* … when behind */
    size_t batch_max;   /* messages */
    size_t batch_bytes;
    const char *lane; /* "" or "express" */
};

struct stage;

/* Wires everything and returns; the loop has not begun. spec is kept by pointer. */
MUST_USE bool stage_open(struct stage **out, const struct stage_spec *spec,
        const struct stage_config *config, struct error *err);

/* Runs until *stop is set (0: true) or the process must end (false, err). */
MUST_USE bool stage_run(struct stage *stage, const volatile int *stop, struct error *err);

/* Has joined its group and, with a state, restored it. Safe from another thread. */
bool stage_ready(const struct stage *stage);
void stage_close(struct stage *stage);

/* For benchmarks and tests of a decide function without Kafka: a collector of what it
 * emits. */
struct stage_out *stage_out_new(struct arena *arena, const char *service);
void stage_out_reset(struct stage_out *out);
size_t stage_out_records(const struct stage_out *out, const struct bus_record **records);

#endif
