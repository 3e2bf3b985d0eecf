/* What the parts of policy loading share; for policy*.c only. Every reader reports what
 * it finds wrong and goes on, so that an administrator sees all problems at once. */
#ifndef CHUISHAO_POLICY_LOAD_H
#define CHUISHAO_POLICY_LOAD_H

#include "arena.h"
#include "policy.h"

/* The longest a policy file, a field and a list may be. */
enum {
    POLICY_FILE_MAX = 64 * 1024 * 1024,
    POLICY_TEXT_MAX = 300,
    POLICY_UNIT_CODE_MAX = 31,
    POLICY_PLACE_CODE_MAX = 63
};

struct policy_file {
    const char *name; /* below the policy's folder, e.g. "units.csv" */
    struct str text;
};

enum { POLICY_FILES_MAX = 8 + CALENDAR_YEARS };

struct policy_loader {
    struct policy *policy;
    struct arena *arena; /* the policy's */
    struct policy_report *report;
    const char *dir;
    instant now;
    struct policy_file files[POLICY_FILES_MAX]; /* read so far, for the version */
    size_t n_files;
    /* Tables that could be read: nobody complains about references into one that is not
     * there. */
    bool have_units, have_places, have_categories, have_catalogue, have_sla;
    bool *estate_without_firm; /* by place: property is `none` */
};

/* "file:line: sentence" to the report. */
void policy_problem(struct policy_loader *loader, const char *file, int line,
        const char *format, ...) __attribute__((format(printf, 4, 5)));
void policy_warning(struct policy_loader *loader, const char *file, int line,
        const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The bytes of a file, checked to be UTF-8, without a byte-order mark; they live in the
 * arena. False when there is none (a problem if required) or it cannot be read (a
 * problem). */
bool policy_read_file(
        struct policy_loader *loader, const char *name, bool required, struct str *text);

/* The start of a Chinese day, from YYYY-MM-DD. */
bool policy_date(struct str text, instant *out);

/* Index of text in names, -1: none of them. */
int policy_enum(struct str text, const char *const *names, int n);

/* True when text is 1 to max characters of [a-z0-9-]. */
bool policy_code_valid(const char *text, size_t max);

/* ---- policy_csv.c: a CSV file as rows of the columns asked for ---- */

struct policy_row {
    int line;
    const char **cells; /* one per column asked for, terminated, trimmed, never NULL */
};

struct policy_rows {
    struct policy_row *items; /* in file order */
    size_t n;
};

/* columns: "a,b,c" by name. False (already reported) when the file or a column is
 * missing. */
bool policy_csv_read(struct policy_loader *loader, const char *file,
        const char *const *columns, size_t n_columns, struct policy_rows *rows);

/* The parts of a cell between ';', trimmed, empty ones left out. */
struct names policy_list(struct policy_loader *loader, const char *cell);

/* ---- policy_tables.c: the CSV files ---- */
void policy_read_units(struct policy_loader *loader);
void policy_read_places(struct policy_loader *loader);
void policy_read_categories(struct policy_loader *loader);
void policy_read_rules(struct policy_loader *loader);
void policy_read_catalogue(struct policy_loader *loader);

/* ---- policy_json.c: the JSON files ---- */
void policy_read_sla(struct policy_loader *loader);
void policy_read_settings(struct policy_loader *loader);
void policy_read_calendar(struct policy_loader *loader);

/* ---- policy_lint.c: what only shows when all files are seen together ---- */
void policy_check(struct policy_loader *loader);

#endif
