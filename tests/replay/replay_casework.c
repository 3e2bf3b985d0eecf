/* Plays a story through the core of casework: cases that talk to each other, wakes at
 * their time, no Kafka and no Redis. Everything that comes out must be expected, in
 * order, before the story goes on.
 *
 *   at DAY TIME                     time goes on to then; wakes come when they are due
 *   pass 30m | 4h | 3d              time goes on by so much
 *   late 30m | 4h | 3d              the same, but wakes come only at the end
 *   open CASE dispatch UNIT [assist UNIT]… [sla NAME] [category CODE] [accused UNIT]
 *   open CASE needs_human REASON …  open CASE transfer LINE   open CASE merge MASTER UNIT
 * … UNIT ACTION CASE [id=X] [order=N] [result=…] [reason=…] [note=…] [to=UNIT]
 * [category=CODE] [contact] [photo] [queue=UNIT] wake CASE DAY TIME              a wake
 * by hand, with that due time expect [@DAY TIME] TEXT         the next thing that came
 * out (at that time) quiet                           nothing (more) came out stage CASE
 * STAGE [TASK]         where the case stands, and the number of its lead task due CASE
 * DAY TIME | never       when it wakes next
 */
#include "case_policy.h"
#include "casework_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CASES_MAX = 64,
    OUTPUTS_MAX = 512,
    QUEUE_MAX = 256,
    WORDS_MAX = 32,
    LINE_MAX_BYTES = 1024
};

struct output {
    char text[256];
    instant at;
};

struct story {
    const struct policy *policy;
    const char *path;
    int line;
    instant now;
    char names[CASES_MAX][24];
    struct case_state cases[CASES_MAX];
    int n_cases;
    struct output outputs[OUTPUTS_MAX];
    int first, end;                       /* outputs not expected yet */
    struct case_command queue[QUEUE_MAX]; /* commands between cases */
    int queue_first, queue_end;
    uint64_t actions;
};

static struct story story;

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

/* A code stays what it is, so that a story can name a unit that does not exist. */
static const char *unit_code(const char *name)
{
    for (size_t i = 0; i < story.policy->n_units; i++)
        if (strcmp(story.policy->units[i].name, name) == 0)
            return story.policy->units[i].code;
    return name;
}

static int case_index(const char *name)
{
    for (int i = 0; i < story.n_cases; i++)
        if (strcmp(story.names[i], name) == 0)
            return i;
    if (story.n_cases == CASES_MAX)
        fail("too many cases", name);
    (void)snprintf(story.names[story.n_cases], sizeof story.names[0], "%s", name);
    return story.n_cases++;
}

static void case_id(char out[CASE_ID_SIZE], int index)
{
    (void)snprintf(out, CASE_ID_SIZE, "n20261120-%016d", index);
}

static const char *name_of(const char *id)
{
    char known[CASE_ID_SIZE];
    for (int i = 0; i < story.n_cases; i++) {
        case_id(known, i);
        if (strcmp(known, id) == 0)
            return story.names[i];
    }
    return "?";
}

static struct output *output_add(void)
{
    if (story.end == OUTPUTS_MAX) {
        memmove(story.outputs, story.outputs + story.first,
                (size_t)(story.end - story.first) * sizeof *story.outputs);
        story.end -= story.first;
        story.first = 0;
    }
    if (story.end == OUTPUTS_MAX)
        fail("too much came out", "");
    return &story.outputs[story.end++];
}

static void render(const char *name, const struct case_effect *effect, instant at)
{
    struct output *out = output_add();
    char more[160] = "";
    size_t used = 0;
    out->at = at;
#define MORE(...) used += (size_t)snprintf(more + used, sizeof more - used, __VA_ARGS__)
    if (effect->kind == EFFECT_EVENT || effect->kind == EFFECT_ORDER ||
            effect->kind == EFFECT_RESOLUTION)
        if (effect->unit[0])
            MORE(" %s", unit_name(effect->unit));
    if (effect->other[0])
        MORE(" %s", name_of(effect->other));
    if (effect->percent)
        MORE(" %s %d", case_clock_names[effect->clock], (int)effect->percent);
    if (effect->reason[0])
        MORE(" %s", effect->reason);
    if (effect->rule != RULE_NONE)
        MORE(" %s", case_rule_names[effect->rule]);
#undef MORE
    const char *kind = "", *what = "";
    switch (effect->kind) {
    case EFFECT_EVENT:
        kind = "event", what = case_event_names[effect->event];
        break;
    case EFFECT_ORDER:
        kind = "order", what = case_order_names[effect->order];
        break;
    case EFFECT_COMMAND:
        kind = "command", what = case_command_names[effect->command];
        break;
    case EFFECT_RESOLUTION:
        kind = "resolution",
        what = case_outcome_names[story.cases[case_index(name)].outcome];
        break;
    case EFFECT_REPEAT:
        kind = "audit", what = "repeat";
        break;
    case EFFECT_REFUSED:
        kind = "audit", what = "refused";
        break;
    }
    (void)snprintf(out->text, sizeof out->text, "%s %s %s%s", name, kind, what, more);
}

