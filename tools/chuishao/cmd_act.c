#include "action_codec.h"
#include "arena.h"
#include "cli.h"
#include "envelope.h"
#include "ids.h"
#include "instant.h"
#include "object.h"
#include "topics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { FLUSH_MS = 15000, FLUSH_EVERY = 1000 };

enum {
    OPT_UNIT = 1,
    OPT_QUEUE,
    OPT_CASE,
    OPT_ORDER,
    OPT_ACTION,
    OPT_BY,
    OPT_FIELD,
    OPT_ID,
    OPT_AT,
    OPT_BATCH
};

static const struct option options[] = {
        {"unit", required_argument, NULL, OPT_UNIT},
        {"queue", required_argument, NULL, OPT_QUEUE},
        {"case", required_argument, NULL, OPT_CASE},
        {"order", required_argument, NULL, OPT_ORDER},
        {"action", required_argument, NULL, OPT_ACTION},
        {"by", required_argument, NULL, OPT_BY},
        {"field", required_argument, NULL, OPT_FIELD},
        {"id", required_argument, NULL, OPT_ID},
        {"at", required_argument, NULL, OPT_AT},
        {"batch", required_argument, NULL, OPT_BATCH},
        {0},
};

struct act {
    const char *queue, *batch;
    json_t *message; /* from the flags: the one action, or defaults of a batch */

    struct policy *policy; /* loaded when a unit's queue has to be known */
    struct bus_producer *producer;
    struct arena arena; /* what the producer still borrows */
    size_t held, sent, refused;
    char whistle[CASE_ID_SIZE]; /* the last one that was acted on; "": none */
};

static bool one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

/* A number, yes or no, or a list as it stands in JSON; everything else is text. */
static json_t *field_value(const char *name, const char *text)
{
    static const char *const typed[] = {"amount", "score", "lon", "lat", "points",
            "mandatory", "valid", "solved", "summon", NULL};
    json_t *value = one_of(name, typed)
                            ? json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
                                      NULL)
                            : NULL;
    return value ? value : json_string(text); /* a wrong one is named by the codec */
}

/* name=value; a list is given several times. */
static bool take_field(json_t *message, const char *text)
{
    static const char *const lists[] = {"photos", "attendees", "parties", "cases", NULL};
    const char *equals = strchr(text, '=');
    char name[64];
    if (!equals ||
            !str_copy(name, sizeof name, (struct str){text, (size_t)(equals - text)}) ||
            !*name)
        return false;
    if (!one_of(name, lists))
        return json_object_set_new(message, name, field_value(name, equals + 1)) == 0;
    json_t *list = json_object_get(message, name);
    if (!list) {
        list = json_array();
        if (json_object_set_new(message, name, list))
            return false;
    }
    return json_array_append_new(list, json_string(equals + 1)) == 0;
}

/* An order's number is its case's id, a dot and the task's number. */
static void take_case_of_order(json_t *message)
{
    const char *order = json_string_value(json_object_get(message, "order"));
    struct str id = {order, order ? strcspn(order, ".") : 0};
    if (!json_object_get(message, "case") &&
            (case_id_valid(id) || whistle_id_valid(id) || key_code(id, "account:").len))
        (void)json_object_set_new(message, "case", json_stringn(id.ptr, id.len));
}

