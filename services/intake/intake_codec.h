/* What complaint_codec.h and action_codec.h share. Everything that comes from outside is
 * checked in them, once and fully; behind this point our own stages trust each other.
 * Errors are ERR_INVALID and name the field, never its content. Results live in the arena
 * or borrow from the message. */
#ifndef CHUISHAO_INTAKE_CODEC_H
#define CHUISHAO_INTAKE_CODEC_H

#include "arena.h"
#include "error.h"
#include "ids.h"
#include "instant.h"
#include "str.h"

enum {
    INTAKE_BYTES_MAX = 256 * 1024,
    INTAKE_SOURCE_MAX = 200, /* characters, as all below */
    INTAKE_ID_MAX = 128,
    INTAKE_FUTURE_MS = 10 * 60 * 1000, /* how far a publisher's clock may be ahead */
};

/* Told and true, told and false, or not told. */
enum told { TOLD_NOT, TOLD_NO, TOLD_YES };

struct told_number {
    bool there;
    double value;
};

struct text_list {
    struct str *items;
    size_t n;
};

/* One message as it came; borrowed. */
struct intake_input {
    struct str value;
    struct str source, id;   /* ce_source, ce_id; empty: no such header */
    struct str content_type; /* application/cloudevents+json: structured mode */
    instant received_at;
};

#endif
