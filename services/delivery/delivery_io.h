/* Delivery's edges: orders in, the state of a unit, and which units could not be reached.
 */
#ifndef CHUISHAO_DELIVERY_IO_H
#define CHUISHAO_DELIVERY_IO_H

#include "delivery_core.h"
#include "json.h"
#include "policy.h"
#include "stage.h"
#include "topics.h"

/* The state of a unit; the empty text is one with nothing parked. The encoded text lives
 * in the arena. */
MUST_USE bool delivery_state_decode(struct json_reader *reader, struct str text,
        struct delivery_state *out, struct arena *arena, struct error *err);
struct str delivery_state_encode(const struct delivery_state *state, struct arena *arena);

struct delivery;

/* policy and lane are borrowed for the life of the result. */
struct delivery *delivery_open(const struct policy *policy, const char *lane);
void delivery_close(struct delivery *delivery);

/* The callbacks of the stage (stage.h); ctx is a struct delivery. */
void delivery_message(void *ctx, const struct bus_msg *msg, struct str state, instant now,
        struct stage_out *out);
bool delivery_due(void *ctx, struct str unit_code, struct str state);
void delivery_failed(void *ctx, const char *topic);

#endif
