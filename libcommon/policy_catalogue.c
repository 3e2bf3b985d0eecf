/* catalogue.csv 派单目录 and assets.csv 部件权属: who leads what, where and when. */
#include "policy_load.h"

#include <stdio.h>
#include <stdlib.h>

enum { PRECEDENCE_MAX = 1000000 };

static struct party party_of(
        const struct policy_at *at, const char *cell, const char *what)
{
    static const char *const roles[] = {"", "property", "committee", "developer", "grid",
            "community", "street", "owner"};
    struct party party = {0};
    int role = cell[0] ? policy_enum(str_of(cell), roles, LEAD_OWNER + 1) : -1;
    if (role > 0)
        party.role = (enum lead_role)role;
    else
        party.unit = policy_cell_unit(at, cell, what);
    return party;
}

/* "zhujian!": mandatory. */
static struct party assist_of(const struct policy_at *at, const char *cell)
{
    size_t length = strlen(cell);
    bool mandatory = length > 0 && cell[length - 1] == '!';
    const char *name = mandatory ? arena_copy(at->loader->arena,
                                           (struct str){cell, length - 1})
                                           .ptr
                                 : cell;
    struct party party = party_of(at, name, "assisting unit");
    party.mandatory = mandatory;
    return party;
}

static void read_catalogue_category(
        const struct policy_at *at, const char *cell, struct catalogue_row *row)
{
    const struct policy *policy = at->loader->policy;
    row->category_prefix = cell;
    row->category = strlen(cell) == 6 ? policy_category(policy, str_of(cell)) : NULL;
    if (row->category || !at->loader->have_categories)
        return;
    for (size_t i = 0; i < policy->n_categories; i++)
        if (str_starts(str_of(policy->categories[i].code), str_of(cell)))
            return;
    policy_problem(at->loader, at->file, at->row->line,
            "no category in categories.csv begins with '%s'", cell);
}

static unsigned urgencies_of(const struct policy_at *at, const char *cell)
{
    struct names words = policy_list(at->loader, cell);
    unsigned bits = 0;
    for (size_t i = 0; i < words.n; i++) {
        int urgency = policy_enum(str_of(words.items[i]), urgency_names, URGENCY_COUNT);
        if (urgency < 0)
            policy_problem(at->loader, at->file, at->row->line,
                    "'%s' is no urgency; there are E1, E2, N, C and Q", words.items[i]);
        else
            bits |= 1u << urgency;
    }
    return bits;
}

static bool clock_of(const char *text, int32_t *minute)
{
    int hour, minutes;
    if (text[0] < '0' || text[0] > '9' || sscanf(text, "%2d:%2d", &hour, &minutes) != 2 ||
            hour > 24 || minutes > 59 || hour * 60 + minutes > 24 * 60)
        return false;
    *minute = hour * 60 + minutes;
    return true;
}

/* "work", "off", "22:00-06:00", or nothing. */
static void read_hours(
        const struct policy_at *at, const char *cell, struct catalogue_row *row)
{
    static const char *const words[] = {"", "work", "off"};
    int word = policy_enum(str_of(cell), words, 3);
    if (!cell[0] || word > 0) {
        row->hours = word > 0 ? (enum row_hours)word : HOURS_ALWAYS;
        return;
    }
    row->hours = HOURS_SPAN;
    if (strlen(cell) != strlen("22:00-06:00") || cell[5] != '-' ||
            !clock_of(cell, &row->from) || !clock_of(cell + 6, &row->to) ||
            row->from == row->to)
        policy_problem(at->loader, at->file, at->row->line,
                "the hours '%s' are not work, off, or like 22:00-06:00", cell);
}

/* An owner leads by what the row names, and only then. */
static void check_asset(const struct policy_at *at, const struct catalogue_row *row)
{
    const struct policy *policy = at->loader->policy;
    bool known = false;
    for (size_t i = 0; i < policy->n_assets; i++)
        known |= strcmp(policy->assets[i].kind, row->asset) == 0;
    if ((row->lead.role == LEAD_OWNER) != (row->asset[0] != 0))
        policy_problem(at->loader, at->file, row->line,
                "the lead 'owner' and the column asset go together");
    else if (row->asset[0] && !known)
        policy_problem(at->loader, at->file, row->line,
                "no row of assets.csv is of the kind '%s'", row->asset);
}

static int by_precedence(const void *a, const void *b)
{
    const struct catalogue_row *x = a, *y = b;
    if (x->precedence != y->precedence)
        return (x->precedence > y->precedence) - (x->precedence < y->precedence);
    return (x->line > y->line) - (x->line < y->line);
}

