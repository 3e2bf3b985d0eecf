/* What several of the messages that go out say in the same words. */
#include "io_parts.h"

/* The step that runs: what complete_step names and what people call it. */
static void step_out(const struct io_turn *turn, struct json_out *json)
{
    const struct case_state *state = &turn->record->core;
    const struct sla_class *sla = policy_sla_class(turn->io->policy, str_of(state->sla));
    if (!sla || state->step >= sla->n_steps)
        return;
    json_text(json, "step", sla->steps[state->step].name);
    json_text(json, "title", sla->steps[state->step].title);
}

void io_clocks_out(const struct io_turn *turn, struct json_out *json, int32_t task)
{
    const struct case_state *state = &turn->record->core;
    json_open_array(json, "clocks");
    for (int i = 0; i < state->n_clocks; i++) {
        const struct case_clock *clock = &state->clocks[i];
        bool runs = instant_is_never(clock->stopped);
        if (clock->task != task || (!runs && clock->why == PAUSE_NONE))
            continue;
        json_open_object(json, NULL);
        json_text(json, "clock", case_clock_names[clock->kind]);
        if (clock->kind == CASE_CLOCK_STEP)
            step_out(turn, json);
        if (runs)
            json_instant(json, "due", clock->due);
        else
            json_text(json, "paused", case_pause_names[clock->why]);
        json_close_object(json);
    }
    json_close_array(json);
}

void io_used_out(const struct io_turn *turn, struct json_out *json)
{
    const struct case_state *state = &turn->record->core;
    json_open_object(json, "used");
    for (int i = 0; i < CLOCK_COUNT; i++) {
        const struct case_clock *clock = case_clock_find(
                state, (enum case_clock_kind)i, state->lead.number);
        if (clock && clock->task != CASE_DESK_TASK)
            json_num(json, case_clock_names[i],
                    case_clock_used(turn->io->policy, clock, turn->decision->at) / 100.0,
                    2);
    }
    json_close_object(json);
    if (state->suspended_ms || state->returned_ms) {
        json_open_object(json, "paused_seconds");
        json_int(json, "suspended", state->suspended_ms / 1000);
        json_int(json, "return", state->returned_ms / 1000);
        json_close_object(json);
    }
}

void io_clock_said(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect)
{
    (void)turn;
    json_text_some(json, "step", effect->step);
    if (effect->clock < 0) {
        json_instant_some(json, "until", effect->due);
        return;
    }
    json_text(json, "clock", case_clock_names[effect->clock]);
    if (effect->percent > 0) {
        json_int(json, "percent", effect->percent);
        json_text(json, "level", sla_level_names[effect->level]);
    }
    if (effect->after.amount > 0) {
        json_open_object(json, "after");
        json_int(json, "amount", effect->after.amount);
        json_text(json, "unit", time_unit_names[effect->after.unit]);
        json_close_object(json);
    }
    json_instant_some(json, "old_due", effect->old_due);
    json_instant_some(json, "due", effect->due);
}

void io_contacts_out(const struct io_turn *turn, struct json_out *json, const char *unit)
{
    enum { CONTACTS_MAX = 4 };
    const struct policy *policy = turn->io->policy;
    struct contact_person people[CONTACTS_MAX];
    size_t n = policy_contacts(policy, policy_unit(policy, str_of(unit)),
            policy_place(policy, str_of(turn->record->core.place)), turn->decision->at,
            people, CONTACTS_MAX);
    if (n == 0)
        return;
    json_open_array(json, "contacts");
    for (size_t i = 0; i < n; i++) {
        json_open_object(json, NULL);
        json_text(json, "duty", contact_duty_names[people[i].duty->duty]);
        json_text(json, "staff", people[i].person->staff);
        json_text(json, "name", people[i].person->name);
        json_close_object(json);
    }
    json_close_array(json);
}

