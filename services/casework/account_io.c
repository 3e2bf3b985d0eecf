/* One command of an account from bytes to bytes. */
#include "ledger_parts.h"

#include "log.h"

#include <stdlib.h>

bool account_key_valid(struct str key)
{
    return key_code(key, "account:").len > 0;
}

/* ---- commands ---- */

struct command_form {
    struct account_message message;
    int kind;
    int64_t points;
    struct str ledger, rule, event, unit, queue;
};

#define MESSAGE(field) offsetof(struct command_form, message.field)
#define FORM(field) offsetof(struct command_form, field)
static const struct json_field command_fields[] = {
        {.name = "command",
                .kind = JSON_ENUM,
                .offset = FORM(kind),
                .required = true,
                .max = ACCOUNT_COMMAND_COUNT,
                .names = account_command_names},
        {.name = "case", .kind = JSON_STR, .offset = MESSAGE(key), .required = true},
        {.name = "id", .kind = JSON_STR, .offset = MESSAGE(id), .required = true},
        {.name = "at",
                .kind = JSON_INSTANT,
                .offset = MESSAGE(core.at),
                .required = true},
        {.name = "ledger", .kind = JSON_STR, .offset = FORM(ledger)},
        {.name = "rule", .kind = JSON_STR, .offset = FORM(rule)},
        {.name = "points", .kind = JSON_INT, .offset = FORM(points)},
        {.name = "event", .kind = JSON_STR, .offset = FORM(event)},
        {.name = "of", .kind = JSON_STR, .offset = MESSAGE(of)},
        {.name = "expires", .kind = JSON_INSTANT, .offset = MESSAGE(core.expires)},
        {.name = "veto", .kind = JSON_BOOL, .offset = MESSAGE(core.veto)},
        {.name = "unit", .kind = JSON_STR, .offset = FORM(unit)},
        {.name = "queue", .kind = JSON_STR, .offset = FORM(queue)},
        {.name = "by", .kind = JSON_STR, .offset = MESSAGE(by)},
        {.name = "action", .kind = JSON_STR, .offset = MESSAGE(action)},
        {.name = "order", .kind = JSON_STR, .offset = MESSAGE(order)},
        {.name = "reason", .kind = JSON_STR, .offset = MESSAGE(reason)},
        {.name = "note", .kind = JSON_STR, .offset = MESSAGE(note)},
        {.name = "what", .kind = JSON_STR, .offset = MESSAGE(what)},
        {.name = "evidence", .kind = JSON_RAW, .offset = MESSAGE(evidence)},
        {.name = "due", .kind = JSON_INSTANT, .offset = MESSAGE(core.due)},
};
#undef MESSAGE
#undef FORM

#define COPY(out, value, field) field_copy(out, sizeof(out), value, field, err)

static bool points_in_range(int64_t points)
{
    enum { MOST = 1000000 };
    return points >= -MOST && points <= MOST;
}

static bool points_read(struct command_form *form, struct error *err)
{
    struct account_command *core = &form->message.core;
    if (!form->ledger.len)
        return field_missing("ledger", "points", err);
    if (!form->rule.len)
        return field_missing("rule", "points", err);
    if (!form->event.len)
        return field_missing("event", "points", err);
    core->fingerprint = id_fingerprint(form->message.id, (struct str){0});
    return COPY(core->ledger, form->ledger, "ledger") &&
           COPY(core->rule, form->rule, "rule") &&
           COPY(core->event, form->event, "event");
}

/* "<account>.<n>": n; anything else is no entry. */
static int64_t entry_number(struct str order, struct str key)
{
    enum { DIGITS_MAX = 6 };
    if (!str_starts(order, key) || order.len <= key.len + 1 ||
            order.ptr[key.len] != '.' || order.len > key.len + 1 + DIGITS_MAX)
        return -1;
    int64_t n = 0;
    for (size_t i = key.len + 1; i < order.len; i++) {
        if (order.ptr[i] < '0' || order.ptr[i] > '9')
            return -1;
        n = n * 10 + (order.ptr[i] - '0');
    }
    return n;
}

