#include "cli.h"
#include "ids.h"
#include "object.h"
#include "points.h"
#include "text.h"
#include "topics.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const struct option options[] = {{0}};

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static json_int_t number_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static const char *title_of(const struct policy *policy, const char *rule)
{
    const struct points_rule *found = points_rule_find(policy->points, str_of(rule));
    return found ? found->title : strcmp(rule, "redeem") == 0 ? "积分兑换" : rule;
}

static void put_entry(const struct policy *policy, const json_t *entry)
{
    enum { TITLE_WIDTH = 26, STATUS_WIDTH = 10 };
    (void)printf("  %3lld  ", (long long)number_at(entry, "n"));
    text_put_time(stdout, text_at(entry, "at"));
    (void)printf("  %+5lld  ", (long long)number_at(entry, "points"));
    text_put(stdout, title_of(policy, text_at(entry, "rule")), TITLE_WIDTH, TITLE_WIDTH);
    text_put(stdout, word_of("status", text_at(entry, "status")), STATUS_WIDTH, 0);
    text_put(stdout, text_at(entry, "event"), 0, 0);
    if (text_at(entry, "expires")[0]) {
        (void)fputs("  有效至 ", stdout);
        text_put_time(stdout, text_at(entry, "expires"));
    }
    (void)fputc('\n', stdout);
}

static void put_account(
        const struct policy *policy, const char *code, const json_t *state)
{
    const struct unit *unit = policy_unit(policy, str_of(code));
    const struct pool *pool = policy_pool(policy, str_of(code));
    const struct points_ledger *ledger = points_ledger_find(
            policy->points, str_of(text_at(state, "ledger")));
    const json_t *entries = json_object_get(state, "entries"),
                 *folds = json_object_get(state, "folds");
    (void)printf("%s  %s  余额 %lld",
            unit   ? unit->name
            : pool ? pool->name
                   : code,
            ledger ? ledger->title : text_at(state, "ledger"),
            (long long)number_at(state, "balance"));
    if (text_at(state, "grade")[0])
        (void)printf("  等级 %s", text_at(state, "grade"));
    (void)fputc('\n', stdout);
    json_int_t folded = 0, points = 0;
    for (size_t i = 0; i < json_array_size(folds); i++) {
        folded += number_at(json_array_get(folds, i), "n");
        points += number_at(json_array_get(folds, i), "points");
    }
    if (folded)
        (void)printf(
                "  更早的 %lld 条合计 %+lld\n", (long long)folded, (long long)points);
    for (size_t i = 0; i < json_array_size(entries); i++)
        put_entry(policy, json_array_get(entries, i));
}

static int show(const struct cli *cli, const struct policy *policy, const char *code,
        struct str text)
{
    struct error err = {0};
    json_t *root = object_read(text, &err);
    if (!root) {
        error_prefix(&err, "the state of the account");
        return cli_fail(cli, &err);
    }
    const json_t *state = json_object_get(root, "state");
    if (cli->json) {
        (void)json_dumpf(state, stdout, JSON_COMPACT); /* a broken pipe ends us anyway */
        (void)fputc('\n', stdout);
    } else {
        put_account(policy, code, state);
    }
    json_decref(root);
    return EX_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
    if (cli_next(cli, argc, argv, options) == CLI_END)
        return cli->exit_code;
    if (optind + 1 != argc)
        return cli_usage(cli, "one code of a unit or a pool is wanted");
    char key[48];
    int length = snprintf(key, sizeof key, "account:%s", argv[optind]);
    if (length < 0 || length >= (int)sizeof key || !key_code(str_of(key), "account:").len)
        return cli_usage(cli, "%s is no code of a unit or a pool", argv[optind]);
    if (!cli_settings(cli))
        return cli->exit_code;
    char topic[TOPIC_NAME_SIZE];
    topic_name(topic, TOPIC_CASE_STATE, ""); /* accounts live in the normal lane */
    struct error err = {0};
    struct policy *policy = NULL;
    char *text = NULL;
    size_t size = 0;
    int code;
    if (!cli_policy(cli, &policy, &err) ||
            !cli_last(cli, topic, str_of(key), &text, &size, &err)) {
        code = cli_fail(cli, &err);
    } else if (text) {
        code = show(cli, policy, argv[optind], (struct str){text, size});
    } else {
        (void)fprintf(stderr, "chuishao account: %s has no account yet\n", argv[optind]);
        code = EXIT_CHECK_FAILED;
    }
    free(text);
    policy_free(policy);
    return code;
}

const struct cli_command command_account = {
        .name = "account",
        .summary = "the points of a unit or a pool, with their evidence",
        .help = "Usage: chuishao account CODE [--output json]\n"
                "\n"
                "Prints the balance and the grade of a points account, and its entries: "
                "number, time, points, rule,\n"
                "status, the event that is the evidence, and until when it counts. An "
                "entry is appealed by its\n"
                "number. --output json prints the account's state. Exit 1: it has no "
                "account yet.\n"
                "\n"
                "Example:\n"
                "  chuishao account pm-jiahe\n",
        .run = run,
};
