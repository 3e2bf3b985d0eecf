#include "rulebook_internal.h"

enum { BOTH_SIDES = 1 << RULE_LEFT | 1 << RULE_RIGHT };

void rulebook_begin(struct rulebook *book)
{
    for (uint32_t i = 0; i < book->n_found; i++)
        book->terms[book->found[i].term].found = false;
    book->n_found = 0;
    for (uint32_t i = 0; i < book->n_touched; i++)
        book->rule_states[book->touched[i]] = (struct rule_state){0};
    book->n_touched = 0;
}

static void add_found(struct rulebook *book, const struct found *found)
{
    struct term *term = &book->terms[found->term];
    uint32_t letters = book->words[found->words[0]].letters;
    if (found->words[1] != RULEBOOK_NOWHERE)
        letters += book->words[found->words[1]].letters;
    term->found = true;
    book->found[book->n_found++] = *found;
    for (uint32_t u = term[0].first_use; u < term[1].first_use; u++) {
        const struct use *use = &book->uses[u];
        struct rule_state *state = &book->rule_states[use->rule];
        if (!state->touched) {
            state->touched = true;
            book->touched[book->n_touched++] = use->rule;
        }
        if (use->list == LIST_NONE) {
            state->blocked = true;
            continue;
        }
        state->n_any += use->list == LIST_ANY;
        state->n_all += use->list == LIST_ALL;
        state->letters += letters;
        if (letters > state->longest)
            state->longest = letters;
    }
}

/* The hit of the other side that stands near enough before this one; RULEBOOK_NOWHERE:
 * none. */
static uint32_t near_before(
        const struct rulebook *book, const struct term *term, const struct near_hit *hit)
{
    for (uint32_t i = hit->previous; i != RULEBOOK_NOWHERE; i = book->near[i].previous) {
        const struct near_hit *other = &book->near[i];
        if (hit->from >= other->to && hit->from - other->to > term->within)
            return RULEBOOK_NOWHERE; /* those before it end earlier still */
        bool apart = hit->from >= other->to && hit->side != other->side;
        if (apart && (!term->ordered || other->side == RULE_LEFT))
            return i;
    }
    return RULEBOOK_NOWHERE;
}

static void read_near(
        struct rulebook *book, const struct role *role, uint32_t to, uint32_t word)
{
    struct term *term = &book->terms[role->term];
    struct near_hit hit = {.from = to - book->words[word].letters,
            .to = to,
            .previous = term->last_near,
            .word = word,
            .side = role->side};
    uint32_t other = near_before(book, term, &hit);
    if (other != RULEBOOK_NOWHERE) {
        add_found(book, &(struct found){role->term, {book->near[other].word, word}});
    } else if (book->n_near < RULEBOOK_NEAR_MAX) {
        term->last_near = book->n_near;
        book->near[book->n_near++] = hit;
    }
}

/* Which sides of each term have a word in the text. Of most near terms it is one, and
 * then no place of it has to be remembered. */
static void note_sides(struct rulebook *book, size_t n_hits)
{
    for (size_t i = 0; i < n_hits; i++) {
        const struct word *word = &book->words[book->hits[i].id];
        for (uint32_t r = word[0].first_role; r < word[1].first_role; r++)
            book->terms[book->roles[r].term].sides |= (uint8_t)(1U
                                                                << book->roles[r].side);
    }
}

static void forget_sides(struct rulebook *book, size_t n_hits)
{
    for (size_t i = 0; i < n_hits; i++) {
        const struct word *word = &book->words[book->hits[i].id];
        for (uint32_t r = word[0].first_role; r < word[1].first_role; r++) {
            book->terms[book->roles[r].term].sides = 0;
            book->terms[book->roles[r].term].last_near = RULEBOOK_NOWHERE;
        }
    }
    book->n_near = 0;
}

void rulebook_read(struct rulebook *book, struct str text)
{
    size_t n = matcher_scan(book->matcher, text, book->hits, RULEBOOK_HITS_MAX);
    if (n > RULEBOOK_HITS_MAX)
        n = RULEBOOK_HITS_MAX;
    note_sides(book, n);
    uint32_t at = 0, letters = 0; /* as many before this byte */
    for (size_t i = 0; i < n; i++) {
        const struct match_hit *hit = &book->hits[i];
        const struct word *word = &book->words[hit->id];
        for (uint32_t r = word[0].first_role; r < word[1].first_role; r++) {
            const struct role *role = &book->roles[r];
            const struct term *term = &book->terms[role->term];
            if (term->found || (term->near && term->sides != BOTH_SIDES))
                continue;
            if (!term->near) {
                add_found(book, &(struct found){role->term, {hit->id, RULEBOOK_NOWHERE}});
                continue;
            }
            letters += rule_term_letters((struct str){text.ptr + at, hit->to - at});
            at = hit->to;
            read_near(book, role, letters, hit->id);
        }
    }
    forget_sides(book, n);
}

/* ---- what holds ---- */

/* Of a touched rule: one with nothing but exceptions is touched by them alone. */
static bool holds(const struct rulebook *book, uint32_t rule)
{
    const struct rule_state *state = &book->rule_states[rule];
    return !state->blocked && state->n_all == book->n_all[rule] &&
           (state->n_any || book->policy->rules[rule].any.n == 0);
}

const struct rule_hold *rulebook_holds(struct rulebook *book, size_t *n)
{
    *n = 0;
    for (uint32_t i = 0; i < book->n_touched; i++) {
        uint32_t rule = book->touched[i];
        if (!holds(book, rule))
            continue;
        const struct rule_state *state = &book->rule_states[rule];
        size_t k = (*n)++;
        for (; k && book->holds[k - 1].rule > rule; k--)
            book->holds[k] = book->holds[k - 1];
        book->holds[k] = (struct rule_hold){
                .rule = rule,
                .terms = state->n_any + state->n_all,
                .letters = state->letters,
                .longest = state->longest,
        };
    }
    return book->holds;
}

static bool stands_in(const struct rulebook *book, const struct term *term, uint32_t rule)
{
    for (uint32_t u = term[0].first_use; u < term[1].first_use; u++)
        if (book->uses[u].rule == rule && book->uses[u].list != LIST_NONE)
            return true;
    return false;
}

static struct str pair(struct str first, struct str second, struct arena *arena)
{
    struct str between = STR("…");
    size_t len = first.len + between.len + second.len;
    char *text = arena_alloc(arena, len);
    memcpy(text, first.ptr, first.len);
    memcpy(text + first.len, between.ptr, between.len);
    memcpy(text + first.len + between.len, second.ptr, second.len);
    return (struct str){text, len};
}

size_t rulebook_words(const struct rulebook *book, uint32_t rule, struct str *words,
        size_t max, struct arena *arena)
{
    size_t n = 0;
    for (uint32_t i = 0; i < book->n_found && n < max; i++) {
        const struct found *found = &book->found[i];
        if (!stands_in(book, &book->terms[found->term], rule))
            continue;
        struct str first = book->word_texts[found->words[0]];
        words[n++] = found->words[1] == RULEBOOK_NOWHERE
                             ? first
                             : pair(first, book->word_texts[found->words[1]], arena);
    }
    return n;
}
