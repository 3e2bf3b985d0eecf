#include "match_engine.h"

#include <stdlib.h>

/* bench/README.md: of some 200 words Hyperscan makes short work, of 8,000 not, with
 * tables that do not stay in the cache. */
enum { HYPERSCAN_WORDS_MAX = 1000 };

struct matcher {
    struct match_hyperscan *hyperscan; /* one of the two; neither: no literals */
    struct match_plain *plain;
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
#ifdef MATCH_HYPERSCAN
    match_hyperscan_close(matcher->hyperscan);
#endif
    match_plain_close(matcher->plain);
    free(matcher->ids);
    free(matcher->lengths);
    free(matcher);
}

static bool copy_literals(struct matcher *matcher, const struct match_literal *literals,
        size_t n, struct error *err)
{
    matcher->ids = calloc(n + 1, sizeof *matcher->ids);
    matcher->lengths = calloc(n + 1, sizeof *matcher->lengths);
    if (!matcher->ids || !matcher->lengths)
        return error_set(err, ERR_FATAL, "out_of_memory",
                "no memory for a matcher of %zu words", n);
    for (size_t i = 0; i < n; i++) {
        if (literals[i].text.len == 0 || literals[i].text.len > UINT16_MAX)
            return error_set(err, ERR_FATAL, "bad_word",
                    "word %zu is empty or longer than 65,535 bytes", i);
        matcher->ids[i] = literals[i].id;
        matcher->lengths[i] = (uint32_t)literals[i].text.len;
    }
    return true;
}

bool matcher_compile_with(struct matcher **out, enum matcher_engine engine,
        const struct match_literal *literals, size_t n, struct error *err)
{
    struct matcher *matcher = calloc(1, sizeof *matcher);
    if (!matcher)
        return error_set(err, ERR_FATAL, "out_of_memory",
                "no memory for a matcher of %zu words", n);
    bool done = copy_literals(matcher, literals, n, err);
#ifdef MATCH_HYPERSCAN
    if (done && n && engine == MATCHER_HYPERSCAN && match_hyperscan_usable())
        done = match_hyperscan_open(&matcher->hyperscan, literals, n, err);
#else
    (void)engine;
#endif
    if (done && n && !matcher->hyperscan)
        done = match_plain_open(&matcher->plain, literals, n, err);
    if (done)
        *out = matcher;
    else
        matcher_free(matcher);
    return done;
}

bool matcher_compile(struct matcher **out, const struct match_literal *literals, size_t n,
        struct error *err)
{
    return matcher_compile_with(out,
            n > HYPERSCAN_WORDS_MAX ? MATCHER_PLAIN : MATCHER_HYPERSCAN, literals, n,
            err);
}

static bool comes_before(const struct match_hit *a, const struct match_hit *b)
{
    if (a->to != b->to || a->from == b->from)
        return a->to == b->to && a->literal < b->literal;
    return a->from < b->from;
}

/* Engines give ends in order but those at one end in any: sorted as they come, also when
 * the array ends between them. */
static void on_match(void *ctx, uint32_t literal, uint32_t to)
{
    struct scan *scan = ctx;
    size_t i = scan->n < scan->max ? scan->n : scan->max;
    scan->n++;
    struct match_hit hit = {
            .id = scan->matcher->ids[literal],
            .literal = literal,
            .from = to - scan->matcher->lengths[literal],
            .to = to,
    };
    for (; i && comes_before(&hit, &scan->hits[i - 1]); i--)
        if (i < scan->max)
            scan->hits[i] = scan->hits[i - 1];
    if (i < scan->max)
        scan->hits[i] = hit;
}

size_t matcher_scan(
        struct matcher *matcher, struct str text, struct match_hit *hits, size_t max)
{
    struct scan scan = {.matcher = matcher, .hits = hits, .max = max};
    if (text.len == 0)
        return 0;
#ifdef MATCH_HYPERSCAN
    if (matcher->hyperscan)
        match_hyperscan_scan(matcher->hyperscan, text, on_match, &scan);
#endif
    if (matcher->plain)
        match_plain_scan(matcher->plain, text, on_match, &scan);
    return scan.n;
}
