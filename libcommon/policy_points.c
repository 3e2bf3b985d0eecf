/* ledger.json: who has an account, and what gives points. */
#include "policy_load.h"
#include "points.h"

#include <jansson.h>
#include <limits.h>

enum { POINTS_MAX = 10000, TITLE_MAX = 90, CONDITION_WORDS_MAX = 64 };

/* ---- ledgers ---- */

static const char *title_of(
        const struct policy_source *source, const json_t *object, const char *whose)
{
    const char *title = json_string_value(json_object_get(object, "title"));
    if (title && title[0] && strlen(title) <= TITLE_MAX)
        return policy_kept(source->loader, title);
    policy_problem(source->loader, source->file, policy_json_line(source, "title"),
            "%s needs a 'title' of 1 to %d bytes", whose, TITLE_MAX);
    return "";
}

static void read_holders(const struct policy_source *source, const json_t *holders,
        const char *whose, struct points_ledger *ledger)
{
    size_t n = json_array_size(holders);
    for (size_t i = 0; i < n; i++) {
        const char *word = json_string_value(json_array_get(holders, i));
        int type = policy_enum(str_of(word), unit_type_names, UNIT_TYPE_COUNT);
        if (type >= 0)
            ledger->types |= 1U << type;
        else if (word && strcmp(word, "pool") == 0)
            ledger->pools = true;
        else
            policy_problem(source->loader, source->file,
                    policy_json_line(source, word ? word : "holders"),
                    "holder %zu of %s is neither a type of unit nor 'pool'", i + 1,
                    whose);
    }
    if (n == 0)
        policy_problem(source->loader, source->file, policy_json_line(source, "holders"),
                "%s needs 'holders', a list of types of units, or 'pool'", whose);
}

/* {"grade": "4A", "from": 140}; the last one has no "from". */
static void read_grade(const struct policy_source *source, const json_t *object,
        bool last, const char *whose, struct points_ledger *ledger)
{
    static const char *const members[] = {"grade", "from"};
    const char *name = json_string_value(json_object_get(object, "grade"));
    struct points_grade *grade = &ledger->grades[ledger->n_grades++];
    struct policy_source inside = policy_json_inside(source, name ? name : "grades");
    *grade = (struct points_grade){.name = "", .from = INT32_MIN};
    if (name && name[0] && strlen(name) <= POINTS_NAME_MAX)
        grade->name = policy_kept(source->loader, name);
    else
        policy_problem(source->loader, source->file, policy_json_line(source, "grades"),
                "grade %d of %s needs a 'grade' of 1 to %d bytes", ledger->n_grades,
                whose, POINTS_NAME_MAX);
    if (json_is_object(object))
        policy_json_known(&inside, object, whose, members, 2);
    if (!last)
        grade->from = policy_json_int(&inside, object, "from", -POINTS_MAX, POINTS_MAX);
    else if (json_object_get(object, "from"))
        policy_problem(source->loader, source->file, policy_json_line(&inside, "from"),
                "the last grade of %s takes the rest and has no 'from'", whose);
    if (!last && ledger->n_grades > 1 && grade[-1].from <= grade->from)
        policy_problem(source->loader, source->file, policy_json_line(&inside, "from"),
                "the grades of %s go from the best to the worst, each with a lower "
                "'from'",
                whose);
}

static void read_grades(const struct policy_source *source, const json_t *grades,
        const char *whose, struct points_ledger *ledger)
{
    size_t n = json_array_size(grades);
    struct policy_source inside = policy_json_inside(source, "grades");
    if ((grades && !json_is_array(grades)) || n == 1 || n > GRADES_MAX)
        policy_problem(source->loader, source->file, policy_json_line(source, "grades"),
                "'grades' of %s must be a list of 2 to %d of them", whose, GRADES_MAX);
    else
        for (size_t i = 0; i < n; i++)
            read_grade(&inside, json_array_get(grades, i), i + 1 == n, whose, ledger);
}

static void read_ledger(const struct policy_source *source, const char *name,
        const json_t *object, struct points_book *book)
{
    static const char *const members[] = {"title", "base", "holders", "redeem", "grades"};
    struct policy_loader *loader = source->loader;
    struct points_ledger *ledger = &book->ledgers[book->n_ledgers++];
    char whose[POLICY_TEXT_MAX];
    (void)snprintf(whose, sizeof whose, "the ledger '%.64s'", name);
    int line = policy_json_line(source, name);
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (!len || len > POINTS_NAME_MAX || name[len])
        policy_problem(loader, source->file, line,
                "%s needs a name of 1 to %d of a-z, 0-9 and _", whose, POINTS_NAME_MAX);
    policy_json_known(source, object, whose, members, sizeof members / sizeof *members);
    ledger->name = policy_kept(loader, name);
    ledger->title = title_of(source, object, whose);
    ledger->base = policy_json_int(source, object, "base", 0, POINTS_MAX);
    ledger->redeem = policy_json_bool(source, object, "redeem");
    read_holders(source, json_object_get(object, "holders"), whose, ledger);
    read_grades(source, json_object_get(object, "grades"), whose, ledger);
    if (ledger->redeem && ledger->base)
        policy_problem(loader, source->file, line,
                "%s can be redeemed and so begins with 0 points", whose);
    for (size_t i = 0; i + 1 < book->n_ledgers; i++)
        if (book->ledgers[i].types & ledger->types)
            policy_problem(loader, source->file, line,
                    "%s and '%s' have a type of unit in common; a unit has one account",
                    whose, book->ledgers[i].name);
}

