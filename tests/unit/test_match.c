#include "match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every test of one engine runs with both. */
static enum matcher_engine engine;

static struct matcher *compile(const struct match_literal *literals, size_t n)
{
    struct matcher *matcher = NULL;
    struct error err = {0};
    assert_true(matcher_compile_with(&matcher, engine, literals, n, &err));
    return matcher;
}

static void words_are_found_where_they_are(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("路灯"), 7}, {STR("不亮"), 8}};
    struct matcher *matcher = compile(literals, 2);
    struct match_hit hits[4];
    assert_int_equal(matcher_scan(matcher, STR("门口路灯不亮"), hits, 4), 2);
    assert_int_equal(hits[0].id, 7);
    assert_int_equal(hits[0].literal, 0);
    assert_int_equal(hits[0].from, 6);
    assert_int_equal(hits[0].to, 12);
    assert_int_equal(hits[1].id, 8);
    assert_int_equal(hits[1].from, 12);
    assert_int_equal(hits[1].to, 18);
    matcher_free(matcher);
}

static void words_inside_words_and_shared_ids_are_found(void **state)
{
    (void)state;
    const struct match_literal literals[] = {
            {STR("噪音"), 1}, {STR("施工噪音"), 2}, {STR("音"), 1}, {STR("噪音"), 3}};
    struct matcher *matcher = compile(literals, 4);
    struct match_hit hits[8];
    assert_int_equal(matcher_scan(matcher, STR("施工噪音"), hits, 8), 4);
    assert_int_equal(hits[0].literal, 1); /* the longest first */
    assert_int_equal(hits[1].literal, 0);
    assert_int_equal(hits[2].literal, 3);
    assert_int_equal(hits[3].literal, 2);
    assert_int_equal(hits[3].from, 9);
    for (size_t room = 1; room <= 4; room++) {
        struct match_hit few[4];
        assert_int_equal(matcher_scan(matcher, STR("施工噪音"), few, room), 4);
        assert_memory_equal(few, hits, room * sizeof *few);
    }
    matcher_free(matcher);
}

static void ascii_letters_match_in_either_case(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("KTV"), 1}, {STR("a.b*"), 2}};
    struct matcher *matcher = compile(literals, 2);
    struct match_hit hits[4];
    assert_int_equal(matcher_scan(matcher, STR("楼下ktv扰民"), hits, 4), 1);
    assert_int_equal(matcher_scan(matcher, STR("axbb"), hits, 4), 0);
    assert_int_equal(matcher_scan(matcher, STR("A.B*"), hits, 4), 1);
    matcher_free(matcher);
}

static void hits_beyond_the_array_are_counted(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("水"), 1}};
    struct matcher *matcher = compile(literals, 1);
    struct match_hit hits[2];
    assert_int_equal(matcher_scan(matcher, STR("水水水水水"), hits, 2), 5);
    assert_int_equal(hits[1].from, 3);
    matcher_free(matcher);
}

static void no_words_find_nothing(void **state)
{
    (void)state;
    struct matcher *matcher = compile(NULL, 0);
    struct match_hit hits[1];
    assert_int_equal(matcher_scan(matcher, STR("水"), hits, 1), 0);
    matcher_free(matcher);
    matcher_free(NULL);
}

static void an_empty_text_holds_nothing(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("水"), 1}};
    struct matcher *matcher = compile(literals, 1);
    struct match_hit hits[1];
    assert_int_equal(matcher_scan(matcher, (struct str){0}, hits, 1), 0);
    matcher_free(matcher);
}

static void a_text_cut_inside_a_letter_is_read_to_its_end(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("水"), 1}, {STR("水管"), 2}};
    struct matcher *matcher = compile(literals, 2);
    struct match_hit hits[2];
    char *text = malloc(4); /* no byte more, for the sanitizer to see */
    assert_non_null(text);
    memcpy(text, "水\xe7", 4);
    assert_int_equal(matcher_scan(matcher, (struct str){text, 4}, hits, 2), 1);
    assert_int_equal(hits[0].id, 1);
    free(text);
    matcher_free(matcher);
}

static void the_end_of_a_word_is_not_the_word(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("大街小巷路灯不亮"), 1}};
    struct matcher *matcher = compile(literals, 1);
    struct match_hit hits[1];
    static const char end[] = "街小巷路灯不亮";
    char *text = malloc(sizeof end - 1);
    assert_non_null(text);
    memcpy(text, end, sizeof end - 1);
    assert_int_equal(
            matcher_scan(matcher, (struct str){text, sizeof end - 1}, hits, 1), 0);
    assert_int_equal(matcher_scan(matcher, STR("大街小巷路灯不亮"), hits, 1), 1);
    free(text);
    matcher_free(matcher);
}

static void an_empty_word_is_refused(void **state)
{
    (void)state;
    const struct match_literal literals[] = {{STR("水"), 1}, {STR(""), 2}};
    struct matcher *matcher = NULL;
    struct error err = {0};
    assert_false(matcher_compile_with(&matcher, engine, literals, 2, &err));
    assert_string_equal(err.code, "bad_word");
    assert_null(matcher);
}

enum { HITS = 4096, WORDS = 400, TEXTS = 400 };

