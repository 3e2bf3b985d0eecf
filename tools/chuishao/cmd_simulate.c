#include "cli.h"
#include "object.h"
#include "text.h"
#include "topics.h"
#include "trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

enum { OPT_NEW = 1, OPT_IN, OPT_EACH, TOP = 20 };

static const struct option options[] = {
        {"new", required_argument, NULL, OPT_NEW},
        {"in", required_argument, NULL, OPT_IN},
        {"each", no_argument, NULL, OPT_EACH},
        {0},
};

/* What one policy makes of a complaint: whom it goes to, or why to nobody yet. */
struct verdict {
    char to[64], category[16], sla[64];
    bool human, late;
};

struct simulation {
    const struct cli *cli;
    bool each;
    struct policy *policies[2]; /* now and new */
    struct trial *trials[2];
    int64_t n, refused, moved, to_human, from_human, category_changed, sla_changed, timed,
            late[2];
    json_t *units, *categories; /* "from\tto": how often */
    struct error *err;
    bool failed;
};

static void count(json_t *counts, const char *from, const char *to)
{
    char key[192];
    (void)snprintf(key, sizeof key, "%s\t%s", from, to);
    json_int_t n = json_integer_value(json_object_get(counts, key));
    (void)json_object_set_new(
            counts, key, json_integer(n + 1)); /* out of memory counts one less */
}

static void copy(char *out, size_t size, struct str text)
{
    if (!str_copy(out, size, text))
        out[0] = 0;
}

static bool judge(
        struct trial *trial, struct str command, struct verdict *out, struct error *err)
{
    struct trial_route route;
    if (!trial_route_read(trial, command, &route, err))
        return false;
    *out = (struct verdict){.human = str_is(route.outcome, "needs_human")};
    /* A complaint that only names its case has no lead of its own, but a reason. */
    struct str to = route.line.len ? route.line : str_or(route.lead, route.reason);
    copy(out->to, sizeof out->to, to);
    copy(out->category, sizeof out->category, route.category);
    copy(out->sla, sizeof out->sla, route.sla);
    return true;
}

/* What was submitted later than the handling budget of that policy allows. */
static bool is_late(const struct policy *policy, const struct verdict *verdict,
        instant from, instant submitted)
{
    const struct sla_class *sla = policy_sla_class(policy, str_of(verdict->sla));
    if (!sla || instant_is_never(submitted))
        return false;
    const struct budget *handle = &sla->budgets[CLOCK_HANDLE];
    return instant_before(
            calendar_due(&policy->calendar, from, handle->amount, handle->unit),
            submitted);
}

static void tell_each(struct str line, const struct verdict verdicts[2])
{
    struct error bad = {0};
    json_t *object = object_read(line, &bad);
    json_t *id = json_object_get(object, "id");
    json_t *out = json_pack("{s:O?,s:s,s:s,s:s,s:s}", "id", id, "from", verdicts[0].to,
            "to", verdicts[1].to, "category_from", verdicts[0].category, "category_to",
            verdicts[1].category);
    (void)json_dumpf(
            out, stdout, JSON_COMPACT); /* a broken pipe ends the process anyway */
    (void)putchar('\n');
    json_decref(out);
    json_decref(object);
}

static void compare(struct simulation *all, const struct verdict v[2])
{
    all->n++;
    all->to_human += !v[0].human && v[1].human;
    all->from_human += v[0].human && !v[1].human;
    all->sla_changed += strcmp(v[0].sla, v[1].sla) != 0;
    if (strcmp(v[0].category, v[1].category) != 0) {
        all->category_changed++;
        count(all->categories, v[0].category, v[1].category);
    }
    if (strcmp(v[0].to, v[1].to) != 0) {
        all->moved++;
        count(all->units, v[0].to, v[1].to);
    }
}

static instant time_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    instant at = {0};
    struct error bad = {0};
    if (!text || !instant_parse(str_of(text), &at, &bad))
        return (instant){0};
    return at;
}

/* Recorded lines may say when the unit had done it. */
static void judge_time(struct simulation *all, struct str line, const struct verdict v[2])
{
    struct error bad = {0};
    if (str_find(line, STR("\"submitted_at\"")) == line.len)
        return;
    json_t *object = object_read(line, &bad);
    instant from = time_of(object, "reported_at"),
            submitted = time_of(object, "submitted_at");
    json_decref(object);
    if (instant_is_never(from) || instant_is_never(submitted))
        return;
    all->timed++;
    for (int i = 0; i < 2; i++)
        all->late[i] += is_late(all->policies[i], &v[i], from, submitted);
}

