#include "router_core.h"

#define X(name, text) text,
const char *const router_outcome_names[ROUTER_OUTCOME_COUNT] = {ROUTER_OUTCOMES(X)};
const char *const router_reason_names[ROUTER_REASON_COUNT] = {ROUTER_REASONS(X)};
#undef X

/* ---- likeness of texts ---- */

enum {
    PAIRS_MIN = 6, /* with fewer pairs of characters two texts are alike by chance */
    PAIRS_MAX = UINT16_MAX, /* what a counter holds; a text has at most 20,000 characters
                             */
};

/* The next character, 0 at the end. A text between our stages is UTF-8; anything else
 * reads as some character. */
static uint32_t take_char(struct str *text)
{
    static const unsigned char lead_bits[] = {0x7f, 0x1f, 0x0f, 0x07};
    if (text->len == 0)
        return 0;
    unsigned char first = (unsigned char)text->ptr[0];
    size_t more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (more >= text->len)
        more = text->len - 1;
    uint32_t c = first & lead_bits[more];
    for (size_t i = 1; i <= more; i++)
        c = c << 6 | ((unsigned char)text->ptr[i] & 0x3f);
    text->ptr += more + 1;
    text->len -= more + 1;
    return c ? c : ' ';
}

/* Letters, digits and characters of words; not spaces, punctuation and the stars of
 * masked text. */
static bool says_something(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    if (c < 0xc0 || (c >= 0x2000 && c <= 0x206f) || (c >= 0x3000 && c <= 0x303f))
        return false; /* Latin-1 signs, general punctuation, CJK punctuation */
    return !(c >= 0xff00 && c <= 0xff0f) && !(c >= 0xff1a && c <= 0xff20) &&
           !(c >= 0xff3b && c <= 0xff40) && !(c >= 0xff5b && c <= 0xff65);
}

/* The finalizer of SplitMix64: every bit of the input moves every bit of the output. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* 64 counters of 16 bits, four to a word, so that one addition counts four bits: that of
 * bit i is in word i % 16. */
static void count_bits(uint64_t counters[16], uint64_t hash)
{
    for (int i = 0; i < 16; i++)
        counters[i] += hash >> i & UINT64_C(0x0001000100010001);
}

uint64_t router_fingerprint(struct str text)
{
    uint64_t counters[16] = {0};
    uint32_t last = 0, c;
    uint32_t pairs = 0;
    while ((c = take_char(&text)) != 0 && pairs < PAIRS_MAX) {
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        if (!says_something(c))
            continue;
        if (last) {
            count_bits(counters, mix((uint64_t)last << 32 | c));
            pairs++;
        }
        last = c;
    }
    if (pairs < PAIRS_MIN)
        return 0;
    uint64_t fingerprint = 0;
    for (int i = 0; i < 64; i++)
        if ((counters[i % 16] >> (i / 16 * 16) & 0xffff) * 2 > pairs)
            fingerprint |= UINT64_C(1) << i;
    return fingerprint ? fingerprint : 1;
}

int router_similarity(uint64_t a, uint64_t b)
{
    /* 100 cos(pi h / 64), rounded */
    static const int percent[] = {100, 100, 100, 99, 98, 97, 96, 94, 92, 90, 88, 86, 83,
            80, 77, 74, 71, 67, 63, 60, 56, 51, 47, 43, 38, 34, 29, 24, 20, 15, 10, 5, 0};
    if (a == 0 || b == 0)
        return 0;
    int different = 0;
    for (uint64_t bits = a ^ b; bits; bits &= bits - 1)
        different++;
    return different < (int)(sizeof percent / sizeof percent[0]) ? percent[different] : 0;
}

void router_token(struct str token, char out[ROUTER_TOKEN_SIZE])
{
    size_t n = 0;
    while (n < token.len && n < ROUTER_TOKEN_SIZE - 1 &&
            ((token.ptr[n] >= '0' && token.ptr[n] <= '9') ||
                    (token.ptr[n] >= 'a' && token.ptr[n] <= 'z')))
        n++;
    bool whole = n == token.len || n == ROUTER_TOKEN_SIZE - 1;
    memset(out, 0, ROUTER_TOKEN_SIZE);
    if (whole && n)
        memcpy(out, token.ptr, n);
}

