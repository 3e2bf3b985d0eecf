/* Consumers: members of a group, and readers of assigned partitions. */
#include "bus_internal.h"
#include "log.h"

#include <stdlib.h>

enum {
    COMMITTED_TRIES = 55, /* another producer's transaction may keep the offsets unstable
                             for a while */
};

struct bus_consumer {
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    rd_kafka_t *watermarks; /* read_uncommitted: a read_committed handle would give the
                               last stable offset */
    rd_kafka_consumer_group_metadata_t *metadata;
    struct bus_rebalance rebalance;
    struct bus_config config;
    uint64_t epoch;
    struct error failed; /* in a callback; returned by the next poll */
};

/* Takes raw. A message joins the batch; an event is noted or becomes the error. */
static bool batch_take(
        struct bus_batch *batch, rd_kafka_message_t *raw, struct error *err)
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
        batch->end = raw->offset;
        batch->end_partition = raw->partition;
    } else if (raw->err == RD_KAFKA_RESP_ERR__FATAL ||
               raw->err == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
        ok = error_set(err, ERR_FATAL, "consumer_fenced",
                "the consumer was ended: %s; another process runs under this name",
                rd_kafka_message_errstr(raw));
    } else {
        log_warn("kafka_consume", "code=%s reason=\"%s\"", rd_kafka_err2name(raw->err),
                rd_kafka_message_errstr(raw));
    }
    rd_kafka_message_destroy(raw);
    return ok;
}

bool bus_poll(struct bus_consumer *consumer, struct bus_batch *batch, size_t max,
        int wait_ms, bool fill, struct error *err)
{
    if (!bus_batch_reserve(batch, max))
        return error_set(err, ERR_FATAL, "out_of_memory",
                "no memory for a batch of %zu messages", max);
    if (!fill) {
        rd_kafka_message_t *raw = rd_kafka_consumer_poll(consumer->rk, wait_ms);
        if (raw && !batch_take(batch, raw, err))
            return false;
        wait_ms = 0;
    }
    if (batch->n < max) {
        /* The raw array is the landing place; events among the messages are taken out
         * again below. */
        size_t at = batch->n;
        ssize_t got = rd_kafka_consume_batch_queue(
                consumer->queue, wait_ms, batch->raw + at, max - at);
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

/* Stable committed offsets: asks again while another producer's transaction keeps them
 * pending. */
static bool committed_offsets(
        rd_kafka_t *rk, rd_kafka_topic_partition_list_t *parts, struct error *err)
{
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < COMMITTED_TRIES; i++) {
        code = rd_kafka_committed(rk, parts, BUS_CALL_MS);
        for (int p = 0; !code && p < parts->cnt; p++)
            code = parts->elems[p].err;
        if (!code)
            break;
        if (code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__DESTROY)
            break;
    }
    if (code)
        return error_set(err, ERR_RETRY, "no_committed_offsets", "committed offsets: %s",
                rd_kafka_err2str(code));
    for (int p = 0; p < parts->cnt; p++)
        if (parts->elems[p].offset == RD_KAFKA_OFFSET_INVALID)
            parts->elems[p].offset = RD_KAFKA_OFFSET_BEGINNING;
    return true;
}

static bool take_partitions(struct bus_consumer *consumer,
        rd_kafka_topic_partition_list_t *parts, struct error *err)
{
    struct bus_partition_at *at = calloc((size_t)parts->cnt + 1, sizeof *at);
    if (!at)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for %d partitions",
                parts->cnt);
    bool ok = parts->cnt == 0 || committed_offsets(consumer->rk, parts, err);
    for (int i = 0; i < parts->cnt; i++)
        at[i] = (struct bus_partition_at){
                parts->elems[i].topic, parts->elems[i].partition, parts->elems[i].offset};
    ok = ok && consumer->rebalance.assigned(
                       consumer->rebalance.ctx, at, (size_t)parts->cnt, err);
    for (int i = 0; i < parts->cnt; i++)
        parts->elems[i].offset = at[i].offset;
    free(at);
    if (!ok)
        return false;
    rd_kafka_resp_err_t code = rd_kafka_assign(consumer->rk, parts);
    return !code || error_set(err, ERR_RETRY, "assign_failed", "assign: %s",
                            rd_kafka_err2str(code));
}

