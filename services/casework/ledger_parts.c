#include "ledger_parts.h"

bool ledger_copy(
        char *out, size_t size, struct str value, const char *field, struct error *err)
{
    if (str_copy(out, size, value))
        return true;
    return error_set(err, ERR_INVALID, "too_long", "field %s is longer than %zu bytes",
            field, size - 1);
}

/* FNV-1a. */
uint64_t ledger_fingerprint(struct str a, struct str b)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    struct str parts[] = {a, STR("/"), b};
    for (size_t p = 0; p < COUNT(parts); p++)
        for (size_t i = 0; i < parts[p].len; i++)
            hash = (hash ^ (unsigned char)parts[p].ptr[i]) * UINT64_C(1099511628211);
    return hash ? hash : 1;
}

bool ledger_check_key(const struct bus_msg *msg, struct str key, struct stage_out *out)
{
    struct error err = {0};
    if (str_eq(msg->key, key))
        return true;
    (void)error_set(&err, ERR_INVALID, "wrong_key",
            "the record's key is not the account or schedule it is for");
    stage_dead_letter(out, &err);
    return false;
}

void ledger_emit(struct stage_out *out, const char *topic, const char *type,
        struct str key, struct str subject, struct str id, const struct json_out *json)
{
    stage_emit(out, &(struct stage_message){
                            .topic = topic,
                            .key = key,
                            .value = json_end(json),
                            .type = type,
                            .id = id,
                            .subject = subject,
                    });
}
