/* Whom to name when a promise slips: contacts.csv at an instant. */
#include "policy.h"

/* The order of the table: units' rows first, then by the code of unit or place. */
static int contact_order(
        const struct contact *contact, const struct unit *unit, const struct place *place)
{
    if ((contact->unit != NULL) != (unit != NULL))
        return contact->unit ? -1 : 1;
    return unit ? strcmp(contact->unit->code, unit->code)
                : strcmp(contact->place->code, place->code);
}

/* The first row of the unit or the place; n_contacts or another's row: there is none. */
static size_t first_contact(
        const struct policy *policy, const struct unit *unit, const struct place *place)
{
    size_t low = 0, high = policy->n_contacts;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (contact_order(&policy->contacts[middle], unit, place) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A shift over midnight belongs to the day on which it began. */
static bool on_duty(const struct contact *contact, instant at)
{
    enum { MINUTE_MS = 60 * 1000 };
    int32_t from = contact->from, to = contact->to, day = calendar_day_of(at);
    int64_t minute = (at.ms - calendar_minute(day, 0).ms) / MINUTE_MS;
    if (from > to && minute < to)
        day--;
    else if (from != to && (minute < from || (from < to && minute >= to)))
        return false;
    bool weekday = contact->weekdays == 0 ||
                   (contact->weekdays >> calendar_weekday(day) & 1) != 0;
    return weekday && instant_within(contact->valid_from, contact->valid_to,
                              calendar_minute(day, 0));
}

static bool is_absent(const struct policy *policy, const char *staff, instant at)
{
    size_t low = 0, high = policy->n_absences;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(policy->absences[middle].staff, staff) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < policy->n_absences && strcmp(policy->absences[low].staff, staff) == 0;
            low++)
        if (instant_within(policy->absences[low].from, policy->absences[low].to, at))
            return true;
    return false;
}

/* Two who stand in for each other, both away, must not keep us here. */
enum { COVERS_MAX = 4 };

static const struct contact *who_is_there(
        const struct policy *policy, const struct contact *contact, instant at)
{
    for (int i = 0; contact && is_absent(policy, contact->staff, at); i++)
        contact = i < COVERS_MAX ? contact->stand_in : NULL;
    return contact;
}

struct people {
    struct contact_person *out;
    size_t n, max;
};

static void add_person(
        struct people *people, const struct contact *duty, const struct contact *person)
{
    for (size_t i = 0; i < people->n; i++)
        if (strcmp(people->out[i].person->staff, person->staff) == 0)
            return;
    if (people->n < people->max)
        people->out[people->n++] = (struct contact_person){duty, person};
}

/* False: nobody is there. */
static bool add_contacts(const struct policy *policy, const struct unit *unit,
        const struct place *place, instant at, struct people *people)
{
    bool found = false;
    for (size_t i = first_contact(policy, unit, place);
            i < policy->n_contacts &&
            contact_order(&policy->contacts[i], unit, place) == 0;
            i++) {
        const struct contact *duty = &policy->contacts[i];
        const struct contact *person = on_duty(duty, at) ? who_is_there(policy, duty, at)
                                                         : NULL;
        if (!person)
            continue;
        add_person(people, duty, person);
        found = true;
    }
    return found;
}

size_t policy_contacts(const struct policy *policy, const struct unit *unit,
        const struct place *place, instant at, struct contact_person *out, size_t max)
{
    struct people people = {.out = out, .max = max};
    if (unit)
        (void)add_contacts(policy, unit, NULL, at, &people); /* nobody: it has no names */
    while (place && !add_contacts(policy, NULL, place, at, &people))
        place = place->parent;
    return people.n;
}