static void send(int from, const struct case_effect *effect,
        const struct case_command *cause, instant at)
{
    if (story.queue_end == QUEUE_MAX)
        fail("too many commands between cases", "");
    struct case_command *command = &story.queue[story.queue_end++];
    *command = (struct case_command){
            .kind = effect->command, .at = at, .task = -1, .hops = effect->hops};
    memcpy(command->case_id, effect->other, sizeof command->case_id);
    memcpy(command->reason, effect->reason, sizeof command->reason);
    memcpy(command->unit, story.cases[from].lead, sizeof command->unit);
    if (effect->command == COMMAND_MERGE_REQUEST && cause->kind == COMMAND_MERGE_REQUEST)
        memcpy(command->other, cause->other, sizeof command->other);
    else
        case_id(command->other, from);
}

static void decide_one(const struct case_command *command)
{
    int index = case_index(name_of(command->case_id));
    struct case_state before = story.cases[index];
    static struct case_decision decision;
    case_decide(story.policy, &before, command, &decision);
    if (!decision.changed && memcmp(&decision.after, &before, sizeof before) != 0)
        fail("the state changed without saying so", story.names[index]);
    story.cases[index] = decision.after;
    int64_t seq = before.seq;
    for (int i = 0; i < decision.n_effects; i++) {
        const struct case_effect *effect = &decision.effects[i];
        if (effect->kind == EFFECT_EVENT && effect->seq != ++seq)
            fail("a gap in the event numbers", story.names[index]);
        render(story.names[index], effect, decision.at);
        if (effect->kind == EFFECT_COMMAND)
            send(index, effect, command, decision.at);
    }
    if (seq != decision.after.seq)
        fail("the state's number is not the last event's", story.names[index]);
}

static void decide(const struct case_command *command)
{
    decide_one(command);
    while (story.queue_first < story.queue_end) {
        struct case_command next = story.queue[story.queue_first++];
        decide_one(&next);
    }
    story.queue_first = story.queue_end = 0;
}

/* The case that wakes first, at `until` at the latest; -1: none. */
static int next_to_wake(instant until)
{
    int found = -1;
    for (int i = 0; i < story.n_cases; i++) {
        instant at = story.cases[i].wake_at;
        if (!instant_is_never(at) && !instant_before(until, at) &&
                (found < 0 || instant_before(at, story.cases[found].wake_at)))
            found = i;
    }
    return found;
}

static void wake(int index, instant due, instant at)
{
    struct case_command command = {
            .kind = COMMAND_WAKE, .at = at, .due = due, .task = -1};
    case_id(command.case_id, index);
    decide(&command);
    if (!instant_is_never(story.cases[index].wake_at) &&
            story.cases[index].wake_at.ms == due.ms && !instant_before(at, due))
        fail("a wake neither moved the due time nor settled the case",
                story.names[index]);
}

