/* Plays a story of points accounts and recurring orders through their cores, under the
 * sample policy; no Kafka and no Redis. What comes out must be expected, in order, before
 * the story goes on.
 *
 *   at DAY TIME                     time goes on to then; wakes come when they are due
 *   pass 30m | 4h | 3d              time goes on by so much
 *   outage 30m | 4h | 3d            the same, but wakes come only at the end
 *   event ID KIND UNIT [name=value]…  an event of a case or a whistle, by its rules
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

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWNERS_MAX = 16, OUTPUTS_MAX = 512, WORDS_MAX = 24, LINE_SIZE = 1024 };

struct owner {
    char name[96];
    char code[ACCOUNT_CODE_SIZE];
    bool is_schedule;
    struct account_state account;
    struct schedule_state schedule;
};

struct output {
    char text[256];
    instant at;
};

static struct {
    struct policy *policy;
    const char *path;
    int line;
    instant now;
    struct owner owners[OWNERS_MAX];
    int n_owners;
    struct output outputs[OUTPUTS_MAX];
    int first, end;
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

/* ---- names ---- */

static const char *name_of(const char *code)
{
    const struct unit *unit = policy_unit(story.policy, str_of(code));
    const struct pool *pool = policy_pool(story.policy, str_of(code));
    return unit ? unit->name : pool ? pool->name : code;
}

/* A code stays what it is. */
static const char *code_of(const char *name)
{
    for (size_t i = 0; i < story.policy->n_units; i++)
        if (strcmp(story.policy->units[i].name, name) == 0)
            return story.policy->units[i].code;
    for (size_t i = 0; i < story.policy->n_pools; i++)
        if (strcmp(story.policy->pools[i].name, name) == 0)
            return story.policy->pools[i].code;
    return name;
}

static void take(char *out, size_t size, const char *text)
{
    if (!str_copy(out, size, str_of(text)))
        fail("too long", text);
}
#define TAKE(out, text) take(out, sizeof(out), text)

static struct owner *owner_of(const char *name, bool is_schedule)
{
    const char *code = code_of(name);
    for (int i = 0; i < story.n_owners; i++)
        if (strcmp(story.owners[i].code, code) == 0)
            return &story.owners[i];
    if (story.n_owners == OWNERS_MAX)
        fail("too many accounts and schedules", name);
    struct owner *owner = &story.owners[story.n_owners++];
    TAKE(owner->name, name_of(code));
    TAKE(owner->code, code);
    owner->is_schedule = is_schedule;
    return owner;
}

static instant china_time(const char *day, const char *time)
{
    char text[40];
    instant t;
    (void)snprintf(text, sizeof text, "%.10s%s%.5s:00+08:00", day, "T", time);
    if (!instant_parse(str_of(text), &t, NULL))
        fail("no time", text);
    return t;
}

static void time_text(instant t, char out[32])
{
    char full[INSTANT_TEXT_SIZE];
    instant_format(t, full);
    (void)snprintf(out, 32, "%.10s %.5s", full, full + 11);
}

/* ---- what comes out ---- */

