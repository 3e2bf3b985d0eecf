#include "arena.h"
#include "cli.h"
#include "complaint_codec.h"
#include "ids.h"
#include "instant.h"
#include "object.h"
#include "topics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

enum { FLUSH_EVERY = 1000, FLUSH_BYTES = 32 << 20, FLUSH_MS = 15000, RATE_MAX = 1000000 };

enum {
    OPT_IN = 1,
    OPT_RAW,
    OPT_SOURCE,
    OPT_RATE,
    OPT_URGENT,
    OPT_ID,
    OPT_CHANNEL,
    OPT_TEXT,
    OPT_REPORTED_AT,
    OPT_TITLE,
    OPT_ADDRESS,
    OPT_ESTATE,
    OPT_GRID,
    OPT_LON,
    OPT_LAT,
    OPT_NAME,
    OPT_PHONE
};

static const struct option options[] = {
        {"in", required_argument, NULL, OPT_IN},
        {"raw", no_argument, NULL, OPT_RAW},
        {"source", required_argument, NULL, OPT_SOURCE},
        {"rate", required_argument, NULL, OPT_RATE},
        {"id", required_argument, NULL, OPT_ID},
        {"channel", required_argument, NULL, OPT_CHANNEL},
        {"text", required_argument, NULL, OPT_TEXT},
        {"reported-at", required_argument, NULL, OPT_REPORTED_AT},
        {"title", required_argument, NULL, OPT_TITLE},
        {"address", required_argument, NULL, OPT_ADDRESS},
        {"estate", required_argument, NULL, OPT_ESTATE},
        {"grid", required_argument, NULL, OPT_GRID},
        {"lon", required_argument, NULL, OPT_LON},
        {"lat", required_argument, NULL, OPT_LAT},
        {"name", required_argument, NULL, OPT_NAME},
        {"phone", required_argument, NULL, OPT_PHONE},
        {"urgent", no_argument, NULL, OPT_URGENT},
        {0},
};

struct publish {
    const char *in, *source;
    bool raw;
    long rate;       /* messages a second; 0: as fast as it goes */
    json_t *message; /* the one made of --channel, --text, … */

    struct bus_producer *producer;
    char topic[TOPIC_NAME_SIZE];
    struct arena arena; /* what the producer still borrows */
    size_t held, held_bytes, published, refused;
    enum lane lane;
    char case_id[CASE_ID_SIZE]; /* what the last checked message becomes */
    int64_t began_ms;
};

static json_t *group_of(json_t *object, const char *group)
{
    json_t *target = group ? json_object_get(object, group) : object;
    if (!target) {
        target = json_object();
        (void)json_object_set_new(
                object, group, target); /* a lost field is refused as missing */
    }
    return target;
}

static void set_text(
        json_t *object, const char *group, const char *name, const char *value)
{
    (void)json_object_set_new(group_of(object, group), name, json_string(value));
}

static bool take_field(json_t *message, int option)
{
    static const struct {
        int option;
        const char *group, *name;
    } fields[] = {
            {OPT_ID, NULL, "id"},
            {OPT_CHANNEL, NULL, "channel"},
            {OPT_TEXT, NULL, "text"},
            {OPT_REPORTED_AT, NULL, "reported_at"},
            {OPT_TITLE, NULL, "title"},
            {OPT_ADDRESS, "place", "address"},
            {OPT_ESTATE, "place", "estate"},
            {OPT_GRID, "place", "grid"},
            {OPT_NAME, "reporter", "name"},
            {OPT_PHONE, "reporter", "phone"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].option == option) {
            set_text(message, fields[i].group, fields[i].name, optarg);
            return true;
        }
    if (option == OPT_URGENT)
        (void)json_object_set_new(message, "urgent", json_true());
    return option == OPT_URGENT;
}

/* A point on the earth; false: cli->exit_code */
static bool take_degrees(struct cli *cli, json_t *message, const char *name)
{
    double degrees;
    if (!cli_degrees(optarg, &degrees)) {
        cli->exit_code = cli_usage(
                cli, "--lon and --lat are degrees like 118.0625, not %s", optarg);
        return false;
    }
    (void)json_object_set_new(group_of(message, "place"), name, json_real(degrees));
    return true;
}

