/* The state of a case: as it is read, as it is kept. */
#include "io_parts.h"

#include <stdlib.h>
#include <string.h>

enum { STATE_VERSION = 2 };

#define FIELD(form, member, kind_)                                                       \
    {.name = #member, .kind = kind_, .offset = offsetof(form, member)}
#define CHARS(form, member)                                                              \
    {.name = #member,                                                                    \
            .kind = JSON_CHARS,                                                          \
            .offset = offsetof(form, member),                                            \
            .max = sizeof(((form *)0)->member)}
#define ENUM(form, member, count, texts)                                                 \
    {.name = #member,                                                                    \
            .kind = JSON_ENUM,                                                           \
            .offset = offsetof(form, member),                                            \
            .max = count,                                                                \
            .names = texts}
#define OBJECT(form, member, table)                                                      \
    {.name = #member,                                                                    \
            .kind = JSON_OBJECT,                                                         \
            .offset = offsetof(form, member),                                            \
            .max = COUNT(table),                                                         \
            .sub = table}
#define LIST(form, member, table, item)                                                  \
    {.name = #member,                                                                    \
            .kind = JSON_LIST,                                                           \
            .offset = offsetof(form, member),                                            \
            .max = COUNT(table),                                                         \
            .sub = table,                                                                \
            .item_size = sizeof(item)}

struct pause_form {
    instant from, to;
    int reason;
};
static const struct json_field pause_fields[] = {
        FIELD(struct pause_form, from, JSON_INSTANT),
        FIELD(struct pause_form, to, JSON_INSTANT),
        ENUM(struct pause_form, reason, PAUSE_COUNT, case_pause_names),
};

struct clock_form {
    int clock, unit, why;
    int64_t task, amount, extra, fired, stood, moved;
    bool of_class;
    instant start, stopped, due;
    struct json_list pauses;
};
static const struct json_field clock_fields[] = {
        ENUM(struct clock_form, clock, CASE_CLOCK_COUNT, case_clock_names),
        FIELD(struct clock_form, task, JSON_INT),
        FIELD(struct clock_form, amount, JSON_INT),
        FIELD(struct clock_form, extra, JSON_INT),
        ENUM(struct clock_form, unit, TIME_UNIT_COUNT, time_unit_names),
        FIELD(struct clock_form, of_class, JSON_BOOL),
        FIELD(struct clock_form, start, JSON_INSTANT),
        FIELD(struct clock_form, stopped, JSON_INSTANT),
        ENUM(struct clock_form, why, PAUSE_COUNT, case_pause_names),
        LIST(struct clock_form, pauses, pause_fields, struct pause_form),
        FIELD(struct clock_form, stood, JSON_INT),
        FIELD(struct clock_form, moved, JSON_INT),
        FIELD(struct clock_form, due, JSON_INSTANT),
        FIELD(struct clock_form, fired, JSON_INT),
};

struct task_form {
    struct case_task task;
    int64_t number;
};
#define TASK(member)                                                                     \
    {.name = #member,                                                                    \
            .kind = JSON_INSTANT,                                                        \
            .offset = offsetof(struct task_form, task.member)}
static const struct json_field task_fields[] = {
        FIELD(struct task_form, number, JSON_INT),
        {.name = "unit",
                .kind = JSON_CHARS,
                .offset = offsetof(struct task_form, task.unit),
                .max = CASE_UNIT_SIZE},
        {.name = "mandatory",
                .kind = JSON_BOOL,
                .offset = offsetof(struct task_form, task.mandatory)},
        TASK(signed_at),
        TASK(contacted_at),
        TASK(arrived_at),
        TASK(handling_at),
        TASK(submitted_at),
};
#undef TASK

struct request_form {
    int kind;
    int64_t task, amount;
    char unit[CASE_UNIT_SIZE], approver[CASE_UNIT_SIZE];
    instant until;
};
static const struct json_field request_fields[] = {
        ENUM(struct request_form, kind, REQUEST_COUNT, case_request_names),
        FIELD(struct request_form, task, JSON_INT),
        CHARS(struct request_form, unit),
        CHARS(struct request_form, approver),
        FIELD(struct request_form, amount, JSON_INT),
        FIELD(struct request_form, until, JSON_INSTANT),
};

struct meeting_form {
    char convener[CASE_UNIT_SIZE];
    struct json_list parties;
};
static const struct json_field meeting_fields[] = {
        CHARS(struct meeting_form, convener),
        FIELD(struct meeting_form, parties, JSON_STRS),
};

struct member_form {
    char id[CASE_ID_SIZE];
    char reporter[17];
    char accused[CASE_UNIT_SIZE];
    instant at;
};
static const struct json_field member_fields[] = {
        {.name = "case",
                .kind = JSON_CHARS,
                .offset = offsetof(struct member_form, id),
                .max = CASE_ID_SIZE,
                .required = true},
        CHARS(struct member_form, reporter),
        CHARS(struct member_form, accused),
        FIELD(struct member_form, at, JSON_INSTANT),
};

/* What the core keeps in smaller integers than JSON has. */
struct numbers_form {
    int64_t version, tasks_given, step, returns, extensions, redos, reopens, n_actions;
};

struct state_form {
    struct numbers_form n;
    struct str open, result;
    int stage, outcome;
    char reporter[17];
    struct task_form lead;
    struct request_form request;
    struct meeting_form meeting;
    struct json_list assists, members, clocks, actions, whistles;
    struct case_state core; /* its members stay as they are: they come by the list */
};

#define CORE(member, kind_)                                                              \
    {.name = #member, .kind = kind_, .offset = offsetof(struct state_form, core.member)}
#define CORE_CHARS(member)                                                               \
    {.name = #member,                                                                    \
            .kind = JSON_CHARS,                                                          \
            .offset = offsetof(struct state_form, core.member),                          \
            .max = sizeof(((struct case_state *)0)->member)}
#define NUMBER(name_, member)                                                            \
    {.name = name_, .kind = JSON_INT, .offset = offsetof(struct state_form, n.member)}
static const struct json_field state_fields[] = {
        {.name = "v",
                .kind = JSON_INT,
                .offset = offsetof(struct state_form, n.version),
                .required = true},
        {.name = "case",
                .kind = JSON_CHARS,
                .offset = offsetof(struct state_form, core.id),
                .max = CASE_ID_SIZE,
                .required = true},
        {.name = "seq",
                .kind = JSON_INT,
                .offset = offsetof(struct state_form, core.seq),
                .required = true},
        {.name = "stage",
                .kind = JSON_ENUM,
                .offset = offsetof(struct state_form, stage),
                .required = true,
                .max = STAGE_COUNT,
                .names = case_stage_names},
        ENUM(struct state_form, outcome, OUTCOME_COUNT, case_outcome_names),
        CORE(opened, JSON_INSTANT),
        CORE(changed, JSON_INSTANT),
        CORE(closed_at, JSON_INSTANT),
        CORE(wake_at, JSON_INSTANT),
        NUMBER("tasks_given", tasks_given),
        OBJECT(struct state_form, lead, task_fields),
        LIST(struct state_form, assists, task_fields, struct task_form),
        CORE_CHARS(sla),
        CORE_CHARS(category),
        CORE_CHARS(place),
        CORE_CHARS(accused),
        CORE(report, JSON_BOOL),
        CORE_CHARS(no_lead),
        CORE_CHARS(pool),
        CORE_CHARS(claimed_from),
        CORE_CHARS(policy),
        CHARS(struct state_form, reporter),
        OBJECT(struct state_form, request, request_fields),
        OBJECT(struct state_form, meeting, meeting_fields),
        NUMBER("step", step),
        NUMBER("returns", returns),
        CORE(no_return, JSON_BOOL),
        NUMBER("extensions", extensions),
        NUMBER("redos", redos),
        NUMBER("reopens", reopens),
        CORE(supervised, JSON_BOOL),
        CORE(cluster_told, JSON_BOOL),
        CORE(suspended_ms, JSON_INT),
        CORE(returned_ms, JSON_INT),
        FIELD(struct state_form, whistles, JSON_STRS),
        CORE_CHARS(master),
        LIST(struct state_form, members, member_fields, struct member_form),
        LIST(struct state_form, clocks, clock_fields, struct clock_form),
        FIELD(struct state_form, actions, JSON_STRS),
        NUMBER("n_actions", n_actions),
        FIELD(struct state_form, result, JSON_STR),
        FIELD(struct state_form, open, JSON_RAW),
};

bool io_rows_read(struct json_list list, char *rows, size_t size, int32_t max, int32_t *n,
        const char *name, struct error *err)
{
    const struct str *items = list.items;
    if (list.n > (size_t)max)
        return error_set(err, ERR_INVALID, "too_long", "field %s has more than %d items",
                name, (int)max);
    for (size_t i = 0; i < list.n; i++)
        if (!str_copy(rows + i * size, size, items[i]))
            return error_set(err, ERR_INVALID, "too_long",
                    "field %s has an item longer than %zu bytes", name, size - 1);
    *n = (int32_t)list.n;
    return true;
}

static bool too_many(struct error *err, const char *name, int max)
{
    return error_set(
            err, ERR_INVALID, "too_long", "field %s has more than %d items", name, max);
}

static struct case_task task_of(const struct task_form *form)
{
    struct case_task task = form->task;
    task.number = (int32_t)form->number;
    return task;
}

static bool clock_of(
        const struct clock_form *form, struct case_clock *out, struct error *err)
{
    const struct pause_form *pauses = form->pauses.items;
    if (form->pauses.n > CASE_PAUSES_MAX)
        return too_many(err, "clocks.pauses", CASE_PAUSES_MAX);
    *out = (struct case_clock){
            .kind = (enum case_clock_kind)form->clock,
            .task = (int32_t)form->task,
            .amount = (int32_t)form->amount,
            .extra = (int32_t)form->extra,
            .unit = (enum time_unit)form->unit,
            .of_class = form->of_class,
            .start = form->start,
            .stopped = form->stopped,
            .why = (enum case_pause_reason)form->why,
            .n_pauses = (int32_t)form->pauses.n,
            .stood = form->stood,
            .moved = form->moved,
            .due = form->due,
            .fired = (int32_t)form->fired,
    };
    for (size_t i = 0; i < form->pauses.n; i++)
        out->pauses[i] = (struct case_pause){
                pauses[i].from, pauses[i].to, (enum case_pause_reason)pauses[i].reason};
    return true;
}

static bool lists_read(
        const struct state_form *form, struct case_state *core, struct error *err)
{
    const struct task_form *assists = form->assists.items;
    const struct clock_form *clocks = form->clocks.items;
    const struct member_form *members = form->members.items;
    const struct str *actions = form->actions.items;
    if (form->assists.n > ASSISTS_MAX)
        return too_many(err, "assists", ASSISTS_MAX);
    if (form->clocks.n > CASE_CLOCKS_MAX)
        return too_many(err, "clocks", CASE_CLOCKS_MAX);
    if (form->members.n > CASE_MEMBERS_MAX)
        return too_many(err, "members", CASE_MEMBERS_MAX);
    core->n_assists = (int32_t)form->assists.n;
    for (size_t i = 0; i < form->assists.n; i++)
        core->assists[i] = task_of(&assists[i]);
    core->n_clocks = (int32_t)form->clocks.n;
    for (size_t i = 0; i < form->clocks.n; i++)
        if (!clock_of(&clocks[i], &core->clocks[i], err))
            return false;
    core->n_members = (int32_t)form->members.n;
    for (size_t i = 0; i < form->members.n; i++) {
        core->members[i] = (struct case_member){
                .reporter = strtoull(members[i].reporter, NULL, 16), .at = members[i].at};
        (void)str_copy(core->members[i].id, CASE_ID_SIZE, str_of(members[i].id));
        (void)str_copy(
                core->members[i].accused, CASE_UNIT_SIZE, str_of(members[i].accused));
    }
    for (size_t i = 0; i < form->actions.n && i < CASE_ACTIONS_KEPT; i++)
        core->actions[i] = strtoull(
                actions[i].ptr, NULL, 16); /* the arena's strings are terminated */
    return io_rows_read(form->meeting.parties, core->meeting.parties[0], CASE_UNIT_SIZE,
                   CASE_PARTIES_MAX, &core->meeting.n_parties, "meeting.parties", err) &&
           io_rows_read(form->whistles, core->whistles[0], CASE_ID_SIZE,
                   CASE_WHISTLES_MAX, &core->n_whistles, "whistles", err);
}

bool case_record_read(struct json_reader *reader, struct str text, struct arena *arena,
        struct case_record *out, struct error *err)
{
    struct state_form whole, *form = &whole;
    memset(out, 0, offsetof(struct case_record, core.members));
    if (!text.len)
        return true;
    memset(form, 0, offsetof(struct state_form, core.members));
    if (!json_read(reader, text, state_fields, COUNT(state_fields), form, arena, err))
        return false;
    if (form->n.version != STATE_VERSION)
        return error_set(err, ERR_INVALID, "unknown_version",
                "a state of version %lld; this program writes %d",
                (long long)form->n.version, STATE_VERSION);
    struct case_state *core = &form->core;
    const struct request_form *request = &form->request;
    core->stage = (enum case_stage)form->stage;
    core->outcome = (enum case_outcome)form->outcome;
    core->tasks_given = (int32_t)form->n.tasks_given;
    core->step = (int32_t)form->n.step;
    core->returns = (int32_t)form->n.returns;
    core->extensions = (int32_t)form->n.extensions;
    core->redos = (int32_t)form->n.redos;
    core->reopens = (int32_t)form->n.reopens;
    core->n_actions = (int32_t)form->n.n_actions;
    core->reporter = strtoull(form->reporter, NULL, 16);
    core->lead = task_of(&form->lead);
    core->request = (struct case_request){.kind = (enum case_request_kind)request->kind,
            .task = (int32_t)request->task,
            .amount = (int32_t)request->amount,
            .until = request->until};
    (void)str_copy(core->request.unit, CASE_UNIT_SIZE, str_of(request->unit));
    (void)str_copy(core->request.approver, CASE_UNIT_SIZE, str_of(request->approver));
    (void)str_copy(
            core->meeting.convener, CASE_UNIT_SIZE, str_of(form->meeting.convener));
    if (!lists_read(form, core, err))
        return false;
    case_state_copy(&out->core, core);
    out->open = form->open;
    out->result = form->result;
    return true;
}

/* ---- as it is kept ---- */

static void int_some(struct json_out *json, const char *key, int64_t value)
{
    if (value)
        json_int(json, key, value);
}

static void bool_some(struct json_out *json, const char *key, bool value)
{
    if (value)
        json_bool(json, key, value);
}

static void hex_some(
        struct json_out *json, struct arena *arena, const char *key, uint64_t value)
{
    if (value)
        json_str(json, key, arena_printf(arena, "%016llx", (unsigned long long)value));
}

static void clock_write(struct json_out *json, const struct case_clock *clock)
{
    json_open_object(json, NULL);
    json_text(json, "clock", case_clock_names[clock->kind]);
    int_some(json, "task", clock->task);
    json_int(json, "amount", clock->amount);
    int_some(json, "extra", clock->extra);
    json_text(json, "unit", time_unit_names[clock->unit]);
    bool_some(json, "of_class", clock->of_class);
    json_instant(json, "start", clock->start);
    json_instant_some(json, "stopped", clock->stopped);
    if (clock->why != PAUSE_NONE)
        json_text(json, "why", case_pause_names[clock->why]);
    if (clock->n_pauses) {
        json_open_array(json, "pauses");
        for (int i = 0; i < clock->n_pauses; i++) {
            json_open_object(json, NULL);
            json_instant(json, "from", clock->pauses[i].from);
            json_instant(json, "to", clock->pauses[i].to);
            json_text(json, "reason", case_pause_names[clock->pauses[i].reason]);
            json_close_object(json);
        }
        json_close_array(json);
    }
    int_some(json, "stood", clock->stood);
    int_some(json, "moved", clock->moved);
    json_instant_some(json, "due", clock->due);
    int_some(json, "fired", clock->fired);
    json_close_object(json);
}

static void task_write(
        struct json_out *json, const char *key, const struct case_task *task)
{
    json_open_object(json, key);
    int_some(json, "number", task->number);
    json_text(json, "unit", task->unit);
    bool_some(json, "mandatory", task->mandatory);
    json_instant_some(json, "signed_at", task->signed_at);
    json_instant_some(json, "contacted_at", task->contacted_at);
    json_instant_some(json, "arrived_at", task->arrived_at);
    json_instant_some(json, "handling_at", task->handling_at);
    json_instant_some(json, "submitted_at", task->submitted_at);
    json_close_object(json);
}

static void request_write(struct json_out *json, const struct case_request *request)
{
    if (request->kind == REQUEST_NONE)
        return;
    json_open_object(json, "request");
    json_text(json, "kind", case_request_names[request->kind]);
    int_some(json, "task", request->task);
    json_text(json, "unit", request->unit);
    json_text(json, "approver", request->approver);
    int_some(json, "amount", request->amount);
    json_instant_some(json, "until", request->until);
    json_close_object(json);
}

static void meeting_write(struct json_out *json, const struct case_meeting *meeting)
{
    if (!meeting->convener[0])
        return;
    json_open_object(json, "meeting");
    json_text(json, "convener", meeting->convener);
    json_open_array(json, "parties");
    for (int i = 0; i < meeting->n_parties; i++)
        json_text(json, NULL, meeting->parties[i]);
    json_close_array(json);
    json_close_object(json);
}

static void lists_write(
        struct json_out *json, const struct case_state *core, struct arena *arena)
{
    if (core->n_whistles) {
        json_open_array(json, "whistles");
        for (int i = 0; i < core->n_whistles; i++)
            json_text(json, NULL, core->whistles[i]);
        json_close_array(json);
    }
    if (core->n_members) {
        json_open_array(json, "members");
        for (int i = 0; i < core->n_members; i++) {
            json_open_object(json, NULL);
            json_text(json, "case", core->members[i].id);
            hex_some(json, arena, "reporter", core->members[i].reporter);
            json_text_some(json, "accused", core->members[i].accused);
            json_instant(json, "at", core->members[i].at);
            json_close_object(json);
        }
        json_close_array(json);
    }
    json_open_array(json, "clocks");
    for (int i = 0; i < core->n_clocks; i++)
        clock_write(json, &core->clocks[i]);
    json_close_array(json);
    if (core->n_actions) {
        json_open_array(json, "actions");
        for (int i = 0; i < core->n_actions && i < CASE_ACTIONS_KEPT; i++)
            json_str(json, NULL,
                    arena_printf(arena, "%016llx", (unsigned long long)core->actions[i]));
        json_close_array(json);
        json_int(json, "n_actions", core->n_actions);
    }
}

struct str case_record_write(const struct case_record *record, struct arena *arena)
{
    const struct case_state *core = &record->core;
    struct json_out json;
    json_begin(&json, arena,
            record->open.len + record->result.len + 2048 + (size_t)core->n_members * 96);
    json_open_object(&json, NULL);
    json_int(&json, "v", STATE_VERSION);
    json_text(&json, "case", core->id);
    json_int(&json, "seq", core->seq);
    json_text(&json, "stage", case_stage_names[core->stage]);
    json_text_some(&json, "outcome", case_outcome_names[core->outcome]);
    json_instant_some(&json, "opened", core->opened);
    json_instant_some(&json, "changed", core->changed);
    json_instant_some(&json, "closed_at", core->closed_at);
    json_instant_some(&json, "wake_at", core->wake_at);
    int_some(&json, "tasks_given", core->tasks_given);
    if (core->lead.unit[0])
        task_write(&json, "lead", &core->lead);
    if (core->n_assists) {
        json_open_array(&json, "assists");
        for (int i = 0; i < core->n_assists; i++)
            task_write(&json, NULL, &core->assists[i]);
        json_close_array(&json);
    }
    json_text_some(&json, "sla", core->sla);
    json_text_some(&json, "category", core->category);
    json_text_some(&json, "place", core->place);
    json_text_some(&json, "accused", core->accused);
    bool_some(&json, "report", core->report);
    json_text_some(&json, "no_lead", core->no_lead);
    json_text_some(&json, "pool", core->pool);
    json_text_some(&json, "claimed_from", core->claimed_from);
    json_text_some(&json, "policy", core->policy);
    hex_some(&json, arena, "reporter", core->reporter);
    request_write(&json, &core->request);
    meeting_write(&json, &core->meeting);
    int_some(&json, "step", core->step);
    int_some(&json, "returns", core->returns);
    bool_some(&json, "no_return", core->no_return);
    int_some(&json, "extensions", core->extensions);
    int_some(&json, "redos", core->redos);
    int_some(&json, "reopens", core->reopens);
    bool_some(&json, "supervised", core->supervised);
    bool_some(&json, "cluster_told", core->cluster_told);
    int_some(&json, "suspended_ms", core->suspended_ms);
    int_some(&json, "returned_ms", core->returned_ms);
    json_text_some(&json, "master", core->master);
    lists_write(&json, core, arena);
    json_str_some(&json, "result", record->result);
    json_raw_some(&json, "open", record->open);
    json_close_object(&json);
    return json_end(&json);
}
