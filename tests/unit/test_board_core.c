#include "board_core.h"
#include "board_io.h"
#include "board_metrics.h"
#include "board_view.h"
#include "metrics.h"
#include "projection.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define CASE "n20261121-0123456789abcdef"

static instant at(int64_t minute)
{
    return (instant){1700000000000 + minute * 60000};
}

static struct board_event event(int64_t seq, enum board_kind kind, enum board_stage stage)
{
    return (struct board_event){.case_id = STR(CASE),
            .seq = seq,
            .kind = kind,
            .stage = stage,
            .at = at(seq),
            .clock = -1};
}

static struct board_row dispatched(void)
{
    struct board_row row = {0};
    struct board_event opened = event(1, BOARD_KIND_OPENED, BOARD_STAGE_NONE);
    opened.title = STR("路灯不亮");
    struct board_event sent = event(2, BOARD_KIND_DISPATCHED, BOARD_DISPATCHED);
    sent.unit = STR("lights");
    sent.due[BOARD_CLOCK_SIGN] = at(30);
    sent.due[BOARD_CLOCK_CONTACT] = at(60);
    sent.due[BOARD_CLOCK_HANDLE] = at(600);
    assert_int_equal(board_apply(&row, &opened), BOARD_TAKEN);
    assert_int_equal(board_apply(&row, &sent), BOARD_TAKEN);
    return row;
}

static void apply(struct board_row *row, enum board_kind kind, enum board_stage stage)
{
    struct board_event next = event(row->seq + 1, kind, stage);
    assert_int_equal(board_apply(row, &next), BOARD_TAKEN);
}

static void the_first_outcome_stays(void **state)
{
    (void)state;
    struct board_row row = {0};
    apply(&row, BOARD_KIND_OPENED, BOARD_STAGE_NONE);
    assert_int_equal(row.outcome, BOARD_KIND_OTHER);
    apply(&row, BOARD_KIND_OTHER, BOARD_MERGE_REQUESTED);
    assert_int_equal(row.outcome, BOARD_KIND_OTHER);
    apply(&row, BOARD_KIND_NEEDS_HUMAN, BOARD_NEEDS_HUMAN);
    apply(&row, BOARD_KIND_DISPATCHED, BOARD_DISPATCHED);
    assert_int_equal(row.outcome, BOARD_KIND_NEEDS_HUMAN);
    assert_int_equal(row.stage, BOARD_DISPATCHED);
}

static void an_event_that_comes_again_changes_nothing(void **state)
{
    (void)state;
    struct board_row row = dispatched();
    struct board_event again = event(2, BOARD_KIND_CLOSED, BOARD_CLOSED);
    assert_int_equal(board_apply(&row, &again), BOARD_REPEATED);
    assert_int_equal(row.stage, BOARD_DISPATCHED);
}

static void a_missing_event_is_told_and_the_rest_is_taken(void **state)
{
    (void)state;
    struct board_row row = dispatched();
    struct board_event later = event(4, BOARD_KIND_CONTACTED, BOARD_CONTACTED);
    assert_int_equal(board_apply(&row, &later), BOARD_TAKEN_GAP);
    assert_int_equal(row.stage, BOARD_CONTACTED);
}

static void each_step_settles_its_clocks(void **state)
{
    (void)state;
    struct board_row row = dispatched();
    assert_int_equal(board_next_due(&row).ms, at(30).ms);
    apply(&row, BOARD_KIND_HANDLING, BOARD_HANDLING);
    assert_int_equal(board_next_due(&row).ms, at(60).ms);
    apply(&row, BOARD_KIND_CONTACTED, BOARD_HANDLING);
    assert_int_equal(board_next_due(&row).ms, at(600).ms);
    apply(&row, BOARD_KIND_SUBMITTED, BOARD_SUBMITTED);
    assert_int_equal(board_next_due(&row).ms, 0);
    apply(&row, BOARD_KIND_REDO, BOARD_HANDLING);
    assert_int_equal(board_next_due(&row).ms, at(600).ms);
    apply(&row, BOARD_KIND_CLOSED, BOARD_CLOSED);
    assert_int_equal(board_next_due(&row).ms, 0);
    assert_int_equal(row.closed_at.ms, at(row.seq).ms);
}

