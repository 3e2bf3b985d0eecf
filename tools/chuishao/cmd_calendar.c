#include "cli.h"
#include "clock_why.h"
#include "ids.h"
#include "ledger.h"
#include "object.h"
#include "topics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { OPT_FROM = 1, OPT_TO, OPT_AMOUNT, OPT_UNIT, OPT_CASE };
enum { AMOUNT_MAX = 10000, DAYS_MAX = 4000, LAST_YEAR = 2999 };

static const struct option options[] = {
        {"from", required_argument, NULL, OPT_FROM},
        {"to", required_argument, NULL, OPT_TO},
        {"amount", required_argument, NULL, OPT_AMOUNT},
        {"unit", required_argument, NULL, OPT_UNIT},
        {"case", required_argument, NULL, OPT_CASE},
        {0},
};

struct request {
    const char *from, *to, *amount, *unit, *case_id; /* NULL: not given */
};

static void put_json(json_t *value)
{
    (void)json_dumpf(
            value, stdout, JSON_COMPACT); /* a broken pipe ends the process anyway */
    (void)fputc('\n', stdout);
}

/* ---- preview ---- */

static bool date_of(const char *text, int32_t *day)
{
    char full[32];
    instant t;
    if (strlen(text) != 10)
        return false;
    (void)snprintf(full, sizeof full, "%sT00:00:00+08:00", text);
    if (!instant_parse(str_of(full), &t, NULL) || instant_day(t) / 10000 > LAST_YEAR)
        return false;
    *day = calendar_day_of(t);
    return true;
}

static int preview(struct cli *cli, const struct request *request)
{
    int32_t from, to;
    if (request->amount || request->unit || request->case_id)
        return cli_usage(cli, "preview takes --from and --to only");
    if (!request->from || !request->to)
        return cli_usage(cli, "%s is missing", request->from ? "--to" : "--from");
    if (!date_of(request->from, &from) || !date_of(request->to, &to))
        return cli_usage(cli, "--from and --to are dates like 2026-10-01");
    if (to < from || to - from >= DAYS_MAX)
        return cli_usage(cli, "--to is 0 to %d days after --from", (int)DAYS_MAX - 1);
    struct error err = {0};
    struct policy *policy = NULL;
    if (!cli_settings(cli))
        return cli->exit_code;
    if (!cli_policy(cli, &policy, &err))
        return cli_fail(cli, &err);
    int32_t year = 0;
    for (int32_t day = from; day <= to; day++) {
        if (cli->json) {
            json_t *object = ledger_day_json(policy, day);
            put_json(object);
            json_decref(object);
        } else {
            ledger_day(stdout, policy, day);
        }
        int32_t of = instant_day(calendar_minute(day, 0)) / 10000;
        if (of != year && !calendar_knows(&policy->calendar, of))
            (void)fprintf(stderr,
                    "chuishao calendar: calendar/%d.json is missing or empty; days of "
                    "%d follow the weekday only\n",
                    (int)of, (int)of);
        year = of;
    }
    policy_free(policy);
    return EX_OK;
}

/* ---- due and why ---- */

/* One budget from flags; false: end with cli->exit_code. */
static bool budget_of(struct cli *cli, const struct request *request, instant *from,
        int32_t *amount, enum time_unit *unit)
{
    struct error err = {0};
    long number = 0;
    int i = 0;
    cli->exit_code = EX_USAGE;
    if (!request->from || !request->amount || !request->unit) {
        (void)cli_usage(cli, "%s is missing",
                !request->from     ? "--from"
                : !request->amount ? "--amount"
                                   : "--unit");
        return false;
    }
    if (!instant_parse(str_of(request->from), from, &err)) {
        (void)cli_usage(cli, "--from: %s", err.text);
        return false;
    }
    if (instant_day(*from) / 10000 > LAST_YEAR) {
        (void)cli_usage(cli, "--from is a time before %d", LAST_YEAR + 1);
        return false;
    }
    if (!cli_number(request->amount, 1, AMOUNT_MAX, &number)) {
        (void)cli_usage(cli, "--amount is a whole number from 1 to %d, not %s",
                AMOUNT_MAX, request->amount);
        return false;
    }
    while (i < TIME_UNIT_COUNT && strcmp(request->unit, time_unit_names[i]) != 0)
        i++;
    if (i == TIME_UNIT_COUNT) {
        (void)cli_usage(cli,
                "--unit is minute, hour, day, work_hour, emergency_hour or work_day, "
                "not %s",
                request->unit);
        return false;
    }
    *amount = (int32_t)number;
    *unit = (enum time_unit)i;
    return true;
}

static void put_due(const struct cli *cli, instant due)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(due, text);
    if (cli->json)
        (void)printf("{\"due\":\"%s\"}\n", text);
    else
        (void)printf(
                "%.10s %.8s %s\n", text, text + 11, ledger_weekday(calendar_day_of(due)));
}

