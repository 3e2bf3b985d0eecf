#include "config.h"

#include "log.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

extern char **environ;

enum {
    ROWS_MAX = 64,
    FLAG_SIZE = 64,
    SECRET_MAX = 4096,
    EFFECTIVE_SIZE = 16384,
    KAFKA_MAX = 64
};

static const struct config_row common_rows[] = {
        {"KAFKA_BOOTSTRAP_SERVERS", CONFIG_TEXT, offsetof(struct config_common, brokers),
                "127.0.0.1:9092", false, "Kafka brokers, host:port,..."},
        {"REDIS_URL", CONFIG_TEXT, offsetof(struct config_common, redis_url),
                "redis://127.0.0.1:6379", true,
                "Redis: redis://[:password@]host:port[/db]"},
        {"CHUISHAO_REDIS_FORCE", CONFIG_BOOL, offsetof(struct config_common, redis_force),
                "false", false,
                "accept a Redis that may evict keys or keeps no append-only file"},
        {"CHUISHAO_POLICY", CONFIG_TEXT, offsetof(struct config_common, policy_dir),
                "policy", false, "directory of the policy files"},
        {"CHUISHAO_INSTANCE", CONFIG_TEXT, offsetof(struct config_common, instance), "",
                false,
                "name of this instance, stable across restarts; empty: "
                "<service>[-<lane>]-0"},
        {"CHUISHAO_LANE", CONFIG_TEXT, offsetof(struct config_common, lane), "", false,
                "lane of the topics; empty: the normal one"},
        {"HTTP_ADDR", CONFIG_TEXT, offsetof(struct config_common, http_addr),
                "127.0.0.1:0", false,
                "where probes and metrics are served; port 0: a free one"},
        {"LOG_LEVEL", CONFIG_TEXT, offsetof(struct config_common, log_level), "info",
                false, "error, warn, info or debug"},
        {"LOG_FORMAT", CONFIG_TEXT, offsetof(struct config_common, log_format), "logfmt",
                false, "logfmt or json"},
        {"CHUISHAO_COMMIT_MS", CONFIG_INT, offsetof(struct config_common, commit_ms),
                "20", false, "collect a batch for at most this long when caught up"},
        {"CHUISHAO_COMMIT_BUSY_MS", CONFIG_INT,
                offsetof(struct config_common, commit_busy_ms), "100", false,
                "the same when behind"},
        {"CHUISHAO_BATCH_MAX", CONFIG_INT, offsetof(struct config_common, batch_max),
                "20000", false, "messages in a batch"},
        {"CHUISHAO_BATCH_BYTES", CONFIG_INT, offsetof(struct config_common, batch_bytes),
                "16777216", false, "bytes in a batch"},
        {"CHUISHAO_RUN_DIR", CONFIG_TEXT, offsetof(struct config_common, run_dir), "",
                false,
                "where to write <instance>.http with the address of the HTTP server; "
                "empty: nowhere"},
};
enum { N_COMMON = sizeof common_rows / sizeof *common_rows };

/* One setting while it is being found out. */
struct setting {
    const struct config_row *row;
    void *target; /* the struct its offset counts in */
    char flag[FLAG_SIZE];
    const char *from_flag;
};

struct load {
    const char *service;
    struct setting settings[ROWS_MAX];
    size_t n;
    int problems, exit_code;
};

/* What GET /config shows. Written once, before any other thread exists. */
static char effective[EFFECTIVE_SIZE];
static size_t effective_len;

__attribute__((format(printf, 3, 4))) static void problem(
        struct load *load, int exit_code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fprintf(stderr, "chuishao-%s: ", load->service);
    (void)vfprintf(stderr, format, args);
    (void)fprintf(stderr, "\n");
    va_end(args);
    load->problems++;
    if (load->exit_code != EX_USAGE) /* a wrong flag says more than a wrong value */
        load->exit_code = exit_code;
}

