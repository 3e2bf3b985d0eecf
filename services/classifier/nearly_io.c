#include "nearly_io.h"

struct nearly_slot {
    uint32_t key;
    uint32_t name; /* its index and 1; 0: an empty slot */
};

static void insert(struct nearly_index *index, uint32_t key, uint32_t name)
{
    size_t at = key & index->mask;
    while (index->slots[at].name)
        at = (at + 1) & index->mask;
    index->slots[at] = (struct nearly_slot){key, name + 1};
}

void nearly_index_build(struct nearly_index *index, const struct str *names, size_t n,
        struct arena *arena)
{
    uint32_t keys[NEARLY_KEYS_MAX];
    size_t n_keys = 0, room = 64;
    *index = (struct nearly_index){.n = n};
    index->names = arena_alloc(arena, (n + 1) * sizeof *index->names);
    for (size_t i = 0; i < n; i++)
        if (nearly_read(names[i], &index->names[i]))
            n_keys += nearly_keys(&index->names[i], keys);
        else
            index->names[i].n = 0;
    while (room < 4 * n_keys)
        room *= 2;
    index->mask = room - 1;
    index->slots = memset(arena_alloc(arena, room * sizeof *index->slots), 0,
            room * sizeof *index->slots);
    for (size_t i = 0; i < n; i++) {
        n_keys = index->names[i].n ? nearly_keys(&index->names[i], keys) : 0;
        for (size_t k = 0; k < n_keys; k++)
            insert(index, keys[k], (uint32_t)i);
    }
}

/* A surer name takes the place of those that are less so. */
static size_t add(
        struct nearly_found *out, size_t n, size_t max, const struct nearly_found *found)
{
    if (n && nearly_is_sure(out[0].by) && !nearly_is_sure(found->by))
        return n;
    if (n && nearly_is_sure(found->by) && !nearly_is_sure(out[0].by))
        n = 0;
    for (size_t i = 0; i < n; i++)
        if (out[i].name == found->name)
            return n;
    if (n < max)
        out[n++] = *found;
    return n;
}

size_t nearly_find(const struct nearly_index *index, struct str said,
        struct nearly_found *out, size_t max)
{
    struct nearly_name name;
    uint32_t keys[NEARLY_KEYS_MAX];
    size_t n_out = 0;
    size_t n = index->n && nearly_read(said, &name) ? nearly_keys(&name, keys) : 0;
    for (size_t i = 0; i < n; i++)
        for (size_t at = keys[i] & index->mask; index->slots[at].name;
                at = (at + 1) & index->mask) {
            if (index->slots[at].key != keys[i])
                continue;
            struct nearly_found found = {.name = index->slots[at].name - 1};
            found.by = nearly_same(&name, &index->names[found.name]);
            if (found.by != NEARLY_NOT)
                n_out = add(out, n_out, max, &found);
        }
    return n_out;
}
