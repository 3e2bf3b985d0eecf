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
import mutants_beside  # noqa: E402
import mutants_case  # noqa: E402
import mutants_services  # noqa: E402
from mutants_beside import LEDGERS, WHISTLES  # noqa: E402
from mutants_services import CALENDAR, ROUTER, SLA, STAGE_OUT  # noqa: E402
from testing import python_with_packages  # noqa: E402

WORK = os.path.join(ROOT, "build", "mutate")
TREE, BUILD = os.path.join(WORK, "main"), os.path.join(WORK, "out")
COPIED = ("CMakeLists.txt", "CMakePresets.json", "libcommon", "services", "tools", "tests", "schemas", "policy")
UNIT_TESTS = ("test_casework_core", "test_case_rules", "test_case_clock", "test_case_wake", "test_case_reproject", "test_case_merge",
              "test_case_limits")
PROGRAMS = (*UNIT_TESTS, "test_router_core", "test_router_merge", "test_sla_core", "test_calendar", "test_whistle_core", "test_account_core",
            "test_ledger_io", "replay_casework", "replay_whistle", "replay_ledger", "sim_cases")
SEEDS = "1500"

ROUTER_TESTS = ("test_router_core", "test_router_merge")
MUTANTS = mutants_case.MUTANTS + mutants_beside.MUTANTS + mutants_services.MUTANTS


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
