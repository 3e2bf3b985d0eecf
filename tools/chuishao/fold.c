#include "fold.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool one_of(const char *kind, const char *const *kinds)
{
    for (; *kinds; kinds++)
        if (strcmp(kind, *kinds) == 0)
            return true;
    return false;
}

/* Fields that a notice may renew; its text is about the notice, not the complaint. */
static void take_notice(json_t *order, json_t *message)
{
    static const char *const renewed[] = {"clocks", "actions", "stage"};
    for (size_t i = 0; i < sizeof renewed / sizeof *renewed; i++) {
        json_t *value = json_object_get(message, renewed[i]);
        if (value)
            (void)json_object_set(
                    order, renewed[i], value); /* out of memory shows an older value */
    }
}

/* Why the last action was refused stays with the order until something else comes. */
static void take_refusal(json_t *order, json_t *message)
{
    static const char *const kept[] = {"action", "action_id", "rule", "text"};
    json_t *refusal = json_object();
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        (void)json_object_set(refusal, kept[i],
                json_object_get(message, kept[i])); /* absent: left out */
    (void)json_object_set_new(order, "refused", refusal);
}

void fold_order(json_t *open, json_t *message)
{
    static const char *const ends[] = {"withdraw", "closed", NULL};
    static const char *const notices[] = {"remind", "breach", "escalate", "alarm",
            "cluster", "meeting", "decided", "granted", "request_refused", "resumed",
            "assist_done", "filed", "supervise", "due_changed", "accepted", "refused",
            "absent", "checked_in", "kept", NULL};
    static const char *const information[] = {
            "copy", "points", "grade", "appeal_decided", "scored", NULL};
    const char *number = json_string_value(json_object_get(message, "order"));
    const char *kind = json_string_value(json_object_get(message, "kind"));
    const char *unit = json_string_value(json_object_get(message, "unit"));
    char key[160];
    if (!number || !kind || !unit ||
            (size_t)snprintf(key, sizeof key, "%s %s", number, unit) >= sizeof key ||
            one_of(kind, information))
        return;
    if (one_of(kind, ends)) {
        (void)json_object_del(open, key); /* absent: already ended */
        return;
    }
    json_t *order = json_object_get(open, key);
    bool notice = one_of(kind, notices);
    if (!order && notice)
        return;
    if (!order) {
        order = json_object();
        if (json_object_set_new(open, key, order))
            return;
    }
    if (notice) {
        take_notice(order, message);
    } else {
        (void)json_object_del(order, "stage");    /* absent: nothing was accepted yet */
        (void)json_object_update(order, message); /* out of memory shows an older one */
    }
    (void)json_object_set_new(order, "last", json_string(kind));
    if (strcmp(kind, "refused") == 0)
        take_refusal(order, message);
    else
        (void)json_object_del(order, "refused"); /* absent: nothing was refused */
}