/* CHUISHAO_COMMIT_MS is --commit-ms, REDIS_URL is --redis-url. */
static void flag_of(const char *name, char out[FLAG_SIZE])
{
    static const char prefix[] = "CHUISHAO_";
    if (strncmp(name, prefix, sizeof prefix - 1) == 0)
        name += sizeof prefix - 1;
    size_t n = 0;
    for (; name[n] && n < FLAG_SIZE - 1; n++)
        out[n] = name[n] == '_' ? '-' : (char)tolower((unsigned char)name[n]);
    out[n] = 0;
}

static void add_rows(
        struct load *load, const struct config_row *rows, size_t n, void *target)
{
    for (size_t i = 0; i < n && load->n < ROWS_MAX; i++) {
        struct setting *setting = &load->settings[load->n++];
        *setting = (struct setting){.row = &rows[i], .target = target};
        flag_of(rows[i].name, setting->flag);
    }
}

static void print_help(const struct load *load, const char *purpose)
{
    (void)printf(
            "chuishao-%s: %s\n\nUsage: chuishao-%s [--<setting> <value>]...\n\n"
            "Settings come from flags, then from the environment, then from the "
            "defaults.\n"
            "A secret may also be read from the file that <NAME>_FILE names. Other "
            "KAFKA_*\n"
            "variables go to librdkafka: KAFKA_SASL_MECHANISM is sasl.mechanism.\n\n",
            load->service, purpose, load->service);
    for (size_t i = 0; i < load->n; i++) {
        const struct setting *setting = &load->settings[i];
        const char *fallback = setting->row->fallback;
        (void)printf("  %-24s --%-22s %s (%s%s)\n", setting->row->name, setting->flag,
                setting->row->meaning, fallback ? "default " : "required",
                !fallback          ? ""
                : fallback[0] == 0 ? "empty"
                                   : fallback);
    }
    (void)printf("\n  --help, --version\n");
}

static void read_flags(struct load *load, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (strncmp(arg, "--", 2) != 0) {
            problem(load, EX_USAGE, "%s is not a flag; --help lists them", arg);
            continue;
        }
        size_t len = strcspn(arg + 2, "=");
        struct setting *found = NULL;
        for (size_t j = 0; j < load->n && !found; j++)
            if (strlen(load->settings[j].flag) == len &&
                    memcmp(load->settings[j].flag, arg + 2, len) == 0)
                found = &load->settings[j];
        if (!found)
            problem(load, EX_USAGE, "no flag %.*s; --help lists them", (int)len + 2, arg);
        else if (arg[2 + len] == '=')
            found->from_flag = arg + 3 + len;
        else if (i + 1 < argc)
            found->from_flag = argv[++i];
        else
            problem(load, EX_USAGE, "--%s wants a value", found->flag);
    }
}

/* The first line of a secret's file; kept for the process's life. */
static const char *read_secret(struct load *load, const char *name, const char *path)
{
    static char pool[8][SECRET_MAX];
    static size_t used;
    FILE *file = used < sizeof pool / sizeof *pool ? fopen(path, "r") : NULL;
    char *text = NULL;
    if (file && fgets(pool[used], SECRET_MAX, file)) {
        text = pool[used++];
        text[strcspn(text, "\r\n")] = 0;
    }
    if (file)
        (void)fclose(file); /* only read */
    if (!text)
        problem(load, EX_CONFIG, "%s_FILE: cannot read a line from %s", name, path);
    return text;
}

static const char *find_value(struct load *load, const struct setting *setting)
{
    if (setting->from_flag)
        return setting->from_flag;
    const char *value = getenv(setting->row->name);
    if (value)
        return value;
    if (setting->row->secret) {
        char name[FLAG_SIZE + 8];
        (void)snprintf(
                name, sizeof name, "%s_FILE", setting->row->name); /* rows are short */
        const char *path = getenv(name);
        if (path)
            return read_secret(load, setting->row->name, path);
    }
    if (!setting->row->fallback)
        problem(load, EX_CONFIG, "%s is required: %s", setting->row->name,
                setting->row->meaning);
    return setting->row->fallback;
}

static bool parse_bool(const char *value, bool *out)
{
    static const char *const words[] = {
            "false", "true", "no", "yes", "0", "1", "off", "on"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(value, words[i]) == 0) {
            *out = i % 2 == 1;
            return true;
        }
    }
    return false;
}

