#include "delivery_core.h"

enum delivery_action delivery_decide(const struct delivery_state *before, int64_t offset,
        bool reachable, instant now, struct delivery_state *after)
{
    *after = *before;
    if (before->parked && offset > before->first)
        return DELIVERY_HOLD;
    if (reachable) {
        *after = (struct delivery_state){0};
        return DELIVERY_SEND;
    }
    int64_t wait = DELIVERY_RETRY_MS;
    for (int32_t i = 0; i < before->tries && wait < DELIVERY_RETRY_MAX_MS; i++)
        wait *= 2;
    *after = (struct delivery_state){
            .parked = true,
            .first = offset,
            .tries = before->tries + 1,
            .since = before->parked ? before->since : now,
            .next = {now.ms +
                     (wait < DELIVERY_RETRY_MAX_MS ? wait : DELIVERY_RETRY_MAX_MS)},
    };
    return DELIVERY_PARK;
}