void policy_read_catalogue(struct policy_loader *loader)
{
    enum {
        ID,
        CATEGORY,
        PLACE_TYPE,
        NEEDS_PLACE,
        LEAD,
        ASSISTS,
        SLA,
        PRECEDENCE,
        VALID_FROM,
        VALID_TO,
        URGENCY,
        HOURS,
        ESTATE_TYPE,
        ASSET
    };
    COLUMNS("id", "category", "place_type", "needs_place", "lead", "assists", "sla",
            "precedence", "valid_from", "valid_to", "?urgency", "?hours", "?estate_type",
            "?asset");
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    loader->have_catalogue = policy_csv_read(
            loader, "catalogue.csv", columns, N_COLUMNS, &rows);
    if (!loader->have_catalogue)
        return;
    policy_check_ids(loader, "catalogue.csv", &rows);
    policy->catalogue = policy_table(loader, rows.n, sizeof *policy->catalogue);
    policy->n_catalogue = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, "catalogue.csv", &rows.items[i]};
        struct catalogue_row *row = &policy->catalogue[i];
        const char *const *cells = rows.items[i].cells;
        row->id = cells[ID];
        row->line = rows.items[i].line;
        read_catalogue_category(&at, cells[CATEGORY], row);
        row->place_type = cells[PLACE_TYPE][0] ? (int)policy_cell_place_type(&at,
                                                         PLACE_TYPE, &row->place_level)
                                               : -1;
        row->needs_place = policy_cell_yes(&at, NEEDS_PLACE, "answer for needs_place");
        row->urgencies = urgencies_of(&at, cells[URGENCY]);
        row->estate_type = cells[ESTATE_TYPE];
        read_hours(&at, cells[HOURS], row);
        row->asset = cells[ASSET];
        row->lead = party_of(&at, cells[LEAD], "leading unit");
        check_asset(&at, row);
        struct names assists = policy_list(loader, cells[ASSISTS]);
        if (assists.n > ASSISTS_MAX)
            policy_problem(loader, "catalogue.csv", row->line,
                    "has %zu assisting units; at most %d can be", assists.n, ASSISTS_MAX);
        for (size_t k = 0; k < assists.n && k < ASSISTS_MAX; k++) {
            struct party party = assist_of(&at, assists.items[k]);
            if (party.role == row->lead.role && party.unit == row->lead.unit)
                policy_problem(loader, "catalogue.csv", row->line,
                        "'%s' leads and cannot assist itself", assists.items[k]);
            if (party.role != LEAD_UNIT || party.unit)
                row->assists[row->n_assists++] = party;
        }
        row->sla = cells[SLA][0] ? policy_cell_sla(&at, cells[SLA]) : NULL;
        row->precedence = policy_cell_number(
                &at, PRECEDENCE, "precedence", 0, PRECEDENCE_MAX);
        policy_cell_dates(&at, VALID_FROM, VALID_TO, &row->valid_from, &row->valid_to);
    }
    if (policy->n_catalogue)
        qsort(policy->catalogue, policy->n_catalogue, sizeof *policy->catalogue,
                by_precedence);
}

void policy_read_assets(struct policy_loader *loader)
{
    enum { ID, KIND, PLACE, MARKS, UNIT, VALID_FROM, VALID_TO };
    COLUMNS("id", "kind", "place", "marks", "unit", "valid_from", "valid_to");
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    if (!policy_csv_read_some(loader, "assets.csv", columns, N_COLUMNS, &rows))
        return;
    policy_check_ids(loader, "assets.csv", &rows);
    policy->assets = policy_table(loader, rows.n, sizeof *policy->assets);
    policy->n_assets = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, "assets.csv", &rows.items[i]};
        struct asset *asset = &policy->assets[i];
        const char *const *cells = rows.items[i].cells;
        asset->id = cells[ID];
        asset->line = rows.items[i].line;
        asset->kind = policy_cell_text(&at, KIND, "kind", true);
        asset->marks = policy_list(loader, cells[MARKS]);
        asset->owner = policy_cell_unit(&at, cells[UNIT], "owner");
        policy_cell_dates(
                &at, VALID_FROM, VALID_TO, &asset->valid_from, &asset->valid_to);
        if (!cells[PLACE][0])
            continue;
        asset->place = policy_place(policy, str_of(cells[PLACE]));
        if (!asset->place && loader->have_places)
            policy_problem(loader, "assets.csv", asset->line,
                    "the place '%s' is not in places.csv", cells[PLACE]);
    }
}
