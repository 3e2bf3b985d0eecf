#include "place_core.h"

#include <string.h>

const char *const place_found_by_names[] = {
        "none", "conflict", "grid", "estate", "address", "text"};

/* How exact a kind of place is; 0: says nothing. */
static const int ranks[PLACE_TYPE_COUNT] = {
        [PLACE_TYPE_STREET] = 1,
        [PLACE_TYPE_ROAD] = 2,
        [PLACE_TYPE_COMMUNITY] = 3,
        [PLACE_TYPE_GRID] = 4,
        [PLACE_TYPE_LANDMARK] = 5,
        [PLACE_TYPE_ESTATE] = 6,
};

/* policy_load refuses cycles; the bound keeps a broken tree from hanging. */
enum { DEPTH_MAX = 16 };

static bool within(const struct place *place, const struct place *other)
{
    for (int i = 0; place && i < DEPTH_MAX; i++, place = place->parent)
        if (place == other)
            return true;
    return false;
}

static bool valid_at(const struct place *place, instant at)
{
    return (instant_is_never(place->valid_from) ||
                   !instant_before(at, place->valid_from)) &&
           (instant_is_never(place->valid_to) || instant_before(at, place->valid_to));
}

static const struct place *up_to(const struct place *place, enum place_type type)
{
    for (int i = 0; place && i < DEPTH_MAX; i++, place = place->parent)
        if (place->type == type)
            return place;
    return NULL;
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
        hits[i].dropped = !valid_at(hits[i].place, at) || ranks[hits[i].place->type] == 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n && !hits[i].dropped; k++)
            if (valid_at(hits[k].place, at) && inside_longer(&hits[i], &hits[k]))
                hits[i].dropped = true;
}

/* Whether something else that the complaint says lies above this place. */
static bool supported(const struct place_hit *hit, const struct place_hit *hits, size_t n,
        const struct place *around)
{
    if (around && within(hit->place, around))
        return true;
    for (size_t i = 0; i < n; i++)
        if (!hits[i].dropped && !same_span(&hits[i], hit) &&
                hits[i].place != hit->place && within(hit->place, hits[i].place))
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

static void add_word(struct place_decision *decision, const char *word)
{
    for (int i = 0; i < decision->n_words; i++)
        if (strcmp(decision->words[i], word) == 0)
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

static enum place_found_by found_in(enum place_field field)
{
    switch (field) {
    case PLACE_IN_ESTATE:
        return PLACE_BY_ESTATE;
    case PLACE_IN_ADDRESS:
        return PLACE_BY_ADDRESS;
    case PLACE_IN_TEXT:
    case PLACE_FIELD_COUNT:
        break;
    }
    return PLACE_BY_TEXT;
}

/* What holds both, when that is a street or less. */
static const struct place *common_place(const struct place *a, const struct place *b)
{
    for (int i = 0; a && i < DEPTH_MAX; i++, a = a->parent)
        if (within(b, a))
            return a->type == PLACE_TYPE_DISTRICT ? NULL : a;
    return NULL;
}

/* The place one field names (rules 4 and 5), only places inside `inside` when it is given
 * and more exact than min_rank. */
static struct place_decision decide_field(const struct place_hit *hits, size_t n,
        enum place_field field, const struct place *inside, int min_rank)
{
    struct place_decision decision = {.found_by = PLACE_BY_NONE};
    int best = min_rank;
    for (size_t i = 0; i < n; i++)
        if (!hits[i].dropped && hits[i].field == field &&
                ranks[hits[i].place->type] > best &&
                (!inside || within(hits[i].place, inside)))
            best = ranks[hits[i].place->type];
    if (best == min_rank)
        return decision;
    for (size_t i = 0; i < n; i++)
        if (!hits[i].dropped && hits[i].field == field &&
                ranks[hits[i].place->type] == best &&
                (!inside || within(hits[i].place, inside))) {
            add_candidate(&decision, hits[i].place);
            add_word(&decision, hits[i].name);
        }
    const struct place *place = decision.candidates[0];
    for (int i = 1; i < decision.n_candidates && place; i++)
        place = common_place(place, decision.candidates[i]);
    decision.place = place;
    decision.found_by = place ? found_in(field) : PLACE_BY_CONFLICT;
    if (place)
        decision.n_candidates = 0;
    return decision;
}

struct place_decision place_decide(
        struct place_hit *hits, size_t n, const struct place *grid, instant at)
{
    if (grid && !valid_at(grid, at))
        grid = NULL;
    const struct place *around = grid ? up_to(grid, PLACE_TYPE_COMMUNITY) : NULL;
    if (grid && !around)
        around = grid;
    drop_inner_names(hits, n, at);
    settle_shared_names(hits, n, around);

    struct place_decision decision = {.found_by = PLACE_BY_NONE};
    if (grid) {
        decision = (struct place_decision){.found_by = PLACE_BY_GRID, .place = grid};
        for (int f = 0; f < PLACE_FIELD_COUNT; f++) {
            struct place_decision named = decide_field(
                    hits, n, (enum place_field)f, around, ranks[grid->type]);
            /* Two estates of the community leave the grid as it is: it is more exact than
             * what holds both. */
            if (named.place && ranks[named.place->type] > ranks[grid->type])
                return named;
        }
        return decision;
    }
    for (int f = 0; f < PLACE_FIELD_COUNT; f++) {
        enum place_field field = (enum place_field)f;
        if (decision.found_by == PLACE_BY_NONE) {
            decision = decide_field(hits, n, field, NULL, 0);
            if (decision.found_by == PLACE_BY_CONFLICT)
                return decision;
            continue;
        }
        struct place_decision sharper = decide_field(
                hits, n, field, decision.place, ranks[decision.place->type]);
        if (sharper.place && sharper.place != decision.place &&
                ranks[sharper.place->type] > ranks[decision.place->type])
            decision = sharper;
    }
    return decision;
}

int place_path(const struct place *place, const struct place *path[PLACE_PATH_MAX])
{
    int n = 0;
    for (const struct place *p = place; p && n < PLACE_PATH_MAX; p = p->parent)
        n++;
    int i = n;
    for (const struct place *p = place; i > 0; p = p->parent)
        path[--i] = p;
    return n;
}