/* ---- rules ---- */

/* One text or a list of them. */
static struct names read_words(const struct policy_source *source, const char *key,
        const json_t *value, const char *whose)
{
    struct policy_loader *loader = source->loader;
    bool list = json_is_array(value);
    size_t n = list ? json_array_size(value) : 1;
    const char **items = policy_table(loader, n, sizeof *items);
    struct names names = {items, 0};
    for (size_t i = 0; i < n && n <= CONDITION_WORDS_MAX; i++) {
        const char *word = json_string_value(list ? json_array_get(value, i) : value);
        if (word && word[0] && strlen(word) <= POINTS_NAME_MAX)
            items[names.n++] = policy_kept(loader, word);
    }
    if (n == 0 || names.n != n)
        policy_problem(loader, source->file, policy_json_line(source, key),
                "'%s' of %s must be a word or a list of 1 to %d words", key, whose,
                CONDITION_WORDS_MAX);
    return names;
}

/* {"min": 1, "max": 5}, one of them or both. */
static struct points_range read_range(const struct policy_source *source, const char *key,
        const json_t *value, const char *whose)
{
    static const char *const members[] = {"min", "max"};
    struct points_range range = {true, INT32_MIN, INT32_MAX};
    struct policy_source inside = policy_json_inside(source, key);
    if (!json_is_object(value) || json_object_size(value) == 0)
        policy_problem(source->loader, source->file, policy_json_line(source, key),
                "'%s' of %s must be like {\"min\": 1, \"max\": 5}", key, whose);
    else
        policy_json_known(&inside, value, whose, members, 2);
    if (json_object_get(value, "min"))
        range.min = policy_json_int(&inside, value, "min", -POINTS_MAX, POINTS_MAX);
    if (json_object_get(value, "max"))
        range.max = policy_json_int(&inside, value, "max", -POINTS_MAX, POINTS_MAX);
    if (range.min > range.max)
        policy_problem(source->loader, source->file, policy_json_line(source, key),
                "'%s' of %s has a 'min' above its 'max'", key, whose);
    return range;
}

static void read_conditions(const struct policy_source *source, const json_t *when,
        const char *whose, struct points_rule *rule)
{
    const char *key;
    json_t *value;
    if (when && !json_is_object(when))
        policy_problem(source->loader, source->file, policy_json_line(source, "when"),
                "'when' of %s must be an object", whose);
    json_object_foreach((json_t *)(uintptr_t)when, key, value)
    {
        int word = policy_enum(str_of(key), points_word_names, POINTS_WORD_COUNT);
        int number = policy_enum(str_of(key), points_number_names, POINTS_NUMBER_COUNT);
        if (word >= 0)
            rule->words[word] = read_words(source, key, value, whose);
        else if (number >= 0)
            rule->numbers[number] = read_range(source, key, value, whose);
        else
            policy_problem(source->loader, source->file, policy_json_line(source, key),
                    "%s cannot ask for '%s'; events have: clock outcome nature category "
                    "urgency type rating valid solved late percent used score",
                    whose, key);
    }
}

static const char *event_of(
        const struct policy_source *source, const json_t *object, const char *whose)
{
    const char *event = json_string_value(json_object_get(object, "event"));
    size_t len = event ? strspn(event, "abcdefghijklmnopqrstuvwxyz_") : 0;
    if (len && len <= POINTS_NAME_MAX && !event[len])
        return policy_kept(source->loader, event);
    policy_problem(source->loader, source->file, policy_json_line(source, "event"),
            "%s needs an 'event', a kind of case.event", whose);
    return "";
}

static enum points_whom whom_of(
        const struct policy_source *source, const json_t *object, const char *whose)
{
    const json_t *value = json_object_get(object, "whom");
    int whom = value ? policy_enum(str_of(json_string_value(value)), points_whom_names,
                               POINTS_WHOM_COUNT)
                     : POINTS_WHOM_UNIT;
    if (whom >= 0)
        return (enum points_whom)whom;
    policy_problem(source->loader, source->file, policy_json_line(source, "whom"),
            "'whom' of %s is unit or pool", whose);
    return POINTS_WHOM_UNIT;
}

static int32_t cap_of(
        const struct policy_source *source, const json_t *object, const char *key)
{
    return json_object_get(object, key)
                   ? policy_json_int(source, object, key, 1, POINTS_MAX)
                   : 0;
}

