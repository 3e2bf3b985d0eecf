#include "place_io.h"

#include "address_core.h"
#include "arena.h"
#include "house_core.h"
#include "json_out.h"
#include "match.h"
#include "nearly_io.h"

#include <stdlib.h>

enum {
    HITS_MAX = 2048, /* names in one text; beyond it, it is read as if it ended there */
    PLACE_HITS_MAX = 128,
    PARTS_MAX = 64,  /* of addresses in one text whose names may be nearly right */
    NEARLY_MAX = 8,  /* names that one of them may mean */
    AROUND_MAX = 64, /* boundaries around one point */
};

/* Who bears a name: a place, or a road that only house_numbers.csv knows. */
struct bearer {
    const struct place *place;          /* NULL: such a road */
    const struct house_numbers *houses; /* of a road */
    size_t n_houses;
};

/* A distinct name, and who bears it: bearers[first .. first + n). */
struct place_name {
    const char *text;
    size_t first, n;
};

struct place_finder {
    const struct policy *policy;
    struct arena kept; /* for life */
    struct matcher *names;
    struct place_name *place_names;
    struct bearer *bearers;
    struct nearly_index nearly; /* of place_names */
    struct address_index address;
    struct match_hit hits[HITS_MAX];
    struct place_hit place_hits[PLACE_HITS_MAX];
};

struct named {
    const char *text;
    const struct place *place; /* NULL: a road that only house_numbers.csv knows */
};