/* Both engines on one text, with room for all hits and for a few. */
static void compare(struct matcher *one, struct matcher *other, struct str text)
{
    static struct match_hit a[HITS], b[HITS];
    const size_t rooms[] = {HITS, 7, 1, 0};
    for (size_t r = 0; r < sizeof rooms / sizeof *rooms; r++) {
        size_t n = matcher_scan(one, text, a, rooms[r]);
        assert_int_equal(matcher_scan(other, text, b, rooms[r]), n);
        assert_memory_equal(a, b, (n < rooms[r] ? n : rooms[r]) * sizeof *a);
    }
}

static uint32_t random_below(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % n;
}

static struct str random_text(uint32_t *seed, char *out, uint32_t max)
{
    static const char *const letters[] = {
            "水", "木", "a", "A", "b", "泉", "é", "Z", "[", "\xf0\xa0\x80\x80"};
    uint32_t n = 1 + random_below(seed, max);
    size_t len = 0;
    for (uint32_t i = 0; i < n; i++) {
        const char *letter = letters[random_below(seed, 10)];
        memcpy(out + len, letter, strlen(letter));
        len += strlen(letter);
    }
    return (struct str){out, len};
}

static void both_engines_find_the_same_in_random_texts(void **state)
{
    (void)state;
    static char words[WORDS][32], text[4 * 500];
    struct match_literal literals[WORDS];
    uint32_t seed = 20261121;
    for (uint32_t i = 0; i < WORDS; i++)
        literals[i] = (struct match_literal){random_text(&seed, words[i], 8), i};
    struct matcher *one = NULL, *other = NULL;
    struct error err = {0};
    assert_true(matcher_compile_with(&one, MATCHER_HYPERSCAN, literals, WORDS, &err));
    assert_true(matcher_compile_with(&other, MATCHER_PLAIN, literals, WORDS, &err));
    for (int i = 0; i < TEXTS; i++)
        compare(one, other, random_text(&seed, text, 500));
    matcher_free(one);
    matcher_free(other);
}

static struct str read_all(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return (struct str){0};
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size > 0);
    rewind(file);
    char *bytes = malloc((size_t)size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), (size_t)size);
    (void)fclose(file); /* only read from */
    return (struct str){bytes, (size_t)size};
}

/* Cuts at the separators; empty parts are left out. */
static size_t split(
        struct str text, const char *separators, struct str *parts, size_t max)
{
    size_t n = 0;
    for (size_t i = 0, from = 0; i <= text.len && n < max; i++) {
        if (i < text.len && !strchr(separators, text.ptr[i]))
            continue;
        if (i > from)
            parts[n++] = (struct str){text.ptr + from, i - from};
        from = i + 1;
    }
    return n;
}

/* Real complaints with the words of the sample policy, where the data is. */
static void both_engines_find_the_same_in_real_texts(void **state)
{
    (void)state;
    enum { REAL_WORDS = 20000, REAL_TEXTS = 20000 };
    const char *folder = getenv("CHUISHAO_DATA");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/haikou-12345/dev.jsonl",
            folder ? folder : SOURCE_DIR "/../shared/data");
    struct str texts = read_all(path), rules = read_all(SOURCE_DIR "/policy/rules.csv");
    if (!texts.ptr) {
        free((void *)rules.ptr);
        print_message(
                "SKIPPED: no real texts in %s; CHUISHAO_DATA names their folder\n", path);
        skip();
    }
    struct str *parts = calloc(REAL_TEXTS, sizeof *parts);
    struct match_literal *literals = calloc(REAL_WORDS, sizeof *literals);
    assert_true(parts && literals);
    size_t n = split(rules, ",;\n|(){}", parts, REAL_WORDS);
    for (size_t i = 0; i < n; i++)
        literals[i] = (struct match_literal){parts[i], (uint32_t)i};
    struct matcher *one = NULL, *other = NULL;
    struct error err = {0};
    assert_true(matcher_compile_with(&one, MATCHER_HYPERSCAN, literals, n, &err));
    assert_true(matcher_compile_with(&other, MATCHER_PLAIN, literals, n, &err));
    n = split(texts, "\n", parts, REAL_TEXTS);
    assert_true(n > 1000);
    for (size_t i = 0; i < n; i++)
        compare(one, other, parts[i]);
    matcher_free(one);
    matcher_free(other);
    free(parts);
    free(literals);
    free((void *)texts.ptr);
    free((void *)rules.ptr);
}

int main(void)
{
    const struct CMUnitTest one_engine[] = {
            cmocka_unit_test(words_are_found_where_they_are),
            cmocka_unit_test(words_inside_words_and_shared_ids_are_found),
            cmocka_unit_test(ascii_letters_match_in_either_case),
            cmocka_unit_test(hits_beyond_the_array_are_counted),
            cmocka_unit_test(no_words_find_nothing),
            cmocka_unit_test(an_empty_text_holds_nothing),
            cmocka_unit_test(a_text_cut_inside_a_letter_is_read_to_its_end),
            cmocka_unit_test(the_end_of_a_word_is_not_the_word),
            cmocka_unit_test(an_empty_word_is_refused),
    };
    const struct CMUnitTest two_engines[] = {
            cmocka_unit_test(both_engines_find_the_same_in_random_texts),
            cmocka_unit_test(both_engines_find_the_same_in_real_texts),
    };
    int failed = cmocka_run_group_tests_name("Hyperscan", one_engine, NULL, NULL);
    engine = MATCHER_PLAIN;
    failed += cmocka_run_group_tests_name("plain", one_engine, NULL, NULL);
    return failed + cmocka_run_group_tests_name("both", two_engines, NULL, NULL);
}
