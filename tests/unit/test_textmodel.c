#include "textmodel_file.h"
#include "train.h"

#include "textnorm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define TINY SOURCE_DIR "/tests/support/train_tiny.jsonl"

static struct train_rows rows;
static struct train_pack pack;
static struct train_report report;
static struct textmodel_scratch *scratch;

static FILE *quiet(void)
{
    FILE *out = fopen("/dev/null", "w");
    assert_non_null(out);
    return out;
}

static struct train_rows read_tiny(void)
{
    static const struct train_fields fields = {"text", "desk", "group"};
    struct train_rows read = {0};
    struct error err = {0};
    FILE *in = fopen(TINY, "r");
    assert_non_null(in);
    assert_true(train_rows_read(&read, in, &fields, &err));
    (void)fclose(in);
    return read;
}

static int train_tiny(void **state)
{
    (void)state;
    FILE *out = quiet();
    rows = read_tiny();
    train_model(&pack, &rows, 0.9, &report, out);
    (void)fclose(out);
    scratch = calloc(1, sizeof *scratch);
    return scratch ? 0 : -1;
}

static int forget_tiny(void **state)
{
    (void)state;
    train_pack_free(&pack);
    train_rows_free(&rows);
    free(scratch);
    return 0;
}

static struct textmodel_answer ask(const char *text)
{
    return textmodel_classify(&pack.view, str_of(text), 3, scratch);
}

static const char *label(const struct textmodel_answer *answer)
{
    static char name[TEXTMODEL_LABEL_MAX + 1];
    (void)str_copy(name, sizeof name, textmodel_label(&pack.view, answer->top[0].label));
    return name;
}

static void knows_the_desk_of_new_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *desk;
    } cases[] = {
            {"水管爆裂整条街停水", "water"},
            {"楼下餐馆深夜放音响吵得睡不着", "police"},
            {"路口红绿灯坏了，汽车乱停", "traffic"},
            {"垃圾三天没人收，臭味很大", "cleaning"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct textmodel_answer answer = ask(cases[i].text);
        assert_string_equal(label(&answer), cases[i].desk);
    }
}

/* What puts those that are not the best in order. */
static float behind(const struct textmodel_answer *answer, int i)
{
    uint32_t c = answer->top[i].label;
    return scratch->score[c] + pack.view.rest[c];
}

static void answers_are_ordered_probabilities(void **state)
{
    (void)state;
    for (size_t r = 0; r < rows.n_rows; r++) {
        struct textmodel_answer answer = textmodel_classify(
                &pack.view, rows.rows[r].text, TEXTMODEL_TOP_MAX, scratch);
        assert_int_equal(
                answer.n, rows.n_labels); /* there are fewer than were asked for */
        float sum = 0;
        for (int i = 0; i < answer.n; i++) {
            assert_true(answer.top[i].p >= 0 && answer.top[i].p <= 1);
            assert_true(i == 0 || answer.top[i].p <= answer.top[i - 1].p);
            sum += answer.top[i].p;
            assert_true(i < 2 || behind(&answer, i) <= behind(&answer, i - 1));
        }
        assert_true(sum <= 1.0001F);
        assert_true(answer.sure == (answer.top[0].p >= pack.header->threshold));
    }
}

static void those_behind_the_best_rank_by_what_is_added_to_them(void **state)
{
    (void)state;
    struct textmodel_answer before = ask("水管爆裂整条街停水");
    float *rest = (float *)(uintptr_t)&pack.view.rest[before.top[2].label], kept = *rest;
    *rest += 100;
    struct textmodel_answer after = ask("水管爆裂整条街停水");
    *rest = kept;
    assert_int_equal(after.top[0].label, before.top[0].label);
    assert_true(after.top[0].p == before.top[0].p);
    assert_int_equal(after.top[1].label, before.top[2].label);
}

static void a_text_without_a_known_gram_is_not_sure(void **state)
{
    (void)state;
    assert_false(ask("").sure);
    assert_false(ask("\xf0\x9f\x90\x89\xf0\x9f\x90\x89").sure);
    assert_int_equal(scratch->n_known, 0);
}

/* Weights below least do not count, so that a gram may have few. */
static void learn(struct train_features *features, struct train_linear *linear,
        struct train_pack *small, float least)
{
    static uint32_t row[200];
    assert_true(rows.n_rows <= 200);
    for (uint32_t r = 0; r < rows.n_rows; r++)
        row[r] = r;
    train_features_make(features, &rows, row, rows.n_rows, 100000);
    train_linear_fit(linear, features, &rows, &(struct train_joins){0}, 1);
    for (size_t i = 0; i < (size_t)linear->n_features * linear->n_classes; i++)
        if (fabsf(linear->weight[i]) < least)
            linear->weight[i] = 0;
    train_pack_make(small, linear, features, &rows);
}

