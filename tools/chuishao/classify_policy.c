#include "classify_policy.h"

#include "address_core.h"
#include "classifier_io.h"
#include "intake_core.h"
#include "object.h"

#include <stdlib.h>

enum { WORDS_MAX = 8 };

struct reader {
    const struct policy *policy;
    struct classifier *classifier;
    struct rulebook *exits;
    struct address_index address;
    struct arena *arena; /* of the line at hand */
};

static struct str text_of(const json_t *object, const char *field)
{
    const json_t *text = json_object_get(object, field);
    return (struct str){json_string_value(text), json_string_length(text)};
}

/* As in complaint.intake; what is of another type counts as not there. */
static struct place_said said_of(const json_t *place)
{
    struct place_said said = {.address = text_of(place, "address"),
            .estate = text_of(place, "estate"),
            .lon = json_number_value(json_object_get(place, "lon")),
            .lat = json_number_value(json_object_get(place, "lat"))};
    (void)str_copy(said.grid, sizeof said.grid, text_of(place, "grid")); /* no code */
    return said;
}

static void add_why(json_t *why, const char *rule, const struct str *words, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(list, json_stringn(words[i].ptr, words[i].len));
    (void)json_array_append_new(why, json_pack("{s:s,s:o}", "rule", rule, "words", list));
}

static const struct rule *find_exit(const struct reader *reader,
        const struct classifier_question *question, json_t *why)
{
    rulebook_begin(reader->exits);
    rulebook_read(reader->exits, question->title);
    rulebook_read(reader->exits, question->text);
    size_t n;
    const struct rule_hold *holds = rulebook_holds(reader->exits, &n);
    const struct rule *exit = intake_exit(reader->policy->rules, holds, n);
    if (exit) {
        struct str words[WORDS_MAX];
        uint32_t index = (uint32_t)(exit - reader->policy->rules);
        n = rulebook_words(reader->exits, index, words, WORDS_MAX, reader->arena);
        add_why(why, exit->id, words, n);
    }
    return exit;
}

static json_t *percent_json(int basis_points)
{
    return json_real((double)basis_points / 10000);
}

static void add_class(json_t *out, const struct reader *reader,
        const struct class_decision *class, json_t *why)
{
    const struct policy *policy = reader->policy;
    bool known = class->category != CLASS_NO_CATEGORY;
    json_t *alternatives = json_array();
    for (int i = 1; i < class->n_ranked; i++)
        (void)json_array_append_new(alternatives,
                json_string(policy->categories[class->ranked[i].category].code));
    (void)json_object_set_new(out, "category",
            known ? json_string(policy->categories[class->category].code) : json_null());
    (void)json_object_set_new(out, "confidence", percent_json(class->confidence));
    (void)json_object_set_new(out, "sure",
            json_boolean(known && class->confidence >= policy->confidence_min * 100));
    (void)json_object_set_new(out, "alternatives", alternatives);
    (void)json_object_set_new(out, "nature", json_string(nature_names[class->nature]));
    (void)json_object_set_new(out, "urgency", json_string(urgency_names[class->urgency]));
    for (int i = 0; i < class->n_evidence; i++) {
        struct str words[WORDS_MAX];
        uint32_t rule = class->evidence[i];
        size_t n = classifier_words(
                reader->classifier, rule, words, WORDS_MAX, reader->arena);
        add_why(why, policy->rules[rule].id, words, n);
    }
    struct str guessed[GUESS_WORDS_MAX];
    if (class->guessed)
        add_why(why, POLICY_MODEL_RULE, guessed,
                classifier_guess_words(reader->classifier, class, guessed));
}

/* The place as the text has it: the name that decided, else what looks like an address;
 * null when there is neither. */
static json_t *place_json(const struct reader *reader,
        const struct classifier_question *question, const struct place_decision *place)
{
    struct str words = {0};
    if (place->n_words && place->found_by != PLACE_BY_NONE)
        words = place->words[0];
    size_t at = words.len ? str_find(question->text, words) : question->text.len;
    if (at == question->text.len) /* it stands in the title, or in other letters */
        words = address_find(&reader->address, question->text);
    return words.len ? json_stringn(words.ptr, words.len) : json_null();
}

/* Owned. */
static json_t *answer_json(
        const struct reader *reader, const json_t *object, const char *text)
{
    struct classifier_question question = {
            .text = text_of(object, text),
            .title = text_of(object, "title"),
            .place = said_of(json_object_get(object, "place")),
            .reported_at = instant_now(),
    };
    json_t *out = json_object(), *why = json_array();
    json_t *id = json_object_get(object, "id");
    (void)json_object_set(out, "id", id ? id : json_null());
    struct class_decision class = classifier_class(reader->classifier, &question);
    add_class(out, reader, &class, why);
    struct place_decision place = classifier_place(reader->classifier, &question);
    (void)json_object_set_new(out, "place", place_json(reader, &question, &place));
    (void)json_object_set_new(out, "place_code",
            place.place ? json_string(place.place->code) : json_null());
    (void)json_object_set_new(out, "place_match",
            place.n_words ? json_string(place.nearly ? "fuzzy" : "exact") : json_null());
    const struct rule *exit = find_exit(reader, &question, why);
    (void)json_object_set_new(
            out, "exit", exit ? json_sprintf("%d", exit->target) : json_null());
    (void)json_object_set_new(out, "why", why);
    return out;
}

static bool answer_line(
        const struct reader *reader, struct str line, const char *text, struct error *err)
{
    json_t *object = object_read(line, err);
    if (!object)
        return false;
    json_t *out = answer_json(reader, object, text);
    bool done = json_dumpf(out, stdout, JSON_COMPACT | JSON_REAL_PRECISION(4)) == 0 &&
                putchar('\n') != EOF;
    json_decref(out);
    json_decref(object);
    return done || error_set(err, ERR_RETRY, "unwritable", "the output is closed");
}

bool classify_by_policy(const struct policy *policy, FILE *in, const char *name,
        const char *text, struct error *err)
{
    struct arena arena = {0};
    struct reader reader = {.policy = policy, .arena = &arena};
    char *line = NULL;
    size_t room = 0, number = 0;
    address_index_init(&reader.address);
    bool done = classifier_open(&reader.classifier, policy, "", err) &&
                rulebook_open(&reader.exits, policy, 1U << RULE_EXIT, err);
    for (ssize_t len; done && (len = getline(&line, &room, in)) > 0;) {
        number++;
        if (strspn(line, " \t\r\n") == (size_t)len)
            continue;
        arena_reset(&arena);
        done = answer_line(&reader, (struct str){line, (size_t)len}, text, err);
        if (!done)
            error_prefix(err, "%s line %zu", name, number);
    }
    if (done && ferror(in))
        done = error_set(err, ERR_INVALID, "unreadable", "%s cannot be read", name);
    free(line);
    arena_done(&arena);
    rulebook_close(reader.exits);
    classifier_close(reader.classifier);
    return done;
}