static bool take_options(struct cli *cli, struct act *act, int argc, char **argv)
{
    static const char *const names[] = {[OPT_UNIT] = "unit",
            [OPT_CASE] = "case",
            [OPT_ORDER] = "order",
            [OPT_ACTION] = "action",
            [OPT_BY] = "by",
            [OPT_ID] = "id",
            [OPT_AT] = "at"};
    int option;
    while ((option = cli_next(cli, argc, argv, options)) >= 0) {
        if (option == OPT_QUEUE)
            act->queue = optarg;
        else if (option == OPT_BATCH)
            act->batch = optarg;
        else if (option != OPT_FIELD)
            (void)json_object_set_new(act->message, names[option],
                    json_string(optarg)); /* lost: missing below */
        else if (!take_field(act->message, optarg)) {
            cli->exit_code = cli_usage(cli, "--field wants name=value, not %s", optarg);
            return false;
        }
    }
    if (option == CLI_END)
        return false;
    cli->exit_code = EX_USAGE;
    if (optind < argc) {
        (void)cli_usage(cli, "unexpected argument %s", argv[optind]);
        return false;
    }
    take_case_of_order(act->message);
    static const char *const needed[] = {"unit", "order", "case", "action"};
    const char *action = json_string_value(json_object_get(act->message, "action"));
    /* A whistle begins with the action, and an exchange of points is about an account:
     * neither has an order. */
    bool whistle = action && strcmp(action, "whistle") == 0,
         redeem = action && strcmp(action, "redeem") == 0;
    for (size_t i = 0; !act->batch && i < sizeof needed / sizeof *needed; i++)
        if (!json_object_get(act->message, needed[i]) &&
                !((whistle || redeem) && strcmp(needed[i], "order") == 0) &&
                !(whistle && strcmp(needed[i], "case") == 0)) {
            (void)cli_usage(cli, "--%s is missing%s", needed[i],
                    strcmp(needed[i], "order") == 0
                            ? "; chuishao queue UNIT lists a unit's orders"
                            : "");
            return false;
        }
    return true;
}

/* The unit whose topic it goes on. */
static bool find_queue(const struct cli *cli, struct act *act, const char *unit,
        char *out, size_t size, struct error *err)
{
    if (act->queue)
        return str_copy(out, size, str_of(act->queue)) ||
               error_set(err, ERR_INVALID, "bad_value", "the queue's name is too long");
    if (!act->policy && !cli_policy(cli, &act->policy, err)) {
        (void)fprintf(stderr, "chuishao act: the policy says whose queue a unit uses; "
                              "--queue says it without one\n");
        return false;
    }
    const struct unit *found = policy_unit(act->policy, str_of(unit));
    if (!found)
        return error_set(err, ERR_INVALID, "bad_value", "the policy %s has no unit %s",
                act->policy->version, unit);
    return str_copy(out, size, str_of(found->queue->code)) ||
           error_set(err, ERR_INVALID, "bad_value", "the queue's name is too long");
}

/* What was not said: the case, the time, who, and an id derived from all the rest. */
static void complete(json_t *message, size_t number)
{
    take_case_of_order(message);
    if (!json_object_get(message, "at")) {
        char now[INSTANT_TEXT_SIZE];
        instant_format(instant_now(), now);
        (void)json_object_set_new(
                message, "at", json_string(now)); /* lost: refused as missing */
    }
    if (!json_object_get(message, "by"))
        (void)json_object_set_new(message, "by", json_string("cli"));
    if (!json_object_get(message, "id")) {
        char *text = json_dumps(message, JSON_COMPACT | JSON_SORT_KEYS);
        struct arena arena = {0};
        struct str seed = arena_printf(&arena, "%zu %s", number, text ? text : "");
        char id[4 + 2 * 8 + 1] = "cli-";
        sha256_hex(seed, 8, id + 4);
        arena_done(&arena);
        free(text);
        (void)json_object_set_new(message, "id", json_string(id));
    }
}

static bool flush(struct act *act, struct error *err)
{
    if (!bus_flush(act->producer, FLUSH_MS, err))
        return false;
    arena_reset(&act->arena);
    act->held = 0;
    return true;
}

/* Checked by intake's own codec, so that a mistake is told at once and not in a dead
 * letter. */
