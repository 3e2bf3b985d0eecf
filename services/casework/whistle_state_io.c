/* The state of a whistle: as it is read, as it is kept. */
#include "whistle_io_parts.h"

#include <stdlib.h>

enum { LAYOUT = 1 };

struct unit_form {
    struct str unit;
    bool must, explained;
    int dispute;
    instant arrived_at, absent_at;
    int64_t fired, score, score_of_issuer;
};

#define UNIT(member) .offset = offsetof(struct unit_form, member)
static const struct json_field unit_fields[] = {
        {.name = "unit", .kind = JSON_STR, UNIT(unit), .required = true},
        {.name = "must", .kind = JSON_BOOL, UNIT(must), .required = true},
        {.name = "dispute",
                .kind = JSON_ENUM,
                UNIT(dispute),
                .max = WHISTLE_DISPUTE_COUNT,
                .names = whistle_dispute_names},
        {.name = "arrived_at", .kind = JSON_INSTANT, UNIT(arrived_at)},
        {.name = "absent_at", .kind = JSON_INSTANT, UNIT(absent_at)},
        {.name = "explained", .kind = JSON_BOOL, UNIT(explained)},
        {.name = "fired", .kind = JSON_INT, UNIT(fired)},
        {.name = "score", .kind = JSON_INT, UNIT(score)},
        {.name = "score_of_issuer", .kind = JSON_INT, UNIT(score_of_issuer)},
};
#undef UNIT

struct budget_form {
    int64_t amount;
    int unit;
};

static const struct json_field budget_fields[] = {
        {.name = "amount",
                .kind = JSON_INT,
                .offset = offsetof(struct budget_form, amount),
                .required = true},
        {.name = "unit",
                .kind = JSON_ENUM,
                .offset = offsetof(struct budget_form, unit),
                .required = true,
                .max = TIME_UNIT_COUNT,
                .names = time_unit_names},
};

struct state_form {
    struct whistle_state core;
    struct str text;
    struct budget_form check_in;
    int64_t version, n_actions, unanswered;
    int stage, type;
    struct json_list cases, units, actions;
};

#define FORM(member) .offset = offsetof(struct state_form, member)
static const struct json_field state_fields[] = {
        {.name = "v", .kind = JSON_INT, FORM(version), .required = true},
        {.name = "case",
                .kind = JSON_CHARS,
                FORM(core.id),
                .required = true,
                .max = CASE_ID_SIZE},
        {.name = "seq", .kind = JSON_INT, FORM(core.seq), .required = true},
        {.name = "stage",
                .kind = JSON_ENUM,
                FORM(stage),
                .required = true,
                .max = WHISTLE_STAGE_COUNT,
                .names = whistle_stage_names},
        {.name = "type",
                .kind = JSON_ENUM,
                FORM(type),
                .required = true,
                .max = WHISTLE_TYPE_COUNT,
                .names = whistle_type_names},
        {.name = "issuer",
                .kind = JSON_CHARS,
                FORM(core.issuer),
                .required = true,
                .max = WHISTLE_UNIT_SIZE},
        {.name = "place",
                .kind = JSON_CHARS,
                FORM(core.place),
                .max = WHISTLE_PLACE_SIZE},
        {.name = "cases", .kind = JSON_STRS, FORM(cases)},
        {.name = "unanswered", .kind = JSON_INT, FORM(unanswered)},
        {.name = "held", .kind = JSON_BOOL, FORM(core.held)},
        {.name = "text", .kind = JSON_STR, FORM(text)},
        {.name = "issued_at",
                .kind = JSON_INSTANT,
                FORM(core.issued_at),
                .required = true},
        {.name = "finished_at", .kind = JSON_INSTANT, FORM(core.finished_at)},
        {.name = "check_in",
                .kind = JSON_OBJECT,
                FORM(check_in),
                .required = true,
                .max = COUNT(budget_fields),
                .sub = budget_fields},
        {.name = "due", .kind = JSON_INSTANT, FORM(core.due)},
        {.name = "wake_at", .kind = JSON_INSTANT, FORM(core.wake_at)},
        {.name = "units",
                .kind = JSON_LIST,
                FORM(units),
                .max = COUNT(unit_fields),
                .sub = unit_fields,
                .item_size = sizeof(struct unit_form)},
        {.name = "actions", .kind = JSON_STRS, FORM(actions)},
        {.name = "n_actions", .kind = JSON_INT, FORM(n_actions)},
};
#undef FORM

static bool too_many(struct error *err, const char *field)
{
    return error_set(err, ERR_INVALID, "too_long",
            "field %s has too many items or a too "
            "long one",
            field);
}

