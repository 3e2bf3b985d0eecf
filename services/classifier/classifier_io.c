#include "classifier_io.h"

#include "guess_io.h"
#include "ids.h"
#include "json.h"
#include "json_out.h"
#include "topics.h"

#include <stdlib.h>
#include <string.h>

enum {
    EVIDENCE_WORDS_MAX = 8,
};

struct classifier {
    const struct policy *policy;
    char topic[TOPIC_NAME_SIZE];
    struct json_reader *reader;
    struct arena kept;    /* for life */
    struct arena scratch; /* for one message */
    struct rulebook *rules;
    struct guesser *guesser;
    struct class_category_state *categories; /* scratch of class_decide */
    struct place_finder *places;
};

static const struct json_field place_fields[] = {
        {.name = "address",
                .kind = JSON_STR,
                .offset = offsetof(struct place_said, address)},
        {.name = "estate",
                .kind = JSON_STR,
                .offset = offsetof(struct place_said, estate)},
        {.name = "grid",
                .kind = JSON_CHARS,
                .offset = offsetof(struct place_said, grid),
                .max = sizeof(((struct place_said *)0)->grid)},
        {.name = "lon", .kind = JSON_NUM, .offset = offsetof(struct place_said, lon)},
        {.name = "lat", .kind = JSON_NUM, .offset = offsetof(struct place_said, lat)},
};

static const struct json_field reporter_fields[] = {
        {.name = "token",
                .kind = JSON_STR,
                .offset = offsetof(struct classifier_question, token)},
};

static const struct json_field question_fields[] = {
        {.name = "case",
                .kind = JSON_CHARS,
                .offset = offsetof(struct classifier_question, case_id),
                .required = true,
                .max = 32},
        {.name = "reported_at",
                .kind = JSON_INSTANT,
                .offset = offsetof(struct classifier_question, reported_at),
                .required = true},
        {.name = "text",
                .kind = JSON_STR,
                .offset = offsetof(struct classifier_question, text),
                .required = true},
        {.name = "title",
                .kind = JSON_STR,
                .offset = offsetof(struct classifier_question, title)},
        {.name = "place",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct classifier_question, place),
                .max = sizeof place_fields / sizeof *place_fields,
                .sub = place_fields},
        {.name = "reporter",
                .kind = JSON_OBJECT,
                .offset = 0,
                .max = sizeof reporter_fields / sizeof *reporter_fields,
                .sub = reporter_fields},
        {.name = "exit",
                .kind = JSON_STR,
                .offset = offsetof(struct classifier_question, exit)},
};

bool classifier_open(struct classifier **out, const struct policy *policy,
        const char *lane, struct error *err)
{
    struct classifier *c = calloc(1, sizeof *c);
    if (!c)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for the classifier");
    c->policy = policy;
    topic_name(c->topic, TOPIC_CLASSIFIED, lane);
    c->reader = json_reader_open();
    size_t size = (policy->n_categories + 1) * sizeof *c->categories;
    c->categories = memset(arena_alloc(&c->kept, size), 0, size);
    if (!rulebook_open(&c->rules, policy,
                1U << RULE_CATEGORY | 1U << RULE_URGENCY | 1U << RULE_NATURE, err) ||
            !guesser_open(&c->guesser, policy, err) ||
            !place_finder_open(&c->places, policy, err)) {
        classifier_close(c);
        return false;
    }
    *out = c;
    return true;
}

void classifier_close(struct classifier *classifier)
{
    if (!classifier)
        return;
    json_reader_close(classifier->reader);
    rulebook_close(classifier->rules);
    guesser_close(classifier->guesser);
    place_finder_close(classifier->places);
    arena_done(&classifier->kept);
    arena_done(&classifier->scratch);
    free(classifier);
}

/* ---- deciding ---- */

struct class_decision classifier_class(
        struct classifier *c, const struct classifier_question *question)
{
    rulebook_begin(c->rules);
    rulebook_read(c->rules, question->title);
    rulebook_read(c->rules, question->text);
    size_t n;
    const struct rule_hold *holds = rulebook_holds(c->rules, &n);
    struct class_guess guesses[GUESSES_MAX];
    size_t n_guesses = guesser_ask(c->guesser, question->title, question->text, guesses);
    return class_decide(c->policy, holds, n, guesses, n_guesses, c->categories);
}

size_t classifier_words(const struct classifier *c, uint32_t rule, struct str *words,
        size_t max, struct arena *arena)
{
    return rulebook_words(c->rules, rule, words, max, arena);
}

size_t classifier_guess_words(struct classifier *c, const struct class_decision *decision,
        struct str words[GUESS_WORDS_MAX])
{
    return decision->guessed ? guesser_words(c->guesser, decision->category, words) : 0;
}

