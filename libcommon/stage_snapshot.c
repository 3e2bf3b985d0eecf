/* A snapshot's envelope: the record of the state topic and the field in Redis. */
#include "stage_internal.h"

#include <stdio.h>
#include <string.h>

/* {"offset":N,"due":MS,"state":…} */
struct str stage_snapshot_wrap(struct arena *arena, const struct stage_entry *entry)
{
    char *text = arena_alloc(arena, entry->state.len + 80);
    int head = snprintf(text, 80,
            "{\"offset\":%lld,\"due\":%lld,\"state\":", (long long)entry->reflected,
            (long long)entry->due.ms);
    memcpy(text + head, entry->state.ptr, entry->state.len);
    text[(size_t)head + entry->state.len] = '}';
    return (struct str){text, (size_t)head + entry->state.len + 1};
}

static bool take_number(struct str *text, const char *before, int64_t *number)
{
    size_t len = strlen(before);
    if (text->len < len || memcmp(text->ptr, before, len) != 0)
        return false;
    *text = (struct str){text->ptr + len, text->len - len};
    bool minus = text->len && *text->ptr == '-';
    size_t i = minus;
    int64_t n = 0;
    for (; i < text->len && i < 19 && text->ptr[i] >= '0' && text->ptr[i] <= '9'; i++)
        n = n * 10 + (text->ptr[i] - '0');
    *number = minus ? -n : n;
    *text = (struct str){text->ptr + i, text->len - i};
    return i > (size_t)minus;
}

bool stage_snapshot_unwrap(
        struct str text, int64_t *offset, instant *due, struct str *state)
{
    static const char STATE[] = ",\"state\":";
    if (!take_number(&text, "{\"offset\":", offset) ||
            !take_number(&text, ",\"due\":", &due->ms) || text.len < sizeof STATE ||
            memcmp(text.ptr, STATE, sizeof STATE - 1) != 0 ||
            text.ptr[text.len - 1] != '}')
        return false;
    *state = (struct str){text.ptr + sizeof STATE - 1, text.len - sizeof STATE};
    return true;
}
