/* router: who leads a complaint, and whether it is the same matter as a recent one. */
#include "router_io.h"
#include "service.h"
#include "topics.h"

static char classified_topic[TOPIC_NAME_SIZE], state_topic[TOPIC_NAME_SIZE];
static const char *const inputs[] = {classified_topic};

static void *open_router(
        const struct service_env *env, struct stage_spec *spec, struct error *err)
{
    topic_name(classified_topic, TOPIC_CLASSIFIED, env->config->lane);
    topic_name(state_topic, TOPIC_ROUTER_STATE, env->config->lane);
    spec->inputs = inputs;
    spec->n_inputs = 1;
    spec->state_topic = state_topic;
    spec->decide = router_decide_message;
    struct router *router = router_open(env->policy, env->config->lane);
    if (!router)
        (void)error_set(err, ERR_FATAL, "out_of_memory", "no memory for the router");
    return router;
}

static void close_router(void *ctx)
{
    router_close(ctx);
}

int main(int argc, char **argv)
{
    static const struct service service = {
            .name = "router",
            .purpose =
                    "finds who leads a complaint, and the recent case it may belong to",
            .needs_policy = true,
            .reloads = true,
            .open = open_router,
            .close = close_router,
    };
    return service_main(&service, argc, argv);
}