static void check_rule(const struct policy_source *source, const json_t *object,
        const char *whose, const struct points_book *book, const struct points_rule *rule)
{
    struct policy_loader *loader = source->loader;
    const char *ledger = json_string_value(json_object_get(object, "ledger"));
    int32_t size = rule->points < 0 ? -rule->points : rule->points;
    if (!rule->ledger)
        policy_problem(loader, source->file, policy_json_line(source, "ledger"),
                "%s needs a 'ledger' of this file, not '%s'", whose,
                ledger ? ledger : "");
    if (rule->points == 0)
        policy_problem(loader, source->file, rule->line, "%s gives no points", whose);
    if ((rule->daily_max && rule->daily_max < size) ||
            (rule->monthly_max && rule->monthly_max < size))
        policy_problem(loader, source->file, rule->line,
                "%s has a cap below its points, so that it never gives them all", whose);
    if (rule->veto && rule->ledger && !rule->ledger->n_grades)
        policy_problem(loader, source->file, rule->line,
                "%s has a veto, and its ledger has no grades", whose);
    if (rule->ledger && rule->whom == POINTS_WHOM_POOL && !rule->ledger->pools)
        policy_problem(loader, source->file, rule->line,
                "%s is for pools, and they have no account in '%s'", whose,
                rule->ledger->name);
    if (points_rule_find(book, str_of(rule->id)) != rule)
        policy_problem(loader, source->file, rule->line, "%s stands there twice", whose);
}

static void read_rule(const struct policy_source *source, const json_t *object,
        struct points_book *book)
{
    static const char *const members[] = {"id", "title", "ledger", "event", "whom",
            "when", "points", "valid", "daily_max", "monthly_max", "veto"};
    struct policy_loader *loader = source->loader;
    struct points_rule *rule = &book->rules[book->n_rules++];
    const char *id = json_string_value(json_object_get(object, "id"));
    rule->line = policy_json_line(source, id ? id : "rules");
    if (!id || !policy_code_valid(id, POINTS_NAME_MAX)) {
        policy_problem(loader, source->file, rule->line,
                "rule %zu needs an 'id' of 1 to %d of a-z, 0-9 and -", book->n_rules,
                POINTS_NAME_MAX);
        id = "";
    }
    struct policy_source inside = policy_json_inside(source, id[0] ? id : "rules");
    char whose[POLICY_TEXT_MAX];
    (void)snprintf(whose, sizeof whose, "the rule '%s'", id);
    policy_json_known(&inside, object, whose, members, sizeof members / sizeof *members);
    rule->id = policy_kept(loader, id);
    rule->title = title_of(&inside, object, whose);
    rule->ledger = points_ledger_find(
            book, str_of(json_string_value(json_object_get(object, "ledger"))));
    rule->event = event_of(&inside, object, whose);
    rule->whom = whom_of(&inside, object, whose);
    read_conditions(&inside, json_object_get(object, "when"), whose, rule);
    rule->points = policy_json_int(&inside, object, "points", -POINTS_MAX, POINTS_MAX);
    if (json_object_get(object, "valid"))
        rule->valid = policy_json_budget(&inside, object, "valid", whose, 1);
    rule->daily_max = cap_of(&inside, object, "daily_max");
    rule->monthly_max = cap_of(&inside, object, "monthly_max");
    if (json_object_get(object, "veto"))
        rule->veto = policy_json_bool(&inside, object, "veto");
    check_rule(&inside, object, whose, book, rule);
}

void policy_read_points(struct policy_loader *loader)
{
    static const char *const members[] = {"appeal", "ledgers", "rules"};
    struct policy_source source = {.loader = loader, .file = "ledger.json"};
    struct points_book *book = policy_table(loader, 1, sizeof *book);
    json_t *root = policy_json_open(&source, false);
    if (!root)
        return;
    json_t *ledgers = json_object_get(root, "ledgers"), *object;
    json_t *rules = json_object_get(root, "rules");
    const char *name;
    policy_json_known(
            &source, root, source.file, members, sizeof members / sizeof *members);
    book->appeal = policy_json_budget(&source, root, "appeal", source.file, 1);
    book->ledgers = policy_table(
            loader, json_object_size(ledgers), sizeof *book->ledgers);
    book->rules = policy_table(loader, json_array_size(rules), sizeof *book->rules);
    struct policy_source inside = policy_json_inside(&source, "ledgers");
    json_object_foreach(ledgers, name, object)
    {
        struct policy_source at = policy_json_inside(&inside, name);
        read_ledger(&at, name, object, book);
    }
    inside = policy_json_inside(&source, "rules");
    for (size_t i = 0; i < json_array_size(rules); i++)
        read_rule(&inside, json_array_get(rules, i), book);
    if (!book->n_ledgers)
        policy_problem(loader, source.file, 1, "names no 'ledgers'");
    loader->policy->points = book;
    json_decref(root);
}
