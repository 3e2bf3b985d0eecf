#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* cmocka.h needs the ones above. */
#include <cmocka.h>

static struct own {
    const char *key_file;
    int64_t shards;
    bool strict;
    const char *token;
} own;

static const struct config_row rows[] = {
        {"CHUISHAO_KEY_FILE", CONFIG_TEXT, offsetof(struct own, key_file), NULL, false,
                "a key"},
        {"CHUISHAO_SHARDS", CONFIG_INT, offsetof(struct own, shards), "4", false,
                "how many"},
        {"CHUISHAO_STRICT", CONFIG_BOOL, offsetof(struct own, strict), "no", false,
                "refuse more"},
        {"CHUISHAO_TOKEN", CONFIG_TEXT, offsetof(struct own, token), "", true,
                "a secret"},
};

static struct config_common common;
static int exit_code;

static bool load(int argc, char **argv)
{
    own = (struct own){0};
    exit_code = -1;
    return config_load("probe", "tries things", argc, argv, &common, rows,
            sizeof rows / sizeof *rows, &own, &exit_code);
}

#define LOAD(...)                                                                        \
    load((int)(sizeof((char *[]){"chuishao-probe", __VA_ARGS__}) / sizeof(char *)),      \
            (char *[]){"chuishao-probe", __VA_ARGS__})

static int with_clean_environment(void **state)
{
    (void)state;
    clearenv();
    return setenv("CHUISHAO_KEY_FILE", "key.hex", 1);
}

static void defaults_hold_where_nothing_is_set(void **state)
{
    (void)state;
    assert_true(LOAD("--shards=4"));
    assert_string_equal(common.brokers, "127.0.0.1:9092");
    assert_string_equal(common.redis_url, "redis://127.0.0.1:6379");
    assert_string_equal(common.instance, "probe-0");
    assert_string_equal(common.lane, "");
    assert_int_equal(common.commit_ms, 20);
    assert_int_equal(common.batch_bytes, 16 << 20);
    assert_string_equal(own.key_file, "key.hex");
    assert_int_equal(own.shards, 4);
    assert_false(own.strict);
}

static void a_flag_beats_the_environment(void **state)
{
    (void)state;
    setenv("CHUISHAO_SHARDS", "5", 1);
    setenv("CHUISHAO_COMMIT_MS", "30", 1);
    assert_true(LOAD("--shards", "6", "--strict=true"));
    assert_int_equal(own.shards, 6);
    assert_true(own.strict);
    assert_int_equal(common.commit_ms, 30);
}

static void the_lane_is_part_of_the_default_instance(void **state)
{
    (void)state;
    assert_true(LOAD("--lane=express"));
    assert_string_equal(common.instance, "probe-express-0");
}

static void kafka_variables_pass_through_under_their_own_names(void **state)
{
    (void)state;
    setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka-1:9092", 1);
    setenv("KAFKA_SASL_MECHANISM", "PLAIN", 1);
    setenv("KAFKA_SASL_PASSWORD", "geheim", 1);
    assert_true(LOAD("--shards=4"));
    assert_string_equal(common.brokers, "kafka-1:9092");
    assert_int_equal(common.n_kafka, 2);
    assert_string_equal(common.kafka[0].name, "sasl.mechanism");
    assert_string_equal(common.kafka[0].value, "PLAIN");
    struct bus_config bus = config_bus(&common, "probe", "chuishao.probe");
    assert_string_equal(bus.brokers, "kafka-1:9092");
    assert_int_equal(bus.n_settings, 2);
}

static void secrets_are_masked_where_values_are_shown(void **state)
{
    (void)state;
    setenv("REDIS_URL", "redis://:geheim@redis:6379/0", 1);
    setenv("CHUISHAO_TOKEN", "geheim", 1);
    setenv("KAFKA_SASL_PASSWORD", "geheim", 1);
    assert_true(LOAD("--shards=4"));
    struct str shown = config_text();
    assert_int_equal(str_find(shown, STR("geheim")), shown.len);
    assert_true(str_find(shown, STR("REDIS_URL=redis://***@redis:6379/0\n")) < shown.len);
    assert_true(str_find(shown, STR("CHUISHAO_SHARDS=4\n")) < shown.len);
}

static void a_secret_may_come_from_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/chuishao-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "from file\n", 10), 10);
    close(fd);
    setenv("CHUISHAO_TOKEN_FILE", path, 1);
    assert_true(LOAD("--shards=4"));
    unlink(path);
    assert_string_equal(own.token, "from file");
}

static void what_is_unknown_or_malformed_is_refused_with_78(void **state)
{
    (void)state;
    setenv("CHUISHAO_SHARD", "5", 1);
    assert_false(LOAD("--shards=4"));
    assert_int_equal(exit_code, 78);
    unsetenv("CHUISHAO_SHARD");
    assert_false(LOAD("--shards=four"));
    assert_int_equal(exit_code, 78);
    assert_false(LOAD("--strict=maybe"));
    assert_int_equal(exit_code, 78);
    assert_false(LOAD("--commit-ms=0"));
    assert_int_equal(exit_code, 78);
    assert_false(LOAD("--log-level=loud"));
    assert_int_equal(exit_code, 78);
    unsetenv("CHUISHAO_KEY_FILE");
    assert_false(LOAD("--shards=4"));
    assert_int_equal(exit_code, 78);
}

static void a_wrong_flag_is_a_usage_error(void **state)
{
    (void)state;
    assert_false(LOAD("--nonsense=1"));
    assert_int_equal(exit_code, 64);
    assert_false(LOAD("--shards"));
    assert_int_equal(exit_code, 64);
    assert_false(LOAD("shards"));
    assert_int_equal(exit_code, 64);
}

static void help_and_version_end_well(void **state)
{
    (void)state;
    assert_false(LOAD("--help"));
    assert_int_equal(exit_code, 0);
    assert_false(LOAD("--version"));
    assert_int_equal(exit_code, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, with_clean_environment)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(defaults_hold_where_nothing_is_set),
            TEST(a_flag_beats_the_environment),
            TEST(the_lane_is_part_of_the_default_instance),
            TEST(kafka_variables_pass_through_under_their_own_names),
            TEST(secrets_are_masked_where_values_are_shown),
            TEST(a_secret_may_come_from_a_file),
            TEST(what_is_unknown_or_malformed_is_refused_with_78),
            TEST(a_wrong_flag_is_a_usage_error),
            TEST(help_and_version_end_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
