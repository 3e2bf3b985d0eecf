/* From rules.csv to the tables that a text is held against. */
#include "rulebook_internal.h"

#include <stdlib.h>

struct listed_term {
    const char *text;
    bool near;
    struct use use;
};

static int compare_terms(const void *a, const void *b)
{
    const struct listed_term *x = a, *y = b;
    if (x->near != y->near)
        return y->near - x->near; /* the tables count on those being first */
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
        out[(*n)++] = (struct listed_term){
                names->items[i], rule_term_has_two(names->items[i]), {rule, list}};
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
    book->first_use = zeroed(book, n, sizeof *book->first_use);
    book->term_texts = zeroed(book, n, sizeof(const char *));
    book->uses = zeroed(book, n, sizeof *book->uses);
    book->n_all = zeroed(book, policy->n_rules, sizeof *book->n_all);
    uint32_t n_uses = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && compare_terms(&listed[i], &listed[i - 1]) == 0)
            continue;
        if (!i || strcmp(listed[i].text, listed[i - 1].text) != 0) {
            book->term_texts[book->n_terms] = listed[i].text;
            book->first_use[book->n_terms++] = n_uses;
            book->n_near_terms += listed[i].near;
        }
        book->uses[n_uses++] = listed[i].use;
        book->n_all[listed[i].use.rule] += listed[i].use.list == LIST_ALL;
    }
    book->first_use[book->n_terms] = n_uses;
    book->marks = zeroed(book, n_uses, sizeof *book->marks);
}

/* A word where it stands in a term. */
struct listed_word {
    struct str text;
    uint32_t role;
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
    return (x->role > y->role) - (x->role < y->role);
}

/* The words of all terms, as they are listed; *n says how many. */
static struct listed_word *list_words(struct rulebook *book, size_t *n, struct error *err)
{
    size_t max = 0;
    for (uint32_t t = 0; t < book->n_terms; t++)
        max += strlen(book->term_texts[t]);
    struct listed_word *listed = zeroed(book, max, sizeof *listed);
    book->near_terms = zeroed(book, book->n_near_terms, sizeof *book->near_terms);
    *n = 0;
    for (uint32_t t = 0; t < book->n_terms; t++) {
        struct rule_term parsed;
        const char *wrong = rule_term_parse(book->term_texts[t], &parsed);
        if (wrong) {
            (void)error_set(err, ERR_FATAL, "bad_term", "the term '%s' %s",
                    book->term_texts[t], wrong);
            return NULL;
        }
        bool near = t < book->n_near_terms;
        if (near)
            book->near_terms[t] = (struct near_term){
                    (uint8_t)parsed.within, parsed.ordered};
        for (uint32_t side = RULE_LEFT; side < RULE_SIDES; side++)
            for (struct str word; rule_term_word(&parsed.sides[side], &word);)
                listed[(*n)++] = (struct listed_word){
                        word, t << ROLE_BITS | (near ? 1U << side : BOTH_SIDES)};
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
    book->word_texts = zeroed(book, n, sizeof *book->word_texts);
    book->roles = zeroed(book, n, sizeof *book->roles);
    struct match_literal *literals = zeroed(book, n, sizeof *literals);
    uint32_t n_roles = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && compare_words(&listed[i], &listed[i - 1]) == 0)
            continue;
        if (!i || !str_eq(listed[i].text, listed[i - 1].text)) {
            literals[book->n_words] = (struct match_literal){
                    listed[i].text, book->n_words};
            book->word_texts[book->n_words] = listed[i].text;
            book->words[book->n_words++] = (struct word){
                    n_roles, rule_term_letters(listed[i].text)};
        }
        book->roles[n_roles++] = listed[i].role;
    }
    book->words[book->n_words].first_role = n_roles;
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
    book->rule_states = zeroed(book, policy->n_rules, sizeof *book->rule_states);
    book->is_found = zeroed(book, book->n_terms, sizeof *book->is_found);
    book->sides = zeroed(book, book->n_terms, sizeof *book->sides);
    book->last_near = zeroed(book, book->n_near_terms, sizeof *book->last_near);
    for (uint32_t i = 0; i < book->n_near_terms; i++)
        book->last_near[i] = RULEBOOK_NOWHERE;
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