/* False: it cannot go on. What intake would refuse is counted and passed over. */
static bool one(struct simulation *all, struct str line, bool accepted)
{
    struct verdict verdicts[2];
    instant now = instant_now();
    for (int i = 0; i < 2; i++) {
        struct error problem = {0};
        struct str command;
        bool ok = (accepted ? trial_accepted : trial_intake)(
                          all->trials[i], line, now, &command, &problem) &&
                  judge(all->trials[i], command, &verdicts[i], &problem);
        if (ok)
            continue;
        if (problem.kind != ERR_INVALID) {
            *all->err = problem;
            return false;
        }
        all->refused++;
        return true;
    }
    compare(all, verdicts);
    judge_time(all, line, verdicts);
    if (all->each)
        tell_each(line, verdicts);
    return true;
}

static bool from_file(struct simulation *all, const char *path)
{
    FILE *in = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    bool ok = in != NULL;
    if (!in)
        (void)error_set(all->err, ERR_INVALID, "unreadable", "%s cannot be opened: %s",
                path, strerror(errno));
    for (ssize_t len; ok && (len = getline(&line, &room, in)) > 0;)
        if (strspn(line, " \t\r\n") != (size_t)len)
            ok = one(all, (struct str){line, (size_t)len}, false);
    free(line);
    if (in)
        (void)fclose(in); /* only read */
    return ok;
}

static void take(void *ctx, const struct bus_msg *msg)
{
    struct simulation *all = ctx;
    if (!all->failed)
        all->failed = !one(all, msg->value, true);
}

/* What this system has accepted so far, as recorded. */
static bool from_topic(struct simulation *all)
{
    char topic[TOPIC_NAME_SIZE];
    struct bus_consumer *reader = NULL;
    int32_t n = 0;
    topic_name(topic, TOPIC_ACCEPTED, all->cli->config.lane);
    bool ok = cli_reader(all->cli, &reader, topic, &n, all->err);
    for (int32_t p = 0; ok && p < n; p++) {
        int64_t next = BUS_BEGINNING;
        ok = cli_read(reader, topic, p, &next, take, all, all->err) && !all->failed;
    }
    bus_consumer_close(reader);
    return ok;
}

struct pair {
    const char *key;
    json_int_t n;
};

static int most_first(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : strcmp(x->key, y->key);
}

/* [{from, to, n}], the most first. */
static json_t *moves_of(json_t *counts)
{
    struct pair *pairs = calloc(json_object_size(counts) + 1, sizeof *pairs);
    json_t *list = json_array(), *value;
    const char *key;
    size_t n = 0;
    json_object_foreach(counts, key, value)
    {
        if (pairs)
            pairs[n++] = (struct pair){key, json_integer_value(value)};
    }
    if (pairs)
        qsort(pairs, n, sizeof *pairs, most_first);
    for (size_t i = 0; i < n && i < TOP; i++) {
        const char *tab = strchr(pairs[i].key, '\t');
        (void)json_array_append_new(list,
                json_pack("{s:s%,s:s,s:I}", "from", pairs[i].key,
                        (size_t)(tab - pairs[i].key), "to", tab + 1, "n", pairs[i].n));
    }
    free(pairs);
    return list;
}

static json_t *summary(const struct simulation *all, double seconds)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    json_t *out = json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "policy",
            all->policies[0]->version, "new", all->policies[1]->version, "complaints",
            (json_int_t)all->n, "refused", (json_int_t)all->refused, "moved",
            (json_int_t)all->moved, "to_human", (json_int_t)all->to_human, "from_human",
            (json_int_t)all->from_human, "category_changed",
            (json_int_t)all->category_changed, "sla_changed",
            (json_int_t)all->sla_changed);
    if (all->timed)
        (void)json_object_set_new(out, "late",
                json_pack("{s:I,s:I,s:I}", "of", (json_int_t)all->timed, "now",
                        (json_int_t)all->late[0], "new", (json_int_t)all->late[1]));
    (void)json_object_set_new(out, "moves", moves_of(all->units));
    (void)json_object_set_new(out, "categories", moves_of(all->categories));
    (void)json_object_set_new(out, "seconds", json_real(seconds));
    (void)json_object_set_new(out, "peak_mb", json_integer(usage.ru_maxrss / 1024));
    return out;
}

static void print_moves(const char *title, const json_t *moves)
{
    if (json_array_size(moves) == 0)
        return;
    (void)printf("\n%s\n", title);
    for (size_t i = 0; i < json_array_size(moves); i++) {
        const json_t *move = json_array_get(moves, i);
        (void)printf("%8lld  %s → %s\n",
                (long long)json_integer_value(json_object_get(move, "n")),
                json_string_value(json_object_get(move, "from")),
                json_string_value(json_object_get(move, "to")));
    }
}

