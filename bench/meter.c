#include "meter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static size_t n_allocations;

void *__wrap_malloc(size_t size)
{
    n_allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    n_allocations++;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    n_allocations++;
    return __real_realloc(memory, size);
}

size_t meter_allocations(void)
{
    return n_allocations;
}

double meter_cpu_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* cannot fail: it exists */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

const struct str *meter_lines(const char *path, size_t *n)
{
    FILE *in = fopen(path, "r");
    if (!in) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    struct str *lines = NULL;
    size_t room = 0, got = 0;
    *n = 0;
    for (;;) {
        char *line = NULL;
        ssize_t len = getline(&line, &got, in);
        got = 0;
        if (len <= 0) {
            free(line);
            break;
        }
        if (*n == room) {
            room = room ? 2 * room : 1024;
            lines = realloc(lines, room * sizeof *lines);
            if (!lines)
                abort();
        }
        lines[(*n)++] = (struct str){line, (size_t)len - (line[len - 1] == '\n')};
    }
    (void)fclose(in); /* only read from */
    return lines;
}
