#include "delivery_io.h"
#include "json_out.h"
#include "log.h"
#include "metrics.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- the state of a unit ---- */

struct state_form {
    struct delivery_state core;
    int64_t tries;
};

#define CORE(field) offsetof(struct state_form, core.field)
static const struct json_field state_fields[] = {
        {.name = "parked", .kind = JSON_BOOL, .offset = CORE(parked)},
        {.name = "first", .kind = JSON_INT, .offset = CORE(first)},
        {.name = "tries", .kind = JSON_INT, .offset = offsetof(struct state_form, tries)},
        {.name = "since", .kind = JSON_INSTANT, .offset = CORE(since)},
        {.name = "next", .kind = JSON_INSTANT, .offset = CORE(next)},
};
#undef CORE

bool delivery_state_decode(struct json_reader *reader, struct str text,
        struct delivery_state *out, struct arena *arena, struct error *err)
{
    struct state_form form = {0};
    if (text.len &&
            !json_read(reader, text, state_fields,
                    sizeof state_fields / sizeof *state_fields, &form, arena, err))
        return false;
    *out = form.core;
    out->tries = (int32_t)form.tries;
    return true;
}

struct str delivery_state_encode(const struct delivery_state *state, struct arena *arena)
{
    struct json_out json;
    json_begin(&json, arena, 160);
    json_open_object(&json, NULL);
    json_bool(&json, "parked", state->parked);
    if (state->parked) {
        json_int(&json, "first", state->first);
        json_int(&json, "tries", state->tries);
        json_instant(&json, "since", state->since);
        json_instant(&json, "next", state->next);
    }
    json_close_object(&json);
    return json_end(&json);
}

/* ---- the stage ---- */

struct queue {
    const struct unit *unit; /* has a queue of its own */
    char topic[TOPIC_NAME_SIZE];
    bool unreachable; /* its topic refused a record; tried again when the state says so */
    struct metric *parked;
};

struct delivery {
    const struct policy *policy;
    struct queue *queues;
    size_t n_queues;
    struct json_reader *reader;
};

struct order {
    struct str id, case_id, unit;
};

static const struct json_field order_fields[] = {
        {.name = "id",
                .kind = JSON_STR,
                .offset = offsetof(struct order, id),
                .required = true},
        {.name = "case",
                .kind = JSON_STR,
                .offset = offsetof(struct order, case_id),
                .required = true},
        {.name = "unit",
                .kind = JSON_STR,
                .offset = offsetof(struct order, unit),
                .required = true},
};

struct delivery *delivery_open(const struct policy *policy, const char *lane)
{
    struct delivery *delivery = calloc(1, sizeof *delivery);
    struct queue *queues = calloc(policy->n_units + 1, sizeof *queues);
    struct json_reader *reader = json_reader_open();
    if (!delivery || !queues || !reader) {
        free(delivery);
        free(queues);
        json_reader_close(reader);
        return NULL;
    }
    *delivery = (struct delivery){.policy = policy, .queues = queues, .reader = reader};
    for (size_t i = 0; i < policy->n_units; i++) {
        if (policy->units[i].queue != &policy->units[i])
            continue;
        struct queue *queue = &queues[delivery->n_queues++];
        char labels[96];
        queue->unit = &policy->units[i];
        topic_unit_orders(queue->topic, queue->unit->code, lane);
        (void)snprintf(labels, sizeof labels, "unit=\"%s\"", queue->unit->code);
        queue->parked = metric_gauge("chuishao_unit_parked", labels,
                "1 while orders wait because the unit's topic cannot be written");
    }
    return delivery;
}

void delivery_close(struct delivery *delivery)
{
    if (!delivery)
        return;
    json_reader_close(delivery->reader);
    free(delivery->queues);
    free(delivery);
}

static struct queue *queue_of(const struct delivery *delivery, const struct unit *unit)
{
    for (size_t i = 0; unit && i < delivery->n_queues; i++)
        if (delivery->queues[i].unit == unit->queue)
            return &delivery->queues[i];
    return NULL;
}

void delivery_message(void *ctx, const struct bus_msg *msg, struct str state_text,
        instant now, struct stage_out *out)
{
    struct delivery *delivery = ctx;
    struct arena *arena = stage_arena(out);
    struct order order = {0};
    struct delivery_state before = {0}, after;
    struct error err = {0};
    if (!json_read(delivery->reader, msg->value, order_fields,
                sizeof order_fields / sizeof *order_fields, &order, arena, &err) ||
            !delivery_state_decode(delivery->reader, state_text, &before, arena, &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    struct queue *queue = queue_of(delivery, policy_unit(delivery->policy, order.unit));
    if (!queue || !str_eq(order.unit, msg->key)) {
        (void)error_set(&err, ERR_INVALID, "unknown_unit",
                "the order is for %.*s under key %.*s, and the policy has no queue for "
                "it",
                STR_ARG(order.unit), STR_ARG(msg->key));
        stage_dead_letter(out, &err);
        return;
    }
    switch (delivery_decide(&before, msg->offset, !queue->unreachable, now, &after)) {
    case DELIVERY_HOLD:
        stage_count(out, "held");
        return;
    case DELIVERY_PARK:
        log_error("unit_parked", "unit=%s topic=%s tries=%d", queue->unit->code,
                queue->topic, (int)after.tries);
        metric_set(queue->parked, 1);
        stage_put_off(out, delivery_state_encode(&after, arena), after.next);
        stage_count(out, "parked");
        return;
    case DELIVERY_SEND:
        stage_emit(out, &(struct stage_message){.topic = queue->topic,
                                .key = order.case_id,
                                .value = msg->value,
                                .type = "unit.order",
                                .id = order.id,
                                .subject = order.case_id});
        if (before.parked)
            log_info("unit_reached", "unit=%s topic=%s", queue->unit->code, queue->topic);
        metric_set(queue->parked, 0);
        stage_put(out, delivery_state_encode(&after, arena), (instant){0});
        stage_count(out, "delivered");
        return;
    }
}

bool delivery_due(void *ctx, struct str unit_code, struct str state)
{
    struct delivery *delivery = ctx;
    struct queue *queue = queue_of(delivery, policy_unit(delivery->policy, unit_code));
    (void)state; /* only a parked unit has a wake time */
    if (queue)
        queue->unreachable = false;
    return queue != NULL;
}

void delivery_failed(void *ctx, const char *topic)
{
    struct delivery *delivery = ctx;
    for (size_t i = 0; i < delivery->n_queues; i++)
        if (str_is(str_of(delivery->queues[i].topic), topic))
            delivery->queues[i].unreachable = true;
}
