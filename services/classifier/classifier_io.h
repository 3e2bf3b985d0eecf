/* The classifier's edges: the policy's words and names as matchers, the accepted
 * complaint in, the classified one out. */
#ifndef CHUISHAO_CLASSIFIER_IO_H
#define CHUISHAO_CLASSIFIER_IO_H

#include "classifier_core.h"
#include "guess_io.h"
#include "place_io.h"
#include "stage.h"

struct classifier;

/* policy is kept by pointer. lane names the output topic. */
MUST_USE bool classifier_open(struct classifier **out, const struct policy *policy,
        const char *lane, struct error *err);
void classifier_close(struct classifier *classifier);

/* The stage_decide of this stage; ctx is a struct classifier. */
void classifier_message(void *ctx, const struct bus_msg *msg, struct str state,
        instant now, struct stage_out *out);

/* What is read of an accepted complaint; the rest passes through as it is. */
struct classifier_question {
    char case_id[32];
    instant reported_at;
    struct str title, text;
    struct place_said place;
    struct str exit, token; /* the reporter's; may be empty */
};

/* The same decisions without Kafka, for the command line and tests. What they point to
 * lives until the next call. */
struct class_decision classifier_class(
        struct classifier *classifier, const struct classifier_question *question);
/* What made a rule of the last classifier_class hold, as rulebook_words says it. */
size_t classifier_words(const struct classifier *classifier, uint32_t rule,
        struct str *words, size_t max, struct arena *arena);
/* The words by which the model spoke for the category of the last classifier_class, if it
 * did (decision->guessed); its evidence goes under POLICY_MODEL_RULE. They live until the
 * next call. */
size_t classifier_guess_words(struct classifier *classifier,
        const struct class_decision *decision, struct str words[GUESS_WORDS_MAX]);
struct place_decision classifier_place(
        struct classifier *classifier, const struct classifier_question *question);

#endif
