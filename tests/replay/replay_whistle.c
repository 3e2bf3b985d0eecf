/* Plays a story through the core of the whistle: wakes at their time, no Kafka and no
 * Redis. Everything that comes out must be expected, in order, before the story goes on.
 *
 *   at DAY TIME                time goes on to then; wakes come when they are due
 *   pass 30m | 4h | 3d         time goes on by so much
 *   late 30m | 4h | 3d         the same, but wakes come only at the end
 *   UNIT whistle W type=T [place=P] [case=C]… text=… [must=UNIT]… [assist=UNIT]…
 *   UNIT ACTION W [id=N] [order=N] [to=UNIT] [where=…] [reason=…] [code=…] [score=N]
 *       [queue=UNIT] [heard=DAYTTIME]      heard: received then, decided now
 *   wake W DAY TIME            a wake by hand, with that due time
 *   expect [@DAY TIME] TEXT    the next thing that came out (at that time)
 *   quiet                      nothing (more) came out
 *   stage W [STAGE]            where the whistle stands; without STAGE: there is none
 *   due W DAY TIME | never     when it wakes next
 *   may W UNIT N [ACTION]…     what that unit may do next on the order of that number
 */
#include "case_policy.h"
#include "whistle_core.h"
#include "whistle_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WHISTLES_MAX = 16,
    OUTPUTS_MAX = 256,
    WORDS_MAX = 40,
    LINE_BYTES = 1024,
    NAME_SIZE = 24,
    TEXT_SIZE = 256
};

static struct story {
    const struct policy *policy;
    const char *path;
    int line;
    instant now;
    char names[WHISTLES_MAX][NAME_SIZE];
    struct whistle_state whistles[WHISTLES_MAX];
    int n_whistles;
    struct output {
        char text[TEXT_SIZE];
        instant at;
    } outputs[OUTPUTS_MAX];
    int first, end; /* outputs not expected yet */
    uint64_t actions;
} story;

static void fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "%s:%d: %s%s%s\n", story.path, story.line, what,
            detail[0] ? ": " : "", detail);
    for (int i = story.first; i < story.end; i++)
        (void)fprintf(stderr, "    came out: %s\n", story.outputs[i].text);
    exit(1);
}

static const char *unit_name(const char *code)
{
    const struct unit *unit = policy_unit(story.policy, str_of(code));
    return unit ? unit->name : code;
}

/* A code stays what it is, so that a story can name what does not exist. */
static const char *unit_code(const char *name)
{
    for (size_t i = 0; i < story.policy->n_units; i++)
        if (strcmp(story.policy->units[i].name, name) == 0)
            return story.policy->units[i].code;
    return name;
}

static const char *place_code(const char *name)
{
    for (size_t i = 0; i < story.policy->n_places; i++)
        if (strcmp(story.policy->places[i].name, name) == 0)
            return story.policy->places[i].code;
    return name;
}

static int whistle_index(const char *name)
{
    for (int i = 0; i < story.n_whistles; i++)
        if (strcmp(story.names[i], name) == 0)
            return i;
    if (story.n_whistles == WHISTLES_MAX)
        fail("too many whistles", name);
    (void)snprintf(story.names[story.n_whistles], NAME_SIZE, "%s", name);
    return story.n_whistles++;
}

static void render(int index, const struct whistle_effect *effect, instant at)
{
    if (story.end == OUTPUTS_MAX)
        fail("too much came out", "");
    struct output *out = &story.outputs[story.end++];
    char more[TEXT_SIZE - 96] = "";
    size_t used = 0;
    out->at = at;
#define MORE(...) used += (size_t)snprintf(more + used, sizeof more - used, __VA_ARGS__)
    if (effect->unit[0])
        MORE(" %s", unit_name(effect->unit));
    if (effect->kind == WHISTLE_EFFECT_ORDER)
        MORE(" .%d", (int)effect->number);
    if (effect->kind == WHISTLE_EFFECT_ORDER && effect->role != WHISTLE_ROLE_NOBODY)
        MORE(" %s", whistle_role_names[effect->role]);
    if (effect->other[0])
        MORE(" %s", effect->other);
    if (effect->percent)
        MORE(" %d", (int)effect->percent);
    if (effect->after.amount)
        MORE("+%d%s", (int)effect->after.amount, time_unit_names[effect->after.unit]);
    if (effect->late)
        MORE(" late");
    if (effect->score)
        MORE(" %d", (int)effect->score);
    if (effect->rule != WHISTLE_RULE_NONE)
        MORE(" %s", whistle_rule_names[effect->rule]);
#undef MORE
    static const char *const kinds[] = {"event", "order", "command whistle_linked",
            "command whistle_finished", "audit refused"};
    const char *what = effect->kind == WHISTLE_EFFECT_EVENT
                               ? whistle_event_names[effect->event]
                       : effect->kind == WHISTLE_EFFECT_ORDER
                               ? whistle_order_names[effect->order]
                               : "";
    (void)snprintf(out->text, sizeof out->text, "%s %s%s%s%s", story.names[index],
            kinds[effect->kind], what[0] ? " " : "", what, more);
}

