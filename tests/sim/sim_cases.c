/* A handful of cases, and everything that can happen to them: the seed opens them on
 * every route, lets units, desk, district and streets act rightly and wrongly, twice and
 * out of order, merges and unmerges, moves time, loses and repeats wakes, crashes before
 * and after the commit, empties the index and changes the policy. No I/O; the objects are
 * those that ship. What must hold is in sim_check.c.
 *
 *   sim_cases [--seeds N] [--first S]      N seeds from S on
 *   sim_cases --seed S                     one seed with its whole trace
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STEPS = 110 };

static void pass_time(void)
{
    static const int reach[] = {5, 60, 8 * 60, 3 * 24 * 60};
    world.now.ms += (int64_t)(1 + sim_below(reach[sim_below(4)])) * MINUTE_MS +
                    sim_below(MINUTE_MS);
}

static void step(void)
{
    struct watched *c = &world.cases[sim_below(world.n_cases)];
    int what = sim_below(100);
    if (what < 33)
        sim_process(&world.logs[sim_below(world.n_logs)], true);
    else if (what < 43)
        pass_time();
    else if (what < 57)
        sim_wake(c);
    else if (what < 93)
        sim_act(c);
    else if (what < 97)
        sim_tell(c);
    else if (what < 98)
        sim_open(c);
    else if (what < 99)
        sim_log_of(c->id)->behind = true; /* the index was emptied */
    else if (world.n_cases % 2)           /* half of the seeds keep their policy */
        sim_policy_change(&world.rules);
}

static void begin_case(struct watched *c, int i)
{
    *c = (struct watched){0};
    COPY(c->id, "n20260928-000000000000000a");
    c->id[CASE_ID_LEN - 1] = (char)('a' + i);
}

static bool play(uint64_t seed, bool tracing)
{
    world.random = seed;
    world.tracing = tracing;
    world.problem[0] = 0;
    world.now = china_time("2026-09-28", "08:00");
    world.now.ms += (int64_t)sim_below(14 * 24 * 60) * MINUTE_MS;
    sim_policy_begin(&world.rules);
    world.n_cases = 1 + sim_below(CASES_MAX);
    world.n_logs = 1 + sim_below(PARTITIONS_MAX);
    for (int i = 0; i < world.n_logs; i++) {
        world.logs[i].n = world.logs[i].next = 0;
        world.logs[i].behind = false;
    }
    for (int i = 0; i < world.n_cases; i++)
        begin_case(&world.cases[i], i);
    for (int i = 0; i < world.n_cases; i++)
        sim_open(&world.cases[i]);
    int steps = STEPS * world.n_cases / 2 + 20;
    for (int i = 0; i < steps && !world.problem[0]; i++)
        step();
    sim_run_out();
    if (seed % 8 == 0 && !world.problem[0])
        sim_converge();
    return !world.problem[0];
}

static uint64_t number(const char *text)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    if (!*text || *end) {
        (void)fprintf(stderr, "sim_cases: '%s' is not a number\n", text);
        exit(64);
    }
    return n;
}

int main(int argc, char **argv)
{
    uint64_t first = 1, n = 20000;
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--seeds") == 0) {
            n = number(value);
        } else if (strcmp(argv[i], "--first") == 0) {
            first = number(value);
        } else if (strcmp(argv[i], "--seed") == 0) {
            return play(number(value), true) ? 0 : 1;
        } else {
            (void)fprintf(
                    stderr, "usage: sim_cases [--seeds N] [--first S] | --seed S\n");
            return 64;
        }
    }
    struct timespec begin, end;
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    for (uint64_t seed = first; seed < first + n; seed++)
        if (!play(seed, false)) {
            (void)play(seed, true);
            (void)printf("seed %llu: %s\nrepeat it: sim_cases --seed %llu\n",
                    (unsigned long long)seed, world.problem, (unsigned long long)seed);
            return 1;
        }
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - begin.tv_sec) +
                     (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    (void)printf("%llu seeds held in %.1f s: %.0f seeds/s\n", (unsigned long long)n,
            seconds, (double)n / seconds);
    return 0;
}
