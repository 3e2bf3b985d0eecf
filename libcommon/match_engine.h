/* The two engines behind match.h; for match*.c only. Each gives its hits to a sink in
 * order of their end, those with one end in any. */
#ifndef CHUISHAO_MATCH_ENGINE_H
#define CHUISHAO_MATCH_ENGINE_H

#include "match.h"

/* Takes one occurrence: the literal's index, and where in the text it ends. */
typedef void match_sink(void *ctx, uint32_t literal, uint32_t to);

/* match_hyperscan.c. Not there in a build without Hyperscan (MATCH_HYPERSCAN). */
struct match_hyperscan;
bool match_hyperscan_usable(void); /* the processor has what Hyperscan needs */
MUST_USE bool match_hyperscan_open(struct match_hyperscan **out,
        const struct match_literal *literals, size_t n, struct error *err);
void match_hyperscan_close(struct match_hyperscan *engine);
void match_hyperscan_scan(
        struct match_hyperscan *engine, struct str text, match_sink *sink, void *ctx);

/* match_plain.c: without any library. */
struct match_plain;
MUST_USE bool match_plain_open(struct match_plain **out,
        const struct match_literal *literals, size_t n, struct error *err);
void match_plain_close(struct match_plain *engine);
void match_plain_scan(
        const struct match_plain *engine, struct str text, match_sink *sink, void *ctx);

#endif