static void decide(int index, const struct whistle_command *command)
{
    struct whistle_state before = story.whistles[index];
    static struct whistle_decision decision;
    whistle_decide(story.policy, &before, command, &decision);
    if (!decision.changed && memcmp(&decision.after, &before, sizeof before) != 0)
        fail("the state changed without saying so", story.names[index]);
    story.whistles[index] = decision.after;
    int64_t seq = before.seq;
    for (int i = 0; i < decision.n_effects; i++) {
        const struct whistle_effect *effect = &decision.effects[i];
        if (effect->kind == WHISTLE_EFFECT_EVENT && effect->seq != ++seq)
            fail("a gap in the event numbers", story.names[index]);
        render(index, effect, decision.at);
    }
    if (seq != decision.after.seq)
        fail("the state's number is not the last event's", story.names[index]);
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
    if (story.whistles[index].wake_at.ms == due.ms && !instant_before(at, due) &&
            !instant_is_never(due))
        fail("a wake neither moved the due time nor settled the whistle",
                story.names[index]);
}

/* The whistle that wakes first, at `until` at the latest; -1: none. */
static int next_to_wake(instant until)
{
    int found = -1;
    for (int i = 0; i < story.n_whistles; i++) {
        instant at = story.whistles[i].wake_at;
        if (!instant_is_never(at) && !instant_before(until, at) &&
                (found < 0 || instant_before(at, story.whistles[found].wake_at)))
            found = i;
    }
    return found;
}

static void go_on(instant until, bool late)
{
    if (instant_before(until, story.now))
        fail("time goes backwards", "");
    for (int index; (index = next_to_wake(until)) >= 0;) {
        instant due = story.whistles[index].wake_at;
        wake(index, due, late ? until : due);
    }
    story.now = until;
}

static instant later(const char *amount)
{
    char *unit;
    long n = strtol(amount, &unit, 10);
    int64_t ms = *unit == 'm'   ? 60000
                 : *unit == 'h' ? 3600000
                 : *unit == 'd' ? 86400000
                                : 0;
    if (n <= 0 || !ms || unit[1])
        fail("an amount is like 30m, 4h or 3d", amount);
    return (instant){story.now.ms + n * ms};
}

/* ---- actions ---- */

static void take(char *out, size_t size, const char *text)
{
    if (!str_copy(out, size, str_of(text)))
        fail("too long", text);
}
#define TAKE(out, text) take(out, sizeof(out), text)

