#include "policy.h"

#define X(name, text) text,
const char *const unit_type_names[UNIT_TYPE_COUNT] = {UNIT_TYPES(X)};
const char *const place_type_names[PLACE_TYPE_COUNT] = {PLACE_TYPES(X)};
const char *const house_side_names[HOUSE_SIDE_COUNT] = {HOUSE_SIDES(X)};
const char *const urgency_names[URGENCY_COUNT] = {URGENCIES(X)};
const char *const nature_names[NATURE_COUNT] = {NATURES(X)};
const char *const clock_names[CLOCK_COUNT] = {CLOCKS(X)};
const char *const sla_level_names[LEVEL_COUNT] = {LEVELS(X)};
const char *const step_need_names[STEP_NEED_COUNT] = {STEP_NEEDS(X)};
const char *const contact_duty_names[CONTACT_DUTY_COUNT] = {CONTACT_DUTIES(X)};
#undef X
const char *const rule_kind_names[RULE_KIND_COUNT] = {
        "category", "urgency", "nature", "exit"};

/* The order of strcmp, for text that is not terminated. */
static int compare(struct str text, const char *code)
{
    size_t len = strlen(code);
    int order = memcmp(text.ptr, code, text.len < len ? text.len : len);
    if (order == 0 && text.len != len)
        order = text.len < len ? -1 : 1;
    return order;
}