static void go_on(instant until, bool late)
{
    if (instant_before(until, story.now))
        fail("time goes backwards", "");
    for (int index; (index = next_to_wake(until)) >= 0;) {
        instant due = story.cases[index].wake_at;
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

static void take(char *out, size_t size, const char *text)
{
    if (!str_copy(out, size, str_of(text)))
        fail("too long", text);
}
#define TAKE(out, text) take(out, sizeof(out), text)

static void open_case(char **words, int n)
{
    struct case_command command = {.kind = COMMAND_OPEN, .at = story.now, .task = -1};
    if (n < 4)
        fail("open CASE OUTCOME WHAT", "");
    case_id(command.case_id, case_index(words[1]));
    int i = 3;
    if (strcmp(words[2], "dispatch") == 0) {
        command.route = ROUTE_DISPATCH;
        TAKE(command.lead, unit_code(words[i++]));
    } else if (strcmp(words[2], "needs_human") == 0) {
        command.route = ROUTE_NEEDS_HUMAN;
        TAKE(command.reason, words[i++]);
    } else if (strcmp(words[2], "transfer") == 0) {
        command.route = ROUTE_TRANSFER;
        i++;
    } else if (strcmp(words[2], "merge") == 0 && n > 4) {
        command.route = ROUTE_MERGE;
        case_id(command.other, case_index(words[i++]));
        TAKE(command.lead, unit_code(words[i++]));
    } else {
        fail("unknown outcome", words[2]);
    }
    for (; i + 1 < n; i += 2) {
        if (strcmp(words[i], "assist") == 0 && command.n_assists < ASSISTS_MAX)
            TAKE(command.assists[command.n_assists++], unit_code(words[i + 1]));
        else if (strcmp(words[i], "sla") == 0)
            TAKE(command.sla, words[i + 1]);
        else if (strcmp(words[i], "category") == 0)
            TAKE(command.category, words[i + 1]);
        else if (strcmp(words[i], "accused") == 0)
            TAKE(command.accused, unit_code(words[i + 1]));
        else
            fail("unknown word", words[i]);
    }
    decide(&command);
}

static const char *value_of(const char *word, const char *name)
{
    size_t len = strlen(name);
    return strncmp(word, name, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static void act(char **words, int n)
{
    struct case_command command = {.kind = COMMAND_ACTION,
            .at = story.now,
            .task = -1,
            .fingerprint = ++story.actions};
    if (n < 3)
        fail("unknown line", words[0]);
    TAKE(command.unit, unit_code(words[0]));
    for (int i = ACTION_SIGN; i < ACTION_COUNT; i++)
        if (strcmp(words[1], case_action_names[i]) == 0)
            command.action = (enum case_action)i;
    case_id(command.case_id, case_index(words[2]));
    for (int i = 3; i < n; i++) {
        const char *value;
        if ((value = value_of(words[i], "id")))
            command.fingerprint = 1000000 + strtoull(value, NULL, 10);
        else if ((value = value_of(words[i], "order")))
            command.task = (int32_t)strtol(value, NULL, 10);
        else if ((value = value_of(words[i], "result")) ||
                 (value = value_of(words[i], "reason")) ||
                 (value = value_of(words[i], "note")))
            command.words = str_of(value);
        else if ((value = value_of(words[i], "to")))
            TAKE(command.to, unit_code(value));
        else if ((value = value_of(words[i], "category")))
            TAKE(command.category, value);
        else if ((value = value_of(words[i], "queue")))
            TAKE(command.queue, unit_code(value));
        else if (strcmp(words[i], "contact") == 0)
            command.has_contact_record = true;
        else if (strcmp(words[i], "photo") == 0)
            command.has_photo = true;
        else
            fail("unknown word", words[i]);
    }
    decide(&command);
}

static void expect(char **words, int n)
{
    char wanted[LINE_MAX_BYTES] = "";
    int i = 1;
    bool timed = n > 2 && words[1][0] == '@';
    instant at = timed ? china_time(words[1] + 1, words[2]) : (instant){0};
    for (i = timed ? 3 : 1; i < n; i++) {
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
    story.first++;
}

static void check_stage(char **words, int n)
{
    const struct case_state *state = &story.cases[case_index(words[1])];
    if (n < 3 || strcmp(case_stage_names[state->stage], words[2]) != 0)
        fail("the stage is another one", case_stage_names[state->stage]);
    if (n > 3 && strtol(words[3], NULL, 10) != state->task)
        fail("the lead task has another number", words[3]);
}

static void check_due(char **words, int n)
{
    instant due = story.cases[case_index(words[1])].wake_at, wanted = {0};
    if (n == 4)
        wanted = china_time(words[2], words[3]);
    if (due.ms != wanted.ms) {
        char text[INSTANT_TEXT_SIZE] = "never";
        if (!instant_is_never(due))
            instant_format(due, text);
        fail("it wakes at another time", text);
    }
}

static bool checks(const char *word)
{
    return strcmp(word, "expect") == 0 || strcmp(word, "quiet") == 0 ||
           strcmp(word, "stage") == 0 || strcmp(word, "due") == 0;
}

static void play_line(char *line)
{
    char *words[WORDS_MAX], *rest = NULL;
    int n = 0;
    for (char *word = strtok_r(line, " \t\r\n", &rest); word && n < WORDS_MAX;
            word = strtok_r(NULL, " \t\r\n", &rest))
        words[n++] = word;
    if (n == 0 || words[0][0] == '#')
        return;
    if (!checks(words[0]) && story.first != story.end)
        fail("the story goes on, but something was not expected", "");
    if (strcmp(words[0], "at") == 0 && n == 3)
        go_on(china_time(words[1], words[2]), false);
    else if (strcmp(words[0], "pass") == 0 && n == 2)
        go_on(later(words[1]), false);
    else if (strcmp(words[0], "late") == 0 && n == 2)
        go_on(later(words[1]), true);
    else if (strcmp(words[0], "open") == 0)
        open_case(words, n);
    else if (strcmp(words[0], "wake") == 0 && n == 4)
        wake(case_index(words[1]), china_time(words[2], words[3]), story.now);
    else if (strcmp(words[0], "expect") == 0)
        expect(words, n);
    else if (strcmp(words[0], "stage") == 0)
        check_stage(words, n);
    else if (strcmp(words[0], "due") == 0)
        check_due(words, n);
    else if (strcmp(words[0], "quiet") != 0)
        act(words, n);
    else if (story.first != story.end)
        fail("not quiet", "");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: replay_casework STORY\n");
        return 64;
    }
    story.policy = case_policy();
    story.path = argv[1];
    FILE *file = fopen(argv[1], "r");
    if (!file) {
        perror(argv[1]);
        return 66;
    }
    char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof line, file)) {
        story.line++;
        play_line(line);
    }
    (void)fclose(file);
    if (story.first != story.end)
        fail("the story ends, but something was not expected", "");
    return 0;
}
