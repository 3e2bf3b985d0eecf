#include "router_io.h"

#include "json.h"
#include "json_out.h"
#include "topics.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct router {
    const struct policy *policy;
    struct json_reader *reader;
    char command_topic[TOPIC_NAME_SIZE];
    struct router_recent recent; /* of the message being decided */
};

/* ---- complaint.classified ---- */

struct form {
    char case_id[CASE_ID_SIZE];
    struct {
        struct str raw, category;
        int nature, urgency;
        double confidence;
    } class;
    struct {
        struct str raw, code, found_by;
    } place;
    struct {
        struct str raw, text, title, about, token, source, upper_id;
        instant reported_at, received_at, upper_reported_at;
    } complaint;
};

#define CLASS(field) (offsetof(struct form, class.field) - offsetof(struct form, class))
#define PLACE(field) (offsetof(struct form, place.field) - offsetof(struct form, place))
#define COMPLAINT(field)                                                                 \
    (offsetof(struct form, complaint.field) - offsetof(struct form, complaint))

static const struct json_field class_fields[] = {
        {.name = "nature",
                .kind = JSON_ENUM,
                .offset = CLASS(nature),
                .required = true,
                .max = NATURE_COUNT,
                .names = nature_names},
        {.name = "category", .kind = JSON_STR, .offset = CLASS(category)},
        {.name = "urgency",
                .kind = JSON_ENUM,
                .offset = CLASS(urgency),
                .required = true,
                .max = URGENCY_COUNT,
                .names = urgency_names},
        {.name = "confidence",
                .kind = JSON_NUM,
                .offset = CLASS(confidence),
                .required = true},
        {.name = "", .kind = JSON_RAW, .offset = CLASS(raw)},
};
static const struct json_field place_fields[] = {
        {.name = "code", .kind = JSON_STR, .offset = PLACE(code)},
        {.name = "found_by",
                .kind = JSON_STR,
                .offset = PLACE(found_by),
                .required = true},
        {.name = "", .kind = JSON_RAW, .offset = PLACE(raw)},
};
static const struct json_field reporter_fields[] = {
        {.name = "token", .kind = JSON_STR, .offset = COMPLAINT(token)},
};
static const struct json_field about_fields[] = {
        {.name = "unit", .kind = JSON_STR, .offset = COMPLAINT(about)},
};
static const struct json_field complaint_fields[] = {
        {.name = "reported_at",
                .kind = JSON_INSTANT,
                .offset = COMPLAINT(reported_at),
                .required = true},
        {.name = "received_at",
                .kind = JSON_INSTANT,
                .offset = COMPLAINT(received_at),
                .required = true},
        {.name = "text", .kind = JSON_STR, .offset = COMPLAINT(text), .required = true},
        {.name = "title", .kind = JSON_STR, .offset = COMPLAINT(title)},
        {.name = "source", .kind = JSON_STR, .offset = COMPLAINT(source)},
        {.name = "upper_id", .kind = JSON_STR, .offset = COMPLAINT(upper_id)},
        {.name = "upper_reported_at",
                .kind = JSON_INSTANT,
                .offset = COMPLAINT(upper_reported_at)},
        {.name = "reporter",
                .kind = JSON_OBJECT,
                .offset = 0,
                .max = COUNT(reporter_fields),
                .sub = reporter_fields},
        {.name = "about",
                .kind = JSON_OBJECT,
                .offset = 0,
                .max = COUNT(about_fields),
                .sub = about_fields},
        {.name = "", .kind = JSON_RAW, .offset = COMPLAINT(raw)},
};
static const struct json_field fields[] = {
        {.name = "case",
                .kind = JSON_CHARS,
                .offset = offsetof(struct form, case_id),
                .required = true,
                .max = CASE_ID_SIZE},
        {.name = "class",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct form, class),
                .required = true,
                .max = COUNT(class_fields),
                .sub = class_fields},
        {.name = "place",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct form, place),
                .required = true,
                .max = COUNT(place_fields),
                .sub = place_fields},
        {.name = "complaint",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct form, complaint),
                .required = true,
                .max = COUNT(complaint_fields),
                .sub = complaint_fields},
};

