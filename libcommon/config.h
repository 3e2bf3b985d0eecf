/* A service's settings: one table row each (name, type, default, meaning). Read from
 * flags (--redis-url; CHUISHAO_ is left out: --commit-ms), then the environment
 * (REDIS_URL, with REDIS_URL_FILE for secrets), then the default. KAFKA_* variables go to
 * librdkafka untouched (KAFKA_SASL_MECHANISM is sasl.mechanism). An unknown CHUISHAO_*
 * variable, an unknown flag or a malformed value is a refusal to start that lists all
 * problems. */
#ifndef CHUISHAO_CONFIG_H
#define CHUISHAO_CONFIG_H

#include "bus.h"
#include "error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_type { CONFIG_TEXT, CONFIG_INT, CONFIG_BOOL };

struct config_row {
    const char *name; /* as in the environment: REDIS_URL; the flag is --redis-url */
    enum config_type type;
    size_t offset;        /* in the caller's struct: const char *, int64_t or bool */
    const char *fallback; /* NULL: required */
    bool secret;          /* masked when printed */
    const char *meaning;  /* one line for --help */
};

/* Rows that every service has; each service's own table comes on top. */
struct config_common {
    const char *brokers;    /* KAFKA_BOOTSTRAP_SERVERS, 127.0.0.1:9092 */
    const char *redis_url;  /* REDIS_URL, redis://127.0.0.1:6379 */
    bool redis_force;       /* CHUISHAO_REDIS_FORCE */
    const char *policy_dir; /* CHUISHAO_POLICY, policy */
    const char *instance;   /* CHUISHAO_INSTANCE, <service>-0: stable across restarts */
    const char *lane;       /* CHUISHAO_LANE, "" */
    const char *http_addr;  /* HTTP_ADDR, 127.0.0.1:0 */
    const char *log_level, *log_format; /* LOG_LEVEL info, LOG_FORMAT logfmt */
    int64_t commit_ms, commit_busy_ms, batch_max,
            batch_bytes; /* CHUISHAO_COMMIT_MS 20, …_BUSY_MS 100, _BATCH_MAX 20000,
                            _BATCH_BYTES 16 MiB */
    const char *run_dir; /* CHUISHAO_RUN_DIR, "": where to write <instance>.http, the
                            address the HTTP server got */
    const struct bus_setting *kafka; /* from KAFKA_* */
    size_t n_kafka;
};

/* Fills common and *own (rows/n_rows; may be NULL, 0). Prints to stderr and returns false
 * when the process should end with *exit_code: --help and --version 0, a wrong flag 64
 * (EX_USAGE), a bad value 78 (EX_CONFIG). Opens the log. */
MUST_USE bool config_load(const char *service, const char *purpose, int argc, char **argv,
        struct config_common *common, const struct config_row *rows, size_t n_rows,
        void *own, int *exit_code);

/* The values in force, one NAME=value a line, secrets masked. Read-only after
 * config_load. */
struct str config_text(void);

/* The bus settings of this service. group may be NULL. */
struct bus_config config_bus(
        const struct config_common *common, const char *service, const char *group);

#endif
