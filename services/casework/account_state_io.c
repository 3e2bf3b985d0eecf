/* An account as it is kept. */
#include "ledger_parts.h"

#include <stdlib.h>

struct entry_form {
    struct account_entry core;
    int64_t points, left;
    int status;
};

struct fold_form {
    struct account_fold core;
    int64_t n;
};

struct cap_form {
    struct account_cap core;
    int64_t day, of_day, of_month;
};

struct state_form {
    struct account_state core;
    struct str key;
    int64_t version, n_known;
    struct json_list entries, folds, caps, known;
};

#define ENTRY(field) offsetof(struct entry_form, field)
static const struct json_field entry_fields[] = {
        {.name = "n", .kind = JSON_INT, .offset = ENTRY(core.number), .required = true},
        {.name = "rule",
                .kind = JSON_CHARS,
                .offset = ENTRY(core.rule),
                .required = true,
                .max = ACCOUNT_CODE_SIZE},
        {.name = "event",
                .kind = JSON_CHARS,
                .offset = ENTRY(core.event),
                .required = true,
                .max = ACCOUNT_EVENT_SIZE},
        {.name = "points", .kind = JSON_INT, .offset = ENTRY(points), .required = true},
        {.name = "left", .kind = JSON_INT, .offset = ENTRY(left)},
        {.name = "at", .kind = JSON_INSTANT, .offset = ENTRY(core.at), .required = true},
        {.name = "expires", .kind = JSON_INSTANT, .offset = ENTRY(core.expires)},
        {.name = "veto", .kind = JSON_BOOL, .offset = ENTRY(core.veto)},
        {.name = "status",
                .kind = JSON_ENUM,
                .offset = ENTRY(status),
                .required = true,
                .max = ACCOUNT_STATUS_COUNT,
                .names = account_status_names},
};
#undef ENTRY

#define FOLD(field) offsetof(struct fold_form, field)
static const struct json_field fold_fields[] = {
        {.name = "expires", .kind = JSON_INSTANT, .offset = FOLD(core.expires)},
        {.name = "points", .kind = JSON_INT, .offset = FOLD(core.points)},
        {.name = "n", .kind = JSON_INT, .offset = FOLD(n)},
        {.name = "loss", .kind = JSON_BOOL, .offset = FOLD(core.loss)},
        {.name = "veto", .kind = JSON_BOOL, .offset = FOLD(core.veto)},
};
#undef FOLD

#define CAP(field) offsetof(struct cap_form, field)
static const struct json_field cap_fields[] = {
        {.name = "rule",
                .kind = JSON_CHARS,
                .offset = CAP(core.rule),
                .required = true,
                .max = ACCOUNT_CODE_SIZE},
        {.name = "day", .kind = JSON_INT, .offset = CAP(day)},
        {.name = "of_day", .kind = JSON_INT, .offset = CAP(of_day)},
        {.name = "of_month", .kind = JSON_INT, .offset = CAP(of_month)},
};
#undef CAP

