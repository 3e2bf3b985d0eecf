#include "cli.h"
#include "history.h"
#include "train.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct train_options {
    const char *in, *out;
    struct train_fields fields;
    long precision; /* percent */
    bool from_history;
};

static const struct option options[] = {
        {"in", required_argument, NULL, 'i'},
        {"text", required_argument, NULL, 't'},
        {"target", required_argument, NULL, 'y'},
        {"group", required_argument, NULL, 'g'},
        {"out", required_argument, NULL, 'o'},
        {"precision", required_argument, NULL, 'p'},
        {"from-history", no_argument, NULL, 'f'},
        {0},
};

static bool read_options(
        struct cli *cli, int argc, char **argv, struct train_options *given)
{
    for (int option; (option = cli_next(cli, argc, argv, options)) != CLI_DONE;) {
        switch (option) {
        case 'i':
            given->in = optarg;
            break;
        case 't':
            given->fields.text = optarg;
            break;
        case 'y':
            given->fields.target = optarg;
            break;
        case 'g':
            given->fields.group = optarg;
            break;
        case 'o':
            given->out = optarg;
            break;
        case 'f':
            given->from_history = true;
            given->in = "history";
            break;
        case 'p':
            if (cli_number(optarg, 1, 100, &given->precision))
                break;
            cli->exit_code = cli_usage(
                    cli, "--precision is a percentage from 1 to 100, not %s", optarg);
            return false;
        default: /* CLI_END */
            return false;
        }
    }
    const char *missing = !given->in              ? "--in or --from-history"
                          : !given->fields.target ? "--target"
                          : !given->out           ? "--out"
                                                  : NULL;
    if (optind < argc)
        cli->exit_code = cli_usage(cli, "unexpected argument %s", argv[optind]);
    else if (missing)
        cli->exit_code = cli_usage(cli, "%s is missing", missing);
    return optind == argc && !missing;
}

/* The model is written beside its file and then moved over it, so that a service never
 * sees half of one. */
struct target {
    const char *path;
    char beside[4096];
    FILE *file;
};

/* Before minutes of training, not after. */
static bool open_target(struct target *target, const char *path, struct error *err)
{
    target->path = path;
    if (snprintf(target->beside, sizeof target->beside, "%s.new", path) >=
            (int)sizeof target->beside)
        return error_set(err, ERR_INVALID, "unwritable", "the path is too long");
    target->file = fopen(target->beside, "wb");
    return target->file ||
           error_set(err, ERR_INVALID, "unwritable", "%s cannot be written: %s",
                   target->beside, strerror(errno));
}

static void drop_target(struct target *target)
{
    if (!target->file)
        return;
    (void)fclose(target->file); /* nothing of it is wanted */
    (void)unlink(target->beside);
    target->file = NULL;
}

static bool write_model(
        struct target *target, const struct train_pack *pack, struct error *err)
{
    bool done = fwrite(pack->bytes, 1, pack->size, target->file) == pack->size &&
                fflush(target->file) == 0 && fsync(fileno(target->file)) == 0 &&
                rename(target->beside, target->path) == 0;
    if (!done)
        return error_set(err, ERR_INVALID, "unwritable", "%s cannot be written: %s",
                target->path, strerror(errno));
    (void)fclose(target->file); /* all of it is on the disk */
    target->file = NULL;
    return true;
}

static void print_report(
        const struct cli *cli, const struct train_report *report, size_t bytes)
{
    if (cli->json) {
        (void)printf("{\"rows\":%zu,\"classes\":%u,\"grams\":%u,\"weights\":%u,"
                     "\"bytes\":%zu,\"top1\":%.4f,\"top3\":%.4f,\"ece\":%.4f,"
                     "\"threshold\":%.4f,\"share\":%.4f,\"precision\":%.4f}\n",
                report->n_rows, report->n_classes, report->n_grams, report->n_weights,
                bytes, report->top1, report->top3, report->calibration, report->threshold,
                report->share, report->right);
        return;
    }
    (void)printf("%zu rows, %u classes, %u grams, %u weights, %zu bytes\n"
                 "on texts not seen: best guess right %.1f %%, among the first three "
                 "%.1f %%, calibration error %.3f\n",
            report->n_rows, report->n_classes, report->n_grams, report->n_weights, bytes,
            100 * report->top1, 100 * report->top3, report->calibration);
    if (report->share > 0)
        (void)printf("sure enough (from %.3f) of %.1f %% of the texts, of which %.1f %% "
                     "right\n",
                report->threshold, 100 * report->share, 100 * report->right);
    else
        (void)printf("never sure enough for the precision that was asked for\n");
}