static void a_redo_moves_the_time_for_the_handling_only(void **state)
{
    (void)state;
    struct board_row row = dispatched();
    apply(&row, BOARD_KIND_CONTACTED, BOARD_CONTACTED);
    apply(&row, BOARD_KIND_SUBMITTED, BOARD_SUBMITTED);
    struct board_event redo = event(5, BOARD_KIND_REDO, BOARD_HANDLING);
    redo.due[BOARD_CLOCK_HANDLE] = at(640);
    (void)board_apply(&row, &redo);
    assert_int_equal(board_next_due(&row).ms, at(640).ms);
    assert_false(instant_is_never(row.done[BOARD_CLOCK_SIGN]));
}

static void another_unit_starts_with_its_own_clocks(void **state)
{
    (void)state;
    struct board_row row = dispatched();
    apply(&row, BOARD_KIND_OTHER, BOARD_RETURN_REQUESTED);
    struct board_event next = event(4, BOARD_KIND_DISPATCHED, BOARD_DISPATCHED);
    next.unit = STR("roads");
    next.due[BOARD_CLOCK_HANDLE] = at(900);
    (void)board_apply(&row, &next);
    assert_true(str_is(row.unit, "roads"));
    assert_int_equal(board_next_due(&row).ms, at(900).ms);
}

static void a_breach_is_kept_and_does_not_move_the_case(void **state)
{
    (void)state;
    struct board_row row = dispatched();
    struct board_event breach = event(3, BOARD_KIND_BREACH, BOARD_STAGE_NONE);
    breach.clock = BOARD_CLOCK_SIGN;
    breach.unit = STR("street");
    (void)board_apply(&row, &breach);
    assert_int_equal(row.breached, 1U << BOARD_CLOCK_SIGN);
    assert_true(str_is(row.unit, "lights"));
    assert_int_equal(row.stage, BOARD_DISPATCHED);
}

static void a_refused_merge_forgets_the_master(void **state)
{
    (void)state;
    struct board_row row = {0};
    apply(&row, BOARD_KIND_OPENED, BOARD_STAGE_NONE);
    struct board_event asked = event(2, BOARD_KIND_OTHER, BOARD_MERGE_REQUESTED);
    asked.master = STR("n20261121-fedcba9876543210");
    (void)board_apply(&row, &asked);
    assert_int_not_equal(row.master.len, 0);
    apply(&row, BOARD_KIND_MERGE_REFUSED, BOARD_STAGE_NONE);
    assert_int_equal(row.master.len, 0);
}

/* ---- with the file ---- */

struct file {
    char folder[40], path[64];
    struct projection_spec spec;
    struct projection *projection;
    struct board_db *db;
    struct board_view *view;
    struct arena arena;
};

static bool fold(void *ctx, const struct bus_msg *msg, struct error *err)
{
    struct file *file = ctx;
    if (str_is(msg->topic, "audit.v1"))
        return board_db_audit(file->db, msg->value, err);
    if (str_is(msg->topic, "complaint.intake.v1.dlt"))
        return board_db_dead_letter(file->db, msg, err);
    return board_db_event(file->db, msg->value, err);
}

static int file_setup(void **state)
{
    struct file *file = calloc(1, sizeof *file);
    struct error err = {0};
    assert_non_null(file);
    (void)snprintf(file->folder, sizeof file->folder, "/tmp/board-XXXXXX");
    assert_non_null(mkdtemp(file->folder));
    (void)snprintf(file->path, sizeof file->path, "%s/file.sqlite", file->folder);
    file->spec = (struct projection_spec){.name = "board_test",
            .schema = board_schema,
            .schema_version = BOARD_SCHEMA_VERSION,
            .apply = fold,
            .ctx = file};
    assert_true(projection_open(&file->projection, &file->spec, file->path, &err));
    assert_true(board_db_open(&file->db, projection_sql(file->projection), &err));
    assert_true(board_view_open(&file->view, file->path, NULL, &err));
    *state = file;
    return 0;
}

static int file_teardown(void **state)
{
    struct file *file = *state;
    board_view_close(file->view);
    board_db_close(file->db);
    projection_close(file->projection);
    (void)unlink(file->path);
    (void)rmdir(file->folder);
    arena_done(&file->arena);
    free(file);
    return 0;
}

static void feed(struct file *file, const char *topic, int64_t offset, const char *value)
{
    struct error err = {0};
    struct bus_msg msg = {.topic = str_of(topic),
            .offset = offset,
            .value = str_of(value),
            .timestamp = at(0)};
    assert_true(projection_begin(file->projection, &err));
    assert_true(projection_take(file->projection, &msg, &err));
    assert_true(projection_commit(file->projection, &err));
}