static int compare_named(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* Every name with who bears it, in order and each pair once. */
static struct named *list_names(struct place_finder *c, size_t *n_named)
{
    const struct policy *policy = c->policy;
    size_t max = policy->n_house_numbers, n = 0, kept = 0;
    for (size_t i = 0; i < policy->n_places; i++)
        max += 1 + policy->places[i].aliases.n;
    struct named *named = arena_alloc(&c->kept, (max + 1) * sizeof *named);
    for (size_t i = 0; i < policy->n_places; i++) {
        const struct place *place = &policy->places[i];
        if (place->name && place->name[0])
            named[n++] = (struct named){place->name, place};
        for (size_t k = 0; k < place->aliases.n; k++)
            if (place->aliases.items[k][0])
                named[n++] = (struct named){place->aliases.items[k], place};
    }
    for (size_t i = 0; i < policy->n_house_numbers; i++)
        if (!policy_place(policy, str_of(policy->house_numbers[i].road)))
            named[n++] = (struct named){policy->house_numbers[i].road, NULL};
    if (n)
        qsort(named, n, sizeof *named, compare_named);
    for (size_t i = 0; i < n; i++)
        if (!kept || compare_named(&named[i], &named[kept - 1]) != 0)
            named[kept++] = named[i];
    *n_named = kept;
    return named;
}

static bool build_names(struct place_finder *c, struct error *err)
{
    size_t n, n_names = 0;
    const struct named *named = list_names(c, &n);
    c->place_names = arena_alloc(&c->kept, (n + 1) * sizeof *c->place_names);
    c->bearers = arena_alloc(&c->kept, (n + 1) * sizeof *c->bearers);
    struct match_literal *literals = arena_alloc(&c->kept, (n + 1) * sizeof *literals);
    struct str *texts = arena_alloc(&c->kept, (n + 1) * sizeof *texts);
    for (size_t i = 0; i < n; i++) {
        const struct place *place = named[i].place;
        struct bearer *bearer = &c->bearers[i];
        bearer->place = place;
        bearer->houses = policy_house_numbers(
                c->policy, place ? place->code : named[i].text, &bearer->n_houses);
        if (i == 0 || strcmp(named[i].text, named[i - 1].text) != 0) {
            c->place_names[n_names] = (struct place_name){named[i].text, i, 0};
            texts[n_names] = str_of(named[i].text);
            literals[n_names] = (struct match_literal){texts[n_names], (uint32_t)n_names};
            n_names++;
        }
        c->place_names[n_names - 1].n++;
    }
    nearly_index_build(&c->nearly, texts, n_names, &c->kept);
    address_index_init(&c->address);
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

/* The texts of one complaint being searched. */
struct search {
    struct place_finder *finder;
    instant at;
    size_t n;           /* of finder->place_hits */
    struct str address; /* the stretch that looks most like one, of so many parts */
    int parts;
};

static void add_hit(struct search *search, struct place_hit hit)
{
    if (search->n < PLACE_HITS_MAX)
        search->finder->place_hits[search->n++] = hit;
}

/* The place of the house whose number stands behind the road's name. */
static void add_house(struct search *search, const struct bearer *road, struct str text,
        struct place_hit hit)
{
    int32_t number = 0;
    size_t len = house_number(
            (struct str){text.ptr + hit.to, text.len - hit.to}, &number);
    for (size_t i = 0; i < road->n_houses && len; i++) {
        const struct house_numbers *houses = &road->houses[i];
        if (!house_numbers_have(houses, number, search->at))
            continue;
        hit.place = houses->place;
        hit.words = (struct str){text.ptr + hit.from, hit.to - hit.from + len};
        hit.to += (uint32_t)len;
        add_hit(search, hit);
        return;
    }
}

static void find_names(
        struct search *search, struct str text, enum place_field field, uint32_t part)
{
    struct place_finder *c = search->finder;
    size_t n = matcher_scan(c->names, text, c->hits, HITS_MAX);
    for (size_t i = 0; i < n && i < HITS_MAX; i++) {
        const struct match_hit *hit = &c->hits[i];
        const struct place_name *name = &c->place_names[hit->id];
        for (size_t k = 0; k < name->n; k++) {
            const struct bearer *bearer = &c->bearers[name->first + k];
            struct place_hit found = {
                    .place = bearer->place,
                    .words = str_of(name->text),
                    .field = field,
                    .part = part,
                    .from = hit->from,
                    .to = hit->to,
            };
            if (bearer->place)
                add_hit(search, found);
            if (bearer->n_houses)
                add_house(search, bearer, text, found);
        }
    }
}

/* ---- names that are nearly right ---- */

/* Something of it is a name already. */
static bool is_named(const struct search *search, enum place_field field, uint32_t part,
        size_t from, size_t to)
{
    for (size_t i = 0; i < search->n; i++) {
        const struct place_hit *hit = &search->finder->place_hits[i];
        if (hit->field == field && hit->part == part && hit->from < to && hit->to > from)
            return true;
    }
    return false;
}

static void add_nearly(struct search *search, struct str text, size_t from, size_t to,
        enum place_field field, uint32_t part)
{
    const struct place_finder *c = search->finder;
    struct nearly_found near[NEARLY_MAX];
    const struct str said = {text.ptr + from, to - from};
    if (is_named(search, field, part, from, to))
        return;
    size_t n = nearly_find(&c->nearly, said, near, NEARLY_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct place_name *name = &c->place_names[near[i].name];
        enum place_field found_in = field == PLACE_IN_ESTATE     ? PLACE_NEARLY_ESTATE
                                    : field == PLACE_IN_ADDRESS  ? PLACE_NEARLY_ADDRESS
                                    : near[i].by <= NEARLY_SOUND ? PLACE_NEARLY_TEXT
                                                                 : PLACE_GUESS_TEXT;
        for (size_t k = 0; k < name->n; k++) {
            const struct bearer *bearer = &c->bearers[name->first + k];
            if (bearer->place)
                add_hit(search, (struct place_hit){
                                        .place = bearer->place,
                                        .words = said,
                                        .field = found_in,
                                        .part = part,
                                        .from = (uint32_t)from,
                                        .to = (uint32_t)to,
                                });
        }
    }
}

/* Of fewer letters only homes are looked for: 龙华区 has none to spare. */
enum { LETTERS_MIN = 4, LETTER_BYTES = 3 };

/* The parts of its addresses. */
static void find_nearly(
        struct search *search, struct str text, enum place_field field, uint32_t part)
{
    struct address_scan scan = {.index = &search->finder->address, .text = text};
    struct address_part found;
    for (int i = 0; i < PARTS_MAX && address_next(&scan, &found); i++) {
        size_t to = found.ending == ADDRESS_NUMBER ? found.name_to : found.to;
        if (found.ending == ADDRESS_ESTATE ||
                to - found.from >= LETTERS_MIN * LETTER_BYTES)
            add_nearly(search, text, found.from, to, field, part);
    }
    if (scan.best_parts > search->parts) {
        search->parts = scan.best_parts;
        search->address = address_best(&scan);
    }
}

/* A place as exact as a name can say. */
static bool is_exact(const struct search *search)
{
    for (size_t i = 0; i < search->n; i++) {
        const struct place_hit *hit = &search->finder->place_hits[i];
        if (place_up(hit->place, PLACE_TYPE_ESTATE) &&
                place_valid_at(hit->place, search->at))
            return true;
    }
    return false;
}

static bool is_word(const struct place_decision *decision, struct str text)
{
    for (int i = 0; i < decision->n_words; i++)
        if (str_eq(decision->words[i], text))
            return true;
    return false;
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
    struct search search = {.finder = c, .at = at};
    find_names(&search, said->estate, PLACE_IN_ESTATE, 0);
    find_names(&search, said->address, PLACE_IN_ADDRESS, 0);
    find_names(&search, title, PLACE_IN_TEXT, 0);
    find_names(&search, text, PLACE_IN_TEXT, 1);
    if (!is_exact(&search)) {
        add_nearly(&search, said->estate, 0, said->estate.len, PLACE_IN_ESTATE, 0);
        find_nearly(&search, said->estate, PLACE_IN_ESTATE, 0);
        find_nearly(&search, said->address, PLACE_IN_ADDRESS, 0);
        search.address = (struct str){0}; /* of what is given, nothing is to be said */
        search.parts = 0;
        find_nearly(&search, title, PLACE_IN_TEXT, 0);
        find_nearly(&search, text, PLACE_IN_TEXT, 1);
    }
    struct place_decision decision = place_decide(c->place_hits, search.n, &given);
    if (!said->address.len && !is_word(&decision, search.address))
        decision.address = search.address;
    return decision;
}

void place_write(struct json_out *json, const struct place_decision *decision)
{
    json_open_object(json, "place");
    if (decision->place) {
        const struct place *path[PLACE_DEPTH_MAX];
        int n = place_path(decision->place, path);
        json_text(json, "code", decision->place->code);
        json_text(json, "type", place_level_name(decision->place));
        json_text(json, "name", decision->place->name);
        json_open_array(json, "path");
        for (int i = 0; i < n; i++)
            json_text(json, NULL, path[i]->code);
        json_close_array(json);
    }
    json_text(json, "found_by", place_found_by_names[decision->found_by]);
    if (decision->nearly)
        json_text(json, "match", "fuzzy");
    if (decision->n_words) {
        json_open_array(json, "words");
        for (int i = 0; i < decision->n_words; i++)
            json_str(json, NULL, decision->words[i]);
        json_close_array(json);
    }
    json_str_some(json, "address", decision->address);
    if (decision->n_candidates) {
        json_open_array(json, "candidates");
        for (int i = 0; i < decision->n_candidates; i++)
            json_text(json, NULL, decision->candidates[i]->code);
        json_close_array(json);
    }
    json_close_object(json);
}
