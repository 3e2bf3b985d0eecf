/* Plays a story through the core of the whistle: wakes at their time, no Kafka and no
 * Redis. Everything that comes out must be expected, in order, before the story goes on.
 *
 *   at DAY TIME                time goes on to then; wakes come when they are due
 *   pass 30m | 4h | 3d         time goes on by so much
 *   late 30m | 4h | 3d         the same, but wakes come only at the end
 *   UNIT whistle W type=T [place=P] [case=C]… text=… [must=UNIT]… [assist=UNIT]…
 *   UNIT ACTION W [id=N] [order=N] [to=UNIT] [where=…] [reason=…] [code=…] [score=N]
 *       [queue=UNIT] [heard=DAYTTIME]      heard: received then, decided now
 *   answer W CASE [UNIT]…      a linked case says which of the summoned it accuses
 *   wake W DAY TIME            a wake by hand, with that due time
 *   expect [@DAY TIME] TEXT    the next thing that came out (at that time)
 *   quiet                      nothing (more) came out
 *   stage W [STAGE]            where the whistle stands; without STAGE: there is none
 *   due W DAY TIME | never     when it wakes next
 *   may W UNIT N [ACTION]…     what that unit may do next on the order of that number
 */
#include "story.h"
#include "whistle_core.h"
#include "case_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHISTLES_MAX = 16, NAME_SIZE = 24, TEXT_SIZE = 256 };

static struct world {
    const struct policy *policy;
    char names[WHISTLES_MAX][NAME_SIZE];
    struct whistle_state whistles[WHISTLES_MAX];
    int n_whistles;
    uint64_t actions;
} world;

static const char *place_code(const char *name)
{
    for (size_t i = 0; i < world.policy->n_places; i++)
        if (strcmp(world.policy->places[i].name, name) == 0)
            return world.policy->places[i].code;
    return name;
}

static int whistle_index(const char *name)
{
    for (int i = 0; i < world.n_whistles; i++)
        if (strcmp(world.names[i], name) == 0)
            return i;
    if (world.n_whistles == WHISTLES_MAX)
        story_fail("too many whistles", name);
    (void)snprintf(world.names[world.n_whistles], NAME_SIZE, "%s", name);
    return world.n_whistles++;
}

static const char *what_of(const struct whistle_effect *effect)
{
    return effect->kind == WHISTLE_EFFECT_EVENT   ? whistle_event_names[effect->event]
           : effect->kind == WHISTLE_EFFECT_ORDER ? whistle_order_names[effect->order]
                                                  : "";
}

static void render(int index, const struct whistle_effect *effect, instant at)
{
    static const char *const kinds[] = {"event", "order", "command whistle_linked",
            "command whistle_finished", "audit refused"};
    const char *what = what_of(effect);
    bool order = effect->kind == WHISTLE_EFFECT_ORDER;
    story_put(at);
    story_say("%s %s%s%s", world.names[index], kinds[effect->kind], what[0] ? " " : "",
            what);
    if (effect->unit[0])
        story_say(" %s", story_name(world.policy, effect->unit));
    if (order)
        story_say(" .%d", (int)effect->number);
    if (order && effect->role != WHISTLE_ROLE_NOBODY)
        story_say(" %s", whistle_role_names[effect->role]);
    if (effect->other[0])
        story_say(" %s", effect->other);
    if (effect->percent)
        story_say(" %d", (int)effect->percent);
    if (effect->after.amount)
        story_say(
                "+%d%s", (int)effect->after.amount, time_unit_names[effect->after.unit]);
    if (effect->late)
        story_say(" late");
    if (effect->score)
        story_say(" %d", (int)effect->score);
    if (effect->rule != WHISTLE_RULE_NONE)
        story_say(" %s", whistle_rule_names[effect->rule]);
}

