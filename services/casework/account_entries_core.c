/* The entries of an account: added, folded, redeemed, expired, capped. Pure. */
#include "account_core.h"

#include <string.h>

static bool counts(const struct account_entry *entry)
{
    return entry->status != ACCOUNT_UPHELD && entry->status != ACCOUNT_EXPIRED &&
           (entry->left != 0 || entry->veto);
}

/* Never comes last. */
static bool expires_before(instant a, instant b)
{
    return !instant_is_never(a) && (instant_is_never(b) || instant_before(a, b));
}

/* ---- folding ---- */

static bool is_loss(const struct account_entry *entry)
{
    return entry->left < 0 || entry->veto;
}

static int64_t apart(instant a, instant b)
{
    if (instant_is_never(a) != instant_is_never(b))
        return INT64_MAX;
    return a.ms < b.ms ? b.ms - a.ms : a.ms - b.ms;
}

/* A month's expiries share a fold; when all are taken, those nearest to each other. */
static struct account_fold *fold_for(
        struct account_state *state, const struct account_entry *entry)
{
    static const int64_t month_ms = INT64_C(31) * 24 * 3600 * 1000;
    struct account_fold *nearest = NULL;
    for (int i = 0; i < state->n_folds; i++) {
        struct account_fold *fold = &state->folds[i];
        if (fold->loss == is_loss(entry) &&
                (!nearest || apart(fold->expires, entry->expires) <
                                     apart(nearest->expires, entry->expires)))
            nearest = fold;
    }
    if (nearest && apart(nearest->expires, entry->expires) <= month_ms)
        return nearest;
    /* One free place is kept for the side that has none yet. */
    if (state->n_folds < ACCOUNT_FOLDS_MAX - (nearest ? 1 : 0)) {
        struct account_fold *fold = &state->folds[state->n_folds++];
        *fold = (struct account_fold){.expires = entry->expires, .loss = is_loss(entry)};
        return fold;
    }
    return nearest;
}

static void fold_entry(struct account_state *state, const struct account_entry *entry)
{
    if (!counts(entry))
        return;
    struct account_fold *fold = fold_for(state, entry);
    if (fold->loss == expires_before(entry->expires, fold->expires))
        fold->expires = entry->expires;
    fold->points += entry->left;
    fold->veto = fold->veto || entry->veto;
    fold->n++;
}

/* The oldest that nobody is deciding on. */
static int oldest(const struct account_state *state)
{
    for (int i = 0; i < state->n_entries; i++)
        if (state->entries[i].status != ACCOUNT_APPEALED)
            return i;
    return 0;
}

struct account_entry *account_entry_add(
        struct account_state *state, const struct account_entry *entry)
{
    if (state->n_entries == ACCOUNT_ENTRIES_MAX) {
        int at = oldest(state);
        fold_entry(state, &state->entries[at]);
        memmove(&state->entries[at], &state->entries[at + 1],
                (size_t)(state->n_entries - at - 1) * sizeof *state->entries);
        state->n_entries--;
    }
    struct account_entry *added = &state->entries[state->n_entries++];
    *added = *entry;
    added->number = ++state->numbered;
    return added;
}

struct account_entry *account_entry_find(struct account_state *state, int64_t number)
{
    for (int i = 0; i < state->n_entries; i++)
        if (state->entries[i].number == number)
            return &state->entries[i];
    return NULL;
}

/* ---- redeeming ---- */

static struct account_fold *first_gain_folded(struct account_state *state)
{
    struct account_fold *first = NULL;
    for (int i = 0; i < state->n_folds; i++)
        if (state->folds[i].points > 0 &&
                (!first || expires_before(state->folds[i].expires, first->expires)))
            first = &state->folds[i];
    return first;
}

static struct account_entry *first_gain(struct account_state *state)
{
    struct account_entry *first = NULL;
    for (int i = 0; i < state->n_entries; i++)
        if (counts(&state->entries[i]) && state->entries[i].left > 0 &&
                (!first || expires_before(state->entries[i].expires, first->expires)))
            first = &state->entries[i];
    return first;
}

