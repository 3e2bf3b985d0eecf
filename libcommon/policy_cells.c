/* The cells of a CSV row, checked. */
#include "policy_load.h"

#include <stdlib.h>

const char *policy_cell_text(
        const struct policy_at *at, int column, const char *name, bool required)
{
    const char *cell = at->row->cells[column];
    if (required && !cell[0])
        policy_problem(
                at->loader, at->file, at->row->line, "the field '%s' is empty", name);
    if (strlen(cell) > POLICY_TEXT_MAX)
        policy_problem(at->loader, at->file, at->row->line,
                "the field '%s' is longer than %d bytes", name, POLICY_TEXT_MAX);
    return cell;
}

/* Reports and returns 0 for an unknown word. */
int policy_cell_word(const struct policy_at *at, int column, const char *name,
        const char *const *words, int n)
{
    const char *cell = at->row->cells[column];
    int i = policy_enum(str_of(cell), words, n);
    if (i >= 0)
        return i;
    char known[200];
    size_t len = 0;
    for (int k = 0; k < n && len < sizeof known; k++)
        len += (size_t)snprintf(
                known + len, sizeof known - len, "%s%s", k ? " " : "", words[k]);
    policy_problem(at->loader, at->file, at->row->line,
            "'%s' is no %s; choose one of: %s", cell, name, known);
    return 0;
}

bool policy_cell_yes(const struct policy_at *at, int column, const char *name)
{
    static const char *const words[] = {"no", "yes"};
    return policy_cell_word(at, column, name, words, 2) == 1;
}

int32_t policy_cell_number(
        const struct policy_at *at, int column, const char *name, long min, long max)
{
    const char *cell = at->row->cells[column];
    char *end;
    long value = strtol(cell, &end, 10);
    if (cell[0] && !*end && value >= min && value <= max)
        return (int32_t)value;
    policy_problem(at->loader, at->file, at->row->line,
            "'%s' is no %s; write a whole number from %ld to %ld", cell, name, min, max);
    return (int32_t)min;
}

void policy_cell_date(const struct policy_at *at, int column, instant *out)
{
    const char *cell = at->row->cells[column];
    if (cell[0] && !policy_date(str_of(cell), out))
        policy_problem(at->loader, at->file, at->row->line,
                "'%s' is no date; write it like 2026-11-21", cell);
}

void policy_cell_dates(const struct policy_at *at, int from_column, int to_column,
        instant *from, instant *to)
{
    const char *const cells[] = {at->row->cells[from_column], at->row->cells[to_column]};
    policy_cell_date(at, from_column, from);
    policy_cell_date(at, to_column, to);
    if (!instant_is_never(*from) && !instant_is_never(*to) && !instant_before(*from, *to))
        policy_problem(at->loader, at->file, at->row->line,
                "is valid to %s, which is not after %s, the day from which it is valid",
                cells[1], cells[0]);
}

bool policy_periods_meet(instant from, instant to, instant other_from, instant other_to)
{
    return (instant_is_never(to) || instant_before(other_from, to)) &&
           (instant_is_never(other_to) || instant_before(from, other_to));
}

static int by_code(const void *a, const void *b)
{
    const struct policy_row *x = a, *y = b;
    int order = strcmp(x->cells[0], y->cells[0]);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int by_line(const void *a, const void *b)
{
    const struct policy_row *x = a, *y = b;
    return (x->line > y->line) - (x->line < y->line);
}

/* Sorts by the first column; reports codes that are empty, malformed or there twice, and
 * leaves those rows out. */
void policy_sort_rows(struct policy_loader *loader, const char *file,
        struct policy_rows *rows, bool (*valid)(const char *code), const char *form)
{
    struct policy_rows bad = {
            arena_alloc(loader->arena, rows->n * sizeof *rows->items + 1), 0};
    size_t n = 0;
    if (rows->n)
        qsort(rows->items, rows->n, sizeof *rows->items, by_code);
    for (size_t i = 0; i < rows->n; i++) {
        const struct policy_row *row = &rows->items[i];
        bool twice = n && strcmp(rows->items[n - 1].cells[0], row->cells[0]) == 0;
        if (twice || !valid(row->cells[0]))
            bad.items[bad.n++] = *row;
        else
            rows->items[n++] = *row;
    }
    rows->n = n;
    if (bad.n)
        qsort(bad.items, bad.n, sizeof *bad.items, by_line);
    for (size_t i = 0; i < bad.n; i++) {
        const struct policy_row *row = &bad.items[i], *first = NULL;
        for (size_t k = 0; k < rows->n && !first; k++)
            if (strcmp(rows->items[k].cells[0], row->cells[0]) == 0)
                first = &rows->items[k];
        if (first)
            policy_problem(loader, file, row->line,
                    "the code '%s' stands already in line %d", row->cells[0],
                    first->line);
        else
            policy_problem(loader, file, row->line, "'%s' is no code; write %s",
                    row->cells[0], form);
    }
}

static bool id_valid(const char *id)
{
    return id[0] != 0 && strlen(id) <= 64;
}

void *policy_table(struct policy_loader *loader, size_t n, size_t size)
{
    void *items = arena_alloc(loader->arena, n * size + 1);
    memset(items, 0, n * size);
    return items;
}

/* The unit of that code; NULL, reported, when there is none. */
const struct unit *policy_cell_unit(
        const struct policy_at *at, const char *code, const char *what)
{
    const struct unit *unit = policy_unit(at->loader->policy, str_of(code));
    if (!unit && at->loader->have_units)
        policy_problem(at->loader, at->file, at->row->line,
                "the %s '%s' is not in units.csv", what, code);
    return unit;
}

/* Ids need not be sorted; each stands once. */
void policy_check_ids(
        struct policy_loader *loader, const char *file, const struct policy_rows *rows)
{
    struct policy_rows copy = {
            arena_alloc(loader->arena, rows->n * sizeof *rows->items + 1), rows->n};
    if (rows->n)
        memcpy(copy.items, rows->items, rows->n * sizeof *rows->items);
    policy_sort_rows(loader, file, &copy, id_valid, "1 to 64 characters");
}