void io_said_out(const struct io_turn *turn, struct json_out *json, unsigned said)
{
    const struct case_message *message = turn->message;
    const struct case_command *core = &message->core;
    if (said & SAID_REASON) {
        json_text_some(json, "reason_code", core->reason_code);
        json_str_some(json, "reason", message->reason);
    }
    if (said & SAID_NOTE)
        json_str_some(json, "note", message->note);
    if (said & SAID_EVIDENCE)
        json_raw_some(json, "evidence", message->evidence);
    if (said & SAID_PROPOSED)
        json_raw_some(json, "proposed_unit", message->proposed_unit);
    if (said & SAID_AMOUNT && core->amount > 0)
        json_int(json, "amount", core->amount);
    if (said & SAID_RESULT) {
        json_str_some(json, "result", message->result);
        json_raw_some(json, "contact_record", message->contact_record);
        json_raw_some(json, "photos", message->photos);
        json_str_some(json, "head", message->head);
    }
    if (said & SAID_RULING) {
        json_str_some(json, "decision", message->decision);
        json_raw_some(json, "attendees", message->attendees);
        json_str_some(json, "basis", message->basis);
    }
    if (said & SAID_MEETING) {
        json_str_some(json, "agenda", message->agenda);
        json_open_array(json, "parties");
        for (int i = 0; i < core->n_parties; i++)
            json_text(json, NULL, core->parties[i]);
        json_close_array(json);
    }
    if (said & SAID_PLAN) {
        json_raw_some(json, "plan", message->plan);
        json_raw_some(json, "attendees", message->attendees);
    }
    if (said & SAID_FOLLOW_UP) {
        json_bool(json, "valid", core->valid);
        if (core->valid) {
            json_bool(json, "solved", core->solved);
            json_text(json, "rating", case_rating_names[core->rating]);
        }
    }
    if (said & SAID_WHISTLE) {
        json_str_some(json, "type", message->whistle_type);
        json_open_array(json, "units");
        for (int i = 0; i < core->n_summoned; i++)
            json_text(json, NULL, core->summoned[i]);
        json_close_array(json);
    }
}

void io_category_out(const struct io_turn *turn, struct json_out *json)
{
    const char *code = turn->record->core.category;
    if (!code[0])
        return;
    json_text(json, "category", code);
    const struct category *category = policy_category(turn->io->policy, str_of(code));
    if (category)
        json_text(json, "category_name", category->name);
    else
        json_raw_some(json, "category_name", turn->opening.class.category_name);
}

struct str io_order_number(const struct io_turn *turn, int32_t task)
{
    return arena_printf(
            turn->arena, "%s.%d", turn->message->core.case_id, task > 0 ? (int)task : 1);
}

struct str io_id(
        const struct io_turn *turn, int64_t seq, const char *what, const char *more)
{
    return arena_printf(turn->arena, "%s.%lld.%s%s%s", turn->message->core.case_id,
            (long long)seq, what, more[0] ? "." : "", more);
}

void io_emit(const struct io_turn *turn, const char *topic, const char *type,
        struct str key, struct str id, struct json_out *json)
{
    subject_emit(
            turn->out, topic, type, key, str_of(turn->message->core.case_id), id, json);
}

static const char *service_of(
        const struct case_command *command, const struct case_effect *effect)
{
    /* An emergency exit comes from intake, past the router. */
    if (effect->kind == EFFECT_EVENT && effect->event == EVENT_OPENED)
        return command->route == ROUTE_TRANSFER ? "intake" : "router";
    return command->kind == COMMAND_WAKE ? "sla" : "casework";
}

struct subject_actor io_actor(
        const struct io_turn *turn, const struct case_effect *effect)
{
    const struct case_command *command = &turn->message->core;
    if (effect->by_time)
        return (struct subject_actor){.service = "sla"};
    if (command->kind == COMMAND_ACTION)
        return (struct subject_actor){.unit = command->unit, .by = turn->message->by};
    return (struct subject_actor){.service = service_of(command, effect)};
}

void io_why_dispatched(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect)
{
    if (effect->reason[0]) {
        json_text(json, "reason", effect->reason);
        json_text(json, "policy", turn->io->policy->version);
        json_str_some(json, "note", turn->message->note);
        return;
    }
    json_raw_some(json, "rule", turn->opening.route.rule);
    json_raw_some(json, "runner_up_rule", turn->opening.route.runner_up);
    json_raw_some(json, "policy", turn->opening.route.policy);
    json_raw_some(json, "reason", turn->opening.route.reason);
    json_raw_some(json, "sla_reason", turn->opening.route.sla_reason);
}

void io_why_classified(const struct io_turn *turn, struct json_out *json)
{
    json_raw_some(json, "evidence", turn->opening.class.evidence);
    json_raw_some(json, "runner_up", turn->opening.class.runner_up);
    json_raw_some(json, "found_by", turn->opening.place.found_by);
    json_raw_some(json, "match", turn->opening.place.match);
}

const char *io_record_number(const struct io_turn *turn)
{
    return arena_printf(turn->arena, "%d.%lld", (int)turn->msg->partition,
            (long long)turn->msg->offset)
            .ptr;
}
