/* Plays a story of points accounts and recurring orders through their cores, under the
 * sample policy; no Kafka and no Redis. What comes out must be expected, in order, before
 * the story goes on.
 *
 *   at DAY TIME                     time goes on to then; wakes come when they are due
 *   pass 30m | 4h | 3d              time goes on by so much
 *   outage 30m | 4h | 3d            the same, but wakes come only at the end
 *   event ID KIND UNIT [pool=POOL] [name=value]…  an event of a case or a whistle
 *   UNIT ACTION OWNER [order=N] [id=N] [points=N] [reason] [evidence] [queue=UNIT]
 *   apply SCHEDULE                  chuishao schedules apply
 *   gone SCHEDULE                   the policy has it no more
 *   wake OWNER DAY TIME             a wake by hand, with that due time
 *   expect [@DAY TIME] TEXT         the next thing that came out (at that time)
 *   quiet                           nothing (more) came out
 *   balance OWNER N [GRADE]         what the account comes to
 *   due OWNER DAY TIME | never      when it wakes next
 */
#include "account_core.h"
#include "points_core.h"
#include "schedule_core.h"
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWNERS_MAX = 16 };

struct owner {
    char name[96];
    char code[ACCOUNT_CODE_SIZE];
    bool is_schedule;
    struct account_state account;
    struct schedule_state schedule;
};

static struct {
    struct policy *policy;
    struct owner owners[OWNERS_MAX];
    int n_owners;
    uint64_t actions;
} world;

static const char *name_of(const char *code)
{
    return story_name(world.policy, code);
}

static const char *code_of(const char *name)
{
    return story_code(world.policy, name);
}

static struct owner *owner_of(const char *name, bool is_schedule)
{
    const char *code = code_of(name);
    for (int i = 0; i < world.n_owners; i++)
        if (strcmp(world.owners[i].code, code) == 0)
            return &world.owners[i];
    if (world.n_owners == OWNERS_MAX)
        story_fail("too many accounts and schedules", name);
    struct owner *owner = &world.owners[world.n_owners++];
    STORY_TAKE(owner->name, name_of(code));
    STORY_TAKE(owner->code, code);
    owner->is_schedule = is_schedule;
    return owner;
}

/* ---- what comes out ---- */

static void render_account(const struct owner *owner, const struct account_effect *effect)
{
    const char *grade = effect->grade[0] ? effect->grade : "-";
    char entry[80] = "";
    if (effect->entry.rule[0])
        (void)snprintf(entry, sizeof entry, " %s %+d", effect->entry.rule,
                (int)effect->entry.points);
    switch (effect->kind) {
    case ACCOUNT_EFFECT_EVENT:
        story_put(story.now), story_say("%s event %s%s = %lld %s", owner->name,
                                      account_event_names[effect->event], entry,
                                      (long long)effect->balance, grade);
        break;
    case ACCOUNT_EFFECT_ORDER:
        story_put(story.now),
                story_say("%s order %s %s%s%s", owner->name,
                        account_order_names[effect->order], name_of(effect->unit),
                        effect->rule ? " " : "", account_rule_names[effect->rule]);
        break;
    case ACCOUNT_EFFECT_REFUSED:
        story_put(story.now), story_say("%s audit refused %s", owner->name,
                                      account_rule_names[effect->rule]);
        break;
    }
}

static void decide_account(struct owner *owner, struct account_command *command)
{
    static struct account_decision decision;
    struct account_state before = owner->account;
    STORY_TAKE(command->holder, owner->code);
    account_decide(world.policy, &before, command, &decision);
    if (!decision.changed && memcmp(&decision.after, &before, sizeof before) != 0)
        story_fail("the state changed without saying so", owner->name);
    owner->account = decision.after;
    int64_t seq = before.seq;
    for (int i = 0; i < decision.n_effects; i++) {
        const struct account_effect *effect = &decision.effects[i];
        if (effect->kind == ACCOUNT_EFFECT_EVENT && effect->seq != ++seq)
            story_fail("a gap in the event numbers", owner->name);
        render_account(owner, effect);
    }
    if (seq != decision.after.seq)
        story_fail("the state's number is not the last event's", owner->name);
}

