#!/usr/bin/env python3
"""Breaks one rule at a time in a copy of the tree, and shows that a test notices. Exit 1 when one is not noticed."""

import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools", "stack"))
from testing import python_with_packages  # noqa: E402

WORK = os.path.join(ROOT, "build", "mutate")
TREE, BUILD = os.path.join(WORK, "main"), os.path.join(WORK, "out")
COPIED = ("CMakeLists.txt", "CMakePresets.json", "libcommon", "services", "tools", "tests", "schemas", "policy")
UNIT_TESTS = ("test_casework_core", "test_case_rules", "test_case_clock", "test_case_wake", "test_case_reproject", "test_case_merge",
              "test_case_limits")
PROGRAMS = (*UNIT_TESTS, "test_router_core", "test_router_merge", "test_sla_core", "test_calendar", "test_whistle_core", "test_account_core",
            "test_ledger_io", "replay_casework", "replay_whistle", "replay_ledger", "sim_cases")
SEEDS = "1500"

CORE, OPEN, TASK, UNIT, STEP, REQUEST, RULING, DESK, MERGE, WHISTLE, CLOCK, WAKE, REPROJECT = (
    f"services/casework/{name}.c" for name in (
        "casework_core", "case_open", "case_task", "case_unit", "case_step", "case_request", "case_ruling", "case_desk", "case_merge",
        "case_whistle", "case_clock", "case_wake", "case_reproject"))
ROUTER_TESTS = ("test_router_core", "test_router_merge")
ROUTER = "services/router/router_core.c"
WHISTLES = W_CORE, W_ISSUE, W_UNIT, W_WAKE = tuple(f"services/casework/whistle{part}_core.c" for part in ("", "_issue", "_unit", "_wake"))
LEDGERS = ACCOUNT, ENTRIES, POINTS, SCHEDULE = tuple(f"services/casework/{name}_core.c" for name in ("account", "account_entries", "points", "schedule"))
STAGE_OUT = "libcommon/stage_out.c"
SLA, CALENDAR, LOOKUP = "services/sla/sla_core.c", "libcommon/calendar.c", "libcommon/policy_lookup.c"

