#include "envelope.h"

#include <stdio.h>

void envelope_prepare(struct envelope *envelope)
{
    /* The texts have room for every service and message name of ours. */
    (void)snprintf(envelope->source_text, sizeof envelope->source_text, "/chuishao/%s",
            envelope->service);
    (void)snprintf(envelope->type_text, sizeof envelope->type_text, "org.chuishao.%s.v1",
            envelope->type);
    instant_format(envelope->time, envelope->time_text);
}

size_t envelope_fill(const struct envelope *prepared, struct str id, struct str subject,
        struct str traceparent, struct str tracestate,
        struct bus_header out[ENVELOPE_HEADERS])
{
    size_t n = 0;
    out[n++] = (struct bus_header){STR("ce_specversion"), STR("1.0")};
    out[n++] = (struct bus_header){STR("ce_id"), id};
    out[n++] = (struct bus_header){STR("ce_source"), str_of(prepared->source_text)};
    out[n++] = (struct bus_header){STR("ce_type"), str_of(prepared->type_text)};
    out[n++] = (struct bus_header){STR("ce_time"), str_of(prepared->time_text)};
    if (subject.len)
        out[n++] = (struct bus_header){STR("ce_subject"), subject};
    out[n++] = (struct bus_header){STR("content-type"), STR("application/json")};
    if (traceparent.len)
        out[n++] = (struct bus_header){STR("traceparent"), traceparent};
    if (tracestate.len)
        out[n++] = (struct bus_header){STR("tracestate"), tracestate};
    return n;
}

size_t envelope_headers(
        struct envelope *envelope, struct bus_header out[ENVELOPE_HEADERS])
{
    envelope_prepare(envelope);
    return envelope_fill(envelope, envelope->id, envelope->subject, envelope->traceparent,
            envelope->tracestate, out);
}

void envelope_read(const struct bus_msg *msg, struct str *source, struct str *id)
{
    *source = *id = (struct str){0};
    (void)bus_header_get(msg, "ce_source", source); /* absent leaves it empty */
    (void)bus_header_get(msg, "ce_id", id);
}
