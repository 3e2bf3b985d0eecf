/* Two cases about one matter 并单: the member asks, the master decides; each in its own
 * partition. */
#include "case_parts.h"

#include <string.h>

static int member_index(const struct case_state *state, const char *member)
{
    for (int i = 0; i < state->n_members; i++)
        if (strcmp(state->members[i].id, member) == 0)
            return i;
    return -1;
}

static void answer_refused(struct case_turn *turn, const char *reason)
{
    struct case_effect *answer = case_command_add(
            turn, COMMAND_MERGE_REFUSED, turn->command->other);
    case_text_copy(answer->reason, sizeof answer->reason, reason);
}

/* A case that is a member itself, or asks to be, passes the request on; bounded, so that
 * two that ask each other end. */
static void pass_on(struct case_turn *turn)
{
    if (turn->command->hops >= CASE_HOPS_MAX) {
        answer_refused(turn, "too_many_hops");
        return;
    }
    struct case_effect *request = case_command_add(
            turn, COMMAND_MERGE_REQUEST, turn->state->master);
    request->hops = turn->command->hops + 1;
}

/* How many different people complained within the window; who is not known does not
 * count. */
static int reporters(const struct case_turn *turn)
{
    enum { HOUR_MS = 60 * 60 * 1000 };
    const struct case_state *state = turn->state;
    int64_t from = turn->at.ms - (int64_t)turn->policy->handling.cluster_hours * HOUR_MS;
    bool opener = state->reporter != 0 && state->opened.ms >= from;
    int n = opener;
    for (int i = 0; i < state->n_members; i++) {
        const struct case_member *member = &state->members[i];
        bool counts = member->reporter != 0 && member->at.ms >= from &&
                      !(opener && member->reporter == state->reporter);
        for (int j = 0; counts && j < i; j++)
            counts = state->members[j].reporter != member->reporter ||
                     state->members[j].at.ms < from;
        n += counts;
    }
    return n;
}

/* 群体预警, once for each case. */
static void tell_cluster(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (state->cluster_told || turn->policy->handling.cluster_reporters <= 0 ||
            reporters(turn) < turn->policy->handling.cluster_reporters)
        return;
    state->cluster_told = true;
    case_note_add(turn, EVENT_CLUSTER_ALARM, state->lead.unit);
    case_order_add(turn, ORDER_CLUSTER, ROLE_DESK, turn->policy->desk->code);
}

/* Whom the member complains about, and who answers to it, must not get it by way of this
 * case. */
static bool in_accused_hands(const struct case_turn *turn)
{
    const struct case_state *state = turn->state;
    const struct policy *policy = turn->policy;
    const struct unit *accused = policy_unit(policy, str_of(turn->command->accused));
    const struct unit *lead = policy_unit(policy, str_of(state->lead.unit));
    bool found = accused && lead && unit_answers_to(lead, accused);
    for (int i = 0; accused && i < state->n_assists; i++) {
        const struct unit *assist = policy_unit(policy, str_of(state->assists[i].unit));
        found |= assist && unit_answers_to(assist, accused);
    }
    return found;
}

/* Why this case takes no such member; NULL: it does. */
static const char *stranger(const struct case_turn *turn)
{
    if (member_index(turn->state, turn->command->other) >= 0)
        return NULL;
    return turn->state->report                          ? "confidential"
           : in_accused_hands(turn)                     ? "unit_accused"
           : turn->state->n_members == CASE_MEMBERS_MAX ? "master_full"
                                                        : NULL;
}

static void take_member(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    const char *id = turn->command->other, *reason = stranger(turn);
    if (reason) {
        answer_refused(turn, reason);
        return;
    }
    if (member_index(state, id) < 0) {
        struct case_member *member = &state->members[state->n_members++];
        *member = (struct case_member){
                .reporter = turn->command->reporter, .at = turn->at};
        case_text_copy(member->id, sizeof member->id, id);
        case_text_copy(member->accused, sizeof member->accused, turn->command->accused);
        struct case_effect *event = case_note_add(
                turn, EVENT_MEMBER_ADDED, state->lead.unit);
        case_text_copy(event->other, sizeof event->other, id);
        tell_cluster(turn);
    }
    case_command_add(turn, COMMAND_MERGE_ACCEPTED, id);
}

/* About a case that is closed: 重办 within the window, else a case of its own. */
static void request_to_closed(struct case_turn *turn)
{
    if (turn->state->outcome == OUTCOME_MERGED_RESOLVED) {
        pass_on(turn);
    } else if (!turn->policy->handling.merge_reopens ||
               case_reopen_rule(turn) != RULE_NONE) {
        answer_refused(turn, "master_closed");
    } else if (stranger(turn)) {
        answer_refused(turn, stranger(turn));
    } else {
        case_do_reopen(turn);
        take_member(turn);
    }
}