static bool parse_int(const char *value, int64_t *out)
{
    char *end;
    errno = 0;
    long long n = strtoll(value, &end, 10);
    if (errno || end == value || *end || isspace((unsigned char)value[0]))
        return false;
    *out = n;
    return true;
}

static void store_value(
        struct load *load, const struct setting *setting, const char *value)
{
    char *at = (char *)setting->target + setting->row->offset;
    const char *shown = setting->row->secret ? "(secret)" : value;
    int64_t number;
    bool flag;
    switch (setting->row->type) {
    case CONFIG_TEXT:
        memcpy(at, &value, sizeof value);
        break;
    case CONFIG_INT:
        if (parse_int(value, &number))
            memcpy(at, &number, sizeof number);
        else
            problem(load, EX_CONFIG, "%s is %s; write a whole number", setting->row->name,
                    shown);
        break;
    case CONFIG_BOOL:
        if (parse_bool(value, &flag))
            memcpy(at, &flag, sizeof flag);
        else
            problem(load, EX_CONFIG, "%s is %s; write true or false", setting->row->name,
                    shown);
        break;
    }
}

__attribute__((format(printf, 1, 2))) static void show(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = sizeof effective - effective_len;
    int n = vsnprintf(effective + effective_len, room, format, args);
    va_end(args);
    if (n > 0)
        effective_len += (size_t)n < room ? (size_t)n : room - 1;
}

/* A URL shows all but its credentials; any other secret not at all. */
static void show_setting(const struct config_row *row, const char *value)
{
    const char *at = strrchr(value, '@'), *scheme = strstr(value, "://");
    if (!row->secret || (scheme && !at))
        show("%s=%s\n", row->name, value);
    else if (scheme && at > scheme)
        show("%s=%.*s***%s\n", row->name, (int)(scheme + 3 - value), value, at);
    else
        show("%s=%s\n", row->name, value[0] ? "***" : "");
}

static bool own_variable(const struct load *load, const char *name, size_t len)
{
    for (size_t i = 0; i < load->n; i++) {
        const struct config_row *row = load->settings[i].row;
        size_t row_len = strlen(row->name);
        if (len >= row_len && memcmp(name, row->name, row_len) == 0 &&
                (len == row_len || (row->secret && len == row_len + 5 &&
                                           !memcmp(name + row_len, "_FILE", 5))))
            return true;
    }
#ifdef CHUISHAO_KILL_POINTS
    if ((len == 13 && memcmp(name, "CHUISHAO_KILL", 13) == 0) ||
            (len == 16 && memcmp(name, "CHUISHAO_CONTROL", 16) == 0))
        return true; /* see kill_point.h */
#endif
    return false;
}

/* KAFKA_SASL_MECHANISM becomes sasl.mechanism. The list lives as long as the process. */
static bool add_kafka(
        struct config_common *common, const char *name, size_t len, const char *value)
{
    static struct bus_setting list[KAFKA_MAX];
    static char keys[KAFKA_MAX][FLAG_SIZE];
    if (common->n_kafka == KAFKA_MAX || len >= FLAG_SIZE)
        return false;
    char *key = keys[common->n_kafka];
    for (size_t i = 0; i < len; i++)
        key[i] = name[i] == '_' ? '.' : (char)tolower((unsigned char)name[i]);
    key[len] = 0;
    list[common->n_kafka++] = (struct bus_setting){key, value};
    common->kafka = list;
    bool secret = strstr(key, "password") || strstr(key, "secret") ||
                  strstr(key, "jaas") || strstr(key, ".key.pem") ||
                  strstr(key, "oauthbearer.config");
    show("KAFKA_%.*s=%s\n", (int)len, name, secret ? "***" : value);
    return true;
}

