/* Memory that lives for one batch: bump allocation, freed all at once. Running out of
 * memory ends the process with one line, so no caller checks for NULL. */
#ifndef CHUISHAO_ARENA_H
#define CHUISHAO_ARENA_H

#include "str.h"

struct arena_block;

/* The zero value is an empty arena. */
struct arena {
    struct arena_block *blocks; /* newest first */
    char *at, *end;
};

/* Aligned for any type; contents undefined. */
void *arena_alloc(struct arena *arena, size_t size);

/* Of the size bytes at p only the first `used` are needed: the others are free again, if
 * nothing was allocated since. */
void arena_shrink(struct arena *arena, const void *p, size_t size, size_t used);

/* A copy of s, followed by a NUL that its length does not count. */
struct str arena_copy(struct arena *arena, struct str s);

struct str arena_printf(struct arena *arena, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* Everything allocated so far is gone; the largest block is kept for the next batch. */
void arena_reset(struct arena *arena);

void arena_done(struct arena *arena);

#endif
