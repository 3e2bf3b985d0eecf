/* What all commands share: options, settings, reading a topic, how a failure ends the
 * program. */
#ifndef CHUISHAO_CLI_H
#define CHUISHAO_CLI_H

#include "bus.h"
#include "config.h"
#include "error.h"
#include "policy.h"

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>

struct cli {
    const struct cli_command *command;
    const char *brokers, *redis_url, *policy_dir,
            *lane;               /* from flags; NULL: the environment's */
    bool json;                   /* --output json */
    int exit_code;               /* when cli_next says CLI_END */
    struct config_common config; /* after cli_settings */
};

struct cli_command {
    const char *name, *summary;
    const char *
            help; /* usage, options, examples; the common options and exit codes follow */
    int (*run)(struct cli *cli, int argc, char **argv);
};

extern const struct cli_command command_explain, command_policy, command_history,
        command_simulate, command_reproject, command_publish, command_act, command_case,
        command_queue, command_topics, command_doctor, command_lint, command_calendar,
        command_account, command_schedules, command_digest, command_train,
        command_classify;

/* Exit codes beyond sysexits.h. */
enum { EXIT_CHECK_FAILED = 1 };

enum { CLI_DONE = -1, CLI_END = -2 };

/* The next option of options (ended by {0}) as getopt_long gives it, the common ones
 * taken care of. CLI_DONE: none is left, optind is at the operands. CLI_END: the program
 * ends with cli->exit_code (help was asked for, or a wrong option). */
int cli_next(struct cli *cli, int argc, char **argv, const struct option *options);

/* A user's mistake in one line on stderr; returns EX_USAGE. */
int cli_usage(const struct cli *cli, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* An error in one line on stderr; returns the exit code it stands for. */
int cli_fail(const struct cli *cli, const struct error *err);

/* Reads the settings into cli->config; false: end with cli->exit_code. */
MUST_USE bool cli_settings(struct cli *cli);

struct bus_config cli_bus(const struct cli *cli);

/* Loads the policy of the settings; its problems are only counted. */
MUST_USE bool cli_policy(const struct cli *cli, struct policy **out, struct error *err);

/* The lane a case lives in, by the letter its id begins with. */
const char *cli_lane_of(struct str case_id);

/* A whole number from min to max; false when text is not one. */
bool cli_number(const char *text, long min, long max, long *out);
bool cli_degrees(const char *text, double *out); /* of longitude or latitude */

struct history;

/* All events, partition by partition. history NULL: out of memory is told. */
MUST_USE bool cli_history(
        const struct cli *cli, struct history *history, struct error *err);

typedef void cli_message(void *ctx, const struct bus_msg *msg);

/* Reads one partition from *next (BUS_BEGINNING: its start) to its end, and moves *next
 * there. */
MUST_USE bool cli_read(struct bus_consumer *reader, const char *topic, int32_t partition,
        int64_t *next, cli_message *take, void *ctx, struct error *err);

/* Opens a reader and asks how many partitions the topic has; ERR_INVALID unknown_topic
 * when it has none. */
MUST_USE bool cli_reader(const struct cli *cli, struct bus_consumer **reader,
        const char *topic, int32_t *n_partitions, struct error *err);

/* Reads the partition in which the key's records are, other keys' among them. */
MUST_USE bool cli_read_key(const struct cli *cli, const char *topic, struct str key,
        cli_message *take, void *ctx, struct error *err);

/* The last value under the key; *text is owned, NULL: there is none, or it was deleted.
 */
MUST_USE bool cli_last(const struct cli *cli, const char *topic, struct str key,
        char **text, size_t *size, struct error *err);

#endif
