#include "router_core.h"

#define X(name, text) text,
const char *const router_outcome_names[ROUTER_OUTCOME_COUNT] = {ROUTER_OUTCOMES(X)};
const char *const router_reason_names[ROUTER_REASON_COUNT] = {ROUTER_REASONS(X)};
const char *const router_evidence_names[ROUTER_EVIDENCE_COUNT] = {ROUTER_EVIDENCES(X)};
#undef X

/* ---- the accused ---- */

/* The accused, or one of its subordinates: who answers to the accused does not judge it.
 */
static bool answers_to(const struct unit *unit, struct str name)
{
    for (; unit; unit = unit->parent)
        if (unit_named(unit, name))
            return true;
    return false;
}

static bool reads_with(const struct unit *unit, const struct unit *other)
{
    return other && (unit == other || unit->queue == other->queue);
}

/* The accused unit neither handles nor reads the complaint; nor does the firm or the
 * developer of the estate that a report (举报) comes from. A unit that reads another
 * unit's queue reads what that one reads. */
static bool is_accused(const struct router_complaint *complaint, const struct unit *unit)
{
    if (complaint->about.len && (answers_to(unit, complaint->about) ||
                                        answers_to(unit->queue, complaint->about)))
        return true;
    const struct place *estate = place_up(complaint->place, PLACE_TYPE_ESTATE);
    return complaint->nature == NATURE_REPORT && estate &&
           (reads_with(unit, estate->property) || reads_with(unit, estate->developer));
}

/* ---- rules ---- */

static struct router_route needs_human(enum router_reason reason)
{
    return (struct router_route){.outcome = ROUTER_NEEDS_HUMAN, .reason = reason};
}

static struct catalogue_query query_of(const struct router_complaint *complaint)
{
    return (struct catalogue_query){.category = complaint->category,
            .place = complaint->place,
            .urgency = complaint->urgency,
            .at = complaint->reported_at,
            .received = complaint->at,
            .text = complaint->text};
}

/* It was that unit's matter when it happened, and it is still there to take an order. */
static bool can_take(const struct unit *unit, const struct router_complaint *complaint)
{
    return unit_valid_at(unit, complaint->reported_at) &&
           unit_valid_at(unit, complaint->at);
}

/* The unit that would lead by this row; NULL with the reason why it cannot. */
static const struct unit *lead_of(const struct policy *policy,
        const struct catalogue_row *row, const struct router_complaint *complaint,
        enum router_reason *reason)
{
    const struct catalogue_query query = query_of(complaint);
    const struct unit *unit = catalogue_lead(policy, row, &query);
    *reason = ROUTER_REASON_NONE;
    if (!unit)
        *reason = ROUTER_REASON_NO_OWNER;
    else if (is_accused(complaint, unit)) /* rule 5 */
        *reason = ROUTER_REASON_UNIT_ACCUSED;
    else if (!can_take(unit, complaint)) /* rule 6 */
        *reason = ROUTER_REASON_OWNER_NOT_VALID;
    return *reason == ROUTER_REASON_NONE ? unit : NULL;
}

static void add_assist(struct router_route *route,
        const struct router_complaint *complaint, const struct party *party)
{
    const struct unit *unit = party_unit(party, complaint->place, complaint->reported_at);
    if (!unit || unit == route->lead || is_accused(complaint, unit) ||
            !can_take(unit, complaint))
        return;
    for (int i = 0; i < route->n_assists; i++)
        if (route->assists[i] == unit)
            return;
    route->mandatory[route->n_assists] = party->mandatory;
    route->assists[route->n_assists++] = unit;
}

/* Rules 3 to 6. */
static struct router_route find_owner(
        const struct policy *policy, const struct router_complaint *complaint)
{
    struct router_route route = {0};
    bool accused = false, not_valid = false;
    const struct catalogue_query query = query_of(complaint);
    for (size_t i = 0; i < policy->n_catalogue; i++) {
        const struct catalogue_row *row = &policy->catalogue[i];
        if (!catalogue_fits(policy, row, &query))
            continue;
        if (row->needs_place && !complaint->place) {
            if (route.row)
                break;
            /* Rule 3: several places were named, and who leads depends on which. Rule 4:
             * none was. */
            return needs_human(complaint->place_conflict ? ROUTER_REASON_PLACE_CONFLICT
                                                         : ROUTER_REASON_NO_PLACE);
        }
        enum router_reason reason;
        const struct unit *unit = lead_of(policy, row, complaint, &reason);
        accused |= reason == ROUTER_REASON_UNIT_ACCUSED;
        not_valid |= reason == ROUTER_REASON_OWNER_NOT_VALID;
        if (!unit || unit == route.lead)
            continue;
        if (route.row) {
            route.runner_up = row;
            break;
        }
        route.row = row;
        route.lead = unit;
    }
    if (!route.row) /* an accused owner weighs most: a human must know that it was one */
        return needs_human(accused     ? ROUTER_REASON_UNIT_ACCUSED
                           : not_valid ? ROUTER_REASON_OWNER_NOT_VALID
                                       : ROUTER_REASON_NO_OWNER);
    route.outcome = ROUTER_DISPATCH;
    route.sla = route.row->sla ? route.row->sla : complaint->category->sla;
    for (int i = 0; i < route.row->n_assists; i++)
        add_assist(&route, complaint, &route.row->assists[i]);
    return route;
}

