#include "cli.h"

#include "ids.h"
#include "instant.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { OPTIONS_MAX = 48, READ_BATCH = 5000, READ_SILENCE_MS = 15000 };

enum { OPT_BROKERS = 1000, OPT_REDIS, OPT_POLICY, OPT_LANE, OPT_OUTPUT };

static const struct option common_options[] = {
        {"brokers", required_argument, NULL, OPT_BROKERS},
        {"redis-url", required_argument, NULL, OPT_REDIS},
        {"policy", required_argument, NULL, OPT_POLICY},
        {"lane", required_argument, NULL, OPT_LANE},
        {"output", required_argument, NULL, OPT_OUTPUT},
        {"help", no_argument, NULL, 'h'},
};
enum { N_COMMON_OPTIONS = sizeof common_options / sizeof *common_options };

static void print_help(const struct cli *cli)
{
    (void)printf(
            "%s"
            "\n"
            "Common options:\n"
            "  --brokers HOST:PORT,..  Kafka (KAFKA_BOOTSTRAP_SERVERS, 127.0.0.1:9092)\n"
            "  --redis-url URL         Redis (REDIS_URL, redis://127.0.0.1:6379)\n"
            "  --policy DIR            policy files (CHUISHAO_POLICY, policy)\n"
            "  --lane NAME             lane of the topics (CHUISHAO_LANE, the normal "
            "one)\n"
            "  --output table|json     how things are listed\n"
            "  -h, --help              this text\n"
            "KAFKA_* variables go to the Kafka client: KAFKA_SASL_MECHANISM is "
            "sasl.mechanism.\n"
            "\n"
            "Exit codes: 0 done, 1 a check failed or nothing was found, 64 wrong usage, "
            "65 wrong data,\n"
            "69 Kafka or Redis not reachable, 70 a bug, 78 wrong configuration.\n",
            cli->command->help);
}

static int end(struct cli *cli, int exit_code)
{
    cli->exit_code = exit_code;
    return CLI_END;
}

static int take_common(struct cli *cli, int option)
{
    switch (option) {
    case OPT_BROKERS:
        cli->brokers = optarg;
        return 0;
    case OPT_REDIS:
        cli->redis_url = optarg;
        return 0;
    case OPT_POLICY:
        cli->policy_dir = optarg;
        return 0;
    case OPT_LANE:
        cli->lane = optarg;
        return 0;
    case OPT_OUTPUT:
        cli->json = strcmp(optarg, "json") == 0;
        if (!cli->json && strcmp(optarg, "table") != 0)
            return end(cli, cli_usage(cli, "--output is table or json, not %s", optarg));
        return 0;
    case 'h':
        print_help(cli);
        return end(cli, EX_OK);
    default:
        return option;
    }
}

int cli_next(struct cli *cli, int argc, char **argv, const struct option *options)
{
    struct option all[OPTIONS_MAX] = {0};
    size_t n = 0;
    for (; options[n].name && n + N_COMMON_OPTIONS + 1 < OPTIONS_MAX; n++)
        all[n] = options[n];
    memcpy(all + n, common_options, sizeof common_options);
    opterr = 0; /* one line in our own words */
    for (;;) {
        int option = getopt_long(argc, argv, ":h", all, NULL);
        if (option == -1)
            return CLI_DONE;
        if (option == ':')
            return end(cli, cli_usage(cli, "%s needs a value", argv[optind - 1]));
        if (option == '?')
            return end(cli, cli_usage(cli, "unknown option %s", argv[optind - 1]));
        option = take_common(cli, option);
        if (option != 0)
            return option;
    }
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
    va_list args;
    (void)fprintf(stderr, "chuishao %s: ", cli->command->name);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fprintf(stderr, "; see: chuishao %s --help\n", cli->command->name);
    return EX_USAGE;
}

int cli_fail(const struct cli *cli, const struct error *err)
{
    (void)fprintf(stderr, "chuishao %s: %s\n", cli->command->name, err->text);
    switch (err->kind) {
    case ERR_INVALID:
        return strcmp(err->code, "unknown_topic") == 0 ? EX_UNAVAILABLE : EX_DATAERR;
    case ERR_RETRY:
        return EX_UNAVAILABLE;
    case ERR_FATAL:
        if (strcmp(err->code, "out_of_memory") == 0 ||
                strcmp(err->code, "no_memory") == 0)
            return EX_SOFTWARE;
        return strcmp(err->code, "bad_policy") == 0 ? EX_DATAERR : EX_CONFIG;
    case ERR_NONE:
    default:
        return EX_SOFTWARE;
    }
}

/* The command line runs beside any service, in its environment; settings that are only a
 * service's are none of ours. */
static void forget_service_settings(void)
{
    static const char *const ours[] = {
            "CHUISHAO_POLICY", "CHUISHAO_LANE", "CHUISHAO_REDIS_FORCE"};
    for (char **variable = environ; *variable;) {
        char name[128];
        bool keep = strncmp(*variable, "CHUISHAO_", 9) != 0;
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            keep = keep || strncmp(*variable, ours[i], strlen(ours[i])) == 0;
        if (keep || !str_copy(name, sizeof name,
                            (struct str){*variable, strcspn(*variable, "=")}))
            variable++;
        else
            (void)unsetenv(
                    name); /* the rest moves down: the same place is looked at again */
    }
}