static bool read_rows(struct train_rows *rows, FILE *in,
        const struct train_options *given, struct error *err)
{
    if (!train_rows_read(rows, in, &given->fields, err)) {
        error_prefix(err, "%s", given->in);
        return false;
    }
    if (rows->n_skipped)
        (void)fprintf(stderr, "chuishao train: %zu lines without text or label skipped\n",
                rows->n_skipped);
    return true;
}

/* The system's own closed cases, in a file that nobody else sees. */
static FILE *open_history(const struct cli *cli, struct error *err)
{
    FILE *file = tmpfile();
    struct history *history = history_begin();
    bool done = (file || error_set(err, ERR_FATAL, "unwritable", "no temporary file: %s",
                                 strerror(errno))) &&
                cli_history(cli, history, err);
    if (done) {
        size_t n = history_examples(history, file);
        (void)fprintf(stderr, "chuishao train: %zu closed cases\n", n);
        rewind(file);
    }
    history_end(history);
    if (file && !done) {
        (void)fclose(file); /* it holds nothing yet */
        return NULL;
    }
    return file;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct train_options given = {
            .fields = {.text = "text", .group = "group"}, .precision = 92};
    struct train_rows rows = {0};
    struct train_pack pack = {0};
    struct train_report report;
    struct target target = {0};
    struct error err = {0};
    if (!read_options(cli, argc, argv, &given))
        return cli->exit_code;
    if (given.from_history && !cli_settings(cli))
        return cli->exit_code;
    FILE *in = given.from_history ? open_history(cli, &err) : fopen(given.in, "r");
    if (!in && given.from_history)
        return cli_fail(cli, &err);
    if (!in) {
        (void)fprintf(stderr, "chuishao train: %s cannot be opened: %s\n", given.in,
                strerror(errno));
        return EX_NOINPUT;
    }
    bool done = open_target(&target, given.out, &err) &&
                read_rows(&rows, in, &given, &err);
    (void)fclose(in); /* only read from */
    if (done) {
        train_model(&pack, &rows, (double)given.precision / 100, &report, stderr);
        done = write_model(&target, &pack, &err);
    }
    if (done)
        print_report(cli, &report, pack.size);
    drop_target(&target);
    train_pack_free(&pack);
    train_rows_free(&rows);
    return done ? EX_OK : cli_fail(cli, &err);
}

const struct cli_command command_train = {
        .name = "train",
        .summary = "make a model from texts whose right desk is known",
        .help = "Usage: chuishao train --in FILE --target FIELD --out MODEL [OPTIONS]\n"
                "       chuishao train --from-history --target category|unit --out MODEL "
                "[OPTIONS]\n"
                "\n"
                "Reads JSON lines with a text and a label each, learns to tell the label "
                "of a new text, and writes\n"
                "a model for chuishao classify and the classifier service. The same "
                "input "
                "gives the same model.\n"
                "\n"
                "Options:\n"
                "  --in FILE               JSON lines\n"
                "  --from-history          instead: the system's own closed cases, each "
                "text with the category\n"
                "                          and unit that had it in the end, after "
                "returns "
                "and rulings\n"
                "  --text FIELD            where the text is (text)\n"
                "  --target FIELD          where the label is\n"
                "  --group FIELD           lines that tell of one matter share its value "
                "(group); without it\n"
                "                          only equal texts count as one matter\n"
                "  --out MODEL             the model's file\n"
                "  --precision PERCENT     how often right the model has to be where it "
                "calls itself sure (92)\n"
                "\n"
                "Example:\n"
                "  chuishao train --in history.jsonl --text text --target unit --out "
                "policy/model.bin\n",
        .run = run,
};
