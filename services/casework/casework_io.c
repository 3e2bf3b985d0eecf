#include "casework_io.h"
#include "json_out.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- the state ---- */

struct clock_form {
    int clock, unit;
    int64_t amount, fired;
    instant start, stopped;
};

static const struct json_field clock_fields[] = {
        {.name = "clock", .kind = JSON_ENUM, .offset = offsetof(struct clock_form, clock), .required = true,
         .max = CASE_CLOCK_COUNT, .names = case_clock_names},
        {.name = "amount", .kind = JSON_INT, .offset = offsetof(struct clock_form, amount), .required = true},
        {.name = "unit", .kind = JSON_ENUM, .offset = offsetof(struct clock_form, unit), .required = true,
         .max = TIME_UNIT_COUNT, .names = time_unit_names},
        {.name = "start", .kind = JSON_INSTANT, .offset = offsetof(struct clock_form, start), .required = true},
        {.name = "stopped", .kind = JSON_INSTANT, .offset = offsetof(struct clock_form, stopped)},
        {.name = "fired", .kind = JSON_INT, .offset = offsetof(struct clock_form, fired)},
};

struct state_form {
    struct case_state core;
    struct str open, result;
    int stage, outcome;
    int64_t version, task, redos, n_actions;
    struct json_list assists, members, clocks, actions;
};

#define CORE(field) offsetof(struct state_form, core.field)
static const struct json_field state_fields[] = {
        {.name = "v", .kind = JSON_INT, .offset = offsetof(struct state_form, version), .required = true},
        {.name = "case", .kind = JSON_CHARS, .offset = CORE(id), .required = true, .max = CASE_ID_SIZE},
        {.name = "seq", .kind = JSON_INT, .offset = CORE(seq), .required = true},
        {.name = "stage", .kind = JSON_ENUM, .offset = offsetof(struct state_form, stage), .required = true,
         .max = STAGE_COUNT, .names = case_stage_names},
        {.name = "outcome", .kind = JSON_ENUM, .offset = offsetof(struct state_form, outcome), .max = OUTCOME_COUNT,
         .names = case_outcome_names},
        {.name = "opened", .kind = JSON_INSTANT, .offset = CORE(opened)},
        {.name = "changed", .kind = JSON_INSTANT, .offset = CORE(changed)},
        {.name = "wake_at", .kind = JSON_INSTANT, .offset = CORE(wake_at)},
        {.name = "task", .kind = JSON_INT, .offset = offsetof(struct state_form, task)},
        {.name = "lead", .kind = JSON_CHARS, .offset = CORE(lead), .max = CASE_UNIT_SIZE},
        {.name = "assists", .kind = JSON_STRS, .offset = offsetof(struct state_form, assists)},
        {.name = "sla", .kind = JSON_CHARS, .offset = CORE(sla), .max = CASE_NAME_SIZE},
        {.name = "category", .kind = JSON_CHARS, .offset = CORE(category), .max = CASE_CODE_SIZE},
        {.name = "accused", .kind = JSON_CHARS, .offset = CORE(accused), .max = CASE_UNIT_SIZE},
        {.name = "signed_at", .kind = JSON_INSTANT, .offset = CORE(signed_at)},
        {.name = "contacted_at", .kind = JSON_INSTANT, .offset = CORE(contacted_at)},
        {.name = "handling_at", .kind = JSON_INSTANT, .offset = CORE(handling_at)},
        {.name = "submitted_at", .kind = JSON_INSTANT, .offset = CORE(submitted_at)},
        {.name = "return_refused", .kind = JSON_BOOL, .offset = CORE(return_refused)},
        {.name = "redos", .kind = JSON_INT, .offset = offsetof(struct state_form, redos)},
        {.name = "master", .kind = JSON_CHARS, .offset = CORE(master), .max = CASE_ID_SIZE},
        {.name = "members", .kind = JSON_STRS, .offset = offsetof(struct state_form, members)},
        {.name = "clocks", .kind = JSON_LIST, .offset = offsetof(struct state_form, clocks),
         .max = COUNT(clock_fields), .sub = clock_fields, .item_size = sizeof(struct clock_form)},
        {.name = "actions", .kind = JSON_STRS, .offset = offsetof(struct state_form, actions)},
        {.name = "n_actions", .kind = JSON_INT, .offset = offsetof(struct state_form, n_actions)},
        {.name = "result", .kind = JSON_STR, .offset = offsetof(struct state_form, result)},
        {.name = "open", .kind = JSON_RAW, .offset = offsetof(struct state_form, open)},
};
#undef CORE

/* Copies a list of strings into rows of `size` bytes. */
static bool rows_read(struct json_list list, char *rows, size_t size, int32_t max, int32_t *n, const char *name,
        struct error *err)
{
    const struct str *items = list.items;
    if (list.n > (size_t)max)
        return error_set(err, ERR_INVALID, "too_long", "field %s has more than %d items", name, (int)max);
    for (size_t i = 0; i < list.n; i++)
        if (!str_copy(rows + i * size, size, items[i]))
            return error_set(err, ERR_INVALID, "too_long", "field %s has an item longer than %zu bytes", name, size - 1);
    *n = (int32_t)list.n;
    return true;
}