/* false: cli->exit_code */
static bool take_options(struct cli *cli, struct publish *publish, int argc, char **argv)
{
    int option;
    while ((option = cli_next(cli, argc, argv, options)) >= 0) {
        if (take_field(publish->message, option))
            continue;
        if ((option == OPT_LON && !take_degrees(cli, publish->message, "lon")) ||
                (option == OPT_LAT && !take_degrees(cli, publish->message, "lat")))
            return false;
        if (option == OPT_IN)
            publish->in = optarg;
        else if (option == OPT_RAW)
            publish->raw = true;
        else if (option == OPT_SOURCE)
            publish->source = optarg;
        else if (option == OPT_RATE && !cli_number(optarg, 1, RATE_MAX, &publish->rate)) {
            cli->exit_code = cli_usage(cli,
                    "--rate is a whole number from 1 to %d, not %s", RATE_MAX, optarg);
            return false;
        }
    }
    if (option == CLI_END)
        return false;
    bool one = json_object_size(publish->message) > 0;
    cli->exit_code = EX_USAGE;
    if (optind < argc)
        (void)cli_usage(
                cli, "unexpected argument %s; a file is given with --in", argv[optind]);
    else if (one && publish->in)
        (void)cli_usage(cli, "--in and the fields of one message exclude each other");
    else if (one && publish->raw)
        (void)cli_usage(cli, "--raw goes with --in");
    else if (one && (!json_object_get(publish->message, "channel") ||
                            !json_object_get(publish->message, "text")))
        (void)cli_usage(cli, "one message needs --channel and --text");
    else
        return true;
    return false;
}

static void wait_for_rate(const struct publish *publish)
{
    if (!publish->rate)
        return;
    int64_t due = publish->began_ms + (int64_t)publish->published * 1000 / publish->rate;
    int64_t wait = due - monotonic_ms();
    if (wait > 0) {
        struct timespec pause = {wait / 1000, (wait % 1000) * 1000000};
        (void)nanosleep(&pause, NULL); /* cut short by a signal: a little early */
    }
}

static bool flush(struct publish *publish, struct error *err)
{
    if (!bus_flush(publish->producer, FLUSH_MS, err))
        return false;
    arena_reset(&publish->arena);
    publish->held = publish->held_bytes = 0;
    return true;
}

/* CloudEvents headers for those who want their events known under a source of their own.
 */
static size_t make_headers(struct publish *publish, struct str id, struct bus_header *out)
{
    if (!publish->source)
        return 0;
    char time[INSTANT_TEXT_SIZE];
    instant_format(instant_now(), time);
    size_t n = 0;
    out[n++] = (struct bus_header){STR("ce_specversion"), STR("1.0")};
    out[n++] = (struct bus_header){STR("ce_id"), id};
    out[n++] = (struct bus_header){STR("ce_source"), str_of(publish->source)};
    out[n++] = (struct bus_header){
            STR("ce_type"), STR("org.chuishao.complaint.intake.v1")};
    out[n++] = (struct bus_header){
            STR("ce_time"), arena_copy(&publish->arena, str_of(time))};
    out[n++] = (struct bus_header){STR("content-type"), STR("application/json")};
    return n;
}

static bool send(
        struct publish *publish, struct str value, struct str id, struct error *err)
{
    wait_for_rate(publish);
    struct bus_header headers[8];
    struct bus_record record = {
            .topic = publish->topic,
            .partition = -1,
            .key = arena_copy(&publish->arena, id),
            .value = arena_copy(&publish->arena, value),
            .headers = headers,
    };
    if (id.len == 0)
        record.key.ptr = NULL; /* no key */
    record.n_headers = make_headers(publish, record.key, headers);
    if (!bus_produce(publish->producer, &record, err))
        return false;
    publish->published++;
    publish->held++;
    publish->held_bytes += value.len;
    return (publish->held < FLUSH_EVERY && publish->held_bytes < FLUSH_BYTES) ||
           flush(publish, err);
}

