/* model.bin, optional: what chuishao train made of the administrator's own history, with
 * category codes as labels. */
#include "policy_load.h"
#include "textmodel_file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static const char file_name[] = "model.bin";

static bool is_there(struct policy_loader *loader, char *path, size_t size)
{
    struct stat status;
    if (snprintf(path, size, "%s/%s", loader->dir, file_name) >= (int)size) {
        policy_problem(
                loader, file_name, 1, "the path of the policy's folder is too long");
        return false;
    }
    return stat(path, &status) == 0 || errno != ENOENT;
}

/* The version changes with the model; its checksum stands for its bytes. */
static void note_file(struct policy_loader *loader, const struct textmodel *model)
{
    loader->files[loader->n_files++] = (struct policy_file){
            file_name, {model->header->checksum, sizeof model->header->checksum}};
}

void policy_read_model(struct policy_loader *loader)
{
    char path[4096];
    struct error err = {0};
    struct policy *policy = loader->policy;
    struct textmodel *model = arena_alloc(loader->arena, sizeof *model);
    if (!is_there(loader, path, sizeof path))
        return;
    if (!textmodel_load(model, path, &err)) {
        policy_problem(loader, file_name, 1, "%s", err.text);
        return;
    }
    policy->model = model;
    note_file(loader, model);
    uint32_t n = model->header->n_classes, n_known = 0;
    int32_t *category = arena_alloc(loader->arena, n * sizeof *category);
    for (uint32_t label = 0; label < n; label++) {
        const struct category *found = policy_category(
                policy, textmodel_label(model, label));
        category[label] = found ? (int32_t)(found - policy->categories)
                                : POLICY_MODEL_NO_CATEGORY;
        n_known += found != NULL;
    }
    policy->model_category = category;
    for (size_t i = 0; i < policy->n_rules; i++)
        if (str_is(str_of(policy->rules[i].id), POLICY_MODEL_RULE))
            policy_problem(loader, "rules.csv", policy->rules[i].line,
                    "a rule called '%s' cannot be told from model.bin; give it another "
                    "id",
                    POLICY_MODEL_RULE);
    if (!loader->have_categories)
        return;
    if (n_known == 0)
        policy_problem(loader, file_name, 1,
                "none of its %u labels is a category's code; train it with --target on "
                "the field that holds the code",
                n);
    else if (n_known < n)
        policy_warning(loader, file_name, 1,
                "%u of its %u labels are no categories of this policy; they never win",
                n - n_known, n);
}
