/* A handful of cases, and everything that can happen to them: the seed opens them on
 * every route, lets units and desk act rightly and wrongly, twice and out of order, moves
 * time, loses and repeats wakes, crashes before and after the commit, empties the index
 * and changes the calendar. No I/O; the objects are those that ship. What must hold is in
 * sim_check.c.
 *
 *   sim_cases [--seeds N] [--first S]      N seeds from S on
 *   sim_cases --seed S                     one seed with its whole trace
 */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STEPS = 90, MINUTE_MS = 60 * 1000 };

static struct world world;

/* ---- chance ---- */

/* SplitMix64. */
static uint64_t draw(void)
{
    uint64_t z = world.random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int below(int n)
{
    return (int)(draw() % (uint64_t)n);
}

static bool chance(int percent)
{
    return below(100) < percent;
}

/* ---- the trace ---- */

__attribute__((format(printf, 1, 2))) static void trace(const char *format, ...)
{
    if (!world.tracing)
        return;
    char at[INSTANT_TEXT_SIZE];
    instant_format(world.now, at);
    (void)printf("%.19s  ", at);
    va_list args;
    va_start(args, format);
    (void)vprintf(format, args);
    va_end(args);
    (void)putchar('\n');
}

void sim_broken(struct world *w, const struct watched *c, const char *what)
{
    if (w->problem[0])
        return;
    (void)snprintf(
            w->problem, sizeof w->problem, "case %c: %s", c->id[CASE_ID_LEN - 1], what);
    trace("BROKEN %s", w->problem);
}

static void trace_command(const char *word, const struct case_command *command)
{
    if (!world.tracing)
        return;
    char due[INSTANT_TEXT_SIZE] = "";
    if (command->kind == COMMAND_WAKE)
        instant_format(command->due, due);
    trace("%s case %c: %s %s%s %s%s%s%.19s task %d id %llx", word,
            command->case_id[CASE_ID_LEN - 1], case_command_names[command->kind],
            command->kind == COMMAND_OPEN ? case_route_names[command->route] : "",
            command->kind == COMMAND_ACTION ? case_action_names[command->action] : "",
            command->unit, command->to[0] ? " to " : "", command->to, due,
            (int)command->task, (unsigned long long)command->fingerprint);
}

static void trace_decision(const struct case_decision *decision)
{
    for (int i = 0; world.tracing && i < decision->n_effects; i++) {
        const struct case_effect *e = &decision->effects[i];
        bool rung = e->kind == EFFECT_EVENT && e->percent;
        trace("    %lld %s %s %s", (long long)e->seq,
                e->kind == EFFECT_EVENT     ? case_event_names[e->event]
                : e->kind == EFFECT_ORDER   ? case_order_names[e->order]
                : e->kind == EFFECT_COMMAND ? case_command_names[e->command]
                : e->kind == EFFECT_REFUSED ? case_rule_names[e->rule]
                                            : "-",
                rung ? case_clock_names[e->clock] : e->unit,
                e->kind == EFFECT_EVENT ? case_stage_names[e->to] : "");
    }
}

/* ---- the logs ---- */

struct watched *sim_case(struct world *w, const char *id)
{
    for (int i = 0; i < w->n_cases; i++)
        if (strcmp(w->cases[i].id, id) == 0)
            return &w->cases[i];
    return NULL;
}

static struct command_log *log_of(const char *id)
{
    return &world.logs[id[CASE_ID_LEN - 1] % world.n_logs];
}

static void append(const struct case_command *command)
{
    struct command_log *log = log_of(command->case_id);
    if (log->n == LOG_MAX) {
        sim_broken(&world, &world.cases[0], "commands without end");
        return;
    }
    log->commands[log->n++] = *command;
}

/* As casework writes it for the other case. */
static void send(const struct watched *from, const struct case_command *cause,
        const struct case_effect *effect, instant at)
{
    struct case_command command = {
            .kind = effect->command, .at = at, .task = -1, .hops = effect->hops};
    memcpy(command.case_id, effect->other, sizeof command.case_id);
    memcpy(command.reason, effect->reason, sizeof command.reason);
    memcpy(command.unit, from->kept.lead, sizeof command.unit);
    bool passed_on = effect->command == COMMAND_MERGE_REQUEST &&
                     cause->kind == COMMAND_MERGE_REQUEST;
    memcpy(command.other, passed_on ? cause->other : from->id, sizeof command.other);
    trace_command("send", &command);
    append(&command);
    /* An answer may be said again, a request is written once with its state. */
    if (command.kind != COMMAND_MERGE_REQUEST && chance(5))
        append(&command);
}

/* The stage at a partition whose mark is not the expected one. */
static void restore(struct command_log *log)
{
    trace("restore");
    for (int i = 0; i < world.n_cases; i++)
        if (log_of(world.cases[i].id) == log)
            world.cases[i].applied = world.cases[i].kept;
    log->behind = false;
}

static void process(struct command_log *log, bool crashes)
{
    static struct case_decision decision;
    if (log->next == log->n)
        return;
    if (log->behind)
        restore(log);
    struct case_command command = log->commands[log->next];
    struct watched *c = sim_case(&world, command.case_id);
    trace_command("take", &command);
    case_decide(&world.policy, &c->applied, &command, &decision);
    if (crashes && chance(8)) {
        trace("crash before the commit");
        return;
    }
    trace_decision(&decision);
    sim_check(&world, c, &command, &decision);
    if (decision.changed)
        c->kept = decision.after;
    for (int i = 0; i < decision.n_effects; i++)
        if (decision.effects[i].kind == EFFECT_COMMAND)
            send(c, &command, &decision.effects[i], decision.at);
    log->next++;
    if (crashes && chance(8)) {
        trace("crash after the commit");
        log->behind = true;
        return;
    }
    c->applied = c->kept;
}

/* ---- what the seed does ---- */

static const char *some_unit(void)
{
    static const char *const none = "nobody";
    return chance(4) ? none : world.policy.units[below((int)world.policy.n_units)].code;
}

#define COPY(out, text) (void)snprintf(out, sizeof(out), "%s", text)

/* Ours and theirs are never quite the same clock. */
static instant stamp(void)
{
    return (instant){world.now.ms - below(2000)};
}

static void do_open(struct watched *c)
{
    static const char *const classes[] = {"E2", "N", "Q", "gone", ""};
    static const char *const categories[] = {"010101", "020101", ""};
    struct case_command command = {.kind = COMMAND_OPEN, .at = stamp(), .task = -1};
    COPY(command.case_id, c->id);
    int route = below(10);
    command.route = route < 5   ? ROUTE_DISPATCH
                    : route < 7 ? ROUTE_NEEDS_HUMAN
                    : route < 8 ? ROUTE_TRANSFER
                                : ROUTE_MERGE;
    COPY(command.reason, "low_confidence");
    COPY(command.lead, chance(90) ? "chengguan" : some_unit());
    COPY(command.sla, classes[below(5)]);
    COPY(command.category, categories[below(3)]);
    if (chance(15))
        COPY(command.accused, some_unit());
    static const char *const assists[] = {"heping", "lvyuan", "zhujian"};
    command.n_assists = chance(50) ? 1 + below(2) : 0;
    for (int i = 0; i < command.n_assists; i++)
        /* Two different ones, none of them the usual lead. */
        COPY(command.assists[i], assists[i + below(2) * (command.n_assists == 1)]);
    if (command.route == ROUTE_MERGE)
        COPY(command.other, world.cases[below(world.n_cases)].id);
    if (strcmp(command.lead, "desk") == 0)
        COPY(command.lead, "yunhe"); /* the desk's double part has stories of its own */
    for (int i = 0; i < command.n_assists; i++)
        if (strcmp(command.assists[i], command.lead) == 0)
            command.n_assists = i;
    append(&command);
}

/* What is likely next, so that most seeds come far. */
static enum case_action likely_action(const struct case_state *state)
{
    static const enum case_action lead[] = {
            ACTION_SIGN, ACTION_CONTACT, ACTION_HANDLE, ACTION_SUBMIT, ACTION_SUBMIT};
    static const enum case_action desk[] = {
            ACTION_DISPATCH, ACTION_REFUSE_RETURN, ACTION_REDO, ACTION_CLOSE};
    unsigned open = case_actions_open(state, ROLE_LEAD);
    for (int i = 0; i < 4; i++) {
        enum case_action action = chance(12) ? ACTION_REQUEST_RETURN : lead[below(5)];
        if (open & (1u << action))
            return action;
        action = desk[below(4)];
        if (case_actions_open(state, ROLE_DESK) & (1u << action))
            return action;
    }
    return (enum case_action)below(ACTION_COUNT);
}

static void do_action(const struct watched *c)
{
    const struct case_state *state = &c->kept;
    struct case_command command = {.kind = COMMAND_ACTION, .at = stamp()};
    COPY(command.case_id, c->id);
    command.action = chance(80) ? likely_action(state)
                                : (enum case_action)below(ACTION_COUNT);
    bool desk = command.action >= ACTION_DISPATCH;
    COPY(command.unit, chance(12) ? some_unit() : desk ? "desk" : state->lead);
    command.fingerprint = chance(5) ? 0 : 1 + draw() % (chance(20) ? 6 : UINT64_MAX);
    command.task = chance(50)   ? -1
                   : chance(80) ? (state->task ? state->task : 1)
                                : below(4);
    command.words = str_of(chance(85) ? "清运完毕" : "已处理，谢谢");
    command.has_contact_record = chance(85);
    command.has_photo = chance(75);
    if (command.action == ACTION_DISPATCH || chance(5))
        COPY(command.to, some_unit());
    if (command.action == ACTION_DISPATCH && chance(40))
        COPY(command.category, chance(80) ? "020101" : "999999");
    if (chance(6))
        COPY(command.queue, some_unit());
    append(&command);
    if (chance(12)) {
        trace_command("twice", &command);
        append(&command);
    }
}

/* sla reads the index, which may be behind; it fires late, early, twice, or anything. */
static void do_wake(const struct watched *c)
{
    instant due = c->applied.wake_at;
    if (instant_is_never(due) && !chance(10))
        return;
    if (instant_before(world.now, due) && !chance(10))
        return;
    struct case_command command = {
            .kind = COMMAND_WAKE, .at = stamp(), .due = due, .task = -1};
    if (chance(5))
        command.due.ms -= 1 + below(100) * MINUTE_MS;
    COPY(command.case_id, c->id);
    trace_command("wake", &command);
    append(&command);
    if (chance(10))
        append(&command);
}

/* A result that is not the master's. */
static void do_strange_result(const struct watched *c)
{
    struct case_command command = {
            .kind = COMMAND_MEMBER_RESULT, .at = stamp(), .task = -1};
    COPY(command.case_id, c->id);
    COPY(command.other, world.cases[below(world.n_cases)].id);
    /* Before it is merged nobody knows whose result will count. */
    if (c->kept.stage == STAGE_MERGED && strcmp(command.other, c->kept.master) != 0)
        append(&command);
}

static void pass_time(void)
{
    static const int reach[] = {5, 60, 8 * 60, 3 * 24 * 60};
    world.now.ms += (int64_t)(1 + below(reach[below(4)])) * MINUTE_MS + below(MINUTE_MS);
}

static void change_calendar(void)
{
    int32_t day = calendar_day_of(world.now) -
                  calendar_day_of(china_time("2018-01-01", "12:00"));
    for (int i = 0; i < 3; i++)
        world.policy.calendar.days[day + below(10)] = (uint8_t)below(3);
    world.policy_changed = true;
    trace("the calendar changes");
}

static void step(void)
{
    struct watched *c = &world.cases[below(world.n_cases)];
    int what = below(100);
    if (what < 30)
        process(&world.logs[below(world.n_logs)], true);
    else if (what < 42)
        pass_time();
    else if (what < 60)
        do_wake(c);
    else if (what < 95)
        do_action(c);
    else if (what < 97)
        do_strange_result(c);
    else if (what < 98)
        do_open(c);
    else if (what < 99)
        log_of(c->id)->behind = true; /* the index was emptied */
    else if (world.n_cases % 2)       /* half of the seeds keep their calendar */
        change_calendar();
}

static void drain(void)
{
    for (int i = 0; i < world.n_logs && !world.problem[0]; i++)
        if (world.logs[i].next < world.logs[i].n) {
            process(&world.logs[i], false);
            i = -1;
        }
}

/* Every wake that is left comes, at its time. */
static void run_out(void)
{
    drain();
    for (int round = 0; round < 100 && !world.problem[0]; round++) {
        struct watched *first = NULL;
        for (int i = 0; i < world.n_logs; i++)
            restore(&world.logs[i]);
        for (int i = 0; i < world.n_cases; i++) {
            instant at = world.cases[i].applied.wake_at;
            if (!instant_is_never(at) &&
                    (!first || instant_before(at, first->applied.wake_at)))
                first = &world.cases[i];
        }
        if (!first)
            break;
        instant due = first->applied.wake_at;
        if (instant_before(world.now, due))
            world.now = due;
        struct case_command command = {
                .kind = COMMAND_WAKE, .at = world.now, .due = due, .task = -1};
        COPY(command.case_id, first->id);
        append(&command);
        drain();
    }
    if (!world.problem[0])
        sim_check_end(&world);
}

static bool play(uint64_t seed, bool tracing)
{
    world.random = seed;
    world.tracing = tracing;
    world.problem[0] = 0;
    world.policy = *case_policy();
    world.policy_changed = false;
    world.now = china_time("2026-09-28", "08:00");
    world.now.ms += (int64_t)below(14 * 24 * 60) * MINUTE_MS;
    world.n_cases = 1 + below(CASES_MAX);
    world.n_logs = 1 + below(PARTITIONS_MAX);
    for (int i = 0; i < world.n_logs; i++) {
        world.logs[i].n = world.logs[i].next = 0;
        world.logs[i].behind = false;
    }
    for (int i = 0; i < world.n_cases; i++) {
        world.cases[i] = (struct watched){0};
        COPY(world.cases[i].id, "n20260928-000000000000000a");
        world.cases[i].id[CASE_ID_LEN - 1] = (char)('a' + i);
    }
    for (int i = 0; i < world.n_cases; i++)
        do_open(&world.cases[i]);
    int steps = STEPS * world.n_cases / 2 + 20;
    for (int i = 0; i < steps && !world.problem[0]; i++)
        step();
    run_out();
    return !world.problem[0];
}

static uint64_t number(const char *text)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    if (!*text || *end) {
        (void)fprintf(stderr, "sim_cases: '%s' is not a number\n", text);
        exit(64);
    }
    return n;
}

int main(int argc, char **argv)
{
    uint64_t first = 1, n = 20000;
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--seeds") == 0) {
            n = number(value);
        } else if (strcmp(argv[i], "--first") == 0) {
            first = number(value);
        } else if (strcmp(argv[i], "--seed") == 0) {
            return play(number(value), true) ? 0 : 1;
        } else {
            (void)fprintf(
                    stderr, "usage: sim_cases [--seeds N] [--first S] | --seed S\n");
            return 64;
        }
    }
    struct timespec begin, end;
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    for (uint64_t seed = first; seed < first + n; seed++)
        if (!play(seed, false)) {
            (void)play(seed, true);
            (void)printf("seed %llu: %s\nrepeat it: sim_cases --seed %llu\n",
                    (unsigned long long)seed, world.problem, (unsigned long long)seed);
            return 1;
        }
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - begin.tv_sec) +
                     (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    (void)printf("%llu seeds held in %.1f s: %.0f seeds/s\n", (unsigned long long)n,
            seconds, (double)n / seconds);
    return 0;
}
