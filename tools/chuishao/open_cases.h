/* Which cases of case.state are open: by the last snapshot of each. */
#ifndef CHUISHAO_OPEN_CASES_H
#define CHUISHAO_OPEN_CASES_H

#include "bus.h"
#include "ids.h"

struct open_cases {
    char (*ids)[CASE_ID_SIZE]; /* owned, in order */
    size_t n;
};

struct open_cases_scan;

struct open_cases_scan *open_cases_begin(
        void); /* NULL: no memory, which open_cases_end tells */

/* A snapshot; ctx is the scan. Records that are not of a case are passed over. */
void open_cases_take(void *ctx, const struct bus_msg *msg);

/* Ends the scan. cases NULL: nothing is wanted any more. */
MUST_USE bool open_cases_end(
        struct open_cases_scan *scan, struct open_cases *cases, struct error *err);
void open_cases_done(struct open_cases *cases);

#endif
