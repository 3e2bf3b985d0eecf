#include "ledger_parts.h"

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