static void decide_schedule(struct owner *owner, struct schedule_command *command)
{
    static struct schedule_decision decision;
    struct schedule_state before = owner->schedule;
    STORY_TAKE(command->id, owner->code);
    schedule_decide(world.policy, &before, command, &decision);
    if (!decision.changed && memcmp(&decision.after, &before, sizeof before) != 0)
        story_fail("the state changed without saying so", owner->name);
    owner->schedule = decision.after;
    for (int i = 0; i < decision.n_effects; i++) {
        const struct schedule_effect *effect = &decision.effects[i];
        char more[96] = "", time[INSTANT_TEXT_SIZE];
        if (effect->seq != before.seq + i + 1)
            story_fail("a gap in the event numbers", owner->name);
        if (effect->event == SCHEDULE_EVENT_OPENED) {
            story_time_text(time, sizeof time, effect->occurrence);
            (void)snprintf(more, sizeof more, " %s%s", time,
                    effect->lead_valid ? "" : " owner_not_valid");
        } else if (effect->event == SCHEDULE_EVENT_SKIPPED) {
            (void)snprintf(more, sizeof more, " %d", (int)effect->skipped);
        }
        story_put(story.now), story_say("%s event %s%s", owner->name,
                                      schedule_event_names[effect->event], more);
    }
}

/* ---- time ---- */

static instant wake_of(const struct owner *owner)
{
    return owner->is_schedule ? owner->schedule.next : owner->account.wake_at;
}

static void wake(struct owner *owner, instant due)
{
    if (owner->is_schedule)
        decide_schedule(owner,
                &(struct schedule_command){
                        .kind = SCHEDULE_COMMAND_WAKE, .at = story.now, .due = due});
    else
        decide_account(owner,
                &(struct account_command){
                        .kind = ACCOUNT_COMMAND_WAKE, .at = story.now, .due = due});
}

static struct owner *next_to_wake(instant until)
{
    struct owner *found = NULL;
    for (int i = 0; i < world.n_owners; i++) {
        instant at = wake_of(&world.owners[i]);
        if (!instant_is_never(at) && !instant_before(until, at) &&
                (!found || instant_before(at, wake_of(found))))
            found = &world.owners[i];
    }
    return found;
}

static void go_on(instant until, bool late)
{
    for (struct owner *owner; (owner = next_to_wake(until));) {
        instant due = wake_of(owner);
        story.now = late || instant_before(due, story.now) ? until : due;
        wake(owner, due);
        if (wake_of(owner).ms == due.ms)
            story_fail("a wake neither moved the due time nor settled it", owner->name);
    }
    story.now = until;
}

/* ---- lines ---- */

static void event(char **words, int n)
{
    struct points_fact fact = {.at = story.now};
    struct points_award awards[8];
    if (n < 4)
        story_fail("event ID KIND UNIT", "");
    fact.event = words[2];
    fact.unit = str_of(code_of(words[3]));
    for (int i = 4; i < n; i++) {
        const char *value = story_value(words[i], "pool");
        if (value)
            fact.pool = str_of(code_of(value));
        for (int k = 0; k < POINTS_WORD_COUNT && !value; k++)
            if ((value = story_value(words[i], points_word_names[k])))
                fact.words[k] = str_of(value);
        for (int k = 0; k < POINTS_NUMBER_COUNT && !value; k++)
            if ((value = story_value(words[i], points_number_names[k]))) {
                fact.numbers[k].there = true;
                fact.numbers[k].value = (int32_t)strtol(value, NULL, 10);
            }
        if (!value)
            story_fail("unknown word", words[i]);
    }
    size_t n_awards = points_of(world.policy, &fact, awards, 8);
    for (size_t i = 0; i < n_awards; i++) {
        const struct points_rule *rule = awards[i].rule;
        struct account_command command = {.kind = ACCOUNT_COMMAND_POINTS,
                .at = story.now,
                .points = rule->points,
                .expires = awards[i].expires,
                .veto = rule->veto};
        char code[ACCOUNT_CODE_SIZE];
        if (!str_copy(code, sizeof code, awards[i].holder))
            story_fail("too long", words[3]);
        STORY_TAKE(command.ledger, rule->ledger->name);
        STORY_TAKE(command.rule, rule->id);
        STORY_TAKE(command.event, words[1]);
        /* As at the edge: the event and the rule make the command's id. */
        command.fingerprint = 1;
        for (const char *p = words[1]; *p; p++)
            command.fingerprint = command.fingerprint * 31 + (unsigned char)*p;
        for (const char *p = rule->id; *p; p++)
            command.fingerprint = command.fingerprint * 31 + (unsigned char)*p;
        decide_account(owner_of(code, false), &command);
    }
}

