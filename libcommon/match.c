#include "match.h"

#include <hs/hs.h>
#include <stdlib.h>

struct matcher {
    hs_database_t *database; /* NULL: no literals */
    hs_scratch_t *scratch;
    uint32_t *ids;
    uint32_t *lengths;
};

struct scan {
    const struct matcher *matcher;
    struct match_hit *hits;
    size_t max, n;
};

void matcher_free(struct matcher *matcher)
{
    if (!matcher)
        return;
    if (matcher->scratch)
        (void)hs_free_scratch(matcher->scratch); /* fails only while it is in use */
    if (matcher->database)
        (void)hs_free_database(matcher->database);
    free(matcher->ids);
    free(matcher->lengths);
    free(matcher);
}

bool matcher_compile(struct matcher **out, const struct match_literal *literals, size_t n,
        struct error *err)
{
    struct matcher *matcher = calloc(1, sizeof *matcher);
    const char **texts = calloc(n + 1, sizeof *texts);
    size_t *lengths = calloc(n + 1, sizeof *lengths);
    unsigned *flags = calloc(n + 1, sizeof *flags),
             *indexes = calloc(n + 1, sizeof *indexes);
    hs_compile_error_t *why = NULL;
    bool done = false;
    if (!matcher || !texts || !lengths || !flags || !indexes) {
        (void)error_set(err, ERR_FATAL, "out_of_memory",
                "no memory for a matcher of %zu words", n);
        goto out;
    }
    matcher->ids = calloc(n + 1, sizeof *matcher->ids);
    matcher->lengths = calloc(n + 1, sizeof *matcher->lengths);
    if (!matcher->ids || !matcher->lengths) {
        (void)error_set(err, ERR_FATAL, "out_of_memory",
                "no memory for a matcher of %zu words", n);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        if (literals[i].text.len == 0 || literals[i].text.len > UINT16_MAX) {
            (void)error_set(err, ERR_FATAL, "bad_word",
                    "word %zu is empty or longer than 65,535 bytes", i);
            goto out;
        }
        texts[i] = literals[i].text.ptr;
        lengths[i] = literals[i].text.len;
        flags[i] = HS_FLAG_CASELESS; /* without HS_FLAG_UTF8: ASCII letters only */
        indexes[i] = (unsigned)i;
        matcher->ids[i] = literals[i].id;
        matcher->lengths[i] = (uint32_t)literals[i].text.len;
    }
    if (n) {
        hs_error_t code = hs_compile_lit_multi(texts, flags, indexes, lengths,
                (unsigned)n, HS_MODE_BLOCK, NULL, &matcher->database, &why);
        if (code != HS_SUCCESS) {
            (void)error_set(err, ERR_FATAL, "bad_word",
                    "cannot compile word %d of %zu: %s", why ? why->expression : -1, n,
                    why ? why->message : "unknown reason");
            goto out;
        }
        if (hs_alloc_scratch(matcher->database, &matcher->scratch) != HS_SUCCESS) {
            (void)error_set(err, ERR_FATAL, "out_of_memory",
                    "no memory to search for %zu words", n);
            goto out;
        }
    }
    *out = matcher;
    done = true;
out:
    if (why)
        (void)hs_free_compile_error(why);
    if (!done)
        matcher_free(matcher);
    free(texts);
    free(lengths);
    free(flags);
    free(indexes);
    return done;
}

static int on_match(unsigned literal, unsigned long long from, unsigned long long to,
        unsigned flags, void *context)
{
    (void)from; /* not tracked: it follows from the length */
    (void)flags;
    struct scan *scan = context;
    size_t i = scan->n++;
    if (i >= scan->max)
        return 0;
    /* Hyperscan gives ends in order but those at one end in any: the longest first, then
     * by index. */
    struct match_hit hit = {
            .id = scan->matcher->ids[literal],
            .literal = literal,
            .from = (uint32_t)to - scan->matcher->lengths[literal],
            .to = (uint32_t)to,
    };
    while (i && scan->hits[i - 1].to == hit.to &&
            (scan->hits[i - 1].from > hit.from ||
                    (scan->hits[i - 1].from == hit.from &&
                            scan->hits[i - 1].literal > literal))) {
        scan->hits[i] = scan->hits[i - 1];
        i--;
    }
    scan->hits[i] = hit;
    return 0;
}

size_t matcher_scan(
        struct matcher *matcher, struct str text, struct match_hit *hits, size_t max)
{
    struct scan scan = {.matcher = matcher, .hits = hits, .max = max};
    if (!matcher->database || text.len == 0)
        return 0;
    unsigned len = text.len > UINT32_MAX ? UINT32_MAX : (unsigned)text.len;
    /* Can fail only for a broken database or scratch in use by another thread. */
    (void)hs_scan(matcher->database, text.ptr, len, 0, matcher->scratch, on_match, &scan);
    return scan.n;
}