bool case_record_read(struct json_reader *reader, struct str text, struct arena *arena, struct case_record *out,
        struct error *err)
{
    *out = (struct case_record){0};
    if (!text.len)
        return true;
    struct state_form form = {0};
    if (!json_read(reader, text, state_fields, COUNT(state_fields), &form, arena, err))
        return false;
    struct case_state *core = &form.core;
    if (!rows_read(form.assists, core->assists[0], CASE_UNIT_SIZE, ASSISTS_MAX, &core->n_assists, "assists", err) ||
        !rows_read(form.members, core->members[0], CASE_ID_SIZE, CASE_MEMBERS_MAX, &core->n_members, "members", err))
        return false;
    core->stage = (enum case_stage)form.stage;
    core->outcome = (enum case_outcome)form.outcome;
    core->task = (int32_t)form.task;
    core->redos = (int32_t)form.redos;
    core->n_actions = (int32_t)form.n_actions;
    const struct clock_form *clocks = form.clocks.items;
    for (size_t i = 0; i < form.clocks.n; i++)
        core->clocks[clocks[i].clock] = (struct case_clock){
                .amount = (int32_t)clocks[i].amount,
                .unit = (enum time_unit)clocks[i].unit,
                .start = clocks[i].start,
                .stopped = clocks[i].stopped,
                .fired = (int32_t)clocks[i].fired,
        };
    const struct str *actions = form.actions.items;
    for (size_t i = 0; i < form.actions.n && i < CASE_ACTIONS_KEPT; i++)
        core->actions[i] = strtoull(actions[i].ptr, NULL, 16); /* the arena's strings are terminated */
    out->core = *core;
    out->open = form.open;
    out->result = form.result;
    return true;
}

static void clock_write(struct json_out *json, int id, const struct case_clock *clock)
{
    if (clock->amount <= 0)
        return;
    json_open_object(json, NULL);
    json_text(json, "clock", case_clock_names[id]);
    json_int(json, "amount", clock->amount);
    json_text(json, "unit", time_unit_names[clock->unit]);
    json_instant(json, "start", clock->start);
    json_instant_some(json, "stopped", clock->stopped);
    if (clock->fired)
        json_int(json, "fired", clock->fired);
    json_close_object(json);
}

struct str case_record_write(const struct case_record *record, struct arena *arena)
{
    const struct case_state *core = &record->core;
    struct json_out json;
    json_begin(&json, arena, record->open.len + record->result.len + 1024);
    json_open_object(&json, NULL);
    json_int(&json, "v", 1);
    json_text(&json, "case", core->id);
    json_int(&json, "seq", core->seq);
    json_text(&json, "stage", case_stage_names[core->stage]);
    json_text_some(&json, "outcome", case_outcome_names[core->outcome]);
    json_instant_some(&json, "opened", core->opened);
    json_instant_some(&json, "changed", core->changed);
    json_instant_some(&json, "wake_at", core->wake_at);
    json_int(&json, "task", core->task);
    json_text_some(&json, "lead", core->lead);
    if (core->n_assists) {
        json_open_array(&json, "assists");
        for (int i = 0; i < core->n_assists; i++)
            json_text(&json, NULL, core->assists[i]);
        json_close_array(&json);
    }
    json_text_some(&json, "sla", core->sla);
    json_text_some(&json, "category", core->category);
    json_text_some(&json, "accused", core->accused);
    json_instant_some(&json, "signed_at", core->signed_at);
    json_instant_some(&json, "contacted_at", core->contacted_at);
    json_instant_some(&json, "handling_at", core->handling_at);
    json_instant_some(&json, "submitted_at", core->submitted_at);
    if (core->return_refused)
        json_bool(&json, "return_refused", true);
    if (core->redos)
        json_int(&json, "redos", core->redos);
    json_text_some(&json, "master", core->master);
    if (core->n_members) {
        json_open_array(&json, "members");
        for (int i = 0; i < core->n_members; i++)
            json_text(&json, NULL, core->members[i]);
        json_close_array(&json);
    }
    json_open_array(&json, "clocks");
    for (int i = 0; i < CASE_CLOCK_COUNT; i++)
        clock_write(&json, i, &core->clocks[i]);
    json_close_array(&json);
    if (core->n_actions) {
        json_open_array(&json, "actions");
        for (int i = 0; i < core->n_actions && i < CASE_ACTIONS_KEPT; i++)
            json_str(&json, NULL, arena_printf(arena, "%016llx", (unsigned long long)core->actions[i]));
        json_close_array(&json);
        json_int(&json, "n_actions", core->n_actions);
    }
    json_str_some(&json, "result", record->result);
    json_raw_some(&json, "open", record->open);
    json_close_object(&json);
    return json_end(&json);
}

/* ---- commands ---- */

struct route_form {
    int outcome;
    struct json_list assists;
    struct str reason, lead, sla, master;
};

static const struct json_field route_fields[] = {
        {.name = "outcome", .kind = JSON_ENUM, .offset = offsetof(struct route_form, outcome), .required = true,
         .max = ROUTE_COUNT, .names = case_route_names},
        {.name = "reason", .kind = JSON_STR, .offset = offsetof(struct route_form, reason)},
        {.name = "lead", .kind = JSON_STR, .offset = offsetof(struct route_form, lead)},
        {.name = "assists", .kind = JSON_STRS, .offset = offsetof(struct route_form, assists)},
        {.name = "sla", .kind = JSON_STR, .offset = offsetof(struct route_form, sla)},
        {.name = "master", .kind = JSON_STR, .offset = offsetof(struct route_form, master)},
};

struct class_form {
    struct str category;
};
static const struct json_field class_fields[] = {
        {.name = "category", .kind = JSON_STR, .offset = offsetof(struct class_form, category)},
};

struct about_form {
    struct str unit;
};
static const struct json_field about_fields[] = {
        {.name = "unit", .kind = JSON_STR, .offset = offsetof(struct about_form, unit)},
};

