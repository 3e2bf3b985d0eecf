/* The door: complaints and unit actions are checked, masked and sent on; identity is
 * sealed and split off. */
#include "action_codec.h"
#include "complaint_codec.h"
#include "ids.h"
#include "intake_core.h"
#include "mask_core.h"
#include "seal.h"
#include "service.h"
#include "topics.h"

#include <stdio.h>
#include <stdlib.h>

enum { PHONE_DIGITS_MIN = 5, PHONE_DIGITS_MAX = 24 };

static struct own {
    const char *key_file;
} own;

static const struct config_row rows[] = {
        {"CHUISHAO_KEY_FILE", CONFIG_TEXT, offsetof(struct own, key_file), NULL, false,
                "file of 64 hex digits, mode 600: the key identities are sealed with"},
};

/* A unit's actions topic; its name decides how a message is read and who may have said
 * it. */
struct queue {
    char topic[TOPIC_NAME_SIZE];
    const struct unit *unit;
};

struct intake {
    const struct policy *policy;
    enum lane lane;
    struct seal_key *key;
    char complaints[TOPIC_NAME_SIZE], accepted[TOPIC_NAME_SIZE],
            identity[TOPIC_NAME_SIZE], command[TOPIC_NAME_SIZE], audit[TOPIC_NAME_SIZE];
    struct queue *queues; /* sorted by topic */
    size_t n_queues;
    const char **inputs;
    struct rulebook *exits;
};

/* ---- complaints ---- */

static const struct rule *find_exit(
        struct intake *intake, const struct intake_complaint *complaint)
{
    rulebook_begin(intake->exits);
    rulebook_read(intake->exits, complaint->title);
    rulebook_read(intake->exits, complaint->text);
    size_t n;
    const struct rule_hold *holds = rulebook_holds(intake->exits, &n);
    return intake_exit(intake->policy->rules, holds, n);
}

static void make_token(
        const struct intake *intake, struct str phone, char out[SEAL_TOKEN_SIZE])
{
    char digits[PHONE_DIGITS_MAX];
    size_t n = mask_phone_digits(phone, digits, sizeof digits);
    out[0] = 0;
    if (n >= PHONE_DIGITS_MIN)
        seal_token(intake->key, (struct str){digits, n}, out);
}

static void emit(struct stage_out *out, const char *topic, const char *type,
        struct str case_id, struct str id, struct str value)
{
    stage_emit(out, &(struct stage_message){.topic = topic,
                            .key = case_id,
                            .value = value,
                            .type = type,
                            .id = id,
                            .subject = case_id});
}

static void emit_identity(struct intake *intake, const struct intake_complaint *complaint,
        struct str case_id, struct stage_out *out)
{
    struct arena *arena = stage_arena(out);
    struct str plain = intake_identity_plain(complaint, arena);
    struct sealed sealed = seal_encrypt(intake->key, case_id, plain, arena);
    emit(out, intake->identity, TOPIC_IDENTITY, case_id,
            arena_printf(arena, "%s.identity", case_id.ptr),
            intake_identity_encode(case_id.ptr, seal_key_id(intake->key), sealed.nonce,
                    sealed.data, arena));
}