void account_take(struct account_state *state, int64_t points)
{
    while (points > 0) {
        struct account_fold *fold = first_gain_folded(state);
        struct account_entry *entry = first_gain(state);
        if (!fold && !entry)
            return;
        bool folded = fold && (!entry || !expires_before(entry->expires, fold->expires));
        int64_t has = folded ? fold->points : entry->left;
        int64_t taken = has < points ? has : points;
        points -= taken;
        if (!folded)
            entry->left -= (int32_t)taken;
        else if ((fold->points -= taken) == 0)
            account_fold_drop(state, fold);
    }
}

/* ---- expiry ---- */

static bool due(instant expires, instant at)
{
    return !instant_is_never(expires) && !instant_before(at, expires);
}

/* While an appeal is decided, its entry does not expire. */
static bool may_expire(const struct account_entry *entry)
{
    return counts(entry) && entry->status != ACCOUNT_APPEALED &&
           !instant_is_never(entry->expires);
}

struct account_entry *account_expiring(struct account_state *state, instant at)
{
    struct account_entry *first = NULL;
    for (int i = 0; i < state->n_entries; i++) {
        struct account_entry *entry = &state->entries[i];
        if (may_expire(entry) && due(entry->expires, at) &&
                (!first || instant_before(entry->expires, first->expires)))
            first = entry;
    }
    return first;
}

struct account_fold *account_fold_expiring(struct account_state *state, instant at)
{
    for (int i = 0; i < state->n_folds; i++)
        if (due(state->folds[i].expires, at))
            return &state->folds[i];
    return NULL;
}

void account_fold_drop(struct account_state *state, struct account_fold *fold)
{
    *fold = state->folds[--state->n_folds];
    state->folds[state->n_folds] = (struct account_fold){0};
}

instant account_next_expiry(const struct account_state *state)
{
    instant next = {0};
    for (int i = 0; i < state->n_entries; i++)
        if (may_expire(&state->entries[i]) &&
                expires_before(state->entries[i].expires, next))
            next = state->entries[i].expires;
    for (int i = 0; i < state->n_folds; i++)
        if (expires_before(state->folds[i].expires, next))
            next = state->folds[i].expires;
    return next;
}

/* ---- caps ---- */

static struct account_cap *cap_of(struct account_state *state, const char *rule)
{
    struct account_cap *stalest = &state->caps[0];
    for (int i = 0; i < state->n_caps; i++) {
        if (strcmp(state->caps[i].rule, rule) == 0)
            return &state->caps[i];
        if (state->caps[i].day < stalest->day)
            stalest = &state->caps[i];
    }
    struct account_cap *cap = state->n_caps < ACCOUNT_CAPS_MAX
                                      ? &state->caps[state->n_caps++]
                                      : stalest;
    *cap = (struct account_cap){0};
    (void)str_copy(cap->rule, sizeof cap->rule, str_of(rule)); /* ids are shorter */
    return cap;
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

int32_t account_capped(struct account_state *state, const struct points_rule *rule,
        int32_t points, instant at)
{
    if (!rule || (!rule->daily_max && !rule->monthly_max))
        return points;
    struct account_cap *cap = cap_of(state, rule->id);
    int32_t day = calendar_date(calendar_day_of(at)),
            size = points < 0 ? -points : points;
    if (cap->day != day)
        cap->of_day = 0;
    if (cap->day / 100 != day / 100)
        cap->of_month = 0;
    cap->day = day;
    if (rule->daily_max)
        size = least(size, rule->daily_max - cap->of_day);
    if (rule->monthly_max)
        size = least(size, rule->monthly_max - cap->of_month);
    size = size < 0 ? 0 : size; /* the policy has lowered the cap since */
    cap->of_day += size;
    cap->of_month += size;
    return points < 0 ? -size : size;
}
