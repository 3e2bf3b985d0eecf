#include "bus.h"
#include "log.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CALL_MS = 1000,             /* one call to the broker; loops decide how often */
    COMMIT_TRIES = 30,          /* RELIABILITY: a commit is called again for 30 s */
    COMMITTED_TRIES = 55,       /* another producer's transaction may keep the offsets unstable for a while */
    METADATA_MS = 5000,
    TRANSACTION_MS = 10000,
};

struct bus_batch {
    rd_kafka_message_t **raw;
    struct bus_msg *msgs;
    size_t n, cap, bytes;
    int64_t end;
};

struct bus_consumer {
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    rd_kafka_t *watermarks; /* read_uncommitted: a read_committed handle would give the last stable offset */
    rd_kafka_consumer_group_metadata_t *metadata;
    struct bus_rebalance rebalance;
    struct bus_config config;
    uint64_t epoch;
    struct error failed; /* in a callback; returned by the next poll */
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

/* ---- configuration ---- */

static bool conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, struct error *err)
{
    char text[160];
    if (rd_kafka_conf_set(conf, name, value, text, sizeof text) == RD_KAFKA_CONF_OK)
        return true;
    return error_set(err, ERR_FATAL, "bad_setting", "Kafka setting %s=%s: %s", name, value, text);
}

static bool conf_table(rd_kafka_conf_t *conf, const struct bus_setting *settings, size_t n,
        struct error *err)
{
    for (size_t i = 0; i < n; i++)
        if (settings[i].value && !conf_set(conf, settings[i].name, settings[i].value, err))
            return false;
    return true;
}

static void log_client_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    (void)rk, (void)opaque;
    log_warn("kafka_error", "code=%s reason=\"%s\"", rd_kafka_err2name((rd_kafka_resp_err_t)code), reason);
}

static void log_client(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk;
    if (level <= 5) /* syslog's notice and worse */
        log_warn("kafka_client", "facility=%s text=\"%s\"", facility, text);
}

/* Settings every client shares. Owned by the caller until rd_kafka_new takes it. */
static rd_kafka_conf_t *conf_new(const struct bus_config *config, struct error *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_error_cb(conf, log_client_error);
    rd_kafka_conf_set_log_cb(conf, log_client);
    const struct bus_setting ours[] = {
            {"bootstrap.servers", config->brokers},
            {"client.id", config->client_id},
            {"socket.keepalive.enable", "true"},
            {"socket.nagle.disable", "true"},
            {"reconnect.backoff.max.ms", "1000"},
    };
    if (conf_table(conf, ours, sizeof ours / sizeof *ours, err))
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}

/* The user's settings come last; one that belongs to the other kind of client is passed over by librdkafka with a log line. */
static rd_kafka_t *client_new(rd_kafka_type_t type, rd_kafka_conf_t *conf,
        const struct bus_config *config, struct error *err)
{
    if (!conf_table(conf, config->settings, config->n_settings, err)) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    char text[160];
    rd_kafka_t *rk = rd_kafka_new(type, conf, text, sizeof text);
    if (!rk) {
        rd_kafka_conf_destroy(conf); /* rd_kafka_new owns it only on success */
        (void)error_set(err, ERR_FATAL, "bad_setting", "Kafka client: %s", text);
    }
    return rk;
}

/* ---- messages ---- */

bool bus_header_get(const struct bus_msg *msg, const char *name, struct str *value)
{
    rd_kafka_headers_t *headers;
    const void *ptr;
    size_t len;
    const rd_kafka_message_t *raw = msg->handle;
    if (!raw || rd_kafka_message_headers(raw, &headers) || rd_kafka_header_get_last(headers, name, &ptr, &len))
        return false;
    *value = (struct str){ptr, len};
    return true;
}

size_t bus_headers(const struct bus_msg *msg, struct bus_header *out, size_t max)
{
    rd_kafka_headers_t *headers;
    const rd_kafka_message_t *raw = msg->handle;
    if (!raw || rd_kafka_message_headers(raw, &headers))
        return 0;
    size_t n = 0;
    const char *name;
    const void *ptr;
    size_t len;
    while (n < max && !rd_kafka_header_get_all(headers, n, &name, &ptr, &len))
        out[n++] = (struct bus_header){str_of(name), {ptr, len}};
    return n;
}