/* The packed score against the learned weights in double precision: the difference is
 * that of 8-bit weights. */
static void assert_scores_as_learned(float least)
{
    struct train_features features;
    struct train_linear linear;
    struct train_pack small;
    learn(&features, &linear, &small, least);
    assert_true(small.header->n_dense > 0);
    assert_true((small.header->n_weights > 0) == (least > 0));
    double worst = 0, widest = 0;
    for (size_t r = 0; r < rows.n_rows; r++) {
        textmodel_score(&small.view, rows.rows[r].text, scratch);
        for (uint32_t c = 0; c < linear.n_classes; c++) {
            double expected = (double)linear.bias[c];
            for (size_t i = features.at[r]; i < features.at[r + 1]; i++)
                expected += (double)features.value[i] *
                            (double)linear
                                    .weight[(size_t)features.index[i] * linear.n_classes +
                                            c];
            worst = fmax(worst, fabs(expected - (double)scratch->score[c]));
            widest = fmax(widest, fabs(expected));
        }
    }
    assert_true(widest > 1);
    assert_true(worst < 0.02 * widest);
    train_pack_free(&small);
    train_linear_free(&linear);
    train_features_free(&features);
}

static void scores_equal_a_reference_within_what_eight_bits_lose(void **state)
{
    (void)state;
    assert_scores_as_learned(0);
    assert_scores_as_learned(0.5F);
}

/* Entropy of the softmax of sharpness * score, and the log odds of its best. */
static void reference_spread(double sharpness, double best, double *odds, double *entropy)
{
    double sum = 0, others = 0;
    for (uint32_t c = 0; c < 4; c++)
        sum += exp(sharpness * ((double)scratch->score[c] - best));
    *entropy = 0;
    for (uint32_t c = 0; c < 4; c++) {
        double p = exp(sharpness * ((double)scratch->score[c] - best)) / sum;
        *entropy -= p > 0 ? p * log(p) : 0;
        others += (double)scratch->score[c] < best ? p : 0;
    }
    *odds = log((1 - others) / others);
}

static void the_probability_is_the_logistic_of_its_signals(void **state)
{
    (void)state;
    struct textmodel_answer answer = ask("路口红绿灯坏了，水管漏水");
    float signals[TEXTMODEL_SIGNALS];
    double expected[TEXTMODEL_SIGNALS],
            sum = (double)pack.header->confidence_at,
            best = (double)scratch->score[answer.top[0].label];
    textmodel_signals(&pack.view, scratch, signals);
    expected[0] = best - (double)scratch->score[answer.top[1].label];
    expected[1] = best - (double)scratch->score[answer.top[2].label];
    expected[2] = best;
    reference_spread(0.65, best, &expected[3], &expected[4]);
    reference_spread(0.3, best, &expected[5], &expected[6]);
    expected[7] = (double)pack.view.precision[answer.top[0].label];
    for (int i = 0; i < TEXTMODEL_SIGNALS; i++) {
        const struct textmodel_signal *signal = &pack.header->signals[i];
        double x = (expected[i] - (double)signal->mean) * (double)signal->scale;
        assert_true(fabs(expected[i] - (double)signals[i]) < 1e-3);
        sum += (double)signal->straight * x + (double)signal->bent * tanh(x);
    }
    assert_true(fabs(1 / (1 + exp(-sum)) - (double)answer.top[0].p) < 1e-3);
}

static void the_way_a_text_was_typed_does_not_matter(void **state)
{
    (void)state;
    struct textmodel_answer plain = ask("12号楼停水"),
                            wide = ask("市民来电反映：１２號樓停水");
    assert_int_equal(plain.top[0].label, wide.top[0].label);
    assert_true(plain.top[0].p == wide.top[0].p);
}