# name, file, the exact text (once in the file), what stands there instead, the rule that it breaks
MUTANTS = (
    ("sign-anyone", CORE, "[ACTION_SIGN] = {UNITS,", "[ACTION_SIGN] = {UNITS | BY(DESK),", "who has the task signs"),
    ("assist-completes-step", CORE, "[ACTION_COMPLETE_STEP] = {BY(LEAD),", "[ACTION_COMPLETE_STEP] = {UNITS,", "the steps are the lead's"),
    ("assist-suspends", CORE, "[ACTION_REQUEST_SUSPENSION] = {BY(LEAD),", "[ACTION_REQUEST_SUSPENSION] = {UNITS,", "the lead asks for a suspension"),
    ("anybody-claims", CORE, "return pool && pool_has(pool, unit);", "return pool && unit;", "the pool claims"),
    ("approve-too-soon", CORE, "[ACTION_APPROVE] = {BY(DESK), IN(SUBMITTED),", "[ACTION_APPROVE] = {BY(DESK), IN(SUBMITTED) | IN(HANDLING),",
     "what was submitted is approved"),
    ("redo-in-follow-up", CORE, "[ACTION_REDO] = {BY(DESK), IN(SUBMITTED),", "[ACTION_REDO] = {BY(DESK), IN(SUBMITTED) | IN(FOLLOWUP),",
     "redo is for what was submitted"),
    ("close-when-offered", CORE, "[ACTION_CLOSE] = {BY(DESK), IN(NEEDS_HUMAN),", "[ACTION_CLOSE] = {BY(DESK), IN(NEEDS_HUMAN) | IN(OFFERED),",
     "the desk answers what is with it"),
    ("unmerge-what-waits", CORE, "[ACTION_UNMERGE] = {BY(DESK), IN(MERGED),", "[ACTION_UNMERGE] = {BY(DESK), IN(MERGED) | IN(MERGE_REQUESTED),",
     "only what was accepted is taken apart"),
    ("assist-added-late", CORE, "[ACTION_ADD_ASSIST] = {BY(DESK), OWNED,", "[ACTION_ADD_ASSIST] = {BY(DESK), OWNED | IN(SUBMITTED),",
     "nobody is asked to assist with what is done"),
    ("events-without-number", CORE, "turn->state->seq++;", "turn->state->seq += turn->state->seq != 3;", "event numbers have no gap"),
    ("forget-first-id", CORE, "for (int i = 0; i < state->n_actions && i < CASE_ACTIONS_KEPT; i++)",
     "for (int i = 1; i < state->n_actions && i < CASE_ACTIONS_KEPT; i++)", "an action id has its effect once"),
    ("keep-no-ids", CORE, "    state->n_actions++;", "    (void)state->n_actions;", "action ids are remembered"),
    ("old-order-acts", CORE, "return RULE_OLD_ORDER;", "return RULE_NONE;", "an order of an old task never acts"),
    ("wrong-queue-passes", CORE, "return RULE_WRONG_QUEUE;", "return RULE_NONE;", "a unit acts through its own queue"),
    ("any-stage", CORE, "return RULE_WRONG_STAGE;", "return RULE_NONE;", "the stage decides what may be done"),
    ("other-street-convenes", CORE, "    return unit->type == UNIT_TYPE_STREET &&\n", "    return unit->type == UNIT_TYPE_STREET ||\n",
     "the street of the case calls a meeting"),
    ("time-goes-back", CORE, "instant_before(command->at, before->changed) ? before->changed", "instant_before(command->at, before->changed) ? command->at",
     "time never goes back within a case"),
    ("wake-not-moved", CORE, "decision->after.wake_at = case_next_wake(policy, &decision->after);",
     "if (instant_is_never(before->wake_at))\n        decision->after.wake_at = case_next_wake(policy, &decision->after);", "wake_at follows every change"),
    ("late-wake-forgives", CORE, "    if (command->kind != COMMAND_WAKE)\n        case_catch_up(&turn);\n", "", "what was due is told before any command"),
    ("policy-not-noted", CORE, "decision->after.policy, sizeof decision->after.policy, policy->version",
     "decision->after.policy, sizeof decision->after.policy, before->policy", "a state says under which policy it is"),
    ("open-twice", CORE, "if (turn->state->stage == STAGE_NONE)\n        case_open(turn);", "if (turn->state->stage <= STAGE_NEEDS_HUMAN)\n        case_open(turn);",
     "the same open again is a repeat"),
    ("refusal-unaudited", CORE, "effect_add(turn, EFFECT_REFUSED)->rule = rule;", "if (rule != RULE_OLD_ORDER)\n        effect_add(turn, EFFECT_REFUSED)->rule = rule;",
     "every refusal is audited"),
    ("return-always-offered", CORE, "return !(state->no_return && task == &state->lead);", "return task || !state->no_return;",
     "what an order offers may be done"),

    ("former-not-withdrawn", OPEN, "    if (former->number == 0)\n        return;", "    if (former->number <= 1)\n        return;", "the former lead is told"),
    ("former-clocks-stay", OPEN, "    case_clocks_drop(turn->state, former->number);\n", "", "a task's clocks end with it"),
    ("task-not-counted", OPEN, ".number = ++state->tasks_given", ".number = state->tasks_given = 1", "each dispatch is a new task"),
    ("steps-of-another-class", OPEN, "    state->step = 0;\n", "", "another class begins with its first step"),
    ("grant-of-another-class", OPEN, "        state->clocks[i].of_class = false;", "        state->clocks[i].of_class |= false;",
     "what was granted under another class stays"),
    ("desk-clock-runs-on", OPEN, "    case_clock_stop(turn, CASE_CLOCK_DESK, CASE_DESK_TASK);\n", "", "the desk's clock stops with its decision"),
    ("lead-assists-itself", OPEN, "    end_assist_of(turn, lead->code);\n", "", "who leads does not assist"),
    ("assists-not-told", OPEN, "    if (first)\n        case_assists_dispatch(turn);", "    if (!first)\n        case_assists_dispatch(turn);", "assisting units get an order"),
    ("no-return-window", OPEN, "    case_clock_start(turn, CASE_CLOCK_RETURN_WINDOW, task,\n            turn->policy->handling.return_window, false);\n", "",
     "a return has a window"),
    ("no-arrival-clock", OPEN, "for (int i = 0; i < CLOCK_COUNT; i++)", "for (int i = 0; i < CLOCK_COUNT; i += 1 + (i == CLOCK_CONTACT))",
     "all clocks of the class start at dispatch"),
    ("accused-leads", OPEN, ": case_accuses(turn, lead) ", ": false ", "the accused unit never leads"),
    ("accused-assists", OPEN, " ||\n                case_accuses(turn, unit))\n            continue;", ")\n            continue;", "the accused unit never assists"),
    ("desk-assists", OPEN, "unit == turn->policy->desk ||", "unit == NULL ||", "the desk does not assist"),
    ("own-master", OPEN, "command->other[0] && strcmp(command->other, state->id) != 0 && !state->report", "command->other[0] && !state->report", "a case is not its own master"),
    ("transfer-unanswered", OPEN, "    case_resolution_add(turn, OUTCOME_TRANSFERRED, \"\");\n", "", "a case passed on is answered at once"),
    ("transfer-unwatched", OPEN, "    case_clock_start(turn, CASE_CLOCK_TRANSFER_ACK, CASE_DESK_TASK,\n            turn->policy->handling.transfer_ack, false);\n", "",
     "a transfer is acknowledged or alarms"),

    ("assist-without-clock", TASK, "turn, CASE_CLOCK_HANDLE, task->number, sla->budgets[CLOCK_HANDLE], true);",
     "turn, CASE_CLOCK_ARRIVE, task->number, sla->budgets[CLOCK_HANDLE], true);", "an assisting task has its own handling clock"),
    ("mandatory-may-wait", TASK, "if (state->assists[i].mandatory &&\n                instant_is_never", "if (state->assists[i].mandatory &&\n                !instant_is_never",
     "a mandatory task blocks the submission"),
    ("asked-twice", TASK, "        if (strcmp(to->code, state->assists[i].unit) == 0)\n            return RULE_ALREADY_DONE;", "        if (strcmp(to->code, state->assists[i].unit) == 7777)\n            return RULE_ALREADY_DONE;",
     "who assists is not asked again"),
    ("transfer-keeps-clocks", TASK, "    case_clocks_drop(turn->state, former.number);\n", "", "a task that changes hands begins anew"),
    ("transfer-optional", TASK, "*task = (struct case_task){.mandatory = former.mandatory};", "*task = (struct case_task){.mandatory = false};",
     "a mandatory task stays mandatory in other hands"),
    ("assist-done-runs-on", TASK, "    case_clock_stop(turn, CASE_CLOCK_HANDLE, task->number);\n", "", "a done task's clock stops"),
    ("assist-done-untold", TASK, "    case_order_add(turn, ORDER_ASSIST_DONE, ROLE_LEAD, turn->state->lead.unit);\n", "", "the lead hears of its assists"),
    ("withdrawn-assist-asks", TASK, "if (state->request.kind != REQUEST_NONE && state->request.task == task->number)\n            case_request_lapse(turn);",
     "if (false)\n            case_request_lapse(turn);", "a request ends with its task"),

    ("sign-clock-runs-on", UNIT, "    case_clock_stop(turn, CASE_CLOCK_SIGN, turn->task->number);\n", "", "signing stops the sign clock"),
    ("contact-clock-runs-on", UNIT, "    case_clock_stop(turn, CASE_CLOCK_CONTACT, turn->task->number);\n", "", "the call stops the contact clock"),
    ("arrival-clock-runs-on", UNIT, "    case_clock_stop(turn, CASE_CLOCK_ARRIVE, turn->task->number);\n", "", "the arrival stops its clock"),
    ("contact-signs-not", UNIT, "    case_mark_signed(turn);\n    mark_contacted(turn);\n    event_of_unit", "    mark_contacted(turn);\n    event_of_unit",
     "who calls has signed"),
    ("return-hides-nothing", UNIT, "bool waits = state->stage == STAGE_RETURN_REQUESTED ||\n                 state->stage == STAGE_DISPUTED || state", "bool waits = state->stage == STAGE_DISPUTED || state",
     "a return stays undecided until it is decided"),
    ("assist-moves-stage", UNIT, "    turn->task->contacted_at = turn->at;", "    turn->task->contacted_at = turn->state->lead.contacted_at = turn->at;",
     "what an assisting unit does leaves the stage alone"),
    ("phrases-are-results", UNIT, "    if (!case_words_say_something(command->words))\n        return RULE_NEEDS_RESULT;", "    if (!command->words.len)\n        return RULE_NEEDS_RESULT;",
     "set phrases are no result"),
    ("no-contact-record", UNIT, "if (!command->has_contact_record)", "if (false)", "a submit needs a contact record"),
    ("no-photo", UNIT, "if (category && category->physical && !command->has_photo)", "if (false)", "physical categories need a photo"),
    ("no-head", UNIT, "if (turn->state->redos > 0 && !command->has_head)", "if (turn->state->redos > 1 && !command->has_head)", "the head signs a redo"),
    ("assist-left-open", UNIT, "if (case_assist_open(turn->state))", "if (false)", "a mandatory task blocks the submission"),
    ("step-left-open", UNIT, "if (case_step_open(turn))", "if (false)", "all steps come before the submission"),
    ("handle-clock-runs-on", UNIT, "    case_tasks_pause(turn, PAUSE_SUBMITTED); /* nobody can do anything now */\n", "", "the time at the desk is not charged"),
    ("no-review", UNIT, "    case_order_add(turn, ORDER_REVIEW, ROLE_DESK, turn->policy->desk->code);\n", "", "the desk is told what to review"),
    ("review-without-clock", UNIT, "    case_clock_start(turn, CASE_CLOCK_REVIEW, CASE_DESK_TASK,\n            turn->policy->handling.review, false);\n", "",
     "the desk reviews in time"),
    ("claim-forgets-the-pool", UNIT, "    case_text_copy(turn->state->claimed_from, sizeof turn->state->claimed_from, pool);\n", "", "a claimed case knows its pool"),
    ("claim-keeps-the-desk", UNIT, "    case_end_of_desk(turn, \"\", 0);\n", "", "the desk's order ends at a claim"),
    ("offer-stays", UNIT, "if (offered->members[i] != unit) {", "if (offered->members[i] == unit) {", "who was too late is told"),
    ("submit-drops-requests", UNIT, "case_request_supersede(turn, \"submitted\");", "case_request_lapse(turn);", "who asked hears that its request lapsed"),

    ("step-out-of-order", STEP, "if (!step || strcmp(command->step, step->name) != 0)", "if (!step)", "one step after the other"),
    ("step-without-proof", STEP, "if (step->needs & (1u << STEP_NEEDS_PHOTO) && !command->has_photo)", "if (false)", "a step brings its proof"),
    ("step-clock-from-dispatch", STEP, "    state->step++;\n    case_step_start(turn);\n", "    state->step++;\n", "each step has its own budget"),
    ("no-promise", STEP, "        case_clock_start_until(turn, CASE_CLOCK_PROMISE, state->lead.number, event->due);\n", "", "a promised date is watched"),
    ("not-filed", STEP, "    if (step->needs & (1u << STEP_NEEDS_FILING))\n        file(turn, step);\n", "    (void)file;\n", "the street keeps a record"),

    ("two-requests", REQUEST, "    if (turn->state->request.kind != REQUEST_NONE)\n        return RULE_REQUEST_PENDING;\n", "", "one request at a time"),
    ("any-reason", REQUEST, "return reasons->n > 0 ? RULE_UNKNOWN_REASON : RULE_NONE;", "return RULE_NONE;", "a reason has a code of the policy"),
    ("own-approver", REQUEST, "    bool up = (too_much || case_is_desk(turn, asks)) &&", "    bool up = too_much &&", "the desk does not decide its own request"),
    ("level-ignored", REQUEST, "ask(turn, REQUEST_EXTENSION,\n            (int64_t)turn->command->amount * 100 > desk_percent * handle->amount);",
     "ask(turn, REQUEST_EXTENSION,\n            (int64_t)turn->command->amount * 1 > desk_percent * handle->amount);", "more than its share is for the district"),
    ("self-approval", REQUEST, "return RULE_OWN_REQUEST;", "return RULE_NONE;", "nobody decides its own request"),
    ("any-approver", REQUEST, "return supervisor || strcmp(unit, request->approver) == 0 ? RULE_NONE", "return supervisor || request->kind ? RULE_NONE", "the approver decides"),
    ("return-after-ruling", REQUEST, "    if (state->no_return && turn->task == &state->lead)\n        return RULE_NO_RETURN;\n", "", "a ruling is final"),
    ("return-without-evidence", REQUEST, "    if (!turn->command->has_evidence)\n        return RULE_NEEDS_EVIDENCE;\n", "", "a return needs evidence"),
    ("return-any-time", REQUEST, "    if (window && !instant_before(turn->at, case_clock_due(turn->policy, window)))\n        return RULE_RETURN_LATE;\n", "    (void)window;\n",
     "a return has a window"),
    ("returns-not-counted", REQUEST, "if (++state->returns > turn->policy->handling.returns_max) {", "if (state->returns > turn->policy->handling.returns_max) {",
     "the next return goes to adjudication"),
    ("return-pause-forgotten", REQUEST, "        case_handling_pause(turn, PAUSE_RETURN);\n", "        (void)0;\n", "a return pauses where the policy says so"),
    ("dispute-without-clock", REQUEST, "    case_clock_start(turn, CASE_CLOCK_ADJUDICATION, CASE_DESK_TASK,\n            turn->policy->handling.adjudication, false);\n", "",
     "a ruling comes in time"),
    ("request-without-end", REQUEST, "    case_clock_start(turn, CASE_CLOCK_REQUEST, CASE_DESK_TASK,\n            turn->policy->handling.request_review, false);\n", "",
     "a request without a decision is refused"),
    ("extended-for-ever", REQUEST, "if (turn->state->extensions >= handling->extensions_max)", "if (turn->state->extensions > handling->extensions_max)",
     "an extension is granted so often at most"),
    ("extended-when-over", REQUEST, "if (!handle || !case_clock_runs(handle) ||\n            !instant_before(turn->at, case_clock_due(turn->policy, handle)))",
     "if (!handle || !case_clock_runs(handle))", "an extension is asked for in time"),
    ("extended-by-more", REQUEST, "turn->command->amount > handle->amount)", "turn->command->amount > 2 * handle->amount)", "an extension is not more than the budget"),
    ("suspended-for-years", REQUEST, "return ahead < MINUTE_MS ||\n                           ahead >", "return ahead < MINUTE_MS ||\n                           ahead / 100 >",
     "a review date is not too far away"),
    ("suspended-and-late", REQUEST, "    case_handling_pause(turn, PAUSE_SUSPENDED);\n", "", "a suspension pauses the handling"),
    ("no-review-date", REQUEST, "    case_clock_start_until(turn, CASE_CLOCK_SUSPENSION, request->task, request->until);\n", "", "a suspension ends at its date"),
    ("resumed-and-paused", REQUEST, "    case_handling_resume(turn, PAUSE_SUSPENDED);\n", "", "a resumed case's clock runs on"),
    ("terminated-without-words", REQUEST, "return case_words_say_something(turn->command->words) ? RULE_NONE\n", "return turn ? RULE_NONE\n", "the resident is told why"),
    ("requester-not-told", REQUEST, "    tell_requester(turn, request, ORDER_GRANTED)->due = handle->due;\n", "", "who asked is told"),
    ("approver-order-stays", REQUEST, "    struct case_request request = settle(turn);\n    end_approver_order(turn, &request);\n}", "    (void)settle(turn);\n}",
     "the approver's order ends with the request"),
    ("extensions-not-counted", REQUEST, "    turn->state->extensions++;\n", "", "an extension is granted so often at most"),

    ("ruled-without-basis", RULING, "    if (!command->has_basis)\n        return RULE_NEEDS_BASIS;\n", "", "a ruling has a basis"),
    ("ruling-forgotten", RULING, "    state->no_return = true;\n", "", "a ruling is final"),
    ("bounces-not-reset", RULING, "    state->returns = 0;\n", "", "a ruling resets the count of returns"),
    ("ruled-for-the-same", RULING, "strcmp(state->lead.unit, to->code) == 0;\n    bool asked", "strcmp(state->lead.unit, to->code) == 7777;\n    bool asked",
     "the same owner goes on where it was"),
    ("decision-drops-requests", RULING, "state->request.task == state->lead.number;\n    bool returned", "state->request.task >= 0;\n    bool returned",
     "a meeting leaves others' requests alone"),
    ("meeting-of-anybody", RULING, "if (!policy_unit(turn->policy, str_of(command->parties[i])))", "if (false)", "the parties of a meeting exist"),
    ("invited-twice", RULING, "        if (is_invited(meeting, party))\n            continue;\n", "        (void)is_invited;\n", "a party is invited once"),
    ("two-meetings", RULING, "    if (turn->state->meeting.convener[0])\n        return RULE_MEETING_OPEN;\n", "", "one meeting at a time"),
    ("meeting-clock-runs-on", RULING, "    case_clock_stop(turn, CASE_CLOCK_MEETING, CASE_DESK_TASK);\n", "", "a meeting's clock ends with it"),
    ("desk-waits-for-meeting", RULING, "    if (human)\n        case_end_of_desk(turn, to->code, 0);\n", "", "the desk's order ends with the decision"),

    ("below-the-accused", DESK, "return accused && unit_answers_to(unit, accused);", "return accused && (unit == accused || unit->queue == accused);", "nor who stands below it"),
    ("district-accused", DESK, "if (accused && accused == policy->district)", "if (accused && accused == unit)", "of the district only itself is kept out"),
    ("accused-by-the-desk", DESK, "return RULE_UNIT_ACCUSED;", "return RULE_NONE;", "the desk does not send to the accused unit either"),
    ("desk-sends-to-itself", DESK, "to->type == UNIT_TYPE_DESK || ", "", "the desk does not handle"),
    ("grass-roots-lead", DESK, "return unit_grass_roots(to) && category && !category->grass_roots\n", "return unit_grass_roots(to) && !category\n",
     "a department's matter is not led by the grass roots"),
    ("returned-to-itself", DESK, "        return RULE_SAME_UNIT;\n", "        return RULE_NONE;\n", "a return accepted goes elsewhere"),
    ("offers-stay", DESK, "    withdraw_offers(turn);\n", "    (void)withdraw_offers;\n", "what is dispatched is offered no more"),
    ("no-follow-up-clock", DESK, "    case_clock_start(turn, CASE_CLOCK_FOLLOW_UP, CASE_DESK_TASK,\n            turn->policy->handling.follow_up, false);\n", "",
     "the desk follows up in time"),
    ("review-clock-runs-on", DESK, "    case_clock_stop(turn, CASE_CLOCK_REVIEW, CASE_DESK_TASK);\n    struct case_effect *event", "    struct case_effect *event",
     "the review's clock stops with it"),
    ("redo-still-submitted", DESK, "    state->lead.submitted_at = (instant){0};\n", "", "a redo can be submitted again"),
    ("redo-clock-stands", DESK, "    case_tasks_resume(turn, PAUSE_SUBMITTED);\n", "", "the clocks run on at a redo"),
    ("never-supervised", DESK, "if (state->redos > turn->policy->handling.redos_max && !state->supervised)", "if (false)", "too many redos are supervised"),
    ("no-rating", DESK, "if (command->valid && command->rating == RATING_NONE)", "if (false)", "a valid follow-up has a rating"),
    ("unsolved-is-closed", DESK, "if (command->valid && (!command->solved || command->rating == RATING_UNSATISFIED)) {", "if (command->valid && command->rating == RATING_UNSATISFIED) {",
     "what is not solved is done again"),
    ("clocks-outlive-case", DESK, "    case_clocks_stop(turn);\n", "", "no clock of a closed case runs"),
    ("last-member-forgotten", DESK, "for (int i = 0; i < state->n_members; i++)\n        case_command_add(", "for (int i = 1; i < state->n_members; i++)\n        case_command_add(", "every member gets the result"),
    ("reopened-any-time", DESK, "return since <= (int64_t)turn->policy->handling.reopen_days * DAY_MS", "return since >= 0", "a case comes back within the window"),
    ("reopened-as-closed", DESK, "    state->outcome = OUTCOME_NONE;\n", "", "a reopened case has no outcome"),
    ("reopened-assists", DESK, "    drop_assists(turn);\n", "    (void)drop_assists;\n", "orders that ended with the case do not go on"),
    ("reopened-unknown", DESK, "    case_order_add(turn, ORDER_ESCALATE,\n            above ==", "    if (above == NULL)\n        case_order_add(turn, ORDER_ESCALATE,\n            above ==",
     "a reopening is known one level up"),

    ("member-twice", MERGE, "if (strcmp(state->members[i].id, member) == 0)", "if (strcmp(state->members[i].id, member) > 0)", "a member is listed once"),
    ("hops-not-counted", MERGE, "request->hops = turn->command->hops + 1;", "request->hops = turn->command->hops;", "two that ask each other end"),
    ("hops-off-by-one", MERGE, "if (turn->command->hops >= CASE_HOPS_MAX) {", "if (turn->command->hops > CASE_HOPS_MAX) {", "a request is passed on so often at most"),
    ("itself-as-member", MERGE, "if (strcmp(turn->command->other, turn->command->case_id) == 0) {", "if (false) {", "a case does not become its own member"),
    ("one-more-member", MERGE, "turn->state->n_members == CASE_MEMBERS_MAX ?", "turn->state->n_members == CASE_MEMBERS_MAX - 1 ?", "a master has so many members"),
    ("reopened-when-full", MERGE, "} else if (stranger(turn)) {", "} else if (false) {", "nothing is reopened in vain"),
    ("reporter-counted-twice", MERGE, "counts = state->members[j].reporter != member->reporter ||", "counts = state->members[j].reporter != 0 ||",
     "different people are a cluster"),
    ("cluster-again", MERGE, "if (state->cluster_told || ", "if (", "a cluster is told once"),
    ("merge-into-late", MERGE, "case_reopen_rule(turn) != RULE_NONE) {", "false) {", "a closed case takes members within the window"),
    ("merge-to-the-accused", MERGE, ": in_accused_hands(turn) ", ": false ", "a merge hands nothing to whom the member accuses"),
    ("merge-to-its-subordinate", MERGE, "unit_answers_to(lead, accused)", "lead == accused", "nor to who answers to it"),
    ("merge-to-its-assist", MERGE, "found |= assist && unit_answers_to(assist, accused);", "found |= !assist;", "nor to one who assists"),
    ("accusation-forgotten", MERGE, "        case_text_copy(member->accused, sizeof member->accused, turn->command->accused);\n", "",
     "a master does not go to whom a member accuses"),
    ("accusers-merged", MERGE, ": members_accuse(turn->state) ?", ": false ?", "members' accusations are not lost in another merge"),
    ("into-a-report", MERGE, "return turn->state->report ", "return false ", "a report takes no member"),
    ("report-merged-by-the-desk", MERGE, ": turn->state->report         ? RULE_REPORT_ALONE", ": false ? RULE_REPORT_ALONE", "a report is no member"),
    ("report-merged", OPEN, "!= 0 && !state->report)", "!= 0)",
     "a report is no member"),
    ("accuseds-queue", LOOKUP, "return unit_within(unit, other) || unit_within(unit->queue, other);", "return unit_within(unit, other);",
     "nor who reads its queue"),
    ("answered-by-another", MERGE, "    case_text_copy(state->master, sizeof state->master, turn->command->other);\n", "", "the master is the one that accepted"),
    ("refused-and-left", MERGE, "    state->master[0] = 0;\n    case_open_dispatch(turn);\n}\n\nvoid case_member_result", "    state->master[0] = 0;\n}\n\nvoid case_member_result",
     "a refused member goes its own way"),
    ("result-from-stranger", MERGE, "state->stage != STAGE_MERGED || strcmp(state->master, turn->command->other) != 0", "state->stage != STAGE_MERGED",
     "a result comes from the master"),
    ("result-not-passed-on", MERGE, "for (int i = 0; i < state->n_members; i++) /* it was", "for (int i = state->n_members; i < state->n_members; i++) /* it was",
     "the members of a member hear the result"),
    ("merged-with-a-meeting", MERGE, "    if (turn->state->meeting.convener[0])\n        case_meeting_end(turn);\n", "", "a meeting ends with the merge"),
    ("left-and-listed", MERGE, "    case_command_add(turn, COMMAND_MEMBER_LEFT, state->master);\n", "", "a master knows who left"),

    ("whistle-twice", WHISTLE, "whistle_index(state, turn->command->other) >= 0 ||", "whistle_index(state, turn->command->other) > 0 ||", "a whistle is linked once"),
    ("whistle-unanswered", WHISTLE, "    answer(turn);\n", "", "a whistle that asks is answered"),
    ("whistle-stays", WHISTLE, "    state->n_whistles--;\n", "", "a finished whistle is linked no more"),

    ("drop-running-clock", CLOCK, "if (!case_clock_runs(&state->clocks[i]) && state->clocks[i].why == PAUSE_NONE)\n            drop", "if (i == 0)\n            drop",
     "no clock that runs is forgotten"),
    ("restart-keeps-rungs", CLOCK, "            .why = PAUSE_NONE,\n    };\n", "            .why = PAUSE_NONE,\n            .fired = clock->fired,\n    };\n", "a new budget has its rungs again"),
    ("stopped-later", CLOCK, "    if (case_clock_runs(clock))\n        clock->stopped = turn->at;\n    clock->why", "    clock->stopped = turn->at;\n    clock->why",
     "what a clock used stays"),
    ("pause-charged", CLOCK, "        if (stood > 0)\n            at = not_off(calendar, clock, percent,\n                    calendar_later(calendar, at, stood, clock->unit));\n    }\n    return at;",
     "        (void)stood;\n    }\n    return at;",
     "a pause is not charged"),
    ("late-pause-counts", CLOCK, "        if (!instant_before(pause->from, at))\n            break;\n", "", "a pause after the due time gives no time"),
    ("end-on-a-day-off", CLOCK, "return clock->unit == UNIT_DAY && percent >= 100 ?", "return clock->unit == UNIT_DAY && percent > 100 ?", "natural days end on no day off"),
    ("fold-moves-back", CLOCK, "            clock->moved = moved_after(calendar, clock, 1);\n", "            (void)moved_after(calendar, clock, 1);\n", "a moved last day stays moved when its pause is folded"),
    ("moved-is-late", CLOCK, "        used = 100;", "        used = 101;", "a moved last day is not late"),
    ("fold-forgets", CLOCK, "clock->stood += calendar_between(calendar, oldest->from, oldest->to, clock->unit);", "clock->stood = calendar_between(calendar, oldest->from, oldest->to, clock->unit);",
     "pauses add up however they are kept"),
    ("fold-late-pauses", CLOCK, "    if (instant_before(oldest->from, due)) {", "    if (instant_before(oldest->from, due) || true) {", "a pause after the due time gives no time, folded or not"),
    ("late-wake-pauses", CLOCK, "return instant_before(due, turn->at) ? due : turn->at;", "return turn->at;", "a pause is not longer than what bounds it"),
    ("pause-not-shown", CLOCK, "&state->returned_ms : &state->suspended_ms) += longest;", "&state->returned_ms : &state->suspended_ms) = longest;",
     "how long a case stood is never hidden"),
    ("assist-stands-too", CLOCK, "(why != PAUSE_RETURN ||", "(why != PAUSE_NONE ||", "a return pauses the clock of who asked"),
    ("due-without-extension", CLOCK, "return clock->amount + clock->extra;", "return clock->amount;", "an extension moves the date"),
    ("breach-of-the-old-date", CLOCK, "        clock->fired = SLA_RUNG_END - 1;\n", "        (void)0;\n", "the extended date is watched"),
    ("due-not-derived", CLOCK, "    clock->stopped = (instant){0};\n    clock->why = PAUSE_NONE;\n    clock->due = case_clock_due(turn->policy, clock);", "    clock->stopped = (instant){0};\n    clock->why = PAUSE_NONE;",
     "the due time that is kept is the one that holds"),
    ("after-forgotten", CLOCK, "return rung->after.amount > 0 ? calendar_due(&policy->calendar, at,", "return rung->after.amount > 7777 ? calendar_due(&policy->calendar, at,",
     "an escalation comes so long after the breach"),
    ("spent-with-pauses", CLOCK, "            ran -= calendar_between(\n", "            ran -= 0 * calendar_between(\n", "spent and left are the budget"),

    ("same-percent-hides", LOOKUP, "return percent * SLA_RUNGS_MAX + nth;", "return nth > 0 ? 100 * SLA_RUNGS_MAX + rung : percent * SLA_RUNGS_MAX;", "no rung hides another one"),
    ("rung-again", WAKE, "sla_rung_key(ladder, r) <= clock->fired", "sla_rung_key(ladder, r) < clock->fired", "each rung once"),
    ("stopped-clock-tells", WAKE, "        if (!case_clock_runs(clock))\n            continue;\n", "", "a stopped clock says nothing"),
    ("latest-rung-first", WAKE, "instant_before(at, next.at))\n            next =", "instant_before(next.at, at))\n            next =", "the earliest rung wakes the case"),
    ("superior-skipped", WAKE, "return self && self->parent ? self->parent : policy->district;", "return policy->district;", "an escalation climbs one level"),
    ("street-skipped", WAKE, "return street ? street : policy->district;", "return policy->district;", "an escalation reaches the street"),
    ("desk-blamed", WAKE, "        unit = state->request.approver;\n", "        (void)0;\n", "who has to decide is late"),
    ("breach-is-reminder", WAKE, "bool late = rung->percent >= 100;", "bool late = rung->percent > 100;", "100 percent is a breach"),
    ("told-twice-at-once", WAKE, "return next->rung > 0 && rung[-1].percent == rung->percent &&", "return next->rung > 7777 && rung[-1].percent == rung->percent &&",
     "who is late is told once at an instant"),
    ("never-expires", WAKE, "if (end && next->clock->kind == CASE_CLOCK_REQUEST)", "if (end && next->clock->kind == CASE_CLOCK_COUNT)", "no decision in time is a refusal"),
    ("suspended-for-ever", WAKE, "else if (end && next->clock->kind == CASE_CLOCK_SUSPENSION)", "else if (end && next->clock->kind == CASE_CLOCK_COUNT)", "no silent expiry"),
    ("no-alarm", WAKE, "else if (end && next->clock->kind == CASE_CLOCK_TRANSFER_ACK)", "else if (end && next->clock->kind == CASE_CLOCK_COUNT)", "an unacknowledged transfer alarms"),
    ("rung-before-time", WAKE, "if (!next.clock || instant_before(turn->at, next.at))", "if (!next.clock || instant_before((instant){turn->at.ms + 60000}, next.at))",
     "nothing is told before its time"),
    ("stale-wake", WAKE, "!instant_is_never(wake_at) && wake_at.ms == turn->command->due.ms)", "!instant_is_never(wake_at) && wake_at.ms >= turn->command->due.ms)",
     "a stale wake does nothing"),
    ("early-wake", WAKE, " ||\n            instant_before(turn->at, turn->state->wake_at))\n        return;", ")\n        return;", "an early wake does nothing"),
    ("one-rung-a-wake", WAKE, "        reach_rung(turn, &next);\n", "        reach_rung(turn, &next);\n        break;\n", "a late wake tells all it missed"),
    ("wake-not-kept", WAKE, "    decision->changed = true; /* told", "    decision->changed |= false; /* told", "a wake time that no rung has is put right"),
    ("said-to-be-somebodys", WAKE, "decision->effects[i].by_time = true;", "decision->effects[i].by_time = i > first;", "what time brought about is nobody's act"),

    ("grant-taken-back", REPROJECT, "if (budget.amount <= 0 || clock->extra != 0)", "if (budget.amount <= 0)", "what was extended stays as granted"),
    ("any-grant-replaced", REPROJECT, "if (!sla || !clock->of_class)", "if (!sla)", "a new budget in the class moves what is of the class"),
    ("paused-keeps-budget", REPROJECT, "        take_budget(turn, clock);\n", "        if (case_clock_runs(clock))\n            take_budget(turn, clock);\n", "a clock that stands gets the new budget"),
    ("moved-in-silence", REPROJECT, "            tell_due(turn, clock, old_due);", "            (void)tell_due;", "a moved date is told"),
    ("ladder-unnoticed", REPROJECT, "    if (case_next_wake(turn->policy, state).ms != state->wake_at.ms)\n        turn->decision->changed = true;\n", "",
     "a new ladder moves the wake"),
    ("derived-every-time", REPROJECT, "state->stage == STAGE_NONE || strcmp(state->policy, turn->policy->version) == 0", "state->stage == STAGE_NONE || strcmp(state->policy, turn->policy->version) != 0",
     "another version is another policy"),

    ("turn-never-ends", SLA, "turn->dry >= turn->n_partitions || turn->allowance <= 0", "turn->dry >= turn->n_partitions", "a turn has an allowance"),
    ("claim-too-much", SLA, "turn->allowance < SLA_CLAIM_MAX ? turn->allowance : SLA_CLAIM_MAX", "turn->allowance", "a claim is bounded"),
    ("dry-not-reset", SLA, "turn->dry = n < max ? turn->dry + 1 : 0;", "turn->dry = n < max ? turn->dry + 1 : turn->dry;", "a full partition is looked at again"),
    ("always-first", SLA, "turn->at = (turn->at + 1) % turn->n_partitions;", "turn->at = 0;", "no partition is always first"),
    ("early-is-late", SLA, "instant_is_never(due) || instant_before(now, due) ? 0", "instant_is_never(due) ? 0", "what is not due is not late"),
    ("skew-one-way", SLA, " || apart < -SLA_SKEW_MAX_MS", "", "clocks differ both ways"),
    ("busy-is-idle", SLA, "turn->allowance < SLA_TURN_MAX ? SLA_BUSY_MS : SLA_TURN_MS", "SLA_TURN_MS", "a turn that found something is followed sooner"),
    ("window-unbounded", SLA, "share > SLA_WINDOW_MAX   ? SLA_WINDOW_MAX", "share > SLA_OUT_MAX      ? SLA_WINDOW_MAX", "what is out of a partition is bounded"),
    ("window-closes", SLA, "share < SLA_WINDOW_MIN ? SLA_WINDOW_MIN", "share < 1              ? SLA_WINDOW_MIN", "no partition is shut out"),
    ("sweep-forgets-index", SLA, "sweep->along_index = !sweep->along_index;", "sweep->along_index = false;", "the index is compared too"),
    ("sweep-one-partition", SLA, "sweep->partition = (sweep->partition + 1) % sweep->n_partitions;", "sweep->partition = 0;", "every partition is compared"),
    ("drift-unseen", SLA, "sweep->part.unarmed || sweep->part.orphans", "sweep->part.unarmed", "an entry without a state is drift"),
    ("drift-carried", SLA, "    sweep->part = (struct sla_drift){0};\n", "", "a partition answers for its own drift"),
    ("drift-for-ever", SLA, "        sweep->whole = (struct sla_drift){0};\n", "", "drift that is gone is not shown any more"),
    ("drift-late", SLA, "    drift_add(&sum, &sweep->part);\n", "", "drift shows at once"),
    ("saturday-works", CALENDAR, " < 5;", " < 6;", "Saturday is off"),
    ("listed-days-ignored", CALENDAR, " == DAY_WORKED;", " == DAY_OFF;", "holidays are off, make-up days are worked"),
    ("share-ignores-nights", CALENDAR, "office_time(calendar, from, due) * percent / 100", "(due.ms - from.ms) * percent / 100", "a share of working time is office time"),
    ("share-of-hours", CALENDAR, "(due.ms - from.ms) * percent / 100};", "(due.ms - from.ms) * (percent + 1) / 100};", "a share is the share it says"),
    ("office-time-past-the-end", CALENDAR, "            if (end > to.ms)\n                end = to.ms;\n", "", "office time ends with the budget"),
    ("utc-days", CALENDAR, "floor_div(t.ms + CHINA_OFFSET_MS, ms_per_day)", "floor_div(t.ms, ms_per_day)", "days are Chinese days"),

    ("event-by-receipt", ROUTER, ".at = complaint->reported_at,", ".at = complaint->at,", "whose matter it was is asked of the day of the event"),
    ("places-by-receipt", ROUTER, "party_unit(party, complaint->place, complaint->reported_at)", "party_unit(party, complaint->place, complaint->at)",
     "so are the places of who assists"),
    ("not-there-at-the-event", ROUTER, "unit_valid_at(unit, complaint->reported_at) &&", "unit->code &&", "a unit leads what happened in its time"),
    ("gone-on-receipt", ROUTER, "           unit_valid_at(unit, complaint->at);", "           unit->code;", "a unit that is gone takes no order"),
    ("person-like-a-stranger", ROUTER, "same_person ? policy->merge_similarity_same_person", "same_person ? policy->merge_similarity",
     "who says it again may use other words"),
    ("stranger-like-a-person", ROUTER, ": policy->merge_similarity))", ": policy->merge_similarity_same_person))", "two people need more likeness"),
    ("strangers-nowhere", ROUTER, "(!complaint->place && !same_person)", "!other->lead[0]", "without a place only one's own cases count"),
    ("nobody-is-somebody", ROUTER, "bool same_person = complaint->reporter[0] &&", "bool same_person = !complaint->reporter[1] &&", "two unknown people are not one"),
    ("another-lead-joins", ROUTER, "strcmp(other->lead, route->lead->code) == 0 &&", "other->lead[0] &&", "cases of one lead meet"),
    ("window-open", ROUTER, "in_window(policy, other->at, complaint->at);", "other->at.ms > 0;", "a merge has a window"),
    ("named-in-the-other-lane", ROUTER, "complaint->cited[0] == complaint->case_id[0] &&", "complaint->cited[0] &&", "a case stays in its lane"),
    ("names-itself", ROUTER, "           strcmp(complaint->cited, complaint->case_id) != 0 &&\n", "", "a case is not merged into itself"),
    ("praise-opens-again", ROUTER, "(complaint->nature == NATURE_HELP || complaint->nature == NATURE_COMPLAINT) &&", "complaint->nature != NATURE_REPORT &&",
     "praise of a case does not open it again"),
    ("danger-waits", ROUTER, "           complaint->urgency != URGENCY_E1;", "           complaint->urgency < URGENCY_COUNT;", "danger to life does not wait in another case"),
    ("report-joins", ROUTER, "if (complaint->nature == NATURE_REPORT || route", "if (route", "a report is never merged"),
    ("accused-owner-joins", ROUTER, "|| route->reason == ROUTER_REASON_UNIT_ACCUSED)", "|| !complaint->case_id[0])",
     "a human hears of an accused owner"),

    ("anybody-whistles", W_ISSUE, "if (turn->actor->type != UNIT_TYPE_STREET)", "if (turn->actor->type == UNIT_TYPE_DESK)", "only a street whistles"),
    ("whistle-elsewhere", W_ISSUE, "!street || street == turn->actor ?", "!street || street ?", "a street whistles for its own places"),
    ("summons-itself", W_ISSUE, "    if (unit == turn->actor)\n        return WHISTLE_RULE_SELF_SUMMONED;\n", "", "a street does not summon itself"),
    ("summons-the-desk", W_ISSUE, "unit == turn->policy->desk || unit == turn->policy->district", "unit == turn->policy->district", "the desk is not summoned"),
    ("summoned-unasked", W_ISSUE, "- 1;\n    if (!state->unanswered)\n        whistle_summon(turn);", "- 1;\n    whistle_summon(turn);", "nobody is summoned before the cases have answered"),
    ("first-answer-does", W_ISSUE, "state->unanswered &= ~(UINT32_C(1) << i);", "state->unanswered = 0;", "all cases answer"),
    ("accused-summoned", W_ISSUE, "is_accused(command, state->units[u].unit))", "!is_accused(command, state->units[u].unit) && false)", "whom a case accuses is not summoned"),
    ("recused-twice", W_ISSUE, "if (state->units[u].dispute != WHISTLE_DISPUTE_RELEASED &&\n                is_accused", "if (is_accused", "who was released is not released again"),
    ("anybody-ends-it", W_CORE, "[WHISTLE_ACTION_FINISH] = {BY_ISSUER,", "[WHISTLE_ACTION_FINISH] = {BY_ISSUER | BY_SUMMONED,", "only who whistled ends it"),
    ("own-dispute", W_CORE, "[WHISTLE_ACTION_RELEASE] = {BY_ISSUER | BY_DISTRICT,", "[WHISTLE_ACTION_RELEASE] = {BY_ISSUER | BY_DISTRICT | BY_SUMMONED,", "nobody releases itself"),
    ("whistle-again", W_CORE, "return state->stage == WHISTLE_NONE ? WHISTLE_RULE_NONE", "return state->stage != WHISTLE_FINISHED ? WHISTLE_RULE_NONE", "the same whistle again is a repeat"),
    ("action-again", W_CORE, "if (action_seen(state, command->fingerprint))", "if (action_seen(state, command->fingerprint + 1))", "an action id has its effect once"),
    ("late-act-forgives", W_CORE, "    whistle_catch_up(turn);\n", "", "an absence is told before any action"),
    ("on-anothers-order", W_CORE, "if (turn->own && (command->number >= 0 && named != turn->own))", "if (false)", "a unit acts on its own order"),
    ("arrives-twice", W_UNIT, "    if (arrived(turn->own))\n        return WHISTLE_RULE_ALREADY_DONE;\n", "", "a unit checks in once"),
    ("arrives-nowhere", W_UNIT, "return turn->command->says_where ? WHISTLE_RULE_NONE", "return turn->at.ms ? WHISTLE_RULE_NONE", "a check-in says where"),
    ("arrives-after-the-end", W_UNIT, "if (state->stage == WHISTLE_FINISHED && instant_before(state->finished_at, turn->at))", "if (false)", "nobody checks in after the end"),
    ("never-late", W_UNIT, "bool late = instant_before(whistle_due(turn->policy, state), turn->at);", "bool late = false;", "who comes after the deadline is late"),
    ("in-time-but-absent", W_UNIT, "    if (!late)\n        unit->absent_at = (instant){0};\n", "", "who came in time was never absent"),
    ("ends-in-dispute", W_UNIT, "if (dispute_open(state))", "if (false)", "a dispute is decided before the end"),
    ("unneeded-but-absent", W_UNIT, "    forget_absences(turn);\n", "", "an end before the deadline leaves nobody absent"),
    ("scored-twice", W_UNIT, "    if (turn->own ? unit->score_of_issuer : unit->score)\n        return WHISTLE_RULE_ALREADY_DONE;\n", "", "each scores once"),
    ("released-but-scored", W_UNIT, "    if (released(unit))\n        return WHISTLE_RULE_RELEASED;\n    if (turn->own ?", "    if (turn->own ?", "who was released is not scored"),
    ("released-but-waited-for", W_WAKE, "           unit->dispute != WHISTLE_DISPUTE_RELEASED;", "           unit->dispute < WHISTLE_DISPUTE_COUNT;", "nobody waits for who was released"),
    ("whistle-stale-wake", W_WAKE, "state->wake_at.ms != turn->command->due.ms ||", "state->wake_at.ms < turn->command->due.ms ||", "a stale wake does nothing"),
    ("whistle-early-wake", W_WAKE, " ||\n            instant_before(turn->at, turn->command->due))\n        return;", ")\n        return;", "an early wake does nothing"),
    ("whistle-one-rung", W_WAKE, "        reach_rung(turn, &next);\n", "        reach_rung(turn, &next);\n        break;\n", "a late wake tells all it missed"),
    ("whistle-rung-again", W_WAKE, "sla_rung_key(ladder, r) <= unit->fired", "sla_rung_key(ladder, r) < unit->fired", "each rung once"),
    ("absent-in-silence", W_WAKE, "        tell(turn, WHISTLE_ORDER_ABSENT, WHISTLE_ROLE_SUPERVISOR, above, unit, rung);", "        (void)above;", "an absence is told one level up"),
    ("assist-escalated", W_WAKE, "    if (!unit->must)\n        return;\n", "", "who only assists is not escalated"),
    ("silent-case-blocks", W_WAKE, "    whistle_summon(turn); /* a case that is", "    /* a case that is", "a silent case is not waited for"),
    ("whistle-old-calendar", W_WAKE, "    derive_due(turn);\n    whistle_summon", "    whistle_summon", "a changed calendar moves the deadline"),

    ("points-twice", ACCOUNT, " ||\n            known(state, command->fingerprint))\n        return;", ")\n        return;", "an event gives its points once"),
    ("redeemed-twice", ACCOUNT, "    if (known(turn->state, turn->command->fingerprint))\n        return ACCOUNT_RULE_ALREADY_DONE;\n", "", "an action has its effect once"),
    ("nothing-known", ACCOUNT, "    remember(turn);\n    settle(turn);\n}\n\n/* ---- expiry", "    settle(turn);\n}\n\n/* ---- expiry", "what gave points is remembered"),
    ("another-ledger", ACCOUNT, "strcmp(turn->ledger->name, command->ledger) != 0 ||", "false ||", "an account has one ledger"),
    ("overdrawn", ACCOUNT, "account_balance(turn->ledger, turn->state) < command->points", "account_balance(turn->ledger, turn->state) < 0", "more than there is is not redeemed"),
    ("redeems-its-own", ACCOUNT, "    if (own(turn))\n        return ACCOUNT_RULE_OWN_ACCOUNT;\n    if (!decides(turn) &&", "    if (!decides(turn) &&", "nobody redeems from its own account"),
    ("judges-itself", ACCOUNT, "    if (own(turn))\n        return ACCOUNT_RULE_OWN_ACCOUNT;\n    if (!decides(turn))\n", "    if (!decides(turn))\n", "nobody rules on its own appeal"),
    ("anybody-judges", ACCOUNT, "    if (!decides(turn))\n        return ACCOUNT_RULE_NOT_THE_DECIDER;\n", "", "desk or district rule on an appeal"),
    ("appeals-for-another", ACCOUNT, "    if (!own(turn))\n        return ACCOUNT_RULE_NOT_YOUR_ACCOUNT;\n", "", "an appeal is the holder's"),
    ("appeals-for-ever", ACCOUNT, "if (instant_before(until, command->at))", "if (instant_before(command->at, entry->at))", "an appeal has a term"),
    ("appeals-again", ACCOUNT, "    if (entry->status != ACCOUNT_STANDING)\n        return ACCOUNT_RULE_APPEALED_ALREADY;\n", "", "an entry is appealed against once"),
    ("upheld-in-vain", ACCOUNT, "entry->status = upheld ? ACCOUNT_UPHELD : ACCOUNT_CONFIRMED;\n    entry->left = upheld ? 0 : entry->left;", "entry->status = ACCOUNT_CONFIRMED;", "an upheld appeal takes the entry back"),
    ("veto-outlives-appeal", ACCOUNT, "return entry->status != ACCOUNT_UPHELD && entry", "return entry", "a veto ends with its entry"),
    ("veto-ignored", ACCOUNT, "if (vetoed(state))", "if (false)", "a veto gives the last grade"),
    ("grade-in-silence", ACCOUNT, "if (strcmp(state->grade, grade) == 0)\n        return;", "if (state->grade[0])\n        return;", "a changed grade is told"),
    ("account-sleeps", ACCOUNT, "state->wake_at = account_next_expiry(state);", "state->wake_at = (instant){0};", "an account wakes when points expire"),

    ("appealed-expires", ENTRIES, "entry->status != ACCOUNT_APPEALED &&\n           !instant_is_never", "!instant_is_never", "no entry expires while its appeal is decided"),
    ("expires-too-soon", ENTRIES, "!instant_is_never(expires) && !instant_before(at, expires)", "!instant_is_never(expires)", "points expire in their time"),
    ("folded-and-gone", ENTRIES, "    fold->points += entry->left;\n", "", "folded entries count"),
    ("appealed-is-folded", ENTRIES, "if (state->entries[i].status != ACCOUNT_APPEALED)", "if (state->entries[i].number)", "what is being decided on is not folded"),
    ("last-gain-first", ENTRIES, "(!first || expires_before(state->entries[i].expires, first->expires)))", "(!first || expires_before(first->expires, state->entries[i].expires)))",
     "points that expire first go first"),
    ("no-daily-cap", ENTRIES, "    cap->of_day += size;\n", "", "a rule gives so much a day"),
    ("no-monthly-cap", ENTRIES, "    cap->of_month += size;\n", "", "a rule gives so much a month"),
    ("cap-for-ever", ENTRIES, "    if (cap->day != day)\n        cap->of_day = 0;\n", "", "a day's cap ends with the day"),

    ("any-holder", POINTS, "points_ledger_of(policy, holder) != rule->ledger", "!points_ledger_of(policy, holder)", "a rule gives points in its own ledger"),
    ("any-number", POINTS, "fact->numbers[i].value < range->min ||", "false ||", "a rule asks for a range"),
    ("number-not-there", POINTS, "(!fact->numbers[i].there || fact", "(fact", "what the event does not say fits no range"),
    ("another-category", POINTS, "if (!word_fits((enum points_word)i, &rule->words[i], fact->words[i]))", "if (i != POINTS_WORD_CATEGORY && !word_fits((enum points_word)i, &rule->words[i], fact->words[i]))",
     "a rule is for its categories"),
    ("pool-unrewarded", POINTS, "return rule->whom == POINTS_WHOM_POOL ? fact->pool :", "return rule->whom == POINTS_WHOM_POOL ? fact->lead :", "points of a pool go to the pool"),
    ("valid-for-ever", POINTS, "if (rule->valid.amount)", "if (rule->valid.amount < 0)", "points last as long as the rule says"),

    ("opened-twice", SCHEDULE, "instant after = instant_before(at, state->last) ? state->last : at;", "instant after = at;", "a new rule opens no time twice"),
    ("opens-early", SCHEDULE, "if (instant_is_never(before->next) || instant_before(command->at, before->next))", "if (instant_is_never(before->next))", "an early wake opens nothing"),
    ("all-missed-ones", SCHEDULE, "schedule->catch_up < SCHEDULE_OPENINGS_MAX ? schedule->catch_up", "schedule->catch_up < SCHEDULE_OPENINGS_MAX ? SCHEDULE_OPENINGS_MAX", "only so many missed ones are caught up"),
    ("skipped-in-silence", SCHEDULE, "if (skipped)", "if (skipped < 0)", "what is skipped is told"),
    ("lead-of-the-past", SCHEDULE, "effect->lead_valid = unit_valid_at(schedule->lead, occurrence);", "effect->lead_valid = true;", "a lead that is gone does not lead"),

    ("trace-ends", STAGE_OUT, "bus_header_get(out->msg, \"traceparent\", &traceparent)", "bus_header_get(out->msg, \"x-traceparent\", &traceparent)", "a trace goes from stage to stage"),
    ("trace-without-state", STAGE_OUT, "bus_header_get(out->msg, \"tracestate\", &tracestate)", "bus_header_get(out->msg, \"x-tracestate\", &tracestate)", "with its state"),
)


