/* handling.json 办理规则: what holds for every case, whatever its SLA class. */
#include "policy_load.h"

#include <jansson.h>

enum { MANY_MAX = 1000, REASONS_MAX = 32, REASON_CODE_MAX = 31, CALLBACK_MAX = 200 };

static const struct {
    const char *name;
    size_t offset;
    long min;
} budgets[] = {
        {"desk", offsetof(struct handling, desk), 1},
        {"review", offsetof(struct handling, review), 1},
        {"follow_up", offsetof(struct handling, follow_up), 1},
        {"adjudication", offsetof(struct handling, adjudication), 1},
        {"transfer_ack", offsetof(struct handling, transfer_ack), 1},
        {"return_window", offsetof(struct handling, return_window), 1},
        {"request_review", offsetof(struct handling, request_review), 1},
        {"redo", offsetof(struct handling, redo), 0},
};

static const struct {
    const char *name;
    size_t offset;
    long min, max;
} numbers[] = {
        {"returns_max", offsetof(struct handling, returns_max), 0, MANY_MAX},
        {"extensions_max", offsetof(struct handling, extensions_max), 0, MANY_MAX},
        {"extension_desk_percent", offsetof(struct handling, extension_desk_percent), 0,
                MANY_MAX},
        {"suspension_days_max", offsetof(struct handling, suspension_days_max), 1, 366},
        {"redos_max", offsetof(struct handling, redos_max), 0, MANY_MAX},
        {"reopen_days", offsetof(struct handling, reopen_days), 0, 366},
        {"cluster_reporters", offsetof(struct handling, cluster_reporters), 2, MANY_MAX},
        {"cluster_hours", offsetof(struct handling, cluster_hours), 1, 24 * 366},
};

static const struct {
    const char *name;
    size_t offset;
} answers[] =
        {
                {"return_pauses", offsetof(struct handling, return_pauses)},
                {"merge_reopens", offsetof(struct handling, merge_reopens)},
},
  reasons[] = {
          {"return_reasons", offsetof(struct handling, return_reasons)},
          {"extension_reasons", offsetof(struct handling, extension_reasons)},
          {"suspension_reasons", offsetof(struct handling, suspension_reasons)},
          {"termination_reasons", offsetof(struct handling, termination_reasons)},
};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static bool reason_valid(const char *code)
{
    size_t len = strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return len > 0 && len <= REASON_CODE_MAX && code[len] == 0;
}

static bool listed(const struct names *names, const char *text)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->items[i], text) == 0)
            return true;
    return false;
}

struct names policy_json_reasons(
        const struct policy_source *source, const json_t *root, const char *key)
{
    struct policy_loader *loader = source->loader;
    const json_t *list = json_object_get(root, key);
    size_t n = json_array_size(list);
    int line = policy_json_line(source, key);
    if (n == 0 || n > REASONS_MAX) {
        policy_problem(loader, source->file, line, "'%s' must be a list of 1 to %d codes",
                key, REASONS_MAX);
        return (struct names){0};
    }
    const char **items = arena_alloc(loader->arena, n * sizeof *items);
    struct names names = {items, 0};
    for (size_t i = 0; i < n; i++) {
        const char *code = json_string_value(json_array_get(list, i));
        if (!code || !reason_valid(code))
            policy_problem(loader, source->file, line,
                    "code %zu of '%s' must be 1 to %d of a-z, 0-9 and _", i + 1, key,
                    REASON_CODE_MAX);
        else if (listed(&names, code))
            policy_problem(
                    loader, source->file, line, "'%s' lists '%s' twice", key, code);
        else
            items[names.n++] = policy_kept(loader, code);
    }
    return names;
}

static const char *read_callback(const struct policy_source *source, const json_t *root)
{
    const json_t *value = json_object_get(root, "callback");
    const char *link = value ? json_string_value(value) : "";
    if (link && strlen(link) <= CALLBACK_MAX && (!link[0] || strstr(link, "{case}")))
        return policy_kept(source->loader, link);
    policy_problem(source->loader, source->file, policy_json_line(source, "callback"),
            "'callback' must be a link of at most %d bytes with {case} in it, or empty",
            CALLBACK_MAX);
    return "";
}

static void check_members(const struct policy_source *source, const json_t *root)
{
    const char *names[LENGTH(budgets) + LENGTH(numbers) + LENGTH(answers) +
                      LENGTH(reasons) + 2] = {"rungs", "callback"};
    size_t n = 2;
    for (size_t i = 0; i < LENGTH(budgets); i++)
        names[n++] = budgets[i].name;
    for (size_t i = 0; i < LENGTH(numbers); i++)
        names[n++] = numbers[i].name;
    for (size_t i = 0; i < LENGTH(answers); i++)
        names[n++] = answers[i].name;
    for (size_t i = 0; i < LENGTH(reasons); i++)
        names[n++] = reasons[i].name;
    policy_json_known(source, root, "handling.json", names, n);
}

void policy_read_handling(struct policy_loader *loader)
{
    static const char whose[] = "handling.json";
    struct policy_source source = {.loader = loader, .file = whose};
    struct handling *handling = &loader->policy->handling;
    char *base = (char *)handling;
    json_t *root = policy_json_open(&source, true);
    handling->callback = "";
    if (!root)
        return;
    loader->have_handling = true;
    check_members(&source, root);
    for (size_t i = 0; i < LENGTH(budgets); i++)
        *(struct budget *)(void *)(base + budgets[i].offset) = policy_json_budget(
                &source, root, budgets[i].name, whose, budgets[i].min);
    policy_json_ladder(&source, root, whose, &handling->ladder);
    for (size_t i = 0; i < LENGTH(numbers); i++)
        *(int32_t *)(void *)(base + numbers[i].offset) = policy_json_int(
                &source, root, numbers[i].name, numbers[i].min, numbers[i].max);
    for (size_t i = 0; i < LENGTH(answers); i++)
        *(bool *)(base + answers[i].offset) = policy_json_bool(
                &source, root, answers[i].name);
    for (size_t i = 0; i < LENGTH(reasons); i++)
        *(struct names *)(void *)(base + reasons[i].offset) = policy_json_reasons(
                &source, root, reasons[i].name);
    handling->callback = read_callback(&source, root);
    json_decref(root);
}
