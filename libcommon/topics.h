/* The names, counts and settings of all topics (docs/interfaces.md). A lane is a second
 * set of the same names. */
#ifndef CHUISHAO_TOPICS_H
#define CHUISHAO_TOPICS_H

#include "bus.h"
#include "policy.h"

enum { TOPIC_NAME_SIZE = 128 };

#define TOPIC_INTAKE "complaint.intake"
#define TOPIC_ACCEPTED "complaint.accepted"
#define TOPIC_IDENTITY "complaint.identity"
#define TOPIC_CLASSIFIED "complaint.classified"
#define TOPIC_COMMAND "case.command"
#define TOPIC_CASE_STATE "case.state"
#define TOPIC_ROUTER_STATE "router.state"
#define TOPIC_EVENT "case.event"
#define TOPIC_RESOLUTION "case.resolution"
#define TOPIC_UNIT_ORDERS "unit.orders"
#define TOPIC_DELIVERY_STATE "delivery.state"
#define TOPIC_SLA_EVENT "sla.event"
#define TOPIC_AUDIT "audit"

/* "<base>[.<lane>].v1", e.g. case.command.v1, case.command.express.v1. */
void topic_name(char out[TOPIC_NAME_SIZE], const char *base, const char *lane);

/* "unit.<code>.orders[.<lane>].v1" and "unit.<code>.actions[.<lane>].v1". */
void topic_unit_orders(
        char out[TOPIC_NAME_SIZE], const char *unit_code, const char *lane);
void topic_unit_actions(
        char out[TOPIC_NAME_SIZE], const char *unit_code, const char *lane);

/* Creates every topic of the lane that is missing: the internal ones with `partitions`
 * partitions and one pair per unit that has a queue of its own, each with its dead-letter
 * topic where there is a reader. replication: 1 on one broker. */
MUST_USE bool topics_apply(const struct bus_config *config, const struct policy *policy,
        const char *lane, int32_t partitions, int32_t replication, bool dry_run,
        struct bus_topics_found *found, struct error *err);

#endif
