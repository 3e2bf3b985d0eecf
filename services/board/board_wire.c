#include "board_wire.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define FIELD(type, field, member, what)                                                 \
    {.name = field, .kind = what, .offset = offsetof(type, member)}
#define TEXT(type, member) FIELD(type, #member, member, JSON_STR)
#define MUST(type, field, member, what)                                                  \
    {.name = field, .kind = what, .offset = offsetof(type, member), .required = true}
#define SUB(type, field, member, fields)                                                 \
    {.name = field,                                                                      \
            .kind = JSON_OBJECT,                                                         \
            .offset = offsetof(type, member),                                            \
            .max = COUNT(fields),                                                        \
            .sub = fields}
#define LIST(type, member, fields, item)                                                 \
    {.name = #member,                                                                    \
            .kind = JSON_LIST,                                                           \
            .offset = offsetof(type, member),                                            \
            .max = COUNT(fields),                                                        \
            .sub = fields,                                                               \
            .item_size = sizeof(item)}

#define TYPE struct board_wire_clock
static const struct json_field clock_fields[] = {
        TEXT(TYPE, clock),
        FIELD(TYPE, "due", due, JSON_INSTANT),
};
#undef TYPE

#define TYPE struct board_wire_place
static const struct json_field place_fields[] = {TEXT(TYPE, code), TEXT(TYPE, name)};
#undef TYPE

#define TYPE struct board_wire_actor
static const struct json_field actor_fields[] = {TEXT(TYPE, unit)};
#undef TYPE

#define TYPE struct board_wire_why
static const struct json_field why_fields[] = {
        TEXT(TYPE, reason),
        TEXT(TYPE, reason_code),
        TEXT(TYPE, rule),
        TEXT(TYPE, policy),
};
#undef TYPE

#define TYPE struct board_wire_new
static const struct json_field new_fields[] = {
        TEXT(TYPE, stage),
        TEXT(TYPE, unit),
        TEXT(TYPE, order),
        TEXT(TYPE, clock),
        TEXT(TYPE, role),
        TEXT(TYPE, text),
        TEXT(TYPE, source),
        TEXT(TYPE, id),
        TEXT(TYPE, channel),
        TEXT(TYPE, nature),
        TEXT(TYPE, category),
        TEXT(TYPE, category_name),
        TEXT(TYPE, urgency),
        TEXT(TYPE, title),
        TEXT(TYPE, policy),
        TEXT(TYPE, line),
        TEXT(TYPE, master),
        TEXT(TYPE, outcome),
        TEXT(TYPE, result),
        TEXT(TYPE, type),
        FIELD(TYPE, "late", late, JSON_BOOL),
        FIELD(TYPE, "score", score, JSON_INT),
        TEXT(TYPE, ledger),
        TEXT(TYPE, grade),
        FIELD(TYPE, "balance", balance, JSON_INT),
        FIELD(TYPE, "due", due, JSON_INSTANT),
        SUB(TYPE, "place", place, place_fields),
        LIST(TYPE, clocks, clock_fields, struct board_wire_clock),
};
#undef TYPE

#define TYPE struct board_wire
static const struct json_field event_fields[] = {
        MUST(TYPE, "case", case_id, JSON_STR),
        MUST(TYPE, "kind", kind, JSON_STR),
        MUST(TYPE, "seq", seq, JSON_INT),
        MUST(TYPE, "at", at, JSON_INSTANT),
        SUB(TYPE, "actor", actor, actor_fields),
        SUB(TYPE, "why", why, why_fields),
        SUB(TYPE, "new", fresh, new_fields),
};
#undef TYPE

/* Whom a whistle summons stands under a name that the events of cases give another form.
 */
struct summons {
    struct summons_new {
        struct json_list units;
    } fresh;
};

#define TYPE struct board_wire_summoned
static const struct json_field summoned_fields[] = {TEXT(TYPE, unit), TEXT(TYPE, role)};
#undef TYPE
static const struct json_field summons_new_fields[] = {
        LIST(struct summons_new, units, summoned_fields, struct board_wire_summoned)};