/* All these tables are sorted by a code that is the first field of their structs. */
static const void *find(const void *items, size_t n, size_t size, struct str code)
{
    const char *base = items;
    size_t low = 0, high = code.len ? n : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *const *item = (const void *)(base + middle * size);
        int order = compare(code, *item);
        if (order == 0)
            return item;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct unit *policy_unit(const struct policy *policy, struct str code)
{
    return find(policy->units, policy->n_units, sizeof *policy->units, code);
}

const struct place *policy_place(const struct policy *policy, struct str code)
{
    return find(policy->places, policy->n_places, sizeof *policy->places, code);
}

const struct place_level *policy_level(const struct policy *policy, struct str name)
{
    return find(policy->levels, policy->n_levels, sizeof *policy->levels, name);
}

const struct category *policy_category(const struct policy *policy, struct str code)
{
    return find(
            policy->categories, policy->n_categories, sizeof *policy->categories, code);
}

const struct sla_class *policy_sla_class(const struct policy *policy, struct str name)
{
    return find(policy->sla_classes, policy->n_sla_classes, sizeof *policy->sla_classes,
            name);
}

const struct pool *policy_pool(const struct policy *policy, struct str code)
{
    return find(policy->pools, policy->n_pools, sizeof *policy->pools, code);
}

const struct schedule *policy_schedule(const struct policy *policy, struct str id)
{
    return find(policy->schedules, policy->n_schedules, sizeof *policy->schedules, id);
}

bool pool_has(const struct pool *pool, const struct unit *unit)
{
    for (size_t i = 0; i < pool->n_members; i++)
        if (pool->members[i] == unit)
            return true;
    return false;
}

const char *policy_holiday(const struct policy *policy, int32_t day)
{
    int32_t i = day - CALENDAR_FIRST_DAY;
    bool inside = i >= 0 && i < (int32_t)sizeof policy->calendar.days;
    const char *name = policy->holidays && inside ? policy->holidays[i] : NULL;
    return name ? name : "";
}

const char *place_level_name(const struct place *place)
{
    return place->level ? place->level->name : place_type_names[place->type];
}

bool place_is_part(const struct place *place)
{
    return place->level && place->level->part;
}

const struct place *place_up(const struct place *place, enum place_type type)
{
    while (place && place->type != type)
        place = place->parent;
    return place;
}

const struct unit *place_governor(const struct place *place, enum unit_type type)
{
    for (; place; place = place->parent)
        if (place->unit && place->unit->type == type)
            return place->unit;
    return NULL;
}

bool unit_valid_at(const struct unit *unit, instant at)
{
    return instant_within(unit->valid_from, unit->valid_to, at);
}

bool place_valid_at(const struct place *place, instant at)
{
    return instant_within(place->valid_from, place->valid_to, at);
}

bool unit_grass_roots(const struct unit *unit)
{
    return unit->type == UNIT_TYPE_COMMUNITY || unit->type == UNIT_TYPE_GRID_TEAM ||
           unit->type == UNIT_TYPE_PROPERTY;
}

bool boundary_valid_at(const struct boundary *boundary, instant at)
{
    return instant_within(boundary->valid_from, boundary->valid_to, at) &&
           place_valid_at(boundary->place, at);
}

const struct house_numbers *policy_house_numbers(
        const struct policy *policy, const char *road, size_t *n)
{
    size_t low = 0, high = policy->n_house_numbers, end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(policy->house_numbers[middle].road, road) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    end = low;
    while (end < policy->n_house_numbers &&
            strcmp(policy->house_numbers[end].road, road) == 0)
        end++;
    *n = end - low;
    return *n ? &policy->house_numbers[low] : NULL;
}

bool house_on_side(enum house_side side, int32_t number)
{
    return side == HOUSE_SIDE_ALL || (side == HOUSE_SIDE_ODD) == (number % 2 == 1);
}

bool house_numbers_have(const struct house_numbers *row, int32_t number, instant at)
{
    return number >= row->from && number <= row->to && house_on_side(row->side, number) &&
           instant_within(row->valid_from, row->valid_to, at);
}

bool place_within(const struct place *place, const struct place *other)
{
    for (; place; place = place->parent)
        if (place == other)
            return true;
    return false;
}

bool unit_within(const struct unit *unit, const struct unit *other)
{
    for (; unit; unit = unit->parent)
        if (unit == other)
            return true;
    return false;
}

bool unit_answers_to(const struct unit *unit, const struct unit *other)
{
    return unit_within(unit, other) || unit_within(unit->queue, other);
}

bool unit_named(const struct unit *unit, struct str name)
{
    if (str_is(name, unit->code) || str_is(name, unit->name) ||
            str_is(name, unit->short_name))
        return true;
    for (size_t i = 0; i < unit->aliases.n; i++)
        if (str_is(name, unit->aliases.items[i]))
            return true;
    return false;
}

const struct unit *policy_unit_named(const struct policy *policy, struct str name)
{
    for (size_t i = 0; name.len && i < policy->n_units; i++)
        if (unit_named(&policy->units[i], name))
            return &policy->units[i];
    return NULL;
}

static bool in_hours(const struct policy *policy, const struct catalogue_row *row,
        const struct catalogue_query *query)
{
    enum { MINUTE_MS = 60 * 1000 };
    instant at = query->at, received = query->received;
    int32_t day = calendar_day_of(at);
    int32_t minute = (int32_t)((at.ms - calendar_minute(day, 0).ms) / MINUTE_MS);
    if (row->hours == HOURS_SPAN)
        return row->from <= row->to ? minute >= row->from && minute < row->to
                                    : minute >= row->from || minute < row->to;
    instant next = {received.ms + MINUTE_MS};
    bool office = calendar_between(&policy->calendar, received, next, UNIT_WORK_HOUR) > 0;
    return row->hours == HOURS_ALWAYS || office == (row->hours == HOURS_WORK);
}

static bool in_estate(const struct catalogue_row *row, const struct place *place)
{
    const struct place *estate = place_up(place, PLACE_TYPE_ESTATE);
    return !row->estate_type || !row->estate_type[0] ||
           (estate && strcmp(estate->estate_type, row->estate_type) == 0);
}

bool catalogue_fits(const struct policy *policy, const struct catalogue_row *row,
        const struct catalogue_query *query)
{
    if (row->category ? row->category != query->category
                      : !str_starts(str_of(query->category->code),
                                str_of(row->category_prefix)))
        return false;
    if (!instant_within(row->valid_from, row->valid_to, query->at) ||
            (row->urgencies && !(row->urgencies & (1u << query->urgency))) ||
            !in_hours(policy, row, query) || !in_estate(row, query->place))
        return false;
    if (row->place_type < 0)
        return true;
    if (!query->place)
        return row->needs_place;
    return row->place_level ? query->place->level == row->place_level
                            : (int)query->place->type == row->place_type;
}

static const struct unit *governor_at(
        const struct place *place, enum unit_type type, instant at)
{
    for (; place; place = place->parent)
        if (place->unit && place->unit->type == type && place_valid_at(place, at))
            return place->unit;
    return NULL;
}

const struct unit *party_unit(
        const struct party *party, const struct place *place, instant at)
{
    const struct place *estate;
    switch (party->role) {
    case LEAD_UNIT:
        return party->unit;
    case LEAD_PROPERTY:
        estate = place_up(place, PLACE_TYPE_ESTATE);
        return estate ? estate->property : NULL;
    case LEAD_COMMITTEE:
        estate = place_up(place, PLACE_TYPE_ESTATE);
        return estate ? estate->committee : NULL;
    case LEAD_DEVELOPER:
        estate = place_up(place, PLACE_TYPE_ESTATE);
        return estate && instant_within((instant){0}, estate->warranty_to, at)
                       ? estate->developer
                       : NULL;
    case LEAD_GRID:
        return governor_at(place, UNIT_TYPE_GRID_TEAM, at);
    case LEAD_COMMUNITY:
        return governor_at(place, UNIT_TYPE_COMMUNITY, at);
    case LEAD_STREET:
        return governor_at(place, UNIT_TYPE_STREET, at);
    case LEAD_OWNER:
        break; /* it takes more than a place: catalogue_lead */
    }
    return NULL;
}

/* How well an asset's row fits: a mark in the text says most, then how near its place is;
 * 0: not at all. */
static int asset_fit(const struct asset *asset, const struct catalogue_query *query)
{
    enum { MARKED = 100 };
    int near = 1, marked = asset->marks.n == 0;
    for (size_t i = 0; i < asset->marks.n; i++)
        if (str_find(query->text, str_of(asset->marks.items[i])) < query->text.len)
            marked = MARKED;
    if (!marked || !instant_within(asset->valid_from, asset->valid_to, query->at))
        return 0;
    if (!asset->place)
        return marked;
    for (const struct place *place = query->place; place; place = place->parent, near++)
        if (place == asset->place)
            return marked + MARKED / 2 - near;
    return 0;
}

const struct unit *catalogue_lead(const struct policy *policy,
        const struct catalogue_row *row, const struct catalogue_query *query)
{
    const struct unit *owner = NULL;
    int best = 0;
    if (row->lead.role != LEAD_OWNER)
        return party_unit(&row->lead, query->place, query->at);
    for (size_t i = 0; i < policy->n_assets; i++) {
        const struct asset *asset = &policy->assets[i];
        int fit = strcmp(asset->kind, row->asset) == 0 ? asset_fit(asset, query) : 0;
        if (fit > best) {
            best = fit;
            owner = asset->owner;
        }
    }
    return owner;
}

/* ---- ladders ---- */

int32_t sla_rung_key(const struct sla_ladder *ladder, int rung)
{
    int32_t percent = ladder->rungs[rung].percent, nth = 0;
    while (nth < rung && ladder->rungs[rung - nth - 1].percent == percent)
        nth++;
    return percent * SLA_RUNGS_MAX + nth;
}
