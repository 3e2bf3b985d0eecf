/* Where a text says it is, by the shape of addresses alone: 龙湖区桂花路12号玉兰小区. For
 * places that places.csv does not know, or knows by a slightly different name. Pure. */
#ifndef CHUISHAO_ADDRESS_CORE_H
#define CHUISHAO_ADDRESS_CORE_H

#include "str.h"
#include <stdbool.h>
#include <stdint.h>

/* What a part of an address ends like. */
enum address_ending {
    ADDRESS_CITY,   /* 市, 区, 县: alone too large to be where something is */
    ADDRESS_AREA,   /* 街道, 社区, 村 */
    ADDRESS_ROAD,   /* 路, 巷, 隧道, 交叉口 */
    ADDRESS_ESTATE, /* 小区, 花园, 公寓 */
    ADDRESS_SITE,   /* 广场, 医院, 小学 */
    ADDRESS_NUMBER, /* 3号, 二期: the name is what stands before 3 or 二 */
};

/* What else a word may be. */
enum address_role {
    ADDRESS_END,    /* of a part */
    ADDRESS_BREAK,  /* no address goes on over it: 反映, 附近 */
    ADDRESS_BESIDE, /* the same, and behind a part what stands before is a name */
    ADDRESS_OFFICE, /* of a city as such: a break behind nothing but one */
    ADDRESS_BREAK_AT_NUMBER, /* the same, behind a digit: 3月 */
    ADDRESS_JOIN,            /* joins two roads: A路与B路; else a break */
    ADDRESS_GAP,             /* may stand behind a city or area; else a break */
    ADDRESS_NAME,            /* of a name, though a letter of it breaks: 和平 */
    ADDRESS_PLAIN,           /* says nothing of which place: 农贸 */
    ADDRESS_RIDE,            /* what is told is a ride, and where it began */
};

/* What begins with which characters; made once, it spares most of the work per text. */
enum {
    ADDRESS_BUCKET_BITS = 13,
    ADDRESS_BUCKETS = 1 << ADDRESS_BUCKET_BITS,
    ADDRESS_WORDS_MAX = 1000
};
struct address_index {
    uint16_t first[ADDRESS_BUCKETS + 1]; /* words[first[b] .. first[b + 1]) */
    struct address_word {
        struct str text;
        enum address_role role;
        uint16_t ending; /* of ADDRESS_END: which */
    } words[ADDRESS_WORDS_MAX];
};
void address_index_init(struct address_index *index);

/* A name and what it ends with. */
struct address_part {
    size_t from, to; /* bytes */
    size_t name_to;  /* the end of the name without the ending, or its number */
    enum address_ending ending;
};

/* Goes over the parts of a text; zero but for index and text at the beginning. */
struct address_scan {
    const struct address_index *index;
    struct str text;
    size_t at;
    size_t from, to; /* the address at hand, as far as it goes */
    int parts;       /* of it */
    bool placed;     /* one of them is more than a city or a number */
    enum address_ending last;
    int letters, named; /* behind the last part: all, those that say which */
    size_t best_from, best_to;
    size_t city_from,
            city_to; /* the first city with a name behind it that nothing ends */
    int best_parts;  /* 0: none yet */
    bool ride;
};
bool address_next(struct address_scan *scan, struct address_part *part);

/* Of what the scan went over, the stretch that looks most like one address, a slice of
 * the text; empty: none. It begins behind a word or sign that is no part of a name (在,
 * 位于, ，) and ends with the last part that ends like a place: 路, 小区, 3号, 广场. Of
 * several stretches the one with most such parts is meant, then the first. Of only
 * a city or district none is meant but before a name that nothing ends; and none of a
 * ride in a taxi: it is over. */
struct str address_best(const struct address_scan *scan);

/* address_best of the whole text. */
struct str address_find(const struct address_index *index, struct str text);

#endif
