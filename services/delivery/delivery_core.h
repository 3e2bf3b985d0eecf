/* What to do with one order for a unit: send it on, or keep it for later when the unit
 * cannot be reached. Pure. A parked unit's orders stay where they are, in unit.orders;
 * the state remembers the first of them. When the unit is tried again the partition is
 * read from there, so that its orders arrive in order and once, while other units' orders
 * in that stretch are skipped as done. */
#ifndef CHUISHAO_DELIVERY_CORE_H
#define CHUISHAO_DELIVERY_CORE_H

#include "instant.h"
#include <stdbool.h>
#include <stdint.h>

/* Zero: nothing is parked. */
struct delivery_state {
    bool parked;
    int64_t first; /* input offset of the first order that waits */
    int32_t tries; /* so far without success */
    instant since; /* when it was parked */
    instant next;  /* when it is tried again */
};

enum delivery_action {
    DELIVERY_SEND, /* the order goes out; the state is unparked */
    DELIVERY_PARK, /* the unit is not to be reached: this order is the first that waits,
                      or waits again */
    DELIVERY_HOLD, /* earlier orders wait: this one will be read again after them */
};

enum { DELIVERY_RETRY_MS = 5000, DELIVERY_RETRY_MAX_MS = 60000 };

enum delivery_action delivery_decide(const struct delivery_state *before, int64_t offset,
        bool reachable, instant now, struct delivery_state *after);

#endif
