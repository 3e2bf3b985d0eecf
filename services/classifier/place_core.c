#include "place_core.h"

#include <string.h>

const char *const place_found_by_names[] = {
        "none", "conflict", "grid", "point", "estate", "address", "text"};

/* How exact a kind of place is; 0: says nothing. */
static const int ranks[PLACE_TYPE_COUNT] = {
        [PLACE_TYPE_STREET] = 1,
        [PLACE_TYPE_ROAD] = 2,
        [PLACE_TYPE_COMMUNITY] = 3,
        [PLACE_TYPE_GRID] = 4,
        [PLACE_TYPE_LANDMARK] = 5,
        [PLACE_TYPE_ESTATE] = 6,
};

/* A place is as exact as what it lies in: a shop inside an estate no less than the
 * estate.
 */
static int exactness(const struct place *place)
{
    int most = 0;
    for (; place; place = place->parent)
        most = ranks[place->type] > most ? ranks[place->type] : most;
    return most;
}

static bool inside(const struct place *place, const struct place *other)
{
    return place != other && place_within(place, other);
}

static bool sharper(const struct place *place, const struct place *than)
{
    return !than || inside(place, than) || exactness(place) > exactness(than);
}

static bool same_span(const struct place_hit *a, const struct place_hit *b)
{
    return a->field == b->field && a->part == b->part && a->from == b->from &&
           a->to == b->to;
}

static bool inside_longer(const struct place_hit *a, const struct place_hit *b)
{
    return a->field == b->field && a->part == b->part && a->from >= b->from &&
           a->to <= b->to && a->to - a->from < b->to - b->from;
}

static void drop_inner_names(struct place_hit *hits, size_t n, instant at)
{
    for (size_t i = 0; i < n; i++)
        hits[i].dropped = !place_valid_at(hits[i].place, at) ||
                          exactness(hits[i].place) == 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n && !hits[i].dropped; k++)
            if (place_valid_at(hits[k].place, at) && inside_longer(&hits[i], &hits[k]))
                hits[i].dropped = true;
}

/* Whether something else that the complaint says lies above this place. */
static bool supported(const struct place_hit *hit, const struct place_hit *hits, size_t n,
        const struct place *around)
{
    if (around && place_within(hit->place, around))
        return true;
    for (size_t i = 0; i < n; i++)
        if (!hits[i].dropped && !same_span(&hits[i], hit) &&
                inside(hit->place, hits[i].place))
            return true;
    return false;
}

static void settle_shared_names(
        struct place_hit *hits, size_t n, const struct place *around)
{
    for (size_t i = 0; i < n; i++) {
        if (hits[i].dropped)
            continue;
        bool shared = false, any_supported = false;
        for (size_t k = 0; k < n; k++)
            if (!hits[k].dropped && same_span(&hits[i], &hits[k])) {
                shared = shared || k != i;
                any_supported = any_supported || supported(&hits[k], hits, n, around);
            }
        if (!shared || !any_supported)
            continue;
        for (size_t k = n;
                k-- >
                0;) /* those behind first: i's own fate must not change the others' */
            if (k != i && !hits[k].dropped && same_span(&hits[i], &hits[k]) &&
                    !supported(&hits[k], hits, n, around))
                hits[k].dropped = true;
        if (!supported(&hits[i], hits, n, around))
            hits[i].dropped = true;
    }
}

/* Only what counts stays: most texts name nothing, and then nothing is gone over. */
static size_t keep(struct place_hit *hits, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!hits[i].dropped)
            hits[kept++] = hits[i];
    return kept;
}

static void add_word(struct place_decision *decision, struct str word)
{
    for (int i = 0; i < decision->n_words; i++)
        if (str_eq(decision->words[i], word))
            return;
    if (decision->n_words < PLACE_WORDS_MAX)
        decision->words[decision->n_words++] = word;
}

static void add_candidate(struct place_decision *decision, const struct place *place)
{
    for (int i = 0; i < decision->n_candidates; i++)
        if (decision->candidates[i] == place)
            return;
    if (decision->n_candidates < PLACE_CANDIDATES_MAX)
        decision->candidates[decision->n_candidates++] = place;
}

