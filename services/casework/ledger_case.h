/* Where a case's edge hands its events to the points ledgers. */
#ifndef CHUISHAO_LEDGER_CASE_H
#define CHUISHAO_LEDGER_CASE_H

#include "casework_io.h"
#include "ledger_io.h"

struct ledger_io ledger_io_of(const struct case_io *io);

/* An event of the case, as it has just been written. */
void ledger_case_event(const struct case_io *io, const struct case_record *record,
        const char *kind, struct str id, struct str event, struct stage_out *out);

#endif
