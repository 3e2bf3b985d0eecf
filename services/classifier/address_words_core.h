/* The words by which address_core.c tells an address from the rest of a text; tables
 * only. Pure. */
#ifndef CHUISHAO_ADDRESS_WORDS_CORE_H
#define CHUISHAO_ADDRESS_WORDS_CORE_H

#include "address_core.h"

/* What must stand in front of an ending. */
enum address_behind {
    ADDRESS_BEHIND_NAME,      /* so many letters */
    ADDRESS_BEHIND_NO_NUMBER, /* so many letters, the last no digit: 56路 is a bus */
    ADDRESS_BEHIND_NUMBER,    /* a number behind a part or a name: 3号, A座, 二期 */
    ADDRESS_BEHIND_PART,      /* nothing but a part: K市火车站 */
    ADDRESS_BEHIND_ROAD,      /* nothing but a road: 交叉口 */
    ADDRESS_BEHIND_HOME,  /* nothing but an estate, a site or a number: 雅苑小区 */
    ADDRESS_BEHIND_CITY,  /* so many letters, and before them a city: C市桤木公司 */
    ADDRESS_BEHIND_ANY,   /* so many letters, and before them any part */
    ADDRESS_BEHIND_PLACE, /* so many letters, and before them more than a city */
};

struct address_ending_word {
    struct str text;
    const char *not_before; /* characters that make it a part of another word: 路灯 */
    int letters;            /* of a name in front of it, at least */
    enum address_ending kind;
    enum address_behind behind;
};
extern const struct address_ending_word address_endings[];
extern const size_t address_n_endings;

/* Words with a space between each two, or single characters without. */
extern const struct address_list {
    enum address_role role;
    bool spaced;
    const char *words;
} address_lists[];
extern const size_t address_n_lists;

#endif
