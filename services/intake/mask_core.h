/* Takes identity out of free text: phone, ID and card numbers, e-mail addresses, licence
 * plates and names become masks such as 138****1234 and 张*. Pure. A number that only
 * looks long (an order number, a place code) stays. */
#ifndef CHUISHAO_MASK_CORE_H
#define CHUISHAO_MASK_CORE_H

#include "str.h"

/* What the message itself says is somebody's: every occurrence is masked. */
struct mask_known {
    struct str text;
    bool number; /* a phone or ID number; otherwise a name */
};

/* Writes text, masked, to out, which has room for text.len bytes: a mask is never longer
 * than what it hides. Returns the length written. */
size_t mask_text(
        struct str text, const struct mask_known *known, size_t n_known, char *out);

/* The ASCII digits of a phone number as people write it, without +86; returns how many
 * (at most max). */
size_t mask_phone_digits(struct str phone, char *out, size_t max);

#endif
