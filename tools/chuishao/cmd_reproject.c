#include "cli.h"
#include "envelope.h"
#include "ids.h"
#include "json_out.h"
#include "open_cases.h"
#include "topics.h"

#include <stdio.h>
#include <sysexits.h>

enum { FLUSH_MS = 30000, FLUSH_EVERY = 5000 };

static const struct option options[] = {{0}};

static bool send(struct bus_producer *producer, const char *topic, const char *id,
        instant now, struct arena *arena, struct error *err)
{
    struct str key = str_of(id);
    struct envelope *envelope = arena_alloc(arena, sizeof *envelope);
    *envelope = (struct envelope){.service = "cli",
            .type = "case.command",
            .id = arena_printf(arena, "%s.reproject.%lld", id, (long long)now.ms),
            .subject = key,
            .time = now};
    struct json_out json;
    json_begin(&json, arena, 160);
    json_open_object(&json, NULL);
    json_text(&json, "command", "reproject");
    json_str(&json, "case", key);
    json_str(&json, "id", envelope->id);
    json_instant(&json, "at", now);
    json_close_object(&json);
    struct bus_header headers[ENVELOPE_HEADERS];
    const struct bus_record record = {
            .topic = topic,
            .partition = -1,
            .key = key,
            .value = json_end(&json),
            .headers = headers,
            .n_headers = envelope_headers(envelope, headers),
    };
    return bus_produce(producer, &record, err);
}

static bool send_all(const struct cli *cli, const struct open_cases *cases,
        struct arena *arena, size_t *sent, struct error *err)
{
    char topic[TOPIC_NAME_SIZE];
    struct bus_producer *producer = NULL;
    struct bus_config config = cli_bus(cli);
    instant now = instant_now();
    topic_name(topic, TOPIC_COMMAND, cli->config.lane);
    bool ok = bus_producer_idempotent(&producer, &config, err);
    for (size_t i = 0; ok && i < cases->n; i++) {
        ok = send(producer, topic, cases->ids[i], now, arena, err);
        if (ok && ++*sent % FLUSH_EVERY == 0) {
            ok = bus_flush(producer, FLUSH_MS, err);
            arena_reset(arena);
        }
    }
    ok = ok && bus_flush(producer, FLUSH_MS, err);
    bus_producer_close(producer);
    return ok;
}

static bool read_all(const struct cli *cli, struct open_cases *cases, struct error *err)
{
    char topic[TOPIC_NAME_SIZE];
    struct bus_consumer *reader = NULL;
    struct open_cases_scan *scan = open_cases_begin();
    int32_t n = 0;
    topic_name(topic, TOPIC_CASE_STATE, cli->config.lane);
    bool ok = cli_reader(cli, &reader, topic, &n, err);
    for (int32_t p = 0; ok && p < n; p++) {
        int64_t next = BUS_BEGINNING;
        ok = cli_read(reader, topic, p, &next, open_cases_take, scan, err);
    }
    bus_consumer_close(reader);
    return open_cases_end(scan, ok ? cases : NULL, err) && ok;
}

static int run(struct cli *cli, int argc, char **argv)
{
    int option = cli_next(cli, argc, argv, options);
    if (option == CLI_END)
        return cli->exit_code;
    if (optind < argc)
        return cli_usage(cli, "unexpected argument %s", argv[optind]);
    if (!cli_settings(cli))
        return cli->exit_code;
    struct error err = {0};
    struct open_cases cases = {0};
    struct arena arena = {0};
    size_t sent = 0;
    bool ok = read_all(cli, &cases, &err) && send_all(cli, &cases, &arena, &sent, &err);
    open_cases_done(&cases);
    arena_done(&arena);
    if (!ok)
        return cli_fail(cli, &err);
    if (cli->json)
        (void)printf("{\"cases\":%zu}\n", sent);
    else
        (void)printf("asked %zu open cases to derive their due times again\n", sent);
    return EX_OK;
}

const struct cli_command command_reproject = {
        .name = "reproject",
        .summary = "derive open due times again after a change of policy",
        .help = "Usage: chuishao reproject [--lane LANE] [--output json]\n"
                "\n"
                "Tells casework to derive the due times of every open case again, under "
                "the "
                "policy that it runs\n"
                "with: after the yearly calendar or an SLA class has changed and "
                "casework was "
                "restarted. Each time\n"
                "that moves is an event (reprojected: old due, new due, policies) and is "
                "told "
                "to the unit. A case\n"
                "would do so by itself at its next command or wake; this makes it now. "
                "Twice "
                "changes nothing.\n"
                "\n"
                "Examples:\n"
                "  chuishao calendar preview 2027 && chuishao reproject\n",
        .run = run,
};
