/* The edges of what stands beside the cases: points accounts and recurring orders, from
 * bytes to bytes; and the points that follow from a case's event. LEDGERS.md. */
#ifndef CHUISHAO_LEDGER_IO_H
#define CHUISHAO_LEDGER_IO_H

#include "account_core.h"
#include "json.h"
#include "schedule_core.h"
#include "stage.h"

struct ledger_io {
    const struct policy *policy;
    struct json_reader *reader;
    const char *event_topic, *order_topic, *command_topic, *audit_topic;
    const char *account_topic; /* of the commands `points`: accounts live in one lane */
};

/* ---- points_io.c ---- */

/* What a case knows beyond its event; empty: nothing. */
struct points_context {
    struct str lead, nature, category, urgency;
    struct str pool; /* whose offer the lead took; empty: none's */
};

/* Sends the commands `points` that follow from an event of a case or of a whistle, if any
 * do. */
void points_out(const struct ledger_io *io, const char *kind, struct str event_id,
        struct str event, const struct points_context *context, struct stage_out *out);

/* ---- account_io.c ---- */

/* "account:<code>" of a unit or a pool. */
bool account_key_valid(struct str key);

/* A command as it came; texts are borrowed from the batch. */
struct account_message {
    struct account_command core;
    struct str key, id, by, action, order, of;
    struct str reason, note, what; /* unescaped */
    struct str evidence;           /* raw */
};

MUST_USE bool account_message_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct account_message *out, struct error *err);

/* The empty text is no account yet. */
MUST_USE bool account_state_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct account_state *out, struct error *err);
struct str account_state_write(const struct policy *policy,
        const struct account_state *state, struct arena *arena);

/* Everything that one record of case.command means for an account; `decision` is working
 * memory. */
void account_message_decide(const struct ledger_io *io, const struct bus_msg *msg,
        struct str state, struct account_decision *decision, struct stage_out *out);

/* ---- schedule_io.c ---- */

/* "schedule:<id>". */
bool schedule_key_valid(struct str key);

MUST_USE bool schedule_command_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct schedule_command *out, struct error *err);
MUST_USE bool schedule_state_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct schedule_state *out, struct error *err);
struct str schedule_state_write(const struct schedule_state *state, struct arena *arena);

void schedule_message_decide(const struct ledger_io *io, const struct bus_msg *msg,
        struct str state, struct schedule_decision *decision, struct stage_out *out);

#endif
