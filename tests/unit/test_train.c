#include "train.h"
#include "train_memory.h"
#include "train_prior.h"
#include "train_svm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <uchar.h>

#define TINY SOURCE_DIR "/tests/support/train_tiny.jsonl"

static struct train_rows read_from(FILE *in)
{
    static const struct train_fields fields = {"text", "desk", "group"};
    struct train_rows rows = {0};
    struct error err = {0};
    assert_non_null(in);
    if (!train_rows_read(&rows, in, &fields, &err))
        fail_msg("%s", err.text);
    (void)fclose(in);
    return rows;
}

/* ---- features ---- */

static float idf_of(
        const struct train_features *features, uint32_t a, uint32_t b, uint32_t c)
{
    for (uint32_t f = 0; f < features->n_features; f++)
        if (features->key[f] == ((uint64_t)a | (uint64_t)b << 21 | (uint64_t)c << 42))
            return features->idf[f];
    return 0;
}

/* 爆裂 stands behind 管 wherever it stands. */
static void three_characters_count_less_than_two(void **state)
{
    (void)state;
    struct train_rows rows = read_from(fopen(TINY, "r"));
    uint32_t *row = train_zeroed(rows.n_rows, sizeof *row);
    struct train_features features;
    for (uint32_t r = 0; r < rows.n_rows; r++)
        row[r] = r;
    train_features_make(&features, &rows, row, rows.n_rows, 100000);
    float two = idf_of(&features, U'爆', U'裂', 0),
          three = idf_of(&features, U'管', U'爆', U'裂');
    assert_true(two > 1);
    assert_true(fabsf(three - 0.6F * two) < 0.001F);
    train_features_free(&features);
    train_rows_free(&rows);
    free(row);
}

/* ---- the support vector machines ---- */

static double value_of(const struct train_features *features, size_t r, uint32_t f)
{
    for (size_t i = features->at[r]; i < features->at[r + 1]; i++)
        if (features->index[i] == f)
            return (double)features->value[i];
    return 0;
}

/* At the optimum a weight is the sum over the rows of 2 C * (how much the row falls short
 * of its margin) * its side * its value. */
static void assert_optimal(const struct train_matrix *matrix,
        const struct train_task *task, uint32_t c, const double *cost)
{
    const struct train_features *features = task->features;
    double *push = train_zeroed(features->n_rows, sizeof *push), bias = 0;
    for (size_t r = 0; r < features->n_rows; r++) {
        double side = task->label[r] == c ? 1 : -1, score = (double)matrix->bias[c];
        for (size_t i = features->at[r]; i < features->at[r + 1]; i++)
            score += (double)features->value[i] *
                     (double)matrix->weight[features->index[i] * matrix->width + c];
        push[r] = 2 * (side > 0 ? cost[c] : 1) * fmax(0, 1 - side * score) * side;
        bias += push[r];
    }
    assert_true(fabs(bias - (double)matrix->bias[c]) < 0.3);
    for (uint32_t f = 0; f < features->n_features; f += 7) {
        double expected = 0;
        for (size_t r = 0; r < features->n_rows; r++)
            expected += push[r] * value_of(features, r, f);
        double found = (double)matrix->weight[f * matrix->width + c];
        assert_true(fabs(expected - found) < 0.05);
    }
    free(push);
}

static void every_class_gets_the_widest_margin_against_the_rest(void **state)
{
    (void)state;
    struct train_rows rows = read_from(fopen(TINY, "r"));
    uint32_t *row = train_zeroed(rows.n_rows, sizeof *row),
             *label = train_zeroed(rows.n_rows, sizeof *label);
    double cost[4] = {0};
    struct train_features features;
    struct train_matrix matrix;
    for (uint32_t r = 0; r < rows.n_rows; r++) {
        row[r] = r;
        label[r] = r % 4 ? 1 + rows.rows[r].label % 3
                         : rows.rows[r].label; /* 0 is rare */
        cost[label[r]]++;
    }
    for (int c = 0; c < 4; c++) /* a rare class counts more */
        cost[c] = pow((double)rows.n_rows / 4 / cost[c], 0.15);
    train_features_make(&features, &rows, row, rows.n_rows, 100000);
    const struct train_task task = {&features, label, 4, 1};
    train_svm_fit(&matrix, &task);
    for (uint32_t c = 0; c < 4; c++)
        assert_optimal(&matrix, &task, c, cost);
    train_matrix_free(&matrix);
    train_features_free(&features);
    train_rows_free(&rows);
    free(row);
    free(label);
}

/* ---- the prior ---- */

