/* Redis as an index of a compacted state topic. The only module that includes hiredis.
 * All keys of a partition share one hash tag: hash <prefix>:state:{p} holds field "@" =
 * mark (offset of the last snapshot it reflects) and one field per key; zset
 * <prefix>:due:{p} the wake times; zset <prefix>:lease:{p} the claims of due keys.
 * Any Redis error is ERR_RETRY and means "unknown": the caller reconnects and restores,
 * and never resends blindly. */
#ifndef CHUISHAO_STORE_H
#define CHUISHAO_STORE_H

#include "arena.h"
#include "error.h"
#include "instant.h"
#include "str.h"
#include <stdint.h>

struct store;

enum { STORE_NO_MARK = -1, STORE_WINDOW_MAX = 2000 };

/* url: redis://[:password@]host:port[/db]. Refuses (ERR_FATAL) a server that may evict
 * keys or keeps no append-only file, unless force. */
MUST_USE bool store_open(
        struct store **out, const char *url, bool force, struct error *err);
MUST_USE bool store_reconnect(struct store *store, struct error *err);
void store_close(struct store *store);

/* Mark and states of keys, per partition, each read atomically with its mark. Pipelined
 * over n reads. */
struct store_read {
    const char *prefix;
    int32_t partition;
    const struct str *keys;
    size_t n_keys;
    int64_t mark;       /* out */
    struct str *states; /* out, n_keys of them; ptr NULL when absent; in the arena */
};
MUST_USE bool store_read(struct store *store, struct store_read *reads, size_t n,
        struct arena *arena, struct error *err);

struct store_change {
    struct str key;
    struct str state; /* ptr NULL: delete */
    instant due;      /* never: no wake */
};

/* Compare and set: applies changes when the partition's mark is `expected`, and moves it
 * to `mark`. Pipelined over n; *applied tells for each whether it did. */
struct store_apply {
    const char *prefix;
    int32_t partition;
    int64_t expected, mark;
    const struct store_change *changes;
    size_t n_changes;
    bool applied; /* out */
};
MUST_USE bool store_apply(
        struct store *store, struct store_apply *applies, size_t n, struct error *err);

MUST_USE bool store_delete_mark(
        struct store *store, const char *prefix, int32_t partition, struct error *err);

/* Claims keys of a partition that are due at Redis's own time, oldest first, into out
 * (max of them). A claimed key is not returned again before its lease ends or its due
 * time moves. Only the `window` oldest due keys are looked at, claimed ones included: so
 * that many are out, and then whoever settles them sets the pace. (Keys that become due
 * behind the back of those that are out, with an older due time, come on top.) */
struct store_due {
    struct str key; /* in the arena */
    instant due;
};
struct store_claim {
    const char *prefix;
    int32_t partition;
    size_t max, window; /* window: at most STORE_WINDOW_MAX */
    int64_t lease_ms;   /* 0: only looks */
    size_t n;           /* out: how many */
    size_t again;       /* out: of these, how many had been claimed before in vain */
    instant now;        /* out: Redis's time */
};
MUST_USE bool store_due_claim(struct store *store, struct store_claim *claim,
        struct store_due *out, struct arena *arena, struct error *err);

/* One step of a comparison of a partition's states with its due index. Along the states:
 * each that asks for a wake must be armed for that very time. Along the index: each armed
 * key must have a state that asks for a wake. What is there all the time is met at least
 * once; each step by itself is atomic. */
struct store_compare {
    const char *prefix;
    int32_t partition;
    bool along_index;
    size_t step;     /* about so many keys */
    char cursor[24]; /* where to go on: "0" at the beginning, and again at the end */
    int64_t met;     /* out: keys that ask for a wake, or are armed */
    int64_t differ;  /* out: those without their counterpart */
};
MUST_USE bool store_due_compare(
        struct store *store, struct store_compare *compare, struct error *err);

/* How many wakes are armed and the earliest of them (never: none). */
MUST_USE bool store_due_stats(struct store *store, const char *prefix, int32_t partition,
        int64_t *armed, instant *earliest, struct error *err);

#endif
