#include "sound_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <uchar.h>

static bool heard_alike(uint32_t a, uint32_t b)
{
    uint32_t x[SOUND_READINGS_MAX], y[SOUND_READINGS_MAX];
    size_t n = sound_heard(a, x), m = sound_heard(b, y);
    assert_in_range(n, 1, SOUND_READINGS_MAX);
    assert_in_range(m, 1, SOUND_READINGS_MAX);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            if (x[i] == y[k])
                return true;
    return false;
}

static void compare(char32_t a, char32_t b, enum sound wanted)
{
    enum sound sound = sound_compare(a, b);
    if (sound != wanted || sound != sound_compare(b, a) ||
            heard_alike(a, b) != (wanted != SOUND_OTHER))
        fail_msg("U+%04X and U+%04X: %d", (unsigned)a, (unsigned)b, (int)sound);
}

static void a_tone_makes_no_other_sound(void **state)
{
    (void)state;
    compare(U'栖', U'桤', SOUND_SAME);
    compare(U'棠', U'塘', SOUND_SAME);
    compare(U'绣', U'秀', SOUND_SAME);
    compare(U'妈', U'马', SOUND_SAME);
    compare(U'哦', U'噢', SOUND_SAME);
    compare(U'旅', U'绿', SOUND_SAME);
    compare(U'一', U'依', SOUND_SAME); /* the first of the table */
    compare(U'桐', U'桥', SOUND_OTHER);
    compare(U'怒', U'女', SOUND_OTHER);
    compare(U'熙', U'安', SOUND_OTHER);
}

static void a_character_is_each_of_its_readings(void **state)
{
    (void)state;
    compare(U'长', U'常', SOUND_SAME);
    compare(U'长', U'掌', SOUND_SAME);
    compare(U'乐', U'月', SOUND_SAME);
    compare(U'乐', U'勒', SOUND_SAME);
    compare(U'重', U'虫', SOUND_SAME);
    compare(U'重', U'众', SOUND_SAME);
    compare(U'重', U'长', SOUND_OTHER);
    compare(U'咯', U'罗', SOUND_SAME); /* the last of four */
}

static void what_callers_mix_up_sounds_alike(void **state)
{
    (void)state;
    compare(U'蓝', U'楠', SOUND_LIKE);
    compare(U'珠', U'租', SOUND_LIKE);
    compare(U'春', U'村', SOUND_LIKE);
    compare(U'诗', U'丝', SOUND_LIKE);
    compare(U'阳', U'颜', SOUND_LIKE);
    compare(U'莹', U'音', SOUND_LIKE);
    compare(U'澄', U'辰', SOUND_LIKE);
    compare(U'湖', U'福', SOUND_LIKE);
    compare(U'花', U'发', SOUND_LIKE);
    compare(U'惠', U'飞', SOUND_LIKE);
    compare(U'魂', U'芬', SOUND_LIKE);
    compare(U'虹', U'枫', SOUND_LIKE);
    compare(U'桐', U'吞', SOUND_OTHER);
    compare(U'瑞', U'睿', SOUND_SAME);
    compare(U'弄', U'龙', SOUND_SAME);
    compare(U'弄', U'农', SOUND_SAME);
}

static void what_has_no_reading_sounds_only_like_itself(void **state)
{
    (void)state;
    compare('a', 'a', SOUND_SAME);
    compare('a', 'b', SOUND_OTHER);
    compare('1', U'一', SOUND_OTHER);
    compare(0x4DFF, 0xA000, SOUND_OTHER);
    compare(0x20000, 0x20000, SOUND_SAME);
    compare(0x20000, 0x20001, SOUND_OTHER);
}

static void nearly_every_character_has_a_reading(void **state)
{
    (void)state;
    size_t n = 0;
    for (size_t c = SOUND_FIRST; c <= SOUND_LAST; c++)
        n += sound_set_of[c - SOUND_FIRST] != 0;
    assert_in_range(n, 20000, SOUND_LAST - SOUND_FIRST + 1);
    assert_int_not_equal(sound_set_of[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_tone_makes_no_other_sound),
            cmocka_unit_test(a_character_is_each_of_its_readings),
            cmocka_unit_test(what_callers_mix_up_sounds_alike),
            cmocka_unit_test(what_has_no_reading_sounds_only_like_itself),
            cmocka_unit_test(nearly_every_character_has_a_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
