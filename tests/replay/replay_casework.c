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
 *       [place CODE] [accused UNIT] [nature report] [reason REASON] [from REPORTER]
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
#include "player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct player player;

static const struct case_state *named_case(char **words, int n, int least)
{
    if (n < least)
        story_fail("too few words", words[0]);
    return &player.cases[player_case(words[1])];
}

static void check_stage(char **words, int n)
{
    const struct case_state *state = named_case(words, n, 3);
    if (strcmp(case_stage_names[state->stage], words[2]) != 0)
        story_fail("the stage is another one", case_stage_names[state->stage]);
    if (n > 3 && strtol(words[3], NULL, 10) != state->lead.number)
        story_fail("the lead task has another number", words[3]);
}

static void check_owner(char **words, int n)
{
    const struct case_state *state = named_case(words, n, 3);
    if (strcmp(story_name(&player.policy, state->lead.unit), words[2]) != 0)
        story_fail("somebody else has it", story_name(&player.policy, state->lead.unit));
}

static void check_wakes(char **words, int n)
{
    instant at = named_case(words, n, 3)->wake_at;
    char text[INSTANT_TEXT_SIZE] = "never";
    instant wanted = n == 4 ? china_time(words[2], words[3]) : (instant){0};
    if (!instant_is_never(at))
        story_time_text(text, sizeof text, at);
    if (at.ms != wanted.ms)
        story_fail("it wakes at another time", text);
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
    story_fail("unknown clock", word);
}

static void check_due(char **words, int n)
{
    const struct case_state *state = named_case(words, n, 4);
    const struct case_clock *clock = named_clock(state, words[2]);
    char text[INSTANT_TEXT_SIZE] = "none", wanted[STORY_LINE_BYTES];
    (void)snprintf(wanted, sizeof wanted, "%s%s%s", words[3], n > 4 ? " " : "",
            n > 4 ? words[4] : "");
    if (clock && instant_is_never(clock->stopped))
        story_time_text(text, sizeof text, case_clock_due(&player.policy, clock));
    else if (clock)
        (void)snprintf(
                text, sizeof text, "%s", clock->why == PAUSE_NONE ? "over" : "paused");
    if (strcmp(text, wanted) != 0)
        story_fail("it is due at another time", text);
    if (clock && instant_is_never(clock->stopped) &&
            clock->due.ms != case_clock_due(&player.policy, clock).ms)
        story_fail("the due time that was told is another one", words[2]);
}

static void check_used(char **words, int n)
{
    char text[32] = "none";
    const struct case_clock *clock = named_clock(named_case(words, n, 4), words[2]);
    if (clock)
        (void)snprintf(text, sizeof text, "%d",
                (int)case_clock_used(&player.policy, clock, story.now));
    if (strcmp(text, words[3]) != 0)
        story_fail("another share is used", text);
}

static void check_stood(char **words, int n)
{
    const struct case_state *state = named_case(words, n, 4);
    char text[32];
    int64_t ms = strcmp(words[2], "suspended") == 0 ? state->suspended_ms
                                                    : state->returned_ms;
    (void)snprintf(text, sizeof text, "%lld", (long long)ms / 60000);
    if (strcmp(text, words[3]) != 0)
        story_fail("it stood still for another time", text);
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
    char text[STORY_LINE_BYTES] = "", wanted[STORY_LINE_BYTES] = "";
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
        story_fail("other actions are open", text);
}

static void in_time(char **words, int n)
{
    player_go_on(story_until(words, n), WAKES_IN_TIME);
}

static void at_the_end(char **words, int n)
{
    player_go_on(story_until(words, n), WAKES_AT_THE_END);
}

static void without_wakes(char **words, int n)
{
    player_go_on(story_until(words, n), WAKES_LOST);
}

static void hold(char **words, int n)
{
    (void)words, (void)n;
    player.held = true;
}

static void deliver(char **words, int n)
{
    (void)words, (void)n;
    player.held = false;
    player_deliver();
}

static void wake(char **words, int n)
{
    (void)n;
    player_wake(player_case(words[1]), china_time(words[2], words[3]), story.now);
}

static const struct story_word words[] = {
        {"stage", check_stage, 0, true},
        {"owner", check_owner, 0, true},
        {"wakes", check_wakes, 0, true},
        {"due", check_due, 0, true},
        {"used", check_used, 0, true},
        {"stood", check_stood, 0, true},
        {"may", check_may, 0, true},
        {"at", in_time, 3, false},
        {"pass", in_time, 2, false},
        {"late", at_the_end, 2, false},
        {"lost", without_wakes, 2, false},
        {"hold", hold, 0, false},
        {"deliver", deliver, 0, false},
        {"open", player_open, 0, false},
        {"wake", wake, 4, false},
        {"policy", player_policy, 0, false},
        {"reproject", player_reproject, 0, false},
};

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
    take_policy();
    int status = story_play(argc, argv, words, sizeof words / sizeof *words, player_act);
    if (player.queue_first != player.queue_end)
        story_fail("the story ends, but commands between cases were not delivered", "");
    return status;
}
