/* A message as a tree, for showing it; what may be published is decided by intake's own
 * codec. */
#ifndef CHUISHAO_OBJECT_H
#define CHUISHAO_OBJECT_H

#include "error.h"
#include "str.h"

#include <jansson.h>

/* Reads a JSON object from text; owned. NULL: ERR_INVALID bad_json, duplicate_key or
 * wrong_type, never quoting the text. */
json_t *object_read(struct str text, struct error *err);

#endif
