/* What the files of the edges share. */
#ifndef CHUISHAO_IO_PARTS_H
#define CHUISHAO_IO_PARTS_H

#include "casework_io.h"
#include "json_out.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What the opening command said, for orders and events; all raw. */
struct io_opening {
    struct {
        struct str rule, runner_up, policy, line, reason, sla_reason;
    } route;
    struct {
        struct str policy, nature, category_name, urgency, confidence, evidence,
                runner_up;
    } class;
    struct {
        struct str code, type, name, path, found_by, candidates;
    } place;
    struct {
        struct str source, id, channel, title, text, attachments;
        struct {
            struct str address, estate;
        } place;
    } complaint;
};

/* One decision being written. */
struct io_turn {
    const struct case_io *io;
    const struct bus_msg *msg;
    const struct case_message *message;
    const struct case_record *record; /* as it is after the decision */
    const struct case_decision *decision;
    struct stage_out *out;
    struct arena *arena;
    struct io_opening opening;
};

/* ---- state_io.c ---- */

/* Copies a list of strings into rows of `size` bytes; `name` is the field's, for the
 * error. */
MUST_USE bool io_rows_read(struct json_list list, char *rows, size_t size, int32_t max,
        int32_t *n, const char *name, struct error *err);

/* ---- out_io.c ---- */

/* Nothing unless it runs. */
void io_clock_out(const struct io_turn *turn, struct json_out *json, int clock);

/* The clocks of the units that run, or the desk's. */
void io_clocks_out(const struct io_turn *turn, struct json_out *json, bool desk);

/* The share of each budget that the lead's task used. */
void io_used_out(const struct io_turn *turn, struct json_out *json);

void io_category_out(const struct io_turn *turn, struct json_out *json);
void io_actor_out(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect);

/* Why this unit: the route's rule, or who decided instead. */
void io_why_dispatched(const struct io_turn *turn, struct json_out *json);
void io_why_classified(const struct io_turn *turn, struct json_out *json);

/* Before the first dispatch the desk's order has the number of the task to come. */
struct str io_order_number(const struct io_turn *turn, int32_t task);

/* "<partition>.<offset>" of the command. */
const char *io_record_number(const struct io_turn *turn);

/* "<case>.<seq>.<what>", and what else it takes to be the only one. */
struct str io_id(
        const struct io_turn *turn, int64_t seq, const char *what, const char *more);

void io_emit(const struct io_turn *turn, const char *topic, const char *type,
        struct str key, struct str id, const struct json_out *json);

/* ---- one message of an effect each ---- */

void io_event_out(const struct io_turn *turn, const struct case_effect *effect);
void io_resolution_out(const struct io_turn *turn, const struct case_effect *effect);
void io_audit_out(const struct io_turn *turn, const struct case_effect *effect);
void io_order_out(const struct io_turn *turn, const struct case_effect *effect);
void io_command_out(const struct io_turn *turn, const struct case_effect *effect);

#endif
