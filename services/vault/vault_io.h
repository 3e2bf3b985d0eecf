/* complaint.identity as the vault reads it. Nothing in it is in clear. */
#ifndef CHUISHAO_VAULT_IO_H
#define CHUISHAO_VAULT_IO_H

#include "json.h"

struct vault_identity {
    struct str case_id, alg, key, nonce, data;
};

/* Texts live in the arena. */
MUST_USE bool vault_identity_read(struct json_reader *reader, struct str text,
        struct vault_identity *out, struct arena *arena, struct error *err);

#endif