static const struct {
    enum place_found_by found_by;
    bool nearly;
} fields[PLACE_FIELD_COUNT] = {
        [PLACE_IN_ESTATE] = {PLACE_BY_ESTATE, false},
        [PLACE_IN_ADDRESS] = {PLACE_BY_ADDRESS, false},
        [PLACE_IN_TEXT] = {PLACE_BY_TEXT, false},
        [PLACE_NEARLY_ESTATE] = {PLACE_BY_ESTATE, true},
        [PLACE_NEARLY_ADDRESS] = {PLACE_BY_ADDRESS, true},
        [PLACE_NEARLY_TEXT] = {PLACE_BY_TEXT, true},
        [PLACE_GUESS_TEXT] = {PLACE_BY_TEXT, true},
};

/* What holds both, when that is a street or less. */
static const struct place *common_place(const struct place *a, const struct place *b)
{
    while (a && !place_within(b, a))
        a = a->parent;
    return a && exactness(a) ? a : NULL;
}

/* The names that may decide: of one field, inside `within` and more exact than `than`
 * (NULL: any). */
struct wanted {
    enum place_field field;
    const struct place *within, *than;
};

static bool counts(const struct place_hit *hit, const struct wanted *wanted)
{
    return hit->field == wanted->field &&
           (!wanted->within || place_within(hit->place, wanted->within)) &&
           sharper(hit->place, wanted->than);
}

/* The place they name (rules 4 and 5). */
static struct place_decision decide_names(
        const struct place_hit *hits, size_t n, struct wanted wanted)
{
    struct place_decision decision = {.found_by = PLACE_BY_NONE};
    for (size_t i = 0; i < n; i++) {
        bool decides = counts(&hits[i], &wanted);
        for (size_t k = 0; k < n && decides; k++)
            decides = !counts(&hits[k], &wanted) ||
                      !sharper(hits[k].place, hits[i].place);
        if (decides) {
            add_candidate(&decision, hits[i].place);
            add_word(&decision, hits[i].words);
        }
    }
    if (decision.n_candidates == 0)
        return decision;
    decision.place = decision.candidates[0];
    for (int i = 1; i < decision.n_candidates && decision.place; i++)
        decision.place = common_place(decision.place, decision.candidates[i]);
    decision.found_by = decision.place ? fields[wanted.field].found_by
                                       : PLACE_BY_CONFLICT;
    decision.nearly = fields[wanted.field].nearly;
    if (decision.place)
        decision.n_candidates = 0;
    return decision;
}

/* Rules 4 to 6, for the fields from first to before end. */
static struct place_decision decide_by_names(struct place_decision decision,
        const struct place_hit *hits, size_t n, int first, int end)
{
    for (int f = first; f < end && n && decision.found_by != PLACE_BY_CONFLICT; f++) {
        struct place_decision named = decide_names(hits, n,
                (struct wanted){(enum place_field)f, decision.place, decision.place});
        if (decision.found_by == PLACE_BY_NONE ||
                (named.place && named.place != decision.place))
            decision = named;
    }
    return decision;
}

/* The first field before end that names a place of the neighbourhood `around` more exact
 * than `place` sharpens it. Two estates of a community leave a grid as it is: it is more
 * exact than what holds both. */
static struct place_decision sharpen(struct place_decision decision,
        const struct place_hit *hits, size_t n, const struct place *around, int end)
{
    for (int f = 0; f < end && n; f++) {
        struct place_decision named = decide_names(
                hits, n, (struct wanted){(enum place_field)f, around, decision.place});
        if (named.place && sharper(named.place, decision.place))
            return named;
    }
    return decision;
}