static int due_or_why(struct cli *cli, const struct request *request, bool why)
{
    instant from;
    int32_t amount;
    enum time_unit unit;
    if (request->to)
        return cli_usage(cli, "--to is for preview");
    if (request->case_id)
        return cli_usage(cli, "%s",
                why ? "--case excludes --from, --amount and --unit"
                    : "--case is for why");
    if (!budget_of(cli, request, &from, &amount, &unit))
        return cli->exit_code;
    struct error err = {0};
    struct policy *policy = NULL;
    if (!cli_settings(cli))
        return cli->exit_code;
    if (!cli_policy(cli, &policy, &err))
        return cli_fail(cli, &err);
    if (!why) {
        put_due(cli, calendar_due(&policy->calendar, from, amount, unit));
    } else if (cli->json) {
        json_t *ledger = ledger_json(policy, from, amount, unit);
        put_json(ledger);
        json_decref(ledger);
    } else {
        (void)ledger_print(stdout, policy, from, amount, unit);
    }
    policy_free(policy);
    return EX_OK;
}

/* ---- why --case ---- */

/* False when it is none that this program knows. */
static bool put_clock(
        const struct cli *cli, const struct policy *policy, const json_t *clock)
{
    if (!cli->json)
        return clock_why_print(stdout, policy, clock);
    json_t *ledger = clock_why_json(policy, clock);
    if (ledger) {
        put_json(ledger);
        json_decref(ledger);
    }
    return ledger != NULL;
}

static int put_clocks(struct cli *cli, const struct policy *policy, struct str text)
{
    struct error err = {0};
    json_t *root = object_read(text, &err);
    if (!root) {
        error_prefix(&err, "the state of the case");
        return cli_fail(cli, &err);
    }
    const json_t *state = json_object_get(root, "state");
    const json_t *clocks = json_object_get(state, "clocks");
    size_t shown = 0;
    for (size_t i = 0; i < json_array_size(clocks); i++)
        shown += put_clock(cli, policy, json_array_get(clocks, i));
    json_decref(root);
    if (shown)
        return EX_OK;
    (void)fprintf(stderr, "chuishao calendar: no clock ever ran in this case\n");
    return EXIT_CHECK_FAILED;
}

static int why_case(struct cli *cli, const struct request *request)
{
    struct str case_id = str_of(request->case_id);
    if (request->from || request->to || request->amount || request->unit)
        return cli_usage(cli, "--case excludes --from, --amount and --unit");
    if (!case_id_valid(case_id))
        return cli_usage(cli, "%s is not a case id like n20261121-0123456789abcdef",
                request->case_id);
    if (!cli_settings(cli))
        return cli->exit_code;
    char topic[TOPIC_NAME_SIZE];
    topic_name(topic, TOPIC_CASE_STATE, cli_lane_of(case_id));
    struct error err = {0};
    struct policy *policy = NULL;
    char *text = NULL;
    size_t size = 0;
    int code;
    if (!cli_policy(cli, &policy, &err) ||
            !cli_last(cli, topic, case_id, &text, &size, &err)) {
        code = cli_fail(cli, &err);
    } else if (text) {
        code = put_clocks(cli, policy, (struct str){text, size});
    } else {
        (void)fprintf(stderr, "chuishao calendar: %s has no state in %s\n",
                request->case_id, topic);
        code = EXIT_CHECK_FAILED;
    }
    free(text);
    policy_free(policy);
    return code;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct request request = {0};
    int option;
    while ((option = cli_next(cli, argc, argv, options)) >= 0) {
        const char **place = option == OPT_FROM     ? &request.from
                             : option == OPT_TO     ? &request.to
                             : option == OPT_AMOUNT ? &request.amount
                             : option == OPT_UNIT   ? &request.unit
                                                    : &request.case_id;
        *place = optarg;
    }
    if (option == CLI_END)
        return cli->exit_code;
    const char *what = optind + 1 == argc ? argv[optind] : "";
    if (strcmp(what, "preview") == 0)
        return preview(cli, &request);
    if (strcmp(what, "due") == 0)
        return due_or_why(cli, &request, false);
    if (strcmp(what, "why") == 0)
        return request.case_id && !request.from ? why_case(cli, &request)
                                                : due_or_why(cli, &request, true);
    return cli_usage(cli, "one of preview, due and why is wanted");
}

const struct cli_command command_calendar = {
        .name = "calendar",
        .summary = "working days, due times, and the ledger that proves one",
        .help = "Usage: chuishao calendar preview --from DATE --to DATE\n"
                "       chuishao calendar due --from TIME --amount N --unit UNIT\n"
                "       chuishao calendar why --from TIME --amount N --unit UNIT\n"
                "       chuishao calendar why --case ID\n"
                "\n"
                "By the policy's holidays, make-up workdays and office hours: preview "
                "lists days, working or not\n"
                "and why; due says when a budget is used up; why proves it, each day or "
                "span counted or passed\n"
                "over, with the running sum and the article of the civil code. --case "
                "takes the budgets and\n"
                "starts of a case's clocks from case.state; only that needs Kafka. Exit "
                "1: no such case or clock.\n"
                "\n"
                "Options:\n"
                "  --from DATE|TIME  2026-10-01 for preview, else a time with offset: "
                "2026-10-01T09:00:00+08:00\n"
                "  --to DATE         the last day of the preview\n"
                "  --amount N        how much time\n"
                "  --unit UNIT       minute, hour, day, work_hour, emergency_hour or "
                "work_day\n"
                "  --case ID         every clock of that case\n"
                "\n"
                "Example:\n"
                "  chuishao calendar why --from 2026-02-13T16:50:00+08:00 --amount 5 "
                "--unit work_day\n",
        .run = run,
};