static bool action_read(struct command_form *form, struct error *err)
{
    struct account_message *message = &form->message;
    struct account_command *core = &message->core;
    if (!form->unit.len)
        return field_missing("unit", "action", err);
    if (!message->action.len)
        return field_missing("action", "action", err);
    if (!COPY(core->unit, form->unit, "unit") || !COPY(core->queue, form->queue, "queue"))
        return false;
    for (int i = ACCOUNT_ACTION_UNKNOWN + 1; i < ACCOUNT_ACTION_COUNT; i++)
        if (str_is(message->action, account_action_names[i]))
            core->action = (enum account_action)i;
    core->fingerprint = id_fingerprint(form->queue, message->id);
    core->entry = entry_number(message->order, message->key);
    core->has_reason = field_says_something(
            core->action == ACCOUNT_ACTION_APPEAL   ? message->reason
            : core->action == ACCOUNT_ACTION_REDEEM ? message->what
                                                    : message->note);
    core->has_evidence = field_says_something(message->evidence);
    /* The evidence of an exchange is the action; an id too long to keep whole keeps its
     * beginning. */
    struct str id = message->id;
    if (id.len >= sizeof core->event)
        id.len = sizeof core->event - 1;
    while (id.len < message->id.len && id.len &&
            ((unsigned char)message->id.ptr[id.len] & 0xc0) == 0x80)
        id.len--;
    return COPY(core->event, id, "id");
}

bool account_message_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct account_message *out, struct error *err)
{
    struct command_form form = {.message = {.core = {.entry = -1}}};
    struct account_command *core = &form.message.core;
    if (!json_read(
                reader, text, command_fields, COUNT(command_fields), &form, arena, err))
        return false;
    struct str code = key_code(form.message.key, "account:");
    if (!code.len)
        return error_set(
                err, ERR_INVALID, "bad_value", "field case must be an account's key");
    if (!points_in_range(form.points))
        return error_set(
                err, ERR_INVALID, "bad_value", "field points must be within 1000000");
    core->kind = (enum account_command_kind)form.kind;
    core->points = (int32_t)form.points;
    bool done = COPY(core->holder, code, "case");
    switch (core->kind) {
    case ACCOUNT_COMMAND_POINTS:
        done = done && points_read(&form, err);
        break;
    case ACCOUNT_COMMAND_ACTION:
        done = done && action_read(&form, err);
        break;
    case ACCOUNT_COMMAND_WAKE:
        done = done &&
               (!instant_is_never(core->due) || field_missing("due", "wake", err));
        break;
    case ACCOUNT_COMMAND_COUNT:
        break;
    }
    if (done)
        *out = form.message;
    return done;
}

/* ---- what goes out ---- */

struct turn {
    const struct ledger_io *io;
    const struct bus_msg *msg;
    const struct account_message *message;
    const struct account_decision *decision;
    const struct points_ledger *ledger; /* may be NULL: only refusals then */
    struct stage_out *out;
    struct arena *arena;
};

static struct str order_number(const struct turn *turn, int64_t entry)
{
    return arena_printf(turn->arena, "%.*s.%lld", STR_ARG(turn->message->key),
            (long long)(entry > 0 ? entry : 1));
}

static struct str message_id(const struct turn *turn, const struct account_effect *effect,
        const char *what, const char *more)
{
    bool refused = effect->rule != ACCOUNT_RULE_NONE;
    struct str id = arena_printf(turn->arena, "%.*s.%lld.%s%s%s",
            STR_ARG(turn->message->key), (long long)effect->seq, what, more[0] ? "." : "",
            more);
    /* A refusal changes nothing, so only the refused record tells two of them apart. */
    return refused ? arena_printf(turn->arena, "%.*s.%d.%lld", STR_ARG(id),
                             (int)turn->msg->partition, (long long)turn->msg->offset)
                   : id;
}

static struct subject_actor actor_of(const struct account_message *message)
{
    if (message->core.kind == ACCOUNT_COMMAND_ACTION)
        return (struct subject_actor){.unit = message->core.unit, .by = message->by};
    return (struct subject_actor){
            .service = message->core.kind == ACCOUNT_COMMAND_WAKE ? "sla" : "casework"};
}

