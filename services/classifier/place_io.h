/* The policy's places as a matcher of names, and what a complaint says of its place. */
#ifndef CHUISHAO_PLACE_IO_H
#define CHUISHAO_PLACE_IO_H

#include "place_core.h"

struct arena;
struct json_out;

/* The place of an accepted complaint. */
struct place_said {
    struct str address, estate;
    char grid[64];
    double lon, lat; /* WGS 84 degrees; both 0: not given */
};

/* One thread at a time. */
struct place_finder;

/* policy is kept by pointer. */
MUST_USE bool place_finder_open(
        struct place_finder **out, const struct policy *policy, struct error *err);
void place_finder_close(struct place_finder *finder);

/* at: of the event. What the decision points to lives as long as the finder and the
 * texts. */
struct place_decision place_find(struct place_finder *finder,
        const struct place_said *said, struct str title, struct str text, instant at);

/* The object `place` of complaint.classified. */
void place_write(struct json_out *json, const struct place_decision *decision);

#endif
