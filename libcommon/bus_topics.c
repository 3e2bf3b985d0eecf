/* Creating topics. */
#include "bus_internal.h"

#include <stdlib.h>

static rd_kafka_NewTopic_t *new_topic(
        const struct bus_topic *topic, int32_t replication, struct error *err)
{
    char text[160];
    rd_kafka_NewTopic_t *made = rd_kafka_NewTopic_new(
            topic->name, topic->partitions, replication, text, sizeof text);
    if (!made) {
        (void)error_set(err, ERR_FATAL, "bad_topic", "topic %s: %s", topic->name, text);
        return NULL;
    }
    for (size_t i = 0; i < topic->n_settings; i++)
        (void)rd_kafka_NewTopic_set_config(made, topic->settings[i].name,
                topic->settings[i].value); /* the broker checks them */
    return made;
}

static bool topics_create(
        rd_kafka_t *rk, rd_kafka_NewTopic_t **made, size_t n, struct error *err)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(
            rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    char text[160];
    (void)rd_kafka_AdminOptions_set_operation_timeout(options, 30000, text, sizeof text);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, 40000, text, sizeof text);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_CreateTopics(rk, made, n, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 45000);
    bool ok = true;
    if (!event || rd_kafka_event_error(event)) {
        ok = error_set(err, ERR_RETRY, "broker_away", "create topics: %s",
                event ? rd_kafka_event_error_string(event) : "no answer");
    } else {
        size_t count = 0;
        const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(
                rd_kafka_event_CreateTopics_result(event), &count);
        for (size_t i = 0; ok && i < count; i++) {
            rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
            if (code && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
                ok = error_set(err, ERR_FATAL, "bad_topic", "create topic %s: %s",
                        rd_kafka_topic_result_name(results[i]),
                        rd_kafka_topic_result_error_string(results[i]));
        }
    }
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    return ok;
}

static const struct rd_kafka_metadata_topic *metadata_find(
        const struct rd_kafka_metadata *metadata, const char *name)
{
    for (int i = 0; i < metadata->topic_cnt; i++)
        if (strcmp(metadata->topics[i].topic, name) == 0 && !metadata->topics[i].err)
            return &metadata->topics[i];
    return NULL;
}

bool bus_topics_apply(const struct bus_config *config, const struct bus_topic *topics,
        size_t n, int32_t replication, bool dry_run, struct bus_topics_found *found,
        struct error *err)
{
    struct bus_producer *producer = NULL;
    if (!bus_producer_start(&producer, config, NULL, 0, err))
        return false;
    rd_kafka_t *rk = bus_producer_client(producer);
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_NewTopic_t **made = calloc(n + 1, sizeof(rd_kafka_NewTopic_t *));
    const char **missing = calloc(n + 1, sizeof *missing);
    size_t n_made = 0;
    bool ok = (made && missing) ||
              error_set(err, ERR_FATAL, "out_of_memory", "no memory for %zu topics", n);
    rd_kafka_resp_err_t code = rd_kafka_metadata(
            rk, 1, NULL, &metadata, 2 * BUS_METADATA_MS);
    if (ok && code)
        ok = error_set(err, ERR_RETRY, "broker_away", "Kafka at %s: %s", config->brokers,
                rd_kafka_err2str(code));
    for (size_t i = 0; ok && i < n; i++) {
        const struct rd_kafka_metadata_topic *have = metadata_find(
                metadata, topics[i].name);
        if (have && have->partition_cnt != topics[i].partitions) {
            ok = error_set(err, ERR_FATAL, "partition_count",
                    "topic %s has %d partitions, not %d; the count is fixed at creation "
                    "because it decides which instance owns a case",
                    topics[i].name, have->partition_cnt, (int)topics[i].partitions);
        } else if (!have) {
            made[n_made] = new_topic(&topics[i], replication, err);
            ok = made[n_made] != NULL;
            missing[n_made] = topics[i].name;
            n_made += ok;
        }
    }
    if (ok && n_made && !dry_run)
        ok = topics_create(rk, made, n_made, err);
    found->missing = n_made;
    found->existing = n - n_made;
    for (size_t i = 0; ok && found->each_missing && i < n_made; i++)
        found->each_missing(found->ctx, missing[i]);
    if (metadata)
        rd_kafka_metadata_destroy(metadata);
    if (made)
        rd_kafka_NewTopic_destroy_array(made, n_made);
    free(missing);
    free(made);
    bus_producer_close(producer);
    return ok;
}