static void read_environment(struct load *load, struct config_common *common)
{
    for (char **variable = environ; *variable; variable++) {
        size_t len = strcspn(*variable, "=");
        if ((*variable)[len] != '=' || own_variable(load, *variable, len))
            continue;
        if (strncmp(*variable, "CHUISHAO_", 9) == 0)
            problem(load, EX_CONFIG,
                    "%.*s is not a setting of this service; --help lists them", (int)len,
                    *variable);
        else if (strncmp(*variable, "KAFKA_", 6) == 0 && len > 6 &&
                 !add_kafka(common, *variable + 6, len - 6, *variable + len + 1))
            problem(load, EX_CONFIG, "%.*s is one KAFKA_* variable too many, or too long",
                    (int)len, *variable);
    }
}

/* A topic's part and part of a group's name. */
static bool plain_word(const char *text)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '-' && *text != '_')
            return false;
    return true;
}

static void check_common(struct load *load, struct config_common *common)
{
    static char instance[128];
    if (!plain_word(common->lane))
        problem(load, EX_CONFIG, "CHUISHAO_LANE is %s; use letters, digits and -",
                common->lane);
    if (!common->instance[0]) {
        /* A cut name would only come from a very long lane, refused by the broker. */
        (void)snprintf(instance, sizeof instance, "%s%s%s-0", load->service,
                common->lane[0] ? "-" : "", common->lane);
        common->instance = instance;
    } else if (!plain_word(common->instance)) {
        problem(load, EX_CONFIG, "CHUISHAO_INSTANCE is %s; use letters, digits and -",
                common->instance);
    }
    const struct {
        const char *name;
        int64_t value, min, max;
    } ranges[] = {
            {"CHUISHAO_COMMIT_MS", common->commit_ms, 1, 60000},
            {"CHUISHAO_COMMIT_BUSY_MS", common->commit_busy_ms, 1, 60000},
            {"CHUISHAO_BATCH_MAX", common->batch_max, 1, 1000000},
            {"CHUISHAO_BATCH_BYTES", common->batch_bytes, 1024, 1LL << 30},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (ranges[i].value < ranges[i].min || ranges[i].value > ranges[i].max)
            problem(load, EX_CONFIG, "%s is %lld; it goes from %lld to %lld",
                    ranges[i].name, (long long)ranges[i].value, (long long)ranges[i].min,
                    (long long)ranges[i].max);
    if (!log_open(load->service, common->log_level, common->log_format))
        problem(load, EX_CONFIG,
                "LOG_LEVEL is %s and LOG_FORMAT is %s; use error, warn, info or debug, "
                "and "
                "logfmt or json",
                common->log_level, common->log_format);
}

bool config_load(const char *service, const char *purpose, int argc, char **argv,
        struct config_common *common, const struct config_row *rows, size_t n_rows,
        void *own, int *exit_code)
{
    struct load load = {.service = service};
    add_rows(&load, common_rows, N_COMMON, common);
    add_rows(&load, rows, n_rows, own);
    *common = (struct config_common){0};
    effective_len = 0;
    for (int i = 1; i < argc; i++) {
        bool help = strcmp(argv[i], "--help") == 0;
        if (help)
            print_help(&load, purpose);
        else if (strcmp(argv[i], "--version") == 0)
            (void)printf("chuishao-%s %s\n", service, CHUISHAO_VERSION);
        else
            continue;
        *exit_code = EX_OK;
        return false;
    }
    read_flags(&load, argc, argv);
    for (size_t i = 0; i < load.n; i++) {
        const char *value = find_value(&load, &load.settings[i]);
        if (!value)
            continue;
        store_value(&load, &load.settings[i], value);
        show_setting(load.settings[i].row, value);
    }
    read_environment(&load, common);
    if (load.problems == 0)
        check_common(&load, common);
    if (load.problems) {
        *exit_code = load.exit_code;
        return false;
    }
    return true;
}

struct str config_text(void)
{
    return (struct str){effective, effective_len};
}

struct bus_config config_bus(
        const struct config_common *common, const char *service, const char *group)
{
    (void)service;
    return (struct bus_config){
            .brokers = common->brokers,
            .client_id = common->instance,
            .group = group,
            .instance = common->instance,
            .settings = common->kafka,
            .n_settings = common->n_kafka,
    };
}
