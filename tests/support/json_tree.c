#include "json_tree.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *tree_of(struct str text)
{
    return json_loadb(text.ptr, text.len, JSON_DECODE_ANY, NULL);
}

bool json_same(struct str a, struct str b)
{
    json_t *left = tree_of(a), *right = tree_of(b);
    bool same = left && right && json_equal(left, right);
    json_decref(left);
    json_decref(right);
    return same;
}

struct str json_member(struct arena *arena, struct str text, const char *name)
{
    json_t *tree = tree_of(text);
    const json_t *member = json_object_get(tree, name);
    struct str result = {0};
    if (json_is_string(member)) {
        result = arena_copy(arena, str_of(json_string_value(member)));
    } else if (member) {
        char *bytes = json_dumps(member, JSON_COMPACT | JSON_ENCODE_ANY);
        result = arena_copy(arena, str_of(bytes));
        free(bytes);
    }
    json_decref(tree);
    return result;
}
