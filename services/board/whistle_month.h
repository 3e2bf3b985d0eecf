/* The months by which whistles are counted: those of the Chinese calendar day. */
#ifndef CHUISHAO_WHISTLE_MONTH_H
#define CHUISHAO_WHISTLE_MONTH_H

#include "instant.h"

struct whistle_month {
    int year, month;
    instant from, to; /* [from, to) */
};

/* text: "2026-11"; anything else means the month of `now`. */
struct whistle_month whistle_month_of(struct str text, instant now);

#endif
