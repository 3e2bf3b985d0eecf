/* Plays a story through the core of casework: cases that talk to each other, wakes at
 * their time, no Kafka and no Redis. Everything that comes out must be expected, in
 * order, before the story goes on. A word has no blanks in it.
 *
 *   at DAY TIME                     time goes on to then; wakes come when they are due
 *   pass 30m | 4h | 3d              time goes on by so much
 *   late 30m | 4h | 3d              the same, but wakes come only at the end
 *   lost 30m | 4h | 3d              the same, and no wake comes at all
 *   hold, deliver                   commands between cases wait; they arrive
 *   open CASE dispatch UNIT [assist UNIT | must UNIT]… [sla NAME] [category CODE]
 *       [place CODE] [accused UNIT] [from REPORTER]
 *   open CASE needs_human REASON …  open CASE transfer LINE  open CASE merge MASTER UNIT
 * … UNIT ACTION CASE [id=X] [order=N] [words=…] [code=REASON] [to=UNIT] [category=CODE]
 *       [amount=N] [until=DAYTTIME] [step=NAME] [parties=UNIT,UNIT] [master=CASE]
 *       [rating=R] [queue=UNIT] [contact] [photo] [evidence] [plan] [attendees] [basis]
 *       [head] [must] [valid] [solved]
 *   wake CASE DAY TIME              a wake by hand, with that due time
 *   policy …                        another policy from now on: see player_policy
 *   reproject CASE
 *
 *   expect [@DAY TIME] TEXT         the next thing that came out (at that time)
 *   quiet                           nothing (more) came out
 *   stage CASE STAGE [TASK]         where the case stands; the number of its lead task
 *   owner CASE UNIT                 who has the lead task
 *   wakes CASE DAY TIME | never     when it wakes next
 *   due CASE CLOCK[#TASK] DAY TIME | paused | over | none
 *   used CASE CLOCK[#TASK] PERCENT  of its budget, until now
 *   stood CASE suspended|returned MINUTES
 *   may CASE ROLE[#TASK] ACTION…    exactly these actions are open
 */
#include "case_policy.h"
#include "player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 32, LINE_MAX_BYTES = 1024 };

struct player player;

void player_fail(const char *what, const char *detail)
{
    char text[INSTANT_TEXT_SIZE];
    (void)fprintf(stderr, "%s:%d: %s%s%s\n", player.path, player.line, what,
            detail[0] ? ": " : "", detail);
    for (int i = player.first; i < player.end; i++) {
        player_time_text(text, sizeof text, player.outputs[i].at);
        (void)fprintf(stderr, "    came out: @%s %s\n", text, player.outputs[i].text);
    }
    exit(1);
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
        player_fail("an amount is like 30m, 4h or 3d", amount);
    return (instant){player.now.ms + n * ms};
}

static void expect(char **words, int n)
{
    char wanted[LINE_MAX_BYTES] = "";
    bool timed = n > 2 && words[1][0] == '@';
    for (int i = timed ? 3 : 1; i < n; i++) {
        if (wanted[0])
            (void)strcat(wanted, " ");
        (void)strcat(wanted, words[i]);
    }
    if (player.first == player.end)
        player_fail("expected, but nothing came out", wanted);
    const struct player_output *got = &player.outputs[player.first];
    if (strcmp(got->text, wanted) != 0)
        player_fail("expected something else", wanted);
    if (timed && got->at.ms != china_time(words[1] + 1, words[2]).ms)
        player_fail("came out at another time", words[2]);
    player.first++;
}

static const struct case_state *named_case(char **words, int n, int least)
{
    if (n < least)
        player_fail("too few words", words[0]);
    return &player.cases[player_case(words[1])];
}

static void check_stage(char **words, int n)
{
    const struct case_state *state = named_case(words, n, 3);
    if (strcmp(case_stage_names[state->stage], words[2]) != 0)
        player_fail("the stage is another one", case_stage_names[state->stage]);
    if (n > 3 && strtol(words[3], NULL, 10) != state->lead.number)
        player_fail("the lead task has another number", words[3]);
}

