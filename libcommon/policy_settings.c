/* policy.json: whose policy it is, and what the router goes by. */
#include "policy_load.h"

#include <jansson.h>

enum { HOURS_MAX = 24 * 366 };

static const struct unit *unit_under(const struct policy_source *source,
        const json_t *root, const char *key, enum unit_type type)
{
    struct policy_loader *loader = source->loader;
    const char *code = json_string_value(json_object_get(root, key));
    const struct unit *unit = code ? policy_unit(loader->policy, str_of(code)) : NULL;
    int line = policy_json_line(source, key);
    if (!code)
        policy_problem(loader, source->file, line, "'%s' must be a unit's code", key);
    else if (!unit && loader->have_units)
        policy_problem(
                loader, source->file, line, "the %s '%s' is not in units.csv", key, code);
    else if (unit && unit->type != type)
        policy_problem(loader, source->file, line,
                "the %s '%s' is of the type %s in units.csv", key, code,
                unit_type_names[unit->type]);
    return unit;
}

/* What orders that cite each other need (bench/README.md); never more than what strangers
 * need. */
static int32_t same_person(
        const struct policy_source *source, const json_t *root, int32_t strangers)
{
    enum { DEFAULT = 45 };
    static const char key[] = "merge_similarity_same_person";
    if (!json_object_get(root, key))
        return strangers < DEFAULT ? strangers : DEFAULT;
    return policy_json_int(source, root, key, 1, strangers);
}

void policy_read_settings(struct policy_loader *loader)
{
    static const char *const members[] = {"name", "desk", "district", "confidence_min",
            "merge_window_hours", "merge_similarity", "merge_similarity_same_person"};
    struct policy_source source = {.loader = loader, .file = "policy.json"};
    struct policy *policy = loader->policy;
    json_t *root = policy_json_open(&source, true);
    if (!root)
        return;
    policy_json_known(
            &source, root, source.file, members, sizeof members / sizeof *members);
    const char *name = json_string_value(json_object_get(root, "name"));
    if (name && policy_code_valid(name, 64))
        policy->name = policy_kept(loader, name);
    else
        policy_problem(loader, source.file, policy_json_line(&source, "name"),
                "'name' must be 1 to 64 of a-z, 0-9 and -");
    policy->desk = unit_under(&source, root, "desk", UNIT_TYPE_DESK);
    policy->district = unit_under(&source, root, "district", UNIT_TYPE_DISTRICT);
    policy->confidence_min = policy_json_int(
            &source, root, "confidence_min", 0, PERCENT_MAX);
    policy->merge_window_hours = policy_json_int(
            &source, root, "merge_window_hours", 0, HOURS_MAX);
    policy->merge_similarity = policy_json_int(
            &source, root, "merge_similarity", 1, PERCENT_MAX);
    policy->merge_similarity_same_person = same_person(
            &source, root, policy->merge_similarity);
    json_decref(root);
}
