/* What the edges of accounts and schedules share. */
#ifndef CHUISHAO_LEDGER_PARTS_H
#define CHUISHAO_LEDGER_PARTS_H

#include "ids.h"
#include "json_out.h"
#include "ledger_io.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Copies a field; ERR_INVALID too_long when it does not fit. */
MUST_USE bool ledger_copy(
        char *out, size_t size, struct str value, const char *field, struct error *err);

/* Of one text or of two, never 0. */
uint64_t ledger_fingerprint(struct str a, struct str b);

/* The record's key is what its value is for; dead-letters it when it is not. */
MUST_USE bool ledger_check_key(
        const struct bus_msg *msg, struct str key, struct stage_out *out);

void ledger_emit(struct stage_out *out, const char *topic, const char *type,
        struct str key, struct str subject, struct str id, const struct json_out *json);

#endif
