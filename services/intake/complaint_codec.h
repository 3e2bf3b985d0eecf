/* Complaints as publishers send them: checked, masked, and what goes on from them. */
#ifndef CHUISHAO_COMPLAINT_CODEC_H
#define CHUISHAO_COMPLAINT_CODEC_H

#include "intake_codec.h"

struct intake_attachment {
    struct str uri, type, sha256;
};

struct attachment_list {
    struct intake_attachment *items;
    size_t n;
};

struct intake_complaint {
    struct str source, id; /* which event it is */
    struct str channel;
    instant reported_at, received_at;
    struct str text, title;
    struct intake_place {
        struct str address, estate, grid;
        struct told_number lon, lat;
    } place;
    struct intake_reporter {
        struct str name, phone, id_number, kind;
        enum told confidential, no_reply;
    } reporter;
    struct intake_about {
        struct str unit, name;
    } about;
    struct str
            upper_id; /* the order that this one belongs to, in the publisher's words */
    instant upper_reported_at; /* when that one was; never: not said */
    struct attachment_list attachments;
    enum told urgent;
};

/* Codes: bad_utf8, confluent_wire_format, bad_json, duplicate_key, missing_field,
 * wrong_type, too_long, too_large, empty_text, naive_time, bad_time, future_time,
 * unknown_channel, unknown_value, bad_value. */
MUST_USE bool intake_complaint_decode(const struct intake_input *input,
        struct arena *arena, struct intake_complaint *out, struct error *err);

bool intake_has_identity(const struct intake_complaint *complaint);

/* The plaintext that is sealed: {name, phone, id_number, about_name}, as far as given. */
struct str intake_identity_plain(
        const struct intake_complaint *complaint, struct arena *arena);

/* Masks title, text, address, estate and the accused unit. The identity itself is
 * forgotten. */
void intake_complaint_mask(struct intake_complaint *complaint, struct arena *arena);

/* complaint.accepted. token, exit: empty when there is none. */
struct str intake_accepted_encode(const struct intake_complaint *complaint,
        const char *case_id, const char *token, const char *exit, struct arena *arena);

/* complaint.identity. */
struct str intake_identity_encode(const char *case_id, const char *key_id,
        struct str nonce, struct str data, struct arena *arena);

/* case.command open for an emergency line; accepted is spliced in. */
struct str intake_transfer_encode(const char *case_id, struct str id, instant at,
        const char *line, const char *rule, const char *policy, struct str accepted,
        struct arena *arena);

#endif
