/* Scores every line of a file, again and again, and says what one text costs: time on one
 * core, allocations. Usage: bench-score-loop MODEL TEXTS ROUNDS */
#include "meter.h"
#include "textmodel_file.h"

#include <stdio.h>
#include <stdlib.h>

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
    size_t n, n_sure = 0;
    const struct str *texts = meter_lines(argv[2], &n);
    long rounds = strtol(argv[3], NULL, 10);
    size_t n_texts = n * (size_t)rounds, before = meter_allocations();
    double start = meter_cpu_seconds();
    for (long round = 0; round < rounds; round++)
        for (size_t i = 0; i < n; i++)
            n_sure += textmodel_classify(&model, texts[i], 5, scratch).sure;
    double seconds = meter_cpu_seconds() - start;
    (void)printf(
            "{\"texts\":%zu,\"sure\":%zu,\"us\":%.2f,\"allocations\":%zu,\"bytes\":%u,"
            "\"scratch\":%zu}\n",
            n_texts, n_sure, seconds * 1e6 / (double)n_texts,
            meter_allocations() - before, model.header->bytes, sizeof *scratch);
    textmodel_unload(&model);
    free(scratch);
    return 0;
}