/* The key of a line that goes unchecked: its id when it has one. */
static bool send_raw(struct publish *publish, struct str line, struct error *err)
{
    struct error unread = {0};
    json_t *message = object_read(line, &unread);
    const json_t *id = json_object_get(message, "id");
    struct str key = {json_string_value(id), json_string_length(id)};
    bool ok = send(publish, line, key, err);
    json_decref(message);
    return ok;
}

/* One line of the input. Its bytes go as they came; only --raw lets through what intake
 * would refuse, by intake's own codec. */
static bool publish_line(struct publish *publish, struct str line, struct error *err)
{
    if (publish->raw)
        return send_raw(publish, line, err);
    const struct intake_input input = {.value = line, .received_at = instant_now()};
    struct intake_complaint complaint;
    if (!intake_complaint_decode(&input, &publish->arena, &complaint, err))
        return false;
    struct str source = publish->source ? str_of(publish->source) : complaint.source;
    case_id_make(
            publish->lane, complaint.reported_at, source, complaint.id, publish->case_id);
    return send(publish, line, complaint.id, err);
}

/* A line that is wrong is named and passed over; trouble with Kafka ends the run. */
static bool publish_file(
        const struct cli *cli, struct publish *publish, FILE *in, struct error *err)
{
    char *line = NULL;
    size_t cap = 0, number = 0;
    ssize_t got;
    bool ok = true;
    while (ok && (got = getline(&line, &cap, in)) >= 0) {
        size_t len = (size_t)got;
        number++;
        while (len && (line[len - 1] == '\n' || (line[len - 1] == '\r' && !publish->raw)))
            len--;
        if (len == 0)
            continue;
        struct error problem = {0};
        if (publish_line(publish, (struct str){line, len}, &problem))
            continue;
        if (problem.kind == ERR_INVALID && strcmp(problem.code, "unknown_topic") != 0) {
            publish->refused++;
            (void)fprintf(stderr, "chuishao %s: line %zu: %s\n", cli->command->name,
                    number, problem.text);
        } else {
            *err = problem;
            ok = false;
        }
    }
    if (ok && ferror(in))
        ok = error_set(err, ERR_INVALID, "unreadable", "reading %s: %s", publish->in,
                strerror(errno));
    free(line);
    return ok;
}

/* Its id is derived from what it says, so the same command with the same time is the same
 * complaint. */
static bool publish_one(struct publish *publish, struct error *err)
{
    json_t *message = publish->message;
    if (!json_object_get(message, "reported_at")) {
        char now[INSTANT_TEXT_SIZE];
        instant_format(instant_now(), now);
        set_text(message, NULL, "reported_at", now);
    }
    if (!json_object_get(message, "id")) {
        char *text = json_dumps(message, JSON_COMPACT | JSON_SORT_KEYS);
        char id[4 + 2 * 8 + 1] = "cli-";
        sha256_hex(str_of(text), 8, id + 4);
        free(text);
        set_text(message, NULL, "id", id);
    }
    char *text = json_dumps(message, JSON_COMPACT);
    if (!text)
        return error_set(err, ERR_INVALID, "bad_json", "a field is not UTF-8");
    bool ok = publish_line(publish, str_of(text), err);
    free(text);
    return ok;
}

static int report(const struct cli *cli, const struct publish *publish)
{
    bool one = json_object_size(publish->message) > 0;
    if (cli->json && one)
        (void)printf(
                "{\"topic\":\"%s\",\"published\":%zu,\"refused\":0,\"case\":\"%s\"}\n",
                publish->topic, publish->published, publish->case_id);
    else if (cli->json)
        (void)printf("{\"topic\":\"%s\",\"published\":%zu,\"refused\":%zu}\n",
                publish->topic, publish->published, publish->refused);
    else if (one)
        (void)printf("published to %s: case %s\n", publish->topic, publish->case_id);
    else
        (void)printf("published %zu to %s%s\n", publish->published, publish->topic,
                publish->refused ? "; lines with a fault were left out, see above" : "");
    return publish->refused ? EX_DATAERR : EX_OK;
}

