/* Actions as units send them: checked, masked, and what goes on from them. */
#ifndef CHUISHAO_ACTION_CODEC_H
#define CHUISHAO_ACTION_CODEC_H

#include "intake_codec.h"

enum { INTAKE_SUMMON_MAX = 16, INTAKE_PARTIES_MAX = 8 };

/* One of those that a whistle summons. */
struct intake_summons {
    struct str unit;
    enum told must;
};

struct summons_list {
    struct intake_summons *items;
    size_t n;
};

struct intake_action {
    struct str id, case_id, order, action, by, unit;
    instant at;
    struct str note, result, contact_record, reason, proposed_unit, to, category;
    struct text_list photos, evidence;
    bool evidence_is_text;
    struct str type, place, text, where, reason_code;
    struct text_list cases;
    struct summons_list summon;
    struct told_number lon, lat, score, amount, points;
    instant until; /* never: not told */
    struct str step, master, agenda, decision, basis, head, plan, rating, what;
    struct text_list parties, attendees;
    enum told mandatory, valid, solved;
};

/* Codes as for a complaint, and unknown_action. */
MUST_USE bool intake_action_decode(const struct intake_input *input, struct arena *arena,
        struct intake_action *out, struct error *err);

/* Masks what staff wrote freely. */
void intake_action_mask(struct intake_action *action, struct arena *arena);

/* A whistle gets its id and order: they follow from the queue it came on and its own id.
 * Other actions name theirs. */
void intake_action_number(
        struct intake_action *action, struct str queue, struct arena *arena);

/* case.command action; at: when we received it. */
struct str intake_action_encode(const struct intake_action *action, struct str id,
        struct str unit, struct str queue, instant at, struct arena *arena);

/* audit wrong_queue. */
struct str intake_audit_encode(const struct intake_action *action, struct str id,
        struct str unit, instant at, const char *rule, const char *text,
        struct arena *arena);

#endif
