/* The edges of a whistle: commands and states in, events, orders, commands to its cases
 * and audits out. What people wrote is never looked at. */
#ifndef CHUISHAO_WHISTLE_IO_H
#define CHUISHAO_WHISTLE_IO_H

#include "casework_io.h"
#include "whistle_core.h"

/* A command as it came; texts are borrowed from the batch. */
struct whistle_message {
    struct whistle_command core;
    struct str id, by, action, order;
    struct str text, reason, note, where; /* unescaped */
    struct str photos, lon, lat;          /* raw */
    instant claimed_at;                   /* check_in: when the unit says it came */
};

/* A whistle as it is kept. */
struct whistle_record {
    struct whistle_state core;
    struct str text; /* the matter, unescaped */
};

/* The empty text is no such whistle. */
MUST_USE bool whistle_record_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct whistle_record *out, struct error *err);
struct str whistle_record_write(const struct whistle_record *record, struct arena *arena);

MUST_USE bool whistle_message_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct whistle_message *out, struct error *err);

/* Everything that one record of case.command under a whistle's key means, from bytes to
 * bytes. */
void whistle_message_decide(const struct case_io *io, const struct bus_msg *msg,
        struct str state, struct stage_out *out);

#endif
