"""The calendar on a running system: a case's clocks are proved as they were announced, and the last known day can raise an alarm."""

import json
import os
import subprocess
import uuid
from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def calendar_why(stack, case, *more):
    return subprocess.run([os.path.join(stack.build_dir, "bin", "chuishao"), "calendar", "why", "--case", case,
                           "--brokers", stack.kafka, "--policy", stack.policy, *more],
                          capture_output=True, text=True, timeout=60, check=False)


def test_why_of_a_case_ends_at_the_due_times_that_were_announced(system):
    number = "due-" + uuid.uuid4().hex[:12]
    system.publish({"id": number, "channel": "phone", "reported_at": datetime.now(CHINA).isoformat(timespec="seconds"),
                    "place": {"estate": "听潮名苑"}, "text": "3号楼的电梯停运两天了，老人上下楼很困难。"})
    case = system.event("opened", number)["case"]
    announced = {clock["clock"]: clock["due"] for clock in system.event("dispatched", case=case)["new"]["clocks"]}
    assert announced
    done = calendar_why(system.stack, case, "--output", "json")
    assert done.returncode == 0, done.stderr
    ledgers = [json.loads(line) for line in done.stdout.splitlines()]
    assert {ledger["clock"]: ledger["due"] for ledger in ledgers} == announced
    table = calendar_why(system.stack, case).stdout
    assert all(f"到期 {due[:10]} {due[11:19]}" in table for due in announced.values())
    assert "时钟 办结" in table


def test_why_of_a_case_that_does_not_exist_is_exit_1(system):
    done = calendar_why(system.stack, "n20261121-zzzzzzzzzzzzzzzz")
    assert done.returncode == 1 and "has no state" in done.stderr and done.stdout == ""


def test_the_last_known_day_is_a_metric_of_every_service_that_needs_the_policy(system):
    years = [int(name[:4]) for name in os.listdir(os.path.join(system.stack.policy, "calendar"))
             if name[:4].isdigit() and json.load(open(os.path.join(system.stack.policy, "calendar", name), encoding="utf-8"))["days"]]
    for service in ("classifier", "router", "casework"):
        _, text = system.stack.get(service + "-0", "/metrics")
        assert f"chuishao_calendar_known_until_day {max(years)}1231".encode() in text, service