static void check_owner(char **words, int n)
{
    const struct case_state *state = named_case(words, n, 3);
    if (strcmp(player_unit_name(state->lead.unit), words[2]) != 0)
        player_fail("somebody else has it", player_unit_name(state->lead.unit));
}

static void check_wakes(char **words, int n)
{
    instant at = named_case(words, n, 3)->wake_at;
    char text[INSTANT_TEXT_SIZE] = "never";
    instant wanted = n == 4 ? china_time(words[2], words[3]) : (instant){0};
    if (!instant_is_never(at))
        player_time_text(text, sizeof text, at);
    if (at.ms != wanted.ms)
        player_fail("it wakes at another time", text);
}

/* "handle#2"; without a number the lead's, or the desk's. NULL: there is none. */
static const struct case_clock *named_clock(const struct case_state *state, char *word)
{
    char *number = strchr(word, '#');
    if (number)
        *number++ = 0;
    for (int i = 0; i < CASE_CLOCK_COUNT; i++)
        if (strcmp(word, case_clock_names[i]) == 0) {
            enum case_clock_kind kind = (enum case_clock_kind)i;
            if (number)
                return case_clock_find(state, kind, (int32_t)strtol(number, NULL, 10));
            const struct case_clock *clock = case_clock_find(
                    state, kind, state->lead.number);
            return clock ? clock : case_clock_find(state, kind, CASE_DESK_TASK);
        }
    player_fail("unknown clock", word);
}

static void check_due(char **words, int n)
{
    const struct case_state *state = named_case(words, n, 4);
    const struct case_clock *clock = named_clock(state, words[2]);
    char text[INSTANT_TEXT_SIZE] = "none", wanted[LINE_MAX_BYTES];
    (void)snprintf(wanted, sizeof wanted, "%s%s%s", words[3], n > 4 ? " " : "",
            n > 4 ? words[4] : "");
    if (clock && instant_is_never(clock->stopped))
        player_time_text(text, sizeof text, case_clock_due(&player.policy, clock));
    else if (clock)
        (void)snprintf(
                text, sizeof text, "%s", clock->why == PAUSE_NONE ? "over" : "paused");
    if (strcmp(text, wanted) != 0)
        player_fail("it is due at another time", text);
    if (clock && instant_is_never(clock->stopped) &&
            clock->due.ms != case_clock_due(&player.policy, clock).ms)
        player_fail("the due time that was told is another one", words[2]);
}

static void check_used(char **words, int n)
{
    char text[32] = "none";
    const struct case_clock *clock = named_clock(named_case(words, n, 4), words[2]);
    if (clock)
        (void)snprintf(text, sizeof text, "%d",
                (int)case_clock_used(&player.policy, clock, player.now));
    if (strcmp(text, words[3]) != 0)
        player_fail("another share is used", text);
}

static void check_stood(char **words, int n)
{
    const struct case_state *state = named_case(words, n, 4);
    char text[32];
    int64_t ms = strcmp(words[2], "suspended") == 0 ? state->suspended_ms
                                                    : state->returned_ms;
    (void)snprintf(text, sizeof text, "%lld", (long long)ms / 60000);
    if (strcmp(text, words[3]) != 0)
        player_fail("it stood still for another time", text);
}

