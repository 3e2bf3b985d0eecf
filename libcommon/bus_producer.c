/* Producers, and the transaction. */
#include "bus_internal.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    COMMIT_TRIES = 30, /* RELIABILITY: a commit is called again for 30 s */
    TRANSACTION_MS = 10000,
};

struct topic_entry {
    char *name;
    rd_kafka_topic_t *rkt;
    int32_t partitions;
};

struct bus_producer {
    rd_kafka_t *rk;
    struct topic_entry *topics; /* sorted by name */
    size_t n_topics, cap_topics;
    char failed_topic[256];
    rd_kafka_resp_err_t failed; /* of a delivery report since begin */
};

/* Does the failure speak of this topic, or was the record only swept away with its
 * transaction? */
static bool blames_topic(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
           code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *raw, void *opaque)
{
    (void)rk;
    struct bus_producer *producer = opaque;
    if (raw->err) {
        if (!producer->failed_topic[0] && blames_topic(raw->err))
            (void)snprintf(producer->failed_topic, sizeof producer->failed_topic, "%s",
                    rd_kafka_topic_name(raw->rkt));
        producer->failed = raw->err;
    } else if (raw->_private) {
        *(int64_t *)raw->_private = raw->offset;
    }
}

bool bus_producer_start(struct bus_producer **out, const struct bus_config *config,
        const struct bus_setting *settings, size_t n, struct error *err)
{
    struct bus_producer *producer = calloc(1, sizeof *producer);
    rd_kafka_conf_t *conf = producer ? bus_conf_new(config, err) : NULL;
    const struct bus_setting common[] = {
            {"enable.idempotence", "true"},
            {"linger.ms", "2"},
            {"message.timeout.ms", "10000"},
            {"message.max.bytes", "5000000"},
            {"queue.buffering.max.messages", "1000000"},
            {"queue.buffering.max.kbytes", "524288"},
            {"delivery.report.only.error", config->errors_only ? "true" : "false"},
    };
    if (!conf) {
        free(producer);
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for a producer");
    }
    if (!bus_conf_table(conf, common, sizeof common / sizeof *common, err) ||
            !bus_conf_table(conf, settings, n, err)) {
        rd_kafka_conf_destroy(conf);
        free(producer);
        return false;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, producer);
    producer->rk = bus_client_new(RD_KAFKA_PRODUCER, conf, config, err);
    if (!producer->rk) {
        free(producer);
        return false;
    }
    *out = producer;
    return true;
}

rd_kafka_t *bus_producer_client(struct bus_producer *producer)
{
    return producer->rk;
}

