#include "match_engine.h"

#include <hs/hs.h>
#include <stdlib.h>

struct match_hyperscan {
    hs_database_t *database;
    hs_scratch_t *scratch;
};

struct scan {
    match_sink *sink;
    void *ctx;
};

bool match_hyperscan_usable(void)
{
    return hs_valid_platform() == HS_SUCCESS;
}

void match_hyperscan_close(struct match_hyperscan *engine)
{
    if (!engine)
        return;
    if (engine->scratch)
        (void)hs_free_scratch(engine->scratch); /* fails only while it is in use */
    if (engine->database)
        (void)hs_free_database(engine->database);
    free(engine);
}

bool match_hyperscan_open(struct match_hyperscan **out,
        const struct match_literal *literals, size_t n, struct error *err)
{
    struct match_hyperscan *engine = calloc(1, sizeof *engine);
    const char **texts = calloc(n, sizeof *texts);
    size_t *lengths = calloc(n, sizeof *lengths);
    unsigned *flags = calloc(n, sizeof *flags), *indexes = calloc(n, sizeof *indexes);
    hs_compile_error_t *why = NULL;
    bool done = false;
    if (!engine || !texts || !lengths || !flags || !indexes) {
        (void)error_set(err, ERR_FATAL, "out_of_memory",
                "no memory for a matcher of %zu words", n);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        texts[i] = literals[i].text.ptr;
        lengths[i] = literals[i].text.len;
        flags[i] = HS_FLAG_CASELESS; /* without HS_FLAG_UTF8: ASCII letters only */
        indexes[i] = (unsigned)i;
    }
    if (hs_compile_lit_multi(texts, flags, indexes, lengths, (unsigned)n, HS_MODE_BLOCK,
                NULL, &engine->database, &why) != HS_SUCCESS) {
        (void)error_set(err, ERR_FATAL, "bad_word", "cannot compile word %d of %zu: %s",
                why ? why->expression : -1, n, why ? why->message : "unknown reason");
        goto out;
    }
    if (hs_alloc_scratch(engine->database, &engine->scratch) != HS_SUCCESS) {
        (void)error_set(
                err, ERR_FATAL, "out_of_memory", "no memory to search for %zu words", n);
        goto out;
    }
    *out = engine;
    done = true;
out:
    if (why)
        (void)hs_free_compile_error(why);
    if (!done)
        match_hyperscan_close(engine);
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
    const struct scan *scan = context;
    scan->sink(scan->ctx, literal, (uint32_t)to);
    return 0;
}

void match_hyperscan_scan(
        struct match_hyperscan *engine, struct str text, match_sink *sink, void *ctx)
{
    struct scan scan = {sink, ctx};
    unsigned len = text.len > UINT32_MAX ? UINT32_MAX : (unsigned)text.len;
    /* Can fail only for a broken database or scratch in use by another thread. */
    (void)hs_scan(engine->database, text.ptr, len, 0, engine->scratch, on_match, &scan);
}
