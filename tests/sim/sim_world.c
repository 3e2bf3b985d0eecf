/* Chance, the trace, the partitions with their crashes. */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct world world;

/* ---- chance ---- */

/* SplitMix64. */
uint64_t sim_draw(void)
{
    uint64_t z = world.random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int sim_below(int n)
{
    return (int)(sim_draw() % (uint64_t)n);
}

bool sim_chance(int percent)
{
    return sim_below(100) < percent;
}

/* ---- the trace ---- */

void sim_trace(const char *format, ...)
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

void sim_broken(const struct watched *c, const char *what)
{
    if (world.problem[0])
        return;
    (void)snprintf(world.problem, sizeof world.problem, "case %c: %s",
            c->id[CASE_ID_LEN - 1], what);
    sim_trace("BROKEN %s", world.problem);
}

void sim_trace_command(const char *word, const struct case_command *command)
{
    if (!world.tracing)
        return;
    char due[INSTANT_TEXT_SIZE] = "";
    if (command->kind == COMMAND_WAKE)
        instant_format(command->due, due);
    sim_trace("%s case %c: %s %s%s %s%s%s%s%.19s task %d id %llx", word,
            command->case_id[CASE_ID_LEN - 1], case_command_names[command->kind],
            command->kind == COMMAND_OPEN ? case_route_names[command->route] : "",
            command->kind == COMMAND_ACTION ? case_action_names[command->action] : "",
            command->unit, command->to[0] ? " to " : "", command->to,
            command->other[0] ? command->other + CASE_ID_LEN - 1 : "", due,
            (int)command->task, (unsigned long long)command->fingerprint);
}

static const char *effect_name(const struct case_effect *effect)
{
    switch (effect->kind) {
    case EFFECT_EVENT:
        return case_event_names[effect->event];
    case EFFECT_ORDER:
        return case_order_names[effect->order];
    case EFFECT_COMMAND:
        return case_command_names[effect->command];
    case EFFECT_WHISTLE_ANSWER:
        return "answer";
    case EFFECT_REFUSED:
        return case_rule_names[effect->rule];
    case EFFECT_RESOLUTION:
        return case_outcome_names[effect->outcome];
    case EFFECT_REPEAT:
        break;
    }
    return "repeat";
}

static void trace_decision(const struct case_decision *decision)
{
    for (int i = 0; world.tracing && i < decision->n_effects; i++) {
        const struct case_effect *e = &decision->effects[i];
        bool event = e->kind == EFFECT_EVENT;
        sim_trace("    %lld %s %s %s %s %s%.0d %s", (long long)e->seq,
                event                       ? "event"
                : e->kind == EFFECT_ORDER   ? "  order"
                : e->kind == EFFECT_COMMAND ? "  command"
                                            : "  -",
                effect_name(e), e->unit, case_role_names[e->role],
                e->clock >= 0 ? case_clock_names[e->clock] : "", (int)e->percent,
                event ? case_stage_names[e->to] : "");
    }
}

/* ---- the partitions ---- */

struct watched *sim_case(const char *id)
{
    for (int i = 0; i < world.n_cases; i++)
        if (strcmp(world.cases[i].id, id) == 0)
            return &world.cases[i];
    return NULL;
}

struct command_log *sim_log_of(const char *id)
{
    return &world.logs[id[CASE_ID_LEN - 1] % world.n_logs];
}

void sim_append(const struct case_command *command)
{
    struct command_log *log = sim_log_of(command->case_id);
    if (log->n == LOG_MAX)
        sim_broken(&world.cases[0], "commands without end");
    else
        log->commands[log->n++] = *command;
}

struct case_command sim_command_to(const struct case_state *from,
        const struct case_command *cause, const struct case_effect *effect, instant at)
{
    struct case_command command = {
            .kind = effect->command, .at = at, .task = -1, .hops = effect->hops};
    bool passed_on = effect->command == COMMAND_MERGE_REQUEST &&
                     cause->kind == COMMAND_MERGE_REQUEST;
    memcpy(command.case_id, effect->other, sizeof command.case_id);
    memcpy(command.reason, effect->reason, sizeof command.reason);
    memcpy(command.unit, from->lead.unit, sizeof command.unit);
    memcpy(command.other, passed_on ? cause->other : from->id, sizeof command.other);
    command.reporter = passed_on ? cause->reporter : from->reporter;
    COPY(command.accused, passed_on ? cause->accused : from->accused);
    return command;
}

static void send(const struct watched *from, const struct case_command *cause,
        const struct case_effect *effect, instant at)
{
    struct case_command command = sim_command_to(&from->kept, cause, effect, at);
    sim_trace_command("send", &command);
    sim_append(&command);
    /* An answer may be said again, a request is written once with its state. */
    if (command.kind != COMMAND_MERGE_REQUEST && sim_chance(5))
        sim_append(&command);
}

/* The stage at a partition whose mark is not the expected one. */
void sim_restore(struct command_log *log)
{
    for (int i = 0; i < world.n_cases; i++)
        if (sim_log_of(world.cases[i].id) == log)
            case_state_copy(&world.cases[i].applied, &world.cases[i].kept);
    log->behind = false;
}

/* Under a new policy the due times are derived before anything else. A wake for no time
 * at all does that and nothing more. */
static const struct case_state *reprojected(
        const struct watched *c, const struct case_command *command)
{
    static struct case_decision decision;
    struct case_command stale = {
            .kind = COMMAND_WAKE, .at = command->at, .due = {1}, .task = -1};
    if (c->kept.stage == STAGE_NONE || strcmp(c->kept.policy, world.rules.version) == 0)
        return &c->kept;
    memcpy(stale.case_id, c->id, sizeof c->id);
    case_decide(&world.rules.policy, &c->kept, &stale, &decision);
    return &decision.after;
}

/* What was due is told before any command. */
static const struct case_state *caught_up(
        const struct watched *c, const struct case_command *command)
{
    static struct case_decision decision;
    struct case_command reproject = {
            .kind = COMMAND_REPROJECT, .at = command->at, .task = -1};
    bool same = strcmp(c->kept.policy, world.rules.version) == 0;
    bool reached = !instant_is_never(c->kept.wake_at) &&
                   (!instant_before(command->at, c->kept.wake_at) ||
                           !instant_before(c->kept.changed, c->kept.wake_at));
    if (c->kept.stage == STAGE_NONE || (same && !reached))
        return &c->kept;
    memcpy(reproject.case_id, c->id, sizeof c->id);
    case_decide(&world.rules.policy, &c->kept, &reproject, &decision);
    return &decision.after;
}

void sim_process(struct command_log *log, bool crashes)
{
    static struct case_decision decision;
    if (log->next == log->n)
        return;
    if (log->behind)
        sim_restore(log);
    struct case_command command = log->commands[log->next];
    struct watched *c = sim_case(command.case_id);
    sim_trace_command("take", &command);
    case_decide(&world.rules.policy, &c->applied, &command, &decision);
    if (crashes && sim_chance(8)) {
        sim_trace("crash before the commit");
        return;
    }
    trace_decision(&decision);
    bool wake = command.kind == COMMAND_WAKE; /* catches up, or does nothing at all */
    sim_check(&(struct seen){c, reprojected(c, &command),
            wake ? &decision.after : caught_up(c, &command), &command, &decision});
    if (decision.changed)
        case_state_copy(&c->kept, &decision.after);
    for (int i = 0; i < decision.n_effects; i++)
        if (decision.effects[i].kind == EFFECT_COMMAND)
            send(c, &command, &decision.effects[i], decision.at);
    log->next++;
    if (crashes && sim_chance(8)) {
        sim_trace("crash after the commit");
        log->behind = true;
        return;
    }
    case_state_copy(&c->applied, &c->kept);
}

void sim_drain(void)
{
    for (int i = 0; i < world.n_logs && !world.problem[0]; i++)
        if (world.logs[i].next < world.logs[i].n) {
            sim_process(&world.logs[i], false);
            i = -1;
        }
}
