/* Messages as they come: headers, keys, batches. */
#include "bus_internal.h"

#include <stdlib.h>

bool bus_header_get(const struct bus_msg *msg, const char *name, struct str *value)
{
    rd_kafka_headers_t *headers;
    const void *ptr;
    size_t len;
    const rd_kafka_message_t *raw = msg->handle;
    if (!raw || rd_kafka_message_headers(raw, &headers) ||
            rd_kafka_header_get_last(headers, name, &ptr, &len))
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

void bus_headers_done(const struct bus_msg *msg)
{
    rd_kafka_headers_t *headers;
    if (msg->handle && !rd_kafka_message_detach_headers(msg->handle, &headers))
        rd_kafka_headers_destroy(headers);
}

int32_t bus_partition(struct str key, int32_t n_partitions)
{
    return rd_kafka_msg_partitioner_murmur2(
            NULL, key.ptr, key.len, n_partitions, NULL, NULL);
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

int64_t bus_batch_end(const struct bus_batch *batch, int32_t partition)
{
    return batch->end_partition == partition ? batch->end : -1;
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

bool bus_batch_reserve(struct bus_batch *batch, size_t cap)
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
