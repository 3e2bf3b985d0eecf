#include "rulebook.h"

#include "match.h"
#include "rule_term.h"

#include <stdlib.h>

enum {
    HITS_MAX = 2048, /* of one text; a text with more is read as if it ended there */
    NEAR_MAX = 1024, /* of these, on a side of a near term; the same */
    NOWHERE = UINT32_MAX,
};

enum list { LIST_ANY, LIST_ALL, LIST_NONE };

/* One place where a term stands in a rule. */
struct use {
    uint32_t rule;
    enum list list;
};

/* A distinct term of the rules. */
struct term {
    const char *text;
    uint32_t first_use, n_uses;
    uint32_t within;
    bool near, ordered;
};

/* One place where a word stands in a term. */
struct role {
    uint32_t term;
    enum rule_side side;
};

/* A distinct word of the terms. */
struct word {
    struct str text;
    uint32_t letters;
    uint32_t first_role, n_roles;
};

/* A word of a near term in the text at hand. */
struct near_hit {
    uint32_t from, to; /* characters */
    uint32_t previous; /* of the same term, NOWHERE: none */
    uint32_t word;
    enum rule_side side;
};

struct term_state {
    uint64_t found_in; /* the number of the complaint it was last found in */
    uint64_t seen_in;  /* the number of the text that `last` is of */
    uint32_t last;     /* near_hit */
};

/* A term that occurs. */
struct found {
    uint32_t term;
    uint32_t words[2]; /* in the order of the text; the second of a near term only, else
                          NOWHERE */
};

struct rule_state {
    uint32_t n_any, n_all, letters, longest;
    bool touched, blocked;
};

struct rulebook {
    const struct policy *policy;
    struct arena arena;
    struct matcher *matcher;
    struct term *terms;
    struct use *uses;
    struct word *words;
    struct role *roles;
    uint32_t n_terms, n_words;
    uint32_t *n_all; /* by rule: distinct terms in its `all` */

    uint64_t complaint, text;
    struct term_state *term_states;
    struct rule_state *rule_states; /* zero but for the touched ones */
    struct found *found;            /* in the order they were found */
    uint32_t n_found;
    uint32_t *touched; /* rules */
    uint32_t n_touched;
    struct rule_hold *holds;
    struct near_hit near[NEAR_MAX];
    uint32_t n_near;
    struct match_hit hits[HITS_MAX];
};

/* ---- opening ---- */

struct listed_term {
    const char *text;
    struct use use;
};

static int compare_terms(const void *a, const void *b)
{
    const struct listed_term *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    if (order)
        return order;
    if (x->use.rule != y->use.rule)
        return x->use.rule < y->use.rule ? -1 : 1;
    return (int)x->use.list - (int)y->use.list;
}

static void list_terms(const struct names *names, uint32_t rule, enum list list,
        struct listed_term *out, size_t *n)
{
    for (size_t i = 0; i < names->n; i++)
        out[(*n)++] = (struct listed_term){names->items[i], {rule, list}};
}

static void *zeroed(struct rulebook *book, size_t n, size_t size)
{
    return memset(arena_alloc(&book->arena, (n + 1) * size), 0, (n + 1) * size);
}

/* The distinct terms with their uses; a term twice in one list of a rule counts once. */
static void build_terms(struct rulebook *book, unsigned kinds)
{
    const struct policy *policy = book->policy;
    size_t max = 0, n = 0;
    for (size_t i = 0; i < policy->n_rules; i++)
        max += policy->rules[i].any.n + policy->rules[i].all.n + policy->rules[i].none.n;
    struct listed_term *listed = zeroed(book, max, sizeof *listed);
    for (size_t i = 0; i < policy->n_rules; i++) {
        const struct rule *rule = &policy->rules[i];
        if (!(kinds & 1U << rule->kind))
            continue;
        list_terms(&rule->any, (uint32_t)i, LIST_ANY, listed, &n);
        list_terms(&rule->all, (uint32_t)i, LIST_ALL, listed, &n);
        list_terms(&rule->none, (uint32_t)i, LIST_NONE, listed, &n);
    }
    qsort(listed, n, sizeof *listed, compare_terms);
    book->terms = zeroed(book, n, sizeof *book->terms);
    book->uses = zeroed(book, n, sizeof *book->uses);
    book->n_all = zeroed(book, policy->n_rules, sizeof *book->n_all);
    uint32_t n_uses = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && compare_terms(&listed[i], &listed[i - 1]) == 0)
            continue;
        if (!i || strcmp(listed[i].text, listed[i - 1].text) != 0)
            book->terms[book->n_terms++] = (struct term){
                    .text = listed[i].text, .first_use = n_uses};
        book->terms[book->n_terms - 1].n_uses++;
        book->uses[n_uses++] = listed[i].use;
        book->n_all[listed[i].use.rule] += listed[i].use.list == LIST_ALL;
    }
}

