#include "policy.h"

#include "geo.h"
#include "ids.h"
#include "policy_load.h"
#include "textmodel_file.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

static void print(struct policy_loader *loader, const char *file, int line,
        const char *level, const char *format, va_list args)
{
    FILE *out = loader->report->out;
    if (!out)
        return;
    (void)fprintf(out, "%s:%d: %s", file, line, level);
    (void)vfprintf(out, format, args);
    (void)fputc('\n', out);
}

void policy_problem(
        struct policy_loader *loader, const char *file, int line, const char *format, ...)
{
    loader->report->n_problems++;
    va_list args;
    va_start(args, format);
    print(loader, file, line, "", format, args);
    va_end(args);
}

void policy_warning(
        struct policy_loader *loader, const char *file, int line, const char *format, ...)
{
    loader->report->n_warnings++;
    va_list args;
    va_start(args, format);
    print(loader, file, line, "warning: ", format, args);
    va_end(args);
}

static int line_at(struct str text, size_t at)
{
    int line = 1;
    for (size_t i = 0; i < at; i++)
        line += text.ptr[i] == '\n';
    return line;
}

/* Where the first byte stands that is not UTF-8 (RFC 3629); text.len when all is well.
 * NUL counts as wrong, too: no editor means it. */
static size_t utf8_error(struct str text)
{
    const unsigned char *p = (const unsigned char *)text.ptr;
    for (size_t i = 0; i < text.len;) {
        unsigned char c = p[i];
        size_t more;
        unsigned char
                low = 0x80,
                high = 0xbf; /* of the second byte: no overlong form, no surrogate */
        if (c == 0)
            return i;
        if (c < 0x80) {
            i++;
            continue;
        }
        if (c >= 0xc2 && c <= 0xdf) {
            more = 1;
        } else if (c >= 0xe0 && c <= 0xef) {
            more = 2;
            low = c == 0xe0 ? 0xa0 : low;
            high = c == 0xed ? 0x9f : high;
        } else if (c >= 0xf0 && c <= 0xf4) {
            more = 3;
            low = c == 0xf0 ? 0x90 : low;
            high = c == 0xf4 ? 0x8f : high;
        } else {
            return i;
        }
        if (text.len - i <= more || p[i + 1] < low || p[i + 1] > high)
            return i;
        for (size_t k = 2; k <= more; k++)
            if (p[i + k] < 0x80 || p[i + k] > 0xbf)
                return i;
        i += more + 1;
    }
    return text.len;
}

bool policy_read_file(
        struct policy_loader *loader, const char *name, bool required, struct str *text)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", loader->dir, name) >= (int)sizeof path) {
        policy_problem(loader, name, 1, "the path of the policy's folder is too long");
        return false;
    }
    FILE *file = fopen(path, "rb");
    if (!file) {
        if (required || errno != ENOENT)
            policy_problem(loader, name, 1, "cannot be read: %s", strerror(errno));
        return false;
    }
    struct stat status;
    bool done = false;
    if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode) ||
            status.st_size > POLICY_FILE_MAX) {
        policy_problem(loader, name, 1, "is not a file of at most %d MiB",
                POLICY_FILE_MAX / (1024 * 1024));
        goto out;
    }
    size_t size = (size_t)status.st_size;
    char *bytes = arena_alloc(loader->arena, size + 1);
    size_t n = fread(bytes, 1, size, file);
    if (ferror(file)) {
        policy_problem(loader, name, 1, "cannot be read: %s", strerror(errno));
        goto out;
    }
    bytes[n] = 0;
    struct str all = {bytes, n};
    assert(loader->n_files < POLICY_FILES_MAX);
    loader->files[loader->n_files++] = (struct policy_file){name, all};
    if (str_starts(all, STR("\xef\xbb\xbf")))
        all = (struct str){all.ptr + 3, all.len - 3};
    size_t wrong = utf8_error(all);
    if (wrong != all.len) {
        policy_problem(loader, name, line_at(all, wrong),
                "is not UTF-8; save the file with the encoding UTF-8 (not GBK)");
        goto out;
    }
    *text = all;
    done = true;
