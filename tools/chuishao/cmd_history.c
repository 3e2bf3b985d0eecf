#include "cli.h"
#include "history.h"
#include "object.h"
#include "topics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { OPT_OUT = 1 };

static const struct option options[] = {{"out", required_argument, NULL, OPT_OUT}, {0}};

static void take(void *ctx, const struct bus_msg *msg)
{
    struct error bad = {0};
    json_t *event = object_read(msg->value, &bad);
    if (event)
        history_take(ctx, event);
    json_decref(event);
}

bool cli_history(const struct cli *cli, struct history *history, struct error *err)
{
    char topic[TOPIC_NAME_SIZE];
    struct bus_consumer *reader = NULL;
    int32_t n = 0;
    topic_name(topic, TOPIC_EVENT, cli->config.lane);
    bool ok = history ? cli_reader(cli, &reader, topic, &n, err)
                      : error_set(err, ERR_FATAL, "out_of_memory", "no memory");
    for (int32_t p = 0; ok && p < n; p++) {
        int64_t next = BUS_BEGINNING;
        ok = cli_read(reader, topic, p, &next, take, history, err);
    }
    bus_consumer_close(reader);
    return ok;
}

struct pair {
    const char *key;
    json_int_t n;
};

static int worst_first(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : strcmp(x->key, y->key);
}

static void print_pair(const struct cli *cli, const struct pair *pair)
{
    const char *tab = strchr(pair->key, '\t');
    int from = (int)(tab - pair->key);
    if (cli->json)
        (void)printf("{\"from\":\"%.*s\",\"to\":\"%s\",\"n\":%lld}\n", from, pair->key,
                tab + 1, (long long)pair->n);
    else
        (void)printf("%8lld  %.*s → %s\n", (long long)pair->n, from, pair->key, tab + 1);
}

/* Which units were taken for which others, the worst first. */
static void print_pairs(const struct cli *cli, json_t *pairs)
{
    struct pair *list = calloc(json_object_size(pairs) + 1, sizeof *list);
    size_t n = 0;
    const char *key;
    json_t *value;
    json_object_foreach(pairs, key, value)
    {
        if (list)
            list[n++] = (struct pair){key, json_integer_value(value)};
    }
    if (list)
        qsort(list, n, sizeof *list, worst_first);
    for (size_t i = 0; i < n; i++)
        print_pair(cli, &list[i]);
    if (!cli->json && n == 0)
        (void)printf("没有被改派的工单\n");
    free(list);
}

static bool write_examples(
        const struct history *history, const char *path, size_t *n, struct error *err)
{
    FILE *out = fopen(path, "w");
    bool done = out != NULL;
    if (done)
        *n = history_examples(history, out);
    done = done && fflush(out) == 0 && !ferror(out);
    if (out && fclose(out) != 0)
        done = false;
    return done || error_set(err, ERR_INVALID, "unwritable", "%s cannot be written: %s",
                           path, strerror(errno));
}

static int run(struct cli *cli, int argc, char **argv)
{
    const char *out = NULL;
    int option;
    while ((option = cli_next(cli, argc, argv, options)) >= 0)
        out = optarg;
    if (option == CLI_END)
        return cli->exit_code;
    if (optind < argc)
        return cli_usage(cli, "unexpected argument %s", argv[optind]);
    if (!cli_settings(cli))
        return cli->exit_code;
    struct error err = {0};
    struct history *history = history_begin();
    size_t n = 0;
    bool ok = cli_history(cli, history, &err) &&
              (!out || write_examples(history, out, &n, &err));
    if (ok)
        print_pairs(cli, history_pairs(history));
    if (ok && out)
        (void)fprintf(stderr, "chuishao history: %zu examples in %s\n", n, out);
    history_end(history);
    return ok ? EX_OK : cli_fail(cli, &err);
}

const struct cli_command command_history = {
        .name = "history",
        .summary = "who was taken for whom, and examples to learn from",
        .help = "Usage: chuishao history [--out FILE] [--output json]\n"
                "\n"
                "Reads all events: which unit a case went to and to which another one "
                "after an accepted return, a ruling or a "
                "meeting,\n"
                "the worst pairs first. --out also writes every closed case as a line "
                "{id, text, category, unit, from}: the masked "
                "text with\n"
                "who had it in the end. chuishao train --from-history learns from "
                "these.\n"
                "\n"
                "Example:\n"
                "  chuishao history --out history.jsonl\n",
        .run = run,
};