/* ---- the accused ---- */

static bool is_named(const struct unit *unit, struct str name)
{
    if (str_is(name, unit->code) || str_is(name, unit->name) ||
            str_is(name, unit->short_name))
        return true;
    for (size_t i = 0; i < unit->aliases.n; i++)
        if (str_is(name, unit->aliases.items[i]))
            return true;
    return false;
}

/* The accused, or one of its subordinates: who answers to the accused does not judge it.
 */
static bool answers_to(const struct unit *unit, struct str name)
{
    for (; unit; unit = unit->parent)
        if (is_named(unit, name))
            return true;
    return false;
}

/* The accused unit neither handles nor reads the complaint; nor does the firm of the
 * estate that a report (举报) comes from. A unit that reads another unit's queue reads
 * what that one reads. */
static bool is_accused(const struct router_complaint *complaint, const struct unit *unit)
{
    if (complaint->about.len && (answers_to(unit, complaint->about) ||
                                        answers_to(unit->queue, complaint->about)))
        return true;
    const struct place *estate = place_up(complaint->place, PLACE_TYPE_ESTATE);
    if (complaint->nature != NATURE_REPORT || !estate || !estate->property)
        return false;
    return unit == estate->property || unit->queue == estate->property->queue;
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

/* Rule 7. A report (举报) stays by itself: what became of it is nobody else's to read.
 * Cases are only put together under the same lead, so that a merge never hands a
 * complaint to a unit that rules 5 and 6 keep it from. */
static void find_master(const struct policy *policy,
        const struct router_complaint *complaint, const struct router_recent *recent,
        struct router_route *route)
{
    const struct router_case *own = listed(recent, complaint->case_id), *best = NULL;
    if (own) { /* the same event again: the answer it had before */
        if (!own->master[0])
            return;
        route->outcome = ROUTER_MERGE;
        memcpy(route->master, own->master, sizeof route->master);
        route->similarity = own->similarity;
        return;
    }
    if (complaint->nature == NATURE_REPORT)
        return;
    int best_similarity = 0;
    bool best_same_person = false;
    for (size_t i = 0; i < recent->n; i++) {
        const struct router_case *other = &recent->items[i];
        const char *master = other->master[0] ? other->master : other->case_id;
        int similarity = router_similarity(complaint->fingerprint, other->fingerprint);
        if (strcmp(other->category, complaint->category->code) != 0 ||
                strcmp(other->lead, route->lead->code) != 0 ||
                strcmp(master, complaint->case_id) == 0 ||
                !in_window(policy, other->at, complaint->at) ||
                similarity < policy->merge_similarity)
            continue;
        /* The most alike; among equals what the same person said before; among those the
         * oldest. */
        bool same_person = complaint->reporter[0] &&
                           strcmp(complaint->reporter, other->reporter) == 0;
        if (best && (similarity < best_similarity ||
                            (similarity == best_similarity &&
                                    same_person <= best_same_person)))
            continue;
        best = other;
        best_similarity = similarity;
        best_same_person = same_person;
    }
    if (!best)
        return;
    route->outcome = ROUTER_MERGE;
    memcpy(route->master, best->master[0] ? best->master : best->case_id,
            sizeof route->master);
    route->similarity = best_similarity;
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

struct router_route router_decide(const struct policy *policy,
        const struct router_complaint *complaint, const struct router_recent *recent)
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
    struct router_route route = find_owner(policy, complaint);
    /* 7. The same matter as a recent case of this place: perhaps a member of that case.
     */
    if (route.outcome == ROUTER_DISPATCH && complaint->place)
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
    if (!complaint->place || route->outcome == ROUTER_NEEDS_HUMAN ||
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
        item->similarity = route->similarity;
    }
    recent->n = n;
    return true;
}
