#include "cli.h"
#include "fold.h"
#include "instant.h"
#include "object.h"
#include "text.h"
#include "topics.h"
#include "words.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { OPT_FOLLOW = 1 };

static const struct option options[] = {{"follow", no_argument, NULL, OPT_FOLLOW}, {0}};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* The earliest due time among the order's clocks, "" when it has none. All are written in
 * the same zone, so text order is time order. */
static const char *next_due(const json_t *order, const char **clock)
{
    const char *due = "";
    const json_t *clocks = json_object_get(order, "clocks");
    *clock = "";
    for (size_t i = 0; i < json_array_size(clocks); i++) {
        const json_t *item = json_array_get(clocks, i);
        const char *text = text_of(item, "due");
        if (*text && (!*due || strcmp(text, due) < 0)) {
            due = text;
            *clock = text_of(item, "clock");
        }
    }
    return due;
}

static void print_head(void)
{
    static const struct {
        const char *name;
        int width;
    } columns[] = {{"工单", 30}, {"单位", 14}, {"状态", 12}, {"等级", 8}, {"类别", 16},
            {"地点", 16}, {"时钟", 9}, {"到期", 19}};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        text_put(stdout, columns[i].name, columns[i].width, 0);
        (void)fputc(' ', stdout);
    }
    (void)fputc('\n', stdout);
}

/* What was refused and why, on a line of its own. */
static void print_refusal(const json_t *refusal)
{
    if (!refusal)
        return;
    (void)fputs("    被拒:", stdout);
    text_put(stdout, text_of(refusal, "action"), 0, 0);
    (void)fputc(';', stdout);
    text_put(stdout, text_of(refusal, "text"), 0, 0);
    (void)fputs(" (", stdout);
    text_put(stdout, text_of(refusal, "rule"), 0, 0);
    (void)fputs(")\n", stdout);
}

/* What came last; of an accepted action, where the order stands now. */
static const char *state_of(const json_t *order)
{
    const char *last = text_of(order, "last"), *stage = text_of(order, "stage");
    return strcmp(last, "accepted") == 0 && *stage ? word_of("stage", stage)
                                                   : word_of("order_kind", last);
}

static void print_order(const json_t *order, const char *now)
{
    const json_t *place = json_object_get(order, "place");
    const char *clock, *due = next_due(order, &clock), *where = text_of(place, "name");
    text_put(stdout, text_of(order, "order"), 31, 0);
    text_put(stdout, text_of(order, "unit"), 15, 14);
    text_put(stdout, state_of(order), 13, 12);
    text_put(stdout, word_of("urgency", text_of(order, "urgency")), 9, 8);
    text_put(stdout, text_of(order, "category_name"), 17, 16);
    text_put(stdout, *where ? where : text_of(place, "address"), 17, 16);
    text_put(stdout, word_of("clock", clock), 10, 9);
    text_put_time(stdout, due);
    (void)fputs(*due && strcmp(due, now) < 0 ? " 超时\n" : "\n", stdout);
    print_refusal(json_object_get(order, "refused"));
}

/* The most pressing first; one without a clock comes last. */
static int by_due(const void *a, const void *b)
{
    const char *clock;
    const char *x = next_due(*(json_t *const *)a, &clock),
               *y = next_due(*(json_t *const *)b, &clock);
    if (!*x || !*y)
        return (*x == 0) - (*y == 0);
    return strcmp(x, y);
}

static void print_open(const struct cli *cli, json_t *open)
{
    char now[INSTANT_TEXT_SIZE];
    instant_format(instant_now(), now);
    size_t n = 0;
    json_t **orders = calloc(json_object_size(open) + 1, sizeof(json_t *));
    const char *number;
    json_t *order;
    if (!cli->json)
        print_head();
    json_object_foreach(open, number, order)
    {
        if (orders)
            orders[n++] = order;
    }
    if (orders)
        qsort(orders, n, sizeof *orders, by_due);
    for (size_t i = 0; i < n; i++) {
        if (cli->json) {
            (void)json_dumpf(orders[i], stdout,
                    JSON_COMPACT); /* a broken pipe ends the process anyway */
            (void)fputc('\n', stdout);
        } else {
            print_order(orders[i], now);
        }
    }
    free(orders);
    if (!cli->json)
        (void)printf("%zu 件未办结\n", n);
    (void)fflush(stdout);
}

struct queue {
    const struct cli *cli;
    const char *unit; /* only this one's orders; NULL: all of the queue */
    json_t *open;
    bool following; /* print what comes */
};

