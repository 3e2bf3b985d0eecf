#include "classify_policy.h"
#include "cli.h"
#include "object.h"
#include "textmodel_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

struct classify_options {
    const char *model, *in, *text;
    long top;
};

static const struct option options[] = {
        {"model", required_argument, NULL, 'm'},
        {"in", required_argument, NULL, 'i'},
        {"text", required_argument, NULL, 't'},
        {"top", required_argument, NULL, 'n'},
        {0},
};

static bool read_options(
        struct cli *cli, int argc, char **argv, struct classify_options *given)
{
    for (int option; (option = cli_next(cli, argc, argv, options)) != CLI_DONE;) {
        switch (option) {
        case 'm':
            given->model = optarg;
            break;
        case 'i':
            given->in = optarg;
            break;
        case 't':
            given->text = optarg;
            break;
        case 'n':
            if (cli_number(optarg, 1, TEXTMODEL_TOP_MAX, &given->top))
                break;
            cli->exit_code = cli_usage(cli,
                    "--top is a whole number from 1 to %d, not %s", TEXTMODEL_TOP_MAX,
                    optarg);
            return false;
        default: /* CLI_END */
            return false;
        }
    }
    bool policy = cli->policy_dir != NULL;
    const char *missing = !given->model && !policy ? "--model or --policy"
                          : !given->in             ? "--in"
                                                   : NULL;
    if (optind < argc)
        cli->exit_code = cli_usage(cli, "unexpected argument %s", argv[optind]);
    else if (missing)
        cli->exit_code = cli_usage(cli, "%s is missing", missing);
    else if (given->model && policy)
        cli->exit_code = cli_usage(
                cli, "--model and --policy are two questions; ask one at a time");
    else
        return true;
    return false;
}

/* {"id", "top": [{"label", "p"} …], "sure"}; owned. */
static json_t *answer_json(const struct textmodel *model, struct str text, long top,
        json_t *id, struct textmodel_scratch *scratch)
{
    struct textmodel_answer answer = textmodel_classify(model, text, (int)top, scratch);
    json_t *out = json_object(), *guesses = json_array();
    (void)json_object_set(out, "id", id ? id : json_null());
    for (int i = 0; i < answer.n; i++) {
        struct str label = textmodel_label(model, answer.top[i].label);
        double p = (double)(int)(answer.top[i].p * 10000 + 0.5F) / 10000;
        (void)json_array_append_new(
                guesses, json_pack("{s:s%,s:f}", "label", label.ptr, label.len, "p", p));
    }
    (void)json_object_set_new(out, "top", guesses);
    (void)json_object_set_new(out, "sure", json_boolean(answer.sure));
    return out;
}

static bool classify_lines(const struct textmodel *model, FILE *in,
        const struct classify_options *given, struct error *err)
{
    struct textmodel_scratch *scratch = malloc(sizeof *scratch);
    char *line = NULL;
    size_t room = 0, number = 0;
    bool done = scratch != NULL ||
                error_set(err, ERR_FATAL, "out_of_memory", "no memory to classify");
    for (ssize_t len; done && (len = getline(&line, &room, in)) > 0;) {
        number++;
        if (strspn(line, " \t\r\n") == (size_t)len)
            continue;
        json_t *object = object_read((struct str){line, (size_t)len}, err);
        done = object != NULL;
        if (done) {
            json_t *text = json_object_get(object, given->text);
            struct str words = {json_string_value(text), json_string_length(text)};
            json_t *out = answer_json(
                    model, words, given->top, json_object_get(object, "id"), scratch);
            done = json_dumpf(out, stdout, JSON_COMPACT | JSON_REAL_PRECISION(4)) == 0 &&
                   putchar('\n') != EOF;
            if (!done)
                (void)error_set(err, ERR_RETRY, "unwritable", "the output is closed");
            json_decref(out);
        } else {
            error_prefix(err, "%s line %zu", given->in, number);
        }
        json_decref(object);
    }
    if (done && ferror(in))
        done = error_set(err, ERR_INVALID, "unreadable", "%s cannot be read", given->in);
    free(line);
    free(scratch);
    return done;
}

static bool by_model(FILE *in, const struct classify_options *given, struct error *err)
{
    struct textmodel model = {0};
    bool done = textmodel_load(&model, given->model, err) &&
                classify_lines(&model, in, given, err);
    textmodel_unload(&model);
    return done;
}

static bool by_policy(struct cli *cli, FILE *in, const struct classify_options *given,
        struct error *err)
{
    struct policy *policy = NULL;
    bool done = cli_policy(cli, &policy, err) &&
                classify_by_policy(policy, in, given->in, given->text, err);
    policy_free(policy);
    return done;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct classify_options given = {.text = "text", .top = 5};
    struct error err = {0};
    if (!read_options(cli, argc, argv, &given))
        return cli->exit_code;
    if (!given.model && !cli_settings(cli))
        return cli->exit_code;
    FILE *in = fopen(given.in, "r");
    if (!in) {
        (void)fprintf(stderr, "chuishao classify: %s cannot be opened: %s\n", given.in,
                strerror(errno));
        return EX_NOINPUT;
    }
    bool done = given.model ? by_model(in, &given, &err)
                            : by_policy(cli, in, &given, &err);
    (void)fclose(in); /* only read from */
    return done ? EX_OK : cli_fail(cli, &err);
}

const struct cli_command command_classify = {
        .name = "classify",
        .summary = "what a model, or a policy, makes of texts",
        .help = "Usage: chuishao classify --model MODEL --in FILE [OPTIONS]\n"
                "       chuishao classify --policy DIR --in FILE [OPTIONS]\n"
                "\n"
                "Reads JSON lines. With a model it prints for each its id, the likeliest "
                "labels with "
                "their probabilities, and\n"
                "whether the model is sure (as sure as --precision of chuishao train "
                "asked "
                "for):\n"
                "{\"id\":\"c-1\",\"top\":[{\"label\":\"dept-water\",\"p\":0.91},...],"
                "\"sure\":true}\n"
                "With a policy it prints what intake and classifier would make of a "
                "complaint: category (the best\n"
                "guess) with its confidence, whether that is enough to route it (sure), "
                "alternatives, nature, urgency,\n"
                "place (as the text says it), place_code, exit (110, 119, 120, 122) and "
                "why: the rules with their words.\n"
                "\n"
                "Options:\n"
                "  --model MODEL           a file made by chuishao train\n"
                "  --in FILE               JSON lines\n"
                "  --text FIELD            where the text is (text)\n"
                "  --top N                 how many labels of a model, 1 to 10 (5)\n"
                "\n"
                "Example:\n"
                "  chuishao classify --model policy/model.bin --in new.jsonl --text text "
                "--top 5\n"
                "  chuishao classify --policy policy --in new.jsonl\n",
        .run = run,
};