/* Class 0 is a hundred times as common as class 1, and its score says so. */
static void the_share_that_is_right_most_often_is_taken_off(void **state)
{
    (void)state;
    float logs[] = {0, -4}, bias[] = {0, 0}, rest[] = {0, 0};
    struct textmodel_header header = {.n_classes = 2};
    struct train_pack pack = {
            .header = &header, .prior = logs, .bias = bias, .rest = rest};
    const float common[] = {2, -0.8F}, rare[] = {1.2F, 0}, clear[] = {9, 0};
    struct train_prior prior = {0};
    for (int i = 0; i < 10; i++) {
        train_prior_note_first(&prior, &pack, common, 0); /* wrong from 0.7 on */
        train_prior_note_first(&prior, &pack, rare, 1);   /* right from 0.3 on */
        train_prior_note_first(&prior, &pack, clear, 0);
    }
    train_prior_choose_first(&prior);
    train_prior_choose_behind(&prior);
    train_prior_apply(&prior, &pack);
    assert_true(bias[0] == 0 && bias[1] > 1.2F && bias[1] < 2.8F);
}

/* The first guess is what its own share makes it; the next two places are given by the
 * other one. */
static void those_behind_the_first_have_a_share_of_their_own(void **state)
{
    (void)state;
    float logs[] = {0, -1, -1, -10}, bias[4] = {0}, rest[4] = {0};
    struct textmodel_header header = {.n_classes = 4};
    struct train_pack pack = {
            .header = &header, .prior = logs, .bias = bias, .rest = rest};
    const float first[] = {0, 0, 0, -5}, behind[] = {20, 2, 3, 1};
    struct train_prior prior = {0};
    train_prior_note_first(&prior, &pack, first, 3);
    train_prior_choose_first(&prior);
    train_prior_note_behind(&prior, &pack, behind, 1); /* not once 3 is before it */
    train_prior_choose_behind(&prior);
    train_prior_apply(&prior, &pack);
    assert_true(bias[3] > 5);
    assert_true(behind[1] + bias[1] + rest[1] > behind[3] + bias[3] + rest[3]);
}

/* ---- joined labels ---- */

/* One row for each of the names, which end with NULL. */
static struct train_rows rows_of(const char *const *names)
{
    char *lines = NULL;
    size_t size;
    FILE *out = open_memstream(&lines, &size);
    for (int i = 0; names[i]; i++)
        (void)fprintf(out, "{\"text\":\"甲\",\"desk\":\"%s\"}\n", names[i]);
    assert_int_equal(fclose(out), 0);
    struct train_rows rows = read_from(fmemopen(lines, size, "r"));
    free(lines);
    return rows;
}

static uint32_t label_of(const struct train_rows *rows, const char *name)
{
    for (uint32_t label = 0; label < rows->n_labels; label++)
        if (strcmp(rows->labels[label], name) == 0)
            return label;
    fail_msg("no label %s", name);
    return 0;
}

static bool joined(const struct train_rows *rows, const struct train_joins *joins, int j,
        const char *one, const char *other)
{
    const uint32_t *group = joins->join[j].group;
    return group[label_of(rows, one)] == group[label_of(rows, other)];
}

static void names_with_the_same_tail_or_head_are_joined(void **state)
{
    (void)state;
    static const char *const names[] = {"东城区水务局", "东城区环卫站", "东城区教育局",
            "西城区水务局", "西城区环卫站", "西城区教育局", "市水务局", "市环卫站",
            "市教育局", "供电公司", NULL};
    struct train_rows rows = rows_of(names);
    struct train_joins joins;
    train_joins_find(&joins, &rows);
    assert_int_equal(joins.n, 2);
    assert_int_equal(joins.join[0].n_groups, 4); /* 水务局 环卫站 教育局, 供电公司 */
    assert_int_equal(joins.join[1].n_groups, 4); /* 东城区 西城区 市, none */
    assert_true(joined(&rows, &joins, 0, "东城区水务局", "市水务局"));
    assert_true(joined(&rows, &joins, 0, "东城区水务局", "西城区水务局"));
    assert_false(joined(&rows, &joins, 0, "东城区水务局", "东城区教育局"));
    assert_true(joined(&rows, &joins, 1, "东城区水务局", "东城区教育局"));
    assert_false(joined(&rows, &joins, 1, "东城区水务局", "西城区水务局"));
    assert_false(joined(&rows, &joins, 1, "供电公司", "市教育局"));
    train_joins_free(&joins);
    train_rows_free(&rows);
}

/* Two tails prove no head, and codes are no names. */
static void what_has_no_structure_is_not_joined(void **state)
{
    (void)state;
    static const char *const few[] = {"东城区水务局", "东城区环卫站", "西城区水务局",
            "西城区环卫站", "供电公司", NULL},
                             *const codes[] = {"110101000101", "110101000102",
                                     "110101000103", "110102000101", "110102000102",
                                     "110102000103", NULL};
    const char *const *const all[] = {few, codes};
    for (int i = 0; i < 2; i++) {
        struct train_rows rows = rows_of(all[i]);
        struct train_joins joins;
        train_joins_find(&joins, &rows);
        assert_int_equal(joins.n, 0);
        train_joins_free(&joins);
        train_rows_free(&rows);
    }
}

