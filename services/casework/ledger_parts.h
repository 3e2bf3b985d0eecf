/* What the edges of accounts and schedules share. */
#ifndef CHUISHAO_LEDGER_PARTS_H
#define CHUISHAO_LEDGER_PARTS_H

#include "field.h"
#include "ids.h"
#include "json_out.h"
#include "ledger_io.h"
#include "subject_io.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The record's key is what its value is for; dead-letters it when it is not. */
MUST_USE bool ledger_check_key(
        const struct bus_msg *msg, struct str key, struct stage_out *out);

#endif