static void says_which_words_decided(void **state)
{
    (void)state;
    char words[TEXTMODEL_WHY_MAX][16];
    struct textmodel_answer answer = ask("小区水管爆裂停水");
    int n = textmodel_why(
            &pack.view, scratch, answer.top[0].label, answer.top[1].label, words);
    assert_in_range(n, 1, TEXTMODEL_WHY_MAX);
    bool water = false;
    for (int i = 0; i < n; i++) {
        assert_non_null(strstr("小区水管爆裂停水", words[i]));
        assert_true(strlen(words[i]) >= 6); /* two characters or three */
        water = water || strstr(words[i], "水");
    }
    assert_true(water);
    answer = ask("停水");
    assert_int_equal(textmodel_why(&pack.view, scratch, answer.top[2].label,
                             answer.top[0].label, words),
            0);                                /* it speaks against this one */
    for (size_t r = 0; r < rows.n_rows; r++) { /* marks of begin and end are no words */
        answer = textmodel_classify(&pack.view, rows.rows[r].text, 3, scratch);
        n = textmodel_why(
                &pack.view, scratch, answer.top[0].label, answer.top[1].label, words);
        for (int i = 0; i < n; i++)
            assert_null(strpbrk(words[i], "\2\3"));
    }
    (void)ask("");
    assert_int_equal(textmodel_why(&pack.view, scratch, 0, 1, words), 0);
}

static void training_twice_gives_the_same_bytes(void **state)
{
    (void)state;
    struct train_pack again = {0};
    struct train_report second;
    struct train_rows read = read_tiny();
    FILE *out = quiet();
    train_model(&again, &read, 0.9, &second, out);
    (void)fclose(out);
    assert_int_equal(again.size, pack.size);
    assert_memory_equal(again.bytes, pack.bytes, pack.size);
    train_pack_free(&again);
    train_rows_free(&read);
}

static void the_report_is_of_texts_not_seen(void **state)
{
    (void)state;
    assert_int_equal(report.n_rows, rows.n_rows);
    assert_int_equal(report.n_classes, 4);
    assert_true(report.top1 > 0.4 && report.top1 < 1); /* chance: 0.25 */
    assert_true(report.top3 >= report.top1);
    assert_true(report.share == 0 || report.right >= 0.9);
}

/* Nothing can be held back to test on: the model answers but is never sure. */
static void rows_of_one_group_make_a_model_that_is_never_sure(void **state)
{
    (void)state;
    static const struct train_fields fields = {"text", "desk", "group"};
    static char lines[] = "{\"text\":\"停水\",\"desk\":\"x\",\"group\":\"g\"}\n"
                          "{\"text\":\"停电\",\"desk\":\"y\",\"group\":\"g\"}\n";
    struct train_rows read = {0};
    struct train_pack small = {0};
    struct train_report said;
    struct textmodel model;
    struct error err = {0};
    FILE *in = fmemopen(lines, strlen(lines), "r"), *out = quiet();
    assert_true(train_rows_read(&read, in, &fields, &err));
    train_model(&small, &read, 0.9, &said, out);
    assert_true(textmodel_view(&model, small.bytes, small.size, &err));
    struct textmodel_answer answer = textmodel_classify(&model, STR("停水"), 2, scratch);
    assert_int_equal(answer.n, 2);
    assert_false(answer.sure);
    assert_true(said.share == 0);
    (void)fclose(in);
    (void)fclose(out);
    train_pack_free(&small);
    train_rows_free(&read);
}

/* ---- the file ---- */