static bool send(
        struct act *act, const json_t *message, const char *queue, struct error *err)
{
    char *dump = json_dumps(message, JSON_COMPACT);
    if (!dump)
        return error_set(err, ERR_INVALID, "bad_json", "a field is not UTF-8");
    struct str text = arena_copy(&act->arena, str_of(dump));
    free(dump);
    const struct intake_input input = {.value = text, .received_at = instant_now()};
    struct intake_action action;
    if (!intake_action_decode(&input, &act->arena, &action, err))
        return false;
    intake_action_number(&action, str_of(queue), &act->arena);
    if (whistle_id_valid(action.case_id))
        (void)str_copy(act->whistle, sizeof act->whistle, action.case_id); /* fits */
    char topic[TOPIC_NAME_SIZE];
    topic_unit_actions(topic, queue, cli_lane_of(action.case_id));
    struct envelope *envelope = arena_alloc(&act->arena, sizeof *envelope);
    *envelope = (struct envelope){
            .service = "cli",
            .type = "unit.action",
            .id = action.id,
            .subject = action.case_id,
            .time = input.received_at,
    };
    struct bus_header headers[ENVELOPE_HEADERS];
    struct bus_record record = {
            .topic = topic,
            .partition = -1,
            .key = envelope->subject,
            .value = text,
            .headers = headers,
            .n_headers = envelope_headers(envelope, headers),
    };
    if (!bus_produce(act->producer, &record, err))
        return false;
    act->sent++;
    return ++act->held < FLUSH_EVERY || flush(act, err);
}

/* message names the acting unit; on the topic of its own queue that goes without saying.
 */
static bool act_once(const struct cli *cli, struct act *act, json_t *message,
        size_t number, struct error *err)
{
    char queue[32], unit[32];
    if (!str_copy(unit, sizeof unit,
                str_of(json_string_value(json_object_get(message, "unit")))) ||
            !*unit)
        return error_set(err, ERR_INVALID, "missing_field", "unit is missing");
    if (!find_queue(cli, act, unit, queue, sizeof queue, err))
        return false;
    if (strcmp(queue, unit) == 0)
        (void)json_object_del(message, "unit");
    complete(message, number);
    return send(act, message, queue, err);
}

static bool act_line(const struct cli *cli, struct act *act, struct str line,
        size_t number, struct error *err)
{
    json_t *message = object_read(line, err);
    if (!message)
        return false;
    (void)json_object_update_missing(message, act->message);
    bool ok = act_once(cli, act, message, number, err);
    json_decref(message);
    return ok;
}

static bool act_file(const struct cli *cli, struct act *act, FILE *in, struct error *err)
{
    char *line = NULL;
    size_t cap = 0, number = 0;
    ssize_t got;
    bool ok = true;
    while (ok && (got = getline(&line, &cap, in)) >= 0) {
        size_t len = strcspn(line, "\r\n");
        number++;
        if (len == 0)
            continue;
        struct error problem = {0};
        if (act_line(cli, act, (struct str){line, len}, number, &problem))
            continue;
        if (problem.kind == ERR_INVALID && strcmp(problem.code, "unknown_topic") != 0) {
            act->refused++;
            (void)fprintf(stderr, "chuishao act: line %zu: %s\n", number, problem.text);
        } else {
            *err = problem;
            ok = false;
        }
    }
    free(line);
    return ok;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct act act = {.message = json_object()};
    struct error err = {0};
    FILE *in = stdin;
    int code;
    if (!take_options(cli, &act, argc, argv)) {
        code = cli->exit_code;
        goto out;
    }
    if (act.batch && strcmp(act.batch, "-") != 0 && !(in = fopen(act.batch, "r"))) {
        code = EX_NOINPUT;
        (void)fprintf(
                stderr, "chuishao act: cannot open %s: %s\n", act.batch, strerror(errno));
        goto out;
    }
    if (!cli_settings(cli)) {
        code = cli->exit_code;
        goto out;
    }
    struct bus_config config = cli_bus(cli);
    bool ok = bus_producer_idempotent(&act.producer, &config, &err);
    if (ok)
        ok = act.batch ? act_file(cli, &act, in, &err)
                       : act_once(cli, &act, act.message, 0, &err);
    ok = ok && flush(&act, &err);
    if (!ok) {
        code = cli_fail(cli, &err);
    } else {
        code = act.refused ? EX_DATAERR : EX_OK;
        if (cli->json)
            (void)printf("{\"sent\":%zu,\"refused\":%zu}\n", act.sent, act.refused);
        else if (act.batch)
            (void)printf("sent %zu actions%s\n", act.sent,
                    act.refused ? "; lines with a fault were left out, see above" : "");
        else
            (void)printf("sent %s as %s%s%s\n",
                    json_string_value(json_object_get(act.message, "action")),
                    json_string_value(json_object_get(act.message, "id")),
                    act.whistle[0] ? " on " : "", act.whistle);
    }
out:
    bus_producer_close(act.producer);
    arena_done(&act.arena);
    policy_free(act.policy);
    json_decref(act.message);
    if (in && in != stdin)
        (void)fclose(in); /* only read */
    return code;
}

