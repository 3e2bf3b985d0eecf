/* What the loops measure with. */
#ifndef CHUISHAO_METER_H
#define CHUISHAO_METER_H

#include "str.h"

/* Of this process, on all cores. */
double meter_cpu_seconds(void);

/* How often the program's own code, not the C library's, asked for memory so far. */
size_t meter_allocations(void);

/* The lines of a file without their ends; they live to the end of the program, which ends
 * here when the file cannot be read. */
const struct str *meter_lines(const char *path, size_t *n);

#endif