static const char *rule_title(const struct turn *turn, const char *id)
{
    const struct points_rule *rule = points_rule_find(
            turn->io->policy->points, str_of(id));
    return rule ? rule->title : strcmp(id, "redeem") == 0 ? "积分兑换" : "";
}

/* Why: the rule and its evidence, and what those who acted wrote. */
static void why_out(const struct turn *turn, struct json_out *json,
        const struct account_effect *effect)
{
    const struct account_message *message = turn->message;
    json_open_object(json, "why");
    json_text_some(json, "rule", effect->entry.rule);
    json_text_some(json, "title", rule_title(turn, effect->entry.rule));
    json_text_some(json, "event", effect->entry.event);
    json_str_some(json, "case", message->of);
    json_text(json, "policy", turn->io->policy->version);
    json_str_some(json, "reason", message->reason);
    json_raw_some(json, "evidence", message->evidence);
    json_str_some(json, "note", message->note);
    json_str_some(json, "what", message->what);
    json_close_object(json);
}

static void entry_out(const struct turn *turn, struct json_out *json,
        const struct account_effect *effect)
{
    const struct account_entry *entry = &effect->entry;
    json_text(json, "ledger", turn->ledger->name);
    if (entry->number) {
        json_str(json, "entry", order_number(turn, entry->number));
        json_int(json, "points", entry->points);
        json_text(json, "status", account_status_names[entry->status]);
        json_instant_some(json, "expires", entry->expires);
        if (entry->veto)
            json_bool(json, "veto", true);
    }
    json_int(json, "balance", effect->balance);
    json_text_some(json, "grade", effect->grade);
}

static void event_out(const struct turn *turn, const struct account_effect *effect)
{
    const char *kind = account_event_names[effect->event];
    struct str key = turn->message->key, id = message_id(turn, effect, kind, "");
    struct json_out json;
    json_begin(&json, turn->arena, 1024);
    json_open_object(&json, NULL);
    json_str(&json, "case", key);
    json_int(&json, "seq", effect->seq);
    json_text(&json, "kind", kind);
    json_instant(&json, "at", turn->decision->at);
    const struct subject_actor actor = actor_of(turn->message);
    subject_actor_out(&json, &actor);
    why_out(turn, &json, effect);
    if (effect->event == ACCOUNT_EVENT_GRADE_CHANGED) {
        json_open_object(&json, "old");
        json_text(&json, "grade", effect->old_grade);
        json_close_object(&json);
    }
    json_open_object(&json, "new");
    entry_out(turn, &json, effect);
    json_close_object(&json);
    json_close_object(&json);
    subject_emit(turn->out, turn->io->event_topic, "ledger.event", key, key, id, &json);
    stage_count(turn->out, kind);
}

/* What may be done with the entry next, by whom the order is for. */
static void actions_out(const struct turn *turn, struct json_out *json,
        const struct account_effect *effect)
{
    const struct account_entry *entry = &effect->entry;
    bool holder = strcmp(effect->unit, turn->decision->after.holder) == 0;
    json_open_array(json, "actions");
    if (effect->order == ACCOUNT_ORDER_APPEAL) {
        json_text(json, NULL, account_action_names[ACCOUNT_ACTION_UPHOLD_APPEAL]);
        json_text(json, NULL, account_action_names[ACCOUNT_ACTION_REJECT_APPEAL]);
    } else if (holder && entry->number && entry->status == ACCOUNT_STANDING &&
               strcmp(entry->rule, "redeem") != 0 && (entry->points < 0 || entry->veto)) {
        json_text(json, NULL, account_action_names[ACCOUNT_ACTION_APPEAL]);
    }
    json_close_array(json);
}

/* The command's id is "<unit>:<the unit's own id>". */
static struct str unit_action_id(const struct turn *turn)
{
    struct str id = turn->message->id;
    struct str prefix = arena_printf(turn->arena, "%s:", turn->message->core.unit);
    return str_starts(id, prefix) ? (struct str){id.ptr + prefix.len, id.len - prefix.len}
                                  : id;
}

