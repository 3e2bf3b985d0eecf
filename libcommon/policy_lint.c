#include "policy_load.h"

#include <stdlib.h>

/* ---- trees ---- */

/* A unit on a cycle that unit's way up runs into: the one with the smallest line; NULL
 * when the way ends. */
static struct unit *unit_cycle(const struct policy *policy, struct unit *unit)
{
    const struct unit *at = unit;
    for (size_t steps = 0; at && steps <= policy->n_units; steps++)
        at = at->parent;
    if (!at)
        return NULL;
    const struct unit *first = at;
    for (const struct unit *p = at->parent; p != at; p = p->parent)
        if (p->line < first->line)
            first = p;
    return &policy->units[first - policy->units];
}

static struct place *place_cycle(const struct policy *policy, struct place *place)
{
    const struct place *at = place;
    for (size_t steps = 0; at && steps <= policy->n_places; steps++)
        at = at->parent;
    if (!at)
        return NULL;
    const struct place *first = at;
    for (const struct place *p = at->parent; p != at; p = p->parent)
        if (p->line < first->line)
            first = p;
    return &policy->places[first - policy->places];
}

/* A cycle is reported once and cut, so that whoever walks up afterwards arrives. */
static void check_trees(struct policy_loader *loader)
{
    struct policy *policy = loader->policy;
    for (size_t i = 0; i < policy->n_units; i++) {
        struct unit *unit = unit_cycle(policy, &policy->units[i]);
        if (!unit)
            continue;
        policy_problem(loader, "units.csv", unit->line,
                "the unit '%s' is its own superior, by way of '%s'; one of them must be "
                "under another",
                unit->code, unit->parent->code);
        unit->parent = NULL;
    }
    for (size_t i = 0; i < policy->n_places; i++) {
        struct place *place = place_cycle(policy, &policy->places[i]);
        if (!place)
            continue;
        policy_problem(loader, "places.csv", place->line,
                "the place '%s' lies in itself, by way of '%s'; one of them must lie in "
                "another",
                place->code, place->parent->code);
        place->parent = NULL;
    }
}

static void check_units(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    for (size_t i = 0; i < policy->n_units; i++) {
        const struct unit *unit = &policy->units[i];
        if (unit->queue && unit->queue->queue != unit->queue)
            policy_problem(loader, "units.csv", unit->line,
                    "'%s' has no queue: '%s', whose queue it uses, has none of its own",
                    unit->code, unit->queue->code);
        else if (unit->queue && unit_valid_at(unit, loader->now) &&
                 !unit_valid_at(unit->queue, loader->now))
            policy_problem(loader, "units.csv", unit->line,
                    "'%s' uses the queue of '%s', which is not valid today, so nobody "
                    "reads its orders",
                    unit->code, unit->queue->code);
        if (!unit->parent && policy->district && unit != policy->district)
            policy_warning(loader, "units.csv", unit->line,
                    "'%s' has no superior, so nobody hears when it is late", unit->code);
    }
}

static bool has_contact(const struct policy *policy, const struct unit *unit)
{
    for (size_t i = 0; i < policy->n_contacts; i++)
        if (policy->contacts[i].unit == unit)
            return true;
    return false;
}

static bool is_superior(const struct policy *policy, const struct unit *unit)
{
    for (size_t i = 0; i < policy->n_units; i++)
        if (policy->units[i].parent == unit)
            return true;
    return false;
}

static void check_superiors(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    const struct unit *first = NULL;
    size_t more = 0;
    for (size_t i = 0; i < policy->n_units; i++) {
        const struct unit *unit = &policy->units[i];
        if (!is_superior(policy, unit) || has_contact(policy, unit))
            continue;
        more += first != NULL;
        first = first ? first : unit;
    }
    if (first)
        policy_warning(loader, "units.csv", first->line,
                "'%s' and %zu other superiors have nobody in contacts.csv, so an "
                "escalation reaches their queues without a name",
                first->code, more);
}

/* ---- catalogue ---- */

static bool row_names(const struct catalogue_row *row, const struct category *category)
{
    return row->category
                   ? row->category == category
                   : str_starts(str_of(category->code), str_of(row->category_prefix));
}