static bool open_producer(struct cli *cli, struct publish *publish, struct error *err)
{
    topic_name(publish->topic, TOPIC_INTAKE, cli->config.lane);
    publish->lane = strcmp(cli->config.lane, "express") == 0 ? LANE_EXPRESS : LANE_NORMAL;
    struct bus_config config = cli_bus(cli);
    if (!bus_producer_idempotent(&publish->producer, &config, err))
        return false;
    int32_t n = 0;
    if (!bus_producer_partitions(publish->producer, publish->topic, &n, err)) {
        error_prefix(err, "Kafka at %s", config.brokers);
        return false;
    }
    if (n == 0)
        return error_set(err, ERR_INVALID, "unknown_topic",
                "topic %s does not exist at %s; create it with: chuishao topics apply",
                publish->topic, config.brokers);
    publish->began_ms = monotonic_ms();
    return true;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct publish publish = {.message = json_object()};
    struct error err = {0};
    FILE *in = stdin;
    int code;
    if (!take_options(cli, &publish, argc, argv)) {
        code = cli->exit_code;
        goto out;
    }
    if (publish.in && strcmp(publish.in, "-") != 0 && !(in = fopen(publish.in, "r"))) {
        code = EX_NOINPUT;
        (void)fprintf(stderr, "chuishao publish: cannot open %s: %s\n", publish.in,
                strerror(errno));
        goto out;
    }
    if (!cli_settings(cli)) {
        code = cli->exit_code;
        goto out;
    }
    bool ok = open_producer(cli, &publish, &err);
    if (ok && json_object_size(publish.message) > 0)
        ok = publish_one(&publish, &err);
    else if (ok)
        ok = publish_file(cli, &publish, in, &err);
    ok = ok && flush(&publish, &err);
    code = ok ? report(cli, &publish) : cli_fail(cli, &err);
out:
    bus_producer_close(publish.producer);
    arena_done(&publish.arena);
    json_decref(publish.message);
    if (in && in != stdin)
        (void)fclose(in); /* only read */
    return code;
}

const struct cli_command command_publish = {
        .name = "publish",
        .summary = "publish complaints to complaint.intake",
        .help = "Usage: chuishao publish [--in FILE] [--raw] [--source URI] [--rate N]\n"
                "       chuishao publish --channel CHANNEL --text TEXT [FIELDS]\n"
                "\n"
                "Publishes complaints, one JSON object a line, as they are; the key is "
                "their id. A line that\n"
                "is not a complaint is named and left out (exit 65). "
                "schemas/complaint.intake.schema.json is\n"
                "the contract. One message of its fields is answered with the case it "
                "becomes.\n"
                "\n"
                "Options:\n"
                "  --in FILE          JSON lines; - or nothing: the standard input\n"
                "  --raw              publish every line unchecked, byte for byte\n"
                "  --source URI       add CloudEvents headers: this ce_source, the "
                "message's id as ce_id\n"
                "  --rate N           at most N messages a second\n"
                "One message of its fields:\n"
                "  --channel C        phone, app, web, wechat, letter, mail, sms, visit, "
                "transfer_110, upper,\n"
                "                     patrol or media\n"
                "  --text TEXT        what is complained about, up to 5,000 characters\n"
                "  --id ID            the publisher's id (derived from the fields)\n"
                "  --reported-at T    RFC 3339 with an offset (now)\n"
                "  --title, --address, --estate, --grid, --name, --phone TEXT\n"
                "  --lon, --lat D     where it is: degrees, WGS 84\n"
                "  --urgent           may be a matter of life and safety\n"
                "\n"
                "Examples:\n"
                "  chuishao publish --in day.jsonl --rate 50\n"
                "  chuishao publish --channel phone --estate 听潮名苑 --text "
                "'3号楼电梯停运两天'\n",
        .run = run,
};
