#include "field.h"

bool field_copy(
        char *out, size_t size, struct str value, const char *field, struct error *err)
{
    if (str_copy(out, size, value))
        return true;
    return error_set(err, ERR_INVALID, "too_long", "field %s is longer than %zu bytes",
            field, size - 1);
}

bool field_missing(const char *field, const char *command, struct error *err)
{
    return error_set(err, ERR_INVALID, "missing_field",
            "field %s is required by %s and missing", field, command);
}

bool field_says_something(struct str raw)
{
    for (size_t i = 0; i < raw.len; i++)
        if ((unsigned char)raw.ptr[i] > ' ' && !strchr("\"[]{},", raw.ptr[i]))
            return true;
    return false;
}
