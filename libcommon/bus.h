/* Kafka, in our words. The only module that includes librdkafka (bus_internal.h does, for
 * the bus_*.c). One thread uses a bus; librdkafka's own threads do the network. Errors
 * say what to do (see error.h): ERR_RETRY call again, ERR_INVALID the transaction must be
 * aborted, ERR_FATAL end the process. */
#ifndef CHUISHAO_BUS_H
#define CHUISHAO_BUS_H

#include "error.h"
#include "instant.h"
#include "str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A name/value setting for librdkafka, e.g. from KAFKA_SASL_MECHANISM. */
struct bus_setting {
    const char *name, *value;
};

struct bus_config {
    const char *brokers;   /* host:port,… */
    const char *client_id; /* shows in the broker's logs */
    const char
            *group; /* consumer group; NULL: no group, partitions are assigned by hand */
    const char *instance; /* stable name of this instance: group.instance.id and
                             transactional.id */
    const struct bus_setting
            *settings; /* passed through to librdkafka untouched, after ours */
    size_t n_settings;
    bool errors_only; /* delivery reports for failures only: saves CPU where nobody asks
                         for offsets */
};

struct bus_header {
    struct str name, value;
};

/* Borrowed from the batch it came with, its headers until bus_headers_done. */
struct bus_msg {
    struct str topic;
    int32_t partition;
    int64_t offset;
    instant timestamp; /* of the record: when the broker appended it, or when the producer
                          made it */
    struct str key, value;
    bool tombstone; /* the value is null */
    void *handle;
};

enum { BUS_HEADERS_MAX = 32 };

/* The value of the last header of that name; false when there is none. */
bool bus_header_get(const struct bus_msg *msg, const char *name, struct str *value);

/* Fills out with up to max headers, in order; returns how many. */
size_t bus_headers(const struct bus_msg *msg, struct bus_header *out, size_t max);

/* The headers of this message have been read: what the two calls above gave is gone. To
 * the client they are a dozen small allocations; given back at once they serve the next
 * message, while those of a whole batch would cost more than our decision. */
void bus_headers_done(const struct bus_msg *msg);

/* The partition a key belongs to: murmur2, as the Java client and librdkafka's murmur2
 * partitioner choose it. */
int32_t bus_partition(struct str key, int32_t n_partitions);

/* ---- consumer ---- */

struct bus_partition_at {
    const char *topic;
    int32_t partition;
    int64_t offset; /* where to start; BUS_BEGINNING, BUS_END */
};

enum { BUS_BEGINNING = -2, BUS_END = -1 };

struct bus_consumer;

struct bus_producer;
struct bus_rebalance {
    /* The group gave us these partitions; offset holds the committed, stable offset,
     * BUS_BEGINNING when there is none, and may be changed. False ends the process (err
     * says why). Called from inside bus_poll. */
    bool (*assigned)(
            void *ctx, struct bus_partition_at *parts, size_t n, struct error *err);
    /* All partitions are gone. */
    void (*revoked)(void *ctx);
    void *ctx;
};

/* A member of config->group, subscribed to topics (a name that begins with ^ is a regular
 * expression), read_committed, never committing by itself: offsets go with the producer's
 * transaction. */
MUST_USE bool bus_subscribe(struct bus_consumer **out, const struct bus_config *config,
        const char *const *topics, size_t n_topics, struct bus_rebalance rebalance,
        struct error *err);

/* A reader without a group: read_committed, partitions assigned by hand with bus_assign.
 */
MUST_USE bool bus_reader(
        struct bus_consumer **out, const struct bus_config *config, struct error *err);

MUST_USE bool bus_assign(struct bus_consumer *consumer,
        const struct bus_partition_at *parts, size_t n, struct error *err);

struct bus_batch; /* owned messages of one poll */

/* Appends messages until the batch holds max or wait_ms have passed; with fill unset it
 * returns as soon as there is one and no more are at hand. Rebalance callbacks run
 * inside. */
MUST_USE bool bus_poll(struct bus_consumer *consumer, struct bus_batch *batch, size_t max,
        int wait_ms, bool fill, struct error *err);

struct bus_batch *bus_batch_new(void);
size_t bus_batch_count(const struct bus_batch *batch);
size_t bus_batch_bytes(const struct bus_batch *batch);
const struct bus_msg *bus_batch_at(const struct bus_batch *batch, size_t i);
void bus_batch_clear(struct bus_batch *batch); /* the messages are gone */