def sync():
    """The tree as it is, without touching what did not change, so that a build stays incremental."""
    os.makedirs(TREE, exist_ok=True)
    for name in COPIED:
        source, target = os.path.join(ROOT, name), os.path.join(TREE, name)
        if os.path.isfile(source):
            copy_changed(source, target)
            continue
        wanted = set()
        for folder, folders, files in os.walk(source):
            folders[:] = [f for f in folders if f != "__pycache__"]
            for file in files:
                path = os.path.join(folder, file)
                wanted.add(os.path.relpath(path, source))
                copy_changed(path, os.path.join(target, os.path.relpath(path, source)))
        for folder, _, files in os.walk(target):
            for file in files:
                if os.path.relpath(os.path.join(folder, file), target) not in wanted:
                    os.remove(os.path.join(folder, file))


def read(path):
    with open(path, "rb") as f:
        return f.read()


def copy_changed(source, target):
    content = read(source)
    if os.path.exists(target) and read(target) == content:
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as f:
        f.write(content)


def run(command, seconds=60):
    try:
        return subprocess.run(command, cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds,
                              check=False, text=True, errors="replace")
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "did not end", "")


def build(programs):
    return run(["cmake", "--build", BUILD, "-j", "2", "--target", *programs], 600)


def unit_notices(programs):
    for name in programs:
        result = run([os.path.join(BUILD, "bin", name)])
        if result.returncode != 0:
            named = re.search(r"^\[  FAILED  \] (?!\d+ test)(\S+)", result.stdout, re.M)
            return named.group(1) if named else name
    return None


