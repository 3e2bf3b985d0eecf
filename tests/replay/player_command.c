/* Lines of a story that make a command, and those that change the policy. */
#include "player.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same name is the same reporter; "-" is nobody known. */
static uint64_t reporter(const char *name)
{
    uint64_t hash = 14695981039346656037u;
    if (strcmp(name, "-") == 0)
        return 0;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return hash;
}

static void assist(struct case_command *command, const char *unit, bool mandatory)
{
    if (command->n_assists == ASSISTS_MAX)
        story_fail("too many assisting units", unit);
    if (mandatory)
        command->mandatory_assists |= 1u << command->n_assists;
    STORY_TAKE(command->assists[command->n_assists++], story_code(&player.policy, unit));
}

static int take_route(struct case_command *command, char **words, int n)
{
    if (strcmp(words[2], "dispatch") == 0) {
        command->route = ROUTE_DISPATCH;
        STORY_TAKE(command->lead, story_code(&player.policy, words[3]));
    } else if (strcmp(words[2], "needs_human") == 0) {
        command->route = ROUTE_NEEDS_HUMAN;
        STORY_TAKE(command->reason, words[3]);
    } else if (strcmp(words[2], "transfer") == 0) {
        command->route = ROUTE_TRANSFER;
    } else if (strcmp(words[2], "merge") == 0 && n > 4) {
        command->route = ROUTE_MERGE;
        player_case_id(command->other, player_case(words[3]));
        STORY_TAKE(command->lead, story_code(&player.policy, words[4]));
        return 5;
    } else {
        story_fail("unknown outcome", words[2]);
    }
    return 4;
}

void player_open(char **words, int n)
{
    struct case_command command = {.kind = COMMAND_OPEN, .at = story.now, .task = -1};
    if (n < 4)
        story_fail("open CASE OUTCOME WHAT", "");
    player_case_id(command.case_id, player_case(words[1]));
    int i = take_route(&command, words, n);
    for (; i + 1 < n; i += 2) {
        const char *value = words[i + 1];
        if (strcmp(words[i], "assist") == 0 || strcmp(words[i], "must") == 0)
            assist(&command, value, words[i][0] == 'm');
        else if (strcmp(words[i], "sla") == 0)
            STORY_TAKE(command.sla, value);
        else if (strcmp(words[i], "category") == 0)
            STORY_TAKE(command.category, value);
        else if (strcmp(words[i], "place") == 0)
            STORY_TAKE(command.place, value);
        else if (strcmp(words[i], "accused") == 0)
            STORY_TAKE(command.accused, story_code(&player.policy, value));
        else if (strcmp(words[i], "nature") == 0)
            command.report = strcmp(value, "report") == 0;
        else if (strcmp(words[i], "reason") == 0)
            STORY_TAKE(command.reason, value);
        else if (strcmp(words[i], "from") == 0)
            command.reporter = reporter(value);
        else
            story_fail("unknown word", words[i]);
    }
    if (i != n)
        story_fail("a word without its value", words[i]);
    player_decide(&command);
}

static void take_parties(struct case_command *command, char *list)
{
    char *rest = NULL;
    for (char *party = strtok_r(list, ",", &rest);
            party && command->n_parties < CASE_PARTIES_MAX;
            party = strtok_r(NULL, ",", &rest))
        STORY_TAKE(command->parties[command->n_parties++],
                story_code(&player.policy, party));
}

static enum case_rating rating(const char *name)
{
    for (int i = RATING_SATISFIED; i < RATING_COUNT; i++)
        if (strcmp(name, case_rating_names[i]) == 0)
            return (enum case_rating)i;
    story_fail("unknown rating", name);
}

static bool take_value(struct case_command *command, char *word)
{
    const char *value;
    if ((value = story_value(word, "id")))
        command->fingerprint = 1000000 + strtoull(value, NULL, 10);
    else if ((value = story_value(word, "order")))
        command->task = (int32_t)strtol(value, NULL, 10);
    else if ((value = story_value(word, "words")))
        command->words = str_of(value);
    else if ((value = story_value(word, "code")))
        STORY_TAKE(command->reason_code, value);
    else if ((value = story_value(word, "to")))
        STORY_TAKE(command->to, story_code(&player.policy, value));
    else if ((value = story_value(word, "category")))
        STORY_TAKE(command->category, value);
    else if ((value = story_value(word, "queue")))
        STORY_TAKE(command->queue, story_code(&player.policy, value));
    else if ((value = story_value(word, "amount")))
        command->amount = (int32_t)strtol(value, NULL, 10);
    else if ((value = story_value(word, "until")))
        command->until = story_date(value);
    else if ((value = story_value(word, "step")))
        STORY_TAKE(command->step, value);
    else if ((value = story_value(word, "parties")))
        take_parties(command, strchr(word, '=') + 1);
    else if ((value = story_value(word, "master")))
        player_case_id(command->other, player_case(value));
    else if ((value = story_value(word, "rating")))
        command->rating = rating(value);
    else
        return false;
    return true;
}

