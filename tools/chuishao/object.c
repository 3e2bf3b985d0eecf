#include "object.h"

json_t *object_read(struct str text, struct error *err)
{
    json_error_t where;
    json_t *value = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &where);
    if (!value) { /* jansson's own text would quote the input */
        bool twice = json_error_code(&where) == json_error_duplicate_key;
        (void)error_set(err, ERR_INVALID, twice ? "duplicate_key" : "bad_json",
                "%s (line %d, column %d)",
                twice ? "a field is there twice" : "not JSON in UTF-8", where.line,
                where.column);
        return NULL;
    }
    if (json_is_object(value))
        return value;
    json_decref(value);
    (void)error_set(err, ERR_INVALID, "wrong_type", "not a JSON object");
    return NULL;
}
