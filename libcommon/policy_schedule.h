/* Of the policy: the orders that come again by themselves. */
#ifndef CHUISHAO_POLICY_SCHEDULE_H
#define CHUISHAO_POLICY_SCHEDULE_H

#include "policy_catalogue.h"
#include "schedule.h"

/* schedules.csv 例行工单: joint patrols, duty. */
struct schedule {
    const char *id; /* 1 to 31 of a-z, 0-9 and - */
    const char *title, *text;
    const struct category *category;
    const struct unit *lead;
    const struct unit *assists[ASSISTS_MAX];
    int n_assists;
    const struct place *place; /* NULL: none */
    struct schedule_rule rule;
    int32_t catch_up; /* so many missed ones at most are opened after an outage */
    int line;         /* in schedules.csv */
};

#endif