static void decide(int index, const struct whistle_command *command)
{
    struct whistle_state before = world.whistles[index];
    static struct whistle_decision decision;
    whistle_decide(world.policy, &before, command, &decision);
    if (!decision.changed && memcmp(&decision.after, &before, sizeof before) != 0)
        story_fail("the state changed without saying so", world.names[index]);
    world.whistles[index] = decision.after;
    int64_t seq = before.seq;
    for (int i = 0; i < decision.n_effects; i++) {
        const struct whistle_effect *effect = &decision.effects[i];
        if (effect->kind == WHISTLE_EFFECT_EVENT && effect->seq != ++seq)
            story_fail("a gap in the event numbers", world.names[index]);
        render(index, effect, decision.at);
    }
    if (seq != decision.after.seq)
        story_fail("the state's number is not the last event's", world.names[index]);
}

/* ---- time ---- */

static struct whistle_command command_for(int index, enum whistle_command_kind kind)
{
    struct whistle_command command = {
            .kind = kind, .at = story.now, .number = -1, .type = -1};
    (void)snprintf(command.id, sizeof command.id, "w20261120-%016d", index);
    return command;
}

static void wake(int index, instant due, instant at)
{
    struct whistle_command command = command_for(index, WHISTLE_COMMAND_WAKE);
    command.at = at;
    command.due = due;
    decide(index, &command);
    if (world.whistles[index].wake_at.ms == due.ms && !instant_before(at, due) &&
            !instant_is_never(due))
        story_fail("a wake neither moved the due time nor settled the whistle",
                world.names[index]);
}

/* The whistle that wakes first, at `until` at the latest; -1: none. */
static int next_to_wake(instant until)
{
    int found = -1;
    for (int i = 0; i < world.n_whistles; i++) {
        instant at = world.whistles[i].wake_at;
        if (!instant_is_never(at) && !instant_before(until, at) &&
                (found < 0 || instant_before(at, world.whistles[found].wake_at)))
            found = i;
    }
    return found;
}

static void go_on(instant until, bool late)
{
    for (int index; (index = next_to_wake(until)) >= 0;) {
        instant due = world.whistles[index].wake_at;
        wake(index, due, late ? until : due);
    }
    story.now = until;
}

/* ---- actions ---- */

static void summon(struct whistle_command *command, const char *unit, bool must)
{
    if (command->n_summon == WHISTLE_UNITS_MAX)
        story_fail("too many units", unit);
    STORY_TAKE(command->summon[command->n_summon].unit, story_code(world.policy, unit));
    command->summon[command->n_summon++].must = must;
}

static void link_case(struct whistle_command *command, const char *id)
{
    if (command->n_cases == WHISTLE_CASES_MAX)
        story_fail("too many cases", id);
    STORY_TAKE(command->cases[command->n_cases++], id);
}

static int type_of(const char *name)
{
    for (int i = 0; i < WHISTLE_TYPE_COUNT; i++)
        if (strcmp(whistle_type_names[i], name) == 0)
            return i;
    return -1;
}

static void take_word(struct whistle_command *command, const char *word)
{
    const char *value;
    if ((value = story_value(word, "id")))
        command->fingerprint = 1000000 + strtoull(value, NULL, 10);
    else if ((value = story_value(word, "order")))
        command->number = (int32_t)strtol(value, NULL, 10);
    else if ((value = story_value(word, "type")))
        command->type = type_of(value);
    else if ((value = story_value(word, "place")))
        STORY_TAKE(command->place, place_code(value));
    else if ((value = story_value(word, "case")))
        link_case(command, value);
    else if ((value = story_value(word, "text")) || (value = story_value(word, "reason")))
        command->words = str_of(value);
    else if ((value = story_value(word, "must")))
        summon(command, value, true);
    else if ((value = story_value(word, "assist")))
        summon(command, value, false);
    else if (story_value(word, "where"))
        command->says_where = true;
    else if ((value = story_value(word, "code")))
        STORY_TAKE(command->reason_code, value);
    else if ((value = story_value(word, "to")))
        STORY_TAKE(command->to, story_code(world.policy, value));
    else if ((value = story_value(word, "score")))
        command->score = (int32_t)strtol(value, NULL, 10);
    else if ((value = story_value(word, "queue")))
        STORY_TAKE(command->queue, story_code(world.policy, value));
    else if ((value = story_value(word, "heard")))
        command->at = story_date(value);
    else
        story_fail("unknown word", word);
}