struct complaint_form {
    struct about_form about;
};
static const struct json_field complaint_fields[] = {
        {.name = "about", .kind = JSON_OBJECT, .offset = offsetof(struct complaint_form, about),
         .max = COUNT(about_fields), .sub = about_fields},
};

struct command_form {
    struct case_message message;
    int kind;
    int64_t hops;
    struct str case_id, unit, queue, to, category, member, master;
    struct str route, class, place, complaint; /* raw */
};

#define MESSAGE(field) offsetof(struct command_form, message.field)
#define FORM(field) offsetof(struct command_form, field)
static const struct json_field command_fields[] = {
        {.name = "command", .kind = JSON_ENUM, .offset = FORM(kind), .required = true, .max = COMMAND_COUNT,
         .names = case_command_names},
        {.name = "case", .kind = JSON_STR, .offset = FORM(case_id), .required = true},
        {.name = "id", .kind = JSON_STR, .offset = MESSAGE(id), .required = true},
        {.name = "at", .kind = JSON_INSTANT, .offset = MESSAGE(core.at), .required = true},
        {.name = "route", .kind = JSON_RAW, .offset = FORM(route)},
        {.name = "class", .kind = JSON_RAW, .offset = FORM(class)},
        {.name = "place", .kind = JSON_RAW, .offset = FORM(place)},
        {.name = "complaint", .kind = JSON_RAW, .offset = FORM(complaint)},
        {.name = "unit", .kind = JSON_STR, .offset = FORM(unit)},
        {.name = "queue", .kind = JSON_STR, .offset = FORM(queue)},
        {.name = "by", .kind = JSON_STR, .offset = MESSAGE(by)},
        {.name = "action", .kind = JSON_STR, .offset = MESSAGE(action)},
        {.name = "order", .kind = JSON_STR, .offset = MESSAGE(order)},
        {.name = "note", .kind = JSON_STR, .offset = MESSAGE(note)},
        {.name = "result", .kind = JSON_STR, .offset = MESSAGE(result)},
        {.name = "contact_record", .kind = JSON_RAW, .offset = MESSAGE(contact_record)},
        {.name = "photos", .kind = JSON_RAW, .offset = MESSAGE(photos)},
        {.name = "reason", .kind = JSON_STR, .offset = MESSAGE(reason)},
        {.name = "proposed_unit", .kind = JSON_RAW, .offset = MESSAGE(proposed_unit)},
        {.name = "evidence", .kind = JSON_RAW, .offset = MESSAGE(evidence)},
        {.name = "to", .kind = JSON_STR, .offset = FORM(to)},
        {.name = "category", .kind = JSON_STR, .offset = FORM(category)},
        {.name = "due", .kind = JSON_INSTANT, .offset = MESSAGE(core.due)},
        {.name = "member", .kind = JSON_STR, .offset = FORM(member)},
        {.name = "master", .kind = JSON_STR, .offset = FORM(master)},
        {.name = "hops", .kind = JSON_INT, .offset = FORM(hops)},
        {.name = "outcome", .kind = JSON_STR, .offset = MESSAGE(outcome)},
};
#undef MESSAGE
#undef FORM

static bool missing(struct error *err, const char *field, const char *command)
{
    return error_set(err, ERR_INVALID, "missing_field", "field %s is required by %s and missing", field, command);
}

static bool copy(char *out, size_t size, struct str value, const char *field, struct error *err)
{
    if (str_copy(out, size, value))
        return true;
    return error_set(err, ERR_INVALID, "too_long", "field %s is longer than %zu bytes", field, size - 1);
}

#define COPY(out, value, field) copy(out, sizeof(out), value, field, err)

/* FNV-1a over the queue's unit and the action's id: an id is the unit's own, so two units may use the same one. */
static uint64_t fingerprint(struct str unit, struct str id)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    struct str parts[] = {unit, STR("/"), id};
    for (size_t p = 0; p < COUNT(parts); p++)
        for (size_t i = 0; i < parts[p].len; i++)
            hash = (hash ^ (unsigned char)parts[p].ptr[i]) * UINT64_C(1099511628211);
    return hash ? hash : 1;
}

/* "<case>.<n>": n; anything else than this case's order: a number that no task has. */
static int32_t task_number(struct str order, const char *case_id)
{
    enum { NO_TASK = INT32_MAX, DIGITS_MAX = 6 };
    if (!order.len)
        return -1;
    struct str id = str_of(case_id);
    if (!str_starts(order, id) || order.len <= id.len + 1 || order.ptr[id.len] != '.' ||
        order.len > id.len + 1 + DIGITS_MAX)
        return NO_TASK;
    int32_t n = 0;
    for (size_t i = id.len + 1; i < order.len; i++) {
        if (order.ptr[i] < '0' || order.ptr[i] > '9')
            return NO_TASK;
        n = n * 10 + (order.ptr[i] - '0');
    }
    return n;
}

/* A raw string, list or object that holds anything. */
static bool raw_holds_something(struct str raw)
{
    for (size_t i = 0; i < raw.len; i++)
        if ((unsigned char)raw.ptr[i] > ' ' && !strchr("\"[]{},", raw.ptr[i]))
            return true;
    return false;
}

