/* One command on a whistle from bytes to bytes: read, decided, written. */
#include "log.h"
#include "whistle_io_parts.h"

static void effects_out(const struct whistle_io_turn *turn)
{
    for (int i = 0; i < turn->decision->n_effects; i++) {
        const struct whistle_effect *effect = &turn->decision->effects[i];
        switch (effect->kind) {
        case WHISTLE_EFFECT_EVENT:
            whistle_event_out(turn, effect);
            break;
        case WHISTLE_EFFECT_ORDER:
            whistle_order_out(turn, effect);
            break;
        case WHISTLE_EFFECT_LINKED:
        case WHISTLE_EFFECT_UNLINKED:
            whistle_command_out(turn, effect);
            break;
        case WHISTLE_EFFECT_REFUSED:
            whistle_audit_out(turn, effect);
            break;
        }
    }
}

static bool read_both(const struct case_io *io, const struct bus_msg *msg,
        struct str state, struct arena *arena, struct whistle_message *message,
        struct whistle_record *record, struct error *err)
{
    if (!whistle_message_read(io->reader, msg->value, arena, message, err))
        return false;
    if (!str_is(msg->key, message->core.id))
        return error_set(err, ERR_INVALID, "wrong_key",
                "the record's key is not the whistle it is for");
    if (whistle_record_read(io->reader, state, arena, record, err))
        return true;
    error_prefix(err, "the state of the whistle");
    log_error("state_unreadable", "whistle=%s code=%s", message->core.id, err->code);
    return false;
}

void whistle_message_decide(const struct case_io *io, const struct bus_msg *msg,
        struct str state, struct stage_out *out)
{
    struct arena *arena = stage_arena(out);
    struct error err = {0};
    struct whistle_message message;
    struct whistle_record record;
    struct whistle_decision decision;
    if (!read_both(io, msg, state, arena, &message, &record, &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    whistle_decide(io->policy, &record.core, &message.core, &decision);
    if (record.core.stage == WHISTLE_NONE && decision.changed)
        record.text = message.text;
    record.core = decision.after;
    effects_out(&(struct whistle_io_turn){
            .io = io,
            .msg = msg,
            .message = &message,
            .record = &record,
            .decision = &decision,
            .out = out,
            .arena = arena,
    });
    if (decision.changed)
        stage_put(out, whistle_record_write(&record, arena), record.core.wake_at);
    else if (!decision.n_effects)
        stage_count(out, "nothing");
}
