#!/usr/bin/env python3
"""Breaks one rule at a time in a copy of the tree, and shows that a test notices. Exit 1 when one is not noticed."""

import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORK = os.path.join(ROOT, "build", "mutate")
TREE, BUILD = os.path.join(WORK, "main"), os.path.join(WORK, "out")
COPIED = ("CMakeLists.txt", "CMakePresets.json", "libcommon", "services", "tools", "tests", "schemas", "policy")
PROGRAMS = ("test_casework_core", "test_casework_io", "test_sla_core", "test_calendar", "replay_casework", "sim_cases")
SEEDS = "3000"

CORE, OPEN, UNIT, DESK, MERGE, CLOCK = (
    f"services/casework/{name}.c" for name in ("casework_core", "case_open", "case_unit", "case_desk", "case_merge", "case_clock"))
SLA, CALENDAR = "services/sla/sla_core.c", "libcommon/calendar.c"

# name, file, the exact text (once in the file), what stands there instead, the rule that it breaks
MUTANTS = (
    ("sign-anyone", CORE, "[ACTION_SIGN] = {ROLE_LEAD,", "[ACTION_SIGN] = {ROLE_ASSIST,", "the lead signs"),
    ("sign-not-while-returned", CORE, "IN(DISPATCHED) | IN(RETURN_REQUESTED), case_sign", "IN(DISPATCHED), case_sign",
     "while the desk thinks the first unit may still act"),
    ("dispatch-not-on-return", CORE, "IN(NEEDS_HUMAN) | IN(RETURN_REQUESTED),\n                case_desk_dispatch",
     "IN(NEEDS_HUMAN),\n                case_desk_dispatch", "a returned case can be dispatched elsewhere"),
    ("redo-in-return", CORE, "{ROLE_DESK, IN(SUBMITTED), case_desk_redo}",
     "{ROLE_DESK, IN(SUBMITTED) | IN(RETURN_REQUESTED), case_desk_redo}", "redo is for what was submitted"),
    ("close-in-return", CORE, "IN(NEEDS_HUMAN) | IN(SUBMITTED), case_desk_close",
     "IN(NEEDS_HUMAN) | IN(SUBMITTED) | IN(RETURN_REQUESTED), case_desk_close", "the desk closes only what was submitted or is its own"),
    ("events-without-number", CORE, "turn->state->seq++;", "turn->state->seq += turn->state->seq != 3;", "event numbers have no gap"),
    ("forget-first-id", CORE, "for (int i = 0; i < state->n_actions && i < CASE_ACTIONS_KEPT; i++)\n        if (state->actions[i] == fingerprint)",
     "for (int i = 1; i < state->n_actions && i < CASE_ACTIONS_KEPT; i++)\n        if (state->actions[i] == fingerprint)",
     "an action id has its effect once"),
    ("keep-no-ids", CORE, "    state->n_actions++;", "    (void)state->n_actions;", "action ids are remembered"),
    ("old-order-acts", CORE, "return RULE_OLD_ORDER;", "return RULE_NONE;", "an order of an old task never acts"),
    ("old-order-lower-passes", CORE, "command->task != (state->task > 0 ? state->task : 1)",
     "command->task > (state->task > 0 ? state->task : 1)", "an order of an old task never acts"),
    ("assist-may-lead", CORE, "return RULE_ASSIST_ONLY;", "return RULE_NONE;", "assisting units do not act as the lead"),
    ("stranger-may-lead", CORE, "return RULE_NOT_YOUR_CASE;", "return RULE_NONE;", "strangers do not act"),
    ("anyone-is-the-desk", CORE, "return RULE_NOT_THE_DESK;", "return RULE_NONE;", "only the desk decides"),
    ("any-stage", CORE, "return RULE_WRONG_STAGE;", "return RULE_NONE;", "the stage decides what may be done"),
    ("wrong-queue-passes", CORE, "return RULE_WRONG_QUEUE;", "return RULE_NONE;", "a unit acts through its own queue"),
    ("same-unit-again", CORE, "state->stage != STAGE_RETURN_REQUESTED &&\n               strcmp(command->to, state->lead) == 0",
     "state->stage != STAGE_RETURN_REQUESTED &&\n               strcmp(command->to, state->lead) != 0", "a dispatch that is so already is known"),
    ("time-goes-back", CORE, "instant_before(command->at, before->changed) ? before->changed", "instant_before(command->at, before->changed) ? command->at",
     "time never goes back within a case"),
    ("wake-not-moved", CORE, "decision->after.wake_at = case_next_wake(policy, &decision->after);",
     "if (instant_is_never(before->wake_at))\n        decision->after.wake_at = case_next_wake(policy, &decision->after);", "wake_at follows every change"),
    ("open-twice", CORE, "if (before->stage == STAGE_NONE)\n            case_open(&turn);", "if (before->stage <= STAGE_DISPATCHED)\n            case_open(&turn);",
     "the same open again is a repeat"),
    ("refusal-unaudited", CORE, "effect_add(turn, EFFECT_REFUSED)->rule = rule;", "if (rule != RULE_OLD_ORDER)\n        effect_add(turn, EFFECT_REFUSED)->rule = rule;",
     "every refusal is audited"),
    ("task-not-counted", OPEN, "state->task++;", "state->task = 1;", "each dispatch is a new task"),
    ("signed-for-the-next", OPEN, "state->signed_at = state->contacted_at =", "state->contacted_at =", "a new lead has done nothing yet"),
    ("lead-assists-itself", OPEN, "if (strcmp(state->assists[i], lead->code) != 0)", "if (state->assists[i][0])", "who leads does not assist"),
    ("desk-clock-runs-on", OPEN, "    case_clock_stop(state, CLOCK_DESK, turn->at);\n", "", "the desk's clock stops with its decision"),
    ("contact-clock-missing", OPEN, "{CLOCK_SIGN, CLOCK_CONTACT, CLOCK_HANDLE}", "{CLOCK_SIGN, CLOCK_SIGN, CLOCK_HANDLE}",
     "all clocks of the class start at dispatch"),
    ("clock-from-opening", OPEN, "budget->amount, budget->unit, turn->at);", "budget->amount, budget->unit, state->opened);",
     "a clock starts at dispatch"),
    ("assists-not-told", OPEN, "    if (first)\n        order_assists(turn);", "    if (!first)\n        order_assists(turn);", "assisting units get an order"),
    ("assist-not-withdrawn", OPEN, "else if (assisted)", "else if (assisted && first)", "who becomes the lead is told that it no longer assists"),
    ("accused-leads", OPEN, "strcmp(lead->code, state->accused) == 0 ?", "strcmp(lead->code, state->accused) == 7777 ?", "the accused unit never leads"),
    ("accused-assists", OPEN, "if (policy_unit(turn->policy, str_of(code)) && strcmp(code, state->accused) != 0)", "if (policy_unit(turn->policy, str_of(code)))",
     "the accused unit never assists"),
    ("own-master", OPEN, "if (!command->other[0] || strcmp(command->other, state->id) == 0)", "if (!command->other[0])", "a case is not its own master"),
    ("merge-not-asked", OPEN, "        case_command_add(turn, COMMAND_MERGE_REQUEST, state->master);\n", "", "who waits for an answer has asked"),
    ("transfer-unanswered", OPEN, "        case_resolution_add(turn, OUTCOME_TRANSFERRED, \"\");\n", "", "a case passed on is answered at once"),
    ("sign-clock-runs-on", UNIT, "    case_clock_stop(turn->state, CLOCK_SIGN, turn->at);\n", "", "signing stops the sign clock"),
    ("contact-clock-runs-on", UNIT, "    case_clock_stop(turn->state, CLOCK_CONTACT, turn->at);\n", "", "the call stops the contact clock"),
    ("contact-signs-not", UNIT, "    mark_signed(turn);\n    mark_contacted(turn);\n    event_of_lead", "    mark_contacted(turn);\n    event_of_lead",
     "who calls has signed"),
    ("handle-is-contact", UNIT, "    turn->state->handling_at = turn->at;", "    mark_contacted(turn);\n    turn->state->handling_at = turn->at;",
     "work is no substitute for the call"),
    ("return-hides-work", UNIT, "return state->stage == STAGE_RETURN_REQUESTED ?", "return state->stage == STAGE_COUNT ?", "a return stays undecided until the desk decides"),
    ("phrases-are-results", UNIT, "if (!case_words_say_something(command->words)) {", "if (!command->words.len) {", "set phrases are no result"),
    ("no-contact-record", UNIT, "if (!command->has_contact_record) {", "if (false) {", "a submit needs a contact record"),
    ("photo-for-all", UNIT, "if (category && category->physical && !command->has_photo) {", "if (category && !command->has_photo) {",
     "only physical categories need a photo"),
    ("no-photo", UNIT, "if (category && category->physical && !command->has_photo) {", "if (false) {", "physical categories need a photo"),
    ("handle-clock-runs-on", UNIT, "    case_clock_stop(state, CLOCK_HANDLE, turn->at);\n", "", "submitting stops the handling clock"),
    ("no-review", UNIT, "    case_order_add(turn, ORDER_REVIEW, ROLE_DESK, turn->policy->desk->code);\n", "", "the desk is told what to review"),
    ("return-after-ruling", UNIT, "if (turn->state->return_refused) {", "if (false) {", "a refused return is not asked for again"),
    ("accused-by-the-desk", DESK, "return RULE_UNIT_ACCUSED;", "return RULE_NONE;", "the desk does not send to the accused unit either"),
    ("desk-sends-to-itself", DESK, "to->type == UNIT_TYPE_DESK || ", "", "the desk does not handle"),
    ("corrected-category-kept-old", DESK, "const struct sla_class *sla = category ? category->sla", "const struct sla_class *sla = category && !state->sla[0] ? category->sla",
     "a corrected category brings its own deadlines"),
    ("former-not-withdrawn", DESK, "    if (former_task > 0)\n", "    if (former_task > 1)\n", "the former lead is told"),
    ("desk-order-stays", DESK, "if (task == 0 || strcmp(lead, desk) != 0)", "if (task == 0)", "the desk's order ends at its ruling"),
    ("ruling-forgotten", DESK, "    state->return_refused = true;\n", "", "a ruling is final"),
    ("redo-still-submitted", DESK, "    state->submitted_at = (instant){0};\n", "", "a redo can be submitted again"),
    ("redo-clock-stands", DESK, "    case_clock_resume(turn->policy, state, CLOCK_HANDLE, turn->at);\n", "", "the clock runs on at a redo"),
    ("clocks-outlive-case", DESK, "    case_clocks_stop(state, turn->at);\n", "", "no clock of a closed case runs"),
    ("empty-answer", DESK, "if (!case_words_say_something(turn->command->words)) {", "if (false) {", "the desk's own answer needs words"),
    ("last-member-forgotten", DESK, "for (int i = 0; i < state->n_members; i++)", "for (int i = 1; i < state->n_members; i++)", "every member gets the result"),
    ("assist-not-closed", DESK, "for (int i = 0; i < state->n_assists; i++)", "for (int i = 1; i < state->n_assists; i++)", "assisting units are told of the end"),
    ("member-twice", MERGE, "if (strcmp(state->members[i], member) == 0)", "if (strcmp(state->members[i], member) > 0)", "a member is listed once"),
    ("hops-not-counted", MERGE, "request->hops = turn->command->hops + 1;", "request->hops = turn->command->hops;", "two that ask each other end"),
    ("itself-as-member", MERGE, "if (strcmp(turn->command->other, turn->command->case_id) == 0) {", "if (false) {", "a case does not become its own member"),
    ("merge-into-closed", MERGE, "    case STAGE_CLOSED:\n    case STAGE_TRANSFERRED_OUT:", "        break;\n    case STAGE_CLOSED:\n        take_member(turn);\n        break;\n    case STAGE_TRANSFERRED_OUT:",
     "a closed case takes no member"),
    ("member-not-kept", MERGE, "state->members[state->n_members++]", "state->members[state->n_members]", "the master knows its members"),
    ("answered-by-another", MERGE, "    case_text_copy(state->master, sizeof state->master, turn->command->other);\n", "", "the master is the one that accepted"),
    ("accepted-too-late", MERGE, "    if (state->stage != STAGE_MERGE_REQUESTED)\n        return;\n    /* Not always", "    /* Not always",
     "an answer counts while it is waited for"),
    ("refused-and-left", MERGE, "    case_open_dispatch(turn);\n", "", "a refused member goes its own way"),
    ("result-from-stranger", MERGE, "state->stage != STAGE_MERGED || strcmp(state->master, turn->command->other) != 0", "state->stage != STAGE_MERGED",
     "a result comes from the master"),
    ("member-unanswered", MERGE, "    case_resolution_add(turn, OUTCOME_MERGED_RESOLVED, turn->command->unit);\n", "", "each member answers its own publisher"),
    ("pause-charged", CLOCK, "c->stood += calendar_between(", "c->stood += 0 * calendar_between(", "time at the desk is not charged"),
    ("pause-only-once", CLOCK, "c->stood += calendar_between(", "c->stood = calendar_between(", "pauses add up"),
    ("pause-by-the-wall-clock", CALENDAR, "return runs_in_office_time(unit) ? office_time(", "return unit == UNIT_DAY ? office_time(",
     "a pause counts in the clock's own time"),
    ("pause-ends-at-night", CALENDAR, "return runs_in_office_time(unit) ? after_office_time(", "return unit == UNIT_DAY ? after_office_time(",
     "a pause counts in the clock's own time"),
    ("pause-given-twice", CLOCK, "c->stood += calendar_between(", "c->stood += 2 * calendar_between(", "a pause gives no time away"),
    ("rung-again", CLOCK, "rungs->rungs[r] <= clock->fired", "rungs->rungs[r] < clock->fired", "each rung once"),
    ("rung-not-noted", CLOCK, "    state->clocks[rung->clock].fired = rung->percent;", "    state->clocks[rung->clock].fired = rung->percent - 1;", "each rung once"),
    ("latest-rung-first", CLOCK, "instant_before(at, next.at))\n            next =", "instant_before(next.at, at))\n            next =", "the earliest rung wakes the case"),
    ("last-rung-lost", CLOCK, "while (r < rungs->n_rungs && ", "while (r < rungs->n_rungs - 1 && ", "after the last rung there is none"),
    ("stopped-clock-tells", CLOCK, "        if (!clock_runs(clock))\n            continue;", "        if (!clock->amount)\n            continue;", "a stopped clock says nothing"),
    ("breach-is-reminder", CLOCK, "bool breach = rung->percent >= 100;", "bool breach = rung->percent > 100;", "100 percent is a breach"),
    ("desk-rung-to-lead", CLOCK, "const char *unit = desk ? turn->policy->desk->code : state->lead;", "const char *unit = state->lead;", "the desk's clock reminds the desk"),
    ("stale-wake", CLOCK, "|| state->wake_at.ms != turn->command->due.ms)", "|| state->wake_at.ms < turn->command->due.ms)", "a stale wake does nothing"),
    ("early-wake", CLOCK, "    if (instant_before(turn->command->at, turn->command->due))\n        return;\n", "", "an early wake does nothing"),
    ("rung-before-time", CLOCK, "instant_before(turn->at, rung.at))\n            break;", "instant_before((instant){turn->at.ms + 60000}, rung.at))\n            break;",
     "nothing is told before its time"),
    ("one-rung-a-wake", CLOCK, "        tell_rung(turn, &rung);\n", "        tell_rung(turn, &rung);\n        break;\n", "a late wake tells all it missed"),
    ("wake-not-kept", CLOCK, "    turn->decision->changed = true; /* told", "    turn->decision->changed |= false; /* told", "a wake that a new policy moved is kept"),
    ("used-below-due", CLOCK, "if (instant_before(at, used))", "if (!instant_before(used, at))", "a budget is used at its due time"),
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


def run(command, seconds=20):
    try:
        return subprocess.run(command, cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds,
                              check=False, text=True, errors="replace")
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "did not end", "")