static bool open_read(struct json_reader *reader, struct command_form *form, struct arena *arena, struct error *err)
{
    struct case_command *core = &form->message.core;
    if (!form->route.len)
        return missing(err, "route", "open");
    if (!form->complaint.len)
        return missing(err, "complaint", "open");
    struct route_form route = {0};
    struct class_form class = {0};
    struct complaint_form complaint = {0};
    if (!json_read(reader, form->route, route_fields, COUNT(route_fields), &route, arena, err) ||
        (form->class.len && !json_read(reader, form->class, class_fields, COUNT(class_fields), &class, arena, err)) ||
        !json_read(reader, form->complaint, complaint_fields, COUNT(complaint_fields), &complaint, arena, err))
        return false;
    core->route = (enum case_route)route.outcome;
    if (!COPY(core->reason, route.reason, "route.reason") || !COPY(core->lead, route.lead, "route.lead") ||
        !COPY(core->sla, route.sla, "route.sla") || !COPY(core->other, route.master, "route.master") ||
        !COPY(core->category, class.category, "class.category") ||
        !rows_read(route.assists, core->assists[0], CASE_UNIT_SIZE, ASSISTS_MAX, &core->n_assists, "route.assists", err))
        return false;
    /* The accused may be somebody without a code: then it is no unit, and nothing to guard against. */
    if (!str_copy(core->accused, sizeof core->accused, complaint.about.unit))
        core->accused[0] = 0;
    struct json_out json;
    json_begin(&json, arena, form->route.len + form->class.len + form->place.len + form->complaint.len + 64);
    json_open_object(&json, NULL);
    json_raw(&json, "route", form->route);
    json_raw_some(&json, "class", form->class);
    json_raw_some(&json, "place", form->place);
    json_raw(&json, "complaint", form->complaint);
    json_close_object(&json);
    form->message.open = json_end(&json);
    return true;
}

static bool action_read(struct command_form *form, struct error *err)
{
    struct case_message *message = &form->message;
    struct case_command *core = &message->core;
    if (!form->unit.len)
        return missing(err, "unit", "action");
    if (!message->action.len)
        return missing(err, "action", "action");
    if (!COPY(core->unit, form->unit, "unit") || !COPY(core->queue, form->queue, "queue") ||
        !COPY(core->to, form->to, "to") || !COPY(core->category, form->category, "category"))
        return false;
    for (int i = ACTION_SIGN; i < ACTION_COUNT; i++)
        if (str_is(message->action, case_action_names[i]))
            core->action = (enum case_action)i;
    core->fingerprint = fingerprint(form->queue, message->id);
    core->task = task_number(message->order, core->case_id);
    core->words = core->action == ACTION_SUBMIT           ? message->result
                  : core->action == ACTION_REQUEST_RETURN ? message->reason
                                                          : message->note;
    core->has_contact_record = raw_holds_something(message->contact_record);
    core->has_photo = raw_holds_something(message->photos);
    return true;
}

static bool other_read(struct command_form *form, struct str other, const char *field, struct error *err)
{
    struct case_command *core = &form->message.core;
    if (!other.len)
        return missing(err, field, case_command_names[form->kind]);
    if (!case_id_valid(other))
        return error_set(err, ERR_INVALID, "bad_value", "field %s must be a case id", field);
    core->hops = form->hops < 0 || form->hops > CASE_HOPS_MAX ? CASE_HOPS_MAX : (int32_t)form->hops;
    return COPY(core->other, other, field) && COPY(core->reason, form->message.reason, "reason") &&
           COPY(core->unit, form->unit, "unit");
}

bool case_message_read(struct json_reader *reader, struct str text, struct arena *arena, struct case_message *out,
        struct error *err)
{
    struct command_form form = {0};
    struct case_command *core = &form.message.core;
    core->task = -1;
    if (!json_read(reader, text, command_fields, COUNT(command_fields), &form, arena, err))
        return false;
    if (!case_id_valid(form.case_id))
        return error_set(err, ERR_INVALID, "bad_value", "field case must be a case id");
    core->kind = (enum case_command_kind)form.kind;
    bool done = COPY(core->case_id, form.case_id, "case");
    switch (core->kind) {
    case COMMAND_OPEN:
        done = done && open_read(reader, &form, arena, err);
        break;
    case COMMAND_ACTION:
        done = done && action_read(&form, err);
        break;
    case COMMAND_WAKE:
        done = done && (!instant_is_never(core->due) || missing(err, "due", "wake"));
        break;
    case COMMAND_MERGE_REQUEST:
        done = done && other_read(&form, form.member, "member", err);
        break;
    case COMMAND_MERGE_ACCEPTED:
    case COMMAND_MERGE_REFUSED:
    case COMMAND_MEMBER_RESULT:
        done = done && other_read(&form, form.master, "master", err);
        break;
    case COMMAND_COUNT:
        break;
    }
    if (done)
        *out = form.message;
    return done;
}

/* ---- what the opening command said, for orders and events; all raw ---- */

struct opening {
    struct {
        struct str rule, runner_up, policy, line, reason, sla_reason;
    } route;
    struct {
        struct str policy, nature, category_name, urgency, confidence, evidence, runner_up;
    } class;
    struct {
        struct str code, type, name, path, found_by, candidates;
    } place;
    struct {
        struct str source, id, channel, title, text, attachments;
        struct {
            struct str address, estate;
        } place;
    } complaint;
};