static const struct router_case *listed(
        const struct router_recent *recent, const char *case_id)
{
    for (size_t i = 0; i < recent->n; i++)
        if (strcmp(recent->items[i].case_id, case_id) == 0)
            return &recent->items[i];
    return NULL;
}

static bool in_window(const struct policy *policy, instant at, instant now)
{
    return now.ms - at.ms < (int64_t)policy->merge_window_hours * 3600 * 1000;
}

static void merge_with(struct router_route *route, const char *master,
        enum router_evidence evidence, int similarity)
{
    route->outcome = ROUTER_MERGE;
    memcpy(route->master, master, sizeof route->master);
    route->evidence = evidence;
    route->similarity = similarity;
}

static const char *master_of(const struct router_case *item)
{
    return item->master[0] ? item->master : item->case_id;
}

/* Cases are only put together under the same category and lead, so that a merge never
 * hands a complaint to a unit that rules 5 and 6 keep it from. */
static bool may_join(const struct policy *policy,
        const struct router_complaint *complaint, const struct router_route *route,
        const struct router_case *other)
{
    return strcmp(other->category, complaint->category->code) == 0 &&
           strcmp(other->lead, route->lead->code) == 0 &&
           strcmp(master_of(other), complaint->case_id) != 0 &&
           in_window(policy, other->at, complaint->at);
}

/* Rule 7b. Who says it again, perhaps on another channel and in other words, means the
 * same matter at a lower likeness; without a known place, only one's own cases count. The
 * most alike; among equals what the same person said before; among those the oldest. */
static void find_alike(const struct policy *policy,
        const struct router_complaint *complaint, const struct router_recent *recent,
        struct router_route *route)
{
    const struct router_case *best = NULL;
    int best_similarity = 0;
    bool best_same_person = false;
    for (size_t i = 0; i < recent->n; i++) {
        const struct router_case *other = &recent->items[i];
        bool same_person = complaint->reporter[0] &&
                           strcmp(complaint->reporter, other->reporter) == 0;
        if (!may_join(policy, complaint, route, other) ||
                (!complaint->place && !same_person))
            continue;
        int similarity = router_similarity(complaint->fingerprint, other->fingerprint);
        if (similarity < (same_person ? policy->merge_similarity_same_person
                                      : policy->merge_similarity))
            continue;
        if (best && (similarity < best_similarity ||
                            (similarity == best_similarity &&
                                    same_person <= best_same_person)))
            continue;
        best = other;
        best_similarity = similarity;
        best_same_person = same_person;
    }
    if (best)
        merge_with(route, master_of(best),
                best_same_person ? ROUTER_EVIDENCE_SAME_PERSON : ROUTER_EVIDENCE_SIMILAR,
                best_similarity);
}

/* Rule 7a. Praise, a question or a proposal about a case must not open it again; danger
 * must not wait in a case that is slower. */
static bool asks_named_case(const struct router_complaint *complaint)
{
    return complaint->cited[0] == complaint->case_id[0] && /* of the same lane */
           strcmp(complaint->cited, complaint->case_id) != 0 &&
           (complaint->nature == NATURE_HELP || complaint->nature == NATURE_COMPLAINT) &&
           complaint->urgency != URGENCY_E1;
}

/* Rule 7. */
static void find_master(const struct policy *policy,
        const struct router_complaint *complaint, const struct router_recent *recent,
        struct router_route *route)
{
    const struct router_case *own = listed(recent, complaint->case_id);
    /* A report (举报) stays by itself: what became of it is nobody else's to read. */
    if (complaint->nature == NATURE_REPORT || route->reason == ROUTER_REASON_UNIT_ACCUSED)
        return;
    if (own) { /* the same event again: the answer it had before */
        if (own->master[0])
            merge_with(route, own->master, own->evidence, own->similarity);
    } else if (asks_named_case(complaint)) {
        merge_with(route, complaint->cited, ROUTER_EVIDENCE_CITED, 0);
    } else if (route->lead) {
        find_alike(policy, complaint, recent, route);
    }
}

