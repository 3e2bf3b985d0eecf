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
    POLICY_PLACE_CODE_MAX = 63,
    POLICY_STAFF_MAX = 31,
    POLICY_LEVEL_NAME_MAX = 40,
    POLICY_STEP_NAME_MAX = 31,
    POLICY_STEP_TITLE_MAX = 90
};

/* The most a budget and a share may be. */
enum { BUDGET_MAX = 100000, PERCENT_MAX = 100 };

struct policy_file {
    const char *name; /* below the policy's folder, e.g. "units.csv" */
    struct str text;
};

enum { POLICY_FILES_MAX = 24 + CALENDAR_YEARS };

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
    bool have_units, have_places, have_categories, have_catalogue, have_sla,
            have_handling, have_contacts;
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

/* Minutes of the day, from HH:MM; 24:00 is the end of the day. */
bool policy_minute(const char *text, int32_t *out);

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

/* The same for a file that may be missing: false, and nothing reported. */
bool policy_csv_read_some(struct policy_loader *loader, const char *file,
        const char *const *columns, size_t n_columns, struct policy_rows *rows);

/* The parts of a cell between ';', trimmed, empty ones left out. */
struct names policy_list(struct policy_loader *loader, const char *cell);

/* ---- policy_cells.c: the cells of a row, checked ---- */

/* One row being read; problems are reported under its file and line. */
struct policy_at {
    struct policy_loader *loader;
    const char *file;
    const struct policy_row *row;
};

#define COLUMNS(...)                                                                     \
    static const char *const columns[] = {__VA_ARGS__};                                  \
    enum { N_COLUMNS = sizeof columns / sizeof columns[0] }

const char *policy_cell_text(
        const struct policy_at *at, int column, const char *name, bool required);

/* Index of the cell's word in words; 0, reported, for an unknown one. */
int policy_cell_word(const struct policy_at *at, int column, const char *name,
        const char *const *words, int n);
bool policy_cell_yes(const struct policy_at *at, int column, const char *name);

/* A whole number from min to max; min, reported, when it is none. */
int32_t policy_cell_number(
        const struct policy_at *at, int column, const char *name, long min, long max);

/* One of the seven kinds of place (*level NULL), or a level of levels.csv and the kind it
 * is like. */
enum place_type policy_cell_place_type(
        const struct policy_at *at, int column, const struct place_level **level);
void policy_cell_date(const struct policy_at *at, int column, instant *out);
void policy_cell_dates(const struct policy_at *at, int from_column, int to_column,
        instant *from, instant *to);

/* Two periods [from, to), never being open, have an instant in common. */
bool policy_periods_meet(instant from, instant to, instant other_from, instant other_to);

/* The unit of that code; NULL, reported, when there is none. */
const struct unit *policy_cell_unit(
        const struct policy_at *at, const char *code, const char *what);
const struct sla_class *policy_cell_sla(const struct policy_at *at, const char *name);

/* Zeroed, in the arena. */
void *policy_table(struct policy_loader *loader, size_t n, size_t size);

/* Sorts by the first column; reports codes that are empty, malformed or there twice, and
 * leaves those rows out. */
void policy_sort_rows(struct policy_loader *loader, const char *file,
        struct policy_rows *rows, bool (*valid)(const char *code), const char *form);

/* Ids in the first column need not be sorted; each stands once. */
void policy_check_ids(
        struct policy_loader *loader, const char *file, const struct policy_rows *rows);

/* ---- policy_tables.c: the CSV files ---- */
void policy_read_units(struct policy_loader *loader);
void policy_read_categories(struct policy_loader *loader);
void policy_read_assets(struct policy_loader *loader);
void policy_read_catalogue(struct policy_loader *loader);

/* ---- policy_rules.c: rules.csv ---- */
void policy_read_rules(struct policy_loader *loader);
void policy_check_rules(
        struct policy_loader *loader); /* reports rules that can never hold or decide */

/* ---- policy_json.c: the values of a JSON file, checked ---- */

struct json_t;

/* One JSON file being read. jansson keeps no positions, so a problem's line is that of
 * the first key `word` in [from, to), or of the first value; `to` 0 is the end. */
struct policy_source {
    struct policy_loader *loader;
    const char *file;
    struct str text;
    size_t from, to;
};

/* Owned; NULL when there is no such file (a problem if required) or it is no JSON object
 * (a problem). */
struct json_t *policy_json_open(struct policy_source *source, bool required);
int policy_json_line(const struct policy_source *source, const char *word);

/* A file that was read before, for the lines of what is found out later. */
struct policy_source policy_json_again(struct policy_loader *loader, const char *file);

/* What stands under the key `word`; for a value, the object or list that it stands in.
 */
struct policy_source policy_json_inside(
        const struct policy_source *source, const char *word);

/* A copy in the arena. */
const char *policy_kept(struct policy_loader *loader, const char *text);

/* A whole number from min to max under key; min, reported, when it is not. */
int32_t policy_json_int(const struct policy_source *source, const struct json_t *object,
        const char *key, long min, long max);
bool policy_json_bool(
        const struct policy_source *source, const struct json_t *object, const char *key);

/* The "amount" (at least min) and "unit" of object; `whose` names it in problems. */
struct budget policy_json_amount(const struct policy_source *source,
        const struct json_t *object, const char *whose, long min);

/* {"amount": 30, "unit": "minute"} under key. */
struct budget policy_json_budget(const struct policy_source *source,
        const struct json_t *object, const char *key, const char *whose, long min);

/* Reports every member of object that is none of keys. */
void policy_json_known(const struct policy_source *source, const struct json_t *object,
        const char *whose, const char *const *keys, size_t n);

/* ---- files with a .c of their own ---- */

/* The "rungs" of object. policy_sla.c */
void policy_json_ladder(const struct policy_source *source, const struct json_t *object,
        const char *whose, struct sla_ladder *ladder);

/* The reason codes 原因代码 under key. policy_handling.c */
struct names policy_json_reasons(
        const struct policy_source *source, const struct json_t *root, const char *key);

void policy_read_sla(struct policy_loader *loader);      /* policy_sla.c */
void policy_read_contacts(struct policy_loader *loader); /* policy_contacts.c */
void policy_read_handling(struct policy_loader *loader); /* policy_handling.c */
void policy_read_whistle(struct policy_loader *loader);  /* policy_whistle.c */
void policy_read_settings(struct policy_loader *loader); /* policy_settings.c */
void policy_read_calendar(struct policy_loader *loader); /* policy_calendar.c */
void policy_read_points(struct policy_loader *loader);   /* policy_points.c */
/* policy_places.c; the check settles what parts are */
void policy_read_levels(struct policy_loader *loader);
void policy_read_places(struct policy_loader *loader);
void policy_check_places(struct policy_loader *loader);
/* policy_house_numbers.c */
void policy_read_house_numbers(struct policy_loader *loader);
void policy_check_house_numbers(struct policy_loader *loader);
/* policy_boundaries.c */
void policy_read_boundaries(struct policy_loader *loader);
void policy_check_boundaries(struct policy_loader *loader);

/* ---- and two more tables ---- */
void policy_read_pools(struct policy_loader *loader);     /* policy_pool.c */
void policy_read_schedules(struct policy_loader *loader); /* policy_schedule.c */
void policy_read_model(struct policy_loader *loader);     /* policy_model.c */

/* ---- policy_lint.c: what only shows when all files are seen together ---- */
void policy_check(struct policy_loader *loader);
void policy_check_clocks(struct policy_loader *loader); /* policy_lint_clocks.c */

#endif
