#include "vault_io.h"

#define TEXT(json_name, member)                                                          \
    {.name = json_name,                                                                  \
            .kind = JSON_STR,                                                            \
            .offset = offsetof(struct vault_identity, member),                           \
            .required = true}
static const struct json_field fields[] = {
        TEXT("case", case_id),
        TEXT("alg", alg),
        TEXT("key", key),
        TEXT("nonce", nonce),
        TEXT("data", data),
};

bool vault_identity_read(struct json_reader *reader, struct str text,
        struct vault_identity *out, struct arena *arena, struct error *err)
{
    *out = (struct vault_identity){0};
    return json_read(
            reader, text, fields, sizeof fields / sizeof *fields, out, arena, err);
}
