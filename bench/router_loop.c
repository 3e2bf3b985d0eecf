/* Five hundred calls about one outage through the router's own message function, state
 * and all, again and again: CPU time a message, and how large the place's state becomes.
 * Usage: bench-router-loop POLICY ROUNDS */
#include "json_out.h"
#include "meter.h"
#include "router_io.h"
#include "stage_out.h"

#include <stdio.h>
#include <stdlib.h>

enum { CALLS = 500 };

static const char *const endings[] = {
        "", "，请尽快处理", "，家里有老人", "，什么时候能来电", "，已经一个小时了"};

static struct str call(struct arena *arena, const struct place *place, int i)
{
    struct str id = arena_printf(arena, "n20261121-%016d", i);
    return arena_printf(arena,
            "{\"case\":\"%s\",\"class\":{\"policy\":\"p@1\",\"nature\":\"help\","
            "\"category\":\"030201\",\"category_name\":\"停电\",\"urgency\":\"E2\","
            "\"confidence\":0.98,\"evidence\":[{\"rule\":\"C-030201-1\","
            "\"words\":[\"停电\"]}]},\"place\":{\"code\":\"%s\",\"type\":\"estate\","
            "\"name\":\"%s\",\"found_by\":\"text\",\"words\":[\"%s\"]},"
            "\"complaint\":{\"case\":\"%s\",\"source\":\"phone\",\"id\":\"outage-%d\","
            "\"channel\":\"phone\",\"reported_at\":\"2026-11-21T09:%02d:%02d+08:00\","
            "\"received_at\":\"2026-11-21T09:%02d:%02d.500+08:00\",\"text\":\"%s整个小区"
            "突然停电了，家家户户都没电%s\",\"reporter\":{\"kind\":\"self\","
            "\"token\":\"%016d\"}}}",
            id.ptr, place->code, place->name, place->name, id.ptr, i, i / 60 % 60, i % 60,
            i / 60 % 60, i % 60, place->name,
            endings[(size_t)i % (sizeof endings / sizeof *endings)], i);
}

int main(int argc, char **argv)
{
    struct policy *policy;
    struct policy_report report = {.out = stderr};
    struct error err = {0};
    if (argc != 3 || !policy_load(&policy, argv[1], instant_now(), &report, &err)) {
        (void)fprintf(stderr, "usage: bench-router-loop POLICY ROUNDS\n");
        return EXIT_FAILURE;
    }
    const struct place *place = policy_place(policy, STR("329901001003e02"));
    struct router *router = router_open(policy, "");
    struct arena texts = {0}, arena = {0};
    struct str calls[CALLS];
    for (int i = 0; place && i < CALLS; i++)
        calls[i] = call(&texts, place, i);
    double passed = 0;
    size_t largest = 0;
    static char kept[1 << 16]; /* the state outlives the turn, as in Redis */
    for (long round = 0; place && round < strtol(argv[2], NULL, 10); round++) {
        struct stage_entry entry = {0};
        double start = meter_cpu_seconds();
        for (int i = 0; i < CALLS; i++) {
            struct bus_msg msg = {.topic = STR("complaint.classified.v1"),
                    .key = str_of(place->code),
                    .value = calls[i],
                    .offset = i};
            arena_reset(&arena);
            struct stage_out *out = stage_out_new(&arena, "router");
            stage_out_begin(out, &msg, 0, &entry, instant_now());
            router_decide_message(router, &msg, entry.state, instant_now(), out);
            memcpy(kept, entry.state.ptr, entry.state.len);
            entry.state.ptr = kept;
            largest = entry.state.len > largest ? entry.state.len : largest;
        }
        passed += meter_cpu_seconds() - start;
    }
    (void)printf("us=%.1f state_bytes=%zu\n",
            passed * 1e6 / CALLS / (double)strtol(argv[2], NULL, 10), largest);
    router_close(router);
    policy_free(policy);
    arena_done(&texts);
    arena_done(&arena);
    return place ? EXIT_SUCCESS : EXIT_FAILURE;
}