struct place_decision classifier_place(
        struct classifier *c, const struct classifier_question *question)
{
    return place_find(c->places, &question->place, question->title, question->text,
            question->reported_at);
}

/* ---- complaint.classified ---- */

static void write_words(
        struct json_out *json, const char *rule, const struct str *words, size_t n)
{
    json_open_object(json, NULL);
    json_text(json, "rule", rule);
    json_open_array(json, "words");
    for (size_t i = 0; i < n; i++)
        json_str(json, NULL, words[i]);
    json_close_array(json);
    json_close_object(json);
}

static void write_evidence(struct json_out *json, struct classifier *c,
        const struct class_decision *decision)
{
    struct str words[EVIDENCE_WORDS_MAX];
    if (!decision->n_evidence && !decision->guessed)
        return;
    json_open_array(json, "evidence");
    for (int i = 0; i < decision->n_evidence; i++) {
        uint32_t rule = decision->evidence[i];
        size_t n = classifier_words(c, rule, words, EVIDENCE_WORDS_MAX, &c->scratch);
        write_words(json, c->policy->rules[rule].id, words, n);
    }
    if (decision->guessed)
        write_words(json, POLICY_MODEL_RULE, words,
                classifier_guess_words(c, decision, words));
    json_close_array(json);
}

/* 0 to 1 with two decimals. */
static void write_share(struct json_out *json, const char *key, int basis_points)
{
    int percent = (basis_points + 50) / 100;
    char text[] = {(char)('0' + percent / 100), '.', (char)('0' + percent / 10 % 10),
            (char)('0' + percent % 10)};
    json_raw(json, key, (struct str){text, sizeof text});
}

static void write_class(struct json_out *json, struct classifier *c,
        const struct class_decision *decision)
{
    json_open_object(json, "class");
    json_text(json, "policy", c->policy->version);
    json_text(json, "nature", nature_names[decision->nature]);
    if (decision->category != CLASS_NO_CATEGORY) {
        const struct category *category = &c->policy->categories[decision->category];
        json_text(json, "category", category->code);
        json_text(json, "category_name", category->name);
    }
    json_text(json, "urgency", urgency_names[decision->urgency]);
    write_share(json, "confidence", decision->confidence);
    write_evidence(json, c, decision);
    if (decision->runner_up != CLASS_NO_CATEGORY) {
        json_open_object(json, "runner_up");
        json_text(json, "category", c->policy->categories[decision->runner_up].code);
        write_share(json, "confidence", decision->runner_up_score);
        json_close_object(json);
    }
    json_close_object(json);
}

/* One place's complaints meet in order; without a place, those of one person do. */
static struct str key_of(const struct place *place, struct str token, struct str case_id,
        struct arena *arena)
{
    char person[PERSON_SIZE], key[PERSON_KEY_SIZE];
    if (place)
        return str_of(place->code);
    person_make(token, person);
    if (!person[0])
        return case_id;
    person_key(person, key);
    return arena_copy(arena, str_of(key));
}

void classifier_message(void *ctx, const struct bus_msg *msg, struct str state,
        instant now, struct stage_out *out)
{
    (void)state;
    (void)now;
    struct classifier *c = ctx;
    struct classifier_question question = {0};
    struct error err = {0};
    arena_reset(&c->scratch);
    if (!json_read(c->reader, msg->value, question_fields,
                sizeof question_fields / sizeof *question_fields, &question, &c->scratch,
                &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    if (question.exit.len) { /* intake has opened it for its emergency line */
        stage_count(out, "exit");
        return;
    }
    struct class_decision class = classifier_class(c, &question);
    struct place_decision place = classifier_place(c, &question);

    struct arena *arena = stage_arena(out);
    struct str case_id = arena_copy(arena, str_of(question.case_id));
    struct json_out json;
    json_begin(&json, arena, msg->value.len + 1024);
    json_open_object(&json, NULL);
    json_str(&json, "case", case_id);
    write_class(&json, c, &class);
    place_write(&json, &place);
    json_raw(&json, "complaint", msg->value);
    json_close_object(&json);
    char *id = arena_alloc(arena, case_id.len + sizeof ".classified");
    memcpy(id, case_id.ptr, case_id.len);
    memcpy(id + case_id.len, ".classified", sizeof ".classified");
    stage_emit(out, &(struct stage_message){
                            .topic = c->topic,
                            .key = key_of(place.place, question.token, case_id, arena),
                            .value = json_end(&json),
                            .type = "complaint.classified",
                            .id = {id, case_id.len + sizeof ".classified" - 1},
                            .subject = case_id,
                    });
    stage_count(out, class.category == CLASS_NO_CATEGORY ? "no_category" : "classified");
    if (place.found_by == PLACE_BY_NONE)
        stage_count(out, "no_place");
    else if (place.found_by == PLACE_BY_CONFLICT)
        stage_count(out, "place_conflict");
}