STORIES = {"replay_casework": ("casework",), "replay_whistle": ("whistle",), "replay_ledger": ("ledger", "schedule")}


def replay_notices(programs):
    for program, folder in ((p, os.path.join(TREE, "tests", "replay", f)) for p in programs for f in STORIES[p]):
        for story in sorted(os.listdir(folder)):
            if run([os.path.join(BUILD, "bin", program), os.path.join(folder, story)]).returncode != 0:
                return story
    return None


def integration_notices(_):
    """On a real Kafka and Redis, with the mutant's own services."""
    result = subprocess.run([python_with_packages(), "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/integration/test_messages.py", "-k", "trace"],
                            cwd=ROOT, env={**os.environ, "BUILD_DIR": BUILD}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True)
    named = re.search(r"^FAILED \S+::(\w+)", result.stdout, re.M)
    return named.group(1) if named else result.returncode and f"pytest ended with {result.returncode}"


def sim_notices(_):
    result = run([os.path.join(BUILD, "bin", "sim_cases"), "--seeds", SEEDS])
    if result.returncode == 0:
        return None
    named = re.search(r"^seed \d+: .*", result.stdout, re.M)
    return named.group(0) if named else f"ended with {result.returncode}"


# What may notice a mutant, in this order; a program is built when its turn comes.
SIM, UNIT_ALL, REPLAY = ("sim", sim_notices, ("sim_cases",)), ("unit", unit_notices, UNIT_TESTS), ("replay", replay_notices, ("replay_casework",))
SERVICES = ("chuishao", *(f"chuishao-{name}" for name in ("board", "casework", "classifier", "delivery", "intake", "router", "sla", "vault")))
NOTICING = {ROUTER: (("unit", unit_notices, ROUTER_TESTS),), SLA: (("unit", unit_notices, ("test_sla_core",)),),
            CALENDAR: (("unit", unit_notices, ("test_calendar",)), SIM, UNIT_ALL, REPLAY),
            **dict.fromkeys(WHISTLES, (("unit", unit_notices, ("test_whistle_core",)), ("replay", replay_notices, ("replay_whistle",)))),
            **dict.fromkeys(LEDGERS, (("unit", unit_notices, ("test_account_core", "test_ledger_io")), ("replay", replay_notices, ("replay_ledger",)))),
            STAGE_OUT: (("integration", integration_notices, SERVICES),)}


