/* CloudEvents 1.0, Kafka protocol binding, binary mode: the attributes travel as headers.
 */
#ifndef CHUISHAO_ENVELOPE_H
#define CHUISHAO_ENVELOPE_H

#include "bus.h"

/* ce_type is "org.chuishao." type ".v1"; ce_source "/chuishao/" service. */
enum { ENVELOPE_HEADERS = 9 };

struct envelope {
    const char *service;
    const char *type;
    struct str id, subject;
    instant time;
    struct str traceparent, tracestate; /* empty: left out */
    char source_text[48], type_text[80],
            time_text[INSTANT_TEXT_SIZE]; /* by envelope_prepare */
};

/* Formats source, type and time: once for all records that share them. */
void envelope_prepare(struct envelope *envelope);

/* The headers of one record from a prepared envelope and its own id, subject and trace;
 * values borrow from the envelope. Returns how many. */
size_t envelope_fill(const struct envelope *prepared, struct str id, struct str subject,
        struct str traceparent, struct str tracestate,
        struct bus_header out[ENVELOPE_HEADERS]);

/* Both for a single record. */
size_t envelope_headers(
        struct envelope *envelope, struct bus_header out[ENVELOPE_HEADERS]);

/* Reads ce_source and ce_id of a message; empty when absent. */
void envelope_read(const struct bus_msg *msg, struct str *source, struct str *id);

#endif
