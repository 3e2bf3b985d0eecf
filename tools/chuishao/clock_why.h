/* One clock of a case, as case.state holds it, proved: the walk of its budget, the
 * extension in it, and the times in which it stood. */
#ifndef CHUISHAO_CLOCK_WHY_H
#define CHUISHAO_CLOCK_WHY_H

#include "policy.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* False when it is no clock that this program knows. */
bool clock_why_print(FILE *out, const struct policy *policy, const json_t *clock);

/* The same as one object, owned; NULL when it is none. */
json_t *clock_why_json(const struct policy *policy, const json_t *clock);

#endif
