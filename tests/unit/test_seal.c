#include "seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka.h needs the ones above. */
#include <cmocka.h>

static struct arena arena;
static const struct str case_id = {"n20261121-0123456789abcdef", 26};
static const struct str plain = {"{\"name\":\"张三\"}", 17};

/* A key file for one test. */
static bool open_key(
        struct seal_key **key, const char *text, mode_t mode, struct error *err)
{
    char path[] = "/tmp/chuishao-seal-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    fchmod(fd, mode);
    close(fd);
    bool opened = seal_key_open(key, path, err);
    unlink(path);
    return opened;
}

static struct seal_key *key_of(char digit)
{
    struct seal_key *key = NULL;
    struct error err = {0};
    char text[66];
    memset(text, digit, 64);
    memcpy(text + 64, "\n", 2);
    assert_true(open_key(&key, text, 0600, &err));
    return key;
}

static void what_is_sealed_opens_again_and_only_for_its_case(void **state)
{
    (void)state;
    struct seal_key *key = key_of('a'), *other = key_of('b');
    struct str text;
    struct error err = {0};
    struct sealed sealed = seal_encrypt(key, case_id, plain, &arena);
    assert_int_equal(sealed.nonce.len, 16);
    assert_true(seal_decrypt(key, case_id, &sealed, &arena, &text, &err));
    assert_true(str_eq(text, plain));
    assert_false(seal_decrypt(key, STR("n20261121-other"), &sealed, &arena, &text, &err));
    assert_string_equal(err.code, "bad_seal");
    assert_false(seal_decrypt(other, case_id, &sealed, &arena, &text, &err));
    seal_key_close(key);
    seal_key_close(other);
}

static void the_same_input_gives_the_same_bytes_and_another_does_not(void **state)
{
    (void)state;
    struct seal_key *key = key_of('a');
    struct sealed a = seal_encrypt(key, case_id, plain, &arena);
    struct sealed b = seal_encrypt(key, case_id, plain, &arena);
    struct sealed c = seal_encrypt(key, case_id, STR("{}"), &arena);
    assert_true(str_eq(a.nonce, b.nonce) && str_eq(a.data, b.data));
    assert_false(str_eq(a.nonce, c.nonce));
    seal_key_close(key);
}

static void a_changed_byte_is_noticed(void **state)
{
    (void)state;
    struct seal_key *key = key_of('a');
    struct sealed sealed = seal_encrypt(key, case_id, plain, &arena);
    struct str text, data = arena_copy(&arena, sealed.data);
    for (size_t i = 0; i < data.len; i++) {
        struct error err = {0};
        char *changed = arena_alloc(&arena, data.len);
        memcpy(changed, data.ptr, data.len);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        struct sealed bad = {sealed.nonce, {changed, data.len}};
        assert_false(seal_decrypt(key, case_id, &bad, &arena, &text, &err));
    }
    seal_key_close(key);
}

static void a_token_depends_on_text_and_key(void **state)
{
    (void)state;
    struct seal_key *key = key_of('a'), *other = key_of('b');
    char a[SEAL_TOKEN_SIZE], b[SEAL_TOKEN_SIZE];
    seal_token(key, STR("13812345678"), a);
    seal_token(key, STR("13812345678"), b);
    assert_string_equal(a, b);
    seal_token(key, STR("13812345679"), b);
    assert_string_not_equal(a, b);
    seal_token(other, STR("13812345678"), b);
    assert_string_not_equal(a, b);
    assert_string_not_equal(seal_key_id(key), seal_key_id(other));
    assert_int_equal(strlen(seal_key_id(key)), 8);
    seal_key_close(key);
    seal_key_close(other);
}

static void refuses_a_key_that_others_may_read_or_that_is_none(void **state)
{
    (void)state;
    static const char
            good[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    struct seal_key *key = NULL;
    struct error err = {0};
    assert_false(open_key(&key, good, 0640, &err));
    assert_string_equal(err.code, "bad_key");
    err = (struct error){0};
    assert_false(open_key(&key, "0011", 0600, &err));
    assert_string_equal(err.code, "bad_key");
    err = (struct error){0};
    assert_false(seal_key_open(&key, "/nonexistent/key", &err));
    assert_string_equal(err.code, "no_key");
    assert_null(key);
}

static int done(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_is_sealed_opens_again_and_only_for_its_case),
            cmocka_unit_test(the_same_input_gives_the_same_bytes_and_another_does_not),
            cmocka_unit_test(a_changed_byte_is_noticed),
            cmocka_unit_test(a_token_depends_on_text_and_key),
            cmocka_unit_test(refuses_a_key_that_others_may_read_or_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
