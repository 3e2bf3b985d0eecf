/* What went wrong, and what the caller does about it. The kind is the caller's next step,
 * not where the error came from. */
#ifndef CHUISHAO_ERROR_H
#define CHUISHAO_ERROR_H

#include <stdbool.h>

enum error_kind {
    ERR_NONE,
    ERR_INVALID, /* the input is wrong: dead-letter the message, or tell the user */
    ERR_RETRY,   /* our side is in trouble: try again a bounded number of times, then end
                    the process */
    ERR_FATAL,   /* end now: bad configuration, fenced, broken invariant */
};

struct error {
    enum error_kind kind;
    char code[40];  /* stable, snake_case, for dead letters and metrics; may be empty */
    char text[240]; /* one sentence, no trailing newline; never a resident's words */
};

#define MUST_USE __attribute__((warn_unused_result))

/* Fills err (may be NULL) unless it already holds an error: the first one wins. Always
 * returns false, so that a failing function ends with `return error_set(err, …)`. */
bool error_set(struct error *err, enum error_kind kind, const char *code,
        const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Puts "context: " in front of the text. */
void error_prefix(struct error *err, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

#endif
