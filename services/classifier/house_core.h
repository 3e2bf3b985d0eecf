/* The house number behind the name of a road. Pure. */
#ifndef CHUISHAO_HOUSE_CORE_H
#define CHUISHAO_HOUSE_CORE_H

#include "str.h"
#include <stdint.h>

/* Bytes of the house number with which text begins, 0: with none. 12号, １２号, 十二号,
 * 一二○號, 12-3号 and 12之3号 (number 12), and a lane 12弄 are numbers; 3号楼, 2号线 and
 * the day of the month 12号下午 are not. */
size_t house_number(struct str text, int32_t *number);

#endif
