/* What several of the messages that go out say in the same words. */
#include "io_parts.h"

void io_clock_out(const struct io_turn *turn, struct json_out *json, int clock)
{
    const struct case_clock *running = &turn->record->core.clocks[clock];
    instant due = case_clock_due(turn->io->policy, running);
    if (instant_is_never(due) || !instant_is_never(running->stopped))
        return;
    json_open_object(json, NULL);
    json_text(json, "clock", case_clock_names[clock]);
    json_instant(json, "due", due);
    json_close_object(json);
}

void io_clocks_out(const struct io_turn *turn, struct json_out *json, bool desk)
{
    json_open_array(json, "clocks");
    for (int i = 0; i < CASE_CLOCK_COUNT; i++)
        if (desk == (i == CLOCK_DESK))
            io_clock_out(turn, json, i);
    json_close_array(json);
}

void io_used_out(const struct io_turn *turn, struct json_out *json)
{
    json_open_object(json, "used");
    for (int i = 0; i < CLOCK_COUNT; i++) {
        const struct case_clock *clock = &turn->record->core.clocks[i];
        if (clock->amount > 0)
            json_num(json, case_clock_names[i],
                    case_clock_used(turn->io->policy, clock, turn->decision->at) / 100.0,
                    2);
    }
    json_close_object(json);
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
        struct str key, struct str id, const struct json_out *json)
{
    /* Keys come from the decision, which the next message overwrites. */
    const char *subject = turn->message->core.case_id;
    stage_emit(turn->out, &(struct stage_message){
                                  .topic = topic,
                                  .key = arena_copy(turn->arena, key),
                                  .value = json_end(json),
                                  .type = type,
                                  .id = id,
                                  .subject = arena_copy(turn->arena, str_of(subject)),
                          });
}

static bool by_a_unit(const struct io_turn *turn)
{
    return turn->message->core.kind == COMMAND_ACTION;
}

void io_actor_out(const struct io_turn *turn, struct json_out *json,
        const struct case_effect *effect)
{
    const struct case_command *command = &turn->message->core;
    json_open_object(json, "actor");
    if (by_a_unit(turn)) {
        json_text(json, "unit", command->unit);
        json_str_some(json, "by", turn->message->by);
    } else if (effect->kind == EFFECT_EVENT && effect->event == EVENT_OPENED) {
        /* An emergency exit comes from intake, past the router. */
        json_text(
                json, "service", command->route == ROUTE_TRANSFER ? "intake" : "router");
    } else {
        json_text(json, "service", command->kind == COMMAND_WAKE ? "sla" : "casework");
    }
    json_close_object(json);
}

void io_why_dispatched(const struct io_turn *turn, struct json_out *json)
{
    if (by_a_unit(turn)) {
        json_text(json, "reason", "desk");
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
}

const char *io_record_number(const struct io_turn *turn)
{
    return arena_printf(turn->arena, "%d.%lld", (int)turn->msg->partition,
            (long long)turn->msg->offset)
            .ptr;
}
