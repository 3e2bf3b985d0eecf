#include "train_join.h"

#include "textmodel.h"
#include "train_memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    TAILS_LEAST = 3, /* what stands before fewer shared tails is no head */
    TAIL_BYTES_LEAST = 6,
    PLACES = TEXTMODEL_LABEL_MAX + 1,
};
static const float TAIL_SHARE = 2, HEAD_SHARE = 0.5F;

/* A name may be cut before a character that is not ASCII: codes are no names. */
static bool may_cut(const char *name, size_t at)
{
    return at > 0 && ((unsigned char)name[at] & 0xc0) == 0xc0 &&
           strlen(name + at) >= TAIL_BYTES_LEAST;
}

/* Another label ends in the same tail and has something before it. */
static bool is_shared(const struct train_rows *rows, uint32_t label, const char *tail)
{
    size_t len = strlen(tail);
    for (uint32_t other = 0; other < rows->n_labels; other++) {
        size_t size = strlen(rows->labels[other]);
        if (other != label && size > len &&
                memcmp(rows->labels[other] + size - len, tail, len) == 0)
            return true;
    }
    return false;
}

/* shared[label * PLACES + at]: its name from `at` on is also the tail of another. */
static bool *find_tails(const struct train_rows *rows)
{
    bool *shared = train_zeroed((size_t)rows->n_labels * PLACES, sizeof *shared);
    for (uint32_t label = 0; label < rows->n_labels; label++) {
        const char *name = rows->labels[label];
        for (size_t at = 0; name[at]; at++)
            shared[label * PLACES + at] = may_cut(name, at) &&
                                          is_shared(rows, label, name + at);
    }
    return shared;
}

/* How many shared tails stand behind the first len bytes of name. */
static uint32_t count_tails(
        const struct train_rows *rows, const bool *shared, const char *name, size_t len)
{
    uint32_t n = 0;
    for (uint32_t label = 0; label < rows->n_labels; label++)
        n += shared[label * PLACES + len] && memcmp(rows->labels[label], name, len) == 0;
    return n;
}

/* Where the name's head ends: that with the most tails, of equal ones the longest. 0: it
 * has none. */
static size_t head_of(const struct train_rows *rows, const bool *shared, const char *name)
{
    size_t best = 0;
    uint32_t most = TAILS_LEAST;
    for (size_t at = 0; name[at]; at++) {
        uint32_t n = may_cut(name, at) ? count_tails(rows, shared, name, at) : 0;
        if (n < most)
            continue;
        best = at;
        most = n;
    }
    return best;
}

/* Puts labels with equal parts together; part[label] is borrowed for the call. */
static struct train_join join_equal(
        const struct train_rows *rows, const struct str *part, float share)
{
    struct train_join join = {
            .group = train_zeroed(rows->n_labels, sizeof *join.group), .share = share};
    for (uint32_t label = 0; label < rows->n_labels; label++) {
        uint32_t like = 0;
        while (!str_eq(part[like], part[label]))
            like++;
        join.group[label] = like < label ? join.group[like] : join.n_groups++;
    }
    return join;
}

void train_joins_find(struct train_joins *out, const struct train_rows *rows)
{
    bool *shared = find_tails(rows);
    struct str *head = train_zeroed(rows->n_labels, sizeof *head),
               *tail = train_zeroed(rows->n_labels, sizeof *tail);
    for (uint32_t label = 0; label < rows->n_labels; label++) {
        const char *name = rows->labels[label];
        size_t at = head_of(rows, shared, name);
        head[label] = (struct str){name, at};
        tail[label] = str_of(name + at);
    }
    *out = (struct train_joins){0};
    out->join[0] = join_equal(rows, tail, TAIL_SHARE);
    out->join[1] = join_equal(rows, head, HEAD_SHARE);
    out->n = 2;
    if (out->join[0].n_groups == rows->n_labels)
        train_joins_free(out);
    free(shared);
    free(head);
    free(tail);
}

void train_joins_free(struct train_joins *joins)
{
    for (int i = 0; i < joins->n; i++)
        free(joins->join[i].group);
    *joins = (struct train_joins){0};
}