static const char *value_of(const char *word, const char *name)
{
    size_t len = strlen(name);
    return strncmp(word, name, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static void summon(struct whistle_command *command, const char *unit, bool must)
{
    if (command->n_summon == WHISTLE_UNITS_MAX)
        fail("too many units", unit);
    TAKE(command->summon[command->n_summon].unit, unit_code(unit));
    command->summon[command->n_summon++].must = must;
}

static instant heard(const char *text)
{
    char day[16] = "";
    const char *time = strchr(text, 'T');
    if (!time || (size_t)(time - text) >= sizeof day)
        fail("a time is like 2026-11-20T10:20", text);
    (void)snprintf(day, sizeof day, "%.*s", (int)(time - text), text);
    return china_time(day, time + 1);
}

static void link_case(struct whistle_command *command, const char *id)
{
    if (command->n_cases == WHISTLE_CASES_MAX)
        fail("too many cases", id);
    TAKE(command->cases[command->n_cases++], id);
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
    if ((value = value_of(word, "id")))
        command->fingerprint = 1000000 + strtoull(value, NULL, 10);
    else if ((value = value_of(word, "order")))
        command->number = (int32_t)strtol(value, NULL, 10);
    else if ((value = value_of(word, "type")))
        command->type = type_of(value);
    else if ((value = value_of(word, "place")))
        TAKE(command->place, place_code(value));
    else if ((value = value_of(word, "case")))
        link_case(command, value);
    else if ((value = value_of(word, "text")) || (value = value_of(word, "reason")))
        command->words = str_of(value);
    else if ((value = value_of(word, "must")))
        summon(command, value, true);
    else if ((value = value_of(word, "assist")))
        summon(command, value, false);
    else if (value_of(word, "where"))
        command->says_where = true;
    else if ((value = value_of(word, "code")))
        TAKE(command->reason_code, value);
    else if ((value = value_of(word, "to")))
        TAKE(command->to, unit_code(value));
    else if ((value = value_of(word, "score")))
        command->score = (int32_t)strtol(value, NULL, 10);
    else if ((value = value_of(word, "queue")))
        TAKE(command->queue, unit_code(value));
    else if ((value = value_of(word, "heard")))
        command->at = heard(value);
    else
        fail("unknown word", word);
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
        fail("unknown line", words[0]);
    int index = whistle_index(words[2]);
    struct whistle_command command = command_for(index, WHISTLE_COMMAND_ACTION);
    command.fingerprint = ++story.actions;
    TAKE(command.unit, unit_code(words[0]));
    command.action = action_of(words[1]);
    for (int i = 3; i < n; i++)
        take_word(&command, words[i]);
    decide(index, &command);
}

/* ---- checks ---- */

static void expect(char **words, int n)
{
    char wanted[LINE_BYTES] = "";
    bool timed = n > 2 && words[1][0] == '@';
    instant at = timed ? china_time(words[1] + 1, words[2]) : (instant){0};
    for (int i = timed ? 3 : 1; i < n; i++) {
        if (wanted[0])
            (void)strcat(wanted, " ");
        (void)strcat(wanted, words[i]);
    }
    if (story.first == story.end)
        fail("expected, but nothing came out", wanted);
    const struct output *got = &story.outputs[story.first];
    if (strcmp(got->text, wanted) != 0)
        fail("expected something else", wanted);
    if (timed && got->at.ms != at.ms) {
        char text[INSTANT_TEXT_SIZE];
        instant_format(got->at, text);
        fail("came out at another time", text);
    }
    if (++story.first == story.end)
        story.first = story.end = 0;
}

static void check_stage(char **words, int n)
{
    const struct whistle_state *state = &story.whistles[whistle_index(words[1])];
    const char *wanted = n > 2 ? words[2] : ""; /* no such whistle */
    if (strcmp(whistle_stage_names[state->stage], wanted) != 0)
        fail("the stage is another one", whistle_stage_names[state->stage]);
}

static void check_due(char **words, int n)
{
    instant due = story.whistles[whistle_index(words[1])].wake_at, wanted = {0};
    if (n == 4)
        wanted = china_time(words[2], words[3]);
    if (due.ms != wanted.ms) {
        char text[INSTANT_TEXT_SIZE] = "never";
        if (!instant_is_never(due))
            instant_format(due, text);
        fail("it wakes at another time", text);
    }
}

static void check_may(char **words, int n)
{
    if (n < 4)
        fail("may W UNIT N [ACTION]...", "");
    const struct whistle_state *state = &story.whistles[whistle_index(words[1])];
    unsigned open = whistle_actions_open(story.policy, state, unit_code(words[2]),
                     (int32_t)strtol(words[3], NULL, 10)),
             wanted = 0;
    for (int i = 4; i < n; i++)
        wanted |= 1u << action_of(words[i]);
    for (int i = WHISTLE_ACTION_ISSUE; i < WHISTLE_ACTION_COUNT; i++)
        if ((open ^ wanted) & (1u << i))
            fail((open & (1u << i)) ? "it may also" : "it may not",
                    whistle_action_names[i]);
}

static const struct check {
    const char *word;
    void (*run)(char **words, int n);
} checks[] = {{"expect", expect}, {"stage", check_stage}, {"due", check_due},
        {"may", check_may}};

static bool play_check(char **words, int n)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (strcmp(words[0], checks[i].word) == 0) {
            checks[i].run(words, n);
            return true;
        }
    return false;
}

static void play_line(char *line)
{
    char *words[WORDS_MAX], *rest = NULL;
    int n = 0;
    for (char *word = strtok_r(line, " \t\r\n", &rest); word && n < WORDS_MAX;
            word = strtok_r(NULL, " \t\r\n", &rest))
        words[n++] = word;
    if (n == 0 || words[0][0] == '#' || play_check(words, n))
        return;
    if (story.first != story.end)
        fail("the story goes on, but something was not expected", "");
    if (strcmp(words[0], "at") == 0 && n == 3)
        go_on(china_time(words[1], words[2]), false);
    else if (strcmp(words[0], "pass") == 0 && n == 2)
        go_on(later(words[1]), false);
    else if (strcmp(words[0], "late") == 0 && n == 2)
        go_on(later(words[1]), true);
    else if (strcmp(words[0], "wake") == 0 && n == 4)
        wake(whistle_index(words[1]), china_time(words[2], words[3]), story.now);
    else if (strcmp(words[0], "quiet") != 0)
        act(words, n);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: replay_whistle STORY\n");
        return 64;
    }
    story.policy = whistle_policy();
    story.path = argv[1];
    FILE *file = fopen(argv[1], "r");
    if (!file) {
        perror(argv[1]);
        return 66;
    }
    char line[LINE_BYTES];
    while (fgets(line, sizeof line, file)) {
        story.line++;
        play_line(line);
    }
    (void)fclose(file);
    if (story.first != story.end)
        fail("the story ends, but something was not expected", "");
    return 0;
}