static void take(void *ctx, const struct bus_msg *msg)
{
    struct queue *queue = ctx;
    struct error bad = {0};
    json_t *message = object_read(msg->value, &bad);
    if (!message) {
        (void)fprintf(stderr, "chuishao queue: message at offset %lld: %s\n",
                (long long)msg->offset, bad.text);
        return;
    }
    if (queue->unit && strcmp(queue->unit, text_of(message, "unit")) != 0) {
        json_decref(message);
        return;
    }
    fold_order(queue->open, message);
    if (queue->following && queue->cli->json) {
        (void)printf("%.*s\n", STR_ARG(msg->value));
    } else if (queue->following) {
        text_put_time(stdout, text_of(message, "at"));
        (void)fputs("  ", stdout);
        text_put(stdout, word_of("order_kind", text_of(message, "kind")), 13, 0);
        text_put(stdout, text_of(message, "order"), 31, 0);
        text_put(stdout, text_of(message, "category_name"), 0, 0);
        (void)fputc('\n', stdout);
        if (strcmp(text_of(message, "kind"), "refused") == 0)
            print_refusal(message);
    }
    json_decref(message);
    (void)fflush(stdout);
}

static bool follow(struct bus_consumer *reader, const char *topic, const int64_t *next,
        int32_t n, struct queue *queue, struct error *err)
{
    struct bus_partition_at *parts = calloc((size_t)n, sizeof *parts);
    struct bus_batch *batch = bus_batch_new();
    bool ok = parts && batch;
    if (!ok)
        (void)error_set(err, ERR_FATAL, "out_of_memory", "no memory to follow %s", topic);
    for (int32_t p = 0; ok && p < n; p++)
        parts[p] = (struct bus_partition_at){topic, p, next[p]};
    ok = ok && bus_assign(reader, parts, (size_t)n, err);
    queue->following = true;
    (void)signal(SIGINT, stop);
    (void)signal(SIGTERM, stop);
    while (ok && !stopped) {
        ok = bus_poll(reader, batch, 1000, 200, false, err);
        for (size_t i = 0; ok && i < bus_batch_count(batch); i++)
            take(queue, bus_batch_at(batch, i));
        bus_batch_clear(batch);
    }
    bus_batch_free(batch);
    free(parts);
    return ok;
}

/* The queue that unit uses, and whether others use it too. Without a policy, its own.
 * false: there is a policy, and it has no such unit; it may have had one. */
static bool find_queue(const struct cli *cli, const char *unit, struct queue *queue,
        char topic[TOPIC_NAME_SIZE])
{
    struct policy *policy = NULL;
    struct error err = {0};
    const struct unit *found = NULL;
    if (cli_policy(cli, &policy, &err))
        found = policy_unit(policy, str_of(unit));
    if (found && found->queue != found)
        queue->unit = unit;
    topic_unit_orders(topic, found ? found->queue->code : unit, cli->config.lane);
    bool known = found || !policy;
    policy_free(policy);
    return known;
}

static int run(struct cli *cli, int argc, char **argv)
{
    bool following = false;
    int option;
    while ((option = cli_next(cli, argc, argv, options)) >= 0)
        following = following || option == OPT_FOLLOW;
    if (option == CLI_END)
        return cli->exit_code;
    if (optind + 1 != argc)
        return cli_usage(cli, "one unit's code is wanted");
    if (!cli_settings(cli))
        return cli->exit_code;
    char topic[TOPIC_NAME_SIZE];
    if (strlen(argv[optind]) > 31)
        return cli_usage(cli, "a unit's code has at most 31 characters");
    struct error err = {0};
    struct bus_consumer *reader = NULL;
    struct queue queue = {.cli = cli, .open = json_object()};
    bool known = find_queue(cli, argv[optind], &queue, topic);
    int64_t *next = NULL;
    int32_t n = 0;
    bool ok = cli_reader(cli, &reader, topic, &n, &err);
    if (!ok && !known && strcmp(err.code, "unknown_topic") == 0) {
        (void)fprintf(stderr,
                "chuishao queue: no unit %s in the policy %s; its codes are in "
                "units.csv\n",
                argv[optind], cli->config.policy_dir);
        json_decref(queue.open);
        return EXIT_CHECK_FAILED;
    }
    if (ok && !(next = calloc((size_t)n, sizeof *next)))
        ok = error_set(
                &err, ERR_FATAL, "out_of_memory", "no memory for %d partitions", (int)n);
    for (int32_t p = 0; ok && p < n; p++) {
        next[p] = BUS_BEGINNING;
        ok = cli_read(reader, topic, p, &next[p], take, &queue, &err);
    }
    if (ok)
        print_open(cli, queue.open);
    if (ok && following)
        ok = follow(reader, topic, next, n, &queue, &err);
    bus_consumer_close(reader);
    free(next);
    json_decref(queue.open);
    return ok ? EX_OK : cli_fail(cli, &err);
}

const struct cli_command command_queue = {
        .name = "queue",
        .summary = "a unit's open orders",
        .help = "Usage: chuishao queue UNIT [--follow] [--output json]\n"
                "\n"
                "Lists the unit's open orders, the most pressing first: what was "
                "dispatched and\n"
                "neither withdrawn nor closed. --output json prints each order as one "
                "line. A unit\n"
                "with a queue of its own sees all of that queue; one that uses another's "
                "sees its own\n"
                "orders.\n"
                "\n"
                "Options:\n"
                "  --follow   then go on and print what comes, until Ctrl-C\n"
                "\n"
                "Examples:\n"
                "  chuishao queue pm-jiahe\n"
                "  chuishao queue hotline --lane express --output json\n",
        .run = run,
};