static enum whistle_action action_of(const char *name)
{
    for (int i = WHISTLE_ACTION_ISSUE; i < WHISTLE_ACTION_COUNT; i++)
        if (strcmp(name, whistle_action_names[i]) == 0)
            return (enum whistle_action)i;
    return WHISTLE_ACTION_UNKNOWN;
}

static void act(char **words, int n)
{
    if (n < 3)
        story_fail("unknown line", words[0]);
    int index = whistle_index(words[2]);
    struct whistle_command command = command_for(index, WHISTLE_COMMAND_ACTION);
    command.fingerprint = ++world.actions;
    STORY_TAKE(command.unit, story_code(world.policy, words[0]));
    command.action = action_of(words[1]);
    for (int i = 3; i < n; i++)
        take_word(&command, words[i]);
    decide(index, &command);
}

/* ---- checks ---- */

static void check_stage(char **words, int n)
{
    const struct whistle_state *state = &world.whistles[whistle_index(words[1])];
    const char *wanted = n > 2 ? words[2] : ""; /* no such whistle */
    if (strcmp(whistle_stage_names[state->stage], wanted) != 0)
        story_fail("the stage is another one", whistle_stage_names[state->stage]);
}

static void check_due(char **words, int n)
{
    instant due = world.whistles[whistle_index(words[1])].wake_at, wanted = {0};
    if (n == 4)
        wanted = china_time(words[2], words[3]);
    if (due.ms != wanted.ms) {
        char text[INSTANT_TEXT_SIZE] = "never";
        if (!instant_is_never(due))
            instant_format(due, text);
        story_fail("it wakes at another time", text);
    }
}

static void check_may(char **words, int n)
{
    if (n < 4)
        story_fail("may W UNIT N [ACTION]...", "");
    const struct whistle_state *state = &world.whistles[whistle_index(words[1])];
    unsigned open = whistle_actions_open(world.policy, state,
                     story_code(world.policy, words[2]),
                     (int32_t)strtol(words[3], NULL, 10)),
             wanted = 0;
    for (int i = 4; i < n; i++)
        wanted |= 1u << action_of(words[i]);
    for (int i = WHISTLE_ACTION_ISSUE; i < WHISTLE_ACTION_COUNT; i++)
        if ((open ^ wanted) & (1u << i))
            story_fail((open & (1u << i)) ? "it may also" : "it may not",
                    whistle_action_names[i]);
}

static void in_time(char **words, int n)
{
    go_on(story_until(words, n), false);
}

static void late(char **words, int n)
{
    go_on(story_until(words, n), true);
}

static void answer(char **words, int n)
{
    if (n < 3)
        story_fail("answer W CASE [UNIT]...", "");
    int index = whistle_index(words[1]);
    struct whistle_command command = command_for(index, WHISTLE_COMMAND_ANSWER);
    STORY_TAKE(command.linked, words[2]);
    for (int i = 3; i < n; i++)
        STORY_TAKE(
                command.accused[command.n_accused++], story_code(world.policy, words[i]));
    decide(index, &command);
}

static void wake_by_hand(char **words, int n)
{
    (void)n;
    wake(whistle_index(words[1]), china_time(words[2], words[3]), story.now);
}

static const struct story_word words[] = {
        {"stage", check_stage, 0, true},
        {"due", check_due, 0, true},
        {"may", check_may, 0, true},
        {"at", in_time, 3, false},
        {"pass", in_time, 2, false},
        {"late", late, 2, false},
        {"answer", answer, 0, false},
        {"wake", wake_by_hand, 4, false},
};

int main(int argc, char **argv)
{
    world.policy = case_policy();
    return story_play(argc, argv, words, sizeof words / sizeof *words, act);
}