out:
    (void)fclose(file); /* only read from */
    return done;
}

bool policy_date(struct str text, instant *out)
{
    char full[32];
    if (text.len != 10)
        return false;
    (void)snprintf(full, sizeof full, "%.10sT00:00:00+08:00", text.ptr);
    return instant_parse(str_of(full), out, NULL);
}

bool policy_minute(const char *text, int32_t *out)
{
    int hour, minute, end = 0;
    if (!text || sscanf(text, "%2d:%2d%n", &hour, &minute, &end) != 2 || end != 5 ||
            text[5])
        return false;
    if (hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > 24 * 60)
        return false;
    *out = hour * 60 + minute;
    return true;
}

int policy_enum(struct str text, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        if (str_is(text, names[i]))
            return i;
    return -1;
}

bool policy_code_valid(const char *text, size_t max)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len > 0 && len <= max && text[len] == 0;
}

/* The version changes with any byte of any file that was read. */
static void set_version(struct policy_loader *loader)
{
    size_t size = 0;
    for (size_t i = 0; i < loader->n_files; i++)
        size += strlen(loader->files[i].name) + 24 + loader->files[i].text.len;
    struct arena scratch = {0};
    char *all = arena_alloc(&scratch, size + 1);
    size_t n = 0;
    for (size_t i = 0; i < loader->n_files; i++) {
        struct str text = loader->files[i].text;
        n += (size_t)sprintf(all + n, "%s\n%zu\n", loader->files[i].name, text.len);
        if (text.len)
            memcpy(all + n, text.ptr, text.len);
        n += text.len;
    }
    char hash[13];
    sha256_hex((struct str){all, n}, 6, hash);
    arena_done(&scratch);
    struct policy *policy = loader->policy;
    policy->version = arena_printf(
            loader->arena, "%s@%s", policy->name ? policy->name : "", hash)
                              .ptr;
}

bool policy_load(struct policy **out, const char *dir, instant now,
        struct policy_report *report, struct error *err)
{
    struct policy_report own = {0};
    if (!report)
        report = &own;
    size_t before = report->n_problems;
    struct policy *policy = calloc(1, sizeof *policy);
    struct arena *arena = calloc(1, sizeof *arena);
    struct policy_loader *loader = calloc(1, sizeof *loader);
    if (!policy || !arena || !loader) {
        free(policy);
        free(arena);
        free(loader);
        return error_set(
                err, ERR_FATAL, "no_memory", "no memory for the policy in %s", dir);
    }
    policy->arena = arena;
    *loader = (struct policy_loader){
            .policy = policy, .arena = arena, .report = report, .dir = dir, .now = now};
    policy_read_sla(loader);
    policy_read_units(loader);
    policy_read_levels(loader);
    policy_read_places(loader);
    policy_read_house_numbers(loader);
    policy_read_boundaries(loader);
    policy_read_categories(loader);
    policy_read_rules(loader);
    policy_read_assets(loader);
    policy_read_catalogue(loader);
    policy_read_contacts(loader);
    policy_read_settings(loader);
    policy_read_handling(loader);
    policy_read_calendar(loader);
    policy_read_whistle(loader);
    policy_read_points(loader);
    policy_read_pools(loader);
    policy_read_schedules(loader);
    policy_read_model(loader);
    policy_check(loader);
    set_version(loader);
    free(loader);
    size_t problems = report->n_problems - before;
    if (problems) {
        policy_free(policy);
        return error_set(err, ERR_FATAL, "bad_policy",
                "the policy in %s has %zu problem%s; chuishao lint lists them with file "
                "and line",
                dir, problems, problems == 1 ? "" : "s");
    }
    *out = policy;
    return true;
}

void policy_free(struct policy *policy)
{
    if (!policy)
        return;
    if (policy->model)
        textmodel_unload(policy->model);
    geo_close(policy->geo);
    arena_done(policy->arena);
    free(policy->arena);
    free(policy);
}
