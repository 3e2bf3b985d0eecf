#include "board_core.h"

#define X(name, open) [BOARD_##name] = #name,
const char *const board_stage_names[BOARD_STAGE_COUNT] = {
        [BOARD_STAGE_NONE] = "", BOARD_STAGES(X)};
#undef X

#define X(name, text) [BOARD_KIND_##name] = text,
const char *const board_kind_names[BOARD_KIND_COUNT] = {
        [BOARD_KIND_OTHER] = "", BOARD_KINDS(X)};
#undef X

#define X(name, text) [BOARD_CLOCK_##name] = #text,
const char *const board_clock_names[BOARD_CLOCK_COUNT] = {BOARD_CLOCKS(X)};
#undef X

#define X(name, open) [BOARD_##name] = open,
static const bool stage_is_open[BOARD_STAGE_COUNT] = {BOARD_STAGES(X)};
#undef X

/* The index of text in names; 0 when it is none of them. */
static int name_index(struct str text, const char *const *names, int n)
{
    for (int i = 1; i < n; i++)
        if (str_is(text, names[i]))
            return i;
    return 0;
}

enum board_stage board_stage_of(struct str name)
{
    return (enum board_stage)name_index(name, board_stage_names, BOARD_STAGE_COUNT);
}

enum board_kind board_kind_of(struct str name)
{
    return (enum board_kind)name_index(name, board_kind_names, BOARD_KIND_COUNT);
}

bool board_stage_open(enum board_stage stage)
{
    return stage_is_open[stage];
}

static void clock_stop(struct board_row *row, enum board_clock clock, instant at)
{
    if (!instant_is_never(row->due[clock]) && instant_is_never(row->done[clock]))
        row->done[clock] = at;
}

static void clocks_stop(struct board_row *row, instant at)
{
    for (int clock = 0; clock < BOARD_CLOCK_COUNT; clock++)
        clock_stop(row, (enum board_clock)clock, at);
}

/* What a step of the unit settles. A later step settles the signing as well: nobody signs
 * after having called. */
static void clocks_settle(struct board_row *row, const struct board_event *event)
{
    switch (event->kind) {
    case BOARD_KIND_SIGNED:
        clock_stop(row, BOARD_CLOCK_SIGN, event->at);
        break;
    case BOARD_KIND_CONTACTED:
        clock_stop(row, BOARD_CLOCK_SIGN, event->at);
        clock_stop(row, BOARD_CLOCK_CONTACT, event->at);
        break;
    case BOARD_KIND_CHECKED_IN:
        clock_stop(row, BOARD_CLOCK_SIGN, event->at);
        clock_stop(row, BOARD_CLOCK_ARRIVE, event->at);
        break;
    case BOARD_KIND_SUSPENDED: /* it stands until an event says when it is due */
        clock_stop(row, BOARD_CLOCK_HANDLE, event->at);
        break;
    case BOARD_KIND_HANDLING: /* work is no substitute for the call: the contact clock
                                 runs on */
        clock_stop(row, BOARD_CLOCK_SIGN, event->at);
        break;
    case BOARD_KIND_SUBMITTED:
    case BOARD_KIND_CLOSED:
    case BOARD_KIND_TRANSFERRED:
    case BOARD_KIND_MERGED:
        clocks_stop(row, event->at);
        break;
    case BOARD_KIND_DISPATCHED:
    case BOARD_KIND_NEEDS_HUMAN:
        /* another queue, other clocks; those of the queue before are settled in its own
         * events */
        for (int clock = 0; clock < BOARD_CLOCK_COUNT; clock++)
            row->due[clock] = row->done[clock] = (instant){0};
        break;
    case BOARD_KIND_REDO: /* the work was not done after all */
        row->done[BOARD_CLOCK_HANDLE] = (instant){0};
        break;
    case BOARD_KIND_OTHER:
    case BOARD_KIND_OPENED:
    case BOARD_KIND_MERGE_REFUSED:
    case BOARD_KIND_BREACH:
    case BOARD_KIND_COUNT:
        break;
    }
    for (int clock = 0; clock < BOARD_CLOCK_COUNT; clock++)
        if (!instant_is_never(event->due[clock])) {
            row->due[clock] = event->due[clock];
            row->done[clock] = (instant){0};
        }
}

static bool is_outcome(enum board_kind kind)
{
    return kind == BOARD_KIND_DISPATCHED || kind == BOARD_KIND_NEEDS_HUMAN ||
           kind == BOARD_KIND_TRANSFERRED || kind == BOARD_KIND_MERGED;
}

/* An assisting unit's task: its clocks are not those of the row. */
static bool of_another_task(const struct board_row *row, const struct board_event *event)
{
    return event->kind != BOARD_KIND_DISPATCHED && event->order_id.ptr &&
           row->order_id.ptr && !str_eq(event->order_id, row->order_id);
}

enum board_step board_apply(struct board_row *row, const struct board_event *event)
{
    if (event->seq <= row->seq)
        return BOARD_REPEATED;
    bool gap = event->seq != row->seq + 1;
    row->case_id = event->case_id;
    row->seq = event->seq;
    if (event->kind == BOARD_KIND_OPENED || instant_is_never(row->opened_at))
        row->opened_at = event->at;
    if (row->outcome == BOARD_KIND_OTHER && is_outcome(event->kind))
        row->outcome = event->kind;
    if (event->stage != BOARD_STAGE_NONE) {
        row->stage = event->stage;
        row->closed_at = board_stage_open(row->stage) ? (instant){0} : event->at;
    }
    /* A breach names the unit it is charged to, which need not be the one that has the
     * case now. */
    struct str unit = row->unit, order = row->order_id;
    bool another = of_another_task(row, event);
#define X(name)                                                                          \
    if (event->name.ptr)                                                                 \
        row->name = event->name;
    BOARD_TEXTS(X)
#undef X
    if (event->kind != BOARD_KIND_DISPATCHED && event->kind != BOARD_KIND_NEEDS_HUMAN)
        row->unit = unit;
    if (event->kind != BOARD_KIND_DISPATCHED)
        row->order_id = order;
    if (event->kind == BOARD_KIND_MERGE_REFUSED)
        row->master = (struct str){0};
    if (event->kind == BOARD_KIND_BREACH && event->clock >= 0 && !another)
        row->breached |= 1U << event->clock;
    if (!another)
        clocks_settle(row, event);
    return gap ? BOARD_TAKEN_GAP : BOARD_TAKEN;
}

instant board_next_due(const struct board_row *row)
{
    instant next = {0};
    for (int clock = 0; clock < BOARD_CLOCK_COUNT; clock++) {
        instant due = row->due[clock];
        if (instant_is_never(due) || !instant_is_never(row->done[clock]))
            continue;
        if (instant_is_never(next) || instant_before(due, next))
            next = due;
    }
    return next;
}
