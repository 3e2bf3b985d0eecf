/* Where a complaint is, from the places it names, the grid and the coordinates that its
 * publisher gave. Pure.
 *
 * The rules, in the order they are tried:
 * 1. A name inside a longer name of the same field does not count; places that are not
 * valid at the time do not count.
 * 2. Where several places bear one name, those inside another named place (or the
 * community of the given grid, or of the point) are meant.
 * 3. A given grid is the place. A more exact place of the grid's community, named or with
 * a boundary around the point, wins.
 * 4. Else the estate field, then the address, then title and text: the first that names a
 * place decides. In it the more exact place wins: what lies inside another named place,
 * then by kind estate, landmark, grid, community, road, street. A place is as exact as
 * what it lies in. The district says nothing.
 * 5. Two places as exact: when both lie in one grid, community or street, that is the
 * place; else it is a conflict, and a human decides.
 * 6. A later field that names a place inside the one found sharpens it; one that names
 * another is passed over.
 * 7. A point on a boundary beats no name, but is a fact: it is the place when nothing is
 * named, or nothing more exact than a street or road, or what is named holds it; a place
 * named in the point's community still sharpens it. Of a conflict, what is named in the
 * point's community is meant. A more exact name elsewhere in the same street stands (who
 * reports it may be across the road); one in another street is a conflict.
 * 8. A name that is nearly right overrules nothing: it decides where nothing else did,
 * and else sharpens like a later field. Two places it may mean are rule 5's. In title or
 * text one with a wrong letter, or a short one that only sounds the same, sharpens at
 * most; alone it is a candidate for the desk. */
#ifndef CHUISHAO_PLACE_CORE_H
#define CHUISHAO_PLACE_CORE_H

#include "policy.h"

/* Where a name was found, in order of trust. */
enum place_field {
    PLACE_IN_ESTATE,
    PLACE_IN_ADDRESS,
    PLACE_IN_TEXT,
    PLACE_NEARLY_ESTATE, /* a name that is nearly the place's, see nearly_core.h */
    PLACE_NEARLY_ADDRESS,
    PLACE_NEARLY_TEXT,
    PLACE_GUESS_TEXT, /* less surely, as with a letter that is wrong */
    PLACE_FIELD_COUNT
};

/* A name's occurrence, or a road's with a house number, which is longer and so counts
 * instead; one for each place that bears the name. */
struct place_hit {
    const struct place *place;
    struct str words; /* as the policy or the complaint has it */
    enum place_field field;
    uint32_t part;     /* texts within a field (title, text) do not share positions */
    uint32_t from, to; /* bytes */
    bool dropped;      /* scratch of place_decide */
};

enum place_found_by {
    PLACE_BY_NONE,
    PLACE_BY_CONFLICT,
    PLACE_BY_GRID,
    PLACE_BY_POINT,
    PLACE_BY_ESTATE,
    PLACE_BY_ADDRESS,
    PLACE_BY_TEXT
};
extern const char *const place_found_by_names[];

enum { PLACE_CANDIDATES_MAX = 8, PLACE_WORDS_MAX = 4 };

struct place_decision {
    enum place_found_by found_by;
    const struct place *place; /* NULL: none or conflict */
    const struct place
            *candidates[PLACE_CANDIDATES_MAX]; /* of a conflict, in the order named; with
                                                  none: what may be meant */
    int n_candidates;
    struct str words[PLACE_WORDS_MAX]; /* the names that decided */
    struct str address; /* what in title or text looks like one, where the complaint gives
                           none and names no estate to the letter; of place_find */
    bool nearly;        /* they are nearly those of the places */
    int n_words;
};

/* What a complaint gives besides names. */
struct place_given {
    const struct place *grid;          /* NULL: none that is known */
    const struct place *const *around; /* whose boundaries hold the point, in any order */
    size_t n_around;
    instant at; /* of the event: the data of that time count */
};

/* hits: may be changed. */
struct place_decision place_decide(
        struct place_hit *hits, size_t n, const struct place_given *given);

/* From the topmost down to place itself; returns how many. */
int place_path(const struct place *place, const struct place *path[PLACE_DEPTH_MAX]);

#endif