/* The most exact place with a boundary around the point, or what holds several such. */
static const struct place *place_at_point(const struct place_given *given)
{
    const struct place *found = NULL;
    size_t n_most = 0;
    for (size_t i = 0; i < given->n_around; i++) {
        const struct place *place = given->around[i];
        bool most = exactness(place) > 0;
        for (size_t k = 0; k < given->n_around && most; k++)
            most = !sharper(given->around[k], place);
        if (most)
            found = n_most++ ? common_place(found, place) : place;
    }
    return found;
}

/* Rule 7. */
static struct place_decision add_point(struct place_decision decision,
        const struct place_hit *hits, size_t n, const struct place *point,
        const struct place *around)
{
    const struct place *named = decision.place;
    const struct place_decision at_point = {.found_by = PLACE_BY_POINT, .place = point};
    if (decision.found_by == PLACE_BY_CONFLICT) {
        struct place_decision near = sharpen(
                at_point, hits, n, around, PLACE_NEARLY_ESTATE);
        bool holds = near.place != point;
        for (int i = 0; i < decision.n_candidates && !holds; i++)
            holds = place_within(point, decision.candidates[i]);
        return holds ? near : decision;
    }
    if (!named || named->type == PLACE_TYPE_STREET || named->type == PLACE_TYPE_ROAD ||
            inside(point, named))
        return sharpen(at_point, hits, n, around, PLACE_FIELD_COUNT);
    if (common_place(named, point))
        return decision;
    decision.found_by = PLACE_BY_CONFLICT;
    decision.place = NULL;
    add_candidate(&decision, named);
    add_candidate(&decision, point);
    return decision;
}

/* Rule 8 of a wrong letter in the text. */
static struct place_decision add_guess(
        struct place_decision decision, const struct place_hit *hits, size_t n)
{
    struct place_decision guess = decide_by_names(
            decision, hits, n, PLACE_GUESS_TEXT, PLACE_FIELD_COUNT);
    if (decision.found_by != PLACE_BY_NONE || guess.found_by == PLACE_BY_NONE)
        return guess;
    if (guess.place)
        add_candidate(&guess, guess.place);
    guess.found_by = PLACE_BY_NONE;
    guess.place = NULL;
    return guess;
}

/* Where a name may sharpen what is given: its community, or else what is given. */
static const struct place *neighbourhood(const struct place *seat)
{
    const struct place *around = place_up(seat, PLACE_TYPE_COMMUNITY);
    while (around && place_is_part(around) && around->parent)
        around = around->parent;
    return around ? around : seat;
}

struct place_decision place_decide(
        struct place_hit *hits, size_t n, const struct place_given *given)
{
    const struct place *point = place_at_point(given), *grid = given->grid;
    if (grid && !place_valid_at(grid, given->at))
        grid = NULL;
    const struct place *seat = grid ? grid : point;
    const struct place *around = neighbourhood(seat);
    drop_inner_names(hits, n, given->at);
    settle_shared_names(hits, n, around);
    n = keep(hits, n);
    if (!grid) {
        struct place_decision decision = decide_by_names(
                (struct place_decision){.found_by = PLACE_BY_NONE}, hits, n, 0,
                PLACE_NEARLY_ESTATE);
        if (point)
            decision = add_point(decision, hits, n, point, around);
        decision = decide_by_names(
                decision, hits, n, PLACE_NEARLY_ESTATE, PLACE_GUESS_TEXT);
        return add_guess(decision, hits, n);
    }
    const struct place_decision at_grid = {.found_by = PLACE_BY_GRID, .place = grid};
    struct place_decision decision = sharpen(at_grid, hits, n, around, PLACE_FIELD_COUNT);
    if (decision.place == grid && point && place_within(point, around) &&
            sharper(point, grid))
        return (struct place_decision){.found_by = PLACE_BY_POINT, .place = point};
    return decision;
}

int place_path(const struct place *place, const struct place *path[PLACE_DEPTH_MAX])
{
    int n = 0;
    for (const struct place *p = place; p && n < PLACE_DEPTH_MAX; p = p->parent)
        n++;
    int i = n;
    for (const struct place *p = place; i > 0; p = p->parent)
        path[--i] = p;
    return n;
}
