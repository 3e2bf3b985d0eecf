/* Whether a line can be published: the contract of complaint.intake (schemas/), so that a
 * sender sees his mistake at once and not in the dead letters. Intake decides for good.
 */
#ifndef CHUISHAO_SHAPE_H
#define CHUISHAO_SHAPE_H

#include "error.h"
#include "str.h"

#include <jansson.h>

/* Reads a JSON object from text; owned. NULL: ERR_INVALID bad_json, duplicate_key or
 * wrong_type. */
json_t *shape_object(struct str text, struct error *err);

/* The codes of schemas/README.md; the text names the field, never its value. */
MUST_USE bool shape_intake(const json_t *complaint, struct error *err);

/* unit.action */
MUST_USE bool shape_action(const json_t *action, struct error *err);

#endif
