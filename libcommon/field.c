#include "field.h"

bool field_copy(
        char *out, size_t size, struct str value, const char *field, struct error *err)
{
    if (str_copy(out, size, value))
        return true;
    return error_set(err, ERR_INVALID, "too_long", "field %s is longer than %zu bytes",
            field, size - 1);
}
