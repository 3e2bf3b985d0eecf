/* What happened to the cases so far, as examples to learn from: each text with the unit
 * and category that had it in the end, after returns, rulings and meetings. */
#ifndef CHUISHAO_HISTORY_H
#define CHUISHAO_HISTORY_H

#include "error.h"

#include <jansson.h>
#include <stdio.h>

struct history;

struct history *history_begin(void); /* NULL: no memory */
void history_end(struct history *history);

/* One case.event; those of a case in their order. */
void history_take(struct history *history, json_t *event);

/* A line {id, text, category, unit, group} for each case that was closed after a
 * dispatch; `from` names the unit that was found not to be the right one. Returns how
 * many. */
size_t history_examples(const struct history *history, FILE *out);

/* {"from\tto": n} of the dispatches that another decision corrected. Owned by the
 * history. */
json_t *history_pairs(const struct history *history);

#endif
