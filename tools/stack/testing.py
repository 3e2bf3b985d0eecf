#!/usr/bin/env python3
"""Runs the tests by kind and ends with one line of counts. C tests come from ctest, the others from pytest."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from infra import ROOT  # noqa: E402
from stack import SANITIZER_ENV, build_folder, say  # noqa: E402

C_KINDS = ("unit", "replay", "sim")
PYTHON_KINDS = ("schemas", "arch", "integration", "fault", "web")
KINDS = C_KINDS + PYTHON_KINDS

# What `./run test` leaves out: long by nature, run when named.
ON_REQUEST = ("fault",)

BUILD = build_folder("sanitizer")


class Counts:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        return self

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def environment():
    env = dict(os.environ)
    for key, value in SANITIZER_ENV.items():
        env.setdefault(key, value)
    suppressions = os.path.join(ROOT, "tests", "support", "lsan.supp")
    if os.path.exists(suppressions):
        env.setdefault("LSAN_OPTIONS", f"suppressions={suppressions}:print_suppressions=0")
    env["BUILD_DIR"] = BUILD
    return env


def count_cmocka(output, failed):
    """cmocka's own lines, one per test; a program that says nothing of the kind counts as one test."""
    passed = len(re.findall(r"^\[ +OK \] ", output, re.M))
    broken = len(set(re.findall(r"^\[  FAILED  \] (?!\d+ test)(\S+)", output, re.M)))
    skipped = len(set(re.findall(r"^\[  SKIPPED \] (?!\d+ test)(\S+)", output, re.M)))
    if failed:
        return Counts(passed, max(1, broken), skipped)
    return Counts(passed if passed or skipped else 1, broken, skipped)


def run_c(kind, extra, env):
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "junit.xml")
        result = subprocess.run(
            ["ctest", "--test-dir", BUILD, "-R", f"^{kind}\\.", "-j", "2", "--no-tests=ignore", "--output-on-failure",
             "--timeout", "300", "--test-output-size-passed", "4000000", "--test-output-size-failed", "4000000",
             "--output-junit", report, *extra],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if result.returncode != 0:
            sys.stdout.buffer.write(result.stdout)
        counts = Counts()
        if not os.path.exists(report):
            return Counts(failed=1) if result.returncode != 0 else counts
        for case in xml.etree.ElementTree.parse(report).iter("testcase"):
            failed = case.get("status") != "run"
            counts += count_cmocka(case.findtext("system-out") or "", failed)
        if result.returncode != 0 and counts.failed == 0:
            counts.failed = 1
        return counts


def run_many_seeds(options):
    """The simulation over many seeds, or one with its trace, in an optimized build of its own."""
    folder = os.path.join(ROOT, "build", "sim-fast")
    for command in (["cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                     "-DCHUISHAO_TESTS=ON"],
                    ["cmake", "--build", folder, "--target", "sim_cases", "-j", "2"]):
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if result.returncode != 0:
            sys.stdout.buffer.write(result.stdout[-4000:])
            return 70
    return subprocess.run([os.path.join(folder, "bin", "sim_cases"), *options], check=False).returncode


def run_python(kind, python, extra, env):
    folder = os.path.join(ROOT, "tests", kind)
    if not any(name.startswith("test_") and name.endswith(".py") for name in os.listdir(folder)):
        return Counts()
    with tempfile.TemporaryDirectory() as out:
        report = os.path.join(out, "junit.xml")
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml", report, *extra, folder]
        code = subprocess.run(command, env=dict(env, PYTHONPATH=os.path.join(ROOT, "tools", "stack")), cwd=ROOT,
                              check=False).returncode
        counts = Counts()
        if os.path.exists(report):
            for suite in xml.etree.ElementTree.parse(report).iter("testsuite"):
                total, skipped = int(suite.get("tests")), int(suite.get("skipped"))
                failed = int(suite.get("failures")) + int(suite.get("errors"))
                counts += Counts(max(0, total - failed - skipped), failed, skipped)
        # 5: nothing collected, which a filter in the extra options may well cause.
        if code not in (0, 5) and counts.failed == 0:
            counts.failed = 1
        return counts


def python_with_packages():
    """The project's own environment with exactly what tests/requirements.txt pins, made once."""
    venv = os.path.join(ROOT, ".venv")
    python = os.path.join(venv, "bin", "python")
    requirements = os.path.join(ROOT, "tests", "requirements.txt")
    stamp = os.path.join(venv, ".complete")
    with open(requirements, encoding="utf-8") as f:
        wanted = f.read()
    try:
        with open(stamp, encoding="utf-8") as f:
            if f.read() == wanted and os.access(python, os.X_OK):
                return python
    except OSError:
        pass
    say("making .venv for pytest (once)")
    shutil.rmtree(venv, ignore_errors=True)
    for command in ([sys.executable, "-m", "venv", venv],
                    [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements]):
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if result.returncode != 0:
            say(result.stdout.decode("utf-8", "replace")[-2000:])
            sys.exit(f"run: {' '.join(command)} failed")
    with open(stamp, "w", encoding="utf-8") as f:
        f.write(wanted)
    return python


def use_packages():
    """For a program that needs them: goes on in the environment that has them."""
    python = python_with_packages()
    if os.path.realpath(sys.prefix) != os.path.realpath(os.path.dirname(os.path.dirname(python))):
        os.execv(python, [python, *sys.argv])


def main(arguments):
    if arguments[:1] == ["sim"] and len(arguments) > 1 and arguments[1].startswith(("--seed", "--first")):
        return run_many_seeds(arguments[1:])
    extra = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, extra = arguments[:at], arguments[at + 1:]
    options = [a for a in arguments if a.startswith("-")]
    kinds = [a for a in arguments if not a.startswith("-")]
    unknown = [k for k in kinds if k not in KINDS]
    if unknown:
        say(f"run: no such kind of test: {', '.join(unknown)}; there are {', '.join(KINDS)}")
        return 64
    extra = options + extra
    kinds = kinds or [k for k in KINDS if k not in ON_REQUEST]
    env = environment()
    python = None
    lines, total = [], Counts()
    for kind in kinds:
        say(f"--- {kind}")
        if kind in C_KINDS:
            counts = run_c(kind, extra if len(kinds) == 1 else [], env)
        else:
            folder = os.path.join(ROOT, "tests", kind)
            if not os.path.isdir(folder):
                counts = Counts()
            else:
                python = python or python_with_packages()
                counts = run_python(kind, python, extra, env)
        lines.append(f"{kind:<12} {counts}")
        total += counts
    sys.stderr.flush()
    print("\n".join(lines))
    if total.passed + total.failed == 0:
        print("no test ran", file=sys.stderr)
    print(total, flush=True)
    return 1 if total.failed or total.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
