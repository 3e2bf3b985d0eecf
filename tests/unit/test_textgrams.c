#include "textgrams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

static uint64_t key(uint64_t a, uint64_t b, uint64_t c)
{
    return a | b << 21 | c << 42;
}

static uint32_t count_of(const struct textgrams *grams, uint64_t wanted)
{
    uint32_t n = 0;
    for (size_t i = 0; i < grams->n; i++)
        if (grams->grams[i].key == wanted)
            n += grams->grams[i].count;
    return n;
}

static void counts_grams_of_one_to_three_characters(void **state)
{
    (void)state;
    struct textgrams *grams = calloc(1, sizeof *grams);
    const uint32_t text[] = {'a', 'b', 'a', 'b'};
    textgrams_count(grams, text, 4);
    assert_int_equal(grams->n, 10); /* a b ab ba aba bab; ^a ^ab b$ ab$ */
    assert_int_equal(count_of(grams, key('a', 0, 0)), 2);
    assert_int_equal(count_of(grams, key('a', 'b', 0)), 2);
    assert_int_equal(count_of(grams, key('b', 'a', 0)), 1);
    assert_int_equal(count_of(grams, key('a', 'b', 'a')), 1);
    assert_int_equal(count_of(grams, key('b', 'a', 'b')), 1);
    assert_int_equal(count_of(grams, key(TEXTGRAMS_BEGIN, 'a', 0)), 1);
    assert_int_equal(count_of(grams, key(TEXTGRAMS_BEGIN, 'a', 'b')), 1);
    assert_int_equal(count_of(grams, key('b', TEXTGRAMS_END, 0)), 1);
    assert_int_equal(count_of(grams, key('a', 'b', TEXTGRAMS_END)), 1);
    free(grams);
}

static void nothing_of_the_text_before_is_left(void **state)
{
    (void)state;
    struct textgrams *grams = calloc(1, sizeof *grams);
    const uint32_t first[] = {'a', 'b', 'c'}, second[] = {'x'};
    textgrams_count(grams, first, 3);
    textgrams_count(grams, second, 1);
    assert_int_equal(grams->n, 3); /* x ^x x$ */
    assert_int_equal(grams->grams[0].key, 'x');
    textgrams_count(grams, second, 0);
    assert_int_equal(grams->n, 0);
    free(grams);
}

static void the_longest_text_of_different_characters_fits(void **state)
{
    (void)state;
    struct textgrams *grams = calloc(1, sizeof *grams);
    uint32_t *text = calloc(TEXTGRAMS_LETTERS_MAX + 10, sizeof *text);
    for (uint32_t i = 0; i < TEXTGRAMS_LETTERS_MAX + 10; i++)
        text[i] = 0x4e00 + i;
    textgrams_count(grams, text, TEXTGRAMS_LETTERS_MAX + 10);
    assert_int_equal(grams->n, TEXTGRAMS_MAX - 3);
    free(text);
    free(grams);
}

static void a_key_gives_its_characters_back(void **state)
{
    (void)state;
    uint32_t letters[3];
    assert_int_equal(textgram_letters(key(0x8def, 0x10ffff, 'a'), letters), 3);
    assert_int_equal(letters[0], 0x8def);
    assert_int_equal(letters[1], 0x10ffff);
    assert_int_equal(letters[2], 'a');
    assert_int_equal(textgram_letters(key('a', 'b', 0), letters), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(counts_grams_of_one_to_three_characters),
            cmocka_unit_test(nothing_of_the_text_before_is_left),
            cmocka_unit_test(the_longest_text_of_different_characters_fits),
            cmocka_unit_test(a_key_gives_its_characters_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
