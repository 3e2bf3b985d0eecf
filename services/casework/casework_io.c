/* One command from bytes to bytes: read, decided, written. */
#include "io_parts.h"
#include "log.h"

#include <string.h>

#define RAW(form, field)                                                                 \
    {.name = #field,                                                                     \
            .kind = JSON_RAW,                                                            \
            .offset = offsetof(struct io_opening, form.field) -                          \
                      offsetof(struct io_opening, form)}
static const struct json_field opening_route[] = {
        RAW(route, rule),
        RAW(route, runner_up),
        RAW(route, policy),
        RAW(route, line),
        RAW(route, reason),
        RAW(route, sla_reason),
        RAW(route, evidence),
        RAW(route, similarity),
};
static const struct json_field opening_class[] = {
        RAW(class, policy),
        RAW(class, nature),
        RAW(class, category_name),
        RAW(class, urgency),
        RAW(class, confidence),
        RAW(class, evidence),
        RAW(class, runner_up),
};
static const struct json_field opening_place[] = {
        RAW(place, code),
        RAW(place, type),
        RAW(place, name),
        RAW(place, path),
        RAW(place, found_by),
        RAW(place, match),
        RAW(place, address),
        RAW(place, candidates),
};
static const struct json_field opening_address[] = {
        RAW(complaint.place, address), RAW(complaint.place, estate)};
static const struct json_field opening_complaint[] = {
        RAW(complaint, source),
        RAW(complaint, id),
        RAW(complaint, channel),
        RAW(complaint, title),
        RAW(complaint, text),
        RAW(complaint, attachments),
        {.name = "place",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct io_opening, complaint.place) -
                          offsetof(struct io_opening, complaint),
                .max = COUNT(opening_address),
                .sub = opening_address},
};
#undef RAW
#define SUB(form)                                                                        \
    {.name = #form,                                                                      \
            .kind = JSON_OBJECT,                                                         \
            .offset = offsetof(struct io_opening, form),                                 \
            .max = COUNT(opening_##form),                                                \
            .sub = opening_##form}
static const struct json_field opening_fields[] = {
        SUB(route), SUB(class), SUB(place), SUB(complaint)};
#undef SUB

static void effects_out(const struct io_turn *turn)
{
    for (int i = 0; i < turn->decision->n_effects; i++) {
        const struct case_effect *effect = &turn->decision->effects[i];
        switch (effect->kind) {
        case EFFECT_EVENT:
            io_event_out(turn, effect);
            break;
        case EFFECT_ORDER:
            io_order_out(turn, effect);
            break;
        case EFFECT_COMMAND:
            io_command_out(turn, effect);
            break;
        case EFFECT_WHISTLE_ANSWER:
            io_whistle_answer_out(turn, effect);
            break;
        case EFFECT_RESOLUTION:
            io_resolution_out(turn, effect);
            break;
        case EFFECT_REPEAT:
        case EFFECT_REFUSED:
            io_audit_out(turn, effect);
            break;
        }
    }
}

void case_message_decide(const struct case_io *io, const struct bus_msg *msg,
        struct str state, struct case_decision *decision, struct stage_out *out)
{
    struct arena *arena = stage_arena(out);
    struct error err = {0};
    struct case_message message;
    struct case_record record;
    if (!case_message_read(io->reader, msg->value, arena, &message, &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    if (!str_is(msg->key, message.core.case_id)) {
        (void)error_set(&err, ERR_INVALID, "wrong_key",
                "the record's key is not the case it is for");
        stage_dead_letter(out, &err);
        return;
    }
    if (!case_record_read(io->reader, state, arena, &record, &err)) {
        error_prefix(&err, "the state of the case");
        log_error("state_unreadable", "case=%s code=%s", message.core.case_id, err.code);
        stage_dead_letter(out, &err);
        return;
    }
    struct io_turn turn = {
            .io = io,
            .msg = msg,
            .message = &message,
            .record = &record,
            .decision = decision,
            .out = out,
            .arena = arena,
    };
    memcpy(turn.old_policy, record.core.policy, sizeof turn.old_policy);
    case_decide(io->policy, &record.core, &message.core, decision);
    if (record.core.stage == STAGE_NONE && decision->changed)
        record.open = message.open;
    if (decision->keep_result)
        record.result = message.core.kind == COMMAND_MEMBER_RESULT ? message.result
                                                                   : message.core.words;
    case_state_copy(&record.core, &decision->after);
    if (decision->n_effects && record.open.len &&
            !json_read(io->reader, record.open, opening_fields, COUNT(opening_fields),
                    &turn.opening, arena, &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    effects_out(&turn);
    if (decision->changed)
        stage_put(out, case_record_write(&record, arena), record.core.wake_at);
    else if (!decision->n_effects)
        stage_count(out, "nothing");
}
