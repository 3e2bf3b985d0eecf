/* A field of a message into an array of its own. */
#ifndef CHUISHAO_FIELD_H
#define CHUISHAO_FIELD_H

#include "error.h"
#include "str.h"

/* Copies value and terminates it; ERR_INVALID too_long, with the field's name, when it
 * does not fit. */
MUST_USE bool field_copy(
        char *out, size_t size, struct str value, const char *field, struct error *err);

/* ERR_INVALID missing_field: the command cannot do without it. Returns false. */
bool field_missing(const char *field, const char *command, struct error *err);

/* A raw string, list or object that holds anything but marks and blanks. */
bool field_says_something(struct str raw);

#endif