/* What librdkafka's error asks for; takes it. */
static bool transaction_error(
        const char *call, rd_kafka_error_t *error, struct error *err)
{
    enum error_kind kind = rd_kafka_error_is_fatal(error)             ? ERR_FATAL
                           : rd_kafka_error_txn_requires_abort(error) ? ERR_INVALID
                           : rd_kafka_error_is_retriable(error)
                                   ? ERR_RETRY
                                   : ERR_FATAL; /* unflagged: unknown state */
    (void)error_set(err, kind, rd_kafka_error_name(error), "%s: %s", call,
            rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return false;
}

bool bus_producer_transactional(
        struct bus_producer **out, const struct bus_config *config, struct error *err)
{
    char timeout[16];
    (void)snprintf(timeout, sizeof timeout, "%d", TRANSACTION_MS);
    const struct bus_setting settings[] = {
            {"transactional.id", config->instance},
            {"transaction.timeout.ms", timeout},
    };
    struct bus_producer *producer = NULL;
    if (!bus_producer_start(&producer, config, settings, 2, err))
        return false;
    for (int i = 0;; i++) {
        rd_kafka_error_t *error = rd_kafka_init_transactions(
                producer->rk, 2 * BUS_CALL_MS);
        if (!error)
            break;
        if (!rd_kafka_error_is_retriable(error) || i >= COMMIT_TRIES) {
            (void)transaction_error("init_transactions", error, err);
            bus_producer_close(producer);
            return false;
        }
        rd_kafka_error_destroy(error);
    }
    *out = producer;
    return true;
}

bool bus_producer_idempotent(
        struct bus_producer **out, const struct bus_config *config, struct error *err)
{
    return bus_producer_start(out, config, NULL, 0, err);
}

static void topic_forget(struct bus_producer *producer, const char *name)
{
    for (size_t i = 0; i < producer->n_topics; i++)
        if (strcmp(producer->topics[i].name, name) == 0)
            producer->topics[i].partitions = 0;
}

/* The place of name in the sorted table. */
static size_t topic_slot(const struct bus_producer *producer, const char *name)
{
    size_t from = 0, to = producer->n_topics;
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (strcmp(producer->topics[mid].name, name) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

static struct topic_entry *topic_insert(
        struct bus_producer *producer, size_t at, const char *name)
{
    if (producer->n_topics == producer->cap_topics) {
        size_t cap = producer->cap_topics ? producer->cap_topics * 2 : 16;
        struct topic_entry *topics = realloc(producer->topics, cap * sizeof *topics);
        if (!topics)
            return NULL;
        producer->topics = topics;
        producer->cap_topics = cap;
    }
    char *copy = strdup(name);
    rd_kafka_topic_t *rkt = copy ? rd_kafka_topic_new(producer->rk, name, NULL) : NULL;
    if (!rkt) {
        free(copy);
        return NULL;
    }
    memmove(producer->topics + at + 1, producer->topics + at,
            (producer->n_topics - at) * sizeof *producer->topics);
    producer->n_topics++;
    producer->topics[at] = (struct topic_entry){.name = copy, .rkt = rkt};
    return &producer->topics[at];
}

static bool topic_get(struct bus_producer *producer, const char *name,
        struct topic_entry **out, struct error *err)
{
    size_t at = topic_slot(producer, name);
    struct topic_entry *entry = &producer->topics[at];
    if (at == producer->n_topics || strcmp(entry->name, name) != 0)
        entry = topic_insert(producer, at, name);
    if (!entry)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for topic %s", name);
    if (entry->partitions == 0 &&
            !bus_topic_partitions(producer->rk, name, &entry->partitions, err))
        return false;
    if (entry->partitions == 0) {
        (void)snprintf(producer->failed_topic, sizeof producer->failed_topic, "%s", name);
        return error_set(err, ERR_INVALID, "unknown_topic",
                "topic %s does not exist; create it with: chuishao topics apply", name);
    }
    *out = entry;
    return true;
}

bool bus_producer_partitions(
        struct bus_producer *producer, const char *topic, int32_t *n, struct error *err)
{
    return bus_topic_partitions(producer->rk, topic, n, err);
}

bool bus_produce(
        struct bus_producer *producer, const struct bus_record *record, struct error *err)
{
    struct topic_entry *entry = NULL;
    if (!topic_get(producer, record->topic, &entry, err))
        return false;
    rd_kafka_headers_t *headers = NULL;
    if (record->n_headers) {
        headers = rd_kafka_headers_new(record->n_headers);
        for (size_t i = 0; i < record->n_headers; i++) {
            const struct bus_header *h = &record->headers[i];
            (void)rd_kafka_header_add(headers, h->name.ptr, (ssize_t)h->name.len,
                    h->value.ptr, (ssize_t)h->value.len); /* fails never */
        }
    }
    int32_t partition = record->partition >= 0
                                ? record->partition
                                : bus_partition(record->key, entry->partitions);
    for (;;) {
        /* No copy: the value stays the caller's until its report is in. The key is always
         * copied. */
        rd_kafka_resp_err_t code = rd_kafka_producev(producer->rk,
                RD_KAFKA_V_RKT(entry->rkt), RD_KAFKA_V_PARTITION(partition),
                RD_KAFKA_V_MSGFLAGS(0), RD_KAFKA_V_KEY(record->key.ptr, record->key.len),
                RD_KAFKA_V_VALUE(
                        record->tombstone ? NULL : (void *)(uintptr_t)record->value.ptr,
                        record->tombstone ? 0 : record->value.len),
                RD_KAFKA_V_TIMESTAMP(record->timestamp.ms),
                RD_KAFKA_V_OPAQUE(record->offset), RD_KAFKA_V_HEADERS(headers),
                RD_KAFKA_V_END);
        if (!code)
            return true;
        if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            (void)rd_kafka_poll(producer->rk, 10);
            continue;
        }
        if (headers)
            rd_kafka_headers_destroy(headers);
        if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
            return error_set(err, ERR_INVALID, "output_too_large",
                    "a record of %zu bytes for %s is over the broker's limit",
                    record->value.len, record->topic);
        return error_set(err,
                code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__FENCED
                        ? ERR_FATAL
                        : ERR_INVALID,
                rd_kafka_err2name(code), "produce to %s: %s", record->topic,
                rd_kafka_err2str(code));
    }
}

bool bus_begin(struct bus_producer *producer, struct error *err)
{
    producer->failed = RD_KAFKA_RESP_ERR_NO_ERROR;
    producer->failed_topic[0] = 0;
    rd_kafka_error_t *error = rd_kafka_begin_transaction(producer->rk);
    return !error || transaction_error("begin_transaction", error, err);
}

bool bus_send_offsets(struct bus_producer *producer, struct bus_consumer *consumer,
        const struct bus_partition_at *parts, size_t n, struct error *err)
{
    rd_kafka_topic_partition_list_t *list = bus_partition_list(parts, n);
    rd_kafka_error_t *error = NULL;
    for (int i = 0; i < COMMIT_TRIES; i++) {
        if (error)
            rd_kafka_error_destroy(error);
        error = rd_kafka_send_offsets_to_transaction(
                producer->rk, list, bus_consumer_metadata(consumer), BUS_CALL_MS);
        if (!error || !rd_kafka_error_is_retriable(error))
            break;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return !error || transaction_error("send_offsets", error, err);
}

bool bus_commit(struct bus_producer *producer, struct error *err)
{
    rd_kafka_error_t *error = NULL;
    for (int i = 0; i < COMMIT_TRIES; i++) {
        if (error)
            rd_kafka_error_destroy(error);
        error = rd_kafka_commit_transaction(producer->rk, BUS_CALL_MS);
        if (!error || !rd_kafka_error_is_retriable(error))
            break;
    }
    if (error) {
        if (producer->failed_topic[0])
            topic_forget(producer, producer->failed_topic);
        (void)transaction_error("commit_transaction", error, err);
        if (err && err->kind == ERR_RETRY)
            err->kind = ERR_FATAL; /* after all tries its result is unknown: only a new
                                      producer can tell */
        return false;
    }
    if (producer->failed) /* cannot be: a failed report makes the commit fail */
        return error_set(err, ERR_FATAL, "report_failed",
                "a record for %s failed in a committed transaction: %s",
                producer->failed_topic, rd_kafka_err2str(producer->failed));
    return true;
}

bool bus_abort(struct bus_producer *producer, struct error *err)
{
    rd_kafka_error_t *error = NULL;
    /* What was queued goes out first: an abort that overtakes the registration of its
     * partitions is refused by the broker (INVALID_TXN_STATE), which would be fatal. */
    (void)rd_kafka_flush(producer->rk, BUS_CALL_MS);
    for (int i = 0; i < COMMIT_TRIES; i++) {
        if (error)
            rd_kafka_error_destroy(error);
        error = rd_kafka_abort_transaction(producer->rk, BUS_CALL_MS);
        if (!error || !rd_kafka_error_is_retriable(error))
            break;
    }
    if (!error)
        return true;
    (void)transaction_error("abort_transaction", error, err);
    if (err)
        err->kind = ERR_FATAL; /* a transaction that cannot be aborted leaves only the
                                  restart */
    return false;
}

bool bus_flush(struct bus_producer *producer, int wait_ms, struct error *err)
{
    rd_kafka_resp_err_t code = rd_kafka_flush(producer->rk, wait_ms);
    if (!code)
        code = producer->failed;
    bool ok = !code ||
              error_set(err, ERR_RETRY, "not_delivered", "%d record(s) not delivered: %s",
                      rd_kafka_outq_len(producer->rk), rd_kafka_err2str(code));
    producer->failed = RD_KAFKA_RESP_ERR_NO_ERROR;
    return ok;
}

const char *bus_failed_topic(const struct bus_producer *producer)
{
    return producer->failed_topic[0] ? producer->failed_topic : NULL;
}

void bus_producer_close(struct bus_producer *producer)
{
    if (!producer)
        return;
    for (size_t i = 0; i < producer->n_topics; i++) {
        rd_kafka_topic_destroy(producer->topics[i].rkt);
        free(producer->topics[i].name);
    }
    free(producer->topics);
    (void)rd_kafka_purge(
            producer->rk, RD_KAFKA_PURGE_F_QUEUE |
                                  RD_KAFKA_PURGE_F_INFLIGHT); /* nobody waits for them */
    rd_kafka_destroy(producer->rk);
    free(producer);
}
