#include "trial.h"

#include "classifier_io.h"
#include "complaint_codec.h"
#include "intake_core.h"
#include "json.h"
#include "router_io.h"
#include "stage_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trial {
    const struct policy *policy;
    struct classifier *classifier;
    struct router *router;
    struct rulebook *exits;
    struct json_reader *reader;
    struct arena arena;    /* of the complaint at hand */
    struct stage_out *out; /* in the arena */
    struct memory {
        char *text; /* the router's state of a place; owned */
        size_t len, cap;
    } *memories; /* by place, then by key of people */
};

static size_t n_memories(const struct policy *policy)
{
    return policy->n_places + PERSON_KEYS;
}

bool trial_open(struct trial **out, const struct policy *policy, struct error *err)
{
    struct trial *trial = calloc(1, sizeof *trial);
    *out = trial;
    if (!trial)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory");
    trial->policy = policy;
    trial->reader = json_reader_open();
    trial->router = router_open(policy, "");
    trial->memories = calloc(n_memories(policy), sizeof *trial->memories);
    if (!trial->router || !trial->memories)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory");
    return classifier_open(&trial->classifier, policy, "", err) &&
           rulebook_open(&trial->exits, policy, 1U << RULE_EXIT, err);
}

void trial_close(struct trial *trial)
{
    if (!trial)
        return;
    for (size_t i = 0; trial->memories && i < n_memories(trial->policy); i++)
        free(trial->memories[i].text);
    free(trial->memories);
    rulebook_close(trial->exits);
    classifier_close(trial->classifier);
    router_close(trial->router);
    json_reader_close(trial->reader);
    arena_done(&trial->arena);
    free(trial);
}

static void begin(struct trial *trial)
{
    arena_reset(&trial->arena);
    trial->out = stage_out_new(&trial->arena, "trial");
}

/* A dead letter names its error in a header. */
static bool refused(const struct bus_record *record, struct error *err)
{
    struct str code = STR("refused"), text = {0};
    for (size_t i = 0; i < record->n_headers; i++) {
        if (str_is(record->headers[i].name, "x-error-code"))
            code = record->headers[i].value;
        else if (str_is(record->headers[i].name, "x-error-text"))
            text = record->headers[i].value;
    }
    char name[48] = "refused";
    (void)str_copy(name, sizeof name, code);
    return error_set(err, ERR_INVALID, name, "%.*s", STR_ARG(text));
}

/* Gives a message to a stage; the record that comes of it. */
static bool pass(struct trial *trial, stage_decide *decide, void *ctx, struct bus_msg msg,
        struct stage_entry *entry, instant now, struct bus_record *record,
        struct error *err)
{
    const struct bus_record *records;
    msg.topic = STR("trial");
    stage_out_reset(trial->out);
    stage_out_begin(trial->out, &msg, 0, entry, now);
    decide(ctx, &msg, entry->state, now, trial->out);
    if (stage_out_records(trial->out, &records) == 0)
        return error_set(err, ERR_INVALID, "nothing", "nothing follows from it");
    *record = records[0];
    return !trial->out->dead || refused(record, err);
}

static struct memory *memory_of(struct trial *trial, struct str key)
{
    const struct policy *policy = trial->policy;
    const struct place *place = policy_place(policy, key);
    int person = person_key_index(key);
    return place         ? &trial->memories[place - policy->places]
           : person >= 0 ? &trial->memories[policy->n_places + (size_t)person]
                         : NULL;
}

static bool remember(struct memory *memory, struct str state, struct error *err)
{
    if (state.len > memory->cap) {
        char *more = realloc(memory->text, 2 * state.len);
        if (!more)
            return error_set(err, ERR_FATAL, "out_of_memory", "no memory");
        memory->text = more;
        memory->cap = 2 * state.len;
    }
    memcpy(memory->text, state.ptr, state.len);
    memory->len = state.len;
    return true;
}

static bool route(struct trial *trial, struct str accepted, instant now,
        struct str *command, struct error *err)
{
    struct bus_record record;
    struct stage_entry nothing = {0}, place = {0};
    if (!pass(trial, classifier_message, trial->classifier,
                (struct bus_msg){.value = accepted}, &nothing, now, &record, err))
        return false;
    struct memory *memory = memory_of(trial, record.key);
    if (memory)
        place.state = (struct str){memory->text, memory->len};
    struct bus_msg classified = {.key = record.key, .value = record.value};
    if (!pass(trial, router_decide_message, trial->router, classified, &place, now,
                &record, err))
        return false;
    *command = record.value;
    return !memory || !place.dirty || remember(memory, place.state, err);
}

bool trial_accepted(struct trial *trial, struct str message, instant now,
        struct str *command, struct error *err)
{
    begin(trial);
    return route(trial, message, now, command, err);
}

static const struct rule *find_exit(
        struct trial *trial, const struct intake_complaint *complaint)
{
    size_t n;
    rulebook_begin(trial->exits);
    rulebook_read(trial->exits, complaint->title);
    rulebook_read(trial->exits, complaint->text);
    const struct rule_hold *holds = rulebook_holds(trial->exits, &n);
    return intake_exit(trial->policy->rules, holds, n);
}

bool trial_intake(struct trial *trial, struct str message, instant now,
        struct str *command, struct error *err)
{
    struct intake_complaint complaint;
    const struct intake_input input = {.value = message, .received_at = now};
    char case_id[CASE_ID_SIZE], line[12] = "";
    begin(trial);
    if (!intake_complaint_decode(&input, &trial->arena, &complaint, err))
        return false;
    case_id_make(
            LANE_NORMAL, complaint.reported_at, complaint.source, complaint.id, case_id);
    const struct rule *exit = find_exit(trial, &complaint);
    intake_complaint_mask(&complaint, &trial->arena);
    if (exit)
        (void)snprintf(line, sizeof line, "%d", exit->target);
    struct str accepted = intake_accepted_encode(
            &complaint, case_id, "", line, &trial->arena);
    if (!exit)
        return route(trial, accepted, now, command, err);
    *command = intake_transfer_encode(case_id,
            arena_printf(&trial->arena, "%s.open", case_id), now, line, exit->id,
            trial->policy->version, accepted, &trial->arena);
    return true;
}

#define FIELD(name_, member)                                                             \
    {.name = name_, .kind = JSON_STR, .offset = offsetof(struct trial_route, member)}
static const struct json_field route_fields[] = {
        FIELD("outcome", outcome),
        FIELD("reason", reason),
        FIELD("lead", lead),
        FIELD("sla", sla),
        FIELD("rule", rule),
        FIELD("master", master),
        FIELD("line", line),
};
static const struct json_field class_fields[] = {
        FIELD("category", category),
        FIELD("urgency", urgency),
};
#undef FIELD
static const struct json_field command_fields[] = {
        {.name = "case",
                .kind = JSON_STR,
                .offset = offsetof(struct trial_route, case_id)},
        {.name = "route",
                .kind = JSON_OBJECT,
                .max = sizeof route_fields / sizeof *route_fields,
                .sub = route_fields},
        {.name = "class",
                .kind = JSON_OBJECT,
                .max = sizeof class_fields / sizeof *class_fields,
                .sub = class_fields},
};

bool trial_route_read(struct trial *trial, struct str command, struct trial_route *out,
        struct error *err)
{
    *out = (struct trial_route){0};
    return json_read(trial->reader, command, command_fields,
            sizeof command_fields / sizeof *command_fields, out, &trial->arena, err);
}