#define RAW(form, field) {.name = #field, .kind = JSON_RAW, .offset = offsetof(struct opening, form.field) - offsetof(struct opening, form)}
static const struct json_field opening_route[] = {
        RAW(route, rule), RAW(route, runner_up), RAW(route, policy), RAW(route, line), RAW(route, reason),
        RAW(route, sla_reason),
};
static const struct json_field opening_class[] = {
        RAW(class, policy), RAW(class, nature), RAW(class, category_name), RAW(class, urgency),
        RAW(class, confidence), RAW(class, evidence), RAW(class, runner_up),
};
static const struct json_field opening_place[] = {
        RAW(place, code), RAW(place, type), RAW(place, name), RAW(place, path), RAW(place, found_by), RAW(place, candidates),
};
static const struct json_field opening_address[] = {RAW(complaint.place, address), RAW(complaint.place, estate)};
static const struct json_field opening_complaint[] = {
        RAW(complaint, source), RAW(complaint, id), RAW(complaint, channel), RAW(complaint, title),
        RAW(complaint, text), RAW(complaint, attachments),
        {.name = "place", .kind = JSON_OBJECT,
         .offset = offsetof(struct opening, complaint.place) - offsetof(struct opening, complaint),
         .max = COUNT(opening_address), .sub = opening_address},
};
#undef RAW
#define SUB(form)                                                                                      \
    {.name = #form, .kind = JSON_OBJECT, .offset = offsetof(struct opening, form),                     \
     .max = COUNT(opening_##form), .sub = opening_##form}
static const struct json_field opening_fields[] = {SUB(route), SUB(class), SUB(place), SUB(complaint)};
#undef SUB

/* ---- what goes out ---- */

struct turn {
    const struct case_io *io;
    const struct bus_msg *msg;
    const struct case_message *message;
    const struct case_record *record; /* as it is after the decision */
    const struct case_decision *decision;
    struct stage_out *out;
    struct arena *arena;
    struct opening opening;
};

static void clock_out(const struct turn *turn, struct json_out *json, int clock)
{
    instant due = case_clock_due(turn->io->policy, &turn->record->core.clocks[clock]);
    if (instant_is_never(due))
        return;
    json_open_object(json, NULL);
    json_text(json, "clock", case_clock_names[clock]);
    json_instant(json, "due", due);
    json_close_object(json);
}

static void clocks_out(const struct turn *turn, struct json_out *json, bool desk)
{
    json_open_array(json, "clocks");
    for (int i = 0; i < CASE_CLOCK_COUNT; i++)
        if (desk == (i == CLOCK_DESK))
            clock_out(turn, json, i);
    json_close_array(json);
}

/* The share of each budget that the lead's task used. */
static void used_out(const struct turn *turn, struct json_out *json)
{
    json_open_object(json, "used");
    for (int i = 0; i < CLOCK_COUNT; i++) {
        const struct case_clock *clock = &turn->record->core.clocks[i];
        if (clock->amount > 0)
            json_num(json, case_clock_names[i], case_clock_used(turn->io->policy, clock, turn->decision->at) / 100.0, 2);
    }
    json_close_object(json);
}

static void category_out(const struct turn *turn, struct json_out *json)
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

/* Before the first dispatch the desk's order has the number of the task to come. */
static struct str order_number(const struct turn *turn, int32_t task)
{
    return arena_printf(turn->arena, "%s.%d", turn->message->core.case_id, task > 0 ? (int)task : 1);
}

/* "<case>.<seq>.<what>", and what else it takes to be the only one. */
static struct str id_of(const struct turn *turn, int64_t seq, const char *what, const char *more)
{
    return arena_printf(turn->arena, "%s.%lld.%s%s%s", turn->message->core.case_id, (long long)seq, what,
            more[0] ? "." : "", more);
}

static void emit(const struct turn *turn, const char *topic, const char *type, struct str key, struct str id,
        const struct json_out *json)
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

static bool by_a_unit(const struct turn *turn)
{
    return turn->message->core.kind == COMMAND_ACTION;
}

static void actor_out(const struct turn *turn, struct json_out *json, const struct case_effect *effect)
{
    const struct case_command *command = &turn->message->core;
    json_open_object(json, "actor");
    if (by_a_unit(turn)) {
        json_text(json, "unit", command->unit);
        json_str_some(json, "by", turn->message->by);
    } else if (effect->kind == EFFECT_EVENT && effect->event == EVENT_OPENED) {
        /* An emergency exit comes from intake, past the router. */
        json_text(json, "service", command->route == ROUTE_TRANSFER ? "intake" : "router");
    } else {
        json_text(json, "service", command->kind == COMMAND_WAKE ? "sla" : "casework");
    }
    json_close_object(json);
}

/* Why this unit: the route's rule, or who decided instead. */
static void why_dispatched(const struct turn *turn, struct json_out *json)
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

static void why_classified(const struct turn *turn, struct json_out *json)
{
    json_raw_some(json, "evidence", turn->opening.class.evidence);
    json_raw_some(json, "runner_up", turn->opening.class.runner_up);
    json_raw_some(json, "found_by", turn->opening.place.found_by);
}

static void why_out(const struct turn *turn, struct json_out *json, const struct case_effect *effect)
{
    const struct case_message *message = turn->message;
    json_open_object(json, "why");
    switch (effect->event) {
    case EVENT_OPENED:
        why_classified(turn, json);
        json_raw_some(json, "candidates", turn->opening.place.candidates);
        break;
    case EVENT_DISPATCHED:
    case EVENT_TRANSFERRED:
        why_dispatched(turn, json);
        break;
    case EVENT_NEEDS_HUMAN:
        json_text_some(json, "reason", effect->reason);
        json_raw_some(json, "policy", turn->opening.route.policy);
        break;
    case EVENT_MERGE_REFUSED:
        json_text_some(json, "reason", effect->reason);
        break;
    case EVENT_RETURN_REQUESTED:
        json_str_some(json, "reason", message->reason);
        json_raw_some(json, "evidence", message->evidence);
        break;
    case EVENT_CONTACTED:
    case EVENT_HANDLING:
    case EVENT_RETURN_REFUSED:
    case EVENT_REDO:
    case EVENT_CLOSED:
        json_str_some(json, "note", message->note);
        break;
    case EVENT_MERGE_REQUESTED:
    case EVENT_MERGED:
    case EVENT_MEMBER_ADDED:
    case EVENT_SIGNED:
    case EVENT_SUBMITTED:
    case EVENT_REMINDER:
    case EVENT_BREACH:
    case EVENT_COUNT:
        break;
    }
    json_close_object(json);
}

static void opened_out(const struct turn *turn, struct json_out *json)
{
    const struct opening *opening = &turn->opening;
    json_raw_some(json, "source", opening->complaint.source);
    json_raw_some(json, "id", opening->complaint.id);
    json_raw_some(json, "channel", opening->complaint.channel);
    json_raw_some(json, "nature", opening->class.nature);
    category_out(turn, json);
    json_raw_some(json, "urgency", opening->class.urgency);
    if (opening->place.code.len) {
        json_open_object(json, "place");
        json_raw(json, "code", opening->place.code);
        json_raw_some(json, "name", opening->place.name);
        json_close_object(json);
    }
    json_raw_some(json, "title", opening->complaint.title);
    json_raw_some(json, "text", opening->complaint.text);
    json_raw_some(json, "confidence", opening->class.confidence);
    json_raw_some(json, "policy", opening->class.policy);
}

static void new_out(const struct turn *turn, struct json_out *json, const struct case_effect *effect)
{
    const struct case_state *state = &turn->record->core;
    json_open_object(json, "new");
    if (effect->from != effect->to)
        json_text(json, "stage", case_stage_names[effect->to]);
    json_text_some(json, "unit", effect->unit);
    switch (effect->event) {
    case EVENT_OPENED:
        opened_out(turn, json);
        break;
    case EVENT_DISPATCHED:
        json_text(json, "role", "lead");
        json_str(json, "order", order_number(turn, effect->task));
        category_out(turn, json);
        json_text(json, "sla", state->sla);
        if (state->n_assists) {
            json_open_array(json, "assists");
            for (int i = 0; i < state->n_assists; i++)
                json_text(json, NULL, state->assists[i]);
            json_close_array(json);
        }
        clocks_out(turn, json, false);
        break;
    case EVENT_NEEDS_HUMAN:
        json_text(json, "role", "desk");
        clocks_out(turn, json, true);
        break;
    case EVENT_TRANSFERRED:
        json_raw_some(json, "line", turn->opening.route.line);
        break;
    case EVENT_MERGE_REQUESTED:
    case EVENT_MERGED:
    case EVENT_MERGE_REFUSED:
        json_text(json, "master", effect->other);
        break;
    case EVENT_MEMBER_ADDED:
        json_text(json, "member", effect->other);
        break;
    case EVENT_SUBMITTED:
        json_str(json, "result", turn->message->result);
        json_raw_some(json, "contact_record", turn->message->contact_record);
        json_raw_some(json, "photos", turn->message->photos);
        break;
    case EVENT_RETURN_REQUESTED:
        json_raw_some(json, "proposed_unit", turn->message->proposed_unit);
        break;
    case EVENT_REDO: /* the one clock that runs on, later by the time it stood still */
        json_open_array(json, "clocks");
        clock_out(turn, json, CLOCK_HANDLE);
        json_close_array(json);
        break;
    case EVENT_CLOSED:
        json_text(json, "outcome", case_outcome_names[state->outcome]);
        json_str_some(json, "result", turn->record->result);
        json_text_some(json, "master", effect->other);
        used_out(turn, json);
        break;
    case EVENT_REMINDER:
    case EVENT_BREACH:
        json_text(json, "clock", case_clock_names[effect->clock]);
        json_int(json, "percent", effect->percent);
        json_instant(json, "due", effect->due);
        break;
    case EVENT_SIGNED:
    case EVENT_CONTACTED:
    case EVENT_HANDLING:
    case EVENT_RETURN_REFUSED:
    case EVENT_COUNT:
        break;
    }
    json_close_object(json);
}

static void event_out(const struct turn *turn, const struct case_effect *effect)
{
    const char *kind = case_event_names[effect->event];
    struct str key = str_of(turn->message->core.case_id);
    struct str id = id_of(turn, effect->seq, kind, "");
    struct json_out json;
    json_begin(&json, turn->arena, 1024 + turn->opening.complaint.text.len + turn->message->result.len);
    json_open_object(&json, NULL);
    json_str(&json, "case", key);
    json_int(&json, "seq", effect->seq);
    json_text(&json, "kind", kind);
    json_instant(&json, "at", turn->decision->at);
    actor_out(turn, &json, effect);
    why_out(turn, &json, effect);
    if (effect->from != effect->to && effect->from != STAGE_NONE) {
        json_open_object(&json, "old");
        json_text(&json, "stage", case_stage_names[effect->from]);
        json_close_object(&json);
    }
    new_out(turn, &json, effect);
    json_close_object(&json);
    emit(turn, turn->io->topics.event, "case.event", key, id, &json);
    if (effect->event == EVENT_REMINDER || effect->event == EVENT_BREACH)
        emit(turn, turn->io->topics.sla_event, "sla.event", key, id, &json);
    stage_count(turn->out, kind);
}

/* What the complaint is about: for those who work on it, never for a unit whose case it is not. */
static void matter_out(const struct turn *turn, struct json_out *json)
{
    const struct opening *opening = &turn->opening;
    json_raw_some(json, "nature", opening->class.nature);
    category_out(turn, json);
    json_raw_some(json, "urgency", opening->class.urgency);
    json_raw_some(json, "title", opening->complaint.title);
    json_raw_some(json, "text", opening->complaint.text);
    json_open_object(json, "place");
    json_raw_some(json, "code", opening->place.code);
    json_raw_some(json, "type", opening->place.type);
    json_raw_some(json, "name", opening->place.name);
    json_raw_some(json, "path", opening->place.path);
    json_raw_some(json, "candidates", opening->place.candidates);
    json_raw_some(json, "address", opening->complaint.place.address);
    json_raw_some(json, "estate", opening->complaint.place.estate);
    json_close_object(json);
    json_raw_some(json, "attachments", opening->complaint.attachments);
}

static void order_why(const struct turn *turn, struct json_out *json, const struct case_effect *effect)
{
    const struct case_message *message = turn->message;
    json_open_object(json, "why");
    switch (effect->order) {
    case ORDER_DISPATCH:
    case ORDER_ASSIST:
        why_dispatched(turn, json);
        why_classified(turn, json);
        break;
    case ORDER_NEEDS_HUMAN:
        json_text_some(json, "reason", effect->reason);
        json_raw_some(json, "policy", turn->opening.route.policy);
        why_classified(turn, json);
        break;
    case ORDER_REMIND:
    case ORDER_BREACH:
        json_text(json, "clock", case_clock_names[effect->clock]);
        json_int(json, "percent", effect->percent);
        json_instant(json, "due", effect->due);
        break;
    case ORDER_REVIEW:
        json_text(json, "unit", message->core.unit);
        json_str_some(json, "result", message->result);
        json_raw_some(json, "contact_record", message->contact_record);
        json_raw_some(json, "photos", message->photos);
        break;
    case ORDER_RETURN_REQUEST:
        json_text(json, "unit", message->core.unit);
        json_str_some(json, "reason", message->reason);
        json_raw_some(json, "proposed_unit", message->proposed_unit);
        json_raw_some(json, "evidence", message->evidence);
        break;
    case ORDER_WITHDRAW:
        json_text(json, "reason", "dispatched_elsewhere");
        break;
    case ORDER_RETURN_REFUSED:
    case ORDER_REDO:
    case ORDER_CLOSED:
        json_str_some(json, "note", message->note);
        break;
    case ORDER_REFUSED:
    case ORDER_COUNT:
        break;
    }
    json_close_object(json);
}

static void actions_out(const struct turn *turn, struct json_out *json, const struct case_effect *effect)
{
    /* A withdrawn order asks for nothing more, whoever it was. */
    unsigned open = effect->order == ORDER_WITHDRAW ? 0 : case_actions_open(&turn->record->core, effect->role);
    json_open_array(json, "actions");
    for (int i = ACTION_SIGN; i < ACTION_COUNT; i++)
        if (open & (1u << i))
            json_text(json, NULL, case_action_names[i]);
    json_close_array(json);
}

/* The command's id is "<unit>:<the unit's own id>". */
static struct str unit_action_id(const struct turn *turn)
{
    struct str id = turn->message->id;
    struct str prefix = arena_printf(turn->arena, "%s:", turn->message->core.unit);
    return str_starts(id, prefix) ? (struct str){id.ptr + prefix.len, id.len - prefix.len} : id;
}

static const char *record_number(const struct turn *turn)
{
    return arena_printf(turn->arena, "%d.%lld", (int)turn->msg->partition, (long long)turn->msg->offset).ptr;
}

static void order_out(const struct turn *turn, const struct case_effect *effect)
{
    const char *kind = case_order_names[effect->order];
    bool refused = effect->order == ORDER_REFUSED;
    const struct unit *unit = policy_unit(turn->io->policy, str_of(effect->unit));
    struct str key = str_of(effect->unit);
    /* A refusal changes nothing, so only the refused record tells two of them apart. */
    struct str id = id_of(turn, effect->seq, kind,
            refused ? arena_printf(turn->arena, "%s.%s", effect->unit, record_number(turn)).ptr : effect->unit);
    struct json_out json;
    json_begin(&json, turn->arena, 1024 + turn->opening.complaint.text.len);
    json_open_object(&json, NULL);
    json_str(&json, "id", id);
    json_text(&json, "case", turn->message->core.case_id);
    json_str(&json, "order", order_number(turn, effect->task));
    json_text(&json, "kind", kind);
    json_instant(&json, "at", turn->decision->at);
    json_str(&json, "unit", key);
    json_text(&json, "queue", unit ? unit->queue->code : effect->unit);
    json_text_some(&json, "role", case_role_names[effect->role]);
    if (refused) {
        json_str(&json, "action", turn->message->action);
        json_str(&json, "action_id", unit_action_id(turn));
        json_text(&json, "rule", case_rule_names[effect->rule]);
        json_text(&json, "text", case_rule_texts[effect->rule]);
    } else {
        if (effect->order != ORDER_WITHDRAW) {
            matter_out(turn, &json);
            clocks_out(turn, &json, effect->role == ROLE_DESK);
        }
        order_why(turn, &json, effect);
    }
    actions_out(turn, &json, effect);
    json_close_object(&json);
    emit(turn, turn->io->topics.order, "unit.order", key, id, &json);
}

static void command_out(const struct turn *turn, const struct case_effect *effect)
{
    const char *kind = case_command_names[effect->command];
    const char *self = turn->message->core.case_id;
    struct str key = str_of(effect->other);
    struct str id = id_of(turn, effect->seq, kind, effect->other);
    struct json_out json;
    json_begin(&json, turn->arena, 256 + turn->record->result.len);
    json_open_object(&json, NULL);
    json_text(&json, "command", kind);
    json_str(&json, "case", key);
    json_str(&json, "id", id);
    json_instant(&json, "at", turn->decision->at);
    if (effect->command == COMMAND_MERGE_REQUEST) {
        bool passed_on = turn->message->core.kind == COMMAND_MERGE_REQUEST;
        json_text(&json, "member", passed_on ? turn->message->core.other : self);
        json_int(&json, "hops", effect->hops);
    } else {
        json_text(&json, "master", self);
    }
    json_text_some(&json, "reason", effect->reason);
    if (effect->command == COMMAND_MEMBER_RESULT) {
        json_text(&json, "outcome", case_outcome_names[turn->record->core.outcome]);
        json_str_some(&json, "result", turn->record->result);
        json_text(&json, "unit", turn->record->core.task > 0 ? turn->record->core.lead : turn->io->policy->desk->code);
    }
    json_close_object(&json);
    emit(turn, turn->io->topics.command, "case.command", key, id, &json);
}

static void resolution_out(const struct turn *turn, const struct case_effect *effect)
{
    const struct case_state *state = &turn->record->core;
    struct str key = str_of(state->id);
    struct str id = id_of(turn, effect->seq, "resolution", "");
    struct json_out json;
    json_begin(&json, turn->arena, 512 + turn->record->result.len);
    json_open_object(&json, NULL);
    json_str(&json, "id", id);
    json_str(&json, "case", key);
    json_raw_some(&json, "source", turn->opening.complaint.source);
    json_raw_some(&json, "complaint_id", turn->opening.complaint.id);
    json_text(&json, "outcome", case_outcome_names[state->outcome]);
    json_raw_some(&json, "line", turn->opening.route.line);
    json_str_some(&json, "result", turn->record->result);
    json_text_some(&json, "unit", effect->unit);
    json_instant(&json, "at", turn->decision->at);
    used_out(turn, &json);
    json_text_some(&json, "master", state->master);
    json_close_object(&json);
    emit(turn, turn->io->topics.resolution, "case.resolution", key, id, &json);
}

static void audit_out(const struct turn *turn, const struct case_effect *effect)
{
    bool repeat = effect->kind == EFFECT_REPEAT;
    const char *kind = repeat ? "repeat" : effect->rule == RULE_WRONG_QUEUE ? "wrong_queue" : "refused";
    struct str key = str_of(turn->message->core.case_id);
    struct str id = id_of(turn, effect->seq, kind, record_number(turn));
    struct json_out json;
    json_begin(&json, turn->arena, 512);
    json_open_object(&json, NULL);
    json_str(&json, "id", id);
    json_instant(&json, "at", turn->decision->at);
    json_text(&json, "kind", kind);
    json_str(&json, "case", key);
    actor_out(turn, &json, effect);
    if (repeat) {
        json_text(&json, "text", "the same complaint event again");
    } else {
        json_text(&json, "rule", case_rule_names[effect->rule]);
        json_text(&json, "text", case_rule_texts[effect->rule]);
    }
    json_close_object(&json);
    emit(turn, turn->io->topics.audit, "audit", key, id, &json);
    stage_count(turn->out, kind);
}

static void effects_out(const struct turn *turn)
{
    for (int i = 0; i < turn->decision->n_effects; i++) {
        const struct case_effect *effect = &turn->decision->effects[i];
        switch (effect->kind) {
        case EFFECT_EVENT:
            event_out(turn, effect);
            break;
        case EFFECT_ORDER:
            order_out(turn, effect);
            break;
        case EFFECT_COMMAND:
            command_out(turn, effect);
            break;
        case EFFECT_RESOLUTION:
            resolution_out(turn, effect);
            break;
        case EFFECT_REPEAT:
        case EFFECT_REFUSED:
            audit_out(turn, effect);
            break;
        }
    }
}

void case_message_decide(const struct case_io *io, const struct bus_msg *msg, struct str state,
        struct case_decision *decision, struct stage_out *out)
{
    struct arena *arena = stage_arena(out);
    struct error err = {0};
    struct case_message message;
    struct case_record record;
    if (!case_message_read(io->reader, msg->value, arena, &message, &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    if (!str_is(msg->key, message.core.case_id)) {
        (void)error_set(&err, ERR_INVALID, "wrong_key", "the record's key is not the case it is for");
        stage_dead_letter(out, &err);
        return;
    }
    if (!case_record_read(io->reader, state, arena, &record, &err)) {
        error_prefix(&err, "the state of the case");
        log_error("state_unreadable", "case=%s code=%s", message.core.case_id, err.code);
        stage_dead_letter(out, &err);
        return;
    }
    case_decide(io->policy, &record.core, &message.core, decision);
    if (record.core.stage == STAGE_NONE && decision->changed)
        record.open = message.open;
    if (decision->keep_result)
        record.result = message.core.kind == COMMAND_MEMBER_RESULT ? message.result : message.core.words;
    record.core = decision->after;
    struct turn turn = {
            .io = io,
            .msg = msg,
            .message = &message,
            .record = &record,
            .decision = decision,
            .out = out,
            .arena = arena,
    };
    if (decision->n_effects && record.open.len &&
        !json_read(io->reader, record.open, opening_fields, COUNT(opening_fields), &turn.opening, arena, &err)) {
        stage_dead_letter(out, &err);
        return;
    }
    effects_out(&turn);
    if (decision->changed)
        stage_put(out, case_record_write(&record, arena), record.core.wake_at);
    else if (!decision->n_effects)
        stage_count(out, "nothing");
}
