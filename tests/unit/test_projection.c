#include "projection.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const TOPICS[] = {"case.event.v1"};

struct fixture {
    char folder[40], path[64];
    struct projection_spec spec;
    struct projection *projection;
    struct sql_stmt *insert;
};

/* A value "!" cannot be understood, "?" is trouble on our side. */
static bool fold(void *ctx, const struct bus_msg *msg, struct error *err)
{
    struct fixture *fixture = ctx;
    if (str_is(msg->value, "!"))
        return error_set(err, ERR_INVALID, "bad_json", "not JSON");
    if (str_is(msg->value, "?"))
        return error_set(err, ERR_RETRY, "sqlite", "disk full");
    sql_bind_int(fixture->insert, 1, msg->offset);
    sql_bind_str(fixture->insert, 2, msg->value);
    return sql_run(fixture->insert, err);
}

static void open_file(struct fixture *fixture)
{
    struct error err = {0};
    assert_true(
            projection_open(&fixture->projection, &fixture->spec, fixture->path, &err));
    assert_true(sql_prepare(&fixture->insert, projection_sql(fixture->projection),
            "INSERT INTO seen VALUES (?1, ?2)", &err));
}

static void close_file(struct fixture *fixture)
{
    sql_done(fixture->insert);
    projection_close(fixture->projection);
    fixture->insert = NULL;
    fixture->projection = NULL;
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    (void)snprintf(fixture->folder, sizeof fixture->folder, "/tmp/projection-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    (void)snprintf(
            fixture->path, sizeof fixture->path, "%s/file.sqlite", fixture->folder);
    fixture->spec = (struct projection_spec){
            .name = "test",
            .topics = TOPICS,
            .n_topics = 1,
            .n_required = 1,
            .schema = "CREATE TABLE seen(at INTEGER PRIMARY KEY, value TEXT);",
            .schema_version = 1,
            .apply = fold,
            .ctx = fixture,
    };
    open_file(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    close_file(fixture);
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char name[80];
        (void)snprintf(name, sizeof name, "%s%s", fixture->path, tails[i]);
        (void)unlink(name);
    }
    (void)rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static bool take(
        struct fixture *fixture, int64_t offset, const char *value, struct error *err)
{
    struct bus_msg msg = {.topic = STR("case.event.v1"),
            .partition = 2,
            .offset = offset,
            .value = str_of(value)};
    return projection_take(fixture->projection, &msg, err);
}

static void turn(struct fixture *fixture, int64_t from, int64_t to)
{
    struct error err = {0};
    assert_true(projection_begin(fixture->projection, &err));
    for (int64_t offset = from; offset < to; offset++)
        assert_true(take(fixture, offset, "x", &err));
    assert_true(projection_commit(fixture->projection, &err));
}

static int64_t count(struct fixture *fixture)
{
    struct error err = {0};
    struct sql_stmt *stmt;
    bool row;
    assert_true(sql_prepare(&stmt, projection_sql(fixture->projection),
            "SELECT count(*) FROM seen", &err));
    assert_true(sql_step(stmt, &row, &err) && row);
    int64_t n = sql_int(stmt, 0);
    sql_done(stmt);
    return n;
}

static int64_t position(struct fixture *fixture)
{
    return projection_position(fixture->projection, "case.event.v1", 2);
}

static void continues_where_the_last_commit_ended(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(position(fixture), -1);
    turn(fixture, 5, 8);
    close_file(fixture);
    open_file(fixture);
    assert_int_equal(position(fixture), 8);
    assert_int_equal(count(fixture), 3);
}

static void a_message_that_comes_again_is_skipped(void **state)
{
    struct fixture *fixture = *state;
    turn(fixture, 0, 3);
    turn(fixture, 1, 5);
    assert_int_equal(count(fixture), 5);
    assert_int_equal(position(fixture), 5);
}

static void what_was_not_committed_never_was(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    turn(fixture, 0, 2);
    assert_true(projection_begin(fixture->projection, &err));
    assert_true(take(fixture, 2, "x", &err));
    assert_false(take(fixture, 3, "?", &err));
    assert_int_equal(err.kind, ERR_RETRY);
    projection_rollback(fixture->projection);
    assert_int_equal(count(fixture), 2);
    assert_int_equal(position(fixture), 2);
    turn(fixture, 2, 4);
    assert_int_equal(count(fixture), 4);
}

static void a_message_that_cannot_be_understood_is_passed_over(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    assert_true(projection_begin(fixture->projection, &err));
    assert_true(take(fixture, 0, "!", &err));
    assert_true(take(fixture, 1, "x", &err));
    assert_true(projection_commit(fixture->projection, &err));
    assert_int_equal(count(fixture), 1);
    assert_int_equal(position(fixture), 2);
}

static void another_schema_version_starts_from_nothing(void **state)
{
    struct fixture *fixture = *state;
    turn(fixture, 0, 3);
    close_file(fixture);
    fixture->spec.schema_version = 2;
    open_file(fixture);
    assert_int_equal(position(fixture), -1);
    assert_int_equal(count(fixture), 0);
}

static void a_reset_keeps_prepared_statements_good(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    turn(fixture, 0, 3);
    assert_true(projection_reset(fixture->projection, &err));
    assert_int_equal(position(fixture), -1);
    turn(fixture, 0, 2);
    assert_int_equal(count(fixture), 2);
}

static void a_damaged_file_is_made_anew(void **state)
{
    struct fixture *fixture = *state;
    turn(fixture, 0, 3);
    close_file(fixture);
    int fd = open(fixture->path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "this is no database, whatever its name says", 43), 43);
    assert_int_equal(close(fd), 0);
    open_file(fixture);
    assert_int_equal(position(fixture), -1);
    turn(fixture, 0, 1);
    assert_int_equal(count(fixture), 1);
}

