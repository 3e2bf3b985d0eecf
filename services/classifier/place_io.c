#include "place_io.h"

#include "arena.h"
#include "json_out.h"
#include "match.h"

#include <stdlib.h>

enum {
    HITS_MAX = 2048, /* names in one text; beyond it, it is read as if it ended there */
    PLACE_HITS_MAX = 128,
    AROUND_MAX = 64, /* boundaries around one point */
};

/* A distinct name of places, and the places that bear it: bearers[first .. first + n). */
struct place_name {
    const char *text;
    size_t first, n;
};

struct place_finder {
    const struct policy *policy;
    struct arena kept; /* for life */
    struct matcher *names;
    struct place_name *place_names;
    const struct place **bearers;
    struct match_hit hits[HITS_MAX];
    struct place_hit place_hits[PLACE_HITS_MAX];
};

struct named {
    const char *text;
    const struct place *place;
};

static int compare_named(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    if (order)
        return order;
    return x->place == y->place  ? 0
           : x->place < y->place ? -1
                                 : 1; /* one array, sorted by code */
}

static bool build_names(struct place_finder *c, struct error *err)
{
    const struct policy *policy = c->policy;
    struct arena *kept = &c->kept;
    size_t max = 0, n = 0;
    for (size_t i = 0; i < policy->n_places; i++)
        max += 1 + policy->places[i].aliases.n;
    struct named *named = arena_alloc(kept, (max + 1) * sizeof *named);
    for (size_t i = 0; i < policy->n_places; i++) {
        const struct place *place = &policy->places[i];
        if (place->name && place->name[0])
            named[n++] = (struct named){place->name, place};
        for (size_t k = 0; k < place->aliases.n; k++)
            if (place->aliases.items[k][0])
                named[n++] = (struct named){place->aliases.items[k], place};
    }
    if (n)
        qsort(named, n, sizeof *named, compare_named);
    c->place_names = arena_alloc(kept, (n + 1) * sizeof *c->place_names);
    c->bearers = arena_alloc(kept, (n + 1) * sizeof *c->bearers);
    struct match_literal *literals = arena_alloc(kept, (n + 1) * sizeof *literals);
    size_t n_names = 0, n_bearers = 0;
    for (size_t i = 0; i < n; i++) {
        bool same = i && strcmp(named[i].text, named[i - 1].text) == 0;
        if (same && named[i].place == named[i - 1].place)
            continue;
        if (!same) {
            c->place_names[n_names] = (struct place_name){named[i].text, n_bearers, 0};
            literals[n_names] = (struct match_literal){
                    str_of(named[i].text), (uint32_t)n_names};
            n_names++;
        }
        c->place_names[n_names - 1].n++;
        c->bearers[n_bearers++] = named[i].place;
    }
    return matcher_compile(&c->names, literals, n_names, err);
}

bool place_finder_open(
        struct place_finder **out, const struct policy *policy, struct error *err)
{
    struct place_finder *c = calloc(1, sizeof *c);
    if (!c)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for the places");
    c->policy = policy;
    if (!build_names(c, err)) {
        error_prefix(err, "the names of places.csv");
        place_finder_close(c);
        return false;
    }
    *out = c;
    return true;
}

void place_finder_close(struct place_finder *finder)
{
    if (!finder)
        return;
    matcher_free(finder->names);
    arena_done(&finder->kept);
    free(finder);
}

static size_t find_names(struct place_finder *c, struct str text, enum place_field field,
        uint32_t part, size_t n_hits)
{
    size_t n = matcher_scan(c->names, text, c->hits, HITS_MAX);
    for (size_t i = 0; i < n && i < HITS_MAX; i++) {
        const struct match_hit *hit = &c->hits[i];
        const struct place_name *name = &c->place_names[hit->id];
        for (size_t k = 0; k < name->n && n_hits < PLACE_HITS_MAX; k++)
            c->place_hits[n_hits++] = (struct place_hit){
                    .place = c->bearers[name->first + k],
                    .words = str_of(name->text),
                    .field = field,
                    .part = part,
                    .from = hit->from,
                    .to = hit->to,
            };
    }
    return n_hits;
}

struct place_decision place_find(struct place_finder *c, const struct place_said *said,
        struct str title, struct str text, instant at)
{
    const struct place *around[AROUND_MAX];
    struct place_given given = {.around = around, .at = at};
    if (said->grid[0])
        given.grid = policy_place(c->policy, str_of(said->grid));
    if (said->lon != 0 || said->lat != 0)
        given.n_around = policy_places_at(
                c->policy, said->lon, said->lat, at, around, AROUND_MAX);
    size_t n = 0;
    n = find_names(c, said->estate, PLACE_IN_ESTATE, 0, n);
    n = find_names(c, said->address, PLACE_IN_ADDRESS, 0, n);
    n = find_names(c, title, PLACE_IN_TEXT, 0, n);
    n = find_names(c, text, PLACE_IN_TEXT, 1, n);
    return place_decide(c->place_hits, n, &given);
}

void place_write(struct json_out *json, const struct place_decision *decision)
{
    json_open_object(json, "place");
    if (decision->place) {
        const struct place *path[PLACE_DEPTH_MAX];
        int n = place_path(decision->place, path);
        json_text(json, "code", decision->place->code);
        json_text(json, "type", place_type_names[decision->place->type]);
        json_text(json, "name", decision->place->name);
        json_open_array(json, "path");
        for (int i = 0; i < n; i++)
            json_text(json, NULL, path[i]->code);
        json_close_array(json);
    }
    json_text(json, "found_by", place_found_by_names[decision->found_by]);
    if (decision->n_words) {
        json_open_array(json, "words");
        for (int i = 0; i < decision->n_words; i++)
            json_str(json, NULL, decision->words[i]);
        json_close_array(json);
    }
    if (decision->n_candidates) {
        json_open_array(json, "candidates");
        for (int i = 0; i < decision->n_candidates; i++)
            json_text(json, NULL, decision->candidates[i]->code);
        json_close_array(json);
    }
    json_close_object(json);
}