static const struct json_field summons_fields[] = {
        SUB(struct summons, "new", fresh, summons_new_fields)};

static bool read_summoned(struct json_reader *reader, struct str text,
        struct arena *arena, struct json_list *units, struct error *err)
{
    struct summons summons = {0};
    if (!json_read(reader, text, summons_fields, COUNT(summons_fields), &summons, arena,
                err))
        return false;
    *units = summons.fresh.units;
    return true;
}

bool board_wire_read(struct json_reader *reader, struct str text, struct arena *arena,
        struct board_wire *wire, struct error *err)
{
    *wire = (struct board_wire){0};
    return json_read(reader, text, event_fields, COUNT(event_fields), wire, arena, err) &&
           (!str_is(wire->kind, "whistle_issued") ||
                   read_summoned(reader, text, arena, &wire->summoned, err));
}

/* ---- what an event of a case says ---- */

static int clock_index(struct str text)
{
    for (int i = 0; i < BOARD_CLOCK_COUNT; i++)
        if (str_is(text, board_clock_names[i]))
            return i;
    return -1;
}

static void take_clocks(struct board_event *event, const struct board_wire *wire)
{
    const struct board_wire_clock *clocks = wire->fresh.clocks.items;
    for (size_t i = 0; i < wire->fresh.clocks.n; i++) {
        int clock = clock_index(clocks[i].clock);
        if (clock >= 0)
            event->due[clock] = clocks[i].due;
    }
    /* An extension and a changed calendar move one clock. */
    if (event->clock >= 0 &&
            (str_is(wire->kind, "extended") || str_is(wire->kind, "reprojected")))
        event->due[event->clock] = wire->fresh.due;
}

struct board_event board_wire_case(const struct board_wire *wire)
{
    const struct board_wire_new *fresh = &wire->fresh;
    struct board_event event = {
            .case_id = wire->case_id,
            .seq = wire->seq,
            .kind = board_kind_of(wire->kind),
            .stage = board_stage_of(fresh->stage),
            .at = wire->at,
            .clock = clock_index(fresh->clock),
            .policy = str_or(wire->why.policy, fresh->policy),
            .unit = fresh->unit,
            .order_id = fresh->order,
            .line = fresh->line,
            .master = fresh->master,
            .result_outcome = fresh->outcome,
            .result = fresh->result,
            /* The desk may correct these when it dispatches. */
            .category = fresh->category,
            .category_name = fresh->category_name,
            .urgency = fresh->urgency,
            .place = fresh->place.code,
            .place_name = fresh->place.name,
    };
    if (event.kind == BOARD_KIND_OPENED) {
        event.source = fresh->source;
        event.id = fresh->id;
        event.channel = fresh->channel;
        event.nature = fresh->nature;
        event.title = fresh->title;
        event.text = fresh->text;
    }
    /* Elsewhere a reason is a unit's own words. */
    if (event.kind == BOARD_KIND_DISPATCHED || event.kind == BOARD_KIND_NEEDS_HUMAN) {
        event.reason = str_or(wire->why.reason, STR(""));
        event.rule = str_or(wire->why.rule, STR(""));
    }
    take_clocks(&event, wire);
    return event;
}

/* ---- audit ---- */

#define TYPE struct board_wire_audit
static const struct json_field audit_fields[] = {
        MUST(TYPE, "id", id, JSON_STR),
        FIELD(TYPE, "case", case_id, JSON_STR),
        MUST(TYPE, "kind", kind, JSON_STR),
};
#undef TYPE

bool board_wire_read_audit(struct json_reader *reader, struct str text,
        struct arena *arena, struct board_wire_audit *audit, struct error *err)
{
    *audit = (struct board_wire_audit){0};
    return json_read(reader, text, audit_fields, COUNT(audit_fields), audit, arena, err);
}