struct listed_word {
    struct str text;
    struct role role;
};

static int compare_words(const void *a, const void *b)
{
    const struct listed_word *x = a, *y = b;
    size_t len = x->text.len < y->text.len ? x->text.len : y->text.len;
    int order = memcmp(x->text.ptr, y->text.ptr, len);
    if (order)
        return order;
    if (x->text.len != y->text.len)
        return x->text.len < y->text.len ? -1 : 1;
    if (x->role.term != y->role.term)
        return x->role.term < y->role.term ? -1 : 1;
    return (int)x->role.side - (int)y->role.side;
}

/* The words of all terms, as they are listed; *n says how many. */
static struct listed_word *list_words(struct rulebook *book, size_t *n, struct error *err)
{
    size_t max = 0;
    for (uint32_t t = 0; t < book->n_terms; t++)
        max += strlen(book->terms[t].text);
    struct listed_word *listed = zeroed(book, max, sizeof *listed);
    *n = 0;
    for (uint32_t t = 0; t < book->n_terms; t++) {
        struct term *term = &book->terms[t];
        struct rule_term parsed;
        const char *wrong = rule_term_parse(term->text, &parsed);
        if (wrong) {
            (void)error_set(
                    err, ERR_FATAL, "bad_term", "the term '%s' %s", term->text, wrong);
            return NULL;
        }
        term->near = rule_term_is_near(&parsed);
        term->ordered = parsed.ordered;
        term->within = parsed.within;
        for (int side = RULE_LEFT; side < RULE_SIDES; side++)
            for (struct str word; rule_term_word(&parsed.sides[side], &word);)
                listed[(*n)++] = (struct listed_word){word, {t, (enum rule_side)side}};
    }
    qsort(listed, *n, sizeof *listed, compare_words);
    return listed;
}

static bool build_words(struct rulebook *book, struct error *err)
{
    size_t n;
    const struct listed_word *listed = list_words(book, &n, err);
    if (!listed)
        return false;
    book->words = zeroed(book, n, sizeof *book->words);
    book->roles = zeroed(book, n, sizeof *book->roles);
    struct match_literal *literals = zeroed(book, n, sizeof *literals);
    uint32_t n_roles = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && compare_words(&listed[i], &listed[i - 1]) == 0)
            continue;
        if (!i || !str_eq(listed[i].text, listed[i - 1].text)) {
            literals[book->n_words] = (struct match_literal){
                    listed[i].text, book->n_words};
            book->words[book->n_words++] = (struct word){
                    .text = listed[i].text,
                    .letters = rule_term_letters(listed[i].text),
                    .first_role = n_roles,
            };
        }
        book->words[book->n_words - 1].n_roles++;
        book->roles[n_roles++] = listed[i].role;
    }
    return matcher_compile(&book->matcher, literals, book->n_words, err);
}

bool rulebook_open(struct rulebook **out, const struct policy *policy, unsigned kinds,
        struct error *err)
{
    struct rulebook *book = calloc(1, sizeof *book);
    if (!book)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for the rules");
    book->policy = policy;
    build_terms(book, kinds);
    if (!build_words(book, err)) {
        error_prefix(err, "rules.csv");
        rulebook_close(book);
        return false;
    }
    book->term_states = zeroed(book, book->n_terms, sizeof *book->term_states);
    book->rule_states = zeroed(book, policy->n_rules, sizeof *book->rule_states);
    book->found = zeroed(book, book->n_terms, sizeof *book->found);
    book->touched = zeroed(book, policy->n_rules, sizeof *book->touched);
    book->holds = zeroed(book, policy->n_rules, sizeof *book->holds);
    *out = book;
    return true;
}

