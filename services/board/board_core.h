/* What one event of a case changes in its row on the board. Pure: no clock, no I/O, no
 * allocation, no log. */
#ifndef CHUISHAO_BOARD_CORE_H
#define CHUISHAO_BOARD_CORE_H

#include "instant.h"
#include "str.h"
#include <stdbool.h>
#include <stdint.h>

/* Stages as casework names them; the second column says whether the case is still
 * somebody's work. */
#define BOARD_STAGES(X)                                                                  \
    X(NEEDS_HUMAN, true)                                                                 \
    X(OFFERED, true)                                                                     \
    X(MERGE_REQUESTED, true)                                                             \
    X(DISPATCHED, true)                                                                  \
    X(SIGNED, true)                                                                      \
    X(CONTACTED, true)                                                                   \
    X(HANDLING, true)                                                                    \
    X(SUBMITTED, true)                                                                   \
    X(FOLLOWUP, true)                                                                    \
    X(RETURN_REQUESTED, true)                                                            \
    X(DISPUTED, true)                                                                    \
    X(SUSPENDED, true)                                                                   \
    X(CLOSED, false)                                                                     \
    X(TRANSFERRED_OUT, false)                                                            \
    X(MERGED, false)
#define X(name, open) BOARD_##name,
enum board_stage { BOARD_STAGE_NONE, BOARD_STAGES(X) BOARD_STAGE_COUNT };
#undef X
extern const char *const board_stage_names[BOARD_STAGE_COUNT]; /* [0]: "" */
enum board_stage board_stage_of(struct str name); /* any other name: BOARD_STAGE_NONE */

/* The kinds of event that change more than the stage. */
#define BOARD_KINDS(X)                                                                   \
    X(OPENED, "opened")                                                                  \
    X(DISPATCHED, "dispatched")                                                          \
    X(NEEDS_HUMAN, "needs_human")                                                        \
    X(TRANSFERRED, "transferred")                                                        \
    X(MERGED, "merged")                                                                  \
    X(MERGE_REFUSED, "merge_refused")                                                    \
    X(SIGNED, "signed")                                                                  \
    X(CONTACTED, "contacted")                                                            \
    X(CHECKED_IN, "checked_in")                                                          \
    X(HANDLING, "handling")                                                              \
    X(SUBMITTED, "submitted")                                                            \
    X(SUSPENDED, "suspended")                                                            \
    X(REDO, "redo")                                                                      \
    X(CLOSED, "closed")                                                                  \
    X(BREACH, "breach")
#define X(name, text) BOARD_KIND_##name,
enum board_kind { BOARD_KIND_OTHER, BOARD_KINDS(X) BOARD_KIND_COUNT };
#undef X
extern const char *const board_kind_names[BOARD_KIND_COUNT]; /* [0]: "" */
enum board_kind board_kind_of(struct str name); /* any other name: BOARD_KIND_OTHER */

/* Clocks on a case: the unit's four and the desk's one. */
#define BOARD_CLOCKS(X)                                                                  \
    X(SIGN, sign) X(CONTACT, contact) X(ARRIVE, arrive) X(HANDLE, handle) X(DESK, desk)
#define X(name, text) BOARD_CLOCK_##name,
enum board_clock { BOARD_CLOCKS(X) BOARD_CLOCK_COUNT };
#undef X
extern const char *const board_clock_names[BOARD_CLOCK_COUNT];

/* Text of a row, in the order of its columns. Set once by the first event … */
#define BOARD_FIRST_TEXTS(X)                                                             \
    X(source)                                                                            \
    X(id)                                                                                \
    X(channel)                                                                           \
    X(nature)                                                                            \
    X(category) X(category_name) X(urgency) X(place) X(place_name) X(title) X(text)
/* … and what later events say, the last word counting. */
#define BOARD_LATER_TEXTS(X)                                                             \
    X(policy)                                                                            \
    X(reason) X(rule) X(unit) X(order_id) X(line) X(master) X(result_outcome) X(result)
#define BOARD_TEXTS(X) BOARD_FIRST_TEXTS(X) BOARD_LATER_TEXTS(X)

#define X(name) struct str name;

struct board_event {
    struct str case_id;
    int64_t seq;
    enum board_kind kind;
    enum board_stage stage; /* BOARD_STAGE_NONE: as before */
    instant at;
    instant due[BOARD_CLOCK_COUNT]; /* never: the event sets no such clock */
    int clock;                      /* breach: a board_clock; -1: none */
    BOARD_TEXTS(X)                  /* ptr NULL: not said */
};

/* The zero value is a case not heard of. Texts are borrowed from wherever they came from.
 */
struct board_row {
    struct str case_id;
    int64_t seq;
    enum board_stage stage;
    enum board_kind outcome; /* the first of dispatched, needs_human, transferred, merged;
                                OTHER: none yet */
    instant opened_at, closed_at;
    instant due[BOARD_CLOCK_COUNT],
            done[BOARD_CLOCK_COUNT]; /* done never: it runs, when there is a due */
    unsigned breached;               /* bit per clock: it ran past its due time once */
    BOARD_TEXTS(X)
};

#undef X

enum board_step {
    BOARD_TAKEN,
    BOARD_TAKEN_GAP, /* taken, but events before it are missing */
    BOARD_REPEATED,  /* taken before: nothing changed */
};

enum board_step board_apply(struct board_row *row, const struct board_event *event);

bool board_stage_open(enum board_stage stage);

/* The earliest due time of the clocks that run; never: none. */
instant board_next_due(const struct board_row *row);

#endif