static void print_summary(const struct simulation *all, json_t *found)
{
    (void)printf("%s → %s\n", all->policies[0]->version, all->policies[1]->version);
    (void)printf("诉求 %lld 件，受理时即被拒 %lld 件\n", (long long)all->n,
            (long long)all->refused);
    (void)printf("去向改变 %lld 件（改为转人工 %lld，不再转人工 %lld），类别改变 %lld "
                 "件，时限改变 %lld 件\n",
            (long long)all->moved, (long long)all->to_human, (long long)all->from_human,
            (long long)all->category_changed, (long long)all->sla_changed);
    if (all->timed)
        (void)printf(
                "有办结时间的 %lld 件中：现行时限下超时 %lld 件，新时限下超时 %lld 件\n",
                (long long)all->timed, (long long)all->late[0], (long long)all->late[1]);
    print_moves("去向（前二十）", json_object_get(found, "moves"));
    print_moves("类别（前二十）", json_object_get(found, "categories"));
    (void)printf("\n%.1f 秒，内存峰值 %lld MB\n",
            json_real_value(json_object_get(found, "seconds")),
            (long long)json_integer_value(json_object_get(found, "peak_mb")));
}

static bool load(struct simulation *all, const char *new_dir)
{
    struct policy_report report = {.out = stderr};
    return cli_policy(all->cli, &all->policies[0], all->err) &&
           policy_load(&all->policies[1], new_dir, instant_now(), &report, all->err) &&
           trial_open(&all->trials[0], all->policies[0], all->err) &&
           trial_open(&all->trials[1], all->policies[1], all->err);
}

static int finish(struct simulation *all, bool ok)
{
    for (int i = 0; i < 2; i++) {
        trial_close(all->trials[i]);
        policy_free(all->policies[i]);
    }
    json_decref(all->units);
    json_decref(all->categories);
    return ok ? EX_OK : cli_fail(all->cli, all->err);
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct error err = {0};
    const char *new_dir = NULL, *in = NULL;
    struct simulation all = {.cli = cli, .err = &err};
    int option;
    while ((option = cli_next(cli, argc, argv, options)) >= 0) {
        if (option == OPT_NEW)
            new_dir = optarg;
        else if (option == OPT_IN)
            in = optarg;
        else
            all.each = true;
    }
    if (option == CLI_END)
        return cli->exit_code;
    if (optind < argc)
        return cli_usage(cli, "unexpected argument %s", argv[optind]);
    if (!new_dir)
        return cli_usage(cli, "--new is missing: the directory of the new policy");
    if (!cli_settings(cli))
        return cli->exit_code;
    all.units = json_object();
    all.categories = json_object();
    int64_t began = monotonic_ms();
    bool ok = load(&all, new_dir) && (in ? from_file(&all, in) : from_topic(&all));
    if (ok) {
        json_t *found = summary(&all, (double)(monotonic_ms() - began) / 1000);
        if (cli->json) {
            (void)json_dumpf(found, stdout,
                    JSON_COMPACT |
                            JSON_REAL_PRECISION(
                                    4)); /* a broken pipe ends the process anyway */
            (void)putchar('\n');
        } else {
            print_summary(&all, found);
        }
        json_decref(found);
    }
    return finish(&all, ok);
}

const struct cli_command command_simulate = {
        .name = "simulate",
        .summary = "what a new policy would have moved",
        .help = "Usage: chuishao simulate --new DIR [--policy DIR] [--in FILE] [--each] "
                "[--output json]\n"
                "\n"
                "Runs recorded complaints through the stages under the policy of now and "
                "under a new one, and tells what "
                "moves:\n"
                "from which unit to which, what goes to a human and what no longer does, "
                "categories, deadlines, and, where a "
                "record says\n"
                "when it was done, what would have been late. Without --in it takes what "
                "the system has accepted "
                "(complaint.accepted).\n"
                "\n"
                "Options:\n"
                "  --new DIR       the new policy\n"
                "  --policy DIR    the policy of now (as configured)\n"
                "  --in FILE       JSON lines as publishers send them; a `submitted_at` "
                "says when the unit had done it\n"
                "  --each          also a line {id, from, to, category_from, "
                "category_to} for each complaint\n"
                "\n"
                "Example:\n"
                "  chuishao simulate --new policy-2027 --in last_month.jsonl\n",
        .run = run,
};