/* When the handling is due by this class; never: it sets no such time. */
static instant handle_due(
        const struct policy *policy, const struct sla_class *sla, instant at)
{
    const struct budget *handle = &sla->budgets[CLOCK_HANDLE];
    return handle->amount > 0
                   ? calendar_due(&policy->calendar, at, handle->amount, handle->unit)
                   : (instant){0};
}

/* Rule 8. Budgets in working hours and in natural ones compare by where they end, so a
 * weekend counts. */
static void hurry(const struct policy *policy, const struct router_complaint *complaint,
        struct router_route *route)
{
    enum urgency urgency = complaint->urgency;
    if ((urgency != URGENCY_E1 && urgency != URGENCY_E2) ||
            urgency >= complaint->category->urgency)
        return;
    const struct sla_class *sla = policy_sla_class(
            policy, str_of(urgency_names[urgency]));
    if (!sla || sla == route->sla)
        return;
    instant due = handle_due(policy, sla, complaint->at),
            usual = handle_due(policy, route->sla, complaint->at);
    if (instant_is_never(due) ||
            (!instant_is_never(usual) && !instant_before(due, usual)))
        return;
    route->sla = sla;
    route->sla_by_urgency = true;
}

/* Rules 1 to 6. */
static struct router_route find_route(
        const struct policy *policy, const struct router_complaint *complaint)
{
    /* 1. Without a category nobody can be found. */
    if (!complaint->category)
        return needs_human(ROUTER_REASON_NO_CATEGORY);
    /* 2. A doubtful category is not worth a wrong desk: a human looks first. */
    if (complaint->confidence < policy->confidence_min)
        return needs_human(ROUTER_REASON_LOW_CONFIDENCE);
    /* 3. Several places were named and the row needs one: place_conflict.
     * 4. The first row by precedence that fits category, place and the day of the event
     * and whose lead existed there leads; it needs a place and there is none: no_place;
     * no such row: no_owner.
     * 5. The accused, and who answers to it, neither leads nor assists: the next row;
     * none left: unit_accused.
     * 6. A unit that was not valid at the event, or is not when we receive it, does not
     * lead: the next row; none left: owner_not_valid. */
    return find_owner(policy, complaint);
}

struct router_route router_decide(const struct policy *policy,
        const struct router_complaint *complaint, const struct router_recent *recent)
{
    struct router_route route = find_route(policy, complaint);
    /* 7. The same matter as another case, perhaps a member of it: a) the case that it
     * names, of the same lane; b) a recent one of this place, or of this person. Never
     * what a human must look at because its owner is accused. */
    find_master(policy, complaint, recent, &route);
    /* 8. The text speaks of more danger than the category has: the deadlines of that
     * urgency, when they are shorter. */
    if (route.lead)
        hurry(policy, complaint, &route);
    return route;
}

bool router_remember(const struct policy *policy,
        const struct router_complaint *complaint, const struct router_route *route,
        struct router_recent *recent)
{
    if ((!complaint->place && !complaint->reporter[0]) || !route->lead ||
            complaint->nature == NATURE_REPORT || listed(recent, complaint->case_id))
        return false;
    size_t n = 0;
    for (size_t i = 0; i < recent->n; i++)
        if (in_window(policy, recent->items[i].at, complaint->at))
            recent->items[n++] = recent->items[i];
    if (n == ROUTER_RECENT_MAX)
        memmove(recent->items, recent->items + 1, --n * sizeof recent->items[0]);
    struct router_case *item = &recent->items[n++];
    memset(item, 0, sizeof *item);
    memcpy(item->case_id, complaint->case_id, sizeof item->case_id);
    (void)str_copy(item->category, sizeof item->category,
            str_of(complaint->category->code)); /* six digits */
    (void)str_copy(item->lead, sizeof item->lead,
            str_of(route->lead->code)); /* at most 31 characters */
    memcpy(item->reporter, complaint->reporter, sizeof item->reporter);
    item->fingerprint = complaint->fingerprint;
    item->at = complaint->at;
    if (route->outcome == ROUTER_MERGE) {
        memcpy(item->master, route->master, sizeof item->master);
        item->evidence = route->evidence;
        item->similarity = route->similarity;
    }
    recent->n = n;
    return true;
}
