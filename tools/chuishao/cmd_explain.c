#include "cli.h"
#include "ids.h"
#include "object.h"
#include "story.h"
#include "topics.h"
#include "trial.h"
#include "words.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
    OPT_ESTATE = 1,
    OPT_ADDRESS,
    OPT_GRID,
    OPT_LON,
    OPT_LAT,
    OPT_REPORTED_AT,
    OPT_TITLE,
    OPT_LANG
};

static const struct option options[] = {
        {"estate", required_argument, NULL, OPT_ESTATE},
        {"address", required_argument, NULL, OPT_ADDRESS},
        {"grid", required_argument, NULL, OPT_GRID},
        {"lon", required_argument, NULL, OPT_LON},
        {"lat", required_argument, NULL, OPT_LAT},
        {"reported-at", required_argument, NULL, OPT_REPORTED_AT},
        {"title", required_argument, NULL, OPT_TITLE},
        {"lang", required_argument, NULL, OPT_LANG},
        {0},
};

/* What was decided, from an `open` command: recorded, or just made from a text. */
static void explain(const struct cli *cli, struct str command)
{
    struct error bad = {0};
    json_t *open = object_read(command, &bad);
    if (cli->json || !open) {
        (void)printf("%.*s\n", STR_ARG(command));
    } else {
        json_t *route = json_object_get(open, "route"),
               *class = json_object_get(open, "class");
        json_t *place = json_object_get(open, "place");
        (void)printf("%s\n", json_string_value(json_object_get(open, "case")));
        story_section(stdout, word_field("class"), class);
        story_section(stdout, word_field("place"), place);
        story_section(stdout, word_field("route"), route);
    }
    json_decref(open);
}

/* ---- a text ---- */

static json_t *complaint_of(const char *text, json_t *given)
{
    char now[INSTANT_TEXT_SIZE];
    instant_format(instant_now(), now);
    json_t *place = json_object();
    static const char *const parts[] = {"estate", "address", "grid", "lon", "lat"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        (void)json_object_set(
                place, parts[i], json_object_get(given, parts[i])); /* absent: left out */
    json_t *complaint = json_pack("{s:s,s:s,s:s,s:s}", "id", "explain", "channel", "web",
            "reported_at", now, "text", text);
    (void)json_object_set(
            complaint, "reported_at", json_object_get(given, "reported_at"));
    (void)json_object_set(complaint, "title", json_object_get(given, "title"));
    if (json_object_size(place))
        (void)json_object_set(complaint, "place", place);
    json_decref(place);
    return complaint;
}

static bool explain_text(
        const struct cli *cli, const char *text, json_t *given, struct error *err)
{
    struct policy *policy = NULL;
    struct trial *trial = NULL;
    struct str command;
    json_t *complaint = complaint_of(text, given);
    char *message = json_dumps(complaint, JSON_COMPACT);
    bool done = (message || error_set(err, ERR_INVALID, "bad_utf8",
                                    "the text is not UTF-8")) &&
                cli_policy(cli, &policy, err) && trial_open(&trial, policy, err) &&
                trial_intake(trial, str_of(message), instant_now(), &command, err);
    if (done)
        explain(cli, command);
    trial_close(trial);
    policy_free(policy);
    free(message);
    json_decref(complaint);
    return done;
}

/* ---- a case ---- */

struct wanted {
    const struct cli *cli;
    struct str case_id;
    size_t n;
};

static void take(void *ctx, const struct bus_msg *msg)
{
    struct wanted *wanted = ctx;
    struct error bad = {0};
    if (wanted->n || !str_eq(msg->key, wanted->case_id))
        return;
    json_t *command = object_read(msg->value, &bad);
    const char *kind = json_string_value(json_object_get(command, "command"));
    if (kind && strcmp(kind, "open") == 0) {
        wanted->n++;
        explain(wanted->cli, msg->value);
    }
    json_decref(command);
}

static bool explain_case(const struct cli *cli, struct wanted *wanted, struct error *err)
{
    char topic[TOPIC_NAME_SIZE];
    topic_name(topic, TOPIC_COMMAND, cli_lane_of(wanted->case_id));
    return cli_read_key(cli, topic, wanted->case_id, take, wanted, err);
}

static bool take_options(struct cli *cli, int argc, char **argv, json_t *given)
{
    static const char *const names[] = {[OPT_ESTATE] = "estate",
            [OPT_ADDRESS] = "address",
            [OPT_GRID] = "grid",
            [OPT_REPORTED_AT] = "reported_at",
            [OPT_TITLE] = "title"};
    int option;
    while ((option = cli_next(cli, argc, argv, options)) >= 0) {
        if (option == OPT_LON || option == OPT_LAT) {
            double degrees;
            if (!cli_degrees(optarg, &degrees)) {
                cli->exit_code = cli_usage(
                        cli, "--lon and --lat are degrees like 118.0625, not %s", optarg);
                return false;
            }
            (void)json_object_set_new(
                    given, option == OPT_LON ? "lon" : "lat", json_real(degrees));
        } else if (option != OPT_LANG) {
            (void)json_object_set_new(given, names[option], json_string(optarg));
        } else if (strcmp(optarg, "en") == 0) {
            words_plain();
        } else if (strcmp(optarg, "zh") != 0) {
            cli->exit_code = cli_usage(cli, "--lang is zh or en, not %s", optarg);
            return false;
        }
    }
    if (option == CLI_END)
        return false;
    if (optind + 1 == argc)
        return true;
    cli->exit_code = cli_usage(cli, "one case id or one text is wanted");
    return false;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct error err = {0};
    json_t *given = json_object();
    bool ok = take_options(cli, argc, argv, given) && cli_settings(cli);
    if (!ok) {
        json_decref(given);
        return cli->exit_code;
    }
    struct wanted wanted = {.cli = cli, .case_id = str_of(argv[optind])};
    bool is_case = case_id_valid(wanted.case_id);
    ok = is_case ? explain_case(cli, &wanted, &err)
                 : explain_text(cli, argv[optind], given, &err);
    json_decref(given);
    if (!ok)
        return cli_fail(cli, &err);
    if (!is_case || wanted.n)
        return EX_OK;
    (void)fprintf(stderr, "chuishao explain: %s was not opened here\n", argv[optind]);
    return EXIT_CHECK_FAILED;
}

const struct cli_command command_explain = {
        .name = "explain",
        .summary = "why a complaint goes where it goes",
        .help = "Usage: chuishao explain TEXT [--title T] [--estate NAME] [--address "
                "TEXT] [--grid CODE] [--lon DEGREES --lat DEGREES] [--reported-at TIME] "
                "[--lang zh|en]\n"
                "       chuishao explain CASE [--lang zh|en]\n"
                "\n"
                "Of a text: what the policy would make of it: category with its evidence "
                "and runner-up, place, unit and "
                "the row of the\n"
                "catalogue, deadlines, or the reason why a human decides. Of a case: the "
                "same, as it was decided. Both come "
                "from the same\n"
                "stages. --output json prints the decision as casework gets it. Exit 1: "
                "there is no such case; 65: intake "
                "refuses the text.\n"
                "\n"
                "Examples:\n"
                "  chuishao explain '云阶上院3幢电梯坏了两天没人修'\n"
                "  chuishao explain n20261121-0123456789abcdef --lang en\n",
        .run = run,
};
