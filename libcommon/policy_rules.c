/* rules.csv: reading it, and the rules that can never hold or never decide. */
#include "policy_load.h"
#include "rule_term.h"

#include <stdlib.h>

enum { WEIGHT_MAX = 100, PRIORITY_MAX = 9 };

#define FILE_NAME "rules.csv"

static int rule_target(const struct policy_at *at, enum rule_kind kind, const char *cell)
{
    static const char *const lines[] = {"110", "119", "120", "122"};
    struct policy_loader *loader = at->loader;
    const struct category *category;
    int target = -1;
    switch (kind) {
    case RULE_CATEGORY:
        category = policy_category(loader->policy, str_of(cell));
        if (category)
            return (int)(category - loader->policy->categories);
        if (loader->have_categories)
            policy_problem(loader, at->file, at->row->line,
                    "the category '%s' is not in categories.csv", cell);
        return 0;
    case RULE_URGENCY:
        target = policy_enum(str_of(cell), urgency_names, URGENCY_N);
        break;
    case RULE_NATURE:
        target = policy_enum(str_of(cell), nature_names, NATURE_COUNT);
        break;
    case RULE_EXIT:
        target = policy_enum(str_of(cell), lines, 4);
        if (target >= 0)
            target = (int)strtol(cell, NULL, 10);
        break;
    case RULE_KIND_COUNT:
        break;
    }
    if (target < 0)
        policy_problem(loader, at->file, at->row->line,
                "'%s' is no target for a rule of kind %s", cell, rule_kind_names[kind]);
    return target < 0 ? 0 : target;
}

/* The terms of a cell; those that are none are reported and left out. */
static struct names terms_of(const struct policy_at *at, int column, const char *name)
{
    struct names terms = policy_list(at->loader, at->row->cells[column]);
    const char **kept = policy_table(at->loader, terms.n + 1, sizeof *kept);
    size_t n = 0;
    for (size_t i = 0; i < terms.n; i++) {
        struct rule_term term;
        const char *wrong = rule_term_parse(terms.items[i], &term);
        bool again = false;
        for (size_t k = 0; k < n; k++)
            again = again || strcmp(kept[k], terms.items[i]) == 0;
        if (wrong)
            policy_problem(at->loader, at->file, at->row->line,
                    "the term '%s' in '%s' %s", terms.items[i], name, wrong);
        else if (again)
            policy_warning(at->loader, at->file, at->row->line,
                    "the term '%s' stands twice in '%s'", terms.items[i], name);
        else
            kept[n++] = terms.items[i];
    }
    return (struct names){kept, n};
}

void policy_read_rules(struct policy_loader *loader)
{
    enum { ID, KIND, TARGET, PRIORITY, ANY, ALL, NONE, WEIGHT };
    COLUMNS("id", "kind", "target", "priority", "any", "all", "none", "weight");
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    if (!policy_csv_read(loader, FILE_NAME, columns, N_COLUMNS, &rows))
        return;
    policy_check_ids(loader, FILE_NAME, &rows);
    policy->rules = policy_table(loader, rows.n, sizeof *policy->rules);
    policy->n_rules = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, FILE_NAME, &rows.items[i]};
        struct rule *rule = &policy->rules[i];
        const char *const *cells = rows.items[i].cells;
        rule->id = cells[ID];
        rule->line = rows.items[i].line;
        int kind = policy_enum(str_of(cells[KIND]), rule_kind_names, RULE_KIND_COUNT);
        rule->kind = (enum rule_kind)policy_cell_word(
                &at, KIND, "kind of rule", rule_kind_names, RULE_KIND_COUNT);
        if (kind >= 0)
            rule->target = rule_target(&at, rule->kind, cells[TARGET]);
        rule->priority = RULE_PRIORITY_PLAIN;
        if (cells[PRIORITY][0])
            rule->priority = policy_cell_number(
                    &at, PRIORITY, "priority", 0, PRIORITY_MAX);
        rule->any = terms_of(&at, ANY, "any");
        rule->all = terms_of(&at, ALL, "all");
        rule->none = terms_of(&at, NONE, "none");
        rule->weight = policy_cell_number(&at, WEIGHT, "weight", 1, WEIGHT_MAX);
        if (rule->any.n + rule->all.n == 0)
            policy_problem(loader, FILE_NAME, rule->line,
                    "the rule '%s' has no words in 'any' or 'all' and can never hold",
                    rule->id);
    }
}