static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
        rd_kafka_topic_partition_list_t *parts, void *opaque)
{
    struct bus_consumer *consumer = opaque;
    consumer->epoch++;
    if (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        consumer->rebalance.revoked(consumer->rebalance.ctx);
        (void)rd_kafka_assign(
                rk, NULL); /* nothing else can be done about a failed revoke */
        return;
    }
    /* Captured here and kept until the next assign: a later call would carry a newer
     * generation and let a zombie through. */
    if (consumer->metadata)
        rd_kafka_consumer_group_metadata_destroy(consumer->metadata);
    consumer->metadata = rd_kafka_consumer_group_metadata(rk);
    (void)take_partitions(
            consumer, parts, &consumer->failed); /* bus_poll returns the error */
}

static bool consumer_start(struct bus_consumer **out, const struct bus_config *config,
        const struct bus_setting *settings, size_t n,
        const struct bus_rebalance *rebalance, struct error *err)
{
    struct bus_consumer *consumer = calloc(1, sizeof *consumer);
    rd_kafka_conf_t *conf = consumer ? bus_conf_new(config, err) : NULL;
    if (!conf) {
        free(consumer);
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for a consumer");
    }
    consumer->config = *config;
    if (!bus_conf_table(conf, settings, n, err)) {
        rd_kafka_conf_destroy(conf);
        free(consumer);
        return false;
    }
    if (rebalance) {
        consumer->rebalance = *rebalance;
        rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    }
    rd_kafka_conf_set_opaque(conf, consumer);
    consumer->rk = bus_client_new(RD_KAFKA_CONSUMER, conf, config, err);
    if (!consumer->rk) {
        free(consumer);
        return false;
    }
    (void)rd_kafka_poll_set_consumer(consumer->rk); /* fails only for a producer */
    consumer->queue = rd_kafka_queue_get_consumer(consumer->rk);
    *out = consumer;
    return true;
}

bool bus_subscribe(struct bus_consumer **out, const struct bus_config *config,
        const char *const *topics, size_t n_topics, struct bus_rebalance rebalance,
        struct error *err)
{
    const struct bus_setting settings[] = {
            {"group.id", config->group},
            {"group.instance.id", config->instance}, /* static: a restart under the same
                                                        name costs no rebalance */
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
    if (!consumer_start(&consumer, config, settings, sizeof settings / sizeof *settings,
                &rebalance, err))
        return false;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
            (int)n_topics);
    for (size_t i = 0; i < n_topics; i++)
        (void)rd_kafka_topic_partition_list_add(list, topics[i], RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code) {
        bus_consumer_close(consumer);
        return error_set(err, ERR_FATAL, "subscribe_failed", "subscribe: %s",
                rd_kafka_err2str(code));
    }
    *out = consumer;
    return true;
}

bool bus_reader(
        struct bus_consumer **out, const struct bus_config *config, struct error *err)
{
    const struct bus_setting settings[] = {
            {"group.id", "chuishao.reader"}, /* librdkafka wants one; it is never joined
                                                and nothing is committed */
            {"isolation.level", "read_committed"},
            {"enable.auto.commit", "false"},
            {"enable.auto.offset.store", "false"},
            {"enable.partition.eof", "true"},
            {"auto.offset.reset", "earliest"},
            {"fetch.wait.max.ms", "100"},
            {"queued.max.messages.kbytes", "32768"},
    };
    return consumer_start(
            out, config, settings, sizeof settings / sizeof *settings, NULL, err);
}

rd_kafka_topic_partition_list_t *bus_partition_list(
        const struct bus_partition_at *parts, size_t n)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    for (size_t i = 0; i < n; i++)
        rd_kafka_topic_partition_list_add(list, parts[i].topic, parts[i].partition)
                ->offset = parts[i].offset;
    return list;
}

