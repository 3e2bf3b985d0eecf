/* classifier: what a complaint is about and where. */
#include "classifier_io.h"
#include "service.h"
#include "topics.h"

static char accepted_topic[TOPIC_NAME_SIZE];
static const char *const inputs[] = {accepted_topic};

static void *open_classifier(
        const struct service_env *env, struct stage_spec *spec, struct error *err)
{
    struct classifier *classifier = NULL;
    if (!classifier_open(&classifier, env->policy, env->config->lane, err))
        return NULL;
    topic_name(accepted_topic, TOPIC_ACCEPTED, env->config->lane);
    spec->inputs = inputs;
    spec->n_inputs = 1;
    spec->decide = classifier_message;
    return classifier;
}

static void close_classifier(void *ctx)
{
    classifier_close(ctx);
}

int main(int argc, char **argv)
{
    static const struct service service = {
            .name = "classifier",
            .purpose = "says what a complaint is about and where, with the evidence",
            .needs_policy = true,
            .reloads = true,
            .open = open_classifier,
            .close = close_classifier,
    };
    return service_main(&service, argc, argv);
}