int32_t bus_partition(struct str key, int32_t n_partitions)
{
    return rd_kafka_msg_partitioner_murmur2(NULL, key.ptr, key.len, n_partitions, NULL, NULL);
}

struct bus_batch *bus_batch_new(void)
{
    struct bus_batch *batch = calloc(1, sizeof *batch);
    if (batch)
        batch->end = -1;
    return batch;
}

size_t bus_batch_count(const struct bus_batch *batch)
{
    return batch->n;
}

size_t bus_batch_bytes(const struct bus_batch *batch)
{
    return batch->bytes;
}

const struct bus_msg *bus_batch_at(const struct bus_batch *batch, size_t i)
{
    return &batch->msgs[i];
}

int64_t bus_batch_end(const struct bus_batch *batch)
{
    return batch->end;
}

void bus_batch_clear(struct bus_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++)
        rd_kafka_message_destroy(batch->raw[i]);
    batch->n = batch->bytes = 0;
    batch->end = -1;
}

void bus_batch_free(struct bus_batch *batch)
{
    if (!batch)
        return;
    bus_batch_clear(batch);
    free(batch->raw);
    free(batch->msgs);
    free(batch);
}

static bool batch_reserve(struct bus_batch *batch, size_t cap)
{
    if (cap <= batch->cap)
        return true;
    rd_kafka_message_t **raw = realloc(batch->raw, cap * sizeof *raw);
    if (raw)
        batch->raw = raw;
    struct bus_msg *msgs = realloc(batch->msgs, cap * sizeof *msgs);
    if (msgs)
        batch->msgs = msgs;
    if (!raw || !msgs)
        return false;
    batch->cap = cap;
    return true;
}

/* ---- consumer ---- */

/* Takes raw. A message joins the batch; an event is noted or becomes the error. */
static bool batch_take(struct bus_batch *batch, rd_kafka_message_t *raw, struct error *err)
{
    if (!raw->err) {
        struct bus_msg *msg = &batch->msgs[batch->n];
        rd_kafka_timestamp_type_t kind;
        *msg = (struct bus_msg){
                .topic = str_of(rd_kafka_topic_name(raw->rkt)),
                .partition = raw->partition,
                .offset = raw->offset,
                .timestamp = {rd_kafka_message_timestamp(raw, &kind)},
                .key = {raw->key, raw->key_len},
                .value = {raw->payload, raw->len},
                .tombstone = raw->payload == NULL,
                .handle = raw,
        };
        batch->raw[batch->n++] = raw;
        batch->bytes += raw->len;
        return true;
    }
    bool ok = true;
    if (raw->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        if (raw->offset > batch->end)
            batch->end = raw->offset;
    } else if (raw->err == RD_KAFKA_RESP_ERR__FATAL || raw->err == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
        ok = error_set(err, ERR_FATAL, "consumer_fenced", "the consumer was ended: %s; another process runs under this name", rd_kafka_message_errstr(raw));
    } else {
        log_warn("kafka_consume", "code=%s reason=\"%s\"", rd_kafka_err2name(raw->err), rd_kafka_message_errstr(raw));
    }
    rd_kafka_message_destroy(raw);
    return ok;
}

bool bus_poll(struct bus_consumer *consumer, struct bus_batch *batch, size_t max, int wait_ms, bool fill,
        struct error *err)
{
    if (!batch_reserve(batch, max))
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for a batch of %zu messages", max);
    if (!fill) {
        rd_kafka_message_t *raw = rd_kafka_consumer_poll(consumer->rk, wait_ms);
        if (raw && !batch_take(batch, raw, err))
            return false;
        wait_ms = 0;
    }
    if (batch->n < max) {
        /* The raw array is the landing place; events among the messages are taken out again below. */
        size_t at = batch->n;
        ssize_t got = rd_kafka_consume_batch_queue(consumer->queue, wait_ms, batch->raw + at, max - at);
        for (ssize_t i = 0; i < got; i++)
            if (!batch_take(batch, batch->raw[at + (size_t)i], err)) {
                for (ssize_t j = i + 1; j < got; j++)
                    rd_kafka_message_destroy(batch->raw[at + (size_t)j]);
                return false;
            }
    }
    if (consumer->failed.kind != ERR_NONE) {
        *err = consumer->failed;
        return false;
    }
    return true;
}

