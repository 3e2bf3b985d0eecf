/* Identities at rest: AES-256-GCM under a key from a file. The nonce is derived from what
 * is sealed, so the same identity of the same case gives the same bytes on every run, and
 * no two plaintexts share one. */
#ifndef CHUISHAO_SEAL_H
#define CHUISHAO_SEAL_H

#include "arena.h"
#include "error.h"
#include "str.h"

struct seal_key;

/* The file holds 64 hex digits (32 bytes) and is readable by its owner only; anything
 * else is refused. */
MUST_USE bool seal_key_open(struct seal_key **out, const char *path, struct error *err);
void seal_key_close(struct seal_key *key);

/* First 8 hex digits of SHA-256 over the key: tells which key sealed, and nothing about
 * it. */
const char *seal_key_id(const struct seal_key *key);

/* base64 texts; data ends with the tag. */
struct sealed {
    struct str nonce, data;
};

/* about: bound to the result but not in it (the case id). The result is in the arena. */
struct sealed seal_encrypt(
        struct seal_key *key, struct str about, struct str plain, struct arena *arena);

/* ERR_INVALID bad_seal: another key, another case, or changed bytes. */
MUST_USE bool seal_decrypt(struct seal_key *key, struct str about,
        const struct sealed *sealed, struct arena *arena, struct str *plain,
        struct error *err);

enum { SEAL_TOKEN_SIZE = 17 };

/* The same text gives the same token under the same key; without the key it cannot be
 * guessed back. */
void seal_token(const struct seal_key *key, struct str text, char out[SEAL_TOKEN_SIZE]);

#endif
