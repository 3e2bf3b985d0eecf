/* Training's arrays. It runs by itself and cannot go on without memory, so running out
 * ends the program with one line, as with an arena. */
#ifndef CHUISHAO_TRAIN_MEMORY_H
#define CHUISHAO_TRAIN_MEMORY_H

#include <stddef.h>

/* n elements of zero; owned. */
void *train_zeroed(size_t n, size_t size);

/* array (NULL: none yet) with room for n elements. */
void *train_grown(void *array, size_t n, size_t size);

#endif
