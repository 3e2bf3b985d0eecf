#include "policy_load.h"

#include <csv.h>
#include <stdlib.h>

enum { CELLS_MAX = 32 };

struct reading {
    struct policy_loader *loader;
    const char *file;
    const char *const *columns;
    size_t n_columns;
    int line;                 /* where the current row begins */
    bool quoted;              /* inside a field that goes on in the next line */
    bool header;              /* the header line has been read */
    bool refused;             /* the header is of no use */
    int column_of[CELLS_MAX]; /* index into columns, -1: not ours */
    size_t n_header;
    const char *cells[CELLS_MAX];
    size_t n_cells;
    struct policy_rows *rows;
    size_t cap;
};

static void on_field(void *field, size_t len, void *ctx)
{
    struct reading *r = ctx;
    if (r->n_cells < CELLS_MAX)
        r->cells[r->n_cells] = arena_copy(r->loader->arena, (struct str){field, len}).ptr;
    r->n_cells++;
}

/* A column that begins with ? may be missing. */
static int column_of(const struct reading *r, const char *name)
{
    for (size_t i = 0; i < r->n_columns; i++)
        if (strcmp(name, r->columns[i] + (r->columns[i][0] == '?')) == 0)
            return (int)i;
    return -1;
}

static void read_header(struct reading *r)
{
    r->header = true;
    r->n_header = r->n_cells < CELLS_MAX ? r->n_cells : CELLS_MAX;
    bool found[CELLS_MAX] = {false};
    for (size_t i = 0; i < r->n_header; i++) {
        r->column_of[i] = column_of(r, r->cells[i]);
        if (r->column_of[i] < 0)
            policy_warning(r->loader, r->file, r->line,
                    "the column '%s' is not known and not used", r->cells[i]);
        else
            found[r->column_of[i]] = true;
    }
    for (size_t i = 0; i < r->n_columns; i++)
        if (!found[i] && r->columns[i][0] != '?') {
            policy_problem(r->loader, r->file, r->line,
                    "the column '%s' is missing in the header line", r->columns[i]);
            r->refused = true;
        }
}

static struct policy_row *add_row(struct reading *r)
{
    struct policy_rows *rows = r->rows;
    if (rows->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 256;
        struct policy_row *items = arena_alloc(r->loader->arena, cap * sizeof *items);
        if (rows->n)
            memcpy(items, rows->items, rows->n * sizeof *items);
        rows->items = items;
        r->cap = cap;
    }
    return &rows->items[rows->n++];
}

static void on_row(int end, void *ctx)
{
    (void)end;
    struct reading *r = ctx;
    size_t n = r->n_cells;
    bool blank = true; /* a spreadsheet writes rows of nothing but commas */
    for (size_t i = 0; i < n && i < CELLS_MAX; i++)
        blank = blank && r->cells[i][0] == 0;
    if (!r->header) {
        read_header(r);
    } else if (!r->refused && !blank && n != r->n_header) {
        policy_problem(r->loader, r->file, r->line,
                "has %zu fields, the header line has %zu", n, r->n_header);
    } else if (!r->refused && !blank) {
        struct policy_row *row = add_row(r);
        row->line = r->line;
        row->cells = arena_alloc(r->loader->arena, r->n_columns * sizeof *row->cells);
        for (size_t i = 0; i < r->n_columns; i++)
            row->cells[i] = "";
        for (size_t i = 0; i < n; i++)
            if (r->column_of[i] >= 0)
                row->cells[r->column_of[i]] = r->cells[i];
    }
    r->n_cells = 0;
}

static bool read_rows(struct policy_loader *loader, const char *file, bool required,
        const char *const *columns, size_t n_columns, struct policy_rows *rows)
{
    struct str text;
    *rows = (struct policy_rows){0};
    if (!policy_read_file(loader, file, required, &text))
        return false;
    struct reading r = {.loader = loader,
            .file = file,
            .columns = columns,
            .n_columns = n_columns,
            .rows = rows};
    struct csv_parser parser;
    unsigned char options = CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL;
    if (csv_init(&parser, options) != 0) {
        policy_problem(loader, file, 1, "no memory to read it");
        return false;
    }
    /* Line by line: libcsv does not count lines. A row goes on in the next line exactly
     * while its quotes are odd. */
    int line = 0;
    for (size_t at = 0; at < text.len;) {
        const char *from = text.ptr + at;
        const char *newline = memchr(from, '\n', text.len - at);
        size_t len = newline ? (size_t)(newline - from) + 1 : text.len - at;
        at += len;
        line++;
        if (!r.quoted)
            r.line = line;
        for (size_t i = 0; i < len; i++)
            r.quoted = r.quoted != (from[i] == '"');
        if (csv_parse(&parser, from, len, on_field, on_row, &r) == len)
            continue;
        policy_problem(loader, file, line,
                "a quotation mark stands inside a field; put the whole field in quotes "
                "and double "
                "those inside");
        csv_free(&parser);
        if (csv_init(&parser, options) != 0)
            break;
        r.n_cells = 0;
        r.quoted = false;
    }
    if (csv_fini(&parser, on_field, on_row, &r) != 0)
        policy_problem(
                loader, file, r.line, "a quotation mark is opened and never closed");
    csv_free(&parser);
    if (!r.header)
        policy_problem(loader, file, 1, "is empty; its first line names the columns");
    return r.header && !r.refused;
}

bool policy_csv_read(struct policy_loader *loader, const char *file,
        const char *const *columns, size_t n_columns, struct policy_rows *rows)
{
    return read_rows(loader, file, true, columns, n_columns, rows);
}

bool policy_csv_read_some(struct policy_loader *loader, const char *file,
        const char *const *columns, size_t n_columns, struct policy_rows *rows)
{
    return read_rows(loader, file, false, columns, n_columns, rows);
}

struct names policy_list(struct policy_loader *loader, const char *cell)
{
    size_t n = 1;
    for (const char *p = cell; *p; p++)
        n += *p == ';';
    const char **items = arena_alloc(loader->arena, n * sizeof *items);
    struct names names = {items, 0};
    for (const char *p = cell;;) {
        p += strspn(p, " \t");
        size_t len = strcspn(p, ";"), end = len;
        while (end && (p[end - 1] == ' ' || p[end - 1] == '\t'))
            end--;
        if (end)
            items[names.n++] = arena_copy(loader->arena, (struct str){p, end}).ptr;
        if (!p[len])
            return names;
        p += len + 1;
    }
}
