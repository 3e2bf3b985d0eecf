/* delivery: fans orders out to each unit's own queue. */
#include "delivery_io.h"
#include "service.h"

static char orders_topic[TOPIC_NAME_SIZE], state_topic[TOPIC_NAME_SIZE];
static const char *const inputs[] = {orders_topic};

static void *open_delivery(
        const struct service_env *env, struct stage_spec *spec, struct error *err)
{
    topic_name(orders_topic, TOPIC_UNIT_ORDERS, env->config->lane);
    topic_name(state_topic, TOPIC_DELIVERY_STATE, env->config->lane);
    spec->inputs = inputs;
    spec->n_inputs = 1;
    spec->state_topic = state_topic;
    spec->decide = delivery_message;
    spec->due = delivery_due;
    spec->output_failed = delivery_failed;
    struct delivery *delivery = delivery_open(env->policy, env->config->lane);
    if (!delivery)
        (void)error_set(err, ERR_FATAL, "out_of_memory", "no memory for the queues");
    return delivery;
}

static void close_delivery(void *ctx)
{
    delivery_close(ctx);
}

int main(int argc, char **argv)
{
    static const struct service service = {
            .name = "delivery",
            .purpose = "fans orders out to each unit's own queue",
            .needs_policy = true,
            .open = open_delivery,
            .close = close_delivery,
    };
    return service_main(&service, argc, argv);
}
