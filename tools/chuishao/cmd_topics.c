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
    size_t created = 0;
    bool ok = cli_policy(cli, &policy, &err) &&
              topics_apply(&config, policy, cli->config.lane, (int32_t)partitions,
                      (int32_t)replication, dry_run, &created, &err);
    policy_free(policy);
    if (!ok)
        return cli_fail(cli, &err);
    if (cli->json)
        (void)printf("{\"created\":%zu,\"dry_run\":%s}\n", created,
                dry_run ? "true" : "false");
    else if (created)
        (void)printf("%zu topics %s\n", created,
                dry_run ? "are missing and would be created"
                        : "created; the others were there");
    else
        (void)printf("all topics exist\n");
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
                "  --dry-run         only say how many are missing\n"
                "\n"
                "Example:\n"
                "  chuishao topics apply --policy policy --partitions 12 --replication "
                "3\n",
        .run = run,
};
