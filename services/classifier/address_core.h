/* Where a text says it is, by the shape of addresses alone: 龙湖区桂花路12号玉兰小区. For
 * places that places.csv does not know. Pure. */
#ifndef CHUISHAO_ADDRESS_CORE_H
#define CHUISHAO_ADDRESS_CORE_H

#include "str.h"

/* The stretch of text that looks most like one address, a slice of it; empty: none. It
 * begins behind a word or sign that is no part of a name (在, 位于, ，), and ends with
 * the last part that ends like a place: 路, 小区, 3号, 广场. Of several stretches the one
 * with most such parts is meant, then the first. */
struct str address_find(struct str text);

#endif
