#include "ids.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { SHA256_SIZE = 32 };

/* Crockford's base 32, lower case: no i, l, o, u, so an id can be read out on the phone.
 */
static const char base32[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* Digest of the parts with a NUL between them. */
static void sha256(const struct str *parts, size_t n, unsigned char out[SHA256_SIZE])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool done = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
    for (size_t i = 0; done && i < n; i++)
        done = (i == 0 || EVP_DigestUpdate(ctx, "", 1)) &&
               (parts[i].len == 0 || EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len));
    done = done && EVP_DigestFinal_ex(ctx, out, NULL);
    EVP_MD_CTX_free(ctx);
    if (!done) { /* SHA-256 fails only without memory or with a broken OpenSSL */
        (void)fprintf(stderr, "sha256_failed what=\"OpenSSL gave no SHA-256\"\n");
        exit(EX_OSERR);
    }
}

static void id_make(char letter, instant at, struct str of, struct str id, char *out)
{
    unsigned char digest[SHA256_SIZE];
    sha256((struct str[]){of, id}, 2, digest);
    int32_t day = instant_day(at);
    out[0] = letter;
    for (int i = 8; i >= 1; i--) {
        out[i] = (char)('0' + day % 10);
        day /= 10;
    }
    out[9] = '-';
    for (size_t i = 0; i < 2; i++) { /* five bytes make eight characters */
        uint64_t bits = 0;
        for (size_t j = 0; j < 5; j++)
            bits = bits << 8 | digest[i * 5 + j];
        for (size_t j = 8; j-- > 0; bits >>= 5)
            out[10 + i * 8 + j] = base32[bits & 31];
    }
    out[CASE_ID_LEN] = 0;
}

/* What follows the letter. */
static bool id_valid(struct str text)
{
    if (text.len != CASE_ID_LEN || text.ptr[9] != '-')
        return false;
    for (size_t i = 1; i < 9; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    for (size_t i = 10; i < CASE_ID_LEN; i++)
        if (text.ptr[i] == 0 || !strchr(base32, text.ptr[i]))
            return false;
    return true;
}

void case_id_make(enum lane lane, instant reported_at, struct str source, struct str id,
        char out[CASE_ID_SIZE])
{
    id_make((char)lane, reported_at, source, id, out);
}

bool case_id_valid(struct str text)
{
    return id_valid(text) && (text.ptr[0] == LANE_NORMAL || text.ptr[0] == LANE_EXPRESS);
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool case_id_find(struct str text, char out[CASE_ID_SIZE])
{
    enum { HYPHEN_AT = 9 };
    const char *end = text.ptr + text.len, *from = text.ptr;
    while (from < end) {
        const char *hyphen = memchr(from, '-', (size_t)(end - from));
        if (!hyphen)
            return false;
        from = hyphen + 1;
        const char *id = hyphen - HYPHEN_AT;
        if (hyphen - text.ptr < HYPHEN_AT || end - id < CASE_ID_LEN ||
                (id > text.ptr && is_word(id[-1])) ||
                (end - id > CASE_ID_LEN && is_word(id[CASE_ID_LEN])) ||
                !case_id_valid((struct str){id, CASE_ID_LEN}))
            continue;
        memcpy(out, id, CASE_ID_LEN);
        out[CASE_ID_LEN] = 0;
        return true;
    }
    return false;
}

void person_make(struct str token, char out[PERSON_SIZE])
{
    size_t n = token.len < PERSON_LEN ? token.len : PERSON_LEN;
    memset(out, 0, PERSON_SIZE);
    for (size_t i = 0; i < n; i++)
        if (!((token.ptr[i] >= '0' && token.ptr[i] <= '9') ||
                    (token.ptr[i] >= 'a' && token.ptr[i] <= 'z')))
            return;
    if (n)
        memcpy(out, token.ptr, n);
}

void person_key(const char *person, char out[PERSON_KEY_SIZE])
{
    (void)snprintf(out, PERSON_KEY_SIZE, "person:%03x",
            (unsigned)(id_fingerprint(STR("person"), str_of(person)) % PERSON_KEYS));
}

int person_key_index(struct str key)
{
    if (key.len != PERSON_KEY_LEN || !str_starts(key, STR("person:")))
        return -1;
    char digits[] = {key.ptr[7], key.ptr[8], key.ptr[9], 0};
    return strspn(digits, "0123456789abcdef") == 3 ? (int)strtol(digits, NULL, 16) : -1;
}

void whistle_id_make(
        instant issued_at, struct str queue, struct str action_id, char out[CASE_ID_SIZE])
{
    id_make(WHISTLE_LETTER, issued_at, queue, action_id, out);
}

bool whistle_id_valid(struct str text)
{
    return id_valid(text) && text.ptr[0] == WHISTLE_LETTER;
}

struct str key_code(struct str key, const char *prefix)
{
    enum { CODE_MAX = 31 };
    struct str start = str_of(prefix);
    if (!str_starts(key, start) || key.len == start.len || key.len > start.len + CODE_MAX)
        return (struct str){0};
    struct str code = {key.ptr + start.len, key.len - start.len};
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return (struct str){0};
    }
    return code;
}

void sha256_hex(struct str text, size_t n, char *out)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[SHA256_SIZE];
    assert(n <= SHA256_SIZE);
    sha256(&text, 1, digest);
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    out[2 * n] = 0;
}

uint64_t id_fingerprint(struct str a, struct str b)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    const struct str parts[] = {a, STR("/"), b};
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
        for (size_t i = 0; i < parts[p].len; i++)
            hash = (hash ^ (unsigned char)parts[p].ptr[i]) * UINT64_C(1099511628211);
    return hash ? hash : 1;
}

int32_t id_order_number(struct str order, struct str subject)
{
    enum { DIGITS_MAX = 6 };
    int32_t number = 0;
    if (!order.len)
        return -1;
    if (!str_starts(order, subject) || order.len < subject.len + 2 ||
            order.len > subject.len + 1 + DIGITS_MAX || order.ptr[subject.len] != '.')
        return 0;
    for (size_t i = subject.len + 1; i < order.len; i++) {
        if (order.ptr[i] < '0' || order.ptr[i] > '9')
            return 0;
        number = number * 10 + (order.ptr[i] - '0');
    }
    return number;
}
