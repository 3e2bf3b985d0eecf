/* contacts.csv: who answers for a unit or a place, and who is away. */
#include "policy_load.h"

#include <stdlib.h>

enum { UNIT, PLACE, DUTY, STAFF, NAME, WEEKDAYS, TIMES, COVER, VALID_FROM, VALID_TO };

static const char file[] = "contacts.csv";
static const char absent[] = "absent";

static const char *staff_of(const struct policy_at *at)
{
    const char *staff = at->row->cells[STAFF];
    if (!policy_code_valid(staff, POLICY_STAFF_MAX))
        policy_problem(at->loader, file, at->row->line,
                "'%s' is no staff id; write 1 to %d of a-z, 0-9 and -", staff,
                POLICY_STAFF_MAX);
    return staff;
}

/* "1;2;3;4;5": Monday to Friday. */
static unsigned weekdays_of(const struct policy_at *at)
{
    unsigned bits = 0;
    struct names days = policy_list(at->loader, at->row->cells[WEEKDAYS]);
    for (size_t i = 0; i < days.n; i++) {
        const char *day = days.items[i];
        if (day[0] >= '1' && day[0] <= '7' && !day[1])
            bits |= 1U << (day[0] - '1');
        else
            policy_problem(at->loader, file, at->row->line,
                    "'%s' is no weekday; write 1 (Monday) to 7 (Sunday), with ; between",
                    day);
    }
    return bits;
}

/* "17:30-08:30"; empty: all day. */
static void times_of(const struct policy_at *at, int32_t *from, int32_t *to)
{
    const char *cell = at->row->cells[TIMES];
    char first[6] = "";
    if (!cell[0])
        return;
    if (strlen(cell) == 11 && cell[5] == '-') {
        memcpy(first, cell, 5);
        if (policy_minute(first, from) && policy_minute(cell + 6, to))
            return;
    }
    policy_problem(at->loader, file, at->row->line,
            "'%s' are no times; write them like 17:30-08:30", cell);
}

static void read_owner(const struct policy_at *at, struct contact *contact)
{
    struct policy_loader *loader = at->loader;
    const char *unit = at->row->cells[UNIT], *place = at->row->cells[PLACE];
    if (!unit[0] == !place[0])
        policy_problem(
                loader, file, at->row->line, "must name a unit or a place, and not both");
    else if (unit[0])
        contact->unit = policy_cell_unit(at, unit, "unit");
    else
        contact->place = policy_place(loader->policy, str_of(place));
    if (!unit[0] && place[0] && !contact->place && loader->have_places)
        policy_problem(loader, file, at->row->line, "the place '%s' is not in places.csv",
                place);
}

/* Rows without an owner, already reported, are left out. */
static void add_contact(const struct policy_at *at)
{
    struct policy *policy = at->loader->policy;
    const char *const *cells = at->row->cells;
    struct contact contact = {
            .duty = (enum contact_duty)policy_cell_word(
                    at, DUTY, "duty", contact_duty_names, CONTACT_DUTY_COUNT),
            .staff = staff_of(at),
            .name = policy_cell_text(at, NAME, "name", true),
            .cover = cells[COVER],
            .weekdays = weekdays_of(at),
            .line = at->row->line,
    };
    times_of(at, &contact.from, &contact.to);
    policy_cell_dates(at, VALID_FROM, VALID_TO, &contact.valid_from, &contact.valid_to);
    read_owner(at, &contact);
    if (contact.unit || contact.place)
        policy->contacts[policy->n_contacts++] = contact;
}

static void add_absence(const struct policy_at *at)
{
    static const int others[] = {UNIT, PLACE, WEEKDAYS, TIMES, COVER};
    struct policy *policy = at->loader->policy;
    const char *const *cells = at->row->cells;
    struct absence absence = {.staff = staff_of(at), .line = at->row->line};
    bool more = false;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        more |= cells[others[i]][0] != 0;
    if (more)
        policy_problem(at->loader, file, at->row->line,
                "an absence has staff, valid_from and valid_to only (and a name for the "
                "reader); who stands in is the cover of the duty's own row");
    if (!cells[VALID_FROM][0])
        policy_problem(at->loader, file, at->row->line,
                "an absence needs valid_from, the first day away");
    policy_cell_dates(at, VALID_FROM, VALID_TO, &absence.from, &absence.to);
    policy->absences[policy->n_absences++] = absence;
}

