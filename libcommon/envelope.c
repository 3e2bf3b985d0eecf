#include "envelope.h"

#include <stdio.h>

size_t envelope_headers(
        struct envelope *envelope, struct bus_header out[ENVELOPE_HEADERS])
{
    size_t n = 0;
    /* The texts have room for every service and message name of ours. */
    (void)snprintf(envelope->source_text, sizeof envelope->source_text, "/chuishao/%s",
            envelope->service);
    (void)snprintf(envelope->type_text, sizeof envelope->type_text, "org.chuishao.%s.v1",
            envelope->type);
    instant_format(envelope->time, envelope->time_text);
    out[n++] = (struct bus_header){STR("ce_specversion"), STR("1.0")};
    out[n++] = (struct bus_header){STR("ce_id"), envelope->id};
    out[n++] = (struct bus_header){STR("ce_source"), str_of(envelope->source_text)};
    out[n++] = (struct bus_header){STR("ce_type"), str_of(envelope->type_text)};
    out[n++] = (struct bus_header){STR("ce_time"), str_of(envelope->time_text)};
    if (envelope->subject.len)
        out[n++] = (struct bus_header){STR("ce_subject"), envelope->subject};
    out[n++] = (struct bus_header){STR("content-type"), STR("application/json")};
    if (envelope->traceparent.len)
        out[n++] = (struct bus_header){STR("traceparent"), envelope->traceparent};
    if (envelope->tracestate.len)
        out[n++] = (struct bus_header){STR("tracestate"), envelope->tracestate};
    return n;
}

void envelope_read(const struct bus_msg *msg, struct str *source, struct str *id)
{
    *source = *id = (struct str){0};
    (void)bus_header_get(msg, "ce_source", source); /* absent leaves it empty */
    (void)bus_header_get(msg, "ce_id", id);
}
