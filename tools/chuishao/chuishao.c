#include "cli.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct cli_command *const commands[] = {&command_publish, &command_act,
        &command_case, &command_queue, &command_topics, &command_doctor, &command_lint,
        &command_calendar, &command_account, &command_schedules, &command_digest,
        &command_reproject, &command_explain, &command_policy, &command_history,
        &command_simulate, &command_train, &command_classify};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_commands(FILE *out)
{
    (void)fputs(
            "Usage: chuishao COMMAND [OPTIONS]\n\n"
            "Works with the message queues of a complaint hotline: publishes complaints, "
            "acts as a unit,\n"
            "shows what became of a case and why, and checks the system.\n\nCommands:\n",
            out);
    for (size_t i = 0; i < N_COMMANDS; i++)
        (void)fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    (void)fputs("\nchuishao COMMAND --help tells more. chuishao --version prints the "
                "version.\n"
                "\nExamples:\n"
                "  chuishao topics apply\n"
                "  chuishao publish --channel phone --text '和平路12号门口路灯不亮'\n"
                "  chuishao case n20261121-0123456789abcdef\n",
            out);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_commands(stderr);
        return EX_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
            strcmp(name, "help") == 0) {
        print_commands(stdout);
        return EX_OK;
    }
    if (strcmp(name, "--version") == 0) {
        (void)printf("chuishao %s\n", CHUISHAO_VERSION);
        return EX_OK;
    }
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(name, commands[i]->name) == 0) {
            struct cli cli = {.command = commands[i]};
            return commands[i]->run(&cli, argc - 1, argv + 1);
        }
    (void)fprintf(stderr, "chuishao: unknown command %s; see: chuishao --help\n", name);
    return EX_USAGE;
}
