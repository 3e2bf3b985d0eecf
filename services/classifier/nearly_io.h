/* An index of names by what is nearly the same (nearly_core.h). */
#ifndef CHUISHAO_NEARLY_IO_H
#define CHUISHAO_NEARLY_IO_H

#include "arena.h"
#include "nearly_core.h"

/* The zero value holds no name. */
struct nearly_index {
    struct nearly_name *names;
    size_t n;
    struct nearly_slot *slots; /* a hash table, open addressing */
    size_t mask;
};

/* Lives in the arena. */
void nearly_index_build(struct nearly_index *index, const struct str *names, size_t n,
        struct arena *arena);

struct nearly_found {
    uint32_t name; /* its index */
    enum nearly by;
};

/* The names that are nearly the said one, each once, at most max; where some are sure,
 * only these. Allocates nothing. */
size_t nearly_find(const struct nearly_index *index, struct str said,
        struct nearly_found *out, size_t max);

#endif
