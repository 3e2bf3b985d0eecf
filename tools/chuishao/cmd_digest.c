#include "arena.h"
#include "board_ledger.h"
#include "cli.h"
#include "instant.h"
#include "object.h"
#include "projection.h"
#include "text.h"
#include "words.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { OPT_WEEK = 1, OPT_DB };

static const struct option options[] = {
        {"week", required_argument, NULL, OPT_WEEK},
        {"db", required_argument, NULL, OPT_DB},
        {0},
};

static bool day_of(const char *text, int32_t *day)
{
    char full[32];
    instant t;
    if (strlen(text) != 10)
        return false;
    (void)snprintf(full, sizeof full, "%.10sT00:00:00+08:00", text);
    if (!instant_parse(str_of(full), &t, NULL))
        return false;
    *day = calendar_day_of(t);
    return true;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static long long number_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* Overdue of how many that fell due: never a share without what it is of. */
static void put_tallies(const char *title, const json_t *rows)
{
    enum { NAME_WIDTH = 44 };
    (void)printf("\n%s\n", title);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        (void)fputs("  ", stdout);
        text_put(stdout, text_at(row, "name"), NAME_WIDTH, NAME_WIDTH);
        (void)printf("超期 %lld / 到期 %lld  挂账 %lld\n", number_at(row, "overdue"),
                number_at(row, "due"), number_at(row, "suspended"));
    }
    if (!json_array_size(rows))
        (void)puts("  无");
}

static void put_digest(const json_t *digest)
{
    const json_t *cases = json_object_get(digest, "cases");
    (void)printf("每周调度  %s 至 %s\n", text_at(digest, "from"), text_at(digest, "to"));
    put_tallies("承办单位", json_object_get(digest, "units"));
    put_tallies("街道", json_object_get(digest, "streets"));
    (void)printf("\n超期、挂账工单\n");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        enum { TITLE_WIDTH = 32, UNIT_WIDTH = 34 };
        const json_t *row = json_array_get(cases, i);
        const char *unit = text_at(row, "unit_name");
        (void)printf("  %s  ", text_at(row, "case"));
        text_put(stdout, unit[0] ? unit : text_at(row, "unit"), UNIT_WIDTH, UNIT_WIDTH);
        text_put(stdout, word_of("stage", text_at(row, "stage")), 12, 0);
        (void)fputs(json_is_true(json_object_get(row, "overdue")) ? "超期  " : "      ",
                stdout);
        text_put(stdout, text_at(row, "title"), 0, TITLE_WIDTH);
        (void)fputc('\n', stdout);
    }
    if (!json_array_size(cases))
        (void)puts("  无");
    if (number_at(digest, "left_out"))
        (void)printf("  另有 %lld 件\n", number_at(digest, "left_out"));
}

static int show(const struct cli *cli, struct str json)
{
    struct error err = {0};
    if (cli->json) {
        (void)printf("%.*s\n", STR_ARG(json));
        return EX_OK;
    }
    json_t *digest = object_read(json, &err);
    if (!digest)
        return cli_fail(cli, &err);
    put_digest(digest);
    json_decref(digest);
    return EX_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
    const char *week = NULL, *db = "";
    int option;
    while ((option = cli_next(cli, argc, argv, options)) >= 0) {
        if (option == OPT_WEEK)
            week = optarg;
        else
            db = optarg;
    }
    if (option == CLI_END)
        return cli->exit_code;
    int32_t day = calendar_day_of(instant_now());
    if (optind < argc)
        return cli_usage(cli, "unexpected argument %s", argv[optind]);
    if (week && !day_of(week, &day))
        return cli_usage(cli, "--week is a date like 2026-11-21, not %s", week);
    if (!cli_settings(cli))
        return cli->exit_code;
    char path[1024];
    struct error err = {0};
    struct policy *policy = NULL;
    struct sql *sql = NULL;
    struct arena arena = {0};
    struct str json = {0};
    projection_path(path, sizeof path, &cli->config, "board", db);
    bool ok = cli_policy(cli, &policy, &err) && sql_open(&sql, path, true, &err) &&
              board_digest(sql, policy, day, instant_now(), &arena, &json, &err);
    int code = ok ? show(cli, json) : cli_fail(cli, &err);
    sql_close(sql);
    arena_done(&arena);
    policy_free(policy);
    return code;
}

const struct cli_command command_digest = {
        .name = "digest",
        .summary = "the week's overdue and suspended cases by unit and street",
        .help = "Usage: chuishao digest [--week DATE] [--db FILE] [--output json]\n"
                "\n"
                "From the board's file: by unit and by street how many cases had a clock "
                "that fell due in the week\n"
                "(Monday to Sunday), how many of these were or are overdue, how many are "
                "suspended now; and which\n"
                "cases those are. The board answers the same under /api/digest.\n"
                "\n"
                "Options:\n"
                "  --week DATE       any day of the week (today)\n"
                "  --db FILE         the board's SQLite file (board.sqlite)\n"
                "\n"
                "Example:\n"
                "  chuishao digest --week 2026-11-21 --db .run/up/board.sqlite\n",
        .run = run,
};