/* Stable committed offsets: asks again while another producer's transaction keeps them pending. */
static bool committed_offsets(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *parts, struct error *err)
{
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < COMMITTED_TRIES; i++) {
        code = rd_kafka_committed(rk, parts, CALL_MS);
        for (int p = 0; !code && p < parts->cnt; p++)
            code = parts->elems[p].err;
        if (!code)
            break;
        if (code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__DESTROY)
            break;
    }
    if (code)
        return error_set(err, ERR_RETRY, "no_committed_offsets", "committed offsets: %s", rd_kafka_err2str(code));
    for (int p = 0; p < parts->cnt; p++)
        if (parts->elems[p].offset == RD_KAFKA_OFFSET_INVALID)
            parts->elems[p].offset = RD_KAFKA_OFFSET_BEGINNING;
    return true;
}

static bool take_partitions(struct bus_consumer *consumer, rd_kafka_topic_partition_list_t *parts,
        struct error *err)
{
    struct bus_partition_at *at = calloc((size_t)parts->cnt + 1, sizeof *at);
    if (!at)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for %d partitions", parts->cnt);
    bool ok = parts->cnt == 0 || committed_offsets(consumer->rk, parts, err);
    for (int i = 0; i < parts->cnt; i++)
        at[i] = (struct bus_partition_at){parts->elems[i].topic, parts->elems[i].partition, parts->elems[i].offset};
    ok = ok && consumer->rebalance.assigned(consumer->rebalance.ctx, at, (size_t)parts->cnt, err);
    for (int i = 0; i < parts->cnt; i++)
        parts->elems[i].offset = at[i].offset;
    free(at);
    if (!ok)
        return false;
    rd_kafka_resp_err_t code = rd_kafka_assign(consumer->rk, parts);
    return !code || error_set(err, ERR_RETRY, "assign_failed", "assign: %s", rd_kafka_err2str(code));
}

static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *parts,
        void *opaque)
{
    struct bus_consumer *consumer = opaque;
    consumer->epoch++;
    if (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        consumer->rebalance.revoked(consumer->rebalance.ctx);
        (void)rd_kafka_assign(rk, NULL); /* nothing else can be done about a failed revoke */
        return;
    }
    /* Captured here and kept until the next assign: a later call would carry a newer generation and let a zombie through. */
    if (consumer->metadata)
        rd_kafka_consumer_group_metadata_destroy(consumer->metadata);
    consumer->metadata = rd_kafka_consumer_group_metadata(rk);
    (void)take_partitions(consumer, parts, &consumer->failed); /* bus_poll returns the error */
}

static bool consumer_start(struct bus_consumer **out, const struct bus_config *config,
        const struct bus_setting *settings, size_t n, const struct bus_rebalance *rebalance,
        struct error *err)
{
    struct bus_consumer *consumer = calloc(1, sizeof *consumer);
    rd_kafka_conf_t *conf = consumer ? conf_new(config, err) : NULL;
    if (!conf) {
        free(consumer);
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for a consumer");
    }
    consumer->config = *config;
    if (!conf_table(conf, settings, n, err)) {
        rd_kafka_conf_destroy(conf);
        free(consumer);
        return false;
    }
    if (rebalance) {
        consumer->rebalance = *rebalance;
        rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    }
    rd_kafka_conf_set_opaque(conf, consumer);
    consumer->rk = client_new(RD_KAFKA_CONSUMER, conf, config, err);
    if (!consumer->rk) {
        free(consumer);
        return false;
    }
    (void)rd_kafka_poll_set_consumer(consumer->rk); /* fails only for a producer */
    consumer->queue = rd_kafka_queue_get_consumer(consumer->rk);
    *out = consumer;
    return true;
}

