/* JSON as a tree, for tests that compare. Apart, because jansson's names and those of
 * libcommon's json.h are the same. */
#ifndef CHUISHAO_JSON_TREE_H
#define CHUISHAO_JSON_TREE_H

#include "arena.h"
#include <stdbool.h>

/* Equal but for the order of members. A text that is not JSON equals nothing. */
bool json_same(struct str a, struct str b);

/* An object's member: a string's own text, anything else as JSON; ptr NULL: absent. */
struct str json_member(struct arena *arena, struct str text, const char *name);

#endif
