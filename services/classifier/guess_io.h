/* The policy's trained model as a source of evidence beside the rules. */
#ifndef CHUISHAO_GUESS_IO_H
#define CHUISHAO_GUESS_IO_H

#include "classifier_core.h"

enum { GUESSES_MAX = 5, GUESS_WORDS_MAX = 3 };

struct guesser;

/* policy is kept by pointer. *out is NULL when the policy has no model; the calls below
 * take that as a model that says nothing. */
MUST_USE bool guesser_open(
        struct guesser **out, const struct policy *policy, struct error *err);
void guesser_close(struct guesser *guesser);

/* What the model says of a complaint, likeliest first; returns how many. The title stands
 * in where there is no text. */
size_t guesser_ask(struct guesser *guesser, struct str title, struct str text,
        struct class_guess guesses[GUESSES_MAX]);

/* The words that spoke most for the category in the last complaint, as the normaliser
 * writes them; they live until the next call. Returns how many. */
size_t guesser_words(
        struct guesser *guesser, int category, struct str words[GUESS_WORDS_MAX]);

#endif