bool bus_assign(struct bus_consumer *consumer, const struct bus_partition_at *parts,
        size_t n, struct error *err)
{
    consumer->epoch++;
    rd_kafka_topic_partition_list_t *list = bus_partition_list(parts, n);
    rd_kafka_resp_err_t code = rd_kafka_assign(consumer->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return !code || error_set(err, ERR_RETRY, "assign_failed", "assign: %s",
                            rd_kafka_err2str(code));
}

const rd_kafka_consumer_group_metadata_t *bus_consumer_metadata(
        const struct bus_consumer *consumer)
{
    return consumer->metadata;
}

uint64_t bus_epoch(const struct bus_consumer *consumer)
{
    return consumer->epoch;
}

bool bus_seek(struct bus_consumer *consumer, const struct bus_partition_at *part,
        struct error *err)
{
    consumer->epoch++;
    rd_kafka_topic_partition_list_t *list = bus_partition_list(part, 1);
    rd_kafka_error_t *error = rd_kafka_seek_partitions(
            consumer->rk, list, BUS_METADATA_MS);
    rd_kafka_topic_partition_list_destroy(list);
    if (!error)
        return true;
    (void)error_set(
            err, ERR_RETRY, "seek_failed", "seek: %s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return false;
}

bool bus_reposition(struct bus_consumer *consumer, struct error *err)
{
    rd_kafka_topic_partition_list_t *parts = NULL;
    rd_kafka_resp_err_t code = rd_kafka_assignment(consumer->rk, &parts);
    if (code)
        return error_set(err, ERR_RETRY, "no_assignment", "assignment: %s",
                rd_kafka_err2str(code));
    consumer->epoch++;
    bool ok = parts->cnt == 0 || take_partitions(consumer, parts, err);
    rd_kafka_topic_partition_list_destroy(parts);
    return ok;
}

bool bus_partitions(
        struct bus_consumer *consumer, const char *topic, int32_t *n, struct error *err)
{
    return bus_topic_partitions(consumer->rk, topic, n, err);
}

bool bus_high_watermark(struct bus_consumer *consumer, const char *topic,
        int32_t partition, int64_t *offset, struct error *err)
{
    if (!consumer->watermarks) {
        rd_kafka_conf_t *conf = bus_conf_new(&consumer->config, err);
        const struct bus_setting settings[] = {
                {"group.id", "chuishao.reader"}, {"isolation.level", "read_uncommitted"}};
        if (!conf)
            return false;
        if (!bus_conf_table(conf, settings, 2, err)) {
            rd_kafka_conf_destroy(conf);
            return false;
        }
        consumer->watermarks = bus_client_new(
                RD_KAFKA_CONSUMER, conf, &consumer->config, err);
        if (!consumer->watermarks)
            return false;
    }
    int64_t low, high;
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
            consumer->watermarks, topic, partition, &low, &high, BUS_METADATA_MS);
    if (code)
        return error_set(err, ERR_RETRY, "broker_away", "high watermark of %s [%d]: %s",
                topic, (int)partition, rd_kafka_err2str(code));
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
        if (!rd_kafka_get_watermark_offsets(
                    consumer->rk, part->topic, part->partition, &low, &high) &&
                high > 0)
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

#ifdef CHUISHAO_KILL_POINTS
bool bus_commit_outside(
        struct bus_consumer *consumer, const struct bus_partition_at *parts, size_t n);

/* The negative control of the fault tests: offsets that do not travel with the
 * transaction. */
bool bus_commit_outside(
        struct bus_consumer *consumer, const struct bus_partition_at *parts, size_t n)
{
    rd_kafka_topic_partition_list_t *list = bus_partition_list(parts, n);
    rd_kafka_resp_err_t code = rd_kafka_commit(consumer->rk, list, 0);
    rd_kafka_topic_partition_list_destroy(list);
    return !code;
}
#endif