static void order_out(const struct turn *turn, const struct account_effect *effect)
{
    const char *kind = account_order_names[effect->order];
    const struct unit *unit = policy_unit(turn->io->policy, str_of(effect->unit));
    bool refused = effect->order == ACCOUNT_ORDER_REFUSED;
    struct str id = message_id(turn, effect, kind, effect->unit);
    struct str key = arena_copy(turn->arena, str_of(effect->unit));
    int64_t number = effect->entry.number ? effect->entry.number
                                          : turn->decision->after.numbered;
    struct json_out json;
    json_begin(&json, turn->arena, 1024);
    json_open_object(&json, NULL);
    json_str(&json, "id", id);
    json_str(&json, "case", turn->message->key);
    json_str(&json, "order", order_number(turn, number));
    json_text(&json, "kind", kind);
    json_instant(&json, "at", turn->decision->at);
    json_str(&json, "unit", key);
    json_text(&json, "queue", unit ? unit->queue->code : effect->unit);
    if (refused || effect->order == ACCOUNT_ORDER_ACCEPTED) {
        json_str(&json, "action", turn->message->action);
        json_str(&json, "action_id", unit_action_id(turn));
    }
    if (refused) {
        json_text(&json, "rule", account_rule_names[effect->rule]);
        json_text(&json, "text", account_rule_texts[effect->rule]);
    } else {
        json_open_object(&json, "account");
        entry_out(turn, &json, effect);
        json_text_some(&json, "old_grade", effect->old_grade);
        json_close_object(&json);
        why_out(turn, &json, effect);
    }
    actions_out(turn, &json, effect);
    json_close_object(&json);
    subject_emit(turn->out, turn->io->order_topic, "unit.order", key, turn->message->key,
            id, &json);
}

static void audit_out(const struct turn *turn, const struct account_effect *effect)
{
    bool wrong_queue = effect->rule == ACCOUNT_RULE_WRONG_QUEUE;
    const char *kind = wrong_queue ? "wrong_queue" : "refused";
    subject_audit_out(turn->out, &(struct subject_audit){
                                         .topic = turn->io->audit_topic,
                                         .key = turn->message->key,
                                         .id = message_id(turn, effect, kind, ""),
                                         .at = turn->decision->at,
                                         .kind = kind,
                                         .actor = actor_of(turn->message),
                                         .rule = account_rule_names[effect->rule],
                                         .text = account_rule_texts[effect->rule],
                                 });
}

static void effects_out(const struct turn *turn)
{
    for (int32_t i = 0; i < turn->decision->n_effects; i++) {
        const struct account_effect *effect = &turn->decision->effects[i];
        switch (effect->kind) {
        case ACCOUNT_EFFECT_EVENT:
            event_out(turn, effect);
            break;
        case ACCOUNT_EFFECT_ORDER:
            order_out(turn, effect);
            break;
        case ACCOUNT_EFFECT_REFUSED:
            audit_out(turn, effect);
            break;
        }
    }
}

void account_message_decide(const struct ledger_io *io, const struct bus_msg *msg,
        struct str state, struct account_decision *decision, struct stage_out *out)
{
    struct arena *arena = stage_arena(out);
    struct error err = {0};
    struct account_message message;
    struct account_state before;
    if (!account_message_read(io->reader, msg->value, arena, &message, &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    if (!ledger_check_key(msg, message.key, out))
        return;
    if (!account_state_read(io->reader, state, arena, &before, &err)) {
        error_prefix(&err, "the state of the account");
        log_error(
                "state_unreadable", "account=%s code=%s", message.core.holder, err.code);
        stage_dead_letter(out, &err);
        return;
    }
    account_decide(io->policy, &before, &message.core, decision);
    effects_out(&(struct turn){
            .io = io,
            .msg = msg,
            .message = &message,
            .decision = decision,
            .ledger = points_ledger_of(io->policy, str_of(message.core.holder)),
            .out = out,
            .arena = arena,
    });
    if (decision->changed)
        stage_put(out, account_state_write(io->policy, &decision->after, arena),
                decision->after.wake_at);
    else if (!decision->n_effects)
        stage_count(out, "nothing");
}
