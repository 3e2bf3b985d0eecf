#include "subject_io.h"

#include "arena.h"

void subject_actor_out(struct json_out *json, const struct subject_actor *actor)
{
    json_open_object(json, "actor");
    if (actor->unit) {
        json_text(json, "unit", actor->unit);
        json_str_some(json, "by", actor->by);
    } else {
        json_text(json, "service", actor->service);
    }
    json_close_object(json);
}

void subject_emit(struct stage_out *out, const char *topic, const char *type,
        struct str key, struct str subject, struct str id, struct json_out *json)
{
    struct arena *arena = stage_arena(out);
    stage_emit(out, &(struct stage_message){
                            .topic = topic,
                            .key = arena_copy(arena, key),
                            .value = json_end(json),
                            .type = type,
                            .id = id,
                            .subject = arena_copy(arena, subject),
                    });
}

void subject_audit_out(struct stage_out *out, const struct subject_audit *audit)
{
    struct json_out json;
    json_begin(&json, stage_arena(out), 512);
    json_open_object(&json, NULL);
    json_str(&json, "id", audit->id);
    json_instant(&json, "at", audit->at);
    json_text(&json, "kind", audit->kind);
    json_str(&json, "case", audit->key);
    subject_actor_out(&json, &audit->actor);
    json_text_some(&json, "rule", audit->rule);
    json_text(&json, "text", audit->text);
    json_close_object(&json);
    subject_emit(out, audit->topic, "audit", audit->key, audit->key, audit->id, &json);
    stage_count(out, audit->kind);
}