def build():
    return run(["cmake", "--build", BUILD, "-j", "2", "--target", *PROGRAMS], 600)


def first_failure(file):
    """Which kind of test notices, and which of them; None: all pass."""
    program = {SLA: ["test_sla_core"], CALENDAR: ["test_calendar"]}.get(file, [])
    for name in program + [p for p in PROGRAMS if p.startswith("test_casework")]:
        result = run([os.path.join(BUILD, "bin", name)])
        if result.returncode != 0:
            named = re.search(r"^\[  FAILED  \] (?!\d+ test)(\S+)", result.stdout, re.M)
            return "unit", named.group(1) if named else name
    stories = os.path.join(TREE, "tests", "replay", "casework")
    for story in sorted(os.listdir(stories)):
        if run([os.path.join(BUILD, "bin", "replay_casework"), os.path.join(stories, story)]).returncode != 0:
            return "replay", story
    result = run([os.path.join(BUILD, "bin", "sim_cases"), "--seeds", SEEDS])
    if result.returncode != 0:
        named = re.search(r"^seed \d+: .*", result.stdout, re.M)
        return "sim", named.group(0) if named else f"ended with {result.returncode}"
    return None


def sim_notices():
    return run([os.path.join(BUILD, "bin", "sim_cases"), "--seeds", SEEDS]).returncode != 0


def try_mutant(name, file, text, instead, rule):
    path = os.path.join(TREE, file)
    original = read(path).decode("utf-8")
    if original.count(text) != 1:
        return "gone", f"its text is {original.count(text)} times in {file}"
    try:
        with open(path, "w", encoding="utf-8") as f:
            f.write(original.replace(text, instead))
        built = build()
        if built.returncode != 0:
            error = re.search(r"^.* error: .*", built.stdout, re.M)
            return "broken", error.group(0) if error else "does not build"
        found = first_failure(file)
        if found and found[0] != "sim" and file not in (SLA, CALENDAR):
            found = (found[0] + (" + sim" if sim_notices() else ""), found[1])
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
    built = build() if configured.returncode == 0 else configured
    if built.returncode != 0:
        print(built.stdout[-4000:], file=sys.stderr)
        return 70
    for file in (SLA, CALENDAR):
        failed = first_failure(file)
        if failed:
            print(f"mutate: without any mutant {failed[0]} {failed[1]} fails; mend that first", file=sys.stderr)
            return 70
    counts = {}
    for mutant in MUTANTS:
        if names and mutant[0] not in names:
            continue
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
