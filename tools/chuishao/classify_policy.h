/* What a policy makes of texts, line by line, by the cores of intake and classifier. */
#ifndef CHUISHAO_CLASSIFY_POLICY_H
#define CHUISHAO_CLASSIFY_POLICY_H

#include "error.h"
#include "policy.h"

/* Reads JSON lines from in (name: for messages) and prints one for each; text: the field
 * the text is in. A `title` is read too. */
MUST_USE bool classify_by_policy(const struct policy *policy, FILE *in, const char *name,
        const char *text, struct error *err);

#endif