static void check_may(char **words, int n)
{
    const struct case_state *state = named_case(words, n, 3);
    char *number = strchr(words[2], '#');
    int32_t task = number ? (int32_t)strtol(number + 1, NULL, 10) : state->lead.number;
    if (number)
        *number = 0;
    int role = 0;
    while (role < CASE_ROLE_COUNT && strcmp(case_role_names[role], words[2]) != 0)
        role++;
    uint64_t open = case_actions_open(state, (enum case_role)role, task);
    char text[LINE_MAX_BYTES] = "", wanted[LINE_MAX_BYTES] = "";
    for (int i = ACTION_SIGN; i < ACTION_COUNT; i++)
        if (open & UINT64_C(1) << i) {
            (void)strcat(text, " ");
            (void)strcat(text, case_action_names[i]);
        }
    for (int i = 3; i < n; i++) {
        (void)strcat(wanted, " ");
        (void)strcat(wanted, words[i]);
    }
    if (strcmp(text, wanted) != 0)
        player_fail("other actions are open", text);
}

static void quiet(char **words, int n)
{
    (void)words, (void)n;
    if (player.first != player.end)
        player_fail("not quiet", "");
}

static const struct {
    const char *word;
    void (*check)(char **words, int n);
} checks[] = {
        {"expect", expect},
        {"quiet", quiet},
        {"stage", check_stage},
        {"owner", check_owner},
        {"wakes", check_wakes},
        {"due", check_due},
        {"used", check_used},
        {"stood", check_stood},
        {"may", check_may},
};

static bool check(char **words, int n)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (strcmp(words[0], checks[i].word) == 0) {
            checks[i].check(words, n);
            return true;
        }
    return false;
}

static void play(char **words, int n)
{
    if (strcmp(words[0], "at") == 0 && n == 3)
        player_go_on(china_time(words[1], words[2]), WAKES_IN_TIME);
    else if (strcmp(words[0], "pass") == 0 && n == 2)
        player_go_on(later(words[1]), WAKES_IN_TIME);
    else if (strcmp(words[0], "late") == 0 && n == 2)
        player_go_on(later(words[1]), WAKES_AT_THE_END);
    else if (strcmp(words[0], "lost") == 0 && n == 2)
        player_go_on(later(words[1]), WAKES_LOST);
    else if (strcmp(words[0], "hold") == 0)
        player.held = true;
    else if (strcmp(words[0], "deliver") == 0)
        player.held = false, player_deliver();
    else if (strcmp(words[0], "open") == 0)
        player_open(words, n);
    else if (strcmp(words[0], "wake") == 0 && n == 4)
        player_wake(player_case(words[1]), china_time(words[2], words[3]), player.now);
    else if (strcmp(words[0], "policy") == 0)
        player_policy(words, n);
    else if (strcmp(words[0], "reproject") == 0)
        player_reproject(words, n);
    else
        player_act(words, n);
}

static void play_line(char *line)
{
    char *words[WORDS_MAX], *rest = NULL;
    int n = 0;
    for (char *word = strtok_r(line, " \t\r\n", &rest); word;
            word = strtok_r(NULL, " \t\r\n", &rest)) {
        if (n == WORDS_MAX)
            player_fail("too many words", word);
        words[n++] = word;
    }
    if (n == 0 || words[0][0] == '#' || check(words, n))
        return;
    if (player.first != player.end)
        player_fail("the story goes on, but something was not expected", "");
    play(words, n);
}

/* Our own copy, so that the story can change it. */
static void take_policy(void)
{
    const struct policy *policy = case_policy();
    player.policy = *policy;
    for (size_t i = 0; i < policy->n_sla_classes && i < PLAYER_CLASSES_MAX; i++)
        player.classes[i] = policy->sla_classes[i];
    player.policy.sla_classes = player.classes;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: replay_casework STORY\n");
        return 64;
    }
    take_policy();
    player.path = argv[1];
    FILE *file = fopen(argv[1], "r");
    if (!file) {
        perror(argv[1]);
        return 66;
    }
    char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof line, file)) {
        player.line++;
        play_line(line);
    }
    (void)fclose(file);
    if (player.first != player.end)
        player_fail("the story ends, but something was not expected", "");
    if (player.queue_first != player.queue_end)
        player_fail("the story ends, but commands between cases were not delivered", "");
    return 0;
}
