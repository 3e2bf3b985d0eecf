#include "train_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static void *there(void *memory, size_t n, size_t size)
{
    if (memory)
        return memory;
    (void)fprintf(stderr, "out_of_memory elements=%zu size=%zu\n", n, size);
    exit(EX_OSERR);
}

void *train_zeroed(size_t n, size_t size)
{
    return there(calloc(n + 1, size), n, size);
}

void *train_grown(void *array, size_t n, size_t size)
{
    return there(reallocarray(array, n, size), n, size);
}
