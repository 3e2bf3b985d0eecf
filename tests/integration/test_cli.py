"""The command line without Kafka and Redis: usage, help, and lint. The programs are in $BUILD_DIR/bin."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("BUILD_DIR") or ROOT / "build" / "sanitizer") / "bin"
COMMANDS = ["publish", "act", "case", "queue", "topics", "doctor", "lint", "calendar", "train", "classify",
            "account", "schedules", "digest"]
CASE = "n20261121-0123456789abcdef"
NOWHERE = "127.0.0.1:1"
TIME = "2026-02-13T16:50:00+08:00"


@pytest.fixture
def chuishao():
    program = BIN / "chuishao"
    assert program.exists(), f"{program} is not there; build it, or set BUILD_DIR"

    def call(*words, stdin="", **environment):
        own = {name: value for name, value in os.environ.items() if not name.startswith(("CHUISHAO_", "KAFKA_"))}
        return subprocess.run([program, *words], input=stdin, capture_output=True, text=True, timeout=60,
                              env={**own, **environment}, check=False)

    return call


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(chuishao, command):
    done = chuishao(command, "--help")
    assert done.returncode == 0 and done.stderr == ""
    for part in ("Usage: chuishao " + command, "Example", "Exit codes", "--brokers"):
        assert part in done.stdout
    assert all(len(line) <= 110 for line in done.stdout.splitlines())


def test_the_program_lists_its_commands(chuishao):
    done = chuishao("--help")
    assert done.returncode == 0
    assert all(f"  {command}" in done.stdout for command in COMMANDS)


def test_the_version_is_one_line(chuishao):
    done = chuishao("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("chuishao ") and done.stdout.count("\n") == 1


@pytest.mark.parametrize("words, hint", [
    ([], "Usage:"),
    (["explode"], "unknown command explode"),
    (["publish", "--colour", "red"], "unknown option --colour"),
    (["publish", "--in"], "--in needs a value"),
    (["publish", "--rate", "fast"], "--rate is a whole number"),
    (["publish", "--channel", "phone"], "--text"),
    (["publish", "--in", "a", "--text", "b"], "exclude each other"),
    (["publish", "a.jsonl"], "unexpected argument a.jsonl"),
    (["publish", "--output", "xml"], "--output is table or json"),
    (["act", "--unit", "wy-a"], "--order is missing"),
    (["act", "--unit", "wy-a", "--case", CASE], "--order is missing"),
    (["act", "--unit", "wy-a", "--order", "17"], "--case is missing"),
    (["act", "--unit", "wy-a", "--order", CASE + ".1"], "--action is missing"),
    (["act", "--action", "whistle", "--order", "17"], "--unit is missing"),
    (["act", "--field", "note"], "name=value"),
    (["case"], "one case id"),
    (["case", "case-17"], "is not a case id"),
    (["queue"], "one unit's code"),
    (["topics"], "chuishao topics apply"),
    (["topics", "apply", "--partitions", "0"], "--partitions is a number from 1"),
    (["doctor", "now"], "unexpected argument now"),
    (["lint", "a", "b"], "one directory"),
    (["account"], "one code of a unit or a pool"),
    (["account", "PM!"], "is no code"),
    (["schedules"], "chuishao schedules apply"),
    (["schedules", "start"], "chuishao schedules apply"),
    (["digest", "now"], "unexpected argument now"),
    (["digest", "--week", "last"], "a date like 2026-11-21"),
    (["calendar"], "one of preview, due and why"),
    (["calendar", "when"], "one of preview, due and why"),
    (["calendar", "preview", "--from", "2026-10-01"], "--to is missing"),
    (["calendar", "preview", "--from", "2026-10-01", "--to", "1 October"], "dates like 2026-10-01"),
    (["calendar", "preview", "--from", "2026-02-29", "--to", "2026-03-01"], "dates like 2026-10-01"),
    (["calendar", "preview", "--from", "2026-10-02", "--to", "2026-10-01"], "days after --from"),
    (["calendar", "preview", "--from", "2026-10-02", "--to", "2026-10-03", "--amount", "1"], "--from and --to only"),
    (["calendar", "due", "--amount", "5", "--unit", "day"], "--from is missing"),
    (["calendar", "due", "--from", "2026-10-01T08:00:00", "--amount", "5", "--unit", "day"], "without an offset"),
    (["calendar", "due", "--from", TIME, "--amount", "0", "--unit", "day"], "--amount is a whole number"),
    (["calendar", "due", "--from", TIME, "--amount", "5", "--unit", "fortnight"], "--unit is minute"),
    (["calendar", "due", "--case", CASE], "--case is for why"),
    (["calendar", "why", "--case", "case-17"], "is not a case id"),
    (["calendar", "why", "--case", CASE, "--from", TIME], "excludes"),
])
def test_a_users_mistake_is_one_clear_line(chuishao, words, hint):
    done = chuishao(*words)
    assert done.returncode == 64
    assert hint in done.stderr and done.stdout == ""
    assert not words or done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [
    ["act", "--unit", "street-lugang", "--action", "whistle", "--field", "type=emergency"],
    ["act", "--unit", "street-lugang", "--action", "finish", "--order", "w" + CASE[1:] + ".1"],
    ["case", "w" + CASE[1:]],
])
def test_a_whistle_needs_no_order_to_begin_and_is_found_by_its_id(chuishao, words):
    """Nothing is wrong with the words: only the broker is away."""
    done = chuishao(*words, "--policy", str(ROOT / "policy"), "--brokers", NOWHERE)
    assert done.returncode == 69, done.stderr


def test_a_file_that_is_not_there_is_named(chuishao):
    done = chuishao("publish", "--in", "/nowhere/day.jsonl")
    assert done.returncode == 66 and "/nowhere/day.jsonl" in done.stderr


def test_a_malformed_setting_is_a_wrong_configuration(chuishao):
    done = chuishao("case", CASE, CHUISHAO_LANE="a b")
    assert done.returncode == 78 and "CHUISHAO_LANE" in done.stderr


def test_another_programs_settings_do_not_matter(chuishao):
    done = chuishao("lint", str(ROOT / "policy"), CHUISHAO_IDENTITY_KEY_FILE="/nowhere", CHUISHAO_BATCH_MAX="x")
    assert done.returncode == 0, done.stderr


def test_a_broker_that_is_away_is_exit_69(chuishao):
    done = chuishao("case", CASE, "--brokers", NOWHERE)
    assert done.returncode == 69 and NOWHERE in done.stderr


def test_the_sample_policy_passes_lint(chuishao):
    done = chuishao("lint", str(ROOT / "policy"), "--output", "json")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout.splitlines()[-1])["categories"] > 0


def test_lint_lists_a_broken_policy_by_file_and_line(chuishao, tmp_path):
    policy = tmp_path / "policy"
    shutil.copytree(ROOT / "policy", policy)
    with open(policy / "categories.csv", "a", encoding="utf-8") as file:
        file.write("990101,其他,无人办理,N,help,no-such-class,no,no\n")
    done = chuishao("lint", str(policy))
    assert done.returncode == 65
    assert "categories.csv:" in done.stdout and "problem" in done.stderr


def test_lint_of_a_folder_that_is_not_there_says_so(chuishao):
    done = chuishao("lint", "/nowhere/policy")
    assert done.returncode in (65, 78) and "/nowhere/policy" in done.stdout + done.stderr


def test_doctor_says_what_is_wrong_in_a_line_each(chuishao):
    done = chuishao("doctor", "--brokers", NOWHERE, "--redis-url", "redis://127.0.0.1:1", "--policy",
                    str(ROOT / "policy"))
    assert done.returncode == 1
    wrong = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("WRONG")]
    assert "kafka" in wrong and "redis" in wrong and "policy" not in wrong


def calendar(chuishao, *words):
    done = chuishao("calendar", *words, "--policy", str(ROOT / "policy"))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_calendar_preview_says_of_each_day_whether_it_is_worked_and_why(chuishao):
    days = ("preview", "--from", "2026-02-13", "--to", "2026-02-15")
    lines = calendar(chuishao, *days)
    assert [line.split() for line in lines] == [
        ["2026-02-13", "周五", "上班", "工作日", "08:30-12:00", "14:00-17:30"],
        ["2026-02-14", "周六", "上班", "调休上班(春节)", "08:30-12:00", "14:00-17:30"],
        ["2026-02-15", "周日", "休息", "春节放假"]]
    saturday = json.loads(calendar(chuishao, *days, "--output", "json")[1])
    assert saturday == {"date": "2026-02-14", "weekday": 6, "working": True, "why": "makeup", "name": "春节",
                        "spans": ["08:30-12:00", "14:00-17:30"]}


def test_calendar_why_ends_with_the_time_that_due_says(chuishao):
    """Friday 16:50 before the nine days of Spring Festival 2026."""
    budget = ("--from", TIME, "--amount", "5", "--unit", "work_day")
    assert calendar(chuishao, "due", *budget) == ["2026-02-27 17:30:00 周五"]
    assert calendar(chuishao, "due", *budget, "--output", "json") == ['{"due":"2026-02-27T17:30:00.000+08:00"}']
    lines = calendar(chuishao, "why", *budget)
    assert lines[-1].startswith("到期 2026-02-27 17:30:00 周五")
    assert sum("春节放假" in line for line in lines) == 9 and len(lines) == 17
    readme = (ROOT / "tools" / "chuishao" / "README.md").read_text(encoding="utf-8")
    assert "\n".join(line.rstrip() for line in lines) in readme
    ledger = json.loads(calendar(chuishao, "why", *budget, "--output", "json")[0])
    assert ledger["due"] == "2026-02-27T17:30:00.000+08:00" and len(ledger["steps"]) == 15
    assert [step["date"] for step in ledger["steps"] if step["step"] == "counted"] == [
        "2026-02-14", "2026-02-24", "2026-02-25", "2026-02-26", "2026-02-27"]


def test_calendar_says_when_a_year_is_not_known(chuishao):
    done = chuishao("calendar", "preview", "--from", "2031-01-01", "--to", "2031-01-02", "--policy", str(ROOT / "policy"))
    assert done.returncode == 0 and "calendar/2031.json" in done.stderr
    assert "2031" in calendar(chuishao, "why", "--from", "2031-01-01T09:00:00+08:00", "--amount", "1", "--unit", "day")[-1]


def test_calendar_why_of_a_case_needs_kafka(chuishao):
    done = chuishao("calendar", "why", "--case", CASE, "--brokers", NOWHERE, "--policy", str(ROOT / "policy"))
    assert done.returncode == 69 and NOWHERE in done.stderr
