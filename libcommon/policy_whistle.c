/* whistle.json 吹哨报到: by when a summoned unit checks in, for each type of whistle. */
#include "policy_load.h"

#include <jansson.h>

#define X(name, text) text,
const char *const whistle_type_names[WHISTLE_TYPE_COUNT] = {WHISTLE_TYPES(X)};
#undef X

enum { A_MONTH_MAX = 10000 };

static bool works(struct budget budget)
{
    return budget.unit == UNIT_WORK_HOUR || budget.unit == UNIT_WORK_DAY;
}

static void check_calendar(const struct policy_source *source, const char *name,
        const struct whistle_class *class)
{
    const struct calendar *calendar = &source->loader->policy->calendar;
    bool counts = works(class->check_in);
    for (int i = 0; i < class->ladder.n_rungs; i++)
        counts |= class->ladder.rungs[i].after.amount > 0 &&
                  works(class->ladder.rungs[i].after);
    if (counts && calendar->n_spans == 0)
        policy_problem(source->loader, source->file, class->line,
                "'%s' counts working time, but calendar/office.json gives no office "
                "hours",
                name);
}

static void read_class(const struct policy_source *root, const json_t *object,
        const char *name, struct whistle_class *class)
{
    static const char *const members[] = {
            "check_in", "rungs", "dispute_needs_check_in", "low", "high"};
    struct policy_source source = policy_json_inside(root, name);
    char whose[POLICY_TEXT_MAX];
    (void)snprintf(whose, sizeof whose, "'%.64s'", name);
    class->line = policy_json_line(root, name);
    policy_json_known(&source, object, whose, members, sizeof members / sizeof *members);
    class->check_in = policy_json_budget(&source, object, "check_in", whose, 1);
    policy_json_ladder(&source, object, whose, &class->ladder);
    class->dispute_needs_check_in = policy_json_bool(
            &source, object, "dispute_needs_check_in");
    class->low = policy_json_int(&source, object, "low", 0, A_MONTH_MAX);
    class->high = policy_json_int(&source, object, "high", 1, A_MONTH_MAX);
    if (class->low >= class->high)
        policy_problem(root->loader, root->file, class->line,
                "'low' of %s must be less than 'high'", whose);
    check_calendar(root, name, class);
}

static void read_types(const struct policy_source *source, const json_t *types,
        struct whistle_rules *rules)
{
    const char *name;
    json_t *object;
    struct policy_source inside = policy_json_inside(source, "types");
    json_object_foreach((json_t *)(uintptr_t)types, name, object)
    {
        int type = policy_enum(str_of(name), whistle_type_names, WHISTLE_TYPE_COUNT);
        if (type >= 0)
            read_class(&inside, object, name, &rules->classes[type]);
        else
            policy_problem(source->loader, source->file, policy_json_line(&inside, name),
                    "'%s' is no type of whistle; choose of: enforcement key_work "
                    "emergency",
                    name);
    }
}

void policy_read_whistle(struct policy_loader *loader)
{
    static const char *const members[] = {"types", "absence_reasons"};
    struct policy_source source = {.loader = loader, .file = "whistle.json"};
    struct whistle_rules *rules = &loader->policy->whistle;
    json_t *root = policy_json_open(&source, false);
    if (!root)
        return;
    const json_t *types = json_object_get(root, "types");
    policy_json_known(
            &source, root, source.file, members, sizeof members / sizeof *members);
    if (json_is_object(types))
        read_types(&source, types, rules);
    else
        policy_problem(loader, source.file, 1, "must hold an object \"types\"");
    rules->absence_reasons = policy_json_reasons(&source, root, "absence_reasons");
    json_decref(root);
}
