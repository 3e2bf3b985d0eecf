/* casework: the life of a case; the only writer of case.state. */
#include "casework_io.h"
#include "service.h"
#include "subject.h"
#include "topics.h"

#include <stdlib.h>

static char command_topic[TOPIC_NAME_SIZE], state_topic[TOPIC_NAME_SIZE];
static char event_topic[TOPIC_NAME_SIZE], order_topic[TOPIC_NAME_SIZE],
        resolution_topic[TOPIC_NAME_SIZE];
static char sla_event_topic[TOPIC_NAME_SIZE], audit_topic[TOPIC_NAME_SIZE];
static const char *const inputs[] = {command_topic};

static struct case_decision decision; /* working memory of one turn */
static struct account_decision account_decision;
static struct schedule_decision schedule_decision;

static void decide(void *ctx, const struct bus_msg *msg, struct str state, instant now,
        struct stage_out *out)
{
    (void)now; /* time is the command's */
    subject_decide(&(struct subject_turn){.io = ctx,
            .msg = msg,
            .state = state,
            .case_decision = &decision,
            .account_decision = &account_decision,
            .schedule_decision = &schedule_decision,
            .out = out});
}

static void *open_casework(
        const struct service_env *env, struct stage_spec *spec, struct error *err)
{
    const char *lane = env->config->lane;
    topic_name(command_topic, TOPIC_COMMAND, lane);
    topic_name(state_topic, TOPIC_CASE_STATE, lane);
    topic_name(event_topic, TOPIC_EVENT, lane);
    topic_name(order_topic, TOPIC_UNIT_ORDERS, lane);
    topic_name(resolution_topic, TOPIC_RESOLUTION, lane);
    topic_name(sla_event_topic, TOPIC_SLA_EVENT, lane);
    topic_name(audit_topic, TOPIC_AUDIT, lane);
    struct case_io *io = calloc(1, sizeof *io);
    if (!io) {
        (void)error_set(err, ERR_FATAL, "out_of_memory", "no memory for casework");
        return NULL;
    }
    *io = (struct case_io){
            .policy = env->policy,
            .reader = json_reader_open(),
            .topics =
                    {
                            .event = event_topic,
                            .order = order_topic,
                            .resolution = resolution_topic,
                            .command = command_topic,
                            .sla_event = sla_event_topic,
                            .audit = audit_topic,
                    },
    };
    spec->inputs = inputs;
    spec->n_inputs = 1;
    spec->state_topic = state_topic;
    spec->decide = decide;
    return io;
}

static void close_casework(void *ctx)
{
    struct case_io *casework = ctx;
    json_reader_close(casework->reader);
    free(casework);
}

int main(int argc, char **argv)
{
    static const struct service service = {
            .name = "casework",
            .purpose = "the life of a case: dispatch, units' actions, clocks, merges",
            .needs_policy = true,
            .reloads = true,
            .open = open_casework,
            .close = close_casework,
    };
    return service_main(&service, argc, argv);
}
