/* Where a text says it is, by the shape of addresses alone: 龙湖区桂花路12号玉兰小区. For
 * places that places.csv does not know, or knows by a slightly different name. Pure. */
#ifndef CHUISHAO_ADDRESS_CORE_H
#define CHUISHAO_ADDRESS_CORE_H

#include "str.h"
#include <stdbool.h>
#include <stdint.h>

/* What begins with which character; made once, it spares most of the work per text. */
enum { ADDRESS_BUCKETS = 4096, ADDRESS_WORDS_MAX = 255 };
struct address_index {
    uint8_t first[ADDRESS_BUCKETS + 1]; /* words[first[b] .. first[b + 1]) */
    struct address_word {
        struct str text;
        uint8_t id; /* an ending, or behind them a break */
    } words[ADDRESS_WORDS_MAX];
};
void address_index_init(struct address_index *index);

/* What the last part of an address ends like. */
enum address_ending {
    ADDRESS_AREA,   /* 区, 街道, 社区, 村 */
    ADDRESS_ROAD,   /* 路, 巷, 隧道 */
    ADDRESS_ESTATE, /* 小区, 花园, 公寓 */
    ADDRESS_SITE,   /* 广场, 医院, 小学 */
    ADDRESS_NUMBER, /* 3号, 7栋: the name is what stands before 3 or 7 */
};

/* A name and what it ends with. */
struct address_part {
    size_t from, to; /* bytes */
    size_t name_to;  /* the end of the name without the ending, or its number */
    enum address_ending ending;
    size_t stretch; /* where the address begins that it is part of */
    int nth;        /* which part of it, the first is 1 */
};

/* Goes over the parts of a text; zero but for index and text at the beginning. */
struct address_scan {
    const struct address_index *index;
    struct str text;
    size_t at;
    size_t from, to; /* the address at hand, as far as it goes */
    int parts, letters;
};
bool address_next(struct address_scan *scan, struct address_part *part);

/* The stretch of text that looks most like one address, a slice of it; empty: none. It
 * begins behind a word or sign that is no part of a name (在, 位于, ，), and ends with
 * the last part that ends like a place: 路, 小区, 3号, 广场. Of several stretches the one
 * with most such parts is meant, then the first. */
struct str address_find(const struct address_index *index, struct str text);

#endif