static bool place_types_meet(const struct catalogue_row *a, const struct catalogue_row *b)
{
    if (a->place_type < 0 || b->place_type < 0)
        return true;
    if (a->place_level && b->place_level)
        return a->place_level == b->place_level;
    if ((a->place_level && a->place_level->part) ||
            (b->place_level && b->place_level->part))
        return true; /* a part is of the kind of what it lies in */
    return a->place_type == b->place_type;
}

static bool rows_meet(const struct catalogue_row *a, const struct catalogue_row *b)
{
    struct str x = str_of(a->category_prefix), y = str_of(b->category_prefix);
    if (!str_starts(x, y) && !str_starts(y, x))
        return false;
    if (!place_types_meet(a, b))
        return false;
    if (a->urgencies && b->urgencies && !(a->urgencies & b->urgencies))
        return false;
    if (a->estate_type[0] && b->estate_type[0] &&
            strcmp(a->estate_type, b->estate_type) != 0)
        return false;
    if ((a->hours == HOURS_WORK && b->hours == HOURS_OFF) ||
            (a->hours == HOURS_OFF && b->hours == HOURS_WORK))
        return false;
    return policy_periods_meet(a->valid_from, a->valid_to, b->valid_from, b->valid_to);
}

static void check_precedence(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    for (size_t i = 0; i < policy->n_catalogue; i++)
        for (size_t k = i; k-- > 0 && policy->catalogue[k].precedence ==
                                              policy->catalogue[i].precedence;) {
            const struct catalogue_row *row = &policy->catalogue[i],
                                       *other = &policy->catalogue[k];
            if ((row->lead.role == other->lead.role &&
                        row->lead.unit == other->lead.unit) ||
                    !rows_meet(row, other))
                continue;
            policy_problem(loader, "catalogue.csv", row->line,
                    "'%s' and '%s' (line %d) fit the same complaints with the same "
                    "precedence %d and "
                    "different leads; give one of them a lower number",
                    row->id, other->id, other->line, (int)row->precedence);
        }
}

static bool leads_for_grass_roots(const struct party *lead)
{
    if (lead->role != LEAD_UNIT)
        return lead->role != LEAD_OWNER && lead->role != LEAD_DEVELOPER;
    if (!lead->unit)
        return false;
    return lead->unit->type == UNIT_TYPE_STREET || unit_grass_roots(lead->unit);
}

static void check_grass_roots(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    for (size_t i = 0; i < policy->n_catalogue; i++) {
        const struct catalogue_row *row = &policy->catalogue[i];
        const struct category *first = NULL;
        for (size_t c = policy->n_categories; c-- > 0;)
            if (!policy->categories[c].grass_roots &&
                    row_names(row, &policy->categories[c]))
                first = &policy->categories[c];
        if (first && leads_for_grass_roots(&row->lead))
            policy_problem(loader, "catalogue.csv", row->line,
                    "'%s' gives '%s %s' to the grass roots, but categories.csv (line %d) "
                    "says that they "
                    "may not lead it",
                    row->id, first->code, first->name, first->line);
    }
}

static bool led_by_type(
        const struct party *lead, enum lead_role role, enum unit_type type)
{
    return lead->role == role ||
           (lead->role == LEAD_UNIT && lead->unit && lead->unit->type == type);
}

static void check_teams(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    for (size_t i = 0; i < policy->n_places; i++) {
        const struct place *place = &policy->places[i];
        if (place->unit && place->unit->type == UNIT_TYPE_GRID_TEAM &&
                place->type != PLACE_TYPE_GRID)
            policy_problem(loader, "places.csv", place->line,
                    "'%s' is no grid, but '%s' is a grid's team", place->code,
                    place->unit->code);
    }
}

/* 网格服务管理事项清单: what the grid's team handles reaches community and street only
 * where there is no team. */
static void check_grid_first(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    for (size_t i = 0; i < policy->n_catalogue; i++) {
        const struct catalogue_row *row = &policy->catalogue[i];
        for (size_t k = 0; row->lead.role == LEAD_GRID && k < i; k++) {
            const struct catalogue_row *before = &policy->catalogue[k];
            if (!rows_meet(row, before) ||
                    !(led_by_type(&before->lead, LEAD_COMMUNITY, UNIT_TYPE_COMMUNITY) ||
                            led_by_type(&before->lead, LEAD_STREET, UNIT_TYPE_STREET)))
                continue;
            policy_warning(loader, "catalogue.csv", row->line,
                    "'%s' gives the grid's team what '%s' (line %d) gives to the "
                    "community or the street first; give the grid the lower precedence",
                    row->id, before->id, before->line);
            break;
        }
    }
}