bool cli_settings(struct cli *cli)
{
    forget_service_settings();
    (void)setenv("LOG_LEVEL", "error", 0); /* what matters comes as one line at the end */
    const struct {
        const char *flag, *value;
    } given[] = {
            {"--kafka-bootstrap-servers", cli->brokers},
            {"--redis-url", cli->redis_url},
            {"--policy", cli->policy_dir},
            {"--lane", cli->lane},
    };
    char *argv[2 + 2 * sizeof given / sizeof *given] = {(char *)(uintptr_t) "chuishao"};
    int argc = 1;
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (given[i].value) {
            argv[argc++] = (char *)(uintptr_t)given[i].flag; /* only read */
            argv[argc++] = (char *)(uintptr_t)given[i].value;
        }
    return config_load("cli", "the command line", argc, argv, &cli->config, NULL, 0, NULL,
            &cli->exit_code);
}

struct bus_config cli_bus(const struct cli *cli)
{
    return config_bus(&cli->config, "cli", NULL);
}

bool cli_policy(const struct cli *cli, struct policy **out, struct error *err)
{
    struct policy_report report = {0};
    return policy_load(out, cli->config.policy_dir, instant_now(), &report, err);
}

const char *cli_lane_of(struct str case_id)
{
    return case_id.len && case_id.ptr[0] == LANE_EXPRESS ? "express" : "";
}

bool cli_number(const char *text, long min, long max, long *out)
{
    char *rest;
    errno = 0;
    long value = strtol(text, &rest, 10);
    if (errno || rest == text || *rest || value < min || value > max)
        return false;
    *out = value;
    return true;
}

bool cli_degrees(const char *text, double *out)
{
    char *rest;
    double value = strtod(text, &rest);
    if (rest == text || *rest || !(value >= -180 && value <= 180))
        return false;
    *out = value;
    return true;
}

bool cli_reader(const struct cli *cli, struct bus_consumer **reader, const char *topic,
        int32_t *n_partitions, struct error *err)
{
    struct bus_config config = cli_bus(cli);
    if (!bus_reader(reader, &config, err))
        return false;
    if (bus_partitions(*reader, topic, n_partitions, err)) {
        if (*n_partitions > 0)
            return true;
        (void)error_set(err, ERR_INVALID, "unknown_topic",
                "topic %s does not exist at %s; create it with: chuishao topics apply",
                topic, config.brokers);
    } else {
        error_prefix(err, "Kafka at %s", config.brokers);
    }
    bus_consumer_close(*reader);
    *reader = NULL;
    return false;
}

bool cli_read(struct bus_consumer *reader, const char *topic, int32_t partition,
        int64_t *next, cli_message *take, void *ctx, struct error *err)
{
    const struct bus_partition_at at = {topic, partition, *next};
    struct bus_batch *batch = bus_batch_new();
    if (!batch)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory to read %s", topic);
    bool ok = bus_assign(reader, &at, 1, err);
    int64_t end = -1, heard = monotonic_ms();
    while (ok && end < 0) {
        ok = bus_poll(reader, batch, READ_BATCH, 200, false, err);
        if (!ok)
            break;
        for (size_t i = 0; i < bus_batch_count(batch); i++)
            take(ctx, bus_batch_at(batch, i));
        if (bus_batch_count(batch))
            heard = monotonic_ms();
        end = bus_batch_end(batch, partition);
        bus_batch_clear(batch);
        if (end < 0 && monotonic_ms() - heard > READ_SILENCE_MS)
            ok = error_set(err, ERR_RETRY, "broker_silent",
                    "nothing came from %s [%d] for %d s; is its leader up?", topic,
                    (int)partition, READ_SILENCE_MS / 1000);
    }
    if (ok)
        *next = end;
    bus_batch_free(batch);
    return ok;
}

bool cli_read_key(const struct cli *cli, const char *topic, struct str key,
        cli_message *take, void *ctx, struct error *err)
{
    struct bus_consumer *reader = NULL;
    int32_t n;
    int64_t next = BUS_BEGINNING;
    bool ok = cli_reader(cli, &reader, topic, &n, err) &&
              cli_read(reader, topic, bus_partition(key, n), &next, take, ctx, err);
    bus_consumer_close(reader);
    return ok;
}

struct last_value {
    struct str key;
    char *text;
    size_t size;
};

static void take_value(void *ctx, const struct bus_msg *msg)
{
    struct last_value *last = ctx;
    if (!str_eq(msg->key, last->key))
        return;
    free(last->text);
    last->text = NULL;
    last->size = msg->value.len;
    if (msg->value.len && (last->text = malloc(msg->value.len)) != NULL)
        memcpy(last->text, msg->value.ptr, msg->value.len);
}

bool cli_last(const struct cli *cli, const char *topic, struct str key, char **text,
        size_t *size, struct error *err)
{
    struct last_value last = {.key = key};
    bool ok = cli_read_key(cli, topic, key, take_value, &last, err);
    *text = last.text;
    *size = last.size;
    return ok;
}
