/* complaint.classified in, the `open` command out, the recent cases of a place as state.
 */
#ifndef CHUISHAO_ROUTER_IO_H
#define CHUISHAO_ROUTER_IO_H

#include "policy.h"
#include "router_core.h"
#include "stage.h"

struct json_reader;

/* A classified complaint; class, place and complaint are passed on as they came. */
struct router_message {
    struct router_complaint complaint;
    struct str class, place, accepted; /* borrowed from the text */
};

/* Codes unknown to this policy are read as no category and no place, and so is a place
 * that it says was not there when the complaint was made. */
MUST_USE bool router_message_decode(struct json_reader *reader,
        const struct policy *policy, struct str text, struct router_message *out,
        struct arena *arena, struct error *err);

/* The case.command `open`; lives in the arena. */
struct str router_command_encode(const struct policy *policy,
        const struct router_message *message, const struct router_route *route,
        instant now, struct arena *arena);

MUST_USE bool router_recent_decode(struct json_reader *reader, struct str text,
        struct router_recent *out, struct arena *arena, struct error *err);
struct str router_recent_encode(const struct router_recent *recent, struct arena *arena);

struct router;

/* policy is kept by pointer. NULL: no memory. */
struct router *router_open(const struct policy *policy, const char *lane);
void router_close(struct router *router);

/* The stage's decide; ctx is a struct router. */
stage_decide router_decide_message;

#endif
