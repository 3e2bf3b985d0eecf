#include "arena.h"
#include "cli.h"
#include "envelope.h"
#include "instant.h"
#include "json_out.h"
#include "topics.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { FLUSH_MS = 15000 };

static const struct option options[] = {{0}};

/* The id names the policy: the same command again changes nothing. */
static bool send(struct bus_producer *producer, const struct policy *policy,
        const struct schedule *schedule, struct arena *arena, struct error *err)
{
    instant now = instant_now();
    struct str key = arena_printf(arena, "schedule:%s", schedule->id);
    struct str id = arena_printf(arena, "%s.apply.%s", key.ptr, policy->version);
    char topic[TOPIC_NAME_SIZE];
    topic_name(topic, TOPIC_COMMAND, ""); /* schedules live in the normal lane */
    struct json_out json;
    json_begin(&json, arena, 256);
    json_open_object(&json, NULL);
    json_text(&json, "command", "schedule");
    json_str(&json, "case", key);
    json_str(&json, "id", id);
    json_instant(&json, "at", now);
    json_close_object(&json);
    struct envelope *envelope = arena_alloc(arena, sizeof *envelope);
    *envelope = (struct envelope){.service = "cli",
            .type = "ledger.command",
            .id = id,
            .subject = key,
            .time = now};
    struct bus_header headers[ENVELOPE_HEADERS];
    const struct bus_record record = {
            .topic = arena_copy(arena, str_of(topic)).ptr,
            .partition = -1,
            .key = key,
            .value = json_end(&json),
            .headers = headers,
            .n_headers = envelope_headers(envelope, headers),
    };
    return bus_produce(producer, &record, err);
}

static int run(struct cli *cli, int argc, char **argv)
{
    if (cli_next(cli, argc, argv, options) == CLI_END)
        return cli->exit_code;
    if (optind + 1 != argc || strcmp(argv[optind], "apply") != 0)
        return cli_usage(cli, "the one thing to do is: chuishao schedules apply");
    if (!cli_settings(cli))
        return cli->exit_code;
    struct error err = {0};
    struct policy *policy = NULL;
    struct bus_producer *producer = NULL;
    struct arena arena = {0};
    struct bus_config config = cli_bus(cli);
    bool ok = cli_policy(cli, &policy, &err) &&
              bus_producer_idempotent(&producer, &config, &err);
    for (size_t i = 0; ok && i < policy->n_schedules; i++)
        ok = send(producer, policy, &policy->schedules[i], &arena, &err);
    ok = ok && bus_flush(producer, FLUSH_MS, &err);
    size_t n = policy ? policy->n_schedules : 0;
    bus_producer_close(producer);
    arena_done(&arena);
    policy_free(policy);
    if (!ok)
        return cli_fail(cli, &err);
    if (cli->json)
        (void)printf("{\"schedules\":%zu}\n", n);
    else
        (void)printf("%zu schedules sent\n", n);
    return EX_OK;
}

const struct cli_command command_schedules = {
        .name = "schedules",
        .summary = "start the recurring orders of the policy",
        .help = "Usage: chuishao schedules apply\n"
                "\n"
                "Tells casework each schedule of the policy (schedules.csv). One that it "
                "does not know yet begins,\n"
                "one with a new rule gets its new time, and nothing happens to the "
                "others, so this may run as\n"
                "often as one likes: after topics apply, and after casework was "
                "restarted "
                "with a new policy. A\n"
                "schedule that the policy has no more ends by itself.\n"
                "\n"
                "Example:\n"
                "  chuishao schedules apply --policy policy\n",
        .run = run,
};
