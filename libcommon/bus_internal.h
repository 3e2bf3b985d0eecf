/* What the files of bus share; only they include librdkafka. */
#ifndef CHUISHAO_BUS_INTERNAL_H
#define CHUISHAO_BUS_INTERNAL_H

#include "bus.h"

#include <librdkafka/rdkafka.h>

enum {
    BUS_CALL_MS = 1000, /* one call to the broker; loops decide how often */
    BUS_METADATA_MS = 5000,
};

struct bus_batch {
    rd_kafka_message_t **raw;
    struct bus_msg *msgs;
    size_t n, cap, bytes;
    int64_t end; /* offset of the last partition end met, -1 */
    int32_t end_partition;
};

/* Makes room for cap messages in all. */
bool bus_batch_reserve(struct bus_batch *batch, size_t cap);

/* Sets all rows that have a value. */
bool bus_conf_table(rd_kafka_conf_t *conf, const struct bus_setting *settings, size_t n,
        struct error *err);

/* Settings every client shares. Owned by the caller until bus_client_new takes it. */
rd_kafka_conf_t *bus_conf_new(const struct bus_config *config, struct error *err);

/* Takes conf, also on failure. The user's settings come last. */
rd_kafka_t *bus_client_new(rd_kafka_type_t type, rd_kafka_conf_t *conf,
        const struct bus_config *config, struct error *err);

/* How many partitions the topic has; 0 when the broker does not know it. */
bool bus_topic_partitions(
        rd_kafka_t *rk, const char *topic, int32_t *n, struct error *err);

/* Owned by the caller. */
rd_kafka_topic_partition_list_t *bus_partition_list(
        const struct bus_partition_at *parts, size_t n);

/* Of the current generation, as captured when its partitions were assigned. */
const rd_kafka_consumer_group_metadata_t *bus_consumer_metadata(
        const struct bus_consumer *consumer);

/* A producer with our common settings and the given ones. */
bool bus_producer_start(struct bus_producer **out, const struct bus_config *config,
        const struct bus_setting *settings, size_t n, struct error *err);

/* Its client, for administration. */
rd_kafka_t *bus_producer_client(struct bus_producer *producer);

#endif