void case_merge_request(struct case_turn *turn)
{
    if (strcmp(turn->command->other, turn->command->case_id) == 0) {
        answer_refused(turn, "same_case");
        return;
    }
    enum case_stage stage = turn->state->stage;
    if (stage == STAGE_NONE)
        answer_refused(turn, "no_such_case");
    else if (stage == STAGE_MERGED || stage == STAGE_MERGE_REQUESTED)
        pass_on(turn);
    else if (stage == STAGE_CLOSED)
        request_to_closed(turn);
    else if (stage == STAGE_TRANSFERRED_OUT)
        answer_refused(turn, "master_closed");
    else
        take_member(turn);
}

void case_merge_begin(struct case_turn *turn, const char *master)
{
    struct case_state *state = turn->state;
    case_text_copy(state->master, sizeof state->master, master);
    struct case_effect *event = case_event_add(
            turn, EVENT_MERGE_REQUESTED, STAGE_MERGE_REQUESTED);
    case_text_copy(event->other, sizeof event->other, state->master);
    case_command_add(turn, COMMAND_MERGE_REQUEST, state->master);
}

/* A request names whom one case complains about; for its members nobody would ask. */
static bool members_accuse(const struct case_state *state)
{
    for (int i = 0; i < state->n_members; i++)
        if (state->members[i].accused[0])
            return true;
    return false;
}

void case_desk_merge(struct case_turn *turn)
{
    const char *master = turn->command->other;
    enum case_rule rule = !master[0] || strcmp(master, turn->state->id) == 0
                                  ? RULE_BAD_MASTER
                          : turn->state->report         ? RULE_REPORT_ALONE
                          : members_accuse(turn->state) ? RULE_MEMBERS_ACCUSE
                                                        : RULE_NONE;
    if (rule != RULE_NONE) {
        case_refuse(turn, rule);
        return;
    }
    case_clock_stop(turn, CASE_CLOCK_DESK, CASE_DESK_TASK);
    if (turn->state->meeting.convener[0])
        case_meeting_end(turn);
    case_merge_begin(turn, master);
    case_end_of_desk(turn, "", 0);
}

void case_merge_accepted(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (state->stage != STAGE_MERGE_REQUESTED)
        return;
    /* Not always the case that was asked: it may have passed the request on. */
    case_text_copy(state->master, sizeof state->master, turn->command->other);
    struct case_effect *event = case_event_add(turn, EVENT_MERGED, STAGE_MERGED);
    case_text_copy(event->other, sizeof event->other, state->master);
}

void case_merge_refused(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (state->stage != STAGE_MERGE_REQUESTED)
        return;
    struct case_effect *event = case_event_add(
            turn, EVENT_MERGE_REFUSED, STAGE_MERGE_REQUESTED);
    case_text_copy(event->other, sizeof event->other, state->master);
    case_text_copy(event->reason, sizeof event->reason, turn->command->reason);
    state->master[0] = 0;
    case_open_dispatch(turn);
}

void case_member_result(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    if (state->stage != STAGE_MERGED || strcmp(state->master, turn->command->other) != 0)
        return;
    turn->decision->keep_result = true;
    state->outcome = OUTCOME_MERGED_RESOLVED;
    state->closed_at = turn->at;
    struct case_effect *event = case_event_add(turn, EVENT_CLOSED, STAGE_CLOSED);
    case_text_copy(event->unit, sizeof event->unit, turn->command->unit);
    case_text_copy(event->other, sizeof event->other, state->master);
    case_resolution_add(turn, OUTCOME_MERGED_RESOLVED, turn->command->unit);
    for (int i = 0; i < state->n_members; i++) /* it was a master before it was merged */
        case_command_add(turn, COMMAND_MEMBER_RESULT, state->members[i].id);
}

/* 拆单: the talk backwards. The member goes its own way at once, whatever the master has
 * become meanwhile. */
void case_desk_unmerge(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    struct case_effect *event = case_note_add(turn, EVENT_UNMERGED, "");
    case_text_copy(event->other, sizeof event->other, state->master);
    case_command_add(turn, COMMAND_MEMBER_LEFT, state->master);
    state->master[0] = 0;
    case_open_dispatch(turn);
}

void case_member_left(struct case_turn *turn)
{
    struct case_state *state = turn->state;
    int i = member_index(state, turn->command->other);
    if (i < 0)
        return;
    state->n_members--;
    memmove(&state->members[i], &state->members[i + 1],
            (size_t)(state->n_members - i) * sizeof state->members[0]);
    struct case_effect *event = case_note_add(
            turn, EVENT_MEMBER_REMOVED, state->lead.unit);
    case_text_copy(event->other, sizeof event->other, turn->command->other);
}
