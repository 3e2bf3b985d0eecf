/* From the event of a case or of a whistle to the accounts of those it is about. */
#include "ledger_parts.h"
#include "points_core.h"

enum { AWARDS_MAX = 16 };

struct event_new {
    struct str unit, clock, outcome, nature, category, urgency, type, rating;
    struct str valid, solved, late; /* raw: true or false */
    int64_t percent, score;         /* INT64_MIN: not said */
    struct event_used {
        double handle; /* share of the budget; below 0: not said */
    } used;
};

struct event_form {
    struct str case_id;
    instant at;
    struct event_new fresh;
};

static const struct json_field used_fields[] = {
        {.name = "handle",
                .kind = JSON_NUM,
                .offset = offsetof(struct event_used, handle)},
};

#define NEW(field) offsetof(struct event_new, field)
#define TEXT(field) {.name = #field, .kind = JSON_STR, .offset = NEW(field)}
static const struct json_field new_fields[] = {
        TEXT(unit),
        TEXT(clock),
        TEXT(outcome),
        TEXT(nature),
        TEXT(category),
        TEXT(urgency),
        TEXT(type),
        TEXT(rating),
        {.name = "valid", .kind = JSON_RAW, .offset = NEW(valid)},
        {.name = "solved", .kind = JSON_RAW, .offset = NEW(solved)},
        {.name = "late", .kind = JSON_RAW, .offset = NEW(late)},
        {.name = "percent", .kind = JSON_INT, .offset = NEW(percent)},
        {.name = "score", .kind = JSON_INT, .offset = NEW(score)},
        {.name = "used",
                .kind = JSON_OBJECT,
                .offset = NEW(used),
                .max = COUNT(used_fields),
                .sub = used_fields},
};
#undef TEXT
#undef NEW

static const struct json_field event_fields[] = {
        {.name = "case",
                .kind = JSON_STR,
                .offset = offsetof(struct event_form, case_id),
                .required = true},
        {.name = "at",
                .kind = JSON_INSTANT,
                .offset = offsetof(struct event_form, at),
                .required = true},
        {.name = "new",
                .kind = JSON_OBJECT,
                .offset = offsetof(struct event_form, fresh),
                .max = COUNT(new_fields),
                .sub = new_fields},
};

static struct str yes_or_no(struct str raw)
{
    return str_is(raw, "true") ? STR("yes") : str_is(raw, "false") ? STR("no") : raw;
}

static void fact_of(const struct event_form *form, const char *kind,
        const struct points_context *context, struct points_fact *fact)
{
    const struct event_new *fresh = &form->fresh;
    *fact = (struct points_fact){
            .event = kind,
            .at = form->at,
            .unit = fresh->unit,
            .lead = context->lead,
            .pool = context->pool,
            .words =
                    {
                            [POINTS_WORD_CLOCK] = fresh->clock,
                            [POINTS_WORD_OUTCOME] = fresh->outcome,
                            [POINTS_WORD_NATURE] = str_or(context->nature, fresh->nature),
                            [POINTS_WORD_CATEGORY] = str_or(
                                    context->category, fresh->category),
                            [POINTS_WORD_URGENCY] = str_or(
                                    context->urgency, fresh->urgency),
                            [POINTS_WORD_TYPE] = fresh->type,
                            [POINTS_WORD_RATING] = fresh->rating,
                            [POINTS_WORD_VALID] = yes_or_no(fresh->valid),
                            [POINTS_WORD_SOLVED] = yes_or_no(fresh->solved),
                            [POINTS_WORD_LATE] = yes_or_no(fresh->late),
                    },
            .numbers =
                    {
                            [POINTS_NUMBER_PERCENT] = {fresh->percent != INT64_MIN,
                                    (int32_t)fresh->percent},
                            [POINTS_NUMBER_SCORE] = {fresh->score != INT64_MIN,
                                    (int32_t)fresh->score},
                            [POINTS_NUMBER_USED] = {fresh->used.handle >= 0,
                                    (int32_t)(fresh->used.handle * 100 + 0.5)},
                    },
    };
}

static void award_out(const struct ledger_io *io, const struct event_form *form,
        struct str event_id, const struct points_award *award, struct stage_out *out)
{
    struct arena *arena = stage_arena(out);
    const struct points_rule *rule = award->rule;
    struct str key = arena_printf(arena, "account:%.*s", STR_ARG(award->holder));
    struct str id = arena_printf(arena, "%.*s.points.%s", STR_ARG(event_id), rule->id);
    struct json_out json;
    json_begin(&json, arena, 512);
    json_open_object(&json, NULL);
    json_text(&json, "command", "points");
    json_str(&json, "case", key);
    json_str(&json, "id", id);
    json_instant(&json, "at", form->at);
    json_text(&json, "ledger", rule->ledger->name);
    json_text(&json, "rule", rule->id);
    json_int(&json, "points", rule->points);
    json_str(&json, "event", event_id);
    json_str(&json, "of", form->case_id);
    json_instant_some(&json, "expires", award->expires);
    if (rule->veto)
        json_bool(&json, "veto", true);
    json_close_object(&json);
    subject_emit(out, io->account_topic, "ledger.command", key, key, id, &json);
    stage_count(out, "points");
}

void points_out(const struct ledger_io *io, const char *kind, struct str event_id,
        struct str event, const struct points_context *context, struct stage_out *out)
{
    struct event_form form = {
            .fresh = {.percent = INT64_MIN, .score = INT64_MIN, .used = {.handle = -1}}};
    struct points_fact fact;
    struct points_award awards[AWARDS_MAX];
    struct error err = {0};
    if (!points_ask_for(io->policy->points, kind))
        return;
    /* Our own event, written a moment ago: it reads back. */
    if (!json_read(io->reader, event, event_fields, COUNT(event_fields), &form,
                stage_arena(out), &err))
        return;
    fact_of(&form, kind, context, &fact);
    size_t n = points_of(io->policy, &fact, awards, AWARDS_MAX);
    for (size_t i = 0; i < n; i++)
        award_out(io, &form, event_id, &awards[i], out);
}