/* ---- rules that never hold or never decide ---- */

struct terms {
    struct rule_term *items;
    size_t n;
};

struct parsed {
    const struct rule *rule;
    struct terms any, all, none;
};

static struct terms parse_terms(struct arena *arena, const struct names *names)
{
    struct terms terms = {arena_alloc(arena, (names->n + 1) * sizeof *terms.items), 0};
    for (size_t i = 0; i < names->n; i++)
        (void)rule_term_parse(names->items[i],
                &terms.items[terms.n++]); /* was parsed when it was read */
    return terms;
}

static bool holds_word(struct str text, struct str side)
{
    for (struct str word; rule_term_word(&side, &word);)
        if (str_find(text, word) < text.len)
            return true;
    return false;
}

/* Whether b stands behind a with at most `within` characters between them. */
static bool follows(struct str text, struct str a, struct str b, uint32_t within)
{
    size_t from = str_find(text, a) + a.len;
    if (from > text.len)
        return false;
    struct str behind = {text.ptr + from, text.len - from};
    size_t gap = str_find(behind, b);
    return gap < behind.len && rule_term_letters((struct str){behind.ptr, gap}) <= within;
}

static bool holds_near(struct str text, const struct rule_term *term)
{
    struct str lefts = term->sides[RULE_LEFT];
    for (struct str left; rule_term_word(&lefts, &left);) {
        struct str rights = term->sides[RULE_RIGHT];
        for (struct str right; rule_term_word(&rights, &right);)
            if (follows(text, left, right, term->within) ||
                    (!term->ordered && follows(text, right, left, term->within)))
                return true;
    }
    return false;
}

static bool occurs_in(const struct rule_term *term, struct str text)
{
    return rule_term_is_near(term) ? holds_near(text, term)
                                   : holds_word(text, term->sides[RULE_LEFT]);
}

/* Every text with a has b too, as far as the words themselves tell. */
static bool implies(const struct rule_term *a, const struct rule_term *b)
{
    if (rule_term_is_near(a) && rule_term_is_near(b))
        return str_eq(a->sides[RULE_LEFT], b->sides[RULE_LEFT]) &&
               str_eq(a->sides[RULE_RIGHT], b->sides[RULE_RIGHT]) &&
               a->within <= b->within && (a->ordered || !b->ordered);
    for (int side = RULE_LEFT; side < RULE_SIDES; side++) {
        struct str words = a->sides[side];
        bool every = words.len > 0;
        for (struct str word; every && rule_term_word(&words, &word);)
            every = occurs_in(b, word);
        if (every)
            return true;
    }
    return false;
}

/* The first of terms that a implies; NULL: none. */
static const struct rule_term *implied(
        const struct rule_term *a, const struct terms *terms)
{
    for (size_t i = 0; i < terms->n; i++)
        if (implies(a, &terms->items[i]))
            return &terms->items[i];
    return NULL;
}

/* Every text in which rule holds has one of terms. */
static bool rule_implies(const struct parsed *rule, const struct terms *terms)
{
    for (size_t i = 0; i < rule->all.n; i++)
        if (implied(&rule->all.items[i], terms))
            return true;
    for (size_t i = 0; i < rule->any.n; i++)
        if (!implied(&rule->any.items[i], terms))
            return false;
    return rule->any.n > 0;
}

/* Wherever rule holds, other does too. */
static bool holds_with(const struct parsed *rule, const struct parsed *other)
{
    if (other->any.n + other->all.n == 0)
        return false; /* it never holds */
    if (other->any.n && !rule_implies(rule, &other->any))
        return false;
    for (size_t i = 0; i < other->all.n; i++)
        if (!rule_implies(rule, &(struct terms){&other->all.items[i], 1}))
            return false;
    for (size_t i = 0; i < other->none.n; i++)
        if (!implied(&other->none.items[i], &rule->none))
            return false;
    return true;
}