bool bus_subscribe(struct bus_consumer **out, const struct bus_config *config, const char *const *topics,
        size_t n_topics, struct bus_rebalance rebalance, struct error *err)
{
    const struct bus_setting settings[] = {
            {"group.id", config->group},
            {"group.instance.id", config->instance}, /* static: a restart under the same name costs no rebalance */
            {"isolation.level", "read_committed"},
            {"enable.auto.commit", "false"},
            {"enable.auto.offset.store", "false"},
            {"auto.offset.reset", "earliest"},
            {"partition.assignment.strategy", "range"},
            {"session.timeout.ms", "10000"},
            {"max.poll.interval.ms", "300000"},
            {"fetch.wait.max.ms", "100"},
            {"queued.max.messages.kbytes", "32768"},
            {"topic.metadata.refresh.interval.ms", "30000"},
    };
    struct bus_consumer *consumer = NULL;
    if (!consumer_start(&consumer, config, settings, sizeof settings / sizeof *settings, &rebalance, err))
        return false;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n_topics);
    for (size_t i = 0; i < n_topics; i++)
        (void)rd_kafka_topic_partition_list_add(list, topics[i], RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code) {
        bus_consumer_close(consumer);
        return error_set(err, ERR_FATAL, "subscribe_failed", "subscribe: %s", rd_kafka_err2str(code));
    }
    *out = consumer;
    return true;
}

bool bus_reader(struct bus_consumer **out, const struct bus_config *config, struct error *err)
{
    const struct bus_setting settings[] = {
            {"group.id", "chuishao.reader"}, /* librdkafka wants one; it is never joined and nothing is committed */
            {"isolation.level", "read_committed"},
            {"enable.auto.commit", "false"},
            {"enable.auto.offset.store", "false"},
            {"enable.partition.eof", "true"},
            {"auto.offset.reset", "earliest"},
            {"fetch.wait.max.ms", "100"},
            {"queued.max.messages.kbytes", "32768"},
    };
    return consumer_start(out, config, settings, sizeof settings / sizeof *settings, NULL, err);
}

static rd_kafka_topic_partition_list_t *partition_list(const struct bus_partition_at *parts, size_t n)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    for (size_t i = 0; i < n; i++)
        rd_kafka_topic_partition_list_add(list, parts[i].topic, parts[i].partition)->offset = parts[i].offset;
    return list;
}