static void a_reader_sees_only_what_is_committed(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    struct sql *reader;
    struct sql_stmt *stmt;
    bool row;
    assert_true(sql_open(&reader, fixture->path, true, &err));
    assert_true(sql_prepare(&stmt, reader, "SELECT count(*) FROM seen", &err));
    assert_true(projection_begin(fixture->projection, &err));
    assert_true(take(fixture, 0, "x", &err));
    assert_true(sql_step(stmt, &row, &err) && row);
    assert_int_equal(sql_int(stmt, 0), 0);
    sql_reset(stmt);
    assert_true(projection_commit(fixture->projection, &err));
    assert_true(sql_step(stmt, &row, &err) && row);
    assert_int_equal(sql_int(stmt, 0), 1);
    sql_done(stmt);
    assert_false(sql_exec(reader, "DELETE FROM seen", &err));
    sql_close(reader);
}

static void the_file_has_the_name_of_its_service_and_lane_unless_one_is_given(
        void **state)
{
    (void)state;
    char path[64];
    struct config_common config = {.run_dir = "/run/x", .lane = "express"};
    projection_path(path, sizeof path, &config, "board", "");
    assert_string_equal(path, "/run/x/board.express.sqlite");
    projection_path(path, sizeof path, &config, "board", "other.db");
    assert_string_equal(path, "other.db");
    config = (struct config_common){.run_dir = "", .lane = ""};
    projection_path(path, sizeof path, &config, "vault", "");
    assert_string_equal(path, "vault.sqlite");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(
                    the_file_has_the_name_of_its_service_and_lane_unless_one_is_given),
            cmocka_unit_test_setup_teardown(
                    continues_where_the_last_commit_ended, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    a_message_that_comes_again_is_skipped, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    what_was_not_committed_never_was, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    a_message_that_cannot_be_understood_is_passed_over, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    another_schema_version_starts_from_nothing, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    a_reset_keeps_prepared_statements_good, setup, teardown),
            cmocka_unit_test_setup_teardown(a_damaged_file_is_made_anew, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    a_reader_sees_only_what_is_committed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