static bool take_flag(struct case_command *command, const char *word)
{
#define FLAG(name, field)                                                                \
    {                                                                                    \
        name, offsetof(struct case_command, field)                                       \
    }
    static const struct {
        const char *name;
        size_t offset;
    } flags[] = {
            FLAG("contact", has_contact_record),
            FLAG("photo", has_photo),
            FLAG("evidence", has_evidence),
            FLAG("plan", has_plan),
            FLAG("attendees", has_attendees),
            FLAG("basis", has_basis),
            FLAG("head", has_head),
            FLAG("must", mandatory),
            FLAG("valid", valid),
            FLAG("solved", solved),
    };
#undef FLAG
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(word, flags[i].name) == 0) {
            *(bool *)((char *)command + flags[i].offset) = true;
            return true;
        }
    return false;
}

void player_act(char **words, int n)
{
    struct case_command command = {.kind = COMMAND_ACTION,
            .at = story.now,
            .task = -1,
            .fingerprint = ++player.actions};
    if (n < 3)
        story_fail("unknown line", words[0]);
    STORY_TAKE(command.unit, story_code(&player.policy, words[0]));
    for (int i = ACTION_SIGN; i < ACTION_COUNT; i++)
        if (strcmp(words[1], case_action_names[i]) == 0)
            command.action = (enum case_action)i;
    player_case_id(command.case_id, player_case(words[2]));
    for (int i = 3; i < n; i++)
        if (!take_value(&command, words[i]) && !take_flag(&command, words[i]))
            story_fail("unknown word", words[i]);
    player_decide(&command);
}

static struct budget budget(const char *amount, const char *unit)
{
    for (int i = 0; i < TIME_UNIT_COUNT; i++)
        if (strcmp(unit, time_unit_names[i]) == 0)
            return (struct budget){(int32_t)strtol(amount, NULL, 10), (enum time_unit)i};
    story_fail("unknown unit of time", unit);
}

static struct sla_class *sla_class(const char *name)
{
    for (size_t i = 0; i < player.policy.n_sla_classes; i++)
        if (strcmp(player.classes[i].name, name) == 0)
            return &player.classes[i];
    story_fail("unknown SLA class", name);
}

static void set_class(struct sla_class *sla, const char *what, struct budget granted)
{
    for (int i = 0; i < CLOCK_COUNT; i++)
        if (strcmp(what, clock_names[i]) == 0) {
            sla->budgets[i] = granted;
            return;
        }
    for (int i = 0; i < sla->n_steps; i++)
        if (strcmp(what, sla->steps[i].name) == 0) {
            sla->steps[i].budget = granted;
            return;
        }
    story_fail("neither a clock nor a step", what);
}

static void set_day(const char *day, const char *mark)
{
    int32_t i = calendar_day_of(china_time(day, "12:00")) - CALENDAR_FIRST_DAY;
    player.policy.calendar.days[i] = strcmp(mark, "off") == 0      ? DAY_OFF
                                     : strcmp(mark, "worked") == 0 ? DAY_WORKED
                                                                   : DAY_BY_WEEKDAY;
}

static void set_number(const char *name, const char *value)
{
    struct handling *handling = &player.policy.handling;
    int32_t number = (int32_t)strtol(value, NULL, 10);
    if (strcmp(name, "return_pauses") == 0)
        handling->return_pauses = strcmp(value, "yes") == 0;
    else if (strcmp(name, "merge_reopens") == 0)
        handling->merge_reopens = strcmp(value, "yes") == 0;
    else if (strcmp(name, "returns_max") == 0)
        handling->returns_max = number;
    else if (strcmp(name, "extensions_max") == 0)
        handling->extensions_max = number;
    else if (strcmp(name, "cluster_reporters") == 0)
        handling->cluster_reporters = number;
    else
        story_fail("unknown handling rule", name);
}

/* policy calendar DAY off|worked|weekday, policy class NAME CLOCK-OR-STEP AMOUNT UNIT,
 * policy redo AMOUNT UNIT, policy RULE VALUE: another version from now on. */
void player_policy(char **words, int n)
{
    if (n == 4 && strcmp(words[1], "calendar") == 0)
        set_day(words[2], words[3]);
    else if (n == 6 && strcmp(words[1], "class") == 0)
        set_class(sla_class(words[2]), words[3], budget(words[4], words[5]));
    else if (n == 4 && strcmp(words[1], "redo") == 0)
        player.policy.handling.redo = budget(words[2], words[3]);
    else if (n == 3)
        set_number(words[1], words[2]);
    else
        story_fail("unknown change of the policy", words[0]);
    (void)snprintf(player.version, sizeof player.version, "test@%012d", ++player.changes);
    player.policy.version = player.version;
}

void player_reproject(char **words, int n)
{
    struct case_command command = {
            .kind = COMMAND_REPROJECT, .at = story.now, .task = -1};
    if (n != 2)
        story_fail("reproject CASE", "");
    player_case_id(command.case_id, player_case(words[1]));
    player_decide(&command);
}