/* When both hold, other decides and rule changes nothing. */
static bool decides_before(const struct rule *other, const struct rule *rule)
{
    if (other->kind == RULE_EXIT && rule->kind != RULE_EXIT)
        return true; /* the complaint never comes to the classifier */
    if (other->kind != rule->kind || other->target == rule->target)
        return false;
    switch (rule->kind) {
    case RULE_CATEGORY:
    case RULE_NATURE:
        return other->priority > rule->priority;
    case RULE_URGENCY:
        return other->target < rule->target;
    case RULE_EXIT:
        if (other->priority != rule->priority)
            return other->priority > rule->priority;
        return other->weight != rule->weight ? other->weight > rule->weight
                                             : other->line < rule->line;
    case RULE_KIND_COUNT:
        break;
    }
    return false;
}

static void check_contradiction(struct policy_loader *loader, const struct parsed *parsed)
{
    const struct rule *rule = parsed->rule;
    size_t n_never = 0;
    for (size_t i = 0; i < parsed->all.n; i++)
        if (implied(&parsed->all.items[i], &parsed->none)) {
            policy_problem(loader, FILE_NAME, rule->line,
                    "the rule '%s' can never hold: the term '%s' of 'all' contains one "
                    "of "
                    "'none'",
                    rule->id, rule->all.items[i]);
            return;
        }
    for (size_t i = 0; i < parsed->any.n; i++)
        n_never += implied(&parsed->any.items[i], &parsed->none) != NULL;
    if (n_never && n_never == parsed->any.n) {
        policy_problem(loader, FILE_NAME, rule->line,
                "the rule '%s' can never hold: every term of 'any' contains one of "
                "'none'",
                rule->id);
        return;
    }
    for (size_t i = 0; n_never && i < parsed->any.n; i++)
        if (implied(&parsed->any.items[i], &parsed->none))
            policy_warning(loader, FILE_NAME, rule->line,
                    "the term '%s' of 'any' contains one of 'none' and never counts",
                    rule->any.items[i]);
}

static void check_shadow(struct policy_loader *loader, const struct parsed *rules,
        size_t n, const struct parsed *parsed)
{
    const struct rule *rule = parsed->rule;
    for (size_t i = 0; i < n; i++) {
        const struct rule *other = rules[i].rule;
        if (other == rule || !decides_before(other, rule) ||
                !holds_with(parsed, &rules[i]))
            continue;
        policy_problem(loader, FILE_NAME, rule->line,
                "the rule '%s' can never decide: where it holds, '%s' (line %d) holds "
                "too "
                "and goes first",
                rule->id, other->id, other->line);
        return;
    }
}

static void check_double(struct policy_loader *loader, const struct parsed *rules,
        const struct parsed *parsed)
{
    const struct rule *rule = parsed->rule;
    for (const struct parsed *before = rules; before < parsed; before++)
        if (before->rule->kind == rule->kind && before->rule->target == rule->target &&
                holds_with(parsed, before) && holds_with(before, parsed))
            policy_warning(loader, FILE_NAME, rule->line,
                    "the rule '%s' says the same as '%s' in line %d", rule->id,
                    before->rule->id, before->rule->line);
}

void policy_check_rules(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    struct arena arena = {0};
    struct parsed *rules = arena_alloc(&arena, (policy->n_rules + 1) * sizeof *rules);
    for (size_t i = 0; i < policy->n_rules; i++) {
        const struct rule *rule = &policy->rules[i];
        rules[i] = (struct parsed){
                .rule = rule,
                .any = parse_terms(&arena, &rule->any),
                .all = parse_terms(&arena, &rule->all),
                .none = parse_terms(&arena, &rule->none),
        };
    }
    for (size_t i = 0; i < policy->n_rules; i++) {
        check_contradiction(loader, &rules[i]);
        check_shadow(loader, rules, policy->n_rules, &rules[i]);
        check_double(loader, rules, &rules[i]);
    }
    arena_done(&arena);
}
