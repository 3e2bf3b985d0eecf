#include "arena.h"
#include "cli.h"
#include "instant.h"
#include "ledger.h"
#include "store.h"
#include "topics.h"

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

enum { OPT_PARTITIONS = 1, PARTITIONS_MAX = 1000, SKEW_MAX_MS = 1000, ANNOUNCED = 11 };

static const struct option options[] = {
        {"partitions", required_argument, NULL, OPT_PARTITIONS}, {0}};

/* WARN: an operator should act soon, nothing works wrongly yet. */
enum verdict { WELL, WARN, WRONG };

struct doctor {
    const struct cli *cli;
    int32_t partitions;
    struct policy *policy; /* NULL: it does not load */
    size_t wrong;
    json_t *results; /* of --output json */
};

/* One line: what was looked at, whether it is well, and what was seen or what to do. */
static void say(struct doctor *doctor, enum verdict verdict, const char *what,
        const char *format, ...) __attribute__((format(printf, 4, 5)));

static void say(struct doctor *doctor, enum verdict verdict, const char *what,
        const char *format, ...)
{
    static const char *const words[] = {
            [WELL] = "ok", [WARN] = "warn", [WRONG] = "WRONG"};
    char text[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* a cut sentence is still one */
    va_end(args);
    doctor->wrong += verdict == WRONG;
    if (doctor->cli->json)
        (void)json_array_append_new(doctor->results,
                json_pack("{s:s, s:b, s:b, s:s}", "check", what, "ok", verdict != WRONG,
                        "warning", verdict == WARN, "text", text));
    else
        (void)printf("%-5s %-14s %s\n", words[verdict], what, text);
    (void)fflush(stdout);
}

static void check_policy(struct doctor *doctor)
{
    struct error err = {0};
    if (cli_policy(doctor->cli, &doctor->policy, &err))
        say(doctor, WELL, "policy", "%s", doctor->policy->version);
    else
        say(doctor, WRONG, "policy", "%s", err.text);
}

static void check_calendar(struct doctor *doctor, instant now)
{
    if (!doctor->policy)
        return;
    int32_t year = instant_day(now) / 10000, month = instant_day(now) / 100 % 100;
    for (int32_t y = year; y <= year + 1; y++) {
        /* The State Council announces the next year's holidays in November. */
        bool late = y == year || month > ANNOUNCED;
        if (calendar_knows(&doctor->policy->calendar, y))
            say(doctor, WELL, "calendar", "%d is there", (int)y);
        else if (ledger_year_needed(y, now))
            say(doctor, late ? WRONG : WARN, "calendar",
                    "calendar/%d.json is missing or empty: working days of that year are "
                    "only Monday to Friday; get it from holiday-cn",
                    (int)y);
        else
            say(doctor, WELL, "calendar",
                    "calendar/%d.json is missing or empty; it is announced in November",
                    (int)y);
    }
}

static bool check_kafka(struct doctor *doctor)
{
    struct bus_config config = cli_bus(doctor->cli);
    struct bus_consumer *reader = NULL;
    struct error err = {0};
    char topic[TOPIC_NAME_SIZE];
    int32_t n = 0;
    topic_name(topic, TOPIC_COMMAND, doctor->cli->config.lane);
    bool ok = bus_reader(&reader, &config, &err) &&
              bus_partitions(reader, topic, &n, &err);
    bus_consumer_close(reader);
    if (ok)
        say(doctor, WELL, "kafka", "%s answers", config.brokers);
    else
        say(doctor, WRONG, "kafka", "%s: %s; is it up, is KAFKA_BOOTSTRAP_SERVERS right?",
                config.brokers, err.text);
    if (ok && n > 0 && doctor->partitions == 0)
        doctor->partitions = n; /* all internal topics must have as many as case.command
                                   has */
    return ok;
}

static void check_topics(struct doctor *doctor)
{
    struct bus_config config = cli_bus(doctor->cli);
    struct error err = {0};
    struct bus_topics_found found = {0};
    if (!doctor->policy) {
        say(doctor, WRONG, "topics", "not looked at: they follow from the policy");
        return;
    }
    if (!topics_apply(&config, doctor->policy, doctor->cli->config.lane,
                doctor->partitions ? doctor->partitions : 4, 1, true, &found, &err))
        say(doctor, WRONG, "topics", "%s", err.text);
    else if (found.missing)
        say(doctor, WRONG, "topics",
                "%zu are missing; create them with: chuishao topics apply",
                found.missing);
    else
        say(doctor, WELL, "topics", "all exist, %d partitions each",
                (int)doctor->partitions);
}

static void check_redis(struct doctor *doctor)
{
    struct store *store = NULL;
    struct error err = {0};
    /* store_open refuses a server that may evict keys or keeps no append-only file. */
    if (!store_open(&store, doctor->cli->config.redis_url, false, &err)) {
        say(doctor, WRONG, "redis", "%s", err.text);
        return;
    }
    say(doctor, WELL, "redis", "answers, noeviction, append-only file on");
    struct arena arena = {0};
    struct store_due due;
    struct store_claim look = {.prefix = "doctor", .max = 1, .window = 1};
    instant before = instant_now();
    if (!store_due_claim(store, &look, &due, &arena, &err)) {
        say(doctor, WRONG, "clock", "%s", err.text);
    } else {
        instant after = instant_now();
        int64_t middle = before.ms + (after.ms - before.ms) / 2,
                skew = look.now.ms - middle;
        bool ok = skew > -SKEW_MAX_MS && skew < SKEW_MAX_MS;
        say(doctor, ok ? WELL : WRONG, "clock", "Redis is %+lld ms from here%s",
                (long long)skew,
                ok ? ""
                   : "; deadlines are counted by both: synchronise the clocks (chrony)");
    }
    arena_done(&arena);
    store_close(store);
}

static int run(struct cli *cli, int argc, char **argv)
{
    long partitions = 0;
    int option;
    while ((option = cli_next(cli, argc, argv, options)) >= 0)
        if (option == OPT_PARTITIONS &&
                !cli_number(optarg, 1, PARTITIONS_MAX, &partitions))
            return cli_usage(cli, "--partitions is a number from 1 to %d, not %s",
                    PARTITIONS_MAX, optarg);
    if (option == CLI_END)
        return cli->exit_code;
    if (optind < argc)
        return cli_usage(cli, "unexpected argument %s", argv[optind]);
    if (!cli_settings(cli))
        return cli->exit_code;
    struct doctor doctor = {
            .cli = cli, .partitions = (int32_t)partitions, .results = json_array()};
    check_policy(&doctor);
    check_calendar(&doctor, instant_now());
    if (check_kafka(&doctor))
        check_topics(&doctor);
    check_redis(&doctor);
    if (cli->json) {
        (void)json_dumpf(doctor.results, stdout,
                JSON_COMPACT); /* a broken pipe ends the process anyway */
        (void)fputc('\n', stdout);
    }
    json_decref(doctor.results);
    policy_free(doctor.policy);
    return doctor.wrong ? EXIT_CHECK_FAILED : EX_OK;
}

const struct cli_command command_doctor = {
        .name = "doctor",
        .summary = "is everything there that the services need?",
        .help = "Usage: chuishao doctor [--partitions N] [--output json]\n"
                "\n"
                "Looks at the policy, the calendar of this and the next year, Kafka and "
                "its topics, Redis and its\n"
                "clock, and prints one line each: ok, warn or WRONG, and what to do. "
                "Changes "
                "nothing. Exit 1: something\n"
                "is wrong.\n"
                "\n"
                "Options:\n"
                "  --partitions N   what each internal topic should have (as "
                "case.command has)\n"
                "\n"
                "Example:\n"
                "  chuishao doctor --redis-url redis://127.0.0.1:6379\n",
        .run = run,
};
