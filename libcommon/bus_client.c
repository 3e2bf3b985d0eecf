/* Settings that every Kafka client of ours shares. */
#include "bus_internal.h"
#include "log.h"

static bool conf_set(
        rd_kafka_conf_t *conf, const char *name, const char *value, struct error *err)
{
    char text[160];
    if (rd_kafka_conf_set(conf, name, value, text, sizeof text) == RD_KAFKA_CONF_OK)
        return true;
    return error_set(
            err, ERR_FATAL, "bad_setting", "Kafka setting %s=%s: %s", name, value, text);
}

bool bus_conf_table(rd_kafka_conf_t *conf, const struct bus_setting *settings, size_t n,
        struct error *err)
{
    for (size_t i = 0; i < n; i++)
        if (settings[i].value &&
                !conf_set(conf, settings[i].name, settings[i].value, err))
            return false;
    return true;
}

static void log_client_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    (void)rk, (void)opaque;
    log_warn("kafka_error", "code=%s reason=\"%s\"",
            rd_kafka_err2name((rd_kafka_resp_err_t)code), reason);
}

static void log_client(
        const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk;
    if (level <= 5) /* syslog's notice and worse */
        log_warn("kafka_client", "facility=%s text=\"%s\"", facility, text);
}

/* Settings every client shares. Owned by the caller until rd_kafka_new takes it. */
rd_kafka_conf_t *bus_conf_new(const struct bus_config *config, struct error *err)
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
    if (bus_conf_table(conf, ours, sizeof ours / sizeof *ours, err))
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}

/* The user's settings come last; one that belongs to the other kind of client is passed
 * over by librdkafka with a log line. */
rd_kafka_t *bus_client_new(rd_kafka_type_t type, rd_kafka_conf_t *conf,
        const struct bus_config *config, struct error *err)
{
    if (!bus_conf_table(conf, config->settings, config->n_settings, err)) {
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

bool bus_topic_partitions(
        rd_kafka_t *rk, const char *topic, int32_t *n, struct error *err)
{
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rkt ? rd_kafka_metadata(
                                             rk, 0, rkt, &metadata, BUS_METADATA_MS)
                                   : RD_KAFKA_RESP_ERR__INVALID_ARG;
    if (!code) {
        bool known = metadata->topic_cnt == 1 && !metadata->topics[0].err;
        *n = known ? metadata->topics[0].partition_cnt : 0;
        rd_kafka_metadata_destroy(metadata);
    }
    if (rkt)
        rd_kafka_topic_destroy(rkt);
    return !code || error_set(err, ERR_RETRY, "broker_away", "metadata of %s: %s", topic,
                            rd_kafka_err2str(code));
}
