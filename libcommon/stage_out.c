#include "stage_out.h"
#include "envelope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stage_out *stage_out_new(struct arena *arena, const char *service)
{
    struct stage_out *out = arena_alloc(arena, sizeof *out);
    *out = (struct stage_out){.arena = arena, .service = service};
    return out;
}

void stage_out_reset(struct stage_out *out)
{
    out->records = NULL; /* they lived in the arena */
    out->inputs = NULL;
    out->n = out->cap = out->first_of_msg = out->n_envelopes = 0;
}

size_t stage_out_records(const struct stage_out *out, const struct bus_record **records)
{
    *records = out->records;
    return out->n;
}

void stage_out_begin(struct stage_out *out, const struct bus_msg *msg, uint32_t input,
        struct stage_entry *entry, instant now)
{
    out->msg = msg;
    out->input = input;
    out->entry = entry;
    out->now = now;
    out->first_of_msg = out->n;
    out->dead = false;
}

struct arena *stage_arena(struct stage_out *out)
{
    return out->arena;
}

static struct bus_record *record_add(struct stage_out *out)
{
    if (out->n == out->cap) {
        size_t cap = out->cap ? out->cap * 2 : 1024;
        struct bus_record *records = arena_alloc(out->arena, cap * sizeof *records);
        uint32_t *inputs = arena_alloc(out->arena, cap * sizeof *inputs);
        if (out->n) {
            memcpy(records, out->records, out->n * sizeof *records);
            memcpy(inputs, out->inputs, out->n * sizeof *inputs);
        }
        out->records = records;
        out->inputs = inputs;
        out->cap = cap;
    }
    out->inputs[out->n] = out->input;
    return &out->records[out->n++];
}

/* Source, type and time of a batch's records are formatted once per type. */
static const struct envelope *envelope_of(struct stage_out *out, const char *type)
{
    for (size_t i = 0; i < out->n_envelopes; i++)
        if (out->envelopes[i]->type == type)
            return out->envelopes[i];
    struct envelope *envelope = arena_alloc(out->arena, sizeof *envelope);
    *envelope = (struct envelope){
            .service = out->service, .type = type, .time = out->now};
    envelope_prepare(envelope);
    if (out->n_envelopes < STAGE_TYPES_MAX)
        out->envelopes[out->n_envelopes++] = envelope;
    return envelope;
}

void stage_emit(struct stage_out *out, const struct stage_message *message)
{
    if (out->dead)
        return;
    struct bus_header *headers = arena_alloc(
            out->arena, ENVELOPE_HEADERS * sizeof *headers);
    struct str traceparent = {0}, tracestate = {0};
    if (out->msg->handle && /* absent: left out */
            bus_header_get(out->msg, "traceparent", &traceparent)) {
        (void)bus_header_get(out->msg, "tracestate", &tracestate);
        traceparent = arena_copy(out->arena, traceparent);
        tracestate = arena_copy(out->arena, tracestate);
    }
    *record_add(out) = (struct bus_record){
            .topic = message->topic,
            .partition = -1,
            .key = message->key,
            .value = message->value,
            .tombstone = message->tombstone,
            .headers = headers,
            .n_headers = envelope_fill(envelope_of(out, message->type), message->id,
                    message->subject, traceparent, tracestate, headers),
    };
}

static void entry_put(
        struct stage_out *out, struct str state, instant due, int64_t reflected)
{
    struct stage_entry *entry = out->entry;
    if (!entry || out->dead)
        return;
    entry->state = state;
    entry->due = due;
    entry->reflected = reflected;
    entry->dirty = true;
}

void stage_put(struct stage_out *out, struct str state, instant due)
{
    entry_put(out, state, due, out->msg->offset);
}

void stage_put_off(struct stage_out *out, struct str state, instant due)
{
    entry_put(out, state, due, out->entry ? out->entry->reflected : -1);
}

void stage_drop(struct stage_out *out)
{
    entry_put(out, (struct str){0}, (instant){0}, out->msg->offset);
}

/* A header may have no value, which is not an empty one. */
static struct str kept(struct arena *arena, struct str value)
{
    return value.ptr ? arena_copy(arena, value) : value;
}

void stage_dead_letter(struct stage_out *out, const struct error *err)
{
    if (out->dead)
        return;
    const struct bus_msg *msg = out->msg;
    struct arena *arena = out->arena;
    out->n = out->first_of_msg; /* what was emitted so far is taken back */
    struct bus_header *headers = arena_alloc(
            arena, (BUS_HEADERS_MAX + 8) * sizeof *headers);
    size_t n = bus_headers(msg, headers, BUS_HEADERS_MAX);
    for (size_t i = 0; i < n; i++)
        headers[i] = (struct bus_header){
                arena_copy(arena, headers[i].name), kept(arena, headers[i].value)};
    char *at = arena_alloc(arena, INSTANT_TEXT_SIZE);
    instant_format(out->now, at);
    headers[n++] = (struct bus_header){
            STR("x-error-code"), arena_copy(arena, str_of(err->code))};
    headers[n++] = (struct bus_header){STR("x-error-stage"), str_of(out->service)};
    headers[n++] = (struct bus_header){
            STR("x-error-text"), arena_copy(arena, str_of(err->text))};
    headers[n++] = (struct bus_header){
            STR("x-original-topic"), arena_copy(arena, msg->topic)};
    headers[n++] = (struct bus_header){
            STR("x-original-partition"), arena_printf(arena, "%d", (int)msg->partition)};
    headers[n++] = (struct bus_header){STR("x-original-offset"),
            arena_printf(arena, "%lld", (long long)msg->offset)};
    headers[n++] = (struct bus_header){STR("x-first-failed-at"), str_of(at)};
    *record_add(out) = (struct bus_record){
            .topic = arena_printf(arena, "%.*s.dlt", STR_ARG(msg->topic)).ptr,
            .partition = msg->partition,
            .key = msg->key,
            .value = msg->value,
            .tombstone = msg->tombstone,
            .headers = headers,
            .n_headers = n,
    };
    out->dead = true;
    stage_count(out, "dead_letter");
}

void stage_count(struct stage_out *out, const char *outcome)
{
    for (size_t i = 0; i < out->n_counts; i++)
        if (out->counts[i].outcome == outcome ||
                strcmp(out->counts[i].outcome, outcome) == 0) {
            out->counts[i].n++;
            return;
        }
    if (out->n_counts == STAGE_COUNTS_MAX)
        return;
    char labels[128];
    (void)snprintf(
            labels, sizeof labels, "stage=\"%s\",outcome=\"%s\"", out->service, outcome);
    out->counts[out->n_counts].outcome = outcome;
    out->counts[out->n_counts].metric = metric_counter(
            "chuishao_decisions_total", labels, "Decisions by outcome");
    out->counts[out->n_counts++].n = 1;
}

void stage_out_count(struct stage_out *out)
{
    for (size_t i = 0; i < out->n_counts; i++) {
        if (out->counts[i].n)
            metric_add(out->counts[i].metric, out->counts[i].n);
        out->counts[i].n = 0;
    }
}