#define STATE(field) offsetof(struct state_form, field)
#define LIST(list, item)                                                                 \
    {.name = #list,                                                                      \
            .kind = JSON_LIST,                                                           \
            .offset = STATE(list),                                                       \
            .max = COUNT(item##_fields),                                                 \
            .sub = item##_fields,                                                        \
            .item_size = sizeof(struct item##_form)}
static const struct json_field state_fields[] = {
        {.name = "v", .kind = JSON_INT, .offset = STATE(version), .required = true},
        {.name = "case", .kind = JSON_STR, .offset = STATE(key), .required = true},
        {.name = "seq", .kind = JSON_INT, .offset = STATE(core.seq), .required = true},
        {.name = "numbered", .kind = JSON_INT, .offset = STATE(core.numbered)},
        {.name = "wake_at", .kind = JSON_INSTANT, .offset = STATE(core.wake_at)},
        {.name = "grade",
                .kind = JSON_CHARS,
                .offset = STATE(core.grade),
                .max = ACCOUNT_CODE_SIZE},
        LIST(entries, entry),
        LIST(folds, fold),
        LIST(caps, cap),
        {.name = "known", .kind = JSON_STRS, .offset = STATE(known)},
        {.name = "n_known", .kind = JSON_INT, .offset = STATE(n_known)},
};
#undef LIST
#undef STATE

static bool fits(const struct state_form *form, struct error *err)
{
    if (form->entries.n <= ACCOUNT_ENTRIES_MAX && form->folds.n <= ACCOUNT_FOLDS_MAX &&
            form->caps.n <= ACCOUNT_CAPS_MAX && form->known.n <= ACCOUNT_KNOWN)
        return true;
    return error_set(err, ERR_INVALID, "too_long",
            "an account has a list that is longer "
            "than this version keeps");
}

static void lists_read(const struct state_form *form, struct account_state *state)
{
    const struct entry_form *entries = form->entries.items;
    for (size_t i = 0; i < form->entries.n; i++) {
        struct account_entry *entry = &state->entries[state->n_entries++];
        *entry = entries[i].core;
        entry->points = (int32_t)entries[i].points;
        entry->left = (int32_t)entries[i].left;
        entry->status = (enum account_status)entries[i].status;
    }
    const struct fold_form *folds = form->folds.items;
    for (size_t i = 0; i < form->folds.n; i++) {
        state->folds[state->n_folds] = folds[i].core;
        state->folds[state->n_folds++].n = (int32_t)folds[i].n;
    }
    const struct cap_form *caps = form->caps.items;
    for (size_t i = 0; i < form->caps.n; i++) {
        struct account_cap *cap = &state->caps[state->n_caps++];
        *cap = caps[i].core;
        cap->day = (int32_t)caps[i].day;
        cap->of_day = (int32_t)caps[i].of_day;
        cap->of_month = (int32_t)caps[i].of_month;
    }
    const struct str *known = form->known.items;
    for (size_t i = 0; i < form->known.n; i++)
        state->known[i] = strtoull(known[i].ptr, NULL, 16); /* the arena's strings end */
    state->n_known = (int32_t)form->n_known;
}

bool account_state_read(struct json_reader *reader, struct str text, struct arena *arena,
        struct account_state *out, struct error *err)
{
    *out = (struct account_state){0};
    if (!text.len)
        return true;
    struct state_form form = {0};
    if (!json_read(reader, text, state_fields, COUNT(state_fields), &form, arena, err) ||
            !fits(&form, err) ||
            !field_copy(form.core.holder, sizeof form.core.holder,
                    key_code(form.key, "account:"), "case", err))
        return false;
    lists_read(&form, &form.core);
    *out = form.core;
    return true;
}

static void entry_write(struct json_out *json, const struct account_entry *entry)
{
    json_open_object(json, NULL);
    json_int(json, "n", entry->number);
    json_text(json, "rule", entry->rule);
    json_text(json, "event", entry->event);
    json_int(json, "points", entry->points);
    if (entry->left)
        json_int(json, "left", entry->left);
    json_instant(json, "at", entry->at);
    json_instant_some(json, "expires", entry->expires);
    if (entry->veto)
        json_bool(json, "veto", true);
    json_text(json, "status", account_status_names[entry->status]);
    json_close_object(json);
}

static void folds_write(struct json_out *json, const struct account_state *state)
{
    if (!state->n_folds)
        return;
    json_open_array(json, "folds");
    for (int i = 0; i < state->n_folds; i++) {
        const struct account_fold *fold = &state->folds[i];
        json_open_object(json, NULL);
        json_instant_some(json, "expires", fold->expires);
        json_int(json, "points", fold->points);
        json_int(json, "n", fold->n);
        if (fold->loss)
            json_bool(json, "loss", true);
        if (fold->veto)
            json_bool(json, "veto", true);
        json_close_object(json);
    }
    json_close_array(json);
}

static void caps_write(struct json_out *json, const struct account_state *state)
{
    if (!state->n_caps)
        return;
    json_open_array(json, "caps");
    for (int i = 0; i < state->n_caps; i++) {
        const struct account_cap *cap = &state->caps[i];
        json_open_object(json, NULL);
        json_text(json, "rule", cap->rule);
        json_int(json, "day", cap->day);
        json_int(json, "of_day", cap->of_day);
        json_int(json, "of_month", cap->of_month);
        json_close_object(json);
    }
    json_close_array(json);
}

struct str account_state_write(const struct policy *policy,
        const struct account_state *state, struct arena *arena)
{
    const struct points_ledger *ledger = points_ledger_of(policy, str_of(state->holder));
    struct json_out json;
    json_begin(&json, arena, 4096);
    json_open_object(&json, NULL);
    json_int(&json, "v", 1);
    json_str(&json, "case", arena_printf(arena, "account:%s", state->holder));
    json_int(&json, "seq", state->seq);
    json_int(&json, "numbered", state->numbered);
    json_instant_some(&json, "wake_at", state->wake_at);
    if (ledger) { /* for readers; decisions derive the balance from the policy */
        json_text(&json, "ledger", ledger->name);
        json_int(&json, "balance", account_balance(ledger, state));
    }
    json_text_some(&json, "grade", state->grade);
    json_open_array(&json, "entries");
    for (int i = 0; i < state->n_entries; i++)
        entry_write(&json, &state->entries[i]);
    json_close_array(&json);
    folds_write(&json, state);
    caps_write(&json, state);
    json_open_array(&json, "known");
    for (int i = 0; i < state->n_known && i < ACCOUNT_KNOWN; i++)
        json_str(&json, NULL,
                arena_printf(arena, "%016llx", (unsigned long long)state->known[i]));
    json_close_array(&json);
    json_int(&json, "n_known", state->n_known);
    json_close_object(&json);
    return json_end(&json);
}