/* The case that the complaint says it belongs to: upper_id is our case id, or the id of
 * an earlier complaint of the same source made at upper_reported_at; or the title or the
 * text names a case id. "": none. */
static void find_cited(const struct form *form, char out[CASE_ID_SIZE])
{
    struct str upper = form->complaint.upper_id;
    if (case_id_valid(upper))
        (void)str_copy(out, CASE_ID_SIZE, upper); /* has that length */
    else if (upper.len && !instant_is_never(form->complaint.upper_reported_at))
        case_id_make((enum lane)form->case_id[0], form->complaint.upper_reported_at,
                form->complaint.source, upper, out);
    else if (!case_id_find(form->complaint.title, out))
        (void)case_id_find(form->complaint.text, out); /* nor there: none */
}

bool router_message_decode(struct json_reader *reader, const struct policy *policy,
        struct str text, struct router_message *out, struct arena *arena,
        struct error *err)
{
    struct form form = {0};
    if (!json_read(reader, text, fields, COUNT(fields), &form, arena, err))
        return false;
    if (!case_id_valid(str_of(form.case_id)))
        return error_set(err, ERR_INVALID, "bad_value", "field case is no case id");
    if (!(form.class.confidence >= 0 && form.class.confidence <= 1))
        return error_set(err, ERR_INVALID, "bad_value",
                "field class.confidence must be from 0 to 1");
    const struct place *place = policy_place(policy, form.place.code);
    if (place && !place_valid_at(place, form.complaint.reported_at))
        place = NULL;
    *out = (struct router_message){
            .complaint = {.category = policy_category(policy, form.class.category),
                    .urgency = (enum urgency)form.class.urgency,
                    .nature = (enum nature)form.class.nature,
                    .confidence = (int)(form.class.confidence * 100 + 0.5),
                    .place = place,
                    .place_conflict = str_is(form.place.found_by, "conflict"),
                    .about = form.complaint.about,
                    .fingerprint = router_fingerprint(form.complaint.text),
                    .text = form.complaint.text,
                    .reported_at = form.complaint.reported_at,
                    .at = form.complaint.received_at},
            .class = form.class.raw,
            .place = form.place.raw,
            .accepted = form.complaint.raw,
    };
    memcpy(out->complaint.case_id, form.case_id, sizeof form.case_id);
    person_make(form.complaint.token, out->complaint.reporter);
    find_cited(&form, out->complaint.cited);
    return true;
}

/* ---- case.command ---- */

/* Those without whose part nothing is submitted. */
static void put_mandatory(struct json_out *json, const struct router_route *route)
{
    bool any = false;
    for (int i = 0; i < route->n_assists; i++)
        any |= route->mandatory[i];
    if (!any)
        return;
    json_open_array(json, "mandatory");
    for (int i = 0; i < route->n_assists; i++)
        if (route->mandatory[i])
            json_text(json, NULL, route->assists[i]->code);
    json_close_array(json);
}

static void put_route(struct json_out *json, const struct policy *policy,
        const struct router_complaint *complaint, const struct router_route *route)
{
    const struct unit *accused = policy_unit_named(policy, complaint->about);
    json_open_object(json, "route");
    json_text(json, "outcome", router_outcome_names[route->outcome]);
    json_text_some(json, "reason", router_reason_names[route->reason]);
    if (route->outcome == ROUTER_MERGE) {
        json_text(json, "master", route->master);
        json_text(json, "evidence", router_evidence_names[route->evidence]);
        if (route->evidence != ROUTER_EVIDENCE_CITED)
            json_num(json, "similarity", route->similarity / 100.0, 2);
    }
    if (route->lead) {
        json_text(json, "lead", route->lead->code);
        json_open_array(json, "assists");
        for (int i = 0; i < route->n_assists; i++)
            json_text(json, NULL, route->assists[i]->code);
        json_close_array(json);
        put_mandatory(json, route);
        json_text(json, "sla", route->sla->name);
        if (route->sla_by_urgency)
            json_text(json, "sla_reason", "urgency");
        json_text(json, "rule", route->row->id);
        if (route->runner_up)
            json_text(json, "runner_up", route->runner_up->id);
    }
    json_text(json, "policy", policy->version);
    if (accused)
        json_text(json, "accused", accused->code);
    json_instant(json, "as_of", complaint->reported_at);
    json_close_object(json);
}

