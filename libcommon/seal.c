#include "seal.h"

#include "ids.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>

enum { KEY_SIZE = 32, KEY_ID_SIZE = 9, NONCE_SIZE = 12, TAG_SIZE = 16 };

struct seal_key {
    unsigned char encrypt[KEY_SIZE], nonce[KEY_SIZE],
            token[KEY_SIZE]; /* derived, one per use */
    char id[KEY_ID_SIZE];
    EVP_CIPHER_CTX *ctx;
};

/* OpenSSL's own calls fail here only without memory or with a broken library. */
static void must(bool done)
{
    if (done)
        return;
    (void)fprintf(stderr, "seal_failed what=\"OpenSSL could not encrypt\"\n");
    exit(EX_OSERR);
}

static void hmac(
        const unsigned char key[KEY_SIZE], struct str text, unsigned char out[KEY_SIZE])
{
    unsigned len = 0;
    must(HMAC(EVP_sha256(), key, KEY_SIZE, (const unsigned char *)text.ptr, text.len, out,
                 &len) &&
            len == KEY_SIZE);
}

static int hex_value(int c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool read_key(const char *path, unsigned char out[KEY_SIZE], struct error *err)
{
    char text[2 * KEY_SIZE + 4] = "";
    struct stat about;
    FILE *file = fopen(path, "r");
    if (!file)
        return error_set(err, ERR_FATAL, "no_key", "cannot open the key file %s: %s",
                path, strerror(errno));
    bool private = fstat(fileno(file), &about) == 0 && (about.st_mode & 077) == 0;
    size_t n = private ? fread(text, 1, sizeof text - 1, file) : 0;
    (void)fclose(file); /* only read */
    if (!private)
        return error_set(err, ERR_FATAL, "bad_key",
                "others may read the key file %s; chmod 600 it", path);
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    bool hex = n == 2 * KEY_SIZE;
    for (size_t i = 0; hex && i < KEY_SIZE; i++) {
        int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
        hex = high >= 0 && low >= 0;
        out[i] = (unsigned char)((unsigned)high << 4 | ((unsigned)low & 15U));
    }
    OPENSSL_cleanse(text, sizeof text);
    return hex ||
           error_set(err, ERR_FATAL, "bad_key",
                   "the key file %s does not hold 64 hex digits; make one with: openssl "
                   "rand -hex 32",
                   path);
}

bool seal_key_open(struct seal_key **out, const char *path, struct error *err)
{
    unsigned char master[KEY_SIZE] = {0};
    if (!read_key(path, master, err))
        return false;
    struct seal_key *key = calloc(1, sizeof *key);
    must(key);
    key->ctx = EVP_CIPHER_CTX_new();
    must(key->ctx);
    hmac(master, STR("chuishao encrypt"), key->encrypt);
    hmac(master, STR("chuishao nonce"), key->nonce);
    hmac(master, STR("chuishao token"), key->token);
    sha256_hex((struct str){(const char *)master, sizeof master}, 4, key->id);
    OPENSSL_cleanse(master, sizeof master);
    *out = key;
    return true;
}

void seal_key_close(struct seal_key *key)
{
    if (!key)
        return;
    EVP_CIPHER_CTX_free(key->ctx);
    OPENSSL_cleanse(key, sizeof *key);
    free(key);
}

const char *seal_key_id(const struct seal_key *key)
{
    return key->id;
}

static struct str base64(struct arena *arena, const unsigned char *bytes, size_t n)
{
    char *out = arena_alloc(arena, (n + 2) / 3 * 4 + 1);
    int len = EVP_EncodeBlock((unsigned char *)out, bytes, (int)n);
    return (struct str){out, (size_t)len};
}

/* False when it is not base64. */
static bool unbase64(struct arena *arena, struct str text, unsigned char **out, size_t *n)
{
    if (text.len == 0 || text.len % 4 != 0 || text.len > 1U << 20)
        return false;
    *out = arena_alloc(arena, text.len);
    int len = EVP_DecodeBlock(*out, (const unsigned char *)text.ptr, (int)text.len);
    if (len < 0)
        return false;
    *n = (size_t)len; /* counts the padding as bytes */
    for (size_t i = text.len; i > text.len - 2 && text.ptr[i - 1] == '='; i--)
        --*n;
    return true;
}

struct sealed seal_encrypt(
        struct seal_key *key, struct str about, struct str plain, struct arena *arena)
{
    unsigned char nonce[KEY_SIZE];
    unsigned char *data = arena_alloc(arena, plain.len + TAG_SIZE);
    char *both = arena_alloc(arena, about.len + 1 + plain.len);
    memcpy(both, about.ptr, about.len);
    both[about.len] = 0;
    memcpy(both + about.len + 1, plain.ptr, plain.len);
    hmac(key->nonce, (struct str){both, about.len + 1 + plain.len}, nonce);
    int n = 0;
    must(EVP_EncryptInit_ex(key->ctx, EVP_aes_256_gcm(), NULL, key->encrypt, nonce) &&
            EVP_EncryptUpdate(key->ctx, NULL, &n, (const unsigned char *)about.ptr,
                    (int)about.len) &&
            EVP_EncryptUpdate(key->ctx, data, &n, (const unsigned char *)plain.ptr,
                    (int)plain.len) &&
            EVP_EncryptFinal_ex(key->ctx, data + n, &n) &&
            EVP_CIPHER_CTX_ctrl(
                    key->ctx, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, data + plain.len));
    OPENSSL_cleanse(both, about.len + 1 + plain.len);
    return (struct sealed){
            base64(arena, nonce, NONCE_SIZE), base64(arena, data, plain.len + TAG_SIZE)};
}

bool seal_decrypt(struct seal_key *key, struct str about, const struct sealed *sealed,
        struct arena *arena, struct str *plain, struct error *err)
{
    unsigned char *nonce, *data;
    size_t n_nonce, n_data;
    int n = 0, end = 0;
    if (!unbase64(arena, sealed->nonce, &nonce, &n_nonce) || n_nonce != NONCE_SIZE ||
            !unbase64(arena, sealed->data, &data, &n_data) || n_data < TAG_SIZE)
        return error_set(err, ERR_INVALID, "bad_seal", "not a sealed text of ours");
    size_t n_text = n_data - TAG_SIZE;
    unsigned char *text = arena_alloc(arena, n_text + 1);
    if (!EVP_DecryptInit_ex(key->ctx, EVP_aes_256_gcm(), NULL, key->encrypt, nonce) ||
            !EVP_DecryptUpdate(key->ctx, NULL, &n, (const unsigned char *)about.ptr,
                    (int)about.len) ||
            !EVP_DecryptUpdate(key->ctx, text, &n, data, (int)n_text) ||
            !EVP_CIPHER_CTX_ctrl(
                    key->ctx, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, data + n_text) ||
            EVP_DecryptFinal_ex(key->ctx, text + n, &end) <= 0)
        return error_set(err, ERR_INVALID, "bad_seal",
                "sealed under another key or for another case, or changed since");
    *plain = (struct str){(const char *)text, n_text};
    return true;
}

void seal_token(const struct seal_key *key, struct str text, char out[SEAL_TOKEN_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[KEY_SIZE];
    hmac(key->token, text, digest);
    for (size_t i = 0; i < (SEAL_TOKEN_SIZE - 1) / 2; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    out[SEAL_TOKEN_SIZE - 1] = 0;
}
