/* Everything that comes from outside is checked here, once and fully; behind this point
 * our own stages trust each other. Errors are ERR_INVALID and name the field, never its
 * content. Results live in the arena or borrow from the message. */
#ifndef CHUISHAO_INTAKE_CODEC_H
#define CHUISHAO_INTAKE_CODEC_H

#include "arena.h"
#include "error.h"
#include "ids.h"
#include "instant.h"
#include "str.h"

enum {
    INTAKE_BYTES_MAX = 256 * 1024,
    INTAKE_SOURCE_MAX = 200, /* characters, as all below */
    INTAKE_ID_MAX = 128,
    INTAKE_FUTURE_MS = 10 * 60 * 1000, /* how far a publisher's clock may be ahead */
};

/* Told and true, told and false, or not told. */
enum told { TOLD_NOT, TOLD_NO, TOLD_YES };

struct told_number {
    bool there;
    double value;
};

struct text_list {
    struct str *items;
    size_t n;
};

struct intake_attachment {
    struct str uri, type, sha256;
};

struct attachment_list {
    struct intake_attachment *items;
    size_t n;
};

/* One message as it came; borrowed. */
struct intake_input {
    struct str value;
    struct str source, id;   /* ce_source, ce_id; empty: no such header */
    struct str content_type; /* application/cloudevents+json: structured mode */
    instant received_at;
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
    struct str upper_id;
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

struct intake_action {
    struct str id, case_id, order, action, by, unit;
    instant at;
    struct str note, result, contact_record, reason, proposed_unit, to, category;
    struct text_list photos, evidence;
    bool evidence_is_text;
};

/* Codes as for a complaint, and unknown_action. */
MUST_USE bool intake_action_decode(const struct intake_input *input, struct arena *arena,
        struct intake_action *out, struct error *err);

/* Masks what staff wrote freely. */
void intake_action_mask(struct intake_action *action, struct arena *arena);

/* case.command action; at: when we received it. */
struct str intake_action_encode(const struct intake_action *action, struct str id,
        struct str unit, struct str queue, instant at, struct arena *arena);

/* audit wrong_queue. */
struct str intake_audit_encode(const struct intake_action *action, struct str id,
        struct str unit, instant at, const char *rule, const char *text,
        struct arena *arena);

#endif
