/* The baseline of `./run bench stage`: what a transactional stage costs that decides
 * nothing. Copies key and value, and with "headers" the headers too, of every record of
 * one topic to another with librdkafka alone: read_committed, consumer offsets in the
 * transaction, a commit every 100 ms. Ends after COUNT records and prints one JSON line
 * with its own figures. usage: bench-copy-loop BROKERS GROUP IN OUT COUNT headers|bare */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { COMMIT_MS = 100, BATCH_MAX = 20000, CALL_MS = 10000, PARTITIONS_MAX = 64 };

static void check(bool ok, const char *what, const char *why)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench-copy-loop: %s: %s\n", what, why);
    exit(1);
}

static void check_error(rd_kafka_error_t *error, const char *what)
{
    check(!error, what, error ? rd_kafka_error_string(error) : "");
}

static rd_kafka_t *client(
        rd_kafka_type_t type, const char *const (*settings)[2], size_t n)
{
    char text[200];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < n; i++)
        check(rd_kafka_conf_set(conf, settings[i][0], settings[i][1], text,
                      sizeof text) == RD_KAFKA_CONF_OK,
                settings[i][0], text);
    rd_kafka_t *rk = rd_kafka_new(type, conf, text, sizeof text);
    check(rk != NULL, "client", text);
    return rk;
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void)
{
    struct rusage r;
    (void)getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

/* One transaction: all records of the batch and the positions behind them. */
static void copy(rd_kafka_t *producer, rd_kafka_t *consumer, rd_kafka_topic_t *out,
        rd_kafka_message_t **batch, size_t n, bool with_headers)
{
    int64_t next[PARTITIONS_MAX] = {0};
    check_error(rd_kafka_begin_transaction(producer), "begin");
    for (size_t i = 0; i < n; i++) {
        rd_kafka_message_t *m = batch[i];
        rd_kafka_headers_t *headers = NULL;
        if (with_headers)
            (void)rd_kafka_message_detach_headers(
                    m, &headers); /* a record without headers has none to pass on */
        next[m->partition % PARTITIONS_MAX] = m->offset + 1;
        rd_kafka_resp_err_t code = rd_kafka_producev(producer, RD_KAFKA_V_RKT(out),
                RD_KAFKA_V_PARTITION(m->partition), RD_KAFKA_V_MSGFLAGS(0),
                RD_KAFKA_V_KEY(m->key, m->key_len), RD_KAFKA_V_VALUE(m->payload, m->len),
                RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
        check(!code, "produce", rd_kafka_err2str(code));
    }
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(
            PARTITIONS_MAX);
    for (int p = 0; p < PARTITIONS_MAX; p++)
        if (next[p])
            rd_kafka_topic_partition_list_add(
                    offsets, rd_kafka_topic_name(batch[0]->rkt), p)
                    ->offset = next[p];
    rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata(
            consumer);
    check_error(
            rd_kafka_send_offsets_to_transaction(producer, offsets, metadata, CALL_MS),
            "offsets");
    check_error(rd_kafka_commit_transaction(producer, CALL_MS), "commit");
    rd_kafka_consumer_group_metadata_destroy(metadata);
    rd_kafka_topic_partition_list_destroy(offsets);
    for (size_t i = 0; i < n; i++)
        rd_kafka_message_destroy(batch[i]);
}

int main(int argc, char **argv)
{
    check(argc == 7, "usage", "bench-copy-loop BROKERS GROUP IN OUT COUNT headers|bare");
    const char *const consumer_settings[][2] = {{"bootstrap.servers", argv[1]},
            {"group.id", argv[2]}, {"isolation.level", "read_committed"},
            {"enable.auto.commit", "false"}, {"enable.auto.offset.store", "false"},
            {"auto.offset.reset", "earliest"}, {"queued.max.messages.kbytes", "32768"},
            {"fetch.wait.max.ms", "100"}};
    const char *const producer_settings[][2] = {{"bootstrap.servers", argv[1]},
            {"transactional.id", argv[2]}, {"linger.ms", "2"},
            {"delivery.report.only.error", "true"},
            {"queue.buffering.max.messages", "1000000"},
            {"queue.buffering.max.kbytes", "524288"}};
    rd_kafka_t *consumer = client(RD_KAFKA_CONSUMER, consumer_settings,
            sizeof consumer_settings / sizeof *consumer_settings);
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, producer_settings,
            sizeof producer_settings / sizeof *producer_settings);
    check_error(rd_kafka_init_transactions(producer, CALL_MS), "init");
    (void)rd_kafka_poll_set_consumer(consumer); /* fails only for a producer */
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    (void)rd_kafka_topic_partition_list_add(topics, argv[3], RD_KAFKA_PARTITION_UA);
    check(!rd_kafka_subscribe(consumer, topics), "subscribe", argv[3]);
    rd_kafka_topic_partition_list_destroy(topics);
    rd_kafka_topic_t *out = rd_kafka_topic_new(producer, argv[4], NULL);
    static rd_kafka_message_t *batch[BATCH_MAX];
    long want = strtol(argv[5], NULL, 10), done = 0;
    double start = 0, cpu_start = 0;
    while (done < want) {
        size_t n = 0;
        double first = 0;
        while (n < BATCH_MAX && (n == 0 || now() - first < COMMIT_MS / 1000.0)) {
            ssize_t got = rd_kafka_consume_batch_queue(
                    queue, 10, batch + n, BATCH_MAX - n);
            for (ssize_t i = 0; i < got; i++) {
                rd_kafka_message_t *m = batch[n + (size_t)i];
                check(!m->err, "consume", rd_kafka_message_errstr(m));
            }
            if (got > 0 && n == 0)
                first = now();
            n += got > 0 ? (size_t)got : 0;
        }
        if (start == 0)
            start = first, cpu_start = cpu();
        copy(producer, consumer, out, batch, n, strcmp(argv[6], "headers") == 0);
        done += (long)n;
    }
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)printf(
            "{\"messages\": %ld, \"seconds\": %.3f, \"cpu\": %.3f, \"rss_mb\": %.1f}\n",
            done, now() - start, cpu() - cpu_start, (double)usage.ru_maxrss / 1024);
    (void)fflush(stdout);
    rd_kafka_topic_destroy(out);
    rd_kafka_queue_destroy(queue);
    (void)rd_kafka_consumer_close(consumer); /* the process ends either way */
    rd_kafka_destroy(consumer);
    rd_kafka_destroy(producer);
    return 0;
}
