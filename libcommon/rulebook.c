#include "rulebook_internal.h"

void rulebook_begin(struct rulebook *book)
{
    for (uint32_t i = 0; i < book->n_found; i++)
        book->is_found[book->found[i].term] = false;
    book->n_found = book->n_marks = 0;
    for (uint32_t i = 0; i < book->n_touched; i++)
        book->rule_states[book->touched[i]] = (struct rule_state){0};
    book->n_touched = 0;
}

/* Once, though the term may stand in two lists of the rule. */
static void add_mark(struct rulebook *book, struct mark mark)
{
    const struct mark *last = book->n_marks ? &book->marks[book->n_marks - 1] : NULL;
    if (!last || last->rule != mark.rule || last->found != mark.found)
        book->marks[book->n_marks++] = mark;
}

static void add_found(struct rulebook *book, const struct found *found)
{
    uint32_t letters = book->words[found->words[0]].letters;
    if (found->words[1] != RULEBOOK_NOWHERE)
        letters += book->words[found->words[1]].letters;
    book->is_found[found->term] = true;
    book->found[book->n_found] = *found;
    for (uint32_t u = book->first_use[found->term]; u < book->first_use[found->term + 1];
            u++) {
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
        add_mark(book, (struct mark){use->rule, book->n_found});
        state->n_any += use->list == LIST_ANY;
        state->n_all += use->list == LIST_ALL;
        state->letters += letters;
        if (letters > state->longest)
            state->longest = letters;
    }
    book->n_found++;
}

/* The hit of the other side that stands near enough before this one; RULEBOOK_NOWHERE:
 * none. */
static uint32_t near_before(const struct rulebook *book, const struct near_hit *hit)
{
    const struct near_term *term = &book->near_terms[hit->term];
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

/* A word that ends behind so many letters, in one of its roles in a near term. */
static void read_near(struct rulebook *book, uint32_t role, uint32_t to, uint32_t word)
{
    uint32_t term = role >> ROLE_BITS;
    struct near_hit hit = {.from = to - book->words[word].letters,
            .to = to,
            .previous = book->last_near[term],
            .word = word,
            .term = term,
            .side = role & 1U << RULE_LEFT ? RULE_LEFT : RULE_RIGHT};
    uint32_t other = near_before(book, &hit);
    if (other != RULEBOOK_NOWHERE) {
        add_found(book, &(struct found){term, {book->near[other].word, word}});
    } else if (book->n_near < RULEBOOK_NEAR_MAX) {
        book->last_near[term] = book->n_near;
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
            book->sides[book->roles[r] >> ROLE_BITS] |= book->roles[r] & BOTH_SIDES;
    }
}

static void forget_sides(struct rulebook *book)
{
    memset(book->sides, 0, book->n_near_terms);
    for (uint32_t i = 0; i < book->n_near; i++)
        book->last_near[book->near[i].term] = RULEBOOK_NOWHERE;
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
            uint32_t term = book->roles[r] >> ROLE_BITS;
            if (book->sides[term] != BOTH_SIDES || book->is_found[term])
                continue;
            if (term >= book->n_near_terms) {
                add_found(book, &(struct found){term, {hit->id, RULEBOOK_NOWHERE}});
                continue;
            }
            letters += rule_term_letters((struct str){text.ptr + at, hit->to - at});
            at = hit->to;
            read_near(book, book->roles[r], letters, hit->id);
        }
    }
    forget_sides(book);
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
    for (uint32_t i = 0; i < book->n_marks && n < max; i++) {
        if (book->marks[i].rule != rule)
            continue;
        const struct found *found = &book->found[book->marks[i].found];
        struct str first = book->word_texts[found->words[0]];
        words[n++] = found->words[1] == RULEBOOK_NOWHERE
                             ? first
                             : pair(first, book->word_texts[found->words[1]], arena);
    }
    return n;
}
