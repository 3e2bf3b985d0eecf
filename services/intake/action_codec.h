/* Actions as units send them: checked, masked, and what goes on from them. */
#ifndef CHUISHAO_ACTION_CODEC_H
#define CHUISHAO_ACTION_CODEC_H

#include "intake_codec.h"

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
