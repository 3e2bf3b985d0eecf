/* What is open in a unit's queue: its orders topic, folded. */
#ifndef CHUISHAO_FOLD_H
#define CHUISHAO_FOLD_H

#include <jansson.h>

/* Takes the next message of the topic into open (an object by order number and unit:
 * a queue may be that of both the lead and an assisting unit). withdraw and closed end an
 * order; a reminder, a breach, an accepted or a refused action is noted on it as "last"
 * and never brings it back. A message without an order number, a copy and what is
 * told of points are passed over. */
void fold_order(json_t *open, json_t *message);

#endif