static bool units_read(
        const struct json_list *list, struct whistle_state *core, struct error *err)
{
    const struct unit_form *forms = list->items;
    if (list->n > WHISTLE_UNITS_MAX)
        return too_many(err, "units");
    for (size_t i = 0; i < list->n; i++) {
        struct whistle_unit *unit = &core->units[core->n_units++];
        *unit = (struct whistle_unit){
                .must = forms[i].must,
                .dispute = (enum whistle_dispute)forms[i].dispute,
                .arrived_at = forms[i].arrived_at,
                .absent_at = forms[i].absent_at,
                .explained = forms[i].explained,
                .fired = (int32_t)forms[i].fired,
                .score = (int32_t)forms[i].score,
                .score_of_issuer = (int32_t)forms[i].score_of_issuer,
        };
        if (!str_copy(unit->unit, sizeof unit->unit, forms[i].unit))
            return too_many(err, "units");
    }
    return true;
}

static bool cases_read(
        const struct json_list *list, struct whistle_state *core, struct error *err)
{
    const struct str *items = list->items;
    if (list->n > WHISTLE_CASES_MAX)
        return too_many(err, "cases");
    for (size_t i = 0; i < list->n; i++)
        if (!str_copy(core->cases[core->n_cases++], CASE_ID_SIZE, items[i]))
            return too_many(err, "cases");
    return true;
}

bool whistle_record_read(struct json_reader *reader, struct str text, struct arena *arena,
        struct whistle_record *out, struct error *err)
{
    *out = (struct whistle_record){0};
    if (!text.len)
        return true;
    struct state_form form = {0};
    struct whistle_state *core = &form.core;
    if (!json_read(reader, text, state_fields, COUNT(state_fields), &form, arena, err) ||
            !units_read(&form.units, core, err) || !cases_read(&form.cases, core, err))
        return false;
    core->stage = (enum whistle_stage)form.stage;
    core->type = (enum whistle_type)form.type;
    core->check_in = (struct budget){
            (int32_t)form.check_in.amount, (enum time_unit)form.check_in.unit};
    core->n_actions = (int32_t)form.n_actions;
    core->unanswered = (uint32_t)form.unanswered;
    const struct str *actions = form.actions.items;
    for (size_t i = 0; i < form.actions.n && i < WHISTLE_ACTIONS_KEPT; i++)
        core->actions[i] = strtoull(
                actions[i].ptr, NULL, 16); /* the arena's strings are terminated */
    out->core = *core;
    out->text = form.text;
    return true;
}

static void int_some(struct json_out *json, const char *key, int32_t value)
{
    if (value)
        json_int(json, key, value);
}

static void unit_write(struct json_out *json, const struct whistle_unit *unit)
{
    json_open_object(json, NULL);
    json_text(json, "unit", unit->unit);
    json_bool(json, "must", unit->must);
    json_text_some(json, "dispute", whistle_dispute_names[unit->dispute]);
    json_instant_some(json, "arrived_at", unit->arrived_at);
    json_instant_some(json, "absent_at", unit->absent_at);
    if (unit->explained)
        json_bool(json, "explained", true);
    int_some(json, "fired", unit->fired);
    int_some(json, "score", unit->score);
    int_some(json, "score_of_issuer", unit->score_of_issuer);
    json_close_object(json);
}

static void lists_write(
        struct json_out *json, const struct whistle_state *core, struct arena *arena)
{
    if (core->n_cases) {
        json_open_array(json, "cases");
        for (int i = 0; i < core->n_cases; i++)
            json_text(json, NULL, core->cases[i]);
        json_close_array(json);
    }
    if (core->unanswered)
        json_int(json, "unanswered", core->unanswered);
    if (core->held)
        json_bool(json, "held", true);
    json_open_array(json, "units");
    for (int i = 0; i < core->n_units; i++)
        unit_write(json, &core->units[i]);
    json_close_array(json);
    json_open_array(json, "actions");
    for (int i = 0; i < core->n_actions && i < WHISTLE_ACTIONS_KEPT; i++)
        json_str(json, NULL,
                arena_printf(arena, "%016llx", (unsigned long long)core->actions[i]));
    json_close_array(json);
    json_int(json, "n_actions", core->n_actions);
}

struct str whistle_record_write(const struct whistle_record *record, struct arena *arena)
{
    const struct whistle_state *core = &record->core;
    struct json_out json;
    json_begin(&json, arena, record->text.len + 2048);
    json_open_object(&json, NULL);
    json_int(&json, "v", LAYOUT);
    json_text(&json, "case", core->id);
    json_int(&json, "seq", core->seq);
    json_text(&json, "stage", whistle_stage_names[core->stage]);
    json_text(&json, "type", whistle_type_names[core->type]);
    json_text(&json, "issuer", core->issuer);
    json_text_some(&json, "place", core->place);
    json_str_some(&json, "text", record->text);
    json_instant(&json, "issued_at", core->issued_at);
    json_instant_some(&json, "finished_at", core->finished_at);
    json_open_object(&json, "check_in");
    json_int(&json, "amount", core->check_in.amount);
    json_text(&json, "unit", time_unit_names[core->check_in.unit]);
    json_close_object(&json);
    json_instant_some(&json, "due", core->due);
    json_instant_some(&json, "wake_at", core->wake_at);
    lists_write(&json, core, arena);
    json_close_object(&json);
    return json_end(&json);
}