bool bus_assign(struct bus_consumer *consumer, const struct bus_partition_at *parts, size_t n,
        struct error *err)
{
    consumer->epoch++;
    rd_kafka_topic_partition_list_t *list = partition_list(parts, n);
    rd_kafka_resp_err_t code = rd_kafka_assign(consumer->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return !code || error_set(err, ERR_RETRY, "assign_failed", "assign: %s", rd_kafka_err2str(code));
}

uint64_t bus_epoch(const struct bus_consumer *consumer)
{
    return consumer->epoch;
}

bool bus_seek(struct bus_consumer *consumer, const struct bus_partition_at *part, struct error *err)
{
    consumer->epoch++;
    rd_kafka_topic_partition_list_t *list = partition_list(part, 1);
    rd_kafka_error_t *error = rd_kafka_seek_partitions(consumer->rk, list, METADATA_MS);
    rd_kafka_topic_partition_list_destroy(list);
    if (!error)
        return true;
    (void)error_set(err, ERR_RETRY, "seek_failed", "seek: %s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return false;
}

bool bus_reposition(struct bus_consumer *consumer, struct error *err)
{
    rd_kafka_topic_partition_list_t *parts = NULL;
    rd_kafka_resp_err_t code = rd_kafka_assignment(consumer->rk, &parts);
    if (code)
        return error_set(err, ERR_RETRY, "no_assignment", "assignment: %s", rd_kafka_err2str(code));
    consumer->epoch++;
    bool ok = parts->cnt == 0 || take_partitions(consumer, parts, err);
    rd_kafka_topic_partition_list_destroy(parts);
    return ok;
}

static bool topic_partitions(rd_kafka_t *rk, const char *topic, int32_t *n, struct error *err)
{
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rkt ? rd_kafka_metadata(rk, 0, rkt, &metadata, METADATA_MS) : RD_KAFKA_RESP_ERR__INVALID_ARG;
    if (!code) {
        bool known = metadata->topic_cnt == 1 && !metadata->topics[0].err;
        *n = known ? metadata->topics[0].partition_cnt : 0;
        rd_kafka_metadata_destroy(metadata);
    }
    if (rkt)
        rd_kafka_topic_destroy(rkt);
    return !code || error_set(err, ERR_RETRY, "broker_away", "metadata of %s: %s", topic, rd_kafka_err2str(code));
}

bool bus_partitions(struct bus_consumer *consumer, const char *topic, int32_t *n, struct error *err)
{
    return topic_partitions(consumer->rk, topic, n, err);
}

bool bus_high_watermark(struct bus_consumer *consumer, const char *topic, int32_t partition,
        int64_t *offset, struct error *err)
{
    if (!consumer->watermarks) {
        rd_kafka_conf_t *conf = conf_new(&consumer->config, err);
        const struct bus_setting settings[] = {{"group.id", "chuishao.reader"}, {"isolation.level", "read_uncommitted"}};
        if (!conf)
            return false;
        if (!conf_table(conf, settings, 2, err)) {
            rd_kafka_conf_destroy(conf);
            return false;
        }
        consumer->watermarks = client_new(RD_KAFKA_CONSUMER, conf, &consumer->config, err);
        if (!consumer->watermarks)
            return false;
    }
    int64_t low, high;
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(consumer->watermarks, topic, partition, &low, &high, METADATA_MS);
    if (code)
        return error_set(err, ERR_RETRY, "broker_away", "high watermark of %s [%d]: %s", topic, (int)partition, rd_kafka_err2str(code));
    *offset = high;
    return true;
}

int64_t bus_lag(struct bus_consumer *consumer)
{
    rd_kafka_topic_partition_list_t *parts = NULL;
    if (rd_kafka_assignment(consumer->rk, &parts))
        return -1;
    int64_t lag = 0;
    if (rd_kafka_position(consumer->rk, parts))
        lag = -1;
    for (int i = 0; lag >= 0 && i < parts->cnt; i++) {
        int64_t low, high;
        const rd_kafka_topic_partition_t *part = &parts->elems[i];
        if (!rd_kafka_get_watermark_offsets(consumer->rk, part->topic, part->partition, &low, &high) && high > 0)
            lag += high - (part->offset >= 0 ? part->offset : low);
    }
    rd_kafka_topic_partition_list_destroy(parts);
    return lag;
}

void bus_consumer_close(struct bus_consumer *consumer)
{
    if (!consumer)
        return;
    rd_kafka_queue_destroy(consumer->queue);
    (void)rd_kafka_consumer_close(consumer->rk); /* the process ends either way */
    if (consumer->metadata)
        rd_kafka_consumer_group_metadata_destroy(consumer->metadata);
    if (consumer->watermarks)
        rd_kafka_destroy(consumer->watermarks);
    rd_kafka_destroy(consumer->rk);
    free(consumer);
}

/* ---- producer ---- */

/* Does the failure speak of this topic, or was the record only swept away with its transaction? */
static bool blames_topic(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION || code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *raw, void *opaque)
{
    (void)rk;
    struct bus_producer *producer = opaque;
    if (raw->err) {
        if (!producer->failed_topic[0] && blames_topic(raw->err))
            (void)snprintf(producer->failed_topic, sizeof producer->failed_topic, "%s", rd_kafka_topic_name(raw->rkt));
        producer->failed = raw->err;
    } else if (raw->_private) {
        *(int64_t *)raw->_private = raw->offset;
    }
}

static bool producer_start(struct bus_producer **out, const struct bus_config *config,
        const struct bus_setting *settings, size_t n, struct error *err)
{
    struct bus_producer *producer = calloc(1, sizeof *producer);
    rd_kafka_conf_t *conf = producer ? conf_new(config, err) : NULL;
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
    if (!conf_table(conf, common, sizeof common / sizeof *common, err) || !conf_table(conf, settings, n, err)) {
        rd_kafka_conf_destroy(conf);
        free(producer);
        return false;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, producer);
    producer->rk = client_new(RD_KAFKA_PRODUCER, conf, config, err);
    if (!producer->rk) {
        free(producer);
        return false;
    }
    *out = producer;
    return true;
}

/* What librdkafka's error asks for; takes it. */
static bool transaction_error(const char *call, rd_kafka_error_t *error, struct error *err)
{
    enum error_kind kind = rd_kafka_error_is_fatal(error)             ? ERR_FATAL
                           : rd_kafka_error_txn_requires_abort(error) ? ERR_INVALID
                           : rd_kafka_error_is_retriable(error)       ? ERR_RETRY
                                                                      : ERR_FATAL; /* unflagged: unknown state */
    (void)error_set(err, kind, rd_kafka_error_name(error), "%s: %s", call, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return false;
}

bool bus_producer_transactional(struct bus_producer **out, const struct bus_config *config,
        struct error *err)
{
    char timeout[16];
    (void)snprintf(timeout, sizeof timeout, "%d", TRANSACTION_MS);
    const struct bus_setting settings[] = {
            {"transactional.id", config->instance},
            {"transaction.timeout.ms", timeout},
    };
    struct bus_producer *producer = NULL;
    if (!producer_start(&producer, config, settings, 2, err))
        return false;
    for (int i = 0;; i++) {
        rd_kafka_error_t *error = rd_kafka_init_transactions(producer->rk, 2 * CALL_MS);
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

bool bus_producer_idempotent(struct bus_producer **out, const struct bus_config *config, struct error *err)
{
    return producer_start(out, config, NULL, 0, err);
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

static struct topic_entry *topic_insert(struct bus_producer *producer, size_t at, const char *name)
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
    memmove(producer->topics + at + 1, producer->topics + at, (producer->n_topics - at) * sizeof *producer->topics);
    producer->n_topics++;
    producer->topics[at] = (struct topic_entry){.name = copy, .rkt = rkt};
    return &producer->topics[at];
}

static bool topic_get(struct bus_producer *producer, const char *name, struct topic_entry **out,
        struct error *err)
{
    size_t at = topic_slot(producer, name);
    struct topic_entry *entry = &producer->topics[at];
    if (at == producer->n_topics || strcmp(entry->name, name) != 0)
        entry = topic_insert(producer, at, name);
    if (!entry)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for topic %s", name);
    if (entry->partitions == 0 && !topic_partitions(producer->rk, name, &entry->partitions, err))
        return false;
    if (entry->partitions == 0) {
        (void)snprintf(producer->failed_topic, sizeof producer->failed_topic, "%s", name);
        return error_set(err, ERR_INVALID, "unknown_topic", "topic %s does not exist; create it with: chuishao topics apply", name);
    }
    *out = entry;
    return true;
}

bool bus_producer_partitions(struct bus_producer *producer, const char *topic, int32_t *n,
        struct error *err)
{
    return topic_partitions(producer->rk, topic, n, err);
}

bool bus_produce(struct bus_producer *producer, const struct bus_record *record, struct error *err)
{
    struct topic_entry *entry = NULL;
    if (!topic_get(producer, record->topic, &entry, err))
        return false;
    rd_kafka_headers_t *headers = NULL;
    if (record->n_headers) {
        headers = rd_kafka_headers_new(record->n_headers);
        for (size_t i = 0; i < record->n_headers; i++) {
            const struct bus_header *h = &record->headers[i];
            (void)rd_kafka_header_add(headers, h->name.ptr, (ssize_t)h->name.len, h->value.ptr, (ssize_t)h->value.len); /* fails never */
        }
    }
    int32_t partition = record->partition >= 0 ? record->partition : bus_partition(record->key, entry->partitions);
    for (;;) {
        /* No copy: the value stays the caller's until its report is in. The key is always copied. */
        rd_kafka_resp_err_t code = rd_kafka_producev(producer->rk, RD_KAFKA_V_RKT(entry->rkt), RD_KAFKA_V_PARTITION(partition),
                RD_KAFKA_V_MSGFLAGS(0), RD_KAFKA_V_KEY(record->key.ptr, record->key.len),
                RD_KAFKA_V_VALUE(record->tombstone ? NULL : (void *)(uintptr_t)record->value.ptr, record->tombstone ? 0 : record->value.len),
                RD_KAFKA_V_TIMESTAMP(record->timestamp.ms), RD_KAFKA_V_OPAQUE(record->offset),
                RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
        if (!code)
            return true;
        if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            (void)rd_kafka_poll(producer->rk, 10);
            continue;
        }
        if (headers)
            rd_kafka_headers_destroy(headers);
        if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
            return error_set(err, ERR_INVALID, "output_too_large", "a record of %zu bytes for %s is over the broker's limit", record->value.len, record->topic);
        return error_set(err, code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__FENCED ? ERR_FATAL : ERR_INVALID,
                rd_kafka_err2name(code), "produce to %s: %s", record->topic, rd_kafka_err2str(code));
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
    rd_kafka_topic_partition_list_t *list = partition_list(parts, n);
    rd_kafka_error_t *error = NULL;
    for (int i = 0; i < COMMIT_TRIES; i++) {
        if (error)
            rd_kafka_error_destroy(error);
        error = rd_kafka_send_offsets_to_transaction(producer->rk, list, consumer->metadata, CALL_MS);
        if (!error || !rd_kafka_error_is_retriable(error))
            break;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return !error || transaction_error("send_offsets", error, err);
}

#ifdef CHUISHAO_KILL_POINTS
bool bus_commit_outside(struct bus_consumer *consumer, const struct bus_partition_at *parts, size_t n);

/* The negative control of the fault tests: offsets that do not travel with the transaction. */
bool bus_commit_outside(struct bus_consumer *consumer, const struct bus_partition_at *parts, size_t n)
{
    rd_kafka_topic_partition_list_t *list = partition_list(parts, n);
    rd_kafka_resp_err_t code = rd_kafka_commit(consumer->rk, list, 0);
    rd_kafka_topic_partition_list_destroy(list);
    return !code;
}
#endif

bool bus_commit(struct bus_producer *producer, struct error *err)
{
    rd_kafka_error_t *error = NULL;
    for (int i = 0; i < COMMIT_TRIES; i++) {
        if (error)
            rd_kafka_error_destroy(error);
        error = rd_kafka_commit_transaction(producer->rk, CALL_MS);
        if (!error || !rd_kafka_error_is_retriable(error))
            break;
    }
    if (error) {
        if (producer->failed_topic[0])
            topic_forget(producer, producer->failed_topic);
        (void)transaction_error("commit_transaction", error, err);
        if (err && err->kind == ERR_RETRY)
            err->kind = ERR_FATAL; /* after all tries its result is unknown: only a new producer can tell */
        return false;
    }
    if (producer->failed) /* cannot be: a failed report makes the commit fail */
        return error_set(err, ERR_FATAL, "report_failed", "a record for %s failed in a committed transaction: %s",
                producer->failed_topic, rd_kafka_err2str(producer->failed));
    return true;
}

bool bus_abort(struct bus_producer *producer, struct error *err)
{
    rd_kafka_error_t *error = NULL;
    /* What was queued goes out first: an abort that overtakes the registration of its partitions is refused by the broker
     * (INVALID_TXN_STATE), which would be fatal. */
    (void)rd_kafka_flush(producer->rk, CALL_MS);
    for (int i = 0; i < COMMIT_TRIES; i++) {
        if (error)
            rd_kafka_error_destroy(error);
        error = rd_kafka_abort_transaction(producer->rk, CALL_MS);
        if (!error || !rd_kafka_error_is_retriable(error))
            break;
    }
    if (!error)
        return true;
    (void)transaction_error("abort_transaction", error, err);
    if (err)
        err->kind = ERR_FATAL; /* a transaction that cannot be aborted leaves only the restart */
    return false;
}

bool bus_flush(struct bus_producer *producer, int wait_ms, struct error *err)
{
    rd_kafka_resp_err_t code = rd_kafka_flush(producer->rk, wait_ms);
    if (!code)
        code = producer->failed;
    bool ok = !code || error_set(err, ERR_RETRY, "not_delivered", "%d record(s) not delivered: %s", rd_kafka_outq_len(producer->rk), rd_kafka_err2str(code));
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
    (void)rd_kafka_purge(producer->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT); /* nobody waits for them */
    rd_kafka_destroy(producer->rk);
    free(producer);
}

/* ---- administration ---- */

static rd_kafka_NewTopic_t *new_topic(const struct bus_topic *topic, int32_t replication, struct error *err)
{
    char text[160];
    rd_kafka_NewTopic_t *made = rd_kafka_NewTopic_new(topic->name, topic->partitions, replication, text, sizeof text);
    if (!made) {
        (void)error_set(err, ERR_FATAL, "bad_topic", "topic %s: %s", topic->name, text);
        return NULL;
    }
    for (size_t i = 0; i < topic->n_settings; i++)
        (void)rd_kafka_NewTopic_set_config(made, topic->settings[i].name, topic->settings[i].value); /* the broker checks them */
    return made;
}

static bool topics_create(rd_kafka_t *rk, rd_kafka_NewTopic_t **made, size_t n, struct error *err)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    char text[160];
    (void)rd_kafka_AdminOptions_set_operation_timeout(options, 30000, text, sizeof text);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, 40000, text, sizeof text);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_CreateTopics(rk, made, n, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 45000);
    bool ok = true;
    if (!event || rd_kafka_event_error(event)) {
        ok = error_set(err, ERR_RETRY, "broker_away", "create topics: %s", event ? rd_kafka_event_error_string(event) : "no answer");
    } else {
        size_t count = 0;
        const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
        for (size_t i = 0; ok && i < count; i++) {
            rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
            if (code && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
                ok = error_set(err, ERR_FATAL, "bad_topic", "create topic %s: %s", rd_kafka_topic_result_name(results[i]), rd_kafka_topic_result_error_string(results[i]));
        }
    }
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    return ok;
}

static const struct rd_kafka_metadata_topic *metadata_find(const struct rd_kafka_metadata *metadata, const char *name)
{
    for (int i = 0; i < metadata->topic_cnt; i++)
        if (strcmp(metadata->topics[i].topic, name) == 0 && !metadata->topics[i].err)
            return &metadata->topics[i];
    return NULL;
}

bool bus_topics_apply(const struct bus_config *config, const struct bus_topic *topics, size_t n, int32_t replication,
        bool dry_run, size_t *created, struct error *err)
{
    struct bus_producer *producer = NULL;
    if (!producer_start(&producer, config, NULL, 0, err))
        return false;
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_NewTopic_t **made = calloc(n + 1, sizeof(rd_kafka_NewTopic_t *));
    size_t n_made = 0;
    bool ok = made != NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(producer->rk, 1, NULL, &metadata, 2 * METADATA_MS);
    if (code)
        ok = error_set(err, ERR_RETRY, "broker_away", "Kafka at %s: %s", config->brokers, rd_kafka_err2str(code));
    for (size_t i = 0; ok && i < n; i++) {
        const struct rd_kafka_metadata_topic *have = metadata_find(metadata, topics[i].name);
        if (have && have->partition_cnt != topics[i].partitions) {
            ok = error_set(err, ERR_FATAL, "partition_count", "topic %s has %d partitions, not %d; the count is fixed at creation because it decides which instance owns a case",
                    topics[i].name, have->partition_cnt, (int)topics[i].partitions);
        } else if (!have) {
            made[n_made] = new_topic(&topics[i], replication, err);
            ok = made[n_made] != NULL;
            n_made += ok;
        }
    }
    if (ok && n_made && !dry_run)
        ok = topics_create(producer->rk, made, n_made, err);
    *created = n_made;
    if (metadata)
        rd_kafka_metadata_destroy(metadata);
    if (made)
        rd_kafka_NewTopic_destroy_array(made, n_made);
    free(made);
    bus_producer_close(producer);
    return ok;
}