/* The end of that partition, when it was the last end a reader met in these polls; else
 * -1. Reset by bus_batch_clear. */
int64_t bus_batch_end(const struct bus_batch *batch, int32_t partition);
void bus_batch_free(struct bus_batch *batch);

/* Changes with every assign and revoke; messages collected under another epoch are not
 * ours any more. */
uint64_t bus_epoch(const struct bus_consumer *consumer);

/* Continues one partition of the current assignment at another offset; what was collected
 * before is void (a new epoch). */
MUST_USE bool bus_seek(struct bus_consumer *consumer, const struct bus_partition_at *part,
        struct error *err);

/* After an aborted transaction: continues the whole assignment at the committed offsets
 * (a new epoch). */
MUST_USE bool bus_reposition(struct bus_consumer *consumer, struct error *err);

/* How many partitions the topic has; 0 when the broker does not know it. */
MUST_USE bool bus_partitions(
        struct bus_consumer *consumer, const char *topic, int32_t *n, struct error *err);

/* The same, asked through a producer. */
MUST_USE bool bus_producer_partitions(
        struct bus_producer *producer, const char *topic, int32_t *n, struct error *err);

/* The offset after the last record of a partition, open transactions included. */
MUST_USE bool bus_high_watermark(struct bus_consumer *consumer, const char *topic,
        int32_t partition, int64_t *offset, struct error *err);

/* Messages of the group's lag: high watermark minus position, summed; -1 when unknown. */
int64_t bus_lag(struct bus_consumer *consumer);

void bus_consumer_close(struct bus_consumer
                *consumer); /* leaves the group unless the membership is static */

/* ---- producer ---- */

/* A transactional producer under config->instance; ends an older one of the same name.
 * Blocks until the broker knows it. */
MUST_USE bool bus_producer_transactional(
        struct bus_producer **out, const struct bus_config *config, struct error *err);

/* An idempotent producer without transactions, for those with a single effect per message
 * (sla, the command line). */
MUST_USE bool bus_producer_idempotent(
        struct bus_producer **out, const struct bus_config *config, struct error *err);

struct bus_record {
    const char *topic;
    int32_t partition; /* -1: by the key */
    struct str key, value;
    bool tombstone;
    instant timestamp; /* never: now */
    const struct bus_header *headers;
    size_t n_headers;
    int64_t *offset; /* where its delivery report puts the record's offset; may be NULL;
                        needs errors_only unset */
};

/* Queues the record. The value is borrowed until bus_commit, bus_abort or bus_flush
 * returns. ERR_INVALID unknown_topic or output_too_large: the record cannot be sent at
 * all. */
MUST_USE bool bus_produce(struct bus_producer *producer, const struct bus_record *record,
        struct error *err);

MUST_USE bool bus_begin(struct bus_producer *producer, struct error *err);

/* Puts the positions reached (offset = last + 1) of the consumer's partitions into the
 * transaction. */
MUST_USE bool bus_send_offsets(struct bus_producer *producer,
        struct bus_consumer *consumer, const struct bus_partition_at *parts, size_t n,
        struct error *err);

/* All or nothing; a failed delivery report fails it. */
MUST_USE bool bus_commit(struct bus_producer *producer, struct error *err);
MUST_USE bool bus_abort(struct bus_producer *producer, struct error *err);

/* Waits until every queued record has its report; one that failed is the error. For
 * idempotent producers. */
MUST_USE bool bus_flush(struct bus_producer *producer, int wait_ms, struct error *err);

/* The topic of the first record that failed for good in the last transaction or flush;
 * NULL: none. */
const char *bus_failed_topic(const struct bus_producer *producer);

void bus_producer_close(struct bus_producer *producer);

/* ---- administration ---- */

struct bus_topic {
    const char *name;
    int32_t partitions;
    const struct bus_setting *settings; /* topic configuration */
    size_t n_settings;
};

/* What was found of the topics wanted. */
struct bus_topics_found {
    size_t missing, existing; /* missing: created now, unless it was a dry run */
    void (*each_missing)(
            void *ctx, const char *name); /* called once all went well; may be NULL */
    void *ctx;
};

/* Creates what is missing (dry_run: only finds it); an existing topic with another
 * partition count is ERR_FATAL. */
MUST_USE bool bus_topics_apply(const struct bus_config *config,
        const struct bus_topic *topics, size_t n, int32_t replication, bool dry_run,
        struct bus_topics_found *found, struct error *err);

#endif