void rulebook_close(struct rulebook *book)
{
    if (!book)
        return;
    matcher_free(book->matcher);
    arena_done(&book->arena);
    free(book);
}

/* ---- reading ---- */

void rulebook_begin(struct rulebook *book)
{
    book->complaint++;
    book->n_found = 0;
    for (uint32_t i = 0; i < book->n_touched; i++)
        book->rule_states[book->touched[i]] = (struct rule_state){0};
    book->n_touched = 0;
}

static void add_found(struct rulebook *book, const struct found *found)
{
    const struct term *term = &book->terms[found->term];
    uint32_t letters = book->words[found->words[0]].letters;
    if (found->words[1] != NOWHERE)
        letters += book->words[found->words[1]].letters;
    book->term_states[found->term].found_in = book->complaint;
    book->found[book->n_found++] = *found;
    for (uint32_t u = term->first_use; u < term->first_use + term->n_uses; u++) {
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

/* The hit of the other side that stands near enough before this one; NOWHERE: none. */
static uint32_t near_before(
        const struct rulebook *book, const struct term *term, const struct near_hit *hit)
{
    for (uint32_t i = hit->previous; i != NOWHERE; i = book->near[i].previous) {
        const struct near_hit *other = &book->near[i];
        if (hit->from >= other->to && hit->from - other->to > term->within)
            return NOWHERE; /* those before it end earlier still */
        bool apart = hit->from >= other->to && hit->side != other->side;
        if (apart && (!term->ordered || other->side == RULE_LEFT))
            return i;
    }
    return NOWHERE;
}

static void read_near(
        struct rulebook *book, const struct role *role, uint32_t to, uint32_t word)
{
    struct term_state *state = &book->term_states[role->term];
    if (state->seen_in != book->text) {
        state->seen_in = book->text;
        state->last = NOWHERE;
    }
    struct near_hit hit = {
            to - book->words[word].letters, to, state->last, word, role->side};
    uint32_t other = near_before(book, &book->terms[role->term], &hit);
    if (other != NOWHERE) {
        add_found(book, &(struct found){role->term, {book->near[other].word, word}});
    } else if (book->n_near < NEAR_MAX) {
        state->last = book->n_near;
        book->near[book->n_near++] = hit;
    }
}

void rulebook_read(struct rulebook *book, struct str text)
{
    size_t n = matcher_scan(book->matcher, text, book->hits, HITS_MAX);
    book->text++;
    book->n_near = 0;
    uint32_t to = 0; /* characters up to the byte `at` */
    for (size_t i = 0, at = 0; i < n && i < HITS_MAX; i++) {
        const struct match_hit *hit = &book->hits[i];
        const struct word *word = &book->words[hit->id];
        to += rule_term_letters((struct str){text.ptr + at, hit->to - at});
        at = hit->to;
        for (uint32_t r = word->first_role; r < word->first_role + word->n_roles; r++) {
            const struct role *role = &book->roles[r];
            if (book->term_states[role->term].found_in == book->complaint)
                continue;
            if (book->terms[role->term].near)
                read_near(book, role, to, hit->id);
            else
                add_found(book, &(struct found){role->term, {hit->id, NOWHERE}});
        }
    }
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
    for (uint32_t u = term->first_use; u < term->first_use + term->n_uses; u++)
        if (book->uses[u].rule == rule && book->uses[u].list != LIST_NONE)
            return true;
    return false;
}

size_t rulebook_words(const struct rulebook *book, uint32_t rule, struct str *words,
        size_t max, struct arena *arena)
{
    size_t n = 0;
    for (uint32_t i = 0; i < book->n_found && n < max; i++) {
        const struct found *found = &book->found[i];
        if (!stands_in(book, &book->terms[found->term], rule))
            continue;
        struct str first = book->words[found->words[0]].text;
        words[n++] = found->words[1] == NOWHERE
                             ? first
                             : arena_printf(arena, "%.*s…%.*s", STR_ARG(first),
                                       STR_ARG(book->words[found->words[1]].text));
    }
    return n;
}
