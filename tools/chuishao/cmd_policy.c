#include "cli.h"
#include "instant.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

extern char **environ;

static const struct option options[] = {{0}};

/* A program of the system, quietly; true when it did what was asked. */
static bool system_run(const char *const argv[])
{
    pid_t child;
    int status;
    return posix_spawnp(&child, argv[0], NULL, NULL, (char *const *)argv, environ) == 0 &&
           waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static bool copy_tree(const char *from, const char *to)
{
    return system_run((const char *const[]){"cp", "-RL", "--", from, to, NULL});
}

static bool remove_tree(const char *path)
{
    return system_run((const char *const[]){"rm", "-rf", "--", path, NULL});
}

static bool put_path(
        char out[PATH_SIZE], const char *dir, const char *ending, struct error *err)
{
    size_t length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/')
        length--;
    int n = snprintf(out, PATH_SIZE, "%.*s%s", (int)length, dir, ending);
    return (n > 0 && n < PATH_SIZE) ||
           error_set(err, ERR_INVALID, "too_long", "the path %s is too long", dir);
}

/* The directory changes in one step; the one before stays beside it as DIR.last. */
static bool exchange(const char *fresh, const char *dir, struct error *err)
{
    char next[PATH_SIZE], last[PATH_SIZE];
    if (!put_path(next, dir, ".next", err) || !put_path(last, dir, ".last", err))
        return false;
    if (!remove_tree(next) || !copy_tree(fresh, next))
        return error_set(
                err, ERR_INVALID, "not_copied", "%s cannot be copied to %s", fresh, next);
    if (renameat2(AT_FDCWD, next, AT_FDCWD, dir, RENAME_EXCHANGE) != 0)
        return error_set(err, ERR_INVALID, "not_exchanged",
                "%s cannot be exchanged for %s: %s", dir, next, strerror(errno));
    /* What was pushed is in place; that the former one is kept is a convenience. */
    if (!remove_tree(last) || rename(next, last) != 0)
        (void)fprintf(stderr, "chuishao policy: the former policy stays in %s\n", next);
    return true;
}

static int push(struct cli *cli, const char *fresh)
{
    const char *dir = cli->config.policy_dir;
    struct policy_report report = {.out = stdout};
    struct policy *policy = NULL;
    struct error err = {0};
    if (!policy_load(&policy, fresh, instant_now(), &report, &err)) {
        (void)fflush(stdout);
        if (report.n_problems == 0) /* it could not even be read */
            return cli_fail(cli, &err);
        (void)fprintf(stderr,
                "chuishao policy: %s has %zu problems and was not pushed; the services "
                "keep what they have\n",
                fresh, report.n_problems);
        return EX_DATAERR;
    }
    bool done = exchange(fresh, dir, &err);
    if (done)
        (void)printf("%s is in %s; the services take it within seconds. Open due times "
                     "follow at once with: chuishao reproject\n",
                policy->version, dir);
    policy_free(policy);
    return done ? EX_OK : cli_fail(cli, &err);
}

static int run(struct cli *cli, int argc, char **argv)
{
    if (cli_next(cli, argc, argv, options) == CLI_END)
        return cli->exit_code;
    if (optind + 2 != argc || strcmp(argv[optind], "push") != 0)
        return cli_usage(cli, "push and a directory are wanted");
    return cli_settings(cli) ? push(cli, argv[optind + 1]) : cli->exit_code;
}

const struct cli_command command_policy = {
        .name = "policy",
        .summary = "put a new policy in place of the running one",
        .help = "Usage: chuishao policy push DIR [--policy DIR]\n"
                "\n"
                "Checks DIR as a whole, as chuishao lint does, and exchanges the "
                "services' policy directory for a copy of it in one "
                "step.\n"
                "The services take it between two batches: nothing is lost, and each "
                "decision names the version that made it. A bad "
                "one is\n"
                "refused with its problems, and everything goes on as before. The policy "
                "that was in place stays beside it as "
                "<dir>.last.\n"
                "\n"
                "Example:\n"
                "  chuishao simulate --new policy-2027 --in last_month.jsonl && chuishao "
                "policy push policy-2027\n",
        .run = run,
};
