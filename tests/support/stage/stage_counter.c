/* A stage for the fault tests: counts the messages of each key. Input test.input.v1,
 * state test.state.v1, output test.output.v1: one record
 * {"key","n","offset"} per input, n = 1, 2, 3 … per key. Anything lost, doubled or
 * decided on a wrong state shows. */
#include "json_out.h"
#include "service.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const inputs[] = {"test.input.v1"};
static int context;

static void count(void *ctx, const struct bus_msg *msg, struct str state, instant now,
        struct stage_out *out)
{
    (void)ctx, (void)now;
    int64_t n = state.ptr ? strtoll(arena_copy(stage_arena(out),
                                            (struct str){state.ptr + 5, state.len - 5})
                                            .ptr,
                                    NULL, 10)
                          : 0;
    struct json_out json;
    struct str next = arena_printf(stage_arena(out), "{\"n\":%lld}", (long long)++n);
    if (msg->value.len == 4 && str_is(msg->value, "drop")) {
        stage_drop(out);
        return;
    }
    json_begin(&json, stage_arena(out), 64);
    json_open_object(&json, NULL);
    json_str(&json, "value", msg->value);
    json_int(&json, "n", n);
    json_close_object(&json);
    stage_emit(out, &(struct stage_message){.topic = "test.output.v1",
                            .key = msg->key,
                            .value = json_end(&json),
                            .type = "test.counted",
                            .id = msg->value,
                            .subject = msg->key});
    stage_put(out, next, (instant){now.ms + 3600000});
    stage_count(out, "counted");
}

static void *open_counter(
        const struct service_env *env, struct stage_spec *spec, struct error *err)
{
    (void)env, (void)err;
    spec->inputs = inputs;
    spec->n_inputs = 1;
    spec->state_topic = "test.state.v1";
    spec->decide = count;
    return &context;
}

int main(int argc, char **argv)
{
    static const struct service service = {.name = "counter",
            .purpose = "counts messages per key, for the fault tests",
            .open = open_counter};
    return service_main(&service, argc, argv);
}
