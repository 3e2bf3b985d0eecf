#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(struct error *err, enum error_kind kind, const char *code,
        const char *format, ...)
{
    if (!err || err->kind != ERR_NONE)
        return false;
    err->kind = kind;
    (void)snprintf(
            err->code, sizeof err->code, "%s", code); /* codes are short literals */
    va_list args;
    va_start(args, format);
    (void)vsnprintf(
            err->text, sizeof err->text, format, args); /* a cut sentence is still one */
    va_end(args);
    return false;
}

void error_prefix(struct error *err, const char *format, ...)
{
    if (!err)
        return;
    char context[sizeof err->text], whole[2 * sizeof err->text + 2];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(context, sizeof context, format, args);
    va_end(args);
    (void)snprintf(whole, sizeof whole, "%s: %s", context, err->text);
    memcpy(err->text, whole, sizeof err->text - 1);
    err->text[sizeof err->text - 1] = 0;
}