static const char OPENED[] =
        "{\"case\":\"" CASE
        "\",\"seq\":1,\"kind\":\"opened\",\"at\":\"2026-11-21T08:00:00.000+08:00\","
        "\"actor\":{\"service\":\"router\"},\"why\":{\"evidence\":[{\"rule\":\"k1\","
        "\"words\":[\"路灯\"]}]},"
        "\"new\":{\"source\":\"phone\",\"id\":\"a-1\",\"channel\":\"phone\",\"nature\":"
        "\"help\",\"category\":\"030101\","
        "\"category_name\":\"路灯\",\"urgency\":\"N\",\"place\":{\"code\":\"e1\","
        "\"name\":\"春晓苑\"},"
        "\"title\":\"路灯 "
        "<b>不亮\",\"text\":\"门口路灯不亮，晚上看不清台阶，已经有两位老人在那里摔倒\"}}";
static const char DISPATCHED[] =
        "{\"case\":\"" CASE
        "\",\"seq\":2,\"kind\":\"dispatched\",\"at\":\"2026-11-21T08:00:00.000+08:00\","
        "\"actor\":{\"service\":\"router\"},\"why\":{\"rule\":\"d7\",\"policy\":\"sample@"
        "0\"},\"old\":{},"
        "\"new\":{\"stage\":\"DISPATCHED\",\"unit\":\"lights\",\"role\":\"lead\","
        "\"order\":\"" CASE ".1\","
        "\"clocks\":[{\"clock\":\"sign\",\"due\":\"2026-11-21T08:30:00+08:00\"},"
        "{\"clock\":\"handle\",\"due\":\"2026-11-24T08:00:00+08:00\"}]}}";
static const char REPEAT[] = "{\"id\":\"" CASE
                             ".repeat.9\",\"at\":\"2026-11-21T08:05:00+08:00\",\"kind\":"
                             "\"repeat\",\"case\":\"" CASE "\"}";

static bool has(struct str json, const char *text)
{
    return str_find(json, str_of(text)) < json.len;
}

static instant morning(void)
{
    instant t;
    struct error err = {0};
    assert_true(instant_parse(STR("2026-11-21T09:00:00+08:00"), &t, &err));
    return t;
}

static void feed_one_case(struct file *file)
{
    feed(file, "case.event.v1", 0, OPENED);
    feed(file, "case.event.v1", 1, DISPATCHED);
    feed(file, "audit.v1", 0, REPEAT);
    feed(file, "complaint.intake.v1.dlt", 0, "\xff");
    feed(file, "case.event.v1", 2, "not JSON");
}

static void the_totals_add_up(void **state)
{
    struct file *file = *state;
    struct error err = {0};
    struct str json;
    feed_one_case(file);
    assert_true(board_view_summary(file->view, 0, morning(), &file->arena, &json, &err));
    assert_true(has(json, "\"published\":3,\"accepted\":1,\"repeated\":1,\"dead_"
                          "lettered\":1,\"dispatched\":1,"
                          "\"needs_human\":0,\"transferred\":0,\"merged\":0,\"resolved\":"
                          "0,\"open\":1,\"overdue\":1"));
    struct board_metrics *metrics = board_metrics_open(projection_sql(file->projection));
    assert_true(board_metrics_show(metrics, &err));
    board_metrics_close(metrics);
    struct str text = metrics_text(&file->arena);
    assert_true(has(text, "chuishao_sla_open{unit=\"lights\",clock=\"sign\"} 1\n"));
    assert_true(has(text, "chuishao_cases{stage=\"DISPATCHED\"} 1\n"));
}

