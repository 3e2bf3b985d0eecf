/* What the core needs to derive a case's due times again: cases of every SLA class,
 * opened under one policy, decided under another. Usage: bench-reproject-loop BEFORE
 * AFTER CASES */
#include "casework_core.h"
#include "meter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATES = 1000, MINUTE_MS = 60 * 1000, DAY_MS = 24 * 60 * MINUTE_MS };

static struct case_state states[STATES];
static struct case_decision decision;

static struct policy *load(const char *dir)
{
    struct policy *policy = NULL;
    struct policy_report report = {0};
    struct error err = {0};
    if (!policy_load(&policy, dir, instant_now(), &report, &err)) {
        (void)fprintf(stderr, "bench-reproject-loop: %s: %s\n", dir, err.text);
        exit(EXIT_FAILURE);
    }
    return policy;
}

/* Opened at some time of the last days, so that the due times lie across nights and
 * weekends. */
static void open_case(const struct policy *policy, int i, instant now)
{
    static const struct case_state none;
    struct case_command open = {.kind = COMMAND_OPEN,
            .route = ROUTE_DISPATCH,
            .at = {now.ms - (int64_t)(i * 37 % 5) * DAY_MS - i * 11 % 1440 * MINUTE_MS}};
    (void)snprintf(open.case_id, sizeof open.case_id, "n20261121-%016d", i);
    (void)snprintf(open.lead, sizeof open.lead, "gongshui");
    (void)snprintf(open.category, sizeof open.category, "030102");
    (void)snprintf(open.sla, sizeof open.sla, "%s",
            policy->sla_classes[(size_t)i % policy->n_sla_classes].name);
    case_decide(policy, &none, &open, &decision);
    case_state_copy(&states[i], &decision.after);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: bench-reproject-loop BEFORE AFTER CASES\n");
        return EXIT_FAILURE;
    }
    struct policy *before = load(argv[1]), *after = load(argv[2]);
    long n = strtol(argv[3], NULL, 10), moved = 0, clocks = 0;
    instant now = instant_now();
    for (int i = 0; i < STATES; i++)
        open_case(before, i, now);
    double start = meter_cpu_seconds();
    for (long i = 0; i < n; i++) {
        const struct case_state *state = &states[i % STATES];
        struct case_command command = {
                .kind = COMMAND_REPROJECT, .at = {state->opened.ms + MINUTE_MS}};
        case_decide(after, state, &command, &decision);
        clocks += state->n_clocks;
        for (int k = 0; k < decision.n_effects; k++)
            moved += decision.effects[k].kind == EFFECT_EVENT &&
                     decision.effects[k].event == EVENT_REPROJECTED;
    }
    double seconds = meter_cpu_seconds() - start;
    (void)printf("{\"cases\":%ld,\"clocks\":%ld,\"moved\":%ld,\"seconds\":%.3f}\n", n,
            clocks, moved, seconds);
    policy_free(before);
    policy_free(after);
    return EXIT_SUCCESS;
}
