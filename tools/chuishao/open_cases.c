#include "open_cases.h"

#include "arena.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

/* A snapshot of case.state: the last one of a case tells whether it is open. */
struct seen {
    char id[CASE_ID_SIZE];
    bool open;
    int64_t offset;
};

struct open_cases_scan {
    struct json_reader *reader;
    struct arena arena;
    struct seen *seen;
    size_t n, cap;
    bool no_memory;
};

struct snapshot {
    struct {
        struct str stage;
    } state;
};
static const struct json_field state_fields[] = {
        {.name = "stage", .kind = JSON_STR},
};
static const struct json_field snapshot_fields[] = {
        {.name = "state", .kind = JSON_OBJECT, .max = 1, .sub = state_fields},
};

static bool is_open(struct str stage)
{
    static const char *const ended[] = {"", "CLOSED", "TRANSFERRED_OUT", "MERGED"};
    for (size_t i = 0; i < sizeof ended / sizeof *ended; i++)
        if (str_is(stage, ended[i]))
            return false;
    return true;
}

void open_cases_take(void *ctx, const struct bus_msg *msg)
{
    struct open_cases_scan *scan = ctx;
    struct snapshot snapshot = {.state.stage = STR("")};
    struct error bad = {0};
    if (!scan || !case_id_valid(msg->key))
        return; /* a whistle, an account, a schedule: no clocks of an SLA class */
    if (scan->n == scan->cap) {
        size_t cap = scan->cap ? 2 * scan->cap : 4096;
        struct seen *more = realloc(scan->seen, cap * sizeof *more);
        if (!more) {
            scan->no_memory = true;
            return;
        }
        scan->seen = more;
        scan->cap = cap;
    }
    struct seen *seen = &scan->seen[scan->n++];
    *seen = (struct seen){.offset = msg->offset};
    (void)str_copy(seen->id, sizeof seen->id, msg->key);
    arena_reset(&scan->arena);
    seen->open = msg->value.len &&
                 json_read(scan->reader, msg->value, snapshot_fields, 1, &snapshot,
                         &scan->arena, &bad) &&
                 is_open(snapshot.state.stage);
}

/* One partition holds all snapshots of a case, so offsets compare. */
static int by_case_and_offset(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

struct open_cases_scan *open_cases_begin(void)
{
    struct open_cases_scan *scan = calloc(1, sizeof *scan);
    if (scan)
        scan->reader = json_reader_open();
    return scan;
}

static bool collect(struct open_cases_scan *scan, struct open_cases *cases)
{
    cases->ids = calloc(scan->n + 1, sizeof *cases->ids);
    if (!cases->ids)
        return false;
    if (scan->n)
        qsort(scan->seen, scan->n, sizeof *scan->seen, by_case_and_offset);
    for (size_t i = 0; i < scan->n; i++) {
        bool last = i + 1 == scan->n ||
                    strcmp(scan->seen[i].id, scan->seen[i + 1].id) != 0;
        if (last && scan->seen[i].open)
            memcpy(cases->ids[cases->n++], scan->seen[i].id, CASE_ID_SIZE);
    }
    return true;
}

bool open_cases_end(
        struct open_cases_scan *scan, struct open_cases *cases, struct error *err)
{
    bool done = scan && !scan->no_memory && (!cases || collect(scan, cases));
    if (!done)
        (void)error_set(err, ERR_FATAL, "out_of_memory", "no memory for all cases");
    if (scan) {
        json_reader_close(scan->reader);
        arena_done(&scan->arena);
        free(scan->seen);
    }
    free(scan);
    return done;
}

void open_cases_done(struct open_cases *cases)
{
    free(cases->ids);
}
