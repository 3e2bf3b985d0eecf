#include "case_fixture.h"
#include "case_policy.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct policy fixture_policy;
struct sla_class fixture_classes[16];
struct case_state fixture_case;
struct case_decision fixture_decision;
static char version[32];
static int versions;
static instant now;
static uint64_t actions;

int fixture_start(void **state)
{
    (void)state;
    const struct policy *policy = case_policy();
    fixture_policy = *policy;
    memcpy(fixture_classes, policy->sla_classes,
            policy->n_sla_classes * sizeof *fixture_classes);
    fixture_policy.sla_classes = fixture_classes;
    memset(&fixture_case, 0, sizeof fixture_case);
    fixture_at("2026-11-20", "09:00");
    return 0;
}

void fixture_at(const char *day, const char *time)
{
    now = china_time(day, time);
}

instant fixture_now(void)
{
    return now;
}

struct sla_class *fixture_class(const char *name)
{
    for (size_t i = 0; i < fixture_policy.n_sla_classes; i++)
        if (strcmp(fixture_classes[i].name, name) == 0)
            return &fixture_classes[i];
    return NULL;
}

void fixture_new_version(void)
{
    (void)snprintf(version, sizeof version, "test@%012d", ++versions);
    fixture_policy.version = version;
}

struct case_command fixture_command(enum case_command_kind kind)
{
    return (struct case_command){
            .kind = kind, .case_id = CASE_ONE, .at = now, .task = -1};
}

struct case_command fixture_open(const char *lead, const char *sla)
{
    struct case_command command = fixture_command(COMMAND_OPEN);
    (void)snprintf(command.lead, sizeof command.lead, "%s", lead);
    (void)snprintf(command.sla, sizeof command.sla, "%s", sla);
    (void)snprintf(command.category, sizeof command.category, "010101");
    (void)snprintf(command.place, sizeof command.place, "lvyuan");
    return command;
}

static const char *reason_of(enum case_action action)
{
    return action == ACTION_REQUEST_EXTENSION     ? "weather"
           : action == ACTION_REQUEST_SUSPENSION  ? "legacy_issue"
           : action == ACTION_REQUEST_TERMINATION ? "withdrawn"
                                                  : "not_our_duty";
}

struct case_command fixture_action(const char *unit, enum case_action action)
{
    struct case_command command = fixture_command(COMMAND_ACTION);
    command.action = action;
    command.fingerprint = ++actions;
    command.words = STR("现场清理完毕并拍照留存");
    command.amount = 1;
    command.until = (instant){now.ms + INT64_C(10) * 24 * 3600 * 1000};
    command.n_parties = 1;
    command.has_contact_record = command.has_photo = command.has_evidence = true;
    command.has_plan = command.has_attendees = command.has_basis = true;
    command.has_head = command.valid = command.solved = true;
    command.rating = RATING_SATISFIED;
    (void)snprintf(command.unit, sizeof command.unit, "%s", unit);
    (void)snprintf(
            command.reason_code, sizeof command.reason_code, "%s", reason_of(action));
    (void)snprintf(command.parties[0], sizeof command.parties[0], "zhujian");
    return command;
}

struct case_command fixture_wake(instant at)
{
    struct case_command command = fixture_command(COMMAND_WAKE);
    command.due = fixture_case.wake_at;
    command.at = at;
    return command;
}

void fixture_decide(const struct case_command *command)
{
    static struct case_state before;
    before = fixture_case;
    memset(&fixture_decision, 0, sizeof fixture_decision);
    case_decide(&fixture_policy, &before, command, &fixture_decision);
    fixture_case = fixture_decision.after;
}

void fixture_opened(const char *lead, const char *sla)
{
    struct case_command command = fixture_open(lead, sla);
    memset(&fixture_case, 0, sizeof fixture_case);
    fixture_decide(&command);
}

void fixture_act(const char *unit, enum case_action action)
{
    struct case_command command = fixture_action(unit, action);
    fixture_decide(&command);
}

int fixture_effects(enum case_effect_kind kind)
{
    int n = 0;
    for (int i = 0; i < fixture_decision.n_effects; i++)
        n += fixture_decision.effects[i].kind == kind;
    return n;
}

int fixture_events(enum case_event event)
{
    int n = 0;
    for (int i = 0; i < fixture_decision.n_effects; i++)
        n += fixture_decision.effects[i].kind == EFFECT_EVENT &&
             fixture_decision.effects[i].event == event;
    return n;
}

int fixture_orders(enum case_order order, const char *unit)
{
    int n = 0;
    for (int i = 0; i < fixture_decision.n_effects; i++)
        n += fixture_decision.effects[i].kind == EFFECT_ORDER &&
             fixture_decision.effects[i].order == order &&
             strcmp(fixture_decision.effects[i].unit, unit) == 0;
    return n;
}

bool fixture_same_as(const struct case_state *other)
{
    return memcmp(&fixture_case, other,
                   offsetof(struct case_state, members) +
                           (size_t)other->n_members * sizeof other->members[0]) == 0;
}

bool fixture_refused(enum case_rule rule)
{
    const struct case_decision *decision = &fixture_decision;
    return !decision->changed && fixture_effects(EFFECT_REFUSED) == 1 &&
           fixture_effects(EFFECT_EVENT) == 0 &&
           decision->effects[decision->n_effects - 1].rule == rule;
}

const struct case_clock *fixture_clock(enum case_clock_kind kind)
{
    const struct case_clock *clock = case_clock_find(
            &fixture_case, kind, fixture_case.lead.number);
    return clock ? clock : case_clock_find(&fixture_case, kind, CASE_DESK_TASK);
}

bool fixture_due(const struct case_clock *clock, const char *day, const char *time)
{
    return clock && case_clock_due(&fixture_policy, clock).ms == china_time(day, time).ms;
}
