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
    size_t room = 64;
    while (room < 2 * n * NEARLY_KEYS_MAX)
        room *= 2;
    *index = (struct nearly_index){.n = n, .mask = room - 1};
    index->names = arena_alloc(arena, (n + 1) * sizeof *index->names);
    index->slots = memset(arena_alloc(arena, room * sizeof *index->slots), 0,
            room * sizeof *index->slots);
    for (size_t i = 0; i < n; i++) {
        uint32_t keys[NEARLY_KEYS_MAX];
        size_t n_keys = nearly_read(names[i], &index->names[i])
                                ? nearly_keys(&index->names[i], keys)
                                : 0;
        for (size_t k = 0; k < n_keys; k++)
            insert(index, keys[k], (uint32_t)i);
    }
}

static bool has(const struct nearly_found *list, size_t n, uint32_t name)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].name == name)
            return true;
    return false;
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
            uint32_t found = index->slots[at].name - 1;
            if (index->slots[at].key != keys[i] || n_out == max || has(out, n_out, found))
                continue;
            enum nearly by = nearly_same(&name, &index->names[found]);
            if (by != NEARLY_NOT)
                out[n_out++] = (struct nearly_found){found, by};
        }
    return n_out;
}
