#include "cli.h"
#include "instant.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct option options[] = {{0}};

static int run(struct cli *cli, int argc, char **argv)
{
    if (cli_next(cli, argc, argv, options) == CLI_END)
        return cli->exit_code;
    if (argc - optind > 1)
        return cli_usage(cli, "one directory is wanted, not %d", argc - optind);
    if (optind < argc)
        cli->policy_dir = argv[optind];
    if (!cli_settings(cli))
        return cli->exit_code;
    const char *dir = cli->config.policy_dir;
    struct policy_report report = {.out = stdout};
    struct policy *policy = NULL;
    struct error err = {0};
    if (!policy_load(&policy, dir, instant_now(), &report, &err)) {
        (void)fflush(stdout);
        if (report.n_problems == 0) /* it could not even be read */
            return cli_fail(cli, &err);
        (void)fprintf(stderr,
                "chuishao lint: policy %s has %zu problems and %zu warnings\n", dir,
                report.n_problems, report.n_warnings);
        return EX_DATAERR;
    }
    if (cli->json)
        (void)printf("{\"version\":\"%s\",\"units\":%zu,\"places\":%zu,\"categories\":%"
                     "zu,\"rules\":%zu,"
                     "\"catalogue\":%zu,\"warnings\":%zu}\n",
                policy->version, policy->n_units, policy->n_places, policy->n_categories,
                policy->n_rules, policy->n_catalogue, report.n_warnings);
    else
        (void)printf("%s: %zu units, %zu places, %zu categories, %zu rules, %zu "
                     "catalogue rows, %zu warnings\n",
                policy->version, policy->n_units, policy->n_places, policy->n_categories,
                policy->n_rules, policy->n_catalogue, report.n_warnings);
    policy_free(policy);
    return EX_OK;
}

const struct cli_command command_lint = {
        .name = "lint",
        .summary = "check a policy before it is used",
        .help = "Usage: chuishao lint [DIR]\n"
                "\n"
                "Loads the policy as the services do and prints every problem and "
                "warning as file:line: sentence.\n"
                "Exit 0: it can be used (perhaps with warnings); 65: it cannot.\n"
                "\n"
                "Example:\n"
                "  chuishao lint policy\n",
        .run = run,
};
