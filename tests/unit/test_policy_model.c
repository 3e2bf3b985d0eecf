#include "policy_fixture.h"
#include "textmodel.h"
#include "train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A model of ten texts for each of the labels, written into the policy's folder. */
static void write_model(const struct fixture *f, const char *first, const char *second)
{
    static const struct train_fields fields = {"text", "code", "group"};
    struct train_rows rows = {0};
    struct train_pack pack = {0};
    struct train_report report;
    struct error err = {0};
    char path[128], *lines = NULL;
    size_t size;
    FILE *out = open_memstream(&lines, &size);
    for (int i = 0; i < 10; i++)
        (void)fprintf(out,
                "{\"text\":\"%d号楼没人打扫\",\"code\":\"%s\"}\n"
                "{\"text\":\"%d号门口摆摊\",\"code\":\"%s\"}\n",
                i, first, i, second);
    assert_int_equal(fclose(out), 0);
    FILE *in = fmemopen(lines, size, "r");
    assert_true(train_rows_read(&rows, in, &fields, &err));
    (void)fclose(in);
    free(lines);
    out = fopen("/dev/null", "w");
    train_model(&pack, &rows, 0.9, &report, out);
    (void)fclose(out);
    path_of(f, "model.bin", path);
    out = fopen(path, "w");
    assert_int_equal(fwrite(pack.bytes, 1, pack.size, out), pack.size);
    assert_int_equal(fclose(out), 0);
    train_pack_free(&pack);
    train_rows_free(&rows);
}

static int remove_all(void **state)
{
    char path[128];
    path_of(*state, "model.bin", path);
    (void)unlink(path); /* not every test has one */
    return remove_policy(state);
}

static void a_policy_without_a_model_has_none(void **state)
{
    struct fixture *f = *state;
    assert_loads(f);
    assert_null(f->policy->model);
}

static void a_model_is_part_of_the_policy_and_its_version(void **state)
{
    struct fixture *f = *state;
    char version[64];
    assert_loads(f);
    (void)snprintf(version, sizeof version, "%s", f->policy->version);
    write_model(f, "010101", "040101");
    assert_loads(f);
    assert_string_equal(f->report, "");
    assert_non_null(f->policy->model);
    for (uint32_t label = 0; label < 2; label++)
        assert_true(str_is(textmodel_label(f->policy->model, label),
                f->policy->categories[f->policy->model_category[label]].code));
    assert_string_not_equal(f->policy->version, version);
    (void)snprintf(version, sizeof version, "%s", f->policy->version);
    write_model(f, "040101", "010101");
    assert_loads(f);
    assert_string_not_equal(f->policy->version, version);
}

static void a_label_that_is_no_category_is_warned_of(void **state)
{
    struct fixture *f = *state;
    write_model(f, "010101", "990101");
    assert_loads(f);
    assert_int_equal(f->counts.n_warnings, 1);
    assert_memory_equal(f->report, "model.bin:1: warning: 1 of its 2 labels", 38);
    assert_int_equal(f->policy->model_category[1], POLICY_MODEL_NO_CATEGORY);
}

static void a_model_for_something_else_is_refused(void **state)
{
    struct fixture *f = *state;
    write_model(f, "roads", "water");
    assert_refused(f, "model.bin:1: none of its 2 labels is a category's code");
}

static void evidence_of_a_rule_is_not_taken_for_the_models(void **state)
{
    struct fixture *f = *state;
    write_model(f, "010101", "040101");
    spoil(f, "rules.csv", "r1,category", "model,category");
    assert_refused(f, "rules.csv:2: a rule called 'model'");
}

static void a_damaged_model_is_refused(void **state)
{
    struct fixture *f = *state;
    char path[128];
    write_model(f, "010101", "040101");
    path_of(f, "model.bin", path);
    assert_int_equal(truncate(path, 1000), 0);
    assert_refused(f, "model.bin:1: ");
    assert_non_null(strstr(f->report, "cut short"));
}

#define MODEL_TEST(name) cmocka_unit_test_setup_teardown(name, write_policy, remove_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
            MODEL_TEST(a_policy_without_a_model_has_none),
            MODEL_TEST(a_model_is_part_of_the_policy_and_its_version),
            MODEL_TEST(a_label_that_is_no_category_is_warned_of),
            MODEL_TEST(a_model_for_something_else_is_refused),
            MODEL_TEST(evidence_of_a_rule_is_not_taken_for_the_models),
            MODEL_TEST(a_damaged_model_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