static void act(char **words, int n)
{
    struct account_command command = {.kind = ACCOUNT_COMMAND_ACTION,
            .at = story.now,
            .entry = -1,
            .fingerprint = 1000 + ++world.actions};
    if (n < 3)
        story_fail("unknown line", words[0]);
    STORY_TAKE(command.unit, code_of(words[0]));
    (void)snprintf(command.event, sizeof command.event, "action-%d", (int)world.actions);
    for (int i = 1; i < ACCOUNT_ACTION_COUNT; i++)
        if (strcmp(words[1], account_action_names[i]) == 0)
            command.action = (enum account_action)i;
    for (int i = 3; i < n; i++) {
        const char *value;
        if ((value = story_value(words[i], "order")))
            command.entry = strtol(value, NULL, 10);
        else if ((value = story_value(words[i], "points")))
            command.points = (int32_t)strtol(value, NULL, 10);
        else if ((value = story_value(words[i], "id")))
            command.fingerprint = strtoull(value, NULL, 10);
        else if ((value = story_value(words[i], "queue")))
            STORY_TAKE(command.queue, code_of(value));
        else if (strcmp(words[i], "reason") == 0)
            command.has_reason = true;
        else if (strcmp(words[i], "evidence") == 0)
            command.has_evidence = true;
        else
            story_fail("unknown word", words[i]);
    }
    decide_account(owner_of(words[2], false), &command);
}

static void check_balance(char **words, int n)
{
    const struct owner *owner = owner_of(words[1], false);
    const struct points_ledger *ledger = points_ledger_of(
            world.policy, str_of(owner->code));
    int64_t balance = account_balance(ledger, &owner->account);
    char text[32];
    (void)snprintf(text, sizeof text, "%lld", (long long)balance);
    if (n < 3 || strcmp(text, words[2]) != 0)
        story_fail("the balance is another one", text);
    if (n > 3 && strcmp(owner->account.grade, words[3]) != 0)
        story_fail("the grade is another one", owner->account.grade);
}

static void check_due(char **words, int n)
{
    instant due = wake_of(owner_of(words[1], false)), wanted = {0};
    char text[INSTANT_TEXT_SIZE] = "never";
    if (n == 4)
        wanted = china_time(words[2], words[3]);
    if (!instant_is_never(due))
        story_time_text(text, sizeof text, due);
    if (due.ms != wanted.ms)
        story_fail("it wakes at another time", text);
}

/* The policy is ours: the schedule gets an id that sorts where it was. */
static void gone(char **words, int n)
{
    const char *id = words[1];
    (void)n;
    for (size_t i = 0; i < world.policy->n_schedules; i++)
        if (strcmp(world.policy->schedules[i].id, id) == 0) {
            memmove(&world.policy->schedules[i], &world.policy->schedules[i + 1],
                    (world.policy->n_schedules - i - 1) *
                            sizeof *world.policy->schedules);
            world.policy->n_schedules--;
            return;
        }
    story_fail("no such schedule", id);
}

static void in_time(char **words, int n)
{
    go_on(story_until(words, n), false);
}

static void outage(char **words, int n)
{
    go_on(story_until(words, n), true);
}

static void apply(char **words, int n)
{
    (void)n;
    decide_schedule(owner_of(words[1], true),
            &(struct schedule_command){.kind = SCHEDULE_COMMAND_APPLY, .at = story.now});
}

static void wake_by_hand(char **words, int n)
{
    (void)n;
    wake(owner_of(words[1], false), china_time(words[2], words[3]));
}

static const struct story_word words[] = {
        {"balance", check_balance, 0, true},
        {"due", check_due, 0, true},
        {"at", in_time, 3, false},
        {"pass", in_time, 2, false},
        {"outage", outage, 2, false},
        {"event", event, 0, false},
        {"apply", apply, 2, false},
        {"gone", gone, 2, false},
        {"wake", wake_by_hand, 4, false},
};

int main(int argc, char **argv)
{
    struct error err = {0};
    if (!policy_load(&world.policy, SOURCE_DIR "/policy", (instant){1795222800000}, NULL,
                &err))
        story_fail("the sample policy", err.text);
    story.now = china_time("2026-11-02", "00:00");
    int status = story_play(argc, argv, words, sizeof words / sizeof *words, act);
    policy_free(world.policy);
    return status;
}