/* It holds only at some hours, for some urgencies or for some assets: others must be
 * there for the rest. */
static bool sometimes(const struct catalogue_row *row)
{
    return row->urgencies || row->hours != HOURS_ALWAYS || row->lead.role == LEAD_OWNER;
}

/* As the router decides, but for accused units: a row that needs a place sends a
 * complaint without one to a human. */
static bool has_owner(const struct policy *policy,
        const struct catalogue_row *const *rows, size_t n,
        const struct category *category, const struct place *place, instant now)
{
    const struct catalogue_query query = {
            .category = category, .place = place, .at = now, .received = now};
    for (size_t i = 0; i < n; i++) {
        if (sometimes(rows[i]) || !catalogue_fits(policy, rows[i], &query))
            continue;
        if (rows[i]->needs_place && !place)
            return true;
        const struct unit *unit = party_unit(&rows[i]->lead, place, now);
        if (unit && unit_valid_at(unit, now))
            return true;
    }
    return false;
}

static void check_owner(struct policy_loader *loader, const struct category *category,
        const struct catalogue_row **rows)
{
    const struct policy *policy = loader->policy;
    size_t n = 0, valid = 0;
    for (size_t i = 0; i < policy->n_catalogue; i++) {
        const struct catalogue_row *row = &policy->catalogue[i];
        if (!row_names(row, category))
            continue;
        rows[n++] = row;
        valid += !instant_before(loader->now, row->valid_from) &&
                 (instant_is_never(row->valid_to) ||
                         instant_before(loader->now, row->valid_to));
    }
    if (n == 0) {
        policy_problem(loader, "categories.csv", category->line,
                "'%s %s' has no row in catalogue.csv", category->code, category->name);
        return;
    }
    if (valid == 0) {
        policy_problem(loader, "catalogue.csv", rows[n - 1]->line,
                "'%s' is not valid today and there is no other row for '%s %s'",
                rows[n - 1]->id, category->code, category->name);
        return;
    }
    const struct place *first = NULL;
    size_t more = 0;
    for (size_t i = 0; i < policy->n_places; i++) {
        const struct place *place = &policy->places[i];
        if (!place_valid_at(place, loader->now) ||
                has_owner(policy, rows, n, category, place, loader->now))
            continue;
        more += first != NULL;
        first = first ? first : place;
    }
    if (first)
        policy_problem(loader, "categories.csv", category->line,
                "nobody leads '%s %s' at '%s' and %zu other places; add a row to "
                "catalogue.csv whose lead "
                "is there everywhere",
                category->code, category->name, first->code, more);
    if (!has_owner(policy, rows, n, category, NULL, loader->now))
        policy_problem(loader, "categories.csv", category->line,
                "nobody leads '%s %s' when the place is not known; add a row to "
                "catalogue.csv, or say that "
                "it needs a place",
                category->code, category->name);
}

static void check_categories(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    bool *ruled = arena_alloc(loader->arena, policy->n_categories + 1);
    memset(ruled, 0, policy->n_categories + 1);
    for (size_t i = 0; i < policy->n_rules; i++)
        if (policy->rules[i].kind == RULE_CATEGORY)
            ruled[policy->rules[i].target] = true;
    const struct catalogue_row **rows = arena_alloc(
            loader->arena, policy->n_catalogue * sizeof *rows + 1);
    for (size_t i = 0; i < policy->n_categories; i++) {
        const struct category *category = &policy->categories[i];
        if (policy->n_rules && !ruled[i])
            policy_problem(loader, "categories.csv", category->line,
                    "'%s %s' has no rule in rules.csv, so no complaint will ever be "
                    "found to be one",
                    category->code, category->name);
        if (loader->have_catalogue && loader->have_units && loader->have_places)
            check_owner(loader, category, rows);
    }
}

void policy_check(struct policy_loader *loader)
{
    check_trees(loader);
    policy_check_places(loader);
    check_units(loader);
    if (loader->have_contacts)
        check_superiors(loader);
    policy_check_clocks(loader);
    check_precedence(loader);
    check_grass_roots(loader);
    check_teams(loader);
    check_grid_first(loader);
    check_categories(loader);
    policy_check_rules(loader);
    policy_check_house_numbers(loader);
    policy_check_boundaries(loader);
}