static void put(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void put(const char *format, ...)
{
    if (story.first == story.end)
        story.first = story.end = 0;
    if (story.end == OUTPUTS_MAX)
        fail("too much came out", "");
    struct output *out = &story.outputs[story.end++];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(out->text, sizeof out->text, format, args);
    va_end(args);
    out->at = story.now;
}

static void render_account(const struct owner *owner, const struct account_effect *effect)
{
    const char *grade = effect->grade[0] ? effect->grade : "-";
    char entry[80] = "";
    if (effect->entry.rule[0])
        (void)snprintf(entry, sizeof entry, " %s %+d", effect->entry.rule,
                (int)effect->entry.points);
    switch (effect->kind) {
    case ACCOUNT_EFFECT_EVENT:
        put("%s event %s%s = %lld %s", owner->name, account_event_names[effect->event],
                entry, (long long)effect->balance, grade);
        break;
    case ACCOUNT_EFFECT_ORDER:
        put("%s order %s %s%s%s", owner->name, account_order_names[effect->order],
                name_of(effect->unit), effect->rule ? " " : "",
                account_rule_names[effect->rule]);
        break;
    case ACCOUNT_EFFECT_REFUSED:
        put("%s audit refused %s", owner->name, account_rule_names[effect->rule]);
        break;
    }
}

static void decide_account(struct owner *owner, struct account_command *command)
{
    static struct account_decision decision;
    struct account_state before = owner->account;
    TAKE(command->holder, owner->code);
    account_decide(story.policy, &before, command, &decision);
    if (!decision.changed && memcmp(&decision.after, &before, sizeof before) != 0)
        fail("the state changed without saying so", owner->name);
    owner->account = decision.after;
    int64_t seq = before.seq;
    for (int i = 0; i < decision.n_effects; i++) {
        const struct account_effect *effect = &decision.effects[i];
        if (effect->kind == ACCOUNT_EFFECT_EVENT && effect->seq != ++seq)
            fail("a gap in the event numbers", owner->name);
        render_account(owner, effect);
    }
    if (seq != decision.after.seq)
        fail("the state's number is not the last event's", owner->name);
}

static void decide_schedule(struct owner *owner, struct schedule_command *command)
{
    static struct schedule_decision decision;
    struct schedule_state before = owner->schedule;
    TAKE(command->id, owner->code);
    schedule_decide(story.policy, &before, command, &decision);
    if (!decision.changed && memcmp(&decision.after, &before, sizeof before) != 0)
        fail("the state changed without saying so", owner->name);
    owner->schedule = decision.after;
    for (int i = 0; i < decision.n_effects; i++) {
        const struct schedule_effect *effect = &decision.effects[i];
        char more[96] = "", time[32];
        if (effect->seq != before.seq + i + 1)
            fail("a gap in the event numbers", owner->name);
        if (effect->event == SCHEDULE_EVENT_OPENED) {
            time_text(effect->occurrence, time);
            (void)snprintf(more, sizeof more, " %s%s", time,
                    effect->lead_valid ? "" : " owner_not_valid");
        } else if (effect->event == SCHEDULE_EVENT_SKIPPED) {
            (void)snprintf(more, sizeof more, " %d", (int)effect->skipped);
        }
        put("%s event %s%s", owner->name, schedule_event_names[effect->event], more);
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
    for (int i = 0; i < story.n_owners; i++) {
        instant at = wake_of(&story.owners[i]);
        if (!instant_is_never(at) && !instant_before(until, at) &&
                (!found || instant_before(at, wake_of(found))))
            found = &story.owners[i];
    }
    return found;
}

static void go_on(instant until, bool late)
{
    if (instant_before(until, story.now))
        fail("time goes backwards", "");
    for (struct owner *owner; (owner = next_to_wake(until));) {
        instant due = wake_of(owner);
        story.now = late || instant_before(due, story.now) ? until : due;
        wake(owner, due);
        if (wake_of(owner).ms == due.ms)
            fail("a wake neither moved the due time nor settled it", owner->name);
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

/* ---- lines ---- */

static const char *value_of(const char *word, const char *name)
{
    size_t len = strlen(name);
    return strncmp(word, name, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static void event(char **words, int n)
{
    struct points_fact fact = {.at = story.now};
    struct points_award awards[8];
    if (n < 4)
        fail("event ID KIND UNIT", "");
    fact.event = words[2];
    fact.unit = str_of(code_of(words[3]));
    for (int i = 4; i < n; i++) {
        const char *value = NULL;
        for (int k = 0; k < POINTS_WORD_COUNT && !value; k++)
            if ((value = value_of(words[i], points_word_names[k])))
                fact.words[k] = str_of(value);
        for (int k = 0; k < POINTS_NUMBER_COUNT && !value; k++)
            if ((value = value_of(words[i], points_number_names[k]))) {
                fact.numbers[k].there = true;
                fact.numbers[k].value = (int32_t)strtol(value, NULL, 10);
            }
        if (!value)
            fail("unknown word", words[i]);
    }
    size_t n_awards = points_of(story.policy, &fact, awards, 8);
    for (size_t i = 0; i < n_awards; i++) {
        const struct points_rule *rule = awards[i].rule;
        struct account_command command = {.kind = ACCOUNT_COMMAND_POINTS,
                .at = story.now,
                .points = rule->points,
                .expires = awards[i].expires,
                .veto = rule->veto};
        char code[ACCOUNT_CODE_SIZE];
        if (!str_copy(code, sizeof code, awards[i].holder))
            fail("too long", words[3]);
        TAKE(command.ledger, rule->ledger->name);
        TAKE(command.rule, rule->id);
        TAKE(command.event, words[1]);
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
            .fingerprint = 1000 + ++story.actions};
    if (n < 3)
        fail("unknown line", words[0]);
    TAKE(command.unit, code_of(words[0]));
    (void)snprintf(command.event, sizeof command.event, "action-%d", (int)story.actions);
    for (int i = 1; i < ACCOUNT_ACTION_COUNT; i++)
        if (strcmp(words[1], account_action_names[i]) == 0)
            command.action = (enum account_action)i;
    for (int i = 3; i < n; i++) {
        const char *value;
        if ((value = value_of(words[i], "order")))
            command.entry = strtol(value, NULL, 10);
        else if ((value = value_of(words[i], "points")))
            command.points = (int32_t)strtol(value, NULL, 10);
        else if ((value = value_of(words[i], "id")))
            command.fingerprint = strtoull(value, NULL, 10);
        else if ((value = value_of(words[i], "queue")))
            TAKE(command.queue, code_of(value));
        else if (strcmp(words[i], "reason") == 0)
            command.has_reason = true;
        else if (strcmp(words[i], "evidence") == 0)
            command.has_evidence = true;
        else
            fail("unknown word", words[i]);
    }
    decide_account(owner_of(words[2], false), &command);
}

static void expect(char **words, int n)
{
    char wanted[LINE_SIZE] = "";
    bool timed = n > 3 && words[1][0] == '@';
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
    if (timed && got->at.ms != china_time(words[1] + 1, words[2]).ms) {
        char text[32];
        time_text(got->at, text);
        fail("came out at another time", text);
    }
    story.first++;
}

static void check_balance(char **words, int n)
{
    const struct owner *owner = owner_of(words[1], false);
    const struct points_ledger *ledger = points_ledger_of(
            story.policy, str_of(owner->code));
    int64_t balance = account_balance(ledger, &owner->account);
    char text[32];
    (void)snprintf(text, sizeof text, "%lld", (long long)balance);
    if (n < 3 || strcmp(text, words[2]) != 0)
        fail("the balance is another one", text);
    if (n > 3 && strcmp(owner->account.grade, words[3]) != 0)
        fail("the grade is another one", owner->account.grade);
}

static void check_due(char **words, int n)
{
    instant due = wake_of(owner_of(words[1], false)), wanted = {0};
    char text[32] = "never";
    if (n == 4)
        wanted = china_time(words[2], words[3]);
    if (!instant_is_never(due))
        time_text(due, text);
    if (due.ms != wanted.ms)
        fail("it wakes at another time", text);
}

/* The policy is ours: the schedule gets an id that sorts where it was. */
static void gone(const char *id)
{
    for (size_t i = 0; i < story.policy->n_schedules; i++)
        if (strcmp(story.policy->schedules[i].id, id) == 0) {
            memmove(&story.policy->schedules[i], &story.policy->schedules[i + 1],
                    (story.policy->n_schedules - i - 1) *
                            sizeof *story.policy->schedules);
            story.policy->n_schedules--;
            return;
        }
    fail("no such schedule", id);
}

static bool checks(const char *word)
{
    static const char *const words[] = {"expect", "quiet", "balance", "due"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
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
    if (!checks(words[0]) && story.first < story.end)
        fail("this came out and nobody expected it", story.outputs[story.first].text);
    if (strcmp(words[0], "at") == 0 && n == 3)
        go_on(china_time(words[1], words[2]), false);
    else if (strcmp(words[0], "pass") == 0 && n == 2)
        go_on(later(words[1]), false);
    else if (strcmp(words[0], "outage") == 0 && n == 2)
        go_on(later(words[1]), true);
    else if (strcmp(words[0], "event") == 0)
        event(words, n);
    else if (strcmp(words[0], "apply") == 0 && n == 2)
        decide_schedule(owner_of(words[1], true),
                &(struct schedule_command){
                        .kind = SCHEDULE_COMMAND_APPLY, .at = story.now});
    else if (strcmp(words[0], "gone") == 0 && n == 2)
        gone(words[1]);
    else if (strcmp(words[0], "wake") == 0 && n == 4)
        wake(owner_of(words[1], false), china_time(words[2], words[3]));
    else if (strcmp(words[0], "expect") == 0)
        expect(words, n);
    else if (strcmp(words[0], "balance") == 0)
        check_balance(words, n);
    else if (strcmp(words[0], "due") == 0)
        check_due(words, n);
    else if (strcmp(words[0], "quiet") != 0)
        act(words, n);
    else if (story.first < story.end)
        fail("it is not quiet", "");
}

int main(int argc, char **argv)
{
    struct error err = {0};
    char line[LINE_SIZE];
    story.path = argc == 2 ? argv[1] : "";
    FILE *file = fopen(story.path, "r");
    if (!file) {
        (void)fprintf(stderr, "usage: replay_ledger STORY\n");
        return 2;
    }
    if (!policy_load(&story.policy, SOURCE_DIR "/policy", (instant){1795222800000}, NULL,
                &err))
        fail("the sample policy", err.text);
    story.now = china_time("2026-11-02", "00:00");
    while (fgets(line, sizeof line, file)) {
        story.line++;
        play_line(line);
    }
    (void)fclose(file);
    if (story.first < story.end)
        fail("this came out at the end and nobody expected it",
                story.outputs[story.first].text);
    policy_free(story.policy);
    return 0;
}
