/* The state of a case: as it is read, as it is kept. */
#include "io_parts.h"

#include <stdlib.h>

struct clock_form {
    int clock, unit;
    int64_t amount, fired, stood;
    instant start, stopped;
};

static const struct json_field clock_fields[] = {
        {.name = "clock",
                .kind = JSON_ENUM,
                .offset = offsetof(struct clock_form, clock),
                .required = true,
                .max = CASE_CLOCK_COUNT,
                .names = case_clock_names},
        {.name = "amount",
                .kind = JSON_INT,
                .offset = offsetof(struct clock_form, amount),
                .required = true},
        {.name = "unit",
                .kind = JSON_ENUM,
                .offset = offsetof(struct clock_form, unit),
                .required = true,
                .max = TIME_UNIT_COUNT,
                .names = time_unit_names},
        {.name = "start",
                .kind = JSON_INSTANT,
                .offset = offsetof(struct clock_form, start),
                .required = true},
        {.name = "stopped",
                .kind = JSON_INSTANT,
                .offset = offsetof(struct clock_form, stopped)},
        {.name = "stood", .kind = JSON_INT, .offset = offsetof(struct clock_form, stood)},
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
        {.name = "v",
                .kind = JSON_INT,
                .offset = offsetof(struct state_form, version),
                .required = true},
        {.name = "case",
                .kind = JSON_CHARS,
                .offset = CORE(id),
                .required = true,
                .max = CASE_ID_SIZE},
        {.name = "seq", .kind = JSON_INT, .offset = CORE(seq), .required = true},
        {.name = "stage",
                .kind = JSON_ENUM,
                .offset = offsetof(struct state_form, stage),
                .required = true,
                .max = STAGE_COUNT,
                .names = case_stage_names},
        {.name = "outcome",
                .kind = JSON_ENUM,
                .offset = offsetof(struct state_form, outcome),
                .max = OUTCOME_COUNT,
                .names = case_outcome_names},
        {.name = "opened", .kind = JSON_INSTANT, .offset = CORE(opened)},
        {.name = "changed", .kind = JSON_INSTANT, .offset = CORE(changed)},
        {.name = "wake_at", .kind = JSON_INSTANT, .offset = CORE(wake_at)},
        {.name = "task", .kind = JSON_INT, .offset = offsetof(struct state_form, task)},
        {.name = "lead", .kind = JSON_CHARS, .offset = CORE(lead), .max = CASE_UNIT_SIZE},
        {.name = "assists",
                .kind = JSON_STRS,
                .offset = offsetof(struct state_form, assists)},
        {.name = "sla", .kind = JSON_CHARS, .offset = CORE(sla), .max = CASE_NAME_SIZE},
        {.name = "category",
                .kind = JSON_CHARS,
                .offset = CORE(category),
                .max = CASE_CODE_SIZE},
        {.name = "accused",
                .kind = JSON_CHARS,
                .offset = CORE(accused),
                .max = CASE_UNIT_SIZE},
        {.name = "signed_at", .kind = JSON_INSTANT, .offset = CORE(signed_at)},
        {.name = "contacted_at", .kind = JSON_INSTANT, .offset = CORE(contacted_at)},
        {.name = "handling_at", .kind = JSON_INSTANT, .offset = CORE(handling_at)},
        {.name = "submitted_at", .kind = JSON_INSTANT, .offset = CORE(submitted_at)},
        {.name = "return_refused", .kind = JSON_BOOL, .offset = CORE(return_refused)},
        {.name = "redos", .kind = JSON_INT, .offset = offsetof(struct state_form, redos)},
        {.name = "master",
                .kind = JSON_CHARS,
                .offset = CORE(master),
                .max = CASE_ID_SIZE},
        {.name = "members",
                .kind = JSON_STRS,
                .offset = offsetof(struct state_form, members)},
        {.name = "clocks",
                .kind = JSON_LIST,
                .offset = offsetof(struct state_form, clocks),
                .max = COUNT(clock_fields),
                .sub = clock_fields,
                .item_size = sizeof(struct clock_form)},
        {.name = "actions",
                .kind = JSON_STRS,
                .offset = offsetof(struct state_form, actions)},
        {.name = "n_actions",
                .kind = JSON_INT,
                .offset = offsetof(struct state_form, n_actions)},
        {.name = "result",
                .kind = JSON_STR,
                .offset = offsetof(struct state_form, result)},
        {.name = "open", .kind = JSON_RAW, .offset = offsetof(struct state_form, open)},
};
#undef CORE

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
    if (clock->stood)
        json_int(json, "stood", clock->stood);
    if (clock->fired)
        json_int(json, "fired", clock->fired);
    json_close_object(json);
}

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

bool case_record_read(struct json_reader *reader, struct str text, struct arena *arena,
        struct case_record *out, struct error *err)
{
    *out = (struct case_record){0};
    if (!text.len)
        return true;
    struct state_form form = {0};
    if (!json_read(reader, text, state_fields, COUNT(state_fields), &form, arena, err))
        return false;
    struct case_state *core = &form.core;
    if (!io_rows_read(form.assists, core->assists[0], CASE_UNIT_SIZE, ASSISTS_MAX,
                &core->n_assists, "assists", err) ||
            !io_rows_read(form.members, core->members[0], CASE_ID_SIZE, CASE_MEMBERS_MAX,
                    &core->n_members, "members", err))
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
                .stood = clocks[i].stood,
                .fired = (int32_t)clocks[i].fired,
        };
    const struct str *actions = form.actions.items;
    for (size_t i = 0; i < form.actions.n && i < CASE_ACTIONS_KEPT; i++)
        core->actions[i] = strtoull(
                actions[i].ptr, NULL, 16); /* the arena's strings are terminated */
    out->core = *core;
    out->open = form.open;
    out->result = form.result;
    return true;
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
            json_str(&json, NULL,
                    arena_printf(arena, "%016llx", (unsigned long long)core->actions[i]));
        json_close_array(&json);
        json_int(&json, "n_actions", core->n_actions);
    }
    json_str_some(&json, "result", record->result);
    json_raw_some(&json, "open", record->open);
    json_close_object(&json);
    return json_end(&json);
}
