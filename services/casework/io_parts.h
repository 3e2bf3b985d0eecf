/* What the files of the edges share. */
#ifndef CHUISHAO_IO_PARTS_H
#define CHUISHAO_IO_PARTS_H

#include "casework_io.h"
#include "json_out.h"
#include "subject_io.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What the opening command said, for orders and events; all raw. */
struct io_opening {
    struct {
        struct str rule, runner_up, policy, line, reason, sla_reason, evidence,
                similarity;
    } route;
    struct {
        struct str policy, nature, category_name, urgency, confidence, evidence,
                runner_up;
    } class;
    struct {
        struct str code, type, name, path, found_by, match, address, candidates;
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
    char old_policy[CASE_VERSION_SIZE]; /* under which the due times were derived before
                                         */
};

/* ---- state_io.c ---- */

/* Copies a list of strings into rows of `size` bytes; `name` is the field's, for the
 * error. */
MUST_USE bool io_rows_read(struct json_list list, char *rows, size_t size, int32_t max,
        int32_t *n, const char *name, struct error *err);

/* ---- out_io.c ---- */

/* The clocks of a task, or of the desk, that are not over, each with its due time or why
 * it stands. */
void io_clocks_out(const struct io_turn *turn, struct json_out *json, int32_t task);

/* The share of each budget that the lead's task used, and how long its handling stood. */
void io_used_out(const struct io_turn *turn, struct json_out *json);

/* What an effect says of a clock, a rung, a date. */
void io_clock_said(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect);

/* Who answers for a unit at this place and time: officials, never residents. */
void io_contacts_out(const struct io_turn *turn, struct json_out *json, const char *unit);

/* What the actor said, by field; only what is there is written. */
enum io_said {
    SAID_REASON = 1 << 0, /* with its code */
    SAID_NOTE = 1 << 1,
    SAID_EVIDENCE = 1 << 2,
    SAID_PROPOSED = 1 << 3,
    SAID_RESULT = 1 << 4,  /* with contact record, photos and who signed for it */
    SAID_RULING = 1 << 5,  /* attendees, basis, decision */
    SAID_MEETING = 1 << 6, /* agenda, parties */
    SAID_PLAN = 1 << 7,
    SAID_FOLLOW_UP = 1 << 8,
    SAID_WHISTLE = 1 << 9,
    SAID_AMOUNT = 1 << 10,
};
void io_said_out(const struct io_turn *turn, struct json_out *json, unsigned said);

void io_category_out(const struct io_turn *turn, struct json_out *json);
struct subject_actor io_actor(
        const struct io_turn *turn, const struct case_effect *effect);

/* Why this unit: the route's rule, or who decided instead. */
void io_why_dispatched(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect);
void io_why_classified(const struct io_turn *turn, struct json_out *json);

/* Before the first dispatch the desk's order has the number of the task to come. */
struct str io_order_number(const struct io_turn *turn, int32_t task);

/* "<partition>.<offset>" of the command. */
const char *io_record_number(const struct io_turn *turn);

/* "<case>.<seq>.<what>", and what else it takes to be the only one. */
struct str io_id(
        const struct io_turn *turn, int64_t seq, const char *what, const char *more);

void io_emit(const struct io_turn *turn, const char *topic, const char *type,
        struct str key, struct str id, struct json_out *json);

/* ---- one message of an effect each ---- */

void io_event_out(const struct io_turn *turn, const struct case_effect *effect);
void io_resolution_out(const struct io_turn *turn, const struct case_effect *effect);
void io_audit_out(const struct io_turn *turn, const struct case_effect *effect);
void io_order_out(const struct io_turn *turn, const struct case_effect *effect);
void io_command_out(const struct io_turn *turn, const struct case_effect *effect);
void io_whistle_answer_out(const struct io_turn *turn, const struct case_effect *effect);

#endif