struct str router_command_encode(const struct policy *policy,
        const struct router_message *message, const struct router_route *route,
        instant now, struct arena *arena)
{
    const char *case_id = message->complaint.case_id;
    struct json_out json;
    json_begin(&json, arena,
            message->class.len + message->place.len + message->accepted.len + 704);
    json_open_object(&json, NULL);
    json_text(&json, "command", "open");
    json_text(&json, "case", case_id);
    json_str(&json, "id", arena_printf(arena, "%s.open", case_id));
    json_instant(&json, "at", now);
    put_route(&json, policy, &message->complaint, route);
    json_raw(&json, "class", message->class);
    json_raw(&json, "place", message->place);
    json_raw(&json, "complaint", message->accepted);
    json_close_object(&json);
    return json_end(&json);
}

/* ---- the stage ---- */

struct router *router_open(const struct policy *policy, const char *lane)
{
    struct router *router = calloc(1, sizeof *router);
    if (!router)
        return NULL;
    router->policy = policy;
    router->reader = json_reader_open();
    topic_name(router->command_topic, TOPIC_COMMAND, lane);
    return router;
}

void router_close(struct router *router)
{
    if (!router)
        return;
    json_reader_close(router->reader);
    free(router);
}

static const char *outcome_of(const struct router_route *route)
{
    return route->outcome == ROUTER_NEEDS_HUMAN ? router_reason_names[route->reason]
                                                : router_outcome_names[route->outcome];
}

/* The list belongs to the place, or to the person when no place is known; a message under
 * another key is about somebody unknown, or a place that is not known any more. */
static bool is_key_of(struct str key, const struct router_complaint *complaint)
{
    char person[PERSON_KEY_SIZE];
    if (complaint->place)
        return str_is(key, complaint->place->code);
    if (!complaint->reporter[0])
        return false;
    person_key(complaint->reporter, person);
    return str_is(key, person);
}

void router_decide_message(void *ctx, const struct bus_msg *msg, struct str state,
        instant now, struct stage_out *out)
{
    struct router *router = ctx;
    struct arena *arena = stage_arena(out);
    struct router_message message;
    struct error err = {0};
    if (!router_message_decode(
                router->reader, router->policy, msg->value, &message, arena, &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    struct router_complaint *complaint = &message.complaint;
    bool keeps = is_key_of(msg->key, complaint);
    router->recent.n = 0;
    if (keeps && state.ptr &&
            !router_recent_decode(router->reader, state, &router->recent, arena, &err)) {
        router->recent.n = 0; /* it only serves to suggest a merge: begin a new one */
        stage_count(out, "bad_state");
    }
    struct router_route route = router_decide(router->policy, complaint, &router->recent);
    struct str case_id = arena_copy(arena, str_of(complaint->case_id));
    struct stage_message command = {
            .topic = router->command_topic,
            .key = case_id,
            .value = router_command_encode(router->policy, &message, &route, now, arena),
            .type = TOPIC_COMMAND,
            .id = arena_printf(arena, "%s.open", complaint->case_id),
            .subject = case_id,
    };
    stage_emit(out, &command);
    stage_count(out, outcome_of(&route));
    if (keeps && router_remember(router->policy, complaint, &route, &router->recent))
        stage_put(out, router_recent_encode(&router->recent, arena), (instant){0});
}
