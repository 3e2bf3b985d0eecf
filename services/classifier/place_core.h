/* Where a complaint is, from the places it names and the grid its publisher gave. Pure.
 *
 * The rules, in the order they are tried:
 * 1. A name inside a longer name of the same field does not count; places that are not
 * valid at the time do not count.
 * 2. Where several places bear one name, those inside another named place (or the given
 * grid's community) are meant.
 * 3. A given grid is the place. An estate or landmark that the complaint names inside the
 * grid's community is more exact and wins.
 * 4. Else the estate field, then the address, then title and text: the first that names a
 * place decides. In it the more exact kind of place wins: estate, landmark, grid,
 * community, road, street. The district says nothing.
 * 5. Two places of that kind: when both lie in one grid, community or street, that is the
 * place; else it is a conflict, and a human decides.
 * 6. A later field that names a more exact place inside the one found sharpens it; one
 * that names another is passed over. */
#ifndef CHUISHAO_PLACE_CORE_H
#define CHUISHAO_PLACE_CORE_H

#include "policy.h"

/* Where a name was found, in order of trust. */
enum place_field { PLACE_IN_ESTATE, PLACE_IN_ADDRESS, PLACE_IN_TEXT, PLACE_FIELD_COUNT };

/* A name's occurrence; one for each place that bears the name. */
struct place_hit {
    const struct place *place;
    const char *name; /* as in the policy */
    enum place_field field;
    uint32_t part;     /* texts within a field (title, text) do not share positions */
    uint32_t from, to; /* bytes */
    bool dropped;      /* scratch of place_decide */
};

enum place_found_by {
    PLACE_BY_NONE,
    PLACE_BY_CONFLICT,
    PLACE_BY_GRID,
    PLACE_BY_ESTATE,
    PLACE_BY_ADDRESS,
    PLACE_BY_TEXT
};
extern const char *const place_found_by_names[];

enum { PLACE_CANDIDATES_MAX = 8, PLACE_WORDS_MAX = 4, PLACE_PATH_MAX = 8 };

struct place_decision {
    enum place_found_by found_by;
    const struct place *place; /* NULL: none or conflict */
    const struct place
            *candidates[PLACE_CANDIDATES_MAX]; /* of a conflict, in the order named */
    int n_candidates;
    const char *words[PLACE_WORDS_MAX]; /* the names that decided */
    int n_words;
};

/* hits: may be changed. grid: the given one, NULL when none is known. at: when it was
 * reported. */
struct place_decision place_decide(
        struct place_hit *hits, size_t n, const struct place *grid, instant at);

/* From the topmost down to place itself; returns how many. */
int place_path(const struct place *place, const struct place *path[PLACE_PATH_MAX]);

#endif
