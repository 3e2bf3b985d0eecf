#include "cli.h"
#include "ids.h"
#include "object.h"
#include "story.h"
#include "topics.h"

#include <stdio.h>
#include <sysexits.h>

static const struct option options[] = {{0}};

struct story {
    struct str case_id;
    bool json;
    size_t n;
};

static void take(void *ctx, const struct bus_msg *msg)
{
    struct story *story = ctx;
    if (!str_eq(msg->key, story->case_id))
        return;
    story->n++;
    if (story->json) {
        (void)printf("%.*s\n", STR_ARG(msg->value));
        return;
    }
    struct error bad = {0};
    json_t *event = object_read(msg->value, &bad);
    if (event)
        story_print(stdout, event);
    else
        (void)fprintf(stderr, "chuishao case: event at offset %lld: %s\n",
                (long long)msg->offset, bad.text);
    if (event)
        json_decref(event);
}

static int run(struct cli *cli, int argc, char **argv)
{
    if (cli_next(cli, argc, argv, options) == CLI_END)
        return cli->exit_code;
    if (optind + 1 != argc)
        return cli_usage(cli, "one case id is wanted");
    struct story story = {.case_id = str_of(argv[optind]), .json = cli->json};
    if (!case_id_valid(story.case_id) && !whistle_id_valid(story.case_id))
        return cli_usage(
                cli, "%s is not a case id like n20261121-0123456789abcdef", argv[optind]);
    if (!cli_settings(cli))
        return cli->exit_code;
    char topic[TOPIC_NAME_SIZE];
    topic_name(topic, TOPIC_EVENT, cli_lane_of(story.case_id));
    struct error err = {0};
    if (!cli_read_key(cli, topic, story.case_id, take, &story, &err))
        return cli_fail(cli, &err);
    if (story.n)
        return EX_OK;
    (void)fprintf(stderr, "chuishao case: %s has no event in %s\n", argv[optind], topic);
    return EXIT_CHECK_FAILED;
}

const struct cli_command command_case = {
        .name = "case",
        .summary = "a case's or a whistle's whole story, with every why",
        .help = "Usage: chuishao case ID [--output json]\n"
                "\n"
                "Prints every event of the case, or of the whistle: when, what, who, the "
                "change of stage; below\n"
                "it what else changed, and why (rule, policy version, evidence, "
                "runner-up, reason). --output json\n"
                "prints the events as they are, one a line. Exit 1: there is no such "
                "case.\n"
                "\n"
                "Example:\n"
                "  chuishao case n20261121-0123456789abcdef\n",
        .run = run,
};
