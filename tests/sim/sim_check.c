/* What has to hold whatever the seed does:
 *
 *   1  a rung is never told before its time, each once and in the order of their times;
 *      a wake that counts tells every rung missed
 *   2  a wake that counts moves wake_at or settles the case; a stale or early one does
 *      nothing; wake_at is the earliest rung not told, due what the ledger gives
 *   3  events are numbered 1, 2, 3… and their stages chain
 *   4  an owned case has one lead order that did not end, any other none; so do its
 *      assisting tasks; desk, approver, parties and pool have an order while they have
 *      something to decide, and only then
 *   5  an action has an effect if and only if the table of role, stage and proof allows
 *      it; the same message again has none; what took effect was offered
 *   6  a clock starts with its budget and stops with its matter; what it ran and what is
 *      left are the budget, however its pauses are kept; no pause is longer than allowed
 *   7  who decides is never who asked, and of the level that it takes; who was named by a
 *      ruling or a meeting is changed by another one only
 *   8  a case has one final resolution for each closing, an open one none; members hear
 *      of it
 *   9  a case is not its own member; a result comes from the master; a member has
 *      exactly one master
 *   10 nothing is lost: every command ends in an effect, a refusal or a known no-op, and
 *      when everybody has acted every case is settled (sim_end.c)
 *   11 the order in which talks arrive does not change how they end (sim_converge.c)
 */
#include "sim.h"

#include <stddef.h>
#include <string.h>

/* ---- 3 ---- */

static void check_events(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_decision *decision = seen->decision;
    int64_t seq = c->kept.seq;
    enum case_stage stage = c->kept.stage;
    for (int i = 0; i < decision->n_effects; i++) {
        const struct case_effect *event = &decision->effects[i];
        if (event->kind != EFFECT_EVENT) {
            HOLDS(c, event->seq == seq, "an effect names another event than the last");
            continue;
        }
        HOLDS(c, event->seq == ++seq, "a gap in the event numbers");
        HOLDS(c, event->from == stage, "an event does not begin where the last ended");
        stage = event->to;
    }
    HOLDS(c, seq == c->kept.seq || decision->changed, "events, and nothing to keep");
    if (!decision->changed)
        return;
    HOLDS(c, decision->after.seq == seq, "the state's number is not the last event's");
    HOLDS(c, decision->after.stage == stage, "the state's stage is not the last event's");
    HOLDS(c, strcmp(decision->after.policy, world.rules.version) == 0,
            "the state does not say under which policy it is");
    HOLDS(c, !instant_before(decision->after.changed, c->kept.changed),
            "a case went back in time");
    HOLDS(c, decision->n_effects <= CASE_EFFECTS_MAX, "too many effects");
}

const struct case_effect *sim_event_of(
        const struct case_decision *decision, enum case_event event)
{
    for (int i = 0; i < decision->n_effects; i++)
        if (decision->effects[i].kind == EFFECT_EVENT &&
                decision->effects[i].event == event)
            return &decision->effects[i];
    return NULL;
}

/* Neither those of a new policy nor those that time brought about. */
int sim_own_events(const struct case_decision *decision)
{
    int n = 0;
    for (int i = 0; i < decision->n_effects; i++)
        n += decision->effects[i].kind == EFFECT_EVENT &&
             decision->effects[i].event != EVENT_REPROJECTED &&
             !decision->effects[i].by_time;
    return n;
}

/* ---- 8 ---- */

static void check_resolutions(const struct seen *seen)
{
    struct watched *c = seen->c;
    const struct case_decision *decision = seen->decision;
    const struct case_state *after = decision->changed ? &decision->after : &c->kept;
    int results = 0, notes = 0;
    if (sim_event_of(decision, EVENT_REOPENED))
        c->resolutions = 0;
    for (int i = 0; i < decision->n_effects; i++) {
        const struct case_effect *effect = &decision->effects[i];
        bool note = effect->outcome == OUTCOME_EXTENDED ||
                    effect->outcome == OUTCOME_SUSPENDED;
        if (effect->kind == EFFECT_RESOLUTION && note)
            notes++;
        else if (effect->kind == EFFECT_RESOLUTION) {
            c->resolutions++;
            HOLDS(c, effect->outcome == after->outcome,
                    "the publisher is told another outcome");
        }
        results += effect->kind == EFFECT_COMMAND &&
                   effect->command == COMMAND_MEMBER_RESULT;
    }
    const struct case_effect *extended = sim_event_of(decision, EVENT_EXTENDED);
    bool told = sim_event_of(decision, EVENT_SUSPENDED) ||
                (extended && extended->task == after->lead.number);
    HOLDS(c, notes == told, "the resident is told of another date, once");
    HOLDS(c, c->resolutions == stage_in(after, SETTLED),
            "a settled case has one resolution, an open one none");
    HOLDS(c, (after->outcome != OUTCOME_NONE) == stage_in(after, SETTLED),
            "an outcome, and not settled");
    bool closes = after->stage == STAGE_CLOSED && c->kept.stage != STAGE_CLOSED;
    HOLDS(c, results == (closes ? after->n_members : 0),
            "not every member of a closed case gets a result");
    HOLDS(c, decision->keep_result || !closes || after->outcome == OUTCOME_RESOLVED,
            "a case is closed and its result is not kept");
}

void sim_check(const struct seen *seen)
{
    check_events(seen);
    switch (seen->command->kind) {
    case COMMAND_OPEN:
        sim_check_open(seen);
        break;
    case COMMAND_ACTION:
        sim_check_action(seen);
        break;
    case COMMAND_WAKE:
    case COMMAND_REPROJECT:
        break;
    case COMMAND_MERGE_REQUEST:
    case COMMAND_MERGE_ACCEPTED:
    case COMMAND_MERGE_REFUSED:
    case COMMAND_MEMBER_RESULT:
    case COMMAND_MEMBER_LEFT:
    case COMMAND_WHISTLE_LINKED:
    case COMMAND_WHISTLE_FINISHED:
    case COMMAND_COUNT:
        sim_check_talk(seen);
        sim_check_cluster(seen);
        break;
    }
    if (world.problem[0])
        return;
    sim_check_orders(seen);
    check_resolutions(seen);
    sim_check_rungs(seen);
    if (seen->decision->changed) {
        sim_check_approval(seen);
        sim_check_clocks(seen);
    }
    sim_check_again(seen);
}
