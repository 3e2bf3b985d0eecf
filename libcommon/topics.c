#include "topics.h"

#include <stdio.h>
#include <stdlib.h>

enum { KIND_LOG, KIND_INPUT, KIND_STATE, SETTINGS_MAX = 4 };

/* How a kind of topic is kept. State topics keep tombstones for 30 days, so that an index
 * older than one cannot miss it. */
static const struct {
    struct bus_setting settings[SETTINGS_MAX];
    size_t n;
} kinds[] = {
        [KIND_LOG] = {{{"max.message.bytes", "5242880"}, {"retention.ms", NULL}}, 2},
        [KIND_INPUT] = {{{"max.message.bytes", "4194304"}, {"retention.ms", NULL},
                                {"message.timestamp.type", "LogAppendTime"}},
                3},
        [KIND_STATE] = {{{"max.message.bytes", "5242880"}, {"cleanup.policy", "compact"},
                                {"delete.retention.ms", "2592000000"},
                                {"min.cleanable.dirty.ratio", "0.2"}},
                4},
};

static const struct {
    const char *base;
    int kind;
    const char *keep_ms;
    bool dead_letters; /* somebody of ours reads it */
} internal_topics[] = {
        {TOPIC_INTAKE, KIND_INPUT, "604800000", true},  /* 7 days */
        {TOPIC_ACCEPTED, KIND_LOG, "2592000000", true}, /* 30 days */
        {TOPIC_IDENTITY, KIND_STATE, NULL, false},
        {TOPIC_CLASSIFIED, KIND_LOG, "2592000000", true},
        {TOPIC_COMMAND, KIND_LOG, "2592000000", true},
        {TOPIC_CASE_STATE, KIND_STATE, NULL, false},
        {TOPIC_ROUTER_STATE, KIND_STATE, NULL, false},
        {TOPIC_EVENT, KIND_LOG, "94608000000", false}, /* 3 years */
        {TOPIC_RESOLUTION, KIND_LOG, "2592000000", false},
        {TOPIC_UNIT_ORDERS, KIND_LOG, "2592000000", true},
        {TOPIC_DELIVERY_STATE, KIND_STATE, NULL, false},
        {TOPIC_SLA_EVENT, KIND_LOG, "2592000000", false},
        {TOPIC_AUDIT, KIND_LOG, "94608000000", false},
};

static const char UNIT_KEEP_MS[] = "2592000000",
                  DEAD_KEEP_MS[] = "15552000000"; /* 30 and 180 days */

void topic_name(char out[TOPIC_NAME_SIZE], const char *base, const char *lane)
{
    (void)snprintf(out, TOPIC_NAME_SIZE, "%s%s%s.v1", base, lane[0] ? "." : "",
            lane); /* bases are short literals */
}

void topic_unit_orders(char out[TOPIC_NAME_SIZE], const char *unit_code, const char *lane)
{
    (void)snprintf(out, TOPIC_NAME_SIZE, "unit.%s.orders%s%s.v1", unit_code,
            lane[0] ? "." : "", lane);
}

void topic_unit_actions(
        char out[TOPIC_NAME_SIZE], const char *unit_code, const char *lane)
{
    (void)snprintf(out, TOPIC_NAME_SIZE, "unit.%s.actions%s%s.v1", unit_code,
            lane[0] ? "." : "", lane);
}

struct topic_list {
    struct bus_topic *topics;
    struct bus_setting (*settings)[SETTINGS_MAX];
    char (*names)[TOPIC_NAME_SIZE];
    size_t n;
};

static void add(struct topic_list *list, const char *name, const char *suffix, int kind,
        const char *keep_ms, int32_t partitions)
{
    size_t at = list->n++;
    (void)snprintf(list->names[at], TOPIC_NAME_SIZE, "%.*s%s", TOPIC_NAME_SIZE - 8, name,
            suffix);
    for (size_t i = 0; i < kinds[kind].n; i++) {
        list->settings[at][i] = kinds[kind].settings[i];
        if (!list->settings[at][i].value)
            list->settings[at][i].value = keep_ms;
    }
    list->topics[at] = (struct bus_topic){
            list->names[at], partitions, list->settings[at], kinds[kind].n};
}

static void add_all(struct topic_list *list, const struct policy *policy,
        const char *lane, int32_t partitions)
{
    char name[TOPIC_NAME_SIZE];
    for (size_t i = 0; i < sizeof internal_topics / sizeof *internal_topics; i++) {
        topic_name(name, internal_topics[i].base, lane);
        add(list, name, "", internal_topics[i].kind, internal_topics[i].keep_ms,
                partitions);
        if (internal_topics[i].dead_letters)
            add(list, name, ".dlt", KIND_LOG, DEAD_KEEP_MS, partitions);
    }
    for (size_t i = 0; i < policy->n_units; i++) {
        const struct unit *unit = &policy->units[i];
        if (unit->queue != unit)
            continue;
        topic_unit_orders(name, unit->code, lane);
        add(list, name, "", KIND_LOG, UNIT_KEEP_MS, 1);
        topic_unit_actions(name, unit->code, lane);
        add(list, name, "", KIND_INPUT, UNIT_KEEP_MS, 1);
        add(list, name, ".dlt", KIND_LOG, DEAD_KEEP_MS, 1);
    }
}

bool topics_apply(const struct bus_config *config, const struct policy *policy,
        const char *lane, int32_t partitions, int32_t replication, bool dry_run,
        struct bus_topics_found *found, struct error *err)
{
    size_t most = 2 * sizeof internal_topics / sizeof *internal_topics +
                  3 * policy->n_units;
    struct topic_list list = {
            .topics = calloc(most, sizeof *list.topics),
            .settings = calloc(most, sizeof *list.settings),
            .names = calloc(most, sizeof *list.names),
    };
    bool ok = false;
    if (list.topics && list.settings && list.names) {
        add_all(&list, policy, lane, partitions);
        ok = bus_topics_apply(
                config, list.topics, list.n, replication, dry_run, found, err);
    } else {
        (void)error_set(
                err, ERR_FATAL, "out_of_memory", "no memory for %zu topics", most);
    }
    free(list.topics);
    free(list.settings);
    free(list.names);
    return ok;
}
