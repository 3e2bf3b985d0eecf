/* The examples of schemas/ against the codecs that ship: what a service reads, it reads;
 * what it keeps comes back equal. What comes from outside is in test_intake_codec.c. An
 * example that is added needs no line here. */
#include "board_io.h"
#include "casework_io.h"
#include "classifier_io.h"
#include "delivery_io.h"
#include "json_tree.h"
#include "ledger_io.h"
#include "reader_fixture.h"
#include "router_io.h"
#include "stage_out.h"
#include "vault_io.h"
#include "whistle_io.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const struct policy no_policy = {.version = "none@000000000000"};

static struct str read_whole(const char *path)
{
    enum { MOST = 1 << 20 };
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s does not open", path);
    char *text = arena_alloc(&arena, MOST);
    size_t len = fread(text, 1, MOST, file);
    (void)fclose(file);
    return (struct str){text, len};
}

/* False with the code when the reader refuses the text. */
typedef bool read_example(struct str text, struct error *err);

/* Every valid example is read; an invalid one that is refused gives its code. Readers
 * look at what they use, so `strict` says whether this one must refuse every invalid
 * example. */
static void run(const char *message, read_example *read, bool strict)
{
    static const char *const folders[] = {"invalid", "valid"};
    for (int valid = 0; valid < 2; valid++) {
        const char *folder = arena_printf(
                &arena, "%s/schemas/%s/%s", SOURCE_DIR, message, folders[valid])
                                     .ptr;
        DIR *dir = opendir(folder);
        int n = 0;
        if (!dir)
            fail_msg("%s does not open", folder);
        for (struct dirent *entry; (entry = readdir(dir));) {
            const char *dot = strrchr(entry->d_name, '.');
            if (!dot || strcmp(dot, ".json") != 0)
                continue;
            struct error err = {0};
            const char *path = arena_printf(&arena, "%s/%s", folder, entry->d_name).ptr;
            bool done = read(read_whole(path), &err);
            n++;
            if (valid && !done)
                fail_msg("%s: %s %s", path, err.code, err.text);
            if (valid || (!strict && (done || err.kind != ERR_INVALID)))
                continue;
            if (done)
                fail_msg("%s is read", path);
            struct str code = read_whole(
                    arena_printf(&arena, "%.*s.error", (int)strlen(path) - 5, path).ptr);
            while (code.len && code.ptr[code.len - 1] == '\n')
                code.len--;
            if (!str_is(code, err.code))
                fail_msg("%s: gives %s", path, err.code);
        }
        (void)closedir(dir);
        assert_true(n > 0);
    }
}

/* ---- messages ---- */

/* What a stage makes of a message: the first record, or the code of its dead letter. */
static bool decided(
        stage_decide *decide, void *ctx, const struct bus_msg *msg, struct error *err)
{
    struct stage_out *out = stage_out_new(&arena, "test");
    struct stage_entry entry = {0};
    const struct bus_record *records;
    stage_out_begin(out, msg, 0, &entry, (instant){1});
    decide(ctx, msg, (struct str){0}, (instant){1}, out);
    size_t n = stage_out_records(out, &records); /* none: nothing follows from it */
    for (size_t i = 0; n && i < records[0].n_headers; i++)
        if (str_is(records[0].headers[i].name, "x-error-code"))
            return error_set(err, ERR_INVALID,
                    arena_copy(&arena, records[0].headers[i].value).ptr, "dead letter");
    return true;
}

static bool classifier_reads(struct str text, struct error *err)
{
    struct classifier *classifier;
    if (!classifier_open(&classifier, &no_policy, "", err))
        return false;
    const struct bus_msg msg = {
            .topic = STR("complaint.accepted.v1"), .key = STR("k"), .value = text};
    bool done = decided(classifier_message, classifier, &msg, err);
    classifier_close(classifier);
    return done;
}

static bool router_reads(struct str text, struct error *err)
{
    struct router_message message;
    return router_message_decode(reader, &no_policy, text, &message, &arena, err);
}

static bool casework_reads(struct str text, struct error *err)
{
    struct case_message message;
    return case_message_read(reader, text, &arena, &message, err);
}

static bool whistle_reads(struct str text, struct error *err)
{
    struct whistle_message message;
    return whistle_message_read(reader, text, &arena, &message, err);
}

/* The key says whose it is, as the service has it from the record. */
static bool ledger_reads(struct str text, struct error *err)
{
    struct account_message account;
    struct schedule_command schedule;
    struct str key = json_member(&arena, text, "case");
    return str_find(key, STR("schedule:")) < key.len
                   ? schedule_command_read(reader, text, &arena, &schedule, err)
                   : account_message_read(reader, text, &arena, &account, err);
}

