#include "arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { ARENA_BLOCK_MIN = 256 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    max_align_t data[];
};

static void arena_grow(struct arena *arena, size_t size)
{
    size_t want = arena->blocks ? arena->blocks->size * 2 : ARENA_BLOCK_MIN;
    if (want < size)
        want = size;
    struct arena_block *block = malloc(sizeof *block + want);
    if (!block) {
        (void)fprintf(stderr, "out_of_memory bytes=%zu\n", want);
        exit(EX_OSERR);
    }
    *block = (struct arena_block){.next = arena->blocks, .size = want};
    arena->blocks = block;
    arena->at = (char *)block->data;
    arena->end = arena->at + want;
}

static size_t aligned(size_t size)
{
    return (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t rounded = aligned(size);
    if (!arena->blocks || rounded > (size_t)(arena->end - arena->at))
        arena_grow(arena, rounded);
    void *p = arena->at;
    arena->at += rounded;
    return p;
}

void arena_shrink(struct arena *arena, const void *p, size_t size, size_t used)
{
    if (arena->at - aligned(size) == p)
        arena->at -= aligned(size) - aligned(used);
}

struct str arena_copy(struct arena *arena, struct str s)
{
    char *p = arena_alloc(arena, s.len + 1);
    if (s.len)
        memcpy(p, s.ptr, s.len);
    p[s.len] = 0;
    return (struct str){p, s.len};
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t len = n > 0 ? (size_t)n : 0;
    char *p = arena_alloc(arena, len + 1);
    (void)vsnprintf(p, len + 1, format, again); /* measured above */
    va_end(again);
    return (struct str){p, len};
}

void arena_reset(struct arena *arena)
{
    struct arena_block *keep = arena->blocks;
    if (!keep)
        return;
    while (keep->next) { /* blocks double, so the newest is the largest */
        struct arena_block *old = keep->next;
        keep->next = old->next;
        free(old);
    }
    arena->at = (char *)keep->data;
    arena->end = arena->at + keep->size;
}

void arena_done(struct arena *arena)
{
    for (struct arena_block *block = arena->blocks; block;) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    *arena = (struct arena){0};
}
