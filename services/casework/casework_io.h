/* The edges of casework: commands and states in, events, orders, resolutions, commands
 * and audits out. A complaint's text is never looked at: its bytes go from the opening
 * command into the state and from there into orders. */
#ifndef CHUISHAO_CASEWORK_IO_H
#define CHUISHAO_CASEWORK_IO_H

#include "casework_core.h"
#include "json.h"
#include "stage.h"

/* A command as it came; texts are borrowed from the batch. */
struct case_message {
    struct case_command core;
    struct str id, by, action, order;
    struct str open; /* route, class, place and complaint in one object, spliced; empty
                        unless open */
    struct str result, reason, note, agenda, decision, basis, head,
            whistle_type; /* unescaped */
    struct str proposed_unit, evidence, photos, contact_record, plan, attendees; /* raw */
};

/* A case as it is kept. */
struct case_record {
    struct str open;   /* raw, as the opening command brought it */
    struct str result; /* unescaped */
    struct case_state core;
};

/* The empty text is no such case. */
MUST_USE bool case_record_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct case_record *out, struct error *err);
struct str case_record_write(const struct case_record *record, struct arena *arena);

MUST_USE bool case_message_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct case_message *out, struct error *err);

struct case_topics {
    const char *event, *order, *resolution, *command, *sla_event, *audit;
};

struct case_io {
    const struct policy *policy;
    struct json_reader *reader;
    struct case_topics topics;
};

/* Everything that one record of case.command means, from bytes to bytes; `decision` is
 * working memory. */
void case_message_decide(const struct case_io *io, const struct bus_msg *msg,
        struct str state, struct case_decision *decision, struct stage_out *out);

#endif
