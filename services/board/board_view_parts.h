/* What the files of the view share. */
#ifndef CHUISHAO_BOARD_VIEW_PARTS_H
#define CHUISHAO_BOARD_VIEW_PARTS_H

#include "board_view.h"
#include "sql.h"

struct board_view {
    struct sql *sql;
    const struct policy *policy;
};

/* NULL: the policy has no such unit. */
const struct unit *board_view_unit(const struct board_view *view, struct str code);

#endif