const struct cli_command command_act = {
        .name = "act",
        .summary = "act on an order as a unit",
        .help = "Usage: chuishao act --unit CODE --order ORDER --action ACTION [--case "
                "ID] "
                "[--by STAFF]\n"
                "                    [--field NAME=VALUE]... [--id ID] [--at TIME] "
                "[--queue CODE]\n"
                "       chuishao act --batch FILE [--unit CODE] [--by STAFF] [--queue "
                "CODE]\n"
                "\n"
                "Writes an action to the actions topic of the unit's queue. Whether it "
                "is allowed is decided by\n"
                "intake and casework; a refusal comes back on the unit's orders topic.\n"
                "\n"
                "Options:\n"
                "  --unit CODE         who acts (units.csv)\n"
                "  --order ORDER       as it stands in the order: chuishao queue UNIT "
                "lists "
                "them\n"
                "  --case ID           the case (the order's number begins with it)\n"
                "  --action ACTION     units: sign, contact, check_in, handle, "
                "complete_step, progress, submit,\n"
                "                      request_return, request_extension, "
                "request_suspension,\n"
                "                      request_termination, resume, claim;\n"
                "                      the desk: dispatch, add_assist, offer, merge, "
                "unmerge, grant, refuse, rule,\n"
                "                      approve, redo, follow_up, reopen, close, "
                "acknowledge;\n"
                "                      desk, street or district: convene, decide;\n"
                "                      a street: whistle (no --order: the id is "
                "printed); "
                "on whistles: check_in,\n"
                "                      absent_reason, dispute, release, keep, finish, "
                "score; on points\n"
                "                      accounts: see docs/interfaces.md\n"
                "  --field NAME=VALUE  a field of the action (docs/interfaces.md); "
                "photos, attendees, parties and\n"
                "                      cases are lists: once for each item\n"
                "  --by STAFF          staff id (cli)\n"
                "  --id ID             the unit's own id, the same again is the same "
                "action (derived)\n"
                "  --at TIME           RFC 3339 with an offset (now)\n"
                "  --queue CODE        whose topic (as the policy says)\n"
                "  --batch FILE        JSON lines {unit, case, order, action, ...}; - is "
                "the standard input;\n"
                "                      the other options are defaults\n"
                "\n"
                "Examples:\n"
                "  chuishao act --unit pm-jiahe --order n20261121-0123456789abcdef.1 \\\n"
                "      --action sign --by s-07\n"
                "  chuishao act --unit street-lugang --action whistle --field "
                "type=emergency \\\n"
                "      --field cases=n20261121-0123456789abcdef --field text=爆管抢修 "
                "\\\n"
                "      --field 'summon=[{\"unit\":\"gongshui\",\"must\":true}]'\n"
                "  chuishao act --unit pm-jiahe --order n20261121-0123456789abcdef.1 \\\n"
                "      --action submit --field result=曳引机轴承已更换，电梯恢复运行 \\\n"
                "      --field contact_record=已电话告知 \\\n"
                "      --field photos=https://files.example.org/1.jpg\n",
        .run = run,
};
