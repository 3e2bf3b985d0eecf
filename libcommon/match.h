/* Many literal strings searched in one pass over a text; ASCII letters match in either
 * case. Hyperscan searches for few where it is installed and the processor can, an engine
 * of ours for many and elsewhere, with the same hits. */
#ifndef CHUISHAO_MATCH_H
#define CHUISHAO_MATCH_H

#include "error.h"
#include "str.h"
#include <stdint.h>

struct match_literal {
    struct str text; /* UTF-8 without NUL; not empty */
    uint32_t id;     /* given back with each hit; literals may share one */
};

struct matcher;

/* Compiles once; literals are kept as copies inside. n may be 0. */
MUST_USE bool matcher_compile(struct matcher **out, const struct match_literal *literals,
        size_t n, struct error *err);

/* The same with one engine, for tests to compare. Hyperscan only where it can. */
enum matcher_engine { MATCHER_HYPERSCAN, MATCHER_PLAIN };
MUST_USE bool matcher_compile_with(struct matcher **out, enum matcher_engine engine,
        const struct match_literal *literals, size_t n, struct error *err);
void matcher_free(struct matcher *matcher);

/* A literal's occurrence: bytes [from, to) of the text. `literal` is its index in the
 * compiled array. */
struct match_hit {
    uint32_t id, literal;
    uint32_t from, to;
};

/* Fills hits with up to max occurrences in a text of UTF-8 in order of their end, at one
 * end the longest first; returns how many there were in all. One matcher serves one
 * thread. */
size_t matcher_scan(
        struct matcher *matcher, struct str text, struct match_hit *hits, size_t max);

#endif
