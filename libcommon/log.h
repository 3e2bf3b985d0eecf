/* One fact per line on stderr, key=value, the event's name first: `routed case=… rule=4`.
 * Never a resident's words, name, address or phone: ids, enums and numbers only.
 * LOG_FORMAT=json prints the same as one JSON object. */
#ifndef CHUISHAO_LOG_H
#define CHUISHAO_LOG_H

#include <stdbool.h>

enum log_level {
    LOG_ERROR, /* someone must act */
    LOG_WARN,  /* we coped */
    LOG_INFO,  /* a state changed */
    LOG_DEBUG,
};

/* Once at start; level is "error", "warn", "info" or "debug", format "logfmt" or "json".
 * False when a word is unknown. */
bool log_open(const char *service, const char *level, const char *format);

/* event: snake_case; format gives the key=value pairs, e.g. log_info("routed", "case=%s
 * rule=%s", id, rule). Repeats of one event above 20 a second are held back and counted
 * in the next line that gets through. */
void log_write(enum log_level level, const char *event, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#define log_error(event, ...) log_write(LOG_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...) log_write(LOG_WARN, event, __VA_ARGS__)
#define log_info(event, ...) log_write(LOG_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) log_write(LOG_DEBUG, event, __VA_ARGS__)

#endif
