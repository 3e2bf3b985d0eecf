#include "cli.h"
#include "topics.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
    OPT_PARTITIONS = 1,
    OPT_REPLICATION,
    OPT_DRY_RUN,
    PARTITIONS_MAX = 1000,
    REPLICATION_MAX = 9
};

static const struct option options[] = {
        {"partitions", required_argument, NULL, OPT_PARTITIONS},
        {"replication", required_argument, NULL, OPT_REPLICATION},
        {"dry-run", no_argument, NULL, OPT_DRY_RUN},
        {0},
};

/* The names found missing, one a line or in a JSON array. */
struct missing_names {
    bool json;
    size_t n;
};

static void put_name(void *ctx, const char *name)
{
    struct missing_names *names = ctx;
    if (names->json)
        (void)printf("%s\"%s\"", names->n ? "," : "{\"topics\":[", name);
    else
        (void)printf("%s\n", name);
    names->n++;
}

static void put_result(const struct cli *cli, const struct missing_names *names,
        const struct bus_topics_found *found, bool dry_run)
{
    if (cli->json)
        (void)printf("%s\"created\":%zu,\"existing\":%zu,\"dry_run\":%s}\n",
                !dry_run   ? "{"
                : names->n ? "],"
                           : "{\"topics\":[],",
                found->missing, found->existing, dry_run ? "true" : "false");
    else
        (void)printf("%zu topics %s, %zu exist%s\n", found->missing,
                dry_run ? "would be created" : "created", found->existing,
                dry_run ? "" : "ed already");
}

static int run(struct cli *cli, int argc, char **argv)
{
    long partitions = 4, replication = 1;
    bool dry_run = false;
    int option;
    while ((option = cli_next(cli, argc, argv, options)) >= 0) {
        if (option == OPT_DRY_RUN)
            dry_run = true;
        else if (option == OPT_PARTITIONS &&
                 !cli_number(optarg, 1, PARTITIONS_MAX, &partitions))
            return cli_usage(cli, "--partitions is a number from 1 to %d, not %s",
                    PARTITIONS_MAX, optarg);
        else if (option == OPT_REPLICATION &&
                 !cli_number(optarg, 1, REPLICATION_MAX, &replication))
            return cli_usage(cli, "--replication is a number from 1 to %d, not %s",
                    REPLICATION_MAX, optarg);
    }
    if (option == CLI_END)
        return cli->exit_code;
    if (optind + 1 != argc || strcmp(argv[optind], "apply") != 0)
        return cli_usage(cli, "the one thing to do is: chuishao topics apply");
    if (!cli_settings(cli))
        return cli->exit_code;
    struct error err = {0};
    struct policy *policy = NULL;
    struct bus_config config = cli_bus(cli);
    struct missing_names names = {.json = cli->json};
    struct bus_topics_found found = {
            .each_missing = dry_run ? put_name : NULL, .ctx = &names};
    bool ok = cli_policy(cli, &policy, &err) &&
              topics_apply(&config, policy, cli->config.lane, (int32_t)partitions,
                      (int32_t)replication, dry_run, &found, &err);
    policy_free(policy);
    if (!ok)
        return cli_fail(cli, &err);
    put_result(cli, &names, &found, dry_run);
    return EX_OK;
}

const struct cli_command command_topics = {
        .name = "topics",
        .summary = "create the topics that are missing",
        .help = "Usage: chuishao topics apply [--partitions N] [--replication N] "
                "[--dry-run]\n"
                "\n"
                "Creates every topic of the lane that is missing: those of the services "
                "and, for each unit of the\n"
                "policy with a queue of its own, its orders and actions. What exists is "
                "left alone; a topic with\n"
                "another number of partitions is an error (exit 78), because the number "
                "decides which instance\n"
                "owns a case.\n"
                "\n"
                "Options:\n"
                "  --partitions N    of each internal topic (4)\n"
                "  --replication N   copies of each partition (1); with three brokers: "
                "3\n"
                "  --dry-run         only print the names of those that are missing\n"
                "\n"
                "Example:\n"
                "  chuishao topics apply --policy policy --partitions 12 --replication "
                "3\n",
        .run = run,
};