static void refused(const void *bytes, size_t size, const char *why)
{
    struct textmodel model = {0};
    struct error err = {0};
    assert_false(textmodel_view(&model, bytes, size, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_string_equal(err.code, "bad_model");
    assert_non_null(strstr(err.text, why));
    assert_null(model.header);
}

static void a_whole_file_is_taken(void **state)
{
    (void)state;
    struct textmodel model = {0};
    struct error err = {0};
    char path[] = "/tmp/chuishao-model-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, pack.bytes, pack.size), (ssize_t)pack.size);
    assert_true(textmodel_load(&model, path, &err));
    assert_int_equal(model.header->n_rows, rows.n_rows);
    textmodel_unload(&model);
    textmodel_unload(&model); /* also of nothing */
    assert_int_equal(ftruncate(fd, (off_t)pack.size / 2), 0);
    assert_false(textmodel_load(&model, path, &err));
    assert_non_null(strstr(err.text, path));
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
    err = (struct error){0};
    assert_false(textmodel_load(&model, path, &err));
    assert_string_equal(err.code, "unreadable");
}

static void damage_is_refused(void **state)
{
    (void)state;
    char *copy = malloc(pack.size + 8);
    assert_non_null(copy);
    refused("", 0, "not a model");
    for (size_t at = 0; at < pack.size; at += 1 + pack.size / 97) {
        memcpy(copy, pack.bytes, pack.size);
        copy[at] ^= 0x10;
        refused(copy, pack.size, "");
    }
    memcpy(copy, pack.bytes, pack.size);
    memset(copy + pack.size, 0, 8);
    refused(copy, pack.size - 1, "cut short");
    refused(copy, pack.size + 8, "cut short");
    ((struct textmodel_header *)(void *)copy)->version++;
    refused(copy, pack.size, "version 3");
    free(copy);
}

/* A checksum proves nothing of a file that somebody made on purpose. */
static void parts_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct train_features features;
    struct train_linear linear;
    struct train_pack small;
    struct textmodel view;
    learn(&features, &linear, &small, 0.5F);
    assert_true(small.header->n_weights > 0);
    char *copy = malloc(small.size);
    assert_non_null(copy);
    struct textmodel_header *header = (void *)copy;
    for (int fault = 0; fault < 12; fault++) {
        memcpy(copy, small.bytes, small.size);
        assert_int_equal(textmodel_layout(header, copy, &view), small.size);
        switch (fault) {
        case 0:
            header->n_classes = 1;
            break;
        case 1:
            header->n_grams = UINT32_MAX;
            break;
        case 2:
            header->bucket_bits = 40;
            break;
        case 3:
            header->n_weights++;
            break;
        case 4:
            ((uint32_t *)(uintptr_t)view.label_at)[1] = UINT32_MAX;
            break;
        case 5:
            ((uint32_t *)(uintptr_t)view.bucket_at)[1] = header->n_grams + 1;
            break;
        case 6:
            ((struct textmodel_gram *)(uintptr_t)view.grams)[1].weight_at = UINT32_MAX;
            break;
        case 7:
            ((struct textmodel_weight *)(uintptr_t)view.weights)[0].label = 4;
            break;
        case 8:
            ((struct textmodel_gram *)(uintptr_t)view.grams)[0].idf = INFINITY;
            break;
        case 9:
            ((struct textmodel_gram *)(uintptr_t)view.grams)[0].dense = header->n_dense +
                                                                        1;
            break;
        case 10:
            header->signals[7].bent = NAN;
            break;
        default:
            header->threshold = NAN;
            break;
        }
        textmodel_seal(copy, small.size);
        refused(copy, small.size, "not whole");
    }
    free(copy);
    train_pack_free(&small);
    train_linear_free(&linear);
    train_features_free(&features);
}

/* ---- input ---- */

static void assert_input(const char *text, const char *code, const char *hint)
{
    static const struct train_fields fields = {"text", "desk", "group"};
    struct train_rows read = {0};
    struct error err = {0};
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    assert_non_null(in);
    assert_false(train_rows_read(&read, in, &fields, &err));
    (void)fclose(in);
    assert_int_equal(err.kind, ERR_INVALID);
    assert_string_equal(err.code, code);
    assert_non_null(strstr(err.text, hint));
}

static void wrong_input_is_named_with_its_line(void **state)
{
    (void)state;
    assert_input("{\"text\":\"a\",\"desk\":\"x\"}\nnot json\n", "bad_json", "line 2");
    assert_input("{\"text\":\"a\",\"desk\":\"x\"}\n", "bad_labels", "1 different labels");
    assert_input("{\"text\":\"a\"}\n\n{\"desk\":\"x\"}\n", "no_rows", "text and desk");
    char line[512], name[TEXTMODEL_LABEL_MAX + 2];
    memset(name, 'x', sizeof name);
    (void)snprintf(line, sizeof line, "{\"text\":\"a\",\"desk\":\"%.*s\"}\n",
            (int)sizeof name - 1, name);
    assert_input(line, "bad_label", "line 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(knows_the_desk_of_new_texts),
            cmocka_unit_test(answers_are_ordered_probabilities),
            cmocka_unit_test(those_behind_the_best_rank_by_what_is_added_to_them),
            cmocka_unit_test(a_text_without_a_known_gram_is_not_sure),
            cmocka_unit_test(scores_equal_a_reference_within_what_eight_bits_lose),
            cmocka_unit_test(the_probability_is_the_logistic_of_its_signals),
            cmocka_unit_test(the_way_a_text_was_typed_does_not_matter),
            cmocka_unit_test(says_which_words_decided),
            cmocka_unit_test(training_twice_gives_the_same_bytes),
            cmocka_unit_test(the_report_is_of_texts_not_seen),
            cmocka_unit_test(rows_of_one_group_make_a_model_that_is_never_sure),
            cmocka_unit_test(a_whole_file_is_taken),
            cmocka_unit_test(damage_is_refused),
            cmocka_unit_test(parts_that_do_not_fit_are_refused),
            cmocka_unit_test(wrong_input_is_named_with_its_line),
    };
    return cmocka_run_group_tests(tests, train_tiny, forget_tiny);
}