/* In a policy that has the unit which the order is for. */
static bool delivery_reads(struct str text, struct error *err)
{
    struct str code = json_member(&arena, text, "unit");
    struct unit unit = {.code = code.ptr ? code.ptr : "none", .queue = &unit};
    const struct policy policy = {.units = &unit, .n_units = 1};
    struct delivery *delivery = delivery_open(&policy, "");
    const struct bus_msg msg = {
            .topic = STR("unit.orders.v1"), .key = str_of(unit.code), .value = text};
    bool done = decided(delivery_message, delivery, &msg, err);
    delivery_close(delivery);
    return done;
}

static bool vault_reads(struct str text, struct error *err)
{
    struct vault_identity identity;
    return vault_identity_read(reader, text, &identity, &arena, err);
}

static bool board_takes(bool (*take)(struct board_db *, struct str, struct error *),
        struct str text, struct error *err)
{
    struct sql *sql;
    struct board_db *db;
    if (!sql_open(&sql, ":memory:", false, err))
        return false;
    assert_true(sql_exec(sql, board_schema, err));
    assert_true(board_db_open(&db, sql, err));
    bool done = take(db, text, err);
    board_db_close(db);
    sql_close(sql);
    return done;
}

static bool board_reads_event(struct str text, struct error *err)
{
    return board_takes(board_db_event, text, err);
}

static bool board_reads_audit(struct str text, struct error *err)
{
    return board_takes(board_db_audit, text, err);
}

static void every_message_is_read_by_the_service_that_it_is_for(void **state)
{
    (void)state;
    run("complaint.accepted", classifier_reads, false);
    run("complaint.classified", router_reads, true);
    run("case.command", casework_reads, true);
    run("ledger.command", ledger_reads, true);
    run("whistle.command", whistle_reads, true);
    run("unit.order", delivery_reads, false);
    run("complaint.identity", vault_reads, false);
    run("case.event", board_reads_event, false);
    run("whistle.event", board_reads_event, false);
    run("ledger.event", board_reads_event, false);
    run("audit", board_reads_audit, false);
}

/* ---- states ---- */

typedef bool state_again(struct str text, struct str *again, struct error *err);

static bool case_again(struct str text, struct str *again, struct error *err)
{
    struct case_record record;
    if (!case_record_read(reader, text, &arena, &record, err))
        return false;
    *again = case_record_write(&record, &arena);
    return true;
}

static bool ledger_again(struct str text, struct str *again, struct error *err)
{
    struct account_state account;
    struct schedule_state schedule;
    if (str_find(text, STR("\"schedule:")) < text.len) {
        if (!schedule_state_read(reader, text, &arena, &schedule, err))
            return false;
        *again = schedule_state_write(&schedule, &arena);
        return true;
    }
    if (!account_state_read(reader, text, &arena, &account, err))
        return false;
    *again = account_state_write(&no_policy, &account, &arena);
    return true;
}

static bool whistle_again(struct str text, struct str *again, struct error *err)
{
    struct whistle_record record;
    if (!whistle_record_read(reader, text, &arena, &record, err))
        return false;
    *again = whistle_record_write(&record, &arena);
    return true;
}

static bool router_again(struct str text, struct str *again, struct error *err)
{
    static struct router_recent recent;
    if (!router_recent_decode(reader, text, &recent, &arena, err))
        return false;
    *again = router_recent_encode(&recent, &arena);
    return true;
}

static bool delivery_again(struct str text, struct str *again, struct error *err)
{
    struct delivery_state unit;
    if (!delivery_state_decode(reader, text, &unit, &arena, err))
        return false;
    *again = delivery_state_encode(&unit, &arena);
    return true;
}

static state_again *again_of;

/* The stage loop wraps the state; what is inside must come back equal. */
static bool state_reads(struct str text, struct error *err)
{
    struct str inner = json_member(&arena, text, "state"), again;
    if (!str_starts(inner, STR("{")))
        return error_set(
                err, ERR_FATAL, "no_state", "no state to read: the stage loop tells");
    if (!again_of(inner, &again, err))
        return false;
    return json_same(inner, again) ||
           error_set(err, ERR_FATAL, "not_equal", "comes back as %.*s", STR_ARG(again));
}

static void every_state_comes_back_as_it_was(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        state_again *again;
    } states[] = {{"case.state", case_again}, {"router.state", router_again},
            {"delivery.state", delivery_again}, {"ledger.state", ledger_again},
            {"whistle.state", whistle_again}};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        again_of = states[i].again;
        run(states[i].message, state_reads, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    every_message_is_read_by_the_service_that_it_is_for, open_reader,
                    close_reader),
            cmocka_unit_test_setup_teardown(
                    every_state_comes_back_as_it_was, open_reader, close_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
