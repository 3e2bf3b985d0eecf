/* Of the policy: which officials answer for a unit or a place, and who stands in. */
#ifndef CHUISHAO_POLICY_CONTACTS_H
#define CHUISHAO_POLICY_CONTACTS_H

#include "policy_places.h"

/* contacts.csv: who answers for a unit or a place. */
#define CONTACT_DUTIES(X)                                                                \
    X(HEAD, "head")       /* 负责人 */                                                \
    X(DUTY, "duty")       /* 值班 */                                                   \
    X(SPONSOR, "sponsor") /* 包联: the cadre linked to a place gets a copy */
#define X(name, text) CONTACT_##name,
enum contact_duty { CONTACT_DUTIES(X) CONTACT_DUTY_COUNT };
#undef X
extern const char *const contact_duty_names[CONTACT_DUTY_COUNT];

struct contact {
    enum contact_duty duty;
    const char *staff, *name; /* staff id, name; of officials, never of residents */
    const struct unit *unit;  /* whose; NULL: a place's */
    const struct place *place;
    const char *cover; /* staff id of who stands in while absent; "": nobody */
    const struct contact *stand_in; /* a row of the cover's; NULL: nobody */
    unsigned weekdays;              /* bit 0: Monday; 0: every day */
    int32_t from, to; /* minutes of the day; equal: all day; from > to: over midnight */
    instant valid_from, valid_to;
    int line; /* in contacts.csv */
};

/* Rows of contacts.csv with the duty `absent`. */
struct absence {
    const char *staff;
    instant from, to; /* [from, to); never: open */
    int line;
};

/* Somebody to name. */
struct contact_person {
    const struct contact *duty;   /* the row that says whose matter it is */
    const struct contact *person; /* who it is: that row, or one of who stands in */
};

#endif