static void decide_complaint(
        struct intake *intake, const struct intake_input *input, struct stage_out *out)
{
    struct arena *arena = stage_arena(out);
    struct intake_complaint complaint;
    struct error err = {0};
    char case_text[CASE_ID_SIZE], token[SEAL_TOKEN_SIZE], line[12] = "";
    if (!intake_complaint_decode(input, arena, &complaint, &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    case_id_make(intake->lane, complaint.reported_at, complaint.source, complaint.id,
            case_text);
    struct str case_id = arena_copy(arena, str_of(case_text));
    const struct rule *exit = find_exit(intake, &complaint);
    struct intake_plan plan = intake_plan_of(exit, intake_has_identity(&complaint));
    make_token(intake, complaint.reporter.phone, token);
    if (plan.identity)
        emit_identity(intake, &complaint, case_id, out);
    intake_complaint_mask(&complaint, arena);
    if (exit)
        (void)snprintf(line, sizeof line, "%d", exit->target); /* 110 to 122 */
    struct str accepted = intake_accepted_encode(
            &complaint, case_id.ptr, token, line, arena);
    if (plan.accepted) {
        emit(out, intake->accepted, TOPIC_ACCEPTED, case_id,
                arena_printf(arena, "%s.accepted", case_id.ptr), accepted);
        stage_count(out, "accepted");
    }
    if (plan.transfer) {
        struct str id = arena_printf(arena, "%s.open", case_id.ptr);
        emit(out, intake->command, TOPIC_COMMAND, case_id, id,
                intake_transfer_encode(case_id.ptr, id, complaint.received_at, line,
                        exit->id, intake->policy->version, accepted, arena));
        stage_count(out, "transferred");
    }
}

/* ---- actions ---- */

static void refuse_action(struct intake *intake, const struct intake_action *action,
        struct str unit, const struct unit *queue, enum intake_verdict verdict,
        instant at, struct stage_out *out)
{
    struct arena *arena = stage_arena(out);
    struct str id = arena_printf(
            arena, "%s:%.*s.wrong_queue", queue->code, STR_ARG(action->id));
    bool unknown = verdict == INTAKE_UNKNOWN_UNIT;
    struct str text = arena_printf(arena, "on the queue of %s: %s", queue->code,
            unknown ? "there is no such unit in the policy"
                    : "the unit does not use this queue");
    emit(out, intake->audit, TOPIC_AUDIT, action->case_id, id,
            intake_audit_encode(action, id, unit, at,
                    unknown ? "unit_known" : "unit_uses_queue", text.ptr, arena));
    stage_count(out, "wrong_queue");
}

static void decide_action(struct intake *intake, const struct intake_input *input,
        const struct unit *queue, struct stage_out *out)
{
    struct arena *arena = stage_arena(out);
    struct intake_action action;
    struct error err = {0};
    if (!intake_action_decode(input, arena, &action, &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    intake_action_number(&action, str_of(queue->code), arena);
    struct str unit = action.unit.len ? action.unit : str_of(queue->code);
    enum intake_verdict verdict = intake_check_unit(
            policy_unit(intake->policy, unit), queue);
    if (verdict != INTAKE_MAY_ACT) {
        refuse_action(intake, &action, unit, queue, verdict, input->received_at, out);
        return;
    }
    intake_action_mask(&action, arena);
    struct str id = arena_printf(arena, "%.*s:%.*s", STR_ARG(unit), STR_ARG(action.id));
    emit(out, intake->command, TOPIC_COMMAND, action.case_id, id,
            intake_action_encode(
                    &action, id, unit, str_of(queue->code), input->received_at, arena));
    stage_count(out, "action");
}

static int compare_queues(const void *a, const void *b)
{
    return strcmp(((const struct queue *)a)->topic, ((const struct queue *)b)->topic);
}

static void decide(void *ctx, const struct bus_msg *msg, struct str state, instant now,
        struct stage_out *out)
{
    struct intake *intake = ctx;
    (void)state; /* intake has none: a repeat has the same ids, and casework drops it */
    struct intake_input input = {
            .value = msg->value,
            .received_at = msg->timestamp.ms > 0 ? msg->timestamp : now,
    };
    if (msg->handle) {
        (void)bus_header_get(msg, "ce_source", &input.source); /* absent: empty */
        (void)bus_header_get(msg, "ce_id", &input.id);
        (void)bus_header_get(msg, "content-type", &input.content_type);
    }
    if (str_is(msg->topic, intake->complaints)) {
        decide_complaint(intake, &input, out);
        return;
    }
    struct queue key = {.unit = NULL};
    const struct queue *queue = NULL;
    if (str_copy(key.topic, sizeof key.topic, msg->topic))
        queue = bsearch(
                &key, intake->queues, intake->n_queues, sizeof key, compare_queues);
    if (queue) {
        decide_action(intake, &input, queue->unit, out);
        return;
    }
    struct error err = {0}; /* we subscribe to no other */
    (void)error_set(
            &err, ERR_INVALID, "unknown_topic", "no unit of the policy has this queue");
    stage_dead_letter(out, &err);
}

/* ---- wiring ---- */

static bool open_queues(struct intake *intake, const char *lane, struct error *err)
{
    const struct policy *policy = intake->policy;
    intake->queues = calloc(policy->n_units + 1, sizeof *intake->queues);
    intake->inputs = calloc(policy->n_units + 1, sizeof *intake->inputs);
    if (!intake->queues || !intake->inputs)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for the queues");
    for (size_t i = 0; i < policy->n_units; i++) {
        const struct unit *unit = &policy->units[i];
        if (unit->queue != unit)
            continue;
        struct queue *queue = &intake->queues[intake->n_queues++];
        topic_unit_actions(queue->topic, unit->code, lane);
        queue->unit = unit;
    }
    qsort(intake->queues, intake->n_queues, sizeof *intake->queues, compare_queues);
    intake->inputs[0] = intake->complaints;
    for (size_t i = 0; i < intake->n_queues; i++)
        intake->inputs[i + 1] = intake->queues[i].topic;
    return true;
}

static void intake_close(void *ctx)
{
    struct intake *intake = ctx;
    if (!intake)
        return;
    rulebook_close(intake->exits);
    seal_key_close(intake->key);
    free(intake->queues);
    free(intake->inputs);
    free(intake);
}

static void *intake_open(
        const struct service_env *env, struct stage_spec *spec, struct error *err)
{
    const char *lane = env->config->lane;
    struct intake *intake = calloc(1, sizeof *intake);
    if (!intake) {
        (void)error_set(err, ERR_FATAL, "out_of_memory", "no memory to start");
        return NULL;
    }
    intake->policy = env->policy;
    intake->lane = strcmp(lane, "express") == 0 ? LANE_EXPRESS : LANE_NORMAL;
    topic_name(intake->complaints, TOPIC_INTAKE, lane);
    topic_name(intake->accepted, TOPIC_ACCEPTED, lane);
    topic_name(intake->identity, TOPIC_IDENTITY, lane);
    topic_name(intake->command, TOPIC_COMMAND, lane);
    topic_name(intake->audit, TOPIC_AUDIT, lane);
    if (!seal_key_open(&intake->key, own.key_file, err) ||
            !rulebook_open(&intake->exits, env->policy, 1U << RULE_EXIT, err) ||
            !open_queues(intake, lane, err)) {
        intake_close(intake);
        return NULL;
    }
    spec->inputs = intake->inputs;
    spec->n_inputs = intake->n_queues + 1;
    spec->decide = decide;
    return intake;
}

int main(int argc, char **argv)
{
    static const struct service service = {
            .name = "intake",
            .purpose = "checks, masks and numbers what comes from outside",
            .rows = rows,
            .n_rows = sizeof rows / sizeof *rows,
            .own = &own,
            .needs_policy = true,
            .open = intake_open,
            .close = intake_close,
    };
    return service_main(&service, argc, argv);
}