/* What a model of the rows says of text. */
static void assert_said(
        const struct train_rows *rows, const char *text, const char *expected)
{
    struct train_pack pack;
    struct train_report report;
    struct textmodel_scratch *scratch = train_zeroed(1, sizeof *scratch);
    FILE *quiet = fopen("/dev/null", "w");
    train_model(&pack, rows, 0.9, &report, quiet);
    assert_int_equal(pack.header->n_rows, rows->n_rows);
    struct textmodel_answer answer = textmodel_classify(
            &pack.view, str_of(text), 3, scratch);
    assert_int_equal(answer.top[0].label, label_of(rows, expected));
    (void)fclose(quiet);
    free(scratch);
    train_pack_free(&pack);
}

/* The desks of three districts, eight rows each; but the lamps of a district marked in
 * `rare` had one complaint, the same for all of these. */
static struct train_rows rows_of_districts(unsigned rare)
{
    static const char *const places[][2] = {
            {"东城区", "柳林路"}, {"西城区", "桃花街"}, {"北城区", "梅岭巷"}};
    static const char *const matters[][3] = {{"路灯所", "灯泡不亮很黑", "灯杆歪了"},
            {"水务局", "水管漏水", "停水一天"}, {"环卫站", "垃圾没人收", "有臭味"}};
    char *lines = NULL;
    size_t size;
    FILE *out = open_memstream(&lines, &size);
    for (int n = 0; n < 8; n++)
        for (int place = 0; place < 3; place++)
            for (int matter = 0; matter < 3; matter++)
                if (matter != 0 || !(rare & 1U << place))
                    (void)fprintf(out, "{\"text\":\"%s%d号%s\",\"desk\":\"%s%s\"}\n",
                            places[place][1], n, matters[matter][1 + n % 2],
                            places[place][0], matters[matter][0]);
    for (int place = 0; place < 3; place++)
        if (rare & 1U << place)
            (void)fprintf(out, "{\"text\":\"请尽快来修\",\"desk\":\"%s路灯所\"}\n",
                    places[place][0]);
    assert_int_equal(fclose(out), 0);
    struct train_rows rows = read_from(fmemopen(lines, size, "r"));
    free(lines);
    return rows;
}

/* What a broken lamp is, the other districts' rows say, and where the west is, the other
 * desks'. */
static void a_label_with_one_row_learns_from_those_it_is_joined_with(void **state)
{
    (void)state;
    struct train_rows rows = rows_of_districts(1U << 1);
    assert_said(&rows, "桃花街5号灯泡不亮", "西城区路灯所");
    train_rows_free(&rows);
}

/* Their own rows are the same, and so is their tail: only the head tells them apart. */
static void labels_that_share_a_tail_are_told_apart_by_their_heads(void **state)
{
    (void)state;
    struct train_rows rows = rows_of_districts(1U << 1 | 1U << 2);
    assert_said(&rows, "桃花街5号灯泡不亮", "西城区路灯所");
    assert_said(&rows, "梅岭巷5号灯泡不亮", "北城区路灯所");
    train_rows_free(&rows);
}

/* Only the police's rows name 荷塘, and a label does. */
static void a_text_that_names_a_label_is_of_it(void **state)
{
    (void)state;
    char *lines = NULL;
    size_t size;
    FILE *out = open_memstream(&lines, &size);
    for (int n = 0; n < 8; n++)
        (void)fprintf(out,
                "{\"text\":\"%d号楼停水了\",\"desk\":\"水务局\"}\n"
                "{\"text\":\"荷塘%d号楼失窃了\",\"desk\":\"公安局\"}\n"
                "{\"text\":\"%d号楼的低保\",\"desk\":\"荷塘镇政府\"}\n",
                n, n, n);
    assert_int_equal(fclose(out), 0);
    struct train_rows rows = read_from(fmemopen(lines, size, "r"));
    assert_int_equal(rows.n_rows, 24);
    assert_int_equal(rows.n_names, 3);
    assert_said(&rows, "荷塘", "荷塘镇政府");
    free(lines);
    train_rows_free(&rows);
}

static void a_code_is_no_text(void **state)
{
    (void)state;
    struct train_rows rows = read_from(fopen(TINY, "r"));
    assert_int_equal(rows.n_names, 0);
    train_rows_free(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(three_characters_count_less_than_two),
            cmocka_unit_test(every_class_gets_the_widest_margin_against_the_rest),
            cmocka_unit_test(the_share_that_is_right_most_often_is_taken_off),
            cmocka_unit_test(those_behind_the_first_have_a_share_of_their_own),
            cmocka_unit_test(names_with_the_same_tail_or_head_are_joined),
            cmocka_unit_test(what_has_no_structure_is_not_joined),
            cmocka_unit_test(a_label_with_one_row_learns_from_those_it_is_joined_with),
            cmocka_unit_test(labels_that_share_a_tail_are_told_apart_by_their_heads),
            cmocka_unit_test(a_text_that_names_a_label_is_of_it),
            cmocka_unit_test(a_code_is_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
