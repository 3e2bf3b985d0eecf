/* What cases, accounts, schedules and whistles write in the same words: who acted, what
 * the audit hears, and how a message is sent. */
#ifndef CHUISHAO_SUBJECT_IO_H
#define CHUISHAO_SUBJECT_IO_H

#include "json_out.h"
#include "stage.h"

/* A unit by one of its staff, or a service. */
struct subject_actor {
    const char *unit;    /* NULL: a service */
    struct str by;       /* empty: not said */
    const char *service; /* where there is no unit */
};

void subject_actor_out(struct json_out *json, const struct subject_actor *actor);

/* Keys and subject are copied: they mostly stand in a decision, which ends with the
 * message. */
void subject_emit(struct stage_out *out, const char *topic, const char *type,
        struct str key, struct str subject, struct str id, struct json_out *json);

/* A command that had no effect. */
struct subject_audit {
    const char *topic;
    struct str key, id;
    instant at;
    const char *kind; /* repeat, refused, wrong_queue; a literal */
    struct subject_actor actor;
    const char *rule; /* "": none */
    const char *text;
};

void subject_audit_out(struct stage_out *out, const struct subject_audit *audit);

#endif
