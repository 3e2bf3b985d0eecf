/* house_numbers.csv, optional: which houses of a road belong to which place. */
#include "policy_load.h"

#include <stdlib.h>

static const char file_name[] = "house_numbers.csv";

static int by_road_then_number(const void *a, const void *b)
{
    const struct house_numbers *x = a, *y = b;
    int order = strcmp(x->road, y->road);
    if (order == 0)
        order = (x->from > y->from) - (x->from < y->from);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static bool bears(const struct place *place, const char *name)
{
    bool found = strcmp(place->name, name) == 0;
    for (size_t i = 0; i < place->aliases.n && !found; i++)
        found = strcmp(place->aliases.items[i], name) == 0;
    return found;
}

/* A code of places.csv, or the name of a road that is not there. */
static void check_road(const struct policy_at *at, const char *road)
{
    struct policy_loader *loader = at->loader;
    const struct policy *policy = loader->policy;
    const struct place *place = policy_place(policy, str_of(road));
    if (!loader->have_places)
        return;
    if (place && place->type != PLACE_TYPE_ROAD)
        policy_problem(loader, file_name, at->row->line,
                "'%s' is no road, it is of the type %s", road, place_level_name(place));
    if (!place && policy_code_valid(road, POLICY_PLACE_CODE_MAX))
        policy_problem(loader, file_name, at->row->line,
                "the road '%s' is not in places.csv", road);
    for (size_t i = 0; i < policy->n_places && !place; i++)
        if (policy->places[i].type == PLACE_TYPE_ROAD && bears(&policy->places[i], road))
            policy_problem(loader, file_name, at->row->line,
                    "the road '%s' is '%s' in places.csv; write that code", road,
                    policy->places[i].code);
}

static void read_row(const struct policy_at *at, struct house_numbers *row)
{
    enum { ROAD, FROM, TO, SIDE, PLACE, VALID_FROM, VALID_TO };
    const char *const *cells = at->row->cells;
    row->line = at->row->line;
    row->road = policy_cell_text(at, ROAD, "road", true);
    check_road(at, row->road);
    row->from = policy_cell_number(at, FROM, "house number", 1, HOUSE_NUMBER_MAX);
    row->to = policy_cell_number(at, TO, "house number", 1, HOUSE_NUMBER_MAX);
    row->side = (enum house_side)policy_cell_word(
            at, SIDE, "side of a road", house_side_names, HOUSE_SIDE_COUNT);
    policy_cell_dates(at, VALID_FROM, VALID_TO, &row->valid_from, &row->valid_to);
    row->place = policy_place(at->loader->policy, str_of(cells[PLACE]));
    if (!row->place && at->loader->have_places)
        policy_problem(at->loader, file_name, row->line,
                "the place '%s' is not in places.csv", cells[PLACE]);
    bool any = false;
    for (int32_t number = row->from; number <= row->to && number <= row->from + 1;
            number++)
        any = any || house_on_side(row->side, number);
    if (!any)
        policy_problem(at->loader, file_name, row->line,
                "no house from %d to %d is on the side '%s'", (int)row->from,
                (int)row->to, house_side_names[row->side]);
}

void policy_read_house_numbers(struct policy_loader *loader)
{
    COLUMNS("road", "from", "to", "side", "place", "valid_from", "valid_to");
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    if (!policy_csv_read_some(loader, file_name, columns, N_COLUMNS, &rows))
        return;
    policy->house_numbers = policy_table(loader, rows.n, sizeof *policy->house_numbers);
    policy->n_house_numbers = rows.n;
    for (size_t i = 0; i < rows.n; i++)
        read_row(&(struct policy_at){loader, file_name, &rows.items[i]},
                &policy->house_numbers[i]);
    if (rows.n)
        qsort(policy->house_numbers, rows.n, sizeof *policy->house_numbers,
                by_road_then_number);
}

/* The first house that both rows have at one time; 0: none. */
static int32_t shared_house(const struct house_numbers *a, const struct house_numbers *b)
{
    int32_t from = a->from > b->from ? a->from : b->from;
    int32_t to = a->to < b->to ? a->to : b->to;
    if (!policy_periods_meet(a->valid_from, a->valid_to, b->valid_from, b->valid_to))
        return 0;
    for (int32_t number = from; number <= to && number <= from + 1; number++)
        if (house_on_side(a->side, number) && house_on_side(b->side, number))
            return number;
    return 0;
}

void policy_check_house_numbers(struct policy_loader *loader)
{
    const struct policy *policy = loader->policy;
    for (size_t i = 0; i < policy->n_house_numbers; i++) {
        const struct house_numbers *row = &policy->house_numbers[i], *other = row + 1;
        const struct house_numbers *end = policy->house_numbers + policy->n_house_numbers;
        for (; other < end && strcmp(other->road, row->road) == 0 &&
                other->from <= row->to;
                other++) {
            int32_t number = shared_house(row, other);
            if (number)
                policy_problem(loader, file_name,
                        other->line > row->line ? other->line : row->line,
                        "number %d of '%s' is in line %d, too", (int)number, row->road,
                        other->line > row->line ? row->line : other->line);
        }
    }
}