static int by_owner(const void *a, const void *b)
{
    const struct contact *x = a, *y = b;
    int order = (y->unit != NULL) - (x->unit != NULL);
    if (order == 0)
        order = strcmp(x->unit ? x->unit->code : x->place->code,
                y->unit ? y->unit->code : y->place->code);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int by_staff(const void *a, const void *b)
{
    const struct absence *x = a, *y = b;
    int order = strcmp(x->staff, y->staff);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int by_person(const void *a, const void *b)
{
    const struct contact *x = *(const struct contact *const *)a,
                         *y = *(const struct contact *const *)b;
    int order = strcmp(x->staff, y->staff);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* The first row of each person in the file, sorted by staff id. */
struct people {
    const struct contact **items;
    size_t n;
};

static struct people people_of(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    struct people people = {
            policy_table(loader, policy->n_contacts, sizeof *people.items), 0};
    for (size_t i = 0; i < policy->n_contacts; i++)
        people.items[i] = &policy->contacts[i];
    if (policy->n_contacts)
        qsort(people.items, policy->n_contacts, sizeof *people.items, by_person);
    for (size_t i = 0; i < policy->n_contacts; i++)
        if (people.n == 0 ||
                strcmp(people.items[people.n - 1]->staff, people.items[i]->staff) != 0)
            people.items[people.n++] = people.items[i];
    return people;
}

static int is_person(const void *staff, const void *item)
{
    const struct contact *contact = *(const struct contact *const *)item;
    return strcmp(staff, contact->staff);
}

/* NULL: nobody has that staff id. */
static const struct contact *row_of(const struct people *people, const char *staff)
{
    const struct contact *const *found = people->n ? bsearch(staff, people->items,
                                                             people->n,
                                                             sizeof *people->items,
                                                             is_person)
                                                   : NULL;
    return found ? *found : NULL;
}

static void check_contact(struct policy_loader *loader, const struct people *people,
        struct contact *contact)
{
    const struct contact *first = row_of(people, contact->staff);
    if (strcmp(first->name, contact->name) != 0)
        policy_problem(loader, file, contact->line,
                "'%s' is called %s here and %s in line %d", contact->staff, contact->name,
                first->name, first->line);
    if (!contact->cover[0])
        return;
    contact->stand_in = row_of(people, contact->cover);
    if (!contact->stand_in)
        policy_problem(loader, file, contact->line,
                "the cover '%s' has no row of a duty of their own", contact->cover);
    else if (contact->stand_in == first)
        policy_problem(loader, file, contact->line, "'%s' cannot stand in for themselves",
                contact->cover);
}

static void check_contacts(struct policy_loader *loader)
{
    struct policy *policy = loader->policy;
    struct people people = people_of(loader);
    for (size_t i = 0; i < policy->n_contacts; i++)
        check_contact(loader, &people, &policy->contacts[i]);
    for (size_t i = 0; i < policy->n_absences; i++)
        if (!row_of(&people, policy->absences[i].staff))
            policy_warning(loader, file, policy->absences[i].line,
                    "'%s' is absent, but has no duty to be absent from",
                    policy->absences[i].staff);
}

void policy_read_contacts(struct policy_loader *loader)
{
    COLUMNS("unit", "place", "duty", "staff", "name", "weekdays", "times", "cover",
            "valid_from", "valid_to");
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    loader->have_contacts = policy_csv_read(loader, file, columns, N_COLUMNS, &rows);
    if (!loader->have_contacts)
        return;
    policy->contacts = policy_table(loader, rows.n, sizeof *policy->contacts);
    policy->absences = policy_table(loader, rows.n, sizeof *policy->absences);
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, file, &rows.items[i]};
        if (strcmp(rows.items[i].cells[DUTY], absent) == 0)
            add_absence(&at);
        else
            add_contact(&at);
    }
    if (policy->n_contacts)
        qsort(policy->contacts, policy->n_contacts, sizeof *policy->contacts, by_owner);
    if (policy->n_absences)
        qsort(policy->absences, policy->n_absences, sizeof *policy->absences, by_staff);
    if (loader->have_units && loader->have_places)
        check_contacts(loader);
}
