/* What the files of a whistle's edges share. */
#ifndef CHUISHAO_WHISTLE_IO_PARTS_H
#define CHUISHAO_WHISTLE_IO_PARTS_H

#include "json_out.h"
#include "subject_io.h"
#include "whistle_io.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* One decision being written. */
struct whistle_io_turn {
    const struct case_io *io;
    const struct bus_msg *msg;
    const struct whistle_message *message;
    const struct whistle_record *record; /* as it is after the decision */
    const struct whistle_decision *decision;
    struct stage_out *out;
    struct arena *arena;
};

/* ---- whistle_out_io.c: what several messages say in the same words ---- */

void whistle_type_out(const struct whistle_io_turn *turn, struct json_out *json);
void whistle_place_out(const struct whistle_io_turn *turn, struct json_out *json);
void whistle_cases_out(const struct whistle_io_turn *turn, struct json_out *json);

/* The check-in's deadline, while it is waited for; `unit` NULL: anybody's. */
void whistle_clocks_out(const struct whistle_io_turn *turn, struct json_out *json,
        const struct whistle_unit *unit);
void whistle_rung_out(struct json_out *json, const struct whistle_effect *effect);

/* by_time: nobody did it, a deadline passed. */
struct subject_actor whistle_actor(const struct whistle_io_turn *turn, bool by_time);

/* "<whistle>.<number>" */
struct str whistle_order_number(const struct whistle_io_turn *turn, int32_t number);

/* "<partition>.<offset>" of the command. */
const char *whistle_record_number(const struct whistle_io_turn *turn);

/* "<whistle>.<seq>.<what>", and what else it takes to be the only one. */
struct str whistle_message_id(const struct whistle_io_turn *turn, int64_t seq,
        const char *what, const char *more);
void whistle_emit(const struct whistle_io_turn *turn, const char *topic, const char *type,
        struct str key, struct str id, struct json_out *json);

/* ---- one message of an effect each ---- */

void whistle_event_out(
        const struct whistle_io_turn *turn, const struct whistle_effect *effect);
void whistle_order_out(
        const struct whistle_io_turn *turn, const struct whistle_effect *effect);
void whistle_command_out(
        const struct whistle_io_turn *turn, const struct whistle_effect *effect);
void whistle_audit_out(
        const struct whistle_io_turn *turn, const struct whistle_effect *effect);

#endif