def noticing_of(file):
    return NOTICING.get(file, (SIM, UNIT_ALL, REPLAY))


def first_failure(file):
    """Which kind of test notices, and which of them; None: all pass."""
    for kind, notices, programs in noticing_of(file):
        built = build(programs)
        if built.returncode != 0:
            error = re.search(r"^.* error: .*", built.stdout, re.M)
            return "broken", error.group(0) if error else "does not build"
        found = notices(programs)
        if found:
            return kind, found
    return None


def try_mutant(name, file, text, instead, rule):
    path = os.path.join(TREE, file)
    original = read(path).decode("utf-8")
    if original.count(text) != 1:
        return "gone", f"its text is {original.count(text)} times in {file}"
    try:
        with open(path, "w", encoding="utf-8") as f:
            f.write(original.replace(text, instead))
        found = first_failure(file)
        return found or ("SURVIVED", rule)
    finally:
        with open(path, "w", encoding="utf-8") as f:
            f.write(original)


def main(names):
    unknown = set(names) - {m[0] for m in MUTANTS}
    if unknown:
        print(f"mutate: no such mutant: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 64
    begun = time.monotonic()
    sync()
    launcher = ["-DCMAKE_C_COMPILER_LAUNCHER=ccache", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    configured = run(["cmake", "-S", TREE, "-B", BUILD, "-G", "Ninja", "-DCHUISHAO_TESTS=ON", "-DCMAKE_BUILD_TYPE=Debug",
                      "-DCMAKE_C_FLAGS_DEBUG=-O1", *launcher], 60)
    built = build(PROGRAMS) if configured.returncode == 0 else configured
    if built.returncode != 0:
        print(built.stdout[-4000:], file=sys.stderr)
        return 70
    chosen = [m for m in MUTANTS if not names or m[0] in names]
    for file in {noticing_of(m[1]): m[1] for m in chosen}.values():
        failed = first_failure(file)
        if failed:
            print(f"mutate: without any mutant {failed[0]} {failed[1]} fails; mend that first", file=sys.stderr)
            return 70
    counts = {}
    for mutant in chosen:
        kind, what = try_mutant(*mutant)
        counts[kind] = counts.get(kind, 0) + 1
        print(f"{mutant[0]:<28} {kind:<12} {what}", flush=True)
    total = sum(counts.values())
    missed = sum(n for kind, n in counts.items() if kind in ("SURVIVED", "gone", "broken"))
    print(", ".join(f"{kind} {n}" for kind, n in sorted(counts.items())))
    print(f"{total - missed} of {total} mutants caught in {time.monotonic() - begun:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