static void the_list_finds_by_unit_stage_and_lateness(void **state)
{
    struct file *file = *state;
    struct error err = {0};
    struct str json;
    feed_one_case(file);
    struct board_filter filter = {.unit = STR("lights"),
            .stage = STR("DISPATCHED"),
            .urgency = STR("N"),
            .id = STR("a-1"),
            .overdue = true,
            .limit = 10};
    assert_true(
            board_view_cases(file->view, &filter, morning(), &file->arena, &json, &err));
    assert_true(has(json, "\"case\":\"" CASE "\",\"source\":\"phone\",\"id\":\"a-1\""));
    assert_true(has(json, "\"due\":\"2026-11-21T08:30:00.000+08:00\""));
    assert_true(has(json, "\"brief\":\"门口路灯不亮，晚上看不清台阶，已经有两位…\""));
    filter.after = STR(CASE);
    assert_true(
            board_view_cases(file->view, &filter, morning(), &file->arena, &json, &err));
    assert_true(str_is(json, "[]"));
    filter = (struct board_filter){.unit = STR("roads"), .limit = 10};
    assert_true(
            board_view_cases(file->view, &filter, morning(), &file->arena, &json, &err));
    assert_true(str_is(json, "[]"));
    filter = (struct board_filter){.after = STR(CASE), .limit = 10};
    assert_true(
            board_view_cases(file->view, &filter, morning(), &file->arena, &json, &err));
    assert_true(str_is(json, "[]"));
    assert_true(board_view_units(file->view, morning(), &file->arena, &json, &err));
    assert_true(has(json, "\"unit\":\"lights\",\"name\":\"lights\",\"open\":1,"
                          "\"unsigned\":1,\"overdue\":1,\"due_today\":0"));
}

static void the_story_holds_every_event_byte_for_byte(void **state)
{
    struct file *file = *state;
    struct error err = {0};
    struct str json;
    feed_one_case(file);
    assert_true(
            board_view_case(file->view, STR(CASE), morning(), &file->arena, &json, &err));
    assert_true(has(json, OPENED));
    assert_true(has(json, DISPATCHED));
    assert_true(has(json, REPEAT));
    assert_true(has(json, "\"clocks\":[{\"clock\":\"sign\",\"due\":\"2026-11-21T08:30:00."
                          "000+08:00\",\"breached\":false}"));
    assert_true(board_view_case(file->view, STR("n20261121-fedcba9876543210"), morning(),
            &file->arena, &json, &err));
    assert_int_equal(json.len, 0);
}

static void the_same_event_is_written_once(void **state)
{
    struct file *file = *state;
    struct error err = {0};
    struct str json;
    feed_one_case(file);
    feed(file, "case.event.v1", 3, DISPATCHED); /* another record of the same event */
    assert_true(board_view_summary(file->view, 0, morning(), &file->arena, &json, &err));
    assert_true(has(
            json, "\"accepted\":1,\"repeated\":1,\"dead_lettered\":1,\"dispatched\":1"));
}

static struct str slurp(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = arena_alloc(arena, 65536);
    size_t len = fread(text, 1, 65536, file);
    assert_int_equal(fclose(file), 0);
    return (struct str){text, len};
}

static void every_example_of_the_schemas_is_taken(void **state)
{
    struct file *file = *state;
    struct error err = {0};
    glob_t found;
    assert_int_equal(
            glob(SOURCE_DIR "/schemas/case.event/valid/*.json", 0, NULL, &found), 0);
    assert_int_equal(
            glob(SOURCE_DIR "/schemas/audit/valid/*.json", GLOB_APPEND, NULL, &found), 0);
    assert_true(projection_begin(file->projection, &err));
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct str text = slurp(&file->arena, found.gl_pathv[i]);
        bool audit = strstr(found.gl_pathv[i], "/audit/") != NULL;
        if (!(audit ? board_db_audit(file->db, text, &err)
                    : board_db_event(file->db, text, &err)))
            fail_msg("%s: %s", found.gl_pathv[i], err.text);
    }
    assert_true(projection_commit(file->projection, &err));
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_first_outcome_stays),
            cmocka_unit_test(an_event_that_comes_again_changes_nothing),
            cmocka_unit_test(a_missing_event_is_told_and_the_rest_is_taken),
            cmocka_unit_test(each_step_settles_its_clocks),
            cmocka_unit_test(a_redo_moves_the_time_for_the_handling_only),
            cmocka_unit_test(another_unit_starts_with_its_own_clocks),
            cmocka_unit_test(a_breach_is_kept_and_does_not_move_the_case),
            cmocka_unit_test(a_refused_merge_forgets_the_master),
            cmocka_unit_test_setup_teardown(the_totals_add_up, file_setup, file_teardown),
            cmocka_unit_test_setup_teardown(
                    the_list_finds_by_unit_stage_and_lateness, file_setup, file_teardown),
            cmocka_unit_test_setup_teardown(
                    the_story_holds_every_event_byte_for_byte, file_setup, file_teardown),
            cmocka_unit_test_setup_teardown(
                    every_example_of_the_schemas_is_taken, file_setup, file_teardown),
            cmocka_unit_test_setup_teardown(
                    the_same_event_is_written_once, file_setup, file_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
