/* Scores every line of a file, again and again, and says what one text costs: time on one
 * core, allocations. Usage: bench-score-loop MODEL TEXTS ROUNDS */
#include "textmodel_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

static struct str read_all(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *all = NULL;
    size_t n = 0, room = 0, got = 1;
    if (!in) {
        (void)fprintf(stderr, "bench-score-loop: %s: %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    for (; got; n += got) {
        if (n == room) {
            room = room ? 2 * room : 1 << 20;
            all = realloc(all, room);
            if (!all)
                abort();
        }
        got = fread(all + n, 1, room - n, in);
    }
    (void)fclose(in); /* only read from */
    return (struct str){all, n};
}

static double cpu_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* cannot fail: it exists */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: bench-score-loop MODEL TEXTS ROUNDS\n");
        return 64;
    }
    struct textmodel model = {0};
    struct error err = {0};
    struct textmodel_scratch *scratch = calloc(1, sizeof *scratch);
    if (!scratch || !textmodel_load(&model, argv[1], &err)) {
        (void)fprintf(stderr, "bench-score-loop: %s\n", err.text);
        return EXIT_FAILURE;
    }
    struct str texts = read_all(argv[2]);
    long rounds = strtol(argv[3], NULL, 10);
    size_t n_texts = 0, n_sure = 0, before = n_allocations;
    double start = cpu_seconds();
    for (long round = 0; round < rounds; round++) {
        struct str rest = texts;
        while (rest.len) {
            size_t len = str_find(rest, STR("\n"));
            struct textmodel_answer answer = textmodel_classify(
                    &model, (struct str){rest.ptr, len}, 5, scratch);
            n_sure += answer.sure;
            n_texts++;
            size_t past = len < rest.len ? len + 1 : len;
            rest = (struct str){rest.ptr + past, rest.len - past};
        }
    }
    double seconds = cpu_seconds() - start;
    (void)printf(
            "{\"texts\":%zu,\"sure\":%zu,\"us\":%.2f,\"allocations\":%zu,\"bytes\":%u,"
            "\"scratch\":%zu}\n",
            n_texts, n_sure, seconds * 1e6 / (double)n_texts, n_allocations - before,
            model.header->bytes, sizeof *scratch);
    textmodel_unload(&model);
    free(scratch);
    free((void *)(uintptr_t)texts.ptr);
    return 0;
}
