/* What casework keeps in case.state: cases, and what stands beside them. Each kind has
 * keys of its own form, a core and an edge of its own. */
#ifndef CHUISHAO_SUBJECT_H
#define CHUISHAO_SUBJECT_H

#include "casework_io.h"
#include "ledger_io.h"

/* One record of case.command, for whatever its key names. */
struct subject_turn {
    const struct case_io *io;
    const struct bus_msg *msg;
    struct str state;
    struct case_decision *case_decision; /* working memory */
    struct account_decision *account_decision;
    struct schedule_decision *schedule_decision;
    struct stage_out *out;
};

void subject_decide(const struct subject_turn *turn);

#endif
