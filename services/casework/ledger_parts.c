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
